//! Watching a vault: which notes may have changed, told once they have come to rest.
//!
//! What the file system tells is a hint, no more: that something was at a path. Hints are gathered by path until the path has
//! been quiet for a moment ([`Pace`]), and whoever takes them reads the files. Hidden files are passed over as a walk passes
//! them over. Folders that came, went or were moved are told as folders, because nobody tells of each file in them; so are those in
//! which too much happens to be told one by one. What was missed, or happens everywhere, is told as *everything*.

mod hint;
mod native;
mod pending;

use std::{
    collections::BTreeSet,
    fmt, io,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use journal_model::VaultPath;

use crate::{Vault, platform};
use hint::Hint;
use pending::Pending;

pub(crate) use native::watch;

/// When a change is ripe to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// A path has to be quiet for so long.
    pub quiet: Duration,
    /// One that is never quiet is told after so long all the same.
    pub most: Duration,
    /// One that somebody has open for writing is told after so long, where the system tells when it is closed.
    pub held: Duration,
    /// More paths than this at once are told as the folder that holds most of them, or as everything.
    pub many: usize,
}

impl Default for Pace {
    /// 50 ms, 500 ms, 2 s, 256 paths.
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(50),
            most: Duration::from_millis(500),
            held: Duration::from_secs(2),
            many: 256,
        }
    }
}

/// What may have changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// Notes that came, changed or went.
    pub notes: BTreeSet<VaultPath>,
    /// Folders that came or went, or in which too much happened to be told one by one, with whatever lies in them, or lay: by
    /// their paths in the vault. Some may be files that are no notes.
    pub folders: BTreeSet<String>,
    /// Whether all of the vault is to be compared: something was missed, or too much happened at once.
    pub everything: bool,
    /// The notes, files and folders that were seen to go, by their paths in the vault: what is not there any more, or was in one
    /// of these folders, was taken away by somebody.
    pub gone: BTreeSet<String>,
    /// Why from now on less is told, or nothing.
    pub trouble: Option<WatchError>,
}

impl Changes {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.folders.is_empty() && !self.everything && self.trouble.is_none()
    }

    /// Adds others that came later.
    pub fn add(&mut self, later: Self) {
        let Self { notes, folders, everything, gone, trouble } = later;
        self.notes.extend(notes);
        self.folders.extend(folders);
        self.everything |= everything;
        self.gone.extend(gone);
        self.trouble = self.trouble.take().or(trouble);
    }
}

/// Why a vault is not watched. Whoever watched it compares it now and then instead.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Other machines may change the files, of which this one is told nothing.
    #[error("the vault lies on a network file system (`{kind}`), which does not tell what other machines change")]
    Network {
        /// The kind of file system.
        kind: String,
    },
    /// The same of a folder in the vault.
    #[error("`{path}` lies on a network file system (`{kind}`), which does not tell what other machines change")]
    NetworkBelow {
        /// The folder, by its path in the vault.
        path: String,
        /// The kind of file system.
        kind: String,
    },
    /// Every folder needs a watch, and the user has no more of them.
    #[error("the system's limit of watched folders is reached{}", shown_limit(*limit))]
    TooManyFolders {
        /// How many a user may have.
        limit: Option<u64>,
    },
    /// The user has no more watchers.
    #[error("the system's limit of programs that watch folders is reached{}", shown_limit(*limit))]
    TooManyWatchers {
        /// How many a user may have.
        limit: Option<u64>,
    },
    /// The folder of the vault was moved or removed.
    #[error("the folder of the vault is gone")]
    Vanished,
    /// Anything else that the system says.
    #[error("cannot watch `{}`", .path.display())]
    Disk {
        /// The folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
}

fn shown_limit(limit: Option<u64>) -> String {
    limit.map(|limit| format!(" ({limit})")).unwrap_or_default()
}

impl WatchError {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        let raise = |key: &str, to: u64| {
            format!(
                "sudo sysctl {key}={to}; to keep it: echo '{key}={to}' | sudo tee /etc/sysctl.d/60-journal.conf; \
                 until then the notes are compared now and then"
            )
        };
        match self {
            Self::Network { .. } | Self::NetworkBelow { .. } => {
                "nothing to do: the notes are compared now and then".to_owned()
            }
            Self::TooManyFolders { limit } => {
                raise("fs.inotify.max_user_watches", limit.map_or(524_288, |limit| (limit * 2).max(524_288)))
            }
            Self::TooManyWatchers { limit } => {
                raise("fs.inotify.max_user_instances", limit.map_or(1_024, |limit| (limit * 2).max(1_024)))
            }
            Self::Vanished => "mount it, or move it back; then it is watched again".to_owned(),
            Self::Disk { .. } => "nothing to do: the notes are compared now and then, and it is tried again".to_owned(),
        }
    }
}

/// A file system that is mounted on a folder in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The folder.
    pub path: PathBuf,
    /// The kind of file system.
    pub kind: String,
    /// Another for another mount on the same folder.
    pub number: u64,
}

/// What the system tells of a watched folder, as it comes.
#[derive(Debug)]
pub enum Told {
    /// Something happened to a file or folder, by its absolute path.
    Happened(PathBuf, Happening),
    /// Some of what happened is not told.
    Missed,
    /// From now on less is told, or nothing.
    Failed(WatchError),
}

/// What happened to a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A file came, or its bytes or properties changed.
    File,
    /// Somebody who has the file open wrote to it.
    Written,
    /// Somebody who wrote to the file closed it.
    Closed,
    /// A folder came.
    Folder,
    /// A file went.
    FileGone,
    /// A file or folder went, or has another name now.
    Gone,
    /// A file or folder came, perhaps from elsewhere.
    Came,
}

/// A folder that the system watches, until it is dropped.
pub trait FolderWatch: Send {
    /// Returns when every folder is watched of which it was told that it came.
    fn settle(&self);
}

/// Who hears what the system tells, on a thread of the system's watch.
pub type Listener = Box<dyn FnMut(Told) + Send>;

/// A vault that is watched, until this is dropped.
pub struct Watch {
    pace: Pace,
    shared: Arc<Shared>,
    folders: Box<dyn FolderWatch>,
}

struct Shared {
    root: PathBuf,
    pending: Mutex<Pending>,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what the system tells. Whether something will be ripe before it is asked for.
    fn hear(&self, told: Told) -> bool {
        let Some(hint) = Hint::of(&self.root, told) else { return false };
        self.pending().meet(hint, Instant::now())
    }
}

impl Vault {
    /// Watches the vault. `ring` is called on another thread when something will be ripe earlier than [`Watch::take`] said, which
    /// is to be asked then.
    ///
    /// What changes before this returns may be missed: compare the vault afterwards.
    ///
    /// # Errors
    /// When the system does not tell what changes. The vault can be compared now and then.
    pub fn watch(&self, pace: Pace, ring: impl Fn() + Send + 'static) -> Result<Watch, WatchError> {
        self.check_present().map_err(|_| WatchError::Vanished)?;
        if let Some(kind) = self.disk.network(self.root()) {
            return Err(WatchError::Network { kind });
        }
        let shared = Arc::new(Shared { root: self.root().to_owned(), pending: Mutex::new(Pending::new(pace)) });
        let hearing = Arc::clone(&shared);
        let listener = move |told| {
            if hearing.hear(told) {
                ring();
            }
        };
        let folders = self.disk.watch(self.root(), Box::new(listener))?;
        Ok(Watch { pace, shared, folders })
    }
}

impl Vault {
    /// What is mounted on folders in the vault, hidden ones aside, where the system tells. A watch does not reach into what is mounted
    /// after it began.
    pub fn mounts(&self) -> Vec<Mount> {
        let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
        let mut mounts = self.disk.mounts(self.root());
        mounts.retain(|mount| {
            mount.path.strip_prefix(self.root()).is_ok_and(|inside| !inside.components().any(is_hidden))
        });
        mounts
    }

    /// Why changes in one of these are not all told; `None` where they are.
    pub fn untold(&self, mounts: &[Mount]) -> Option<WatchError> {
        let mount = mounts.iter().find(|mount| is_network(&mount.kind))?;
        let path = mount.path.strip_prefix(self.root()).unwrap_or(&mount.path).display().to_string();
        Some(WatchError::NetworkBelow { path, kind: mount.kind.clone() })
    }
}

impl Watch {
    /// What is ripe by now, and when to ask again unless it rings before; `None` when nothing waits.
    pub fn take(&self) -> (Changes, Option<Instant>) {
        let (changes, next) = self.shared.pending().take(Instant::now());
        if changes.everything || !changes.folders.is_empty() {
            // Whoever looks into them from now on misses nothing: what comes later is told.
            self.folders.settle();
        }
        (changes, next)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("root", &self.shared.root).field("pace", &self.pace).finish_non_exhaustive()
    }
}

/// The kind of network file system that a folder lies on; `None` for one of this machine, or where that cannot be known.
pub(crate) fn network(folder: &Path) -> Option<String> {
    platform::file_system(folder).filter(|kind| is_network(kind))
}

/// Whether files on this kind of file system may be changed by other machines.
pub(crate) fn is_network(kind: &str) -> bool {
    const KINDS: [&str; 23] = [
        "9p",
        "afpfs",
        "afs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "drvfs",
        "gfs2",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "prl_fs",
        "smb3",
        "smbfs",
        "unc",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
        "webdav",
    ];
    const OVER_FUSE: [&str; 12] = [
        "curlftpfs",
        "davfs2",
        "gcsfuse",
        "gdfuse",
        "glusterfs",
        "google-drive-ocamlfuse",
        "onedriver",
        "rclone",
        "s3fs",
        "smbnetfs",
        "sshfs",
        "vmhgfs-fuse",
    ];
    match kind.strip_prefix("fuse.") {
        Some(over_fuse) => OVER_FUSE.contains(&over_fuse),
        None => KINDS.contains(&kind),
    }
}

#[cfg(test)]
mod tests;
