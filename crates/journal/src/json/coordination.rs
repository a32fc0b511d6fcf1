//! Agents, locks, claims and events, for programs.

use journal_engine::{self as engine, Agent, AgentState, Claim, Conflict, Event, Identified, LeaseState, Locked};
use serde::Serialize;

use crate::{caller, text::time::rfc3339};

/// The answer of `journal agents`.
#[derive(Debug, Serialize)]
pub struct Agents {
    project: String,
    agents: Vec<AgentEntry>,
}

/// The answer of `journal agent`.
#[derive(Debug, Serialize)]
pub struct Whoami {
    agent: AgentFacts,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct AgentFacts {
    id: String,
    name: String,
    client: Option<String>,
    process: Option<u32>,
    directory: Option<String>,
    project: Option<String>,
    worktree: Option<String>,
    branch: Option<String>,
    session: Option<String>,
    task: Option<String>,
    status: &'static str,
    started: String,
    last_active: String,
}

#[derive(Debug, Serialize)]
struct AgentEntry {
    #[serde(flatten)]
    agent: AgentFacts,
    presence: &'static str,
    you: bool,
    holds: Vec<LeaseObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileObject>>,
}

#[derive(Debug, Serialize)]
struct FileObject {
    path: String,
    at: String,
}

/// A lease with its holder.
#[derive(Debug, Serialize)]
pub struct LeaseObject {
    resource: String,
    agent: String,
    name: String,
    token: u64,
    since: String,
    until: String,
    note: Option<String>,
}

/// The answer of `journal lock acquire` and `renew`.
#[derive(Debug, Serialize)]
pub struct Lock {
    lock: String,
    token: u64,
    until: String,
    how: &'static str,
    former: Option<String>,
    waited: bool,
    agent: String,
}

/// The answer of `journal lock status`.
#[derive(Debug, Serialize)]
pub struct Locks {
    locks: Vec<LeaseObject>,
}

/// The answer of what gives something back.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// What was given back.
    pub released: Vec<String>,
}

/// The answer of `journal claim add` and `list`.
#[derive(Debug, Serialize)]
pub struct Claims {
    claims: Vec<ClaimObject>,
    conflicts: Vec<ConflictObject>,
}

/// The answer of `journal claim check`.
#[derive(Debug, Serialize)]
pub struct Checked {
    free: bool,
    conflicts: Vec<ConflictObject>,
}

#[derive(Debug, Serialize)]
struct ClaimObject {
    glob: String,
    shared: bool,
    agent: String,
    name: String,
    project: String,
    worktree: Option<String>,
    since: String,
    until: String,
    reason: Option<String>,
}

/// A claim of somebody else that is in the way.
#[derive(Debug, Serialize)]
pub struct ConflictObject {
    asked: String,
    path: String,
    claim: ClaimObject,
}

/// The answer of `journal events`.
#[derive(Debug, Serialize)]
pub struct Events {
    events: Vec<EventObject>,
}

#[derive(Debug, Serialize)]
struct EventObject {
    seq: u64,
    at: String,
    kind: &'static str,
    agent: String,
    name: String,
    project: Option<String>,
    subject: Option<String>,
    detail: Option<String>,
}

impl Agents {
    /// The agents, of whom `you` is the caller; with their files where asked for.
    pub fn new(agents: &[AgentState], you: &Identified, project: &str, files: bool) -> Self {
        let entry = |state: &AgentState| AgentEntry {
            agent: AgentFacts::from(&state.agent),
            presence: state.presence.as_str(),
            you: state.agent.id == you.id,
            holds: state.leases.iter().map(LeaseObject::from).collect(),
            files: files.then(|| {
                let file = |file: &engine::Touched| FileObject { path: file.path.clone(), at: rfc3339(file.at) };
                state.files.iter().map(file).collect()
            }),
        };
        Self { project: project.to_owned(), agents: agents.iter().map(entry).collect() }
    }
}

impl Whoami {
    /// The agent, and how it was found out.
    pub fn new(agent: &Agent, identified: &Identified) -> Self {
        Self { agent: agent.into(), source: caller::source_code(identified.source) }
    }
}

impl From<&Agent> for AgentFacts {
    fn from(agent: &Agent) -> Self {
        Self {
            id: agent.id.to_string(),
            name: agent.name.clone(),
            client: agent.client.clone(),
            process: agent.process.as_ref().map(|process| process.pid),
            directory: agent.directory.clone(),
            project: agent.project.clone(),
            worktree: agent.worktree.clone(),
            branch: agent.branch.clone(),
            session: agent.session.clone(),
            task: agent.task.clone(),
            status: agent.status.as_str(),
            started: rfc3339(agent.started),
            last_active: rfc3339(agent.last_active),
        }
    }
}

impl From<&LeaseState> for LeaseObject {
    fn from(state: &LeaseState) -> Self {
        let lease = &state.lease;
        Self {
            // The keys of claims are ours: what counts of them is the glob.
            resource: shown_resource(&lease.resource),
            agent: lease.holder.to_string(),
            name: state.holder_name.clone(),
            token: lease.token,
            since: rfc3339(lease.acquired),
            until: rfc3339(lease.expires),
            note: lease.note.clone(),
        }
    }
}

/// What is held, as people name it: `lock/deploy`, `path/src/**`, `thinking/…`.
pub fn shown_resource(resource: &str) -> String {
    match resource.rsplit_once('\t') {
        Some((_, glob)) => format!("path/{glob}"),
        None => resource.to_owned(),
    }
}

impl Lock {
    /// A lock that was acquired or renewed.
    pub fn new(locked: &Locked) -> Self {
        let how = match locked.how {
            engine::How::Fresh => "fresh",
            engine::How::Renewed => "renewed",
            engine::How::AfterRelease => "after-release",
            engine::How::AfterExpiry => "after-expiry",
            engine::How::HolderGone => "holder-gone",
            engine::How::TakenOver => "taken-over",
        };
        Self {
            lock: locked.name.to_string(),
            token: locked.lease.token,
            until: rfc3339(locked.lease.expires),
            how,
            former: locked.former.as_ref().map(|former| former.id.to_string()),
            waited: locked.waited,
            agent: locked.lease.holder.to_string(),
        }
    }
}

impl From<&[LeaseState]> for Locks {
    fn from(locks: &[LeaseState]) -> Self {
        Self { locks: locks.iter().map(LeaseObject::from).collect() }
    }
}

impl Claims {
    /// Claims that hold, and what they are in conflict with.
    pub fn new(claims: &[Claim], conflicts: &[Conflict]) -> Self {
        Self {
            claims: claims.iter().map(ClaimObject::from).collect(),
            conflicts: conflicts.iter().map(ConflictObject::from).collect(),
        }
    }
}

impl From<&[Conflict]> for Checked {
    fn from(conflicts: &[Conflict]) -> Self {
        Self { free: conflicts.is_empty(), conflicts: conflicts.iter().map(ConflictObject::from).collect() }
    }
}

impl From<&Claim> for ClaimObject {
    fn from(claim: &Claim) -> Self {
        Self {
            glob: claim.glob.to_string(),
            shared: claim.shared,
            agent: claim.lease.holder.to_string(),
            name: claim.holder_name.clone(),
            project: claim.scope.project.clone(),
            worktree: claim.scope.worktree.clone(),
            since: rfc3339(claim.lease.acquired),
            until: rfc3339(claim.lease.expires),
            reason: claim.lease.note.clone(),
        }
    }
}

impl From<&Conflict> for ConflictObject {
    fn from(conflict: &Conflict) -> Self {
        Self { asked: conflict.asked.to_string(), path: conflict.path.clone(), claim: (&conflict.theirs).into() }
    }
}

impl From<&[Event]> for Events {
    fn from(events: &[Event]) -> Self {
        let object = |event: &Event| EventObject {
            seq: event.seq,
            at: rfc3339(event.at),
            kind: event.kind.as_str(),
            agent: event.agent.to_string(),
            name: event.name.clone(),
            project: event.project.clone(),
            subject: event.subject.clone(),
            detail: event.detail.clone(),
        };
        Self { events: events.iter().map(object).collect() }
    }
}
