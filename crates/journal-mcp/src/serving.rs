//! What a call works with: the engine and threads that may block on it, whom it serves, and what is never told.

use std::sync::Arc;

use journal_engine::{Engine, Identified};
use tokio::sync::Semaphore;

use crate::{refusal::Refusal, scrub::Scrub};

/// How many calls of the engine run at once; more wait.
const AT_ONCE: usize = 16;

/// How many long ones, which have places of their own, so that no other call waits for them.
const LONG_AT_ONCE: usize = 2;

/// How many that wait for something else to be done, in places of their own as well.
const PATIENT_AT_ONCE: usize = 16;

/// Who serves what to whom.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Who calls where a call does not say it: the one this process was started for.
    pub agent: Identified,
    /// Whether many clients share this process, so that a call that does not say who calls comes from nobody in particular.
    pub shared: bool,
    /// The working directory of the agent, for the registry of agents.
    pub directory: Option<String>,
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
    usual: Arc<Semaphore>,
    long: Arc<Semaphore>,
    patient: Arc<Semaphore>,
}

impl Serving {
    /// Opens and reads nothing.
    pub fn new(engine: Arc<Engine>, options: ServeOptions) -> Self {
        let scrub = Scrub::new(&engine);
        let lane = |places| Arc::new(Semaphore::new(places));
        let (usual, long, patient) = (lane(AT_ONCE), lane(LONG_AT_ONCE), lane(PATIENT_AT_ONCE));
        Self(Arc::new(Inner { engine, options, scrub, usual, long, patient }))
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
