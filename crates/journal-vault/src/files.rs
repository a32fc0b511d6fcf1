//! Small files outside any vault, such as the command's own configuration.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use crate::{
    disk::{Disk, RealDisk},
    temp,
};

/// Reads a text file; `None` when it is not there.
///
/// # Errors
/// When it cannot be read, or is not UTF-8 ([`ErrorKind::InvalidData`]).
pub fn read_text_file(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file whole, replacing what was there and making the folders above. A link to the file stays a link. `mode` gives
/// the Unix mode bits; without it an existing file keeps its own.
///
/// **Durable**: after `Ok` the bytes and the name have been synced; after an `Err` the file is as it was, or whole.
///
/// # Errors
/// Whatever the operating system says.
pub fn write_file_durably(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let disk = RealDisk;
    let (target, old_mode) = match disk.canonicalize(path) {
        Ok(real) => {
            let stat = disk.stat(&real)?;
            (real, Some(stat.mode))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (path.to_owned(), None),
        Err(error) => return Err(error),
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let temp = folder.join(temp::name());
    let written = disk
        .create_file(&temp, bytes, mode.or(old_mode))
        .and_then(|()| disk.sync_file(&temp))
        .and_then(|()| disk.rename_over(&temp, &target));
    if written.is_err() {
        temp::discard(&disk, &temp);
    }
    written?;
    disk.sync_folder(folder)
}

/// Writes a file that must not be there, whole: nobody ever sees a part of it. Makes the folders above.
///
/// **Durable**, as [`write_file_durably`].
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] when the name is taken, by whatever; else what the operating system says.
pub fn create_file_durably(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let disk = RealDisk;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let temp = folder.join(temp::name());
    let written = disk
        .create_file(&temp, bytes, mode)
        .and_then(|()| disk.sync_file(&temp))
        .and_then(|()| disk.rename_to_free(&temp, path));
    if written.is_err() {
        temp::discard(&disk, &temp);
    }
    written?;
    disk.sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_read_back_and_leave_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/deep/config.toml");
        assert_eq!(read_text_file(&path).unwrap(), None);
        write_file_durably(&path, b"a = 1\n", Some(0o600)).unwrap();
        write_file_durably(&path, b"a = 2\n", None).unwrap();
        assert_eq!(read_text_file(&path).unwrap().as_deref(), Some("a = 2\n"));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_text_file(&path).unwrap_err().kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn a_file_that_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/secret");
        create_file_durably(&path, b"first", Some(0o600)).unwrap();
        let error = create_file_durably(&path, b"second", Some(0o600)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_modes_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        write_file_durably(&real, b"old", Some(0o640)).unwrap();
        symlink("real", &link).unwrap();
        write_file_durably(&link, b"new", None).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
