//! What a trip that writes notes leaves behind: notes for the index to look at, and room to tell what went wrong beside it.

use journal_model::{Diagnostic, VaultPath};

use crate::{Appended, GraphDrawn, Imported, NewId, Relocated, UpdatedSession, ViewsChange};

/// What came of a trip.
pub(super) trait Outcome {
    /// The notes that are not what they were, or not where they were.
    fn written(&self) -> Vec<VaultPath>;

    /// What is wrong, and did not stop the trip.
    fn diagnostics(&mut self) -> &mut Vec<Diagnostic>;
}

impl Outcome for Appended {
    fn written(&self) -> Vec<VaultPath> {
        self.written.iter().map(|note| note.path.clone()).collect()
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}

impl Outcome for UpdatedSession {
    fn written(&self) -> Vec<VaultPath> {
        vec![self.path.clone()]
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}

impl Outcome for Relocated {
    fn written(&self) -> Vec<VaultPath> {
        let moved = self.moved.iter().flat_map(|(from, to)| [from, to]);
        moved.chain(self.rewritten.iter().map(|(path, _)| path)).cloned().collect()
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}

impl Outcome for NewId {
    fn written(&self) -> Vec<VaultPath> {
        vec![self.path.clone()]
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}

impl Outcome for Imported {
    fn written(&self) -> Vec<VaultPath> {
        self.written.iter().map(|note| note.path.clone()).collect()
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}

impl Outcome for GraphDrawn {
    fn written(&self) -> Vec<VaultPath> {
        vec![self.path.clone()]
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}

impl Outcome for ViewsChange {
    fn written(&self) -> Vec<VaultPath> {
        // It is no note.
        Vec::new()
    }

    fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }
}
