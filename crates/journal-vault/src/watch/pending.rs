//! What has been heard and is not ripe yet. Pure: the time is a parameter.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use journal_model::VaultPath;

use super::{Changes, Happening, Pace, WatchError, hint::Hint};

/// Since when, and until when, something was heard of a path.
#[derive(Debug, Clone, Copy)]
struct Heard {
    first: Instant,
    last: Instant,
    /// Somebody has it open and wrote to it.
    is_open: bool,
    /// How often something went.
    removals: usize,
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
    everything: Option<Heard>,
    trouble: Option<WatchError>,
    /// When it will be asked what is ripe, as far as it was told.
    asked: Option<Instant>,
}

impl Pending {
    pub(super) fn new(pace: Pace) -> Self {
        let (notes, folders) = (HashMap::new(), HashMap::new());
        Self { pace, notes, folders, everything: None, trouble: None, asked: None }
    }

    /// Takes in a hint. Whether something will be ripe before it is asked for.
    pub(super) fn meet(&mut self, hint: Hint, now: Instant) -> bool {
        let due = match hint {
            Hint::Note(_, happening) | Hint::Folder(_, happening) if self.everything.is_some() => {
                self.meet_everything(now, happening.removals())
            }
            Hint::Note(path, happening) => {
                let heard = self.notes.entry(path).or_insert_with(|| Heard::at(now));
                heard.again(now, happening.removals());
                match happening {
                    Happening::Written => heard.is_open = true,
                    Happening::Closed | Happening::FileGone | Happening::Gone => heard.is_open = false,
                    Happening::File | Happening::Folder | Happening::Came => {}
                }
                heard.due(&self.pace)
            }
            Hint::Folder(path, happening) => {
                let heard = self.folders.entry(path).or_insert_with(|| Heard::at(now));
                heard.again(now, happening.removals());
                heard.due(&self.pace)
            }
            Hint::Everything => self.meet_everything(now, 0),
            Hint::Trouble(error) => {
                // The first is why the others came.
                self.trouble.get_or_insert(error);
                now
            }
        };
        let is_burst = self.notes.len() + self.folders.len() > self.pace.many;
        let due = if is_burst { self.meet_everything(now, 0) } else { due };
        let is_earlier = self.asked.is_none_or(|asked| due < asked);
        if is_earlier {
            self.asked = Some(due);
        }
        is_earlier
    }

    /// Nothing is told by its path any more. What was heard of paths counts for everything: it is as old as the oldest.
    fn meet_everything(&mut self, now: Instant, removals: usize) -> Instant {
        let heard = self.everything.get_or_insert_with(|| Heard::at(now));
        heard.again(now, removals);
        let paths = self.notes.drain().map(|(_, of_path)| of_path);
        for of_path in paths.chain(self.folders.drain().map(|(_, of_path)| of_path)) {
            heard.first = heard.first.min(of_path.first);
            heard.removals += of_path.removals;
        }
        heard.due(&self.pace)
    }

    /// Takes what is ripe, and says when to ask again; `None` when nothing waits.
    pub(super) fn take(&mut self, now: Instant) -> (Changes, Option<Instant>) {
        let mut changes = Changes { trouble: self.trouble.take(), ..Changes::default() };
        let is_due = |heard: &Heard| heard.due(&self.pace) <= now;
        for (path, heard) in self.notes.extract_if(|_, heard| is_due(heard)) {
            changes.removals += heard.removals;
            changes.notes.insert(path);
        }
        for (path, heard) in self.folders.extract_if(|_, heard| is_due(heard)) {
            changes.removals += heard.removals;
            changes.folders.insert(path);
        }
        if let Some(heard) = self.everything.take_if(|heard| is_due(heard)) {
            changes.removals += heard.removals;
            changes.everything = true;
        }
        let waiting = self.notes.values().chain(self.folders.values()).chain(&self.everything);
        self.asked = waiting.map(|heard| heard.due(&self.pace)).min();
        (changes, self.asked)
    }
}

impl Heard {
    fn at(now: Instant) -> Self {
        Self { first: now, last: now, is_open: false, removals: 0 }
    }

    fn again(&mut self, now: Instant, removals: usize) {
        self.last = now;
        self.removals += removals;
    }
}

impl Happening {
    fn removals(self) -> usize {
        usize::from(matches!(self, Self::Gone | Self::FileGone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct World {
        pending: Pending,
        begun: Instant,
    }

    impl World {
        fn new() -> Self {
            let pace = Pace { many: 4, ..Pace::default() };
            Self { pending: Pending::new(pace), begun: Instant::now() }
        }

        fn at(&self, ms: u64) -> Instant {
            self.begun + Duration::from_millis(ms)
        }

        fn note(&mut self, ms: u64, path: &str, happening: Happening) -> bool {
            self.pending.meet(Hint::Note(path.parse().unwrap(), happening), self.at(ms))
        }

        fn taken(&mut self, ms: u64) -> String {
            let (changes, _) = self.pending.take(self.at(ms));
            let Changes { notes, folders, everything, removals, trouble } = changes;
            let mut parts: Vec<String> = notes.iter().map(ToString::to_string).collect();
            parts.extend(folders.iter().map(|folder| format!("{folder}/")));
            parts.extend(everything.then(|| "everything".to_owned()));
            parts.extend((removals > 0).then(|| format!("-{removals}")));
            parts.extend(trouble.map(|error| error.to_string()));
            parts.join(" ")
        }

        /// When it is to be asked, in milliseconds.
        fn next(&self) -> Option<u128> {
            Some(self.pending.asked?.duration_since(self.begun).as_millis())
        }
    }

    #[test]
    fn a_path_is_told_when_it_is_quiet() {
        let mut world = World::new();
        assert_eq!(world.next(), None);
        assert!(world.note(0, "a.md", Happening::File), "it rings");
        assert!(!world.note(30, "a.md", Happening::File), "and not again");
        assert!(!world.note(40, "b.md", Happening::File));
        assert_eq!((world.next(), world.taken(50)), (Some(50), String::new()));
        assert_eq!((world.next(), world.taken(79)), (Some(80), String::new()));
        assert_eq!((world.taken(80), world.next()), ("a.md".to_owned(), Some(90)));
        assert_eq!((world.taken(90), world.next()), ("b.md".to_owned(), None));
        assert!(world.note(200, "a.md", Happening::File), "it rings again");
    }

    #[test]
    fn a_path_that_is_never_quiet_is_told_all_the_same() {
        let mut world = World::new();
        for ms in (0..=480).step_by(20) {
            world.note(ms, "a.md", Happening::File);
        }
        assert_eq!((world.taken(499), world.taken(500)), (String::new(), "a.md".to_owned()));
    }

    #[test]
    fn what_is_being_written_is_waited_for() {
        let mut world = World::new();
        world.note(0, "a.md", Happening::File);
        world.note(0, "a.md", Happening::Written);
        assert_eq!((world.taken(90), world.next()), (String::new(), Some(2_000)));
        assert!(world.note(100, "a.md", Happening::Closed), "it rings, for it is ripe earlier");
        assert_eq!((world.taken(149), world.taken(150)), (String::new(), "a.md".to_owned()));
        world.note(1_000, "a.md", Happening::Written);
        world.note(1_900, "a.md", Happening::Closed);
        assert_eq!(world.taken(1_900), "a.md", "it waited long enough");
        // A log that is never closed.
        world.note(3_000, "log.md", Happening::Written);
        assert_eq!(world.taken(5_000), "log.md");
    }

    #[test]
    fn a_burst_is_told_as_everything_when_it_is_over() {
        let mut world = World::new();
        for (ms, name) in [(0, "a.md"), (1, "b.md"), (2, "c.md"), (3, "d.md"), (4, "e.md"), (20, "f.md")] {
            world.note(ms, name, if ms == 20 { Happening::Gone } else { Happening::File });
        }
        assert_eq!((world.taken(69), world.next()), (String::new(), Some(70)));
        assert_eq!((world.taken(70), world.next()), ("everything -1".to_owned(), None));
        // One that does not end is told in pieces.
        for ms in 100..900 {
            world.note(ms, &format!("{ms}.md"), Happening::File);
        }
        assert_eq!(world.taken(600), "everything");
    }

    #[test]
    fn trouble_and_folders() {
        let mut world = World::new();
        let at = world.at(0);
        assert!(world.pending.meet(Hint::Folder("A".to_owned(), Happening::Gone), at));
        world.pending.meet(Hint::Folder("B".to_owned(), Happening::Came), at);
        world.note(10, "B/a.md", Happening::File);
        world.note(10, "A/b.md", Happening::FileGone);
        assert_eq!((world.taken(55), world.taken(60)), ("A/ B/ -1".to_owned(), "A/b.md B/a.md -1".to_owned()));
        assert!(world.pending.meet(Hint::Trouble(WatchError::Vanished), at));
        world.pending.meet(Hint::Trouble(WatchError::TooManyFolders { limit: None }), at);
        assert_eq!(world.taken(0), "the folder of the vault is gone", "at once, and the first");
    }
}
