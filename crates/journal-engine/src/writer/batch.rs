//! One batch: the write lock once, the commands in their order, the index in one transaction, then the answers.
//!
//! A thought is acknowledged when it is on the disk. The answer waits for the index as well, so that whoever asks next finds
//! what they wrote; but an index that cannot be written is told beside the answer and takes nothing back.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use journal_index::{Change, EmbeddingModel, IndexError, Snapshot};
use journal_model::{Diagnostic, DiagnosticCode, VaultPath};

use super::{Command, Written, outcome::Outcome};
use crate::{
    Trouble,
    core::{Core, Turn, shown},
    index_file::OpenIndex,
    indexing::{look_at, same_still, tells_no_more},
    ticket::Reply,
};

/// How long notes that nobody waits for may wait for the write lock.
const LOOK_WAIT: Duration = Duration::from_millis(50);

/// What is left to do when the index has been written, or could not be: to answer.
type Answer = Box<dyn FnOnce(&Written)>;

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
        answer(&indexed);
    }
}

impl Batch<'_> {
    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Append(request, reply) => {
                self.make_trip(&shown(&request.caller), reply, |core, turn| core.append(turn, &request));
            }
            Command::UpdateSession(request, reply) => {
                self.make_trip(&shown(&request.caller), reply, |core, turn| core.update_session(turn, &request));
            }
            Command::Relocate(request, reply) => {
                self.make_trip(&shown(&request.caller), reply, |core, turn| core.relocate(turn, &request));
            }
            Command::Import(request, reply) => {
                self.make_trip(&shown(&request.caller), reply, |core, turn| core.import(turn, &request));
            }
            Command::DrawGraph(request, reply) => {
                self.make_trip(&shown(&request.caller), reply, |core, turn| core.draw_graph(turn, &request));
            }
            Command::Views { install: true, reply } => {
                self.make_trip("views", reply, |core, turn| core.install_views(turn));
            }
            Command::Views { install: false, reply } => {
                self.make_trip("views", reply, |core, turn| core.remove_views(turn));
            }
            Command::NewId(path, reply) => {
                self.make_trip("doctor", reply, |core, turn| core.give_new_id(turn, &path));
            }
            Command::Index(changes, reply) => {
                let ready = self.turn("reindex").map(|_| ()).map_err(Arc::new);
                if ready.is_ok() {
                    self.take(changes);
                }
                self.answers.push(Box::new(|indexed| reply.send(ready.and_then(|()| indexed.clone()))));
            }
            Command::Forget(reply) => reply.send(self.forget().map_err(Arc::new)),
            Command::StoreVectors(model, vectors, reply) => {
                reply.send(self.store(&model, &vectors).map_err(Arc::new));
            }
            Command::StoreUnread(model, texts, reply) => {
                reply.send(self.store_unread(&model, &texts).map_err(Arc::new));
            }
            Command::DropModel(name, reply) => reply.send(self.drop_model(&name).map_err(Arc::new)),
            Command::CollectVectors(after, reply) => reply.send(self.collect_vectors(after).map_err(Arc::new)),
            Command::Sweep(temps, reply) => {
                let core = self.core;
                reply.send(self.turn("doctor").map(|_| drop(core.vault.sweep(temps))));
            }
            Command::Look(paths) => self.looks.extend(paths),
        }
    }

    /// Makes a trip that writes notes, and has the index look at them.
    fn make_trip<T: Outcome + 'static, E: From<Trouble> + 'static>(
        &mut self,
        who: &str,
        reply: Reply<Result<T, E>>,
        trip: impl FnOnce(&Core, &Turn) -> Result<T, E>,
    ) {
        let core = self.core;
        let mut outcome = match self.turn(who) {
            Ok(turn) => trip(core, turn),
            Err(trouble) => Err(trouble.into()),
        };
        if let Ok(done) = &outcome {
            self.looks.extend(done.written());
        }
        self.answers.push(Box::new(move |indexed| {
            if let (Ok(done), Err(trouble)) = (&mut outcome, indexed) {
                done.diagnostics().push(not_indexed(trouble));
            }
            reply.send(outcome);
        }));
    }

    /// The turn of this batch, taken when it is first needed.
    fn turn(&mut self, who: &str) -> Result<&Turn, Trouble> {
        self.turn_within(who, self.core.settings.patience)
    }

    fn turn_within(&mut self, who: &str, most: Duration) -> Result<&Turn, Trouble> {
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
        self.turn("reindex")?;
        if let Some(index) = self.index.get(self.core.state()?)? {
            index.forget()?;
        }
        Ok(())
    }

    fn store(&mut self, model: &EmbeddingModel, vectors: &[(u128, Vec<f32>)]) -> Result<(), Trouble> {
        self.turn("embed")?;
        if let Some(index) = self.index.get(self.core.state()?)? {
            index.store_vectors(model, vectors)?;
        }
        Ok(())
    }

    fn store_unread(&mut self, model: &EmbeddingModel, texts: &[u128]) -> Result<(), Trouble> {
        self.turn("embed")?;
        if let Some(index) = self.index.get(self.core.state()?)? {
            index.store_unread(model, texts)?;
        }
        Ok(())
    }

    fn drop_model(&mut self, name: &str) -> Result<(), Trouble> {
        self.turn("embed")?;
        if let Some(index) = self.index.get(self.core.state()?)? {
            index.drop_model(name)?;
        }
        Ok(())
    }

    fn collect_vectors(&mut self, after: i64) -> Result<Option<i64>, Trouble> {
        self.turn("embed")?;
        let Some(index) = self.index.get(self.core.state()?)? else { return Ok(None) };
        Ok(index.collect_vectors(after)?.next)
    }

    /// Brings the index up to date with what this batch wrote, was given and was told to look at.
    fn write_index(&mut self) -> Result<(), Trouble> {
        self.looks.extend(self.core.take_stale());
        if self.changes.is_empty() && self.looks.is_empty() || !self.core.has_index() {
            return Ok(());
        }
        if self.turn.is_none() && self.turn_within("a look at changed notes", LOOK_WAIT).is_err() {
            // Nobody waits for it: whoever meets such a note again asks again, and every reindex finds it.
            return Ok(());
        }
        let Some(index) = self.index.get(self.core.state()?)? else { return Ok(()) };
        let mut changes = std::mem::take(&mut self.changes);
        let looks = std::mem::take(&mut self.looks);
        // What was read before a note was named again is older than what the look finds.
        changes.retain(|change| !matches!(change, Change::Upsert(note) if looks.contains(&note.path)));
        index.read(|snapshot| {
            changes.extend(look_at(self.core, snapshot, &looks)?);
            // Another process may have been quicker: the one that watches, or the one that wrote.
            drop_known(&mut changes, snapshot)
        })?;
        if changes.is_empty() {
            return Ok(());
        }
        let mut missing = index.apply(&changes)?.missing;
        if !missing.is_empty() {
            // Somebody else's batch came between the look at the index and this one.
            missing.sort_unstable();
            let again = index.read(|snapshot| look_at(self.core, snapshot, &missing))?;
            index.apply(&again)?;
        }
        self.core.news.tell();
        Ok(())
    }
}

/// Drops what the index has already, so that it need not be written.
fn drop_known(changes: &mut Vec<Change>, index: &Snapshot<'_>) -> Result<(), IndexError> {
    // After a move the index knows more than it did here.
    if changes.iter().any(|change| matches!(change, Change::Move { .. })) {
        return Ok(());
    }
    for change in std::mem::take(changes) {
        let is_known = match &change {
            Change::Upsert(note) => {
                let row = index.signature(&note.path)?;
                row.is_some_and(|row| row.current && tells_no_more(&note.signature, &row.signature))
            }
            Change::Remove(path) => index.signature(path)?.is_none(),
            Change::Move { .. } | Change::Touch { .. } => false,
        };
        if !is_known {
            changes.push(change);
        }
    }
    Ok(())
}

fn not_indexed(trouble: &Trouble) -> Diagnostic {
    Diagnostic::new(
        DiagnosticCode::Database,
        format!("what was written is not in the index: {trouble}"),
        "nothing is lost; `journal reindex` brings the index up to date",
    )
}
