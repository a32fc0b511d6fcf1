//! From text to the words that are indexed and searched for: folded, without diacritics, in every script.
//!
//! - Letters are compared without case, diacritics and compatibility forms. A regular English plural is its singular.
//! - Chinese, Japanese, Korean, Thai and their neighbours, which write no spaces between words or many endings on them,
//!   become pairs of characters, so that any part of a phrase finds it. The last character of a run also stands alone: a
//!   single character is found as the beginning of a pair or as that.
//! - `snake_case`, `kebab-case` and dotted paths are their parts in order. `camelCase` is too, and is told once more
//!   [whole](Role::Whole) for those who type `camelcase`.
//!
//! FTS5 gets the words with spaces between them and has only to split: its own tokenizers know neither pairs nor
//! identifiers, and one of our own would need `unsafe`. That the same function reads notes, queries and the texts in which
//! matches are highlighted is what keeps the three in agreement.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

mod fold;
mod script;
#[cfg(test)]
mod tests;

use fold::{fold, stem};
use script::{is_joiner, is_unspaced, is_word};

/// What the words are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be found: the text of a note.
    Index,
    /// To find with.
    Query,
}

/// How a word stands to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// One after the other.
    InOrder,
    /// A single character of a script without spaces; in a query it stands for all pairs that begin with it.
    Single,
    /// The whole of an identifier whose parts have been told.
    Whole,
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// What is indexed. Only letters and digits: no space, quote or other ASCII sign.
    pub text: &'a str,
    /// The same before its ending was taken off.
    pub folded: &'a str,
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// How it stands there.
    pub role: Role,
}

/// Longer runs of letters and digits are no words; what is beyond this many bytes is not looked at.
const MAX_WORD_BYTES: usize = 64;

/// Tells every word of `text` in order.
pub(crate) fn each_word(text: &str, purpose: Purpose, mut tell: impl FnMut(Word<'_>)) {
    each_word_among(text, purpose, &Begins::all(), |word| {
        if let Some(word) = word {
            tell(word);
        }
    });
}

/// As [`each_word`], for those who want only some words: of others they may be told just that there was one, which takes half
/// the time.
pub(crate) fn each_word_among(text: &str, purpose: Purpose, begins: &Begins, mut tell: impl FnMut(Option<Word<'_>>)) {
    let bytes = text.as_bytes();
    let mut buffers = Buffers::default();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match KINDS[usize::from(bytes[at])] {
            Kind::Other => {
                at += 1;
                continue;
            }
            Kind::Beyond => {}
            first => {
                at = run_end(bytes, lower_end(bytes, at + 1), Kind::Lower);
                let small = at;
                at = run_end(bytes, at, Kind::Upper);
                if at == bytes.len() || bytes[at].is_ascii() || !continues(text, at) {
                    if at > small {
                        buffers.identifier(text, start..at, &mut tell);
                    } else if !begins.allow(&bytes[start..at]) {
                        tell(None);
                    } else if first == Kind::Upper || at - start > MAX_WORD_BYTES {
                        buffers.word(text, start..at, Role::InOrder, &mut tell);
                    } else {
                        // Most words of most texts.
                        tell_stem(&text[start..at], start..at, Role::InOrder, &mut tell);
                    }
                    continue;
                }
                at = start;
            }
        }
        let Some(first) = text[at..].chars().next() else { break };
        if is_unspaced(first) {
            at += run_length(&text[at..], is_unspaced);
            buffers.pairs(text, start..at, purpose, &mut tell);
        } else if is_word(first) {
            at += run_length(&text[at..], |c| !is_unspaced(c) && (is_word(c) || is_joiner(c)));
            buffers.identifier(text, start..at, &mut tell);
        } else {
            at += first.len_utf8();
        }
    }
}

/// With which two bytes words may begin, roughly.
pub(crate) struct Begins(Box<[bool; 1024]>);

impl Begins {
    /// Any.
    fn all() -> Self {
        Self(Box::new([true; 1024]))
    }

    /// None yet.
    pub(crate) fn none() -> Self {
        Self(Box::new([false; 1024]))
    }

    /// Allows a word as it is indexed, or all that begin like it.
    pub(crate) fn add(&mut self, word: &str, prefix: bool) {
        let bytes = word.as_bytes();
        if prefix && bytes.len() < 2 {
            (0..=u8::MAX).for_each(|second| self.0[Self::place(&[bytes[0], second])] = true);
        }
        self.0[Self::place(bytes)] = true;
    }

    /// Whether a word may be one of them. Its case does not matter.
    pub(crate) fn allow(&self, word: &[u8]) -> bool {
        self.0[Self::place(word)]
    }

    fn place(word: &[u8]) -> usize {
        // With the 32 that tells capitals from small letters.
        let byte = |at: usize| word.get(at).map_or(0, |byte| usize::from(byte | 0x20));
        (byte(0) * 37 + byte(1)) & 1023
    }
}

/// What a byte is to a word, the letters and digits first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A small letter or a digit.
    Lower,
    /// A capital.
    Upper,
    /// Part of a character beyond ASCII.
    Beyond,
    /// No part of a word.
    Other,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            0x80.. => Kind::Beyond,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

/// Where the bytes from `at` on are no more of this kind or one before it.
fn run_end(bytes: &[u8], mut at: usize, most: Kind) -> usize {
    while bytes.get(at).is_some_and(|byte| KINDS[usize::from(*byte)] <= most) {
        at += 1;
    }
    at
}

/// Where the small letters from `at` on end, or earlier, eight bytes at a time: most words take one look.
fn lower_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let eight = u64::from_le_bytes(*eight);
        // With bytes below 0x80, no sum runs over into the next byte.
        let clear = eight & !HIGH;
        let from_a = clear + (0x80 - u64::from(b'a')) * ONES;
        let beyond_z = clear + (0x7f - u64::from(b'z')) * ONES;
        let others = (!from_a | beyond_z | eight) & HIGH;
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at
}

/// Tells a folded word without its ending.
fn tell_stem(folded: &str, at: Range<usize>, role: Role, tell: &mut impl FnMut(Option<Word<'_>>)) {
    let (length, ending) = stem(folded);
    match ending {
        None => tell(Some(Word { text: &folded[..length], folded, at, role })),
        Some(ending) => {
            let word = format!("{}{ending}", &folded[..length]);
            tell(Some(Word { text: &word, folded, at, role }));
        }
    }
}

/// Whether the character at `at` belongs to the word that ends before it.
fn continues(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(|c| !is_unspaced(c) && (is_word(c) || is_joiner(c)))
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// What is used again from word to word.
#[derive(Default)]
struct Buffers {
    folded: String,
    characters: Vec<(char, Range<usize>)>,
}

impl Buffers {
    fn word(&mut self, text: &str, at: Range<usize>, role: Role, tell: &mut impl FnMut(Option<Word<'_>>)) {
        self.folded.clear();
        let end = text.floor_char_boundary(at.end.min(at.start + MAX_WORD_BYTES));
        fold(&text[at.start..end], &mut self.folded);
        if self.folded.is_empty() {
            return;
        }
        tell_stem(&self.folded, at, role, tell);
    }

    /// A run of letters and digits that may be written in `camelCase`.
    fn identifier(&mut self, text: &str, at: Range<usize>, tell: &mut impl FnMut(Option<Word<'_>>)) {
        let mut start = at.start;
        let mut parts = 0;
        while let Some(end) = part_end(&text[start..at.end]).map(|length| start + length) {
            self.word(text, start..end, Role::InOrder, tell);
            start = end;
            parts += 1;
        }
        self.word(text, start..at.end, Role::InOrder, tell);
        if parts > 0 {
            self.word(text, at, Role::Whole, tell);
        }
    }

    fn pairs(&mut self, text: &str, at: Range<usize>, purpose: Purpose, tell: &mut impl FnMut(Option<Word<'_>>)) {
        let run = &text[at.clone()];
        self.characters.clear();
        if is_nfkc(run) {
            let places = run.char_indices().map(|(place, c)| (c, at.start + place..at.start + place + c.len_utf8()));
            self.characters.extend(places);
        } else {
            // Decomposed or half-width: where each character came from is not worth the effort.
            self.characters.extend(run.nfkc().filter(|c| !c.is_ascii()).map(|c| (c, at.clone())));
        }
        for (index, (c, place)) in self.characters.iter().enumerate() {
            let mut pair = [0; 8];
            let length = c.encode_utf8(&mut pair).len();
            let next = self.characters.get(index + 1);
            let (length, end, role) = match next {
                Some((next, next_place)) => {
                    (length + next.encode_utf8(&mut pair[length..]).len(), next_place.end, Role::InOrder)
                }
                None if index > 0 && purpose == Purpose::Query => return,
                None => (length, place.end, Role::Single),
            };
            let text = std::str::from_utf8(&pair[..length]).expect("whole characters were encoded");
            tell(Some(Word { text, folded: text, at: place.start..end, role }));
        }
    }
}

/// Where the first part of an identifier ends in `camelCase`, `HTMLParser` or `parseURLs`; `None` when it has one part.
fn part_end(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    let (_, mut before) = characters.next()?;
    let mut capitals = usize::from(before.is_uppercase());
    while let Some((place, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let next_is_lower = next.is_some_and(char::is_lowercase);
        if c.is_uppercase() {
            // The `s` of `URLs` belongs to what is before it.
            let plural = capitals > 0 && next == Some('s') && text[place..].len() == 2;
            if before.is_lowercase() || (next_is_lower && !plural && place > 0 && !is_joiner(before)) {
                return Some(place);
            }
            capitals += 1;
        }
        before = c;
    }
    None
}
