//! Events: what happened among the agents, in order, for whoever wants to know and for those it concerns.

use std::{fmt, str::FromStr};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::{
    AcquireLease, Acquired, Agent, AgentId, Coord, CoordError, How, LockName,
    columns::{integer, parsed, understood},
    names::memorable_name,
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Grows, and is never given twice.
    pub seq: u64,
    /// When, in Unix milliseconds.
    pub at: u64,
    /// What.
    pub kind: EventKind,
    /// Who did it.
    pub agent: AgentId,
    /// The name it had then.
    pub name: String,
    /// The project it worked on.
    pub project: Option<String>,
    /// What it is about: the name of a lock, a session, a glob, a path.
    pub subject: Option<String>,
    /// In the words of whoever did it, such as a reason.
    pub detail: Option<String>,
    /// The agent that it concerns and that is told at its next call.
    pub recipient: Option<AgentId>,
}

/// What concerns an agent and it was not told yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// The newest, in order, [`Notices::MOST`] at most.
    pub events: Vec<Event>,
    /// How many there were before them.
    pub older: usize,
}

impl Notices {
    /// More than an agent can heed at once; the others stand among the events.
    pub const MOST: usize = 20;
}

/// Something to be written down; the agent's name and project are those it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What.
    pub kind: EventKind,
    /// What it is about.
    pub subject: Option<String>,
    /// In the agent's words.
    pub detail: Option<String>,
    /// Whom it concerns.
    pub recipient: Option<AgentId>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)*) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The kind as text, as it is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// An agent came, or came back.
    AgentStarted = "agent-started",
    /// An agent has ended, or its process is gone.
    AgentEnded = "agent-ended",
    /// An agent waits for a person.
    AgentWaiting = "agent-waiting",
    /// A session began.
    SessionOpened = "session-opened",
    /// A session was concluded, set aside, taken up again or renamed.
    SessionChanged = "session-changed",
    /// A line of a session passed from an agent that had not given it back.
    SessionTakenOver = "session-taken-over",
    /// A lock was acquired.
    LockTaken = "lock-taken",
    /// A lock was given back.
    LockReleased = "lock-released",
    /// An agent waits for a lock.
    LockWaitedFor = "lock-waited-for",
    /// A lock was taken from a holder by force.
    LockStolen = "lock-stolen",
    /// A lock passed on because its holder was gone or its time was over.
    LockPassedOn = "lock-passed-on",
    /// Paths were claimed.
    ClaimMade = "claim-made",
    /// A claim was given back.
    ClaimReleased = "claim-released",
    /// Somebody claimed or edits what another has claimed.
    ClaimConflict = "claim-conflict",
    /// A note was written.
    NoteChanged = "note-changed",
    /// The notes are not watched as they should be.
    WatchFailed = "watch-failed",
    /// The notes are watched again.
    WatchRecovered = "watch-recovered",
    /// What a newer program wrote down and this one does not know.
    Unknown = "unknown",
}

/// Under which id and name `journal` itself stands in the events.
pub(crate) const OWN_NAME: &str = "journal";

/// A text that is no [`EventKind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of event")]
pub struct EventKindError(String);

impl FromStr for EventKind {
    type Err = EventKindError;

    fn from_str(text: &str) -> Result<Self, EventKindError> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| EventKindError(text.to_owned()))
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl NewEvent {
    /// An event about something.
    pub fn about(kind: EventKind, subject: impl Into<String>) -> Self {
        Self { kind, subject: Some(subject.into()), detail: None, recipient: None }
    }

    /// The same, in the words of whoever did it.
    pub fn saying(self, detail: Option<&str>) -> Self {
        Self { detail: detail.map(str::to_owned), ..self }
    }

    /// The same, told to an agent at its next call.
    pub fn told_to(self, recipient: AgentId) -> Self {
        Self { recipient: Some(recipient), ..self }
    }
}

impl Coord {
    /// Writes events of an agent down. This does not wait for the disk: a power cut may lose the last ones.
    ///
    /// An agent that was never seen has none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn record(&mut self, agent: &AgentId, events: &[NewEvent], now_ms: u64) -> Result<(), CoordError> {
        self.write_lazily("write events down", |transaction| {
            let Some(agent) = crate::agent::find(transaction, agent)? else { return Ok(()) };
            events.iter().try_for_each(|event| append(transaction, &of_agent(event, &agent), now_ms))
        })
    }

    /// Writes an event down that is of no agent: of `journal` itself, under that name. This does not wait for the disk.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn record_own(&mut self, event: &NewEvent, now_ms: u64) -> Result<(), CoordError> {
        self.write_lazily("write an event down", |transaction| {
            let (id, name, project) = (OWN_NAME, OWN_NAME, None);
            insert(transaction, event, &Author { id, name, project }, now_ms)
        })
    }

    /// At most `limit` events behind `since`, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn events(&self, since: u64, limit: usize) -> Result<Vec<Event>, CoordError> {
        self.read("read the events", |connection| {
            let mut statement =
                connection.prepare_cached("SELECT * FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            statement.query_map((integer(since), integer(limit as u64)), Event::from_row)?.collect()
        })
    }

    /// The last `limit` events, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_events(&self, limit: usize) -> Result<Vec<Event>, CoordError> {
        self.read("read the events", |connection| {
            let mut statement = connection
                .prepare_cached("SELECT * FROM (SELECT * FROM events ORDER BY seq DESC LIMIT ?1) ORDER BY seq")?;
            statement.query_map([integer(limit as u64)], Event::from_row)?.collect()
        })
    }

    /// The events that an agent has not read, at most `limit`, and its cursor behind them. Two calls at once never give the
    /// same one. An agent that was never seen has read none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn unread_events(&mut self, agent: &AgentId, limit: usize) -> Result<Vec<Event>, CoordError> {
        self.write("move the cursor", |transaction| {
            let since: Option<i64> = cursor(transaction, "read_to", agent)?;
            let mut statement =
                transaction.prepare_cached("SELECT * FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let since = since.unwrap_or_default();
            let unread: Vec<Event> = statement
                .query_map((since, integer(limit as u64)), Event::from_row)?
                .collect::<rusqlite::Result<_>>()?;
            if let Some(last) = unread.last() {
                transaction
                    .prepare_cached("UPDATE agents SET read_to = ?2 WHERE id = ?1")?
                    .execute((agent.as_str(), integer(last.seq)))?;
            }
            Ok(unread)
        })
    }
}

/// What concerns an agent and was not told yet; it counts as told from now on.
pub(crate) fn notices(transaction: &Transaction<'_>, agent: &AgentId) -> rusqlite::Result<Notices> {
    let told_to: i64 = cursor(transaction, "told_to", agent)?.unwrap_or_default();
    let newest = "SELECT * FROM events WHERE recipient = ?1 AND seq > ?2 ORDER BY seq DESC LIMIT ?3";
    let mut statement = transaction.prepare_cached(newest)?;
    let newest = statement.query_map((agent.as_str(), told_to, integer(Notices::MOST as u64)), Event::from_row)?;
    let mut events: Vec<Event> = newest.collect::<rusqlite::Result<_>>()?;
    events.reverse();
    let last = events.last().map(|event| event.seq);
    let mut older = 0;
    if events.len() == Notices::MOST {
        let all = "SELECT count(*) FROM events WHERE recipient = ?1 AND seq > ?2";
        let all: i64 = transaction.prepare_cached(all)?.query_row((agent.as_str(), told_to), |row| row.get(0))?;
        older = usize::try_from(all).unwrap_or_default().saturating_sub(Notices::MOST);
    }
    if let Some(last) = last {
        transaction
            .prepare_cached("UPDATE agents SET told_to = ?2 WHERE id = ?1")?
            .execute((agent.as_str(), integer(last)))?;
    }
    // Whoever waits for a lock that was given back meanwhile has it, or may.
    let mut holds =
        transaction.prepare_cached("SELECT 1 FROM leases WHERE resource = ?1 AND holder = ?2 AND NOT released")?;
    let mut concern_it = Vec::new();
    for event in events {
        let is_over = match (event.kind, &event.subject) {
            (EventKind::LockWaitedFor, Some(name)) => {
                !holds.exists((format!("{}{name}", LockName::PREFIX), agent.as_str()))?
            }
            _ => false,
        };
        if !is_over {
            concern_it.push(event);
        }
    }
    Ok(Notices { events: concern_it, older })
}

fn cursor(connection: &Connection, column: &str, agent: &AgentId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(&format!("SELECT {column} FROM agents WHERE id = ?1"))?
        .query_row([agent.as_str()], |row| row.get(0))
        .optional()
}

/// An event with the agent it is of.
pub(crate) struct OfAgent<'a> {
    event: NewEvent,
    agent: &'a Agent,
}

pub(crate) fn of_agent<'a>(event: &NewEvent, agent: &'a Agent) -> OfAgent<'a> {
    OfAgent { event: event.clone(), agent }
}

/// What a lease that was acquired is worth telling.
pub(crate) fn of_acquired<'a>(acquired: &Acquired, agent: &'a Agent, request: &AcquireLease) -> Vec<OfAgent<'a>> {
    let resource = &acquired.lease.resource;
    let subject = LockName::of_resource(resource).map_or_else(|| resource.clone(), |name| name.to_string());
    let is_lock = resource.starts_with(LockName::PREFIX);
    let mut events = Vec::new();
    if let Some(former) = &acquired.former {
        let kind = match (is_lock, acquired.how) {
            (false, _) => EventKind::SessionTakenOver,
            (true, How::TakenOver) => EventKind::LockStolen,
            (true, _) => EventKind::LockPassedOn,
        };
        let reason = request.takeover.as_ref().and_then(|takeover| takeover.reason.as_deref());
        let reason = reason.filter(|_| acquired.how == How::TakenOver);
        events.push(NewEvent::about(kind, subject.as_str()).saying(reason).told_to(former.id.clone()));
    } else if is_lock && acquired.how != How::Renewed {
        events.push(NewEvent::about(EventKind::LockTaken, subject).saying(acquired.lease.note.as_deref()));
    }
    events.into_iter().map(|event| OfAgent { event, agent }).collect()
}

pub(crate) fn append(transaction: &Transaction<'_>, told: &OfAgent<'_>, now: u64) -> rusqlite::Result<()> {
    let Agent { id, name, project, .. } = told.agent;
    insert(transaction, &told.event, &Author { id: id.as_str(), name, project: project.as_deref() }, now)
}

/// The same of an agent that may never have been seen, such as whoever commits and has no name.
pub(crate) fn append_of(
    transaction: &Transaction<'_>,
    event: &NewEvent,
    agent: &AgentId,
    project: &str,
    now: u64,
) -> rusqlite::Result<()> {
    match crate::agent::find(transaction, agent)? {
        Some(agent) => append(transaction, &of_agent(event, &agent), now),
        None => {
            let name = memorable_name(agent);
            let author = Author { id: agent.as_str(), name: &name, project: Some(project) };
            insert(transaction, event, &author, now)
        }
    }
}

/// Whether the recipient was told the same of the same agent since then.
pub(crate) fn was_told(
    connection: &Connection,
    event: &NewEvent,
    agent: &AgentId,
    since: u64,
) -> rusqlite::Result<bool> {
    let same = "SELECT 1 FROM events WHERE recipient = :recipient AND agent = :agent AND kind = :kind
                    AND subject IS :subject AND detail IS :detail AND at > :since";
    connection.prepare_cached(same)?.exists(named_params! {
        ":recipient": event.recipient.as_ref().map(AgentId::as_str), ":agent": agent.as_str(),
        ":kind": event.kind.as_str(), ":subject": event.subject, ":detail": event.detail, ":since": integer(since),
    })
}

/// Who an event is of, as it is written down.
struct Author<'a> {
    id: &'a str,
    name: &'a str,
    project: Option<&'a str>,
}

fn insert(transaction: &Transaction<'_>, event: &NewEvent, author: &Author<'_>, now: u64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO events (at, kind, agent, name, project, subject, detail, recipient)
             VALUES (:at, :kind, :agent, :name, :project, :subject, :detail, :recipient)",
        )?
        .execute(named_params! {
            ":at": integer(now), ":kind": event.kind.as_str(), ":agent": author.id, ":name": author.name,
            ":project": author.project, ":subject": event.subject, ":detail": event.detail,
            ":recipient": event.recipient.as_ref().map(AgentId::as_str),
        })
        .map(drop)
}

impl Event {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get::<_, i64>("seq")?.unsigned_abs(),
            at: row.get::<_, i64>("at")?.unsigned_abs(),
            kind: understood(row, "kind")?.unwrap_or(EventKind::Unknown),
            agent: parsed(row, "agent")?,
            name: row.get("name")?,
            project: row.get("project")?,
            subject: row.get("subject")?,
            detail: row.get("detail")?,
            recipient: understood(row, "recipient")?,
        })
    }
}

#[cfg(test)]
mod tests;
