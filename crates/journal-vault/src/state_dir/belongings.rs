//! What belongs to one agent: a folder for scratch files, and named markers.

use std::{
    fs,
    hash::{BuildHasher, RandomState},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{StateDir, failed};
use crate::{
    error::{DiskAction, DiskError},
    files::{list_folder, write_file_durably},
    hash::ContentHash,
    platform,
};

/// Below which every agent has its folder.
const AGENTS: &str = "agents";

/// Holds the agent's id, whose folder's name is made from its hash.
const OWNER_FILE: &str = "agent";

/// The folder of one agent in the state directory, found by the agent's id alone and private to the user.
#[derive(Debug)]
pub struct Belongings {
    path: PathBuf,
}

impl StateDir {
    /// Where the belongings of an agent are, or would be. Makes nothing.
    pub fn belongings(&self, agent: &str) -> Belongings {
        Belongings { path: self.path().join(AGENTS).join(ContentHash::of(agent.as_bytes()).to_string()) }
    }

    /// All agents that have belongings, by id.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn all_belongings(&self) -> Result<Vec<(String, Belongings)>, DiskError> {
        let folder = self.path().join(AGENTS);
        let mut all = Vec::new();
        for (name, _) in list(&folder)? {
            let path = folder.join(name);
            match fs::read_to_string(path.join(OWNER_FILE)) {
                Ok(agent) => all.push((agent, Belongings { path })),
                // One that is being removed, or was begun in another moment.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(source) => return Err(failed(DiskAction::Read, path, source)),
            }
        }
        all.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(all)
    }
}

impl Belongings {
    /// The folder for scratch files, made at need for the agent of this id.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(&self, agent: &str) -> Result<PathBuf, DiskError> {
        let scratch = self.path.join("scratch");
        self.make(agent, &scratch)?;
        Ok(scratch)
    }

    /// What is in the folder for scratch files, by name; a folder ends in `/`.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn scratch_files(&self) -> Result<Vec<String>, DiskError> {
        let named = |(name, is_folder): (String, bool)| if is_folder { format!("{name}/") } else { name };
        Ok(list(&self.path.join("scratch"))?.into_iter().map(named).collect())
    }

    /// Sets a marker, whose name is a file name, for the agent of this id.
    ///
    /// **Durable**, as [`write_file_durably`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_marker(&self, agent: &str, name: &str, text: &str) -> Result<(), DiskError> {
        self.make(agent, &self.path.join("markers"))?;
        let path = self.marker_file(name);
        write_file_durably(&path, text.as_bytes(), Some(0o600)).map_err(|error| failed(DiskAction::Write, path, error))
    }

    /// The text of a marker; `None` when it is not set.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn marker(&self, name: &str) -> Result<Option<String>, DiskError> {
        let path = self.marker_file(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(DiskAction::Read, path, source)),
        }
    }

    /// Removes a marker, and tells whether it was set.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_marker(&self, name: &str) -> Result<bool, DiskError> {
        let path = self.marker_file(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(failed(DiskAction::Remove, path, source)),
        }
    }

    /// The names of the markers that are set, sorted.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn markers(&self) -> Result<Vec<String>, DiskError> {
        let listed = list(&self.path.join("markers"))?;
        Ok(listed.into_iter().map(|(name, _)| name).filter(|name| !name.starts_with('.')).collect())
    }

    /// When anything here last changed, in Unix milliseconds. Links are not followed.
    ///
    /// # Errors
    /// When something cannot be looked at.
    pub fn last_changed_ms(&self) -> Result<u64, DiskError> {
        newest(&self.path).map_err(|source| failed(DiskAction::Inspect, self.path.clone(), source))
    }

    /// Removes everything. It gets another name first, so that whoever comes meanwhile finds all of it or nothing.
    ///
    /// # Errors
    /// When something cannot be removed; the next sweep finds it no more.
    pub fn remove(&self) -> Result<(), DiskError> {
        let gone = self.path.with_extension(format!("{:016x}.gone", RandomState::new().hash_one(0)));
        let removed = fs::rename(&self.path, &gone).and_then(|()| fs::remove_dir_all(&gone));
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(DiskAction::Remove, gone, error)),
            _ => Ok(()),
        }
    }

    fn make(&self, agent: &str, folder: &Path) -> Result<(), DiskError> {
        platform::create_private_folder(folder)
            .map_err(|source| failed(DiskAction::CreateFolder, folder.to_owned(), source))?;
        let owner = self.path.join(OWNER_FILE);
        if owner.is_file() {
            return Ok(());
        }
        write_file_durably(&owner, agent.as_bytes(), Some(0o600))
            .map_err(|source| failed(DiskAction::Write, owner, source))
    }

    fn marker_file(&self, name: &str) -> PathBuf {
        self.path.join("markers").join(name)
    }
}

fn list(folder: &Path) -> Result<Vec<(String, bool)>, DiskError> {
    list_folder(folder).map_err(|source| failed(DiskAction::Read, folder.to_owned(), source))
}

fn newest(path: &Path) -> io::Result<u64> {
    let stat = fs::symlink_metadata(path)?;
    let changed = stat.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut newest_ms = u64::try_from(changed.as_millis()).unwrap_or(u64::MAX);
    if stat.is_dir() {
        for entry in fs::read_dir(path)? {
            newest_ms = newest_ms.max(newest(&entry?.path())?);
        }
    }
    Ok(newest_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(dir: &tempfile::TempDir) -> StateDir {
        StateDir { path: dir.path().to_owned() }
    }

    #[test]
    fn each_agent_finds_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let state = state(&dir);
        for agent in ["otter", "Otter", "a/../b", "한글 🦀"] {
            let own = state.belongings(agent);
            assert_eq!(own.markers().unwrap(), Vec::<String>::new());
            let scratch = own.scratch(agent).unwrap();
            assert!(scratch.is_dir() && scratch.starts_with(dir.path()));
            fs::write(scratch.join("plan.md"), agent).unwrap();
            own.set_marker(agent, "ready", agent).unwrap();
        }
        for (agent, own) in state.all_belongings().unwrap() {
            assert_eq!(own.marker("ready").unwrap().as_deref(), Some(agent.as_str()));
            assert_eq!(own.scratch_files().unwrap(), ["plan.md"]);
        }
        let otter = state.belongings("otter");
        assert!(otter.remove_marker("ready").unwrap() && !otter.remove_marker("ready").unwrap());
        assert_eq!(otter.marker("ready").unwrap(), None);
        otter.remove().unwrap();
        otter.remove().unwrap();
        let left: Vec<_> = state.all_belongings().unwrap().into_iter().map(|(agent, _)| agent).collect();
        assert_eq!(left, ["Otter", "a/../b", "한글 🦀"]);
        assert_eq!(fs::read_dir(dir.path().join(AGENTS)).unwrap().count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let scratch = state(&dir).belongings("otter").scratch("otter").unwrap();
        assert_eq!(fs::metadata(scratch).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_change_deep_inside_counts() {
        let dir = tempfile::tempdir().unwrap();
        let own = state(&dir).belongings("otter");
        let scratch = own.scratch("otter").unwrap();
        fs::create_dir(scratch.join("deep")).unwrap();
        let file = scratch.join("deep/new");
        fs::write(&file, "").unwrap();
        let later = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(4_000_000_000_000);
        fs::File::options().write(true).open(&file).unwrap().set_modified(later).unwrap();
        assert_eq!(own.last_changed_ms().unwrap(), 4_000_000_000_000);
    }
}
