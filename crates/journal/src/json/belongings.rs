//! What belongs to one agent, for programs: scratch files, markers, plans, logs.

use journal_engine::{Identified, MarkerName};
use serde::Serialize;

use crate::client_logs::{Log, Plan};

/// The answer of `journal scratch`.
#[derive(Debug, Serialize)]
pub struct Scratch {
    path: String,
    agent: String,
}

impl Scratch {
    /// The agent's folder.
    pub fn new(identified: &Identified, path: String) -> Self {
        Self { path, agent: identified.id.to_string() }
    }
}

/// The answer of `journal scratch list`.
#[derive(Debug, Serialize)]
pub struct ScratchFiles {
    files: Vec<String>,
    agent: String,
}

impl ScratchFiles {
    /// What is in the agent's folder.
    pub fn new(identified: &Identified, files: Vec<String>) -> Self {
        Self { files, agent: identified.id.to_string() }
    }
}

/// The answer of `journal scratch sweep`.
#[derive(Debug, Serialize)]
pub struct Swept {
    /// The agents whose belongings are gone.
    pub swept: Vec<String>,
}

/// The answer of `journal marker create`, `read` and `delete`.
#[derive(Debug, Serialize)]
pub struct Marker {
    name: String,
    text: Option<String>,
    agent: String,
}

impl Marker {
    /// The marker as it is now.
    pub fn new(identified: &Identified, name: &MarkerName, text: Option<&str>) -> Self {
        Self { name: name.to_string(), text: text.map(str::to_owned), agent: identified.id.to_string() }
    }
}

/// The answer of `journal marker list`.
#[derive(Debug, Serialize)]
pub struct Markers {
    markers: Vec<String>,
    agent: String,
}

impl Markers {
    /// The names of all.
    pub fn new(identified: &Identified, markers: Vec<String>) -> Self {
        Self { markers, agent: identified.id.to_string() }
    }
}

/// The answer of `journal transcript plan`.
#[derive(Debug, Serialize)]
pub struct TranscriptPlan {
    session: String,
    client: &'static str,
    slug: Option<String>,
    path: Option<String>,
    text: String,
    malformed: usize,
}

impl TranscriptPlan {
    /// The plan that a log led to.
    pub fn new(session: &str, log: &Log, plan: &Plan) -> Self {
        Self {
            session: session.to_owned(),
            client: log.client.as_str(),
            slug: plan.slug.clone(),
            path: plan.path.as_ref().map(|path| path.display().to_string()),
            text: plan.text.clone(),
            malformed: log.transcript.malformed,
        }
    }
}

/// The answer of `journal transcript list` and `agents`.
#[derive(Debug, Serialize)]
pub struct TranscriptList {
    session: String,
    logs: Vec<LogObject>,
}

#[derive(Debug, Serialize)]
struct LogObject {
    client: &'static str,
    path: String,
    agent: Option<String>,
    directory: Option<String>,
    begun: Option<String>,
    last: Option<String>,
    asked: Option<String>,
    slug: Option<String>,
    lines: usize,
    malformed: usize,
    foreign: usize,
}

impl TranscriptList {
    /// The logs.
    pub fn new(session: &str, logs: &[Log]) -> Self {
        Self { session: session.to_owned(), logs: logs.iter().map(LogObject::from).collect() }
    }
}

impl From<&Log> for LogObject {
    fn from(log: &Log) -> Self {
        let told = &log.transcript;
        Self {
            client: log.client.as_str(),
            path: log.path.display().to_string(),
            agent: told.agent.clone(),
            directory: told.directory.clone(),
            begun: told.begun.clone(),
            last: told.last.clone(),
            asked: told.asked.clone(),
            slug: told.slug.clone(),
            lines: told.lines,
            malformed: told.malformed,
            foreign: told.foreign,
        }
    }
}

/// The answer of `journal transcript digest`.
#[derive(Debug, Serialize)]
pub struct TranscriptDigest {
    session: String,
    client: &'static str,
    path: String,
    digest: String,
    malformed: usize,
}

impl TranscriptDigest {
    /// The digest of a log.
    pub fn new(session: &str, log: &Log) -> Self {
        Self {
            session: session.to_owned(),
            client: log.client.as_str(),
            path: log.path.display().to_string(),
            digest: log.transcript.digest(),
            malformed: log.transcript.malformed,
        }
    }
}

/// What `journal transcript` did not find.
#[derive(Debug, Serialize)]
pub struct TranscriptMissing {
    /// Its stable name.
    pub error: &'static str,
    /// The conversation; empty when nothing says which.
    pub session: String,
    /// The same for people.
    pub message: String,
}
