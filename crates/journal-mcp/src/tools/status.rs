//! `status`: which vault this is, who calls, and how the index stands. Never waits for anything.

use journal_engine::{Embedding, Engine, Load, LockHolder, ModelStanding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    budget,
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
    load: String,
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
        let (standing, model, embedding, load) = serving
            .blocking(|engine: &Engine| {
                let of_leader = engine.leader().ok().flatten().filter(|leader| leader.process.is_some());
                let trouble = of_leader.and_then(|leader| leader.embedding);
                (engine.index_standing(), engine.model_standing(), (engine.embedding(), trouble), engine.load())
            })
            .await?;
        let (index, indexed_notes) = match &standing {
            Ok(Some(standing)) => ("there".to_owned(), Some(standing.notes)),
            Ok(None) if serving.options().read_only => {
                ("none yet; the person builds it: journal reindex".to_owned(), None)
            }
            Ok(None) => ("none yet; the first search or reindex builds it".to_owned(), None),
            Err(trouble) => (format!("{}; reindex builds it anew", serving.scrub().text(&told(trouble))), None),
        };
        let semantic = match model {
            Ok(ModelStanding { own: None, .. }) => "off: there is no index yet".to_owned(),
            Ok(model) => serving.scrub().text(&of_vectors(&model, &embedding)),
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
            load: match load {
                Ok(load) => serving.scrub().text(&in_words(&load)),
                Err(trouble) => format!("not known: {}", serving.scrub().text(&told(&trouble))),
            },
            version: env!("CARGO_PKG_VERSION"),
        }
        .into())
    }
}

/// How busy the vault is.
fn in_words(load: &Load) -> String {
    let by = |what: &str, holder: &Option<LockHolder>| {
        let holder = holder.as_ref()?.name.as_deref().unwrap_or("another process");
        Some(format!("{} {what}", budget::cut_to_bytes(holder, 80)))
    };
    let works = [
        by("watches", &load.watching),
        by("writes", &load.writing),
        by("indexes", &load.indexing),
        by("embeds", &load.embedding),
    ];
    let works: Vec<_> = works.into_iter().flatten().collect();
    let works = if works.is_empty() { "nobody writes".to_owned() } else { works.join(", ") };
    let paused = if load.embedding_paused { ", embedding is paused" } else { "" };
    let kilobytes = |(database, log): (u64, u64)| (database + log) / 1_000;
    format!(
        "{works}{paused}; {} of {} writes queued here; {} agents, at most {} of {} in one project; {} locks, {} claims, at most {} of {} by \
         one agent; index {} kB, state {} kB, models {} kB",
        load.queued,
        load.queue_bound,
        load.agents,
        load.agents_of_one_project,
        load.bounds.agents_per_project,
        load.locks,
        load.claims,
        load.leases_of_one_agent,
        load.bounds.leases_per_agent,
        kilobytes(load.index_bytes),
        kilobytes(load.state_bytes),
        load.model_bytes / 1_000,
    )
}

/// Which texts have a vector of the chosen model, what becomes of the rest, and which model is asked meanwhile.
fn of_vectors(model: &ModelStanding, embedding: &(Embedding, Option<String>)) -> String {
    let known = model.own.clone().unwrap_or_default();
    let instead = model.asked_instead().map(|other| (other.to_owned(), model.chosen.to_string()));
    let (whose, instead) = instead.map_or_else(Default::default, |(other, chosen)| {
        (format!(" by the model {chosen}"), format!("; search asks {other} until then"))
    });
    if known.with_vector == known.texts {
        return format!("all {} texts have a vector{whose}{instead}", known.texts);
    }
    let rest = of_the_rest(embedding);
    format!("{} of {} texts have a vector{whose}{instead}; {rest}", known.with_vector, known.texts)
}

/// What becomes of the texts that have no vector.
fn of_the_rest((embedding, of_leader): &(Embedding, Option<String>)) -> String {
    match embedding {
        Embedding::Off | Embedding::Elsewhere { .. } if of_leader.is_some() => {
            let why = of_leader.as_deref().unwrap_or_default();
            format!("the process that makes the rest cannot now, and tries again: {why}")
        }
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
