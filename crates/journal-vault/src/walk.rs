//! Walking the vault: which notes there are, and what stands at the beginning of each.
//!
//! Two passes, both on all cores: folders are listed from a shared queue, then the sorted notes are read in strides. Nothing is
//! looked at that its name and kind already tell, and each thread reads into one buffer.

use std::{
    collections::HashMap,
    fmt, io, mem,
    num::NonZero,
    path::PathBuf,
    sync::{
        Condvar, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use journal_model::{Matter, VaultPath, VaultPathError, split};

use crate::{
    Signature, Vault,
    disk::{Entry, FileKind},
    error::{DiskAction, WalkError},
    temp,
    vault::exact_path,
};

/// What a walk found.
#[derive(Debug, Default)]
pub struct Listing {
    /// The notes, sorted by path.
    pub notes: Vec<VaultPath>,
    /// What may be a note and could not be taken for one, sorted by path. Hidden files are not here.
    pub skipped: Vec<Skipped>,
    /// Temporary files of ours in the folders of notes, by their paths inside the vault, for [`Vault::sweep`].
    pub temps: Vec<String>,
}

impl Listing {
    /// What could not be read and may hold more than is known: a folder, or a note that is there.
    pub fn unread(&self) -> impl Iterator<Item = (&str, &io::Error)> {
        self.skipped.iter().filter_map(|skipped| match &skipped.reason {
            // A link that leads nowhere, or what was removed meanwhile, hides nothing.
            SkipReason::Unreadable(error) if error.kind() != io::ErrorKind::NotFound => {
                Some((skipped.path.as_str(), error))
            }
            _ => None,
        })
    }
}

/// A file or folder that was passed over.
#[derive(Debug)]
pub struct Skipped {
    /// The path inside the vault; bytes that are not UTF-8 are shown as replacement characters.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why a file or folder was passed over.
#[derive(Debug)]
#[non_exhaustive]
pub enum SkipReason {
    /// The name is not UTF-8.
    NotUtf8,
    /// The name cannot be a note's path; without a reason, because it holds a `\`.
    InvalidName(Option<VaultPathError>),
    /// A cloud drive has not downloaded the file.
    NotDownloaded,
    /// A link out of the vault.
    LinkOutside,
    /// A link to something in the vault, which is walked under its own name.
    LinkInside,
    /// It could not be read, or was gone by then.
    Unreadable(io::Error),
}

impl SkipReason {
    /// Whether something that may be a note is there and could not be read. What went while it was looked at is found in its place
    /// by the next walk; links and names that cannot be notes are passed over on purpose.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Unreadable(error) if error.kind() != io::ErrorKind::NotFound)
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("its name is not UTF-8"),
            Self::InvalidName(Some(error)) => error.fmt(f),
            Self::InvalidName(None) => f.write_str("its name holds a `\\`"),
            Self::NotDownloaded => f.write_str("it is not downloaded from the cloud"),
            Self::LinkOutside => f.write_str("it is a link that leads out of the vault"),
            Self::LinkInside => f.write_str("it is a link to a place in the vault, which counts under its own name"),
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
        }
    }
}

/// How far closing frontmatter is looked for, in bytes.
const MAX_HEAD_BYTES: usize = 2 * 1024 * 1024;

/// How many folders are worth more than one thread.
const WIDE: usize = 8;

/// How many notes a thread takes at a time.
const STRIDE: usize = 64;

impl Vault {
    /// How much of a note a walk reads first, in bytes.
    pub const HEAD_BYTES: usize = 4096;

    /// Lists every note without reading any. Hidden files and folders are left out.
    ///
    /// # Errors
    /// When the root cannot be listed. A subfolder that cannot is in [`Listing::skipped`].
    pub fn walk_names(&self) -> Result<Listing, WalkError> {
        self.check_present()?;
        let mut all = Listing::default();
        let mut folders = self.list_into("", &mut all).map_err(|source| self.failed(DiskAction::Read, "", source))?;
        // A small vault is listed before a second thread would have begun.
        while folders.len() < WIDE && all.notes.len() < STRIDE {
            let Some(folder) = folders.pop() else { break };
            folders.append(&mut self.list_or_skip(folder, &mut all));
        }
        let parts = if folders.is_empty() { 0 } else { usize::MAX };
        let queue = Queue { state: Mutex::new((folders, 0)), changed: Condvar::new() };
        let results = Mutex::new(all);
        on_all_cores(parts, || {
            let mut found = Listing::default();
            while let Some(folder) = queue.take() {
                queue.finish(self.list_or_skip(folder, &mut found));
            }
            results.lock().unwrap_or_else(PoisonError::into_inner).append(found);
        });
        self.check_present()?;
        let mut all = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.notes.sort();
        all.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(all)
    }

    /// The notes that a walk would meet in a folder and all below it, sorted; none where there is no such folder, or only a link.
    /// Only the names are looked at.
    ///
    /// # Errors
    /// When the vault has vanished. A folder that cannot be listed has none.
    pub fn notes_in(&self, folder: &str) -> Result<Vec<VaultPath>, WalkError> {
        let mut found = Listing::default();
        let is_folder = self.disk.stat(&self.absolute(folder)).is_ok_and(|stat| stat.kind == FileKind::Folder);
        let mut folders = if is_folder { vec![folder.to_owned()] } else { Vec::new() };
        while let Some(folder) = folders.pop() {
            folders.append(&mut self.list_or_skip(folder, &mut found));
        }
        self.check_present()?;
        found.notes.sort_unstable();
        Ok(found.notes)
    }

    /// Shows the head of every note to `select`, on all cores, and collects its answers in the order of the paths.
    ///
    /// The head is the first [`Vault::HEAD_BYTES`], or more (at most 2 MiB) as long as frontmatter is open in it; a shorter one is
    /// the whole note. `select` runs on many threads
    /// at once. A note that cannot be read is in [`Listing::skipped`] instead of [`Listing::notes`].
    ///
    /// # Errors
    /// As [`Vault::walk_names`], and when the vault vanishes meanwhile.
    pub fn walk_heads<T: Send>(
        &self,
        select: impl Fn(&VaultPath, &[u8]) -> Option<T> + Sync,
    ) -> Result<(Listing, Vec<T>), WalkError> {
        let mut listing = self.walk_names()?;
        let next = AtomicUsize::new(0);
        let results = Mutex::new((Vec::new(), Vec::new()));
        on_all_cores(listing.notes.len().div_ceil(STRIDE), || {
            let (mut selected, mut failed) = (Vec::new(), Vec::new());
            let (mut path, mut buffer) = (PathBuf::new(), vec![0; Self::HEAD_BYTES]);
            loop {
                let start = next.fetch_add(STRIDE, Ordering::Relaxed);
                let Some(rest) = listing.notes.get(start..).filter(|rest| !rest.is_empty()) else { break };
                for (index, note) in rest.iter().take(STRIDE).enumerate() {
                    match self.read_head(note, &mut path, &mut buffer) {
                        Ok(length) => {
                            selected.extend(select(note, &buffer[..length]).map(|value| (start + index, value)))
                        }
                        Err(error) => failed.push((start + index, error)),
                    }
                }
            }
            let mut all = results.lock().unwrap_or_else(PoisonError::into_inner);
            all.0.append(&mut selected);
            all.1.append(&mut failed);
        });
        self.check_present()?;
        let (mut selected, failed) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        selected.sort_unstable_by_key(|(index, _)| *index);
        let mut failed: HashMap<usize, io::Error> = failed.into_iter().collect();
        for (index, note) in mem::take(&mut listing.notes).into_iter().enumerate() {
            match failed.remove(&index) {
                None => listing.notes.push(note),
                Some(error) => {
                    listing.skipped.push(Skipped { path: note.to_string(), reason: SkipReason::Unreadable(error) });
                }
            }
        }
        listing.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        Ok((listing, selected.into_iter().map(|(_, value)| value).collect()))
    }

    /// The signatures of the notes that `select` keeps, on all cores, in the order of the paths. A note that vanishes meanwhile
    /// is neither here nor skipped; one that cannot be looked at is in [`Listing::skipped`].
    ///
    /// # Errors
    /// As [`Vault::walk_names`], and when the vault vanishes meanwhile.
    pub fn walk_signatures(
        &self,
        select: impl Fn(&VaultPath) -> bool + Sync,
    ) -> Result<(Listing, Vec<(VaultPath, Signature)>), WalkError> {
        let mut listing = self.walk_names()?;
        let next = AtomicUsize::new(0);
        let results = Mutex::new((Vec::new(), Vec::new()));
        on_all_cores(listing.notes.len().div_ceil(STRIDE), || {
            let (mut signed, mut failed) = (Vec::new(), Vec::new());
            let mut path = PathBuf::new();
            loop {
                let start = next.fetch_add(STRIDE, Ordering::Relaxed);
                let Some(rest) = listing.notes.get(start..).filter(|rest| !rest.is_empty()) else { break };
                for note in rest.iter().take(STRIDE).filter(|note| select(note)) {
                    self.absolute_into(note.as_str(), &mut path);
                    match self.disk.stat(&path) {
                        Ok(stat) => signed.push((note.clone(), Signature::from(stat))),
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        Err(error) => {
                            failed.push(Skipped { path: note.to_string(), reason: SkipReason::Unreadable(error) });
                        }
                    }
                }
            }
            let mut all = results.lock().unwrap_or_else(PoisonError::into_inner);
            all.0.append(&mut signed);
            all.1.append(&mut failed);
        });
        self.check_present()?;
        let (mut signed, failed) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        signed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        listing.skipped.extend(failed);
        listing.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        Ok((listing, signed))
    }

    /// [`Vault::list_into`] for a folder that may be skipped.
    fn list_or_skip(&self, folder: String, found: &mut Listing) -> Vec<String> {
        self.list_into(&folder, found).unwrap_or_else(|error| {
            found.skip(folder, SkipReason::Unreadable(error));
            Vec::new()
        })
    }

    /// Lists one folder into `found` and answers the folders in it.
    fn list_into(&self, folder: &str, found: &mut Listing) -> io::Result<Vec<String>> {
        let absolute = self.absolute(folder);
        let mut folders = Vec::new();
        let before = found.notes.len();
        for entry in self.disk.list(&absolute)? {
            let Some(name) = entry.name.to_str() else {
                found.not_utf8(folder, &entry);
                continue;
            };
            if let Some(hidden) = name.strip_prefix('.') {
                found.hidden(folder, name, hidden);
                continue;
            }
            match entry.kind {
                FileKind::Folder => folders.push(join(folder, name)),
                FileKind::File if is_markdown(name) => found.note(folder, name),
                FileKind::Symlink => {
                    let path = join(folder, name);
                    if let Some(reason) = self.link_reason(&path, name) {
                        found.skip(path, reason);
                    }
                }
                FileKind::File | FileKind::Other => {}
            }
        }
        // Sorted runs make the sort of the whole cheap.
        found.notes[before..].sort_unstable();
        Ok(folders)
    }

    /// Why a link is passed over; `None` when it has nothing to do with notes.
    ///
    /// A link inside the vault is not walked: its target is, under its own name. That also makes cycles impossible.
    fn link_reason(&self, path: &str, name: &str) -> Option<SkipReason> {
        let about_notes =
            |real: &PathBuf| is_markdown(name) || self.disk.stat(real).is_ok_and(|stat| stat.kind == FileKind::Folder);
        match self.disk.canonicalize(&self.absolute(path)) {
            Ok(real) if !about_notes(&real) => None,
            Ok(real) if real.starts_with(self.root()) => Some(SkipReason::LinkInside),
            Ok(_) => Some(SkipReason::LinkOutside),
            Err(error) => is_markdown(name).then_some(SkipReason::Unreadable(error)),
        }
    }

    /// Reads the head of a note into the beginning of `buffer`, and answers its length.
    fn read_head(&self, note: &VaultPath, path: &mut PathBuf, buffer: &mut Vec<u8>) -> io::Result<usize> {
        self.absolute_into(note.as_str(), path);
        let mut length = self.disk.read_at(path, 0, &mut buffer[..Self::HEAD_BYTES])?;
        while !is_whole_head(&buffer[..length]) && length < MAX_HEAD_BYTES {
            if length == buffer.len() {
                buffer.resize((length * 4).min(MAX_HEAD_BYTES), 0);
            }
            match self.disk.read_at(path, length as u64, &mut buffer[length..])? {
                0 => break,
                more => length += more,
            }
        }
        Ok(length)
    }
}

/// Whether the bytes after `head` cannot change what its frontmatter is. A fence that ends the bytes may be the beginning of
/// another line.
fn is_whole_head(head: &[u8]) -> bool {
    const BOM_AND_FENCE: usize = 7;
    let parts = split(head);
    match parts.matter {
        Matter::None => head.len() >= BOM_AND_FENCE,
        Matter::Closed(_) => parts.body < head.len() || head.ends_with(b"\n"),
        Matter::Open(_) => false,
    }
}

impl Listing {
    fn note(&mut self, folder: &str, name: &str) {
        match exact_path(folder, name) {
            Ok(path) => self.notes.push(path),
            Err(reason) => self.skip(join(folder, name), SkipReason::InvalidName(reason)),
        }
    }

    fn hidden(&mut self, folder: &str, name: &str, after_dot: &str) {
        if let Some(real) = after_dot.strip_suffix(".icloud").filter(|real| is_markdown(real)) {
            self.skip(join(folder, real), SkipReason::NotDownloaded);
        } else if temp::owner(name).is_some() {
            self.temps.push(join(folder, name));
        }
    }

    fn not_utf8(&mut self, folder: &str, entry: &Entry) {
        let name = entry.name.to_string_lossy();
        if !name.starts_with('.') && (entry.kind == FileKind::Folder || is_markdown(&name)) {
            self.skip(join(folder, &name), SkipReason::NotUtf8);
        }
    }

    fn skip(&mut self, path: String, reason: SkipReason) {
        self.skipped.push(Skipped { path, reason });
    }

    fn append(&mut self, mut other: Self) {
        self.notes.append(&mut other.notes);
        self.skipped.append(&mut other.skipped);
        self.temps.append(&mut other.temps);
    }
}

/// Folders to be listed, and how many threads may still add some.
struct Queue {
    state: Mutex<(Vec<String>, usize)>,
    changed: Condvar,
}

impl Queue {
    /// The next folder; `None` when all have been listed.
    fn take(&self) -> Option<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(folder) = state.0.pop() {
                state.1 += 1;
                return Some(folder);
            }
            if state.1 == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives back a folder that was taken, with those found in it.
    fn finish(&self, mut inside: Vec<String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.append(&mut inside);
        state.1 -= 1;
        self.changed.notify_all();
    }
}

/// Runs `work` on this thread and on one more for each further core, at most `parts` in all, and waits for them.
fn on_all_cores(parts: usize, work: impl Fn() + Sync) {
    // The system answers from several files.
    static CORES: OnceLock<usize> = OnceLock::new();
    let cores = CORES.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get));
    thread::scope(|scope| {
        for _ in 1..parts.min(*cores) {
            scope.spawn(&work);
        }
        work();
    });
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

pub(crate) fn is_markdown(name: &str) -> bool {
    name.len() > 3 && name.as_bytes()[name.len() - 3..].eq_ignore_ascii_case(b".md")
}

#[cfg(test)]
mod tests;
