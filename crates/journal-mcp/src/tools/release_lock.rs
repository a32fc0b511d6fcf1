//! `release_lock`: give a lock back.

use journal_engine::Engine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool, acquire_lock::lock_name};
use crate::{annotations::Nature, refusal::Refusal, wire::AgentObject};

pub(crate) struct ReleaseLock;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    name: Option<String>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    released: String,
    #[schemars(skip)]
    agent: AgentObject,
}

impl Tool for ReleaseLock {
    const NAME: &'static str = "release_lock";
    const TITLE: &'static str = "Release a lock";
    const DESCRIPTION: &'static str = "Give your lock back.";
    const NATURE: Nature = Nature::Refreshes;
    const ORDERED: bool = true;
    const REQUIRED: &'static [&'static str] = &["name"];
    const ALIASES: &'static [(&'static str, &'static str)] = &[("lock", "name")];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let name = lock_name(arguments.name.as_deref())?;
        let caller = who.caller(serving.options(), serving.options().project.as_deref());
        let released = name.to_string();
        call.turn().await?;
        let done = serving.blocking(move |engine: &Engine| engine.release_lock(&caller, &name, None));
        done.await?.map_err(Refusal::from)?;
        Ok(Answer { released, agent: who.object() }.into())
    }
}
