//! A vault that is open: where it lies, which paths are inside it, and reading.

use std::{
    collections::HashSet,
    fmt,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use journal_model::VaultPath;

use crate::{
    disk::{Disk, FileKind, FileStat},
    error::{DiskAction, DiskError, OpenError, ReadError, WalkError},
    platform, temp,
};

/// A directory of markdown owned by a person.
///
/// Cheap to open: nothing is scanned. Shared between threads by reference. Reading needs no lock; whoever writes holds the
/// [`WriteGuard`](crate::WriteGuard) of the vault's [`StateDir`](crate::StateDir).
pub struct Vault {
    /// Canonical, so that a path below it holds a link only where the vault itself does.
    root: PathBuf,
    /// Which folder it was when it was opened, or came back.
    identity: Mutex<(u64, u64)>,
    pub(crate) disk: Arc<dyn Disk>,
    /// Folders whose own entry this vault has synced, by path and identity: they need no second sync.
    pub(crate) durable_folders: Mutex<HashSet<(PathBuf, (u64, u64))>>,
}

/// What tells that a file is still the one it was without reading it. Times are in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Length in bytes.
    pub size: u64,
    /// Last change of the bytes.
    pub modified_ns: i64,
    /// Last change of bytes or properties; on Windows, creation.
    pub changed_ns: i64,
    /// The file's number on its file system; 0 on Windows.
    pub inode: u64,
}

impl From<FileStat> for Signature {
    fn from(stat: FileStat) -> Self {
        let FileStat { size, modified_ns, changed_ns, identity, .. } = stat;
        Self { size, modified_ns, changed_ns, inode: identity.1 }
    }
}

/// What lies in one folder.
#[derive(Debug, Default)]
pub struct FolderListing {
    /// Its notes, sorted by path.
    pub notes: Vec<(VaultPath, Signature)>,
    /// Temporary files of ours, by their paths inside the vault, for [`Vault::sweep`].
    pub temps: Vec<String>,
}

/// A file as it was read: where it really lies, what it is, and its bytes.
pub(crate) struct ReadFile {
    pub(crate) absolute: PathBuf,
    pub(crate) stat: FileStat,
    pub(crate) bytes: Vec<u8>,
}

impl Vault {
    /// The longest file that is read as a note, in bytes: 64 MiB. Longer ones are logs or dumps with a wrong name.
    pub const MAX_NOTE_BYTES: u64 = 64 * 1024 * 1024;

    /// Opens the vault whose root folder is `root`.
    ///
    /// # Errors
    /// When nothing is there, when it is not a folder, or when it cannot be listed.
    pub fn open(root: &Path, disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let path = || root.to_owned();
        let found = disk.canonicalize(root).and_then(|real| Ok((disk.stat(&real)?, real)));
        let (identity, real) = found.map_err(|source| match source.kind() {
            ErrorKind::NotFound => OpenError::Missing { path: path() },
            ErrorKind::NotADirectory => OpenError::NotAFolder { path: path() },
            _ => OpenError::Unreadable { path: path(), source },
        })?;
        if identity.kind != FileKind::Folder {
            return Err(OpenError::NotAFolder { path: path() });
        }
        disk.list(&real).map_err(|source| OpenError::Unreadable { path: path(), source })?;
        let identity = Mutex::new(identity.identity);
        Ok(Self { root: real, identity, disk, durable_folders: Mutex::default() })
    }

    /// The canonical absolute path of the root. For the local terminal only.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The name of the root folder: what Obsidian calls the vault.
    pub fn name(&self) -> String {
        self.root.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// The absolute path of a note. For the local terminal, and for handing to an editor.
    pub fn absolute_path(&self, path: &VaultPath) -> PathBuf {
        self.absolute(path.as_str())
    }

    /// Reads a note whole. A symbolic link is followed as long as its target lies inside the vault.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] when the vault is there and the note is not.
    pub fn read(&self, path: &VaultPath) -> Result<Vec<u8>, ReadError> {
        self.read_file(path.as_str()).map(|file| file.bytes)
    }

    /// Whether there is a file to read at `path`. A link that leads nowhere or out of the vault is no note.
    ///
    /// # Errors
    /// When the vault vanished or the operating system refuses to tell.
    pub fn exists(&self, path: &VaultPath) -> Result<bool, ReadError> {
        let found = self.real_path(path.as_str()).and_then(|real| self.stat(&real, path.as_str()));
        match found {
            Ok(stat) => Ok(stat.kind == FileKind::File),
            Err(ReadError::NotFound { .. } | ReadError::LeavesVault { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What tells that a note is still the one it was.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] when the vault is there and the note is not.
    pub fn signature(&self, path: &VaultPath) -> Result<Signature, ReadError> {
        let real = self.real_path(path.as_str())?;
        Ok(self.stat(&real, path.as_str())?.into())
    }

    /// The same of a note that a walk would meet: a link counts under the name of its target, and is none here.
    ///
    /// # Errors
    /// As [`Vault::signature`].
    pub fn signature_of_file(&self, path: &VaultPath) -> Result<Signature, ReadError> {
        let stat = self.stat(&self.absolute(path.as_str()), path.as_str())?;
        match stat.kind {
            FileKind::File => Ok(stat.into()),
            FileKind::Folder | FileKind::Symlink | FileKind::Other => {
                Err(ReadError::NotFound { path: path.to_string() })
            }
        }
    }

    /// Lists the notes of one folder (empty for the root), not those of its subfolders, sorted by path. Hidden files and
    /// links are left out; Obsidian's filters do not count, since the caller named the folder.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] when the folder is not there.
    pub fn list_folder(&self, folder: &str) -> Result<FolderListing, ReadError> {
        let folder = folder_path(folder)?;
        let real = self.real_path(&folder)?;
        let entries = self.disk.list_with_stats(&real);
        let entries = entries.map_err(|source| self.read_failed(DiskAction::Read, &folder, source))?;
        let mut listing = FolderListing::default();
        for (name, stat) in entries.into_iter().filter(|(_, stat)| stat.kind == FileKind::File) {
            let Some(name) = name.to_str() else { continue };
            if let Ok(path) = exact_path(&folder, name) {
                listing.notes.push((path, stat.into()));
            } else if temp::owner(name).is_some() {
                listing.temps.push(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
            }
        }
        listing.notes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(listing)
    }

    /// Reads any file of the vault by its relative path.
    pub(crate) fn read_file(&self, path: &str) -> Result<ReadFile, ReadError> {
        let mut absolute = self.absolute(path);
        let mut stat = self.stat(&absolute, path)?;
        if stat.kind == FileKind::Symlink {
            absolute = self.real_path(path)?;
            stat = self.stat(&absolute, path)?;
        }
        if stat.kind != FileKind::File {
            return Err(ReadError::NotAFile { path: path.to_owned() });
        }
        let limit = Self::MAX_NOTE_BYTES;
        let too_large = |size| ReadError::TooLarge { path: path.to_owned(), size, limit };
        if stat.size > limit {
            return Err(too_large(stat.size));
        }
        let mut read = self.disk.read(&absolute, limit + 1);
        if read.as_ref().is_err_and(platform::is_symlink_refused) {
            absolute = self.real_path(path)?;
            read = self.disk.read(&absolute, limit + 1);
        }
        let bytes = read.map_err(|source| self.read_failed(DiskAction::Read, path, source))?;
        match bytes.len() as u64 {
            size if size > limit => Err(too_large(size)),
            _ => Ok(ReadFile { absolute, stat, bytes }),
        }
    }

    /// Where a path really lies, links resolved.
    pub(crate) fn real_path(&self, path: &str) -> Result<PathBuf, ReadError> {
        let real = self.disk.canonicalize(&self.absolute(path));
        let real = real.map_err(|source| self.read_failed(DiskAction::Inspect, path, source))?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(ReadError::LeavesVault { path: path.to_owned() }) }
    }

    /// Looks at `absolute`, which is called `path` in errors.
    pub(crate) fn stat(&self, absolute: &Path, path: &str) -> Result<FileStat, ReadError> {
        self.disk.stat(absolute).map_err(|source| self.read_failed(DiskAction::Inspect, path, source))
    }

    /// Fails when the folder that was opened is no longer at its place. An unmounted disk leaves an empty folder behind, in
    /// which every note would be missing and every new note lost, so being there is not enough.
    ///
    /// # Errors
    /// [`WalkError::Vanished`] when it is not, [`WalkError::Disk`] when that cannot be known.
    pub fn check_present(&self) -> Result<(), WalkError> {
        let now = match self.disk.stat(&self.root) {
            Ok(now) => now,
            Err(error) if is_missing(&error) => return Err(self.vanished()),
            Err(source) => return Err(self.failed(DiskAction::Inspect, "", source).into()),
        };
        if now.kind == FileKind::Folder && now.identity == *self.known_identity() {
            Ok(())
        } else {
            Err(self.vanished())
        }
    }

    /// Takes the folder at the vault's place for the vault when it carries these settings. A disk that is mounted again may be
    /// another folder than before; the empty one that it left behind has no settings.
    pub fn welcome_back(&self, settings: &str) {
        let carries_them = || matches!(self.settings(), Ok(Some(text)) if text == settings);
        if self.check_present().is_err()
            && carries_them()
            && let Ok(now) = self.disk.stat(&self.root)
            && now.kind == FileKind::Folder
        {
            *self.known_identity() = now.identity;
            self.durable_folders.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    fn known_identity(&self) -> MutexGuard<'_, (u64, u64)> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The absolute path of something in the vault, part by part: Windows' canonical paths do not take `/`.
    pub(crate) fn absolute(&self, path: &str) -> PathBuf {
        let mut absolute = PathBuf::with_capacity(self.root.as_os_str().len() + path.len() + 1);
        self.absolute_into(path, &mut absolute);
        absolute
    }

    /// [`Vault::absolute`] into a buffer that is used again and again.
    pub(crate) fn absolute_into(&self, path: &str, buffer: &mut PathBuf) {
        buffer.as_mut_os_string().clear();
        buffer.push(&self.root);
        buffer.extend(path.split('/').filter(|part| !part.is_empty()));
    }

    /// A failed operation on `path`, without asking whether the vault is still there.
    pub(crate) fn failed(&self, action: DiskAction, path: &str, source: io::Error) -> DiskError {
        let shown = if path.is_empty() { "." } else { path };
        DiskError { action, path: shown.to_owned(), absolute: self.absolute(path), source }
    }

    /// A failed read, in which "not there" may mean the note or the whole vault.
    pub(crate) fn read_failed(&self, action: DiskAction, path: &str, source: io::Error) -> ReadError {
        if !is_missing(&source) {
            return self.failed(action, path, source).into();
        }
        match self.check_present() {
            Ok(()) => ReadError::NotFound { path: path.to_owned() },
            Err(error) => error.into(),
        }
    }

    fn vanished(&self) -> WalkError {
        WalkError::Vanished { name: self.name(), absolute: self.root.clone() }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("root", &self.root).finish_non_exhaustive()
    }
}

/// Whether nothing has the name, or a part of the path is a file.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The normal form of a folder's path; empty for the root.
pub(crate) fn folder_path(folder: &str) -> Result<String, ReadError> {
    if folder.is_empty() {
        return Ok(String::new());
    }
    // A folder is fit for notes when a note in it has a path.
    let note = VaultPath::in_folder(folder, "x.md");
    let note = note.map_err(|source| ReadError::InvalidFolder { path: folder.to_owned(), source })?;
    Ok(note.folder().to_owned())
}

/// The path of the file that a folder lists as `name`, which must come back as it is: a `\` in a Linux name would not.
pub(crate) fn exact_path(folder: &str, name: &str) -> Result<VaultPath, Option<journal_model::VaultPathError>> {
    let path = VaultPath::in_folder(folder, name)?;
    if path.file_name() == name { Ok(path) } else { Err(None) }
}

#[cfg(test)]
mod tests;
