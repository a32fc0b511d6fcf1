//! Which thoughts are superseded, settled a session at a time by the rules of `journal-model`.

use std::collections::BTreeSet;

use journal_model::{Gathered, Line, NoteId, Thought, ThoughtNumber, VaultPath};
use rusqlite::{Connection, params};

use crate::{NoteKind, note::IndexedNote, stored::target_key};

/// Settles the thoughts of `sessions`.
pub(super) fn settle(connection: &Connection, sessions: &BTreeSet<String>) -> rusqlite::Result<()> {
    for session in sessions {
        settle_one(connection, session)?;
    }
    Ok(())
}

/// Whether a note can change which thoughts of its session are superseded, where none was before.
pub(super) fn revises(note: &IndexedNote) -> bool {
    let links = || note.links.iter().any(|link| link.property.as_deref() == Some(SUPERSEDES));
    note.kind == NoteKind::Thought && (note.thinking.revises.is_some() || links())
}

/// The property that links a revised thought.
const SUPERSEDES: &str = "supersedes";

struct Row {
    note: i64,
    superseded: bool,
    thought: Thought,
}

fn settle_one(connection: &Connection, session: &str) -> rusqlite::Result<()> {
    // Only ids that were parsed are ever written.
    let Ok(id) = session.parse::<NoteId>() else { return Ok(()) };
    let sql = "SELECT note, superseded, path, id, created, number, branch, branch_from, revises
               FROM notes WHERE session = ?1 AND kind = 1";
    let mut rows: Vec<Row> =
        connection.prepare_cached(sql)?.query_map([session], |row| read(row, &id))?.collect::<Result<_, _>>()?;
    let mut linked = connection.prepare_cached("SELECT target FROM links WHERE note = ?1 AND property = ?2")?;
    for row in &mut rows {
        let targets = linked.query_map(params![row.note, SUPERSEDES], |found| found.get::<_, String>(0))?;
        row.thought.supersedes = targets.map(|target| Ok(target_key(&target?, ""))).collect::<rusqlite::Result<_>>()?;
    }
    if rows.iter().all(|row| row.thought.revises.is_none() && row.thought.supersedes.is_empty() && !row.superseded) {
        return Ok(());
    }
    let gathered = Gathered::new(id, None, rows.iter().map(|row| row.thought.clone()).collect());
    let superseded = gathered.superseded();
    for row in &rows {
        let now = superseded.contains_key(&row.thought.path);
        if now != row.superseded {
            let sql = "UPDATE notes SET superseded = ?2 WHERE note = ?1";
            connection.prepare_cached(sql)?.execute(params![row.note, now])?;
        }
    }
    Ok(())
}

fn read(row: &rusqlite::Row<'_>, session: &NoteId) -> rusqlite::Result<Row> {
    let path: VaultPath = row
        .get::<_, String>(2)?
        .parse()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error)))?;
    let number = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<u32>>(column)?.and_then(ThoughtNumber::new));
    let thought = Thought {
        id: row.get::<_, Option<String>>(3)?.and_then(|id| id.parse().ok()),
        title: String::new(),
        created: row.get(4)?,
        agent: None,
        tags: Vec::new(),
        session: Some(session.clone()),
        number: number(5)?,
        total: None,
        next_needed: true,
        line: row.get::<_, Option<String>>(6)?.and_then(|name| name.parse().ok()).unwrap_or(Line::Main),
        branch_from: number(7)?,
        revises: number(8)?,
        depends_on: Vec::new(),
        supersedes: Vec::new(),
        path,
    };
    Ok(Row { note: row.get(0)?, superseded: row.get(1)?, thought })
}
