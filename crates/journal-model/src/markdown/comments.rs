//! Obsidian's comments: `%%` to `%%`.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

/// The comments of a body, in order, their `%%` included.
///
/// A comment begins outside code and ends at the next `%%`, wherever that stands: plugins keep fenced code in comments.
/// One that begins its line may hold blank lines; one within a line ends in its paragraph or is none (`50%% … 20%%`).
pub(super) fn find(body: &str) -> Vec<Range<usize>> {
    if !body.contains("%%") {
        return Vec::new();
    }
    let code = code(body);
    let mut code = code.iter().peekable();
    let mut comments = Vec::new();
    let mut marks = body.match_indices("%%").map(|(at, _)| at).peekable();
    while let Some(open) = marks.next() {
        while code.next_if(|span| span.end <= open).is_some() {}
        // Code that begins inside the last comment is part of it, and what follows is not code.
        let begun_before = comments.last().map_or(0, |comment: &Range<usize>| comment.end);
        if code.peek().is_some_and(|span| span.start <= open && span.start >= begun_before) {
            continue;
        }
        let Some(&close) = marks.peek() else { break };
        if begins_line(body, open) || !has_blank_line(&body[open..close]) {
            comments.push(open..close + 2);
            marks.next();
        }
    }
    comments
}

fn code(body: &str) -> Vec<Range<usize>> {
    let parser = Parser::new_ext(body, super::OPTIONS).into_offset_iter();
    parser
        .filter_map(|(event, span)| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_))).then_some(span))
        .collect()
}

fn begins_line(body: &str, at: usize) -> bool {
    body[..at].trim_end_matches([' ', '\t']).chars().next_back().is_none_or(|before| before == '\n')
}

fn has_blank_line(text: &str) -> bool {
    let mut inner = text.split('\n').skip(1).peekable();
    while let Some(line) = inner.next() {
        if inner.peek().is_some() && line.trim().is_empty() {
            return true;
        }
    }
    false
}
