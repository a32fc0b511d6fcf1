//! Databases in the state directory: which file one is, and how one takes another's place.
//!
//! A database in SQLite's WAL mode is up to three files, and its log is not tied to it: a new file under an old one's name would
//! be given the old one's log. So these move and vanish together, and only under the write lock.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use super::{StateDir, failed};
use crate::{
    Disk, RealDisk,
    error::{DiskAction, DiskError},
    platform,
};

/// What stands behind the name of a database for the files that SQLite keeps beside it.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Which file a name stands for, as long as the file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity((u64, u64));

impl StateDir {
    /// Which file has this name now; `None` when none has.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn identity(&self, name: &str) -> Result<Option<FileIdentity>, DiskError> {
        let path = self.path().join(name);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(FileIdentity(platform::stat(&metadata).identity))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(DiskAction::Inspect, path, source)),
        }
    }

    /// How many bytes a file has; 0 when there is none.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn size(&self, name: &str) -> Result<u64, DiskError> {
        let path = self.path().join(name);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(source) => Err(failed(DiskAction::Inspect, path, source)),
        }
    }

    /// Gives the closed database `built` the name `name`, if no file has that: `false` when one has. Called with the write lock
    /// held.
    ///
    /// # Errors
    /// When it cannot be renamed; then it is where it was.
    pub fn publish(&self, built: &str, name: &str) -> Result<bool, DiskError> {
        if self.identity(name)?.is_some() {
            return Ok(false);
        }
        // What a removed database left behind would be taken for this one's.
        self.remove_beside(name)?;
        let (from, to) = (self.path().join(built), self.path().join(name));
        match RealDisk.rename_to_free(&from, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(source) => return Err(failed(DiskAction::Rename, to, source)),
        }
        RealDisk.sync_folder(self.path()).map_err(|source| failed(DiskAction::Sync, self.path().to_owned(), source))?;
        Ok(true)
    }

    /// Renames a database, with what lies beside it, out of the way; a database set aside under that name before is gone.
    /// Called with the write lock held.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn set_aside(&self, name: &str, aside: &str) -> Result<(), DiskError> {
        self.discard(aside)?;
        // The log first: a database without its log is old, a log without its database is poison for the next one.
        for beside in BESIDE.into_iter().chain([""]) {
            let (from, to) =
                (self.path().join(format!("{name}{beside}")), self.path().join(format!("{aside}{beside}")));
            match fs::rename(&from, &to) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed(DiskAction::Rename, from, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes a database with what lies beside it.
    ///
    /// # Errors
    /// When a file is there and cannot be removed.
    pub fn discard(&self, name: &str) -> Result<(), DiskError> {
        self.remove_beside(name)?;
        let path = self.path().join(name);
        remove(&path).map_err(|source| failed(DiskAction::Write, path, source))
    }

    fn remove_beside(&self, name: &str) -> Result<(), DiskError> {
        for beside in BESIDE {
            let path = self.path().join(format!("{name}{beside}"));
            remove(&path).map_err(|source| failed(DiskAction::Write, path, source))?;
        }
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Vault;

    fn state() -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        fs::create_dir(&root).unwrap();
        let vault = Vault::open(&root, Arc::new(RealDisk)).unwrap();
        let state = StateDir::open(&folder.path().join("data"), "id", &vault).unwrap();
        (folder, state)
    }

    #[test]
    fn a_database_takes_a_free_name_and_no_log_of_another() {
        let (_folder, state) = state();
        let write = |name: &str| fs::write(state.path().join(name), name).unwrap();
        ["index.db-wal", "index.db-shm", "built"].into_iter().for_each(write);
        assert!(state.publish("built", "index.db").unwrap());
        assert!(state.identity("built").unwrap().is_none() && state.identity("index.db-wal").unwrap().is_none());
        let first = state.identity("index.db").unwrap();
        write("built");
        assert!(!state.publish("built", "index.db").unwrap());
        assert_eq!(state.identity("index.db").unwrap(), first);
        assert_eq!((state.size("built").unwrap(), state.size("none").unwrap()), (5, 0));
    }

    #[test]
    fn a_database_is_set_aside_with_its_log_and_in_place_of_the_one_before() {
        let (_folder, state) = state();
        for content in ["first", "second"] {
            for name in ["index.db", "index.db-wal"] {
                fs::write(state.path().join(name), content).unwrap();
            }
            state.set_aside("index.db", "index.db.damaged").unwrap();
        }
        let read = |name: &str| fs::read_to_string(state.path().join(name)).unwrap_or_default();
        assert_eq!([read("index.db"), read("index.db-wal")], [""; 2]);
        assert_eq!([read("index.db.damaged"), read("index.db.damaged-wal")], ["second"; 2]);
        state.discard("index.db.damaged").unwrap();
        assert_eq!([read("index.db.damaged"), read("index.db.damaged-wal")], [""; 2]);
    }
}
