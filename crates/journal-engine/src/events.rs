//! Trip: events. What happened among the agents, for whoever wants to know.

use journal_coord::{AgentId, Event};

use crate::{Trouble, core::Core};

/// Which events to tell, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventQuery {
    /// Those that an agent has not read yet; they count as read then.
    Unread {
        /// The agent.
        agent: AgentId,
        /// The most to tell.
        limit: usize,
    },
    /// Those behind one.
    Since {
        /// Its number; 0 for all that are kept.
        seq: u64,
        /// The most to tell.
        limit: usize,
    },
    /// The last ones.
    Last {
        /// How many.
        limit: usize,
    },
}

impl Core {
    pub(crate) fn events(&self, query: &EventQuery) -> Result<Vec<Event>, Trouble> {
        self.look_at_state(|coord| match query {
            EventQuery::Unread { agent, limit } => coord.unread_events(agent, *limit),
            EventQuery::Since { seq, limit } => coord.events(*seq, *limit),
            EventQuery::Last { limit } => coord.last_events(*limit),
        })
    }
}
