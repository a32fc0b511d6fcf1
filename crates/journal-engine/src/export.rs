//! Export: a session with the whole text of each of its notes.

use journal_model::{Diagnostic, DiagnosticCode, NoteRef, VaultPath, WholeSession};

use crate::{
    FoundBy, ResolveError, SessionRefError,
    core::Core,
    hydrate::unreadable,
    notes::{Seen, in_note},
    session_ref::FoundSession,
};

/// A session, ready to be told as one document.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The session, all of it in memory. A note that could not be read is missing from it, and told.
    pub session: WholeSession,
    /// Notes that are not UTF-8: where they hold other bytes, the session says U+FFFD.
    pub not_utf8: Vec<VaultPath>,
    /// How the ref found it.
    pub found_by: FoundBy,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Core {
    /// See [`Engine::export`](crate::Engine::export).
    pub(crate) fn export(&self, reference: &NoteRef) -> Result<Exported, SessionRefError> {
        Ok(self.whole(self.find_session(reference)?)?)
    }

    /// All of a session that was found.
    pub(crate) fn whole(&self, found: FoundSession) -> Result<Exported, ResolveError> {
        let mut notes = found.notes;
        self.follow_links(&mut notes, found.ground)?;
        let mut diagnostics = notes.diagnostics;
        let (mut texts, mut not_utf8) = (Vec::new(), Vec::new());
        for path in paths(&notes.gathered) {
            match self.read_note(path) {
                Ok((seen, text)) => {
                    let invalid = diagnostics.len();
                    diagnostics.extend(not_text(&seen));
                    if diagnostics.len() > invalid {
                        not_utf8.push(path.clone());
                    }
                    texts.push((path.clone(), text));
                }
                Err(error) => diagnostics.push(unreadable(path, &error)),
            }
        }
        diagnostics.extend(self.take_index_trouble());
        diagnostics.sort_by(|one, other| one.message.cmp(&other.message));
        diagnostics.dedup();
        Ok(Exported { session: WholeSession::new(notes.gathered, texts), not_utf8, found_by: found.by, diagnostics })
    }
}

/// The notes of a session, its own first.
fn paths(gathered: &journal_model::Gathered) -> impl Iterator<Item = &VaultPath> {
    let own = gathered.session.iter().map(|session| &session.path);
    own.chain(gathered.thoughts().iter().map(|thought| &thought.path))
}

/// Only the whole note tells that its end is not text; what is wrong in its frontmatter is known already.
fn not_text(seen: &Seen) -> impl Iterator<Item = Diagnostic> {
    let of_body = seen.note.diagnostics.iter().filter(|diagnostic| diagnostic.code == DiagnosticCode::NotUtf8);
    of_body.map(|diagnostic| in_note(diagnostic, &seen.path))
}
