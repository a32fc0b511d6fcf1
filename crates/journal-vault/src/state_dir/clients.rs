//! Which conversation each running client is in, as its hooks told it.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{StateDir, failed};
use crate::{
    error::{DiskAction, DiskError},
    files::{list_folder, write_file_durably},
    hash::ContentHash,
    platform,
};

/// A running client, by what its hooks and its servers have in common, and the agent it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRecord {
    /// The client's name.
    pub client: String,
    /// Its process, as text.
    pub process: String,
    /// The directory it works in.
    pub directory: String,
    /// The agent.
    pub agent: String,
}

impl StateDir {
    /// Writes down which agent a client is now, in place of the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_client(&self, record: &ClientRecord) -> Result<(), DiskError> {
        let folder = self.clients();
        platform::create_private_folder(&folder)
            .map_err(|source| failed(DiskAction::CreateFolder, folder.clone(), source))?;
        let ClientRecord { client, process, directory, agent } = record;
        let path = folder.join(key(client, process, directory));
        let text = [client, process, directory, agent].map(|part| part.replace('\n', " ")).join("\n");
        write_file_durably(&path, text.as_bytes(), Some(0o600)).map_err(|error| failed(DiskAction::Write, path, error))
    }

    /// The agent that a client is now, if a hook of it told.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn recorded_client(&self, client: &str, process: &str, directory: &str) -> Result<Option<String>, DiskError> {
        let record = read(&self.clients().join(key(client, process, directory)))?;
        let is_it = |record: &ClientRecord| record.client == client && record.process == process;
        Ok(record.filter(is_it).map(|record| record.agent))
    }

    /// Forgets the clients that `is_gone` says are gone.
    ///
    /// # Errors
    /// When they cannot be listed or removed.
    pub fn forget_clients(&self, is_gone: &dyn Fn(&ClientRecord) -> bool) -> Result<(), DiskError> {
        let folder = self.clients();
        let listed = list_folder(&folder).map_err(|source| failed(DiskAction::Read, folder.clone(), source))?;
        for (name, _) in listed.into_iter().filter(|(name, _)| !name.starts_with('.')) {
            let path = folder.join(name);
            if read(&path)?.is_none_or(|record| !is_gone(&record)) {
                continue;
            }
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed(DiskAction::Remove, path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn clients(&self) -> PathBuf {
        self.path().join("clients")
    }
}

fn key(client: &str, process: &str, directory: &str) -> String {
    ContentHash::of(format!("{client}\n{process}\n{directory}").as_bytes()).to_string()
}

fn read(path: &Path) -> Result<Option<ClientRecord>, DiskError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(DiskAction::Read, path.to_owned(), source)),
    };
    let mut lines = text.lines().map(str::to_owned);
    let mut record = || {
        let (client, process, directory) = (lines.next()?, lines.next()?, lines.next()?);
        Some(ClientRecord { client, process, directory, agent: lines.next()? })
    };
    Ok(record())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_each_client_counts() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir { path: dir.path().to_owned() };
        let record = |process: &str, directory: &str, agent: &str| ClientRecord {
            client: "claude-code".into(),
            process: process.into(),
            directory: directory.into(),
            agent: agent.into(),
        };
        let known = |process, directory| state.recorded_client("claude-code", process, directory).unwrap();
        assert_eq!(known("1\tx", "/p"), None);
        state.record_client(&record("1\tx", "/p", "before")).unwrap();
        state.record_client(&record("2\tx", "/p", "other")).unwrap();
        state.record_client(&record("1\tx", "/p", "cleared")).unwrap();
        assert_eq!(known("1\tx", "/p").as_deref(), Some("cleared"));
        assert_eq!(known("2\tx", "/p").as_deref(), Some("other"));
        assert_eq!(known("1\tx", "/q"), None);
        assert_eq!(state.recorded_client("codex", "1\tx", "/p").unwrap(), None);
        state.forget_clients(&|record| record.process.starts_with('1')).unwrap();
        assert_eq!((known("1\tx", "/p"), known("2\tx", "/p").as_deref()), (None, Some("other")));
    }
}
