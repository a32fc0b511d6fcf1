//! What is to be embedded, and how far that is.

use std::collections::HashSet;

use journal_model::VaultPath;
use rusqlite::params;

use super::{EmbeddingModel, stored_model, unpacked};
use crate::{
    Chunk, IndexError, IndexedNote, Snapshot,
    chunk::text_of,
    snapshot::{read_lines, read_path},
};

/// A text that a model has no vector of yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChunk {
    /// [`Chunk::hash`](crate::Chunk::hash), under which the vector is stored.
    pub hash: u128,
    /// What the model reads: the note's title, the headings above, the last sentences before where a section was cut, and the
    /// chunk.
    pub text: String,
}

impl IndexedNote {
    /// What a model reads of the note, in its order: one for each chunk.
    pub fn model_texts(&self) -> Vec<PendingChunk> {
        let text = |chunk: &Chunk| {
            let (title, stem) = (self.title.as_deref(), self.path.stem());
            let text = text_of(title, stem, &chunk.headings, &self.body, chunk.span.clone(), chunk.lead);
            PendingChunk { hash: chunk.hash, text }
        };
        self.chunks.iter().map(text).collect()
    }
}

impl Snapshot<'_> {
    /// The texts that `model` has no vector of and that are not [noted](crate::Index::store_unread) as none it can read, `limit` of them at most and each once: those of sessions and thoughts first,
    /// and the newest first; of some notes only, by their age alone. It looks at the chunks of every note before the last one it tells, and at those of `most` notes
    /// at most: half a second when most of 100,000 notes are done.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn pending_chunks(&self, model: &str, limit: usize, most: usize) -> Result<Vec<PendingChunk>, IndexError> {
        self.ask("look for texts without a vector", |connection| {
            // No model has this row.
            let model = stored_model(connection, model)?.map_or(0, |model| model.row);
            // The newest alone are found by their index, whatever their kind.
            let sql = match most {
                usize::MAX => "SELECT note FROM notes ORDER BY kind = 2, changed DESC, note DESC LIMIT ?1",
                _ => "SELECT note FROM notes ORDER BY changed DESC, note DESC LIMIT ?1",
            };
            let mut notes = connection.prepare_cached(sql)?;
            let mut notes = notes.query([i64::try_from(most).unwrap_or(i64::MAX)])?;
            let mut chunks = connection.prepare_cached(
                "SELECT hash, headings, lead, start, length FROM chunks WHERE note = ?1
                   AND NOT EXISTS (SELECT 1 FROM vectors WHERE model = ?2 AND vectors.hash = chunks.hash)
                   AND NOT EXISTS (SELECT 1 FROM vectors WHERE model = -?2 AND vectors.hash = chunks.hash) ORDER BY place",
            )?;
            let mut text = connection.prepare_cached(
                "SELECT notes.title, texts.body, notes.path FROM notes JOIN texts USING (note) WHERE note = ?1",
            )?;
            let mut seen = HashSet::new();
            let mut pending = Vec::new();
            while let Some(note) = notes.next()? {
                let note: i64 = note.get(0)?;
                let mut rows = chunks.query(params![note, model])?;
                let mut found: Option<(Option<String>, String, VaultPath)> = None;
                while let Some(row) = rows.next()? {
                    if pending.len() == limit {
                        return Ok(pending);
                    }
                    let hash = u128::from_be_bytes(row.get(0)?);
                    if !seen.insert(hash) {
                        continue;
                    }
                    let (title, body, path) = match &found {
                        Some(found) => found,
                        None => {
                            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, read_path(row, 2)?));
                            found.insert(text.query_row([note], read)?)
                        }
                    };
                    let offset = |column| Ok::<_, rusqlite::Error>(row.get::<_, u32>(column)? as usize);
                    let (lead, start, length) = (offset(2)?, offset(3)?, offset(4)?);
                    let headings = read_lines(row, 1)?;
                    let text = text_of(title.as_deref(), path.stem(), &headings, body, start..start + length, lead);
                    pending.push(PendingChunk { hash, text });
                }
            }
            Ok(pending)
        })
    }

    /// The vectors that `model` has of these texts, in their order; those that it has none of are left out.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn vectors_of(&self, model: &str, texts: impl IntoIterator<Item = u128>) -> Result<Vec<Vec<f32>>, IndexError> {
        self.ask("read vectors", |connection| {
            let Some(model) = stored_model(connection, model)? else { return Ok(Vec::new()) };
            let sql = "SELECT floats FROM vectors WHERE model = ?1 AND hash = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let mut vectors = Vec::new();
            for hash in texts {
                let mut rows = statement.query(params![model.row, hash.to_be_bytes()])?;
                if let Some(row) = rows.next()? {
                    vectors.push(unpacked(row.get_ref(0)?.as_blob()?));
                }
            }
            Ok(vectors)
        })
    }

    /// The models that have vectors, the one that was stored first before the others.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn models(&self) -> Result<Vec<EmbeddingModel>, IndexError> {
        self.ask("list the models", |connection| {
            let mut models = connection.prepare_cached("SELECT name, source FROM models ORDER BY model")?;
            let models = models.query_map([], |row| Ok(EmbeddingModel { name: row.get(0)?, source: row.get(1)? }))?;
            models.collect()
        })
    }

    /// How many texts `model` has a vector of or cannot read, and how many there are. It looks at all of them.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn vector_counts(&self, model: &str) -> Result<(u64, u64), IndexError> {
        self.ask("count vectors", |connection| {
            let model = stored_model(connection, model)?.map_or(0, |model| model.row);
            let sql = "SELECT count(vector) + (SELECT count(*) FROM vectors AS unread WHERE unread.model = -?1
                                  AND EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = unread.hash)), count(*)
                       FROM (SELECT DISTINCT hash FROM chunks) AS own
                       LEFT JOIN vectors ON model = ?1 AND vectors.hash = own.hash";
            let count = |value: i64| value.max(0).unsigned_abs();
            connection.prepare_cached(sql)?.query_row([model], |row| Ok((count(row.get(0)?), count(row.get(1)?))))
        })
    }

    /// How many texts `model` was found not to read.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn unread_count(&self, model: &str) -> Result<u64, IndexError> {
        self.ask("count texts that were not read", |connection| {
            let model = stored_model(connection, model)?.map_or(0, |model| model.row);
            let sql = "SELECT count(*) FROM vectors AS unread WHERE unread.model = -?1
                       AND EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = unread.hash)";
            connection.prepare_cached(sql)?.query_row([model], |row| Ok(row.get::<_, i64>(0)?.max(0).unsigned_abs()))
        })
    }

    /// How many more vectors are kept than there are texts, of whatever models, and how many texts there are. It looks at all
    /// of them.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn spare_vectors(&self) -> Result<(u64, u64), IndexError> {
        self.ask("count vectors", |connection| {
            let sql = "SELECT (SELECT count(*) FROM vectors), (SELECT count(DISTINCT hash) FROM chunks)";
            let count = |value: i64| value.max(0).unsigned_abs();
            let (vectors, texts) =
                connection.prepare_cached(sql)?.query_row([], |row| Ok((count(row.get(0)?), count(row.get(1)?))))?;
            Ok((vectors.saturating_sub(texts), texts))
        })
    }
}
