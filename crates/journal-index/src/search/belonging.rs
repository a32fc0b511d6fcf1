//! Filters that a thought fits by its session: it has the project and the status that its session has. The sessions are looked up
//! for each search and nothing is copied, so a session that is completed takes its thoughts along.
//!
//! Notes of few sessions are found by the words of their sessions, like any other filter. The notes of many are gathered as bits.

use rusqlite::Connection;

use super::plan::{either, quoted};
use crate::{NoteKind, document::Field, query::Filters};

/// Of more sessions than this the notes are gathered: every word costs a look at the index for each list that is read.
const FEW_SESSIONS: usize = 32;

/// The sessions that have what is asked for.
#[derive(Debug, Default)]
pub(super) struct Belonging {
    /// The filters that full-text search answers, each with the words of sessions that fit as well.
    words: Vec<(Field, Vec<String>)>,
    excluded_words: Vec<String>,
    /// The notes that fit each of the others.
    pub required: Vec<Rows>,
    /// Notes of sessions that must not be told.
    pub excluded: Rows,
}

impl Belonging {
    pub(super) fn new(connection: &Connection, filters: &Filters) -> rusqlite::Result<Self> {
        let mut own = Self::default();
        let session = NoteKind::Session.as_str();
        // Of sessions alone, their own notes say all.
        let only_sessions = filters.required.iter().any(|(field, values)| {
            *field == Field::Type && values.iter().all(|value| value.eq_ignore_ascii_case(session))
        });
        let sessions = |field: Field, values: &[String]| match field {
            Field::Project | Field::Status if !only_sessions => sessions(connection, field, values),
            _ => Ok(Vec::new()),
        };
        for (field, values) in &filters.required {
            let found = sessions(*field, values)?;
            if found.len() <= FEW_SESSIONS {
                own.words.push((*field, found.iter().map(|id| Field::Session.word(id)).collect()));
                continue;
            }
            let mut rows = Rows::default();
            rows.add_matching(connection, &either(values.iter().map(|value| quoted(&field.word(value)))))?;
            rows.add_sessions(connection, &found)?;
            own.required.push(rows);
        }
        for (field, value) in &filters.excluded {
            let found = sessions(*field, std::slice::from_ref(value))?;
            if found.len() <= FEW_SESSIONS {
                own.excluded_words.extend(found.iter().map(|id| Field::Session.word(id)));
            } else {
                own.excluded.add_sessions(connection, &found)?;
            }
        }
        Ok(own)
    }

    /// The words of the sessions that fit a filter; `None` where full-text search is not asked for it.
    pub(super) fn sessions(&self, field: Field) -> Option<&[String]> {
        self.words.iter().find(|(own, _)| *own == field).map(|(_, words)| words.as_slice())
    }

    /// The words of the sessions whose notes must not be told.
    pub(super) fn excluded_sessions(&self) -> &[String] {
        &self.excluded_words
    }
}

/// The ids of the sessions that have one of these values.
fn sessions(connection: &Connection, field: Field, values: &[String]) -> rusqlite::Result<Vec<String>> {
    let kind = quoted(&Field::Type.word(NoteKind::Session.as_str()));
    let expression = format!("{} AND {kind}", either(values.iter().map(|value| quoted(&field.word(value)))));
    let sql = "SELECT session FROM search JOIN notes ON note = search.rowid
               WHERE search MATCH ?1 AND kind = 0 AND session IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map([expression], |row| row.get(0))?.collect()
}

/// Notes, a bit each.
#[derive(Debug, Default)]
pub(super) struct Rows {
    bits: Vec<u64>,
}

impl Rows {
    pub(super) fn have(&self, row: i64) -> bool {
        let word = usize::try_from(row / 64).ok().and_then(|word| self.bits.get(word));
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(super) fn count(&self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }

    fn add(&mut self, row: u32) {
        let word = row as usize / 64;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (row % 64);
    }

    fn add_matching(&mut self, connection: &Connection, expression: &str) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1")?;
        let mut rows = statement.query([expression])?;
        while let Some(row) = rows.next()? {
            self.add(row.get(0)?);
        }
        Ok(())
    }

    fn add_sessions(&mut self, connection: &Connection, ids: &[String]) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached("SELECT note FROM notes WHERE session = ?1")?;
        for id in ids {
            let mut rows = statement.query([id])?;
            while let Some(row) = rows.next()? {
                self.add(row.get(0)?);
            }
        }
        Ok(())
    }
}
