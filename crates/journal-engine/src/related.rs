//! Trip: related, the notes that are like a note. By meaning where the texts have vectors, else by the rare words they share.
//!
//! The note is read from its file, and its vectors are found by what its text is now, so a stale index does no harm. No model is
//! needed where the texts have vectors. A session stands for its thoughts. Notes of the same session are told only when asked for:
//! whoever reads a thought has its neighbours before them, and wants to know who else thought so.

use std::collections::HashSet;

use journal_index::{
    Around, EmbeddingModel, FileSignature, Hit, IndexError, IndexedNote, Likeness, NoteKind, PendingChunk, Snapshot,
    index_note,
};
use journal_model::{NoteId, NoteRef, VaultPath};

use crate::{ModelError, ResolveError, Shown, Trouble, core::Core};

/// Around which note to look, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The note.
    pub reference: NoteRef,
    /// The most notes that are told.
    pub limit: usize,
    /// Whether notes of its own session are told as well.
    pub same_session: bool,
}

impl Related {
    /// Around this note: ten notes, of other sessions.
    pub fn new(reference: NoteRef) -> Self {
        Self { reference, limit: 10, same_session: false }
    }
}

/// What is like a note.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedNotes {
    /// The note's id, where it has one.
    pub id: Option<NoteId>,
    /// Where it lies.
    pub path: VaultPath,
    /// Its title.
    pub title: String,
    /// The session it belongs to.
    pub session: Option<NoteId>,
    /// The notes that are like it, the likest first. The files of all of them are there.
    pub notes: Vec<RelatedNote>,
    /// Whether meaning counted, and not words.
    pub by_meaning: bool,
    /// Why it did not.
    pub words_only: Option<String>,
    /// Notes that would have been told, but are gone from their place.
    pub gone: Vec<VaultPath>,
}

/// A note that is like another.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedNote {
    /// The note, and the part of it that is most alike. Its score is from 0, nothing in common, to 1, the same.
    pub hit: Hit,
    /// How many more notes of its session are like the other, too.
    pub more: usize,
    /// Whether one of the two links to the other already.
    pub linked: bool,
    /// Whether they are of one session.
    pub same_session: bool,
}

/// Why no related notes are known.
#[derive(Debug, thiserror::Error)]
pub enum RelatedError {
    /// The note was not found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// There is no index, or only one of an older program.
    #[error("there is no index yet")]
    NoIndex,
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// The least similarity of related notes: low, for a list that is ranked and that somebody asked for. The likest other note of
/// half the notes of the evaluation is nearer than 0.42.
const LEAST_NEAR: f32 = 0.35;

/// The least that related notes have in common by their words.
const LEAST_LIKE: f32 = 0.1;

/// Of how many texts a long note or a session is known. Each is compared with all of the index.
const TEXTS: usize = 12;

/// What a note is compared by.
pub(crate) struct Texts {
    /// What a model reads of it.
    pub chunks: Vec<PendingChunk>,
    /// Its words, note by note.
    pub words: Vec<String>,
}

impl Texts {
    /// The texts of notes.
    pub(crate) fn of(notes: &[IndexedNote]) -> Self {
        let titled = |note: &IndexedNote| format!("{}\n{}", note.title.as_deref().unwrap_or_default(), note.body);
        let chunks = spread(notes.iter().flat_map(IndexedNote::model_texts).collect(), TEXTS);
        Self { chunks, words: spread(notes.iter().map(titled).collect(), TEXTS) }
    }
}

impl Core {
    /// See [`Engine::related`](crate::Engine::related).
    pub(crate) fn related(&self, request: &Related) -> Result<RelatedNotes, RelatedError> {
        let note = self.show(&request.reference)?;
        let indexed = read(&note);
        let session = indexed.thinking.session.clone();
        let mut notes = vec![indexed];
        if let (NoteKind::Session, Some(session)) = (notes[0].kind, &session) {
            notes.extend(self.thoughts_of(session)?);
        }
        let texts = Texts::of(&notes);
        let (near, words_only) = self.vectors_of(&texts)?;
        let around = Around { path: Some(&note.path), session: session.as_ref(), same_session: request.same_session };
        let found = self.read_index(|index| {
            let found = match &near {
                Some((model, vectors)) => index.near(&model.name, vectors, &around, LEAST_NEAR, request.limit),
                None => Ok(index.like(&texts.words, &around, LEAST_LIKE, request.limit)?),
            };
            Ok((found, linked(index, &note.path)?))
        })?;
        let (found, linked) = found.ok_or(RelatedError::NoIndex)?;
        let found = found.map_err(Trouble::from)?;
        let mut related = RelatedNotes {
            id: note.id,
            path: note.path,
            title: note.title,
            notes: Vec::with_capacity(found.len()),
            by_meaning: near.is_some(),
            words_only,
            gone: Vec::new(),
            session,
        };
        let mut changed = Vec::new();
        for Likeness { hit, more } in found {
            if self.is_there(&hit.note, &mut related.gone, &mut changed)? {
                let linked = linked.contains(&hit.note.path);
                let same_session = related.session.is_some() && hit.note.thinking.session == related.session;
                related.notes.push(RelatedNote { hit, more, linked, same_session });
            }
        }
        self.mark_stale(related.gone.iter().cloned().chain(changed));
        Ok(related)
    }

    /// The thoughts of a session that stand for it, read from their files.
    fn thoughts_of(&self, session: &NoteId) -> Result<Vec<IndexedNote>, RelatedError> {
        let rows = self.read_index(|index| index.session_notes(session))?.ok_or(RelatedError::NoIndex)?;
        let thoughts = rows.into_iter().filter(|row| row.kind == NoteKind::Thought && !row.superseded);
        let thoughts = spread(thoughts.map(|row| row.path).collect(), TEXTS);
        // One that cannot be read has nothing to say here; hydrating the session tells of it.
        let read = thoughts.into_iter().filter_map(|path| {
            let (_, text) = self.read_note(&path).ok()?;
            Some(index_note(path, FileSignature::default(), &text))
        });
        Ok(read.collect())
    }

    /// The vectors of the texts by the model that search asks: those that are stored, else made by it. `None` where only words
    /// can count, and why.
    fn vectors_of(&self, texts: &Texts) -> Result<(Option<Vectors>, Option<String>), RelatedError> {
        let Some((model, stored)) =
            self.read_index(|index| stored_vectors(index, texts))?.ok_or(RelatedError::NoIndex)?
        else {
            let told = "no note has a vector yet; `journal reindex` makes them";
            return Ok((None, Some(told.to_owned())));
        };
        if !stored.is_empty() {
            return Ok((Some((model, stored)), None));
        }
        let (mut vectors, mut why) = (Vec::new(), None);
        for chunk in &texts.chunks {
            match self.embed_passage(&model, &chunk.text) {
                Ok(vector) => vectors.push(vector),
                // The rest of the note may be in another language.
                Err(error @ ModelError::Unread(_)) => why = Some(error.to_string()),
                Err(error) => return Ok((None, Some(error.to_string()))),
            }
        }
        if vectors.is_empty() { Ok((None, why)) } else { Ok((Some((model, vectors)), None)) }
    }
}

/// Vectors of texts, and the model that made them.
pub(crate) type Vectors = (EmbeddingModel, Vec<Vec<f32>>);

/// The model that search asks and what vectors it has of the texts; `None` before the first vector.
pub(crate) fn stored_vectors(index: &Snapshot<'_>, texts: &Texts) -> Result<Option<Vectors>, IndexError> {
    let Some(model) = index.models()?.into_iter().next() else { return Ok(None) };
    let vectors = index.vectors_of(&model.name, texts.chunks.iter().map(|chunk| chunk.hash))?;
    Ok(Some((model, vectors)))
}

/// A note as it is, as the index would take it.
fn read(note: &Shown) -> IndexedNote {
    index_note(note.path.clone(), FileSignature::default(), &note.text)
}

/// The notes that a note links to or is linked from.
fn linked(index: &Snapshot<'_>, path: &VaultPath) -> Result<HashSet<VaultPath>, IndexError> {
    let out = index.links_out(path)?.into_iter().filter_map(|link| link.leads.note().cloned());
    let into = index.links_in(path)?.into_iter().map(|link| link.from);
    Ok(out.chain(into).collect())
}

/// At most `most` of them, evenly from the first to the last.
fn spread<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let count = items.len();
    if count <= most {
        return items;
    }
    let mut wanted = (0..most).map(|place| place * (count - 1) / (most - 1)).peekable();
    let numbered = items.into_iter().enumerate();
    numbered.filter_map(|(place, item)| wanted.next_if_eq(&place).map(|_| item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_taken_evenly() {
        assert_eq!(spread(vec![1, 2, 3], 3), [1, 2, 3]);
        assert_eq!(spread((0..10).collect(), 4), [0, 3, 6, 9]);
        assert_eq!(spread((0..1_000).collect(), 12).len(), 12);
    }
}
