//! `state.db`: who is here, and who holds what.
//!
//! Principal types: [`Coord`] is the open database. [`identify`] finds out which agent calls, and [`Coord::touch_agent`] is
//! its heartbeat. A [`Lease`] is the one primitive for everything that is held: a resource is text, a token fences off the
//! holder before. A lock is a lease on a [`LockName`], a [`Claim`] one on a [`Glob`] of paths. An [`Event`] says what happened.
//! [`Process`] and [`liveness`] tell whether somebody who wrote itself down still runs.
//!
//! Invariants:
//! - Every write is one transaction that has its lock from the beginning; what it decided on is true when it commits.
//! - Tokens grow over all resources and are never given twice, not even after a release.
//! - Two agents never hold one resource at the same time. What cannot be known counts as held.
//! - Losing the file loses no note: it says who works on what, and nothing about what was thought.
//!
//! Absent on purpose: clocks (every time is a parameter, in Unix milliseconds), the environment, printing, note files.

mod agent;
mod claim;
mod columns;
mod coord;
mod error;
mod event;
mod identity;
mod lease;
mod names;
mod process;
mod schema;
mod wait;

pub use agent::{
    Agent, AgentName, AgentNameError, AgentSeen, AgentState, AgentStatus, AgentStatusError, Presence, RenameError,
    Retention, Swept, Touched,
};
pub use claim::{Claim, ClaimError, ClaimPaths, ClaimScope, Claimed, Conflict, Glob, GlobError};
pub use coord::Coord;
pub use error::CoordError;
pub use event::{Event, EventKind, EventKindError, NewEvent, Notices};
pub use identity::{AGENT_VARIABLE, AgentId, AgentIdError, Identified, IdentifyError, Mode, Source, identify};
pub use lease::{
    AcquireError, AcquireLease, Acquired, Bounds, FenceError, Fenced, Former, Full, Held, How, Lease, LeaseState,
    LockName, LockNameError, Standing, Taken, Takeover,
};
pub use names::memorable_name;
pub use process::{Liveness, Process, ProcessError, liveness};
pub use wait::poll;
