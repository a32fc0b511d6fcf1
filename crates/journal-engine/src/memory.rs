//! What a process remembers of the sessions it met, so that the next append needs no walk. It is checked against the folders'
//! listings before it is believed: names, sizes, times and inodes as they were.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, MutexGuard, PoisonError},
};

use journal_model::{Gathered, NoteId, NoteRef, RefKind, Session, Thought, VaultPath, name_key};
use journal_vault::{FolderListing, Listing, Signature, WalkError, conflict_copy_of};

use crate::{core::Core, notes::SessionNotes};

/// The sessions this process has met, and the names that are taken in the vault.
#[derive(Default)]
pub(crate) struct Memory {
    sessions: HashMap<NoteId, Remembered>,
    /// Keys of all names of notes in the vault, as the last walk saw them.
    names: HashSet<String>,
}

/// The folders in which a session has notes, as they were listed, each sorted by path.
pub(crate) type Folders = BTreeMap<String, Vec<(VaultPath, Signature)>>;

struct Remembered {
    /// Shared with the append that is at it; `None` while that one changes them.
    notes: Option<Arc<SessionNotes>>,
    folders: Folders,
}

impl Core {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session of this process that a ref names by its whole id, if its folders still look as they did.
    pub(crate) fn remembered(&self, reference: &NoteRef) -> Option<Arc<SessionNotes>> {
        let RefKind::Word(word) = reference.kind() else { return None };
        let id: NoteId = word.parse().ok()?;
        let mut memory = self.memory();
        let remembered = memory.sessions.get_mut(&id)?;
        if self.freshen(&id, remembered) {
            return remembered.notes.clone();
        }
        memory.sessions.remove(&id);
        None
    }

    /// Remembers a session that a walk has just found, and the names it met on its way.
    pub(crate) fn learn(&self, notes: &Arc<SessionNotes>, listing: &Listing) {
        let mut memory = self.memory();
        memory.names = listing.notes.iter().map(|path| name_key(path.file_name())).collect();
        self.meet_temps(listing.temps.iter().cloned());
        // Of two session notes a caller chose one by its path; that is no choice for the next call.
        if notes.own.len() < 2
            && let Some(folders) = self.list_folders(notes)
            && folders.iter().all(|(folder, now)| is_as_walked(folder, now, listing))
        {
            memory.sessions.insert(notes.gathered.id.clone(), Remembered { notes: Some(Arc::clone(notes)), folders });
        }
    }

    /// Remembers a session whose folders were listed before its notes were read.
    pub(crate) fn learn_listed(&self, notes: &Arc<SessionNotes>, folders: Folders) {
        let mut memory = self.memory();
        if notes.own.len() < 2 {
            memory.sessions.insert(notes.gathered.id.clone(), Remembered { notes: Some(Arc::clone(notes)), folders });
        }
    }

    /// Brings a remembered session up to date from its folders' listings. `false` when a walk is needed: one of its notes is
    /// not where it was, or a folder cannot be listed.
    fn freshen(&self, id: &NoteId, remembered: &mut Remembered) -> bool {
        let Some(notes) = &mut remembered.notes else { return false };
        let mut changed = BTreeSet::new();
        for (folder, before) in &mut remembered.folders {
            let Ok(FolderListing { notes: now, temps }) = self.vault.list_folder(folder) else { return false };
            self.meet_temps(temps);
            if *before == now {
                continue;
            }
            if before.iter().any(|(path, _)| place(&now, path).is_err()) {
                return false;
            }
            let is_known = |note: &&(VaultPath, Signature)| place(before, &note.0).is_ok_and(|at| before[at] == **note);
            changed.extend(now.iter().filter(|note| !is_known(note)).map(|(path, _)| path.clone()));
            *before = now;
        }
        if changed.is_empty() {
            return true;
        }
        let gathered = &notes.gathered;
        // The session's own note changes with every append and is read again there; anything else is parsed anew.
        let own = gathered.session.as_ref().map(|session| session.path.clone());
        let mut thoughts: Vec<_> = gathered.thoughts().to_vec();
        let mut session = gathered.session.clone();
        for path in changed {
            let Ok((seen, _)) = self.read_note(&path) else { return false };
            let is_own = seen.id().as_ref() == Some(id) && seen.belongs_to().as_ref() != Some(id);
            if is_own != (Some(&path) == own.as_ref()) {
                return false;
            }
            if conflict_copy_of(&path).is_some() {
                return false;
            }
            if Some(&path) == own.as_ref() {
                session = Some(Session::read(id.clone(), path, &seen.note.properties));
                continue;
            }
            thoughts.retain(|thought| thought.path != path);
            if seen.belongs_to().as_ref() == Some(id) {
                thoughts.push(Thought::read(path, &seen.note.properties).0);
            }
        }
        Arc::make_mut(notes).gathered = Gathered::new(id.clone(), session, thoughts);
        true
    }

    /// The listings of all folders in which a session has notes; `None` when one cannot be listed, so nothing is remembered.
    fn list_folders(&self, notes: &SessionNotes) -> Option<Folders> {
        notes
            .folders()
            .into_iter()
            .map(|folder| Some((folder.to_owned(), self.vault.list_folder(folder).ok()?.notes)))
            .collect()
    }

    /// Lets go of the notes of a session that the caller is about to change, which then needs no copy of them all. Until
    /// [`Self::remember`] the session is not known.
    pub(crate) fn set_aside(&self, id: &NoteId) {
        let mut memory = self.memory();
        if let Some(remembered) = memory.sessions.get_mut(id) {
            remembered.notes = None;
        }
    }

    /// Remembers a session as it is after our own write of the notes `written`. Only their signatures are taken anew: what
    /// else changed since the listing is still a change.
    pub(crate) fn remember(&self, notes: &Arc<SessionNotes>, written: &[&VaultPath]) {
        let mut memory = self.memory();
        memory.names.extend(written.iter().map(|path| name_key(path.file_name())));
        let id = notes.gathered.id.clone();
        let mut folders = memory.sessions.remove(&id).map(|remembered| remembered.folders).unwrap_or_default();
        // A folder that was never listed cannot be seen to change.
        let is_watched =
            |folder: &&str| folders.contains_key(*folder) || written.iter().any(|path| path.folder() == *folder);
        if !notes.folders().iter().all(is_watched) {
            return;
        }
        for path in written {
            // A note that cannot be looked at is not remembered; the next append walks.
            let Ok(signature) = self.vault.signature(path) else { return };
            let listed = folders.entry(path.folder().to_owned()).or_default();
            match place(listed, path) {
                Ok(at) => listed[at].1 = signature,
                Err(at) => listed.insert(at, ((*path).clone(), signature)),
            }
        }
        memory.sessions.insert(id, Remembered { notes: Some(Arc::clone(notes)), folders });
    }

    /// Whether a note of this file name is anywhere in the vault, as far as the index knows or the last walk saw.
    pub(crate) fn name_taken(&self, file_name: &str) -> bool {
        if self.is_named(file_name) == Some(true) {
            return true;
        }
        let memory = self.memory();
        memory.names.contains(&name_key(file_name))
    }

    /// Whether a note of this name is anywhere in the vault: by the index, or by all names listed anew.
    pub(crate) fn is_stem_taken(&self, stem: &str) -> Result<bool, WalkError> {
        let file_name = format!("{stem}.md");
        if let Some(is_named) = self.is_named(&file_name) {
            return Ok(is_named);
        }
        let listing = self.vault.walk_names()?;
        let mut memory = self.memory();
        memory.names = listing.notes.iter().map(|path| name_key(path.file_name())).collect();
        self.meet_temps(listing.temps);
        Ok(memory.names.contains(&name_key(&file_name)))
    }
}

/// Whether a folder lists the notes that a walk saw in it a moment before. A file syncer may have brought one in between,
/// which would then be known by its signature and never read.
fn is_as_walked(folder: &str, now: &[(VaultPath, Signature)], listing: &Listing) -> bool {
    now.iter().map(|(path, _)| path).eq(listing.notes.iter().filter(|path| path.folder() == folder))
}

/// Where a note stands in a sorted listing, or would.
fn place(listed: &[(VaultPath, Signature)], path: &VaultPath) -> Result<usize, usize> {
    listed.binary_search_by(|(other, _)| other.cmp(path))
}
