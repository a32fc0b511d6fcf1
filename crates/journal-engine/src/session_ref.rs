//! From a note ref to a session with its thoughts: the session's own ref, or that of any of its thoughts, even when the
//! session note is gone.

use std::collections::BTreeMap;

use journal_model::{NoteId, NoteRef, RefKind, Refusal, Session};

use journal_vault::Listing;

use crate::{
    FoundBy, ResolveError,
    core::Core,
    indexed::IndexedSession,
    memory::Folders,
    notes::{Seen, SessionNotes, Sight, gather, is_session},
    resolve::{Meanings, named_note},
};

/// Why a ref names no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionRefError {
    /// It names nothing, or too much.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// It names a note that is neither a session nor a thought.
    #[error("`{0}` is a note, but neither a thinking session nor a thought")]
    NotASession(journal_model::VaultPath),
    /// It names a note without an id, to which no thought can belong.
    #[error("`{0}` has no `id` in its frontmatter, so no thought can belong to it")]
    NoId(journal_model::VaultPath),
    /// It names a session, which has not the branch that was asked for.
    #[error("{refusal}")]
    NoSuchBranch {
        /// The session.
        session: NoteId,
        /// Says which branches it has.
        refusal: Refusal,
    },
}

/// A session, found.
pub(crate) struct FoundSession {
    pub notes: SessionNotes,
    pub by: FoundBy,
    /// The heads that were read on the way, sorted by path.
    pub seen: Vec<Seen>,
    pub ground: Ground,
}

/// What was looked at to find a session.
pub(crate) enum Ground {
    /// The whole vault.
    Walked(Listing),
    /// The index, and these folders.
    Indexed(Folders),
}

impl From<IndexedSession> for FoundSession {
    fn from(session: IndexedSession) -> Self {
        let IndexedSession { notes, seen, folders, by } = session;
        Self { notes, by, seen, ground: Ground::Indexed(folders) }
    }
}

impl Core {
    /// Finds the session that a ref names: through the index, else by one walk where the ref is the session's id or part of it.
    pub(crate) fn find_session(&self, reference: &NoteRef) -> Result<FoundSession, SessionRefError> {
        if let RefKind::Word(word) = reference.kind() {
            if let Some(session) = self.indexed_session(word) {
                return Ok(session.into());
            }
            let meanings = self.meanings(word).map_err(ResolveError::from)?;
            if let Some((id, gathered)) = session_meant(word, &meanings)? {
                // The word may be of a thought's id: then the walk met those with the word only.
                let found = match gathered {
                    Some(notes) => walked(notes, meanings.sight, meanings.by),
                    None => FoundSession { by: meanings.by, ..self.session_by_id(&id)? },
                };
                self.look_again(&found);
                return Ok(found);
            }
        }
        let found = self.find(reference)?;
        let id = match (found.seen.belongs_to(), found.seen.id()) {
            (Some(session), _) => session,
            (None, Some(id)) => id,
            (None, None) => return Err(SessionRefError::NoId(found.seen.path)),
        };
        let mut session = FoundSession { by: found.by, ..self.session_by_id(&id)? };
        if !session.seen.iter().any(|seen| seen.path == found.seen.path) {
            // A note that the index does not know, in a folder of which it knows nothing of this session.
            session = FoundSession { by: found.by, ..self.walk_for(&id)? };
        }
        let notes = &mut session.notes;
        // Of two notes with the session's id, a path chooses.
        if notes.own.len() > 1 && notes.own.contains(&found.seen.path) {
            notes.own = vec![found.seen.path.clone()];
            let own = Session::read(id, found.seen.path.clone(), &found.seen.note.properties);
            notes.gathered.session = Some(own);
        }
        if !is_session(&notes.gathered) {
            return Err(SessionRefError::NotASession(found.seen.path));
        }
        Ok(session)
    }

    /// The notes of the session with this id; none of them need be there.
    fn session_by_id(&self, id: &NoteId) -> Result<FoundSession, ResolveError> {
        if let Some(session) = self.indexed_notes(id) {
            return Ok(session.into());
        }
        self.walk_for(id)
    }

    fn walk_for(&self, id: &NoteId) -> Result<FoundSession, ResolveError> {
        let sight = self.sight(id.as_str())?;
        Ok(walked(gather(id, &sight.seen), sight, FoundBy::Id))
    }

    /// Has the index look at a session that it did not know, or knew elsewhere.
    fn look_again(&self, found: &FoundSession) {
        let gathered = &found.notes.gathered;
        let own = gathered.session.iter().map(|session| &session.path);
        let thoughts = gathered.thoughts().iter().map(|thought| &thought.path);
        self.mark_stale(own.chain(thoughts).cloned());
    }
}

/// A session as a walk found it.
fn walked(notes: SessionNotes, sight: Sight, by: FoundBy) -> FoundSession {
    FoundSession { notes, by, seen: sight.seen, ground: Ground::Walked(sight.listing) }
}

/// The one session among the ids that `word` may mean: an id of its own, or that of one of its thoughts. Ids made in the same
/// millisecond share their first ten characters, so a session and its first thought often answer together: they mean the
/// same. `None` when no id matches. With its notes where the word is of its own id, so that all of them were met.
fn session_meant(word: &str, meanings: &Meanings) -> Result<Option<(NoteId, Option<SessionNotes>)>, SessionRefError> {
    let mut sessions = BTreeMap::new();
    let mut others = Vec::new();
    for (id, holders) in &meanings.ids {
        let notes = gather(id, &meanings.sight.seen);
        if is_session(&notes.gathered) {
            sessions.insert(id.clone(), Some(notes));
            continue;
        }
        for seen in holders {
            match seen.belongs_to() {
                Some(session) => drop(sessions.entry(session).or_insert(None)),
                None => others.push(seen),
            }
        }
    }
    match (sessions.len(), others.as_slice()) {
        (0, []) => Ok(None),
        (1, []) => Ok(sessions.pop_first()),
        (0, [note]) => Err(SessionRefError::NotASession(note.path.clone())),
        _ => {
            let holders = sessions.keys().filter_map(|id| meanings.ids.get(id)).flatten();
            let candidates = holders.chain(others.iter().copied()).map(named_note).collect();
            Err(ResolveError::Ambiguous { reference: word.to_owned(), candidates }.into())
        }
    }
}
