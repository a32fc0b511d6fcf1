//! A batch of changes in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use journal_model::{VaultPath, name_key};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{
    links, rows,
    rows::{Names, Rows, Targets},
    sessions,
};
use crate::{
    Index, IndexError,
    chunk::{hash_of, name_of},
    document::Document,
    note::{FileSignature, IndexedNote, PARSER_VERSION},
    schema::MERGE,
    snapshot::stored_parts,
    stored::keys_of,
};

/// One thing that happened to a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The note is there and says this. A note whose hash is the indexed one only gets its new signature.
    Upsert(Box<IndexedNote>),
    /// The note is gone.
    Remove(VaultPath),
    /// The note lies elsewhere now; what lay there is gone. Its row and chunks stay, nothing is parsed again.
    ///
    /// When the content changed as well, an [`Change::Upsert`] of the new path follows; until then the old signature
    /// stays, so that the note counts as changed.
    Move {
        /// Where it lay.
        from: VaultPath,
        /// Where it lies.
        to: VaultPath,
        /// The file's signature at its new place.
        signature: FileSignature,
    },
    /// The file looks different and holds the same bytes. Nothing happens when the hash is not the indexed one.
    Touch {
        /// The note.
        path: VaultPath,
        /// The file's signature.
        signature: FileSignature,
    },
}

/// What a batch did, in notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Notes that were not there before.
    pub added: usize,
    /// Notes with another content.
    pub updated: usize,
    /// Notes of which only the signature is new.
    pub touched: usize,
    /// Changes that changed nothing.
    pub unchanged: usize,
    /// Notes that lie elsewhere.
    pub moved: usize,
    /// Notes that are gone.
    pub removed: usize,
    /// Paths of [`Change::Move`] and [`Change::Touch`] that the index does not know: they have to be read.
    pub missing: Vec<VaultPath>,
}

/// How many pages of the full-text index a batch merges for the sake of later ones, besides one for each change.
const MERGED_PAGES: i64 = 32;

/// Batches of this many changes leave a log worth folding into the database at once.
const LARGE_BATCH: usize = 200;

impl Index {
    /// Applies changes in their order, all of them or none. When this returns, readers that begin see them; a crash of the
    /// machine may take the last batches back as a whole, never a part of one.
    ///
    /// # Errors
    /// [`IndexError::Busy`] when another process writes for too long, [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn apply(&mut self, changes: &[Change]) -> Result<Applied, IndexError> {
        if changes.is_empty() {
            return Ok(Applied::default());
        }
        let applied = self.write("index changed notes", |connection| {
            let mut batch = Batch::new(connection)?;
            for change in changes {
                batch.apply(change)?;
            }
            let applied = batch.finish()?;
            let pages = MERGED_PAGES + i64::try_from(changes.len()).unwrap_or(i64::MAX);
            connection.prepare_cached(MERGE)?.execute([pages])?;
            Ok(applied)
        })?;
        if changes.len() >= LARGE_BATCH {
            self.checkpoint()?;
        }
        Ok(applied)
    }

    /// Has every note count as changed, as if other rules had read it, until it is written again.
    ///
    /// # Errors
    /// As [`Index::apply`].
    pub fn forget(&mut self) -> Result<(), IndexError> {
        self.write("forget what was read", |connection| {
            connection.execute_batch(
                "UPDATE notes SET parser = 0; UPDATE about SET value = value + 1 WHERE key = 'generation';",
            )
        })
    }

    pub(crate) fn write<T>(
        &mut self,
        doing: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, IndexError> {
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run(&mut self.connection).map_err(|error| IndexError::new(&self.path, doing, error))
    }
}

/// A batch at work.
struct Batch<'c> {
    connection: &'c Connection,
    rows: Rows<'c>,
    applied: Applied,
    /// Names that notes got or lost.
    names: BTreeSet<String>,
    /// Notes whose own links are to be settled.
    unsettled: BTreeSet<i64>,
    sessions: BTreeSet<String>,
    words: i64,
}

/// What is known of a note before it changes.
struct Stored {
    row: i64,
    hash: Vec<u8>,
    parser: u32,
    words: i64,
    session: Option<String>,
    stem_key: String,
    title: Option<String>,
}

impl<'c> Batch<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            rows: Rows::new(connection)?,
            applied: Applied::default(),
            names: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            sessions: BTreeSet::new(),
            words: 0,
        })
    }

    fn apply(&mut self, change: &Change) -> rusqlite::Result<()> {
        match change {
            Change::Upsert(note) => self.upsert(note),
            Change::Remove(path) => self.remove(path),
            Change::Move { from, to, signature } => self.relocate(from, to, signature),
            Change::Touch { path, signature } => match self.stored(path)? {
                None => {
                    self.applied.missing.push(path.clone());
                    Ok(())
                }
                Some(stored) => self.touch(&stored, signature),
            },
        }
    }

    fn upsert(&mut self, note: &IndexedNote) -> rusqlite::Result<()> {
        let stored = self.stored(&note.path)?;
        let row = match stored {
            Some(stored) if stored.has(&note.signature) && stored.parser == PARSER_VERSION => {
                return self.touch(&stored, &note.signature);
            }
            Some(stored) => {
                rows::delete(self.connection, stored.row)?;
                self.sessions.extend(stored.session);
                self.words -= stored.words;
                self.applied.updated += 1;
                stored.row
            }
            None => {
                self.names.insert(name_key(note.path.stem()));
                self.applied.added += 1;
                self.next_row()?
            }
        };
        self.rows.insert(row, note, Targets::Later)?;
        rows::insert_document(self.connection, row, &note.document.columns)?;
        self.unsettled.insert(row);
        self.sessions.extend(note.thinking.session.as_ref().map(ToString::to_string));
        self.words += i64::from(note.words());
        Ok(())
    }

    fn remove(&mut self, path: &VaultPath) -> rusqlite::Result<()> {
        let Some(stored) = self.stored(path)? else {
            self.applied.unchanged += 1;
            return Ok(());
        };
        rows::delete(self.connection, stored.row)?;
        self.unsettled.remove(&stored.row);
        self.names.insert(stored.stem_key);
        self.sessions.extend(stored.session);
        self.words -= stored.words;
        self.applied.removed += 1;
        Ok(())
    }

    fn touch(&mut self, stored: &Stored, signature: &FileSignature) -> rusqlite::Result<()> {
        if !stored.has(signature) || self.signature(stored.row)? == *signature {
            self.applied.unchanged += 1;
            return Ok(());
        }
        self.applied.touched += 1;
        rows::touch(self.connection, stored.row, signature)
    }

    fn relocate(&mut self, from: &VaultPath, to: &VaultPath, signature: &FileSignature) -> rusqlite::Result<()> {
        let Some(stored) = self.stored(from)? else {
            self.applied.missing.push(to.clone());
            return Ok(());
        };
        if from == to {
            return self.touch(&stored, signature);
        }
        if self.stored(to)?.is_some() {
            self.remove(to)?;
        }
        let names = Names::new(to, stored.title.as_deref());
        let sql = "UPDATE notes SET path = ?2, path_key = ?3, stem_key = ?4, title_key = ?5 WHERE note = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            stored.row,
            to.as_str(),
            names.path,
            names.stem,
            names.title
        ])?;
        if stored.has(signature) {
            rows::touch(self.connection, stored.row, signature)?;
        }
        if from.stem() != to.stem() {
            self.rename_document(&stored)?;
        }
        self.names.extend([stored.stem_key, names.stem]);
        self.unsettled.insert(stored.row);
        // The order in which two thoughts of one number count goes by their paths in the end.
        self.sessions.extend(stored.session);
        self.applied.moved += 1;
        Ok(())
    }

    /// A note is found by the words of its file's name, too.
    fn rename_document(&mut self, stored: &Stored) -> rusqlite::Result<()> {
        let parts = stored_parts(self.connection, stored.row)?;
        let document = Document::new(&parts.parts());
        rows::delete_document(self.connection, stored.row)?;
        rows::insert_document(self.connection, stored.row, &document.columns)?;
        let sql = "UPDATE notes SET words = ?2 WHERE note = ?1";
        self.connection.prepare_cached(sql)?.execute(params![stored.row, document.words])?;
        if parts.body.trim().is_empty() {
            let hash = hash_of(&name_of(stored.title.as_deref(), parts.note.path.stem()));
            let sql = "UPDATE chunks SET hash = ?2 WHERE note = ?1";
            self.connection.prepare_cached(sql)?.execute(params![stored.row, hash.to_be_bytes()])?;
        }
        self.words += i64::from(document.words) - stored.words;
        Ok(())
    }

    fn finish(self) -> rusqlite::Result<Applied> {
        let keys = self.names.iter().flat_map(|name| keys_of(name)).map(str::to_owned).collect();
        links::settle(self.connection, &keys, &self.unsettled)?;
        sessions::settle(self.connection, &self.sessions)?;
        let notes = self.applied.added as i64 - self.applied.removed as i64;
        let counters = BTreeMap::from([("notes", notes), ("words", self.words), ("generation", 1)]);
        for (key, change) in counters {
            let sql = "UPDATE about SET value = value + ?2 WHERE key = ?1";
            self.connection.prepare_cached(sql)?.execute(params![key, change])?;
        }
        Ok(self.applied)
    }

    fn stored(&self, path: &VaultPath) -> rusqlite::Result<Option<Stored>> {
        let sql =
            "SELECT note, hash, parser, words, session, stem_key, title FROM notes WHERE path_key = ?1 AND path = ?2";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Stored {
                row: row.get(0)?,
                hash: row.get(1)?,
                parser: row.get(2)?,
                words: row.get(3)?,
                session: row.get(4)?,
                stem_key: row.get(5)?,
                title: row.get(6)?,
            })
        };
        self.connection.prepare_cached(sql)?.query_row([&name_key(path.as_str()), path.as_str()], read).optional()
    }

    fn signature(&self, row: i64) -> rusqlite::Result<FileSignature> {
        let sql = "SELECT size, mtime_ns, changed_ns, inode, hash FROM notes WHERE note = ?1";
        self.connection.prepare_cached(sql)?.query_row([row], |found| crate::snapshot::read_signature(found, 0))
    }

    /// Rows are given in order and the last one again when it is gone: the full-text index likes them close together.
    fn next_row(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT coalesce(max(note), 0) + 1 FROM notes";
        self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
    }
}

impl Stored {
    fn has(&self, signature: &FileSignature) -> bool {
        self.hash == signature.hash.to_be_bytes()
    }
}
