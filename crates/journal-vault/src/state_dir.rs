//! The state directory: where one vault's lock and databases lie, outside the vault.

mod belongings;
mod clients;
mod databases;

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    Vault,
    error::{DiskAction, DiskError},
    files::{list_folder, write_file_durably},
    lock::{LockError, LockHolder, WriteGuard, look},
    platform,
};

pub use belongings::Belongings;
pub use clients::ClientRecord;
pub use databases::FileIdentity;

/// `<data home>/<vault id>/`, private to the user.
///
/// It lies outside the vault because sync clients damage databases. The id travels with a vault when it is copied, and two
/// copies must not share an index; so the directory records the root that it belongs to, and a second living vault with
/// the same id gets `<vault id>@<hash of its root>/`.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
}

/// A lock of the operating system in the state directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OsLock {
    /// Everybody takes it who writes this vault.
    Write,
    /// Of whoever brings the whole index up to date: one process at a time does.
    Reindex,
    /// Of whoever makes vectors of the notes: one process at a time does.
    Embed,
    /// Of the process that leads: one does, for as long as it serves.
    Leader,
    /// Of the process that serves at an address: it may say of itself that it does.
    Server,
}

impl OsLock {
    fn file(self) -> &'static str {
        match self {
            Self::Write => "write.lock",
            Self::Reindex => "reindex.lock",
            Self::Embed => "embed.lock",
            Self::Leader => "leader.lock",
            Self::Server => "server.lock",
        }
    }
}

/// Why the state directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    /// An id that cannot name a directory. Ids of ours never are.
    #[error("the vault's id `{id}` holds characters other than letters, digits, `-` and `_`, or has more than 64")]
    InvalidId {
        /// The id.
        id: String,
    },
    /// A file operation failed.
    #[error("cannot use the state directory `{}`", .path.display())]
    Disk {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Another process held the directory's own lock for seconds.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// Holds the vault's root, as the bytes of its path.
const ROOT_FILE: &str = "root";

/// Holds what was begun and not finished.
const BEGUN_FILE: &str = "begun";

/// Holds the chosen model, as a person names it.
const MODEL_FILE: &str = "model";

/// Holds what the process that leads says of itself.
const LEADER_FILE: &str = "leader";

/// Holds what the process that serves at an address says of itself.
const SERVER_FILE: &str = "server";

/// Holds how the last run of a schedule went.
const LAST_RUN_FILE: &str = "last-run";

/// Is there once a database of who is here was made.
const KNOWN_FILE: &str = "state.known";

/// Is there while making vectors is paused.
const PAUSED_FILE: &str = "embedding.paused";

/// How long another process may take to look at a root and write a line.
const OPEN_WAIT: Duration = Duration::from_secs(10);

impl StateDir {
    /// Opens the state directory of `vault`, whose settings carry `vault_id`, and makes it when needed.
    ///
    /// A moved vault (the recorded root is gone, or is another vault now) keeps its state; a copied one gets its own.
    ///
    /// # Errors
    /// When the id is no name, or the directory cannot be made or read.
    pub fn open(data_home: &Path, vault_id: &str, vault: &Vault) -> Result<Self, StateDirError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if vault_id.is_empty() || vault_id.len() > 64 || !vault_id.bytes().all(is_plain) {
            return Err(StateDirError::InvalidId { id: vault_id.to_owned() });
        }
        let root = vault.root().as_os_str().as_encoded_bytes();
        let shared = Self { path: data_home.join(vault_id) };
        // The low half of the hash: eight digits keep the copies of one vault apart.
        let own_name = format!("{vault_id}@{:08x}", xxh3_64(root) & 0xffff_ffff);
        let own = Self { path: data_home.join(own_name) };
        shared.make()?;
        // Two processes that open the vault at once must come to one answer, or they would hold different locks.
        let _opening = WriteGuard::take(&shared.path.join("open.lock"), OPEN_WAIT, "opening")?;
        // A copy keeps its own directory even when the original goes away, since others may be at work in it.
        if own.recorded_root()?.as_deref() == Some(root) {
            return Ok(own);
        }
        let chosen = match shared.recorded_root()? {
            Some(recorded) if recorded == root => return Ok(shared),
            Some(recorded) if is_another_vault(&recorded, vault_id, vault) => own,
            _ => shared,
        };
        chosen.make()?;
        let record = chosen.path.join(ROOT_FILE);
        write_file_durably(&record, root, Some(0o600))
            .map_err(|source| StateDirError::Disk { path: record, source })?;
        Ok(chosen)
    }

    /// The names of the state directories below `data_home` of vaults that lay at `root`, whether or not it is there now.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn of_root(data_home: &Path, root: &Path) -> Result<Vec<String>, DiskError> {
        let real = |path: &Path| Some(platform::canonicalize(path).ok()?.join(root.strip_prefix(path).ok()?));
        let root = root.ancestors().find_map(real).unwrap_or_else(|| root.to_owned());
        let listed = list_folder(data_home).map_err(|source| failed(DiskAction::Read, data_home.to_owned(), source))?;
        let is_its = |name: &String| {
            // What cannot be read is no sign of it.
            let own = fs::read(data_home.join(name).join(ROOT_FILE)).ok();
            own.and_then(|own| platform::path_from_bytes(&own)).is_some_and(|own| own == root)
        };
        Ok(listed.into_iter().map(|(name, _)| name).filter(is_its).collect())
    }

    /// Where it lies. The databases' files are the business of those who own them.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes a lock, waiting at most `wait`. `holder` is one line for those who wait in turn: who this is.
    ///
    /// # Errors
    /// [`LockError::Busy`] when the time is over.
    pub fn lock(&self, lock: OsLock, wait: Duration, holder: &str) -> Result<WriteGuard, LockError> {
        WriteGuard::take(&self.path.join(lock.file()), wait, holder)
    }

    /// What the process that leads last wrote down of itself; `None` when none ever led.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn leader(&self) -> Result<Option<Vec<u8>>, DiskError> {
        self.read(LEADER_FILE)
    }

    /// Writes down what the process that leads has to say of itself. Not synced: after a power cut nobody leads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_leader(&self, what: &[u8]) -> Result<(), DiskError> {
        self.replace(LEADER_FILE, what)
    }

    /// What the process that serves at an address last wrote down of itself; `None` when none ever did.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn server(&self) -> Result<Option<Vec<u8>>, DiskError> {
        self.read(SERVER_FILE)
    }

    /// Writes down what the process that serves at an address has to say of itself. Not synced: after a power cut none serves.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_server(&self, what: &[u8]) -> Result<(), DiskError> {
        self.replace(SERVER_FILE, what)
    }

    /// How the last run of a schedule went, as [`StateDir::set_last_run`] wrote it down. `None` when none ever ran.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn last_run(&self) -> Result<Option<Vec<u8>>, DiskError> {
        self.read(LAST_RUN_FILE)
    }

    /// Writes down, durably, how the last run of a schedule went.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_last_run(&self, what: &[u8]) -> Result<(), DiskError> {
        self.write(LAST_RUN_FILE, what)
    }

    /// Who holds one of these locks now.
    ///
    /// # Errors
    /// When its file cannot be looked at.
    pub fn holder(&self, lock: OsLock) -> Result<Option<LockHolder>, LockError> {
        look(&self.path.join(lock.file()))
    }

    /// What was begun and not finished, as [`StateDir::begin`] wrote it down. `None` when nothing was.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn begun(&self) -> Result<Option<Vec<u8>>, DiskError> {
        self.read(BEGUN_FILE)
    }

    /// Writes down, durably, what is about to be done in several steps, so that whoever comes after a crash can finish it.
    /// Called with the write lock held; there is one such thing at a time.
    ///
    /// # Errors
    /// When it cannot be written; then it is not to be begun.
    pub fn begin(&self, what: &[u8]) -> Result<(), DiskError> {
        self.write(BEGUN_FILE, what)
    }

    /// Forgets what was begun. Not synced: to finish a thing twice does no harm.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn finish(&self) -> Result<(), DiskError> {
        self.remove(BEGUN_FILE)
    }

    /// The model that was chosen for this vault, as [`StateDir::set_model`] wrote it down. `None` when none was.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn model(&self) -> Result<Option<String>, DiskError> {
        Ok(self.read(MODEL_FILE)?.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()))
    }

    /// Writes down, durably, which model was chosen.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_model(&self, model: &str) -> Result<(), DiskError> {
        self.write(MODEL_FILE, format!("{model}\n").as_bytes())
    }

    /// Whether there ever was a database of who is here, as [`StateDir::set_state_known`] wrote it down.
    ///
    /// # Errors
    /// When it cannot be known.
    pub fn is_state_known(&self) -> Result<bool, DiskError> {
        Ok(self.identity(KNOWN_FILE)?.is_some())
    }

    /// Writes down that there is a database of who is here, so that one that follows it, however it got lost, is told from the
    /// first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_state_known(&self) -> Result<(), DiskError> {
        self.write(KNOWN_FILE, b"")
    }

    /// Whether making vectors in the background is paused.
    ///
    /// # Errors
    /// When it cannot be known.
    pub fn is_paused(&self) -> Result<bool, DiskError> {
        Ok(self.read(PAUSED_FILE)?.is_some())
    }

    /// Pauses making vectors in the background, or goes on.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn set_paused(&self, paused: bool) -> Result<(), DiskError> {
        if paused { self.write(PAUSED_FILE, b"") } else { self.remove(PAUSED_FILE) }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(DiskAction::Read, path, source)),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let path = self.path.join(name);
        write_file_durably(&path, bytes, Some(0o600)).map_err(|source| failed(DiskAction::Write, path, source))
    }

    /// Writes a file that one process at a time writes. Whoever reads it meanwhile reads the one or the other.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let (path, new) = (self.path.join(name), self.path.join(format!("{name}.new")));
        fs::write(&new, bytes)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|source| failed(DiskAction::Write, path, source))
    }

    fn remove(&self, name: &str) -> Result<(), DiskError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(DiskAction::Write, path, error)),
            _ => Ok(()),
        }
    }

    fn make(&self) -> Result<(), StateDirError> {
        platform::create_private_folder(&self.path)
            .map_err(|source| StateDirError::Disk { path: self.path.clone(), source })
    }

    fn recorded_root(&self) -> Result<Option<Vec<u8>>, StateDirError> {
        let path = self.path.join(ROOT_FILE);
        match fs::read(&path) {
            Ok(root) => Ok(Some(root)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StateDirError::Disk { path, source }),
        }
    }
}

/// An error about a file of the state directory.
pub(crate) fn failed(action: DiskAction, absolute: PathBuf, source: io::Error) -> DiskError {
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    DiskError { action, path: name, absolute, source }
}

/// Whether the recorded root is a living vault with this id other than `vault`. The same folder under two paths, as through a
/// bind mount, is one vault.
fn is_another_vault(recorded: &[u8], vault_id: &str, vault: &Vault) -> bool {
    let Some(other) = platform::path_from_bytes(recorded) else { return false };
    let carries_id = fs::read_to_string(other.join(".journal/config.toml")).is_ok_and(|text| text.contains(vault_id));
    let stat = |path: &Path| vault.disk.stat(path).ok();
    let is_same = stat(&other).zip(stat(vault.root())).is_some_and(|(one, other)| one.is_same_file(&other));
    carries_id && !is_same
}

#[cfg(test)]
mod tests;
