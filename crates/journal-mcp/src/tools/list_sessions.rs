//! `list_sessions`: the thinking sessions of the vault, newest first.

use journal_engine::{Engine, SessionFilter, SessionSummary};
use journal_model::{Status, ThoughtNumber};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{annotations::Nature, budget, cursor, refusal::Refusal, wire::AgentObject};

pub(crate) struct ListSessions;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Only with one of these
    status: Option<Vec<StatusName>>,
    project: Option<String>,
    /// Default 20
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StatusName {
    Active,
    Paused,
    Done,
    Abandoned,
}

impl From<StatusName> for Status {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::Paused => Self::Paused,
            StatusName::Done => Self::Done,
            StatusName::Abandoned => Self::Abandoned,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    sessions: Vec<SessionObject>,
    total: usize,
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    /// Files and folders that could not be looked at.
    skipped: usize,
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    agent: AgentObject,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SessionObject {
    session_note_id: String,
    title: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    thoughts: usize,
    branches: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl Tool for ListSessions {
    const NAME: &'static str = "list_sessions";
    const TITLE: &'static str = "List thinking sessions";
    const DESCRIPTION: &'static str = "\
List thinking sessions, the one thought in last first, with how far each is and its next number. To find one by what was thought: search with type session or thought.";
    const NATURE: Nature = Nature::Reads;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        const LIMIT: u32 = 20;
        const MOST: u32 = 100;
        let agent = call.who(None)?.object();
        let serving = call.serving.clone();
        drop(call);
        let limit = arguments.limit.unwrap_or(LIMIT).clamp(1, MOST) as usize;
        let from = arguments.cursor.as_deref().map(|cursor| cursor::read::<2>('l', cursor)).transpose()?;
        let filter = SessionFilter {
            statuses: arguments.status.into_iter().flatten().map(Status::from).collect(),
            project: arguments.project.clone(),
        };
        let listed = serving.blocking(move |engine: &Engine| engine.sessions(&filter)).await?;
        let listed = listed.map_err(|trouble| Refusal::from(&trouble))?;
        // A page goes on behind the place of its last one, wherever that has moved since.
        let is_behind = |session: &&SessionSummary| {
            from.as_ref().is_none_or(|[updated, id]| {
                (session.updated.as_deref().unwrap_or_default(), session.id.as_str()) < (updated.as_str(), id.as_str())
            })
        };
        let rest: Vec<_> = listed.sessions.iter().filter(is_behind).collect();
        let objects = rest.iter().take(limit).map(|session| SessionObject::from(*session)).collect();
        let (objects, _) = budget::fitting::<SessionObject>(objects, budget::USUAL - 400);
        let truncated = objects.len() < rest.len();
        let last = rest.get(objects.len().wrapping_sub(1)).filter(|_| truncated);
        Ok(Answer {
            cursor: last
                .map(|last| cursor::write('l', &[last.updated.as_deref().unwrap_or_default(), last.id.as_str()])),
            sessions: objects,
            total: listed.sessions.len(),
            truncated,
            skipped: listed.skipped.len(),
            vault: serving.vault(),
            project: arguments.project,
            agent,
        }
        .into())
    }
}

impl From<&SessionSummary> for SessionObject {
    fn from(session: &SessionSummary) -> Self {
        Self {
            session_note_id: session.id.to_string(),
            title: budget::cut_to_bytes(&session.title, 160),
            status: session.status.as_str(),
            project: session.project.clone(),
            updated: session.updated.clone(),
            thoughts: session.thoughts,
            branches: session.branches,
            next_number: session.next_number.map(ThoughtNumber::get),
            path: session.path.as_ref().map(ToString::to_string),
        }
    }
}
