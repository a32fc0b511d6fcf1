//! Chunks: a note's text in pieces that fit what reads them, each below one heading where that is possible.

use std::ops::Range;

use journal_model::{Structure, cut_to_tokens, estimate_tokens};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

/// A piece of a note's text. The chunks of a note tile its body: each byte is in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it stands in the body, in bytes.
    pub span: Range<usize>,
    /// 1-based first and last line in the file.
    pub lines: (u32, u32),
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// 128-bit XXH3 of its headings and text: two chunks with one hash are one to whatever is derived from them.
    pub hash: u128,
}

/// How large a chunk may be, in estimated tokens: what the usual small embedding models read is 256.
const MAX_TOKENS: usize = 230;

/// A section smaller than this joins the next one.
const MIN_TOKENS: usize = 100;

/// Cuts a body into chunks; `first_line` is the file's line on which it begins. An empty body has none.
pub(crate) fn chunks(body: &str, found: &Structure, first_line: usize) -> Vec<Chunk> {
    let mut pieces = Vec::new();
    for (section, tokens) in sections(body, found) {
        if tokens <= MAX_TOKENS {
            pieces.push(section);
        } else {
            split(body, section, found, &mut pieces);
        }
    }
    let mut path: Vec<(u8, String)> = Vec::new();
    let told = |path: &[(u8, String)]| path.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    let mut coming = found.headings.iter().peekable();
    let mut line = first_line;
    let mut chunks = Vec::with_capacity(pieces.len());
    for span in pieces {
        let mut headings = None;
        // A chunk of several small sections is known by the first of them.
        while let Some(heading) = coming.next_if(|heading| heading.span.start < span.end) {
            if !body[span.start..heading.span.start.max(span.start)].trim().is_empty() {
                headings.get_or_insert_with(|| told(&path));
            }
            path.truncate(path.iter().take_while(|(level, _)| *level < heading.level).count());
            path.push((heading.level, heading.text.split_whitespace().collect::<Vec<_>>().join(" ")));
            headings.get_or_insert_with(|| told(&path));
        }
        let headings = headings.unwrap_or_else(|| told(&path));
        let text = &body[span.clone()];
        let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
        let last = line + breaks - usize::from(text.ends_with('\n') && breaks > 0);
        chunks.push(Chunk {
            lines: (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(last).unwrap_or(u32::MAX)),
            hash: xxh3_128_with_seed(text.as_bytes(), xxh3_64(headings.join("\n").as_bytes())),
            headings,
            span,
        });
        line += breaks;
    }
    chunks
}

/// The sections of a body, the small ones joined, and how many tokens they have at most.
fn sections(body: &str, found: &Structure) -> Vec<(Range<usize>, usize)> {
    let mut sections = Vec::new();
    let starts = found.headings.iter().map(|heading| heading.span.start).filter(|start| *start > 0);
    let mut from = 0;
    let mut tokens = 0;
    let mut at = 0;
    for end in starts.chain([body.len()]) {
        let own = estimate_tokens(&body[at..end]);
        if at > from && (tokens >= MIN_TOKENS || tokens + own > MAX_TOKENS) {
            sections.push((from..at, tokens));
            (from, tokens) = (at, 0);
        }
        tokens += own;
        at = end;
    }
    if from < body.len() {
        sections.push((from..body.len(), tokens));
    }
    sections
}

/// Cuts a section that is too large: after paragraphs, else after lines, else within them.
fn split(body: &str, section: Range<usize>, found: &Structure, pieces: &mut Vec<Range<usize>>) {
    let mut from = section.start;
    while from < section.end {
        let rest = &body[from..section.end];
        let fits = cut_to_tokens(rest, MAX_TOKENS).len();
        if fits == rest.len() {
            pieces.push(from..section.end);
            return;
        }
        let in_code = |at: usize| found.code_blocks.iter().any(|code| code.start < at && at < code.end);
        let head = &rest[..fits];
        let paragraph =
            head.rmatch_indices("\n\n").map(|(at, _)| at + 2).find(|at| *at > fits / 3 && !in_code(from + at));
        let length = paragraph
            .or_else(|| head.rfind('\n').map(|at| at + 1).filter(|at| *at > fits / 3))
            .or_else(|| head.rfind(' ').map(|at| at + 1).filter(|at| *at > fits / 3))
            .unwrap_or_else(|| fits.max(rest.chars().next().map_or(1, char::len_utf8)));
        pieces.push(from..from + length);
        from += length;
    }
}

#[cfg(test)]
mod tests {
    use journal_model::structure;
    use proptest::prelude::*;

    use super::*;

    fn cut(body: &str) -> Vec<Chunk> {
        chunks(body, &structure(body), 5)
    }

    #[test]
    fn small_sections_join_and_large_ones_are_cut() {
        let long = "One sentence of several words. ".repeat(60);
        let body = format!("Intro.\n\n# A\n\nshort\n\n## B\n\n{long}\n\n{long}\n# C\nend\n");
        let chunks = cut(&body);
        let told: Vec<_> = chunks.iter().map(|chunk| (chunk.headings.join("/"), chunk.lines)).collect();
        assert_eq!(told[0], (String::new(), (5, 10)));
        assert_eq!(told[1].0, "A/B");
        assert_eq!(told.last().unwrap(), &("C".to_owned(), (16, 17)));
        assert!(chunks.iter().all(|chunk| estimate_tokens(&body[chunk.span.clone()]) <= MAX_TOKENS));
    }

    #[test]
    fn equal_texts_below_equal_headings_have_one_hash() {
        let (a, b, c) = (cut("# A\nx\n"), cut("# A\nx\n"), cut("# B\nx\n"));
        assert_eq!(a[0].hash, b[0].hash);
        assert_ne!(a[0].hash, c[0].hash);
        assert_eq!(cut(""), []);
    }

    proptest! {
        #[test]
        fn chunks_tile_the_body(body in "([a-z \n#`]|생각|\n\n# H\n|\n```\n){0,400}") {
            let chunks = cut(&body);
            let mut at = 0;
            for chunk in &chunks {
                prop_assert_eq!(chunk.span.start, at);
                prop_assert!(chunk.span.end > at && chunk.lines.0 <= chunk.lines.1);
                at = chunk.span.end;
            }
            prop_assert_eq!(at, body.len());
        }
    }
}
