//! Passages, several at a time.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, OnceLock, PoisonError},
    thread,
};

use crate::{
    files::ModelFiles,
    model::{EmbedError, LoadError, Model},
    runtime::{Kind, Runtime},
};

/// One model on several threads, each with a text of its own: a run of one text leaves the second core idle a third of the
/// time, as not every step of it can be divided.
///
/// That takes models that share their weights, as the built-in one does in the built-in runtime. Any other is one model that
/// computes a text with all threads.
#[derive(Debug)]
pub struct Team {
    members: Vec<Model>,
}

impl Team {
    /// Starts a model for so many threads; without a number, for as many as the machine runs at once.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load(files: ModelFiles, runtime: &Runtime, threads: Option<NonZeroUsize>) -> Result<Self, LoadError> {
        if !(files.lends_weights() && matches!(runtime.kind, Kind::BuiltIn)) {
            return Ok(Self { members: vec![Model::load(files, runtime, threads)?] });
        }
        let threads = threads.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let one = || Model::load(files.clone(), runtime, Some(NonZeroUsize::MIN));
        Ok(Self { members: (0..threads.get()).map(|_| one()).collect::<Result<_, _>>()? })
    }

    /// See [`Model::reads`].
    pub fn reads(&self, text: &str) -> bool {
        self.members.first().is_none_or(|model| model.reads(text))
    }

    /// The vectors of passages, in their order, each by itself: what stands beside a text changes nothing about its vector.
    pub fn embed_passages(&mut self, texts: &[impl AsRef<str> + Sync]) -> Vec<Result<Vec<f32>, EmbedError>> {
        let vectors: Vec<_> = texts.iter().map(|_| OnceLock::new()).collect();
        let left = Mutex::new(texts.iter().zip(&vectors));
        let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = |member: &mut Model| {
            while let Some((text, vector)) = next() {
                vector.get_or_init(|| member.embed_passage(text.as_ref()));
            }
        };
        match &mut self.members[..] {
            [one] => work(one),
            members => thread::scope(|scope| {
                for member in members.iter_mut().take(texts.len()) {
                    scope.spawn(|| work(member));
                }
            }),
        }
        vectors.into_iter().filter_map(OnceLock::into_inner).collect()
    }
}
