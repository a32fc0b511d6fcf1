//! Trip: locks. Named leases that agents ask for, wait for, renew, give back and take by force.

use std::time::Duration;

use journal_coord::{
    AcquireError, AcquireLease, EventKind, FenceError, Fenced, Former, Full, Held, How, Lease, LeaseState, LockName,
    NewEvent, Process, Standing, Takeover, poll,
};

use crate::{Caller, Trouble, coordination::LOCK_TTL, core::Core};

/// A lock to acquire.
#[derive(Debug, Clone)]
pub struct AcquireLock {
    /// Who asks; the call is its heartbeat.
    pub caller: Caller,
    /// Which lock.
    pub name: LockName,
    /// Why, in a line; told to those who wait.
    pub reason: Option<String>,
    /// More about it.
    pub details: Option<String>,
    /// How long to wait for it.
    pub wait: Duration,
    /// Take it from whoever holds it, saying why.
    pub steal: Option<String>,
    /// The process whose end frees the lock at once. A caller that serves is such a process itself.
    pub process: Option<Process>,
}

/// A lock that was acquired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Which.
    pub name: LockName,
    /// Its lease: the token, until when.
    pub lease: Lease,
    /// How it came about.
    pub how: How,
    /// Who had it and did not give it back.
    pub former: Option<Former>,
    /// Whether it had to be waited for.
    pub waited: bool,
}

/// Why a lock was not acquired, renewed or released.
#[derive(Debug, thiserror::Error)]
pub enum NamedLockError {
    /// Another agent holds it, or another process of the same.
    #[error("the lock `{name}` is held by {}", .held.holder_name)]
    Held {
        /// The lock.
        name: LockName,
        /// Who, since when, until when, and why.
        held: Box<Held>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Another process of the caller's agent holds it, which lives.
    #[error("the lock `{name}` is held by another process of yours{}", process(.held))]
    OfAnotherProcess {
        /// The lock.
        name: LockName,
        /// Since when, until when, why, and which process.
        held: Box<Held>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The caller holds it, with another token.
    #[error("you hold the lock `{name}` with token {good}, not {token}")]
    WrongToken {
        /// The lock.
        name: LockName,
        /// The token that was shown.
        token: u64,
        /// The one that it has.
        good: u64,
    },
    /// A bound would be passed.
    #[error("{0}")]
    Full(Box<Full>),
    /// The id of the caller ends with this call, and so would the lock.
    #[error("a lock needs an agent whose id lasts")]
    NeedsAgent,
    /// The caller does not hold it.
    #[error("you do not hold the lock `{name}`")]
    NotHeld {
        /// The lock.
        name: LockName,
        /// Who does.
        by: Option<Box<LeaseState>>,
    },
    /// The token is no longer good.
    #[error("the lock `{name}` is lost: {fenced}")]
    Lost {
        /// The lock.
        name: LockName,
        /// How.
        fenced: Box<Fenced>,
    },
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Which process holds a lock, where that is known.
fn process(held: &Held) -> String {
    held.process.as_ref().map(|process| format!(" (process {})", process.pid)).unwrap_or_default()
}

/// How often those that wait for a lock look, about: far more often than anybody notices, far less than costs anything.
const PACE: Duration = Duration::from_millis(15);

/// A lock's reason and details in the note of its lease: the reason is the first line.
fn note(reason: Option<&str>, details: Option<&str>) -> Option<String> {
    let reason = reason.map(|reason| reason.split_whitespace().collect::<Vec<_>>().join(" "));
    match (reason, details.map(str::trim).filter(|details| !details.is_empty())) {
        (None, None) => None,
        (reason, None) => reason,
        (reason, Some(details)) => Some(format!("{}\n{details}", reason.unwrap_or_default())),
    }
}

impl Core {
    pub(crate) fn acquire_lock(&self, request: &AcquireLock) -> Result<Locked, NamedLockError> {
        let AcquireLock { caller, name, .. } = request;
        // Whoever has no name is told from others like it only by a process of its own.
        if !caller.lasting && request.process.is_none() {
            return Err(NamedLockError::NeedsAgent);
        }
        let process = request.process.clone().or_else(|| caller.serving.then(Process::current));
        let mut agent = Self::seen(caller);
        if !caller.lasting {
            // It lives as long as the process that holds the lock.
            (agent.status, agent.process) = (None, process.clone());
        }
        let lease = AcquireLease {
            resource: name.resource(),
            agent,
            process,
            ttl_ms: LOCK_TTL.as_millis() as u64,
            note: note(request.reason.as_deref(), request.details.as_deref()),
            takeover: request.steal.clone().map(|reason| Takeover { reason: Some(reason) }),
        };
        let mut refused: Option<Box<Held>> = None;
        let acquired = poll(PACE, request.wait, || self.try_lock(&lease, name, !request.wait.is_zero(), &mut refused))?;
        match (acquired, refused) {
            (Some(acquired), refused) => Ok(Locked {
                name: name.clone(),
                lease: acquired.lease,
                how: acquired.how,
                former: acquired.former,
                waited: refused.is_some(),
            }),
            (None, Some(held)) if held.lease.holder == caller.agent.id => {
                Err(NamedLockError::OfAnotherProcess { name: name.clone(), held, waited: request.wait })
            }
            (None, Some(held)) => Err(NamedLockError::Held { name: name.clone(), held, waited: request.wait }),
            (None, None) => unreachable!("a lock that is not acquired is refused"),
        }
    }

    /// One try. While somebody else holds the lock, only the first writes; those after it look.
    fn try_lock(
        &self,
        lease: &AcquireLease,
        name: &LockName,
        waits: bool,
        refused: &mut Option<Box<Held>>,
    ) -> Result<Option<journal_coord::Acquired>, NamedLockError> {
        let now = self.source.now().unix_ms;
        if refused.is_some() {
            let state = self.coordinate(None, |coord| coord.lease(&lease.resource, now))?.map_err(Trouble::from)?;
            let is_in_the_way = |state: LeaseState| {
                let of_another_process =
                    lease.process.is_some() && state.process.is_some() && state.process != lease.process;
                state.standing == Standing::Held && (state.lease.holder != lease.agent.id || of_another_process)
            };
            if state.is_some_and(is_in_the_way) {
                return Ok(None);
            }
        }
        match self.coordinate(None, |coord| coord.acquire(lease, now))? {
            Ok(acquired) => Ok(Some(acquired)),
            Err(AcquireError::Held(held) | AcquireError::ReasonNeeded(held)) => {
                if waits && refused.is_none() {
                    let reason = lease.note.as_deref().and_then(|note| note.lines().next());
                    let event = NewEvent::about(EventKind::LockWaitedFor, name.as_str()).saying(reason);
                    let event = event.told_to(held.lease.holder.clone());
                    let recorded = self
                        .coordinate(None, |coord| coord.record(&lease.agent.id, std::slice::from_ref(&event), now))?;
                    recorded.map_err(Trouble::from)?;
                }
                *refused = Some(held);
                Ok(None)
            }
            Err(AcquireError::Full(full)) => Err(NamedLockError::Full(full)),
            Err(AcquireError::Coord(error)) => Err(Trouble::from(error).into()),
        }
    }

    pub(crate) fn renew_lock(
        &self,
        caller: &Caller,
        name: &LockName,
        token: Option<u64>,
    ) -> Result<Lease, NamedLockError> {
        let now = self.source.now().unix_ms;
        let token = self.own_token(caller, name, token)?;
        let renewed = self.coordinate(None, |coord| coord.renew(&name.resource(), &caller.agent.id, token, now))?;
        renewed.map_err(|error| self.lost(caller, name, error))
    }

    pub(crate) fn release_lock(
        &self,
        caller: &Caller,
        name: &LockName,
        token: Option<u64>,
    ) -> Result<(), NamedLockError> {
        let now = self.source.now().unix_ms;
        let token = match token {
            Some(token) => token,
            None => {
                let state = self.own_lease(caller, name)?;
                // A process of the agent that lives, as around a command, goes by its lock until it gives that back itself.
                let is_anothers = |process: &Process| {
                    state.standing == Standing::Held && *process != Process::current() && !process.is_above()
                };
                if state.process.as_ref().is_some_and(is_anothers) {
                    let LeaseState { lease, holder_name, process, .. } = state;
                    let held = Box::new(Held { lease, holder_name, process, taken_from_you: None });
                    return Err(NamedLockError::OfAnotherProcess { name: name.clone(), held, waited: Duration::ZERO });
                }
                state.lease.token
            }
        };
        let released = self.coordinate(None, |coord| coord.release(&name.resource(), &caller.agent.id, token, now))?;
        released.map_err(|error| self.lost(caller, name, error))
    }

    pub(crate) fn settle_lock(&self, name: &LockName, token: u64, process: &Process) -> Result<(), Trouble> {
        Ok(self.coordinate(None, |coord| coord.settle(&name.resource(), token, process))??)
    }

    pub(crate) fn vouch_for_lock(
        &self,
        name: &LockName,
        token: u64,
        before: &Process,
        process: &Process,
    ) -> Result<(), Trouble> {
        Ok(self.coordinate(None, |coord| coord.vouch(&name.resource(), token, before, process))??)
    }

    pub(crate) fn locks(&self) -> Result<Vec<LeaseState>, Trouble> {
        let now = self.source.now().unix_ms;
        let mut locks = self.look_at_state(|coord| coord.leases(LockName::PREFIX, now))?;
        locks.retain(|state| state.standing == Standing::Held);
        Ok(locks)
    }

    /// The token that was shown, or the one of the lease that the caller has.
    fn own_token(&self, caller: &Caller, name: &LockName, token: Option<u64>) -> Result<u64, NamedLockError> {
        match token {
            Some(token) => Ok(token),
            None => Ok(self.own_lease(caller, name)?.lease.token),
        }
    }

    /// The lease that the caller has on a lock.
    fn own_lease(&self, caller: &Caller, name: &LockName) -> Result<LeaseState, NamedLockError> {
        let now = self.source.now().unix_ms;
        match self.look_at_state(|coord| coord.lease(&name.resource(), now))? {
            Some(state) if state.lease.holder == caller.agent.id => Ok(state),
            other => {
                let by = other.filter(|state| state.standing == Standing::Held).map(Box::new);
                Err(NamedLockError::NotHeld { name: name.clone(), by })
            }
        }
    }

    /// Why a token is no longer good, told to whoever showed it.
    fn lost(&self, caller: &Caller, name: &LockName, error: FenceError) -> NamedLockError {
        match error {
            FenceError::Fenced(fenced) => match (fenced.as_ref(), self.own_lease(caller, name)) {
                // A token that was never given for it was mistyped: nothing is lost by that.
                (Fenced::NotYours { token, .. }, Ok(state)) if state.standing == Standing::Held => {
                    NamedLockError::WrongToken { name: name.clone(), token: *token, good: state.lease.token }
                }
                _ => NamedLockError::Lost { name: name.clone(), fenced },
            },
            FenceError::Coord(error) => Trouble::from(error).into(),
        }
    }
}
