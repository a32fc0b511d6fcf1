//! Schedules and how their last run went, as objects.

use journal_engine as engine;
use serde::Serialize;

use crate::{commands::schedule::Found, schedule::Job, text::time::rfc3339};

/// The answer of `journal schedule status`.
#[derive(Debug, Serialize)]
pub struct Schedules {
    schedules: Vec<Schedule>,
    last_run: Option<LastRun>,
}

/// A schedule that is installed.
#[derive(Debug, Serialize)]
pub struct Schedule {
    job: &'static str,
    when: Option<String>,
    kind: &'static str,
    edited: bool,
    active: Option<bool>,
    stopped: Option<String>,
    places: Vec<String>,
    next: Option<String>,
}

/// How a run went.
#[derive(Debug, Serialize)]
pub struct LastRun {
    begun: String,
    ended: String,
    exit: u8,
    added: usize,
    changed: usize,
    moved: usize,
    deleted: usize,
    embedded: usize,
    failed: usize,
    error: Option<String>,
}

impl Schedules {
    /// Those that were found, each with when it runs next (Unix milliseconds), and the last run.
    pub fn new(found: &[(Found, Option<u64>)], last: Option<&engine::LastRun>) -> Self {
        Self {
            schedules: found.iter().map(|(found, next)| Schedule::new(found, *next)).collect(),
            last_run: last.map(LastRun::from),
        }
    }
}

impl Schedule {
    /// One that was found, with when it runs next.
    pub fn new(found: &Found, next: Option<u64>) -> Self {
        Self {
            job: found.job.word(),
            when: match found.job {
                Job::Reindex(when) => Some(when.to_string()),
                Job::Serve => None,
            },
            kind: found.kind.as_str(),
            edited: found.is_edited(),
            active: found.is_active,
            stopped: found.stopped.as_ref().map(|stopped| stopped.state.clone()),
            places: found.places.clone(),
            next: next.map(rfc3339),
        }
    }
}

impl From<&engine::LastRun> for LastRun {
    fn from(run: &engine::LastRun) -> Self {
        Self {
            begun: rfc3339(run.begun),
            ended: rfc3339(run.ended),
            exit: run.exit,
            added: run.added,
            changed: run.changed,
            moved: run.moved,
            deleted: run.deleted,
            embedded: run.embedded,
            failed: run.failed,
            error: run.error.clone(),
        }
    }
}
