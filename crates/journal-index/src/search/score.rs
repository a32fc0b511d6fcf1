//! BM25 over the texts of a note, column weights and all, as FTS5 computes it.

use std::ops::Range;

use rusqlite::{CachedStatement, Connection};

use super::Plan;
use crate::{
    document::{B, K1, Texts, WEIGHTS},
    query::Atom,
    words::{Begins, Purpose, Role, each_word_among},
};

/// What scores depend on besides a note's own text. A cursor carries them, so that notes which did not change keep their
/// scores from page to page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Statistics {
    /// Notes of the index.
    pub notes: u32,
    /// Words of a note, on average.
    pub average: f32,
    /// In how many notes each term is.
    pub frequencies: Vec<u32>,
}

impl Statistics {
    /// How much a term weighs: BM25's inverse document frequency as FTS5 has it, and next to nothing where a word is in half
    /// of the notes or more. Forms that leave such words some weight found fewer of the notes that questions were taken from.
    pub(super) fn weight(&self, term: usize) -> f32 {
        let frequency = self.frequencies.get(term).copied().unwrap_or(0).min(self.notes) as f32;
        ((self.notes as f32 - frequency + 0.5) / (frequency + 0.5)).ln().max(LEAST_WEIGHT)
    }

    /// How rare a term is: Lucene's form of the same, which is above nothing for any word, so that texts can be compared among
    /// few notes as well.
    fn rarity(&self, term: usize) -> f32 {
        let frequency = self.frequencies.get(term).copied().unwrap_or(0).min(self.notes) as f32;
        ((self.notes as f32 - frequency + 0.5) / (frequency + 0.5)).ln_1p()
    }

    fn part(&self, term: usize, frequency: f32, words: u32) -> f32 {
        let norm = K1 * (1.0 - B + B * words as f32 / self.average.max(1.0));
        self.weight(term) * frequency * (K1 + 1.0) / (frequency + norm)
    }
}

/// What a word weighs that says nothing: enough to put notes with only such words in order.
const LEAST_WEIGHT: f32 = 0.02;

/// Scores notes from what is stored of them.
pub(super) struct Scorer<'a> {
    statement: CachedStatement<'a>,
    plan: &'a Plan,
    frequencies: Vec<f32>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(connection: &'a Connection, plan: &'a Plan) -> rusqlite::Result<Self> {
        let sql = "SELECT notes.path, notes.title, notes.aliases, notes.summary, notes.tags, texts.headings, texts.body
                   FROM notes JOIN texts USING (note) WHERE notes.note = ?1";
        Ok(Self { statement: connection.prepare_cached(sql)?, plan, frequencies: vec![0.0; plan.terms.len()] })
    }

    /// The score of a row; 0 when it is gone.
    pub(super) fn score(&mut self, row: i64) -> rusqlite::Result<f32> {
        let Some(words) = self.count(row)? else { return Ok(0.0) };
        Ok(self.found().map(|(term, frequency)| self.plan.statistics.part(term, frequency, words)).sum())
    }

    /// What the terms that a row has weigh of what all terms do, and how many words it has; `None` when it is gone.
    pub(super) fn share(&mut self, row: i64) -> rusqlite::Result<Option<(f32, u32)>> {
        let Some(words) = self.count(row)? else { return Ok(None) };
        let weight = |term| self.plan.statistics.rarity(term);
        let all: f32 = (0..self.frequencies.len()).map(weight).sum();
        let found: f32 = self.found().map(|(term, _)| weight(term)).sum();
        Ok(Some((if all > 0.0 { found / all } else { 0.0 }, words)))
    }

    /// The terms that the last row has, and how often.
    fn found(&self) -> impl Iterator<Item = (usize, f32)> {
        self.frequencies.iter().copied().enumerate().filter(|(_, frequency)| *frequency > 0.0)
    }

    /// Counts the terms in a row; returns how many words it has.
    fn count(&mut self, row: i64) -> rusqlite::Result<Option<u32>> {
        let mut rows = self.statement.query([row])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let text = |column: usize| -> rusqlite::Result<Option<&str>> {
            row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)
        };
        let lines = |column| Ok::<_, rusqlite::Error>(text(column)?.unwrap_or_default().lines());
        let path = text(0)?.unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or(path);
        let texts = Texts {
            body: text(6)?.unwrap_or_default(),
            title: text(1)?,
            stem: &name[..name.len().saturating_sub(".md".len())],
            aliases: lines(2)?.collect(),
            headings: lines(5)?.filter_map(|line| line.splitn(3, '\t').nth(2)).collect(),
            summary: text(3)?,
            tags: lines(4)?.collect(),
        };
        Ok(Some(count(self.plan, &texts, &mut self.frequencies)))
    }
}

/// The score of a note, and what each term adds to it.
pub(super) fn explain(plan: &Plan, texts: &Texts<'_>) -> (f32, Vec<(String, f32)>) {
    let mut frequencies = vec![0.0; plan.terms.len()];
    let words = count(plan, texts, &mut frequencies);
    let found = frequencies.iter().enumerate().filter(|(_, frequency)| **frequency > 0.0);
    let parts: Vec<(String, f32)> = found
        .map(|(term, frequency)| (plan.terms[term].said.clone(), plan.statistics.part(term, *frequency, words)))
        .collect();
    (parts.iter().map(|(_, part)| part).sum(), parts)
}

/// How often each term is in the texts, by the weights of the columns. Returns the number of words.
fn count(plan: &Plan, texts: &Texts<'_>, frequencies: &mut [f32]) -> u32 {
    frequencies.fill(0.0);
    let mut matcher = Matcher::new(plan);
    texts.iter().map(|(column, text)| matcher.each_match(text, |term, _| frequencies[term] += WEIGHTS[column])).sum()
}

/// Finds the terms of a plan in texts.
pub(super) struct Matcher<'p> {
    atoms: Vec<Sought<'p>>,
    /// How the words of the atoms begin: most words of a note are passed over by that.
    begins: Begins,
}

/// An atom, and how much of it the words before have matched.
struct Sought<'p> {
    term: usize,
    atom: &'p Atom,
    matched: usize,
    start: usize,
}

impl<'p> Matcher<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let atoms = plan
            .terms
            .iter()
            .enumerate()
            .flat_map(|(term, own)| own.atoms.iter().map(move |atom| Sought { term, atom, matched: 0, start: 0 }));
        let atoms: Vec<Sought<'p>> = atoms.collect();
        let mut begins = Begins::none();
        for Sought { atom, .. } in &atoms {
            for (place, word) in (1..).zip(&atom.words) {
                begins.add(word, atom.prefix && place == atom.words.len());
            }
        }
        Self { atoms, begins }
    }

    /// Tells each term found in `text` and where. Returns the number of words.
    pub(super) fn each_match(&mut self, text: &str, mut tell: impl FnMut(usize, Range<usize>)) -> u32 {
        let mut words = 0;
        reset(&mut self.atoms);
        let mut under_way = false;
        let Self { atoms, begins } = self;
        each_word_among(text, Purpose::Index, begins, |word| {
            let whole = word.as_ref().is_some_and(|word| word.role == Role::Whole);
            words += u32::from(!whole);
            let Some(word) = word.filter(|word| begins.allow(word.text.as_bytes())) else {
                if under_way && !whole {
                    reset(atoms);
                    under_way = false;
                }
                return;
            };
            for sought in &mut *atoms {
                // An identifier told whole is a word apart.
                if whole && sought.atom.words.len() > 1 {
                    continue;
                }
                match sought.follow(word.text, word.at.start) {
                    Followed::Ends => tell(sought.term, sought.start..word.at.end),
                    Followed::Begins => under_way = true,
                    Followed::Not => {}
                }
            }
        });
        words
    }
}

fn reset(atoms: &mut [Sought<'_>]) {
    atoms.iter_mut().for_each(|sought| sought.matched = 0);
}

/// What a word does to an atom.
enum Followed {
    Not,
    Begins,
    Ends,
}

impl Sought<'_> {
    fn follow(&mut self, word: &str, start: usize) -> Followed {
        let wanted = &self.atom.words;
        let is = |place: usize| {
            let prefix = self.atom.prefix && place + 1 == wanted.len();
            wanted[place] == word || (prefix && word.starts_with(wanted[place].as_str()))
        };
        if !is(self.matched) {
            let again = self.matched > 0 && is(0);
            self.matched = 0;
            if !again {
                return Followed::Not;
            }
        }
        if self.matched == 0 {
            self.start = start;
        }
        self.matched += 1;
        if self.matched < wanted.len() {
            return Followed::Begins;
        }
        self.matched = 0;
        Followed::Ends
    }
}
