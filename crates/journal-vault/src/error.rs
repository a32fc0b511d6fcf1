//! Why a vault's files could not be read or written.
//!
//! Messages name a note by its path inside the vault. The absolute path stands in a field of its own, for the local
//! terminal only: it must not reach a remote client.

use std::{fmt, io, path::PathBuf};

/// One file operation that failed: what was attempted, on what, and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{path}`")]
pub struct DiskError {
    /// What was attempted.
    pub action: DiskAction,
    /// The path inside the vault; `.` for the vault's root.
    pub path: String,
    /// The path on this machine.
    pub absolute: PathBuf,
    /// What the operating system said.
    #[source]
    pub source: io::Error,
}

impl DiskError {
    /// Whether the disk, or the owner's share of it, is full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// Whether the file system is mounted read-only.
    pub fn is_read_only(&self) -> bool {
        self.source.kind() == io::ErrorKind::ReadOnlyFilesystem
    }

    /// Whether the operating system refuses this user.
    pub fn is_permission_denied(&self) -> bool {
        self.source.kind() == io::ErrorKind::PermissionDenied
    }

    /// Whether the file system cannot hold a name this long, or with these characters.
    pub fn is_invalid_name(&self) -> bool {
        self.source.kind() == io::ErrorKind::InvalidFilename
    }
}

/// What was attempted on a file or folder, as the verb of an error message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiskAction {
    /// Look at its size, kind and times.
    Inspect,
    /// Read its bytes or names.
    Read,
    /// Write its bytes.
    Write,
    /// Make sure it outlives a power cut.
    Sync,
    /// Give it another name.
    Rename,
    /// Make a folder.
    CreateFolder,
    /// Remove it.
    Remove,
}

impl fmt::Display for DiskAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inspect => "inspect",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::CreateFolder => "create the folder",
            Self::Remove => "remove",
        })
    }
}

/// Why a vault could not be opened. The paths are as the caller gave them.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing is there.
    #[error("there is no vault at `{}`; the folder does not exist", .path.display())]
    Missing {
        /// Where a vault was looked for.
        path: PathBuf,
    },
    /// A file is there.
    #[error("`{}` is not a folder, so it is not a vault", .path.display())]
    NotAFolder {
        /// Where a vault was looked for.
        path: PathBuf,
    },
    /// The folder cannot be listed.
    #[error("cannot read the vault `{}`", .path.display())]
    Unreadable {
        /// Where a vault was looked for.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Why a note could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The vault is there, the note is not.
    #[error("there is no note `{path}`")]
    NotFound {
        /// The path inside the vault.
        path: String,
    },
    /// The vault's root is gone, or another folder has taken its place.
    #[error("the vault vanished: its folder `{name}` is gone or was replaced")]
    Vanished {
        /// The name of the vault's folder.
        name: String,
        /// Where the vault was.
        absolute: PathBuf,
    },
    /// A symbolic link leads out of the vault.
    #[error("`{path}` leads out of the vault through a symbolic link")]
    LeavesVault {
        /// The path inside the vault.
        path: String,
    },
    /// A folder's name that cannot be used: empty, hidden, absolute, or with `..`.
    #[error("`{path}` cannot be a folder of notes")]
    InvalidFolder {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        #[source]
        source: journal_model::VaultPathError,
    },
    /// A folder, device or pipe.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// The path inside the vault.
        path: String,
    },
    /// A file too long to be a note.
    #[error("`{path}` has {size} bytes; a note may have at most {limit}")]
    TooLarge {
        /// The path inside the vault.
        path: String,
        /// The file's length in bytes.
        size: u64,
        /// The longest accepted length in bytes.
        limit: u64,
    },
    /// The operating system refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl ReadError {
    /// The failed file operation, where there was one.
    pub fn disk(&self) -> Option<&DiskError> {
        if let Self::Disk(error) = self { Some(error) } else { None }
    }
}

/// Why a note or folder could not be written, replaced or renamed.
///
/// Whatever it says, no note is half-written: each is as it was, or wholly as asked.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The name is taken.
    #[error("`{path}` already exists")]
    AlreadyExists {
        /// The path inside the vault.
        path: String,
    },
    /// The file no longer holds the bytes the change was computed from.
    #[error("`{path}` was changed by somebody else in the meantime")]
    Changed {
        /// The path inside the vault.
        path: String,
    },
    /// The file is marked read-only, or this user may not write it.
    #[error("`{path}` is read-only")]
    ReadOnly {
        /// The path inside the vault.
        path: String,
        /// The path on this machine.
        absolute: PathBuf,
    },
    /// A part of the path that should be a folder is a file.
    #[error("`{path}` is not a folder")]
    NotAFolder {
        /// The path inside the vault.
        path: String,
    },
    /// A folder was to be moved into itself.
    #[error("`{from}` cannot be moved into itself (`{to}`)")]
    IntoItself {
        /// The folder.
        from: String,
        /// Where it was to go.
        to: String,
    },
    /// What the write begins with could not be read.
    #[error(transparent)]
    Read(ReadError),
    /// The operating system refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl WriteError {
    /// The failed file operation, where there was one.
    pub fn disk(&self) -> Option<&DiskError> {
        match self {
            Self::Disk(error) | Self::Read(ReadError::Disk(error)) => Some(error),
            _ => None,
        }
    }
}

impl From<ReadError> for WriteError {
    fn from(error: ReadError) -> Self {
        // One variant for each fact, so that callers have one place to look for a failed file operation.
        match error {
            ReadError::Disk(error) => Self::Disk(error),
            other => Self::Read(other),
        }
    }
}

/// Why a vault could not be walked.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The vault's root is gone, or another folder has taken its place.
    #[error("the vault vanished: its folder `{name}` is gone or was replaced")]
    Vanished {
        /// The name of the vault's folder.
        name: String,
        /// Where the vault was.
        absolute: PathBuf,
    },
    /// The root cannot be looked at or listed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl WalkError {
    /// The failed file operation, where there was one.
    pub fn disk(&self) -> Option<&DiskError> {
        if let Self::Disk(error) = self { Some(error) } else { None }
    }
}

impl From<WalkError> for ReadError {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Vanished { name, absolute } => Self::Vanished { name, absolute },
            WalkError::Disk(error) => Self::Disk(error),
        }
    }
}

impl From<WalkError> for WriteError {
    fn from(error: WalkError) -> Self {
        ReadError::from(error).into()
    }
}
