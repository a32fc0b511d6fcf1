//! A whole index at once, into a file of its own.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    panic::resume_unwind,
    path::Path,
    sync::mpsc::sync_channel,
    thread,
};

use journal_model::{NameMap, VaultPath};
use rusqlite::{Connection, params};

use super::{
    gather::{self, Outbox},
    links,
    links::LinkNames,
    rows::{Rows, Targets},
    sessions,
};
use crate::{
    Index, IndexError,
    connection::{finish_bulk, open_bulk},
    note::IndexedNote,
    schema::INDEXES,
    stored::keys_of,
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
    /// Full-text search is filled by a second thread, into a file of its own that has no name, because that is most of the work.
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
        let build = || {
            let built = thread::scope(|scope| -> rusqlite::Result<Built> {
                let (sender, parcels) = sync_channel(gather::WAITING);
                let gathering = scope.spawn(|| gather::gather(parcels));
                let filled = fill(&connection, listed, notes, Outbox::new(sender));
                let gathered = gathering.join().unwrap_or_else(|panic| resume_unwind(panic))?;
                let built = filled?;
                gather::copy(&gathered, &connection)?;
                connection.execute_batch("COMMIT")?;
                Ok(built)
            })?;
            finish_bulk(&connection)?;
            Ok(built)
        };
        build().map_err(|error| IndexError::new(path, "build the index", error))
    }
}

/// Fills everything but full-text search, for which documents go to `outbox`. The transaction stays open.
fn fill(
    connection: &Connection,
    listed: impl IntoIterator<Item = VaultPath>,
    notes: impl IntoIterator<Item = IndexedNote>,
    mut outbox: Outbox,
) -> rusqlite::Result<Built> {
    let mut names = ListedNames::new(listed);
    let mut built = Built::default();
    let mut words = 0;
    let mut revised = BTreeSet::new();
    connection.execute_batch("BEGIN")?;
    {
        let mut rows = Rows::new(connection)?;
        let mut notes = notes.into_iter();
        let mut queue = Queue::default();
        while let Some((row, mut note)) = queue.next(&mut notes, &mut names, &mut built.repeated) {
            outbox.send(row, &mut note.document);
            rows.insert(row, &note, Targets::Known(&mut names))?;
            words += i64::from(note.words());
            if sessions::revises(&note) {
                revised.extend(note.thinking.session.as_ref().map(ToString::to_string));
            }
            built.notes += 1;
        }
    }
    drop(outbox);
    connection.execute_batch(INDEXES)?;
    let unlisted = names.late.iter().chain(names.absent());
    let keys: Vec<String> = unlisted.map(|path| journal_model::name_key(path.stem())).collect();
    let keys = keys.iter().flat_map(|name| keys_of(name)).map(str::to_owned).collect();
    links::settle(connection, &keys, &[].into())?;
    sessions::settle(connection, &revised)?;
    let counters = [("notes", i64::try_from(built.notes).unwrap_or(i64::MAX)), ("words", words)];
    for (key, value) in counters {
        connection.execute("UPDATE about SET value = ?2 WHERE key = ?1", params![key, value])?;
    }
    Ok(built)
}

/// Puts notes that were parsed side by side into the order of their rows. FTS5 writes out all it has gathered whenever a row
/// comes that is smaller than the last one: four times the work.
#[derive(Default)]
struct Queue {
    early: BTreeMap<i64, IndexedNote>,
    /// The last row that was told.
    last: i64,
}

/// How many notes wait for one before them, which may never come.
const MOST_EARLY: usize = 512;

impl Queue {
    /// The next note to write and its row; `None` when there are no more. Counts the notes that came before.
    fn next(
        &mut self,
        notes: &mut impl Iterator<Item = IndexedNote>,
        names: &mut ListedNames,
        repeated: &mut usize,
    ) -> Option<(i64, IndexedNote)> {
        while self.early.len() < MOST_EARLY && self.early.first_key_value().is_none_or(|(row, _)| *row > self.last + 1)
        {
            let Some(note) = notes.next() else { break };
            match names.take(&note.path) {
                Some(row) => drop(self.early.insert(row, note)),
                None => *repeated += 1,
            }
        }
        let (row, note) = self.early.pop_first()?;
        self.last = self.last.max(row);
        Some((row, note))
    }
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
