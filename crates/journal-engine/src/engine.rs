//! The engine: one vault with what is needed to read it, and to write to it.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use journal_coord::{AgentSeen, Coord, Process, memorable_name};
use journal_model::NoteId;
use journal_vault::{StateDir, Vault, WriteGuard};

use crate::{Trouble, clock::Source, notes::Memory};

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The agent; the call is its heartbeat.
    pub agent: AgentSeen,
    /// Whether the id outlives this process. One that does not holds nothing after its call.
    pub lasting: bool,
    /// Whether this process serves calls until it ends. One that does not gives its leases over to time.
    pub serving: bool,
}

/// What the engine is made of.
pub struct Parts {
    /// The notes.
    pub vault: Vault,
    /// Locks and databases; absent where the vault was never written to by us, which only reading allows.
    pub state: Option<StateDir>,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
    /// Settings.
    pub settings: Settings,
}

/// The engine's settings, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder for new sessions, inside the vault.
    pub thinking_folder: String,
    /// How long thinking ownership lasts without a call.
    pub ownership: Duration,
    /// How long a call waits for its turn to write.
    pub patience: Duration,
}

impl Default for Settings {
    /// `Thinking`, 15 minutes, 30 seconds.
    fn default() -> Self {
        Self {
            thinking_folder: "Thinking".to_owned(),
            ownership: Duration::from_secs(15 * 60),
            patience: Duration::from_secs(30),
        }
    }
}

/// One vault, read and written.
pub struct Engine {
    pub(crate) vault: Vault,
    pub(crate) state: Option<StateDir>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) settings: Settings,
    /// What the walks of this process saw of its sessions; checked against the files before it is believed.
    pub(crate) memory: Mutex<Memory>,
    /// Opened at the first need: most commands do not ask who is here.
    coord: Mutex<Option<SharedCoord>>,
}

/// `state.db`, one call at a time.
#[derive(Clone)]
pub(crate) struct SharedCoord(Arc<Mutex<Coord>>);

impl SharedCoord {
    /// Waits for the connection. What a panicking thread left behind is at most a transaction that SQLite rolls back.
    pub fn lock(&self) -> MutexGuard<'_, Coord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// An engine over its parts. Opens nothing.
    pub fn new(parts: Parts) -> Self {
        Self {
            vault: parts.vault,
            state: parts.state,
            source: parts.source,
            settings: parts.settings,
            memory: Mutex::default(),
            coord: Mutex::default(),
        }
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Where this vault's databases lie.
    pub fn state_path(&self) -> Option<PathBuf> {
        self.state.as_ref().map(|state| state.path().to_owned())
    }

    pub(crate) fn new_id(&self) -> NoteId {
        NoteId::from_parts(self.source.now().unix_ms, self.source.random())
    }

    pub(crate) fn state(&self) -> Result<&StateDir, Trouble> {
        self.state.as_ref().ok_or(Trouble::ReadOnly)
    }

    /// Where `state.db` lies, or would.
    pub(crate) fn state_database(&self) -> Option<PathBuf> {
        self.state.as_ref().map(|state| state.path().join("state.db"))
    }

    /// `state.db`, created at need.
    pub(crate) fn coord(&self) -> Result<SharedCoord, Trouble> {
        let mut opened = self.coord.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(coord) = opened.as_ref() {
            return Ok(coord.clone());
        }
        let coord = SharedCoord(Arc::new(Mutex::new(Coord::open(&self.state()?.path().join("state.db"))?)));
        *opened = Some(coord.clone());
        Ok(coord)
    }

    /// Waits for this process's turn to write to the vault.
    pub(crate) fn write_turn(&self, caller: &Caller) -> Result<WriteGuard, Trouble> {
        let who = format!("{} (process {})", memorable_name(&caller.agent.id), std::process::id());
        Ok(self.state()?.write_lock(self.settings.patience, &who)?)
    }

    pub(crate) fn process(caller: &Caller) -> Option<Process> {
        (caller.lasting || caller.serving).then(Process::current)
    }
}
