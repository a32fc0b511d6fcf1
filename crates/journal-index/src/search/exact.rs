//! Notes that the query names: by id or part of it, title, name or alias.

use journal_model::name_key;
use rusqlite::params;

use super::{Search, Why};
use crate::{locate::END, stored::reversed};

/// The most notes that a query may name.
const MOST: usize = 5;

/// The fewest characters that are taken for part of an id, where words are expected.
const MIN_FRAGMENT: usize = 6;

impl Search<'_> {
    /// The rows of the notes that the query names, as far as the filters allow them. Whoever gives an id means that note, revised
    /// or not.
    pub(super) fn exact(&self, named: &[(i64, Why)]) -> rusqlite::Result<Vec<(i64, Why)>> {
        let mut allowed = Vec::new();
        for (row, why) in named {
            let may_be = self.allowed.fits(*row) || (*why == Why::Id && self.allowed.revised(*row));
            if allowed.len() < MOST && may_be && self.is_wanted(*row)? {
                allowed.push((*row, *why));
            }
        }
        Ok(allowed)
    }

    /// The rows of the notes that the query names.
    pub(super) fn named(&self) -> rusqlite::Result<Vec<(i64, Why)>> {
        let plain = self.query.plain();
        if plain.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: Vec<(i64, Why)> = Vec::new();
        let mut add = |rows: Vec<i64>, why| {
            for row in rows {
                if !found.iter().any(|(own, _)| *own == row) {
                    found.push((row, why));
                }
            }
        };
        let id = plain.to_lowercase();
        add(self.rows("SELECT note FROM notes WHERE id_key = ?1 ORDER BY path", [&id])?, Why::Id);
        if id.chars().count() >= MIN_FRAGMENT && !id.contains(char::is_whitespace) {
            let sql = "SELECT note FROM notes WHERE id_key >= ?1 AND id_key < ?1 || ?3
                 UNION SELECT note FROM notes WHERE id_tail >= ?2 AND id_tail < ?2 || ?3 LIMIT 2";
            let rows = self.rows(sql, params![id, reversed(&id), END.to_string()])?;
            // Two are no answer: the whole id would have been one.
            add(
                rows.into_iter()
                    .filter({
                        let mut count = 0;
                        move |_| {
                            count += 1;
                            count == 1
                        }
                    })
                    .collect(),
                Why::Id,
            );
        }
        let key = name_key(plain);
        let sql = "SELECT note FROM notes WHERE title_key = ?1 UNION SELECT note FROM notes WHERE stem_key = ?1
                   UNION SELECT note FROM aliases WHERE key = ?1 ORDER BY note DESC LIMIT 20";
        add(self.rows(sql, [key])?, Why::Title);
        Ok(found)
    }

    /// Whether the filters allow a note that [`super::Allowed::fits`] let pass.
    pub(super) fn is_wanted(&self, row: i64) -> rusqlite::Result<bool> {
        let connection = self.snapshot.connection;
        if !self.allowed.holds(connection, row)? {
            return Ok(false);
        }
        if !self.plan.is_narrowed() {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM search WHERE search MATCH ?1 AND rowid = ?2";
        connection.prepare_cached(sql)?.exists(params![self.plan.narrowed([]), row])
    }

    fn rows(&self, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<Vec<i64>> {
        let mut statement = self.snapshot.connection.prepare_cached(sql)?;
        statement.query_map(parameters, |row| row.get(0))?.collect()
    }
}
