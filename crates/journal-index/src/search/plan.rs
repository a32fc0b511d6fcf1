//! A query against the state of an index: how rare each part is, and what FTS5 is asked.

use rusqlite::params;

use super::{belonging::Belonging, score::Statistics};
use crate::{
    NoteKind, Query, Snapshot,
    document::{Field, TIERS, strong_word},
    locate::END,
    query::{Atom, Clause},
    snapshot::Facts,
};

/// Which notes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// Those with every part of the query.
    All,
    /// Those with the firm parts or, where there is none, with any part.
    Any,
}

/// How a query is answered.
#[derive(Debug)]
pub(super) struct Plan {
    /// One for each clause of the query, in its order.
    pub terms: Vec<Term>,
    pub statistics: Statistics,
    /// Whether the expressions leave something out: a beginning that too many words have.
    pub incomplete: bool,
    /// The filters, as expressions that must all hold.
    filters: Vec<String>,
    /// What must not be found.
    excluded: Vec<String>,
}

/// A part of the query.
#[derive(Debug)]
pub(super) struct Term {
    pub said: String,
    pub atoms: Vec<Atom>,
    /// The notes that have it; not all of them where many words begin as it does.
    pub expression: String,
    /// All notes that have it, at whatever cost.
    pub whole: String,
    /// The notes that are strongly about it, the strongest first.
    pub strong: [String; TIERS],
    /// In how many notes it is, or a little more.
    pub frequency: u64,
    pub firm: bool,
}

/// A query of more words than this is a question: no note is expected to have them all.
const QUESTION_WORDS: usize = 3;

/// Until how many notes the words with one beginning are looked at: 3,000 and a tenth of all.
const PREFIX_NOTES: u64 = 3_000;
const PREFIX_SHARE: u64 = 10;

/// How many of them are searched for where there are more.
const PREFIX_WORDS: usize = 12;

/// How many notes of a phrase are counted to tell how rare it is.
const PHRASE_NOTES: u64 = 1_000;

impl Plan {
    /// Plans for a query; with the statistics of an earlier page where one is continued.
    pub(super) fn new(
        snapshot: &Snapshot<'_>,
        facts: &Facts,
        query: &Query,
        belonging: &Belonging,
        earlier: Option<Statistics>,
    ) -> rusqlite::Result<Self> {
        let mut look = Look { snapshot, notes: facts.notes.max(0).unsigned_abs(), incomplete: false };
        let terms = query.clauses.iter().map(|clause| look.term(clause)).collect::<rusqlite::Result<Vec<_>>>()?;
        let mut filters = Vec::new();
        for (field, values) in &query.filters.required {
            if let Some(sessions) = belonging.sessions(*field) {
                let words = values.iter().map(|value| field.word(value)).chain(sessions.iter().cloned());
                filters.push(either(words.map(|word| quoted(&word))));
            }
        }
        let mut excluded: Vec<String> =
            query.filters.excluded.iter().map(|(field, value)| quoted(&field.word(value))).collect();
        excluded.extend(belonging.excluded_sessions().iter().map(|word| quoted(word)));
        excluded.extend(query.excluded.iter().flat_map(|clause| clause.atoms.iter().map(Atom::expression)));
        let own = Statistics {
            notes: u32::try_from(facts.notes).unwrap_or(u32::MAX),
            average: facts.words.max(1) as f32 / facts.notes.max(1) as f32,
            frequencies: terms.iter().map(|term| u32::try_from(term.frequency).unwrap_or(u32::MAX)).collect(),
        };
        let statistics = earlier.filter(|earlier| earlier.frequencies.len() == terms.len()).unwrap_or(own);
        Ok(Self { terms, statistics, incomplete: look.incomplete, filters, excluded })
    }

    /// Whether it is text rather than search words.
    pub(super) fn is_question(&self) -> bool {
        self.loose().count() > QUESTION_WORDS
    }

    /// Whether there is something to do without.
    pub(super) fn can_relax(&self) -> bool {
        self.terms.len() > 1 && self.loose().next().is_some()
    }

    /// The parts that every note must have, and those that add to its score.
    pub(super) fn split(&self, sought: Sought) -> (Vec<usize>, Vec<usize>) {
        let all = 0..self.terms.len();
        match sought {
            Sought::All => (all.collect(), Vec::new()),
            Sought::Any => all.partition(|index| self.terms[*index].firm),
        }
    }

    /// The notes that are sought, in FTS5's syntax.
    pub(super) fn expression(&self, sought: Sought) -> String {
        let (required, optional) = self.split(sought);
        if required.is_empty() {
            return self.narrowed([either(optional.iter().map(|index| self.terms[*index].expression.clone()))]);
        }
        self.narrowed(required.iter().map(|index| self.terms[*index].expression.clone()))
    }

    /// The notes for which all `expressions` and the filters hold.
    pub(super) fn narrowed(&self, expressions: impl IntoIterator<Item = String>) -> String {
        let mut whole = expressions.into_iter().chain(self.filters.iter().cloned()).collect::<Vec<_>>().join(" AND ");
        if whole.is_empty() {
            // Every note has a kind.
            let kinds = [NoteKind::Note, NoteKind::Thought, NoteKind::Session];
            whole = either(kinds.iter().map(|kind| quoted(&Field::Type.word(kind.as_str()))));
        }
        if self.excluded.is_empty() {
            whole
        } else {
            format!("({whole}) NOT {}", either(self.excluded.iter().cloned()))
        }
    }

    /// Whether there are filters that full-text search knows of.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.filters.is_empty() || !self.excluded.is_empty()
    }

    /// Whether a part must be there, whatever else is.
    pub(super) fn is_firm(&self) -> bool {
        self.terms.iter().any(|term| term.firm)
    }

    fn loose(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| !term.firm)
    }
}

/// A look at the vocabulary.
struct Look<'s> {
    snapshot: &'s Snapshot<'s>,
    notes: u64,
    incomplete: bool,
}

impl Look<'_> {
    fn term(&mut self, clause: &Clause) -> rusqlite::Result<Term> {
        let mut expressions = Vec::new();
        let mut strong: [Vec<String>; TIERS] = Default::default();
        let mut frequency = 0;
        for atom in &clause.atoms {
            match (atom.words.as_slice(), atom.prefix) {
                ([word], false) => {
                    expressions.push(atom.expression());
                    for (tier, strong) in strong.iter_mut().enumerate() {
                        strong.push(quoted(&strong_word(tier, word)));
                    }
                    frequency += self.snapshot.frequency(word)?;
                }
                ([word], true) => {
                    frequency += self.beginning(atom, &mut expressions)?;
                    // The list of a single letter would be as long as the index.
                    for (tier, strong) in strong.iter_mut().enumerate().filter(|_| word.len() > 1) {
                        strong.push(format!("{}*", quoted(&strong_word(tier, word))));
                    }
                }
                (words, _) => {
                    expressions.push(atom.expression());
                    let whole = &words[..words.len() - usize::from(atom.prefix)];
                    for (tier, strong) in strong.iter_mut().enumerate() {
                        let words = whole.iter().map(|word| quoted(&strong_word(tier, word)));
                        let all: Vec<String> = words.chain([atom.expression()]).collect();
                        strong.push(format!("({})", all.join(" AND ")));
                    }
                    frequency += self.phrase(atom, whole)?;
                }
            }
        }
        let frequency = frequency.min(self.notes);
        if expressions.is_empty() {
            // No word begins like this.
            expressions.push(nothing());
        }
        let strong = strong.map(|own| if own.is_empty() { nothing() } else { either(own) });
        let whole = either(clause.atoms.iter().map(Atom::expression));
        let (said, atoms) = (clause.said.clone(), clause.atoms.clone());
        Ok(Term { said, atoms, expression: either(expressions), whole, strong, frequency, firm: clause.firm })
    }

    /// Takes in the words that begin like this. FTS5's own prefix query reads all their lists before it answers, so it is only
    /// asked where those are short; else some of the words stand for all, and the strong lists have the best notes of each.
    fn beginning(&mut self, atom: &Atom, expressions: &mut Vec<String>) -> rusqlite::Result<u64> {
        let sql = "SELECT term, doc FROM vocabulary WHERE term >= ?1 AND term < ?1 || ?2";
        let mut statement = self.snapshot.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![atom.words[0], END.to_string()])?;
        let mut words: Vec<(u64, String)> = Vec::new();
        let mut notes = 0;
        while let Some(row) = rows.next()? {
            let own = row.get::<_, i64>(1)?.max(0).unsigned_abs();
            words.push((own, row.get(0)?));
            notes += own;
            if notes >= PREFIX_NOTES + self.notes / PREFIX_SHARE {
                self.incomplete = true;
                words.sort_unstable_by(|a, b| b.cmp(a));
                expressions.extend(words.into_iter().take(PREFIX_WORDS).map(|(_, word)| quoted(&word)));
                return Ok(notes);
            }
        }
        expressions.extend((!words.is_empty()).then(|| atom.expression()));
        Ok(notes)
    }

    /// In how many notes a phrase is: counted where it is rare, else guessed from its rarest word.
    fn phrase(&self, atom: &Atom, whole: &[String]) -> rusqlite::Result<u64> {
        let mut rarest = self.notes;
        for word in whole {
            rarest = rarest.min(self.snapshot.frequency(word)?);
        }
        if rarest == 0 {
            return Ok(0);
        }
        let sql = "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 LIMIT ?2)";
        let limit = i64::try_from(PHRASE_NOTES).unwrap_or(i64::MAX);
        let counted: i64 = self
            .snapshot
            .connection
            .prepare_cached(sql)?
            .query_row(params![atom.expression(), limit], |row| row.get(0))?;
        let counted = counted.max(0).unsigned_abs();
        Ok(if counted < PHRASE_NOTES { counted } else { rarest.div_ceil(2).max(counted) })
    }
}

pub(super) fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// An expression that finds nothing: no note is strongly about no word.
fn nothing() -> String {
    quoted(&strong_word(0, ""))
}

/// Any of some expressions.
pub(super) fn either(expressions: impl IntoIterator<Item = String>) -> String {
    let expressions: Vec<String> = expressions.into_iter().collect();
    match expressions.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", expressions.join(" OR ")),
    }
}
