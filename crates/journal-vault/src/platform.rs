//! Where Linux, macOS and Windows differ. Everything above this module is the same on all three.

#[cfg(target_vendor = "apple")]
mod apple;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{fs, io, path::Path};

#[cfg(unix)]
pub(crate) use unix::{
    canonicalize, close_to_others, create_private_folder, free_bytes, is_symlink_refused, is_writable, open_mode,
    open_without_links, path_from_bytes, process_is_gone, read_at, set_mode, stat, sync_file, sync_folder,
};
#[cfg(windows)]
pub(crate) use windows::{
    canonicalize, close_to_others, create_private_folder, file_system, free_bytes, is_symlink_refused, is_writable,
    open_mode, open_without_links, path_from_bytes, process_is_gone, read_at, set_mode, stat, sync_file, sync_folder,
};

#[cfg(target_vendor = "apple")]
pub(crate) use apple::file_system;
#[cfg(target_os = "linux")]
pub(crate) use linux::{file_system, is_out_of_watchers, most_watched_folders, most_watchers, mounts_below};
#[cfg(not(target_os = "linux"))]
pub(crate) use unlimited::{is_out_of_watchers, most_watched_folders, most_watchers, mounts_below};

/// Whether a watch tells when somebody who wrote to a file closes it.
pub(crate) const TELLS_WHEN_CLOSED: bool = cfg!(target_os = "linux");

/// Systems that watch whole trees, mounts and all, and without limits that a person could raise.
#[cfg(not(target_os = "linux"))]
mod unlimited {
    pub(crate) fn is_out_of_watchers(_error: &std::io::Error) -> bool {
        false
    }

    pub(crate) fn most_watched_folders() -> Option<u64> {
        None
    }

    pub(crate) fn most_watchers() -> Option<u64> {
        None
    }

    pub(crate) fn mounts_below(_folder: &std::path::Path) -> Vec<crate::Mount> {
        Vec::new()
    }
}

/// The kind of file system that a folder lies on, where it can be known.
#[cfg(not(any(target_os = "linux", target_vendor = "apple", windows)))]
pub(crate) fn file_system(_folder: &Path) -> Option<String> {
    None
}

/// Renames a file or folder to a name that must be free.
///
/// Linux, macOS and most of their file systems do it in one step. Where they do not, a file is linked to the new name,
/// which fails when the name is taken, and unlinked from the old one; a crash in between leaves the whole file under both
/// names. A folder, and a file where links do not exist either, is renamed after a look: another program (not another
/// `journal`, which waits for the vault's lock) could take the name in the microsecond between.
pub(crate) fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    match unix::rename_no_replace(from, to) {
        Err(error) if unix::is_unsupported(&error) => {}
        done => return done,
    }
    rename_in_two_steps(from, to)
}

fn rename_in_two_steps(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_dir() {
        match fs::hard_link(from, to) {
            Ok(()) => return fs::remove_file(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // No links here (FAT, some network mounts); every other reason stops the rename below as well.
            Err(_) => {}
        }
    }
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_renaming_refuse_a_taken_name() {
        let dir = tempfile::tempdir().unwrap();
        for rename in [rename_to_free, rename_in_two_steps] {
            let path = |name: &str| dir.path().join(name);
            fs::write(path("old"), "old").unwrap();
            fs::write(path("taken"), "taken").unwrap();
            fs::create_dir(path("folder")).unwrap();
            fs::create_dir(path("empty")).unwrap();

            for (from, to) in [("old", "taken"), ("old", "empty"), ("folder", "empty"), ("folder", "taken")] {
                let error = rename(&path(from), &path(to)).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{from} to {to}");
            }
            rename(&path("old"), &path("new")).unwrap();
            rename(&path("folder"), &path("moved")).unwrap();
            assert_eq!(fs::read(path("new")).unwrap(), b"old");
            assert_eq!(fs::read(path("taken")).unwrap(), b"taken");
            assert!(!path("old").exists() && !path("folder").exists());
            assert_eq!(rename(&path("gone"), &path("free")).unwrap_err().kind(), io::ErrorKind::NotFound);

            for folder in ["moved", "empty"] {
                fs::remove_dir(path(folder)).unwrap();
            }
            fs::remove_file(path("new")).unwrap();
        }
    }
}
