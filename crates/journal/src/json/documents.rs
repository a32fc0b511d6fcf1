//! What `journal import` and `journal views` answer.

use journal_engine as engine;
use journal_engine::ViewsDone;
use serde::Serialize;

use super::{DiagnosticObject, path, text};

/// The answer of `journal import`.
#[derive(Debug, Serialize)]
pub struct Imported {
    dry_run: bool,
    sessions: Vec<SessionImported>,
    written: Vec<String>,
    diagnostics: Vec<DiagnosticObject>,
}

#[derive(Debug, Serialize)]
struct SessionImported {
    id: String,
    title: String,
    path: Option<String>,
    written: usize,
    here_already: usize,
    differing: Vec<String>,
    new_ids: Vec<NewId>,
    renamed: Vec<Renamed>,
}

#[derive(Debug, Serialize)]
struct NewId {
    was: Option<String>,
    id: String,
}

#[derive(Debug, Serialize)]
struct Renamed {
    was: String,
    path: String,
}

impl Imported {
    /// The answer.
    pub fn new(imported: &engine::Imported, dry_run: bool) -> Self {
        let session = |session: &engine::ImportedSession| SessionImported {
            id: text(&session.id),
            title: session.title.clone(),
            path: session.path.as_ref().map(path),
            written: session.written,
            here_already: session.here,
            differing: session.differing.iter().map(path).collect(),
            new_ids: session
                .new_ids
                .iter()
                .map(|(was, id)| NewId { was: was.as_ref().map(text), id: text(id) })
                .collect(),
            renamed: session.renamed.iter().map(|(was, now)| Renamed { was: path(was), path: path(now) }).collect(),
        };
        Self {
            dry_run,
            sessions: imported.sessions.iter().map(session).collect(),
            written: imported.written.iter().map(|note| path(&note.path)).collect(),
            diagnostics: DiagnosticObject::list(&imported.diagnostics),
        }
    }
}

/// The answer of `journal views install` and `remove`.
#[derive(Debug, Serialize)]
pub struct ViewsChanged {
    path: String,
    done: &'static str,
}

impl From<&engine::ViewsChange> for ViewsChanged {
    fn from(change: &engine::ViewsChange) -> Self {
        let done = match change.done {
            ViewsDone::Made => "made",
            ViewsDone::Updated => "updated",
            ViewsDone::Same => "same",
            ViewsDone::Removed => "removed",
            ViewsDone::Absent => "absent",
        };
        Self { path: change.path.clone(), done }
    }
}

/// The answer of `journal views graph`.
#[derive(Debug, Serialize)]
pub struct GraphDrawn {
    id: String,
    path: String,
    changed: bool,
    diagnostics: Vec<DiagnosticObject>,
}

impl From<&engine::GraphDrawn> for GraphDrawn {
    fn from(drawn: &engine::GraphDrawn) -> Self {
        Self {
            id: text(&drawn.id),
            path: path(&drawn.path),
            changed: drawn.changed,
            diagnostics: DiagnosticObject::list(&drawn.diagnostics),
        }
    }
}
