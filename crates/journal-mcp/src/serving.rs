//! What a call works with: the engine and threads that may block on it, whom it serves, and what is never told.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use journal_engine::{ClaimScope, Engine, Identified};
use tokio::sync::Semaphore;

use crate::{pulse::Pulse, refusal::Refusal, scrub::Scrub};

/// How many calls of the engine run at once; more wait.
const AT_ONCE: usize = 16;

/// How many long ones, which have places of their own, so that no other call waits for them.
const LONG_AT_ONCE: usize = 2;

/// How many that wait for something else to be done, in places of their own as well.
const PATIENT_AT_ONCE: usize = 16;
/// How many heartbeats, which wait for nothing but one file.
const BEATS_AT_ONCE: usize = 2;

/// Where an agent works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingPlace {
    /// Its working directory, to which the paths are relative that it sends.
    pub directory: PathBuf,
    /// The project, which all worktrees share.
    pub project: String,
    /// The top of the worktree, to which the paths of claims are relative.
    pub top: PathBuf,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

impl WorkingPlace {
    /// Where claims on it count.
    pub(crate) fn scope(&self) -> ClaimScope {
        ClaimScope { project: self.project.clone(), worktree: Some(self.top.to_string_lossy().into_owned()) }
    }
}

/// Finds out what a directory belongs to; what was noticed on the way, or why it cannot be found out.
pub type Locate = fn(&Path) -> Result<(WorkingPlace, Vec<String>), String>;

/// Who serves what to whom.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Who calls where a call does not say it: the one this process was started for.
    pub agent: Identified,
    /// Whether many clients share this process, so that a call that does not say who calls comes from nobody in particular.
    pub shared: bool,
    /// Where the agent works that this process was started for; unknown where many share it.
    pub place: Option<WorkingPlace>,
    /// Finds out where an agent works that names its directory.
    pub locate: Locate,
    /// The project of sessions that begin.
    pub project: Option<String>,
    /// The usual budget of a hydrated session, in estimated tokens.
    pub max_tokens: usize,
    /// Serve no tool that writes.
    pub read_only: bool,
    /// Serve only these tools.
    pub tools: Option<Vec<String>>,
}

/// One vault as it is served. Clones are the same.
#[derive(Clone)]
pub(crate) struct Serving(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    options: ServeOptions,
    scrub: Scrub,
    pulse: Pulse,
    usual: Arc<Semaphore>,
    long: Arc<Semaphore>,
    patient: Arc<Semaphore>,
    beats: Arc<Semaphore>,
}

impl Serving {
    /// Opens and reads nothing.
    pub fn new(engine: Arc<Engine>, options: ServeOptions) -> Self {
        let scrub = Scrub::new(&engine);
        let lane = |places| Arc::new(Semaphore::new(places));
        let (usual, long, patient, beats) =
            (lane(AT_ONCE), lane(LONG_AT_ONCE), lane(PATIENT_AT_ONCE), lane(BEATS_AT_ONCE));
        Self(Arc::new(Inner { engine, options, scrub, pulse: Pulse::default(), usual, long, patient, beats }))
    }

    /// Who serves what to whom.
    pub fn options(&self) -> &ServeOptions {
        &self.0.options
    }

    /// The engine, for what never blocks.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// What takes absolute paths out of what is told.
    pub fn scrub(&self) -> &Scrub {
        &self.0.scrub
    }

    /// What agents are to be told with their next answer.
    pub fn pulse(&self) -> &Pulse {
        &self.0.pulse
    }

    /// The vault's name, which answers carry.
    pub fn vault(&self) -> String {
        self.engine().vault().name()
    }

    /// Calls the engine on a thread that may block.
    ///
    /// # Errors
    /// When the engine panicked.
    pub async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread(&self.0.usual, call).await
    }

    /// The same for what may take minutes.
    ///
    /// # Errors
    /// As [`Self::blocking`].
    pub async fn blocking_long<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread(&self.0.long, call).await
    }

    /// The same for what mostly waits for others.
    ///
    /// # Errors
    /// As [`Self::blocking`].
    pub async fn blocking_patiently<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread(&self.0.patient, call).await
    }

    /// The same for heartbeats, of which no other call waits for a place.
    ///
    /// # Errors
    /// As [`Self::blocking`].
    pub async fn blocking_beat<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread(&self.0.beats, call).await
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        lane: &Arc<Semaphore>,
        call: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let engine = Arc::clone(&self.0.engine);
        let permit = Arc::clone(lane).acquire_owned().await.map_err(|_| Refusal::bug("the server is ending"))?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            call(&engine)
        });
        done.await.map_err(|_| Refusal::bug("the call ended in a panic"))
    }
}
