//! The slow pass over all content: a few notes at a time, for what no signature shows, such as a file that was restored with its
//! old times and size.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use journal_model::VaultPath;

use super::{Rhythm, follow::Read};
use crate::{ReindexError, core::Core, writer::Writer};

/// How many notes are read at a time.
const SOME: usize = 8;

/// How far the pass has come.
#[derive(Debug)]
pub(super) struct Hashes {
    /// The last note that was compared.
    pub after: Option<VaultPath>,
    /// When it goes on.
    pub next: Instant,
}

/// What a step did.
pub(super) enum Step {
    /// So many notes were not as they had been indexed, although they looked so.
    Compared(usize),
    /// It is through.
    Done,
}

impl Hashes {
    /// Goes on behind `after`; where the last pass ended so long ago, after the rest of its rest.
    pub(super) fn new(after: Option<VaultPath>, ended: Option<Duration>, rhythm: &Rhythm) -> Self {
        let rests = ended.filter(|_| after.is_none()).map(|ago| rhythm.rest.saturating_sub(ago));
        Self { after, next: Instant::now() + rests.unwrap_or(rhythm.hashes) }
    }

    pub(super) fn step(&mut self, core: &Core, writer: &Writer, rhythm: &Rhythm) -> Result<Step, ReindexError> {
        self.next = Instant::now() + rhythm.hashes;
        let some = core.read_index(|index| index.paths_after(self.after.as_ref(), SOME))?;
        let some = some.ok_or(ReindexError::NoIndex)?;
        let Some(last) = some.last().cloned() else {
            self.after = None;
            self.next = Instant::now() + rhythm.rest;
            return Ok(Step::Done);
        };
        let changed = core.follow(writer, &BTreeSet::from_iter(some), Read::All)?;
        self.after = Some(last);
        Ok(Step::Compared(changed))
    }
}
