//! Trip 1: append a thought. **Acknowledged means fsynced.**
//!
//! Order: the vault's write lock → the session's notes as they are now → the append rules (pure) → the lease of the line →
//! the thought note, exclusive → the session note's properties, every other byte kept → the sync of both names. A crash after
//! the thought note leaves it unlinked in `see_also`, which is only a view; the next append links it. A power cut before the
//! sync may leave a link to a thought that nobody was told is there.

mod home;
mod trip;

use journal_coord::{Acquired, Takeover};
use journal_model::{
    Asked, BranchSummary, Diagnostic, Line, NoteId, NoteRef, Refusal, Thought, ThoughtNumber, VaultPath, VaultPathError,
};

use crate::{Caller, HoldError, SessionRefError, Trouble};

/// A thought to append.
#[derive(Debug, Clone)]
pub struct AppendThought {
    /// Who thinks it.
    pub caller: Caller,
    /// The session it joins, or how one is chosen.
    pub session: SessionChoice,
    /// Where along the session.
    pub asked: Asked,
    /// The thought, byte for byte.
    pub text: String,
    /// Tags for the thought, and for a session that begins with it.
    pub tags: Vec<String>,
    /// How sure the caller is, in the caller's words.
    pub confidence: Option<String>,
    /// Files that the thought is about.
    pub related_files: Vec<String>,
    /// Take the line over from whoever holds it; a live holder only with a reason.
    pub takeover: Option<Takeover>,
}

/// Which session a thought joins.
#[derive(Debug, Clone)]
pub enum SessionChoice {
    /// One that is there.
    Existing(NoteRef),
    /// One that begins now.
    New(NewSessionChoice),
    /// By the append rules: number 1 of the main line begins one; anything else joins the session the agent last thought in.
    ByRule(NewSessionChoice),
}

/// What a new session is called and about.
#[derive(Debug, Clone, Default)]
pub struct NewSessionChoice {
    /// Its title; the thought's first sentence where absent.
    pub title: Option<String>,
    /// What it is about.
    pub project: Option<String>,
    /// The folder for it inside the vault; the configured one where absent.
    pub folder: Option<String>,
}

/// What was written, or would be.
#[derive(Debug, Clone)]
pub struct Appended {
    /// The session.
    pub session_id: NoteId,
    /// Its title.
    pub session_title: String,
    /// Its note, unless that is gone.
    pub session_path: Option<VaultPath>,
    /// Whether it began with this thought.
    pub session_is_new: bool,
    /// The thought as it stands.
    pub thought: Thought,
    /// The same number with the same text was there already: nothing was written.
    pub replayed: bool,
    /// The number the next thought of this line gets.
    pub next_number: Option<ThoughtNumber>,
    /// How many thoughts the session has now.
    pub thoughts: usize,
    /// Its branches.
    pub branches: Vec<BranchSummary>,
    /// The first number that was skipped, if some were.
    pub gap_from: Option<ThoughtNumber>,
    /// From whom the line was taken over, if it was.
    pub lease: Option<Acquired>,
    /// The files written, or that would be: path and whole text, and the text before.
    pub written: Vec<WrittenNote>,
    /// What is wrong, and did not stop the thought.
    pub diagnostics: Vec<Diagnostic>,
}

/// A note that was written, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenNote {
    /// Where.
    pub path: VaultPath,
    /// The text before, for a note that was there.
    pub before: Option<String>,
    /// The text now.
    pub after: String,
}

/// Why a thought was not appended. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// No text.
    #[error("a thought needs a text")]
    Empty,
    /// More text than a note may have.
    #[error("a thought of {bytes} bytes is too large; {max} are allowed", max = AppendThought::MAX_BYTES)]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The session was not found.
    #[error(transparent)]
    Session(#[from] SessionRefError),
    /// No session was given, and none follows from the rules.
    #[error("which session? {number} of {line} begins none")]
    NoSession {
        /// The thought: `thought 3`, or `the next thought`.
        number: String,
        /// The line asked for.
        line: Line,
    },
    /// The append rules refuse it.
    #[error(transparent)]
    Refused(Box<RefusedAppend>),
    /// Another agent holds the line.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// The folder for new sessions cannot be one.
    #[error(transparent)]
    Folder(#[from] VaultPathError),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A refusal of the append rules, with the session it is about.
#[derive(Debug, thiserror::Error)]
#[error("{refusal}")]
pub struct RefusedAppend {
    /// The session.
    pub session: NoteId,
    /// Why.
    pub refusal: Refusal,
}

impl AppendThought {
    /// The largest thought, in bytes.
    pub const MAX_BYTES: usize = 1 << 20;
}
