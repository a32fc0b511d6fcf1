//! From a note ref to a session with its thoughts: the session's own ref, or that of any of its thoughts, even when the
//! session note is gone.

use std::collections::BTreeMap;

use journal_model::{Gathered, NoteId, NoteRef, RefKind, Session};

use crate::{
    FoundBy, ResolveError,
    core::Core,
    notes::{SessionNotes, Sight, gather},
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
}

/// A session, found.
pub(crate) struct FoundSession {
    pub notes: SessionNotes,
    pub by: FoundBy,
    pub sight: Sight,
}

impl Core {
    /// Finds the session that a ref names; one walk where the ref is the session's id or part of it.
    pub(crate) fn find_session(&self, reference: &NoteRef) -> Result<FoundSession, SessionRefError> {
        if let RefKind::Word(word) = reference.kind() {
            let meanings = self.meanings(word).map_err(ResolveError::from)?;
            if let Some((id, gathered)) = session_meant(word, &meanings)? {
                let (notes, sight) = match gathered {
                    Some(notes) => (notes, meanings.sight),
                    None => {
                        // The word is of a thought's id: the walk met those with the word only.
                        let sight = self.sight(id.as_str()).map_err(ResolveError::from)?;
                        (gather(&id, &sight), sight)
                    }
                };
                return Ok(FoundSession { notes, by: meanings.by, sight });
            }
        }
        let found = self.find(reference)?;
        let id = match (found.seen.belongs_to(), found.seen.id()) {
            (Some(session), _) => session,
            (None, Some(id)) => id,
            (None, None) => return Err(SessionRefError::NoId(found.seen.path)),
        };
        let sight = self.sight(id.as_str()).map_err(ResolveError::from)?;
        let mut notes = gather(&id, &sight);
        // Of two notes with the session's id, a path chooses.
        if notes.own.len() > 1 && notes.own.contains(&found.seen.path) {
            notes.own = vec![found.seen.path.clone()];
            let session = Session::read(id, found.seen.path.clone(), &found.seen.note.properties);
            notes.gathered.session = Some(session);
        }
        if !is_session(&notes.gathered) {
            return Err(SessionRefError::NotASession(found.seen.path));
        }
        Ok(FoundSession { notes, by: found.by, sight })
    }
}

/// The one session among the ids that `word` may mean: an id of its own, or that of one of its thoughts. Ids made in the same
/// millisecond share their first ten characters, so a session and its first thought often answer together: they mean the
/// same. `None` when no id matches. With its notes where the word is of its own id, so that all of them were met.
fn session_meant(word: &str, meanings: &Meanings) -> Result<Option<(NoteId, Option<SessionNotes>)>, SessionRefError> {
    let mut sessions = BTreeMap::new();
    let mut others = Vec::new();
    for (id, holders) in &meanings.ids {
        let notes = gather(id, &meanings.sight);
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

/// Whether there is a session behind an id: a note that says so, or thoughts that name it.
pub(crate) fn is_session(gathered: &Gathered) -> bool {
    !gathered.thoughts().is_empty()
        || gathered.session.as_ref().is_some_and(|session| session.declared || session.earlier)
}
