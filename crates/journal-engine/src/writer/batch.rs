//! One batch: the write lock once, the commands in their order, the index in one transaction, then the answers.
//!
//! A thought is acknowledged when it is on the disk. The answer waits for the index as well, so that whoever asks next finds
//! what they wrote; but an index that cannot be written is told beside the answer and takes nothing back.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use journal_index::Change;
use journal_model::{Diagnostic, DiagnosticCode, VaultPath};

use super::Command;
use crate::{
    AppendError, Appended, Caller, NewId, NewIdError, RelocateError, Relocated, Trouble, UpdateSessionError,
    UpdatedSession,
    core::{Core, Turn, shown},
    index_file::OpenIndex,
    indexing::{look_at, same_still},
    ticket::Reply,
};

/// How long notes that nobody waits for may wait for the write lock.
const LOOK_WAIT: Duration = Duration::from_millis(50);

/// What is answered when the index has been written.
enum Answer {
    Append(Reply<Result<Appended, AppendError>>, Box<Result<Appended, AppendError>>),
    UpdateSession(Reply<Result<UpdatedSession, UpdateSessionError>>, Box<Result<UpdatedSession, UpdateSessionError>>),
    Relocate(Reply<Result<Relocated, RelocateError>>, Box<Result<Relocated, RelocateError>>),
    NewId(Reply<Result<NewId, NewIdError>>, Box<Result<NewId, NewIdError>>),
    Index(Reply<Result<(), Arc<Trouble>>>, Result<(), Trouble>),
}

struct Batch<'a> {
    core: &'a Core,
    index: &'a mut OpenIndex,
    turn: Option<Turn>,
    /// Until when this batch waits for its turn.
    deadline: Instant,
    /// Changes that are ready.
    changes: Vec<Change>,
    /// Notes that are to be read for the index, each once however often it was named.
    looks: BTreeSet<VaultPath>,
    answers: Vec<Answer>,
}

pub(super) fn run(core: &Core, index: &mut OpenIndex, commands: Vec<Command>) {
    let deadline = Instant::now() + core.settings.patience;
    let (changes, looks, answers) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut batch = Batch { core, index, turn: None, deadline, changes, looks, answers };
    for command in commands {
        batch.carry_out(command);
    }
    let indexed = batch.write_index().map_err(Arc::new);
    drop(batch.turn);
    for answer in batch.answers {
        answer.send(&indexed);
    }
}

impl Batch<'_> {
    fn carry_out(&mut self, command: Command) {
        let core = self.core;
        match command {
            Command::Append(request, reply) => {
                let appended = match self.turn_of(&request.caller) {
                    Ok(turn) => core.append(turn, &request),
                    Err(trouble) => Err(trouble.into()),
                };
                if let Ok(appended) = &appended {
                    self.looks.extend(appended.written.iter().map(|note| note.path.clone()));
                }
                self.answers.push(Answer::Append(reply, Box::new(appended)));
            }
            Command::UpdateSession(request, reply) => {
                let updated = match self.turn_of(&request.caller) {
                    Ok(turn) => core.update_session(turn, &request),
                    Err(trouble) => Err(trouble.into()),
                };
                if let Ok(updated) = &updated {
                    self.looks.insert(updated.path.clone());
                }
                self.answers.push(Answer::UpdateSession(reply, Box::new(updated)));
            }
            Command::Relocate(request, reply) => {
                let relocated = match self.turn_of(&request.caller) {
                    Ok(turn) => core.relocate(turn, &request),
                    Err(trouble) => Err(trouble.into()),
                };
                if let Ok(relocated) = &relocated {
                    self.looks.extend(relocated.moved.iter().flat_map(|(from, to)| [from.clone(), to.clone()]));
                    self.looks.extend(relocated.rewritten.iter().map(|(path, _)| path.clone()));
                }
                self.answers.push(Answer::Relocate(reply, Box::new(relocated)));
            }
            Command::Index(changes, reply) => {
                let ready = self.turn("reindex", self.core.settings.patience).map(|_| ());
                if ready.is_ok() {
                    self.take(changes);
                }
                self.answers.push(Answer::Index(reply, ready));
            }
            Command::Forget(reply) => {
                let forgotten = self.forget();
                self.answers.push(Answer::Index(reply, forgotten));
            }
            Command::NewId(path, reply) => {
                let given = match self.turn("doctor", self.core.settings.patience) {
                    Ok(turn) => core.give_new_id(turn, &path),
                    Err(trouble) => Err(trouble.into()),
                };
                self.looks.extend(given.is_ok().then_some(path));
                self.answers.push(Answer::NewId(reply, Box::new(given)));
            }
            Command::Sweep(reply) => {
                let swept = self.turn("doctor", self.core.settings.patience).and_then(|turn| core.sweep(turn));
                reply.send(swept);
            }
            Command::Look(paths) => self.looks.extend(paths),
        }
    }

    fn turn_of(&mut self, caller: &Caller) -> Result<&Turn, Trouble> {
        self.turn(&shown(caller), self.core.settings.patience)
    }

    /// The turn of this batch, taken when it is first needed.
    fn turn(&mut self, who: &str, most: Duration) -> Result<&Turn, Trouble> {
        let turn = match self.turn.take() {
            Some(turn) => turn,
            None => self.core.turn(who, self.deadline.saturating_duration_since(Instant::now()).min(most))?,
        };
        Ok(self.turn.insert(turn))
    }

    /// Takes over the changes whose files are still those that were read; the others are read again.
    fn take(&mut self, changes: Vec<Change>) {
        for change in changes {
            if same_still(&self.core.vault, &change) {
                self.changes.push(change);
            } else {
                let (from, path) = match change {
                    Change::Upsert(note) => (None, note.path),
                    Change::Move { from, to, .. } => (Some(from), to),
                    Change::Touch { path, .. } | Change::Remove(path) => (None, path),
                };
                self.looks.extend(from.into_iter().chain([path]));
            }
        }
    }

    fn forget(&mut self) -> Result<(), Trouble> {
        self.turn("reindex", self.core.settings.patience)?;
        if let Some(index) = self.index.get(self.core.state()?)? {
            index.forget()?;
        }
        Ok(())
    }

    /// Brings the index up to date with what this batch wrote, was given and was told to look at.
    fn write_index(&mut self) -> Result<(), Trouble> {
        self.looks.extend(self.core.take_stale());
        if self.changes.is_empty() && self.looks.is_empty() || !self.core.has_index() {
            return Ok(());
        }
        if self.turn.is_none() && self.turn("a look at changed notes", LOOK_WAIT).is_err() {
            // Nobody waits for it: whoever meets such a note again asks again, and every reindex finds it.
            return Ok(());
        }
        let Some(index) = self.index.get(self.core.state()?)? else { return Ok(()) };
        let mut changes = std::mem::take(&mut self.changes);
        let looks = std::mem::take(&mut self.looks);
        // What was read before a note was named again is older than what the look finds.
        changes.retain(|change| !matches!(change, Change::Upsert(note) if looks.contains(&note.path)));
        changes.extend(index.read(|snapshot| look_at(self.core, snapshot, &looks))?);
        let mut missing = index.apply(&changes)?.missing;
        if !missing.is_empty() {
            // Somebody else's batch came between the look at the index and this one.
            missing.sort_unstable();
            let again = index.read(|snapshot| look_at(self.core, snapshot, &missing))?;
            index.apply(&again)?;
        }
        Ok(())
    }
}

impl Answer {
    fn send(self, indexed: &Result<(), Arc<Trouble>>) {
        let told = indexed.as_ref().err().map(|trouble| not_indexed(trouble));
        match self {
            Self::Append(reply, mut answer) => {
                if let Ok(appended) = answer.as_mut() {
                    appended.diagnostics.extend(told);
                }
                reply.send(*answer);
            }
            Self::UpdateSession(reply, mut answer) => {
                if let Ok(updated) = answer.as_mut() {
                    updated.diagnostics.extend(told);
                }
                reply.send(*answer);
            }
            Self::Relocate(reply, mut answer) => {
                if let Ok(relocated) = answer.as_mut() {
                    relocated.diagnostics.extend(told);
                }
                reply.send(*answer);
            }
            Self::NewId(reply, mut answer) => {
                if let Ok(given) = answer.as_mut() {
                    given.diagnostics.extend(told);
                }
                reply.send(*answer);
            }
            Self::Index(reply, Ok(())) => reply.send(indexed.clone()),
            Self::Index(reply, Err(refused)) => reply.send(Err(Arc::new(refused))),
        }
    }
}

fn not_indexed(trouble: &Trouble) -> Diagnostic {
    Diagnostic::new(
        DiagnosticCode::Database,
        format!("what was written is not in the index: {trouble}"),
        "nothing is lost; `journal reindex` brings the index up to date",
    )
}
