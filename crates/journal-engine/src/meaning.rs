//! Meaning: the model that makes vectors of texts, for a question at once and for the notes when somebody asks for it.
//!
//! Texts are embedded on the caller's thread and stored by the [writer](crate::writer) a few at a time, each under the hash of what
//! the model read. So a run that was killed goes on where it stopped, and a note that was moved costs nothing. Until a note has
//! its vectors it is found by its words.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use journal_embed::{EmbedError, LoadError, Model, ModelFiles, Runtime, RuntimeError};
use journal_vault::LockError;

use crate::{
    Phase, Progress, Stop, Ticket, Trouble,
    core::{Core, this_process},
    writer::{Command, Writer, Written, written},
};

/// How many texts are asked for at a time.
const ASKED: usize = 2_000;

/// How many vectors are stored at a time: about a third of a second of work, which a kill may cost.
const STORED: usize = 16;

/// The model, once somebody needed it.
#[derive(Default)]
pub(crate) struct Embedder(Mutex<Option<Model>>);

/// Why a text has no vector.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The runtime does not start.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The model does not start.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It does not embed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
}

/// Why not all notes have vectors.
#[derive(Debug, thiserror::Error)]
pub enum EmbedNotesError {
    /// Another process is at it.
    #[error("another process makes vectors of the notes{}", holder.as_ref().map(|name| format!(" (`{name}`)")).unwrap_or_default())]
    Busy {
        /// What it says of itself.
        holder: Option<String>,
    },
    /// It was told to end. What was stored by then stays.
    #[error("the making of vectors was stopped; the next reindex goes on from there")]
    Stopped,
    /// There is no index to store them in.
    #[error("there is no index yet")]
    NoIndex,
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The writer could not store them.
    #[error(transparent)]
    Writer(Arc<Trouble>),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// How far the notes are searchable by meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Embedded {
    /// Texts that got a vector now.
    pub new: usize,
    /// Texts that the model could not embed; the next run tries again.
    pub failed: usize,
    /// Texts with a vector.
    pub with_vector: u64,
    /// Texts of all notes, each once however often it stands in them.
    pub texts: u64,
}

impl Core {
    /// The name under which the model's vectors are stored.
    pub(crate) fn model(&self) -> String {
        ModelFiles::built_in().identity().to_owned()
    }

    /// The vector of a question.
    pub(crate) fn embed_question(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        self.with_model(|model| model.embed_query(text))
    }

    fn with_model<T>(&self, embed: impl FnOnce(&mut Model) -> Result<T, EmbedError>) -> Result<T, ModelError> {
        let mut loaded = self.embedder.0.lock().unwrap_or_else(PoisonError::into_inner);
        let model = match loaded.take() {
            Some(model) => model,
            None => Model::load(ModelFiles::built_in(), &Runtime::built_in()?, None)?,
        };
        Ok(embed(loaded.insert(model))?)
    }

    /// See [`Engine::embed`](crate::Engine::embed).
    pub(crate) fn embed(
        &self,
        writer: &Writer,
        stop: &Stop,
        progress: &dyn Fn(Progress),
    ) -> Result<Embedded, EmbedNotesError> {
        let _alone = self.state()?.embed_lock(Duration::ZERO, &this_process()).map_err(|error| match error {
            LockError::Busy { holder } => EmbedNotesError::Busy { holder },
            error => Trouble::from(error).into(),
        })?;
        let model = self.model();
        let known = self.embedded()?.ok_or(EmbedNotesError::NoIndex)?;
        let total = usize::try_from(known.texts.saturating_sub(known.with_vector)).unwrap_or(usize::MAX);
        let mut failed: HashSet<u128> = HashSet::new();
        let mut new = 0;
        let mut under_way: Option<Ticket<Written>> = None;
        loop {
            // What is under way is not pending any more.
            under_way.take().map_or(Ok(()), written).map_err(EmbedNotesError::Writer)?;
            let pending = self.read_index(|index| index.pending_chunks(&model, ASKED + failed.len()))?;
            let mut pending = pending.ok_or(EmbedNotesError::NoIndex)?;
            pending.retain(|chunk| !failed.contains(&chunk.hash));
            if pending.is_empty() {
                break;
            }
            for some in pending.chunks(STORED) {
                if stop.is_stopped() {
                    under_way.take().map_or(Ok(()), written).map_err(EmbedNotesError::Writer)?;
                    return Err(EmbedNotesError::Stopped);
                }
                let mut vectors = Vec::with_capacity(some.len());
                for chunk in some {
                    match self.with_model(|model| model.embed_passage(&chunk.text)) {
                        Ok(vector) => vectors.push((chunk.hash, vector)),
                        Err(ModelError::Embed(_)) => _ = failed.insert(chunk.hash),
                        Err(error) => return Err(error.into()),
                    }
                }
                new += vectors.len();
                let next = writer.send(|reply| Command::StoreVectors(model.clone(), vectors, reply));
                under_way.replace(next).map_or(Ok(()), written).map_err(EmbedNotesError::Writer)?;
                progress(Progress { phase: Phase::Embedding, done: new + failed.len(), total });
            }
        }
        let known = self.embedded()?.ok_or(EmbedNotesError::NoIndex)?;
        Ok(Embedded { new, failed: failed.len(), ..known })
    }

    /// See [`Engine::embedded`](crate::Engine::embedded).
    pub(crate) fn embedded(&self) -> Result<Option<Embedded>, Trouble> {
        let counts = self.read_index(|index| index.vector_counts(&self.model()))?;
        Ok(counts.map(|(with_vector, texts)| Embedded { new: 0, failed: 0, with_vector, texts }))
    }
}
