//! One model at work on the texts that have no vector of it.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use journal_embed::Team;
use journal_index::EmbeddingModel;

use super::{EmbedNotesError, Embedded, embedded};
use crate::{
    Ticket, Trouble,
    core::Core,
    writer::{Command, Writer, Written, written},
};

/// How many texts are asked for at a time.
const ASKED: usize = 2_000;

/// A run in which so many texts could not be embedded asks for no more: something is wrong with the model, not with them.
const MOST_FAILED: usize = 1_000;

/// How many vectors are stored at a time: about a third of a second of work, which a kill may cost.
const STORED: usize = 16;

/// So many vectors without a text are no matter, and neither are a quarter as many as there are texts.
const SPARE: u64 = 1_000;

/// Whether a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    On,
    /// No more than what is under way.
    Stop,
}

/// A model at work. The caller holds `embed.lock`.
pub(super) struct Run<'a> {
    core: &'a Core,
    writer: &'a Writer,
    team: Team,
    stored_as: EmbeddingModel,
    /// Texts that it could not embed.
    failed: HashSet<u128>,
    /// Why it could not embed the last of them.
    why: Option<String>,
    /// How long the last look for texts took.
    looked: Duration,
    /// Whether the last look found none.
    done: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(core: &'a Core, writer: &'a Writer, stored_as: EmbeddingModel, team: Team) -> Self {
        Self { core, writer, team, stored_as, failed: HashSet::new(), why: None, looked: Duration::ZERO, done: false }
    }

    pub(super) fn counts(&self) -> Result<Embedded, EmbedNotesError> {
        let counts = self.core.read_index(|index| index.vector_counts(&self.stored_as.name))?;
        Ok(embedded(counts.ok_or(EmbedNotesError::NoIndex)?))
    }

    /// How many texts could not be embedded.
    pub(super) fn failed(&self) -> usize {
        self.failed.len()
    }

    /// How many, with the last reason; `None` when all could be.
    pub(super) fn last_failure(&self) -> Option<(usize, String)> {
        let why = self.why.clone()?;
        (!self.failed.is_empty()).then_some((self.failed.len(), why))
    }

    /// How long the last look for texts took.
    pub(super) fn last_look(&self) -> Duration {
        self.looked
    }

    /// Whether the last look found nothing to do.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Tries them again.
    pub(super) fn forgive(&mut self) {
        self.failed.clear();
    }

    /// Embeds every text that has no vector, of so many of the newest notes. `told` hears of each few how many are stored and
    /// how many failed, and says whether to go on. Answers how many were stored, those that were noted as unreadable among them.
    pub(super) fn all(
        &mut self,
        newest: usize,
        told: &mut dyn FnMut(usize, usize) -> Goes,
    ) -> Result<usize, EmbedNotesError> {
        let mut stored = 0;
        let mut under_way: Option<Ticket<Written>> = None;
        loop {
            // What is under way is not pending any more.
            under_way.take().map_or(Ok(()), written).map_err(EmbedNotesError::Writer)?;
            let looking = Instant::now();
            let (name, limit) = (&self.stored_as.name, ASKED + self.failed.len());
            let pending = self.core.read_index(|index| index.pending_chunks(name, limit, newest))?;
            let mut pending = pending.ok_or(EmbedNotesError::NoIndex)?;
            pending.retain(|chunk| !self.failed.contains(&chunk.hash));
            (self.looked, self.done) = (looking.elapsed(), pending.is_empty() || self.failed.len() > MOST_FAILED);
            if self.done {
                return Ok(stored);
            }
            for some in pending.chunks(STORED) {
                let mut vectors = Vec::with_capacity(some.len());
                let (some, unread): (Vec<_>, Vec<_>) = some.iter().partition(|chunk| self.team.reads(&chunk.text));
                if !unread.is_empty() {
                    let (model, texts) = (self.stored_as.clone(), unread.iter().map(|chunk| chunk.hash).collect());
                    let noted = self.writer.send(|reply| Command::StoreUnread(model, texts, reply));
                    written(noted).map_err(EmbedNotesError::Writer)?;
                }
                stored += unread.len();
                let texts: Vec<_> = some.iter().map(|chunk| chunk.text.as_str()).collect();
                for (chunk, vector) in some.iter().zip(self.team.embed_passages(&texts)) {
                    match vector {
                        Ok(vector) => vectors.push((chunk.hash, vector)),
                        Err(error) => {
                            self.failed.insert(chunk.hash);
                            self.why = Some(error.to_string());
                        }
                    }
                }
                stored += vectors.len();
                let model = self.stored_as.clone();
                let next = self.writer.send(|reply| Command::StoreVectors(model, vectors, reply));
                under_way.replace(next).map_or(Ok(()), written).map_err(EmbedNotesError::Writer)?;
                if told(stored, self.failed.len()) == Goes::Stop {
                    under_way.take().map_or(Ok(()), written).map_err(EmbedNotesError::Writer)?;
                    return Ok(stored);
                }
            }
        }
    }

    /// Drops every other model, now that this one has all it can have, notes where it was found, and collects vectors that
    /// nothing finds any more. A model that fails on more texts than it embeds, or reads none, takes nobody's place.
    pub(super) fn settle(&mut self) -> Result<(), EmbedNotesError> {
        let models = self.core.read_index(|index| index.models())?.ok_or(EmbedNotesError::NoIndex)?;
        let (own, others): (Vec<_>, Vec<_>) = models.into_iter().partition(|model| *model.name == self.stored_as.name);
        let Some(own) = own.first() else { return Ok(()) };
        if !others.is_empty() || own.source != self.stored_as.source {
            let known = self.counts()?;
            let unread = self.core.read_index(|index| index.unread_count(&self.stored_as.name))?;
            let read = known.with_vector.saturating_sub(unread.ok_or(EmbedNotesError::NoIndex)?);
            let is_of_use =
                known.texts == 0 || read > 0 && u64::try_from(self.failed.len()).is_ok_and(|failed| failed <= read);
            if !is_of_use {
                return Ok(());
            }
        }
        if own.source != self.stored_as.source {
            let model = self.stored_as.clone();
            let moved = self.writer.send(|reply| Command::StoreVectors(model, Vec::new(), reply));
            written(moved).map_err(EmbedNotesError::Writer)?;
        }
        for other in others {
            let dropped = self.writer.send(|reply| Command::DropModel(other.name, reply));
            written(dropped).map_err(EmbedNotesError::Writer)?;
        }
        self.collect()
    }

    /// Removes vectors that nothing finds any more where they are many, in steps between which others write. A few stay: a
    /// note that was moved away and comes back then has its vectors still.
    fn collect(&self) -> Result<(), EmbedNotesError> {
        let spare = self.core.read_index(|index| index.spare_vectors())?;
        let (spare, texts) = spare.ok_or(EmbedNotesError::NoIndex)?;
        if spare <= SPARE.max(texts / 4) {
            return Ok(());
        }
        let mut next = Some(0);
        while let Some(after) = next {
            let collected = self.writer.send(|reply| Command::CollectVectors(after, reply));
            let collected = collected.wait().unwrap_or_else(|| Err(Arc::new(Trouble::WriterGone)));
            next = collected.map_err(EmbedNotesError::Writer)?;
        }
        Ok(())
    }
}
