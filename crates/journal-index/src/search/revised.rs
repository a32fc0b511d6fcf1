//! Thoughts that later ones revise: they are not told, but that they are there is, where nothing else is what was asked for.

use std::collections::HashSet;

use rusqlite::params;

use super::{Ranked, Search, Why, plan::Sought};

/// A count gives up after so many rows.
const MAX_READ: i64 = 20_000;

impl Search<'_> {
    /// How many revised thoughts have the title that was asked for, or all the words, or the phrases; 0 where a note that is told
    /// does. `ranked` are those that words found; `None` where words do not count.
    pub(super) fn revised(
        &self,
        named: &[(i64, Why)],
        exact: &[(i64, Why)],
        ranked: Option<&[Ranked]>,
    ) -> rusqlite::Result<u64> {
        if !exact.is_empty() || self.cursor.is_some() || !self.allowed.leaves_out_revised() {
            return Ok(0);
        }
        let mut found = HashSet::new();
        for (row, _) in named {
            if self.allowed.revised(*row) && self.is_wanted(*row)? {
                found.insert(*row);
            }
        }
        if ranked.is_some_and(|ranked| !ranked.iter().any(|ranked| ranked.full)) {
            let sought = if self.plan.is_question() { Sought::Any } else { Sought::All };
            let connection = self.snapshot.connection;
            let sql = "SELECT rowid FROM search WHERE search MATCH ?1 LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![self.plan.expression(sought), MAX_READ])?;
            while let Some(row) = rows.next()? {
                let row = row.get(0)?;
                if self.allowed.revised(row) && self.allowed.holds(connection, row)? {
                    found.insert(row);
                }
            }
        }
        Ok(found.len() as u64)
    }
}
