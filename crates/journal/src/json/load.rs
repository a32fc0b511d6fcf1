//! How busy a vault is, for programs.

use journal_engine::{IndexStanding, Load, LockHolder, ModelStanding};
use serde::Serialize;

use super::schedules::LastRun;

/// Part of the answer of `journal status`.
#[derive(Debug, Serialize)]
pub struct LoadObject {
    writing: Option<HolderObject>,
    indexing: Option<HolderObject>,
    watching: Option<HolderObject>,
    embedding: Option<HolderObject>,
    embedding_paused: bool,
    last_run: Option<LastRun>,
    agents: usize,
    agents_of_one_project: usize,
    agents_per_project: usize,
    locks: usize,
    claims: usize,
    lines: usize,
    leases_of_one_agent: usize,
    leases_per_agent: usize,
    queue_length: usize,
    index_bytes: u64,
    index_log_bytes: u64,
    state_bytes: u64,
    state_log_bytes: u64,
    model_bytes: u64,
}

/// How the index stands, and how far the vectors of the chosen model are.
#[derive(Debug, Serialize)]
pub struct StandingIndex {
    notes: u64,
    generation: i64,
    texts: u64,
    with_vector: u64,
    model: String,
    serving: Option<String>,
    embedding_trouble: Option<String>,
}

impl StandingIndex {
    /// The index with its model; `embedding_trouble` keeps whoever watches from making vectors.
    pub fn new((index, model): &(IndexStanding, ModelStanding), embedding_trouble: Option<String>) -> Self {
        Self {
            notes: index.notes,
            generation: index.generation,
            texts: model.own.as_ref().map_or(0, |own| own.texts),
            with_vector: model.own.as_ref().map_or(0, |own| own.with_vector),
            model: model.chosen.to_string(),
            serving: model.serving.as_ref().map(|model| model.source.clone()),
            embedding_trouble,
        }
    }
}

/// Who holds a lock of the operating system.
#[derive(Debug, Serialize)]
struct HolderObject {
    holder: Option<String>,
}

impl From<&LockHolder> for HolderObject {
    fn from(holder: &LockHolder) -> Self {
        Self { holder: holder.name.clone() }
    }
}

impl From<&Load> for LoadObject {
    fn from(load: &Load) -> Self {
        let holder = |holder: &Option<LockHolder>| holder.as_ref().map(HolderObject::from);
        Self {
            writing: holder(&load.writing),
            indexing: holder(&load.indexing),
            watching: holder(&load.watching),
            embedding: holder(&load.embedding),
            embedding_paused: load.embedding_paused,
            last_run: load.last_run.as_ref().map(LastRun::from),
            agents: load.agents,
            agents_of_one_project: load.agents_of_one_project,
            agents_per_project: load.bounds.agents_per_project,
            locks: load.locks,
            claims: load.claims,
            lines: load.lines,
            leases_of_one_agent: load.leases_of_one_agent,
            leases_per_agent: load.bounds.leases_per_agent,
            queue_length: load.queue_bound,
            index_bytes: load.index_bytes.0,
            index_log_bytes: load.index_bytes.1,
            state_bytes: load.state_bytes.0,
            state_log_bytes: load.state_bytes.1,
            model_bytes: load.model_bytes,
        }
    }
}
