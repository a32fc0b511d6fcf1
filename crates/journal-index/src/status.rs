//! How an index stands: counts, sizes, and whether the database is sound.

use rusqlite::Connection;

use crate::{IndexError, Snapshot, note::PARSER_VERSION, schema::LAYOUT, snapshot::about, vectors};

/// How an index stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Notes.
    pub notes: u64,
    /// Notes that are sessions.
    pub sessions: u64,
    /// Notes that are thoughts.
    pub thoughts: u64,
    /// Words of all notes.
    pub words: u64,
    /// Chunks of all notes.
    pub chunks: u64,
    /// Links between notes.
    pub links: u64,
    /// Links that lead nowhere.
    pub broken_links: u64,
    /// Links that may mean several notes.
    pub ambiguous_links: u64,
    /// Diagnostics of all notes.
    pub diagnostics: u64,
    /// Notes that were read by the rules of another version: they count as changed.
    pub stale: u64,
    /// The database's size in bytes, without its log.
    pub bytes: u64,
    /// Bytes of it that are free.
    pub free_bytes: u64,
    /// The layout of the tables.
    pub layout: i64,
    /// How often it was written.
    pub generation: i64,
    /// The SQLite that reads it.
    pub sqlite: &'static str,
}

impl Snapshot<'_> {
    /// How many notes, from the index's own count.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn count(&self) -> Result<u64, IndexError> {
        self.ask("count notes", |connection| about(connection, "notes")).map(|notes| notes.max(0).unsigned_abs())
    }

    /// How many things are wrong with indexed notes.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn diagnostics_count(&self) -> Result<u64, IndexError> {
        self.ask("count diagnostics", |connection| {
            let mut statement = connection.prepare_cached("SELECT count(*) FROM diagnostics")?;
            statement.query_row([], |row| row.get::<_, i64>(0)).map(|count| count.max(0).unsigned_abs())
        })
    }

    /// Counts everything. It looks at all notes.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn status(&self) -> Result<Status, IndexError> {
        self.ask("count what is indexed", |connection| {
            let count = |sql: &str| {
                connection
                    .prepare_cached(sql)?
                    .query_row([], |row| row.get::<_, i64>(0))
                    .map(|n| n.max(0).unsigned_abs())
            };
            let page_size = count("PRAGMA page_size")?;
            Ok(Status {
                notes: count("SELECT count(*) FROM notes")?,
                sessions: count("SELECT count(*) FROM notes WHERE kind = 0")?,
                thoughts: count("SELECT count(*) FROM notes WHERE kind = 1")?,
                words: count("SELECT value FROM about WHERE key = 'words'")?,
                chunks: count("SELECT count(*) FROM chunks")?,
                links: count("SELECT count(*) FROM links")?,
                broken_links: count("SELECT count(*) FROM links WHERE state = 0")?,
                ambiguous_links: count("SELECT count(*) FROM links WHERE state = 2")?,
                diagnostics: count("SELECT count(*) FROM diagnostics")?,
                stale: count(&format!("SELECT count(*) FROM notes WHERE parser <> {PARSER_VERSION}"))?,
                bytes: count("PRAGMA page_count")? * page_size,
                free_bytes: count("PRAGMA freelist_count")? * page_size,
                layout: LAYOUT,
                generation: about(connection, "generation")?,
                sqlite: rusqlite::version(),
            })
        })
    }

    /// What SQLite finds wrong with the database; empty when it is sound. Reads all of it.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when it cannot even be read, [`IndexError::Sqlite`].
    pub fn integrity_check(&self) -> Result<Vec<String>, IndexError> {
        self.ask("check the index", |connection| check(connection, "PRAGMA integrity_check"))
    }

    /// The same but for whether the indexes agree with the tables: a quarter of the time.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when it cannot even be read, [`IndexError::Sqlite`].
    pub fn quick_check(&self) -> Result<Vec<String>, IndexError> {
        self.ask("check the index", |connection| check(connection, "PRAGMA quick_check"))
    }
}

fn check(connection: &Connection, how: &str) -> rusqlite::Result<Vec<String>> {
    // A check opens no cursor, and only a new cursor has FTS5 notice that others have written: without one it looks for segments
    // that this connection remembers and that were merged since.
    connection.execute_batch("SELECT 1 FROM search LIMIT 1")?;
    let mut statement = connection.prepare(how)?;
    let mut told: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    told.retain(|line| line != "ok");
    let counted: i64 = connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?;
    let known = about(connection, "notes")?;
    if counted != known {
        told.push(format!("{counted} notes are there and {known} were counted"));
    }
    told.extend(vectors::differing(connection)?);
    Ok(told)
}
