//! The flowchart in a session's own note: a block between two marks, of which everything else in the note knows nothing.

use std::{borrow::Cow, ops::Range};

use crate::{Note, structure};

/// Obsidian shows nothing of a line like this.
const BEGIN: &str = "%% journal:graph begin %%";
const END: &str = "%% journal:graph end %%";

/// Why a note was left as it is: its marks are not one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GraphBlockError {
    /// A beginning without an end after it.
    #[error("line {line} begins a graph, and no line `{END}` ends it")]
    NoEnd {
        /// 1-based line of the note.
        line: usize,
    },
    /// An end without a beginning before it.
    #[error("line {line} ends a graph, and no line `{BEGIN}` begins it")]
    NoBegin {
        /// 1-based line of the note.
        line: usize,
    },
    /// More than one block.
    #[error("line {line} begins another graph; a note has one")]
    Twice {
        /// 1-based line of the note.
        line: usize,
    },
    /// The note ends within code, of which a block below it would be a part.
    #[error("the note ends within code that nothing closes")]
    InCode,
}

/// The note `text` with this flowchart in its block; without a block, one is added below everything else. No other byte
/// changes.
///
/// # Errors
/// When the marks in the note are not one pair, or nothing can be added below it.
pub fn with_graph(text: &str, mermaid: &str) -> Result<String, GraphBlockError> {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = ["```mermaid"].into_iter().chain(mermaid.lines()).chain(["```", END]);
    let block = lines.fold(BEGIN.to_owned(), |block, line| block + ending + line);
    if let Some(at) = find(text)? {
        return Ok(format!("{}{block}{}", &text[..at.start], &text[at.end..]));
    }
    // What stands before and after tells `without_graph` how the note ended.
    let has_body = !Note::parse(text).body(text).is_empty();
    let (before, after) = match text.ends_with('\n') {
        true if has_body => (ending.to_owned(), ending),
        true => (String::new(), ending),
        false if text.is_empty() => (String::new(), ending),
        false if has_body => (ending.repeat(2), ""),
        // Its frontmatter is not ended by a line ending.
        false => (ending.to_owned(), ""),
    };
    let added = format!("{text}{before}{block}{after}");
    // The note had no marks, so what is found is this block, unless the note keeps open what swallows it.
    find(&added).ok().flatten().map(|_| added).ok_or(GraphBlockError::InCode)
}

/// The note `text` without the block, and without the blank line that came with it; the same text where there is none.
///
/// # Errors
/// As [`with_graph`].
pub fn without_graph(text: &str) -> Result<String, GraphBlockError> {
    let Some(at) = find(text)? else { return Ok(text.to_owned()) };
    let (before, after) = (&text[..at.start], &text[at.end..]);
    let cut = |text: &str| text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).map(str::len);
    let body = Note::parse(text).body_offset();
    let is_blank = |end: usize| before[..end].ends_with('\n') && end > body;
    if after.is_empty() {
        // Put below a note without a last line ending.
        let kept = match cut(before) {
            Some(end) if before.len() == body => Some(end),
            end => end.filter(|end| is_blank(*end)).and_then(|end| cut(&before[..end])),
        };
        return Ok(before[..kept.unwrap_or(before.len())].to_owned());
    }
    let after = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
    let kept = cut(before).filter(|end| is_blank(*end)).unwrap_or(before.len());
    Ok(format!("{}{after}", &before[..kept]))
}

/// What stands in the block, marks included.
///
/// # Errors
/// As [`with_graph`].
pub fn graph_of(text: &str) -> Result<Option<&str>, GraphBlockError> {
    Ok(find(text)?.map(|at| &text[at]))
}

/// The note `text` with spaces in place of its block, so that everything else stands where it stood.
pub fn blank_graph(text: &str) -> Cow<'_, str> {
    if !text.contains(BEGIN) {
        return Cow::Borrowed(text);
    }
    // Marks that are not one pair are text.
    let Ok(Some(at)) = find(text) else { return Cow::Borrowed(text) };
    let blank = text[at.clone()].bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { char::from(byte) } else { ' ' });
    Cow::Owned([&text[..at.start], &blank.collect::<String>(), &text[at.end..]].concat())
}

/// Where the block stands, without the line ending after it. A mark is a line of its own, outside of code.
fn find(text: &str) -> Result<Option<Range<usize>>, GraphBlockError> {
    let offset = Note::parse(text).body_offset();
    let body = &text[offset..];
    if !body.contains(BEGIN) && !body.contains(END) {
        return Ok(None);
    }
    let code = structure(body).code_blocks;
    let first_line = 1 + text[..offset].matches('\n').count();
    let (mut open, mut whole): (Option<(usize, usize)>, Option<Range<usize>>) = (None, None);
    let mut at = 0;
    for (index, line) in body.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let number = first_line + index;
        let mark = line.trim_end();
        if code.iter().any(|block| block.contains(&start)) {
            continue;
        }
        if mark == BEGIN {
            if open.is_some() || whole.is_some() {
                return Err(GraphBlockError::Twice { line: number });
            }
            open = Some((start, number));
        } else if mark == END {
            let Some((begin, _)) = open.take() else { return Err(GraphBlockError::NoBegin { line: number }) };
            whole = Some(offset + begin..offset + start + mark.len());
        }
    }
    match open {
        Some((_, line)) => Err(GraphBlockError::NoEnd { line }),
        None => Ok(whole),
    }
}
