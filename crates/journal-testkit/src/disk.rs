//! Whole trees of files: read to memory, copied, with errors that fail the test by path.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Every file of a tree: path below its root with `/`, and its bytes.
pub type Snapshot = BTreeMap<String, Vec<u8>>;

/// Reads a whole tree, hidden files too. Symlinks are listed by their target and not followed.
///
/// # Panics
/// When something cannot be read.
#[track_caller]
pub fn snapshot(root: &Path) -> Snapshot {
    files_below(root)
        .into_iter()
        .map(|file| {
            let bytes = match fs::read_link(&file) {
                Ok(target) => format!("-> {}", target.display()).into_bytes(),
                Err(_) => must(fs::read(&file), "read", &file),
            };
            (relative(root, &file), bytes)
        })
        .collect()
}

/// Copies a tree with its empty folders and modification times, as a syncer or `cp -a` would. Symlinks are left out.
///
/// # Panics
/// When something cannot be copied.
#[track_caller]
pub fn copy_tree(from: &Path, to: &Path) {
    must(fs::create_dir_all(to), "create", to);
    for entry in entries(from) {
        let target = to.join(entry.strip_prefix(from).expect("entries lie below their folder"));
        if entry.is_symlink() {
            continue;
        }
        if entry.is_dir() { copy_tree(&entry, &target) } else { copy_file(&entry, &target) }
    }
}

/// Copies one file with its modification time, and makes the folders above it.
#[track_caller]
pub(crate) fn copy_file(from: &Path, to: &Path) {
    write(to, &must(fs::read(from), "read", from));
    let modified = must(from.metadata().and_then(|metadata| metadata.modified()), "stat", from);
    let file = must(fs::OpenOptions::new().write(true).open(to), "open", to);
    must(file.set_modified(modified), "touch", to);
}

/// Writes one file and makes the folders above it.
#[track_caller]
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    if let Some(folder) = path.parent() {
        must(fs::create_dir_all(folder), "create", folder);
    }
    must(fs::write(path, bytes), "write", path);
}

/// The value, or a panic that says what failed and where.
#[track_caller]
pub(crate) fn must<T>(result: io::Result<T>, attempted: &str, path: &Path) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("cannot {attempted} `{}`: {error}", path.display()),
    }
}

fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in entries(root) {
        if entry.is_dir() && !entry.is_symlink() { files.extend(files_below(&entry)) } else { files.push(entry) }
    }
    files
}

#[track_caller]
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listing = must(fs::read_dir(folder), "list", folder);
    listing.map(|entry| must(entry, "list", folder).path()).collect()
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).expect("files lie below their root");
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_same_bytes_and_times() {
        let world = tempfile::tempdir().unwrap();
        let (from, to) = (world.path().join("a"), world.path().join("b"));
        write(&from.join("x/한글.md"), b"\xff one");
        write(&from.join(".hidden"), b"two");
        fs::create_dir(from.join("empty")).unwrap();
        copy_tree(&from, &to);
        assert_eq!(snapshot(&from), snapshot(&to));
        assert_eq!(snapshot(&to).keys().collect::<Vec<_>>(), [".hidden", "x/한글.md"]);
        assert!(to.join("empty").is_dir());
        let modified = |root: &Path| root.join(".hidden").metadata().unwrap().modified().unwrap();
        assert_eq!(modified(&from), modified(&to));
    }

    #[test]
    #[should_panic(expected = "cannot list `/nowhere/at/all`")]
    fn a_missing_tree_is_not_an_empty_one() {
        snapshot(Path::new("/nowhere/at/all"));
    }
}
