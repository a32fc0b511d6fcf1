//! The thread that makes vectors while its process [leads](crate::leader).
//!
//! It holds `embed.lock` while there is something to do, and lets others have it when there is not. It has low priority and half
//! of the cores, lets go of the model when there is nothing to do for long, and stops, between two texts, when it is told to.

use std::{
    cell::Cell,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use journal_embed::{half_of_the_cores, lower_priority};
use journal_vault::{FileIdentity, WriteGuard};

use super::{
    EmbedNotesError, ModelChoice,
    run::{Goes, Run},
};
use crate::{Trouble, core::Core, index_file::INDEX, trouble::with_causes, writer::Writer};

/// How long the thread rests when nobody tells it news: other processes write, too.
const REST: Duration = Duration::from_secs(2);

/// How many of the newest notes are looked at as soon as something was written. All of them are looked at less often.
const NEWEST: usize = 64;

/// A look at all notes takes this part of the time at most.
const LOOKING: u32 = 20;

/// After so long with nothing to do the model is let go.
const KEPT: Duration = Duration::from_secs(60);

/// The first rest after a failure; each further one doubles it, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// After so long, texts that could not be embedded are tried again.
const FORGIVEN: Duration = Duration::from_secs(10 * 60);

/// What this process does about vectors in the background.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Embedding {
    /// Nothing: nobody asked it to.
    #[default]
    Off,
    /// Nothing: somebody paused it.
    Paused,
    /// Nothing: another process does it.
    Elsewhere {
        /// What it says of itself.
        holder: Option<String>,
    },
    /// It makes vectors.
    Working {
        /// Texts that got one since it began.
        stored: usize,
    },
    /// Every text has one that can have one.
    Done {
        /// Texts that could not be embedded, with the last reason. They are tried again.
        failed: Option<(usize, String)>,
    },
    /// It cannot. It tries again by itself.
    Failed {
        /// Why.
        why: String,
    },
}

/// That something was written, to be waited for.
#[derive(Default)]
pub(crate) struct News {
    told: Mutex<bool>,
    some: Condvar,
}

/// The handle on the thread. Dropped, it stops the thread and waits for its end.
pub(crate) struct Background {
    core: Arc<Core>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    stop: AtomicBool,
    state: Mutex<Embedding>,
    /// Called when it stands otherwise than before.
    changed: Box<dyn Fn() + Send + Sync>,
}

impl Embedding {
    /// What keeps texts from getting their vectors, if something does.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Self::Failed { why } => Some(why.clone()),
            Self::Done { failed: Some((count, why)) } => Some(format!("{count} texts could not be embedded: {why}")),
            _ => None,
        }
    }
}

impl News {
    /// Wakes whoever waits.
    pub(crate) fn tell(&self) {
        *self.lock() = true;
        self.some.notify_all();
    }

    pub(crate) fn wait(&self, most: Duration) {
        let told = self.some.wait_timeout_while(self.lock(), most, |told| !*told);
        *told.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Embedding> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Background {
    pub(crate) fn start(core: &Arc<Core>, writer: &Arc<Writer>, changed: Box<dyn Fn() + Send + Sync>) -> Self {
        let shared = Arc::new(Shared { stop: AtomicBool::default(), state: Mutex::default(), changed });
        let (own_core, own_writer, own_shared) = (Arc::clone(core), Arc::clone(writer), Arc::clone(&shared));
        let thread = thread::Builder::new().name("embedder".to_owned());
        let thread = thread.spawn(move || work(&own_core, &own_writer, &own_shared));
        if let Err(error) = &thread {
            *shared.state() = Embedding::Failed { why: format!("no thread can be had: {error}") };
        }
        Self { core: Arc::clone(core), shared, thread: thread.ok() }
    }

    pub(crate) fn state(&self) -> Embedding {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            return Embedding::Failed { why: "its thread ended, which is a bug".to_owned() };
        }
        self.shared.state().clone()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.core.news.tell();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told where it happened.
            drop(thread.join());
        }
    }
}

fn work(core: &Core, writer: &Writer, shared: &Shared) {
    lower_priority();
    let mut worker =
        Worker { core, writer, shared, alone: None, run: None, seen: None, looked: None, failures: 0, resting: None };
    while !worker.is_to_stop() {
        let (state, rest) = worker.step();
        let before = std::mem::replace(&mut *shared.state(), state.clone());
        if before != state {
            (shared.changed)();
        }
        core.news.wait(rest);
    }
}

/// What decides whether there is anything new: the index as a file, how often it was written, and the choice of model.
type Seen = (FileIdentity, i64, ModelChoice);

struct Worker<'a> {
    core: &'a Core,
    writer: &'a Writer,
    shared: &'a Shared,
    alone: Option<WriteGuard>,
    run: Option<Running<'a>>,
    /// What stood when the last look at all notes found nothing left to do.
    seen: Option<Seen>,
    /// When all notes were last looked at, and how long that took.
    looked: Option<(Instant, Duration)>,
    failures: u32,
    /// After a failure, until when nothing is tried with this choice of model.
    resting: Option<(Instant, ModelChoice, String)>,
}

struct Running<'a> {
    choice: ModelChoice,
    run: Run<'a>,
    /// When it last had something to do.
    busy: Instant,
    /// When failed texts were last tried again.
    forgiven: Instant,
}

impl Worker<'_> {
    fn is_to_stop(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Does what there is to do; says how it stands, and how long to rest.
    fn step(&mut self) -> (Embedding, Duration) {
        if let Some((until, choice, why)) = &self.resting {
            let left = until.saturating_duration_since(Instant::now());
            // News come often, and another choice is worth another try.
            if !left.is_zero() && self.core.chosen_model().is_ok_and(|chosen| chosen == *choice) {
                return (Embedding::Failed { why: why.clone() }, left.min(REST));
            }
            self.resting = None;
        }
        match self.embed() {
            Ok(done) => {
                self.failures = 0;
                done
            }
            Err(EmbedNotesError::NoIndex) => (Embedding::Done { failed: None }, REST),
            Err(EmbedNotesError::Busy { holder }) => (Embedding::Elsewhere { holder }, REST),
            Err(error) => {
                // Another process may have what is missing here.
                (self.alone, self.run) = (None, None);
                let rest = SHORTEST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
                self.failures = self.failures.saturating_add(1);
                let why = with_causes(&error);
                let choice = self.core.chosen_model().unwrap_or_default();
                self.resting = Some((Instant::now() + rest, choice, why.clone()));
                (Embedding::Failed { why }, REST)
            }
        }
    }

    fn embed(&mut self) -> Result<(Embedding, Duration), EmbedNotesError> {
        if self.core.is_paused()? {
            (self.alone, self.run) = (None, None);
            return Ok((Embedding::Paused, REST));
        }
        let now = self.now()?.ok_or(EmbedNotesError::NoIndex)?;
        let choice = now.2.clone();
        if self.run.as_ref().is_some_and(|running| running.choice != choice) {
            self.run = None;
        }
        if let Some(running) = &mut self.run
            && running.run.failed() > 0
            && running.forgiven.elapsed() > FORGIVEN
        {
            running.run.forgive();
            running.forgiven = Instant::now();
            self.seen = None;
        }
        if self.seen.as_ref() == Some(&now) {
            let failed = self.run.as_ref().and_then(|running| running.run.last_failure());
            if self.run.as_ref().is_some_and(|running| running.busy.elapsed() > KEPT && failed.is_none()) {
                self.run = None;
            }
            return Ok((Embedding::Done { failed }, REST));
        }
        self.be_alone()?;
        let done = self.go_on(choice, now)?;
        if self.seen.is_some() {
            self.alone = None;
        }
        Ok(done)
    }

    /// Embeds what is new at once, and what is left when it is time to look at all notes.
    fn go_on(&mut self, choice: ModelChoice, now: Seen) -> Result<(Embedding, Duration), EmbedNotesError> {
        let mut running = match self.run.take() {
            Some(running) => running,
            // It leaves half of the machine to others.
            None => match self.core.begin_run(self.writer, &choice, Some(half_of_the_cores()))? {
                Some(run) => Running { choice: choice.clone(), run, busy: Instant::now(), forgiven: Instant::now() },
                None => {
                    self.seen = Some(now);
                    return Ok((Embedding::Done { failed: None }, REST));
                }
            },
        };
        let (core, shared) = (self.core, self.shared);
        let before = Cell::new(0);
        let mut told = |stored: usize, _: usize| {
            *shared.state() = Embedding::Working { stored: before.get() + stored };
            // What cannot be asked now is asked again at the next step.
            let is_to_stop = shared.stop.load(Ordering::Relaxed)
                || core.is_paused().unwrap_or(true)
                || core.chosen_model().map_or(true, |chosen| chosen != choice);
            if is_to_stop { Goes::Stop } else { Goes::On }
        };
        before.set(running.run.all(NEWEST, &mut told)?);
        let is_time = self.looked.is_none_or(|(when, took)| when.elapsed() > took * LOOKING);
        if is_time && !self.is_to_stop() {
            let stored = running.run.all(usize::MAX, &mut told)?;
            before.set(before.get() + stored);
            self.looked = Some((Instant::now(), running.run.last_look()));
            // What was written meanwhile is looked at in the next step.
            if running.run.is_done() {
                // Somebody may have chosen another one meanwhile.
                if self.core.chosen_model()? == running.choice {
                    running.run.settle()?;
                }
                self.seen = Some(now);
            }
        }
        if before.get() > 0 {
            running.busy = Instant::now();
        }
        let failed = running.run.last_failure();
        self.run = Some(running);
        Ok((Embedding::Done { failed }, REST))
    }

    /// Holds `embed.lock`.
    fn be_alone(&mut self) -> Result<(), EmbedNotesError> {
        if self.alone.is_none() {
            self.alone = Some(self.core.take_embed_lock()?);
            // What another one did meanwhile is looked at.
            self.seen = None;
        }
        Ok(())
    }

    fn now(&self) -> Result<Option<Seen>, Trouble> {
        let Some(identity) = self.core.state()?.identity(INDEX)? else { return Ok(None) };
        let standing = self.core.index_standing()?;
        let choice = self.core.chosen_model()?;
        Ok(standing.map(|standing| (identity, standing.generation, choice)))
    }
}
