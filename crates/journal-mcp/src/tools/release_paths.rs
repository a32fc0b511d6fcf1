//! `release_paths`: give claims back.

use journal_engine::Engine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answered, Call, Tool,
    claim_paths::{Folder, NAMES, globs, working_place},
};
use crate::{annotations::Nature, refusal::Refusal, wire::AgentObject};

pub(crate) struct ReleasePaths;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Default all
    paths: Option<Vec<String>>,
    directory: Option<String>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    released: Vec<String>,
    #[schemars(skip)]
    project: String,
    #[schemars(skip)]
    agent: AgentObject,
}

impl Tool for ReleasePaths {
    const NAME: &'static str = "release_paths";
    const TITLE: &'static str = "Release paths";
    const DESCRIPTION: &'static str = "Give back your claims on paths.";
    const NATURE: Nature = Nature::Refreshes;
    const ORDERED: bool = true;
    const ALIASES: &'static [(&'static str, &'static str)] = NAMES;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let (place, _) = working_place(&serving, arguments.directory, Folder::MayBeGone).await?;
        let globs = arguments.paths.map(|paths| globs(&place, &paths)).transpose()?;
        let (caller, scope) = (who.caller_at(Some(&place)), place.scope());
        call.turn().await?;
        let released =
            serving.blocking(move |engine: &Engine| engine.release_paths(&caller, &scope, globs.as_deref())).await?;
        let released = released.map_err(|trouble| Refusal::from(&trouble))?;
        Ok(Answer {
            released: released.iter().map(|claim| claim.glob.to_string()).collect(),
            project: place.project,
            agent: who.object(),
        }
        .into())
    }
}
