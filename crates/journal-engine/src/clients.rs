//! What hooks tell of the client that called them: which agent it is now, and in which session that one thinks.

use journal_coord::{AgentId, Liveness, Process, liveness};
use journal_model::NoteId;
use journal_vault::ClientRecord;

use crate::{Engine, Trouble};

impl Engine {
    /// Notes down which agent a client is now, by its `process` and the directory it works in, so that a server which it started
    /// for a conversation before is not taken for that one. Forgets the clients that have ended.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn record_client(
        &self,
        client: &str,
        process: &Process,
        directory: &str,
        agent: &AgentId,
    ) -> Result<(), Trouble> {
        let state = self.core.state()?;
        let is_gone = |record: &ClientRecord| {
            record.process.parse::<Process>().map_or(true, |process| liveness(&process) == Liveness::Gone)
        };
        state.forget_clients(&is_gone)?;
        Ok(state.record_client(&ClientRecord {
            client: client.to_owned(),
            process: process.to_string(),
            directory: directory.to_owned(),
            agent: agent.to_string(),
        })?)
    }

    /// The agent that a client is now, as its latest hook told; `process` is that of the client, [`Process::starter`] of a
    /// server that it started.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn client_agent(&self, client: &str, process: &Process, directory: &str) -> Result<Option<AgentId>, Trouble> {
        let Some(state) = &self.core.state else { return Ok(None) };
        let agent = state.recorded_client(client, &process.to_string(), directory)?;
        Ok(agent.and_then(|agent| agent.parse().ok()))
    }

    /// The agent that the client which started this process is now, as its latest hook told. It may be another one than this
    /// process was started for: a client that clears its conversation keeps its servers.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn starters_agent(&self, client: &str, directory: &str) -> Result<Option<AgentId>, Trouble> {
        match Process::starter() {
            Some(process) => self.client_agent(client, &process, directory),
            None => Ok(None),
        }
    }

    /// The session in which an agent thought last. No note is read.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn current_session(&self, agent: &AgentId) -> Result<Option<NoteId>, Trouble> {
        self.core.current_session_id(None, agent)
    }
}
