//! Search by words and meaning at once.

use std::collections::{HashMap, HashSet};

use super::{
    Grounds, Hits, Meaning, Page, Ranked, Search, Total,
    fusion::{self, Evidence},
    meaning::{Near, RESCORED, best_of_each, is_spent},
    plan::Sought,
    score::Scorer,
};
use crate::vectors::StoredModel;

#[cfg(test)]
mod tests;

/// How many notes of each list are looked at, besides those that are wanted. The page does not change it, so that pages agree.
const BREADTH: usize = 100;

impl Search<'_> {
    /// Answers by both. Each list's notes are scored by the other's measure as well, so that nothing depends on where a list
    /// was cut.
    pub(super) fn run_hybrid(self, meaning: &Meaning<'_>, model: StoredModel) -> rusqlite::Result<Hits> {
        let named = self.named()?;
        let exact = self.exact(&named)?;
        if self.query.clauses.is_empty() && self.query.plain().is_empty() {
            return self.run_listed(exact);
        }
        // A question of nothing but signs has a meaning, too.
        let alone = meaning.alone || self.query.clauses.is_empty();
        let told: HashSet<i64> = exact.iter().map(|(row, _)| *row).collect();
        let wanted = self.shown() + self.options.limit + told.len();
        let (near, middle) = self.near_notes(meaning, model, wanted + BREADTH)?;
        let Some(middle) = middle.or(alone.then_some(0.0)) else { return self.run() };
        // Where meaning is all that counts, words still find the notes that must come first.
        let by_words = !alone || self.plan.is_firm();
        let (mut listed, relaxed) = if by_words { self.rank(wanted + BREADTH)? } else { (Vec::new(), false) };
        let revised = self.revised(&named, &exact, (!alone).then_some(&listed))?;
        let mut nearest: HashMap<i64, Near> = near.iter().map(|near| (near.note, *near)).collect();
        let others = listed.iter().map(|ranked| ranked.row).filter(|row| !nearest.contains_key(row));
        let others: Vec<i64> = others.collect();
        nearest.extend(self.similarities(model, meaning.vector, &others)?.into_iter().map(|near| (near.note, near)));
        if alone {
            listed.retain(|ranked| nearest.contains_key(&ranked.row));
            listed.iter_mut().for_each(|ranked| ranked.score = 0.0);
        }
        let mut rows: Vec<i64> = listed.iter().map(|ranked| ranked.row).collect();
        let mut scores: HashMap<i64, f32> = listed.iter().map(|ranked| (ranked.row, ranked.score)).collect();
        {
            let mut scorer = Scorer::new(self.snapshot.connection, &self.plan)?;
            for near in near.iter().take(wanted + BREADTH) {
                if scores.contains_key(&near.note) {
                    continue;
                }
                rows.push(near.note);
                if !alone {
                    let score = scorer.score(near.note)?;
                    scores.insert(near.note, score);
                }
            }
        }
        let weights = || (0..self.plan.terms.len()).map(|term| self.plan.statistics.weight(term));
        let evidence = |row: &i64| Evidence {
            words: fusion::share(scores.get(row).copied().unwrap_or(0.0), weights()),
            similarity: nearest.get(row).map(|near| near.similarity),
        };
        let evidence: Vec<Evidence> = rows.iter().map(evidence).collect();
        let fused = evidence.iter().map(|own| fusion::fuse(*own, middle));
        let mut ranked = Vec::with_capacity(rows.len());
        let mut grounds = HashMap::with_capacity(rows.len());
        for ((row, own), (words, similar)) in rows.iter().zip(&evidence).zip(fused) {
            let full = self.has_what_must_be(*row)?;
            ranked.push(Ranked { row: *row, full, score: words + similar });
            let words = (own.words > 0.0).then_some(words);
            grounds.insert(*row, Grounds { words, meaning: own.similarity.map(|_| similar) });
        }
        ranked.sort_by(Ranked::compare);
        let mut total = ranked.len() as u64;
        if !alone {
            let (Total::Exactly(count) | Total::AtLeast(count)) = self.total(true, &exact)?;
            total = total.max(count);
        }
        let total = Total::AtLeast(total);
        let places = nearest.into_iter().map(|(row, near)| (row, near.place)).collect();
        let mut hits = self.page(Page { exact, ranked, relaxed, total, revised, grounds, places })?;
        // Meaning fills the page where words run out: there is nothing to tell people.
        hits.relaxed = false;
        hits.hits.iter_mut().for_each(|hit| hit.partial = false);
        Ok(hits)
    }

    /// The nearest chunks of `wanted` notes, of each the nearest, if so many are near at all; and the median similarity of the
    /// nearest texts, `None` when there are none.
    fn near_notes(
        &self,
        meaning: &Meaning<'_>,
        model: StoredModel,
        wanted: usize,
    ) -> rusqlite::Result<(Vec<Near>, Option<f32>)> {
        let mut notes = HashSet::new();
        let found = self.nearest(&HashSet::new(), model, meaning.vector, RESCORED, |step| {
            notes.extend(step.iter().map(|near| near.note));
            Ok(notes.len() >= wanted || is_spent(step, meaning.least))
        })?;
        // A later page compares more texts. Whatever scores depend on is of the first of them only.
        let middle = found.first.get(found.first.len() / 2).map(|near| near.similarity);
        let mut near = best_of_each(found.first);
        if !found.beyond.is_empty() {
            let known: HashSet<i64> = near.iter().map(|near| near.note).collect();
            let others = best_of_each(found.beyond).into_iter().map(|near| near.note);
            let others: Vec<i64> = others.filter(|note| !known.contains(note)).collect();
            near.extend(self.similarities(model, meaning.vector, &others)?);
            near.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(b.note.cmp(&a.note)));
        }
        // What is not near at all is told only for its words.
        near.retain(|near| near.similarity >= meaning.least);
        Ok((near, middle))
    }

    /// Whether a note has every phrase and every `OR` of the query: somebody meant just that, so others come after it.
    fn has_what_must_be(&self, row: i64) -> rusqlite::Result<bool> {
        if !self.plan.is_firm() {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM search WHERE search MATCH ?1 AND rowid = ?2";
        let expression = self.plan.expression(Sought::Any);
        self.snapshot.connection.prepare_cached(sql)?.exists(rusqlite::params![expression, row])
    }
}

/// From which share on the words of a note, and not its nearest chunk, say which part of it is shown.
pub(super) const TELLING_WORDS: f32 = 0.15;
