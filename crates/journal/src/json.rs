//! What `--json` prints: one object, versioned. Serde lives here only; everything is converted by hand, so that a change
//! inside the engine cannot change what programs read.
//!
//! Times of notes are told as they stand there (local, `YYYY-MM-DDTHH:mm:ss`); instants are RFC 3339 in UTC. Paths are those
//! inside the vault. What is not known is `null`.

mod answers;
mod around;
mod belongings;
mod coordination;
mod documents;
mod errors;
mod index;
mod load;
mod models;
mod overlap;
mod related;
mod schedules;
mod serving;
mod session_document;
mod watching;

use journal_engine::{Identified, NamedNote, Skipped};
use journal_model::{Diagnostic, NoteId, VaultPath};
use serde::Serialize;

use crate::caller;

pub use answers::{
    Appended, ConfigList, ConfigValue, Hydrated, Paths, Relocated, SessionChanged, SessionList, Shown, Standing,
};
pub use belongings::{
    Marker, Markers, Scratch, ScratchFiles, Swept, TranscriptDigest, TranscriptList, TranscriptMissing, TranscriptPlan,
};
pub use coordination::{
    Agents, Changed, Checked as ClaimsChecked, Claims, Events, Lock, Locks, Whoami, shown_resource,
};
pub use documents::{GraphDrawn, Imported, ViewsChanged};
pub use errors::Failed;
pub use index::{Checked, Examined, Found, LooseLinks, NoteLinks, Orphans, Reindexed, Tags};
pub use models::{CatalogueModel, FetchedModel, ModelList, ModelStatus, RemovedModel};
pub use overlap::Overlaps;
pub use related::RelatedNotes;
pub use schedules::Schedules;
pub use serving::Server;
pub use session_document::{CanvasDocument, SESSION_FORMAT, SessionDocument};
pub use watching::Watched;

/// The version of all objects. It grows when a field goes or changes its meaning, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// An object with its version.
#[derive(Debug, Serialize)]
pub struct Versioned<T> {
    schema_version: u32,
    #[serde(flatten)]
    body: T,
}

/// Puts the version on an object.
pub fn versioned<T: Serialize>(body: T) -> Versioned<T> {
    Versioned { schema_version: SCHEMA_VERSION, body }
}

/// An object that depends on who calls.
#[derive(Debug, Serialize)]
pub struct ToCaller<T> {
    #[serde(flatten)]
    body: T,
    caller: CallerObject,
}

/// Who was taken for the caller, and from what.
#[derive(Debug, Serialize)]
struct CallerObject {
    id: String,
    source: &'static str,
}

impl<T: Serialize> ToCaller<T> {
    /// Says who it was told to.
    pub fn new(identified: &Identified, body: T) -> Self {
        let caller = CallerObject { id: identified.id.to_string(), source: caller::source_code(identified.source) };
        Self { body, caller }
    }
}

/// Something wrong in a note.
#[derive(Debug, Serialize)]
pub struct DiagnosticObject {
    code: &'static str,
    line: Option<usize>,
    message: String,
    hint: String,
}

impl DiagnosticObject {
    fn list(diagnostics: &[Diagnostic]) -> Vec<Self> {
        let object = |diagnostic: &Diagnostic| Self {
            code: diagnostic.code.as_str(),
            line: diagnostic.line,
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone(),
        };
        diagnostics.iter().map(object).collect()
    }
}

/// A note by its names.
#[derive(Debug, Serialize)]
pub struct NoteObject {
    id: Option<String>,
    path: String,
    title: String,
}

impl NoteObject {
    fn list(notes: &[NamedNote]) -> Vec<Self> {
        let object = |note: &NamedNote| Self {
            id: note.id.as_ref().map(ToString::to_string),
            path: note.path.to_string(),
            title: note.title.clone(),
        };
        notes.iter().map(object).collect()
    }
}

/// Who was taken for the caller, and from what.
#[derive(Debug, Serialize)]
pub struct AgentObject {
    id: String,
    name: String,
    source: &'static str,
    client: Option<&'static str>,
}

impl AgentObject {
    fn new(identified: &Identified, name: &str) -> Self {
        Self {
            id: identified.id.to_string(),
            name: name.to_owned(),
            source: caller::source_code(identified.source),
            client: identified.client,
        }
    }
}

/// A file or folder that was passed over.
#[derive(Debug, Serialize)]
pub struct SkippedObject {
    path: String,
    reason: String,
}

impl SkippedObject {
    fn list(skipped: &[Skipped]) -> Vec<Self> {
        skipped.iter().map(|one| Self { path: one.path.clone(), reason: one.reason.to_string() }).collect()
    }
}

fn text(id: &NoteId) -> String {
    id.to_string()
}

fn path(path: &VaultPath) -> String {
    path.to_string()
}
