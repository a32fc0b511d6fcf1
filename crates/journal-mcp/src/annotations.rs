//! What a tool does to the world, and the five annotations that tell it.

use rmcp::model::ToolAnnotations;

/// What a call does to the vault and the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It writes nothing.
    Reads,
    /// It adds; nothing that was there goes. A second call adds again.
    Adds,
    /// It brings something up to date; nothing that was written by anybody goes. A second call does nothing more.
    Refreshes,
    /// It puts something in the place of something else. A second call does nothing more.
    Replaces,
}

impl Nature {
    /// Whether a server for reading leaves the tool out.
    pub fn writes(self) -> bool {
        self != Self::Reads
    }

    /// All five annotations. No tool reaches beyond the vault.
    pub fn annotations(self, title: &str) -> ToolAnnotations {
        ToolAnnotations::with_title(title)
            .read_only(self == Self::Reads)
            .destructive(self == Self::Replaces)
            .idempotent(self != Self::Adds)
            .open_world(false)
    }
}
