//! Windows.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::windows::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::disk::FileStat;

/// Windows' `ERROR_CANT_ACCESS_FILE`, which it gives for links that it will not follow.
const LINK_REFUSED: i32 = 1920;

/// 100-nanosecond steps from 1601, where Windows counts from, to 1970.
const TICKS_TO_1970: i64 = 116_444_736_000_000_000;

/// Resolves every symbolic link in `path`.
pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// Opens a file for reading, refusing a symbolic link in any part of its path.
pub(crate) fn open_without_links(path: &Path) -> io::Result<File> {
    if path.ancestors().any(|part| fs::symlink_metadata(part).is_ok_and(|found| found.is_symlink())) {
        return Err(io::Error::from_raw_os_error(LINK_REFUSED));
    }
    File::open(path)
}

/// Whether `error` is [`open_without_links`]'s refusal of a symbolic link.
pub(crate) fn is_symlink_refused(error: &io::Error) -> bool {
    error.raw_os_error() == Some(LINK_REFUSED)
}

/// Reads once from an offset.
pub(crate) fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

/// What the system knows of a file.
pub(crate) fn stat(metadata: &fs::Metadata) -> FileStat {
    let nanoseconds = |ticks: u64| i64::try_from(ticks).unwrap_or(0).saturating_sub(TICKS_TO_1970).saturating_mul(100);
    FileStat {
        kind: metadata.file_type().into(),
        size: metadata.len(),
        modified_ns: nanoseconds(metadata.last_write_time()),
        changed_ns: nanoseconds(metadata.creation_time()),
        identity: (0, 0),
        mode: 0,
        read_only: metadata.permissions().readonly(),
    }
}

/// Whether the file is free of the read-only mark.
pub(crate) fn is_writable(path: &Path) -> io::Result<bool> {
    Ok(!fs::metadata(path)?.permissions().readonly())
}

/// Windows has no mode bits: a file takes its rights from its folder.
pub(crate) fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// What is free is told by no safe call of the standard library.
pub(crate) fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Windows has no mode bits.
pub(crate) fn open_mode(folder: &Path) -> io::Result<Option<u32>> {
    fs::metadata(folder).map(|_| None)
}

/// Below a person's profile it is so.
pub(crate) fn close_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Creates a folder and what is missing above it; below a person's profile only that person can enter it.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Makes a file's bytes outlive a power cut. Windows wants the right to write for that.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.sync_all()
}

/// NTFS writes names to its journal by itself and offers no way to wait for one folder.
pub(crate) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether the process that made a temporary file is surely gone: no write takes a day.
pub(crate) fn process_is_gone(_pid: u32, modified: SystemTime) -> bool {
    modified.elapsed().is_ok_and(|age| age > Duration::from_secs(24 * 60 * 60))
}

/// The path that was written down as these bytes.
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The kind of file system that a folder lies on, as far as its path tells it: `unc` for a network share.
pub(crate) fn file_system(folder: &Path) -> Option<String> {
    use std::path::{Component, Prefix};
    let Some(Component::Prefix(prefix)) = folder.components().next() else { return None };
    matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)).then(|| "unc".to_owned())
}
