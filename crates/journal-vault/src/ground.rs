//! What a folder lies on: the kind of its file system, how much is free there, which program copies it to other machines, and
//! who may use it.

use std::path::{Component, Path};

use crate::{
    error::{DiskAction, DiskError},
    platform,
    state_dir::failed,
    watch,
};

/// What a folder lies on. What cannot be known is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ground {
    /// The kind of file system, as the system calls it.
    pub file_system: Option<String>,
    /// Whether other machines use the same file system.
    pub is_network: bool,
    /// The program that copies the folder to other machines.
    pub syncer: Option<&'static str>,
    /// Bytes that this user may still write.
    pub free_bytes: Option<u64>,
    /// Whether this user may write into it.
    pub is_writable: bool,
    /// The mode bits that let others than this user in, where there are any.
    pub open_mode: Option<u32>,
}

/// Folders by whose name a syncer is known.
const NAMES: [(&str, &str); 12] = [
    ("Dropbox", "Dropbox"),
    ("OneDrive", "OneDrive"),
    ("iCloudDrive", "iCloud"),
    ("Mobile Documents", "iCloud"),
    ("com~apple~CloudDocs", "iCloud"),
    ("CloudStorage", "a cloud service"),
    ("Google Drive", "Google Drive"),
    ("GoogleDrive", "Google Drive"),
    ("Nextcloud", "Nextcloud"),
    ("ownCloud", "ownCloud"),
    ("pCloudDrive", "pCloud"),
    ("MEGAsync", "MEGA"),
];

/// What syncers leave in the top folder of what they copy.
const MARKS: [(&str, &str); 6] = [
    (".stfolder", "Syncthing"),
    (".dropbox.cache", "Dropbox"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
    (".sync/ID", "Resilio Sync"),
    (".tmp.drivedownload", "Google Drive"),
];

/// Looks at what a folder lies on.
///
/// # Errors
/// When it cannot be looked at.
pub fn ground(folder: &Path) -> Result<Ground, DiskError> {
    let failed = |source| failed(DiskAction::Read, folder.to_owned(), source);
    let file_system = platform::file_system(folder);
    Ok(Ground {
        is_network: file_system.as_deref().is_some_and(watch::is_network),
        file_system,
        syncer: syncer(folder),
        free_bytes: platform::free_bytes(folder),
        is_writable: platform::is_writable(folder).map_err(failed)?,
        open_mode: platform::open_mode(folder).map_err(failed)?,
    })
}

/// Lets nobody but this user into a folder.
///
/// # Errors
/// When its mode cannot be changed.
pub fn close_to_others(folder: &Path) -> Result<(), DiskError> {
    platform::close_to_others(folder).map_err(|source| failed(DiskAction::Write, folder.to_owned(), source))
}

/// The program that copies a folder to other machines, as far as its place tells.
fn syncer(folder: &Path) -> Option<&'static str> {
    folder.ancestors().find_map(|ancestor| {
        let name = match ancestor.components().next_back()? {
            Component::Normal(name) => name.to_str()?,
            _ => return None,
        };
        // Accounts of a company stand behind it: `OneDrive - Example`.
        let is_named =
            |known: &str| name == known || name.strip_prefix(known).is_some_and(|rest| rest.starts_with([' ', '-']));
        let by_name = NAMES.iter().find(|(known, _)| is_named(known));
        let by_mark = || MARKS.iter().find(|(mark, _)| ancestor.join(mark).symlink_metadata().is_ok());
        by_name.or_else(by_mark).map(|(_, syncer)| *syncer)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn syncers_are_known_by_names_and_by_what_they_leave() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for (path, mark, found) in [
            ("Dropbox/Notes", None, Some("Dropbox")),
            ("OneDrive - Example Ltd/Notes", None, Some("OneDrive")),
            ("OneDriver/Notes", None, None),
            ("Library/Mobile Documents/iCloud~md~obsidian/Documents/V", None, Some("iCloud")),
            ("plain/Notes/deep", None, None),
            ("st/Notes/deep", Some("st/.stfolder"), Some("Syncthing")),
            ("nc/Notes", Some("nc/.nextcloudsync.log"), Some("Nextcloud")),
        ] {
            fs::create_dir_all(at(path)).unwrap();
            if let Some(mark) = mark {
                fs::write(at(mark), "").unwrap();
            }
            assert_eq!(ground(&at(path)).unwrap().syncer, found, "{path}");
        }
    }

    #[test]
    fn a_folder_of_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let found = ground(folder.path()).unwrap();
        assert!(found.is_writable, "{found:?}");
        assert!(ground(&folder.path().join("none")).is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert!(found.free_bytes.is_some());
            let open = |mode| {
                fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
                ground(folder.path()).unwrap()
            };
            assert_eq!(open(0o755).open_mode, Some(0o755));
            assert!(!open(0o555).is_writable);
            open(0o770);
            close_to_others(folder.path()).unwrap();
            assert_eq!(ground(folder.path()).unwrap().open_mode, None);
        }
    }
}
