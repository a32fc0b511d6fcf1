//! What a leader does, for others to see: written down, told to the agents as events, and to whoever listens in this
//! process. In this order: who is told finds it written down.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journal_coord::{EventKind, NewEvent, Process};
use journal_model::VaultPath;
use journal_vault::WatchError;

use super::{Lead, LeaderNews, LeaderStanding, LeaderTrouble, Watches};
use crate::{core::Core, trouble::with_causes};

/// Where nothing but times changed, what is written down is so old at most.
const OLD: Duration = Duration::from_secs(60);

pub(super) struct Record<'a> {
    core: &'a Arc<Core>,
    lead: &'a Lead,
    pub standing: LeaderStanding,
    written_down: Option<Instant>,
}

impl<'a> Record<'a> {
    /// What the leader before wrote down of the vault holds still.
    pub(super) fn begin(core: &'a Arc<Core>, lead: &'a Lead) -> Self {
        // Without it nothing is wrong: it is found out anew.
        let before = core.leader().ok().flatten().unwrap_or_default();
        let since = core.source.now().unix_ms;
        let process = Some(Process::current());
        let standing = LeaderStanding { process, since, watches: Watches::Events, embedding: None, ..before };
        (lead.tell)(&LeaderNews::Leads);
        Self { core, lead, standing, written_down: None }
    }

    pub(super) fn end(mut self) {
        self.standing.process = None;
        self.write_down();
    }

    /// How long ago the content of all notes was compared.
    pub(super) fn read_whole_ago(&self) -> Option<Duration> {
        self.standing.read_whole.map(|at| Duration::from_millis(self.standing.since.saturating_sub(at)))
    }

    /// The system tells of changes.
    pub(super) fn watches(&mut self) {
        let before = std::mem::take(&mut self.standing.watches);
        self.write_down();
        if before != Watches::Events {
            self.tell_agents(EventKind::WatchRecovered, None);
        }
        (self.lead.tell)(&LeaderNews::Watches(Watches::Events));
    }

    /// It does not, or not of all.
    pub(super) fn polls(&mut self, error: &WatchError) {
        let (why, hint) = (with_causes(error), error.hint());
        let watches = match error {
            WatchError::Vanished => Watches::Away { why: why.clone(), hint },
            _ => Watches::Polling { why: why.clone(), hint },
        };
        if self.standing.watches != watches {
            self.standing.watches = watches.clone();
            self.write_down();
            self.tell_agents(EventKind::WatchFailed, Some(&why));
            (self.lead.tell)(&LeaderNews::Watches(watches));
        }
    }

    /// All notes were compared by their signatures.
    pub(super) fn compared(&mut self) {
        let is_first = self.standing.compared.is_none_or(|at| at < self.standing.since);
        self.standing.compared = Some(self.core.source.now().unix_ms);
        if is_first || self.is_old() {
            self.write_down();
        }
    }

    /// Whether that is long ago by the clock, as after the machine slept, when no timer went on.
    pub(super) fn is_overdue(&self, pass: Duration) -> bool {
        let limit = u64::try_from(pass.saturating_mul(2).as_millis()).unwrap_or(u64::MAX);
        self.standing.compared.is_some_and(|at| self.core.source.now().unix_ms.saturating_sub(at) > limit)
    }

    /// The notes up to this one were compared whole.
    pub(super) fn reads(&mut self, up_to: Option<VaultPath>) {
        self.standing.reading = up_to;
        if self.is_old() {
            self.write_down();
        }
    }

    /// All were.
    pub(super) fn has_read_whole(&mut self) {
        self.standing.reading = None;
        self.standing.read_whole = Some(self.core.source.now().unix_ms);
        self.write_down();
    }

    pub(super) fn fail(&mut self, message: String, hint: &str) {
        let known = self.standing.trouble.as_ref().filter(|trouble| !trouble.is_over);
        if known.is_some_and(|known| known.message == message) {
            return;
        }
        let at = self.core.source.now().unix_ms;
        let trouble = LeaderTrouble { at, is_over: false, message, hint: hint.to_owned() };
        self.standing.trouble = Some(trouble.clone());
        self.write_down();
        self.tell_agents(EventKind::WatchFailed, Some(&trouble.message));
        (self.lead.tell)(&LeaderNews::Failed(trouble));
    }

    pub(super) fn recover(&mut self) {
        if let Some(trouble) = self.standing.trouble.as_mut().filter(|trouble| !trouble.is_over) {
            trouble.is_over = true;
            self.write_down();
            self.tell_agents(EventKind::WatchRecovered, None);
            (self.lead.tell)(&LeaderNews::Recovered);
        }
    }

    /// What keeps texts from getting their vectors, if something does.
    pub(super) fn embeds(&mut self, trouble: Option<String>) {
        if self.standing.embedding != trouble {
            self.standing.embedding.clone_from(&trouble);
            self.write_down();
            (self.lead.tell)(&LeaderNews::Embedding(trouble));
        }
    }

    fn tell_agents(&self, kind: EventKind, why: Option<&str>) {
        let event = NewEvent::about(kind, self.core.vault.name()).saying(why);
        let now = self.core.source.now().unix_ms;
        // It stands in what is written down of the leader, too.
        drop(self.core.coordinate(None, |coord| coord.record_own(&event, now)));
    }

    fn is_old(&self) -> bool {
        self.written_down.is_none_or(|at| at.elapsed() > OLD)
    }

    fn write_down(&mut self) {
        self.written_down = Some(Instant::now());
        if let Some(state) = &self.core.state {
            // A view for people: the work goes on without it.
            drop(state.set_leader(self.standing.to_text().as_bytes()));
        }
    }
}
