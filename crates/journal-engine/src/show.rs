//! Show: one note as it is.

use journal_model::{Diagnostic, NoteId, NoteRef, VaultPath};
use journal_vault::ReadError;

use crate::{FoundBy, ResolveError, core::Core};

/// A note as it is.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id, where it has one.
    pub id: Option<NoteId>,
    /// Where it lies.
    pub path: VaultPath,
    /// Its title.
    pub title: String,
    /// How the ref found it.
    pub found_by: FoundBy,
    /// The whole text, frontmatter and all.
    pub text: String,
    /// Where the body begins in it, in bytes.
    pub body_start: usize,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// How often a note is looked for that moves while it is being read.
const TRIES: usize = 3;

impl Core {
    /// See [`Engine::show`](crate::Engine::show).
    pub(crate) fn show(&self, reference: &NoteRef) -> Result<Shown, ResolveError> {
        let mut tries = 1;
        let (found, (seen, text)) = loop {
            let found = self.find(reference)?;
            match self.read_note(&found.seen.path) {
                Ok(read) => break (found, read),
                // Somebody moved it since it was found.
                Err(ReadError::NotFound { .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        };
        let mut diagnostics = found.diagnostics;
        diagnostics.extend(seen.note.diagnostics.iter().map(|d| crate::notes::in_note(d, &seen.path)));
        diagnostics.dedup();
        Ok(Shown {
            id: seen.id(),
            title: seen.title().to_owned(),
            found_by: found.by,
            body_start: text.len() - seen.note.body(&text).len(),
            diagnostics,
            path: seen.path,
            text,
        })
    }
}
