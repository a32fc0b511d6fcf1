//! What was thought before that a new thought says again, as `sequentialthinking` tells it.

use journal_engine as engine;
use journal_model::NoteId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::budget;

/// A thought of another session, or of this one, that says the same.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SimilarThought {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    session_note_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    title: String,
}

/// A session about the same, or an open one of the project.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SimilarSession {
    session_note_id: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

impl SimilarThought {
    pub(super) fn list(thoughts: &[engine::SimilarThought]) -> Vec<Self> {
        let object = |thought: &engine::SimilarThought| Self {
            id: thought.id.as_ref().map(ToString::to_string),
            session_note_id: thought.session.to_string(),
            number: thought.number,
            title: budget::cut_to_bytes(&thought.title, 120),
        };
        thoughts.iter().map(object).collect()
    }
}

impl SimilarSession {
    /// Those that are about the same, then those of the project that are open.
    pub(super) fn list(similar: &engine::Similar) -> Vec<Self> {
        let object = |id: &NoteId, title: &str, status: &Option<String>| Self {
            session_note_id: id.to_string(),
            title: budget::cut_to_bytes(title, 120),
            status: status.clone(),
        };
        let alike = similar.sessions.iter().map(|session| object(&session.id, &session.title, &session.status));
        let open = similar.open.iter().map(|session| object(&session.id, &session.title, &session.status));
        alike.chain(open).collect()
    }
}
