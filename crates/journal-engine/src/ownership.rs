//! Thinking ownership: one lease a line of a session, taken or renewed by every append.

use journal_coord::{
    AcquireError, AcquireLease, Acquired, AgentId, AgentSeen, Held, LeaseState, NewEvent, Process, Takeover,
};
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

/// The session that [`resource`] was made of.
fn session_of_resource(resource: &str) -> Option<NoteId> {
    let session = resource.strip_prefix("thinking/")?.split('/').next()?;
    session.replace("%2F", "/").replace("%25", "%").parse().ok()
}

impl Core {
    /// The session in which an agent thought last, by its leases; no note is read. One that was taken over counts: the agent is
    /// to be told so rather than to think on, unawares, in the session before.
    pub(crate) fn current_session_id(&self, agent: &AgentId, now_ms: u64) -> Result<Option<NoteId>, Trouble> {
        let leases = self.look_at_state(|coord| coord.leases("thinking/", now_ms))?;
        let last_thought = |state: &LeaseState| match &state.former {
            _ if state.lease.holder == *agent => Some(state.lease.renewed),
            Some(former) if former == agent => Some(state.lease.acquired),
            _ => None,
        };
        let newest = leases.iter().filter_map(|state| Some((last_thought(state)?, &state.lease.resource))).max();
        Ok(newest.and_then(|(_, resource)| session_of_resource(resource)))
    }

    /// Takes or renews a line for the caller.
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
            agent: AgentSeen { session: Some(session.to_string()), ..Self::seen(caller) },
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
