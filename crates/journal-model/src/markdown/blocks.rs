//! What the markdown parser knows: headings, markdown links, code, HTML.

use std::ops::Range;

use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::{Heading, Lines, Link, LinkKind, OPTIONS, mask::HIDDEN};
use crate::{Fragment, WikiLink};

/// What one pass of the parser finds, each in the order of its beginnings but for `links`.
#[derive(Default)]
pub(super) struct Blocks {
    pub(super) headings: Vec<Heading>,
    /// In the order of their ends. No wikilinks.
    pub(super) links: Vec<Link>,
    pub(super) code_blocks: Vec<Range<usize>>,
    pub(super) code_spans: Vec<Range<usize>>,
    pub(super) html: Vec<Range<usize>>,
    /// `[label]: destination`
    pub(super) definitions: Vec<Range<usize>>,
}

/// A link whose end has not come yet.
struct OpenLink {
    form: LinkType,
    destination: String,
    label: String,
    embed: bool,
    /// The text directly inside it; that of links inside it is theirs, or nesting would cost its square.
    text: String,
    /// Where what is inside it ends, as far as read.
    text_end: usize,
}

/// Reads a body in which comments are hidden.
pub(super) fn read(text: &str, lines: &Lines) -> Blocks {
    let mut found = Blocks::default();
    let mut heading: Option<String> = None;
    let mut open: Vec<OpenLink> = Vec::new();
    let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    while let Some((event, span)) = events.next() {
        let end = span.end;
        let opens_link = matches!(event, Event::Start(Tag::Link { .. } | Tag::Image { .. }));
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => {
                let words = heading.take().unwrap_or_default().replace(HIDDEN, "");
                found.headings.push(Heading {
                    level: level as u8,
                    text: words.split_whitespace().collect::<Vec<_>>().join(" "),
                    line: lines.of(span.start),
                    span: span.start..span.start + text[span].trim_end().len(),
                });
            }
            Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
                open.push(OpenLink::new(link_type, &dest_url, &id, false, span.start));
            }
            Event::Start(Tag::Image { link_type, dest_url, id, .. }) => {
                open.push(OpenLink::new(link_type, &dest_url, &id, true, span.start));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let Some(link) = open.pop() else { continue };
                let definition = events.reference_definitions().get(&link.label).map(|found| found.span.clone());
                found.links.extend(link.closed(text, span, definition, lines));
            }
            Event::Start(Tag::CodeBlock(_)) => found.code_blocks.push(span),
            Event::Start(Tag::HtmlBlock) => found.html.push(span),
            Event::InlineHtml(_) => found.html.push(span),
            Event::Text(words) => add(&words, &mut heading, &mut open),
            Event::Code(words) => {
                add(&words, &mut heading, &mut open);
                found.code_spans.push(span);
            }
            Event::SoftBreak | Event::HardBreak => add(" ", &mut heading, &mut open),
            _ => {}
        }
        if let Some(link) = open.last_mut().filter(|_| !opens_link) {
            link.text_end = link.text_end.max(end);
        }
    }
    found.definitions = events.reference_definitions().iter().map(|(_, definition)| definition.span.clone()).collect();
    found.definitions.sort_unstable_by_key(|span| span.start);
    found
}

fn add(words: &str, heading: &mut Option<String>, open: &mut [OpenLink]) {
    if let Some(heading) = heading {
        heading.push_str(words);
    }
    if let Some(link) = open.last_mut() {
        link.text.push_str(words);
    }
}

impl OpenLink {
    fn new(form: LinkType, destination: &str, label: &str, embed: bool, start: usize) -> Self {
        let (destination, label) = (destination.to_owned(), label.to_owned());
        Self { form, destination, label, embed, text: String::new(), text_end: start }
    }

    /// The link as it is known when it ends; none for a wikilink.
    fn closed(self, text: &str, span: Range<usize>, definition: Option<Range<usize>>, lines: &Lines) -> Option<Link> {
        let written = match self.form {
            LinkType::WikiLink { .. } => return None,
            LinkType::Autolink | LinkType::Email => Some(span.start + 1..span.end - 1),
            LinkType::Inline => destination_after("](", text, self.text_end..span.end),
            _ => definition.and_then(|definition| destination_after("]:", text, definition)),
        };
        let is_external = self.form == LinkType::Email || is_url(&self.destination);
        let kind = if is_external {
            LinkKind::External(self.destination)
        } else {
            let (target, fragment) = self.destination.split_once('#').unwrap_or((&self.destination, ""));
            let alias = self.text.replace(HIDDEN, "").trim().to_owned();
            let link = WikiLink {
                target: decoded(target),
                fragment: Fragment::parse(&decoded(fragment)),
                alias: (!alias.is_empty()).then_some(alias),
                embed: self.embed,
            };
            if link.target.is_empty() && link.fragment.is_none() {
                return None;
            }
            LinkKind::Markdown(link)
        };
        let target_span = written.map(|written| match text[written.clone()].find('#') {
            Some(fragment) if !is_external => written.start..written.start + fragment,
            _ => written,
        });
        Some(Link { kind, line: lines.of(span.start), span, target_span })
    }
}

/// Whether a destination leads out of the vault: a scheme, or `//host`.
fn is_url(destination: &str) -> bool {
    let scheme = destination.split_once(':').map_or("", |(scheme, _)| scheme);
    let valid = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    destination.starts_with("//") || (valid && scheme.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Where the destination stands that follows `opener` in `within`, without its `<…>`.
fn destination_after(opener: &str, text: &str, within: Range<usize>) -> Option<Range<usize>> {
    let end = within.end;
    let after = within.start + text.get(within.clone())?.find(opener)? + opener.len();
    let start = end - text[after..end].trim_start().len();
    let bytes = &text.as_bytes()[start..end];
    if bytes.first() == Some(&b'<') {
        let close = scan(&bytes[1..], |byte, _| matches!(byte, b'>' | b'\n'));
        return Some(start + 1..start + 1 + close);
    }
    let length = scan(bytes, |byte, depth| byte.is_ascii_whitespace() || (byte == b')' && depth == 0));
    Some(start..start + length)
}

/// The length of what comes before the first byte for which `stops` holds, given how many parentheses are open. What a
/// backslash escapes never stops.
fn scan(bytes: &[u8], stops: impl Fn(u8, usize) -> bool) -> usize {
    let mut depth = 0;
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate() {
        if !escaped && stops(*byte, depth) {
            return at;
        }
        match byte {
            b'(' if !escaped => depth += 1,
            b')' if !escaped => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = !escaped && *byte == b'\\';
    }
    bytes.len()
}
