//! Leases: the right of one agent to one resource, for a time, with a token. Locks, claims and ownership are all this.
//!
//! # When is a lease stale?
//! An agent must not lose what it holds while it thinks, and nobody must wait for one that died. The two agree through the
//! **process** that a lease may record:
//!
//! - A server records itself. While it runs, its lease lasts `ttl` from the last renewal; when it dies, the lease is stale at
//!   once.
//! - A command that ends right away, run by an agent that goes on, records itself while it works and **settles** the lease at
//!   its end ([`Coord::settle`]): the process is taken off and only time counts. Killed in between, it leaves its dead process
//!   behind, and the lease is stale at once.
//! - A command of nobody in particular asks with `ttl_ms: 0`: it is refused where somebody else holds, gets a token for the
//!   fence, and holds nothing afterwards.
//!
//! A lease without a process of its own, like a claim that a hook or a command made, is stale as well once the process that
//! stands for its holder is gone: until the agent calls again, or for ever when it is swept.
//!
//! A process that cannot be judged from here (another machine, another container) counts as alive.
//!
//! # Time
//! The clock is a parameter. When it jumps forward, as after a sleep, leases are over early: they cannot be renewed, only
//! acquired anew, and the fence keeps the former holder from writing. When it jumps back, no lease has more left than it was granted for: the first to be refused re-dates the lease,
//! which then runs out as if it had just been renewed.
//!
//! # The fence
//! Every lease that passes on gets a token greater than every token before it, of any resource. A holder checks its token
//! ([`Coord::check`]) right before what it writes, under the lock that also covers the acquiring of leases; for notes that is
//! the vault's write lock, which is to be held before the lease is acquired.

pub(crate) mod bounds;
mod decide;
mod lock;
pub(crate) mod store;

use std::fmt;

pub use bounds::{Bounds, Full};
pub use lock::{LockName, LockNameError};

use crate::{AgentId, AgentSeen, CoordError, Process};

#[cfg(doc)]
use crate::Coord;

/// A right to a resource. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What is held, like `thinking/<session id>/<branch>` or `lock/<name>`.
    pub resource: String,
    /// Who holds it.
    pub holder: AgentId,
    /// Greater than every token before it; stays the same as long as the holder renews in time.
    pub token: u64,
    /// Since when.
    pub acquired: u64,
    /// When it was last renewed.
    pub renewed: u64,
    /// Until when it holds without another renewal.
    pub expires: u64,
    /// What the holder says about it.
    pub note: Option<String>,
}

/// A lease with what was found about it at the time of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseState {
    /// The lease.
    pub lease: Lease,
    /// The holder's name, like `brave-otter`.
    pub holder_name: String,
    /// Whether it still holds.
    pub standing: Standing,
    /// The process that recorded itself.
    pub process: Option<Process>,
    /// The agent that it passed on from without being released; it may not know yet.
    pub former: Option<AgentId>,
}

/// Whether a lease that was not released still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds: another agent needs a reason to take it over.
    Held,
    /// Its time is over: anybody may acquire it.
    Expired,
    /// The process that recorded itself is gone, or without one that of its holder: anybody may acquire it.
    HolderGone,
}

/// A request for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcquireLease {
    /// What to hold.
    pub resource: String,
    /// Who asks; the call is also its heartbeat.
    pub agent: AgentSeen,
    /// The process whose end makes the lease stale at once. None leaves it to time alone.
    pub process: Option<Process>,
    /// How long it holds without renewal, in milliseconds. 0: only a token, nothing is held afterwards.
    pub ttl_ms: u64,
    /// What to say about it to others. None keeps the note of one's own lease.
    pub note: Option<String>,
    /// Set to take it from an agent that holds it.
    pub takeover: Option<Takeover>,
}

/// The wish to take a lease from another agent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Takeover {
    /// Why; told to the former holder. May be left out only when the lease is stale.
    pub reason: Option<String>,
}

/// A lease that was acquired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquired {
    /// The lease.
    pub lease: Lease,
    /// How it came about.
    pub how: How,
    /// The other agent that had it until now and did not release it.
    pub former: Option<Former>,
    /// Set when the asking agent had it before and it passed to another in between.
    pub taken_from_you: Option<Taken>,
}

/// How a lease was acquired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nobody had it before.
    Fresh,
    /// The agent held it already, in a lock's case by no other process that lives; the token stays.
    Renewed,
    /// The one before released it.
    AfterRelease,
    /// The time of the one before was over.
    AfterExpiry,
    /// The process of the one before was gone.
    HolderGone,
    /// It was held, and taken over with a reason.
    TakenOver,
}

/// An agent that had a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub name: String,
}

/// How an agent lost a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Who has it, or had it next.
    pub by: AgentId,
    /// That agent's name.
    pub by_name: String,
    /// When it passed on, in Unix milliseconds.
    pub at: u64,
    /// The reason given. None when the lease was stale and needed none.
    pub reason: Option<String>,
}

/// Somebody else holds the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The lease: its `acquired` is since when, its `expires` until when.
    pub lease: Lease,
    /// The holder's name.
    pub holder_name: String,
    /// The process that recorded itself.
    pub process: Option<Process>,
    /// Set when the asking agent had it before.
    pub taken_from_you: Option<Taken>,
}

/// Why a lease was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// Another agent holds it.
    #[error("{0}")]
    Held(Box<Held>),
    /// Another agent holds it, and the takeover has no reason.
    #[error("{0}; taking it over needs a reason")]
    ReasonNeeded(Box<Held>),
    /// A bound would be passed.
    #[error("{0}")]
    Full(Box<Full>),
    /// The database.
    #[error(transparent)]
    Coord(#[from] CoordError),
}

/// Why a token is no longer good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fenced {
    /// The lease has passed on since.
    #[error("the lease on `{resource}` with token {token} has passed to `{}`", taken.by_name)]
    PassedOn {
        /// What was held.
        resource: String,
        /// The token that is too old.
        token: u64,
        /// How it was lost.
        taken: Taken,
    },
    /// The lease was released.
    #[error("the lease on `{resource}` with token {token} was released")]
    Released {
        /// What was held.
        resource: String,
        /// The token of the lease.
        token: u64,
    },
    /// The lease was not renewed in time, or the process it depends on is gone. Nobody has acquired it since.
    #[error("the lease on `{resource}` with token {token} is over: {}", over(*standing))]
    Over {
        /// What was held.
        resource: String,
        /// The token of the lease.
        token: u64,
        /// How it ended.
        standing: Standing,
    },
    /// The token was not given for this resource, or not to this agent.
    #[error("token {token} was not given to this agent for `{resource}`")]
    NotYours {
        /// What was asked for.
        resource: String,
        /// The token that was shown.
        token: u64,
    },
}

/// Why something that needs a good token was not done.
#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    /// The token is no longer good.
    #[error(transparent)]
    Fenced(Box<Fenced>),
    /// The database.
    #[error(transparent)]
    Coord(#[from] CoordError),
}

/// How a lease came to be over.
fn over(standing: Standing) -> &'static str {
    match standing {
        Standing::HolderGone => "the process it depended on is gone",
        Standing::Expired | Standing::Held => "it was not renewed in time",
    }
}

/// Whether a resource is held because somebody asked for it by name, and not on the way to a thought.
fn is_asked_for(resource: &str) -> bool {
    !resource.starts_with("thinking/")
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is held by `{}`", self.lease.resource, self.holder_name)
    }
}

#[cfg(test)]
mod tests;
