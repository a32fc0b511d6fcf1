//! The title of a text that was given none: its first sentence.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

use super::UNTITLED;
use crate::markdown::OPTIONS;

/// How much of a text is looked at. A title is short, so what is not within this is not the beginning.
const HEAD_BYTES: usize = 4096;

/// Words whose period does not end a sentence, in lower case.
const ABBREVIATIONS: [&str; 11] =
    ["approx.", "bzw.", "ca.", "cf.", "dr.", "fig.", "mr.", "mrs.", "ms.", "prof.", "vs."];

/// The first sentence of a markdown text, as plain text in one line of at most `max_chars` characters: a title for a
/// thought.
///
/// Markers of headings, quotes, lists, emphasis and links are left out, and so is the final period. Where a code block
/// comes first, it is that block's first line. What is too long ends at a word with `…`. A text that says nothing is
/// [`UNTITLED`].
pub fn first_sentence(text: &str, max_chars: usize) -> String {
    let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
    let block = first_block(head);
    let words = without_callout(&block).split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let sentence = without_period(&line[..sentence_end(&line)]);
    if sentence.is_empty() { UNTITLED.to_owned() } else { shortened(sentence, max_chars) }
}

/// The text of the first block that has any; lines end in `\n`.
fn first_block(text: &str) -> String {
    let mut block = String::new();
    for event in Parser::new_ext(text, OPTIONS) {
        match event {
            Event::Text(piece) | Event::Code(piece) => block.push_str(&piece),
            // `Vec<String>` in prose looks like HTML.
            Event::InlineHtml(piece) => block.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => block.push('\n'),
            Event::End(TagEnd::CodeBlock) if !block.trim().is_empty() => {
                return block.trim_start().lines().next().unwrap_or_default().to_owned();
            }
            Event::Start(tag) if !is_inline(&tag) && !block.trim().is_empty() => return block,
            Event::End(end) if !is_inline_end(end) && !block.trim().is_empty() => return block,
            _ => {}
        }
    }
    // Nothing but rules, HTML or definitions: the text as it stands is better than no title.
    text.trim_start().lines().next().unwrap_or_default().to_owned()
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}

fn is_inline_end(end: TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

/// What a callout (`[!note]`, `[!note]- Title`) says: its title or, without one, its text; failing both, its kind.
fn without_callout(text: &str) -> &str {
    let Some((kind, rest)) = text.trim_start().strip_prefix("[!").and_then(|rest| rest.split_once(']')) else {
        return text;
    };
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let title = rest.lines().next().unwrap_or_default();
    [title, rest, kind].into_iter().find(|part| !part.trim().is_empty()).unwrap_or_default()
}

/// Where the first sentence with a letter or digit in it ends: Unicode's sentence boundaries (UAX #29), which know the
/// full stops of all scripts, but past abbreviations.
fn sentence_end(line: &str) -> usize {
    let ends = line.split_sentence_bound_indices().map(|(at, sentence)| at + sentence.len());
    ends.into_iter()
        .find(|end| line[..*end].contains(char::is_alphanumeric) && !ends_in_abbreviation(&line[..*end]))
        .unwrap_or(line.len())
}

fn ends_in_abbreviation(text: &str) -> bool {
    let word = text.trim_end().rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(text).to_lowercase();
    // `e.g.`, `z.B.`: single letters, each with its period. One letter alone is `plan B`.
    let is_letter = |part: &str| part.chars().count() == 1 && part.contains(char::is_alphabetic);
    let dotted = word.strip_suffix('.').is_some_and(|word| word.contains('.') && word.split('.').all(is_letter));
    dotted || ABBREVIATIONS.contains(&word.as_str())
}

fn without_period(sentence: &str) -> &str {
    let sentence = sentence.trim();
    match sentence.strip_suffix(['.', '。', '｡']) {
        Some(rest) if !rest.is_empty() && !rest.ends_with('.') && !ends_in_abbreviation(sentence) => rest.trim_end(),
        _ => sentence,
    }
}

/// At most `max_chars` characters, the last being `…` if any had to go.
fn shortened(sentence: &str, max_chars: usize) -> String {
    let Some((limit, _)) = sentence.char_indices().nth(max_chars) else { return sentence.to_owned() };
    let room = sentence[..limit].char_indices().next_back().map_or(0, |(at, _)| at);
    let graphemes = sentence.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    let whole = graphemes.take_while(|end| *end <= room).last().unwrap_or(room);
    let word = if sentence[whole..].starts_with(' ') { Some(whole) } else { sentence[..whole].rfind(' ') };
    let end = word.filter(|word| *word > whole / 2).unwrap_or(whole);
    let kept =
        sentence[..end].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–'));
    format!("{kept}…")
}
