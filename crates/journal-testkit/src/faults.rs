//! A disk that fails on purpose: the n-th operation, half a write, everything from a crash on; or what a watch of it tells.

mod hearing;

use std::{
    cmp::Ordering,
    fmt,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use journal_vault::{Disk, Entry, FileStat, FolderWatch, Listener, Mount, RealDisk, WatchError};

use hearing::Hearing;

/// The real disk, with one planned fault.
///
/// Every call counts as one operation, reads included.
#[derive(Debug, Default)]
pub struct FaultDisk {
    state: Mutex<State>,
    meanwhile: Mutex<Option<Meanwhile>>,
    hearing: Hearing,
}

/// What somebody else does right before an operation.
struct Meanwhile {
    n: usize,
    act: Box<dyn FnOnce() + Send>,
}

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does nothing and answers this error. Later operations work.
    Error(ErrorKind),
    /// A write leaves the first half of its bytes and answers that the disk is full; any other operation does nothing and
    /// answers the same. Later operations work.
    HalfWrite,
    /// The disk is full from then on, until [`FaultDisk::heal`]: a write leaves the first half of its bytes, and it, a new
    /// folder or a sync answers so; everything else works.
    Full,
    /// As if the process had died within it: a write leaves the first half of its bytes, any other operation does nothing,
    /// and every later one fails until [`FaultDisk::heal`].
    Crash,
}

/// The operations that fail on a full disk.
const NEED_SPACE: &[&str] = &["create_file", "create_folder", "sync_file", "sync_folder"];

/// One call, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The method of [`Disk`].
    pub name: &'static str,
    /// The path, or the one that a rename goes to.
    pub path: PathBuf,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<(usize, Fault)>,
    has_fired: bool,
    operations: Vec<Operation>,
}

impl FaultDisk {
    /// A disk without a fault.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plans that the `n`-th operation from now on (the first is 1) fails, and forgets those before.
    pub fn fail_at(&self, n: usize, fault: Fault) {
        *self.state() = State { plan: Some((n, fault)), ..State::default() };
    }

    /// Plans that somebody else does something right before the `n`-th operation from now on, and forgets those before.
    pub fn interpose(&self, n: usize, act: impl FnOnce() + Send + 'static) {
        self.heal();
        *self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner) = Some(Meanwhile { n, act: Box::new(act) });
    }

    /// Lets every operation work again, and forgets those before.
    pub fn heal(&self) {
        *self.state() = State::default();
    }

    /// Whether the planned operation was reached.
    pub fn has_fired(&self) -> bool {
        self.state().has_fired
    }

    /// What was called since the last plan, the failed operations included.
    pub fn operations(&self) -> Vec<Operation> {
        self.state().operations.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation, and answers the fault that strikes it.
    fn strike(&self, name: &'static str, path: &Path) -> Option<Fault> {
        let count = {
            let mut state = self.state();
            state.operations.push(Operation { name, path: path.to_owned() });
            state.operations.len()
        };
        let mut meanwhile = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Meanwhile { act, .. }) = meanwhile.take_if(|meanwhile| meanwhile.n == count) {
            act();
        }
        drop(meanwhile);
        let mut state = self.state();
        let (n, fault) = state.plan?;
        match (count.cmp(&n), fault) {
            (Ordering::Less, _) => None,
            (_, Fault::Full) if !NEED_SPACE.contains(&name) => None,
            (Ordering::Greater, Fault::Crash) => Some(Fault::Error(ErrorKind::Other)),
            (Ordering::Equal, _) | (Ordering::Greater, Fault::Full) => {
                state.has_fired = true;
                Some(fault)
            }
            (Ordering::Greater, _) => None,
        }
    }

    fn run<T>(
        &self,
        name: &'static str,
        path: &Path,
        operation: impl FnOnce(&RealDisk) -> io::Result<T>,
    ) -> io::Result<T> {
        self.strike(name, path).map_or_else(|| operation(&RealDisk), |fault| Err(fault.into()))
    }
}

impl Disk for FaultDisk {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.run("read", path, |disk| disk.read(path, limit))
    }

    fn read_at(&self, path: &Path, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.run("read_at", path, |disk| disk.read_at(path, offset, buffer))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.run("list", folder, |disk| disk.list(folder))
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        self.run("stat", path, |disk| disk.stat(path))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.run("canonicalize", path, |disk| disk.canonicalize(path))
    }

    fn is_writable(&self, path: &Path) -> io::Result<bool> {
        self.run("is_writable", path, |disk| disk.is_writable(path))
    }

    fn create_file(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
        match self.strike("create_file", path) {
            None => RealDisk.create_file(path, bytes, mode),
            Some(fault @ Fault::Error(_)) => Err(fault.into()),
            Some(fault) => {
                RealDisk.create_file(path, &bytes[..bytes.len() / 2], mode)?;
                Err(fault.into())
            }
        }
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.run("create_folder", path, |disk| disk.create_folder(path))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.run("sync_file", path, |disk| disk.sync_file(path))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.run("sync_folder", path, |disk| disk.sync_folder(path))
    }

    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run("rename_over", to, |disk| disk.rename_over(from, to))
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run("rename_to_free", to, |disk| disk.rename_to_free(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.run("remove_file", path, |disk| disk.remove_file(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.run("remove_folder", path, |disk| disk.remove_folder(path))
    }

    fn watch(&self, folder: &Path, listener: Listener) -> Result<Box<dyn FolderWatch>, WatchError> {
        self.hearing.watch(folder, listener)
    }

    fn mounts(&self, _folder: &Path) -> Vec<Mount> {
        self.hearing.mounts()
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Error(kind) => kind.into(),
            Fault::HalfWrite | Fault::Full => ErrorKind::StorageFull.into(),
            Fault::Crash => Self::other("the disk has crashed"),
        }
    }
}

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "before operation {}", self.n)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.path.display())
    }
}

#[cfg(test)]
mod tests;
