//! Vectors written: stored, and collected when nothing has their text any more.

use rusqlite::{Connection, params};

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

    /// Forgets a model and its vectors; returns how many there were.
    ///
    /// # Errors
    /// As [`Index::apply`].
    pub fn drop_model(&mut self, model: &str) -> Result<usize, IndexError> {
        self.write("drop the vectors of a model", |connection| {
            let Some(known) = stored_model(connection, model)? else { return Ok(0) };
            sketch::clear(connection, known.row)?;
            connection.execute("DELETE FROM models WHERE model = ?1", [known.row])?;
            connection.execute("DELETE FROM vectors WHERE model = ?1", [known.row])
        })
    }

    /// Removes vectors whose text no chunk has any more; returns how many. It looks at all of them, and every note that was
    /// deleted since the last time and comes back has to be embedded again: once a day is often enough.
    ///
    /// # Errors
    /// As [`Index::apply`].
    pub fn collect_vectors(&mut self) -> Result<usize, IndexError> {
        self.write("collect vectors", |connection| {
            let mut collected = 0;
            for model in models(connection)? {
                collected += collect(connection, model)?;
            }
            Ok(collected)
        })
    }
}

/// Removes a model's vectors without a chunk, and writes its sketches anew where there were some.
fn collect(connection: &Connection, model: StoredModel) -> rusqlite::Result<usize> {
    let sql =
        "DELETE FROM vectors WHERE model = ?1 AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = vectors.hash)";
    let collected = connection.prepare_cached(sql)?.execute([model.row])?;
    if collected == 0 {
        return Ok(0);
    }
    let mut entries = Vec::new();
    sketch::each(connection, model.row, model.dimensions, |hash, bits| entries.push((hash, bits.to_vec())))?;
    sketch::clear(connection, model.row)?;
    let mut sketches = Sketches::new(connection, model.row)?;
    let mut is_left = connection.prepare_cached("SELECT 1 FROM vectors WHERE model = ?1 AND hash = ?2")?;
    for (hash, bits) in entries {
        if is_left.exists(params![model.row, hash.to_be_bytes()])? {
            sketches.add(hash, &bits)?;
        }
    }
    sketches.finish()?;
    Ok(collected)
}

fn add_model(connection: &Connection, model: &EmbeddingModel, dimensions: usize) -> rusqlite::Result<StoredModel> {
    let EmbeddingModel { name, source } = model;
    let sql = "INSERT INTO models (name, source, dimensions) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![name, source, u32::try_from(dimensions).unwrap_or(u32::MAX)])?;
    Ok(StoredModel { row: connection.last_insert_rowid(), dimensions })
}

fn models(connection: &Connection) -> rusqlite::Result<Vec<StoredModel>> {
    let mut statement = connection.prepare_cached("SELECT model, dimensions FROM models ORDER BY model")?;
    let read =
        |row: &rusqlite::Row<'_>| Ok(StoredModel { row: row.get(0)?, dimensions: row.get::<_, u32>(1)? as usize });
    statement.query_map([], read)?.collect()
}
