//! A log that never grows beyond its bounds: when the file is full it gets another name, and the oldest goes.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// A log in a few files: `name`, and before it `name.1`, `name.2`.
///
/// The file is opened for every line, so that whoever takes it away or empties it meanwhile does no harm; it is for a line now
/// and then. Lines are not synced.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    most_bytes: u64,
    kept: usize,
    /// Keeps two threads from renaming the same file.
    turn: Mutex<()>,
}

impl LogFile {
    /// The log at `path`: files of at most `most_bytes` each but for a longer line, `kept` of them beside the one that is written.
    pub fn new(path: PathBuf, most_bytes: u64, kept: usize) -> Self {
        Self { path, most_bytes, kept, turn: Mutex::default() }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn line(&self, text: &str) -> io::Result<()> {
        let line = format!("{}\n", text.replace(['\n', '\r'], " "));
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let there = match fs::metadata(&self.path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let added = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if there > 0 && there.saturating_add(added) > self.most_bytes {
            self.turn_over()?;
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new().create(true).append(true).open(&self.path)?.write_all(line.as_bytes())
    }

    fn turn_over(&self) -> io::Result<()> {
        let names: Vec<PathBuf> = std::iter::once(self.path.clone())
            .chain((1..=self.kept).map(|number| PathBuf::from(format!("{}.{number}", self.path.display()))))
            .collect();
        // From the oldest on: each takes the name of one that has just gone.
        for pair in names.windows(2).rev() {
            match fs::rename(&pair[0], &pair[1]) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.kept == 0 { fs::remove_file(&self.path) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_grows_beyond_its_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/serve.log");
        let log = LogFile::new(path.clone(), 100, 2);
        for number in 0..100 {
            log.line(&format!("line {number:03} of\nmany")).unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["serve.log", "serve.log.1", "serve.log.2"]);
        let read = |name: &str| fs::read_to_string(path.with_file_name(name)).unwrap();
        let all: String = ["serve.log.2", "serve.log.1", "serve.log"].map(read).concat();
        assert!(all.len() <= 300 && all.ends_with("line 099 of many\n"), "{all}");
        let numbers: Vec<u32> = all.lines().map(|line| line[5..8].parse().unwrap()).collect();
        assert!(numbers.is_sorted() && numbers.len() >= 10, "none is missing in between: {numbers:?}");
        assert_eq!(numbers.len(), 100 - numbers[0] as usize);
        // Taken away by somebody, it begins anew; a long line is written whole.
        fs::remove_file(&path).unwrap();
        log.line(&"x".repeat(500)).unwrap();
        log.line("after").unwrap();
        assert_eq!((read("serve.log").as_str(), read("serve.log.1").len()), ("after\n", 501));
        let alone = LogFile::new(folder.path().join("alone"), 10, 0);
        alone.line("12345678").unwrap();
        alone.line("abc").unwrap();
        assert_eq!(fs::read_to_string(alone.path()).unwrap(), "abc\n");
    }
}
