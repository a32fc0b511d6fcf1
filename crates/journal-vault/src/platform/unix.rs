//! Linux and macOS.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, FileExt, MetadataExt, PermissionsExt},
    },
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

use rustix::{
    fs::{Access, Mode, OFlags},
    io::Errno,
    process::Pid,
};

use crate::disk::FileStat;

/// Resolves every symbolic link in `path`.
pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    // Asking for each part takes the system library a call a part. Most paths hold no link, and one call tells that.
    #[cfg(target_os = "linux")]
    if path.is_absolute() && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_))) {
        use rustix::fs::{CWD, ResolveFlags};
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        match rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            Ok(_) => return Ok(path.components().collect()),
            Err(Errno::NOENT) => return Err(Errno::NOENT.into()),
            // A link, or a kernel that does not know the call.
            Err(_) => {}
        }
    }
    fs::canonicalize(path)
}

/// Opens a file for reading, refusing a symbolic link in any part of its path, and never waiting for a pipe's writer.
pub(crate) fn open_without_links(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, ResolveFlags};
        match rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            Ok(file) => return Ok(file.into()),
            // Kernels before 5.6, and sandboxes that filter a call they do not know.
            Err(Errno::NOSYS | Errno::PERM) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if path.ancestors().any(|part| fs::symlink_metadata(part).is_ok_and(|found| found.is_symlink())) {
        return Err(Errno::LOOP.into());
    }
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// Whether `error` is [`open_without_links`]'s refusal of a symbolic link.
pub(crate) fn is_symlink_refused(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Reads once from an offset.
pub(crate) fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// What the system knows of a file.
pub(crate) fn stat(metadata: &fs::Metadata) -> FileStat {
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    FileStat {
        kind: metadata.file_type().into(),
        size: metadata.len(),
        modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        identity: (metadata.dev(), metadata.ino()),
        mode: metadata.mode() & 0o7777,
        read_only: metadata.permissions().readonly(),
    }
}

/// Whether this user may write the file. The mode bits count for root too: a person who marks a file read-only means it.
pub(crate) fn is_writable(path: &Path) -> io::Result<bool> {
    if fs::metadata(path)?.permissions().readonly() {
        return Ok(false);
    }
    match rustix::fs::access(path, Access::WRITE_OK) {
        Ok(()) => Ok(true),
        Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Gives a file exactly these mode bits, whatever the process's mask.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// Bytes that this user may still write on the file system of a folder.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    system.f_bavail.checked_mul(system.f_frsize)
}

/// The mode bits of a folder that others than its owner may use.
pub(crate) fn open_mode(folder: &Path) -> io::Result<Option<u32>> {
    let mode = fs::metadata(folder)?.mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Lets only its owner into a folder.
pub(crate) fn close_to_others(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Creates a folder, and what is missing above it, that only this user can enter.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file's bytes outlive a power cut.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes a folder's entries outlive a power cut. A file system that cannot sync folders (some network and FUSE mounts)
/// says so with `EINVAL` or `ENOTSUP`; there is nothing better to do on it, so that is not an error.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(error) if is_unsupported(&error) => Ok(()),
        done => done,
    }
}

/// Renames in one step that fails when the name is taken.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(crate) fn rename_no_replace(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags};
    Ok(rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

/// Whether the kernel or the file system does not know the operation.
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Whether the process that made a temporary file is gone. The file's age does not matter here.
pub(crate) fn process_is_gone(pid: u32, _modified: SystemTime) -> bool {
    i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .is_none_or(|pid| rustix::process::test_kill_process(pid) == Err(Errno::SRCH))
}

/// The path that was written down as these bytes.
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}
