//! The sweep: agents whose processes are gone have ended, and what nobody needs any more is forgotten, by age and count.

use rusqlite::{OptionalExtension, Transaction};

use super::{AgentStatus, Presence, all, let_go_of_the_dead};
use crate::{
    Coord, CoordError, EventKind, NewEvent, Standing,
    columns::{integer, sql},
    event::{append, of_agent},
    lease::store::listed,
};

/// How much is kept of what is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Milliseconds for which agents that ended, events, and lines that nobody thinks on are kept.
    pub keep_ms: u64,
    /// Ended agents that are kept at most.
    pub ended_agents: usize,
    /// Events that are kept at most.
    pub events: usize,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Agents that were found gone and have ended.
    pub ended: usize,
    /// Agents that were forgotten.
    pub agents: usize,
    /// Leases that were forgotten.
    pub leases: usize,
    /// Events that were forgotten.
    pub events: usize,
}

/// Locks and claims that nobody holds any more are kept so long, for their former holders to be told.
const KEEP_LEASES_MS: u64 = 60 * 60_000;

/// A sweep is due when the last one is so long ago.
const DUE_MS: u64 = 60_000;

impl Default for Retention {
    /// 30 days, 200 agents, 10,000 events.
    fn default() -> Self {
        Self { keep_ms: 30 * 24 * 60 * 60_000, ended_agents: 200, events: 10_000 }
    }
}

impl Coord {
    /// Sweeps, when it was not done for a minute by anybody. `None` when it was.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn sweep_when_due(&mut self, retention: &Retention, now_ms: u64) -> Result<Option<Swept>, CoordError> {
        let swept: Option<String> = self.read("read the last sweep", |connection| {
            connection.query_row("SELECT value FROM about WHERE key = 'swept'", [], |row| row.get(0)).optional()
        })?;
        // A time in the future is of a clock that has jumped back since.
        let is_due = swept.and_then(|at| at.parse().ok()).is_none_or(|at: u64| now_ms < at || now_ms - at >= DUE_MS);
        if is_due { self.sweep(retention, now_ms).map(Some) } else { Ok(None) }
    }

    /// Ends agents that are gone, which gives back what they held, and forgets what is over. What is held stays. This does not
    /// wait for the disk.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn sweep(&mut self, retention: &Retention, now_ms: u64) -> Result<Swept, CoordError> {
        self.write_lazily("sweep", |transaction| {
            let oldest = now_ms.saturating_sub(retention.keep_ms);
            let swept = Swept {
                ended: end_gone(transaction, oldest, now_ms)?,
                leases: forget_leases(transaction, oldest, now_ms)?,
                events: forget_events(transaction, oldest, retention.events)?,
                agents: forget_agents(transaction, oldest, retention.ended_agents)?,
            };
            transaction
                .execute("INSERT OR REPLACE INTO about (key, value) VALUES ('swept', ?1)", [now_ms.to_string()])?;
            Ok(swept)
        })
    }
}

fn end_gone(transaction: &Transaction<'_>, oldest: u64, now: u64) -> rusqlite::Result<usize> {
    let mut ended = 0;
    for agent in all(transaction)? {
        let detail = match Presence::of(&agent, now) {
            Presence::Gone => "its process is gone",
            Presence::Inactive if agent.last_active < oldest => "it was not seen for long",
            _ => continue,
        };
        transaction
            .prepare_cached("UPDATE agents SET status = ?2 WHERE id = ?1")?
            .execute((agent.id.as_str(), sql(&AgentStatus::Ended)))?;
        let_go_of_the_dead(transaction, &agent.id)?;
        let event = NewEvent { kind: EventKind::AgentEnded, subject: None, detail: None, recipient: None };
        append(transaction, &of_agent(&event.saying(Some(detail)), &agent), now)?;
        ended += 1;
    }
    Ok(ended)
}

/// Leases that do not hold. Those on lines keep their agents known, and with them where each thought last, and are kept as long
/// as the agents.
fn forget_leases(transaction: &Transaction<'_>, oldest: u64, now: u64) -> rusqlite::Result<usize> {
    let mut forget = transaction.prepare_cached("DELETE FROM leases WHERE resource = ?1")?;
    let mut forgotten = 0;
    for state in listed(transaction, "", now)? {
        let is_line = state.lease.resource.starts_with("thinking/");
        let kept_from = if is_line { oldest } else { now.saturating_sub(KEEP_LEASES_MS) };
        if state.standing != Standing::Held && state.lease.renewed < kept_from {
            forgotten += forget.execute([&state.lease.resource])?;
        }
    }
    let released = "DELETE FROM leases WHERE (released OR ttl = 0) AND renewed < ?1 AND NOT (resource >= 'thinking/' AND resource < 'thinking0')";
    forgotten += transaction.execute(released, [integer(now.saturating_sub(KEEP_LEASES_MS))])?;
    let released = "DELETE FROM leases WHERE (released OR ttl = 0) AND renewed < ?1";
    forgotten += transaction.execute(released, [integer(oldest)])?;
    Ok(forgotten)
}

fn forget_events(transaction: &Transaction<'_>, oldest: u64, most: usize) -> rusqlite::Result<usize> {
    let forget = "DELETE FROM events WHERE at < ?1 OR seq <= (SELECT coalesce(max(seq), 0) FROM events) - ?2";
    transaction.execute(forget, [integer(oldest), integer(most as u64)])
}

/// Ended agents that are old or too many, unless a lease names them.
fn forget_agents(transaction: &Transaction<'_>, oldest: u64, most: usize) -> rusqlite::Result<usize> {
    let forget = "DELETE FROM agents WHERE status = 'ended'
          AND (last_active < ?1
               OR id NOT IN (SELECT id FROM agents WHERE status = 'ended' ORDER BY last_active DESC, id LIMIT ?2))
          AND id NOT IN (SELECT holder FROM leases)
          AND id NOT IN (SELECT previous_holder FROM leases WHERE previous_holder IS NOT NULL)";
    transaction.execute(forget, [integer(oldest), integer(most as u64)])
}
