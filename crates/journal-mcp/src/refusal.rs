//! Refusals: every error of the engine as something the model can act on, `{code, message, hint}`. A hint names a tool and its
//! arguments where the agent can act, and a shell command only where a person must.
//!
//! Exhaustive: no arm catches the rest, so that a new error finds its place here before it compiles.

mod coordination;
mod engine;
mod files;
mod index;

use std::error::Error;

pub(crate) use journal_engine::with_causes as told;
use journal_engine::{Held, NamedNote};
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;

use crate::{
    scrub::Scrub,
    wire::{ConflictObject, NoteObject, instant},
};

/// Why a tool did not do what it was asked.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Refusal {
    /// The stable name, for programs.
    pub code: &'static str,
    /// What is wrong, in a line.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// What programs want to know of some refusals.
    #[serde(flatten)]
    pub facts: Box<Facts>,
}

/// What programs want to know of some refusals.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Facts {
    /// Notes that may have been meant, or among which to choose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<NoteObject>,
    /// Notes that stand in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// The next free number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_number: Option<u32>,
    /// Who holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldObject>,
    /// Claims of others that are in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictObject>,
    /// Sessions to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionChoice>,
}

/// Who holds a line of a session or a lock.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HeldObject {
    pub agent: String,
    pub name: String,
    pub since: String,
    pub until: String,
}

impl From<&Held> for HeldObject {
    fn from(held: &Held) -> Self {
        Self {
            agent: held.lease.holder.to_string(),
            name: held.holder_name.clone(),
            since: instant(held.lease.acquired),
            until: instant(held.lease.expires),
        }
    }
}

/// An open session.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionChoice {
    pub session_note_id: String,
    pub title: String,
    pub thoughts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_number: Option<u32>,
}

impl Refusal {
    /// A refusal without a hint, which follows.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new(), facts: Box::default() }
    }

    /// Arguments that make no sense.
    pub fn arguments(message: String, hint: String) -> Self {
        Self { hint, ..Self::new("arguments", message) }
    }

    /// `journal` is wrong.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new("bug", message).hint("this is a bug in journal; what was acknowledged before is safe")
    }

    fn of(code: &'static str, error: &dyn Error) -> Self {
        Self::new(code, told(error))
    }

    /// The same with another sentence in its hint.
    pub fn hint(mut self, hint: impl AsRef<str>) -> Self {
        if !self.hint.is_empty() {
            self.hint.push_str("; or ");
        }
        self.hint.push_str(hint.as_ref());
        self
    }

    fn candidates(mut self, notes: &[NamedNote]) -> Self {
        const MOST: usize = 8;
        self.facts.candidates = notes.iter().take(MOST).map(NoteObject::from).collect();
        self
    }

    fn paths<'a>(mut self, paths: impl IntoIterator<Item = &'a journal_model::VaultPath>) -> Self {
        const MOST: usize = 8;
        self.facts.paths = paths.into_iter().take(MOST).map(ToString::to_string).collect();
        self
    }

    /// The result of the call.
    pub fn into_result(mut self, scrub: &Scrub) -> CallToolResult {
        self.message = scrub.text(&self.message);
        self.hint = scrub.text(&self.hint);
        let text = serde_json::to_string(&self).unwrap_or_else(|_| self.message.clone());
        // Not as structured content: clients hold that against the schema of answers.
        CallToolResult::error(vec![ContentBlock::text(text)])
    }
}
