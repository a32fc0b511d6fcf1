//! The one writer's hold on `index.db`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    IndexError, Opened, Reader, Snapshot,
    connection::{BUSY_DEADLINE, PAGE_BYTES, open_writer},
    snapshot::{Known, read_with},
};

/// An open `index.db`, to write and to read. One per process: its owner is the writer thread.
#[derive(Debug)]
pub struct Index {
    pub(crate) path: PathBuf,
    pub(crate) connection: Connection,
    opened: Opened,
    known: Known,
}

/// What a checkpoint left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Pages in the write-ahead log.
    pub log_pages: u64,
    /// Pages of it that a reader keeps from being folded into the database.
    pub held_pages: u64,
}

/// How long cutting the log back waits for readers to be gone.
const READERS_WAIT: Duration = Duration::from_millis(200);

/// A log of this many pages, 32 MiB, is cut back as soon as no reader is in the way.
const LARGE_LOG_PAGES: u64 = 2048;

impl Checkpoint {
    /// Bytes in the write-ahead log.
    pub fn log_bytes(&self) -> u64 {
        self.log_pages * u64::from(PAGE_BYTES)
    }
}

/// A log of this many pages, 2 MiB, is opened in no time.
const SHORT_LOG_PAGES: u64 = 128;

impl Index {
    /// How long a call waits for other processes before it answers [`IndexError::Busy`].
    pub const BUSY_DEADLINE: Duration = BUSY_DEADLINE;

    /// Opens the index at `path`, and makes it when there is none. The folder must exist.
    ///
    /// # Errors
    /// [`IndexError::OldSqlite`] before anything is touched; [`IndexError::Newer`] when a newer program has changed the
    /// layout; [`IndexError::Damaged`] when the file is no database; [`IndexError::Busy`] and [`IndexError::Sqlite`] for
    /// the rest.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let (connection, opened) = open_writer(path)?;
        Ok(Self { path: path.to_owned(), connection, opened, known: Known::default() })
    }

    /// A second connection to the same file that only reads.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_reader(path: &Path) -> Result<Reader, IndexError> {
        Reader::open(path)
    }

    /// How it was found when it was opened.
    pub fn opened(&self) -> Opened {
        self.opened
    }

    /// Reads in one transaction; see [`Reader::read`].
    ///
    /// # Errors
    /// What `read` answers, and [`IndexError::Damaged`], [`IndexError::Busy`], [`IndexError::Sqlite`].
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>) -> Result<T, IndexError> {
        read_with(&self.connection, &self.path, &self.known, read)
    }

    /// How much is in the write-ahead log, and how much of that is not folded into the database yet. Changes nothing.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn log(&self) -> Result<Checkpoint, IndexError> {
        wal_checkpoint(&self.connection, "NOOP").map_err(|error| IndexError::new(&self.path, "look at the log", error))
    }

    /// Folds the write-ahead log into the database as far as no reader is in the way, and cuts the file back when it is
    /// large. Every commit does the first part by itself now and then; call this when there is time.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn checkpoint(&self) -> Result<Checkpoint, IndexError> {
        self.fold(LARGE_LOG_PAGES)
    }

    /// The same when no more is to come for now: the log is cut back unless it is short, so that whoever opens the index next
    /// need not read it.
    ///
    /// # Errors
    /// As [`Index::checkpoint`].
    pub fn rest(&self) -> Result<Checkpoint, IndexError> {
        self.fold(SHORT_LOG_PAGES)
    }

    fn fold(&self, most_pages: u64) -> Result<Checkpoint, IndexError> {
        let run = |how: &str| wal_checkpoint(&self.connection, how);
        let failed = |error| IndexError::new(&self.path, "fold the log into the index", error);
        let done = run("PASSIVE").map_err(failed)?;
        if done.log_pages < most_pages || done.held_pages > 0 {
            return Ok(done);
        }
        // Readers come and go in milliseconds; one that stays is waited for by the next call.
        self.connection.busy_timeout(READERS_WAIT).map_err(failed)?;
        let cut = run("TRUNCATE");
        self.connection.busy_timeout(BUSY_DEADLINE).map_err(failed)?;
        cut.map_err(failed)
    }
}

pub(crate) fn wal_checkpoint(connection: &Connection, how: &str) -> rusqlite::Result<Checkpoint> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| {
        let (log, folded) = (row.get::<_, i64>(1)?.max(0), row.get::<_, i64>(2)?.max(0));
        Ok(Checkpoint { log_pages: log.unsigned_abs(), held_pages: (log - folded).max(0).unsigned_abs() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_can_be_handed_to_other_threads() {
        fn check<T: Send>() {}
        check::<Index>();
        check::<Reader>();
        check::<crate::IndexedNote>();
    }

    #[test]
    fn a_log_is_folded_and_cut_back_when_no_reader_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        let mut index = Index::open(&path).unwrap();
        let reader = Index::open_reader(&path).unwrap();
        // Few words, so that it is the database that works.
        let text = format!("{}\n", "x".repeat(6_000)).repeat(12);
        let batch = |from: usize| {
            let note = |n: usize| {
                let signature = crate::FileSignature { hash: n as u128, ..crate::FileSignature::default() };
                let note = crate::index_note(format!("{n}.md").parse().unwrap(), signature, &format!("{n} {text}"));
                crate::Change::Upsert(Box::new(note))
            };
            (from..from + 450).map(note).collect::<Vec<_>>()
        };
        let log = || std::fs::metadata(folder.path().join("index.db-wal")).unwrap().len();
        let held = reader.read(|snapshot| {
            assert_eq!(snapshot.count()?, 0);
            index.apply(&batch(0))?;
            assert_eq!(snapshot.count()?, 0);
            index.checkpoint()
        });
        assert!(held.unwrap().held_pages > 0);
        assert!(log() > 32 * 1024 * 1024, "{}", log());
        let told = [index.log().unwrap(), reader.log().unwrap()];
        assert!(told.iter().all(|told| told.held_pages > 0 && told.log_bytes().abs_diff(log()) < 1 << 20), "{told:?}");
        index.checkpoint().unwrap();
        assert!(log() < 1024 * 1024, "{}", log());
        assert_eq!(reader.read(|snapshot| snapshot.count()).unwrap(), 450);
    }
}
