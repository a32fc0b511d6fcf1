//! Filters that full-text search does not know of: where a note lies, when it changed, whether it is superseded, and which of many
//! sessions it belongs to.

use std::{collections::HashSet, sync::Arc};

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{Belonging, Total, belonging::Rows};
use crate::{locate::END, query::Filters, snapshot::Facts};

/// Which notes may be told.
pub(super) struct Allowed {
    facts: Arc<Facts>,
    include_superseded: bool,
    by: By,
    /// Notes of which each list must have a note, because they are many.
    required: Vec<Rows>,
    excluded: Rows,
}

enum By {
    /// Neither path nor date is asked for.
    Nothing,
    /// These notes, because they are few.
    Rows(HashSet<i64>),
    /// A condition over `notes`, looked up for each note.
    Lookup { condition: String, values: Vec<Value> },
}

/// A filter that leaves more notes than this is looked up note by note.
const FEW: usize = 20_000;

/// A count gives up after so many rows.
const MAX_READ: i64 = 20_000;
const MAX_READ_NARROW: i64 = 200_000;

impl Allowed {
    pub(super) fn new(
        connection: &Connection,
        facts: Arc<Facts>,
        filters: &Filters,
        belonging: Belonging,
        include_superseded: bool,
    ) -> rusqlite::Result<Self> {
        let (condition, values) = condition(filters);
        let by = if condition.is_empty() {
            By::Nothing
        } else {
            let sql = format!("SELECT note FROM notes WHERE {condition} LIMIT {}", FEW + 1);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(&values), |row| row.get(0))?;
            let rows: HashSet<i64> = rows.collect::<Result<_, _>>()?;
            if rows.len() > FEW { By::Lookup { condition, values } } else { By::Rows(rows) }
        };
        let Belonging { required, excluded, .. } = belonging;
        Ok(Self { facts, include_superseded, by, required, excluded })
    }

    /// Whether few notes are allowed at all.
    pub(super) fn is_narrow(&self) -> bool {
        matches!(self.by, By::Rows(_)) || self.required.iter().any(|rows| rows.count() <= FEW)
    }

    /// The notes that lie where and changed when they should, if these are few.
    pub(super) fn rows(&self) -> Option<&HashSet<i64>> {
        match &self.by {
            By::Rows(rows) => Some(rows),
            By::Nothing | By::Lookup { .. } => None,
        }
    }

    /// Whether [`Allowed::holds`] may refuse what [`Allowed::fits`] let pass.
    pub(super) fn is_looked_up(&self) -> bool {
        matches!(self.by, By::Lookup { .. })
    }

    /// How many notes there are at most that [`Allowed::fits`] lets pass, of so many.
    pub(super) fn most(&self, notes: usize) -> usize {
        self.required.iter().map(Rows::count).min().unwrap_or(notes).min(notes)
    }

    /// Whether a note may be allowed; costs next to nothing.
    pub(super) fn fits(&self, row: i64) -> bool {
        (self.include_superseded || !self.facts.superseded.contains(&row)) && self.is_asked_for(row)
    }

    /// Whether a note may be allowed but for a later thought that revises it.
    pub(super) fn revised(&self, row: i64) -> bool {
        !self.include_superseded && self.facts.superseded.contains(&row) && self.is_asked_for(row)
    }

    /// Whether there are revised thoughts, and they are not told.
    pub(super) fn leaves_out_revised(&self) -> bool {
        !self.include_superseded && !self.facts.superseded.is_empty()
    }

    fn is_asked_for(&self, row: i64) -> bool {
        self.required.iter().all(|rows| rows.have(row))
            && !self.excluded.have(row)
            && match &self.by {
                By::Rows(rows) => rows.contains(&row),
                By::Nothing | By::Lookup { .. } => true,
            }
    }

    /// Whether a note that [`Allowed::fits`] is allowed.
    pub(super) fn holds(&self, connection: &Connection, row: i64) -> rusqlite::Result<bool> {
        let By::Lookup { condition, values } = &self.by else { return Ok(true) };
        let sql = format!("SELECT 1 FROM notes WHERE note = ?{} AND {condition}", values.len() + 1);
        let values = values.iter().cloned().chain([Value::Integer(row)]);
        connection.prepare_cached(&sql)?.exists(params_from_iter(values))
    }

    /// Counts the allowed notes that an expression finds, to `most`.
    pub(super) fn count(&self, connection: &Connection, expression: &str, most: u64) -> rusqlite::Result<Total> {
        let limit = if self.is_narrow() { MAX_READ_NARROW } else { MAX_READ };
        let sql = "SELECT rowid FROM search WHERE search MATCH ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([expression])?;
        let (mut count, mut read) = (0, 0);
        while let Some(row) = rows.next()? {
            let note = row.get(0)?;
            if self.fits(note) && self.holds(connection, note)? {
                count += 1;
            }
            read += 1;
            if count > most || read >= limit {
                return Ok(Total::AtLeast(count.min(most)));
            }
        }
        Ok(Total::Exactly(count))
    }
}

/// A condition over `notes` with its values; empty when there is none.
fn condition(filters: &Filters) -> (String, Vec<Value>) {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let begins = |path: &String, values: &mut Vec<Value>| {
        values.push(Value::Text(path.clone()));
        values.push(Value::Text(format!("{path}{END}")));
        format!("(path_key >= ?{} AND path_key < ?{})", values.len() - 1, values.len())
    };
    let paths: Vec<String> = filters.paths.iter().map(|path| begins(path, &mut values)).collect();
    if !paths.is_empty() {
        conditions.push(format!("({})", paths.join(" OR ")));
    }
    for path in &filters.excluded_paths {
        conditions.push(format!("NOT {}", begins(path, &mut values)));
    }
    for (sign, time) in [(">=", filters.after), ("<", filters.before)] {
        if let Some(time) = time {
            values.push(Value::Integer(time));
            conditions.push(format!("changed {sign} ?{}", values.len()));
        }
    }
    (conditions.join(" AND "), values)
}
