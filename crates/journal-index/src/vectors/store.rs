//! Vectors written: stored, and collected when nothing has their text any more.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    EmbeddingModel, StoredModel, VectorError, check, packed,
    sketch::{self, Sketches},
    stored_model,
};
use crate::{Index, IndexError};

impl Index {
    /// Stores what `model` made of the texts of chunks, all of it or nothing; returns how many were new. What is stored
    /// already stays as it is, so a batch may be stored again. A hash that no chunk has any more is stored as well: the note
    /// may come back. A model that is known takes over the source that it is given with.
    ///
    /// # Errors
    /// [`VectorError::Dimensions`] and [`VectorError::NotUnit`] before anything is written, and what
    /// [`Index::apply`] answers.
    pub fn store_vectors(
        &mut self,
        model: &EmbeddingModel,
        vectors: &[(u128, Vec<f32>)],
    ) -> Result<usize, VectorError> {
        let name = &model.name;
        let dimensions = vectors.first().map_or(0, |(_, first)| first.len());
        for (_, vector) in vectors {
            check(name, vector, dimensions)?;
        }
        let stored = self.write("store vectors", |connection| {
            let sql = "UPDATE models SET source = ?2 WHERE name = ?1 AND source <> ?2";
            connection.prepare_cached(sql)?.execute([name, &model.source])?;
            if vectors.is_empty() {
                return Ok(Ok(0));
            }
            let known = match stored_model(connection, name)? {
                // Until now it could read none of the texts.
                Some(known) if known.dimensions == 0 => {
                    let sql = "UPDATE models SET dimensions = ?2 WHERE model = ?1";
                    let count = u32::try_from(dimensions).unwrap_or(u32::MAX);
                    connection.prepare_cached(sql)?.execute(params![known.row, count])?;
                    StoredModel { dimensions, ..known }
                }
                Some(known) if known.dimensions != dimensions => return Ok(Err(known.dimensions)),
                Some(known) => known,
                None => add_model(connection, model, dimensions)?,
            };
            let mut sketches = Sketches::new(connection, known.row)?;
            let mut new = 0;
            for (hash, vector) in vectors {
                let sql = "INSERT OR IGNORE INTO vectors (model, hash, floats) VALUES (?1, ?2, ?3)";
                let values = params![known.row, hash.to_be_bytes(), packed(vector)];
                if connection.prepare_cached(sql)?.execute(values)? > 0 {
                    sketches.add(*hash, &sketch::bits(connection, vector)?)?;
                    new += 1;
                }
            }
            sketches.finish()?;
            Ok(Ok(new))
        })?;
        stored.map_err(|expected| VectorError::Dimensions { model: name.clone(), expected, found: dimensions })
    }

    /// Notes down that `model` can read nothing of these texts: they are done, have no vector, and nothing is like them.
    ///
    /// # Errors
    /// As [`Index::apply`].
    pub fn store_unread(&mut self, model: &EmbeddingModel, texts: &[u128]) -> Result<(), IndexError> {
        self.write("note down what a model cannot read", |connection| {
            let known = match stored_model(connection, &model.name)? {
                Some(known) => known,
                None => add_model(connection, model, 0)?,
            };
            let sql = "INSERT OR IGNORE INTO vectors (model, hash, floats) VALUES (?1, ?2, x'')";
            for hash in texts {
                connection.prepare_cached(sql)?.execute(params![-known.row, hash.to_be_bytes()])?;
            }
            Ok(())
        })
    }

    /// Forgets a model. Nothing finds its vectors from then on; [`Index::collect_vectors`] removes them.
    ///
    /// # Errors
    /// As [`Index::apply`].
    pub fn drop_model(&mut self, model: &str) -> Result<(), IndexError> {
        self.write("forget a model", |connection| {
            let Some(known) = stored_model(connection, model)? else { return Ok(()) };
            sketch::clear(connection, known.row)?;
            connection.execute("DELETE FROM vectors WHERE model = -?1", [known.row])?;
            connection.execute("DELETE FROM models WHERE model = ?1", [known.row]).map(|_| ())
        })
    }

    /// Removes some of the vectors that nothing finds any more: those of models that were dropped, and behind the place `after`
    /// those whose text no chunk has. All of them are gone when it was called with each next place, from 0 on, until there is
    /// none. A note that was deleted and comes back after that has to be embedded again.
    ///
    /// # Errors
    /// As [`Index::apply`].
    pub fn collect_vectors(&mut self, after: i64) -> Result<Collected, IndexError> {
        self.write("collect vectors", |connection| {
            let mut models = connection.prepare_cached("SELECT min(model) FROM vectors WHERE model > ?1")?;
            let mut before = 0;
            while let Some(model) = models.query_row([before], |row| row.get::<_, Option<i64>>(0))? {
                if stored_by_row(connection, model)?.is_none() {
                    let sql = "DELETE FROM vectors WHERE vector IN
                                   (SELECT vector FROM vectors WHERE model = ?1 ORDER BY vector LIMIT ?2)";
                    let removed = connection.prepare_cached(sql)?.execute(params![model, COLLECTED_AT_ONCE])?;
                    return Ok(Collected { removed, next: Some(after) });
                }
                before = model;
            }
            collect(connection, after)
        })
    }
}

/// How many vectors of a model that was dropped are removed in one transaction: 3 MB of the usual kind.
const COLLECTED_AT_ONCE: u32 = 2_000;

/// How many rows of sketches are looked through in one transaction: about as many vectors.
const ROWS_AT_ONCE: u32 = 8;

/// What one step of a collection did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collected {
    /// How many vectors it removed.
    pub removed: usize,
    /// The place where the next step begins; `None` after the last one.
    pub next: Option<i64>,
}

/// Removes the vectors without a chunk from some rows of sketches behind `after`, and from those rows.
fn collect(connection: &Connection, after: i64) -> rusqlite::Result<Collected> {
    let mut has_text = connection.prepare_cached("SELECT 1 FROM chunks WHERE hash = ?1")?;
    let mut remove = connection.prepare_cached("DELETE FROM vectors WHERE model = ?1 AND hash = ?2")?;
    let mut collected = Collected { removed: 0, next: None };
    let rows = sketch::rows(connection, after, ROWS_AT_ONCE)?;
    for row in &rows {
        let Some(model) = stored_by_row(connection, row.model())? else { continue };
        let mut left = Vec::with_capacity(row.entries.len());
        for (hash, entry) in row.entries(model.dimensions) {
            if has_text.exists([hash])? {
                left.extend(entry);
            } else {
                collected.removed += remove.execute(params![model.row, hash])?;
            }
        }
        if left.len() < row.entries.len() {
            row.replace(connection, &left)?;
        }
    }
    collected.next = rows.last().map(|row| row.row);
    if collected.next.is_none() {
        let sql = "DELETE FROM vectors WHERE model < 0 AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = vectors.hash)";
        collected.removed += connection.prepare_cached(sql)?.execute([])?;
    }
    Ok(collected)
}

/// A model that is new. It has a number of its own also among those whose vectors are not collected yet.
fn add_model(connection: &Connection, model: &EmbeddingModel, dimensions: usize) -> rusqlite::Result<StoredModel> {
    let EmbeddingModel { name, source } = model;
    let sql = "INSERT INTO models (model, name, source, dimensions) VALUES (1 + max(
                   coalesce((SELECT max(model) FROM models), 0), coalesce((SELECT max(model) FROM vectors), 0)), ?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![name, source, u32::try_from(dimensions).unwrap_or(u32::MAX)])?;
    Ok(StoredModel { row: connection.last_insert_rowid(), dimensions })
}

fn stored_by_row(connection: &Connection, row: i64) -> rusqlite::Result<Option<StoredModel>> {
    let sql = "SELECT dimensions FROM models WHERE model = ?1";
    let dimensions = connection.prepare_cached(sql)?.query_row([row], |row| row.get::<_, u32>(0)).optional()?;
    Ok(dimensions.map(|dimensions| StoredModel { row, dimensions: dimensions as usize }))
}
