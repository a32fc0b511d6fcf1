//! The leader: of the processes that serve a vault, the one that watches it, brings the index up to date with what it sees, and
//! makes vectors in the background.
//!
//! Whoever holds `leader.lock` leads, for as long as it serves. The others try for the lock now and then, so that one takes over
//! when it is gone, whatever ended it. What happened in between is found by the pass with which every term begins. Leading gives
//! no right that others lack: every process writes in its turn, and any may reindex.

mod follow;
mod hashes;
mod record;
mod standing;
mod term;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use journal_vault::{LockError, OsLock, Pace};

pub use standing::{LeaderStanding, LeaderTrouble, Watches};

use crate::{
    Embedding, Reindexed, Stop, Trouble,
    core::{Core, this_process},
    meaning::{Background, News},
    trouble::with_causes,
    writer::Writer,
};
use term::Term;

/// How a process leads when it is its turn.
pub struct Lead {
    /// How often what is done.
    pub rhythm: Rhythm,
    /// Hears what the leader does, on its thread.
    pub tell: Box<dyn Fn(&LeaderNews) + Send + Sync>,
}

/// How often a leader does what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// How long a process serves before it tries to lead for the first time: many are begun to be asked one thing.
    pub breath: Duration,
    /// How often those that do not lead try to.
    pub attempt: Duration,
    /// When a change is ripe.
    pub pace: Pace,
    /// How often all notes are compared by their signatures while the vault is watched.
    pub pass: Duration,
    /// The same while it is not, at least; and so long that it takes 1/200 of the time at most.
    pub poll: Duration,
    /// When a watch that failed is tried again for the first time; each further time waits twice as long, ten minutes at most.
    pub again: Duration,
    /// How often a few notes are read and compared whole.
    pub hashes: Duration,
    /// How long it rests when all have been.
    pub rest: Duration,
}

impl Default for Rhythm {
    /// A quarter of a second, two seconds; 15 minutes, 5 seconds, a minute; a second, a day.
    fn default() -> Self {
        Self {
            breath: Duration::from_millis(250),
            attempt: Duration::from_secs(2),
            pace: Pace::default(),
            pass: Duration::from_secs(15 * 60),
            poll: Duration::from_secs(5),
            again: Duration::from_secs(60),
            hashes: Duration::from_secs(1),
            rest: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Default for Lead {
    /// In the usual rhythm, and in silence.
    fn default() -> Self {
        Self { rhythm: Rhythm::default(), tell: Box::new(|_| ()) }
    }
}

/// What a leader has to tell.
#[derive(Debug)]
pub enum LeaderNews {
    /// Another process leads. Told once, until this one does.
    Waits {
        /// What the other says of itself.
        holder: Option<String>,
    },
    /// This process leads from now on.
    Leads,
    /// How it learns what changes.
    Watches(Watches),
    /// It compared all notes, or all of a folder.
    Compared(Box<Reindexed>),
    /// It looked at notes of which the system told.
    Followed {
        /// How many of them were not as they had been indexed.
        changed: usize,
    },
    /// Something keeps it from its work. It tries again by itself.
    Failed(LeaderTrouble),
    /// That is over.
    Recovered,
    /// What keeps texts from getting their vectors, which is tried again; `None` when that is over.
    Embedding(Option<String>),
}

/// The handle on the thread. Dropped, it stops the thread and waits for its end.
pub(crate) struct Leader {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread shares with whoever asks.
#[derive(Default)]
pub(crate) struct Shared {
    stop: Stop,
    bell: News,
    /// While this process leads.
    background: Mutex<Option<Background>>,
    /// While another does, or this one cannot.
    elsewhere: Mutex<Embedding>,
}

impl Shared {
    fn background(&self) -> MutexGuard<'_, Option<Background>> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_elsewhere(&self, embedding: Embedding) {
        *self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner) = embedding;
    }
}

impl Leader {
    pub(crate) fn start(core: &Arc<Core>, writer: &Arc<Writer>, lead: Lead) -> Self {
        let shared = Arc::<Shared>::default();
        let (own_core, own_writer, own_shared) = (Arc::clone(core), Arc::clone(writer), Arc::clone(&shared));
        let thread = thread::Builder::new().name("leader".to_owned());
        let thread = thread.spawn(move || work(&own_core, &own_writer, &own_shared, &lead));
        if let Err(error) = &thread {
            shared.set_elsewhere(Embedding::Failed { why: format!("no thread can be had: {error}") });
        }
        Self { shared, thread: thread.ok() }
    }

    /// What this process does about vectors.
    pub(crate) fn embedding(&self) -> Embedding {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            return Embedding::Failed { why: "the thread that leads ended, which is a bug".to_owned() };
        }
        match &*self.shared.background() {
            Some(background) => background.state(),
            None => self.shared.elsewhere.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.shared.stop.stop();
        self.shared.bell.tell();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told where it happened.
            drop(thread.join());
        }
    }
}

fn work(core: &Arc<Core>, writer: &Arc<Writer>, shared: &Arc<Shared>, lead: &Lead) {
    let mut waits_for = None;
    shared.bell.wait(lead.rhythm.breath);
    while !shared.stop.is_stopped() {
        match core.state().and_then(|state| Ok(state.lock(OsLock::Leader, Duration::ZERO, &this_process())?)) {
            Ok(_leads) => {
                waits_for = None;
                Term::new(core, writer, shared, lead).run();
            }
            Err(Trouble::Lock(LockError::Busy { holder })) => {
                if waits_for.as_ref() != Some(&holder) {
                    (lead.tell)(&LeaderNews::Waits { holder: holder.clone() });
                    waits_for = Some(holder.clone());
                }
                shared.set_elsewhere(Embedding::Elsewhere { holder });
                shared.bell.wait(lead.rhythm.attempt);
            }
            Err(trouble) => {
                shared.set_elsewhere(Embedding::Failed { why: with_causes(&trouble) });
                shared.bell.wait(lead.rhythm.attempt);
            }
        }
    }
}
