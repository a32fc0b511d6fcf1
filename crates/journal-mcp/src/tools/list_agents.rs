//! `list_agents`: who is here, and what each holds.

use std::path::Path;

use journal_engine::{AgentFilter, AgentState, Engine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    budget,
    caller::Who,
    refusal::Refusal,
    wire::{AgentObject, instant, no, none, shown_resource},
};

/// How many agents are told at most, those seen last first.
const MOST: usize = 100;

/// How much is told of what each holds.
const HELD: usize = 20;

pub(crate) struct ListAgents;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    project: Option<String>,
    /// Only who waits for a person
    waiting: Option<bool>,
    /// Also who is gone
    ended: Option<bool>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    agents: Vec<Entry>,
    total: usize,
    #[serde(skip_serializing_if = "no")]
    truncated: bool,
    #[schemars(skip)]
    agent: AgentObject,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    agent: String,
    name: String,
    #[serde(skip_serializing_if = "no")]
    you: bool,
    presence: &'static str,
    last_active: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// The name of its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "none")]
    holds: Vec<HeldThing>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HeldThing {
    what: String,
    until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Tool for ListAgents {
    const NAME: &'static str = "list_agents";
    const TITLE: &'static str = "List agents";
    const DESCRIPTION: &'static str = "List who works on this vault, on what, and which locks and paths each holds.";
    const NATURE: Nature = Nature::Reads;
    // So that whoever asks finds itself there.
    const BEATS_FIRST: bool = true;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        drop(call);
        let filter = AgentFilter {
            project: arguments.project,
            waiting: arguments.waiting.unwrap_or(false),
            ended: arguments.ended.unwrap_or(false),
        };
        let agents = serving.blocking(move |engine: &Engine| engine.agents(&filter)).await?;
        let agents = agents.map_err(|trouble| Refusal::from(&trouble))?;
        let entries = agents.iter().take(MOST).map(|state| entry(state, &who)).collect();
        let (entries, _) = budget::fitting::<Entry>(entries, budget::USUAL - 400);
        Ok(Answer {
            truncated: entries.len() < agents.len(),
            agents: entries,
            total: agents.len(),
            agent: who.object(),
        }
        .into())
    }
}

fn entry(state: &AgentState, who: &Who) -> Entry {
    let agent = &state.agent;
    let short = |text: &String| budget::cut_to_bytes(text, 160);
    // Where it lies on this machine is not told.
    let folder = |path: &String| Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
    let held = |lease: &journal_engine::LeaseState| HeldThing {
        what: shown_resource(&lease.lease.resource),
        until: instant(lease.lease.expires),
        reason: lease.lease.note.as_ref().map(short),
    };
    Entry {
        agent: agent.id.to_string(),
        name: agent.name.clone(),
        you: &agent.id == who.id(),
        presence: state.presence.as_str(),
        last_active: instant(agent.last_active),
        client: agent.client.as_ref().map(short),
        project: agent.project.as_ref().map(short),
        worktree: agent.worktree.as_ref().and_then(folder),
        branch: agent.branch.as_ref().map(short),
        session: agent.session.as_ref().map(short),
        task: agent.task.as_ref().map(short),
        holds: state.leases.iter().take(HELD).map(held).collect(),
    }
}
