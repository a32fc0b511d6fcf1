//! What closes what a text leaves open, so that nothing below it becomes a part of it.

use std::{borrow::Cow, iter, ops::Range};

use crate::{Structure, structure};

/// Elements that have no end.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements in which nothing but their own end is a tag.
const RAW: [&str; 8] = ["iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"];
/// Elements that markdown takes for HTML until they end, blank lines and all.
const TO_THEIR_END: [&str; 4] = ["pre", "script", "style", "textarea"];

/// The text, and the lines below it that close what it leaves open: code, comments, mathematics and HTML. No lines, mostly. A
/// text that nothing closes comes as code.
pub(super) fn enclosed(text: &str) -> (Cow<'_, str>, String) {
    let text = without_cut_tags(text);
    let closing = closing(&text);
    if is_sound(&format!("{text}\n{closing}")) {
        return (text, closing);
    }
    let run = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(run + 1));
    (format!("{fence}\n{text}\n{fence}").into(), String::new())
}

/// Whether nothing of a text reaches beyond it.
fn is_sound(text: &str) -> bool {
    const BELOW: &str = "\n# End\n\n%% hidden %%\n";
    let all = structure(&format!("{text}{BELOW}"));
    let has_heading = all.headings.last().is_some_and(|heading| heading.span.start > text.len());
    let has_comment = all.comments.last().is_some_and(|span| span.start > text.len());
    let Elements { open, cut } = Elements::of(text, &all.html);
    has_heading && has_comment && open.is_empty() && cut.is_empty() && !leaves_math_open(text, &all)
}

/// The text in which each tag that nothing ends (`<div class="`) is words: it would go on into what follows.
fn without_cut_tags(text: &str) -> Cow<'_, str> {
    const WORD: &str = "&lt;";
    let mut text = Cow::Borrowed(text);
    // What follows such a tag is HTML no more, or only now.
    for _ in 0..8 {
        let cut = Elements::of(&text, &structure(&text).html).cut;
        if cut.is_empty() {
            return text;
        }
        let mut from = 0;
        let mut words = String::with_capacity(text.len() + cut.len() * WORD.len());
        for at in cut {
            words.push_str(&text[from..at]);
            words.push_str(WORD);
            from = at + 1;
        }
        text = Cow::Owned(words + &text[from..]);
    }
    text.replace('<', WORD).into()
}

/// The text of one line with a backslash before each tag.
pub(super) fn without_tags(line: &str) -> String {
    // Within a line, where no block of HTML begins.
    const BEFORE: &str = "x ";
    let mut text = format!("{BEFORE}{line}");
    for span in structure(&text).html.iter().rev() {
        text.insert(span.start, '\\');
    }
    text.split_off(BEFORE.len())
}

/// The lines that close what a text leaves open, as far as such lines can.
fn closing(text: &str) -> String {
    let found = structure(text);
    let elements = Elements::of(text, &found.html).open;
    let mut ends: Vec<String> =
        elements.iter().rev().filter(|name| TO_THEIR_END.contains(&name.as_str())).map(|name| end_tag(name)).collect();
    ends.push(fence(found.code_blocks.last().map(|block| &text[block.clone()])));
    ends.extend(["-->", "?>", "]]>", ">", "%%"].map(str::to_owned));
    let pairs = ends.iter().flat_map(|one| ends.iter().map(move |other| format!("{one}\n{other}")));
    let mut tries = iter::once(String::new()).chain(ends.iter().cloned()).chain(pairs);
    let mut closing = tries.find(|end| is_closed(text, end)).unwrap_or_default();
    if !closing.is_empty() {
        closing.push('\n');
    }
    let closed = format!("{text}\n{closing}");
    let found = structure(&closed);
    if leaves_math_open(&closed, &found) {
        closing.push_str("$$\n");
    }
    let open = Elements::of(&closed, &found.html).open;
    if !open.is_empty() {
        // Below a blank line, or a table would go on.
        closing.push('\n');
        closing.extend(open.iter().rev().map(|name| end_tag(name)));
        closing.push('\n');
    }
    closing
}

fn end_tag(name: &str) -> String {
    format!("</{name}>")
}

/// What ends the last code of a text.
fn fence(code: Option<&str>) -> String {
    let mark = code.and_then(|code| code.chars().next()).unwrap_or('`');
    let length = code.map_or(0, |code| code.chars().take_while(|c| *c == mark).count());
    mark.to_string().repeat(length.max(3))
}

/// Whether a heading below the text is one, and a comment below that one of its own.
fn is_closed(text: &str, end: &str) -> bool {
    let probe = format!("{text}\n{end}\n\n# End\n\n%%\n");
    let below = text.len() + end.len();
    structure(&probe).headings.last().is_some_and(|heading| heading.span.start >= below)
}

/// Whether a `$$` that begins its line, so a block, has no second one. Within a paragraph it is text then.
fn leaves_math_open(text: &str, found: &Structure) -> bool {
    let is_in = |spans: &[Range<usize>], at| {
        let begun = spans.partition_point(|span| span.start <= at);
        spans[..begun].last().is_some_and(|span| span.end > at)
    };
    let is_hidden =
        |at| [&found.code_blocks, &found.code_spans, &found.comments].into_iter().any(|spans| is_in(spans, at));
    let marks = text.match_indices("$$").map(|(at, _)| at);
    let mut marks = marks.filter(|at| !is_hidden(*at) && !text[..*at].ends_with('\\')).peekable();
    while let Some(open) = marks.next() {
        let before = text[..open].trim_end_matches([' ', '\t', '>', '-', '*', '+']);
        let is_block = before.is_empty() || before.ends_with('\n');
        match marks.peek() {
            Some(close) if is_block || !has_blank_line(&text[open..*close]) => {
                marks.next();
            }
            Some(_) => {}
            None => return is_block,
        }
    }
    false
}

fn has_blank_line(text: &str) -> bool {
    let lines: Vec<_> = text.split('\n').collect();
    lines.len() > 2 && lines[1..lines.len() - 1].iter().any(|line| line.trim().is_empty())
}

/// What the HTML of a text leaves open.
#[derive(Debug, Default)]
struct Elements {
    /// Names of elements without an end, outer ones first.
    open: Vec<String>,
    /// Where tags begin that nothing ends.
    cut: Vec<usize>,
}

impl Elements {
    fn of(text: &str, html: &[Range<usize>]) -> Self {
        let mut found = Self::default();
        for span in html.iter().filter(|span| span.start < text.len()) {
            found.read(&text[span.start..span.end.min(text.len())], span.start);
        }
        found
    }

    fn read(&mut self, html: &str, offset: usize) {
        let mut at = 0;
        while let Some(found) = html[at..].find('<') {
            let begin = at + found;
            at = begin + 1;
            let rest = &html[at..];
            let raw = self.open.last().filter(|name| RAW.contains(&name.as_str()));
            if raw.is_none() && rest.starts_with("!--") {
                at = rest.find("-->").map_or(html.len(), |end| at + end);
                continue;
            }
            let inner = rest.strip_prefix('/');
            let name = inner.unwrap_or(rest);
            let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(name.len());
            let name = name[..length].to_ascii_lowercase();
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !is_name || raw.is_some_and(|raw| inner.is_none() || *raw != name) {
                continue;
            }
            let Some(end) = tag_end(rest) else {
                self.cut.push(offset + begin);
                continue;
            };
            at += end;
            if inner.is_some() {
                let opened = self.open.iter().rposition(|open| *open == name);
                self.open.truncate(opened.unwrap_or(self.open.len()));
            } else if !VOID.contains(&name.as_str()) {
                self.open.push(name);
            }
        }
    }
}

/// Where a tag ends whose `<` has been read: a `>` in no quotes, before another `<`.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    let end = tag.char_indices().find(|(_, c)| {
        match (quote, c) {
            (None, '>' | '<') => return true,
            (None, '"' | '\'') => quote = Some(*c),
            (Some(open), c) if open == *c => quote = None,
            _ => {}
        }
        false
    });
    end.filter(|(_, c)| *c == '>').map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_left_open_is_closed_by_its_own_end() {
        for (text, end) in [
            ("words, `code`, <b>bold</b>, 50%% and 5 $$", ""),
            ("```sh\nls", "```\n"),
            ("~~~~\n```", "~~~~\n"),
            ("<!-- no end", "-->\n"),
            ("%% no end\n\nmore", "%%\n"),
            ("%%\n```\ncode", "%%\n"),
            ("<!--\n%% x", "%%\n-->\n"),
            ("$$\nx^2", "$$\n"),
            ("$$\nx^2\n$$ and `$$`", ""),
            ("<details>\n<summary>x</summary>\n\nmore", "\n</details>\n"),
            ("<div>\n\n<b>x <br> <i>y</i>", "\n</b></div>\n"),
            ("<script>\nif (a <b) {}\n\nx", "</script>\n"),
            ("<pre>\n\nx", "</pre>\n"),
            ("`<details>` and <https://example.org/>", ""),
            ("<?php", "?>\n"),
        ] {
            assert_eq!(closing(text), end, "{text:?}");
        }
    }

    #[test]
    fn what_nothing_closes_is_code() {
        let text = "text <script>\n<pre>";
        assert_eq!(enclosed(text), (format!("```\n{text}\n```").into(), String::new()));
    }

    #[test]
    fn a_tag_without_an_end_is_text() {
        assert_eq!(without_cut_tags("<div class=\"a\n\nx"), "&lt;div class=\"a\n\nx");
        assert_eq!(without_cut_tags("<div class=\"a\">\n<p <b"), "<div class=\"a\">\n&lt;p &lt;b");
        assert_eq!(without_cut_tags("a <b title='<'>"), "a <b title='<'>");
        assert_eq!(without_tags("a <b> `<i>` 1 < 2 </b>"), "a \\<b> `<i>` 1 < 2 \\</b>");
        assert_eq!(without_tags("<!-- x --> <script>"), "\\<!-- x --> \\<script>");
    }

    proptest! {
        #[test]
        fn what_follows_a_text_is_as_if_the_text_were_not_there(pieces in prop::collection::vec(prop::sample::select(vec![
            "text ", "\n", "\n\n", "```", "~~~~", "`", "<!--", "-->", "%%", "$$", "<details>", "</details>", "<b>", "</b>",
            "<script>", "</script>", "<div class=\"", "<pre>", "<?x", "<![CDATA[", "<!X", "    ", "- ", "> ", "| a |\n|---|\n", "# H",
        ]), 0..7)) {
            let text = pieces.concat();
            let (whole, closing) = enclosed(text.trim_matches('\n'));
            let above = format!("{whole}\n{closing}");
            let below = "\n# End\n\nA [[Link]].\n\n%% hidden %%\n\n<i>x</i>\n";
            let (all, alone) = (structure(&format!("{above}{below}")), structure(below));
            let from = |span: &Range<usize>| span.start >= above.len();
            prop_assert_eq!(all.headings.iter().filter(|one| from(&one.span)).count(), alone.headings.len(), "{:?}", above);
            prop_assert_eq!(all.links.iter().filter(|one| from(&one.span)).count(), alone.links.len(), "{:?}", above);
            prop_assert_eq!(all.comments.iter().filter(|span| from(span)).count(), alone.comments.len(), "{:?}", above);
            prop_assert_eq!(all.html.iter().filter(|span| from(span)).count(), alone.html.len(), "{:?}", above);
            prop_assert!(is_sound(&above), "{:?}", above);
        }
    }
}
