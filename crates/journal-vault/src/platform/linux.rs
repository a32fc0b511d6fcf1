//! What only Linux tells: mounts, and the limits of its watches.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use rustix::io::Errno;

use crate::Mount;

/// The kind of file system that a folder lies on, where it can be known: as `/proc/self/mountinfo` calls it, `fuse.sshfs` for one.
pub(crate) fn file_system(folder: &Path) -> Option<String> {
    kind_in(&fs::read(MOUNTS).ok()?, folder)
}

/// What is mounted on folders below a folder.
pub(crate) fn mounts_below(folder: &Path) -> Vec<Mount> {
    below_in(&fs::read(MOUNTS).unwrap_or_default(), folder)
}

/// As `proc_pid_mountinfo(5)` describes it.
const MOUNTS: &str = "/proc/self/mountinfo";

/// Of mounts on one place the last counts.
fn kind_in(mounts: &[u8], folder: &Path) -> Option<String> {
    let around = all_in(mounts).filter(|mount| folder.starts_with(&mount.path));
    around.max_by_key(|mount| mount.path.components().count()).map(|mount| mount.kind)
}

fn below_in(mounts: &[u8], folder: &Path) -> Vec<Mount> {
    all_in(mounts).filter(|mount| mount.path != folder && mount.path.starts_with(folder)).collect()
}

/// The first field is its number, the fifth where it is mounted, the first behind ` - ` the kind.
fn all_in(mounts: &[u8]) -> impl Iterator<Item = Mount> {
    mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let separator = fields.iter().position(|field| *field == b"-")?;
        let path = PathBuf::from(std::ffi::OsString::from_vec(unescaped(fields.get(4)?)));
        let kind = OsStr::from_bytes(fields.get(separator + 1)?).to_str()?.to_owned();
        let number = std::str::from_utf8(fields.first()?).ok()?.parse().ok()?;
        Some(Mount { path, kind, number })
    })
}

/// Undoes `\040` for a space and the like.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, behind)) = rest.split_first() {
        let octal = behind
            .get(..3)
            .filter(|digits| *first == b'\\' && digits.iter().all(|digit| (b'0'..=b'7').contains(digit)));
        match octal {
            Some(digits) => {
                bytes.push(digits.iter().fold(0_u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0')));
                rest = &behind[3..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    bytes
}

/// Whether an error says that this user has no more inotify instances.
pub(crate) fn is_out_of_watchers(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::MFILE.raw_os_error())
}

/// How many folders a user's programs may watch.
pub(crate) fn most_watched_folders() -> Option<u64> {
    limit("max_user_watches")
}

/// How many watchers a user's programs may have.
pub(crate) fn most_watchers() -> Option<u64> {
    limit("max_user_instances")
}

fn limit(name: &str) -> Option<u64> {
    fs::read_to_string(Path::new("/proc/sys/fs/inotify").join(name)).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_and_last_mount_counts() {
        let mounts = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            30 22 0:40 / /home/my\\040notes rw shared:2 master:1 - nfs4 server:/x rw\n\
            31 22 0:41 / /mnt rw - ext4 /dev/sdb rw\n\
            32 31 0:42 / /mnt rw - fuse.sshfs me@there: rw\n\
            garbage\n";
        for (folder, kind) in [
            ("/home/me", "ext4"),
            ("/home/my notes", "nfs4"),
            ("/home/my notes/deep/er", "nfs4"),
            ("/home/my notes2", "ext4"),
            ("/mnt/vault", "fuse.sshfs"),
        ] {
            assert_eq!(kind_in(mounts, Path::new(folder)).as_deref(), Some(kind), "{folder}");
        }
        assert_eq!(kind_in(b"", Path::new("/")), None);
        let below =
            |folder| below_in(mounts, Path::new(folder)).into_iter().map(|mount| mount.number).collect::<Vec<_>>();
        assert_eq!([below("/home"), below("/mnt"), below("/home/my notes")], [vec![30], vec![], vec![]]);
        assert_eq!(below("/"), [30, 31, 32]);
    }

    #[test]
    fn this_machine_tells() {
        assert!(file_system(Path::new("/proc")).is_some_and(|kind| kind == "proc"));
        assert!(most_watched_folders().is_some_and(|limit| limit > 0) && most_watchers().is_some());
    }
}
