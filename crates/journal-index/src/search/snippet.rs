//! The part of a note that fits a query best, and a few lines of it with the words to highlight.

use std::ops::Range;

use super::{Plan, score::Matcher};
use crate::Chunk;

/// How long a snippet may be, in characters, and how many of them stand before the first match.
const LENGTH: usize = 200;
const BEFORE: usize = 40;

/// The best part of a note.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Snippet {
    pub headings: Vec<String>,
    pub lines: (u32, u32),
    pub text: String,
    pub highlights: Vec<Range<usize>>,
}

/// Finds the chunk with the most of the query's weight, and in it the window with the most.
pub(super) fn snippet(plan: &Plan, body: &str, chunks: &[Chunk]) -> Snippet {
    let mut matches: Vec<(usize, Range<usize>)> = Vec::new();
    Matcher::new(plan).each_match(body, |term, at| matches.push((term, at)));
    matches.sort_by_key(|(_, at)| (at.start, at.end));
    let weight = |span: &Range<usize>| {
        let mut seen = 0_u32;
        let own = matches.iter().filter(|(_, at)| span.start <= at.start && at.start < span.end);
        let mut weight = 0.0;
        for (term, _) in own {
            // Another word is worth more than the same one again.
            weight += plan.statistics.weight(*term) * if seen & (1 << term) == 0 { 1.0 } else { 0.05 };
            seen |= 1 << term;
        }
        weight
    };
    let mut best: Option<(f32, &Chunk)> = None;
    for chunk in chunks.iter().filter(|chunk| !body[chunk.span.clone()].trim().is_empty()) {
        let own = weight(&chunk.span);
        if best.is_none_or(|(most, _)| own > most) {
            best = Some((own, chunk));
        }
    }
    let Some((_, chunk)) = best else { return Snippet::default() };
    let mut window = (0.0, chunk.span.start);
    for (_, at) in matches.iter().filter(|(_, at)| chunk.span.contains(&at.start)) {
        let end = forward(body, at.start, LENGTH - BEFORE).min(chunk.span.end);
        let own = weight(&(at.start..end));
        if own > window.0 {
            window = (own, at.start);
        }
    }
    let start = if window.0 > 0.0 {
        word_start(body, back(body, window.1, BEFORE), chunk.span.start)
    } else {
        chunk.span.start
    };
    let end = forward(body, start, LENGTH).min(chunk.span.end);
    let mut snippet = Snippet { headings: chunk.headings.clone(), lines: chunk.lines, ..Snippet::default() };
    let cut = (!body[chunk.span.start..start].trim().is_empty(), !body[end..chunk.span.end].trim().is_empty());
    write(body, start..end, cut, &matches, &mut snippet);
    snippet
}

/// Writes a part of a body on one line, and where its matches are in that line.
fn write(body: &str, span: Range<usize>, cut: (bool, bool), matches: &[(usize, Range<usize>)], snippet: &mut Snippet) {
    let text = &mut snippet.text;
    if cut.0 {
        text.push('…');
    }
    let mut open: Option<(usize, usize)> = None;
    let mut coming =
        matches.iter().map(|(_, at)| at).filter(|at| at.start >= span.start && at.end <= span.end).peekable();
    for (place, c) in body[span.clone()].char_indices().map(|(place, c)| (span.start + place, c)) {
        if let Some((start, end)) = open
            && place >= end
        {
            snippet.highlights.push(start..text.trim_end().len());
            open = None;
        }
        while let Some(at) = coming.next_if(|at| at.start <= place) {
            match &mut open {
                // Pairs of characters overlap.
                Some((_, end)) => *end = at.end.max(*end),
                None => open = Some((text.len(), at.end)),
            }
        }
        if !c.is_whitespace() {
            text.push(c);
        } else if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
    }
    text.truncate(text.trim_end().len());
    if let Some((start, _)) = open {
        snippet.highlights.push(start..text.len());
    }
    if cut.1 {
        text.push('…');
    }
}

/// `count` characters on, or the end.
fn forward(text: &str, from: usize, count: usize) -> usize {
    text[from..].char_indices().nth(count).map_or(text.len(), |(at, _)| from + at)
}

/// `count` characters back, or the beginning.
fn back(text: &str, from: usize, count: usize) -> usize {
    text[..from].char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// The beginning of the first whole word from `at` on, not before `least`.
fn word_start(text: &str, at: usize, least: usize) -> usize {
    if at <= least {
        return least;
    }
    let rest = &text[at..];
    let skip = rest.char_indices().take(BEFORE / 2).find(|(_, c)| c.is_whitespace()).map_or(0, |(place, _)| place);
    at + skip + rest[skip..].len() - rest[skip..].trim_start().len()
}
