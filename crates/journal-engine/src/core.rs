//! What every trip works on: the vault, the state directory with its databases, time, and what this process remembers.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use journal_coord::{Process, memorable_name};
use journal_model::{Diagnostic, DiagnosticCode, NoteId, VaultPath};
use journal_vault::{OsLock, StateDir, Vault, WriteGuard};

use crate::{
    Caller, Parts, Settings, Trouble,
    clock::Source,
    coordination::{STATE, StateFile},
    index_file::Readers,
    meaning::{News, Questions},
    memory::Memory,
};

/// One vault with what is needed to read it and to write to it. Shared by whoever reads and the thread that writes.
pub(crate) struct Core {
    pub(crate) vault: Vault,
    pub(crate) state: Option<StateDir>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) settings: Settings,
    /// What the walks of this process saw of its sessions; checked against the files before it is believed.
    pub(crate) memory: Mutex<Memory>,
    /// Connections to `index.db`, ready for the next read.
    pub(crate) readers: Readers,
    /// Temporary files that were met since the last sweep.
    temps: Mutex<Vec<String>>,
    /// What was wrong with the index when a trip went on without it.
    index_trouble: Mutex<Option<String>>,
    /// Notes of which the index was found to know something wrong.
    stale: Mutex<Vec<VaultPath>>,
    /// The model of questions, loaded at the first.
    pub(crate) questions: Questions,
    /// Told when the index was written.
    pub(crate) news: News,
    /// The database that says who is here.
    pub(crate) state_file: StateFile,
}

/// Proof that this process has its turn to write to the vault.
pub(crate) struct Turn(#[expect(dead_code, reason = "held, never looked at")] WriteGuard);

impl Core {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            vault: parts.vault,
            state: parts.state,
            source: parts.source,
            settings: parts.settings,
            memory: Mutex::default(),
            readers: Readers::default(),
            temps: Mutex::default(),
            index_trouble: Mutex::default(),
            stale: Mutex::default(),
            questions: Questions::default(),
            news: News::default(),
            state_file: StateFile::default(),
        }
    }

    pub(crate) fn new_id(&self) -> NoteId {
        NoteId::from_parts(self.source.now().unix_ms, self.source.random())
    }

    pub(crate) fn state(&self) -> Result<&StateDir, Trouble> {
        self.state.as_ref().ok_or(Trouble::ReadOnly)
    }

    /// Where `state.db` lies, or would.
    pub(crate) fn state_database(&self) -> Option<PathBuf> {
        self.state.as_ref().map(|state| state.path().join(STATE))
    }

    /// Waits for this process's turn to write to the vault, at most `wait`.
    pub(crate) fn turn(&self, who: &str, wait: std::time::Duration) -> Result<Turn, Trouble> {
        Ok(Turn(self.state()?.lock(OsLock::Write, wait, who)?))
    }

    /// Notes down temporary files of ours that lie in the vault.
    pub(crate) fn meet_temps(&self, temps: impl IntoIterator<Item = String>) {
        self.temps.lock().unwrap_or_else(PoisonError::into_inner).extend(temps);
    }

    pub(crate) fn has_met_temps(&self) -> bool {
        !self.temps.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Removes those of dead processes. Called with the write lock held.
    pub(crate) fn sweep_met(&self) {
        let temps = std::mem::take(&mut *self.temps.lock().unwrap_or_else(PoisonError::into_inner));
        self.vault.sweep(temps);
    }

    /// Notes down that a trip went on without the index.
    pub(crate) fn tell_index_trouble(&self, trouble: &Trouble) {
        *self.index_trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble.to_string());
    }

    /// What was noted down, to be told beside an answer.
    pub(crate) fn take_index_trouble(&self) -> Option<Diagnostic> {
        let trouble = self.index_trouble.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let hint = "nothing is lost, it only took longer; `journal reindex` mends the index";
        Some(Diagnostic::new(DiagnosticCode::Database, format!("the index could not be used: {trouble}"), hint))
    }

    /// Notes down that the index knows something wrong of these.
    pub(crate) fn mark_stale(&self, paths: impl IntoIterator<Item = VaultPath>) {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
    }

    pub(crate) fn take_stale(&self) -> Vec<VaultPath> {
        std::mem::take(&mut self.stale.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn process(caller: &Caller) -> Option<Process> {
        (caller.lasting || caller.serving).then(Process::current)
    }
}

/// How a caller is called by those who wait for it.
pub(crate) fn shown(caller: &Caller) -> String {
    format!("{} ({})", memorable_name(&caller.agent.id), this_process())
}

/// The same for work that nobody in particular asked for.
pub(crate) fn this_process() -> String {
    format!("process {}", std::process::id())
}
