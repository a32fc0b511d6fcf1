//! The flowchart in a session's own note: a block between two marks, of which everything else in the note knows nothing.

use std::{borrow::Cow, ops::Range};

use crate::{Note, structure};

/// What both marks begin with. Obsidian shows nothing of a line between two `%%`.
const MARK: &str = "%% journal:graph ";
/// The beginning of the first mark; before its end stands the seal of the graph below it.
const BEGIN: &str = "%% journal:graph begin";
const END: &str = "%% journal:graph end %%";
const FENCE: &str = "```mermaid";

/// Why a note was left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GraphBlockError {
    /// A beginning without an end after it.
    #[error("line {line} begins a graph, and no line `{END}` ends it")]
    NoEnd {
        /// 1-based line of the note.
        line: usize,
    },
    /// An end without a beginning before it.
    #[error("line {line} ends a graph, and no line `{BEGIN} %%` begins it")]
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
    /// Something else than a graph as it was drawn: somebody wrote there.
    #[error("what stands between the marks, from line {from} to line {to}, is not as it was drawn")]
    Changed {
        /// 1-based line of the note, below the first mark.
        from: usize,
        /// The line above the last mark.
        to: usize,
    },
    /// The note ends within code or a comment, of which a block below it would be a part.
    #[error("the note ends within code or a comment that nothing closes")]
    InCode,
}

/// Where a block stands, and what its first mark says.
struct Block {
    /// Marks included, without the line ending after them.
    at: Range<usize>,
    /// What stands between the marks.
    inside: Range<usize>,
    /// What the first mark says of it. A version before this one said nothing.
    seal: Option<String>,
    /// 1-based lines of the note: of the marks.
    lines: (usize, usize),
}

/// The note `text` with this flowchart in its block; without a block, one is added below everything else. No other byte
/// changes.
///
/// # Errors
/// When the marks in the note are not one pair, something else than a graph stands between them, or nothing can be added below
/// the note.
pub fn with_graph(text: &str, mermaid: &str) -> Result<String, GraphBlockError> {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let begin = format!("{BEGIN} {} %%", seal(mermaid.lines()));
    let lines = [FENCE].into_iter().chain(mermaid.lines()).chain(["```", END]);
    let block = lines.fold(begin, |block, line| block + ending + line);
    if let Some(at) = ours(text)? {
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
    let fence = text.len() + before.len() + block.find(FENCE).unwrap_or_default();
    let body = Note::parse(&added).body_offset();
    let is_code = structure(&added[body..]).code_blocks.iter().any(|code| body + code.start == fence);
    if is_code && matches!(ours(&added), Ok(Some(_))) { Ok(added) } else { Err(GraphBlockError::InCode) }
}

/// The note `text` without the block, and without the blank line that came with it; the same text where there is none.
///
/// # Errors
/// As [`with_graph`].
pub fn without_graph(text: &str) -> Result<String, GraphBlockError> {
    let Some(at) = ours(text)? else { return Ok(text.to_owned()) };
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
    Ok(ours(text)?.map(|at| &text[at]))
}

/// The note `text` with spaces in place of its block, so that everything else stands where it stood.
pub fn blank_graph(text: &str) -> Cow<'_, str> {
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    // Marks that are not one pair, and what somebody wrote between them, are text.
    let Ok(Some(at)) = ours(text) else { return Cow::Borrowed(text) };
    let blank = text[at.clone()].bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { char::from(byte) } else { ' ' });
    Cow::Owned([&text[..at.start], &blank.collect::<String>(), &text[at.end..]].concat())
}

/// Where the block stands, unless somebody else's words would go with it.
fn ours(text: &str) -> Result<Option<Range<usize>>, GraphBlockError> {
    let Some(block) = find(text)? else { return Ok(None) };
    let lines: Vec<&str> = text[block.inside].lines().map(str::trim_end).collect();
    let is_word = |line: &&str| !line.is_empty();
    let (Some(first), Some(last)) = (lines.iter().position(is_word), lines.iter().rposition(is_word)) else {
        // Marks that a person set, for the graph to come.
        return Ok(Some(block.at));
    };
    let is_ours = match &lines[first..=last] {
        [FENCE, graph @ .., "```"] => {
            let is_one = !graph.iter().any(|line| line.trim_start().starts_with("```"));
            is_one && block.seal.is_none_or(|said| said == seal(graph.iter().copied()))
        }
        _ => false,
    };
    let (begin, end) = block.lines;
    if is_ours { Ok(Some(block.at)) } else { Err(GraphBlockError::Changed { from: begin + 1, to: end - 1 }) }
}

/// Tells a graph from one that somebody changed (FNV-1a, by lines: a file syncer may change what ends them).
fn seal<'a>(graph: impl Iterator<Item = &'a str>) -> String {
    let bytes = graph.flat_map(|line| line.trim_end().bytes().chain([b'\n']));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

/// What the first mark says of the graph, where the line is one.
fn begin_mark(line: &str) -> Option<Option<String>> {
    let said = line.strip_prefix(BEGIN)?.strip_suffix("%%")?;
    said.starts_with(' ').then(|| Some(said.trim().to_owned()).filter(|said| !said.is_empty()))
}

/// Where the marks stand. A mark is a line of its own, outside of code.
fn find(text: &str) -> Result<Option<Block>, GraphBlockError> {
    let offset = Note::parse(text).body_offset();
    let body = &text[offset..];
    if !body.contains(MARK) {
        return Ok(None);
    }
    let code = structure(body).code_blocks;
    let first_line = 1 + text[..offset].matches('\n').count();
    // The first mark: where it begins and ends, its seal and its line.
    let mut open: Option<(usize, usize, Option<String>, usize)> = None;
    let mut whole: Option<Block> = None;
    let mut at = 0;
    for (index, line) in body.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let number = first_line + index;
        let mark = line.trim_end();
        if code.iter().any(|block| block.contains(&start)) {
            continue;
        }
        if let Some(seal) = begin_mark(mark) {
            if open.is_some() || whole.is_some() {
                return Err(GraphBlockError::Twice { line: number });
            }
            open = Some((start, at, seal, number));
        } else if mark == END {
            let Some((begin, inside, seal, line)) = open.take() else {
                return Err(GraphBlockError::NoBegin { line: number });
            };
            whole = Some(Block {
                at: offset + begin..offset + start + mark.len(),
                inside: offset + inside..offset + start,
                seal,
                lines: (line, number),
            });
        }
    }
    match open {
        Some((.., line)) => Err(GraphBlockError::NoEnd { line }),
        None => Ok(whole),
    }
}
