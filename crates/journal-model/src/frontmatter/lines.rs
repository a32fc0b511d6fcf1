//! Finds the top-level entries of a frontmatter block, line by line, without reading their values.
//!
//! An entry that its writer broke (a quote or bracket that never closes) must not swallow the entries below it, so a line
//! at column 0 that looks like `key: value` always begins an entry, whatever stands open above it.

use std::{borrow::Cow, ops::Range};

use super::value;

/// One top-level entry, or lines between entries that are none. Ranges are bytes of the note's text.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// The key, unquoted; `None` for lines that are no `key: value`.
    pub key: Option<Cow<'a, str>>,
    /// The entry's lines with their endings. Blank lines and comments below its value are not among them.
    pub lines: Range<usize>,
    /// From behind the colon to the end of the last line, without that line's ending.
    pub value: Range<usize>,
    /// 1-based line of the file on which it begins.
    pub line: usize,
    /// What the scanner saw.
    pub shape: Shape,
}

/// What the scanner saw of an entry on its way to the end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `key: value` in any style but the following ones.
    Usual,
    /// `key: |` or `key: >`.
    BlockScalar,
    /// `key:value`, which YAML does not take for an entry.
    NoSpace,
    /// Lines that are no entry.
    Other,
}

/// The entries of `text[block]`, whose first line is line `first_line` of the file.
pub(super) fn scan(text: &str, block: Range<usize>, first_line: usize) -> Vec<Entry<'_>> {
    let mut entries = Vec::with_capacity(16);
    let (mut at, mut line) = (block.start, first_line);
    while at < block.end {
        let end = line_end(text, at, block.end);
        let content = trim_ending(&text[at..end]);
        if is_filler(content) {
            (at, line) = (end, line + 1);
            continue;
        }
        let entry = if let Some(key) = key(content) {
            let value = at + key.value;
            let (lines_end, block_scalar) = value_end(text, value, end, block.end);
            let shape = match (key.spaced, block_scalar) {
                (false, _) => Shape::NoSpace,
                (true, true) => Shape::BlockScalar,
                (true, false) => Shape::Usual,
            };
            entry(text, Some(key.name), at..lines_end, value, line, shape)
        } else {
            let lines_end = continuation(text, end, block.end, |line| key(line).is_none());
            entry(text, None, at..lines_end, at, line, Shape::Other)
        };
        line += text.as_bytes()[entry.lines.clone()].iter().filter(|byte| **byte == b'\n').count();
        at = entry.lines.end;
        entries.push(entry);
    }
    entries
}

/// How much of an unclosed block looks like properties: up to the first blank line, heading or prose.
pub(super) fn leading_properties(text: &str, block: Range<usize>) -> Range<usize> {
    let mut at = block.start;
    let mut begun = false;
    while at < block.end {
        let end = line_end(text, at, block.end);
        let content = trim_ending(&text[at..end]);
        let goes_on = begun && (content.starts_with([' ', '\t']) || is_item(content)) && !content.trim().is_empty();
        if !goes_on && !starts_entry(content) {
            break;
        }
        (at, begun) = (end, true);
    }
    block.start..at
}

/// Where the line that begins at `at` ends, behind its ending.
pub(super) fn line_end(text: &str, at: usize, limit: usize) -> usize {
    text[at..limit].find('\n').map_or(limit, |found| at + found + 1)
}

/// A line without its LF or CRLF.
pub(super) fn trim_ending(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Whether a line holds nothing, or nothing but a comment.
pub(super) fn is_filler(content: &str) -> bool {
    let rest = content.trim_start_matches([' ', '\t']);
    rest.is_empty() || rest.starts_with('#')
}

/// Whether `rest` (what stands behind a colon) is the header of a block scalar: `|`, `>-`, `|2+ # comment`.
pub(super) fn is_block_header(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(['|', '>']) else { return false };
    let rest = rest.trim_start_matches(|c: char| matches!(c, '+' | '-' | '1'..='9'));
    rest.is_empty() || (rest.starts_with([' ', '\t', '\r', '\n']) && is_filler(trim_ending(rest)))
}

struct Key<'a> {
    name: Cow<'a, str>,
    /// Where the value begins, in the line: behind the colon.
    value: usize,
    /// Whether white space or nothing follows the colon.
    spaced: bool,
}

fn starts_entry(content: &str) -> bool {
    key(content).is_some_and(|key| key.spaced)
}

fn is_item(content: &str) -> bool {
    content.strip_prefix('-').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// The key that a line at column 0 begins with.
fn key(content: &str) -> Option<Key<'_>> {
    let bytes = content.as_bytes();
    let ends_word = |at: usize| matches!(bytes.get(at), None | Some(b' ' | b'\t'));
    match bytes.first()? {
        b'"' | b'\'' => {
            let (name, length) = value::quoted(content)?;
            let colon = content.len() - content[length..].trim_start_matches([' ', '\t']).len();
            return (bytes.get(colon) == Some(&b':') && ends_word(colon + 1)).then(|| Key {
                name,
                value: colon + 1,
                spaced: true,
            });
        }
        b' ' | b'\t' | b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@'
        | b'`' => return None,
        b'-' | b'?' | b':' if ends_word(1) => return None,
        b'-' | b'.' if (content.starts_with("---") || content.starts_with("...")) && ends_word(3) => return None,
        _ => {}
    }
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b':' if ends_word(at + 1) => {
                let name = content[..at].trim_end_matches([' ', '\t']);
                return Some(Key { name: Cow::Borrowed(name), value: at + 1, spaced: true });
            }
            b'#' if at > 0 && ends_word(at - 1) => break,
            _ => {}
        }
    }
    let word = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let is_word = bytes[0].is_ascii_alphabetic() && bytes.get(word) == Some(&b':');
    (is_word && !content[word + 1..].starts_with("//")).then(|| Key {
        name: Cow::Borrowed(&content[..word]),
        value: word + 1,
        spaced: false,
    })
}

/// Where the lines of a value end that begins at `value` on a line that ends at `first_end`, and whether it is a block
/// scalar.
fn value_end(text: &str, value: usize, first_end: usize, limit: usize) -> (usize, bool) {
    let mut rest = text[value..first_end].trim_start_matches([' ', '\t']);
    while rest.starts_with(['&', '!']) {
        rest = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start_matches([' ', '\t']);
    }
    let indented = |line: &str| line.starts_with([' ', '\t']);
    match rest.as_bytes().first() {
        None | Some(b'#' | b'\r' | b'\n') => {
            (continuation(text, first_end, limit, |line| indented(line) || is_item(line)), false)
        }
        Some(b'|' | b'>') if is_block_header(rest) => (block_scalar_end(text, rest, first_end, limit), true),
        Some(b'"' | b'\'' | b'[' | b'{') => {
            let open = first_end - rest.len();
            let closed = if matches!(text.as_bytes()[open], b'[' | b'{') {
                flow_end(text, open, limit)
            } else {
                quote_end(text, open, limit)
            };
            let end = closed.map_or(first_end, |close| line_end(text, close, limit).max(first_end));
            (continuation(text, end, limit, indented), false)
        }
        Some(_) => (continuation(text, first_end, limit, indented), false),
    }
}

/// The end of the last line from `at` on that belongs to what stands above; fillers count only when such a line follows.
fn continuation(text: &str, mut at: usize, limit: usize, belongs: impl Fn(&str) -> bool) -> usize {
    let mut end = at;
    while at < limit {
        let next = line_end(text, at, limit);
        let content = trim_ending(&text[at..next]);
        if !is_filler(content) {
            if !belongs(content) {
                break;
            }
            end = next;
        }
        at = next;
    }
    end
}

fn block_scalar_end(text: &str, header: &str, mut at: usize, limit: usize) -> usize {
    let keeps = header.split(['#', '\n']).next().is_some_and(|header| header.contains('+'));
    let mut end = at;
    while at < limit {
        let next = line_end(text, at, limit);
        let content = trim_ending(&text[at..next]);
        let blank = content.trim_start_matches([' ', '\t']).is_empty();
        if !blank && !content.starts_with([' ', '\t']) {
            break;
        }
        if keeps || !blank {
            end = next;
        }
        at = next;
    }
    end
}

/// Behind the quote that closes the one at `open`; `None` when an entry begins before it.
pub(super) fn quote_end(text: &str, open: usize, limit: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..limit];
    let quote = bytes[open];
    let mut at = open + 1;
    while at < limit {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\n' if entry_begins(text, at + 1, limit) => return None,
            byte if byte == quote => {
                if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') {
                    at += 1;
                } else {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the bracket that closes the one at `open`; `None` when an entry begins before it.
fn flow_end(text: &str, open: usize, limit: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..limit];
    let mut depth = 0_usize;
    let mut at = open;
    while at < limit {
        match bytes[at] {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            // A quote in the middle of a word is an apostrophe.
            b'"' | b'\'' if matches!(bytes[at - 1], b'[' | b'{' | b',' | b':' | b' ' | b'\t' | b'\n') => {
                at = quote_end(text, at, limit)?;
                continue;
            }
            b'#' if matches!(bytes[at - 1], b' ' | b'\t' | b'\n') => {
                at = trim_ending(&text[..line_end(text, at, limit)]).len();
                continue;
            }
            b'\n' if entry_begins(text, at + 1, limit) => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn entry_begins(text: &str, at: usize, limit: usize) -> bool {
    starts_entry(trim_ending(&text[at..line_end(text, at, limit)]))
}

fn entry<'a>(
    text: &str,
    key: Option<Cow<'a, str>>,
    lines: Range<usize>,
    value: usize,
    line: usize,
    shape: Shape,
) -> Entry<'a> {
    let value_end = (lines.start + trim_ending(&text[lines.clone()]).len()).max(value);
    Entry { key, value: value..value_end, lines, line, shape }
}
