//! Reading many notes on all cores, and handing what came of them to one thread.

use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, sync_channel},
    },
    thread,
};

use journal_index::{FileSignature, IndexedNote};
use journal_model::VaultPath;
use journal_vault::ReadError;

use super::{ReindexError, SkippedNote, survey::Changed};
use crate::{core::Core, indexing::ReadNote, trouble::with_causes};

/// How many results wait between those who work and the one who takes them.
const WAITING: usize = 128;

/// What came of reading a note.
pub(super) enum Reading {
    /// The indexed content.
    Same { path: VaultPath, signature: FileSignature },
    /// Another content than the indexed one.
    Known(Box<IndexedNote>),
    /// A note that the index does not know; not parsed, for it may have been moved.
    New(ReadNote),
    /// The note vanished meanwhile.
    Gone,
    /// It could not be read.
    Failed(SkippedNote),
}

/// Runs `work` for each item on all cores, and has `take` take what comes of them, on this thread and in no order. When `take`
/// ends early, so do those who work.
pub(super) fn on_all_cores<T: Sync, R: Send, A>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    take: impl FnOnce(mpsc::IntoIter<R>) -> A,
) -> A {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let (to_taker, done) = sync_channel(WAITING);
    thread::scope(|scope| {
        for _ in 0..cores.min(items.len()) {
            let to_taker = to_taker.clone();
            scope.spawn(|| {
                let to_taker = to_taker;
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if to_taker.send(work(item)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(to_taker);
        // Moved in, so that those who work stop when this ends.
        take(done.into_iter())
    })
}

/// Reads notes on all cores and has `take` take each, on this thread, in no order. Ends early when `take` fails.
pub(super) fn read_all(
    core: &Core,
    notes: &[Changed],
    take: &mut dyn FnMut(Reading) -> Result<(), ReindexError>,
) -> Result<(), ReindexError> {
    on_all_cores(notes, |note| read(core, note), |mut readings| readings.try_for_each(take))
}

fn read(core: &Core, note: &Changed) -> Reading {
    match ReadNote::read(core, note.path.clone(), note.signature) {
        Ok(read) if note.hash == Some(read.signature.hash) => {
            Reading::Same { path: read.path, signature: read.signature }
        }
        Ok(read) if note.is_known => Reading::Known(Box::new(read.parse())),
        Ok(read) => Reading::New(read),
        Err(error) => not_read(&note.path, &error),
    }
}

fn not_read(path: &VaultPath, error: &ReadError) -> Reading {
    match error {
        ReadError::NotFound { .. } => Reading::Gone,
        error => Reading::Failed(SkippedNote { path: path.to_string(), reason: with_causes(error), is_failure: true }),
    }
}
