//! Folders that must be there, and stay there, before a note can lie in them.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::PoisonError,
};

use crate::{
    Vault,
    disk::FileKind,
    error::{DiskAction, WriteError},
};

/// A folder that is there, and what had to be made for that.
pub(crate) struct Place {
    /// Where it really lies, links resolved.
    pub(crate) absolute: PathBuf,
    pub(crate) made: Vec<PathBuf>,
}

impl Vault {
    /// Makes sure that `folder` (normalised; empty for the root) exists inside the vault and outlives a power cut.
    ///
    /// A folder that was already there may have been made a moment ago, by Obsidian or by a `journal` that was killed before
    /// it could sync. So the entry of each folder on the way is synced once per opened vault, whoever made it.
    pub(crate) fn ensure_folder(&self, folder: &str) -> Result<Place, WriteError> {
        self.check_present()?;
        let mut place = Place { absolute: self.absolute(""), made: Vec::new() };
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
        for end in ends.filter(|end| *end > 0) {
            if let Err(error) = self.enter(&folder[..end], &mut place) {
                self.undo(place);
                return Err(error);
            }
        }
        Ok(place)
    }

    /// Removes the folders that were made for a write that then failed, as far as they are still empty. Best effort: an empty
    /// folder that stays harms nobody, and the failure that led here is the one to report.
    pub(crate) fn undo(&self, place: Place) {
        for made in place.made.iter().rev() {
            self.durable_folders.lock().unwrap_or_else(PoisonError::into_inner).retain(|(path, _)| path != made);
            if self.disk.remove_folder(made).is_err() {
                return;
            }
        }
    }

    /// Steps from the folder that `place` is at into the last part of `path`.
    fn enter(&self, path: &str, place: &mut Place) -> Result<(), WriteError> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let parent = place.absolute.clone();
        place.absolute.push(name);
        let mut found = self.disk.stat(&place.absolute);
        if found.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            match self.disk.create_folder(&place.absolute) {
                Ok(()) => place.made.push(place.absolute.clone()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(source) => return Err(self.failed(DiskAction::CreateFolder, path, source).into()),
            }
            found = self.disk.stat(&place.absolute);
        }
        let stat = found.map_err(|source| self.failed(DiskAction::Inspect, path, source))?;
        match stat.kind {
            FileKind::Folder => self.sync_entry(path, &parent, &place.absolute, stat.identity),
            FileKind::Symlink => {
                // The link and its target are a person's, made long ago: only what lies below is ours to sync.
                place.absolute = self.real_path(path)?;
                match self.stat(&place.absolute, path)?.kind {
                    FileKind::Folder => Ok(()),
                    _ => Err(WriteError::NotAFolder { path: path.to_owned() }),
                }
            }
            FileKind::File | FileKind::Other => Err(WriteError::NotAFolder { path: path.to_owned() }),
        }
    }

    fn sync_entry(&self, path: &str, parent: &Path, folder: &Path, identity: (u64, u64)) -> Result<(), WriteError> {
        let key = (folder.to_owned(), identity);
        let known = || self.durable_folders.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&key) {
            return Ok(());
        }
        self.disk.sync_folder(parent).map_err(|source| self.failed(DiskAction::Sync, path, source))?;
        known().insert(key);
        Ok(())
    }
}
