//! Where frontmatter ends and the body begins, on bytes, before anything is parsed.

use std::ops::Range;

/// How a note's bytes divide. Byte offsets into the note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Whether a UTF-8 byte order mark opens the note.
    pub bom: bool,
    /// What stands between the fences.
    pub matter: Matter,
    /// Where the body begins: after the closing fence's line, or after the BOM where there is no frontmatter.
    pub body: usize,
}

/// The block between the fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// The note does not open with a `---` line.
    None,
    /// The lines between the fences, without them.
    Closed(Range<usize>),
    /// An opening fence that no line closes (yet: `bytes` may be only the head of the file). Obsidian shows such a note
    /// as all body, and so do we: the range is where properties may be looked for all the same.
    Open(Range<usize>),
}

/// Divides a note, or the head of one.
///
/// A fence is a line of exactly `---`, white space at its end allowed; the first must be the note's first line.
pub fn split(bytes: &[u8]) -> Split {
    const BOM: &[u8] = b"\xEF\xBB\xBF";
    let bom = bytes.starts_with(BOM);
    let start = if bom { BOM.len() } else { 0 };
    let mut lines = Lines { bytes, at: start };
    let Some(first) = lines.next().filter(|line| is_fence(&bytes[line.clone()])) else {
        return Split { bom, matter: Matter::None, body: start };
    };
    for line in lines {
        if is_fence(&bytes[line.clone()]) {
            return Split { bom, matter: Matter::Closed(first.end..line.start), body: line.end };
        }
    }
    Split { bom, matter: Matter::Open(first.end..bytes.len()), body: start }
}

fn is_fence(line: &[u8]) -> bool {
    line.strip_prefix(b"---").is_some_and(|rest| rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')))
}

/// Lines with their endings, as ranges. Only LF ends a line, so CRLF stays whole.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        let line = self.at..self.at + length;
        self.at = line.end;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<&str>, &str) {
        let split = split(text.as_bytes());
        let matter = match split.matter {
            Matter::None => None,
            Matter::Closed(range) | Matter::Open(range) => Some(&text[range]),
        };
        (matter, &text[split.body..])
    }

    #[test]
    fn every_shape() {
        assert_eq!(parts("---\na: 1\n---\nbody"), (Some("a: 1\n"), "body"));
        assert_eq!(parts("---\r\na: 1\r\n--- \r\nbody\r\n"), (Some("a: 1\r\n"), "body\r\n"));
        assert_eq!(parts("\u{feff}---\na: 1\n---"), (Some("a: 1\n"), ""));
        assert_eq!(parts("---\n---\n\nbody"), (Some(""), "\nbody"));
        assert_eq!(parts("body\n---\na: 1\n---\n"), (None, "body\n---\na: 1\n---\n"));
        assert_eq!(parts("---\na: 1\nno end"), (Some("a: 1\nno end"), "---\na: 1\nno end"));
        assert_eq!(parts("----\nrule\n"), (None, "----\nrule\n"));
        assert_eq!(parts("\u{feff}abc"), (None, "abc"));
        assert_eq!(parts(""), (None, ""));
        assert_eq!(parts("---"), (Some(""), "---"));
    }
}
