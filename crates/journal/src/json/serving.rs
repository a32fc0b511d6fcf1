//! The server of a vault, as `journal serve --status` tells it.

use journal_engine::ServerStanding;
use serde::Serialize;

use crate::text::time::rfc3339;

/// Whether one runs, and the one of now or the last one.
#[derive(Debug, Serialize)]
pub struct Server {
    running: bool,
    address: Option<String>,
    pid: Option<u32>,
    since: Option<String>,
    connections: Option<u64>,
    calls: Option<u64>,
    at: Option<String>,
}

impl Server {
    /// How it stands.
    pub fn new(standing: Option<&ServerStanding>) -> Self {
        Self {
            running: standing.is_some_and(|standing| standing.is_running),
            address: standing.map(|standing| standing.address.clone()),
            pid: standing.map(|standing| standing.process.pid),
            since: standing.map(|standing| rfc3339(standing.since)),
            connections: standing.map(|standing| standing.connections),
            calls: standing.map(|standing| standing.calls),
            at: standing.map(|standing| rfc3339(standing.at)),
        }
    }
}
