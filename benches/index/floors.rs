//! The same work in bare SQLite.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};

use crate::{measure::timed, texts::Text};

const BULK: &str = "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;";

/// Inserts the texts and a full-text index over them, as fast as FTS5 goes: external content, a large hash table, one
/// transaction, no journal.
pub fn raw_search(path: &Path, texts: &[Text]) -> Duration {
    let connection = Connection::open(path).expect("a database can be made");
    connection.execute_batch(BULK).expect("pragmas are known");
    connection
        .execute_batch(
            "CREATE TABLE texts (id INTEGER PRIMARY KEY, title, body);
             CREATE VIRTUAL TABLE search USING fts5(title, body, content = texts, content_rowid = id,
                 tokenize = 'unicode61 remove_diacritics 2');
             INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);",
        )
        .expect("tables can be made");
    let insert = || -> rusqlite::Result<()> {
        connection.execute_batch("BEGIN")?;
        let mut row = connection.prepare("INSERT INTO texts VALUES (?1, ?2, ?3)")?;
        let mut document = connection.prepare("INSERT INTO search (rowid, title, body) VALUES (?1, ?2, ?3)")?;
        for (id, text) in (1_i64..).zip(texts) {
            row.execute(params![id, text.title, text.whole])?;
            document.execute(params![id, text.title, text.whole])?;
        }
        connection.execute_batch("COMMIT")
    };
    timed(|| insert().expect("rows can be inserted")).1
}

/// Writes the rows of an index once more, but for its texts and full-text search, with its indexes.
pub fn same_rows(path: &Path, index: &Path) -> Duration {
    let connection = Connection::open(path).expect("a database can be made");
    connection.execute_batch(BULK).expect("pragmas are known");
    connection.execute("ATTACH ?1 AS own", [index.to_str()]).expect("the index opens");
    let copy = || -> rusqlite::Result<()> {
        connection.execute_batch("BEGIN")?;
        let sql = "SELECT type, name, sql FROM own.sqlite_schema WHERE sql NOT LIKE 'CREATE VIRTUAL%'
                   AND tbl_name IN ('notes', 'chunks', 'aliases', 'properties', 'links', 'diagnostics') ORDER BY type DESC";
        let mut found = connection.prepare(sql)?;
        let items = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for item in items.collect::<rusqlite::Result<Vec<(String, String, String)>>>()? {
            let (kind, name, sql) = item;
            connection.execute_batch(&sql)?;
            if kind == "table" {
                connection.execute_batch(&format!("INSERT INTO main.{name} SELECT * FROM own.{name}"))?;
            }
        }
        connection.execute_batch("COMMIT")
    };
    timed(|| copy().expect("rows can be copied")).1
}

/// Commits of one text each.
pub fn commits(path: &Path, texts: &[Text]) -> Vec<Duration> {
    let connection = Connection::open(path).expect("a database can be made");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (id INTEGER PRIMARY KEY, text);",
        )
        .expect("tables can be made");
    let commit = |text: &Text| {
        let start = Instant::now();
        connection.execute("INSERT INTO t (text) VALUES (?1)", [&text.whole]).expect("a row can be inserted");
        start.elapsed()
    };
    texts.iter().take(400).map(commit).collect()
}

/// The size of a database, as a share of the text.
pub fn size(path: &Path, bytes: usize) -> f64 {
    std::fs::metadata(path).expect("it was made").len() as f64 / bytes as f64
}

/// The ten best texts by FTS5's own ranking, which scores every match.
pub struct Ranked(Connection);

impl Ranked {
    pub fn open(path: &Path) -> Self {
        let connection = Connection::open(path).expect("the database opens");
        connection
            .execute_batch("PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824;")
            .expect("pragmas are known");
        Self(connection)
    }

    /// The numbers of the best texts for an expression in FTS5's syntax, from 0.
    pub fn best(&self, expression: &str) -> Vec<usize> {
        let sql =
            "SELECT rowid FROM search WHERE search MATCH ?1 AND rank MATCH 'bm25(6.0, 1.0)' ORDER BY rank LIMIT 10";
        let mut statement = self.0.prepare_cached(sql).expect("the query is sound");
        let rows = statement.query_map([expression], |row| row.get::<_, u32>(0)).expect("the query runs");
        rows.map(|row| row.expect("rows are numbers") as usize - 1).collect()
    }
}
