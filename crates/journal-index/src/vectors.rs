//! Vectors of chunks: what a chunk means, as unit vectors that some model made, kept by the hash of what the model read.
//!
//! This crate knows no models. A model is a name, and vectors of two names never meet. A vector belongs to a
//! [text](PendingChunk::text), not to a note: a note that is moved, renamed or restored needs no new one, and a text that
//! stands in several notes has one. When the last chunk with a text goes, its vector stays until
//! [`Index::collect_vectors`](crate::Index::collect_vectors).
//!
//! A vector is kept twice. `vectors` has its floats, to be read one at a time by model and hash. `sketches` has the signs of
//! its components, a bit each, behind its hash: 64 bytes for 384 components, in rows that fill a page, so that a search reads
//! the bits of 300,000 chunks straight from the mapped file and copies nothing. The nearest few hundred by bits are compared by
//! their floats. So a similarity is always exact, and so is the list as long as there are no more than
//! that many texts to choose from. Beyond, the bits may miss some: among 33,000 and 330,000 vectors
//! in clusters they missed none of the nearest ten; for a question that is near to nothing, a third and three fifths, each
//! hardly nearer than the hundreds after it.
//!
//! sqlite-vec quantises and compares. Its own tables are not used: they choose the nearest `k` of each piece in `k` passes,
//! which takes 100 ms for 400 of 300,000, and they cannot ask whether some note that holds a chunk fits the filters.

mod adopt;
pub(crate) mod extension;
mod pending;
pub(crate) mod sketch;
mod store;
#[cfg(test)]
mod tests;

pub use adopt::Adopted;
pub use pending::PendingChunk;
pub use store::Collected;

use rusqlite::{Connection, OptionalExtension};

use crate::IndexError;

/// Why vectors could not be stored or compared.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// The vector has another length than those that the model has stored.
    #[error("the vectors of model `{model}` have {expected} components, and this one has {found}")]
    Dimensions {
        /// The model.
        model: String,
        /// Components of its stored vectors, or of the first of those that were given.
        expected: usize,
        /// Components of the vector that was given.
        found: usize,
    },
    /// The vector's length is not one, or a component is no number.
    #[error("model `{model}` gave a vector that has not length one")]
    NotUnit {
        /// The model.
        model: String,
    },
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// How far the square of a unit vector's length may be from one: what is left of rounding.
const UNIT_TOLERANCE: f32 = 1e-3;

/// A model that makes vectors, as whoever stores them names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingModel {
    /// Vectors are comparable when it is equal.
    pub name: String,
    /// Where the model is found again, in the words of whoever stores its vectors. It decides nothing here.
    pub source: String,
}

/// A model's row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredModel {
    pub row: i64,
    pub dimensions: usize,
}

/// The model of this name, if it has vectors or was given texts that it cannot read; these have no dimensions.
pub(crate) fn stored_model(connection: &Connection, name: &str) -> rusqlite::Result<Option<StoredModel>> {
    let sql = "SELECT model, dimensions FROM models WHERE name = ?1";
    let read =
        |row: &rusqlite::Row<'_>| Ok(StoredModel { row: row.get(0)?, dimensions: row.get::<_, u32>(1)? as usize });
    connection.prepare_cached(sql)?.query_row([name], read).optional()
}

/// Refuses a vector that is not one of length one with so many components.
pub(crate) fn check(model: &str, vector: &[f32], expected: usize) -> Result<(), VectorError> {
    if vector.len() != expected || vector.is_empty() {
        return Err(VectorError::Dimensions { model: model.to_owned(), expected, found: vector.len() });
    }
    let square: f32 = vector.iter().map(|own| own * own).sum();
    // A component that is no number makes the sum none.
    if (square - 1.0).abs() <= UNIT_TOLERANCE { Ok(()) } else { Err(VectorError::NotUnit { model: model.to_owned() }) }
}

/// A vector as sqlite-vec takes it.
pub(crate) fn packed(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|component| component.to_le_bytes()).collect()
}

/// The same, read back.
pub(crate) fn unpacked(floats: &[u8]) -> Vec<f32> {
    floats.chunks_exact(4).filter_map(|own| own.first_chunk()).map(|own| f32::from_le_bytes(*own)).collect()
}

/// The cosine of the angle between unit vectors that are so far apart.
pub(crate) fn similarity(distance: f64) -> f32 {
    (1.0 - distance * distance / 2.0).clamp(-1.0, 1.0) as f32
}

/// What is wrong between vectors and their sketches: there must be as many.
pub(crate) fn differing(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql =
        "SELECT name, model, dimensions, (SELECT count(*) FROM vectors WHERE vectors.model = models.model) FROM models";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, vectors): (String, i64) = (row.get(0)?, row.get(3)?);
        let mut sketches = 0;
        sketch::each(connection, row.get(1)?, row.get::<_, u32>(2)? as usize, |_, _| sketches += 1)?;
        if sketches != vectors {
            told.push(format!("model `{name}` has {vectors} vectors and {sketches} sketches"));
        }
    }
    Ok(told)
}
