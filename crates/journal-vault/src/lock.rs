//! The vault's operating system lock.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::platform;

/// The right to write the vault and its databases, held until dropped.
///
/// It guards everything that a batch of writes reads and then changes: the notes of the vault, and the index. State is loaded
/// after it is taken. That is enough because every `journal` process takes the same file's lock before it writes, whoever runs
/// it, and the kernel gives the lock back when a process ends in whatever way, so it never has to be removed by hand.
/// It excludes threads of one process too. It does not stop Obsidian or a sync client, which know no locks: against those
/// [`Vault::replace`](crate::Vault::replace) compares hashes, and a name is taken only when it is free.
#[derive(Debug)]
#[must_use = "the lock is given back when this is dropped"]
pub struct WriteGuard {
    /// Closing the file gives the lock back.
    _file: File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The line that the holder left, where it could be read (not on Windows, where a locked file cannot).
    pub name: Option<String>,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process, or another thread of this one, held it until the deadline.
    #[error("another process is writing to the vault{}", holder.as_ref().map(|name| format!(" (`{name}`)")).unwrap_or_default())]
    Busy {
        /// The line that the holder left, where it could be read (not on Windows, where a locked file cannot).
        holder: Option<String>,
    },
    /// The lock file could not be opened or locked.
    #[error("cannot lock `{}`", .path.display())]
    Disk {
        /// The lock file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Nobody gives up before so long: whoever only looks who holds the lock ([`look`]) has it for a moment.
const LEAST_WAIT: Duration = Duration::from_millis(5);

/// The longest line about a holder that is read, in bytes.
const MAX_HOLDER_BYTES: u64 = 500;

impl WriteGuard {
    /// Takes the lock of the file at `path`, trying until `wait` has passed, and leaves `holder` in it for those who wait.
    pub(crate) fn take(path: &Path, wait: Duration, holder: &str) -> Result<Self, LockError> {
        let failed = |source| LockError::Disk { path: path.to_owned(), source };
        let deadline = Instant::now() + wait.max(LEAST_WAIT);
        let mut pause = Duration::from_millis(1);
        loop {
            let mut file = open(path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) if is_still_at(&file, path) => {
                    // Only a courtesy to those who wait: the lock is held with or without it.
                    drop(leave_name(&mut file, holder));
                    return Ok(Self { _file: file });
                }
                // The file was removed between opening and locking; its lock excludes nobody.
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(LockError::Busy { holder: read_name(&mut file) });
            }
            // Neither flock nor LockFileEx can wait with a deadline, so this polls; nobody unparks the thread.
            thread::park_timeout(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

/// Who holds the lock of the file at `path` now; nobody where there is no file. It keeps nobody from the lock for longer than a moment.
pub(crate) fn look(path: &Path) -> Result<Option<LockHolder>, LockError> {
    let failed = |source| LockError::Disk { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(LockHolder { name: read_name(&mut file) })),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn is_still_at(file: &File, path: &Path) -> bool {
    let (Ok(locked), Ok(there)) = (file.metadata(), path.symlink_metadata()) else { return false };
    platform::stat(&locked).identity == platform::stat(&there).identity
}

fn leave_name(file: &mut File, holder: &str) -> io::Result<()> {
    // A longer line before leaves its end behind, below this one. Emptying the file first would free its block, which on some
    // disks takes as long as a sync, at every turn.
    file.write_all(format!("{}\n", holder.replace(['\n', '\r'], " ")).as_bytes())
}

fn read_name(file: &mut File) -> Option<String> {
    let mut line = Vec::new();
    file.rewind().ok()?;
    file.take(MAX_HOLDER_BYTES).read_to_end(&mut line).ok()?;
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line).trim().to_owned();
    if line.is_empty() { None } else { Some(line) }
}
