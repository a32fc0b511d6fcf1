//! What has been heard and is not ripe yet. Pure: the time is a parameter.
//!
//! Where too much happens to be told one by one it is a *burst*: what happens in the folder that holds most of it is told as that
//! folder, once it is over. What is saved elsewhere meanwhile has its own time.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use journal_model::VaultPath;

use super::{Changes, Happening, Pace, WatchError, hint::Hint};

/// A folder in which this part of all that waits lies is told for what lies in it.
const PART: usize = 4;

/// Since when, and until when, something was heard of a path.
#[derive(Debug, Clone)]
struct Heard {
    first: Instant,
    last: Instant,
    /// Somebody has it open and wrote to it.
    is_open: bool,
    /// What went.
    gone: BTreeSet<String>,
}

impl Heard {
    fn due(&self, pace: &Pace) -> Instant {
        let most = if self.is_open { pace.held } else { pace.most };
        let quiet = if self.is_open { Duration::MAX } else { pace.quiet };
        let limit = self.first + most;
        self.last.checked_add(quiet).map_or(limit, |rested| rested.min(limit))
    }
}

#[derive(Debug)]
pub(super) struct Pending {
    pace: Pace,
    notes: HashMap<VaultPath, Heard>,
    folders: HashMap<String, Heard>,
    /// By the folder that is told for all in it.
    bursts: HashMap<String, Heard>,
    everything: Option<Heard>,
    trouble: Option<WatchError>,
    /// When it will be asked what is ripe, as far as it was told.
    asked: Option<Instant>,
}

impl Pending {
    pub(super) fn new(pace: Pace) -> Self {
        let (notes, folders, bursts) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { pace, notes, folders, bursts, everything: None, trouble: None, asked: None }
    }

    /// Takes in a hint. Whether something will be ripe before it is asked for.
    pub(super) fn meet(&mut self, hint: Hint, now: Instant) -> bool {
        let pace = self.pace;
        let due = match hint {
            Hint::Note(path, happening) => match self.burst_around(path.as_str()) {
                Some(burst) => burst.again(now, path.as_str(), happening).due(&pace),
                None => self.meet_note(path, happening, now),
            },
            Hint::Folder(path, happening) => match self.burst_around(&path) {
                Some(burst) => burst.again(now, &path, happening).due(&pace),
                None => {
                    let heard = self.folders.entry(path.clone()).or_insert_with(|| Heard::at(now));
                    heard.again(now, &path, happening).due(&pace)
                }
            },
            Hint::Everything => self.meet_burst("", now),
            Hint::Trouble(error) => {
                // The first is why the others came.
                self.trouble.get_or_insert(error);
                now
            }
        };
        let is_burst = self.notes.len() + self.folders.len() + self.bursts.len() > pace.many;
        let due = if is_burst { self.meet_burst(&self.fullest(), now) } else { due };
        let is_earlier = self.asked.is_none_or(|asked| due < asked);
        if is_earlier {
            self.asked = Some(due);
        }
        is_earlier
    }

    fn meet_note(&mut self, path: VaultPath, happening: Happening, now: Instant) -> Instant {
        let heard = self.notes.entry(path.clone()).or_insert_with(|| Heard::at(now));
        heard.again(now, path.as_str(), happening);
        match happening {
            Happening::Written => heard.is_open = true,
            Happening::Closed | Happening::FileGone | Happening::Gone => heard.is_open = false,
            Happening::File | Happening::Folder | Happening::Came => {}
        }
        heard.due(&self.pace)
    }

    /// The burst that tells of what is in a place.
    fn burst_around(&mut self, path: &str) -> Option<&mut Heard> {
        if self.everything.is_some() {
            return self.everything.as_mut();
        }
        let folder = folders_around(path).find(|folder| self.bursts.contains_key(*folder))?;
        self.bursts.get_mut(folder)
    }

    /// The deepest folder that holds a good part of what waits; all of the vault where none does.
    fn fullest(&self) -> String {
        let waiting = || {
            let notes = self.notes.keys().map(VaultPath::as_str);
            notes.chain(self.folders.keys().chain(self.bursts.keys()).map(String::as_str))
        };
        let mut held: HashMap<&str, usize> = HashMap::new();
        for folder in waiting().flat_map(folders_around) {
            *held.entry(folder).or_default() += 1;
        }
        let part = waiting().count().div_ceil(PART);
        let full = held.into_iter().filter(|(_, count)| *count >= part);
        let fullest = full.max_by_key(|(folder, count)| (folder.matches('/').count(), *count, Reverse(*folder)));
        fullest.map_or_else(String::new, |(folder, _)| folder.to_owned())
    }

    /// Nothing in a folder is told by its path any more; of an empty one, nothing at all. What was heard of paths counts for the
    /// folder: it is as old as the oldest.
    fn meet_burst(&mut self, folder: &str, now: Instant) -> Instant {
        let is_inside =
            |path: &str| folder.is_empty() || path == folder || folders_around(path).any(|around| around == folder);
        let notes = self.notes.extract_if(|path, _| is_inside(path.as_str())).map(|(_, heard)| heard);
        let folders = self.folders.extract_if(|path, _| is_inside(path)).map(|(_, heard)| heard);
        let bursts = self.bursts.extract_if(|path, _| is_inside(path)).map(|(_, heard)| heard);
        let everything = self.everything.take_if(|_| folder.is_empty());
        let mut whole = Heard::at(now);
        for heard in notes.chain(folders).chain(bursts).chain(everything) {
            whole.first = whole.first.min(heard.first);
            whole.gone.extend(heard.gone);
        }
        let due = whole.due(&self.pace);
        if folder.is_empty() {
            self.everything = Some(whole);
        } else {
            self.bursts.insert(folder.to_owned(), whole);
        }
        due
    }

    /// Takes what is ripe, and says when to ask again; `None` when nothing waits.
    pub(super) fn take(&mut self, now: Instant) -> (Changes, Option<Instant>) {
        let mut changes = Changes { trouble: self.trouble.take(), ..Changes::default() };
        let is_due = |heard: &Heard| heard.due(&self.pace) <= now;
        for (path, heard) in self.notes.extract_if(|_, heard| is_due(heard)) {
            changes.gone.extend(heard.gone);
            changes.notes.insert(path);
        }
        let folders = self.folders.extract_if(|_, heard| is_due(heard));
        for (path, heard) in folders.chain(self.bursts.extract_if(|_, heard| is_due(heard))) {
            changes.gone.extend(heard.gone);
            changes.folders.insert(path);
        }
        if let Some(heard) = self.everything.take_if(|heard| is_due(heard)) {
            changes.gone.extend(heard.gone);
            changes.everything = true;
        }
        let folders = self.folders.values().chain(self.bursts.values());
        let waiting = self.notes.values().chain(folders).chain(&self.everything);
        self.asked = waiting.map(|heard| heard.due(&self.pace)).min();
        (changes, self.asked)
    }
}

impl Heard {
    fn at(now: Instant) -> Self {
        Self { first: now, last: now, is_open: false, gone: BTreeSet::new() }
    }

    fn again(&mut self, now: Instant, path: &str, happening: Happening) -> &mut Self {
        self.last = now;
        if matches!(happening, Happening::Gone | Happening::FileGone) {
            self.gone.insert(path.to_owned());
        }
        self
    }
}

/// The folders that a path lies in, without the vault's own; the innermost first.
fn folders_around(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests;
