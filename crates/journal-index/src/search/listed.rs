//! Searches without words: the notes that fit the filters, the newest first.

use std::collections::HashSet;

use super::{Cursor, Grounds, Hits, MAX_COUNTED, Ranked, Search, Total, Why};

impl Search<'_> {
    /// The notes that fit the filters; without filters only those that the query names.
    pub(super) fn run_listed(self, exact: Vec<(i64, Why)>) -> rusqlite::Result<Hits> {
        let connection = self.snapshot.connection;
        let limit = self.options.limit;
        let mut page: Vec<(i64, Why, i64)> = Vec::new();
        let mut more = false;
        let mut total = Total::Exactly(exact.len() as u64);
        if self.query.is_narrowed() {
            let fitting: Option<HashSet<i64>> = if self.plan.is_narrowed() {
                let sql = "SELECT rowid FROM search WHERE search MATCH ?1";
                let mut statement = connection.prepare_cached(sql)?;
                Some(statement.query_map([self.plan.narrowed([])], |row| row.get(0))?.collect::<Result<_, _>>()?)
            } else {
                None
            };
            let after = self.cursor.as_ref().and_then(|own| Some((own.changed, own.after?.row)));
            let sql = "SELECT note, changed FROM notes ORDER BY changed DESC, note DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut counted = 0;
            while let Some(row) = rows.next()? {
                let (note, changed): (i64, i64) = (row.get(0)?, row.get(1)?);
                let fits = fitting.as_ref().is_none_or(|fitting| fitting.contains(&note)) && self.allowed.fits(note);
                if !fits || !self.allowed.holds(connection, note)? {
                    continue;
                }
                counted += 1;
                if after.is_none_or(|after| (changed, note) < after) {
                    if page.len() < limit {
                        page.push((note, Why::Filter, changed));
                    } else {
                        more = true;
                    }
                }
                if counted > MAX_COUNTED && more {
                    break;
                }
            }
            total = if counted > MAX_COUNTED { Total::AtLeast(MAX_COUNTED) } else { Total::Exactly(counted) };
        } else {
            page.extend(exact.into_iter().take(limit).map(|(row, why)| (row, why, 0)));
        }
        let cursor = page.last().filter(|_| more).map(|(row, _, changed)| {
            let shown = self.cursor.as_ref().map_or(0, |cursor| cursor.shown) + limit;
            let after = Some(Ranked { row: *row, full: true, score: 0.0 });
            let statistics = self.plan.statistics.clone();
            let fingerprint = self.fingerprint;
            Cursor { fingerprint, shown, relaxed: false, after, changed: *changed, statistics }.write()
        });
        let hits = page
            .into_iter()
            .map(|(row, why, _)| self.hit(row, why, None, None))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let grounds = vec![Grounds::default(); hits.len()];
        Ok(Hits { hits, grounds, total, relaxed: false, revised: 0, cursor, notes: self.notes })
    }
}
