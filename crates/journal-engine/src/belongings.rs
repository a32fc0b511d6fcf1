//! What belongs to one agent and to nobody else: scratch files and markers. Found by the agent's id alone.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use journal_coord::{AgentId, AgentStatus};

use crate::{Caller, Engine, Trouble};

/// The name of a marker: letters, digits, `-`, `_` and `.`, not at its beginning; at most 64 of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkerName(String);

/// A text that is no [`MarkerName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a marker: at most 64 letters, digits, `-`, `_` and `.`, which does not come first")]
pub struct MarkerNameError(String);

impl Engine {
    /// The caller's own folder for files that nobody will miss, made at need. The call is a heartbeat.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(&self, caller: &Caller) -> Result<PathBuf, Trouble> {
        self.core.heartbeat(caller)?;
        let agent = caller.agent.id.as_str();
        Ok(self.core.state()?.belongings(agent).scratch(agent)?)
    }

    /// What is in an agent's folder; names of folders end in `/`.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn scratch_files(&self, agent: &AgentId) -> Result<Vec<String>, Trouble> {
        let Some(state) = &self.core.state else { return Ok(Vec::new()) };
        Ok(state.belongings(agent.as_str()).scratch_files()?)
    }

    /// Sets a marker of the caller, in place of one of that name. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_marker(&self, caller: &Caller, name: &MarkerName, text: &str) -> Result<(), Trouble> {
        self.core.heartbeat(caller)?;
        let agent = caller.agent.id.as_str();
        Ok(self.core.state()?.belongings(agent).set_marker(agent, &name.0, text)?)
    }

    /// The text of an agent's marker; `None` when it is not set.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn marker(&self, agent: &AgentId, name: &MarkerName) -> Result<Option<String>, Trouble> {
        let Some(state) = &self.core.state else { return Ok(None) };
        Ok(state.belongings(agent.as_str()).marker(&name.0)?)
    }

    /// Removes an agent's marker, and tells whether it was set.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_marker(&self, agent: &AgentId, name: &MarkerName) -> Result<bool, Trouble> {
        let Some(state) = &self.core.state else { return Ok(false) };
        Ok(state.belongings(agent.as_str()).remove_marker(&name.0)?)
    }

    /// The names of an agent's markers, sorted.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn markers(&self, agent: &AgentId) -> Result<Vec<String>, Trouble> {
        let Some(state) = &self.core.state else { return Ok(Vec::new()) };
        Ok(state.belongings(agent.as_str()).markers()?)
    }

    /// Removes scratch files and markers of agents that have ended, or that nobody remembers, where nothing changed for `age`.
    /// Answers whose they were.
    ///
    /// # Errors
    /// When something cannot be looked at or removed. What was removed by then is gone.
    pub fn sweep_belongings(&self, age: Duration) -> Result<Vec<String>, Trouble> {
        let Some(state) = &self.core.state else { return Ok(Vec::new()) };
        let now_ms = self.core.source.now().unix_ms;
        let newest_ms = now_ms.saturating_sub(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let mut swept = Vec::new();
        for (agent, own) in state.all_belongings()? {
            let known = match agent.parse::<AgentId>() {
                Ok(id) => self.core.look_at_state(|coord| coord.agent(&id))?,
                Err(_) => None,
            };
            let is_done =
                known.is_none_or(|known| known.status == AgentStatus::Ended && known.last_active <= newest_ms);
            if is_done && own.last_changed_ms()? <= newest_ms {
                own.remove()?;
                swept.push(agent);
            }
        }
        Ok(swept)
    }
}

impl FromStr for MarkerName {
    type Err = MarkerNameError;

    fn from_str(text: &str) -> Result<Self, MarkerNameError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = (1..=64).contains(&text.len()) && !text.starts_with('.') && text.chars().all(is_plain);
        if fits { Ok(Self(text.to_owned())) } else { Err(MarkerNameError(text.to_owned())) }
    }
}

impl fmt::Display for MarkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for name in ["a", "Ready-2.done", "_x", &"x".repeat(64)] {
            assert_eq!(name.parse::<MarkerName>().unwrap().to_string(), name);
        }
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "ü", "a\0", &"x".repeat(65)] {
            assert!(name.parse::<MarkerName>().is_err(), "{name}");
        }
    }
}
