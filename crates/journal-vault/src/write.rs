//! Writing notes so that they are either as they were or wholly as asked, and stay so through a power cut.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use journal_model::{VaultPath, name_key};

use crate::{
    Vault,
    disk::FileKind,
    error::{DiskAction, DiskError, ReadError, WriteError},
    folders::Place,
    hash::ContentHash,
    temp,
    vault::{ReadFile, Signature, folder_path, is_missing},
};

/// The folder that a name was written to, links resolved.
#[derive(Debug, PartialEq, Eq)]
pub struct RealFolder(PathBuf);

impl Vault {
    /// Creates a note that must not exist, making the folders it lies in.
    ///
    /// **Durable**: after `Ok` the bytes, the name and every folder on the way have been synced, and outlive a power cut.
    /// After an `Err` the note is absent or whole. It is whole when the last sync, of the folder, is what failed: a retry
    /// then finds it ([`WriteError::AlreadyExists`]), and [`Vault::make_durable`] finishes the work.
    ///
    /// # Errors
    /// [`WriteError::AlreadyExists`] when the name is taken, also by another process in the same instant.
    pub fn create(&self, path: &VaultPath, bytes: &[u8]) -> Result<(), WriteError> {
        self.create_file(path.as_str(), bytes)
    }

    /// [`Vault::create`] but for its last step: **the name is not durable yet**. For a caller who goes on to
    /// [`Vault::replace`] a note, which syncs the name as well where it answers the same folder; where it does not,
    /// [`Vault::sync_names`] is the last step. One sync for two names: a disk has nothing slower to do.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub fn create_unsynced(&self, path: &VaultPath, bytes: &[u8]) -> Result<RealFolder, WriteError> {
        let place = self.ensure_folder(path.folder())?;
        let created = self.create_in(&place.absolute, path.file_name(), path.as_str(), bytes);
        match created {
            Ok(()) => Ok(RealFolder(place.absolute)),
            Err(error) => {
                self.undo(place);
                Err(error)
            }
        }
    }

    /// Makes the names in a folder durable; `path` is the note to tell of when that fails.
    ///
    /// # Errors
    /// When the disk cannot; then the note is there, and may not outlive a power cut.
    pub fn sync_names(&self, folder: &RealFolder, path: &VaultPath) -> Result<(), WriteError> {
        Ok(self.sync_folder(&folder.0, path.as_str())?)
    }

    /// Replaces the bytes of a note, if they are still those that `expected` was computed from. Mode bits are kept; of a link
    /// inside the vault the target is replaced.
    ///
    /// **Durable**: after `Ok` the new bytes have been synced, and with them all names in the folder that is answered. After
    /// an `Err` the note holds the old bytes or the new ones, whole. It holds the new ones when the last sync is what failed: a
    /// retry then finds them ([`WriteError::Changed`]), and [`Vault::make_durable`] finishes the work.
    ///
    /// Another program that writes in place, without the vault's lock, is noticed up to the rename itself. Within those few
    /// microseconds its bytes would be lost; no file system offers to compare and rename in one step.
    ///
    /// # Errors
    /// [`WriteError::Changed`] when the file holds other bytes, [`WriteError::ReadOnly`] when it is marked read-only or
    /// belongs to somebody else.
    pub fn replace(&self, path: &VaultPath, expected: ContentHash, bytes: &[u8]) -> Result<RealFolder, WriteError> {
        self.replace_file(path.as_str(), expected, bytes)
    }

    /// [`Vault::replace`] for any file of the vault.
    pub(crate) fn replace_file(
        &self,
        shown: &str,
        expected: ContentHash,
        bytes: &[u8],
    ) -> Result<RealFolder, WriteError> {
        self.check_present()?;
        let before = self.read_file(shown)?;
        let changed = || WriteError::Changed { path: shown.to_owned() };
        if ContentHash::of(&before.bytes) != expected {
            return Err(changed());
        }
        let absolute = before.absolute;
        let writable = self.disk.is_writable(&absolute);
        if !writable.map_err(|source| self.failed(DiskAction::Inspect, shown, source))? {
            return Err(WriteError::ReadOnly { path: shown.to_owned(), absolute });
        }
        let folder = absolute.parent().unwrap_or(self.root());
        let temp = self.write_temp(folder, shown, bytes, Some(before.stat.mode))?;
        let renamed = self.stat(&absolute, shown).map_err(WriteError::from).and_then(|now| {
            if Signature::from(now) != Signature::from(before.stat) {
                return Err(changed());
            }
            let renamed = self.disk.rename_over(&temp, &absolute);
            renamed.map_err(|source| self.failed(DiskAction::Write, shown, source).into())
        });
        if let Err(error) = renamed {
            temp::discard(&*self.disk, &temp);
            return Err(error);
        }
        self.sync_folder(folder, shown)?;
        Ok(RealFolder(folder.to_owned()))
    }

    /// Moves a note to a name that must be free, making the folders it goes into. Links to it are the caller's business.
    ///
    /// **Durable**: after `Ok` the new name has been synced, then the old folder. After an `Err` the note has its old name or
    /// its new one (on a file system without a rename that refuses taken names, for a crash's length both).
    ///
    /// # Errors
    /// [`ReadError::NotFound`] inside [`WriteError::Read`] when there is no such note, [`WriteError::AlreadyExists`] when the
    /// new name is taken.
    pub fn rename(&self, from: &VaultPath, to: &VaultPath) -> Result<(), WriteError> {
        self.rename_entry(from.as_str(), to.as_str(), |kind| match kind {
            FileKind::File | FileKind::Symlink => Ok(()),
            _ => Err(ReadError::NotAFile { path: from.to_string() }.into()),
        })
    }

    /// Moves a whole folder, with everything in it, to a name that must be free.
    ///
    /// **Durable** as [`Vault::rename`]; the folder's content is not touched.
    ///
    /// # Errors
    /// As [`Vault::rename`], and [`WriteError::IntoItself`].
    pub fn rename_folder(&self, from: &str, to: &str) -> Result<(), WriteError> {
        let (from, to) = (folder_path(from)?, folder_path(to)?);
        if from.is_empty() || to.starts_with(&format!("{from}/")) {
            return Err(WriteError::IntoItself { from, to });
        }
        self.rename_entry(&from, &to, |kind| match kind {
            FileKind::Folder => Ok(()),
            _ => Err(WriteError::NotAFolder { path: from.clone() }),
        })
    }

    /// Removes a note that was created a moment ago for something that then failed, and its folder if that is empty then. Best
    /// effort: the failure that led here is the one to report. What no longer holds `bytes` is somebody else's by now and stays.
    pub fn take_back(&self, path: &VaultPath, bytes: &[u8]) {
        let is_ours = |file: &ReadFile| file.bytes == bytes && file.stat.kind == FileKind::File;
        let Some(file) = self.read_file(path.as_str()).ok().filter(is_ours) else { return };
        if self.disk.remove_file(&file.absolute).is_ok()
            && let Some(folder) = file.absolute.parent()
        {
            self.drop_if_empty(folder);
        }
    }

    /// Removes a folder out of which a file of ours was taken, if nothing else is in it.
    pub(crate) fn drop_if_empty(&self, folder: &Path) {
        if folder != self.root() {
            self.undo(Place { absolute: self.absolute(""), made: vec![folder.to_owned()] });
        }
    }

    /// Syncs a note that is already there, its name and its folders. For a retry after a write that failed in its last step:
    /// the bytes are found to be in place, and may be promised only after this.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] inside [`WriteError::Read`] when there is no such note.
    pub fn make_durable(&self, path: &VaultPath) -> Result<(), WriteError> {
        self.sync_file_and_folders(path.as_str())
    }

    /// [`Vault::create`] for any file of the vault.
    pub(crate) fn create_file(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let place = self.ensure_folder(folder)?;
        let created = self.create_in(&place.absolute, name, path, bytes);
        let created = created.and_then(|()| Ok(self.sync_folder(&place.absolute, path)?));
        if created.is_err() {
            self.undo(place);
        }
        created
    }

    /// [`Vault::make_durable`] for any file of the vault.
    pub(crate) fn sync_file_and_folders(&self, path: &str) -> Result<(), WriteError> {
        let real = self.real_path(path)?;
        self.disk.sync_file(&real).map_err(|source| self.failed(DiskAction::Sync, path, source))?;
        let place = self.ensure_folder(path.rsplit_once('/').map_or("", |(folder, _)| folder))?;
        self.sync_folder(&place.absolute, path)?;
        // Behind a link it is the target's folder in which a replaced file got its name.
        match real.parent() {
            Some(folder) if folder != place.absolute => Ok(self.sync_folder(folder, path)?),
            _ => Ok(()),
        }
    }

    /// Creates a file in a folder that is there; its name is not synced.
    fn create_in(&self, folder: &Path, name: &str, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let taken = || WriteError::AlreadyExists { path: path.to_owned() };
        let target = folder.join(name);
        match self.disk.stat(&target) {
            Ok(_) => return Err(taken()),
            Err(error) if is_missing(&error) => {}
            Err(source) => return Err(self.failed(DiskAction::Write, path, source).into()),
        }
        let temp = self.write_temp(folder, path, bytes, None)?;
        if let Err(source) = self.disk.rename_to_free(&temp, &target) {
            temp::discard(&*self.disk, &temp);
            return Err(match source.kind() {
                ErrorKind::AlreadyExists => taken(),
                _ => self.failed(DiskAction::Write, path, source).into(),
            });
        }
        Ok(())
    }

    /// Writes and syncs bytes under a temporary name in `folder`.
    fn write_temp(&self, folder: &Path, path: &str, bytes: &[u8], mode: Option<u32>) -> Result<PathBuf, DiskError> {
        let temp = folder.join(temp::name());
        let written = match self.disk.create_file(&temp, bytes, mode) {
            Ok(()) => self.disk.sync_file(&temp),
            failed => failed,
        };
        match written {
            Ok(()) => Ok(temp),
            Err(source) => {
                temp::discard(&*self.disk, &temp);
                Err(self.failed(DiskAction::Write, path, source))
            }
        }
    }

    fn rename_entry(
        &self,
        from: &str,
        to: &str,
        check: impl Fn(FileKind) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let (from_folder, from_name) = from.rsplit_once('/').unwrap_or(("", from));
        let (to_folder, to_name) = to.rsplit_once('/').unwrap_or(("", to));
        // A link is moved itself, so only the folder that it lies in is resolved.
        let source_folder = self.real_path(from_folder).map_err(|error| match error {
            ReadError::NotFound { .. } => ReadError::NotFound { path: from.to_owned() },
            other => other,
        })?;
        let source = source_folder.join(from_name);
        check(self.stat(&source, from)?.kind)?;
        let taken = || WriteError::AlreadyExists { path: to.to_owned() };
        if from == to {
            return Err(taken());
        }
        let place = self.ensure_folder(to_folder)?;
        let target = place.absolute.join(to_name);
        let mut renamed = self.disk.rename_to_free(&source, &target);
        if renamed.as_ref().is_err_and(|error| error.kind() == ErrorKind::AlreadyExists)
            && self.differ_in_case_only(from, to, &source, &target)
        {
            renamed = self.disk.rename_over(&source, &target);
        }
        if let Err(error) = renamed {
            self.undo(place);
            return Err(match error.kind() {
                ErrorKind::AlreadyExists => taken(),
                _ => self.failed(DiskAction::Rename, from, error).into(),
            });
        }
        self.sync_folder(&place.absolute, to)?;
        if source_folder != place.absolute {
            self.sync_folder(&source_folder, from)?;
        }
        Ok(())
    }

    /// Whether two names are one file because the file system ignores case, so that the "taken" name is the file's own.
    fn differ_in_case_only(&self, from: &str, to: &str, source: &Path, target: &Path) -> bool {
        let same = || self.disk.canonicalize(source).ok().zip(self.disk.canonicalize(target).ok());
        name_key(from) == name_key(to) && same().is_some_and(|(one, other)| one == other)
    }

    pub(crate) fn sync_folder(&self, folder: &Path, path: &str) -> Result<(), DiskError> {
        self.disk.sync_folder(folder).map_err(|source| self.failed(DiskAction::Sync, path, source))
    }
}

#[cfg(test)]
mod tests;
