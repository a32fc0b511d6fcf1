//! Meaning: the model that makes vectors of texts, for a question at once, for the notes when somebody asks for it or in the
//! background.
//!
//! Texts are embedded on a thread of their own or the caller's and stored by the [writer](crate::writer) a few at a time, each
//! under the hash of what the model read. So a run that was killed goes on where it stopped, and a note that was moved costs
//! nothing. Until a note has its vectors it is found by its words.
//!
//! Vectors of two models never meet. While another model's are made, search keeps to the model that was there first; when
//! every text has a vector of the new one, the old ones are dropped.

mod background;
mod choice;
mod run;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use journal_embed::{EmbedError, LoadError, Manner, Model, RuntimeError, Team};
use journal_index::EmbeddingModel;
use journal_vault::{LockError, OsLock, WriteGuard};

pub use background::Embedding;
pub(crate) use background::{Background, News};
pub use choice::{ModelChoice, ModelFilesError, ModelSettings, entry};

use crate::{
    Phase, Progress, Stop, Trouble,
    core::{Core, this_process},
    writer::Writer,
};
use run::{Goes, Run};

/// How often whoever waits for another process's vectors looks how far they are. It counts them all.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// After so long without a new vector nobody waits on: another process that works stores some every second.
const STANDSTILL: Duration = Duration::from_secs(30);

/// The model of questions, once somebody asked one, by the name of its vectors.
#[derive(Default)]
pub(crate) struct Questions(Mutex<Option<Model>>);

/// Why a text has no vector.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The files of the model are not at hand.
    #[error(transparent)]
    Files(#[from] ModelFilesError),
    /// The runtime does not start.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The model does not start.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It does not embed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// It knows hardly a word of the text.
    #[error("the model `{0}` knows hardly a word of it")]
    Unread(String),
    /// The files are no longer those that made the vectors.
    #[error("the vectors of the notes were made by `{stored}`, and `{source_name}` is `{found}` now")]
    Changed {
        /// Name of the vectors.
        stored: String,
        /// Where the model was found.
        source_name: String,
        /// Name of the vectors it would make.
        found: String,
    },
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embedded {
    /// Texts that got a vector now.
    pub new: usize,
    /// Texts that the model could not embed; the next run tries again.
    pub failed: usize,
    /// Why it could not embed the last of them.
    pub why: Option<String>,
    /// Texts with a vector, and those that the model cannot read.
    pub with_vector: u64,
    /// Texts of all notes, each once however often it stands in them.
    pub texts: u64,
}

/// The model of a vault, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStanding {
    /// Which one was chosen.
    pub chosen: ModelChoice,
    /// The model that search asks; `None` before the first vector.
    pub serving: Option<EmbeddingModel>,
    /// Every model that has vectors, and how many texts of all it has one of.
    pub vectors: Vec<(EmbeddingModel, Embedded)>,
    /// How many texts have a vector of the chosen model; `None` without an index.
    pub own: Option<Embedded>,
    /// Whether making vectors in the background is paused.
    pub paused: bool,
}

impl ModelStanding {
    /// The model that search asks in the place of the chosen one, as it was chosen.
    pub fn asked_instead(&self) -> Option<&str> {
        let asked = self.serving.as_ref()?.source.as_str();
        (asked != self.chosen.to_string()).then_some(asked)
    }

    /// Whether every text has a vector of the chosen model, and search asks no other.
    pub fn is_complete(&self) -> bool {
        let has_all = self.own.as_ref().is_some_and(|own| own.with_vector == own.texts);
        has_all && self.vectors.len() < 2 && self.asked_instead().is_none()
    }
}

impl Core {
    /// The chosen model. The choice belongs to this vault on this machine.
    pub(crate) fn chosen_model(&self) -> Result<ModelChoice, Trouble> {
        let Some(state) = &self.state else { return Ok(ModelChoice::default()) };
        let chosen = state.model()?;
        Ok(chosen.map_or_else(ModelChoice::default, |text| text.as_str().into()))
    }

    /// See [`Engine::use_model`](crate::Engine::use_model).
    pub(crate) fn use_model(&self, choice: &ModelChoice) -> Result<Manner, EmbedNotesError> {
        // What cannot be started, or has other vectors than it should, is not chosen.
        let mut model = self.load(choice)?;
        model.embed_passage("Does it embed?").map_err(ModelError::from)?;
        self.state()?.set_model(&choice.to_string()).map_err(Trouble::from)?;
        Ok(model.manner().clone())
    }

    /// See [`Engine::model_standing`](crate::Engine::model_standing).
    pub(crate) fn model_standing(&self) -> Result<ModelStanding, Trouble> {
        let chosen = self.chosen_model()?;
        let source = chosen.to_string();
        let counted = self.read_index(|index| {
            let models = index.models()?.into_iter();
            let counts = |model: EmbeddingModel| Ok((embedded(index.vector_counts(&model.name)?), model));
            let vectors = models.map(counts).collect::<Result<Vec<_>, _>>()?;
            // Of two from one folder, whose files were others before, the newest is the one that is there.
            let own = vectors.iter().rev().find(|(_, model)| model.source == source).map(|(counts, _)| counts.clone());
            // Of no model there are no vectors.
            let own = own.map_or_else(|| index.vector_counts("").map(embedded), Ok)?;
            Ok((vectors.into_iter().map(|(counts, model)| (model, counts)).collect::<Vec<_>>(), own))
        })?;
        let (vectors, own) = counted.map_or_else(Default::default, |(vectors, own)| (vectors, Some(own)));
        let serving = vectors.first().map(|(model, _)| model.clone());
        Ok(ModelStanding { chosen, serving, vectors, own, paused: self.is_paused()? })
    }

    /// Whether making vectors in the background is paused, for all processes on this vault.
    pub(crate) fn is_paused(&self) -> Result<bool, Trouble> {
        Ok(self.state.as_ref().map_or(Ok(false), |state| state.is_paused())?)
    }

    /// Starts a model for questions.
    pub(crate) fn load(&self, choice: &ModelChoice) -> Result<Model, ModelError> {
        let settings = &self.settings.models;
        Ok(Model::load(choice.files(settings)?, &settings.runtime()?, None)?)
    }

    /// The model at work on what it has left to do, with so many threads; `None` where it has nothing to do, for which it is not
    /// started.
    fn begin_run<'a>(
        &'a self,
        writer: &'a Writer,
        choice: &ModelChoice,
        threads: Option<NonZeroUsize>,
    ) -> Result<Option<Run<'a>>, EmbedNotesError> {
        let settings = &self.settings.models;
        let files = choice.files(settings).map_err(ModelError::from)?;
        let stored_as = EmbeddingModel { name: files.identity().to_owned(), source: choice.to_string() };
        let has_work = self.read_index(|index| {
            let is_alone = index.models()?.iter().all(|model| *model == stored_as);
            Ok(!is_alone || !index.pending_chunks(&stored_as.name, 1, usize::MAX)?.is_empty())
        })?;
        if !has_work.ok_or(EmbedNotesError::NoIndex)? {
            return Ok(None);
        }
        let runtime = settings.runtime().map_err(ModelError::from)?;
        let team = Team::load(files, &runtime, threads).map_err(ModelError::from)?;
        Ok(Some(Run::new(self, writer, stored_as, team)))
    }

    /// The vector of a question that the model can read, by the model that made the vectors of the notes.
    pub(crate) fn embed_question(&self, by: &EmbeddingModel, text: &str) -> Result<Vec<f32>, ModelError> {
        self.ask_model(by, text, Model::embed_query)
    }

    /// The vector of a text as notes hold it, by that model.
    pub(crate) fn embed_passage(&self, by: &EmbeddingModel, text: &str) -> Result<Vec<f32>, ModelError> {
        self.ask_model(by, text, Model::embed_passage)
    }

    /// Whether that model is loaded for questions, and nobody asks it just now.
    pub(crate) fn is_model_at_hand(&self, by: &EmbeddingModel) -> bool {
        let loaded = self.questions.0.try_lock();
        loaded.is_ok_and(|loaded| loaded.as_ref().is_some_and(|model| model.identity() == by.name))
    }

    fn ask_model(
        &self,
        by: &EmbeddingModel,
        text: &str,
        embed: impl FnOnce(&mut Model, &str) -> Result<Vec<f32>, EmbedError>,
    ) -> Result<Vec<f32>, ModelError> {
        let mut loaded = self.questions.0.lock().unwrap_or_else(PoisonError::into_inner);
        let model = match loaded.take().filter(|model| model.identity() == by.name) {
            Some(model) => model,
            None => {
                let model = self.load(&by.source.as_str().into())?;
                if model.identity() != by.name {
                    return Err(ModelError::Changed {
                        stored: by.name.clone(),
                        source_name: by.source.clone(),
                        found: model.identity().to_owned(),
                    });
                }
                model
            }
        };
        let model = loaded.insert(model);
        if !model.reads(text) {
            return Err(ModelError::Unread(by.name.clone()));
        }
        Ok(embed(model, text)?)
    }

    /// See [`Engine::embed`](crate::Engine::embed).
    pub(crate) fn embed(
        &self,
        writer: &Writer,
        wait: Duration,
        stop: &Stop,
        progress: &dyn Fn(Progress),
    ) -> Result<Embedded, EmbedNotesError> {
        let _alone = match self.alone_or_done(wait, stop, progress)? {
            Ok(alone) => alone,
            Err(done) => return Ok(done),
        };
        // Again where another model was chosen meanwhile: nobody wants more vectors of the one before.
        loop {
            let choice = self.chosen_model()?;
            let Some(mut run) = self.begin_run(writer, &choice, None)? else {
                return self.embedded()?.ok_or(EmbedNotesError::NoIndex);
            };
            let known = run.counts()?;
            let total = usize::try_from(known.texts.saturating_sub(known.with_vector)).unwrap_or(usize::MAX);
            let told = &mut |stored: usize, failed: usize| {
                progress(Progress { phase: Phase::Embedding, done: stored + failed, total });
                let is_left = self.chosen_model().is_ok_and(|chosen| chosen != choice);
                if stop.is_stopped() || is_left { Goes::Stop } else { Goes::On }
            };
            let new = run.all(usize::MAX, told)?;
            if stop.is_stopped() {
                return Err(EmbedNotesError::Stopped);
            }
            if self.chosen_model()? != choice {
                continue;
            }
            run.settle()?;
            let (failed, why) = run.last_failure().map_or((0, None), |(failed, why)| (failed, Some(why)));
            return Ok(Embedded { new, failed, why, ..run.counts()? });
        }
    }

    /// `embed.lock`; or how far it is, where whoever holds it has done what can be done. It may be held for days, by a process that
    /// makes vectors in the background.
    fn alone_or_done(
        &self,
        wait: Duration,
        stop: &Stop,
        progress: &dyn Fn(Progress),
    ) -> Result<Result<WriteGuard, Embedded>, EmbedNotesError> {
        let deadline = Instant::now() + wait;
        let (mut before, mut moved) = (None, Instant::now());
        loop {
            let holder = match self.take_embed_lock() {
                Err(EmbedNotesError::Busy { holder }) => holder,
                taken => return taken.map(Ok),
            };
            let standing = self.model_standing()?;
            let only = standing.vectors.len() < 2;
            let known = standing.own.unwrap_or_default();
            if only && known.with_vector == known.texts {
                return Ok(Err(known));
            }
            if before.replace(known.with_vector) != Some(known.with_vector) {
                moved = Instant::now();
            }
            // What is left are texts that cannot be embedded, which are tried again now and then.
            if only && known.with_vector > 0 && moved.elapsed() > STANDSTILL {
                let failed = usize::try_from(known.texts - known.with_vector).unwrap_or(usize::MAX);
                let why = Some("another process could not embed them, and tries again".to_owned());
                return Ok(Err(Embedded { failed, why, ..known }));
            }
            if stop.is_stopped() {
                return Err(EmbedNotesError::Stopped);
            }
            if Instant::now() >= deadline {
                return Err(EmbedNotesError::Busy { holder });
            }
            let count = |texts| usize::try_from(texts).unwrap_or(usize::MAX);
            let (done, total) = (count(known.with_vector), count(known.texts));
            progress(Progress { phase: Phase::Embedding, done, total });
            self.news.wait(ASKED_AGAIN);
        }
    }

    /// Takes `embed.lock`, or says who holds it.
    fn take_embed_lock(&self) -> Result<WriteGuard, EmbedNotesError> {
        self.state()?.lock(OsLock::Embed, Duration::ZERO, &this_process()).map_err(|error| match error {
            LockError::Busy { holder } => EmbedNotesError::Busy { holder },
            error => Trouble::from(error).into(),
        })
    }

    /// See [`Engine::embedded`](crate::Engine::embedded).
    pub(crate) fn embedded(&self) -> Result<Option<Embedded>, Trouble> {
        Ok(self.model_standing()?.own)
    }
}

fn embedded((with_vector, texts): (u64, u64)) -> Embedded {
    Embedded { with_vector, texts, ..Embedded::default() }
}
