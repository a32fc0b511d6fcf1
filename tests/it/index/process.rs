//! A process of its own that does one of a few things with a vault and its index until it is done, or killed.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use journal_engine::{Engine, RealDisk, Reindex};
use journal_model::NoteRef;
use journal_testkit::{
    TestVault,
    worker::{Worker, orders, ready, tell},
};
use serde::{Deserialize, Serialize};

use super::world::{everything, read, try_reindex};
use crate::nothing_lost::world::{Real, hydrate, open, serving, thought};

/// What a process has to do, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) vault: PathBuf,
    pub(super) data_home: PathBuf,
    pub(super) job: Job,
    /// For how long, in milliseconds; at least once.
    pub(super) time_ms: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Job {
    /// Brings the index up to date: all of it, or by turns these parts of the vault.
    Reindex { full: bool, parts: Vec<String> },
    /// Thinks, each thought with a word of its own, and looks each up as soon as it is told that it is written.
    Think { agent: String },
    /// Opens notes by id and by words, over and over.
    Read { ids: Vec<String>, sessions: Vec<String>, words: Vec<String> },
}

/// What a process did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Report {
    /// A run, a read.
    Done,
    /// A thought, acknowledged.
    Thought { id: String, path: String, word: String },
    /// It did not work.
    Failed { message: String },
}

impl Orders {
    pub(super) fn new(world: &TestVault, job: Job) -> Self {
        Self { vault: world.path().to_owned(), data_home: world.data_home().to_owned(), job, time_ms: 0 }
    }

    pub(super) fn start(&self) -> Worker<Report> {
        Worker::start("index::process::obeys_its_orders", self)
    }

    fn carry_out(&self) {
        let engine = open(&self.vault, &self.data_home, Arc::new(RealDisk), Arc::new(Real));
        ready();
        let deadline = Instant::now() + Duration::from_millis(self.time_ms);
        let mut worker: Box<dyn FnMut(usize) -> Result<Report, String>> = match &self.job {
            Job::Reindex { full, parts } => Box::new(|round| reindex(&engine, *full, parts, round)),
            Job::Think { agent } => {
                let mut session = None;
                Box::new(move |round| think(&engine, agent, &mut session, round))
            }
            Job::Read { ids, sessions, words } => Box::new(|round| look(&engine, ids, sessions, words, round)),
        };
        for round in 0.. {
            let report = worker(round).unwrap_or_else(|message| Report::Failed { message });
            if !tell(&report) || Instant::now() >= deadline {
                return;
            }
        }
    }
}

fn reindex(engine: &Engine, full: bool, parts: &[String], round: usize) -> Result<Report, String> {
    let part = if parts.is_empty() { None } else { parts.get(round % (parts.len() + 1)).cloned() };
    let request = Reindex { full, paths: part.into_iter().collect(), ..everything() };
    try_reindex(engine, &request).map_err(|error| format!("{request:?}: {error}: {error:?}"))?;
    Ok(Report::Done)
}

fn think(
    engine: &Engine,
    agent: &str,
    session: &mut Option<journal_model::NoteId>,
    round: usize,
) -> Result<Report, String> {
    let word = format!("{agent}{round}word");
    let request = thought(&serving(agent), session.as_ref(), None, None, &format!("Thinking of {word}."));
    let appended = engine.append(&request).map_err(|error| format!("append: {error}: {error:?}"))?;
    // Every now and then a new session.
    *session = (round % 40 != 39).then_some(appended.session_id.clone());
    if let Some(told) = appended.diagnostics.iter().find(|told| told.code == journal_model::DiagnosticCode::Database) {
        return Err(format!("append: {told:?}"));
    }
    let path = appended.thought.path;
    let rows = read(engine, |index| index.by_path(&path));
    if rows.len() != 1 {
        return Err(format!("`{path}` was acknowledged and is in the index {} times", rows.len()));
    }
    Ok(Report::Thought { id: appended.thought.id.expect("ours have ids").to_string(), path: path.to_string(), word })
}

fn look(
    engine: &Engine,
    ids: &[String],
    sessions: &[String],
    words: &[String],
    round: usize,
) -> Result<Report, String> {
    let id = ids[round % ids.len()].parse().map_err(|error| format!("{error:?}"))?;
    let shown = engine.show(&NoteRef::from(&id)).map_err(|error| format!("show `{id}`: {error}: {error:?}"))?;
    if shown.id.as_ref() != Some(&id) {
        return Err(format!("`{id}` was asked for, `{:?}` was shown", shown.id));
    }
    if round.is_multiple_of(7) {
        hydrate(engine, &sessions[round % sessions.len()].parse().map_err(|error| format!("{error:?}"))?);
    }
    let word = &words[round % words.len()];
    let query = journal_index::Query::parse(word);
    let options = journal_index::SearchOptions::default();
    read(engine, |index| {
        index.search(&query, &options)?;
        // A state is one state, for as long as it is read.
        let before = index.count()?;
        index.tags()?;
        assert_eq!(before, index.count()?);
        Ok(())
    });
    Ok(Report::Done)
}

/// The other end of [`Orders::start`]; without orders it gives some to itself.
#[test]
fn obeys_its_orders() {
    if let Some(orders) = orders::<Orders>() {
        return orders.carry_out();
    }
    let world = TestVault::from_fixture("//- /A.md\nalpha\n");
    let mut worker = Orders::new(&world, Job::Reindex { full: false, parts: Vec::new() }).start();
    worker.wait_until_ready();
    worker.go();
    let told = worker.finish();
    assert!(matches!(told.as_slice(), [Report::Done]), "{told:?}");
    assert_eq!(read(&super::world::engine_over(&world), |index| index.count()), 1);
}
