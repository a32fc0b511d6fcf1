//! Schedules that are files in a folder: of ours only what nobody edited is written over or removed.

use std::path::{Path, PathBuf};

use journal_engine::{Disk as _, RealDisk, read_text_file, remove_file_durably, write_file_durably};

use super::{Found, ScheduleError};
use crate::schedule::{Job, Kind, Piece, seal};

/// What stands in files of these names; `None` when none is there.
pub fn find(kind: Kind, job: Job, folder: &Path, names: &[String]) -> Result<Option<Found>, ScheduleError> {
    let mut found: Option<Found> = None;
    for name in names {
        let path = folder.join(name);
        let Some(text) = read(&path)? else { continue };
        let sealed = seal::read(&text);
        let found = found.get_or_insert_with(|| Found {
            kind,
            job: sealed.map_or(job, |sealed| sealed.job),
            places: Vec::new(),
            edited: Vec::new(),
            is_active: None,
            stopped: None,
            text: String::new(),
            written: None,
        });
        found.text.push_str(&text);
        found.written = found.written.max(written(&path));
        if !sealed.is_some_and(|sealed| sealed.is_whole) {
            found.edited.push(format!("`{}`", path.display()));
        }
        found.places.push(path.display().to_string());
    }
    Ok(found)
}

fn written(path: &Path) -> Option<u64> {
    u64::try_from(RealDisk.stat(path).ok()?.modified_ns / 1_000_000).ok()
}

/// Brings files to what they are to be, and tells whether one was not so.
pub fn write(folder: &Path, pieces: &[Piece]) -> Result<bool, ScheduleError> {
    let mut changes = Vec::new();
    for piece in pieces {
        let path = folder.join(&piece.name);
        match read(&path)? {
            Some(text) if text == piece.text => {}
            Some(text) if !seal::read(&text).is_some_and(|sealed| sealed.is_whole) => {
                return Err(ScheduleError::Edited(format!("`{}`", path.display())));
            }
            _ => changes.push((path, &piece.text)),
        }
    }
    for (path, text) in &changes {
        let written = write_file_durably(path, text.as_bytes(), None);
        written.map_err(|source| ScheduleError::File { attempted: "write", path: path.clone(), source })?;
    }
    Ok(!changes.is_empty())
}

/// Removes files.
pub fn remove(folder: &Path, names: &[String]) -> Result<(), ScheduleError> {
    for path in names.iter().map(|name| folder.join(name)) {
        remove_file_durably(&path).map_err(|source| ScheduleError::File { attempted: "remove", path, source })?;
    }
    Ok(())
}

/// Where they lie.
pub fn places(folder: &Path, pieces: &[Piece]) -> Vec<String> {
    pieces.iter().map(|piece| folder.join(&piece.name).display().to_string()).collect()
}

fn read(path: &Path) -> Result<Option<String>, ScheduleError> {
    let failed = |source| ScheduleError::File { attempted: "read", path: PathBuf::from(path), source };
    read_text_file(path).map_err(failed)
}
