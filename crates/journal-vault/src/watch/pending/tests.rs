//! What is told when, by a clock that is a parameter.

use proptest::{collection::vec, prelude::*};

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
        let Changes { notes, folders, everything, gone, trouble } = changes;
        let mut parts: Vec<String> = notes.iter().map(ToString::to_string).collect();
        parts.extend(folders.iter().map(|folder| format!("{folder}/")));
        parts.extend(everything.then(|| "everything".to_owned()));
        parts.extend((!gone.is_empty()).then(|| format!("-{}", gone.len())));
        parts.extend(trouble.map(|error| error.to_string()));
        parts.join(" ")
    }

    /// Takes away what is told of by now, and what is told to have gone.
    fn tell(&mut self, ms: u64, untold: &mut Vec<String>, gone: &mut BTreeSet<String>) {
        let (changes, _) = self.pending.take(self.at(ms));
        untold.retain(|path| {
            let is_note = changes.notes.iter().any(|note| note.as_str() == path);
            let is_inside =
                changes.folders.contains(path) || folders_around(path).any(|around| changes.folders.contains(around));
            !(is_note || is_inside || changes.everything)
        });
        gone.retain(|path| !changes.gone.contains(path));
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
fn a_burst_in_a_folder_leaves_the_others_their_time() {
    let mut world = World::new();
    world.note(0, "Daily/own.md", Happening::File);
    for n in 0..100 {
        world.note(
            10 + n,
            &format!("A/B/{}/{n}.md", n % 7),
            if n == 50 { Happening::FileGone } else { Happening::File },
        );
    }
    world.note(105, "Daily/other.md", Happening::Written);
    world.note(106, "A/B/0/0.md", Happening::Written);
    let at = world.at(107);
    world.pending.meet(Hint::Folder("A/B/7".to_owned(), Happening::Gone), at);
    assert_eq!((world.taken(108), world.next()), ("Daily/own.md".to_owned(), Some(157)));
    assert_eq!((world.taken(157), world.next()), ("A/B/ -2".to_owned(), Some(2_105)));
    assert_eq!(world.taken(2_105), "Daily/other.md");
    // One that grows out of its folder is told by the folder around; what was heard of it is not lost.
    for n in 0..10 {
        world.note(3_000, &format!("A/B/{n}.md"), Happening::FileGone);
    }
    for n in 0..10 {
        world.note(3_001, &format!("A/{n}/n.md"), Happening::File);
    }
    assert_eq!(world.taken(3_100), "A/ -10");
}

#[test]
fn a_burst_that_is_everywhere_is_told_as_everything() {
    let mut world = World::new();
    for n in 0..40 {
        world.note(n, &format!("{}/{n}.md", n % 10), Happening::File);
    }
    assert_eq!(world.taken(100), "everything");
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

proptest! {
    #[test]
    fn whatever_is_heard_is_told_with_all_that_went(
        heard in vec((0_u64..40, "[ab](/[abc]){0,3}", any::<bool>(), any::<bool>()), 0..200),
    ) {
        let mut world = World::new();
        let (mut ms, mut untold, mut gone) = (0, Vec::new(), BTreeSet::new());
        for (pause, path, is_folder, goes) in heard {
            ms += pause;
            let happening = if goes { Happening::Gone } else { Happening::File };
            let path = if is_folder { path } else { format!("{path}.md") };
            let hint = match path.parse() {
                Ok(note) if !is_folder => Hint::Note(note, happening),
                _ => Hint::Folder(path.clone(), happening),
            };
            let at = world.at(ms);
            world.pending.meet(hint, at);
            untold.push(path.clone());
            gone.extend(goes.then_some(path));
            world.tell(ms, &mut untold, &mut gone);
        }
        world.tell(ms + 500, &mut untold, &mut gone);
        prop_assert_eq!((untold, gone, world.next()), (vec![], BTreeSet::new(), None));
    }
}
