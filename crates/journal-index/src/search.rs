//! Search by words: candidates from short lists, then BM25 over the best of them.
//!
//! FTS5's own `ORDER BY rank` scores every match: 320 ms for a question of five common words at 100,000 notes. Here:
//!
//! 1. The vocabulary tells in how many notes each word is; rare words weigh more, by BM25's measure.
//! 2. Candidates come from lists of notes: all notes of a rare word, and of a common one those that are
//!    [strongly about it](crate::document). Their number is bounded, whatever the query.
//! 3. The best candidates are read and scored by BM25 from their texts, with weights for title, headings and tags.
//!
//! Step 3 is exact, so an answer is only missed when step 2 passed it over: for a note that holds nothing but common words of
//! the query and is strongly about none. Where answers run out, the lists are read to their ends, so that a narrow filter
//! still finds what there is. Filters are words of the index as well and part of every list.
//!
//! Where a vector of the question is given, `meaning` finds the nearest chunks below the same filters and `fusion` says what
//! both lists are worth together.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::{IndexError, NoteRow, Query, Snapshot, VectorError};

mod allowed;
mod belonging;
mod candidates;
mod cursor;
mod exact;
mod fusion;
mod hybrid;
mod listed;
mod meaning;
mod plan;
mod related;
mod revised;
mod score;
mod snippet;
#[cfg(test)]
mod tests;

use allowed::Allowed;
use belonging::Belonging;
use cursor::Cursor;
use plan::{Plan, Sought};
use score::Scorer;

pub use meaning::{ChunkHit, Meaning};
pub use related::{Around, Likeness};

/// How a search is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOptions {
    /// The most hits on a page.
    pub limit: usize,
    /// [`Hits::cursor`] of the page before.
    pub cursor: Option<String>,
    /// Whether thoughts that a later one revises are told, too.
    pub include_superseded: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { limit: 10, cursor: None, include_superseded: false }
    }
}

/// A page of answers, the best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Hits {
    /// The answers.
    pub hits: Vec<Hit>,
    /// What speaks for each of them, in their order.
    pub grounds: Vec<Grounds>,
    /// How many notes fit, on all pages.
    pub total: Total,
    /// Whether too few notes have all the words, so that notes with some of them follow. Never where meaning was asked for.
    pub relaxed: bool,
    /// How many thoughts have the title or the words that were asked for and are not told because later ones revise them; 0
    /// where a note that is told has them, and behind the first page.
    pub revised: u64,
    /// With which to ask for the next page; `None` on the last one. Notes written meanwhile neither repeat nor hide a hit.
    pub cursor: Option<String>,
    /// What could not be done as asked, for people.
    pub notes: Vec<String>,
}

/// How many notes fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// So many, and perhaps more: counting on would take longer than searching.
    AtLeast(u64),
}

/// A note that answers a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The note.
    pub note: NoteRow,
    /// Why it is told.
    pub why: Why,
    /// Whether it has only some of the words. Never where meaning was asked for.
    pub partial: bool,
    /// BM25; 0 where no words were asked for.
    pub score: f32,
    /// What each found part of the query adds to the score, as typed.
    pub parts: Vec<(String, f32)>,
    /// The headings above the snippet, outermost first.
    pub headings: Vec<String>,
    /// 1-based first and last line, in the file, of the part of the note that fits best.
    pub lines: (u32, u32),
    /// A few lines of that part, as one.
    pub snippet: String,
    /// What to highlight in it, in bytes.
    pub highlights: Vec<Range<usize>>,
}

/// Why a note is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The query is its id, or the beginning or end of it.
    Id,
    /// The query is its title, its name or an alias.
    Title,
    /// It has the words or means what they ask; [`Hits::grounds`] says which.
    Words,
    /// It fits the filters; no words were asked for.
    Filter,
}

/// What speaks for a note. A note is told for its words, for its meaning, or for both.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Grounds {
    /// What its words add to the score; `None` when it has none of the query's words, or is told for its name.
    pub words: Option<f32>,
    /// What its meaning adds; `None` when that was not asked for, or the note has no vector yet.
    pub meaning: Option<f32>,
}

/// From which part of the score on words or meaning are said to be why a note is told: what shows in two digits.
const TELLING: f32 = 0.005;

impl Grounds {
    /// Why a note is told, as a code: what [`Hit::why`] says and, where that is words, whether it was these or the meaning.
    pub fn code(self, why: Why) -> &'static str {
        match why {
            Why::Id => "id",
            Why::Title => "title",
            Why::Filter => "filter",
            Why::Words => match (self.words, self.meaning) {
                (None, Some(_)) => "meaning",
                (Some(words), Some(meaning)) if words >= TELLING && meaning >= TELLING => "both",
                (Some(words), Some(meaning)) if words < meaning => "meaning",
                _ => "words",
            },
        }
    }
}

/// More than this many notes are not counted.
const MAX_COUNTED: u64 = 1_000;

/// Nobody turns so many pages; what is beyond is not ranked.
const MAX_SHOWN: usize = 2_000;

impl Snapshot<'_> {
    /// Searches by words and filters.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`]. No query is an error.
    pub fn search(&self, query: &Query, options: &SearchOptions) -> Result<Hits, IndexError> {
        self.ask("search", |_| Search::new(self, query, options, None)?.run())
    }

    /// Searches by words, filters and what the query means to a model. Notes that the query names by id, title or alias come
    /// first, and those that hold its quoted phrases before others; the rest goes by words and meaning together.
    ///
    /// A note without a vector is found by its words. When the model has stored no vectors at all, or the query has no words,
    /// this is [`Snapshot::search`].
    ///
    /// # Errors
    /// [`VectorError::Dimensions`] and [`VectorError::NotUnit`] when the vector is not one of that model, and
    /// [`VectorError::Index`]. No query is an error.
    pub fn search_with(
        &self,
        query: &Query,
        options: &SearchOptions,
        meaning: &Meaning<'_>,
    ) -> Result<Hits, VectorError> {
        let Some(model) = self.model_of(meaning)? else { return Ok(self.search(query, options)?) };
        Ok(self.ask("search", |_| Search::new(self, query, options, Some(meaning))?.run_hybrid(meaning, model))?)
    }
}

/// One search at work.
struct Search<'s> {
    snapshot: &'s Snapshot<'s>,
    query: &'s Query,
    options: &'s SearchOptions,
    plan: Plan,
    allowed: Allowed,
    cursor: Option<Cursor>,
    /// What was asked and how: cursors of another search are not understood.
    fingerprint: u64,
    notes: Vec<String>,
}

/// A row that answers, scored.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ranked {
    row: i64,
    full: bool,
    score: f32,
}

impl Ranked {
    /// The order of answers.
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let by_score = other.score.total_cmp(&self.score);
        other.full.cmp(&self.full).then(by_score).then(other.row.cmp(&self.row))
    }
}

/// Everything that was found, to tell a page of.
struct Page {
    /// The notes that the query names.
    exact: Vec<(i64, Why)>,
    /// The others, sorted.
    ranked: Vec<Ranked>,
    relaxed: bool,
    total: Total,
    /// See [`Hits::revised`].
    revised: u64,
    /// By row, where meaning was asked for.
    grounds: HashMap<i64, Grounds>,
    /// The nearest chunk of each row.
    places: HashMap<i64, i64>,
}

impl<'s> Search<'s> {
    fn new(
        snapshot: &'s Snapshot<'s>,
        query: &'s Query,
        options: &'s SearchOptions,
        meaning: Option<&Meaning<'_>>,
    ) -> rusqlite::Result<Self> {
        let facts = snapshot.facts()?;
        let fingerprint = query.fingerprint ^ meaning.map_or(0, Meaning::fingerprint);
        let mut notes = query.notes().to_vec();
        let cursor = options.cursor.as_deref().and_then(|text| {
            let cursor = Cursor::read(text).filter(|cursor| cursor.fingerprint == fingerprint);
            if cursor.is_none() {
                notes.push("the cursor belongs to another query; this is the first page".to_owned());
            }
            cursor
        });
        let statistics = cursor.as_ref().map(|cursor| cursor.statistics.clone());
        let belonging = Belonging::new(snapshot.connection, &query.filters)?;
        let plan = Plan::new(snapshot, &facts, query, &belonging, statistics)?;
        let allowed = Allowed::new(snapshot.connection, facts, &query.filters, belonging, options.include_superseded)?;
        Ok(Self { snapshot, query, options, plan, allowed, cursor, fingerprint, notes })
    }

    fn run(self) -> rusqlite::Result<Hits> {
        let named = self.named()?;
        let exact = self.exact(&named)?;
        if self.query.clauses.is_empty() {
            return self.run_listed(exact);
        }
        let (ranked, relaxed) = self.rank(self.shown() + self.options.limit + exact.len())?;
        let total = self.total(relaxed, &exact)?;
        let revised = self.revised(&named, &exact, Some(&ranked))?;
        self.page(Page { exact, ranked, relaxed, total, revised, grounds: HashMap::new(), places: HashMap::new() })
    }

    /// How many hits were told on earlier pages.
    fn shown(&self) -> usize {
        self.cursor.as_ref().map_or(0, |cursor| cursor.shown)
    }

    /// The page that follows the cursor.
    fn page(self, found: Page) -> rusqlite::Result<Hits> {
        let told: HashSet<i64> = found.exact.iter().map(|(row, _)| *row).collect();
        let (first_page, shown, limit) = (self.cursor.is_none(), self.shown(), self.options.limit);
        let wanted = limit.saturating_sub(if first_page { told.len() } else { 0 });
        let after = self.cursor.as_ref().and_then(|cursor| cursor.after);
        let mut rest = found
            .ranked
            .into_iter()
            .filter(|ranked| !told.contains(&ranked.row))
            .filter(|ranked| after.is_none_or(|after| after.compare(ranked).is_lt()));
        let page: Vec<Ranked> = rest.by_ref().take(wanted).collect();
        let more = rest.next().is_some() && shown + limit < MAX_SHOWN;
        let cursor = more.then(|| {
            let (shown, after) = (shown + limit, page.last().copied().or(after));
            let (fingerprint, statistics) = (self.fingerprint, self.plan.statistics.clone());
            Cursor { fingerprint, shown, relaxed: found.relaxed, after, changed: 0, statistics }.write()
        });
        let mut hits = Vec::with_capacity(limit);
        let mut grounds = Vec::with_capacity(limit);
        if first_page {
            for (row, why) in found.exact.into_iter().take(limit) {
                hits.push(self.hit(row, why, None, None)?);
                grounds.push(found.grounds.get(&row).copied().unwrap_or_default());
            }
        }
        for ranked in page {
            let own = found.grounds.get(&ranked.row).copied();
            let place = found.places.get(&ranked.row).copied();
            let place = place.filter(|_| own.is_some_and(|own| own.words.unwrap_or(0.0) < hybrid::TELLING_WORDS));
            hits.push(self.hit(ranked.row, Why::Words, Some(ranked), place)?);
            grounds.push(own.unwrap_or(Grounds { words: Some(ranked.score), meaning: None }));
        }
        let Page { total, relaxed, revised, .. } = found;
        Ok(Hits { hits, grounds, total, relaxed, revised, cursor, notes: self.notes })
    }

    /// The best answers, sorted, at least `wanted` of them if there are so many; and whether some lack words.
    fn rank(&self, wanted: usize) -> rusqlite::Result<(Vec<Ranked>, bool)> {
        let gather = |sought| candidates::gather(self.snapshot.connection, &self.plan, &self.allowed, sought, wanted);
        if self.plan.is_question() {
            let mut ranked = self.score(gather(Sought::Any)?, true)?;
            ranked.sort_by(Ranked::compare);
            return Ok((ranked, false));
        }
        let mut ranked = self.score(gather(Sought::All)?, true)?;
        let relaxes = match &self.cursor {
            Some(cursor) => cursor.relaxed,
            None => ranked.len() < wanted && self.plan.can_relax(),
        };
        if relaxes {
            let full: HashSet<i64> = ranked.iter().map(|ranked| ranked.row).collect();
            let others = gather(Sought::Any)?.into_iter().filter(|row| !full.contains(row)).collect();
            ranked.extend(self.score(others, false)?);
        }
        ranked.sort_by(Ranked::compare);
        Ok((ranked, relaxes))
    }

    fn score(&self, rows: Vec<i64>, full: bool) -> rusqlite::Result<Vec<Ranked>> {
        let mut scorer = Scorer::new(self.snapshot.connection, &self.plan)?;
        rows.into_iter().map(|row| Ok(Ranked { row, full, score: scorer.score(row)? })).collect()
    }

    fn total(&self, relaxed: bool, exact: &[(i64, Why)]) -> rusqlite::Result<Total> {
        let sought = if relaxed || self.plan.is_question() { Sought::Any } else { Sought::All };
        let expression = self.plan.expression(sought);
        let counted = self.allowed.count(self.snapshot.connection, &expression, MAX_COUNTED)?;
        let ids = exact.iter().filter(|(_, why)| *why == Why::Id).count() as u64;
        let beyond = |count: u64| if self.plan.incomplete { Total::AtLeast(count) } else { Total::Exactly(count) };
        Ok(match counted {
            Total::Exactly(count) => beyond(count + ids),
            Total::AtLeast(count) => Total::AtLeast(count),
        })
    }

    /// What is told of a row, shown by the chunk at `place` or by the one that fits the words best.
    fn hit(&self, row: i64, why: Why, ranked: Option<Ranked>, place: Option<i64>) -> rusqlite::Result<Hit> {
        let stored = crate::snapshot::stored_parts(self.snapshot.connection, row)?;
        let chunks = crate::listing::stored_chunks(self.snapshot.connection, row)?;
        let (score, parts) = score::explain(&self.plan, &stored.parts().texts);
        let place = place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < chunks.len());
        let shown = place.map_or(chunks.as_slice(), |place| &chunks[place..=place]);
        let found = snippet::snippet(&self.plan, &stored.body, shown);
        Ok(Hit {
            why,
            partial: why == Why::Words && !self.plan.is_question() && parts.len() < self.plan.terms.len(),
            score: ranked.map_or(score, |ranked| ranked.score),
            parts,
            headings: found.headings,
            lines: found.lines,
            snippet: found.text,
            highlights: found.highlights,
            note: stored.note,
        })
    }
}
