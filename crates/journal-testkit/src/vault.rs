//! A vault of its own for one test, with a home beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    disk::{Snapshot, copy_tree, must, snapshot, write},
    fixture::parse_fixture,
};

/// A vault in a temporary folder, with the home, data and configuration folders of its machine beside it.
///
/// ```text
/// <root>/vault    the vault
/// <root>/home     HOME
/// <root>/data     XDG_DATA_HOME, where state directories go
/// <root>/config   XDG_CONFIG_HOME
/// <root>/tmp      TMPDIR
/// ```
///
/// Everything goes when the value is dropped. Paths given to its methods are relative to the vault, with `/`.
#[derive(Debug)]
pub struct TestVault {
    root: PathBuf,
    vault: PathBuf,
    data_home: PathBuf,
    _folder: TempDir,
}

impl TestVault {
    /// Makes an empty vault.
    ///
    /// # Panics
    /// When the temporary folder cannot be made.
    pub fn new() -> Self {
        let folder =
            tempfile::Builder::new().prefix("journal-test-").tempdir().expect("a temporary folder can be made");
        let root = must(folder.path().canonicalize(), "resolve", folder.path());
        for name in ["vault", "home", "data", "config", "tmp"] {
            let path = root.join(name);
            must(fs::create_dir(&path), "create", &path);
        }
        Self { vault: root.join("vault"), data_home: root.join("data"), root, _folder: folder }
    }

    /// Makes a vault with the files of an inline fixture, see [`parse_fixture`].
    ///
    /// # Panics
    /// When the fixture has no headers or a file cannot be written.
    pub fn from_fixture(fixture: &str) -> Self {
        let vault = Self::new();
        for (path, text) in parse_fixture(fixture) {
            match path.strip_suffix('/') {
                Some(folder) => {
                    let folder = vault.join(folder);
                    must(fs::create_dir_all(&folder), "create", &folder);
                }
                None => vault.write(&path, text),
            }
        }
        vault
    }

    /// Makes a vault with a copy of a folder in it.
    ///
    /// # Panics
    /// When the folder cannot be read.
    pub fn from_folder(folder: &Path) -> Self {
        let vault = Self::new();
        copy_tree(folder, vault.path());
        vault
    }

    /// The folder that holds the vault and its machine.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The vault.
    pub fn path(&self) -> &Path {
        &self.vault
    }

    /// The folder for state directories, outside the vault.
    pub fn data_home(&self) -> &Path {
        &self.data_home
    }

    /// The absolute path of a file in the vault.
    pub fn join(&self, path: &str) -> PathBuf {
        self.vault.join(path)
    }

    /// Every file of the vault with its bytes, hidden ones too.
    ///
    /// # Panics
    /// When something cannot be read.
    pub fn snapshot(&self) -> Snapshot {
        snapshot(self.path())
    }

    /// The text of a file.
    ///
    /// # Panics
    /// When it is not there or not UTF-8.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        must(fs::read_to_string(self.join(path)), "read", &self.join(path))
    }

    /// Writes a file, and the folders above it.
    ///
    /// # Panics
    /// When it cannot be written.
    #[track_caller]
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        write(&self.join(path), bytes.as_ref());
    }

    /// Removes a file, or a folder with all that is in it.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn remove(&self, path: &str) {
        let path = self.join(path);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        must(removed, "remove", &path);
    }

    /// Moves a file or folder as `mv` would, and makes the folders above its new place.
    ///
    /// # Panics
    /// When it is not there or cannot be moved.
    #[track_caller]
    pub fn rename(&self, from: &str, to: &str) {
        let (from, to) = (self.join(from), self.join(to));
        if let Some(folder) = to.parent() {
            must(fs::create_dir_all(folder), "create", folder);
        }
        must(fs::rename(&from, &to), "move", &from);
    }

    /// Copies the vault to a folder on the same machine, times kept.
    ///
    /// # Panics
    /// When something cannot be copied.
    #[track_caller]
    pub fn copy_to(&self, folder: &Path) {
        copy_tree(self.path(), folder);
    }

    /// The same vault on another machine: its files with their times, and a fresh home.
    ///
    /// # Panics
    /// When something cannot be copied.
    #[track_caller]
    pub fn on_another_machine(&self) -> Self {
        Self::from_folder(self.path())
    }
}

impl Default for TestVault {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_becomes_files_and_they_can_be_changed() {
        let vault = TestVault::from_fixture("//- /a.md\none\n//- /b/c.md\ntwo\n//- /d/\n");
        let before = vault.snapshot();
        assert_eq!(before.keys().collect::<Vec<_>>(), ["a.md", "b/c.md"]);
        assert!(vault.join("d").is_dir());
        vault.rename("b/c.md", "e/f/c.md");
        vault.write("a.md", "three");
        assert_eq!((vault.read("e/f/c.md"), vault.read("a.md")), ("two\n".to_owned(), "three".to_owned()));
        vault.remove("e");
        vault.rename("a.md", "b/c.md");
        vault.write("b/c.md", "two\n");
        vault.write("a.md", b"one\n");
        assert_eq!(vault.snapshot(), before);
    }

    #[test]
    fn nothing_stays_behind() {
        let vault = TestVault::from_fixture("//- /a.md\n");
        let (root, copy) = (vault.root().to_owned(), vault.on_another_machine());
        assert_eq!(copy.snapshot(), vault.snapshot());
        assert_ne!(copy.data_home(), vault.data_home());
        drop(vault);
        assert!(!root.exists());
    }
}
