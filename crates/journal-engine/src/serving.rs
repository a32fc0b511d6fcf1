//! What a server at an address says of itself in the state directory, and whether one runs.

use std::{sync::Arc, time::Duration};

use journal_coord::Process;
use journal_vault::{LockError, OsLock, WriteGuard};

use crate::{
    Engine, Trouble,
    core::{Core, this_process},
    facts::plain,
};

/// How a server stands. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerStanding {
    /// The process that serves, or did.
    pub process: Process,
    /// Its address.
    pub address: String,
    /// Since when.
    pub since: u64,
    /// Connections so far.
    pub connections: u64,
    /// Calls so far.
    pub calls: u64,
    /// When it last said so.
    pub at: u64,
    /// Whether it still runs.
    pub is_running: bool,
}

/// What a process that serves has to say of itself. One of a vault's servers has the right to; dropped, or with the end of the
/// process, another gets it.
pub struct Serving {
    core: Arc<Core>,
    /// The right.
    lock: Option<WriteGuard>,
}

impl Engine {
    /// What this process can say of itself as a server, once it has the right to be the one that [`Engine::server`] tells of.
    pub fn serving(&self) -> Serving {
        Serving { core: Arc::clone(&self.core), lock: None }
    }

    /// The vault's server, the one of now or the last one; `None` when there never was one.
    ///
    /// # Errors
    /// When it cannot be known.
    pub fn server(&self) -> Result<Option<ServerStanding>, Trouble> {
        self.core.server()
    }
}

impl Core {
    /// See [`Engine::server`].
    pub(crate) fn server(&self) -> Result<Option<ServerStanding>, Trouble> {
        let Some(state) = &self.state else { return Ok(None) };
        let Some(text) = state.server()? else { return Ok(None) };
        let Some(standing) = ServerStanding::of_text(&String::from_utf8_lossy(&text)) else { return Ok(None) };
        // The kernel gives the lock back, whatever ends the process.
        let is_running = state.holder(OsLock::Server)?.is_some();
        Ok(Some(ServerStanding { is_running, ..standing }))
    }
}

impl Serving {
    /// Takes the right to be the server that is told of, unless it is this one. Whether it is now: not while another has the
    /// right for longer than `wait`, nor where nothing may be written.
    ///
    /// # Errors
    /// When the lock cannot be tried.
    pub fn take_right(&mut self, wait: Duration) -> Result<bool, Trouble> {
        if let (None, Some(state)) = (&self.lock, &self.core.state) {
            self.lock = match state.lock(OsLock::Server, wait, &this_process()) {
                Ok(lock) => Some(lock),
                Err(LockError::Busy { .. }) => None,
                Err(error) => return Err(error.into()),
            };
        }
        Ok(self.lock.is_some())
    }

    /// The vault's server, as [`Engine::server`].
    ///
    /// # Errors
    /// When it cannot be known.
    pub fn standing(&self) -> Result<Option<ServerStanding>, Trouble> {
        self.core.server()
    }

    /// Says how the server stands, if it has the right to.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn tell(&self, standing: &ServerStanding) -> Result<(), Trouble> {
        if self.lock.is_none() {
            return Ok(());
        }
        Ok(self.core.state()?.set_server(standing.to_text().as_bytes())?)
    }
}

impl ServerStanding {
    /// One line a fact: its name, a tab, the fact.
    fn to_text(&self) -> String {
        let Self { process, address, since, connections, calls, at, .. } = self;
        format!(
            "process\t{process}\naddress\t{}\nsince\t{since}\nconnections\t{connections}\ncalls\t{calls}\nat\t{at}\n",
            plain(address)
        )
    }

    fn of_text(text: &str) -> Option<Self> {
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('\t'));
        let number = |key: &str| value(key)?.parse().ok();
        Some(Self {
            process: value("process")?.parse().ok()?,
            address: value("address")?.to_owned(),
            since: number("since")?,
            connections: number("connections")?,
            calls: number("calls")?,
            at: number("at")?,
            is_running: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_reads_back() {
        let standing = ServerStanding {
            process: Process::current(),
            address: "http://127.0.0.1:8377/mcp".to_owned(),
            since: 1,
            connections: 2,
            calls: 3,
            at: 4,
            is_running: false,
        };
        assert_eq!(ServerStanding::of_text(&standing.to_text()), Some(standing));
        assert_eq!(ServerStanding::of_text("since\t1\n"), None);
    }
}
