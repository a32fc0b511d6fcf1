//! One state of the index, and what is read of it.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use journal_model::{NoteId, VaultPath};
use rusqlite::{Connection, OptionalExtension, Row, types::Type};

use crate::{
    FileSignature, IndexError, NoteHeading, NoteKind, Thinking,
    document::{Parts, Texts},
    stored::{kind_of, unpack_headings},
};

/// One state of the index: everything asked of it is answered from one transaction.
#[derive(Debug)]
pub struct Snapshot<'c> {
    pub(crate) connection: &'c Connection,
    path: &'c Path,
    known: &'c Known,
}

/// A note as the index knows it. The file may say something else by now: whoever needs the truth reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
    /// Where it lies.
    pub path: VaultPath,
    /// `id`.
    pub id: Option<NoteId>,
    /// What it is.
    pub kind: NoteKind,
    /// `type`, as written.
    pub note_type: Option<String>,
    /// `title`, or the name of the file.
    pub title: String,
    /// `aliases`.
    pub aliases: Vec<String>,
    /// Tags, without `#`.
    pub tags: Vec<String>,
    /// `created`, as written.
    pub created: Option<String>,
    /// `updated`, as written.
    pub updated: Option<String>,
    /// `updated`, `created` or the file's time, in seconds since 1970 as the clock on the wall shows them.
    pub changed: i64,
    /// `status`.
    pub status: Option<String>,
    /// `project`.
    pub project: Option<String>,
    /// `agent`.
    pub agent: Option<String>,
    /// `summary`.
    pub summary: Option<String>,
    /// Number, branch and session.
    pub thinking: Thinking,
    /// Whether a later thought revises this one.
    pub superseded: bool,
    /// The file it was read from.
    pub signature: FileSignature,
    /// How many words it has.
    pub words: u32,
}

/// What a connection remembers from read to read, as long as nothing was written.
#[derive(Debug, Default)]
pub(crate) struct Known {
    facts: RefCell<Arc<Facts>>,
    /// In how many notes a word is, for the words asked for.
    frequencies: RefCell<HashMap<String, u64>>,
}

/// Facts about a whole index.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    generation: i64,
    pub(crate) notes: i64,
    pub(crate) words: i64,
    pub(crate) superseded: HashSet<i64>,
}

/// The most words whose frequencies a connection remembers.
const REMEMBERED: usize = 10_000;

pub(crate) fn read_with<T>(
    connection: &Connection,
    path: &Path,
    known: &Known,
    read: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>,
) -> Result<T, IndexError> {
    let transaction =
        connection.unchecked_transaction().map_err(|error| IndexError::new(path, "begin to read the index", error))?;
    let value = read(&Snapshot { connection, path, known })?;
    transaction.finish().map_err(|error| IndexError::new(path, "end reading the index", error))?;
    Ok(value)
}

impl Snapshot<'_> {
    /// Runs a query and says what it was for when it fails.
    pub(crate) fn ask<T>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, IndexError> {
        query(self.connection).map_err(|error| IndexError::new(self.path, doing, error))
    }

    /// How often the index was written. Two states of one file with the same number are the same.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn generation(&self) -> Result<i64, IndexError> {
        self.ask("read the index's state", |connection| about(connection, "generation"))
    }

    pub(crate) fn facts(&self) -> rusqlite::Result<Arc<Facts>> {
        let generation = about(self.connection, "generation")?;
        let known = Arc::clone(&self.known.facts.borrow());
        if known.generation == generation && generation > 0 {
            return Ok(known);
        }
        let sql = "SELECT note FROM notes WHERE superseded = 1";
        let superseded =
            self.connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let facts = Arc::new(Facts {
            generation,
            notes: about(self.connection, "notes")?,
            words: about(self.connection, "words")?,
            superseded,
        });
        *self.known.facts.borrow_mut() = Arc::clone(&facts);
        self.known.frequencies.borrow_mut().clear();
        Ok(facts)
    }

    /// In how many notes a word is. [`Snapshot::facts`] comes first: it forgets what was true of an earlier state.
    pub(crate) fn frequency(&self, word: &str) -> rusqlite::Result<u64> {
        let mut known = self.known.frequencies.borrow_mut();
        if let Some(frequency) = known.get(word) {
            return Ok(*frequency);
        }
        let sql = "SELECT doc FROM vocabulary WHERE term = ?1";
        let found: Option<i64> = self.connection.prepare_cached(sql)?.query_row([word], |row| row.get(0)).optional()?;
        let frequency = found.unwrap_or(0).max(0).unsigned_abs();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(word.to_owned(), frequency);
        Ok(frequency)
    }

    /// The notes that a condition over `notes` selects.
    pub(crate) fn notes_where(
        &self,
        doing: &'static str,
        condition: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<NoteRow>, IndexError> {
        self.ask(doing, |connection| {
            let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM notes WHERE {condition}"))?;
            statement.query_map(parameters, read_note)?.collect()
        })
    }
}

/// A number in `about`.
pub(crate) fn about(connection: &Connection, key: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT value FROM about WHERE key = ?1")?.query_row([key], |row| row.get(0))
}

/// The note of a row.
pub(crate) fn note_of(connection: &Connection, row: i64) -> rusqlite::Result<NoteRow> {
    connection.prepare_cached(&format!("SELECT {COLUMNS} FROM notes WHERE note = ?1"))?.query_row([row], read_note)
}

/// The columns that [`read_note`] reads, without their table's name where it does not matter.
pub(crate) const COLUMNS: &str = "notes.path, notes.id, notes.kind, notes.type, notes.title, notes.aliases, notes.tags,
    notes.created, notes.updated, notes.changed, notes.status, notes.project, notes.agent, notes.summary, notes.session,
    notes.number, notes.branch, notes.branch_from, notes.revises, notes.next_needed, notes.superseded, notes.words,
    notes.size, notes.mtime_ns, notes.changed_ns, notes.inode, notes.hash";

/// How many columns [`COLUMNS`] are.
pub(crate) const COLUMN_COUNT: usize = 27;

pub(crate) fn read_note(row: &Row<'_>) -> rusqlite::Result<NoteRow> {
    let path = read_path(row, 0)?;
    let id = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.and_then(|id| id.parse().ok()));
    Ok(NoteRow {
        id: id(1)?,
        kind: kind_of(row.get(2)?),
        note_type: row.get(3)?,
        title: row.get::<_, Option<String>>(4)?.unwrap_or_else(|| path.stem().to_owned()),
        aliases: read_lines(row, 5)?,
        tags: read_lines(row, 6)?,
        created: row.get(7)?,
        updated: row.get(8)?,
        changed: row.get(9)?,
        status: row.get(10)?,
        project: row.get(11)?,
        agent: row.get(12)?,
        summary: row.get(13)?,
        thinking: Thinking {
            session: id(14)?,
            number: row.get(15)?,
            branch: row.get(16)?,
            branch_from: row.get(17)?,
            revises: row.get(18)?,
            next_needed: row.get(19)?,
        },
        superseded: row.get(20)?,
        words: row.get(21)?,
        signature: read_signature(row, 22)?,
        path,
    })
}

pub(crate) fn read_path(row: &Row<'_>, column: usize) -> rusqlite::Result<VaultPath> {
    row.get::<_, String>(column)?
        .parse()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Five columns: size, both times, inode, hash.
pub(crate) fn read_signature(row: &Row<'_>, first: usize) -> rusqlite::Result<FileSignature> {
    Ok(FileSignature {
        size: row.get::<_, i64>(first)?.cast_unsigned(),
        mtime_ns: row.get(first + 1)?,
        changed_ns: row.get(first + 2)?,
        inode: row.get::<_, i64>(first + 3)?.cast_unsigned(),
        hash: u128::from_be_bytes(row.get(first + 4)?),
    })
}

pub(crate) fn read_lines(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    let lines: Option<String> = row.get(column)?;
    Ok(lines.unwrap_or_default().lines().map(str::to_owned).collect())
}

/// A note as full-text search was given it, read back.
#[derive(Debug, Clone)]
pub(crate) struct StoredParts {
    pub note: NoteRow,
    title: Option<String>,
    pub body: String,
    pub headings: Vec<NoteHeading>,
}

impl StoredParts {
    pub(crate) fn parts(&self) -> Parts<'_> {
        let note = &self.note;
        Parts {
            texts: Texts {
                body: &self.body,
                title: self.title.as_deref(),
                stem: note.path.stem(),
                aliases: note.aliases.iter().map(String::as_str).collect(),
                headings: self.headings.iter().map(|heading| heading.text.as_str()).collect(),
                summary: note.summary.as_deref(),
                tags: note.tags.iter().map(String::as_str).collect(),
            },
            kind: note.kind,
            note_type: note.note_type.as_deref(),
            session: note.thinking.session.as_ref().map(NoteId::as_str),
            branch: note.thinking.branch.as_deref(),
            status: note.status.as_deref(),
            project: note.project.as_deref(),
            agent: note.agent.as_deref(),
        }
    }
}

/// Reads what the document of a row was made of.
pub(crate) fn stored_parts(connection: &Connection, row: i64) -> rusqlite::Result<StoredParts> {
    let sql = format!(
        "SELECT {COLUMNS}, texts.body, texts.headings FROM notes JOIN texts USING (note) WHERE notes.note = ?1"
    );
    connection.prepare_cached(&sql)?.query_row([row], |found| {
        Ok(StoredParts {
            note: read_note(found)?,
            title: found.get(4)?,
            body: found.get(COLUMN_COUNT)?,
            headings: unpack_headings(&found.get::<_, String>(COLUMN_COUNT + 1)?),
        })
    })
}
