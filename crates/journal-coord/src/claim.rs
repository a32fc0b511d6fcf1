//! Claims: leases on globs of paths. They say who works where, so that two agents do not edit one file unknowingly.
//!
//! A claim is exclusive or shared and counts in one project, and there in one worktree or in all. Two claims conflict when
//! they are of different agents, one of them is exclusive, and some path is meant by both. An agent is never in its own way.

mod glob;
mod store;

use std::fmt;

use crate::{AgentSeen, CoordError, Full, Lease, Process};

pub use glob::{Glob, GlobError};

/// Where a claim counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimScope {
    /// The project.
    pub project: String,
    /// The top folder of a worktree. None: in all of them.
    pub worktree: Option<String>,
}

/// A request to claim paths: all of them or none.
#[derive(Debug, Clone)]
pub struct ClaimPaths {
    /// Who asks; the call is also its heartbeat.
    pub agent: AgentSeen,
    /// The process whose end makes the claims stale at once. None leaves them to time alone.
    pub process: Option<Process>,
    /// Where they count.
    pub scope: ClaimScope,
    /// What to claim. One that the agent has already is renewed.
    pub globs: Vec<Glob>,
    /// Whether others may claim the same, as long as they share it too.
    pub shared: bool,
    /// How long they hold without renewal, in milliseconds.
    pub ttl_ms: u64,
    /// Why; told to others. None keeps what was said.
    pub reason: Option<String>,
    /// Claim even what others hold; they are told at their next call.
    pub anyway: bool,
}

/// A claim that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its lease; the note is the reason.
    pub lease: Lease,
    /// The holder's name.
    pub holder_name: String,
    /// Where it counts.
    pub scope: ClaimScope,
    /// What is claimed.
    pub glob: Glob,
    /// Whether others may share it.
    pub shared: bool,
}

/// A claim of another agent that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What was asked for.
    pub asked: Glob,
    /// Their claim.
    pub theirs: Claim,
    /// A path that both mean.
    pub path: String,
}

/// Claims that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The claims.
    pub claims: Vec<Claim>,
    /// What they are in conflict with, which only a request for `anyway` leaves.
    pub conflicts: Vec<Conflict>,
}

/// Why nothing was claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Others have claimed it.
    #[error("{}", Listed(.0))]
    Conflict(Vec<Conflict>),
    /// A bound would be passed.
    #[error("{0}")]
    Full(Box<Full>),
    /// The database.
    #[error(transparent)]
    Coord(#[from] CoordError),
}

struct Listed<'a>(&'a [Conflict]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Conflict { asked, theirs, .. }) in self.0.iter().enumerate() {
            let joint = if index == 0 { "" } else { "; " };
            let shared = if theirs.shared { " with others" } else { "" };
            write!(f, "{joint}`{asked}` overlaps `{}`, which {} has claimed{shared}", theirs.glob, theirs.holder_name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
