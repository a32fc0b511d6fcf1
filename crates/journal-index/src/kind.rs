//! What a note is.

/// What a note is to `journal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoteKind {
    /// The note of a thinking session.
    Session,
    /// A thought.
    Thought,
    /// Any other note.
    Note,
}

impl NoteKind {
    /// The name that `type:` in a query takes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Thought => "thought",
            Self::Note => "note",
        }
    }
}
