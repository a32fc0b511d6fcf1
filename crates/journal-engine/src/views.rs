//! What Obsidian shows of sessions: `Journal.base`, and the flowchart in a session's note.
//!
//! Both are a person's from the moment they are there. The file says in its first line how it was written; one that differs
//! from that was changed by somebody and is left alone.

use journal_model::{
    Diagnostic, DiagnosticCode, GraphBlockError, MERMAID_EDGES, NoteId, NoteRef, VaultPath, with_graph, without_graph,
};
use journal_vault::ContentHash;

use crate::{
    Caller, SessionRefError, Trouble,
    core::{Core, Turn},
    export::Exported,
    notes::check_seen,
    rewrite::RewriteError,
    session_ref::Ground,
};

/// After <https://help.obsidian.md/bases/syntax>.
const BASE: &str = include_str!("views/Journal.base");

/// What the first line says before the hash of all other lines.
const MARK: &str = "# Made by `journal views install`, which leaves it alone once it is changed: ";

/// What became of `Journal.base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewsChange {
    /// Where it lies inside the vault, or lay.
    pub path: String,
    /// What was done.
    pub done: ViewsDone,
    /// What is wrong, and did not stop it.
    pub diagnostics: Vec<Diagnostic>,
}

/// What was done with `Journal.base`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewsDone {
    /// It was written.
    Made,
    /// An older one of ours was replaced.
    Updated,
    /// It was there, word for word.
    Same,
    /// It was removed.
    Removed,
    /// There was none to remove.
    Absent,
}

/// Why `Journal.base` is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// Somebody changed it, or wrote one of their own.
    #[error("`{path}` is not as `journal` wrote it, so it was left as it is")]
    Changed {
        /// Where it lies inside the vault.
        path: String,
        /// What it says.
        before: String,
        /// What it would say.
        after: String,
    },
    /// Files did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A flowchart to put into a session's note, or to take out of it.
#[derive(Debug, Clone)]
pub struct DrawGraph {
    /// Who wants it.
    pub caller: Caller,
    /// The session.
    pub reference: NoteRef,
    /// Whether it is to go.
    pub remove: bool,
}

/// What became of a flowchart.
#[derive(Debug, Clone)]
pub struct GraphDrawn {
    /// The session.
    pub id: NoteId,
    /// Its note.
    pub path: VaultPath,
    /// Whether the note changed.
    pub changed: bool,
    /// What is wrong, and did not stop it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why a session's note is as it was.
#[derive(Debug, thiserror::Error)]
pub enum DrawGraphError {
    /// The session was not found.
    #[error(transparent)]
    Session(#[from] SessionRefError),
    /// The session's own note is gone.
    #[error("the note of session `{0}` is gone, so no graph can stand in it")]
    NoteGone(NoteId),
    /// The marks around the graph are not as they should be.
    #[error("`{path}` was left as it is: {source}")]
    Block {
        /// The note.
        path: VaultPath,
        /// What is wrong with them.
        source: GraphBlockError,
    },
    /// The note is not UTF-8.
    #[error("`{0}` is not UTF-8, so it was left as it is")]
    NotUtf8(VaultPath),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What `Journal.base` says when it is installed.
pub fn views_text() -> String {
    format!("{MARK}{}\n{BASE}", ContentHash::of(BASE.as_bytes()))
}

/// Whether a file says, and says rightly, that nobody changed it.
fn is_ours(text: &[u8]) -> bool {
    let Some(end) = text.iter().position(|byte| *byte == b'\n') else { return false };
    let hash = ContentHash::of(&text[end + 1..]);
    text[..end] == *format!("{MARK}{hash}").as_bytes()
}

impl Core {
    /// See [`Engine::install_views`](crate::Engine::install_views).
    pub(crate) fn install_views(&self, _turn: &Turn) -> Result<ViewsChange, ViewsError> {
        let (folder, path, before) = self.views_file()?;
        let after = views_text();
        let done = match before {
            None => {
                self.vault.create_base(folder, after.as_bytes()).map_err(Trouble::from)?;
                ViewsDone::Made
            }
            Some(before) if before == after.as_bytes() => ViewsDone::Same,
            Some(before) if is_ours(&before) => {
                let expected = ContentHash::of(&before);
                self.vault.replace_base(folder, expected, after.as_bytes()).map_err(Trouble::from)?;
                ViewsDone::Updated
            }
            Some(before) => return Err(changed(path, &before, after)),
        };
        Ok(ViewsChange { path, done, diagnostics: Vec::new() })
    }

    /// See [`Engine::remove_views`](crate::Engine::remove_views).
    pub(crate) fn remove_views(&self, _turn: &Turn) -> Result<ViewsChange, ViewsError> {
        let (folder, path, before) = self.views_file()?;
        let done = match before {
            None => ViewsDone::Absent,
            Some(before) if is_ours(&before) => {
                self.vault.remove_base(folder, ContentHash::of(&before)).map_err(Trouble::from)?;
                ViewsDone::Removed
            }
            Some(before) => return Err(changed(path, &before, views_text())),
        };
        Ok(ViewsChange { path, done, diagnostics: Vec::new() })
    }

    /// The folder of sessions, where the file lies in it, and what it says.
    fn views_file(&self) -> Result<(&str, String, Option<Vec<u8>>), Trouble> {
        let folder = self.settings.thinking_folder.trim_matches('/');
        if let Ok(listing) = self.vault.list_folder(folder) {
            self.meet_temps(listing.temps);
        }
        self.sweep_met();
        Ok((folder, self.vault.base_path(folder)?, self.vault.base(folder)?))
    }

    /// See [`Engine::draw_graph`](crate::Engine::draw_graph).
    pub(crate) fn draw_graph(&self, _turn: &Turn, request: &DrawGraph) -> Result<GraphDrawn, DrawGraphError> {
        let found = self.find_session(&request.reference)?;
        if let Ground::Walked(listing) = &found.ground {
            // A thought that was not seen would be missing from the graph.
            check_seen(self.vault.root(), listing, found.notes.folders())?;
            self.meet_temps(listing.temps.iter().cloned());
        }
        self.sweep_met();
        let Exported { session, diagnostics, .. } = self.whole(found).map_err(SessionRefError::from)?;
        let id = session.gathered.id.clone();
        let Some(own) = &session.gathered.session else { return Err(DrawGraphError::NoteGone(id)) };
        let path = own.path.clone();
        let mermaid = if request.remove { None } else { Some(session.to_mermaid()) };
        let drawn = self.rewrite(&path, |text| match &mermaid {
            Some(mermaid) => with_graph(text, mermaid),
            None => without_graph(text),
        });
        let changed = drawn.map_err(|error| match error {
            RewriteError::NotUtf8 => DrawGraphError::NotUtf8(path.clone()),
            RewriteError::Compute(source) => DrawGraphError::Block { path: path.clone(), source },
            RewriteError::Trouble(trouble) => trouble.into(),
        })?;
        let changed = changed.is_some();
        if !changed {
            // An earlier try may have failed in its last step, between the note's name and the disk.
            self.vault.make_durable(&path).map_err(Trouble::from)?;
        }
        let mut diagnostics: Vec<_> =
            diagnostics.into_iter().filter(|diagnostic| diagnostic.code == DiagnosticCode::Unreadable).collect();
        diagnostics.extend(mermaid.as_deref().and_then(too_many_edges));
        Ok(GraphDrawn { id, path, changed, diagnostics })
    }
}

/// What to tell of a flowchart that Mermaid will refuse to draw.
pub fn too_many_edges(mermaid: &str) -> Option<Diagnostic> {
    let edges = mermaid.lines().filter(|line| line.contains("-->") || line.contains("-.->")).count();
    (edges > MERMAID_EDGES).then(|| {
        Diagnostic::new(
            DiagnosticCode::LargeGraph,
            format!("the graph has {edges} edges, and Mermaid draws {MERMAID_EDGES} unless it is set up for more"),
            "for a session of this size a canvas is better: journal export REF --format canvas",
        )
    })
}

fn changed(path: String, before: &[u8], after: String) -> ViewsError {
    ViewsError::Changed { path, before: String::from_utf8_lossy(before).into_owned(), after }
}

#[cfg(test)]
mod tests {
    use journal_model::{Note, Value};

    use super::*;

    #[test]
    fn the_file_is_yaml_with_what_a_base_has() {
        let note = Note::parse(&format!("---\n{BASE}---\n"));
        assert_eq!(note.diagnostics, []);
        let keys: Vec<_> = note.properties.iter().map(|property| property.key.as_str()).collect();
        assert_eq!(keys, ["filters", "formulas", "properties", "views"]);
        let Some(Value::List(views)) = note.properties.get("views") else { panic!("{:?}", note.properties) };
        assert_eq!(views.len(), 4);
    }

    #[test]
    fn what_was_changed_is_not_ours() {
        let text = views_text();
        assert!(is_ours(text.as_bytes()));
        assert!(!is_ours(text.replace("Stale", "Old").as_bytes()));
        assert!(!is_ours(BASE.as_bytes()) && !is_ours(b"") && !is_ours(b"# x\n"));
        // Of another version, and unchanged since.
        let older = format!("{MARK}{}\nviews: []\n", ContentHash::of(b"views: []\n"));
        assert!(is_ours(older.as_bytes()));
    }
}
