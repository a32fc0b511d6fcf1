//! Chunks: a note's text in pieces that fit what reads them, each below one heading where that is possible.

use std::ops::Range;

use journal_model::{Structure, cut_to_tokens, estimate_tokens};
use xxhash_rust::xxh3::xxh3_128;

/// A piece of a note's text. The chunks of a note tile its body: each byte is in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it stands in the body, in bytes.
    pub span: Range<usize>,
    /// 1-based first and last line in the file.
    pub lines: (u32, u32),
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// How many bytes before it a model reads as well, where a section was cut: the last sentences of the chunk before.
    pub lead: usize,
    /// 128-bit XXH3 of [what a model reads](crate::PendingChunk::text): two chunks with one hash are one to whatever is derived from it.
    pub hash: u128,
}

/// How large a chunk may be, in estimated tokens. The usual small embedding models read 256, of which the title, the headings
/// and the lead take some.
const MAX_TOKENS: usize = 190;

/// How much of a cut section is read again with the piece that follows, in estimated tokens.
const LEAD_TOKENS: usize = 30;

/// How much of the title and the headings is told to a model, in estimated tokens.
const HEADING_TOKENS: usize = 30;

/// A section smaller than this joins the next one.
const MIN_TOKENS: usize = 100;

/// What a model is given of the chunk at `span` with its lead. Of a note without a text it is what the note is called.
pub(crate) fn text_of(
    title: Option<&str>,
    stem: &str,
    headings: &[String],
    body: &str,
    span: Range<usize>,
    lead: usize,
) -> String {
    if body.trim().is_empty() {
        return name_of(title, stem);
    }
    model_text(title, headings, body.get(span.start.saturating_sub(lead)..span.end).unwrap_or_default())
}

/// What a note without a text is known by.
pub(crate) fn name_of(title: Option<&str>, stem: &str) -> String {
    cut_to_tokens(title.unwrap_or(stem), HEADING_TOKENS).trim().to_owned()
}

/// The hash of what a model reads.
pub(crate) fn hash_of(text: &str) -> u128 {
    xxh3_128(text.as_bytes())
}

/// What a model is given of a text: the title that the note's properties name, the headings above it, and the text; nothing where
/// that is blank. The name of the file is no part of it, so that a note which is moved or renamed stays what it was.
fn model_text(title: Option<&str>, headings: &[String], text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut above: Vec<&str> = headings.iter().map(String::as_str).collect();
    if let Some(title) = title.filter(|title| above.first() != Some(title)) {
        above.insert(0, title);
    }
    let above = above.join(" / ");
    let above = cut_to_tokens(&above, HEADING_TOKENS).trim();
    if above.is_empty() { text.to_owned() } else { format!("{above}\n{text}") }
}

/// Cuts the body of a note into chunks; `first_line` is the file's line on which it begins. A body that says nothing is one.
pub(crate) fn chunks(title: Option<&str>, stem: &str, body: &str, found: &Structure, first_line: usize) -> Vec<Chunk> {
    if body.trim().is_empty() {
        let line = u32::try_from(first_line).unwrap_or(u32::MAX);
        let hash = hash_of(&name_of(title, stem));
        return vec![Chunk { span: 0..body.len(), lines: (line, line), headings: Vec::new(), lead: 0, hash }];
    }
    // Each with how much before it is read again.
    let mut pieces = Vec::new();
    for (section, tokens) in sections(body, found) {
        if tokens <= MAX_TOKENS {
            pieces.push((section, 0));
        } else {
            split(body, section, found, &mut pieces);
        }
    }
    let mut path: Vec<(u8, String)> = Vec::new();
    let told = |path: &[(u8, String)]| path.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    let mut coming = found.headings.iter().peekable();
    let mut line = first_line;
    let mut chunks = Vec::with_capacity(pieces.len());
    for (span, lead) in pieces {
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
            hash: hash_of(&text_of(title, stem, &headings, body, span.clone(), lead)),
            headings,
            lead,
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

/// Cuts a section that is too large: after paragraphs, else after sentences, else after lines, else within them. Code and
/// tables have no sentences: they are cut after lines.
fn split(body: &str, section: Range<usize>, found: &Structure, pieces: &mut Vec<(Range<usize>, usize)>) {
    let mut from = section.start;
    let in_code = |at: usize| {
        let begun = found.code_blocks.partition_point(|code| code.start < at);
        begun.checked_sub(1).is_some_and(|last| at < found.code_blocks[last].end)
    };
    let in_lines = |at: usize| {
        let line = body[..at].rfind('\n').map_or(0, |end| end + 1);
        body[line..].trim_start().starts_with('|') || in_code(at)
    };
    while from < section.end {
        let lead = if from > section.start { lead(body, section.start..from, in_lines) } else { 0 };
        let rest = &body[from..section.end];
        let fits = cut_to_tokens(rest, MAX_TOKENS).len();
        if fits == rest.len() {
            pieces.push((from..section.end, lead));
            return;
        }
        let head = &rest[..fits];
        let far_enough = |at: &usize| *at > fits / 3;
        let paragraph =
            head.rmatch_indices("\n\n").map(|(at, _)| at + 2).find(|at| far_enough(at) && !in_code(from + at));
        let length = paragraph
            .or_else(|| sentence_starts(head).filter(far_enough).filter(|at| !in_lines(from + at)).last())
            .or_else(|| head.rfind('\n').map(|at| at + 1).filter(far_enough))
            .or_else(|| head.rfind(' ').map(|at| at + 1).filter(far_enough))
            .unwrap_or_else(|| fits.max(rest.chars().next().map_or(1, char::len_utf8)));
        pieces.push((from..from + length, lead));
        from += length;
    }
}

/// How much of what stands before a cut is read again: whole sentences where there are some, else lines, else nothing.
fn lead(body: &str, before: Range<usize>, in_lines: impl Fn(usize) -> bool) -> usize {
    let text = &body[before.clone()];
    // A token is four characters of prose, or fewer.
    let tail = [4, 2, 1].iter().find_map(|characters| {
        let start = text.char_indices().rev().nth(characters * LEAD_TOKENS - 1).map_or(0, |(at, _)| at);
        (estimate_tokens(&text[start..]) <= LEAD_TOKENS).then_some(start)
    });
    let Some(start) = tail else { return 0 };
    if start == 0 {
        return text.len();
    }
    let tail = &text[start..];
    let sentences = sentence_starts(tail).filter(|at| !in_lines(before.start + start + at));
    let lines = tail.match_indices('\n').map(|(at, _)| at + 1);
    let whole = sentences.chain(lines).filter(|at| !tail[*at..].trim().is_empty()).min();
    whole.map_or(0, |at| tail.len() - at)
}

/// Where sentences and items of lists begin that another one stands before.
fn sentence_starts(text: &str) -> impl Iterator<Item = usize> {
    let mut before = (' ', ' ');
    let starts_item = |rest: &str| rest.starts_with("- ") || rest.starts_with("* ") || rest.starts_with("+ ");
    text.char_indices().filter_map(move |(at, c)| {
        let (end, space) = before;
        before = (if c.is_whitespace() || matches!(c, '"' | ')' | '\'' | '”' | '’' | '»') { end } else { c }, c);
        let ended = matches!(end, '.' | '!' | '?' | ':' | '…') && space.is_whitespace();
        let begins = !c.is_whitespace() && (ended || (space == '\n' && starts_item(&text[at..])));
        // Chinese and Japanese put no space behind a sentence.
        (begins || matches!(space, '。' | '！' | '？')).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use journal_model::structure;
    use proptest::prelude::*;

    use super::*;

    fn cut(body: &str) -> Vec<Chunk> {
        chunks(None, "Name", body, &structure(body), 5)
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
    fn a_cut_is_between_sentences_and_the_last_of_them_is_read_again() {
        let sentences: Vec<String> = (0..60).map(|n| format!("Sentence number {n} says some more words.")).collect();
        let body = sentences.join(" ");
        let cut = cut(&body);
        assert!(cut.len() > 2);
        for chunk in &cut[1..] {
            assert!(body[chunk.span.clone()].starts_with("Sentence"));
            let lead = &body[chunk.span.start - chunk.lead..chunk.span.start];
            assert!(lead.starts_with("Sentence") && lead.ends_with(". "), "{lead:?}");
        }
        assert_eq!(cut[0].lead, 0);
    }

    #[test]
    fn code_and_tables_are_cut_after_lines() {
        let code = format!("```\n{}```\n", "let value. of = \"x. y\"; call(value)\n".repeat(80));
        let table = "| a cell. And | another cell |\n".repeat(80);
        for body in [code, table] {
            for chunk in cut(&body) {
                assert!(body[chunk.span.clone()].ends_with('\n'), "{:?}", &body[chunk.span.clone()]);
            }
        }
    }

    #[test]
    fn a_model_reads_the_title_and_the_headings_first() {
        let headings = ["A".to_owned(), "B".to_owned()];
        assert_eq!(model_text(Some("T"), &headings, "x\n"), "T / A / B\nx");
        assert_eq!(model_text(Some("A"), &headings, "x"), "A / B\nx");
        assert_eq!(model_text(None, &[], " x"), "x");
        let long = "heading ".repeat(200);
        assert!(estimate_tokens(&model_text(Some(&long), &headings, "x")) < HEADING_TOKENS + 3);
    }

    #[test]
    fn equal_texts_below_equal_headings_have_one_hash() {
        let (a, b, c) = (cut("# A\nx\n"), cut("# A\nx\n"), cut("# B\nx\n"));
        assert_eq!(a[0].hash, b[0].hash);
        assert_ne!(a[0].hash, c[0].hash);
    }

    #[test]
    fn a_note_without_a_text_is_known_by_what_it_is_called() {
        for body in ["", " \n\n"] {
            let [chunk] = &cut(body)[..] else { panic!("{body:?}") };
            assert_eq!((chunk.span.clone(), chunk.hash), (0..body.len(), hash_of("Name")));
            assert_eq!(text_of(Some("Title"), "Name", &[], body, 0..body.len(), 0), "Title");
        }
        assert_eq!(model_text(Some("Title"), &["Heading".to_owned()], " \n"), "");
    }

    proptest! {
        #[test]
        fn chunks_tile_the_body(body in "([a-z \n#`]|생각|\n\n# H\n|\n```\n){0,400}") {
            let chunks = cut(&body);
            let mut at = 0;
            for chunk in &chunks {
                prop_assert_eq!(chunk.span.start, at);
                prop_assert!((chunk.span.end > at || body.is_empty()) && chunk.lines.0 <= chunk.lines.1);
                at = chunk.span.end;
            }
            prop_assert_eq!(at, body.len());
            for chunk in chunks {
                let read = body.get(chunk.span.start - chunk.lead..chunk.span.end);
                let read = model_text(Some("A title"), &chunk.headings, read.unwrap());
                prop_assert!(estimate_tokens(&read) <= MAX_TOKENS + LEAD_TOKENS + HEADING_TOKENS + 1);
            }
        }
    }
}
