//! A session as a page of HTML.
//!
//! Thoughts are anybody's text. Their markdown becomes HTML, but no HTML of their own does; links lead only where a click is
//! safe, images are links, and the page forbids itself to load or run anything.

use std::{collections::HashMap, fmt::Write as _};

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd, html::push_html};

use crate::{VaultPath, markdown::OPTIONS, name_key};

use super::{
    WholeSession, name, number, one_line,
    outline::{Entry, Part, outline},
};

const STYLE: &str = include_str!("page.css");

/// Nothing is loaded and nothing runs, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Where a link may lead to that is clicked without looking.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "obsidian"];

/// The most branches deep that the page shows as such.
const DEEPEST: usize = 3;

/// A page that is being written.
struct Page<'a> {
    session: &'a WholeSession,
    out: String,
    /// The anchors of thoughts, by the keys of their names.
    anchors: HashMap<String, String>,
}

pub(super) fn render(session: &WholeSession) -> String {
    let parts = outline(&session.gathered);
    let thoughts = parts.iter().filter_map(|part| match part {
        Part::Thought(entry) => Some(&entry.thought.path),
        Part::Branch { .. } => None,
    });
    let anchors = thoughts.enumerate().map(|(index, path)| (name_key(path.stem()), format!("t{}", index + 1)));
    let mut page = Page { session, out: String::new(), anchors: anchors.collect() };
    page.begin();
    for part in &parts {
        match part {
            Part::Branch { name: branch, from, depth } => {
                let leaves = from.map(|from| format!(", from {}", page.reference(&name(from), &from.path)));
                let (depth, branch) = (depth.min(&DEEPEST), text(&one_line(branch.as_str())));
                let leaves = leaves.unwrap_or_default();
                page.put(format_args!("<p class=\"branch d{depth}\">Branch {branch}{leaves}</p>\n"));
            }
            Part::Thought(entry) => page.thought(entry),
        }
    }
    page.out.push_str("</main>\n</body>\n</html>\n");
    page.out
}

impl Page<'_> {
    fn begin(&mut self) {
        let title = text(&one_line(self.session.gathered.title()));
        self.put(format_args!(
            "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<dl>\n"
        ));
        for (name, value) in self.session.facts() {
            self.put(format_args!("<dt>{name}</dt><dd>{}</dd>\n", text(&value)));
        }
        self.out.push_str("</dl>\n");
        if let Some(summary) = self.session.summary() {
            self.put(format_args!("<p class=\"summary\">{}</p>\n", text(&summary)));
        }
        let own = self.session.own_body();
        if !own.trim().is_empty() {
            self.out.push_str("<section>\n");
            self.body(&own, "session");
            self.out.push_str("</section>\n");
        }
    }

    fn thought(&mut self, entry: &Entry<'_>) {
        let thought = entry.thought;
        let anchor = self.anchors.get(&name_key(thought.path.stem())).cloned().unwrap_or_default();
        let depth = entry.depth.min(DEEPEST);
        let superseded = if entry.superseded_by.is_some() { " superseded" } else { "" };
        let (number, caption) = (number(thought), text(&one_line(&self.session.caption(thought))));
        self.put(format_args!(
            "<article id=\"{anchor}\" class=\"d{depth}{superseded}\">\n<h2><a href=\"#{anchor}\">{number}</a> · {caption}</h2>\n"
        ));
        let about = [thought.created.as_deref(), thought.agent.as_deref()].into_iter().flatten().map(one_line);
        let about = about.chain(thought.line.branch().map(|name| format!("on {}", one_line(name.as_str()))));
        let about: Vec<_> = about.map(|about| text(&about)).collect();
        if !about.is_empty() {
            self.put(format_args!("<p class=\"about\">{}</p>\n", about.join(" · ")));
        }
        for (how, other) in [("Revises", entry.revises), ("Superseded by", entry.superseded_by)] {
            if let Some(other) = other {
                let reference = self.reference(&name(other), &other.path);
                self.put(format_args!("<p class=\"note\">{how} {reference}</p>\n"));
            }
        }
        match self.session.body(&thought.path) {
            Some(body) => {
                self.out.push_str("<div class=\"text\">\n");
                self.body(body, &anchor);
                self.out.push_str("</div>\n");
            }
            None => self.out.push_str("<p class=\"note\">Its note could not be read.</p>\n"),
        }
        self.out.push_str("</article>\n");
    }

    /// What others call a thought, as a link to it.
    fn reference(&self, name: &str, path: &VaultPath) -> String {
        match self.anchors.get(&name_key(path.stem())) {
            Some(anchor) => format!("<a href=\"#{anchor}\">{}</a>", text(name)),
            None => text(name),
        }
    }

    /// Markdown of whoever wrote it. Footnotes are numbered within `place`.
    fn body(&mut self, body: &str, place: &str) {
        // What the open links became: how each is closed.
        let mut open: Vec<&str> = Vec::new();
        let events = Parser::new_ext(body, OPTIONS).map(|event| match event {
            Event::Html(own) | Event::InlineHtml(own) => Event::Text(own),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Heading { level, .. }) => {
                Event::Start(Tag::Heading { level: deeper(level), id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(deeper(level))),
            Event::Start(Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. }) => {
                let (begin, end) = self.link(link_type, &dest_url);
                open.push(end);
                Event::InlineHtml(begin.into())
            }
            Event::End(TagEnd::Link | TagEnd::Image) => Event::InlineHtml(open.pop().unwrap_or_default().into()),
            Event::FootnoteReference(label) => Event::FootnoteReference(within(place, &label)),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                Event::Start(Tag::FootnoteDefinition(within(place, &label)))
            }
            other => other,
        });
        let events: Vec<_> = events.collect();
        push_html(&mut self.out, events.into_iter());
    }

    /// How a link begins and ends.
    fn link(&self, kind: LinkType, target: &str) -> (String, &'static str) {
        if let LinkType::WikiLink { .. } = kind {
            let note = target.split(['#', '|']).next().unwrap_or_default();
            let note = note.rsplit('/').next().unwrap_or_default();
            let key = name_key(note.trim().trim_end_matches(".md"));
            return match self.anchors.get(&key) {
                Some(anchor) => (format!("<a href=\"#{anchor}\">"), "</a>"),
                None => ("<span class=\"wikilink\">".to_owned(), "</span>"),
            };
        }
        if kind == LinkType::Email {
            return (format!("<a href=\"mailto:{}\">", text(target)), "</a>");
        }
        let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        if scheme.is_some_and(|scheme| SCHEMES.contains(&scheme.as_str())) {
            return (format!("<a href=\"{}\" rel=\"noopener noreferrer\">", text(target)), "</a>");
        }
        // A file beside the note is not beside the page.
        (format!("<span class=\"wikilink\" title=\"{}\">", text(target)), "</span>")
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("writing to a string cannot fail");
    }
}

/// A label of a body, apart from the same label of another one.
fn within(place: &str, label: &str) -> CowStr<'static> {
    format!("{place}-{label}").into()
}

/// A heading within a thought, below that of the thought.
fn deeper(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 2).unwrap_or(HeadingLevel::H6)
}

/// Text as HTML, in an attribute's quotes too.
fn text(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
