//! The vault's own settings file, and finding the vault that a folder lies in. What the text means is the caller's business.

use std::path::{Path, PathBuf};

use crate::{
    Vault,
    error::{ReadError, WriteError},
};

/// The folder of the vault that holds what travels with it.
pub(crate) const SETTINGS_FOLDER: &str = ".journal";

const SETTINGS_FILE: &str = ".journal/config.toml";

impl Vault {
    /// The text of `.journal/config.toml`, or `None` when the vault has none yet. Bytes that are not UTF-8 come as
    /// replacement characters, on which the reader of the text then reports a line.
    ///
    /// # Errors
    /// When the vault vanished or the file cannot be read.
    pub fn settings(&self) -> Result<Option<String>, ReadError> {
        match self.read_file(SETTINGS_FILE) {
            Ok(file) => Ok(Some(String::from_utf8_lossy(&file.bytes).into_owned())),
            Err(ReadError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates `.journal/config.toml` unless it exists, and answers the text that now counts: of two processes that do this
    /// at once both get the text of the first.
    ///
    /// **Durable**: after `Ok` the answered text has been synced.
    ///
    /// # Errors
    /// When the file cannot be written, or exists and cannot be read.
    pub fn write_settings(&self, text: &str) -> Result<String, WriteError> {
        match self.create_file(SETTINGS_FILE, text.as_bytes()) {
            Ok(()) => Ok(text.to_owned()),
            Err(WriteError::AlreadyExists { path }) => {
                self.sync_file_and_folders(SETTINGS_FILE)?;
                self.settings()?.ok_or(WriteError::Read(ReadError::NotFound { path }))
            }
            Err(error) => Err(error),
        }
    }
}

/// The nearest folder, from `start` upward, that holds `.journal/` or `.obsidian/`: the vault that `start` lies in.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    let is_vault = |folder: &&Path| [SETTINGS_FOLDER, ".obsidian"].iter().any(|mark| folder.join(mark).is_dir());
    start.ancestors().find(is_vault).map(Path::to_owned)
}
