//! What only Obsidian has, found in a body in which everything else is hidden.

use std::ops::Range;

use super::{BlockId, Lines, Link, LinkKind, Tag, mask::HIDDEN};
use crate::{WikiLink, link::bracketed};

/// The wikilinks of `body`, looked for in `text`, where code, HTML and comments are hidden.
pub(super) fn wiki_links(body: &str, text: &str, lines: &Lines) -> Vec<Link> {
    let read = |(start, end): (usize, usize)| {
        let inner = start + text[start..end].find("[[")? + 2..end - 2;
        let written = &text[inner.clone()];
        let length = written.find(['#', '|']).unwrap_or(written.len());
        let target = match &written[length..] {
            rest if rest.starts_with('|') => written[..length].strip_suffix('\\').unwrap_or(&written[..length]),
            _ => &written[..length],
        };
        // An alias may hold code or a comment, a target may not.
        if target.contains(HIDDEN) {
            return None;
        }
        let target_start = inner.start + target.len() - target.trim_start().len();
        let target_span = target_start..target_start + target.trim().len();
        let kind = LinkKind::Wiki(WikiLink::parse(&body[start..end])?);
        Some(Link { kind, line: lines.of(start), span: start..end, target_span: Some(target_span) })
    };
    bracketed(text).filter_map(read).collect()
}

/// URLs written without any brackets.
pub(super) fn bare_urls(text: &str, lines: &Lines) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for (colon, _) in text.match_indices("://") {
        let scheme = ["https", "http"].iter().find(|scheme| ends_with_word(&text[..colon], scheme));
        let Some(start) = scheme.map(|scheme| colon - scheme.len()) else { continue };
        // A URL may hold another.
        if links.last().is_some_and(|last| start < last.span.end) {
            continue;
        }
        let span = start..start + url_length(&text[start..]);
        if span.end > colon + "://".len() {
            let kind = LinkKind::External(text[span.clone()].to_owned());
            links.push(Link { kind, line: lines.of(start), target_span: Some(span.clone()), span });
        }
    }
    links
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let at = text.len().checked_sub(word.len());
    at.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
        && !text[..text.len() - word.len()].ends_with(char::is_alphanumeric)
}

/// Up to white space or a bracket that no URL holds, without the punctuation of the sentence around it (as GitHub's
/// markdown has it).
fn url_length(text: &str) -> usize {
    let stops = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | HIDDEN);
    let mut url = &text[..text.find(stops).unwrap_or(text.len())];
    let mut unopened = url.matches(')').count().saturating_sub(url.matches('(').count());
    while let Some(last) = url.chars().next_back() {
        match last {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | ']' => {}
            ')' if unopened > 0 => unopened -= 1,
            _ => break,
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url.len()
}

/// Tags: `#` and a name, at the beginning of a line or after white space, another tag, or a marker of the text around
/// it.
pub(super) fn tags(text: &str, lines: &Lines) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    for (start, _) in text.match_indices('#') {
        let before = &text[..start];
        let begins = before.is_empty()
            || before.ends_with(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '~' | '>' | '|'))
            || before.ends_with("==")
            || tags.last().is_some_and(|last| last.span.end == start);
        let rest = &text[start + 1..];
        let name = &rest[..rest.find(|c| !is_in_tag(c)).unwrap_or(rest.len())];
        let shown = name.trim_end_matches('/');
        if begins && shown.contains(|c: char| !c.is_ascii_digit() && c != '/') {
            let span = start..start + 1 + shown.len();
            tags.push(Tag { name: shown.to_owned(), line: lines.of(start), span });
        }
    }
    tags
}

/// Letters, digits and marks of any script, `-`, `_`, `/`, emoji and other symbols; no punctuation of any script.
///
/// Obsidian takes all but white space, ASCII punctuation and two blocks of Unicode's. Those who write without spaces
/// need `，` and `。` to end a tag, and emoji and some scripts are joined by characters from one of the blocks.
fn is_in_tag(c: char) -> bool {
    match c {
        '-' | '_' | '/' | '\u{200c}' | '\u{200d}' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        '\u{3005}'..='\u{3007}' => true,
        '\u{80}'..='\u{9f}' | '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{303f}' => false,
        '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' => false,
        '«' | '»' | '¿' | '¡' | '·' | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe6f}' => false,
        _ => !c.is_whitespace(),
    }
}

/// Block ids: `^` and ASCII letters, digits and `-` at the end of a line, alone or after white space.
pub(super) fn block_ids(text: &str, lines: &Lines) -> Vec<BlockId> {
    let mut ids = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let shown = line.trim_end();
        let word = shown
            .rfind(char::is_whitespace)
            .map_or(0, |space| space + shown[space..].chars().next().map_or(0, char::len_utf8));
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if let Some(id) = shown[word..].strip_prefix('^').filter(|id| is_id(id)) {
            let span: Range<usize> = start + word..start + shown.len();
            ids.push(BlockId { id: id.to_owned(), line: lines.of(span.start), span });
        }
        start += line.len();
    }
    ids
}
