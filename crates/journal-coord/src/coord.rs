//! Opening `state.db`, and the two ways to use it: reads that wait for nobody, writes that take their turn.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};

use crate::{Bounds, CoordError, columns::integer, error::is_busy, schema::STEPS, wait::FairWait};

/// An open `state.db`. One per thread: calls need the connection for themselves.
#[derive(Debug)]
pub struct Coord {
    path: PathBuf,
    connection: Connection,
    pub(crate) bounds: Bounds,
}

/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections checkpoint and commit together.
const OLDEST_SQLITE: (i32, &str) = (3_051_003, "3.51.3");

/// No count ever gets so far; a greater number is damage, and would leave none above it.
const BELIEVABLE: u64 = 1 << 53;

const KNOWN_LAYOUT: i64 = STEPS.len() as i64;

/// Pages in the write-ahead log before it is folded into the database. Every process reads the log when it is the first to
/// open the database, so a short one keeps a cold start cheap; 64 pages are some fifteen acquired leases.
const CHECKPOINT_PAGES: u32 = 64;

impl Coord {
    /// How long a call waits for other processes before it answers [`CoordError::Busy`], unless it is told otherwise.
    pub const BUSY_DEADLINE: Duration = Duration::from_secs(10);

    /// Opens the database at `path`, and makes it when there is none. The folder must exist.
    ///
    /// # Errors
    /// [`CoordError::OldSqlite`] before anything is touched; [`CoordError::Newer`] when a newer program has changed the
    /// layout; [`CoordError::Damaged`] when the file is no database: the caller sets it aside and opens again, since
    /// nothing in it is needed to read notes; [`CoordError::Busy`] and [`CoordError::Sqlite`] for the rest.
    pub fn open(path: &Path) -> Result<Self, CoordError> {
        Self::open_above(path, 0)
    }

    /// [`Coord::open`]; a database that is made by it gives tokens and numbers of events above `floor` only. For one that
    /// follows another, whose tokens may still be shown to the fence.
    ///
    /// # Errors
    /// As [`Coord::open`].
    pub fn open_above(path: &Path, floor: u64) -> Result<Self, CoordError> {
        check_sqlite(rusqlite::version_number())?;
        let failed = |error| CoordError::new(path, "open the database", error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        let mut coord = Self { path: path.to_owned(), connection, bounds: Bounds::default() };
        let mut wait = FairWait::new(Self::BUSY_DEADLINE);
        coord.connection.busy_handler(Some(move |attempt| wait.pause(attempt))).map_err(failed)?;
        // Folding the log into the database at every close would cost each command two flushes more.
        coord.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
        // Statements are planned once, not anew for every value: that takes longer than running them.
        coord.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
        coord
            .connection
            .execute_batch(&format!(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
            ))
            .map_err(failed)?;
        if !is_current(&coord.connection, path)? {
            coord.use_write_ahead_log().map_err(failed)?;
            coord.migrate(floor)?;
        }
        Ok(coord)
    }

    /// Chooses how much one agent may hold and how many may be at work; the usual bounds otherwise.
    pub fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// Chooses how long calls wait for other processes; [`Coord::BUSY_DEADLINE`] otherwise.
    ///
    /// # Errors
    /// When SQLite does not take it.
    pub fn set_patience(&mut self, patience: Duration) -> Result<(), CoordError> {
        let mut wait = FairWait::new(patience);
        let chosen = self.connection.busy_handler(Some(move |attempt| wait.pause(attempt)));
        chosen.map_err(|error| CoordError::new(&self.path, "choose how long to wait", error))
    }

    /// What SQLite finds wrong with the database; empty when it is sound. Reads all of it.
    ///
    /// # Errors
    /// [`CoordError::Damaged`] when it cannot even be read, [`CoordError::Busy`] and [`CoordError::Sqlite`] for the rest.
    pub fn integrity_check(&self) -> Result<Vec<String>, CoordError> {
        self.read("check the database", |connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check")?;
            let mut told: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            told.retain(|line| line != "ok");
            Ok(told)
        })
    }

    /// The greatest token or number of an event that was given, as far as a damaged database still tells.
    pub fn last_number(&self) -> Option<u64> {
        let told = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).ok();
        let token = told("SELECT last FROM tokens");
        let event = told("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
        let numbers = [token, event].into_iter().flatten().filter_map(|number| u64::try_from(number).ok());
        numbers.filter(|number| *number < BELIEVABLE).max()
    }

    /// Switches to WAL, which the file then remembers. SQLite asks no busy handler here, so this waits by itself.
    fn use_write_ahead_log(&self) -> rusqlite::Result<()> {
        let mut wait = FairWait::new(Self::BUSY_DEADLINE);
        let mut attempt = 0;
        loop {
            match self.connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
                Err(error) if is_busy(&error) && wait.pause(attempt) => attempt += 1,
                done => return done,
            }
        }
    }

    /// Brings an older layout up to date. Another process may have done so since it was looked at.
    fn migrate(&mut self, floor: u64) -> Result<(), CoordError> {
        let path = self.path.clone();
        self.write("update the layout", |transaction| {
            match is_current(transaction, &path) {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => {}
                Err(error) => return Ok(Err(error)),
            }
            let found = layout(transaction)?;
            for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
                transaction.execute_batch(step)?;
            }
            if found == 0 && floor > 0 {
                transaction.execute("UPDATE tokens SET last = ?1", [integer(floor)])?;
                transaction
                    .execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?1)", [integer(floor)])?;
            }
            let made_by = "INSERT OR REPLACE INTO about (key, value) VALUES ('made_by', ?1)";
            transaction.execute(made_by, [env!("CARGO_PKG_VERSION")])?;
            transaction.pragma_update(None, "user_version", KNOWN_LAYOUT)?;
            Ok(Ok(()))
        })?
    }

    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, CoordError> {
        query(&self.connection).map_err(|error| CoordError::new(&self.path, doing, error))
    }

    /// One write transaction that has its lock from the beginning, so that what it reads is still true when it commits. What
    /// it wrote is on the disk when this returns.
    pub(crate) fn write<T>(
        &mut self,
        doing: &'static str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, CoordError> {
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run(&mut self.connection).map_err(|error| CoordError::new(&self.path, doing, error))
    }

    /// Like [`Coord::write`], and does not wait for the disk: a power cut may undo it, the end of a process cannot.
    pub(crate) fn write_lazily<T>(
        &mut self,
        doing: &'static str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, CoordError> {
        self.synchronous("NORMAL")?;
        let written = self.write(doing, change);
        self.synchronous("FULL")?;
        written
    }

    fn synchronous(&self, level: &str) -> Result<(), CoordError> {
        self.read("choose how to flush", |connection| connection.pragma_update(None, "synchronous", level))
    }
}

/// Whether the layout is the one this program knows; a newer one is an error.
fn is_current(connection: &Connection, path: &Path) -> Result<bool, CoordError> {
    let failed = |error| CoordError::new(path, "read the layout", error);
    let found = layout(connection).map_err(failed)?;
    if found <= KNOWN_LAYOUT {
        return Ok(found == KNOWN_LAYOUT);
    }
    let made_by = "SELECT value FROM about WHERE key = 'made_by'";
    let made_by = connection.query_row(made_by, [], |row| row.get(0)).map_err(failed)?;
    Err(CoordError::Newer { path: path.to_owned(), found, known: KNOWN_LAYOUT, made_by })
}

fn layout(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn check_sqlite(number: i32) -> Result<(), CoordError> {
    let (oldest, needed) = OLDEST_SQLITE;
    if number >= oldest {
        return Ok(());
    }
    let found = format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
    Err(CoordError::OldSqlite { found, needed })
}

#[cfg(test)]
mod tests;
