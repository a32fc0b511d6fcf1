//! Leases in the database: every decision and what follows from it in one transaction.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::{
    AcquireError, AcquireLease, Acquired, FenceError, Fenced, Former, Held, How, Lease, LeaseState, Standing, Taken,
    bounds::full,
    decide::{Ask, Decision, Stored, decide},
    is_asked_for,
};
use crate::{
    Agent, AgentId, AgentSeen, Coord, CoordError, EventKind, LockName, NewEvent, Process,
    agent::{set_session, touch},
    columns::{integer, parsed, sql, understood},
    event::{append, of_acquired, of_agent},
    process::liveness,
};

impl Coord {
    /// Acquires a lease, or renews the one the agent holds. On the disk when this returns.
    ///
    /// For what is written under the vault's write lock, hold that lock first: then nobody waits inside SQLite.
    ///
    /// # Errors
    /// [`AcquireError::Held`] when another agent holds it and [`AcquireError::ReasonNeeded`] when it is to be taken over
    /// without a reason; the heartbeat of the agent counts all the same.
    pub fn acquire(&mut self, request: &AcquireLease, now_ms: u64) -> Result<Acquired, AcquireError> {
        let bounds = self.bounds;
        self.write("acquire the lease", |transaction| {
            // In which session it thinks is not said by who is refused.
            let agent = touch(transaction, &AgentSeen { session: None, ..request.agent.clone() }, now_ms)?;
            // A thought is never refused for a bound: its leases go by time.
            if is_asked_for(&request.resource)
                && let Some(full) = full(transaction, &agent, std::slice::from_ref(&request.resource), bounds, now_ms)?
            {
                return Ok(Err(AcquireError::Full(Box::new(full))));
            }
            let acquired = acquire(transaction, request, &agent, now_ms)?;
            if acquired.is_ok() && request.agent.session.is_some() {
                set_session(transaction, &agent.id, request.agent.session.as_deref())?;
            }
            Ok(acquired)
        })?
    }

    /// Renews a lease for its span from now.
    ///
    /// # Errors
    /// [`FenceError::Fenced`] when the token is not the holder's, and when the lease is stale: it is to be acquired anew.
    pub fn renew(&mut self, resource: &str, agent: &AgentId, token: u64, now_ms: u64) -> Result<Lease, FenceError> {
        self.change("renew the lease", resource, agent, token, |_, stored| {
            let renewed = stored.renew(now_ms, liveness);
            let over = |standing| Box::new(Fenced::Over { resource: resource.to_owned(), token, standing });
            Ok(renewed.map(|()| stored.lease(resource, now_ms)).map_err(over))
        })
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// [`FenceError::Fenced`] when the token is not the holder's.
    pub fn release(&mut self, resource: &str, agent: &AgentId, token: u64, now_ms: u64) -> Result<(), FenceError> {
        self.change("release the lease", resource, agent, token, |transaction, stored| {
            stored.release();
            let Some(name) = LockName::of_resource(resource) else { return Ok(Ok(())) };
            let Some(agent) = crate::agent::find(transaction, agent)? else { return Ok(Ok(())) };
            let event = NewEvent::about(EventKind::LockReleased, name.as_str());
            append(transaction, &of_agent(&event, &agent), now_ms).map(Ok)
        })
    }

    /// Leaves a lease to time alone: takes `process` off it, which is about to end. The last act of a command.
    ///
    /// Nothing happens when the lease has passed on, or when another process of the agent vouches for it. This does not wait
    /// for the disk: after a power cut the process is gone and was of an earlier boot, which frees the lease all the same.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn settle(&mut self, resource: &str, token: u64, process: &Process) -> Result<(), CoordError> {
        self.write_lazily("settle the lease", |transaction| {
            transaction
                .prepare_cached("UPDATE leases SET process = NULL WHERE resource = ?1 AND token = ?2 AND process = ?3")?
                .execute((resource, integer(token), sql(process)))
                .map(drop)
        })
    }

    /// Has `process` vouch for a lease from now on in place of `before`, such as a command for the one that runs it.
    ///
    /// Nothing happens when the lease has passed on, or when another process than `before` vouches for it. This does not wait for
    /// the disk, as [`Coord::settle`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn vouch(&mut self, resource: &str, token: u64, before: &Process, process: &Process) -> Result<(), CoordError> {
        self.write_lazily("note the process of the lease", |transaction| {
            transaction
                .prepare_cached("UPDATE leases SET process = ?4 WHERE resource = ?1 AND token = ?2 AND process = ?3")?
                .execute((resource, integer(token), sql(before), sql(process)))
                .map(drop)
        })
    }

    /// The fence: makes sure that `token` is still the one that counts.
    ///
    /// The answer stays true as long as nobody can acquire: check right before the protected write, under the lock that covers
    /// both.
    ///
    /// # Errors
    /// [`FenceError::Fenced`] when the lease has passed on or was released.
    pub fn check(&self, resource: &str, token: u64) -> Result<(), FenceError> {
        let found = self.read("check the token", |connection| find(connection, resource))?;
        fence(found, resource, token).map(drop).map_err(FenceError::Fenced)
    }

    /// The lease on `resource`, unless it was released.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn lease(&self, resource: &str, now_ms: u64) -> Result<Option<LeaseState>, CoordError> {
        let found = self.read("read the lease", |connection| find(connection, resource))?;
        Ok(found.and_then(|found| found.state(now_ms)))
    }

    /// The leases whose resources begin with `prefix`, in the order of their resources, without those that were released.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn leases(&self, prefix: &str, now_ms: u64) -> Result<Vec<LeaseState>, CoordError> {
        self.read("list the leases", |connection| listed(connection, prefix, now_ms))
    }

    /// Changes a lease on behalf of the agent that holds it.
    fn change<T>(
        &mut self,
        doing: &'static str,
        resource: &str,
        agent: &AgentId,
        token: u64,
        change: impl FnOnce(&Transaction<'_>, &mut Stored) -> rusqlite::Result<Result<T, Box<Fenced>>>,
    ) -> Result<T, FenceError> {
        let changed = self.write(doing, |transaction| {
            let found = find(transaction, resource)?;
            match fence(found, resource, token) {
                Ok(found) if found.stored.holder == *agent => {
                    let mut stored = found.stored;
                    let value = change(transaction, &mut stored)?;
                    if value.is_ok() {
                        store(transaction, resource, &stored)?;
                    }
                    Ok(value)
                }
                Ok(_) => Ok(Err(Box::new(Fenced::NotYours { resource: resource.to_owned(), token }))),
                Err(fenced) => Ok(Err(fenced)),
            }
        })?;
        changed.map_err(FenceError::Fenced)
    }
}

/// A lease as stored, with the name of its holder.
struct Found {
    resource: String,
    stored: Stored,
    holder_name: String,
}

/// Acquires for an agent that was just touched.
pub(crate) fn acquire(
    transaction: &Transaction<'_>,
    request: &AcquireLease,
    agent: &Agent,
    now: u64,
) -> rusqlite::Result<Result<Acquired, AcquireError>> {
    let found = find(transaction, &request.resource)?;
    let last: i64 = transaction.prepare_cached("SELECT last FROM tokens")?.query_row([], |row| row.get(0))?;
    let fresh_token = last.unsigned_abs() + 1;
    let ask = Ask {
        agent: &agent.id,
        process: request.process.as_ref(),
        ttl: request.ttl_ms,
        note: request.note.as_deref(),
        takeover: request.takeover.as_ref().map(|takeover| takeover.reason.as_deref()),
        apart: request.resource.starts_with(LockName::PREFIX),
    };
    let decision = decide(found.as_ref().map(|found| &found.stored), ask, fresh_token, now, liveness);
    let taken_from_you = found.as_ref().and_then(|found| found.taken_from(&agent.id));
    match decision {
        Decision::Grant { next, how } => {
            if next.token == fresh_token {
                transaction.prepare_cached("UPDATE tokens SET last = ?1")?.execute([integer(fresh_token)])?;
            }
            store(transaction, &request.resource, &next)?;
            let former = match (how, found, &next.previous_holder) {
                (How::AfterExpiry | How::HolderGone | How::TakenOver, Some(found), Some(id)) => {
                    Some(Former { id: id.clone(), name: found.holder_name })
                }
                _ => None,
            };
            let acquired = Acquired { lease: next.lease(&request.resource, now), how, former, taken_from_you };
            for event in of_acquired(&acquired, agent, request) {
                append(transaction, &event, now)?;
            }
            Ok(Ok(acquired))
        }
        Decision::Refuse { next, reason_needed } => {
            let found = found.expect("only a stored lease is a reason to refuse");
            if next != found.stored {
                store(transaction, &request.resource, &next)?;
            }
            let lease = next.lease(&request.resource, now);
            let (holder_name, process) = (found.holder_name, next.process);
            let held = Box::new(Held { lease, holder_name, process, taken_from_you });
            Ok(Err(if reason_needed { AcquireError::ReasonNeeded(held) } else { AcquireError::Held(held) }))
        }
    }
}

/// The leases whose resources begin with `prefix`, without those that were released.
pub(crate) fn listed(connection: &Connection, prefix: &str, now: u64) -> rusqlite::Result<Vec<LeaseState>> {
    let mut statement = connection.prepare_cached(
        "SELECT leases.*, agents.name AS holder_name, agents.process AS holder_process
         FROM leases JOIN agents ON agents.id = holder
         WHERE resource >= ?1 AND substr(resource, 1, length(?1)) = ?1 AND NOT released ORDER BY resource",
    )?;
    let found = statement.query_map([prefix], Found::from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter_map(|found| found.state(now)).collect())
}

/// The leases of an agent that hold.
pub(crate) fn held_by(connection: &Connection, agent: &AgentId, now: u64) -> rusqlite::Result<Vec<LeaseState>> {
    let mut statement = connection.prepare_cached(
        "SELECT leases.*, agents.name AS holder_name, agents.process AS holder_process
         FROM leases JOIN agents ON agents.id = holder
         WHERE holder = ?1 AND NOT released ORDER BY resource",
    )?;
    let found = statement.query_map([agent.as_str()], Found::from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let held = found.into_iter().filter_map(|found| found.state(now));
    Ok(held.filter(|state| state.standing == Standing::Held).collect())
}

/// Marks a lease as released, whoever holds it.
pub(crate) fn release(transaction: &Transaction<'_>, resource: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE leases SET released = 1, process = NULL WHERE resource = ?1")?
        .execute([resource])
        .map(drop)
}

fn find(connection: &Connection, resource: &str) -> rusqlite::Result<Option<Found>> {
    connection
        .prepare_cached(
            "SELECT leases.*, agents.name AS holder_name, agents.process AS holder_process
             FROM leases JOIN agents ON agents.id = holder WHERE resource = ?1",
        )?
        .query_row([resource], Found::from_row)
        .optional()
}

fn store(transaction: &Transaction<'_>, resource: &str, stored: &Stored) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO leases (resource, holder, token, process, acquired, renewed, ttl, note, released,
                 previous_holder, taken_reason)
             VALUES (:resource, :holder, :token, :process, :acquired, :renewed, :ttl, :note, :released,
                 :previous_holder, :taken_reason)
             ON CONFLICT (resource) DO UPDATE SET holder = excluded.holder, token = excluded.token,
                 process = excluded.process, acquired = excluded.acquired, renewed = excluded.renewed, ttl = excluded.ttl,
                 note = excluded.note, released = excluded.released, previous_holder = excluded.previous_holder,
                 taken_reason = excluded.taken_reason",
        )?
        .execute(named_params! {
            ":resource": resource, ":holder": stored.holder.as_str(), ":token": integer(stored.token),
            ":process": stored.process.as_ref().map(sql), ":acquired": integer(stored.acquired),
            ":renewed": integer(stored.renewed), ":ttl": integer(stored.ttl), ":note": stored.note,
            ":released": stored.released, ":previous_holder": stored.previous_holder.as_ref().map(AgentId::as_str),
            ":taken_reason": stored.taken_reason,
        })
        .map(drop)
}

/// What is stored under a good token.
fn fence(found: Option<Found>, resource: &str, token: u64) -> Result<Found, Box<Fenced>> {
    let resource = resource.to_owned();
    match found {
        Some(found) if found.stored.accepts(token) => Ok(found),
        Some(found) if found.stored.token == token => Err(Box::new(Fenced::Released { resource, token })),
        Some(found) if found.stored.token > token => {
            Err(Box::new(Fenced::PassedOn { resource, token, taken: found.taken() }))
        }
        _ => Err(Box::new(Fenced::NotYours { resource, token })),
    }
}

impl Found {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        Ok(Self {
            resource: row.get("resource")?,
            stored: Stored {
                holder: parsed(row, "holder")?,
                token: number("token")?,
                process: understood(row, "process")?,
                holder_process: understood(row, "holder_process")?,
                acquired: number("acquired")?,
                renewed: number("renewed")?,
                ttl: number("ttl")?,
                note: row.get("note")?,
                released: row.get("released")?,
                previous_holder: understood(row, "previous_holder")?,
                taken_reason: row.get("taken_reason")?,
            },
            holder_name: row.get("holder_name")?,
        })
    }

    fn state(self, now: u64) -> Option<LeaseState> {
        let standing = self.stored.standing(now, liveness)?;
        let lease = self.stored.lease(&self.resource, now);
        let Stored { process, previous_holder: former, .. } = self.stored;
        Some(LeaseState { lease, holder_name: self.holder_name, standing, process, former })
    }

    /// How the lease came to its present holder.
    fn taken(self) -> Taken {
        let Stored { holder, acquired, taken_reason, .. } = self.stored;
        Taken { by: holder, by_name: self.holder_name, at: acquired, reason: taken_reason }
    }

    fn taken_from(&self, agent: &AgentId) -> Option<Taken> {
        let Stored { holder, acquired, taken_reason, previous_holder, .. } = &self.stored;
        (previous_holder.as_ref() == Some(agent) && holder != agent).then(|| Taken {
            by: holder.clone(),
            by_name: self.holder_name.clone(),
            at: *acquired,
            reason: taken_reason.clone(),
        })
    }
}

impl Stored {
    fn lease(&self, resource: &str, now: u64) -> Lease {
        Lease {
            resource: resource.to_owned(),
            holder: self.holder.clone(),
            token: self.token,
            acquired: self.acquired,
            renewed: self.renewed,
            expires: self.expires(now),
            note: self.note.clone(),
        }
    }
}
