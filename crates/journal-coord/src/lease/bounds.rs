//! Bounds: how many locks and claims one agent may hold, and how many agents may hold any in one project.

use std::fmt;

use rusqlite::Connection;

use super::{LeaseState, is_asked_for, store::held_by};
use crate::{
    Agent,
    agent::{Presence, all},
};

/// How much may be held. Thinking is not counted: a thought is never refused for a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Locks and claims that one agent may hold.
    pub leases_per_agent: usize,
    /// Agents of one project that may take locks and claims: of those that are here, whether they hold any or not, the ones that
    /// came first, or came back, may.
    pub agents_per_project: usize,
}

impl Default for Bounds {
    /// 64 leases, 32 agents.
    fn default() -> Self {
        Self { leases_per_agent: 64, agents_per_project: 32 }
    }
}

/// A bound that would be passed, and who could let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Full {
    /// The agent holds as many locks and claims as it may.
    Leases {
        /// The bound.
        bound: usize,
        /// What it holds, the one renewed longest ago first.
        held: Vec<LeaseState>,
        /// How many it asks for.
        more: usize,
    },
    /// As many agents as may be are at work in the project.
    Agents {
        /// The bound.
        bound: usize,
        /// The project.
        project: String,
        /// Those that came before, the one seen longest ago first.
        here: Vec<Agent>,
    },
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leases { bound, held, more } => {
                write!(f, "you hold {} locks and claims and ask for {more} more; {bound} are allowed", held.len())
            }
            Self::Agents { bound, project, here } => {
                write!(f, "{} agents are at work in `{project}`, and {bound} are allowed", here.len())
            }
        }
    }
}

/// The bound that keeps `agent` from holding these too, if one does.
pub(crate) fn full(
    connection: &Connection,
    agent: &Agent,
    resources: &[String],
    bounds: Bounds,
    now: u64,
) -> rusqlite::Result<Option<Full>> {
    let mut held = held_by(connection, &agent.id, now)?;
    let is_new = |resource: &&String| !held.iter().any(|state| state.lease.resource == **resource);
    let more = resources.iter().filter(is_new).count();
    if more == 0 {
        return Ok(None);
    }
    held.retain(|state| is_asked_for(&state.lease.resource));
    if held.len() + more > bounds.leases_per_agent {
        held.sort_by_key(|state| state.lease.renewed);
        return Ok(Some(Full::Leases { bound: bounds.leases_per_agent, held, more }));
    }
    let Some(project) = &agent.project else { return Ok(None) };
    let came_before = |other: &Agent| {
        other.id != agent.id
            && other.project.as_ref() == Some(project)
            && (other.started, &other.id) < (agent.started, &agent.id)
            && matches!(Presence::of(other, now), Presence::Active | Presence::Waiting | Presence::Paused)
    };
    let mut here: Vec<Agent> = all(connection)?.into_iter().filter(came_before).collect();
    if here.len() < bounds.agents_per_project {
        return Ok(None);
    }
    here.sort_by_key(|other| other.last_active);
    Ok(Some(Full::Agents { bound: bounds.agents_per_project, project: project.clone(), here }))
}
