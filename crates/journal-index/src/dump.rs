//! The whole of an index as text, by which two of them are compared.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;

use crate::{IndexError, Snapshot, vectors::sketch};

/// Everything but row numbers: those of notes are told as paths. Vectors whose text stands nowhere are not told: they stay until
/// they are collected.
const TABLES: &[(&str, &str)] = &[
    (
        "note",
        "SELECT path, path_key, stem_key, id, id_key, id_tail, kind, type, title, title_key, aliases, tags, created, updated,
             changed, size, mtime_ns, changed_ns, inode, hash, parser, words, session, number, branch, branch_from, revises,
             next_needed, superseded, status, project, agent, summary FROM notes",
    ),
    ("text", "SELECT path, head, body, texts.headings FROM texts LEFT JOIN notes USING (note)"),
    (
        "chunk",
        "SELECT path, place, start, length, line, lines, lead, chunks.headings, chunks.hash FROM chunks LEFT JOIN notes USING (note)",
    ),
    ("alias", "SELECT path, key FROM aliases LEFT JOIN notes USING (note)"),
    ("property", "SELECT path, place, key, value FROM properties LEFT JOIN notes USING (note)"),
    (
        "link",
        "SELECT source.path, place, links.kind, target, target_key, fragment, alias, line, property, state, target.path
         FROM links LEFT JOIN notes AS source ON source.note = links.note
                    LEFT JOIN notes AS target ON target.note = links.resolved",
    ),
    ("diagnostic", "SELECT path, place, code, line, message, hint FROM diagnostics LEFT JOIN notes USING (note)"),
    (
        "vector",
        "SELECT name, dimensions, vectors.hash, floats FROM vectors JOIN models USING (model)
         WHERE EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = vectors.hash)",
    ),
    ("about", "SELECT key, value FROM about WHERE key IN ('notes', 'words')"),
];

impl Snapshot<'_> {
    /// Everything in the index, a sorted line a row, independent of how it came there: equal lists are equal indexes. For
    /// tests and checks; it holds all texts in memory.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn dump(&self) -> Result<Vec<String>, IndexError> {
        self.ask("read the whole index", |connection| {
            let mut lines = Vec::new();
            for (name, sql) in TABLES {
                let mut statement = connection.prepare(sql)?;
                let columns = statement.column_count();
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let mut line = (*name).to_owned();
                    for column in 0..columns {
                        line.push('\t');
                        line.push_str(&shown(row.get_ref(column)?));
                    }
                    lines.push(line);
                }
            }
            lines.extend(words(connection)?);
            lines.extend(sketches(connection)?);
            lines.sort_unstable();
            Ok(lines)
        })
    }
}

/// The sketches of vectors whose text stands somewhere.
fn sketches(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<String>> {
    let mut models = connection.prepare("SELECT model, name, dimensions FROM models")?;
    let mut models = models.query([])?;
    let mut stands = connection.prepare("SELECT 1 FROM chunks WHERE hash = ?1")?;
    let mut lines = Vec::new();
    while let Some(model) = models.next()? {
        let (row, name, dimensions): (i64, String, u32) = (model.get(0)?, model.get(1)?, model.get(2)?);
        let mut entries = Vec::new();
        sketch::each(connection, row, dimensions as usize, |hash, bits| {
            entries.push((hash, format!("sketch\t{name:?}\t{hash:032x}\t{}", shown(ValueRef::Blob(bits)))));
        })?;
        for (hash, line) in entries {
            if stands.exists([hash.to_be_bytes()])? {
                lines.push(line);
            }
        }
    }
    Ok(lines)
}

/// The words that full-text search knows of each note, and where they stand, as one hash a note.
fn words(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<String>> {
    let mut documents: BTreeMap<i64, (u64, u128)> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT doc, term, col, offset FROM instances")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let place = format!("{} {} {}", row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?);
        let (count, sum) = documents.entry(row.get(0)?).or_default();
        *count += 1;
        *sum = sum.wrapping_add(xxhash_rust::xxh3::xxh3_128(place.as_bytes()));
    }
    let mut path = connection.prepare("SELECT path FROM notes WHERE note = ?1")?;
    documents
        .into_iter()
        .map(|(note, (count, sum))| {
            let path: Option<String> = path.query_row([note], |row| row.get(0)).or_else(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Ok(None),
                error => Err(error),
            })?;
            Ok(format!("words\t{path:?}\t{count}\t{sum:032x}"))
        })
        .collect()
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "~".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
