//! A term: from the moment a process leads until it ends.
//!
//! What may have changed is *owed* until the index has been brought up to date with it. Whatever keeps it from that is told once
//! and tried again. Nothing that was heard is forgotten on the way.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use journal_vault::{Changes, Mount, Watch, WatchError};

use super::{
    Lead, LeaderNews, Rhythm, Shared,
    follow::Read,
    hashes::{Hashes, Step},
    record::Record,
};
use crate::{
    Embedding, Phase, Progress, Reindex, ReindexError, Reindexed, Trouble, core::Core, meaning::Background,
    trouble::with_causes, writer::Writer,
};

/// Work that failed is tried again after so long; each further time after twice as long, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// After so long it is looked again whether another process has ended what it does, or there is an index by now.
const SOON: Duration = Duration::from_millis(250);

/// While the vault is not watched, comparing it takes this part of the time at most.
const SHARE: u32 = 200;

/// While all notes are compared, every so many of them it is looked what is heard meanwhile.
const GLANCE: usize = 16;

pub(super) struct Term<'a> {
    core: &'a Arc<Core>,
    writer: &'a Arc<Writer>,
    shared: &'a Arc<Shared>,
    lead: &'a Lead,
    watch: Option<Watch>,
    /// What was mounted in the vault when the watch began.
    mounts: Vec<Mount>,
    /// Without a watch, when one is tried for, and how often it was.
    again: (Instant, u32),
    /// When the watch is to be asked.
    ripe: Option<Instant>,
    /// When it is looked whether the vault still is where it was.
    presence: Instant,
    /// The vault's settings, by which it is known when it comes back.
    settings: Option<String>,
    owed: Changes,
    /// When what is owed is tried again, and how often it failed.
    retry: (Instant, u32),
    next_pass: Instant,
    /// From the pass before to that.
    wait: Duration,
    hashes: Hashes,
    record: Record<'a>,
}

impl<'a> Term<'a> {
    pub(super) fn new(core: &'a Arc<Core>, writer: &'a Arc<Writer>, shared: &'a Arc<Shared>, lead: &'a Lead) -> Self {
        let now = Instant::now();
        let record = Record::begin(core, lead);
        let hashes = Hashes::new(record.standing.reading.clone(), record.read_whole_ago(), &lead.rhythm);
        Self {
            core,
            writer,
            shared,
            lead,
            watch: None,
            mounts: Vec::new(),
            again: (now, 0),
            ripe: None,
            presence: now,
            settings: core.vault.settings().ok().flatten(),
            owed: Changes { everything: true, ..Changes::default() },
            retry: (now, 0),
            next_pass: now + lead.rhythm.pass,
            wait: lead.rhythm.pass,
            hashes,
            record,
        }
    }

    /// Leads until it is told to stop.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(self.shared);
        let changed = Box::new(move || shared.bell.tell());
        *self.shared.background() = Some(Background::start(self.core, self.writer, changed));
        while !self.shared.stop.is_stopped() {
            self.look_around();
            self.work_off();
            let embedding = self.shared.background().as_ref().map(Background::state).unwrap_or_default();
            // While it works, waits or is left to others, nothing is known of how it goes.
            if matches!(embedding, Embedding::Done { .. } | Embedding::Failed { .. }) {
                self.record.embeds(embedding.trouble());
            }
            let rest = self.next().saturating_duration_since(Instant::now());
            if !self.shared.stop.is_stopped() && !rest.is_zero() {
                self.shared.bell.wait(rest);
            }
        }
        // Joined here, not where others wait for the place it leaves.
        let background = self.shared.background().take();
        drop(background);
        self.shared.set_elsewhere(Embedding::Off);
        self.record.end();
    }

    fn rhythm(&self) -> &'a Rhythm {
        &self.lead.rhythm
    }

    fn next(&self) -> Instant {
        let times = [
            self.ripe,
            self.watch.is_none().then_some(self.again.0),
            self.watch.is_some().then_some(self.presence),
            (!self.owed.is_empty() && !self.is_away()).then_some(self.retry.0),
            (!self.is_away()).then_some(self.next_pass.min(self.hashes.next)),
        ];
        let next = times.into_iter().flatten().min();
        next.unwrap_or_else(|| Instant::now() + self.rhythm().poll)
    }

    /// Whether the vault is gone for now.
    fn is_away(&self) -> bool {
        self.watch.is_none() && self.core.vault.check_present().is_err()
    }

    /// Takes what the watch has heard, and sees to it that there is a watch.
    fn look_around(&mut self) {
        let now = Instant::now();
        if let Some(watch) = &self.watch {
            let (mut changes, ripe) = watch.take();
            self.ripe = ripe;
            let trouble = changes.trouble.take();
            self.owed.add(changes);
            if let Some(error) = trouble {
                self.lose_watch(&error);
            } else if now >= self.presence {
                self.presence = now + self.rhythm().poll;
                if self.core.vault.check_present().is_err() {
                    self.lose_watch(&WatchError::Vanished);
                } else if self.core.vault.mounts() != self.mounts {
                    // It neither reaches into what came nor tells what came to light.
                    (self.watch, self.again.0) = (None, now);
                }
            }
        }
        if self.watch.is_none() && now >= self.again.0 {
            self.try_watch();
        }
        if now >= self.next_pass || self.record.is_overdue(self.wait.max(self.rhythm().pass)) {
            self.owed.everything = true;
        }
    }

    fn try_watch(&mut self) {
        if let Some(settings) = &self.settings {
            self.core.vault.welcome_back(settings);
        }
        let shared = Arc::clone(self.shared);
        self.mounts = self.core.vault.mounts();
        match self.core.vault.watch(self.rhythm().pace, move || shared.bell.tell()) {
            Ok(watch) => {
                self.watch = Some(watch);
                (self.again.1, self.ripe) = (0, None);
                self.presence = Instant::now() + self.rhythm().poll;
                // What changed before it was watched was not heard.
                self.owed.everything = true;
                self.retry.0 = Instant::now();
                match self.core.vault.untold(&self.mounts) {
                    None => self.record.watches(),
                    Some(error) => self.record.polls(&error),
                }
            }
            Err(error) => self.lose_watch(&error),
        }
    }

    /// From now on the notes are compared every few seconds, and a watch is tried for now and then.
    fn lose_watch(&mut self, error: &WatchError) {
        (self.watch, self.ripe) = (None, None);
        let now = Instant::now();
        let wait = match error {
            WatchError::Vanished => self.rhythm().attempt,
            _ => doubled(self.rhythm().again, self.again.1),
        };
        self.again = (now + wait, self.again.1.saturating_add(1));
        self.next_pass = self.next_pass.min(now);
        self.record.polls(error);
    }

    /// Brings the index up to date with what is owed; when nothing is, compares a few notes whole.
    fn work_off(&mut self) {
        let now = Instant::now();
        if self.is_away() {
            return;
        }
        if self.owed.is_empty() {
            if now >= self.hashes.next {
                self.compare_some();
            }
            return;
        }
        if now < self.retry.0 {
            return;
        }
        let owed = std::mem::take(&mut self.owed);
        match self.pay(&owed) {
            Ok(is_whole) => {
                self.retry.1 = 0;
                if is_whole {
                    self.record.recover();
                }
            }
            Err(error) => self.owe_again(owed, &error),
        }
    }

    fn owe_again(&mut self, owed: Changes, error: &ReindexError) {
        let now = Instant::now();
        match error {
            // The rest is indexed. That so much is gone is for a person to judge.
            ReindexError::Vanished { .. } => {
                self.passed(now);
                let hint = "if they were meant to go: journal reindex --allow-prune; else mount or restore them";
                return self.record.fail(with_causes(error), hint);
            }
            ReindexError::Stopped => return self.owed.add(owed),
            // Another process is at it, and may have read a note before it changed; or a pass has to make an index first.
            ReindexError::Busy { .. } | ReindexError::NoIndex => {
                self.owed.add(owed);
                self.owed.everything |= matches!(error, ReindexError::NoIndex);
                self.retry.0 = now + SOON;
                return;
            }
            ReindexError::Trouble(trouble) if trouble.is_vanished() => {
                self.owed.add(owed);
                return self.lose_watch(&WatchError::Vanished);
            }
            _ => {}
        }
        self.owed.add(owed);
        // A pass looks for what is wrong with the index, and mends it.
        self.owed.everything = true;
        self.retry = (now + doubled(SHORTEST, self.retry.1), self.retry.1.saturating_add(1));
        self.record.fail(with_causes(error), "nothing is lost, and it is tried again; if it stays: journal doctor");
    }

    /// Says whether all notes were compared.
    fn pay(&mut self, owed: &Changes) -> Result<bool, ReindexError> {
        let mut paths = Vec::new();
        let mut notes = owed.notes.clone();
        if !owed.everything {
            for folder in &owed.folders {
                let found = self.core.vault.notes_in(folder).map_err(Trouble::from)?;
                let is_known =
                    self.core.read_index(|index| index.has_notes_in(folder))?.ok_or(ReindexError::NoIndex)?;
                if is_known || found.len() > self.rhythm().pace.many {
                    paths.push(folder.clone());
                } else {
                    notes.extend(found);
                }
            }
            if paths.is_empty() {
                let changed = self.core.follow(self.writer, &notes, Read::Differing)?;
                if changed > 0 {
                    (self.lead.tell)(&LeaderNews::Followed { changed });
                }
                return Ok(false);
            }
        }
        // Where a note went and where it came belong together.
        paths.extend(notes.iter().map(ToString::to_string));
        let is_plain = |path: &String| !owed.folders.contains(path) || !path.to_ascii_lowercase().ends_with(".md");
        if owed.everything || !paths.iter().all(is_plain) {
            paths.clear();
        }
        let is_whole = paths.is_empty();
        let begun = Instant::now();
        let report = self.compare(paths, owed.gone.clone())?;
        if is_whole {
            self.passed(begun);
        }
        if report.added + report.changed + report.moved.len() + report.deleted > 0 {
            (self.lead.tell)(&LeaderNews::Compared(Box::new(report)));
        }
        Ok(is_whole)
    }

    /// Compares these parts of the vault with the index, or all. What is heard meanwhile of single notes need not wait for it.
    fn compare(&mut self, paths: Vec<String>, seen_to_go: BTreeSet<String>) -> Result<Reindexed, ReindexError> {
        let request = Reindex { paths, seen_to_go, stop: self.shared.stop.clone(), ..Reindex::default() };
        let (heard, count) = (RefCell::new(Changes::default()), Cell::new(0_usize));
        let glance = |progress: Progress| {
            count.set(count.get() + 1);
            let is_time = progress.phase == Phase::Reading && count.get().is_multiple_of(GLANCE);
            if let Some(watch) = self.watch.as_ref().filter(|_| is_time) {
                let (mut changes, _) = watch.take();
                // One that fails is owed, and told when it fails again.
                if !changes.notes.is_empty() && self.core.follow(self.writer, &changes.notes, Read::Differing).is_ok() {
                    changes.notes.clear();
                }
                heard.borrow_mut().add(changes);
            }
        };
        let report = self.core.reindex(self.writer, &request, &glance);
        // What is left from the glances has its own time.
        self.ripe = Some(Instant::now());
        let mut heard = heard.into_inner();
        let trouble = heard.trouble.take();
        self.owed.add(heard);
        if let Some(error) = trouble {
            self.lose_watch(&error);
        }
        report
    }

    /// All notes were compared, from this moment on.
    fn passed(&mut self, begun: Instant) {
        let took = begun.elapsed();
        let is_told = self.watch.is_some() && self.core.vault.untold(&self.mounts).is_none();
        let wait = if is_told { self.rhythm().pass } else { self.rhythm().poll.max(took.saturating_mul(SHARE)) };
        (self.wait, self.next_pass) = (wait, Instant::now() + wait);
        self.record.compared();
    }

    fn compare_some(&mut self) {
        match self.hashes.step(self.core, self.writer, self.rhythm()) {
            Ok(Step::Compared(changed)) => {
                self.record.reads(self.hashes.after.clone());
                if changed > 0 {
                    (self.lead.tell)(&LeaderNews::Followed { changed });
                }
            }
            Ok(Step::Done) => self.record.has_read_whole(),
            Err(error) => self.owe_again(Changes::default(), &error),
        }
    }
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times)).min(LONGEST)
}
