//! What the engine refuses, and the ways on.

use journal_engine::{
    AppendError, Held, HoldError, RefusedAppend, RelocateError, ResolveError, SessionRefError, UpdateSessionError,
};
use journal_model::{Line, NoteId, NoteRefError, Refusal as Rule, ThoughtNumber, Wanted};

use super::{HeldObject, Refusal};

impl From<NoteRefError> for Refusal {
    fn from(error: NoteRefError) -> Self {
        Self::of("path", &error).hint("name a note by its id, or by its path inside the vault, like `Notes/Name.md`")
    }
}

impl From<ResolveError> for Refusal {
    fn from(error: ResolveError) -> Self {
        match &error {
            ResolveError::NotFound { near, .. } if near.is_empty() => {
                Self::of("not_found", &error).hint("find it: search {query: \"…\"}, or list_sessions {}")
            }
            ResolveError::NotFound { near, .. } => {
                Self::of("not_found", &error).candidates(near).hint("try again with the id of a candidate")
            }
            ResolveError::Ambiguous { candidates, .. } => Self::of("ambiguous", &error)
                .candidates(candidates)
                .hint("choose one, and send its whole id or its path"),
            ResolveError::DuplicateId { paths, .. } => Self::of("duplicate_id", &error).paths(paths).hint(
                "name the note by its path; a person gives the copy an id of its own: journal doctor --new-id PATH",
            ),
            ResolveError::Walk(_) | ResolveError::Read(_) => match error {
                ResolveError::Walk(error) => Self::from(&error),
                ResolveError::Read(error) => Self::from(&error),
                error => Self::bug(error.to_string()),
            },
        }
    }
}

impl From<SessionRefError> for Refusal {
    fn from(error: SessionRefError) -> Self {
        match error {
            SessionRefError::Resolve(error) => error.into(),
            SessionRefError::NotASession(ref path) => {
                Self::of("not_a_session", &error).hint(format!("read it: read_note {{note: \"{path}\"}}"))
            }
            SessionRefError::NoId(ref path) => {
                Self::of("no_id", &error).hint(format!("read it: read_note {{note: \"{path}\"}}"))
            }
            SessionRefError::NoSuchBranch { .. } => Self::of("no_such_branch", &error)
                .hint("name one that is there, or leave `branch` out to read all lines"),
        }
    }
}

impl From<AppendError> for Refusal {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Empty => Self::of("empty", &error).hint("put your thought into `thought`"),
            AppendError::TooLarge { .. } => {
                Self::of("too_large", &error).hint("think in smaller steps, and name files in `related_files`")
            }
            AppendError::Session(error) => error.into(),
            AppendError::NoSession { .. } => Self::of("no_session", &error)
                .hint("send `session_note_id` of the session that you mean")
                .hint("begin one with thoughtNumber 1"),
            AppendError::Refused(refused) => (*refused).into(),
            AppendError::Hold(error) => error.into(),
            AppendError::Folder(_) => {
                Self::of("folder", &error).hint("send `folder` as one inside the vault, like `Thinking`")
            }
            AppendError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<RefusedAppend> for Refusal {
    fn from(RefusedAppend { session, refusal }: RefusedAppend) -> Self {
        let read = format!("read the session: sequentialthinking_hydrate {{session_note_id: \"{session}\"}}");
        match &refusal {
            Rule::NumberTaken { next_free, .. } => {
                let mut refused = Self::of("number_taken", &refusal);
                refused.facts.next_number = next_free.map(ThoughtNumber::get);
                match next_free {
                    Some(next) => refused
                        .hint(format!("the next free number is {next}"))
                        .hint("revise what is there: isRevision true with revisesThought"),
                    None => refused.hint(read),
                }
            }
            Rule::NoSuchThought { wanted, .. } => {
                let field = match wanted {
                    Wanted::Revise => "revisesThought",
                    Wanted::Leave => "branchFromThought",
                };
                Self::of("no_such_thought", &refusal).hint(format!("send a number that is there as {field}")).hint(read)
            }
            Rule::NoSuchBranch { .. } => Self::of("no_such_branch", &refusal)
                .hint("begin it: send branchFromThought with the thought that it leaves")
                .hint(read),
            Rule::BranchLeavesElsewhere { leaves, .. } => Self::of("branch_leaves_elsewhere", &refusal)
                .hint(format!("go on with it: branchFromThought {leaves}"))
                .hint("begin another branch with a new branchId"),
            Rule::NumbersUsedUp { .. } => {
                Self::of("numbers_used_up", &refusal).hint("begin another session with thoughtNumber 1")
            }
        }
    }
}

impl From<HoldError> for Refusal {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::Held { ref session, ref line, ref held } => {
                let message = error.to_string();
                Self::new("held", message).held(session, line, held)
            }
            HoldError::ReasonNeeded { ref session, ref line, ref held } => {
                let message = error.to_string();
                Self::new("reason_needed", message).held(session, line, held)
            }
            HoldError::Trouble(error) => Self::from(&error),
        }
    }
}

impl Refusal {
    fn held(mut self, session: &NoteId, line: &Line, held: &Held) -> Self {
        self.facts.held = Some(HeldObject::from(held));
        if let Some(taken) = &held.taken_from_you {
            let reason = taken.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            self.message = format!("{}; {} took it from you{reason}", self.message, taken.by_name);
        }
        self.hint(format!("read what is there: sequentialthinking_hydrate {{session_note_id: \"{session}\"}}"))
            .hint(format!(
                "think beside it on a branch of your own: session_note_id \"{session}\" with branchId and branchFromThought"
            ))
            .hint(format!("take {line} over, saying why: takeover: \"why\""))
    }
}

impl From<UpdateSessionError> for Refusal {
    fn from(error: UpdateSessionError) -> Self {
        match error {
            UpdateSessionError::Session(error) => error.into(),
            UpdateSessionError::NoteGone(ref id) => Self::of("note_gone", &error).hint(format!(
                "its thoughts are still there: sequentialthinking_hydrate {{session_note_id: \"{id}\"}}"
            )),
            UpdateSessionError::Hold(error) => error.into(),
            UpdateSessionError::NotEditable { ref path, .. } => Self::of("not_editable", &error)
                .hint(format!("a person writes the property in `{path}` on a line of its own, like `status: done`")),
            UpdateSessionError::NotUtf8(ref path) => {
                Self::of("not_utf8", &error).hint(format!("a person saves `{path}` as UTF-8"))
            }
            UpdateSessionError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<RelocateError> for Refusal {
    fn from(error: RelocateError) -> Self {
        match error {
            RelocateError::Resolve(error) => error.into(),
            RelocateError::Place(_) => Self::of("place", &error).hint(
                "send `to` as a folder of the vault (`Archive/`), or as the new path of the note (`Archive/Name.md`)",
            ),
            RelocateError::AlreadyThere(_) => Self::of("already_there", &error).hint("there is nothing to do"),
            RelocateError::NameTaken { ref to, ref taken_by } => Self::of("name_taken", &error)
                .paths([taken_by])
                .hint(format!("choose another name than `{}`: links by name would lead to either", to.stem())),
            RelocateError::Trouble(error) => Self::from(&error),
        }
    }
}
