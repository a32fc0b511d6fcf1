//! Everything that can be asked about the other agents on a vault, on one page; and `state.db` behind it.
//!
//! A damaged `state.db` is set aside by the first call that needs it, under the write lock, and a new one begins: who held what
//! is forgotten, no note is. It is told once, by [`Engine::take_state_report`].

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use journal_coord::{
    AcquireError, Agent, AgentId, AgentSeen, AgentState, AgentStatus, Claim, ClaimError, ClaimScope, Claimed, Conflict,
    Coord, CoordError, Event, FenceError, Lease, LeaseState, LockName, Notices, Process, RenameError,
};
use journal_model::{Diagnostic, DiagnosticCode};
use journal_vault::{FileIdentity, Worktree};

use crate::{
    AcquireLock, AgentFilter, Caller, CheckPaths, ClaimRequest, Engine, EventQuery, FindOverlap, Locked,
    NamedLockError, Overlap, Trouble, UpdateAgent, UpdateAgentError,
    core::{Core, Turn},
};

/// The database that says who is here.
pub(crate) const STATE: &str = "state.db";

/// Where a damaged one goes.
pub(crate) const STATE_ASIDE: &str = "state.db.damaged";

/// What a call tells its agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// All that is known of it.
    pub agent: Agent,
    /// What happened to it since its last call, such as a lock that was taken from it. Told once.
    pub notices: Notices,
}

/// `state.db`, one call at a time.
#[derive(Clone)]
pub(crate) struct SharedCoord(Arc<Mutex<Coord>>);

impl SharedCoord {
    /// Waits for the connection. What a panicking thread left behind is at most a transaction that SQLite rolls back.
    pub fn lock(&self) -> MutexGuard<'_, Coord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a process knows of `state.db`.
#[derive(Default)]
pub(crate) struct StateFile {
    /// Opened at the first need: most commands do not ask who is here. With the file it was, since another process may have
    /// set that aside.
    opened: Mutex<Option<(SharedCoord, Option<FileIdentity>)>>,
    /// What became of a damaged one, until it is told.
    report: StateReport,
}

/// What became of a damaged `state.db`, until somebody takes it to tell it. Outlives the engine that found the damage.
#[derive(Debug, Clone, Default)]
pub struct StateReport(Arc<Mutex<Option<Lost>>>);

/// How a `state.db` was lost.
#[derive(Debug)]
enum Lost {
    /// It was damaged, and is here now.
    Aside(PathBuf),
    /// There was one before, and its file is gone or empty.
    Empty,
}

impl StateReport {
    fn tell(&self, lost: Lost) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(lost);
    }

    /// What is to be told, once.
    pub fn take(&self) -> Option<Diagnostic> {
        let message = match self.0.lock().unwrap_or_else(PoisonError::into_inner).take()? {
            Lost::Aside(path) => format!("`{STATE}` was damaged and is set aside as `{}`", path.display()),
            Lost::Empty => format!("`{STATE}` was damaged: it was gone or empty, and begins anew"),
        };
        let hint = "no note was in it; who held what is forgotten: agents acquire and claim anew";
        Some(Diagnostic::new(DiagnosticCode::Database, message, hint))
    }
}

/// An error that may say that the database is damaged.
pub(crate) trait OfState {
    fn state_error(&self) -> Option<&CoordError>;
}

impl Engine {
    /// Says that an agent is here, which every call of its client should, and what it is to be told.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn heartbeat(&self, caller: &Caller) -> Result<Heartbeat, Trouble> {
        self.core.heartbeat(caller)
    }

    /// Who is here, those seen last first. Writes nothing.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn agents(&self, filter: &AgentFilter) -> Result<Vec<AgentState>, Trouble> {
        self.core.agents(filter)
    }

    /// An agent, if it was ever seen. Writes nothing.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn agent(&self, id: &AgentId) -> Result<Option<Agent>, Trouble> {
        self.core.look_at_state(|coord| coord.agent(id))
    }

    /// Changes what an agent says of itself.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn update_agent(&self, request: &UpdateAgent) -> Result<Agent, UpdateAgentError> {
        self.core.update_agent(request)
    }

    /// Ends an agent and gives back all that it holds. `None` when it was never seen.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn end_agent(&self, caller: &Caller) -> Result<Option<Agent>, Trouble> {
        self.core.end_agent(caller)
    }

    /// Notes down that an agent touched these files, for the others to see.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn touch_files(&self, caller: &Caller, paths: &[String]) -> Result<(), Trouble> {
        self.core.touch_files(caller, paths)
    }

    /// Acquires a named lock, or renews the caller's; waits for it as long as asked.
    ///
    /// # Errors
    /// [`NamedLockError::Held`] when another agent holds it, or a living process of the same that is not the request's.
    pub fn acquire_lock(&self, request: &AcquireLock) -> Result<Locked, NamedLockError> {
        self.core.acquire_lock(request)
    }

    /// Renews the caller's lock. Without a token, the one that it has.
    ///
    /// # Errors
    /// When the caller does not hold it, or the token is too old: then nothing may be written any more that it protects.
    pub fn renew_lock(&self, caller: &Caller, name: &LockName, token: Option<u64>) -> Result<Lease, NamedLockError> {
        self.core.renew_lock(caller, name, token)
    }

    /// Gives the caller's lock back. Without a token, the one that it has.
    ///
    /// # Errors
    /// When the caller does not hold it.
    pub fn release_lock(&self, caller: &Caller, name: &LockName, token: Option<u64>) -> Result<(), NamedLockError> {
        self.core.release_lock(caller, name, token)
    }

    /// Leaves a lock to time alone, for a process that is about to end and was not the first to acquire it.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn settle_lock(&self, name: &LockName, token: u64, process: &Process) -> Result<(), Trouble> {
        self.core.settle_lock(name, token, process)
    }

    /// Has a lock held by `process` from now on in place of `before`: it is not free while that one runs, whoever ends.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn vouch_for_lock(
        &self,
        name: &LockName,
        token: u64,
        before: &Process,
        process: &Process,
    ) -> Result<(), Trouble> {
        self.core.vouch_for_lock(name, token, before, process)
    }

    /// The locks that are held. Writes nothing.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn locks(&self) -> Result<Vec<LeaseState>, Trouble> {
        self.core.locks()
    }

    /// Claims paths, all or none.
    ///
    /// # Errors
    /// [`ClaimError::Conflict`] with the claims of others that are in the way.
    pub fn claim_paths(&self, request: &ClaimRequest) -> Result<Claimed, ClaimPathsError> {
        self.core.claim_paths(request)
    }

    /// Gives claims of the caller back: those on exactly these globs that count in the worktree, or all in the project.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn release_paths(
        &self,
        caller: &Caller,
        scope: &ClaimScope,
        globs: Option<&[journal_coord::Glob]>,
    ) -> Result<Vec<Claim>, Trouble> {
        self.core.release_paths(caller, scope, globs)
    }

    /// The claims that hold, in one project or all. Writes nothing.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn claims(&self, project: Option<&str>) -> Result<Vec<Claim>, Trouble> {
        self.core.claims(project)
    }

    /// The exclusive claims of other agents on these paths. Writes nothing.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn check_paths(&self, request: &CheckPaths) -> Result<Vec<Conflict>, Trouble> {
        self.core.check_paths(request)
    }

    /// Tells those who hold the claims that the caller edits or commits what [`Engine::check_paths`] found to be theirs: of each
    /// path once an hour.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn tell_edits(&self, caller: &Caller, conflicts: &[Conflict]) -> Result<(), Trouble> {
        self.core.tell_edits(caller, conflicts)
    }

    /// Which agents of a project are, or will be, in one another's way. Writes nothing, and has git write nothing.
    ///
    /// # Errors
    /// When `state.db` cannot be read. That git does not answer is part of the answer.
    pub fn overlap(&self, request: &FindOverlap) -> Result<Overlap, Trouble> {
        self.core.overlap(request)
    }

    /// What happened among the agents, in order.
    ///
    /// # Errors
    /// When `state.db` cannot be used.
    pub fn events(&self, query: &EventQuery) -> Result<Vec<Event>, Trouble> {
        self.core.events(query)
    }

    /// That a damaged `state.db` was set aside, to be told beside an answer. Once.
    pub fn take_state_report(&self) -> Option<Diagnostic> {
        self.core.take_state_report()
    }

    /// The same for later, when there may be no engine any more.
    pub fn state_report(&self) -> StateReport {
        self.core.state_file.report.clone()
    }
}

/// Why nothing was claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimPathsError {
    /// The id of the caller ends with this call, and so would its claims.
    #[error("claims need an agent whose id lasts")]
    NeedsAgent,
    /// Others are in the way, or a bound.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Core {
    pub(crate) fn heartbeat(&self, caller: &Caller) -> Result<Heartbeat, Trouble> {
        let now = self.source.now().unix_ms;
        let seen = Self::seen(caller);
        let beaten = self.coordinate(None, |coord| {
            coord.sweep_when_due(&self.settings.retention, now)?;
            coord.heartbeat(&seen, now)
        })?;
        let (mut agent, notices) = beaten?;
        if caller.serving && seen.worktree.is_none() {
            // Where it works it said with an earlier call; it may have changed the branch since.
            let branch = agent.worktree.as_deref().and_then(branch_now);
            if branch.as_ref().is_some_and(|branch| *branch != agent.branch.as_deref().unwrap_or_default()) {
                let seen = AgentSeen { branch, ..seen };
                agent = self.coordinate(None, |coord| coord.touch_agent(&seen, now))??;
            }
        }
        Ok(Heartbeat { agent, notices })
    }

    /// A caller as the registry is to see it.
    pub(crate) fn seen(caller: &Caller) -> AgentSeen {
        let mut seen = caller.agent.clone();
        if !caller.lasting {
            // It ends with this call: nobody is to count with it.
            seen.status = Some(AgentStatus::Ended);
        } else if caller.serving {
            seen.process.get_or_insert_with(Process::current);
            // What was checked out when this process began is old.
            seen.branch = seen.worktree.as_deref().and_then(branch_now).or(seen.branch);
        }
        seen
    }

    /// `state.db`, created at need.
    pub(crate) fn coord(&self) -> Result<SharedCoord, Trouble> {
        let state = self.state()?;
        let mut opened = self.state_file.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((coord, identity)) = opened.as_ref()
            && state.identity(STATE)? == *identity
        {
            return Ok(coord.clone());
        }
        *opened = None;
        // One that follows another, however that got lost, gives no token again that the other gave.
        let is_known = state.is_state_known()?;
        let is_lost = is_known && state.size(STATE)? == 0;
        let follows = is_known || state.identity(STATE_ASIDE)?.is_some();
        let floor = if follows { self.source.now().unix_ms } else { 0 };
        let mut coord = Coord::open_above(&state.path().join(STATE), floor)?;
        coord.set_bounds(self.settings.bounds);
        coord.set_patience(self.settings.state_patience)?;
        if !is_known {
            state.set_state_known().map_err(Trouble::from)?;
        }
        if is_lost {
            self.state_file.report.tell(Lost::Empty);
        }
        let coord = SharedCoord(Arc::new(Mutex::new(coord)));
        *opened = Some((coord.clone(), state.identity(STATE)?));
        Ok(coord)
    }

    /// Makes a call on `state.db`. A damaged one is set aside first, and the call made on a new one; `turn` says that the write
    /// lock is held already.
    pub(crate) fn coordinate<T, E: OfState>(
        &self,
        turn: Option<&Turn>,
        mut call: impl FnMut(&mut Coord) -> Result<T, E>,
    ) -> Result<Result<T, E>, Trouble> {
        let mut attempt = || -> Result<Result<T, E>, Trouble> { Ok(call(&mut self.coord()?.lock())) };
        let is_damaged = |error: &CoordError| matches!(error, CoordError::Damaged { .. });
        match attempt() {
            Err(Trouble::Coord(error)) if is_damaged(&error) => {}
            Ok(Err(error)) if error.state_error().is_some_and(is_damaged) => {}
            done => return done,
        }
        let _own_turn = match turn {
            Some(_) => None,
            None => Some(self.turn("state", self.settings.patience)?),
        };
        self.set_state_aside()?;
        attempt()
    }

    /// A call that only reads: where no database is, nothing is known, and none is made.
    pub(crate) fn look_at_state<T: Default>(
        &self,
        call: impl FnMut(&mut Coord) -> Result<T, CoordError>,
    ) -> Result<T, Trouble> {
        self.look_at_state_in(None, call)
    }

    /// The same; `turn` as for [`Self::coordinate`].
    pub(crate) fn look_at_state_in<T: Default>(
        &self,
        turn: Option<&Turn>,
        call: impl FnMut(&mut Coord) -> Result<T, CoordError>,
    ) -> Result<T, Trouble> {
        if !self.state_database().is_some_and(|path| path.exists()) {
            return Ok(T::default());
        }
        Ok(self.coordinate(turn, call)??)
    }

    /// Sets a damaged `state.db` aside. Called with the write lock held: of two processes that found the damage, the second finds
    /// a sound database.
    pub(crate) fn set_state_aside(&self) -> Result<(), Trouble> {
        let state = self.state()?;
        *self.state_file.opened.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let path = state.path().join(STATE);
        let mut last = 0;
        let sound = Coord::open(&path).and_then(|coord| {
            last = coord.last_number().unwrap_or_default();
            coord.integrity_check()
        });
        match sound {
            Ok(damage) if damage.is_empty() => return Ok(()),
            Ok(_) | Err(CoordError::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        state.set_aside(STATE, STATE_ASIDE)?;
        Coord::open_above(&path, last.max(self.source.now().unix_ms))?;
        self.state_file.report.tell(Lost::Aside(state.path().join(STATE_ASIDE)));
        Ok(())
    }

    pub(crate) fn take_state_report(&self) -> Option<Diagnostic> {
        self.state_file.report.take()
    }
}

/// The branch that is checked out in a worktree now; empty while none is. `None` where that cannot be known: what was known stays.
fn branch_now(top: &str) -> Option<String> {
    let found = Worktree::find(Path::new(top)).ok().flatten()?;
    (found.top == Path::new(top)).then(|| found.branch.unwrap_or_default())
}

/// How long a lock holds without being renewed: 5 minutes.
pub(crate) const LOCK_TTL: Duration = Duration::from_secs(5 * 60);

/// How long a claim holds: an hour.
pub(crate) const CLAIM_TTL: Duration = Duration::from_secs(60 * 60);

impl OfState for CoordError {
    fn state_error(&self) -> Option<&CoordError> {
        Some(self)
    }
}

impl OfState for AcquireError {
    fn state_error(&self) -> Option<&CoordError> {
        match self {
            Self::Coord(error) => Some(error),
            Self::Held(_) | Self::ReasonNeeded(_) | Self::Full(_) => None,
        }
    }
}

impl OfState for FenceError {
    fn state_error(&self) -> Option<&CoordError> {
        match self {
            Self::Coord(error) => Some(error),
            Self::Fenced(_) => None,
        }
    }
}

impl OfState for ClaimError {
    fn state_error(&self) -> Option<&CoordError> {
        match self {
            Self::Coord(error) => Some(error),
            Self::Conflict(_) | Self::Full(_) => None,
        }
    }
}

impl OfState for RenameError {
    fn state_error(&self) -> Option<&CoordError> {
        match self {
            Self::Coord(error) => Some(error),
            Self::Taken { .. } | Self::Unknown(_) => None,
        }
    }
}
