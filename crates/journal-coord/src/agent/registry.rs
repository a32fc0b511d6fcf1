//! The registry as a whole: who is here, who has gone, what each holds and has touched; names that agents choose.

use std::{collections::BTreeMap, fmt, str::FromStr};

use rusqlite::{Connection, OptionalExtension};

use super::{Agent, AgentStatus, agent_from_row};
use crate::{
    AgentId, Coord, CoordError, LeaseState, Liveness, Standing, columns::integer, event::OWN_NAME,
    lease::store::listed, liveness,
};

/// An agent with what is known around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentState {
    /// The agent.
    pub agent: Agent,
    /// Whether it is at work.
    pub presence: Presence,
    /// What it holds.
    pub leases: Vec<LeaseState>,
    /// The files it touched, the last one first.
    pub files: Vec<Touched>,
}

/// A file that an agent touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Its path, as it was told.
    pub path: String,
    /// When, in Unix milliseconds.
    pub at: u64,
}

/// Whether an agent is at work, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Presence {
    /// It called not long ago.
    Active,
    /// It waits for a person.
    Waiting,
    /// It set itself aside.
    Paused,
    /// It has not called for [`Presence::IDLE_MS`].
    Inactive,
    /// Its process is gone, and it has not said that it ends.
    Gone,
    /// It has ended.
    Ended,
}

/// A name that an agent chooses for itself: small letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentName(String);

/// A text that is no [`AgentName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name for an agent: small letters, digits and `-`, at most 40 characters, beginning with a letter, and not \
     `journal`"
)]
pub struct AgentNameError(String);

/// Why an agent keeps its name.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// Another agent is called so.
    #[error("another agent is called `{name}`")]
    Taken {
        /// The name.
        name: String,
        /// The agent.
        by: AgentId,
    },
    /// The agent was never seen.
    #[error("no agent has the id `{0}`")]
    Unknown(AgentId),
    /// The database.
    #[error(transparent)]
    Coord(#[from] CoordError),
}

/// Files that are kept of one agent.
const MOST_FILES: u64 = 200;

impl Presence {
    /// An agent that has not called for so long is inactive: 30 minutes.
    pub const IDLE_MS: u64 = 30 * 60_000;

    /// Looks whether an agent is at work.
    pub fn of(agent: &Agent, now_ms: u64) -> Self {
        let is_gone = || agent.process.as_ref().is_some_and(|process| liveness(process) == Liveness::Gone);
        match agent.status {
            AgentStatus::Ended => Self::Ended,
            _ if is_gone() => Self::Gone,
            _ if now_ms.saturating_sub(agent.last_active) >= Self::IDLE_MS => Self::Inactive,
            AgentStatus::Active => Self::Active,
            AgentStatus::Waiting => Self::Waiting,
            AgentStatus::Paused => Self::Paused,
        }
    }

    /// Whether others should count with it.
    pub fn is_here(self) -> bool {
        matches!(self, Self::Active | Self::Waiting | Self::Paused)
    }

    /// The presence as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Inactive => "inactive",
            Self::Gone => "gone",
            Self::Ended => "ended",
        }
    }
}

impl Coord {
    /// All agents that are known, those seen last first, with what they hold.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn agents(&self, now_ms: u64) -> Result<Vec<AgentState>, CoordError> {
        self.read("list the agents", |connection| {
            let mut leases: BTreeMap<AgentId, Vec<LeaseState>> = BTreeMap::new();
            let held = listed(connection, "", now_ms)?.into_iter().filter(|state| state.standing == Standing::Held);
            held.for_each(|state| leases.entry(state.lease.holder.clone()).or_default().push(state));
            let mut files = touched_files(connection)?;
            let mut agents = all(connection)?;
            agents.sort_by_key(|agent| std::cmp::Reverse(agent.last_active));
            let state = |agent: Agent| AgentState {
                presence: Presence::of(&agent, now_ms),
                leases: leases.remove(&agent.id).unwrap_or_default(),
                files: files.remove(&agent.id).unwrap_or_default(),
                agent,
            };
            Ok(agents.into_iter().map(state).collect())
        })
    }

    /// Gives an agent another name.
    ///
    /// # Errors
    /// [`RenameError::Taken`] when another one is called so.
    pub fn rename_agent(&mut self, id: &AgentId, name: &AgentName) -> Result<(), RenameError> {
        self.write("name the agent", |transaction| {
            let taken = transaction
                .prepare_cached("SELECT * FROM agents WHERE name = ?1 AND id <> ?2")?
                .query_row((&name.0, id.as_str()), agent_from_row)
                .optional()?;
            if let Some(by) = taken {
                return Ok(Err(RenameError::Taken { name: name.0.clone(), by: by.id }));
            }
            let renamed = transaction
                .prepare_cached("UPDATE agents SET name = ?1 WHERE id = ?2")?
                .execute((&name.0, id.as_str()))?;
            Ok(if renamed == 0 { Err(RenameError::Unknown(id.clone())) } else { Ok(()) })
        })?
    }

    /// Notes down that an agent touched files. This does not wait for the disk.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn touch_files(&mut self, id: &AgentId, paths: &[String], now_ms: u64) -> Result<(), CoordError> {
        self.write_lazily("note files down", |transaction| {
            if find(transaction, id)?.is_none() {
                return Ok(());
            }
            let mut note = transaction.prepare_cached(
                "INSERT INTO touched (agent, path, at) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET at = excluded.at",
            )?;
            for path in paths {
                note.execute((id.as_str(), path, integer(now_ms)))?;
            }
            let forget = "DELETE FROM touched WHERE agent = ?1 AND path NOT IN
                (SELECT path FROM touched WHERE agent = ?1 ORDER BY at DESC, path LIMIT ?2)";
            transaction.prepare_cached(forget)?.execute((id.as_str(), integer(MOST_FILES)))?;
            Ok(())
        })
    }
}

pub(crate) fn find(connection: &Connection, id: &AgentId) -> rusqlite::Result<Option<Agent>> {
    connection.prepare_cached("SELECT * FROM agents WHERE id = ?1")?.query_row([id.as_str()], agent_from_row).optional()
}

pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<Agent>> {
    connection.prepare_cached("SELECT * FROM agents ORDER BY id")?.query_map([], agent_from_row)?.collect()
}

fn touched_files(connection: &Connection) -> rusqlite::Result<BTreeMap<AgentId, Vec<Touched>>> {
    let mut statement = connection.prepare_cached("SELECT agent, path, at FROM touched ORDER BY at DESC, path")?;
    let mut rows = statement.query([])?;
    let mut files: BTreeMap<AgentId, Vec<Touched>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let at = row.get::<_, i64>("at")?.unsigned_abs();
        files.entry(crate::columns::parsed(row, "agent")?).or_default().push(Touched { path: row.get("path")?, at });
    }
    Ok(files)
}

impl FromStr for AgentName {
    type Err = AgentNameError;

    fn from_str(text: &str) -> Result<Self, AgentNameError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        // Under that name stands what `journal` itself does.
        let is_free = text != OWN_NAME;
        if begins && is_free && text.len() <= 40 && text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AgentNameError(text.to_owned()))
        }
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
