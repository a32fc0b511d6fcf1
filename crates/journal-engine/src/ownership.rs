//! Thinking ownership: one lease a line of a session, taken or renewed by every append.

use journal_coord::{AcquireError, AcquireLease, Acquired, AgentId, Held, NewEvent, Process, Takeover};
use journal_model::{Line, NoteId};

use crate::{
    Caller, Trouble,
    core::{Core, Turn},
};

/// Why a line could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Another agent holds it.
    #[error("{line} of session `{session}` is held by {}", .held.holder_name)]
    Held {
        /// The session.
        session: NoteId,
        /// The line.
        line: Line,
        /// Who, since when, until when.
        held: Box<Held>,
    },
    /// A live holder is taken over only with a reason.
    #[error("{line} of session `{session}` is held by {}, who is alive; say why you take over", .held.holder_name)]
    ReasonNeeded {
        /// The session.
        session: NoteId,
        /// The line.
        line: Line,
        /// Who, since when, until when.
        held: Box<Held>,
    },
    /// The database.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What the resources of a session's lines begin with; a slash in an id is escaped.
pub(crate) fn resources_of(session: &NoteId) -> String {
    format!("thinking/{}/", session.as_str().replace('%', "%25").replace('/', "%2F"))
}

/// The resource of a line: `thinking/<session>/<line>`.
pub(crate) fn resource(session: &NoteId, line: &Line) -> String {
    format!("{}{line}", resources_of(session))
}

impl Core {
    /// The session in which an agent thought last, whoever has its line since: the agent is to be told of that rather than to
    /// think on, unawares, in the session before. No note is read.
    pub(crate) fn current_session_id(&self, turn: Option<&Turn>, agent: &AgentId) -> Result<Option<NoteId>, Trouble> {
        let known = self.look_at_state_in(turn, |coord| coord.agent(agent))?;
        Ok(known.and_then(|agent| agent.session).and_then(|session| session.parse().ok()))
    }

    /// Takes or renews a line for the caller. Where that says in which session it thinks, this is known from then on: an append
    /// says it, and who closes or names a session does not think in it.
    ///
    /// Called with the vault's write lock held, in the same batch as the write it protects: a process that pauses here keeps
    /// every other writer waiting, so its token cannot grow old before it has written.
    pub(crate) fn hold_line(
        &self,
        turn: &Turn,
        caller: &Caller,
        takeover: Option<&Takeover>,
        session: &NoteId,
        line: &Line,
        now_ms: u64,
    ) -> Result<Acquired, HoldError> {
        // An id that ends with this call holds nothing after it, or the person at the terminal would lock themselves out.
        let ttl_ms = if caller.lasting { self.settings.ownership.as_millis() as u64 } else { 0 };
        let lease = AcquireLease {
            resource: resource(session, line),
            agent: Self::seen(caller),
            process: Self::process(caller),
            ttl_ms,
            note: None,
            takeover: takeover.cloned(),
        };
        self.coordinate(Some(turn), |coord| coord.acquire(&lease, now_ms))?.map_err(|error| match error {
            AcquireError::Held(held) => HoldError::Held { session: session.clone(), line: line.clone(), held },
            AcquireError::ReasonNeeded(held) => {
                HoldError::ReasonNeeded { session: session.clone(), line: line.clone(), held }
            }
            error => Trouble::Lease(error).into(),
        })
    }

    /// Gives a line back, for a caller who is done with it.
    pub(crate) fn release_line(&self, caller: &Caller, acquired: &Acquired) -> Result<(), Trouble> {
        let coord = self.coord()?;
        let now = self.source.now().unix_ms;
        coord.lock().release(&acquired.lease.resource, &caller.agent.id, acquired.lease.token, now)?;
        Ok(())
    }

    /// Leaves a lease to time, for a caller whose process ends before the lease does.
    pub(crate) fn settle(&self, caller: &Caller, acquired: &Acquired) -> Result<(), Trouble> {
        if !caller.lasting || caller.serving {
            return Ok(());
        }
        let coord = self.coord()?;
        coord.lock().settle(&acquired.lease.resource, acquired.lease.token, &Process::current())?;
        Ok(())
    }

    /// Tells the other agents what happened to a session, and which files it is about.
    pub(crate) fn tell_others(&self, caller: &Caller, events: &[NewEvent], files: &[String]) -> Result<(), Trouble> {
        let now = self.source.now().unix_ms;
        let coord = self.coord()?;
        let mut coord = coord.lock();
        coord.record(&caller.agent.id, events, now)?;
        if !files.is_empty() {
            coord.touch_files(&caller.agent.id, files, now)?;
        }
        Ok(())
    }
}
