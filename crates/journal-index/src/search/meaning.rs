//! Search by meaning: the chunks whose vectors are nearest to that of a question, among those that the filters allow.
//!
//! Bits first, floats for the best of them (see [`crate::vectors`]). Filters are about notes and vectors about texts, so they
//! meet in one of two ways. When few notes are allowed, the hashes of their chunks are gathered and the scan takes no other.
//! Else the scan takes all, as many more as notes are refused, and again as many more until there are enough.
//!
//! Texts are what is near, and notes are what is told: one log of a thousand chunks may be all of the nearest few hundred. So
//! twice as many texts are compared, and again, until whoever asks has the notes they want, or what comes is near to nothing.

use std::collections::{HashMap, HashSet};

use rusqlite::{CachedStatement, Connection, params};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Allowed, Search};
use crate::{
    Chunk, NoteRow, Query, SearchOptions, Snapshot, VectorError,
    listing::stored_chunks,
    vectors::{self, StoredModel, packed, similarity, sketch},
};

/// What a question means to a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meaning<'q> {
    /// The name under which the model's vectors are stored.
    pub model: &'q str,
    /// The vector that the model made of the question, of length one.
    pub vector: &'q [f32],
    /// Whether only the meaning counts, and not the words.
    pub alone: bool,
    /// The least similarity with which a note is told that has none of the words; -1 for all that there are.
    pub least: f32,
}

/// A chunk that is near to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkHit {
    /// The note it stands in.
    pub note: NoteRow,
    /// The chunk.
    pub chunk: Chunk,
    /// The cosine of the angle between the vectors: 1 for the same direction.
    pub similarity: f32,
}

/// A chunk that is near, by its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    pub note: i64,
    pub place: i64,
    pub similarity: f32,
}

/// The nearest chunks.
pub(super) struct Nearest {
    /// Of as many texts as are compared for any question, the nearest first.
    pub first: Vec<Near>,
    /// Of those that were compared because the notes of the first were too few, likewise.
    pub beyond: Vec<Near>,
}

/// How many texts are compared by their floats, at least.
pub(crate) const RESCORED: usize = 400;

/// When so many notes are allowed or fewer, the hashes of their chunks are gathered.
const FEW_NOTES: usize = 5_000;

impl Meaning<'_> {
    /// Differs where pages would.
    pub(super) fn fingerprint(&self) -> u64 {
        xxh3_64_with_seed(self.model.as_bytes(), 1 + u64::from(self.alone))
    }
}

impl Snapshot<'_> {
    /// The `count` chunks that are nearest to `meaning`, the nearest first, in notes that the filters of `query` and
    /// `options` allow; fewer only when there are no more. Words of the query that must not be there count as filters. A text
    /// that stands in several notes is told with each. Empty when the model has stored nothing.
    ///
    /// # Errors
    /// [`VectorError::Dimensions`], [`VectorError::NotUnit`], and [`VectorError::Index`].
    pub fn nearest(
        &self,
        query: &Query,
        options: &SearchOptions,
        meaning: &Meaning<'_>,
        count: usize,
    ) -> Result<Vec<ChunkHit>, VectorError> {
        let Some(model) = self.model_of(meaning)? else { return Ok(Vec::new()) };
        let found = self.ask("search by meaning", |connection| {
            let search = Search::new(self, query, options, None)?;
            let texts = count.max(RESCORED);
            let mut nearest = search.nearest(&HashSet::new(), model, meaning.vector, texts, |_| Ok(true))?.first;
            nearest.truncate(count);
            let mut hits = Vec::with_capacity(nearest.len());
            for near in nearest {
                let note = crate::snapshot::note_of(connection, near.note)?;
                let place = usize::try_from(near.place).unwrap_or(usize::MAX);
                let chunk = stored_chunks(connection, near.note)?.into_iter().nth(place);
                hits.extend(chunk.map(|chunk| ChunkHit { note, chunk, similarity: near.similarity }));
            }
            Ok(hits)
        })?;
        Ok(found)
    }

    /// The model a question was put to, if it has stored anything.
    pub(super) fn model_of(&self, meaning: &Meaning<'_>) -> Result<Option<StoredModel>, VectorError> {
        let model = self.ask("search by meaning", |connection| vectors::stored_model(connection, meaning.model))?;
        let model = model.filter(|model| model.dimensions > 0);
        let dimensions = model.map_or(meaning.vector.len(), |model| model.dimensions);
        vectors::check(meaning.model, meaning.vector, dimensions)?;
        Ok(model)
    }
}

/// Which notes may be told, found out at once.
struct Fitting<'a> {
    allowed: &'a Allowed,
    /// The notes that full-text search lets pass, as bits; `None` when there are no filters for it.
    bits: Option<Vec<u64>>,
    /// How many notes fit, about.
    count: usize,
    /// All of them, when they are few.
    rows: Option<Vec<i64>>,
    /// Notes that are not asked for.
    refused: &'a HashSet<i64>,
}

impl Search<'_> {
    /// The nearest chunks without those of the notes in `refused`: of so many texts if there are so many, and of as many
    /// again until what was found is `enough`, which is asked with what each step has added.
    pub(super) fn nearest(
        &self,
        refused: &HashSet<i64>,
        model: StoredModel,
        vector: &[f32],
        texts: usize,
        mut enough: impl FnMut(&[Near]) -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<Nearest> {
        let connection = self.snapshot.connection;
        let fitting = self.fitting(refused)?;
        let bits = sketch::bits(connection, vector)?;
        let mut comparing = Comparing::new(connection, model, vector)?;
        let known = fitting.rows.as_deref().map(|rows| places_in(connection, rows)).transpose()?;
        let mut wanted = texts;
        if known.is_none() {
            let notes = self.plan.statistics.notes.max(1) as usize;
            // A quarter more, because nothing is spread evenly.
            wanted = texts.saturating_mul(notes) / fitting.count.max(1);
            wanted = wanted.saturating_add(wanted / 4).max(texts);
        }
        let mut statement = connection.prepare_cached("SELECT note, place FROM chunks WHERE hash = ?1")?;
        let (mut looked_at, mut compared, mut step_ends, mut step) = (0, 0, texts, 0);
        loop {
            let keep = |hash| known.as_ref().is_none_or(|known| known.contains_key(&hash));
            let scanned = sketch::scan(connection, model.row, model.dimensions, &bits, wanted, keep)?;
            for hash in scanned.nearest.iter().skip(looked_at) {
                if let Some(known) = &known {
                    comparing.compare(*hash, &known[hash])?;
                } else {
                    let mut places = Vec::new();
                    let mut rows = statement.query([hash.to_be_bytes()])?;
                    while let Some(row) = rows.next()? {
                        let (note, place) = (row.get(0)?, row.get(1)?);
                        if fitting.fits(connection, note)? {
                            places.push((note, place));
                        }
                    }
                    if places.is_empty() {
                        continue;
                    }
                    comparing.compare(*hash, &places)?;
                }
                compared += 1;
                if compared == step_ends {
                    if enough(&comparing.near[step..])? {
                        return Ok(comparing.finish());
                    }
                    comparing.first.get_or_insert(comparing.near.len());
                    (step_ends, step) = (step_ends.saturating_mul(2), comparing.near.len());
                }
            }
            if scanned.all {
                return Ok(comparing.finish());
            }
            looked_at = scanned.nearest.len();
            wanted = wanted.saturating_mul(8);
        }
    }

    /// How near the nearest chunk of each of `notes` is; a note without vectors is left out.
    pub(super) fn similarities(
        &self,
        model: StoredModel,
        vector: &[f32],
        notes: &[i64],
    ) -> rusqlite::Result<Vec<Near>> {
        let sql = "SELECT place, vec_distance_l2(floats, ?3) FROM chunks JOIN vectors ON model = ?2 AND vectors.hash = chunks.hash
                   WHERE note = ?1";
        let mut statement = self.snapshot.connection.prepare_cached(sql)?;
        let vector = packed(vector);
        let mut found = Vec::with_capacity(notes.len());
        for note in notes {
            let mut best: Option<Near> = None;
            let mut rows = statement.query(params![note, model.row, vector])?;
            while let Some(row) = rows.next()? {
                let near = Near { note: *note, place: row.get(0)?, similarity: similarity(row.get(1)?) };
                if best.is_none_or(|best| near.similarity > best.similarity) {
                    best = Some(near);
                }
            }
            found.extend(best);
        }
        Ok(found)
    }

    fn fitting<'a>(&'a self, refused: &'a HashSet<i64>) -> rusqlite::Result<Fitting<'a>> {
        let connection = self.snapshot.connection;
        let notes = self.allowed.most(self.plan.statistics.notes as usize);
        // How many notes a filter leaves that is looked up note by note is not known.
        let count = if self.allowed.is_looked_up() { notes / 2 } else { notes };
        let mut fitting = Fitting { allowed: &self.allowed, bits: None, count, rows: None, refused };
        if self.plan.is_narrowed() {
            let (mut bits, mut rows, mut count) = (Vec::new(), Vec::new(), 0);
            let mut statement = connection.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1")?;
            let mut found = statement.query([self.plan.narrowed([])])?;
            while let Some(row) = found.next()? {
                let note: u32 = row.get(0)?;
                if !self.allowed.fits(i64::from(note)) {
                    continue;
                }
                let word = note as usize / 64;
                if bits.len() <= word {
                    bits.resize(word + 1, 0_u64);
                }
                bits[word] |= 1 << (note % 64);
                count += 1;
                if count <= FEW_NOTES {
                    rows.push(i64::from(note));
                }
            }
            fitting.rows = (count <= FEW_NOTES).then_some(rows);
            (fitting.bits, fitting.count) = (Some(bits), count);
        } else if let Some(rows) = self.allowed.rows() {
            let rows: Vec<i64> = rows.iter().copied().filter(|row| self.allowed.fits(*row)).collect();
            fitting.count = rows.len();
            fitting.rows = (rows.len() <= FEW_NOTES).then_some(rows);
        }
        if let Some(rows) = &mut fitting.rows
            && self.allowed.is_looked_up()
        {
            let mut held = Vec::new();
            for row in rows.drain(..) {
                if self.allowed.holds(connection, row)? {
                    held.push(row);
                }
            }
            *rows = held;
        }
        if let Some(rows) = &mut fitting.rows {
            rows.retain(|row| !refused.contains(row));
        }
        Ok(fitting)
    }
}

impl Fitting<'_> {
    fn fits(&self, connection: &Connection, note: i64) -> rusqlite::Result<bool> {
        if let Some(bits) = &self.bits {
            let word = usize::try_from(note / 64).ok().and_then(|word| bits.get(word));
            if word.is_none_or(|word| word >> (note % 64) & 1 == 0) {
                return Ok(false);
            }
        }
        Ok(self.allowed.fits(note) && !self.refused.contains(&note) && self.allowed.holds(connection, note)?)
    }
}

/// Texts compared with a question by their floats.
struct Comparing<'c> {
    statement: CachedStatement<'c>,
    model: i64,
    vector: Vec<u8>,
    near: Vec<Near>,
    /// How many of them the first step found, where another followed.
    first: Option<usize>,
}

impl<'c> Comparing<'c> {
    fn new(connection: &'c Connection, model: StoredModel, vector: &[f32]) -> rusqlite::Result<Self> {
        let sql = "SELECT vec_distance_l2(floats, ?3) FROM vectors WHERE model = ?1 AND hash = ?2";
        let statement = connection.prepare_cached(sql)?;
        Ok(Self { statement, model: model.row, vector: packed(vector), near: Vec::new(), first: None })
    }

    /// Compares a text that stands at `places`.
    fn compare(&mut self, hash: u128, places: &[(i64, i64)]) -> rusqlite::Result<()> {
        let values = params![self.model, hash.to_be_bytes(), self.vector];
        let similarity = similarity(self.statement.query_row(values, |row| row.get(0))?);
        self.near.extend(places.iter().map(|(note, place)| Near { note: *note, place: *place, similarity }));
        Ok(())
    }

    fn finish(mut self) -> Nearest {
        let mut beyond = self.first.map_or_else(Vec::new, |first| self.near.split_off(first));
        for near in [&mut self.near, &mut beyond] {
            near.sort_by(|a, b| {
                b.similarity.total_cmp(&a.similarity).then(b.note.cmp(&a.note)).then(a.place.cmp(&b.place))
            });
        }
        Nearest { first: self.near, beyond }
    }
}

/// Where the texts of these notes stand.
fn places_in(connection: &Connection, notes: &[i64]) -> rusqlite::Result<HashMap<u128, Vec<(i64, i64)>>> {
    let mut places: HashMap<u128, Vec<(i64, i64)>> = HashMap::new();
    let mut statement = connection.prepare_cached("SELECT hash, place FROM chunks WHERE note = ?1")?;
    for note in notes {
        let mut chunks = statement.query([note])?;
        while let Some(chunk) = chunks.next()? {
            places.entry(u128::from_be_bytes(chunk.get(0)?)).or_default().push((*note, chunk.get(1)?));
        }
    }
    Ok(places)
}

/// Whether most of a step is too far away to be told: then the notes of the next one are, too.
pub(super) fn is_spent(step: &[Near], least: f32) -> bool {
    step.iter().filter(|near| near.similarity >= least).count() * 2 < step.len()
}

/// The nearest chunk of each note, the nearest first.
pub(super) fn best_of_each(mut near: Vec<Near>) -> Vec<Near> {
    let mut seen = HashSet::new();
    near.retain(|near| seen.insert(near.note));
    near
}
