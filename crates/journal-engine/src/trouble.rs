//! Trouble: files, locks and databases that did not do what they should. Every trip can meet it.

use std::error::Error;

use journal_coord::{AcquireError, CoordError, FenceError};
use journal_index::{IndexError, VectorError};
use journal_vault::{DiskError, LockError, ReadError, WalkError, WriteError};

/// Why a trip could not be made at all: nothing that the caller asked for is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The vault could not be walked.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// A note could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A note could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The turn to write did not come.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// `state.db` could not be used.
    #[error(transparent)]
    Coord(#[from] CoordError),
    /// `state.db` could not be used for a lease.
    #[error(transparent)]
    Lease(AcquireError),
    /// A lease was not what it was a moment ago.
    #[error(transparent)]
    Fence(#[from] FenceError),
    /// `index.db` could not be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A vector could not be used.
    #[error(transparent)]
    Vector(#[from] VectorError),
    /// A file of the state directory could not be used.
    #[error(transparent)]
    State(#[from] DiskError),
    /// The thread that writes ended before it answered. What it had not begun was not done.
    #[error("the thread that writes has ended, which is a bug; look at what was written before trying again")]
    WriterGone,
    /// Writing needs a state directory, and this engine was opened for reading only.
    #[error("this vault was opened for reading only")]
    ReadOnly,
}

impl Trouble {
    /// Whether the folder of the vault is gone.
    pub fn is_vanished(&self) -> bool {
        matches!(self, Self::Walk(WalkError::Vanished { .. }) | Self::Read(ReadError::Vanished { .. }))
    }
}

/// An error and its causes in one line, none of them twice.
pub fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !message.contains(&told) {
            message = format!("{message}: {told}");
        }
        cause = error.source();
    }
    message
}
