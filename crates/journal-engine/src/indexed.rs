//! Finding notes through the index instead of by a walk.
//!
//! The index only says where to look: a note counts when its file says so. A session's notes are taken from the index as far as
//! its folders look as they were indexed; what differs is read. Whenever something is not where the index says, the answer is
//! `None`: the caller walks, and the writer is told to look there again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use journal_index::{FileSignature, HeadRow, IndexError, NoteKind, NoteRow, Snapshot};
use journal_model::{Gathered, NoteId, VaultPath, name_key};
use journal_vault::{FolderListing, conflict_copy_of};

use crate::{
    FoundBy, ResolveError,
    core::Core,
    indexing::{has_settled, is_unchanged},
    memory::Folders,
    notes::{Seen, SessionNotes, gather, is_session},
    resolve::{Found, file_key, named_note, nearest, one_of},
};

/// More notes than this that begin or end alike are told by a walk.
const MOST: usize = 64;

/// A session as the index and its folders show it.
pub(crate) struct IndexedSession {
    pub notes: SessionNotes,
    pub seen: Vec<Seen>,
    /// The folders in which it has notes, as they are now.
    pub folders: Folders,
    pub by: FoundBy,
}

/// What the index knows of a session.
struct Rows {
    heads: Vec<HeadRow>,
    /// The notes in each of its folders.
    folders: BTreeMap<String, HashMap<VaultPath, FileSignature>>,
}

impl Core {
    /// Reads the index for a trip that can do without. What is wrong with it is told once, beside the answer.
    pub(crate) fn try_index<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>) -> Option<T> {
        self.read_index(read).unwrap_or_else(|trouble| {
            self.tell_index_trouble(&trouble);
            None
        })
    }

    /// The session that a word means: its id, or that of one of its thoughts, or a part of either.
    pub(crate) fn indexed_session(&self, word: &str) -> Option<IndexedSession> {
        let (rows, by) = self.rows_of_word(word)?;
        let mut sessions: BTreeSet<NoteId> = BTreeSet::new();
        for row in &rows {
            match (&row.kind, &row.thinking.session) {
                (NoteKind::Note, _) | (_, None) => return None,
                (_, Some(session)) => drop(sessions.insert(session.clone())),
            }
        }
        let id = sessions.pop_first().filter(|_| sessions.is_empty())?;
        let mut session = self.indexed_notes(&id)?;
        // What was found by its id must still have it.
        let is_meant = |id: NoteId| match by {
            FoundBy::Id => id.as_str().eq_ignore_ascii_case(word),
            _ => id.matches_fragment(word),
        };
        let is_there = session.seen.iter().filter_map(Seen::id).any(is_meant);
        session.by = by;
        is_there.then_some(session)
    }

    /// A session with its thoughts, by its whole id.
    pub(crate) fn indexed_notes(&self, id: &NoteId) -> Option<IndexedSession> {
        let rows = self.try_index(|index| {
            let heads = index.session_heads(id)?;
            let names: BTreeSet<&str> = heads.iter().map(|row| row.path.folder()).collect();
            let folders =
                names.into_iter().map(|name| Ok((name.to_owned(), index.folder(name)?.into_iter().collect())));
            let folders = folders.collect::<Result<_, IndexError>>()?;
            Ok(Rows { heads, folders })
        })?;
        let (seen, folders) = self.verify(rows)?;
        let notes = gather(id, &seen);
        let is_whole = is_session(&notes.gathered) && lies_in(&notes.gathered, &folders);
        is_whole.then_some(IndexedSession { notes, seen, folders, by: FoundBy::Id })
    }

    /// The heads of a session's notes and of those that changed beside them, and the folders as they are listed now.
    fn verify(&self, mut rows: Rows) -> Option<(Vec<Seen>, Folders)> {
        let mut heads: HashMap<VaultPath, HeadRow> = rows.heads.drain(..).map(|row| (row.path.clone(), row)).collect();
        let (mut seen, mut folders, mut stale) = (Vec::new(), Folders::new(), Vec::new());
        let mut is_readable = true;
        for (folder, mut indexed) in rows.folders {
            let FolderListing { notes: now, temps } = self.vault.list_folder(&folder).ok()?;
            self.meet_temps(temps);
            for (path, signature) in &now {
                let known = indexed.remove(path);
                let is_known = known.as_ref().is_some_and(|known| is_unchanged(known, signature));
                let head = heads.remove(path);
                if is_known {
                    match head {
                        None => {}
                        Some(HeadRow { head: Some(head), .. }) => seen.push(Seen::parse(path.clone(), head.as_bytes())),
                        Some(_) => match self.read_note(path) {
                            Ok((note, _)) => seen.push(note),
                            Err(_) => is_readable = false,
                        },
                    }
                    continue;
                }
                // What was indexed the moment it was written is worth another look only now.
                if known.is_none_or(|known| known.changed_ns != 0) || has_settled(self, signature) {
                    stale.push(path.clone());
                }
                match self.read_note(path) {
                    Ok((note, _)) => seen.push(note),
                    Err(_) => is_readable = false,
                }
            }
            stale.extend(indexed.into_keys());
            folders.insert(folder, now);
        }
        if !stale.is_empty() {
            let excluded = self.vault.excluded();
            self.mark_stale(stale.into_iter().filter(|path| !excluded.leaves_out(path)));
        }
        // A note of the session that is not where it was may lie anywhere.
        if !heads.is_empty() || !is_readable {
            return None;
        }
        seen.sort_by(|one, other| one.path.cmp(&other.path));
        Some((seen, folders))
    }

    /// The one note that a word names: by id, by part of one, by name, title or alias.
    pub(crate) fn indexed_note(&self, word: &str) -> Option<Result<Found, ResolveError>> {
        if let Some((rows, by)) = self.rows_of_word(word) {
            let notes = self.read_rows(&rows, |seen| match by {
                FoundBy::Id => seen.id().is_some_and(|id| id.as_str().eq_ignore_ascii_case(word)),
                _ => seen.id().is_some_and(|id| id.matches_fragment(word)),
            })?;
            let ids: BTreeSet<NoteId> = notes.iter().filter_map(Seen::id).collect();
            let mut ids = ids.into_iter();
            return match (ids.next(), ids.next()) {
                (Some(id), None) => Some(one_of(&id, &notes, by)),
                (Some(_), Some(_)) => Some(Err(ambiguous(word, &notes))),
                (None, _) => None,
            };
        }
        let rows = self.try_index(|index| {
            let name = file_key(word);
            let last = name.rsplit('/').next().unwrap_or(&name);
            let below = format!("/{name}");
            let mut rows = index.by_name(last)?;
            rows.retain(|row| {
                let own = file_key(row.path.as_str());
                own == name || own.ends_with(&below)
            });
            rows.extend(index.by_title(word)?);
            rows.extend(index.by_alias(word)?);
            rows.sort_by(|one, other| one.path.cmp(&other.path));
            rows.dedup_by(|one, other| one.path == other.path);
            rows.retain(|row| conflict_copy_of(&row.path).is_none());
            Ok(rows)
        })?;
        if rows.is_empty() || rows.len() > MOST {
            return None;
        }
        let mut notes = nearest(self.read_rows(&rows, |seen| seen.is_called(word))?, word);
        match notes.len() {
            1 => Some(Ok(Found { seen: notes.remove(0), by: FoundBy::Name, diagnostics: Vec::new() })),
            _ => Some(Err(ambiguous(word, &notes))),
        }
    }

    /// Whether a note of this file name is anywhere in the vault, as far as the index knows.
    pub(crate) fn is_named(&self, file_name: &str) -> Option<bool> {
        let stem = file_name.strip_suffix(".md").unwrap_or(file_name);
        let rows = self.try_index(|index| index.by_name(stem))?;
        let is_there = |row: &NoteRow| self.vault.exists(&row.path).unwrap_or(true);
        let (there, gone): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_there);
        self.mark_stale(gone.into_iter().map(|row| row.path));
        Some(!there.is_empty())
    }

    /// The notes whose id is `word`; else those whose id begins or ends with it. `None` when there are none, or too many.
    fn rows_of_word(&self, word: &str) -> Option<(Vec<NoteRow>, FoundBy)> {
        let whole: Option<NoteId> = word.parse().ok();
        let (rows, by) = self.try_index(|index| {
            let mut rows = whole.as_ref().map_or_else(|| Ok(Vec::new()), |id| index.by_id(id))?;
            rows.retain(|row| row.id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(word)));
            if !rows.is_empty() {
                return Ok((rows, FoundBy::Id));
            }
            Ok((index.by_fragment(word, MOST + 1)?, FoundBy::PartOfId))
        })?;
        (!rows.is_empty() && rows.len() <= MOST).then_some((rows, by))
    }

    /// Reads the notes at these rows, all of which must still be what they were found for.
    fn read_rows(&self, rows: &[NoteRow], is_still: impl Fn(&Seen) -> bool) -> Option<Vec<Seen>> {
        let read = |row: &NoteRow| self.read_note(&row.path).ok().map(|(seen, _)| seen).filter(&is_still);
        let notes: Vec<Option<Seen>> = rows.iter().map(read).collect();
        let stale = rows.iter().zip(&notes).filter(|(_, note)| note.is_none()).map(|(row, _)| row.path.clone());
        self.mark_stale(stale);
        notes.into_iter().collect()
    }
}

fn ambiguous(word: &str, notes: &[Seen]) -> ResolveError {
    ResolveError::Ambiguous { reference: word.to_owned(), candidates: notes.iter().map(named_note).collect() }
}

/// Whether all notes of a session lie in these folders.
fn lies_in(gathered: &Gathered, folders: &Folders) -> bool {
    let own = gathered.session.iter().map(|session| &session.path);
    own.chain(gathered.thoughts().iter().map(|thought| &thought.path)).all(|path| folders.contains_key(path.folder()))
}

impl Seen {
    /// Whether `name` is its file's name, with some of its folders, or its title or an alias, in any case.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let (key, title) = (file_key(name), name_key(name));
        let own = file_key(self.path.as_str());
        let aliases = ["aliases", "alias"].iter().flat_map(|key| self.note.properties.texts(key));
        own == key
            || own.strip_suffix(&key).is_some_and(|above| above.ends_with('/'))
            || name_key(self.title()) == title
            || aliases.map(name_key).any(|alias| alias == title)
    }
}
