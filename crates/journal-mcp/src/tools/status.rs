//! `status`: which vault this is, who calls, and how the index stands. Never waits for anything.

use journal_engine::{Embedding, Engine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    refusal::{Refusal, told},
    wire::AgentObject,
};

pub(crate) struct Status;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    agent: AgentObject,
    read_only: bool,
    index: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    indexed_notes: Option<u64>,
    semantic: String,
    version: &'static str,
}

impl Tool for Status {
    const NAME: &'static str = "status";
    const TITLE: &'static str = "Where things stand";
    const DESCRIPTION: &'static str = "\
Tell which vault and project this server serves, who you are taken for, and whether the index is there. Use it when answers surprise you.";
    const NATURE: Nature = Nature::Reads;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let agent = call.who(arguments.agent.as_deref())?.object();
        let serving = call.serving.clone();
        drop(call);
        let (standing, embedded, embedding) = serving
            .blocking(|engine: &Engine| (engine.index_standing(), engine.embedded(), engine.embedding()))
            .await?;
        let (index, indexed_notes) = match &standing {
            Ok(Some(standing)) => ("there".to_owned(), Some(standing.notes)),
            Ok(None) => ("none yet; the first search or reindex builds it".to_owned(), None),
            Err(trouble) => (format!("{}; reindex builds it anew", serving.scrub().text(&told(trouble))), None),
        };
        let semantic = match embedded {
            Ok(Some(known)) if known.with_vector == known.texts => format!("all {} texts have a vector", known.texts),
            Ok(Some(known)) => {
                let rest = serving.scrub().text(&of_the_rest(&embedding));
                format!("{} of {} texts have a vector; {rest}", known.with_vector, known.texts)
            }
            Ok(None) => "off: there is no index yet".to_owned(),
            Err(trouble) => format!("off: {}", serving.scrub().text(&told(&trouble))),
        };
        let options = serving.options();
        Ok(Answer {
            vault: serving.vault(),
            project: options.project.clone(),
            agent,
            read_only: options.read_only,
            index,
            indexed_notes,
            semantic,
            version: env!("CARGO_PKG_VERSION"),
        }
        .into())
    }
}

/// What becomes of the texts that have no vector.
fn of_the_rest(embedding: &Embedding) -> String {
    match embedding {
        Embedding::Off => "reindex makes the rest".to_owned(),
        Embedding::Paused => "making them is paused; reindex makes the rest".to_owned(),
        Embedding::Elsewhere { .. } => "another process makes the rest".to_owned(),
        Embedding::Working { .. } | Embedding::Done { failed: None } => "the rest is being made".to_owned(),
        Embedding::Done { failed: Some((count, why)) } => {
            format!("{count} could not be made and are tried again: {why}")
        }
        Embedding::Failed { why } => format!("the rest cannot be made now and is tried again: {why}"),
    }
}
