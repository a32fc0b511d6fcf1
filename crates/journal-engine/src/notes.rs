//! Finding notes by walking the vault: whose head names an id, which notes are a session's, what is where.
//!
//! A walk reads only the head of each note. What it learned of a session is remembered for the next append of the same
//! process, and checked against the folder's listing before it is believed: names, sizes, times and inodes as they were.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io,
    path::Path,
    sync::Arc,
};

use journal_model::{
    Diagnostic, DiagnosticCode, Gathered, NameMap, Note, NoteId, NoteRef, RefKind, Session, Thought, VaultPath, decode,
    name_key,
};
use journal_vault::{DiskAction, DiskError, Listing, ReadError, Signature, Vault, WalkError, conflict_copy_of};

use crate::{Engine, ResolveError, Trouble};

/// A note whose head was read.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub path: VaultPath,
    pub note: Arc<Note>,
    /// All of it, where the walk for an id met it and its head is all there is.
    whole: Option<Arc<str>>,
}

impl Seen {
    pub fn parse(path: VaultPath, head: &[u8]) -> Self {
        let (text, invalid) = decode(head);
        Self::of_text(path, &text, invalid)
    }

    /// The same with the text, if that is whole.
    fn parse_and_keep(path: VaultPath, head: &[u8]) -> Self {
        let (text, invalid) = decode(head);
        let whole = (head.len() < Vault::HEAD_BYTES).then(|| (*text).into());
        Self { whole, ..Self::of_text(path, &text, invalid) }
    }

    fn of_text(path: VaultPath, text: &str, invalid: Option<Diagnostic>) -> Self {
        let mut note = Note::parse(text);
        note.diagnostics.extend(invalid);
        Self { path, note: Arc::new(note), whole: None }
    }

    pub fn id(&self) -> Option<NoteId> {
        self.note.id()
    }

    /// The session this note says it belongs to.
    pub fn belongs_to(&self) -> Option<NoteId> {
        self.note.properties.text("session_note_id")?.parse().ok()
    }

    pub fn title(&self) -> &str {
        self.note.properties.text("title").unwrap_or_else(|| self.path.stem())
    }
}

/// What one walk saw.
pub(crate) struct Sight {
    pub listing: Listing,
    /// The notes asked for, by path.
    pub seen: Vec<Seen>,
}

impl Engine {
    /// The notes whose head holds `needle`, in any case: a superset of those that have it as an id.
    pub(crate) fn sight(&self, needle: &str) -> Result<Sight, WalkError> {
        let needle = needle.to_lowercase();
        let finder = memchr::memmem::Finder::new(needle.as_bytes());
        let (listing, seen) = self.vault.walk_heads(|path, head| {
            let found = finder.find(&head.to_ascii_lowercase()).is_some()
                || (!needle.is_ascii() && String::from_utf8_lossy(head).to_lowercase().contains(&needle));
            found.then(|| Seen::parse_and_keep(path.clone(), head))
        })?;
        Ok(Sight { listing, seen })
    }

    /// Every note that `select` keeps.
    pub(crate) fn sight_where(&self, select: impl Fn(&Seen) -> bool + Sync) -> Result<Sight, WalkError> {
        let (listing, seen) = self.vault.walk_heads(|path, head| {
            let seen = Seen::parse(path.clone(), head);
            select(&seen).then_some(seen)
        })?;
        Ok(Sight { listing, seen })
    }

    /// One note, read whole.
    pub(crate) fn read_note(&self, path: &VaultPath) -> Result<(Seen, String), ReadError> {
        let bytes = self.vault.read(path)?;
        let (text, invalid) = decode(&bytes);
        Ok((Seen::of_text(path.clone(), &text, invalid), text.into_owned()))
    }

    /// The body of a note: from the walk that has just seen it whole, else from the disk.
    pub(crate) fn body(&self, path: &VaultPath, sight: &[Seen]) -> Result<String, ReadError> {
        let seen = sight.binary_search_by(|seen| seen.path.cmp(path)).ok().map(|at| &sight[at]);
        if let Some((seen, whole)) = seen.and_then(|seen| Some((seen, seen.whole.as_ref()?))) {
            return Ok(seen.note.body(whole).to_owned());
        }
        let (seen, whole) = self.read_note(path)?;
        Ok(seen.note.body(&whole).to_owned())
    }
}

/// A session's notes as a walk found them.
#[derive(Debug, Clone)]
pub(crate) struct SessionNotes {
    pub gathered: Gathered,
    /// What is wrong with its notes: broken properties, ids that stand twice, conflict copies.
    pub diagnostics: Vec<Diagnostic>,
    /// The notes with the session's own id: one, unless somebody copied or deleted it.
    pub own: Vec<VaultPath>,
}

impl SessionNotes {
    /// A session without notes.
    pub fn new(id: NoteId) -> Self {
        Self { gathered: Gathered::new(id, None, Vec::new()), diagnostics: Vec::new(), own: Vec::new() }
    }

    /// The folders that its notes lie in.
    pub fn folders(&self) -> BTreeSet<&str> {
        let own = self.gathered.session.iter().map(|session| session.path.folder());
        own.chain(self.gathered.thoughts().iter().map(|thought| thought.path.folder())).collect()
    }

    /// Refuses a session with two notes of its own, for whoever is about to write in one of them.
    pub fn check_sole(&self) -> Result<(), ResolveError> {
        if self.own.len() < 2 {
            return Ok(());
        }
        Err(ResolveError::DuplicateId { id: self.gathered.id.clone(), paths: self.own.clone() })
    }
}

/// Picks the notes of one session out of what was seen. Copies that a file syncer made of a note that is there are told and
/// left out.
pub(crate) fn gather(id: &NoteId, sight: &Sight) -> SessionNotes {
    let mut diagnostics = Vec::new();
    let mut originals: Vec<&Seen> = sight.seen.iter().filter(|seen| conflict_copy_of(&seen.path).is_none()).collect();
    if originals.len() == sight.seen.len() {
        // No copies, as nearly always: nobody will ask whose they are.
        originals.clear();
    }
    let present: HashMap<String, &Seen> = originals.iter().map(|seen| (name_key(seen.path.as_str()), *seen)).collect();
    let with_id: HashMap<NoteId, &VaultPath> =
        originals.iter().filter_map(|seen| Some((seen.id()?, &seen.path))).collect();
    let is_copy = |seen: &Seen| {
        let original = present.get(&name_key(&conflict_copy_of(&seen.path)?));
        // Two machines that chose one name for two notes: the one that lost the name is no copy of the other.
        let original = original.filter(|original| seen.id().is_none() || original.id() == seen.id());
        // The original may have been moved since.
        original.map(|original| &original.path).or_else(|| with_id.get(&seen.id()?).copied())
    };
    let mut own_notes = Vec::new();
    let mut thoughts = Vec::new();
    for seen in &sight.seen {
        let is_own = seen.id().as_ref() == Some(id) && seen.belongs_to().as_ref() != Some(id);
        let is_thought = seen.belongs_to().as_ref() == Some(id);
        if !is_own && !is_thought {
            continue;
        }
        if let Some(original) = is_copy(seen) {
            diagnostics.push(Diagnostic::new(
                DiagnosticCode::DuplicateId,
                format!("`{}` is a conflict copy of `{original}`", seen.path),
                "compare the two, keep what you need in the original, and delete the copy",
            ));
            continue;
        }
        diagnostics.extend(seen.note.diagnostics.iter().map(|d| in_note(d, &seen.path)));
        if is_own {
            own_notes.push(seen);
        } else {
            let (thought, complaints) = Thought::read(seen.path.clone(), &seen.note.properties);
            diagnostics.extend(complaints.iter().map(|d| in_note(d, &seen.path)));
            thoughts.push(thought);
        }
    }
    let mut first_with: HashMap<&NoteId, &VaultPath> = HashMap::new();
    for thought in &thoughts {
        let Some(thought_id) = &thought.id else { continue };
        if let Some(other) = first_with.insert(thought_id, &thought.path) {
            diagnostics.push(duplicate_id(thought_id, &[other, &thought.path]));
        }
    }
    if own_notes.len() > 1 {
        diagnostics.push(duplicate_id(id, &own_notes.iter().map(|seen| &seen.path).collect::<Vec<_>>()));
    }
    // With two session notes, the one beside the thoughts is the one they were written for.
    let beside = |seen: &Seen| thoughts.iter().filter(|thought| thought.path.folder() == seen.path.folder()).count();
    let session = own_notes.iter().min_by_key(|seen| Reverse(beside(seen)));
    let session = session.map(|seen| Session::read(id.clone(), seen.path.clone(), &seen.note.properties));
    let gathered = Gathered::new(id.clone(), session, thoughts);
    diagnostics.extend(gathered.diagnostics());
    SessionNotes { gathered, diagnostics, own: own_notes.into_iter().map(|seen| seen.path.clone()).collect() }
}

pub(crate) fn duplicate_id(id: &NoteId, paths: &[&VaultPath]) -> Diagnostic {
    let paths: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    Diagnostic::new(
        DiagnosticCode::DuplicateId,
        format!("id `{id}` stands in {}", paths.join(" and ")),
        "give the copy an id of its own, or delete its `id:` line",
    )
}

pub(crate) fn in_note(diagnostic: &Diagnostic, path: &VaultPath) -> Diagnostic {
    let message = if diagnostic.message.contains(path.as_str()) {
        diagnostic.message.clone()
    } else {
        format!("`{path}`: {}", diagnostic.message)
    };
    Diagnostic { message, ..diagnostic.clone() }
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

/// Refuses to go on when one of `folders`, or a note in it, could not be read: what was not seen there would be taken for
/// not there, and its number for free.
pub(crate) fn check_seen<'a>(
    root: &Path,
    listing: &Listing,
    folders: impl IntoIterator<Item = &'a str>,
) -> Result<(), Trouble> {
    let folders: Vec<_> = folders.into_iter().collect();
    let hides = |path: &str, folder: &str| {
        path.rsplit_once('/').map_or("", |(above, _)| above) == folder
            || folder.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match listing.unread().find(|(path, _)| folders.iter().any(|folder| hides(path, folder))) {
        None => Ok(()),
        Some((path, error)) => Err(WalkError::Disk(DiskError {
            action: DiskAction::Read,
            path: path.to_owned(),
            absolute: root.join(path),
            source: io::Error::new(error.kind(), error.to_string()),
        })
        .into()),
    }
}

/// The sessions this process has met, and the names that are taken in the vault.
#[derive(Default)]
pub(crate) struct Memory {
    sessions: HashMap<NoteId, Remembered>,
    /// Keys of all names of notes in the vault, as the last walk saw them.
    names: HashSet<String>,
    /// Temporary files that walks met since the last sweep.
    temps: Vec<String>,
}

/// The folders in which a session has notes, as they were listed, each sorted by path.
type Folders = BTreeMap<String, Vec<(VaultPath, Signature)>>;

struct Remembered {
    /// Shared with the append that is at it; `None` while that one changes them.
    notes: Option<Arc<SessionNotes>>,
    folders: Folders,
}

impl Engine {
    /// A session of this process that a ref names by its whole id, if its folders still look as they did.
    pub(crate) fn remembered(&self, reference: &NoteRef) -> Option<Arc<SessionNotes>> {
        let RefKind::Word(word) = reference.kind() else { return None };
        let id: NoteId = word.parse().ok()?;
        let mut memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let remembered = memory.sessions.get_mut(&id)?;
        if self.freshen(&id, remembered) {
            return remembered.notes.clone();
        }
        memory.sessions.remove(&id);
        None
    }

    /// Remembers a session that a walk has just found, and the names it met on its way.
    pub(crate) fn learn(&self, notes: &Arc<SessionNotes>, listing: &Listing) {
        let mut memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        memory.names = listing.notes.iter().map(|path| name_key(path.file_name())).collect();
        memory.temps.extend_from_slice(&listing.temps);
        // Of two session notes a caller chose one by its path; that is no choice for the next call.
        if notes.own.len() < 2
            && let Some(folders) = self.list_folders(notes)
            && folders.iter().all(|(folder, now)| is_as_walked(folder, now, listing))
        {
            memory.sessions.insert(notes.gathered.id.clone(), Remembered { notes: Some(Arc::clone(notes)), folders });
        }
    }

    /// Brings a remembered session up to date from its folders' listings. `false` when a walk is needed: one of its notes is
    /// not where it was, or a folder cannot be listed.
    fn freshen(&self, id: &NoteId, remembered: &mut Remembered) -> bool {
        let Some(notes) = &mut remembered.notes else { return false };
        let mut changed = BTreeSet::new();
        for (folder, before) in &mut remembered.folders {
            let Ok(now) = self.vault.list_folder(folder) else { return false };
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
            .map(|folder| Some((folder.to_owned(), self.vault.list_folder(folder).ok()?)))
            .collect()
    }

    /// Lets go of the notes of a session that the caller is about to change, which then needs no copy of them all. Until
    /// [`Self::remember`] the session is not known.
    pub(crate) fn set_aside(&self, id: &NoteId) {
        let mut memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(remembered) = memory.sessions.get_mut(id) {
            remembered.notes = None;
        }
    }

    /// Remembers a session as it is after our own write of the notes `written`. Only their signatures are taken anew: what
    /// else changed since the listing is still a change.
    pub(crate) fn remember(&self, notes: &Arc<SessionNotes>, written: &[&VaultPath]) {
        let mut memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
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

    /// Removes the temporary files of dead processes that walks have met. Called with the write lock held.
    pub(crate) fn sweep_met(&self) {
        let temps = std::mem::take(&mut self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner).temps);
        self.vault.sweep(temps);
    }

    /// Whether a note of this file name is anywhere in the vault, as far as the last walk saw.
    pub(crate) fn name_taken(&self, file_name: &str) -> bool {
        let memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        memory.names.contains(&name_key(file_name))
    }

    /// Lists all names anew, for a session that begins.
    pub(crate) fn learn_names(&self) -> Result<NameMap, WalkError> {
        let listing = self.vault.walk_names()?;
        let mut memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        memory.names = listing.notes.iter().map(|path| name_key(path.file_name())).collect();
        memory.temps.extend(listing.temps);
        Ok(listing.notes.into_iter().collect())
    }
}
