//! An error as one JSON object on standard error.

use journal_engine::Held;
use serde::Serialize;

use super::{NoteObject, coordination::ConflictObject, path};
use crate::{
    rim::{Facts, Told},
    text::time::rfc3339,
};

/// Why a command failed.
#[derive(Debug, Serialize)]
pub struct Failed {
    error: ErrorObject,
}

#[derive(Debug, Serialize)]
struct ErrorObject {
    code: &'static str,
    message: String,
    hints: Vec<String>,
    /// Notes that may have been meant, or among which to choose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<NoteObject>,
    /// Notes that stand in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<HeldObject>,
    /// Claims of others that are in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictObject>,
}

#[derive(Debug, Serialize)]
struct HeldObject {
    agent: String,
    name: String,
    since: String,
    until: String,
}

impl From<&Told> for Failed {
    fn from(told: &Told) -> Self {
        let Facts { candidates, paths, next_number, held, conflicts } = &told.facts;
        Self {
            error: ErrorObject {
                code: told.code,
                message: told.message.clone(),
                hints: told.hints.clone(),
                candidates: NoteObject::list(candidates),
                paths: paths.iter().map(path).collect(),
                next_number: next_number.map(|number| number.get()),
                held: held.as_ref().map(HeldObject::from),
                conflicts: conflicts.iter().map(ConflictObject::from).collect(),
            },
        }
    }
}

impl From<&Held> for HeldObject {
    fn from(held: &Held) -> Self {
        Self {
            agent: held.lease.holder.to_string(),
            name: held.holder_name.clone(),
            since: rfc3339(held.lease.acquired),
            until: rfc3339(held.lease.expires),
        }
    }
}
