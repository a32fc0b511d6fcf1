//! The registry of agents: who was seen, when, where, doing what.

mod registry;
mod sweep;

use std::{fmt, str::FromStr};

use rusqlite::{OptionalExtension, Row, Transaction, named_params};

use crate::{
    AgentId, Coord, CoordError, EventKind, NewEvent, Notices, Process,
    columns::{integer, parsed, sql, understood},
    event::{append, notices, of_agent},
    names::memorable_name,
    process::{Liveness, liveness},
};

pub use registry::{AgentName, AgentNameError, AgentState, Presence, RenameError, Touched};
pub(crate) use registry::{all, find};
pub use sweep::{Retention, Swept};

/// What a call tells about its agent. What is `None` leaves the registry as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSeen {
    /// The agent's id.
    pub id: AgentId,
    /// The program it runs in, like `claude-code`.
    pub client: Option<String>,
    /// The process that stands for the agent as long as it runs. None for a command that ends right away.
    pub process: Option<Process>,
    /// Its working directory.
    pub directory: Option<String>,
    /// The project it works on.
    pub project: Option<String>,
    /// The top folder of the worktree it works in.
    pub worktree: Option<String>,
    /// The branch that is checked out there. Empty: none is.
    pub branch: Option<String>,
    /// The session it thinks on. With a lease that is asked for it counts only when that is granted.
    pub session: Option<String>,
    /// What it does, in a line.
    pub task: Option<String>,
    /// Its status. Without one an agent that had ended is active again, and every other keeps its own.
    pub status: Option<AgentStatus>,
}

/// An agent as the registry knows it. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The agent's id.
    pub id: AgentId,
    /// Its name, like `brave-otter`: unique, and the same for as long as the agent is known.
    pub name: String,
    /// The program it runs in, like `claude-code`.
    pub client: Option<String>,
    /// The process that stands for the agent as long as it runs.
    pub process: Option<Process>,
    /// Its working directory.
    pub directory: Option<String>,
    /// The project it works on.
    pub project: Option<String>,
    /// The top folder of the worktree it works in.
    pub worktree: Option<String>,
    /// The branch that is checked out there.
    pub branch: Option<String>,
    /// The session it thought in last.
    pub session: Option<String>,
    /// What it does, in a line.
    pub task: Option<String>,
    /// Its status, as last told.
    pub status: AgentStatus,
    /// When it was first seen, or came back after it had ended.
    pub started: u64,
    /// When it was last seen.
    pub last_active: u64,
}

/// What an agent is up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentStatus {
    /// At work.
    Active,
    /// Waiting for a person.
    Waiting,
    /// Set aside on purpose.
    Paused,
    /// Finished.
    Ended,
}

/// A text that is no [`AgentStatus`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status: `active`, `waiting`, `paused` or `ended`")]
pub struct AgentStatusError(String);

impl AgentSeen {
    /// An agent of which only the id is known.
    pub fn new(id: AgentId) -> Self {
        Self {
            id,
            client: None,
            process: None,
            directory: None,
            project: None,
            worktree: None,
            branch: None,
            session: None,
            task: None,
            status: None,
        }
    }
}

impl Coord {
    /// Records that an agent was seen at `now_ms`, and gives back all that is known of it.
    ///
    /// An id seen for the first time gets a row and a name; a known one keeps its row, whoever made it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn touch_agent(&mut self, seen: &AgentSeen, now_ms: u64) -> Result<Agent, CoordError> {
        self.write("register the agent", |transaction| touch(transaction, seen, now_ms))
    }

    /// [`Coord::touch_agent`], and what concerns the agent and it was not told yet. This does not wait for the disk: a power cut
    /// may have it told twice.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn heartbeat(&mut self, seen: &AgentSeen, now_ms: u64) -> Result<(Agent, Notices), CoordError> {
        self.write_lazily("register the agent", |transaction| {
            let agent = touch(transaction, seen, now_ms)?;
            let news = notices(transaction, &agent.id)?;
            Ok((agent, news))
        })
    }

    /// Ends an agent: what it holds is given back, and what it wrote stays. `None` when it was never seen.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn end_agent(&mut self, id: &AgentId, now_ms: u64) -> Result<Option<Agent>, CoordError> {
        self.write("end the agent", |transaction| {
            if find(transaction, id)?.is_none() {
                return Ok(None);
            }
            let seen = AgentSeen { status: Some(AgentStatus::Ended), ..AgentSeen::new(id.clone()) };
            let agent = touch(transaction, &seen, now_ms)?;
            let_go(transaction, id)?;
            Ok(Some(agent))
        })
    }

    /// Takes back that an agent thinks in a session: it does in this one, or in none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_session(&mut self, id: &AgentId, session: Option<&str>) -> Result<(), CoordError> {
        self.write("note the session down", |transaction| set_session(transaction, id, session))
    }

    /// The agent with this id, if it was ever seen.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn agent(&self, id: &AgentId) -> Result<Option<Agent>, CoordError> {
        self.read("read the agent", |connection| find(connection, id))
    }
}

pub(crate) fn touch(transaction: &Transaction<'_>, seen: &AgentSeen, now_ms: u64) -> rusqlite::Result<Agent> {
    let before = find(transaction, &seen.id)?;
    let recorded = before.as_ref().and_then(|before| before.process.as_ref());
    if seen.process.is_none() && recorded.is_some_and(|process| liveness(process) == Liveness::Gone) {
        // It calls, so it lives, in another process than the one that is gone.
        transaction.prepare_cached("UPDATE agents SET process = NULL WHERE id = ?1")?.execute([seen.id.as_str()])?;
    }
    let agent = touched(transaction, seen, now_ms)?;
    let was = before.map_or(AgentStatus::Ended, |before| before.status);
    let kind = match (was, agent.status) {
        (was, is) if was == is => return Ok(agent),
        (_, AgentStatus::Ended) => EventKind::AgentEnded,
        (_, AgentStatus::Waiting) => EventKind::AgentWaiting,
        (AgentStatus::Ended, _) => EventKind::AgentStarted,
        _ => return Ok(agent),
    };
    let event = NewEvent { kind, subject: None, detail: agent.task.clone(), recipient: None };
    append(transaction, &of_agent(&event, &agent), now_ms)?;
    Ok(agent)
}

/// Gives back what an agent holds. Its lines are over and not forgotten: who takes one over is told whose it was.
pub(crate) fn let_go(transaction: &Transaction<'_>, id: &AgentId) -> rusqlite::Result<()> {
    let_go_of(transaction, id, None)
}

/// Likewise, of one resource or all.
fn let_go_of(transaction: &Transaction<'_>, id: &AgentId, resource: Option<&str>) -> rusqlite::Result<()> {
    let lines = "UPDATE leases SET ttl = min(ttl, 1), process = NULL WHERE holder = ?1 AND resource >= 'thinking/' AND
                 resource < 'thinking0' AND (?2 IS NULL OR resource = ?2)";
    transaction.prepare_cached(lines)?.execute((id.as_str(), resource))?;
    let others = "UPDATE leases SET released = 1, process = NULL WHERE holder = ?1 AND NOT (resource >= 'thinking/' AND
                  resource < 'thinking0') AND (?2 IS NULL OR resource = ?2)";
    transaction.prepare_cached(others)?.execute((id.as_str(), resource))?;
    Ok(())
}

/// Gives back what an agent held whose process is gone, but for what another process of it holds that may live: an agent may
/// have several, and the others go on.
pub(crate) fn let_go_of_the_dead(transaction: &Transaction<'_>, id: &AgentId) -> rusqlite::Result<()> {
    let mut held = transaction.prepare_cached("SELECT resource, process FROM leases WHERE holder = ?1")?;
    let rows = held.query_map([id.as_str()], |row| Ok((row.get("resource")?, row.get("process")?)))?;
    for (resource, process) in rows.collect::<rusqlite::Result<Vec<(String, Option<String>)>>>()? {
        // One that only a newer program understands may live.
        let is_gone =
            |process: String| process.parse().is_ok_and(|process: Process| liveness(&process) == Liveness::Gone);
        if process.is_none_or(is_gone) {
            let_go_of(transaction, id, Some(&resource))?;
        }
    }
    Ok(())
}

pub(crate) fn set_session(transaction: &Transaction<'_>, id: &AgentId, session: Option<&str>) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE agents SET session = ?2 WHERE id = ?1")?
        .execute((id.as_str(), session))
        .map(drop)
}

fn touched(transaction: &Transaction<'_>, seen: &AgentSeen, now_ms: u64) -> rusqlite::Result<Agent> {
    let known = transaction
        .prepare_cached(
            "UPDATE agents SET
                 client = coalesce(:client, client), process = coalesce(:process, process),
                 directory = coalesce(:directory, directory), project = coalesce(:project, project),
                 worktree = coalesce(:worktree, worktree), branch = nullif(coalesce(:branch, branch), ''),
                 session = coalesce(:session, session), task = coalesce(:task, task), last_active = :now,
                 started = iif(status = 'ended' AND coalesce(:status, 'active') <> 'ended', :now, started),
                 status = coalesce(:status, iif(status = 'ended', 'active', status))
             WHERE id = :id RETURNING *",
        )?
        .query_row(
            named_params! {
                ":id": seen.id.as_str(), ":client": seen.client, ":process": seen.process.as_ref().map(sql),
                ":directory": seen.directory, ":project": seen.project, ":worktree": seen.worktree,
                ":branch": seen.branch, ":session": seen.session, ":task": seen.task,
                ":status": seen.status.as_ref().map(sql), ":now": integer(now_ms),
            },
            agent_from_row,
        )
        .optional()?;
    match known {
        Some(agent) => Ok(agent),
        None => register(transaction, seen, now_ms),
    }
}

/// Whoever comes new need not read what happened before.
fn register(transaction: &Transaction<'_>, seen: &AgentSeen, now_ms: u64) -> rusqlite::Result<Agent> {
    let last_event: i64 =
        transaction.prepare_cached("SELECT coalesce(max(seq), 0) FROM events")?.query_row([], |row| row.get(0))?;
    transaction
        .prepare_cached(
            "INSERT INTO agents (id, name, client, process, directory, project, worktree, branch, session, task, status,
                 started, last_active, read_to, told_to)
             VALUES (:id, :name, :client, :process, :directory, :project, :worktree, nullif(:branch, ''), :session, :task, :status,
                 :now, :now, :last_event, :last_event) RETURNING *",
        )?
        .query_row(
            named_params! {
                ":id": seen.id.as_str(), ":name": free_name(transaction, &seen.id)?, ":client": seen.client,
                ":process": seen.process.as_ref().map(sql), ":directory": seen.directory, ":project": seen.project,
                ":worktree": seen.worktree, ":branch": seen.branch, ":session": seen.session,
                ":task": seen.task, ":status": sql(&seen.status.unwrap_or(AgentStatus::Active)),
                ":now": integer(now_ms), ":last_event": last_event,
            },
            agent_from_row,
        )
}

/// The name made from the id, with the first number that no other agent has.
fn free_name(transaction: &Transaction<'_>, id: &AgentId) -> rusqlite::Result<String> {
    let wished = memorable_name(id);
    let mut taken = transaction.prepare_cached("SELECT 1 FROM agents WHERE name = ?1")?;
    let mut name = wished.clone();
    let mut number = 2_u64;
    while taken.exists([&name])? {
        name = format!("{wished}-{number}");
        number += 1;
    }
    Ok(name)
}

fn agent_from_row(row: &Row<'_>) -> rusqlite::Result<Agent> {
    Ok(Agent {
        id: parsed(row, "id")?,
        name: row.get("name")?,
        client: row.get("client")?,
        process: understood(row, "process")?,
        directory: row.get("directory")?,
        project: row.get("project")?,
        worktree: row.get("worktree")?,
        branch: row.get("branch")?,
        session: row.get("session")?,
        task: row.get("task")?,
        // One that a newer program knows: the agent is here, whatever it is up to.
        status: understood(row, "status")?.unwrap_or(AgentStatus::Active),
        started: row.get::<_, i64>("started")?.unsigned_abs(),
        last_active: row.get::<_, i64>("last_active")?.unsigned_abs(),
    })
}

impl AgentStatus {
    /// The status as text, as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

impl FromStr for AgentStatus {
    type Err = AgentStatusError;

    fn from_str(text: &str) -> Result<Self, AgentStatusError> {
        [Self::Active, Self::Waiting, Self::Paused, Self::Ended]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| AgentStatusError(text.to_owned()))
    }
}

impl fmt::Display for AgentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
