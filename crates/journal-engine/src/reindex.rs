//! Trip 4: reindex. The index is brought up to date with the vault, or built where there is none.
//!
//! Up to date: one walk takes the signature of every note; those that differ from the indexed ones are read on all cores, and
//! go to the [writer](crate::writer) in batches that are verified there. Each batch is whole or not at all, and nothing else is
//! noted down, so a run that was killed is finished by the next one.
//!
//! Built: into a file of its own, which gets its name when it is whole. Notes that changed meanwhile are found by the walk after.
//!
//! One process at a time does either. None of it writes to a note.

mod build;
mod check;
mod freshness;
mod moves;
mod reading;
mod scope;
mod stop;
mod survey;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use journal_index::{Change, IndexError, Reader};
use journal_model::VaultPath;
use journal_vault::{LockError, OsLock, StateDir, WriteGuard};

use crate::{
    Ticket, Trouble,
    core::{Core, this_process},
    index_file::{DAMAGED, INDEX, OUTDATED},
    writer::{Command, Writer, Written, written},
};
use reading::Reading;
use scope::Scope;

pub use check::{Checked, Difference};
pub use scope::ScopeError;
pub use stop::Stop;

/// What to bring up to date.
#[derive(Debug, Clone, Default)]
pub struct Reindex {
    /// Only these notes and folders, as paths inside the vault; empty for all.
    pub paths: Vec<String>,
    /// Read every note again, whatever its times say.
    pub full: bool,
    /// Forget notes that are gone, however many.
    pub allow_prune: bool,
    /// Notes and folders that somebody was seen to take away, by their paths inside the vault: they are forgotten without asking.
    pub seen_to_go: BTreeSet<String>,
    /// How long to wait for another process that is at it.
    pub wait: Duration,
    /// By which it can be ended early.
    pub stop: Stop,
}

/// How the index stands after a reindex.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// How it came to be filled.
    pub fresh: Fresh,
    /// Notes in the vault, of those asked for.
    pub seen: usize,
    /// Notes that were as they had been indexed.
    pub unchanged: usize,
    /// Notes that the index did not know.
    pub added: usize,
    /// Notes with another content.
    pub changed: usize,
    /// Notes with other times and the same content.
    pub touched: usize,
    /// Notes that lie elsewhere: from, to.
    pub moved: Vec<(VaultPath, VaultPath)>,
    /// Notes that are gone.
    pub deleted: usize,
    /// Notes that Obsidian is told to leave out, and the index with it.
    pub excluded: usize,
    /// What may be a note and was not indexed, sorted by path.
    pub skipped: Vec<SkippedNote>,
    /// How many things are wrong with the notes in the index.
    pub diagnostics: u64,
    /// Notes in the index.
    pub indexed: u64,
    /// Vectors that an index which was built anew has from the one before.
    pub vectors_kept: usize,
    /// Why it does not have them all.
    pub vectors_lost: Option<String>,
}

impl Reindex {
    /// Whether a note, or a folder around it, was seen to go.
    fn saw_go(&self, path: &VaultPath) -> bool {
        let path = path.as_str();
        let mut folders = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        self.seen_to_go.contains(path) || folders.any(|folder| self.seen_to_go.contains(folder))
    }
}

/// How an index came to be filled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Fresh {
    /// It was there.
    #[default]
    UpToDate,
    /// There was none.
    Built,
    /// It had the layout of an older program, and was built anew.
    Outdated,
    /// It was damaged, and was built anew.
    Damaged {
        /// Where the damaged one lies now.
        aside: PathBuf,
    },
}

/// A file or folder that was not indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedNote {
    /// Its path inside the vault.
    pub path: String,
    /// Why.
    pub reason: String,
    /// Whether it should have been read: not so a link, or a name that is no note's.
    pub is_failure: bool,
}

/// How far a reindex has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Notes done.
    pub done: usize,
    /// Notes to do.
    pub total: usize,
}

/// What a reindex is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Filling a new index.
    Building,
    /// Reading what changed.
    Reading,
    /// Comparing all notes.
    Checking,
    /// Making vectors of texts.
    Embedding,
}

/// Why the index is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum ReindexError {
    /// Another process is at it.
    #[error("another reindex is at work{}", holder.as_ref().map(|name| format!(" (`{name}`)")).unwrap_or_default())]
    Busy {
        /// What it says of itself.
        holder: Option<String>,
    },
    /// More notes are gone than people remove at once: the drive may not be there.
    #[error("{gone} of {indexed} indexed notes are gone from the vault; the index still has them")]
    Vanished {
        /// Notes that are gone.
        gone: usize,
        /// Notes in the index.
        indexed: usize,
    },
    /// A path that was asked for cannot be one.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// It was told to end. What was indexed by then stays, unless it was the first of an index.
    #[error("the reindex was stopped; the next one goes on from there")]
    Stopped,
    /// There is no index to check.
    #[error("there is no index yet")]
    NoIndex,
    /// The writer could not write a batch.
    #[error(transparent)]
    Writer(Arc<Trouble>),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl ReindexError {
    /// Whether it is the database that is damaged.
    fn is_damage(&self) -> bool {
        let is_damage = |trouble: &Trouble| matches!(trouble, Trouble::Index(IndexError::Damaged { .. }));
        match self {
            Self::Writer(trouble) => is_damage(trouble),
            Self::Trouble(trouble) => is_damage(trouble),
            _ => false,
        }
    }
}

impl From<IndexError> for ReindexError {
    fn from(error: IndexError) -> Self {
        Trouble::from(error).into()
    }
}

/// As many notes may be gone without asking, or a fifth of all.
const GONE_MOST: usize = 20;

/// A batch is sent when it has as many changes, or as many bytes of text.
const BATCH: (usize, usize) = (256, 4 << 20);

impl Core {
    pub(crate) fn reindex(
        &self,
        writer: &Writer,
        request: &Reindex,
        progress: &dyn Fn(Progress),
    ) -> Result<Reindexed, ReindexError> {
        let scope = Scope::new(&self.vault, &request.paths)?;
        let state = self.state()?;
        let _alone = alone(state, request.wait)?;
        let fresh = self.settle_index(state)?;
        match self.run(writer, &scope, request, fresh, progress) {
            Err(error) if error.is_damage() => {
                // Not every page is looked at when an index is opened.
                let fresh = self.set_index_aside(state)?;
                self.run(writer, &scope, request, fresh, progress)
            }
            outcome => outcome,
        }
    }

    /// Builds the index where it is to be fresh, and brings it up to date.
    fn run(
        &self,
        writer: &Writer,
        scope: &Scope,
        request: &Reindex,
        fresh: Fresh,
        progress: &dyn Fn(Progress),
    ) -> Result<Reindexed, ReindexError> {
        let mut report = Reindexed { fresh, ..Reindexed::default() };
        if report.fresh != Fresh::UpToDate {
            let built = self.build(self.state()?, &request.stop, progress)?;
            (report.added, report.vectors_kept, report.vectors_lost) = (built.notes, built.vectors, built.lost);
        } else if request.full {
            written(writer.send(Command::Forget)).map_err(ReindexError::Writer)?;
        }
        self.catch_up(writer, scope, request, &mut report, progress)?;
        let counts = self.read_index(|index| Ok((index.count()?, index.diagnostics_count()?)))?;
        (report.indexed, report.diagnostics) = counts.ok_or(ReindexError::NoIndex)?;
        Ok(report)
    }

    /// Finds out whether the index can be brought up to date, and moves one out of the way that cannot.
    fn settle_index(&self, state: &StateDir) -> Result<Fresh, ReindexError> {
        let opened = Reader::open(&state.path().join(INDEX)).and_then(|reader| reader.read(|index| index.count()));
        let fresh = match opened {
            Ok(_) => {
                // A run that was killed between the last two steps of a build left it.
                state.discard(OUTDATED).map_err(Trouble::from)?;
                return Ok(Fresh::UpToDate);
            }
            Err(IndexError::Damaged { .. }) => return Ok(self.set_index_aside(state)?),
            Err(IndexError::Missing { .. }) => Fresh::Built,
            Err(IndexError::Outdated { .. }) => Fresh::Outdated,
            Err(error) => return Err(error.into()),
        };
        let _turn = self.turn("reindex", self.settings.patience)?;
        let moved = if fresh == Fresh::Outdated {
            // Its vectors are of use to the next.
            state.set_aside(INDEX, OUTDATED)
        } else {
            state.discard(INDEX)
        };
        moved.map_err(Trouble::from)?;
        Ok(fresh)
    }

    /// Moves a damaged index out of the way.
    pub(crate) fn set_index_aside(&self, state: &StateDir) -> Result<Fresh, Trouble> {
        let _turn = self.turn("reindex", self.settings.patience)?;
        state.set_aside(INDEX, DAMAGED)?;
        Ok(Fresh::Damaged { aside: state.path().join(DAMAGED) })
    }

    /// Removes the temporary files of the dead that the walk has met.
    fn bury_temps(&self) -> Result<(), ReindexError> {
        if self.has_met_temps() {
            let _turn = self.turn("reindex", self.settings.patience)?;
            self.sweep_met();
        }
        Ok(())
    }

    /// Brings an index that is there up to date with the part of the vault that was asked for.
    fn catch_up(
        &self,
        writer: &Writer,
        scope: &Scope,
        request: &Reindex,
        report: &mut Reindexed,
        progress: &dyn Fn(Progress),
    ) -> Result<(), ReindexError> {
        let survey = self.survey(scope)?;
        let indexed = survey.indexed;
        report.seen = survey.seen;
        report.excluded = survey.excluded;
        report.skipped = survey.skipped;
        let mut moves = moves::Moves::new(survey.gone, survey.gone_elsewhere);
        let mut sender = Sender::new(writer);
        let total = survey.changed.len();
        let mut done = 0;
        let first_build = report.fresh != Fresh::UpToDate;
        // What was just built is told as added.
        report.unchanged = if first_build { 0 } else { survey.unchanged };
        let failed = reading::read_all(self, &survey.changed, &mut |reading| {
            if request.stop.is_stopped() {
                return Err(ReindexError::Stopped);
            }
            done += 1;
            progress(Progress { phase: Phase::Reading, done, total });
            match reading {
                Reading::Failed(skipped) => report.skipped.push(skipped),
                Reading::Gone => {}
                Reading::Same { path, signature } => {
                    report.touched += usize::from(!first_build);
                    sender.push(Change::Touch { path, signature }, 0)?;
                }
                Reading::Known(note) => {
                    report.changed += 1;
                    let bytes = note.body.len();
                    sender.push(Change::Upsert(note), bytes)?;
                }
                Reading::New(read) => {
                    let (from, is_same) = moves.find(&read);
                    let (to, signature, bytes) = (read.path.clone(), read.signature, read.bytes.len());
                    match from {
                        Some(from) => {
                            report.moved.push((from.clone(), to.clone()));
                            sender.push(Change::Move { from, to, signature }, 0)?;
                        }
                        None => report.added += 1,
                    }
                    if !is_same {
                        sender.push(Change::Upsert(Box::new(read.parse())), bytes)?;
                    }
                }
            }
            Ok(())
        });
        failed?;
        report.moved.sort();
        report.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        let (mut forgotten, gone): (Vec<_>, Vec<_>) = moves.left().into_iter().partition(|path| request.saw_go(path));
        let is_doubtful = gone.len() > GONE_MOST && gone.len() * 5 > indexed && !request.allow_prune;
        let count = gone.len();
        if !is_doubtful {
            forgotten.extend(gone);
        }
        report.deleted = forgotten.len();
        if !is_doubtful {
            forgotten.extend(survey.left_out);
        }
        for path in forgotten {
            sender.push(Change::Remove(path), 0)?;
        }
        sender.finish()?;
        self.bury_temps()?;
        if is_doubtful {
            return Err(ReindexError::Vanished { gone: count, indexed });
        }
        Ok(())
    }
}

/// Sends changes in batches, and has at most two of them under way.
struct Sender<'w> {
    writer: &'w Writer,
    batch: Vec<Change>,
    bytes: usize,
    under_way: Option<Ticket<Written>>,
}

impl<'w> Sender<'w> {
    fn new(writer: &'w Writer) -> Self {
        Self { writer, batch: Vec::new(), bytes: 0, under_way: None }
    }

    fn push(&mut self, change: Change, bytes: usize) -> Result<(), ReindexError> {
        self.batch.push(change);
        self.bytes += bytes;
        if self.batch.len() >= BATCH.0 || self.bytes >= BATCH.1 { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), ReindexError> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let sent = self.writer.send(|reply| Command::Index(batch, reply));
        self.under_way.replace(sent).map_or(Ok(()), written).map_err(ReindexError::Writer)
    }

    fn finish(mut self) -> Result<(), ReindexError> {
        if !self.batch.is_empty() {
            self.send()?;
        }
        self.under_way.map_or(Ok(()), written).map_err(ReindexError::Writer)
    }
}

/// Sees to it that one process at a time brings the index up to date.
fn alone(state: &StateDir, wait: Duration) -> Result<WriteGuard, ReindexError> {
    state.lock(OsLock::Reindex, wait, &this_process()).map_err(|error| match error {
        LockError::Busy { holder } => ReindexError::Busy { holder },
        error => Trouble::from(error).into(),
    })
}
