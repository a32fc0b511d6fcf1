//! Trip 5: search, by words and by what they mean. Answered from the index; only the files of the notes that are told are
//! looked at.

use journal_index::{EmbeddingModel, Grounds, Hit, Meaning, NoteRow, Query, SearchOptions, Total};
use journal_model::{NoteId, NoteRef, VaultPath};
use journal_vault::ReadError;

use crate::{ResolveError, SessionRefError, Trouble, core::Core, indexing::looks_alike};

/// What to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// As a person types it: words, `"phrases"`, `-not`, `a OR b`, `prefix*`, `tag:x`, `after:2026-11`. Nothing in it is an
    /// error: what makes no sense is searched for as plain words, and a note says so.
    pub query: String,
    /// The most hits on a page, at most [`Search::MAX_LIMIT`].
    pub limit: usize,
    /// [`Searched::cursor`] of the page before.
    pub cursor: Option<String>,
    /// Whether thoughts that a later one revises are told, too.
    pub include_superseded: bool,
    /// What counts.
    pub mode: SearchMode,
}

/// What counts in a search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SearchMode {
    /// Words and meaning together.
    #[default]
    Hybrid,
    /// The words.
    Text,
    /// The meaning.
    Semantic,
}

impl Search {
    /// The most hits on a page.
    pub const MAX_LIMIT: usize = 1_000;

    /// The first ten hits.
    pub fn new(query: impl Into<String>) -> Self {
        Self { query: query.into(), limit: 10, cursor: None, include_superseded: false, mode: SearchMode::default() }
    }
}

/// A page of answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// The answers, the best first. The files of all of them are there.
    pub hits: Vec<Hit>,
    /// What speaks for each of them.
    pub grounds: Vec<Grounds>,
    /// Whether meaning counted.
    pub by_meaning: bool,
    /// Why it did not, where it was to.
    pub words_only: Option<String>,
    /// Whether that is because something is wrong, and not because no note has a vector yet.
    pub is_failure: bool,
    /// How many notes fit, on all pages.
    pub total: Total,
    /// Whether too few notes have all the words, so that notes with some of them follow.
    pub relaxed: bool,
    /// How many thoughts fit that later ones revise, where nothing else fits as well.
    pub revised: u64,
    /// With which to ask for the next page; `None` on the last one.
    pub cursor: Option<String>,
    /// What could not be done as asked, for people.
    pub notes: Vec<String>,
    /// Notes that would have been told, but are gone from their place.
    pub gone: Vec<VaultPath>,
    /// Notes that were told as they were indexed, and have changed since.
    pub changed: Vec<VaultPath>,
    /// How many notes the index knows.
    pub indexed: u64,
}

/// Why nothing was searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Nothing to search for.
    #[error("there is nothing to search for")]
    NothingAsked,
    /// A `session:` filter names no session.
    #[error(transparent)]
    Session(#[from] SessionRefError),
    /// There is no index, or only one of an older program.
    #[error("there is no index yet")]
    NoIndex,
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// The least similarity with which a note is told that has none of the words: below it are texts that have nothing to do with
/// one another. It costs one answer in some 1,500 of the evaluation (`docs/search-quality.md`).
const LEAST: f32 = 0.2;

impl Core {
    /// See [`Engine::search`](crate::Engine::search).
    pub(crate) fn search(&self, request: &Search) -> Result<Searched, SearchError> {
        let mut query = Query::parse(&request.query);
        if query.is_empty() {
            return Err(SearchError::NothingAsked);
        }
        query.name_sessions(|value| self.session_named(value))?;
        let options = SearchOptions {
            limit: request.limit.clamp(1, Search::MAX_LIMIT),
            cursor: request.cursor.clone(),
            include_superseded: request.include_superseded,
        };
        let (question, told) = self.vector_of(query.plain(), request.mode)?;
        let read = self.read_index(|index| {
            let found = match &question {
                None => Ok(index.search(&query, &options)?),
                Some((model, vector)) => {
                    let alone = request.mode == SearchMode::Semantic;
                    let meaning = Meaning { model: &model.name, vector, alone, least: LEAST };
                    index.search_with(&query, &options, &meaning)
                }
            };
            Ok((found, index.count()?))
        })?;
        let (found, indexed) = read.ok_or(SearchError::NoIndex)?;
        let found = found.map_err(Trouble::from)?;
        let mut searched = Searched {
            hits: Vec::with_capacity(found.hits.len()),
            grounds: Vec::with_capacity(found.hits.len()),
            by_meaning: question.is_some(),
            is_failure: told.as_ref().is_some_and(|(_, is_failure)| *is_failure),
            words_only: told.map(|(why, _)| why),
            total: found.total,
            relaxed: found.relaxed,
            revised: found.revised,
            cursor: found.cursor,
            notes: found.notes,
            gone: Vec::new(),
            changed: Vec::new(),
            indexed,
        };
        let grounds = found.grounds.into_iter().chain(std::iter::repeat(Grounds::default()));
        for (hit, grounds) in found.hits.into_iter().zip(grounds) {
            if self.is_there(&hit.note, &mut searched.gone, &mut searched.changed)? {
                searched.hits.push(hit);
                searched.grounds.push(grounds);
            }
        }
        self.mark_stale(searched.gone.iter().chain(&searched.changed).cloned());
        Ok(searched)
    }

    /// Whether a note that the index found is in its place. One that is gone, or has changed since, is noted down.
    pub(crate) fn is_there(
        &self,
        note: &NoteRow,
        gone: &mut Vec<VaultPath>,
        changed: &mut Vec<VaultPath>,
    ) -> Result<bool, Trouble> {
        match self.vault.signature(&note.path) {
            Err(ReadError::NotFound { .. }) => {
                gone.push(note.path.clone());
                return Ok(false);
            }
            Err(error @ ReadError::Vanished { .. }) => return Err(error.into()),
            Ok(now) if !looks_alike(&note.signature, &now) => changed.push(note.path.clone()),
            // One that cannot be looked at just now is told: opening it will say why.
            Ok(_) | Err(_) => {}
        }
        Ok(true)
    }

    /// The id of the session that a filter means.
    fn session_named(&self, value: &str) -> Result<String, SearchError> {
        if let Ok(id) = value.parse::<NoteId>() {
            let notes = self.read_index(|index| index.session_notes(&id))?.ok_or(SearchError::NoIndex)?;
            if !notes.is_empty() {
                return Ok(value.to_owned());
            }
        }
        let unknown = |_| ResolveError::NotFound { reference: value.to_owned(), near: Vec::new() };
        let reference = NoteRef::parse(value).map_err(unknown).map_err(SessionRefError::from)?;
        Ok(self.find_session(&reference)?.notes.gathered.id.to_string())
    }

    /// What a question means to the model that made the vectors of the notes; `None` where only words count, with the reason
    /// where meaning was to count, and whether that is a failure.
    fn vector_of(&self, question: &str, mode: SearchMode) -> Result<(Option<Question>, Told), SearchError> {
        if mode == SearchMode::Text || question.is_empty() {
            return Ok((None, None));
        }
        // The model is loaded only where it has something to compare with.
        let models = self.read_index(|index| index.models())?.ok_or(SearchError::NoIndex)?;
        let Some(model) = models.into_iter().next() else {
            let told = "no note has a vector yet; `journal reindex` makes them";
            return Ok((None, Some((told.to_owned(), false))));
        };
        match self.embed_question(&model, question) {
            Ok(vector) => Ok((Some((model, vector)), None)),
            Err(error) => Ok((None, Some((error.to_string(), true)))),
        }
    }
}

/// A question as a model understands it.
type Question = (EmbeddingModel, Vec<f32>);

/// Why only words count, and whether that is a failure.
type Told = Option<(String, bool)>;
