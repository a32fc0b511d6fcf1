//! The writer: the one thread of a process that writes.
//!
//! Everything that writes is a [`Command`]. They come through a bounded queue: who sends faster than the disk writes waits. The
//! thread takes what has come as one [batch](batch), for which it takes the vault's write lock once and writes the index once,
//! so any number of processes write in turn. Each command is answered by a [ticket](crate::Ticket).
//!
//! The thread begins with the first command and is joined when the writer is dropped, after all that was sent is done.

mod batch;
mod outcome;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use journal_index::{Change, EmbeddingModel};
use journal_model::VaultPath;

use crate::{
    AppendError, AppendThought, Appended, DrawGraph, DrawGraphError, GraphDrawn, Import, ImportError, Imported, NewId,
    NewIdError, Relocate, RelocateError, Relocated, Trouble, UpdateSession, UpdateSessionError, UpdatedSession,
    ViewsChange, ViewsError,
    core::Core,
    index_file::OpenIndex,
    ticket::{Reply, Ticket, ticket},
};

/// What the thread can be asked to do. The set is closed.
pub(crate) enum Command {
    Append(AppendThought, Reply<Result<Appended, AppendError>>),
    UpdateSession(UpdateSession, Reply<Result<UpdatedSession, UpdateSessionError>>),
    Relocate(Relocate, Reply<Result<Relocated, RelocateError>>),
    Import(Box<Import>, Reply<Result<Imported, ImportError>>),
    DrawGraph(DrawGraph, Reply<Result<GraphDrawn, DrawGraphError>>),
    /// Writes `Journal.base`, or takes it away.
    Views {
        install: bool,
        reply: Reply<Result<ViewsChange, ViewsError>>,
    },
    /// Changes that somebody read from the files; each counts only if its file is still the one that was read.
    Index(Vec<Change>, Reply<Written>),
    /// Has the index take every note for changed.
    Forget(Reply<Written>),
    /// Stores vectors that a model made, by the hashes of the texts.
    StoreVectors(EmbeddingModel, Vec<(u128, Vec<f32>)>, Reply<Written>),
    /// Notes down texts that a model cannot read, by their hashes.
    StoreUnread(EmbeddingModel, Vec<u128>, Reply<Written>),
    /// Forgets a model, by its name.
    DropModel(String, Reply<Written>),
    /// Removes some of the vectors that nothing finds any more, behind this place; answers the next place.
    CollectVectors(i64, Reply<Result<Option<i64>, Arc<Trouble>>>),
    /// Gives a note an id of its own, in place of one that another note has too.
    NewId(VaultPath, Reply<Result<NewId, NewIdError>>),
    /// Removes those of these temporary files whose processes are gone.
    Sweep(Vec<String>, Reply<Result<(), Trouble>>),
    /// Notes of which the index may know something wrong. Nobody waits for it, and it may be given up.
    Look(Vec<VaultPath>),
}

/// What a command is answered that changes the index and nothing else. The trouble is shared by all of its batch.
pub(crate) type Written = Result<(), Arc<Trouble>>;

/// Waits until such a command is done.
pub(crate) fn written(ticket: Ticket<Written>) -> Written {
    ticket.wait().unwrap_or_else(|| Err(Arc::new(Trouble::WriterGone)))
}

/// The handle on the thread.
pub(crate) struct Writer {
    core: Arc<Core>,
    running: Mutex<Option<Running>>,
    /// Commands that were sent and are not done.
    queued: Arc<AtomicUsize>,
}

struct Running {
    queue: SyncSender<Command>,
    thread: JoinHandle<()>,
}

impl Writer {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core, running: Mutex::new(None), queued: Arc::default() }
    }

    /// How many commands were sent and are not done; those of senders that wait for room count too.
    pub(crate) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Sends a command that is answered. Waits while the queue is full.
    pub(crate) fn send<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Ticket<T> {
        let (ticket, reply) = ticket();
        self.post(command(reply));
        ticket
    }

    /// Sends a command. Where no thread can be had its reply is dropped, which tells whoever waits.
    pub(crate) fn post(&self, command: Command) {
        let Some(queue) = self.queue() else { return };
        self.queued.fetch_add(1, Ordering::Relaxed);
        let Err(unsent) = queue.send(command) else { return };
        // The thread has panicked. Another takes its place: a bug in one command is none in the next.
        self.join();
        if let Some(queue) = self.queue() {
            self.queued.store(1, Ordering::Relaxed);
            drop(queue.send(unsent.0));
        }
    }

    fn queue(&self) -> Option<SyncSender<Command>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            let (queue, commands) = sync_channel(self.core.settings.queue.max(1));
            let (core, queued) = (Arc::clone(&self.core), Arc::clone(&self.queued));
            let thread = thread::Builder::new().name("writer".to_owned());
            let thread = thread.spawn(move || work(&core, &commands, &queued)).ok()?;
            *running = Some(Running { queue, thread });
        }
        running.as_ref().map(|running| running.queue.clone())
    }

    fn join(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { queue, thread }) = running {
            drop(queue);
            // A panic of the thread was told where it happened, and to those whose tickets it held.
            drop(thread.join());
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.join();
    }
}

/// Works until nobody can send any more and the queue is empty.
fn work(core: &Core, commands: &Receiver<Command>, queued: &AtomicUsize) {
    let mut index = OpenIndex::default();
    while let Ok(first) = commands.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(commands.try_iter().take(core.settings.queue)).collect();
        let done = batch.len();
        batch::run(core, &mut index, batch);
        // After a panic of the thread before, the count is a guess; it never falls below nothing.
        let left = |queued: usize| Some(queued.saturating_sub(done));
        _ = queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
    index.rest();
}
