//! Small files outside any vault, such as the command's own configuration.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, ErrorKind, Read},
    path::{Component, Path, PathBuf},
};

use crate::{
    disk::{Disk, RealDisk},
    error::{DiskAction, DiskError},
    platform,
    state_dir::failed,
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

/// Reads a file of at most `most` bytes; `None` when it is longer. A pipe is read to its end, or to there.
///
/// # Errors
/// When it cannot be read.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Removes a file, and tells whether it was there. When this returns `Ok`, it stays gone after a power cut.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_file_durably(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => path.parent().map_or(Ok(()), platform::sync_folder).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Hands over a file line by line, without their ends, in memory for one line. A line longer than `longest` bytes is told as
/// `None`. A file that is being written may end within a line.
///
/// # Errors
/// When it cannot be read.
pub fn read_lines(path: &Path, longest: usize, each: &mut dyn FnMut(Option<&[u8]>)) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    let mut is_too_long = false;
    loop {
        let read = file.fill_buf()?;
        if read.is_empty() {
            break;
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let part = &read[..end.unwrap_or(read.len())];
        is_too_long |= line.len() + part.len() > longest;
        if !is_too_long {
            line.extend_from_slice(part);
        }
        let used = end.map_or(read.len(), |end| end + 1);
        file.consume(used);
        if end.is_some() {
            each((!is_too_long).then_some(&line));
            line.clear();
            is_too_long = false;
        }
    }
    if is_too_long || !line.is_empty() {
        each((!is_too_long).then_some(&line));
    }
    Ok(())
}

/// What is in a folder outside any vault: names, sorted, each with whether it is a folder too. Nothing where there is no
/// folder. Names that are not UTF-8 are left out.
///
/// # Errors
/// When it cannot be listed.
pub fn list_folder(path: &Path) -> io::Result<Vec<(String, bool)>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut listed = Vec::new();
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        // A link that leads nowhere is no folder.
        let is_folder = kind.is_dir() || kind.is_symlink() && entry.path().is_dir();
        listed.extend(entry.file_name().into_string().ok().map(|name| (name, is_folder)));
    }
    listed.sort_unstable();
    Ok(listed)
}

/// A path with links resolved as far as it is there; what is not there yet follows by its names, `..` taken back.
pub fn real_path(path: &Path) -> PathBuf {
    for there in path.ancestors() {
        let Ok(mut real) = fs::canonicalize(there) else { continue };
        for part in path.strip_prefix(there).unwrap_or(Path::new("")).components() {
            match part {
                Component::ParentDir => _ = real.pop(),
                Component::Normal(name) => real.push(name),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        return real;
    }
    path.to_owned()
}

/// The bytes of all files in a folder outside any vault, and in those below it; 0 where there is no folder. Links are not followed.
///
/// # Errors
/// When it cannot be looked at.
pub fn folder_bytes(path: &Path) -> Result<u64, DiskError> {
    let failed = |path: &Path, source| failed(DiskAction::Inspect, path.to_owned(), source);
    let (mut bytes, mut folders) = (0, vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // It may have been removed since its name was read.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(&folder, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| failed(&folder, error))?;
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => bytes += metadata.len(),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(failed(&entry.path(), error)),
            }
        }
    }
    Ok(bytes)
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

/// Gives a file outside any vault another name in its folder, as it is: a link stays a link, and its mode stays.
///
/// **Durable**: after `Ok` the names have been synced.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] when the name is taken; else what the operating system says.
pub fn rename_file_durably(from: &Path, to: &Path) -> io::Result<()> {
    let disk = RealDisk;
    disk.rename_to_free(from, to)?;
    disk.sync_folder(from.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
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
    fn the_bytes_of_a_folder_are_those_of_all_its_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/c"), [0; 1000]).unwrap();
        fs::write(dir.path().join("d"), [0; 24]).unwrap();
        assert_eq!(folder_bytes(dir.path()).unwrap(), 1024);
        assert_eq!(folder_bytes(&dir.path().join("none")).unwrap(), 0);
    }

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

    #[test]
    fn no_more_is_read_than_was_allowed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "abc").unwrap();
        assert_eq!(read_at_most(&path, 3).unwrap().as_deref(), Some(&b"abc"[..]));
        assert_eq!(read_at_most(&path, 2).unwrap(), None);
        assert!(read_at_most(dir.path(), 2).is_err());
    }

    #[test]
    fn lines_of_any_length_in_the_memory_of_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let long = "x".repeat(100_000);
        fs::write(&path, format!("a\n\n{long}\nb\r\n{long}y\n{long}\nhalf")).unwrap();
        let mut lines = Vec::new();
        read_lines(&path, 100_000, &mut |line| lines.push(line.map(<[u8]>::to_vec))).unwrap();
        let expected = [Some("a"), Some(""), Some(&long), Some("b\r"), None, Some(&long), Some("half")];
        assert_eq!(lines, expected.map(|line| line.map(|line| line.as_bytes().to_vec())));
        assert_eq!(read_lines(&dir.path().join("gone"), 1, &mut |_| ()).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn folders_are_listed_and_missing_ones_are_empty() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b")).unwrap();
        fs::write(dir.path().join("a"), "").unwrap();
        assert_eq!(list_folder(dir.path()).unwrap(), [("a".to_owned(), false), ("b".to_owned(), true)]);
        assert_eq!(list_folder(&dir.path().join("a")).unwrap(), []);
        assert_eq!(list_folder(&dir.path().join("gone")).unwrap(), []);
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
