//! What is around the notes and the databases, as `journal doctor` tells it.

use journal_engine as engine;
use serde::Serialize;

use super::{
    schedules::{LastRun, Schedule},
    serving::Server,
};
use crate::{commands::schedule::Found, text::time::rfc3339};

/// What is around them.
#[derive(Debug, Serialize)]
pub struct Around {
    disks: Disks,
    watch: Option<Watch>,
    model: Model,
    agents: Agents,
    schedules: Vec<Schedule>,
    last_run: Option<LastRun>,
    server: Server,
}

#[derive(Debug, Serialize)]
struct Disks {
    vault: Disk,
    state: Option<Disk>,
}

#[derive(Debug, Serialize)]
struct Disk {
    file_system: Option<String>,
    network: bool,
    syncer: Option<&'static str>,
    free_bytes: Option<u64>,
    writable: bool,
    open_mode: Option<String>,
}

#[derive(Debug, Serialize)]
struct Watch {
    pid: Option<u32>,
    since: String,
    polling: Option<String>,
    compared: Option<String>,
    read_whole: Option<String>,
    trouble: Option<Trouble>,
}

#[derive(Debug, Serialize)]
struct Trouble {
    at: String,
    over: bool,
    message: String,
    hint: String,
}

#[derive(Debug, Serialize)]
struct Model {
    chosen: String,
    trouble: Option<String>,
    with_vector: Option<u64>,
    texts: Option<u64>,
    asked_instead: Option<String>,
    paused: bool,
}

#[derive(Debug, Serialize)]
struct Agents {
    here: usize,
    inactive: usize,
    gone: usize,
    held: usize,
}

impl Around {
    /// What is around them, and what is installed.
    pub fn new(around: &engine::Around, installed: &[Found]) -> Self {
        let engine::ModelFacts { chosen, trouble, embedded, asked_instead, is_paused } = &around.model;
        let engine::AgentCounts { here, inactive, gone, held, .. } = around.agents;
        Self {
            disks: Disks { vault: Disk::from(&around.vault), state: around.state.as_ref().map(Disk::from) },
            watch: around.watch.as_ref().map(Watch::from),
            model: Model {
                chosen: chosen.clone(),
                trouble: trouble.as_ref().map(|(message, _)| message.clone()),
                with_vector: embedded.as_ref().map(|embedded| embedded.with_vector),
                texts: embedded.as_ref().map(|embedded| embedded.texts),
                asked_instead: asked_instead.clone(),
                paused: *is_paused,
            },
            agents: Agents { here, inactive, gone, held },
            schedules: installed.iter().map(|found| Schedule::new(found, None)).collect(),
            last_run: around.last_run.as_ref().map(LastRun::from),
            server: Server::new(around.server.as_ref()),
        }
    }
}

impl From<&engine::Ground> for Disk {
    fn from(ground: &engine::Ground) -> Self {
        Self {
            file_system: ground.file_system.clone(),
            network: ground.is_network,
            syncer: ground.syncer,
            free_bytes: ground.free_bytes,
            writable: ground.is_writable,
            open_mode: ground.open_mode.map(|mode| format!("{mode:o}")),
        }
    }
}

impl From<&engine::LeaderStanding> for Watch {
    fn from(standing: &engine::LeaderStanding) -> Self {
        let engine::LeaderStanding { process, since, watches, compared, trouble, read_whole, .. } = standing;
        Self {
            pid: process.as_ref().map(|process| process.pid),
            since: rfc3339(*since),
            polling: match watches {
                engine::Watches::Events => None,
                engine::Watches::Polling { why, .. } | engine::Watches::Away { why, .. } => Some(why.clone()),
            },
            compared: compared.map(rfc3339),
            read_whole: read_whole.map(rfc3339),
            trouble: trouble.as_ref().map(|trouble| Trouble {
                at: rfc3339(trouble.at),
                over: trouble.is_over,
                message: trouble.message.clone(),
                hint: trouble.hint.clone(),
            }),
        }
    }
}
