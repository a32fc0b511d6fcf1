//! Reads the values that notes are full of, and knows where each scalar stands: one-line scalars, wikilinks, flow lists
//! and block lists of those. Everything else is left to the YAML engine.
//!
//! A scalar stays the text that was written; only quotes and their escapes are resolved.

use std::{borrow::Cow, ops::Range};

use super::lines::{self, Entry, Shape};
use crate::Value;

/// A value in one of the simple styles. Ranges are bytes of the note's text.
#[derive(Debug, Clone)]
pub(super) enum Simple<'a> {
    /// Nothing behind the colon.
    Nothing,
    /// One scalar on the line of the key.
    Scalar(Scalar<'a>),
    /// `[[A]], [[B]]`: no YAML, but what people write.
    Links(Vec<Scalar<'a>>),
    /// `[a, b]` with the places of its brackets.
    Flow { open: usize, close: usize, items: Vec<Scalar<'a>> },
    /// `- a` lines.
    Block { items: Vec<Item<'a>>, tabs: bool },
}

/// A scalar and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Scalar<'a> {
    /// Its text; `None` for null.
    pub text: Option<Cow<'a, str>>,
    /// Its source, with quotes.
    pub span: Range<usize>,
    /// How it is quoted.
    pub quote: Quote,
}

/// An item of a block list.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    /// What stands behind the dash.
    pub scalar: Scalar<'a>,
    /// Its line, with the ending.
    pub line: Range<usize>,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Plain,
    Single,
    Double,
    /// `[[X]]` without quotes, which YAML takes for a list in a list.
    Link,
}

/// Where a plain scalar stands: in a flow list, fewer characters may be part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Line,
    Flow,
}

/// The value of an entry, if it is written in a simple style.
pub(super) fn read<'a>(text: &'a str, entry: &Entry<'_>) -> Option<Simple<'a>> {
    if entry.shape != Shape::Usual {
        return None;
    }
    let Range { start, end } = entry.value;
    let at = skip_blanks(text, start, end);
    match text.as_bytes()[at..end].first() {
        None => Some(Simple::Nothing),
        Some(b'#' | b'\r' | b'\n') => block_list(text, at, entry.lines.end),
        Some(b'[') => links(text, at, end).or_else(|| flow(text, at, end)),
        Some(_) => {
            let scalar = scalar(text, at, end, Place::Line)?;
            nothing_follows(text, scalar.span.end, end).then_some(Simple::Scalar(scalar))
        }
    }
}

impl Simple<'_> {
    /// The value as data.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Scalar(scalar) => scalar.into_value(),
            Self::Links(items) | Self::Flow { items, .. } => {
                Value::List(items.into_iter().map(Scalar::into_value).collect())
            }
            Self::Block { items, .. } => Value::List(items.into_iter().map(|item| item.scalar.into_value()).collect()),
        }
    }
}

impl Scalar<'_> {
    fn into_value(self) -> Value {
        self.text.map_or(Value::Null, |text| Value::Text(text.into_owned()))
    }
}

/// The quoted scalar that `source` begins with, and its length with quotes. It must close on its line.
pub(super) fn quoted(source: &str) -> Option<(Cow<'_, str>, usize)> {
    let bytes = source.as_bytes();
    let quote = bytes[0];
    let mut text: Option<String> = None;
    let (mut kept, mut at) = (1, 1);
    loop {
        match *bytes.get(at)? {
            b'\r' | b'\n' => return None,
            b'\\' if quote == b'"' => {
                let text = text.get_or_insert_default();
                text.push_str(&source[kept..at]);
                let (unescaped, length) = escape(&source[at + 1..])?;
                text.push(unescaped);
                at += 1 + length;
                kept = at;
                continue;
            }
            byte if byte == quote => {
                if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') {
                    text.get_or_insert_default().push_str(&source[kept..=at]);
                    at += 2;
                    kept = at;
                    continue;
                }
                let tail = &source[kept..at];
                let text = match text {
                    Some(text) => Cow::Owned(text + tail),
                    None => Cow::Borrowed(tail),
                };
                return Some((text, at + 1));
            }
            _ => at += 1,
        }
    }
}

/// The character that an escape stands for, and the escape's length without the backslash.
fn escape(source: &str) -> Option<(char, usize)> {
    let digits = match source.as_bytes().first()? {
        b'0' => return Some(('\0', 1)),
        b'a' => return Some(('\u{7}', 1)),
        b'b' => return Some(('\u{8}', 1)),
        b't' | b'\t' => return Some(('\t', 1)),
        b'n' => return Some(('\n', 1)),
        b'v' => return Some(('\u{b}', 1)),
        b'f' => return Some(('\u{c}', 1)),
        b'r' => return Some(('\r', 1)),
        b'e' => return Some(('\u{1b}', 1)),
        byte @ (b' ' | b'"' | b'/' | b'\\') => return Some((char::from(*byte), 1)),
        b'N' => return Some(('\u{85}', 1)),
        b'_' => return Some(('\u{a0}', 1)),
        b'L' => return Some(('\u{2028}', 1)),
        b'P' => return Some(('\u{2029}', 1)),
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let hex = source.get(1..=digits).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let code = u32::from_str_radix(hex, 16).ok()?;
    Some((char::from_u32(code)?, digits + 1))
}

fn scalar(text: &str, at: usize, end: usize, place: Place) -> Option<Scalar<'_>> {
    match text.as_bytes()[at] {
        first @ (b'"' | b'\'') => {
            let (value, length) = quoted(&text[at..end])?;
            let quote = if first == b'"' { Quote::Double } else { Quote::Single };
            Some(Scalar { text: Some(value), span: at..at + length, quote })
        }
        b'[' => link(text, at, end),
        _ => plain(text, at, end, place),
    }
}

fn plain(text: &str, at: usize, end: usize, place: Place) -> Option<Scalar<'_>> {
    let bytes = &text.as_bytes()[..end];
    let ends_word = |at: usize| match bytes.get(at) {
        None | Some(b' ' | b'\t' | b'\r' | b'\n') => true,
        Some(b',' | b'[' | b']' | b'{' | b'}') => place == Place::Flow,
        Some(_) => false,
    };
    match bytes[at] {
        b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`' => return None,
        b'-' | b'?' | b':' if ends_word(at + 1) => return None,
        _ => {}
    }
    let mut stop = at;
    while let Some(byte) = bytes.get(stop) {
        match byte {
            b'\r' | b'\n' => break,
            b':' if ends_word(stop + 1) => return None,
            b'#' if matches!(bytes[stop - 1], b' ' | b'\t') => break,
            b',' | b']' if place == Place::Flow => break,
            b'[' | b'{' | b'}' if place == Place::Flow => return None,
            _ => stop += 1,
        }
    }
    let value = text[at..stop].trim_end_matches([' ', '\t']);
    let text = (!matches!(value, "~" | "null" | "Null" | "NULL")).then_some(Cow::Borrowed(value));
    Some(Scalar { text, span: at..at + value.len(), quote: Quote::Plain })
}

/// An unquoted wikilink: `[[X]]`, with nothing inside that a link's name cannot hold.
fn link(text: &str, at: usize, end: usize) -> Option<Scalar<'_>> {
    let inner = text[at..end].strip_prefix("[[")?;
    let length = inner.find(['[', ']', '"', '\r', '\n']).filter(|length| *length > 0)?;
    inner[length..].starts_with("]]").then_some(())?;
    let span = at..at + length + 4;
    Some(Scalar { text: Some(Cow::Borrowed(&text[span.clone()])), span, quote: Quote::Link })
}

/// `[[X]]`, or several of them with commas between.
fn links(text: &str, at: usize, end: usize) -> Option<Simple<'_>> {
    let first = link(text, at, end)?;
    let mut stop = first.span.end;
    if nothing_follows(text, stop, end) {
        return Some(Simple::Scalar(first));
    }
    let mut items = vec![first];
    while !nothing_follows(text, stop, end) {
        let comma = skip_blanks(text, stop, end);
        if text.as_bytes()[comma] != b',' {
            return None;
        }
        let next = link(text, skip_blanks(text, comma + 1, end), end)?;
        stop = next.span.end;
        items.push(next);
    }
    Some(Simple::Links(items))
}

fn flow(text: &str, open: usize, end: usize) -> Option<Simple<'_>> {
    let bytes = &text.as_bytes()[..end];
    let skip = |mut at: usize| {
        while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    let mut items = Vec::new();
    let mut at = skip(open + 1);
    while *bytes.get(at)? != b']' {
        let item = scalar(text, at, end, Place::Flow)?;
        at = skip(item.span.end);
        items.push(item);
        match bytes.get(at)? {
            b',' => at = skip(at + 1),
            b']' => {}
            _ => return None,
        }
    }
    nothing_follows(text, at + 1, end).then_some(Simple::Flow { open, close: at, items })
}

/// The list whose items stand on the lines below the one that `at` is on.
fn block_list(text: &str, at: usize, end: usize) -> Option<Simple<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut indent = "";
    let mut start = lines::line_end(text, at, end);
    while start < end {
        let next = lines::line_end(text, start, end);
        let stop = start + lines::trim_ending(&text[start..next]).len();
        if !lines::is_filler(&text[start..stop]) {
            let dash = skip_blanks(text, start, stop);
            let own_indent = &text[start..dash];
            if text.as_bytes()[dash] != b'-' || !(items.is_empty() || own_indent == indent) {
                return None;
            }
            indent = own_indent;
            let scalar = item(text, dash + 1, stop)?;
            items.push(Item { scalar, line: start..next });
        }
        start = next;
    }
    if items.is_empty() {
        return Some(Simple::Nothing);
    }
    Some(Simple::Block { items, tabs: indent.contains('\t') })
}

/// What stands behind a dash, up to the end of its line at `stop`.
fn item(text: &str, at: usize, stop: usize) -> Option<Scalar<'_>> {
    let begin = skip_blanks(text, at, stop);
    if begin == stop || (begin > at && text.as_bytes()[begin] == b'#') {
        return Some(Scalar { text: None, span: at..at, quote: Quote::Plain });
    }
    if begin == at {
        return None;
    }
    let scalar = scalar(text, begin, stop, Place::Line)?;
    nothing_follows(text, scalar.span.end, stop).then_some(scalar)
}

fn skip_blanks(text: &str, at: usize, end: usize) -> usize {
    end - text[at..end].trim_start_matches([' ', '\t']).len()
}

/// Whether only white space and perhaps a comment stand between `at` and `end`.
fn nothing_follows(text: &str, at: usize, end: usize) -> bool {
    let rest = &text[at..end];
    let comment = rest.trim_start_matches([' ', '\t']);
    comment.is_empty() || (comment.len() < rest.len() && comment.starts_with('#') && !comment.contains(['\r', '\n']))
}
