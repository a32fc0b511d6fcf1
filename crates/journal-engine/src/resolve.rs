//! From a note ref to a verified note: id, then the beginning or end of one, then a name, title or alias, then the path to fall
//! back to. Through the [index](crate::indexed) where it knows, else by a walk.
//!
//! The files are the truth: an id counts only where it stands in a note's frontmatter.

use std::collections::BTreeMap;

use journal_model::{Diagnostic, NoteId, NoteRef, RefKind, VaultPath, name_key};
use journal_vault::{ReadError, WalkError, conflict_copy_of};

use crate::{
    core::Core,
    notes::{Seen, Sight, duplicate_id},
};

/// How a note was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// Its whole id.
    Id,
    /// The beginning or end of its id.
    PartOfId,
    /// Its path, as the caller gave it.
    Path,
    /// Its file name or title.
    Name,
    /// The path to fall back to: nothing has the id.
    FallbackPath,
}

impl FoundBy {
    /// The stable name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::PartOfId => "part-of-id",
            Self::Path => "path",
            Self::Name => "name",
            Self::FallbackPath => "fallback-path",
        }
    }
}

/// A note that a ref names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedNote {
    /// Its id, where it has one.
    pub id: Option<NoteId>,
    /// Where it lies.
    pub path: VaultPath,
    /// Its title.
    pub title: String,
}

/// Why a ref names no one note.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Nothing answers to it.
    #[error("no note has the id or name `{reference}`")]
    NotFound {
        /// The ref, as given.
        reference: String,
        /// Notes with ids or names like it, nearest first.
        near: Vec<NamedNote>,
    },
    /// More than one note answers to it.
    #[error("`{reference}` names {} notes", .candidates.len())]
    Ambiguous {
        /// The ref, as given.
        reference: String,
        /// Who answers, by path.
        candidates: Vec<NamedNote>,
    },
    /// More than one note has this id.
    #[error("{} notes have the id `{id}`", .paths.len())]
    DuplicateId {
        /// The id.
        id: NoteId,
        /// The notes.
        paths: Vec<VaultPath>,
    },
    /// The vault could not be walked.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// A note could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A note, found and verified.
pub(crate) struct Found {
    pub seen: Seen,
    pub by: FoundBy,
    /// What is wrong around it, such as conflict copies.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a word could mean, from one walk.
pub(crate) struct Meanings {
    pub sight: Sight,
    /// The ids that the word is, or is part of, each with the notes that have it. An id that only thoughts name as their
    /// session's has none.
    pub ids: BTreeMap<NoteId, Vec<Seen>>,
    pub by: FoundBy,
}

impl Core {
    /// Finds the one note that a ref names.
    pub(crate) fn find(&self, reference: &NoteRef) -> Result<Found, ResolveError> {
        let found = match reference.kind() {
            RefKind::Path(path) => self.find_path(path, FoundBy::Path),
            RefKind::Word(word) => self.indexed_note(word).unwrap_or_else(|| self.find_unindexed(word)),
        };
        match (found, reference.fallback()) {
            (Err(ResolveError::NotFound { .. }), Some(path)) => self.find_path(path, FoundBy::FallbackPath),
            (found, _) => found,
        }
    }

    pub(crate) fn find_path(&self, path: &VaultPath, by: FoundBy) -> Result<Found, ResolveError> {
        match self.read_note(path) {
            Ok((seen, _)) => Ok(Found { seen, by, diagnostics: Vec::new() }),
            Err(ReadError::NotFound { .. }) => {
                // A path from another folder, or typed in another case: the note of that name, if there is one.
                let names: Vec<_> = self.named(path.stem())?;
                Err(ResolveError::NotFound {
                    reference: path.to_string(),
                    near: names.iter().map(named_note).collect(),
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Finds what the index did not know, and has it look there.
    fn find_unindexed(&self, word: &str) -> Result<Found, ResolveError> {
        let found = self.find_word(word)?;
        if !self.vault.excluded().leaves_out(&found.seen.path) {
            self.mark_stale([found.seen.path.clone()]);
        }
        Ok(found)
    }

    fn find_word(&self, word: &str) -> Result<Found, ResolveError> {
        let meanings = self.meanings(word)?;
        let mut holders: Vec<(&NoteId, &Vec<Seen>)> =
            meanings.ids.iter().filter(|(_, notes)| !notes.is_empty()).collect();
        if holders.len() > 1 {
            let candidates = holders.iter().flat_map(|(_, notes)| notes.iter().map(named_note)).collect();
            return Err(ResolveError::Ambiguous { reference: word.to_owned(), candidates });
        }
        if let Some((id, notes)) = holders.pop() {
            return one_of(id, notes, meanings.by);
        }
        let mut named = nearest(self.named(word)?, word);
        match named.len() {
            0 => Err(self.not_found(word)?),
            1 => Ok(Found { seen: named.remove(0), by: FoundBy::Name, diagnostics: Vec::new() }),
            _ => Err(ResolveError::Ambiguous {
                reference: word.to_owned(),
                candidates: named.iter().map(named_note).collect(),
            }),
        }
    }

    /// The ids that `word` may mean, by one walk. A whole id wins over parts of others.
    pub(crate) fn meanings(&self, word: &str) -> Result<Meanings, WalkError> {
        let sight = self.sight(word)?;
        let whole: Option<NoteId> = word.parse().ok();
        let mut ids: BTreeMap<NoteId, Vec<Seen>> = BTreeMap::new();
        for seen in &sight.seen {
            if let Some(id) = seen.id() {
                ids.entry(id).or_default().push(seen.clone());
            }
            if let Some(id) = seen.belongs_to() {
                ids.entry(id).or_default();
            }
        }
        // Typed in another case, a whole id is still whole.
        let is_whole = |id: &NoteId| whole.as_ref().is_some_and(|w| w.as_str().eq_ignore_ascii_case(id.as_str()));
        let by = if ids.keys().any(is_whole) { FoundBy::Id } else { FoundBy::PartOfId };
        ids.retain(|id, _| if by == FoundBy::Id { is_whole(id) } else { id.matches_fragment(word) });
        Ok(Meanings { sight, ids, by })
    }

    /// The notes whose file name, title or alias is `name`, in any case. A name may say some of its folders, as links do.
    fn named(&self, name: &str) -> Result<Vec<Seen>, WalkError> {
        let sight = self.sight_where(|seen| seen.is_called(name))?;
        Ok(sight.seen.into_iter().filter(|seen| conflict_copy_of(&seen.path).is_none()).collect())
    }

    /// The refusal for a word that nothing answers to, with what is like it.
    pub(crate) fn not_found(&self, word: &str) -> Result<ResolveError, WalkError> {
        const NEAR: usize = 3;
        let typed = word.to_lowercase();
        let distance = |seen: &Seen| {
            let to = |text: &str| strsim::osa_distance(&typed, &text.to_lowercase());
            let id = seen.id().map(|id| near_id(&typed, &id.as_str().to_lowercase()));
            id.into_iter().chain([to(seen.path.stem()), to(seen.title())]).min().unwrap_or(usize::MAX)
        };
        // One slip in six characters, five in a whole id: more is another word.
        let most = (typed.chars().count() / 5).clamp(1, 5);
        let sight = self.sight_where(|seen| distance(seen) <= most)?;
        let mut near: Vec<_> = sight.seen.iter().map(|seen| (distance(seen), named_note(seen))).collect();
        near.sort_by(|a, b| (a.0, &a.1.path).cmp(&(b.0, &b.1.path)));
        let near = near.into_iter().take(NEAR).map(|(_, note)| note).collect();
        Ok(ResolveError::NotFound { reference: word.to_owned(), near })
    }
}

/// A path or name without `.md`, in the form in which two of them are the same.
pub(crate) fn file_key(name: &str) -> String {
    let key = name_key(name);
    key.strip_suffix(".md").map(str::to_owned).unwrap_or(key)
}

/// Of several notes with a name: those whose file is called so before those with the title, and a session before its own
/// thoughts, the first of which often has its title.
pub(crate) fn nearest(mut named: Vec<Seen>, name: &str) -> Vec<Seen> {
    let key = file_key(name);
    let is_file = |seen: &Seen| file_key(seen.path.stem()) == key;
    if named.iter().any(is_file) {
        named.retain(is_file);
    }
    let ids: Vec<NoteId> = named.iter().filter_map(Seen::id).collect();
    named.retain(|seen| seen.belongs_to().is_none_or(|session| !ids.contains(&session)));
    named
}

/// How many slips lie between what was typed and an id: the whole, its beginning, or its end.
fn near_id(typed: &str, id: &str) -> usize {
    let length = typed.chars().count();
    let skipped = id.chars().count().saturating_sub(length);
    let beginning: String = id.chars().take(length).collect();
    let end: String = id.chars().skip(skipped).collect();
    let distances = [id, &beginning, &end].map(|part| strsim::osa_distance(typed, part));
    distances.into_iter().min().unwrap_or(usize::MAX)
}

/// The note with an id; copies that a file syncer made are told and passed over, two real notes are a conflict.
pub(crate) fn one_of(id: &NoteId, notes: &[Seen], by: FoundBy) -> Result<Found, ResolveError> {
    let (copies, originals): (Vec<&Seen>, Vec<&Seen>) =
        notes.iter().partition(|seen| conflict_copy_of(&seen.path).is_some());
    let candidates = if originals.is_empty() { copies.clone() } else { originals };
    match candidates.as_slice() {
        [seen] => {
            let mut diagnostics: Vec<_> =
                seen.note.diagnostics.iter().map(|d| crate::notes::in_note(d, &seen.path)).collect();
            diagnostics.extend(
                copies
                    .iter()
                    .filter(|copy| copy.path != seen.path)
                    .map(|copy| duplicate_id(id, &[&seen.path, &copy.path])),
            );
            Ok(Found { seen: (*seen).clone(), by, diagnostics })
        }
        several => Err(ResolveError::DuplicateId {
            id: id.clone(),
            paths: several.iter().map(|seen| seen.path.clone()).collect(),
        }),
    }
}

pub(crate) fn named_note(seen: &Seen) -> NamedNote {
    NamedNote { id: seen.id(), path: seen.path.clone(), title: seen.title().to_owned() }
}
