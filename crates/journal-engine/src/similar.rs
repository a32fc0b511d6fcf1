//! Similar: what was thought before that a new thought says again; the sessions that are like one that begins, and the open ones of its
//! project.
//!
//! Asked after the append is answered, by whoever wants to know, so it costs the append nothing and fails nothing. Words tell a
//! thought that says the same in much the same words, and need no model. Meaning finds the same thoughts and, for sessions, more
//! that are about the same, where texts have vectors and the model is at hand. Neither tells a thought in quite other words from
//! one about the same subject; so that what is told is worth a look, such a thought is not told to be the same.

use std::collections::HashMap;

use journal_index::{
    Around, FileSignature, IndexError, IndexedNote, Likeness, NoteKind, NoteRow, Query, SearchOptions, Snapshot,
    index_note,
};
use journal_model::{Line, NoteId, ThoughtNumber, VaultPath};

use crate::{
    Appended,
    core::Core,
    related::{Texts, Vectors, stored_vectors},
};

/// Thoughts and sessions that are like a new thought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Similar {
    /// Thoughts that say the same, the likest first; three at most, and one of each other session.
    pub thoughts: Vec<SimilarThought>,
    /// Other sessions with a thought about the same, the likest first; three at most. Only for the first thought of a session.
    pub sessions: Vec<SimilarSession>,
    /// Other sessions of the same project that are open, the last changed first; three at most. Likewise.
    pub open: Vec<OpenSession>,
}

/// A session that somebody has not concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Its id.
    pub id: NoteId,
    /// Its note.
    pub path: VaultPath,
    /// Its title.
    pub title: String,
    /// `status`, as written.
    pub status: Option<String>,
}

/// A thought that says the same.
#[derive(Debug, Clone, PartialEq)]
pub struct SimilarThought {
    /// Its id, where it has one.
    pub id: Option<NoteId>,
    /// Where it lies.
    pub path: VaultPath,
    /// Its session.
    pub session: NoteId,
    /// Its number.
    pub number: Option<u32>,
    /// Its title, which is its first sentence.
    pub title: String,
    /// From 0, nothing in common, to 1, the same.
    pub score: f32,
    /// By what.
    pub by: LikeBy,
}

/// A session with a thought about the same.
#[derive(Debug, Clone, PartialEq)]
pub struct SimilarSession {
    /// Its id.
    pub id: NoteId,
    /// Its note, unless that is gone.
    pub path: Option<VaultPath>,
    /// Its title; that of the thought where its note is gone.
    pub title: String,
    /// `status`, as written.
    pub status: Option<String>,
    /// From 0, nothing in common, to 1, the same.
    pub score: f32,
    /// By what.
    pub by: LikeBy,
}

/// By what texts are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikeBy {
    /// By the rare words that they share.
    Words,
    /// By what they mean.
    Meaning,
}

impl LikeBy {
    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Meaning => "meaning",
        }
    }
}

/// Whether a model may be loaded to look for what is similar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelUse {
    /// Only one that is loaded and idle counts. For a process that does one thing and ends.
    AtHand,
    /// It is loaded where it is not. For a process that serves calls.
    Load,
}

/// From which score on texts are told to be alike. What was chosen was measured with the built-in model on texts that say again
/// what notes say, against the likest of those that do not (`docs/search-quality.md`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LikeBounds {
    /// By words.
    pub words: f32,
    /// By meaning.
    pub meaning: f32,
}

impl LikeBounds {
    /// From here on a thought says the same.
    pub const SAME: Self = Self { words: 0.5, meaning: 0.7 };
    /// From here on a session is about the same.
    pub const ABOUT: Self = Self { words: 0.3, meaning: 0.55 };

    fn of(self, by: LikeBy) -> f32 {
        match by {
            LikeBy::Words => self.words,
            LikeBy::Meaning => self.meaning,
        }
    }
}

/// How many of each are told.
const TOLD: usize = 3;

/// How many are looked at: those of the thought's own session are told each by itself.
const LOOKED_AT: usize = 20;

impl Core {
    /// See [`Engine::similar`](crate::Engine::similar).
    pub(crate) fn similar(&self, appended: &Appended, model: ModelUse) -> Similar {
        let Some(note) = self.read_appended(appended) else { return Similar::default() };
        let texts = Texts::of(std::slice::from_ref(&note));
        let around = Around { path: Some(&note.path), session: Some(&appended.session_id), same_session: true };
        let vectors = self.vectors_at_hand(&texts, model);
        let found = self.try_index(|index| {
            let by_words = index.like(&texts.words, &around, LikeBounds::ABOUT.words, LOOKED_AT)?;
            let near = match &vectors {
                Some((model, vectors)) => {
                    let near = index.near(&model.name, vectors, &around, LikeBounds::ABOUT.meaning, LOOKED_AT);
                    // Vectors that do not fit say nothing here, either.
                    near.unwrap_or_default()
                }
                None => Vec::new(),
            };
            let found: Vec<(Likeness, LikeBy)> = near
                .into_iter()
                .map(|like| (like, LikeBy::Meaning))
                .chain(by_words.into_iter().map(|like| (like, LikeBy::Words)))
                .collect();
            let sessions = sessions_of(index, &found)?;
            Ok((found, sessions))
        });
        let Some((mut found, sessions)) = found else { return Similar::default() };
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        found.retain(|(like, _)| self.is_there(&like.hit.note, &mut gone, &mut changed).unwrap_or(false));
        self.mark_stale(gone.into_iter().chain(changed));
        found.sort_by(|(one, _), (other, _)| other.hit.score.total_cmp(&one.hit.score));
        let begins = appended.session_is_new
            || appended.thought.line == Line::Main && appended.thought.number == Some(ThoughtNumber::FIRST);
        let thoughts = thoughts(&found, appended);
        if !begins {
            return Similar { thoughts, ..Similar::default() };
        }
        let sessions = similar_sessions(&found, &sessions, &appended.session_id);
        let mut open = self.open_sessions(&appended.session_id);
        open.retain(|open| !sessions.iter().any(|told| told.id == open.id));
        open.truncate(TOLD);
        Similar { thoughts, sessions, open }
    }

    /// The open sessions of the project that a session belongs to, without itself; more than are told, since some are told already.
    fn open_sessions(&self, own: &NoteId) -> Vec<OpenSession> {
        let found = self.try_index(|index| {
            let sessions = index.by_id(own)?;
            // In quotes, a quote would end it.
            let project = sessions.into_iter().find_map(|row| row.project).filter(|name| !name.contains('"'));
            let Some(project) = project else { return Ok(Vec::new()) };
            let open = format!("type:session status:active status:paused project:\"{project}\"");
            let options = SearchOptions { limit: 2 * TOLD + 1, cursor: None, include_superseded: true };
            Ok(index.search(&Query::parse(&open), &options)?.hits)
        });
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        let mut notes: Vec<NoteRow> = found.unwrap_or_default().into_iter().map(|hit| hit.note).collect();
        notes.retain(|note| self.is_there(note, &mut gone, &mut changed).unwrap_or(false));
        self.mark_stale(gone.into_iter().chain(changed));
        let open = |note: NoteRow| {
            let id = note.id.filter(|id| id != own && note.kind == NoteKind::Session)?;
            Some(OpenSession { id, path: note.path, title: note.title, status: note.status })
        };
        notes.into_iter().filter_map(open).collect()
    }

    /// The thought's note as the index would take it: as it was written, or from its file when it was there already.
    fn read_appended(&self, appended: &Appended) -> Option<IndexedNote> {
        let path = &appended.thought.path;
        let written = appended.written.iter().find(|note| note.path == *path).map(|note| note.after.clone());
        let text = match written {
            Some(text) => text,
            None => self.read_note(path).ok()?.1,
        };
        Some(index_note(path.clone(), FileSignature::default(), &text))
    }

    /// The vectors of the texts, where they are stored or a model may make them, and the bounds hold for them.
    fn vectors_at_hand(&self, texts: &Texts, may: ModelUse) -> Option<Vectors> {
        if !texts.chunks.iter().all(|chunk| is_latin(&chunk.text)) {
            return None;
        }
        let (model, stored) = self.try_index(|index| stored_vectors(index, texts))??;
        if !stored.is_empty() {
            return Some((model, stored));
        }
        if may == ModelUse::AtHand && !self.is_model_at_hand(&model) {
            return None;
        }
        // Without the model words tell; a search by meaning says what is wrong with it.
        let made: Result<_, _> = texts.chunks.iter().map(|chunk| self.embed_passage(&model, &chunk.text)).collect();
        Some((model, made.ok()?))
    }
}

/// Whether a text is written in Latin letters, for the most part. The bounds were measured with a model that knows the words of
/// English; of other scripts it knows the letters, if anything, and any two texts of the same letters are near to one another.
fn is_latin(text: &str) -> bool {
    let is_latin = |c: &char| matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let (latin, others): (Vec<char>, Vec<char>) = text.chars().filter(|c| c.is_alphabetic()).partition(is_latin);
    latin.len() > others.len()
}

/// The notes of the sessions that were found.
fn sessions_of(index: &Snapshot<'_>, found: &[(Likeness, LikeBy)]) -> Result<HashMap<NoteId, NoteRow>, IndexError> {
    let mut sessions = HashMap::new();
    for id in found.iter().filter_map(|(like, _)| like.hit.note.thinking.session.as_ref()) {
        if !sessions.contains_key(id) {
            let own = index.by_id(id)?.into_iter().find(|row| row.kind == NoteKind::Session);
            sessions.extend(own.map(|row| (id.clone(), row)));
        }
    }
    Ok(sessions)
}

/// The thoughts that say the same; not the one that the new one revises.
fn thoughts(found: &[(Likeness, LikeBy)], appended: &Appended) -> Vec<SimilarThought> {
    let revised = appended.thought.revises.map(ThoughtNumber::get);
    let mut thoughts: Vec<SimilarThought> = Vec::new();
    for (Likeness { hit, .. }, by) in found {
        let note = &hit.note;
        let Some(session) = note.thinking.session.clone().filter(|_| note.kind == NoteKind::Thought) else { continue };
        let is_revised = session == appended.session_id && revised.is_some() && note.thinking.number == revised;
        let is_told = thoughts
            .iter()
            .any(|told| told.path == note.path || told.session == session && session != appended.session_id);
        if hit.score < LikeBounds::SAME.of(*by) || is_revised || is_told || thoughts.len() == TOLD {
            continue;
        }
        thoughts.push(SimilarThought {
            id: note.id.clone(),
            path: note.path.clone(),
            session,
            number: note.thinking.number,
            title: note.title.clone(),
            score: hit.score,
            by: *by,
        });
    }
    thoughts
}

/// The other sessions that are about the same.
fn similar_sessions(
    found: &[(Likeness, LikeBy)],
    notes: &HashMap<NoteId, NoteRow>,
    own: &NoteId,
) -> Vec<SimilarSession> {
    let mut sessions: Vec<SimilarSession> = Vec::new();
    for (Likeness { hit, .. }, by) in found {
        let Some(id) = hit.note.thinking.session.as_ref().filter(|id| *id != own) else { continue };
        if sessions.len() == TOLD || sessions.iter().any(|told| told.id == *id) {
            continue;
        }
        let note = notes.get(id);
        sessions.push(SimilarSession {
            id: id.clone(),
            path: note.map(|note| note.path.clone()),
            title: note.unwrap_or(&hit.note).title.clone(),
            status: note.and_then(|note| note.status.clone()),
            score: hit.score,
            by: *by,
        });
    }
    sessions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_hold_for_latin_letters() {
        for text in ["What did we think?", "Où est le café?", "Đây là một ý", "오늘: rain is expected all day long"]
        {
            assert!(is_latin(text), "{text}");
        }
        for text in ["오늘은 비가 많이 온다", "模型读不懂", "Привет, мир", "ci: 오늘은 비가 많이 온다", "42"]
        {
            assert!(!is_latin(text), "{text}");
        }
    }
}
