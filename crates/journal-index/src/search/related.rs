//! Notes that are like texts: by their vectors, or by the rare words that they share.
//!
//! *Near*: the cosine between a vector that is given and that of a note's nearest chunk. *Like*: what the rarest words of a text
//! weigh that the note has as well, as a share of what they weigh together, and less the more the two differ in length. It is near
//! 1 for a text that says the same in much the same words and says nothing about one that says it in others.
//!
//! A session is told once, by the note of it that is most alike: ten thoughts about one thing are one answer.

use std::collections::{HashMap, HashSet};

use journal_model::{NoteId, VaultPath};
use rusqlite::{Connection, params};

use super::{
    Hit, Ranked, Search, SearchOptions, Why, candidates,
    meaning::{RESCORED, is_spent},
    plan::Sought,
    score::Scorer,
};
use crate::{
    IndexError, Query, Snapshot, VectorError, vectors,
    words::{Purpose, Role, each_word},
};

/// Around what notes are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Around<'q> {
    /// The note itself, which is not told.
    pub path: Option<&'q VaultPath>,
    /// The session it belongs to, whose notes are not told.
    pub session: Option<&'q NoteId>,
    /// Whether they are told all the same, each by itself.
    pub same_session: bool,
}

/// A note that is like a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// The note with the part of it that is most alike. Its score is from 0, nothing in common, to 1, the same.
    pub hit: Hit,
    /// How many more notes of its session were found to be like the text.
    pub more: usize,
}

/// How many notes with words of a text are compared with it.
const COMPARED: usize = 30;

/// By how many of its words a text is known.
const RAREST: usize = 16;

/// How many words of a text are looked up to find the rarest: the longest, which are rare more often than short ones.
const LOOKED_UP: usize = 40;

/// Words that no text is known by. Each would be looked up in a list as long as the index.
const COMMON: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "but", "by", "can", "could", "did", "do", "does", "each", "for", "from", "had", "has", "have", "he",
    "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "like", "make", "more", "my", "need",
    "no", "not", "now", "of", "on", "one", "only", "or", "other", "our", "out", "over", "should", "so", "some", "such",
    "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "too", "under",
    "until", "up", "use", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "why", "will",
    "with", "without", "would", "you", "your",
];

impl Snapshot<'_> {
    /// At most `limit` notes that have a chunk with at least the similarity `least` to one of `texts`, which are vectors that
    /// `model` made, the nearest first. Of those that a later thought revises none is told. Empty when the model has stored
    /// nothing.
    ///
    /// # Errors
    /// [`VectorError::Dimensions`], [`VectorError::NotUnit`], and [`VectorError::Index`].
    pub fn near(
        &self,
        model: &str,
        texts: &[Vec<f32>],
        around: &Around<'_>,
        least: f32,
        limit: usize,
    ) -> Result<Vec<Likeness>, VectorError> {
        let stored = self.ask("look for near notes", |own| vectors::stored_model(own, model))?;
        let Some(stored) = stored.filter(|stored| stored.dimensions > 0) else { return Ok(Vec::new()) };
        for text in texts {
            vectors::check(model, text, stored.dimensions)?;
        }
        let found = self.ask("look for near notes", |_| {
            let refused = self.refused(around)?;
            let (query, options) = (Query::default(), SearchOptions::default());
            let search = Search::new(self, &query, &options, None)?;
            let mut found = HashMap::new();
            for text in texts {
                // A note, or a session, whose every part is near is one answer, and must not hide the others.
                let mut answers = HashSet::new();
                let near = search.nearest(&refused, stored, text, RESCORED, |step| {
                    if is_spent(step, least) {
                        return Ok(true);
                    }
                    let near = step.iter().filter(|near| near.similarity >= least).map(|near| near.note);
                    for note in near.collect::<HashSet<i64>>() {
                        answers.insert(session_of(self.connection, note, around)?.ok_or(note));
                    }
                    Ok(answers.len() >= limit)
                })?;
                for near in near.first.into_iter().chain(near.beyond) {
                    keep(&mut found, near.note, Found { score: near.similarity, place: Some(near.place), by: 0 });
                }
            }
            told(&[search], found, around, least, limit)
        })?;
        Ok(found)
    }

    /// At most `limit` notes that are at least `least` like one of `texts` by their words, the likest first; but for that as
    /// [`Snapshot::near`].
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn like(
        &self,
        texts: &[String],
        around: &Around<'_>,
        least: f32,
        limit: usize,
    ) -> Result<Vec<Likeness>, IndexError> {
        self.ask("look for like notes", |connection| {
            let refused = self.refused(around)?;
            let queries: Vec<(Query, u32)> =
                texts.iter().map(|text| self.rare_words(text)).collect::<Result<_, _>>()?;
            let options = SearchOptions::default();
            let mut searches = Vec::with_capacity(queries.len());
            let mut found = HashMap::new();
            for (by, (query, words)) in queries.iter().enumerate() {
                let search = Search::new(self, query, &options, None)?;
                let wanted = COMPARED + refused.len().min(COMPARED);
                let rows = candidates::gather(connection, &search.plan, &search.allowed, Sought::Any, wanted)?;
                {
                    let mut scorer = Scorer::new(connection, &search.plan)?;
                    for row in rows.into_iter().filter(|row| !refused.contains(row)) {
                        if let Some((share, theirs)) = scorer.share(row)? {
                            let score = share * length_ratio(*words, theirs);
                            keep(&mut found, row, Found { score, place: None, by });
                        }
                    }
                }
                searches.push(search);
            }
            told(&searches, found, around, least, limit)
        })
    }

    /// The rows that are not told.
    fn refused(&self, around: &Around<'_>) -> rusqlite::Result<HashSet<i64>> {
        let session = around.session.filter(|_| !around.same_session).map(NoteId::as_str);
        let sql =
            "SELECT note FROM notes WHERE session = ?1 UNION SELECT note FROM notes WHERE path_key = ?2 AND path = ?3";
        let path = around.path.map(VaultPath::as_str);
        let key = path.map(journal_model::name_key);
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_map(params![session, key, path], |row| row.get(0))?.collect()
    }

    /// The rarest words of a text, and how many words it has.
    fn rare_words(&self, text: &str) -> rusqlite::Result<(Query, u32)> {
        self.facts()?;
        let mut count = 0;
        let mut words: HashSet<String> = HashSet::new();
        each_word(text, Purpose::Index, |word| {
            count += u32::from(word.role != Role::Whole);
            if word.role == Role::InOrder && !COMMON.contains(&word.folded) && !words.contains(word.text) {
                words.insert(word.text.to_owned());
            }
        });
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        words.truncate(LOOKED_UP);
        let mut rare = Vec::with_capacity(words.len());
        for word in words {
            rare.push((self.frequency(&word)?, word));
        }
        rare.sort();
        rare.truncate(RAREST);
        Ok((Query::of_words(rare.into_iter().map(|(_, word)| word)), count))
    }
}

/// Why a note may be told.
#[derive(Debug, Clone, Copy)]
struct Found {
    score: f32,
    /// The chunk that is most alike, where that is known.
    place: Option<i64>,
    /// Which of the searches found it.
    by: usize,
}

/// Keeps the best that was found of a row.
fn keep(found: &mut HashMap<i64, Found>, row: i64, new: Found) {
    let own = found.entry(row).or_insert(new);
    if new.score > own.score {
        *own = new;
    }
}

/// The best of what was found, each session once.
fn told(
    searches: &[Search<'_>],
    found: HashMap<i64, Found>,
    around: &Around<'_>,
    least: f32,
    limit: usize,
) -> rusqlite::Result<Vec<Likeness>> {
    let mut ranked: Vec<(i64, Found)> =
        found.into_iter().filter(|(_, found)| found.score >= least && found.score > 0.0).collect();
    ranked.sort_by(|(row, one), (other, than)| than.score.total_cmp(&one.score).then(other.cmp(row)));
    let mut told: Vec<Likeness> = Vec::new();
    let mut sessions: HashMap<String, usize> = HashMap::new();
    for (row, Found { score, place, by }) in ranked {
        let search = &searches[by];
        let session = session_of(search.snapshot.connection, row, around)?;
        match session.as_ref().and_then(|session| sessions.get(session)) {
            Some(first) => told[*first].more += 1,
            None if told.len() == limit => {}
            None => {
                sessions.extend(session.map(|session| (session, told.len())));
                let ranked = Ranked { row, full: true, score };
                let hit = Hit { partial: false, ..search.hit(row, Why::Words, Some(ranked), place)? };
                told.push(Likeness { hit, more: 0 });
            }
        }
    }
    Ok(told)
}

/// The session as whose note a row is told; `None` where it is told by itself, as the notes of the session around which notes
/// are looked for are.
fn session_of(connection: &Connection, row: i64, around: &Around<'_>) -> rusqlite::Result<Option<String>> {
    let mut session = connection.prepare_cached("SELECT session FROM notes WHERE note = ?1")?;
    let session: Option<String> = session.query_row([row], |row| row.get(0))?;
    Ok(session.filter(|session| around.session.is_none_or(|own| own.as_str() != session)))
}

/// How much two texts of so many words can be the same: the root of the shorter one's share in the longer one.
fn length_ratio(one: u32, other: u32) -> f32 {
    let (short, long) = (one.min(other), one.max(other));
    if long == 0 { 0.0 } else { (short as f32 / long as f32).sqrt() }
}

#[cfg(test)]
mod tests;
