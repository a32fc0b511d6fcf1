//! Finding notes by walking the vault: whose head names an id, which notes are a session's. A walk reads only the head of each
//! note.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    io,
    path::Path,
    sync::Arc,
};

use journal_model::{
    Diagnostic, DiagnosticCode, Gathered, Note, NoteId, Session, Thought, VaultPath, decode, is_at_or_below, name_key,
};
use journal_vault::{DiskAction, DiskError, Listing, ReadError, Vault, WalkError, conflict_copy_of};

use crate::{ResolveError, Trouble, core::Core};

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
        let (text, invalid) = decode(whole_characters(head));
        Self::of_text(path, &text, invalid)
    }

    /// The same with the text, if that is whole.
    fn parse_and_keep(path: VaultPath, head: &[u8]) -> Self {
        let (text, invalid) = decode(whole_characters(head));
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

/// A head without the beginning of a character at its end, if it may have been cut within one.
fn whole_characters(head: &[u8]) -> &[u8] {
    match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() && head.len() >= Vault::HEAD_BYTES => &head[..error.valid_up_to()],
        _ => head,
    }
}

/// What one walk saw.
pub(crate) struct Sight {
    pub listing: Listing,
    /// The notes asked for, by path.
    pub seen: Vec<Seen>,
}

impl Core {
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
pub(crate) fn gather(id: &NoteId, seen: &[Seen]) -> SessionNotes {
    let mut diagnostics = Vec::new();
    let mut originals: Vec<&Seen> = seen.iter().filter(|seen| conflict_copy_of(&seen.path).is_none()).collect();
    if originals.len() == seen.len() {
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
    for seen in seen {
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

/// Whether there is a session behind an id: a note that says so, or thoughts that name it.
pub(crate) fn is_session(gathered: &Gathered) -> bool {
    !gathered.thoughts().is_empty()
        || gathered.session.as_ref().is_some_and(|session| session.declared || session.earlier)
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

/// Refuses to go on when one of `folders`, or a note in it, could not be read: what was not seen there would be taken for
/// not there, and its number for free.
pub(crate) fn check_seen<'a>(
    root: &Path,
    listing: &Listing,
    folders: impl IntoIterator<Item = &'a str>,
) -> Result<(), Trouble> {
    let folders: Vec<_> = folders.into_iter().collect();
    let hides = |path: &str, folder: &str| {
        path.rsplit_once('/').map_or("", |(above, _)| above) == folder || is_at_or_below(folder, path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_ends_within_a_character_is_utf8() {
        let parsed = |head: &[u8]| Seen::parse("a.md".parse().unwrap(), head).note.diagnostics.len();
        let cut = format!("{}é", "a".repeat(Vault::HEAD_BYTES - 1));
        assert_eq!(parsed(&cut.as_bytes()[..Vault::HEAD_BYTES]), 0);
        // A note that ends there itself, or holds something else, is none.
        assert_eq!(parsed(b"a\xc3"), 1);
        assert_eq!(parsed(&[&b"\xff"[..], &cut.as_bytes()[..Vault::HEAD_BYTES]].concat()), 1);
    }
}
