//! What full-text search is given of a note: four columns of folded words, and words of ours that make it fast.
//!
//! FTS5 ranks by scoring every match, so a common word costs milliseconds at 10,000 notes. Instead, a note is also indexed
//! under `_0word` or `_1word` for each word it is strongly about, by BM25's own measure of how often the word stands in it, where, and
//! how long the note is. That list is short for any word, and the best notes are on it. Values of properties are words too
//! (`_gproject` is a tag), so a filter is one more list to intersect, in the ranking as in the count.
//!
//! The body comes first, because FTS5 spends two bytes a word and note on every other column.

use journal_model::name_key;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    kind::NoteKind,
    words::{Purpose, Role, each_word},
};

/// The columns' weights: a word in the title counts like so many in the text. Headings stand in the text as well.
pub(crate) const WEIGHTS: [f32; 4] = [1.0, 6.0, 1.0, 1.5];

/// BM25's parameters, as in FTS5.
pub(crate) const K1: f32 = 1.2;
/// See [`K1`].
pub(crate) const B: f32 = 0.75;

/// The length, in words, that counts as average where the index's own average must not matter.
const USUAL_WORDS: f32 = 300.0;

/// How many kinds of strongly about a word there are.
pub(crate) const TIERS: usize = 2;

/// From which shares of BM25's ceiling a note is strongly about a word. The second is for five times in a note of usual length,
/// once in its title, twice in a note of a few lines; the first for about twice as much. A lower bar makes longer lists and a
/// larger index, not better answers; with a single one, the best notes of a common word would be lost among the good.
const STRONG: [f32; TIERS] = [0.86, 0.77];

/// Marks words of ours; no word of a text holds it.
const MARK: char = '_';

/// Words that are in most English notes; to be strongly about them says nothing.
const EMPTY_WORDS: [&str; 34] = [
    "a", "about", "all", "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "has", "have", "if",
    "in", "is", "it", "no", "not", "of", "on", "or", "so", "that", "the", "this", "to", "was", "we", "with", "you",
];

/// A property that queries filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Field {
    Tag,
    Session,
    Type,
    Project,
    Branch,
    Status,
    Agent,
}

impl Field {
    /// The word under which a note with this value is found.
    pub(crate) fn word(self, value: &str) -> String {
        let letter = match self {
            Self::Tag => 'g',
            Self::Session => 's',
            Self::Type => 't',
            Self::Project => 'p',
            Self::Branch => 'b',
            Self::Status => 'u',
            Self::Agent => 'a',
        };
        let mut word = String::with_capacity(value.len() + 2);
        word.push(MARK);
        word.push(letter);
        for c in name_key(value.trim()).chars() {
            if c.is_ascii_alphanumeric() || !c.is_ascii() {
                word.push(c);
            } else {
                word.push(MARK);
                word.push_str(&format!("{:02x}", u32::from(c)));
            }
        }
        word
    }
}

/// The word under which notes are found that are strongly about `word`, the first tier the strongest.
pub(crate) fn strong_word(tier: usize, word: &str) -> String {
    format!("{MARK}{tier}{word}")
}

/// The texts of a note that are searched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts<'a> {
    pub body: &'a str,
    pub title: Option<&'a str>,
    pub stem: &'a str,
    pub aliases: Vec<&'a str>,
    pub headings: Vec<&'a str>,
    pub summary: Option<&'a str>,
    pub tags: Vec<&'a str>,
}

impl Texts<'_> {
    /// Each text with its column. What indexes a note and what scores it read the same.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        let stem = self.title.is_none_or(|title| title != self.stem).then_some(self.stem);
        let titles = self.title.into_iter().chain(stem).chain(self.aliases.iter().copied());
        let headings = self.headings.iter().copied().chain(self.summary);
        std::iter::once((0, self.body))
            .chain(titles.map(|text| (1, text)))
            .chain(headings.map(|text| (2, text)))
            .chain(self.tags.iter().map(|text| (3, *text)))
    }
}

/// What a document is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts<'a> {
    pub texts: Texts<'a>,
    pub kind: NoteKind,
    pub note_type: Option<&'a str>,
    pub session: Option<&'a str>,
    pub branch: Option<&'a str>,
    pub status: Option<&'a str>,
    pub project: Option<&'a str>,
    pub agent: Option<&'a str>,
}

impl Parts<'_> {
    fn filters(&self) -> Vec<String> {
        let mut words = vec![Field::Type.word(self.kind.as_str())];
        let fields = [
            (Field::Type, self.note_type.filter(|own| name_key(own) != self.kind.as_str())),
            (Field::Session, self.session),
            (Field::Status, self.status),
            (Field::Project, self.project),
            (Field::Agent, self.agent),
        ];
        words.extend(fields.into_iter().filter_map(|(field, value)| Some(field.word(value?))));
        if self.kind == NoteKind::Thought {
            words.push(Field::Branch.word(self.branch.unwrap_or("main")));
        }
        for tag in &self.texts.tags {
            let ends = tag.match_indices('/').map(|(at, _)| at).chain([tag.len()]);
            words.extend(ends.map(|end| Field::Tag.word(&tag[..end])));
        }
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// The columns of a note's row in the full-text index, words with spaces between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// Body, title, headings, tags. The first begins with words of ours.
    pub columns: [String; 4],
    /// How many words the note has, ours not counted.
    pub words: u32,
}

impl Document {
    pub(crate) fn new(parts: &Parts<'_>) -> Self {
        let mut columns: [String; 4] = Default::default();
        columns[0].reserve(parts.texts.body.len() + 512);
        let mut wholes = String::new();
        let mut counts = Counts::new(parts.texts.body.len() / 6 + 32);
        let mut words = 0;
        for (column, text) in parts.texts.iter() {
            each_word(text, Purpose::Index, |word| {
                let hash = xxh3_64(word.text.as_bytes());
                let place = if word.role == Role::Whole { WHOLES } else { column };
                let into = if place == WHOLES { &mut wholes } else { &mut columns[column] };
                let (start, length) = (into.len() as u32, word.text.len() as u16);
                let weight = WEIGHTS.get(place).copied().unwrap_or(WEIGHTS[0]);
                counts.add(Count { hash, frequency: weight, start, length, place: place as u8 });
                into.push_str(word.text);
                into.push(' ');
                words += u32::from(place != WHOLES);
            });
        }
        let mut first = wholes.clone();
        let norm = K1 * (1.0 - B + B * words as f32 / USUAL_WORDS);
        // From which frequencies on.
        let bars = STRONG.map(|share| norm * share / (1.0 - share));
        for Count { frequency, start, length, place, .. } in counts.words {
            let Some(tier) = bars.iter().position(|bar| frequency >= *bar) else { continue };
            let place = usize::from(place);
            let text = if place == WHOLES { &wholes } else { &columns[place] };
            let text = &text[start as usize..start as usize + usize::from(length)];
            if EMPTY_WORDS.binary_search(&text).is_err() {
                first.push_str(&strong_word(tier, text));
                first.push(' ');
            }
        }
        for filter in parts.filters() {
            first.push_str(&filter);
            first.push(' ');
        }
        first.push_str(&columns[0]);
        columns[0] = first;
        Self { columns, words }
    }
}

/// A word where it stands first, and how often it stands anywhere, by the weights of the columns. SQLite takes no text beyond
/// 1 GB, and words are cut when they are long.
struct Count {
    hash: u64,
    frequency: f32,
    start: u32,
    length: u16,
    place: u8,
}

/// The words of a note, each once, as a table with open addressing.
struct Counts {
    words: Vec<Count>,
    /// The number of a word in `words`, plus one, near the place that its hash gives it; 0 where there is none.
    slots: Vec<u32>,
}

impl Counts {
    fn new(expected: usize) -> Self {
        Self { words: Vec::with_capacity(expected), slots: vec![0; (2 * expected).next_power_of_two()] }
    }

    fn add(&mut self, count: Count) {
        let slot = self.slot(count.hash);
        if let Some(known) = (self.slots[slot] as usize).checked_sub(1) {
            self.words[known].frequency += count.frequency;
            return;
        }
        self.words.push(count);
        self.slots[slot] = self.words.len() as u32;
        if self.words.len() * 2 > self.slots.len() {
            self.slots = vec![0; self.slots.len() * 2];
            for number in 0..self.words.len() {
                let slot = self.slot(self.words[number].hash);
                self.slots[slot] = number as u32 + 1;
            }
        }
    }

    /// Where a word is, or may be put.
    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != 0 && self.words[self.slots[slot] as usize - 1].hash != hash {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// The place of identifiers told whole: before the body, where they break no phrase.
const WHOLES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Parts<'_> {
        Parts {
            texts: Texts {
                body,
                title: Some("Fix flaky test"),
                stem: "2026 Fix",
                aliases: vec!["CI"],
                headings: vec!["Cause"],
                summary: None,
                tags: vec!["area/ci", "Area/Nightly"],
            },
            kind: NoteKind::Thought,
            note_type: Some("thought"),
            session: Some("01KA"),
            branch: None,
            status: None,
            project: Some("my project"),
            agent: None,
        }
    }

    #[test]
    fn columns_hold_words_and_ours_come_first() {
        let document = Document::new(&parts("The lockFile is locked."));
        let [body, title, headings, tags] = &document.columns;
        assert!(body.ends_with("_tthought the lock file is locked "), "{body}");
        assert!(body.starts_with("lockfile _0"), "{body}");
        for word in
            ["_0flaky", "_0ci", "_garea", "_garea_2fci", "_garea_2fnightly", "_s01ka", "_pmy_20project", "_bmain"]
        {
            assert!(body.split(' ').any(|own| own == word), "{word}: {body}");
        }
        assert_eq!((title.as_str(), headings.as_str()), ("fix flaky test 2026 fix ci ", "cause "));
        assert_eq!(tags, "area ci area nightly ");
        assert_eq!(document.words, 5 + 6 + 1 + 4);
    }

    #[test]
    fn a_word_that_fills_a_note_is_strong_and_an_empty_one_never() {
        let filler = "quiet words go by ".repeat(70);
        let strong = |text: String| {
            let words = Document::new(&parts(&format!("{text}{filler}"))).columns[0].clone();
            words.split(' ').filter(|word| word.ends_with("cach") || word.ends_with("the")).map(str::to_owned).next()
        };
        assert_eq!(strong("the ".repeat(12)).as_deref(), Some("the"));
        assert_eq!(strong("cache ".to_owned()).as_deref(), Some("cach"));
        assert_eq!(strong("cache ".repeat(6)).as_deref(), Some("_1cach"));
        assert_eq!(strong("cache ".repeat(12)).as_deref(), Some("_0cach"));
    }

    #[test]
    fn empty_words_are_sorted() {
        assert!(EMPTY_WORDS.is_sorted());
    }
}
