//! What is like a note, and what a new thought says again.

use journal_engine as engine;
use journal_engine::obsidian_link;
use serde::Serialize;

use super::path;
use crate::text::time::wall;

/// The answer of `journal related`.
#[derive(Debug, Serialize)]
pub struct RelatedNotes {
    id: Option<String>,
    path: String,
    title: String,
    session: Option<String>,
    notes: Vec<Note>,
    by_meaning: bool,
    words_only: Option<String>,
    gone: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Note {
    id: Option<String>,
    path: String,
    title: String,
    kind: &'static str,
    score: f32,
    linked: bool,
    same_session: bool,
    more: usize,
    headings: Vec<String>,
    lines: Option<(u32, u32)>,
    snippet: String,
    changed: String,
    status: Option<String>,
    project: Option<String>,
    agent: Option<String>,
    session: Option<String>,
    number: Option<u32>,
    branch: Option<String>,
    open: String,
}

impl RelatedNotes {
    /// The answer, for a vault of this name.
    pub fn new(found: &engine::RelatedNotes, vault: &str) -> Self {
        Self {
            id: found.id.as_ref().map(ToString::to_string),
            path: path(&found.path),
            title: found.title.clone(),
            session: found.session.as_ref().map(ToString::to_string),
            notes: found.notes.iter().map(|note| Note::new(note, vault)).collect(),
            by_meaning: found.by_meaning,
            words_only: found.words_only.clone(),
            gone: found.gone.iter().map(path).collect(),
        }
    }
}

impl Note {
    fn new(related: &engine::RelatedNote, vault: &str) -> Self {
        let engine::RelatedNote { hit, more, linked, same_session } = related;
        let note = &hit.note;
        Self {
            id: note.id.as_ref().map(ToString::to_string),
            path: path(&note.path),
            title: note.title.clone(),
            kind: note.kind.as_str(),
            score: hit.score,
            linked: *linked,
            same_session: *same_session,
            more: *more,
            headings: hit.headings.clone(),
            lines: (hit.lines.0 > 0).then_some(hit.lines),
            snippet: hit.snippet.clone(),
            changed: wall(note.changed),
            status: note.status.clone(),
            project: note.project.clone(),
            agent: note.agent.clone(),
            session: note.thinking.session.as_ref().map(ToString::to_string),
            number: note.thinking.number,
            branch: note.thinking.branch.clone(),
            open: obsidian_link(vault, &note.path),
        }
    }
}

/// A thought that says the same as a new one.
#[derive(Debug, Serialize)]
pub(super) struct SimilarThought {
    id: Option<String>,
    path: String,
    session: String,
    number: Option<u32>,
    title: String,
    score: f32,
    by: &'static str,
}

/// A session that is about the same as a new one.
#[derive(Debug, Serialize)]
pub(super) struct SimilarSession {
    id: String,
    path: Option<String>,
    title: String,
    status: Option<String>,
    score: f32,
    by: &'static str,
}

/// An open session of the project.
#[derive(Debug, Serialize)]
pub(super) struct OpenSession {
    id: String,
    path: String,
    title: String,
    status: Option<String>,
}

impl From<&engine::OpenSession> for OpenSession {
    fn from(session: &engine::OpenSession) -> Self {
        Self {
            id: session.id.to_string(),
            path: path(&session.path),
            title: session.title.clone(),
            status: session.status.clone(),
        }
    }
}

impl From<&engine::SimilarThought> for SimilarThought {
    fn from(thought: &engine::SimilarThought) -> Self {
        Self {
            id: thought.id.as_ref().map(ToString::to_string),
            path: path(&thought.path),
            session: thought.session.to_string(),
            number: thought.number,
            title: thought.title.clone(),
            score: thought.score,
            by: thought.by.as_str(),
        }
    }
}

impl From<&engine::SimilarSession> for SimilarSession {
    fn from(session: &engine::SimilarSession) -> Self {
        Self {
            id: session.id.to_string(),
            path: session.path.as_ref().map(path),
            title: session.title.clone(),
            status: session.status.clone(),
            score: session.score,
            by: session.by.as_str(),
        }
    }
}
