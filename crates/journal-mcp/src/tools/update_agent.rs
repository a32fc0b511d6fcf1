//! `update_agent`: what an agent says of itself.

use journal_engine::{AgentName, AgentStatus, Engine, UpdateAgent as Request};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{annotations::Nature, budget, refusal::Refusal, wire::AgentObject};

pub(crate) struct UpdateAgent;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// What you do, in a line
    task: Option<String>,
    status: Option<StatusName>,
    name: Option<String>,
    agent: Option<String>,
}

/// What an agent is up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StatusName {
    Active,
    Waiting,
    Paused,
    Ended,
}

impl From<StatusName> for AgentStatus {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::Waiting => Self::Waiting,
            StatusName::Paused => Self::Paused,
            StatusName::Ended => Self::Ended,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    name: String,
    #[schemars(skip)]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[schemars(skip)]
    agent: AgentObject,
}

impl Tool for UpdateAgent {
    const NAME: &'static str = "update_agent";
    const TITLE: &'static str = "Say what you do";
    const DESCRIPTION: &'static str =
        "Tell other agents your task and status: waiting for a person, or ended, which gives back all you hold.";
    const NATURE: Nature = Nature::Refreshes;
    const ORDERED: bool = true;
    // One that came after would call back an agent that has just ended.
    const BEATS_FIRST: bool = true;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        if arguments.task.is_none() && arguments.status.is_none() && arguments.name.is_none() {
            return Err(Refusal::arguments(
                "nothing to change was sent".to_owned(),
                "send `task`, `status` or `name`".to_owned(),
            ));
        }
        let name = arguments.name.as_deref().map(str::parse::<AgentName>).transpose().map_err(|error| {
            Refusal::arguments(error.to_string(), "send `name` like this: name: \"reviewer\"".to_owned())
        })?;
        let request = Request {
            caller: who.caller(serving.options(), serving.options().project.as_deref()),
            name,
            task: arguments.task,
            status: arguments.status.map(Into::into),
        };
        call.turn().await?;
        let agent =
            serving.blocking(move |engine: &Engine| engine.update_agent(&request).map_err(Refusal::from)).await??;
        serving.pulse().named(&agent.id, agent.name.clone());
        Ok(Answer {
            name: agent.name,
            status: agent.status.as_str(),
            task: agent.task.map(|task| budget::cut_to_bytes(&task, 300)),
            agent: who.object(),
        }
        .into())
    }
}
