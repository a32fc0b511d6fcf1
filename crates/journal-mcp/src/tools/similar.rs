//! What was thought before that a new thought says again, as `sequentialthinking` tells it.

use journal_engine as engine;
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

/// A session about the same.
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
    pub(super) fn list(sessions: &[engine::SimilarSession]) -> Vec<Self> {
        let object = |session: &engine::SimilarSession| Self {
            session_note_id: session.id.to_string(),
            title: budget::cut_to_bytes(&session.title, 120),
            status: session.status.clone(),
        };
        sessions.iter().map(object).collect()
    }
}
