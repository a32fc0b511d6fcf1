//! Opening `index.db`: settings, layout, and what is said about a file that cannot be used.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, config::DbConfig};

use crate::{
    IndexError,
    schema::{BULK_BEGINS, INDEXES, LAYOUT, SEARCH, SEGMENTS, TABLES},
    vectors::extension::register_sqlite_vec,
};

/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections checkpoint and commit together.
const OLDEST_SQLITE: (i32, &str) = (3_051_003, "3.51.3");

/// How long a call waits for other processes.
pub(crate) const BUSY_DEADLINE: Duration = Duration::from_secs(10);

/// Pages of the write-ahead log after which a commit folds it into the database: 2 MiB. The first process to open the
/// database reads the whole log, so a short one keeps a cold start short.
const CHECKPOINT_PAGES: u32 = 128;

/// To how many bytes a log that had to grow is cut back.
const LOG_BYTES: u32 = 16 * 1024 * 1024;

/// Pages of 16 KiB made a full index 14 % faster than SQLite's usual 4.
pub(crate) const PAGE_BYTES: u32 = 16 * 1024;

/// How an index was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It can be used as it is.
    Ready,
    /// There was none: it is empty now.
    Created,
    /// It had an older layout and was emptied: it has to be filled from the vault.
    Emptied {
        /// The layout it had.
        from: i64,
    },
}

/// Has SQLite keep the plans of prepared statements. Otherwise it looks at bound values while it plans, and each new value of
/// a `LIMIT` or a key has the statement prepared again: a fifth of a search.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// A connection to write with, its tables in place.
pub(crate) fn open_writer(path: &Path) -> Result<(Connection, Opened), IndexError> {
    check_sqlite(rusqlite::version_number())?;
    let failed = |error| IndexError::new(path, "open the index", error);
    register_sqlite_vec().map_err(failed)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_DEADLINE).map_err(failed)?;
    keep_plans(&connection).map_err(failed)?;
    // Folding the log into the database at every close would cost each command two flushes more.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
             PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};
             PRAGMA journal_size_limit = {LOG_BYTES};"
        ))
        .map_err(failed)?;
    let opened = settle_layout(&mut connection, path, LAYOUT)?;
    Ok((connection, opened))
}

/// A connection to read with. It cannot write, and never makes a database.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, IndexError> {
    let connection = open_any(path)?;
    match layout(&connection).map_err(|error| IndexError::new(path, "open the index", error))? {
        LAYOUT => Ok(connection),
        0 => Err(IndexError::Missing { path: path.to_owned() }),
        found if found > LAYOUT => Err(newer(&connection, path, found, LAYOUT)),
        found => Err(IndexError::Outdated { path: path.to_owned(), found }),
    }
}

/// A connection to read with from a database of whatever layout.
pub(crate) fn open_any(path: &Path) -> Result<Connection, IndexError> {
    check_sqlite(rusqlite::version_number())?;
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => IndexError::Missing { path: path.to_owned() },
        _ => IndexError::new(path, "open the index", error),
    };
    register_sqlite_vec().map_err(failed)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_DEADLINE).map_err(failed)?;
    keep_plans(&connection).map_err(failed)?;
    connection
        .execute_batch("PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;")
        .map_err(failed)?;
    Ok(connection)
}

/// A connection to a new file that nobody else knows: no journal, nothing synced. A crash leaves rubbish.
pub(crate) fn open_bulk(path: &Path) -> Result<Connection, IndexError> {
    check_sqlite(rusqlite::version_number())?;
    let failed = |error| IndexError::new(path, "create the index", error);
    let connection = Connection::open(path).map_err(failed)?;
    keep_plans(&connection).map_err(failed)?;
    write_unsafely(&connection, 65_536).map_err(failed)?;
    connection.execute_batch(TABLES).map_err(failed)?;
    connection.execute_batch(SEARCH).map_err(failed)?;
    connection.execute_batch(SEGMENTS).map_err(failed)?;
    Ok(connection)
}

/// A connection to a file that has no name and goes with it, to fill full-text search in.
pub(crate) fn open_nameless() -> rusqlite::Result<Connection> {
    let connection = Connection::open("")?;
    write_unsafely(&connection, 16_384)?;
    connection.execute_batch(SEARCH)?;
    connection.execute_batch(BULK_BEGINS)?;
    Ok(connection)
}

/// Writes straight into the file, and nobody waits for the disk. `cache` is in KiB.
fn write_unsafely(connection: &Connection, cache: u32) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
         PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -{cache}; PRAGMA temp_store = MEMORY;"
    ))
}

/// Marks a database that was filled as one of this layout, and leaves it synced and in the mode that several processes share.
pub(crate) fn finish_bulk(connection: &Connection) -> rusqlite::Result<()> {
    stamp(connection, LAYOUT)?;
    connection.execute_batch("PRAGMA locking_mode = NORMAL; PRAGMA synchronous = FULL;")?;
    write_ahead(connection)?;
    // The first commit with a log, and its checkpoint, sync the whole file.
    connection.execute_batch("BEGIN IMMEDIATE; UPDATE about SET value = 1 WHERE key = 'generation'; COMMIT;")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

pub(crate) fn check_sqlite(found: i32) -> Result<(), IndexError> {
    let (oldest, needed) = OLDEST_SQLITE;
    if found >= oldest {
        return Ok(());
    }
    let found = format!("{}.{}.{}", found / 1_000_000, found / 1_000 % 1_000, found % 1_000);
    Err(IndexError::OldSqlite { found, needed })
}

/// Brings the database to `known`. Another process may do so at the same time.
fn settle_layout(connection: &mut Connection, path: &Path, known: i64) -> Result<Opened, IndexError> {
    let failed = |error| IndexError::new(path, "open the index", error);
    let found = layout(connection).map_err(failed)?;
    if found == known {
        return Ok(Opened::Ready);
    }
    if found > known {
        return Err(newer(connection, path, found, known));
    }
    write_ahead(connection).map_err(failed)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = layout(&transaction).map_err(failed)?;
    if found > known {
        return Err(newer(&transaction, path, found, known));
    }
    if found < known {
        drop_everything(&transaction).map_err(failed)?;
        transaction.execute_batch(TABLES).map_err(failed)?;
        transaction.execute_batch(SEARCH).map_err(failed)?;
        transaction.execute_batch(INDEXES).map_err(failed)?;
        transaction.execute_batch(SEGMENTS).map_err(failed)?;
        stamp(&transaction, known).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(match found {
        0 => Opened::Created,
        found if found == known => Opened::Ready,
        from => Opened::Emptied { from },
    })
}

fn layout(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn stamp(connection: &Connection, layout: i64) -> rusqlite::Result<()> {
    let made_by = "INSERT OR REPLACE INTO about (key, value) VALUES ('made_by', ?1)";
    connection.execute(made_by, [env!("CARGO_PKG_VERSION")])?;
    connection.pragma_update(None, "user_version", layout)
}

/// Switches to WAL, which the file then remembers. SQLite asks no busy handler here, so this waits by itself.
#[expect(clippy::disallowed_methods, reason = "polls with a deadline: SQLite has no way to wait for this lock")]
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut left = BUSY_DEADLINE;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && left > PAUSE => {
                std::thread::sleep(PAUSE);
                left -= PAUSE;
            }
            done => return done,
        }
    }
}

fn newer(connection: &Connection, path: &Path, found: i64, known: i64) -> IndexError {
    let made_by = "SELECT value FROM about WHERE key = 'made_by'";
    let made_by = connection.query_row(made_by, [], |row| row.get(0)).optional();
    let made_by = made_by.ok().flatten().unwrap_or_else(|| "of an unknown version".to_owned());
    IndexError::Newer { path: path.to_owned(), found, known, made_by }
}

/// Drops all tables; virtual ones first, which take their own along.
fn drop_everything(connection: &Connection) -> rusqlite::Result<()> {
    for only in ["AND sql LIKE 'CREATE VIRTUAL TABLE%'", "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"] {
        let sql = format!("SELECT name FROM sqlite_schema WHERE type = 'table' {only}");
        let names: Vec<String> =
            connection.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for name in names {
            connection.execute_batch(&format!("DROP TABLE \"{}\"", name.replace('"', "\"\"")))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_sqlite_is_refused() {
        let error = check_sqlite(3_051_002).unwrap_err().to_string();
        assert_eq!(error, "the linked SQLite 3.51.2 can corrupt a shared database; `journal` needs 3.51.3 or newer");
        assert!(check_sqlite(rusqlite::version_number()).is_ok());
    }

    #[test]
    fn an_older_layout_is_emptied_and_a_newer_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        let (mut connection, opened) = open_writer(&path).unwrap();
        assert_eq!(opened, Opened::Created);
        connection.execute("INSERT INTO aliases (key, note) VALUES ('x', 1)", []).unwrap();
        assert_eq!(settle_layout(&mut connection, &path, LAYOUT).unwrap(), Opened::Ready);
        assert_eq!(settle_layout(&mut connection, &path, LAYOUT + 1).unwrap(), Opened::Emptied { from: LAYOUT });
        let aliases: i64 = connection.query_row("SELECT count(*) FROM aliases", [], |row| row.get(0)).unwrap();
        assert_eq!(aliases, 0);
        let error = open_writer(&path).unwrap_err();
        let newer = LAYOUT + 1;
        assert!(matches!(&error, IndexError::Newer { found, known: LAYOUT, .. } if *found == newer), "{error}");
        assert!(matches!(open_reader(&path), Err(IndexError::Newer { .. })));
        connection.pragma_update(None, "user_version", LAYOUT - 1).unwrap();
        assert!(matches!(open_reader(&path), Err(IndexError::Outdated { .. })));
        connection.pragma_update(None, "user_version", 0).unwrap();
        assert!(matches!(open_reader(&path), Err(IndexError::Missing { .. })));
    }

    #[test]
    fn many_may_open_a_new_index_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        let opened: Vec<Opened> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| open_writer(&path).unwrap().1)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(opened.iter().filter(|opened| **opened == Opened::Created).count(), 1, "{opened:?}");
    }

    #[test]
    fn a_damaged_page_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        let text = "some words of a note ".repeat(400);
        let note = |n: u128| {
            let signature = crate::FileSignature { hash: n, ..crate::FileSignature::default() };
            crate::index_note(format!("{n}.md").parse().unwrap(), signature, &text)
        };
        crate::Index::build(&path, [], (0..40).map(note)).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let pages = bytes.len() / PAGE_BYTES as usize;
        for page in pages / 2..pages {
            let start = page * PAGE_BYTES as usize;
            bytes[start..start + 200].fill(0x5a);
        }
        std::fs::write(&path, bytes).unwrap();
        let reader = crate::Reader::open(&path).unwrap();
        match reader.read(|snapshot| snapshot.integrity_check()) {
            Ok(found) => assert_ne!(found, [""; 0]),
            Err(error) => assert!(matches!(error, IndexError::Damaged { .. }), "{error}"),
        }
        assert!(matches!(reader.read(|snapshot| snapshot.dump()), Err(IndexError::Damaged { .. })));
    }

    #[test]
    fn a_file_that_is_no_database_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        assert!(matches!(open_reader(&path), Err(IndexError::Missing { .. })));
        std::fs::write(&path, "no database, but long enough to be looked at as one ".repeat(100)).unwrap();
        assert!(matches!(open_writer(&path), Err(IndexError::Damaged { .. })));
        assert!(matches!(open_reader(&path), Err(IndexError::Damaged { .. })));
    }
}
