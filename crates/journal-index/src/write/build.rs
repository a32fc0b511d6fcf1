//! A whole index at once, into a file of its own.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use journal_model::{NameMap, VaultPath};
use rusqlite::{Connection, params};

use super::{
    links,
    links::LinkNames,
    rows::{Rows, Targets},
    sessions,
};
use crate::{
    Index, IndexError,
    connection::{finish_bulk, open_bulk},
    note::IndexedNote,
    schema::{BULK_ENDS, INDEXES, SEGMENTS},
};

/// What a build wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Built {
    /// Notes.
    pub notes: usize,
    /// Notes whose path had been written before and that were left out.
    pub repeated: usize,
}

impl Index {
    /// Fills a new database at `path`, where no file may be, with `notes`. `listed` are the paths of the vault, sorted: where
    /// links lead is known from them while the notes still come in. A note that was not listed, or that was listed and does
    /// not come, costs a little more and is right as well.
    ///
    /// It is written without a journal and made durable at the end. A crash leaves a file that is no index: whoever calls
    /// this gives the file its name when it returns, and removes it when it does not.
    ///
    /// # Errors
    /// [`IndexError::Sqlite`] when the file cannot be written or is not new.
    pub fn build(
        path: &Path,
        listed: impl IntoIterator<Item = VaultPath>,
        notes: impl IntoIterator<Item = IndexedNote>,
    ) -> Result<Built, IndexError> {
        let connection = open_bulk(path)?;
        let fill = || {
            let built = fill(&connection, listed, notes)?;
            finish_bulk(&connection)?;
            Ok(built)
        };
        fill().map_err(|error| IndexError::new(path, "build the index", error))
    }
}

fn fill(
    connection: &Connection,
    listed: impl IntoIterator<Item = VaultPath>,
    notes: impl IntoIterator<Item = IndexedNote>,
) -> rusqlite::Result<Built> {
    let mut names = ListedNames::new(listed);
    let mut built = Built::default();
    let mut words = 0;
    let mut revised = BTreeSet::new();
    connection.execute_batch("BEGIN")?;
    {
        let mut rows = Rows::new(connection)?;
        for note in notes {
            let Some(row) = names.take(&note.path) else {
                built.repeated += 1;
                continue;
            };
            rows.insert(row, &note, Targets::Known(&mut names))?;
            words += i64::from(note.words());
            if sessions::revises(&note) {
                revised.extend(note.thinking.session.as_ref().map(ToString::to_string));
            }
            built.notes += 1;
        }
    }
    connection.execute_batch(INDEXES)?;
    connection.execute_batch(BULK_ENDS)?;
    connection.execute_batch(SEGMENTS)?;
    let unlisted = names.late.iter().chain(names.absent());
    let keys: Vec<String> = unlisted.map(|path| journal_model::name_key(path.stem())).collect();
    let keys = keys.iter().flat_map(|name| links::keys_of(name)).map(str::to_owned).collect();
    links::settle(connection, &keys, &[].into())?;
    sessions::settle(connection, &revised)?;
    let counters = [("notes", i64::try_from(built.notes).unwrap_or(i64::MAX)), ("words", words)];
    for (key, value) in counters {
        connection.execute("UPDATE about SET value = ?2 WHERE key = ?1", params![key, value])?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(built)
}

/// The listed paths: rows are given in their order, before the notes are there.
struct ListedNames {
    names: NameMap,
    /// The row of each path, and whether its note has come.
    rows: HashMap<VaultPath, (i64, bool)>,
    /// Notes that were not listed.
    late: Vec<VaultPath>,
}

impl ListedNames {
    fn new(listed: impl IntoIterator<Item = VaultPath>) -> Self {
        let mut rows = HashMap::new();
        let mut names = NameMap::default();
        for path in listed {
            let row = i64::try_from(rows.len()).unwrap_or(i64::MAX) + 1;
            rows.entry(path.clone()).or_insert_with(|| {
                names.insert(path);
                (row, false)
            });
        }
        Self { names, rows, late: Vec::new() }
    }

    /// The row for a note that has come; `None` when it came before.
    fn take(&mut self, path: &VaultPath) -> Option<i64> {
        if let Some((row, came)) = self.rows.get_mut(path) {
            return (!std::mem::replace(came, true)).then_some(*row);
        }
        let row = i64::try_from(self.rows.len()).unwrap_or(i64::MAX) + 1;
        self.rows.insert(path.clone(), (row, true));
        self.late.push(path.clone());
        Some(row)
    }

    fn absent(&self) -> impl Iterator<Item = &VaultPath> {
        self.rows.iter().filter(|(_, (_, came))| !came).map(|(path, _)| path)
    }
}

impl LinkNames for ListedNames {
    fn named(&mut self, _: &str) -> rusqlite::Result<&NameMap> {
        Ok(&self.names)
    }

    fn row(&self, path: &VaultPath) -> Option<i64> {
        self.rows.get(path).map(|(row, _)| *row)
    }
}
