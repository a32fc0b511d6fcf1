//! The one door to the file system for everything that reads or changes a vault.
//!
//! Operations are small and take absolute paths, so that a test can put a disk in between that fails the n-th of them.

use std::{
    ffi::OsString,
    fmt,
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    platform,
    watch::{self, FolderWatch, Listener, Mount, WatchError},
};

/// File operations, each of which may fail on its own.
///
/// Every error is the operating system's; the caller adds what was attempted and on which note.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Reads a file whole, at most `limit` bytes of it.
    ///
    /// # Errors
    /// Fails when any part of `path` is a symbolic link, with the platform's error for a link too many.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Reads once into `buffer`, from `offset` bytes into the file, and answers how many bytes came; 0 at the end.
    ///
    /// # Errors
    /// As [`Disk::read`].
    fn read_at(&self, path: &Path, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Lists a folder, in no order, without looking at each entry where the system tells its kind along with its name.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// Lists a folder with what the system knows of each entry, in no order. What is removed meanwhile may be left out.
    fn list_with_stats(&self, folder: &Path) -> io::Result<Vec<(OsString, FileStat)>> {
        let with_stat = |entry: Entry| match self.stat(&folder.join(&entry.name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            stat => Some(stat.map(|stat| (entry.name, stat))),
        };
        self.list(folder)?.into_iter().filter_map(with_stat).collect()
    }

    /// Looks at what `path` names; a symbolic link itself, not its target.
    fn stat(&self, path: &Path) -> io::Result<FileStat>;

    /// Resolves every symbolic link in `path`.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;

    /// Whether this user may write the existing file at `path`. Leaves no trace that a watcher would see.
    fn is_writable(&self, path: &Path) -> io::Result<bool>;

    /// Creates a file that must not exist, with these bytes, and with exactly these mode bits where given.
    fn create_file(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()>;

    /// Creates a folder that must not exist, in one that does.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes a file's bytes outlive a power cut.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder's entries outlive a power cut.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Renames, replacing what has the name.
    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Renames a file or folder, and fails with [`io::ErrorKind::AlreadyExists`] when the name is taken.
    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Has the system tell what happens in a folder and all below it, until what is answered is dropped.
    ///
    /// # Errors
    /// When the system does not.
    fn watch(&self, folder: &Path, listener: Listener) -> Result<Box<dyn FolderWatch>, WatchError> {
        watch::watch(folder, listener)
    }

    /// The kind of network file system that a folder lies on, on which other machines change files unseen; `None` where there
    /// is none, or it cannot be known.
    fn network(&self, folder: &Path) -> Option<String> {
        watch::network(folder)
    }

    /// What is mounted on folders below a folder; nothing where that cannot be known.
    fn mounts(&self, folder: &Path) -> Vec<Mount> {
        platform::mounts_below(folder)
    }
}

/// One name in a folder.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The name as the file system has it.
    pub name: OsString,
    /// What it names.
    pub kind: FileKind,
}

/// What a name leads to, links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A pipe, socket or device.
    Other,
}

/// What the file system knows of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// What it is.
    pub kind: FileKind,
    /// Length in bytes.
    pub size: u64,
    /// Last change of the bytes, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Last change of bytes or properties (on Windows: creation), in nanoseconds since 1970.
    pub changed_ns: i64,
    /// File system and number of the file on it; zeros where the platform has none.
    pub identity: (u64, u64),
    /// Unix mode bits; 0 elsewhere.
    pub mode: u32,
    /// Whether nobody may write it.
    pub read_only: bool,
}

impl FileStat {
    /// Whether `other` is surely the same file or folder, under whatever path.
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.identity != (0, 0) && self.identity == other.identity
    }
}

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = platform::open_without_links(path)?;
        let expected = file.metadata()?.len().min(limit);
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read_at(&self, path: &Path, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        platform::read_at(&platform::open_without_links(path)?, offset, buffer)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        fs::read_dir(folder)?
            .map(|entry| {
                let entry = entry?;
                Ok(Entry { kind: entry.file_type()?.into(), name: entry.file_name() })
            })
            .collect()
    }

    /// Looks at each entry from its folder, which spares the system the way through all folders above. (Windows would answer
    /// what the folder remembers of its files, which may be old.)
    #[cfg(unix)]
    fn list_with_stats(&self, folder: &Path) -> io::Result<Vec<(OsString, FileStat)>> {
        let with_stat = |entry: io::Result<fs::DirEntry>| match entry.and_then(|entry| Ok((entry.metadata()?, entry))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            found => Some(found.map(|(metadata, entry)| (entry.file_name(), platform::stat(&metadata)))),
        };
        fs::read_dir(folder)?.filter_map(with_stat).collect()
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        fs::symlink_metadata(path).map(|metadata| platform::stat(&metadata))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        platform::canonicalize(path)
    }

    fn is_writable(&self, path: &Path) -> io::Result<bool> {
        platform::is_writable(path)
    }

    fn create_file(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        if let Some(mode) = mode {
            platform::set_mode(&file, mode)?;
        }
        file.write_all(bytes)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        platform::sync_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        platform::sync_folder(path)
    }

    fn rename_over(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        platform::rename_to_free(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

impl From<fs::FileType> for FileKind {
    fn from(kind: fs::FileType) -> Self {
        if kind.is_file() {
            Self::File
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_symlink() {
            Self::Symlink
        } else {
            Self::Other
        }
    }
}
