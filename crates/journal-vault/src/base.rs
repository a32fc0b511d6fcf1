//! `Journal.base`, which tells Obsidian what to list: the one file among the notes that is none and is written all the same.

use crate::{
    ContentHash, Vault,
    error::{DiskAction, ReadError, WriteError},
    vault::folder_path,
};

const FILE: &str = "Journal.base";

impl Vault {
    /// Where the file of a folder lies (empty for the root), inside the vault.
    ///
    /// # Errors
    /// When it cannot be a folder of the vault.
    pub fn base_path(&self, folder: &str) -> Result<String, ReadError> {
        let folder = folder_path(folder)?;
        Ok(if folder.is_empty() { FILE.to_owned() } else { format!("{folder}/{FILE}") })
    }

    /// The bytes of the file; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn base(&self, folder: &str) -> Result<Option<Vec<u8>>, ReadError> {
        match self.read_file(&self.base_path(folder)?) {
            Ok(file) => Ok(Some(file.bytes)),
            Err(ReadError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates the file, durable as [`Vault::create`].
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub fn create_base(&self, folder: &str, bytes: &[u8]) -> Result<(), WriteError> {
        self.create_file(&self.base_path(folder)?, bytes)
    }

    /// Replaces it, durable as [`Vault::replace`], if it still holds the bytes that `expected` was computed from.
    ///
    /// # Errors
    /// As [`Vault::replace`].
    pub fn replace_base(&self, folder: &str, expected: ContentHash, bytes: &[u8]) -> Result<(), WriteError> {
        self.replace_file(&self.base_path(folder)?, expected, bytes).map(drop)
    }

    /// Removes it, if it still holds the bytes that `expected` was computed from, and its folder if that is empty then.
    ///
    /// # Errors
    /// [`WriteError::Changed`] when it holds other bytes.
    pub fn remove_base(&self, folder: &str, expected: ContentHash) -> Result<(), WriteError> {
        let path = self.base_path(folder)?;
        let file = self.read_file(&path)?;
        if ContentHash::of(&file.bytes) != expected {
            return Err(WriteError::Changed { path });
        }
        self.disk.remove_file(&file.absolute).map_err(|source| self.failed(DiskAction::Remove, &path, source))?;
        let folder = file.absolute.parent().unwrap_or(self.root());
        self.sync_folder(folder, &path)?;
        self.drop_if_empty(folder);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::RealDisk;

    #[test]
    fn it_comes_changes_and_goes_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Arc::new(RealDisk)).unwrap();
        assert_eq!(vault.base("Thinking").unwrap(), None);
        vault.create_base("Thinking", b"a").unwrap();
        assert!(matches!(vault.create_base("Thinking", b"b"), Err(WriteError::AlreadyExists { .. })));
        let (a, b) = (ContentHash::of(b"a"), ContentHash::of(b"b"));
        assert!(matches!(vault.replace_base("Thinking", b, b"c"), Err(WriteError::Changed { .. })));
        vault.replace_base("Thinking", a, b"b").unwrap();
        assert_eq!(vault.base("Thinking").unwrap().as_deref(), Some(&b"b"[..]));
        assert!(matches!(vault.remove_base("Thinking", a), Err(WriteError::Changed { .. })));
        vault.remove_base("Thinking", b).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        vault.create_base("", b"a").unwrap();
        vault.remove_base("", a).unwrap();
        assert!(folder.path().is_dir());
        assert!(vault.base("../x").is_err());
    }
}
