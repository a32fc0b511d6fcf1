//! Candidates: the notes worth scoring, from lists whose length is bounded.

use rusqlite::{Connection, params};

use super::{
    Allowed, Plan,
    plan::{Sought, Term},
};
use crate::document::TIERS;

/// How many more candidates are scored than are wanted: the order in which lists put them is rough.
const SPARE: usize = 70;

/// What a note on each of a word's strong lists gets of the word's weight, when one that merely has it gets 1: what BM25 gives
/// it on average.
const STRENGTHS: [f32; TIERS] = [1.97, 1.8];

/// A narrow filter makes long lists worth reading.
const NARROW_BUDGET: i64 = 200_000;

/// How many rows of lists are read for a query: little at any size, and more where there is more to choose from.
fn budget(notes: u32) -> i64 {
    2_000 + i64::from(notes) * 3 / 8
}

/// Finds candidates, the best first by a rough measure: `wanted` and some to spare, if there are so many.
pub(super) fn gather(
    connection: &Connection,
    plan: &Plan,
    allowed: &Allowed,
    sought: Sought,
    wanted: usize,
) -> rusqlite::Result<Vec<i64>> {
    let budget = if allowed.is_narrow() { NARROW_BUDGET } else { budget(plan.statistics.notes) };
    let mut gathering = Gathering::new(connection, plan, allowed, Some(budget))?;
    gathering.gather(sought, wanted)?;
    let best = gathering.best(wanted)?;
    if best.len() >= wanted || !(gathering.cut || plan.incomplete) {
        return Ok(best);
    }
    // Too few, and something was not read: this time all of it.
    let mut gathering = Gathering::new(connection, plan, allowed, None)?;
    gathering.gather(sought, wanted)?;
    gathering.best(wanted)
}

struct Gathering<'a> {
    connection: &'a Connection,
    plan: &'a Plan,
    allowed: &'a Allowed,
    /// Whether all is read that there is.
    whole: bool,
    /// How many rows may still be read.
    left: i64,
    /// By row.
    cells: Vec<Cell>,
    found: Vec<u32>,
    /// Whether a list was not read to its end.
    cut: bool,
}

/// What the lists said of a row.
#[derive(Clone, Copy, Default)]
struct Cell {
    estimate: f32,
    /// A bit for each term it is known to have.
    has: u32,
}

impl<'a> Gathering<'a> {
    fn new(
        connection: &'a Connection,
        plan: &'a Plan,
        allowed: &'a Allowed,
        budget: Option<i64>,
    ) -> rusqlite::Result<Self> {
        let sql = "SELECT coalesce(max(note), 0) FROM notes";
        let last: u32 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        let cells = vec![Cell::default(); last as usize + 1];
        let (whole, left) = (budget.is_none(), budget.unwrap_or(i64::MAX));
        Ok(Self { connection, plan, allowed, whole, left, cells, found: Vec::new(), cut: false })
    }

    fn gather(&mut self, sought: Sought, wanted: usize) -> rusqlite::Result<()> {
        let (required, mut optional) = self.plan.split(sought);
        let enough = wanted + SPARE;
        if !required.is_empty() {
            self.gather_required(&required, enough)?;
        }
        if !optional.is_empty() {
            // The rarest first.
            optional.sort_by_key(|index| self.plan.terms[*index].frequency);
            self.gather_optional(&required, &optional, enough)?;
        }
        Ok(())
    }

    /// Notes that have every one of `terms`.
    fn gather_required(&mut self, terms: &[usize], enough: usize) -> rusqlite::Result<()> {
        let (plan, list) = (self.plan, self.lists());
        let all_but =
            |but: Option<usize>| terms.iter().filter(move |index| Some(**index) != but).map(|index| list(*index));
        let every = plan.narrowed(all_but(None));
        let rarest = terms.iter().map(|index| plan.terms[*index].frequency).min().unwrap_or(0);
        let few = rarest <= 4 * enough as u64;
        if few {
            self.read(&every, terms, None, enough)?;
        }
        // When all can be scored, it does not matter which are strong.
        if !few || self.found.len() > enough {
            for tier in 0..TIERS {
                for index in terms {
                    // The short list first: FTS5 reads the others only where it leads.
                    let lists = [plan.terms[*index].strong[tier].clone()].into_iter().chain(all_but(Some(*index)));
                    self.read(&plan.narrowed(lists), terms, Some((*index, tier)), enough)?;
                }
                if self.found.len() >= enough && terms.len() == 1 {
                    self.cut = true;
                    return Ok(());
                }
            }
        }
        if !few && self.found.len() < enough {
            self.read(&every, terms, None, enough)?;
        } else if !few {
            self.cut = true;
        }
        Ok(())
    }

    /// Notes that have any of `terms`, the rarest of them first, and all of `required`.
    fn gather_optional(&mut self, required: &[usize], terms: &[usize], enough: usize) -> rusqlite::Result<()> {
        let (plan, list) = (self.plan, self.lists());
        let narrowed = |own: String| plan.narrowed([own].into_iter().chain(required.iter().map(|index| list(*index))));
        let mut skipped = None;
        for index in terms {
            let term = &plan.terms[*index];
            if i64::try_from(term.frequency).is_ok_and(|length| length <= self.left / 2) {
                self.read(&narrowed(list(*index)), &[*index], None, enough)?;
            } else {
                skipped.get_or_insert(*index);
            }
        }
        for tier in 0..TIERS {
            for index in terms {
                let strong = narrowed(plan.terms[*index].strong[tier].clone());
                self.read(&strong, &[*index], Some((*index, tier)), enough)?;
            }
        }
        if let Some(index) = skipped {
            self.cut = true;
            if self.found.len() < enough {
                self.read(&narrowed(list(index)), &[index], None, enough)?;
            }
        }
        Ok(())
    }

    /// What has a term, in FTS5's syntax.
    fn lists(&self) -> impl Fn(usize) -> String + use<'a> {
        let (plan, whole) = (self.plan, self.whole);
        move |index| {
            let term: &'a Term = &plan.terms[index];
            if whole { term.whole.clone() } else { term.expression.clone() }
        }
    }

    /// Reads a list of notes that have all of `terms`, and perhaps are strongly about one of them: as far as the budget goes
    /// or, when it is spent, until there are `enough`.
    fn read(
        &mut self,
        expression: &str,
        terms: &[usize],
        strong: Option<(usize, usize)>,
        enough: usize,
    ) -> rusqlite::Result<()> {
        let missing = i64::try_from(enough.saturating_sub(self.found.len())).unwrap_or(i64::MAX);
        let limit = self.left.max(missing);
        if limit == 0 {
            self.cut = true;
            return Ok(());
        }
        let weight = |index: usize| self.plan.statistics.weight(index);
        let weights: Vec<(u32, f32)> = terms.iter().map(|index| (1 << index, weight(*index))).collect();
        let more = strong.map(|(index, tier)| weight(index) * (STRENGTHS[tier] - 1.0));
        let sql = "SELECT rowid FROM search WHERE search MATCH ?1 LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![expression, limit])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            read += 1;
            let note: u32 = row.get(0)?;
            let Some(cell) = self.cells.get_mut(note as usize) else { continue };
            if cell.has == 0 {
                if !self.allowed.fits(i64::from(note)) {
                    continue;
                }
                self.found.push(note);
            }
            for (bit, weight) in &weights {
                if cell.has & bit == 0 {
                    cell.estimate += weight;
                    cell.has |= bit;
                }
            }
            // A note is on one of a word's strong lists at most.
            cell.estimate += more.unwrap_or(0.0);
        }
        self.left = (self.left - read).max(0);
        self.cut |= read >= limit;
        Ok(())
    }

    fn best(&mut self, wanted: usize) -> rusqlite::Result<Vec<i64>> {
        let most = wanted + SPARE;
        let cells = &self.cells;
        let compare = |a: &u32, b: &u32| {
            let estimate = |row: &u32| cells[*row as usize].estimate;
            estimate(b).total_cmp(&estimate(a)).then(b.cmp(a))
        };
        // Only a filter that is looked up row by row may refuse candidates now.
        if !self.allowed.is_looked_up() && self.found.len() > most {
            self.found.select_nth_unstable_by(most, compare);
            self.found.truncate(most);
        }
        self.found.sort_unstable_by(compare);
        let mut best = Vec::with_capacity(most.min(self.found.len()));
        for row in &self.found {
            if best.len() == most {
                break;
            }
            if self.allowed.holds(self.connection, i64::from(*row))? {
                best.push(i64::from(*row));
            }
        }
        Ok(best)
    }
}
