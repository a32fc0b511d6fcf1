//! Trip: agents. Who is here, and what an agent says of itself.

use journal_coord::{Agent, AgentName, AgentState, AgentStatus, Presence, RenameError};

use crate::{Caller, Trouble, core::Core};

/// Which agents to tell of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFilter {
    /// Only those of this project.
    pub project: Option<String>,
    /// Only those that wait for a person.
    pub waiting: bool,
    /// Also those that have ended.
    pub ended: bool,
}

/// What an agent says of itself. What is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct UpdateAgent {
    /// The agent; the call is its heartbeat.
    pub caller: Caller,
    /// What it wants to be called.
    pub name: Option<AgentName>,
    /// What it does, in a line of at most [`UpdateAgent::LONGEST_TASK`] characters; empty for nothing.
    pub task: Option<String>,
    /// Its status.
    pub status: Option<AgentStatus>,
}

impl UpdateAgent {
    /// The most characters of a task: the others are told of it, each time.
    pub const LONGEST_TASK: usize = 2_000;
}

/// Why an agent stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum UpdateAgentError {
    /// Another one is called so.
    #[error(transparent)]
    Rename(RenameError),
    /// What it does is more than a line.
    #[error("a task of {characters} characters is too long; {most} are allowed", most = UpdateAgent::LONGEST_TASK)]
    TaskTooLong {
        /// How long it is.
        characters: usize,
    },
    /// The id of the caller ends with this call, and so would what it says.
    #[error("only an agent whose id lasts can be described")]
    NeedsAgent,
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Core {
    pub(crate) fn agents(&self, filter: &AgentFilter) -> Result<Vec<AgentState>, Trouble> {
        let now = self.source.now().unix_ms;
        let mut agents = self.look_at_state(|coord| coord.agents(now))?;
        agents.retain(|state| {
            let of_project = filter.project.is_none() || state.agent.project == filter.project;
            let is_over = matches!(state.presence, Presence::Ended | Presence::Gone);
            of_project && (!filter.waiting || state.presence == Presence::Waiting) && (filter.ended || !is_over)
        });
        Ok(agents)
    }

    pub(crate) fn update_agent(&self, request: &UpdateAgent) -> Result<Agent, UpdateAgentError> {
        if !request.caller.lasting {
            return Err(UpdateAgentError::NeedsAgent);
        }
        let characters = request.task.as_ref().map_or(0, |task| task.chars().count());
        if characters > UpdateAgent::LONGEST_TASK {
            return Err(UpdateAgentError::TaskTooLong { characters });
        }
        let now = self.source.now().unix_ms;
        let mut seen = Self::seen(&request.caller);
        // A name that is taken is to leave the rest as it is too.
        self.coordinate(None, |coord| coord.touch_agent(&seen, now))?.map_err(Trouble::from)?;
        if let Some(name) = &request.name {
            let renamed = self.coordinate(None, |coord| coord.rename_agent(&seen.id, name))?;
            renamed.map_err(|error| match error {
                RenameError::Coord(error) => Trouble::from(error).into(),
                error => UpdateAgentError::Rename(error),
            })?;
        }
        seen.task.clone_from(&request.task);
        seen.status = request.status.or(seen.status);
        if request.status == Some(AgentStatus::Ended) {
            self.end_agent(&request.caller)?;
        }
        let agent = self.coordinate(None, |coord| coord.touch_agent(&seen, now))?.map_err(Trouble::from)?;
        Ok(agent)
    }

    pub(crate) fn end_agent(&self, caller: &Caller) -> Result<Option<Agent>, Trouble> {
        let now = self.source.now().unix_ms;
        self.look_at_state(|coord| coord.end_agent(&caller.agent.id, now))
    }

    pub(crate) fn touch_files(&self, caller: &Caller, paths: &[String]) -> Result<(), Trouble> {
        if paths.is_empty() {
            return Ok(());
        }
        let now = self.source.now().unix_ms;
        Ok(self.coordinate(None, |coord| coord.touch_files(&caller.agent.id, paths, now))??)
    }
}
