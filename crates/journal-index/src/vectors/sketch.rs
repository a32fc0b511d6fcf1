//! Sketches: the signs of vectors' components, many to a row, and the scan over them.

use std::collections::BinaryHeap;

use rusqlite::{Connection, OptionalExtension, params};

use super::packed;

/// How many bytes of entries a row has at most. It fits into a page of the database with its header, so that SQLite hands out
/// the page itself.
const ROW_BYTES: usize = 16_000;

/// Bytes of a hash, which begins an entry.
const HASH_BYTES: usize = 16;

/// The rows of a model are numbered from this times the model's own number.
const ROWS: i64 = 1 << 32;

/// The signs of a vector's components, to whole words.
pub(crate) fn bits(connection: &Connection, vector: &[f32]) -> rusqlite::Result<Vec<u8>> {
    let mut padded = vector.to_vec();
    padded.resize(vector.len().next_multiple_of(64), 0.0);
    connection.prepare_cached("SELECT vec_quantize_binary(?1)")?.query_row([packed(&padded)], |row| row.get(0))
}

/// Adds entries to the sketches of a model.
pub(super) struct Sketches<'c> {
    connection: &'c Connection,
    row: i64,
    entries: Vec<u8>,
}

impl<'c> Sketches<'c> {
    /// Goes on after the last entry of `model`.
    pub(super) fn new(connection: &'c Connection, model: i64) -> rusqlite::Result<Self> {
        let sql =
            "SELECT sketch, entries FROM sketches WHERE sketch >= ?1 AND sketch < ?2 ORDER BY sketch DESC LIMIT 1";
        let last = connection
            .prepare_cached(sql)?
            .query_row(params![model * ROWS, (model + 1) * ROWS], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (row, entries) = last.unwrap_or((model * ROWS, Vec::new()));
        Ok(Self { connection, row, entries })
    }

    pub(super) fn add(&mut self, hash: u128, bits: &[u8]) -> rusqlite::Result<()> {
        if !self.entries.is_empty() && self.entries.len() + HASH_BYTES + bits.len() > ROW_BYTES {
            self.write()?;
            self.row += 1;
            self.entries.clear();
        }
        self.entries.extend(hash.to_be_bytes());
        self.entries.extend(bits);
        Ok(())
    }

    pub(super) fn finish(self) -> rusqlite::Result<()> {
        if self.entries.is_empty() { Ok(()) } else { self.write() }
    }

    fn write(&self) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO sketches (sketch, entries) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![self.row, self.entries]).map(|_| ())
    }
}

/// Removes the sketches of a model.
pub(super) fn clear(connection: &Connection, model: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM sketches WHERE sketch >= ?1 AND sketch < ?2";
    connection.prepare_cached(sql)?.execute(params![model * ROWS, (model + 1) * ROWS]).map(|_| ())
}

/// A row of sketches.
pub(super) struct Row {
    pub row: i64,
    pub entries: Vec<u8>,
}

/// So many rows behind a row, of all models in turn.
pub(super) fn rows(connection: &Connection, after: i64, most: u32) -> rusqlite::Result<Vec<Row>> {
    let sql = "SELECT sketch, entries FROM sketches WHERE sketch > ?1 ORDER BY sketch LIMIT ?2";
    let read = |row: &rusqlite::Row<'_>| Ok(Row { row: row.get(0)?, entries: row.get(1)? });
    connection.prepare_cached(sql)?.query_map(params![after, most], read)?.collect()
}

impl Row {
    /// The number of the model whose row it is.
    pub(super) fn model(&self) -> i64 {
        self.row / ROWS
    }

    /// The entries, each behind its hash.
    pub(super) fn entries(&self, dimensions: usize) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries.chunks_exact(width(dimensions)).map(|entry| (&entry[..HASH_BYTES], entry))
    }

    /// Leaves these entries in the row.
    pub(super) fn replace(&self, connection: &Connection, entries: &[u8]) -> rusqlite::Result<()> {
        if entries.is_empty() {
            let sql = "DELETE FROM sketches WHERE sketch = ?1";
            return connection.prepare_cached(sql)?.execute([self.row]).map(|_| ());
        }
        let sql = "UPDATE sketches SET entries = ?2 WHERE sketch = ?1";
        connection.prepare_cached(sql)?.execute(params![self.row, entries]).map(|_| ())
    }
}

/// Bytes of an entry.
fn width(dimensions: usize) -> usize {
    HASH_BYTES + dimensions.next_multiple_of(64) / 8
}

/// Tells each entry of a model: its hash and its bits.
pub(crate) fn each(
    connection: &Connection,
    model: i64,
    dimensions: usize,
    mut tell: impl FnMut(u128, &[u8]),
) -> rusqlite::Result<()> {
    let sql = "SELECT entries FROM sketches WHERE sketch >= ?1 AND sketch < ?2 ORDER BY sketch";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![model * ROWS, (model + 1) * ROWS])?;
    while let Some(row) = rows.next()? {
        for entry in row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?.chunks_exact(width(dimensions)) {
            let Some((hash, bits)) = entry.split_first_chunk::<HASH_BYTES>() else { continue };
            tell(u128::from_be_bytes(*hash), bits);
        }
    }
    Ok(())
}

/// The nearest entries of a model by bits.
pub(crate) struct Scanned {
    /// The nearest first.
    pub nearest: Vec<u128>,
    /// Whether these are all that `keep` allows.
    pub all: bool,
}

/// Finds the `wanted` entries that `keep` allows and whose bits differ least from `sought`. Entries that differ alike come in
/// the order of their hashes, so that a longer list begins with the shorter one.
pub(crate) fn scan(
    connection: &Connection,
    model: i64,
    dimensions: usize,
    sought: &[u8],
    wanted: usize,
    mut keep: impl FnMut(u128) -> bool,
) -> rusqlite::Result<Scanned> {
    let words: Vec<u64> = sought.chunks_exact(8).map(word).collect();
    let mut best: BinaryHeap<(u32, u128)> = BinaryHeap::new();
    let mut cutoff = u32::MAX;
    let mut all = true;
    each(connection, model, dimensions, |hash, bits| {
        let distance =
            words.iter().zip(bits.chunks_exact(8)).map(|(own, other)| (own ^ word(other)).count_ones()).sum();
        if distance > cutoff || !keep(hash) {
            all &= distance <= cutoff;
            return;
        }
        best.push((distance, hash));
        if best.len() > wanted {
            best.pop();
            all = false;
            cutoff = best.peek().map_or(0, |(distance, _)| *distance);
        }
    })?;
    Ok(Scanned { nearest: best.into_sorted_vec().into_iter().map(|(_, hash)| hash).collect(), all })
}

fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
