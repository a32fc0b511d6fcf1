//! How busy a vault is: who writes, indexes, watches and embeds now, what waits in this process, what is held, how large it all
//! is. Nothing is written, and nobody is waited for.

use std::collections::BTreeMap;

use journal_coord::{AgentState, Bounds, LockName};
use journal_vault::{DiskError, LockHolder, OsLock, StateDir, folder_bytes};

use crate::{AgentFilter, Engine, LastRun, Trouble, coordination::STATE, core::Core, index_file::INDEX};

/// How busy a vault is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// Who has the turn to write.
    pub writing: Option<LockHolder>,
    /// Who brings the whole index up to date.
    pub indexing: Option<LockHolder>,
    /// Who watches the notes, or compares them now and then.
    pub watching: Option<LockHolder>,
    /// Who makes vectors just now.
    pub embedding: Option<LockHolder>,
    /// Whether making vectors in the background is paused.
    pub embedding_paused: bool,
    /// How the last run of a schedule went.
    pub last_run: Option<LastRun>,
    /// Commands that this process has begun or that wait in it.
    pub queued: usize,
    /// How many may wait in a process; more keep their senders waiting.
    pub queue_bound: usize,
    /// Agents that are here.
    pub agents: usize,
    /// Those of the project that has most.
    pub agents_of_one_project: usize,
    /// Locks that are held.
    pub locks: usize,
    /// Claims that are held.
    pub claims: usize,
    /// Lines that somebody thinks on.
    pub lines: usize,
    /// Locks and claims of the agent that has most.
    pub leases_of_one_agent: usize,
    /// How many each may have.
    pub bounds: Bounds,
    /// Bytes of `index.db`, and of its log.
    pub index_bytes: (u64, u64),
    /// Bytes of `state.db`, and of its log.
    pub state_bytes: (u64, u64),
    /// Bytes of the models that were fetched, for all vaults.
    pub model_bytes: u64,
}

impl Engine {
    /// How busy the vault is.
    ///
    /// # Errors
    /// When the state directory or `state.db` cannot be read.
    pub fn load(&self) -> Result<Load, Trouble> {
        Ok(Load { queued: self.writer.queued(), ..self.core.measure_load()? })
    }
}

impl Core {
    fn measure_load(&self) -> Result<Load, Trouble> {
        let settings = &self.settings;
        let mut load = Load { queue_bound: settings.queue, bounds: settings.bounds, ..Load::default() };
        if let Some(folder) = &settings.models.folder {
            load.model_bytes = folder_bytes(folder)?;
        }
        let Some(state) = &self.state else { return Ok(load) };
        load.writing = state.holder(OsLock::Write)?;
        load.indexing = state.holder(OsLock::Reindex)?;
        load.watching = state.holder(OsLock::Leader)?;
        load.embedding = state.holder(OsLock::Embed)?;
        load.embedding_paused = state.is_paused()?;
        load.last_run = self.last_run()?;
        (load.index_bytes, load.state_bytes) = (with_log(state, INDEX)?, with_log(state, STATE)?);
        count(&self.agents(&AgentFilter { ended: true, ..AgentFilter::default() })?, &mut load);
        Ok(load)
    }
}

/// The bytes of a database, and of the log beside it.
fn with_log(state: &StateDir, name: &str) -> Result<(u64, u64), DiskError> {
    Ok((state.size(name)?, state.size(&format!("{name}-wal"))?))
}

fn count(agents: &[AgentState], load: &mut Load) {
    let mut projects: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for state in agents.iter().filter(|state| state.presence.is_here()) {
        load.agents += 1;
        *projects.entry(state.agent.project.as_deref()).or_default() += 1;
    }
    load.agents_of_one_project = projects.into_values().max().unwrap_or_default();
    for state in agents {
        let of = |prefix: &str| state.leases.iter().filter(|held| held.lease.resource.starts_with(prefix)).count();
        let (locks, claims) = (of(LockName::PREFIX), of("path/"));
        load.locks += locks;
        load.claims += claims;
        load.lines += of("thinking/");
        load.leases_of_one_agent = load.leases_of_one_agent.max(locks + claims);
    }
}
