//! Objects that several answers hold. They are written by hand from the engine's, so that a change in there changes nothing here.
//!
//! Times of notes are told as they stand there, instants as RFC 3339 in UTC, paths as inside the vault. What is not known is absent.

use jiff::Timestamp;
use journal_engine::{Claim, Conflict, NamedNote};
use journal_model::{BranchSummary, Diagnostic, ThoughtNumber};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{budget, scrub::Scrub};

/// Who was taken for the caller, and from what.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct AgentObject {
    pub id: String,
    pub name: String,
    pub source: &'static str,
}

/// A note by its names.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct NoteObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub path: String,
    pub title: String,
}

impl From<&NamedNote> for NoteObject {
    fn from(note: &NamedNote) -> Self {
        Self {
            id: note.id.as_ref().map(ToString::to_string),
            path: note.path.to_string(),
            title: budget::cut_to_bytes(&note.title, 120),
        }
    }
}

/// Something wrong in a note.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct DiagnosticObject {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    message: String,
    hint: String,
}

impl DiagnosticObject {
    /// What is told of something that is no note.
    pub fn said(code: &'static str, message: &str, hint: &str, scrub: &Scrub) -> Self {
        let cut = |text: &str| budget::cut_to_bytes(&scrub.text(text), 400);
        Self { code, line: None, message: cut(message), hint: cut(hint) }
    }

    /// The first of them, with how many there are beyond.
    pub fn list(diagnostics: &[Diagnostic], scrub: &Scrub) -> Vec<Self> {
        const MOST: usize = 10;
        let object = |diagnostic: &Diagnostic| Self {
            code: diagnostic.code.as_str(),
            line: diagnostic.line,
            message: budget::cut_to_bytes(&scrub.text(&diagnostic.message), 400),
            hint: budget::cut_to_bytes(&scrub.text(&diagnostic.hint), 400),
        };
        let mut list: Vec<_> = diagnostics.iter().take(MOST).map(object).collect();
        if diagnostics.len() > MOST {
            list.push(Self {
                code: "more",
                line: None,
                message: format!("{} more things are not in order", diagnostics.len() - MOST),
                hint: "`journal doctor` tells all of them".to_owned(),
            });
        }
        list
    }
}

/// A branch of a session.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BranchObject {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u32>,
    thoughts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_number: Option<u32>,
    open: bool,
}

impl From<&BranchSummary> for BranchObject {
    fn from(branch: &BranchSummary) -> Self {
        Self {
            name: branch.name.to_string(),
            from: branch.from.map(ThoughtNumber::get),
            thoughts: branch.thoughts,
            next_number: branch.next.map(ThoughtNumber::get),
            open: branch.open,
        }
    }
}

/// A note that moved.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct MovedObject {
    pub from: String,
    pub to: String,
}

impl From<&(journal_model::VaultPath, journal_model::VaultPath)> for MovedObject {
    fn from((from, to): &(journal_model::VaultPath, journal_model::VaultPath)) -> Self {
        Self { from: from.to_string(), to: to.to_string() }
    }
}

/// Paths that an agent claims.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ClaimObject {
    glob: String,
    agent: String,
    name: String,
    shared: bool,
    until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&Claim> for ClaimObject {
    fn from(claim: &Claim) -> Self {
        Self {
            glob: claim.glob.to_string(),
            agent: claim.lease.holder.to_string(),
            name: claim.holder_name.clone(),
            shared: claim.shared,
            until: instant(claim.lease.expires),
            reason: claim.lease.note.as_deref().map(|note| budget::cut_to_bytes(note, 200)),
        }
    }
}

/// A claim of another agent that is in the way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ConflictObject {
    asked: String,
    /// A path that both mean.
    path: String,
    claim: ClaimObject,
}

impl From<&Conflict> for ConflictObject {
    fn from(conflict: &Conflict) -> Self {
        Self { asked: conflict.asked.to_string(), path: conflict.path.clone(), claim: (&conflict.theirs).into() }
    }
}

/// What is held, as agents name it: `lock/deploy`, `path/src/**`, `thinking/…`. The keys of claims hold folders of this machine.
pub(crate) fn shown_resource(resource: &str) -> String {
    match resource.rsplit_once('\t') {
        Some((_, glob)) => format!("path/{glob}"),
        None => resource.to_owned(),
    }
}

/// An instant, given in Unix milliseconds.
pub(crate) fn instant(unix_ms: u64) -> String {
    let time = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.unwrap_or(Timestamp::MAX).to_string()
}

/// Whether there is nothing in a list, which is left out then.
pub(crate) fn none<T>(list: &[T]) -> bool {
    list.is_empty()
}

/// Whether something is not so, which is left out then.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(crate) fn no(says: &bool) -> bool {
    !says
}
