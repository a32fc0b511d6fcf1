//! The same work in bare SQLite.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params, params_from_iter, types::Value};

use crate::{measure::timed, texts::Text};

const BULK: &str = "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;";

/// The rows of an index but for its texts and full-text search, in memory.
pub struct Rows(Vec<Table>);

struct Table {
    schema: String,
    insert: String,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    pub fn read(index: &Path) -> Self {
        let connection = Connection::open(index).expect("the index opens");
        let tables = ["notes", "chunks", "aliases", "properties", "links", "diagnostics"];
        Self(tables.iter().map(|name| Table::read(&connection, name).expect("the index can be read")).collect())
    }
}

impl Table {
    fn read(connection: &Connection, name: &str) -> rusqlite::Result<Self> {
        let mut found = connection.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
        let schema = found.query_row([name], |row| row.get(0))?;
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}"))?;
        let columns = statement.column_count();
        let places: Vec<String> = (1..=columns).map(|place| format!("?{place}")).collect();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        let rows = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Self { schema, insert: format!("INSERT INTO {name} VALUES ({})", places.join(", ")), rows })
    }
}

/// How long the raw insert took.
pub struct Raw {
    /// With the texts and full-text search alone.
    pub search: Duration,
    /// With the other rows of the index as well, but none of the indexes over them.
    pub all: Duration,
}

/// Inserts the texts and a full-text index over them, as fast as FTS5 goes: external content, a large hash table, one
/// transaction, no journal. Then, in the same transaction, the rows of an index.
pub fn raw(path: &Path, texts: &[Text], rows: &Rows) -> Raw {
    let connection = Connection::open(path).expect("a database can be made");
    let insert = || -> rusqlite::Result<Raw> {
        let start = Instant::now();
        connection.execute_batch(BULK)?;
        connection.execute_batch(
            "CREATE TABLE texts (id INTEGER PRIMARY KEY, title, body);
             CREATE VIRTUAL TABLE search USING fts5(title, body, content = texts, content_rowid = id,
                 tokenize = 'unicode61 remove_diacritics 2');
             INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);
             BEGIN",
        )?;
        let mut row = connection.prepare("INSERT INTO texts VALUES (?1, ?2, ?3)")?;
        let mut document = connection.prepare("INSERT INTO search (rowid, title, body) VALUES (?1, ?2, ?3)")?;
        for (id, text) in (1_i64..).zip(texts) {
            row.execute(params![id, text.title, text.whole])?;
            document.execute(params![id, text.title, text.whole])?;
        }
        let mut other = Duration::ZERO;
        for table in &rows.0 {
            let (done, time) = timed(|| -> rusqlite::Result<()> {
                connection.execute_batch(&table.schema)?;
                let mut insert = connection.prepare(&table.insert)?;
                for row in &table.rows {
                    insert.execute(params_from_iter(row))?;
                }
                Ok(())
            });
            done?;
            other += time;
        }
        connection.execute_batch("COMMIT")?;
        let all = start.elapsed();
        Ok(Raw { search: all - other, all })
    };
    insert().expect("rows can be inserted")
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

/// The size of a database in bytes.
pub fn size(path: &Path) -> f64 {
    std::fs::metadata(path).expect("it was made").len() as f64
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
