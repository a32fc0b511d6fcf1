//! Real files under a real watch, and what is said when there can be none.

use std::{
    fs,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
};

use super::*;
use crate::RealDisk;

/// A test that hears nothing for so long has failed.
const DEADLINE: Duration = Duration::from_secs(60);

struct World {
    vault: Vault,
    watch: Watch,
    rings: Receiver<()>,
    folder: tempfile::TempDir,
}

impl World {
    /// Watches a vault that `make` has filled.
    fn new(make: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("vault");
        fs::create_dir(&root).unwrap();
        make(&root);
        let vault = Vault::open(&root, Arc::new(RealDisk)).unwrap();
        let (ring, rings) = channel();
        let watch = vault.watch(Pace::default(), move || _ = ring.send(())).unwrap();
        Self { vault, watch, rings, folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.vault.root().join(path)
    }

    fn write(&self, path: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), path).unwrap();
    }

    /// Gathers what is told until it is enough.
    #[track_caller]
    fn until(&self, what: &str, is_enough: impl Fn(&Changes) -> bool) -> Changes {
        let deadline = Instant::now() + DEADLINE;
        let mut all = Changes::default();
        loop {
            let (changes, next) = self.watch.take();
            all.add(changes);
            if is_enough(&all) {
                return all;
            }
            let now = Instant::now();
            assert!(now < deadline, "waited in vain for {what}: {all:?}");
            // A ring that was for what is taken by now does no harm.
            _ = self.rings.recv_timeout(next.unwrap_or(deadline).saturating_duration_since(now));
        }
    }

    /// What is told up to a note that is written now.
    #[track_caller]
    fn told(&self) -> Changes {
        self.write("last.md");
        let mut told = self.until("a note", |all| all.notes.iter().any(|path| path.as_str() == "last.md"));
        told.notes.retain(|path| path.as_str() != "last.md");
        told
    }
}

fn names(changes: &Changes) -> Vec<&str> {
    changes.notes.iter().map(VaultPath::as_str).chain(changes.folders.iter().map(String::as_str)).collect()
}

#[test]
fn each_way_of_saving_tells_of_the_note() {
    let world = World::new(|root| fs::write(root.join("a.md"), "old").unwrap());
    let a = world.path("a.md");
    let beside = |name: &str| world.path(name);
    let saves: [(&str, &dyn Fn()); 5] = [
        ("in place", &|| fs::write(&a, "in place").unwrap()),
        ("by a temporary file", &|| {
            fs::write(beside(".a.md.tmp"), "new").unwrap();
            fs::rename(beside(".a.md.tmp"), &a).unwrap();
        }),
        ("removed and made anew", &|| {
            fs::remove_file(&a).unwrap();
            fs::write(&a, "anew").unwrap();
        }),
        ("as vim does", &|| {
            fs::rename(&a, beside("a.md~")).unwrap();
            fs::write(&a, "vim").unwrap();
            fs::remove_file(beside("a.md~")).unwrap();
        }),
        ("from elsewhere", &|| {
            let elsewhere = world.folder.path().join("elsewhere");
            fs::write(&elsewhere, "moved in").unwrap();
            fs::rename(elsewhere, &a).unwrap();
        }),
    ];
    for (how, save) in saves {
        save();
        let told = world.until(how, |all| all.notes.iter().any(|path| path.as_str() == "a.md"));
        assert!(!told.everything && told.trouble.is_none(), "{how}: {told:?}");
    }
}

#[test]
fn what_is_no_note_is_not_told() {
    let world = World::new(|root| fs::create_dir_all(root.join(".obsidian")).unwrap());
    for path in [".obsidian/workspace.json", ".git/objects/ab/cd.md", "picture.png", ".hidden.md", "Notes/.trash/x.md"]
    {
        world.write(path);
    }
    fs::read(world.path("picture.png")).unwrap();
    let told = world.told();
    assert_eq!((names(&told), told.everything), (vec!["Notes"], false));
    world.write(".obsidian/app.json");
    world.until("other notes to be left out", |all| all.everything);
}

#[test]
fn folders_that_come_and_go_are_told_as_folders() {
    let world = World::new(|root| {
        fs::create_dir_all(root.join("Old/Deep")).unwrap();
        fs::write(root.join("Old/Deep/x.md"), "").unwrap();
    });
    fs::rename(world.path("Old"), world.path("New")).unwrap();
    let told = world.told();
    assert!(told.folders.contains("Old") && told.folders.contains("New") && told.gone.contains("Old"), "{told:?}");
    // It is watched at its new place.
    world.write("New/Deep/y.md");
    assert!(names(&world.told()).contains(&"New/Deep/y.md"));
    let outside = world.folder.path().join("outside");
    fs::rename(world.path("New"), &outside).unwrap();
    assert!(world.told().folders.contains("New"));
    fs::write(outside.join("Deep/z.md"), "").unwrap();
    assert_eq!(names(&world.told()), Vec::<&str>::new(), "it is out of the vault");
    fs::rename(&outside, world.path("Back")).unwrap();
    assert!(world.told().folders.contains("Back"));
    fs::remove_dir_all(world.path("Back")).unwrap();
    let told = world.told();
    assert!(told.folders.contains("Back") && told.gone.contains("Back"), "{told:?}");
}

/// The system cannot tell of files in a folder that it does not watch yet: whoever looks into the folders that are told has to
/// find them all.
#[test]
fn nothing_is_missed_in_new_nested_folders() {
    let world = World::new(|_| ());
    let mut expected = BTreeSet::new();
    for n in 0..20 {
        for m in 0..5 {
            let path = format!("{n}/a/b/{m}/c/d.md");
            world.write(&path);
            expected.insert(path.parse::<VaultPath>().unwrap());
        }
    }
    let mut found = BTreeSet::new();
    let deadline = Instant::now() + DEADLINE;
    while !found.is_superset(&expected) {
        let told = world.until("something", |all| !all.is_empty());
        found.extend(told.notes);
        if told.everything {
            found.extend(world.vault.walk_names().unwrap().notes);
        }
        for folder in told.folders {
            found.extend(world.vault.notes_in(&folder).unwrap());
        }
        assert!(Instant::now() < deadline, "{} of {}", found.len(), expected.len());
    }
}

#[test]
fn a_burst_is_told_as_everything() {
    let world = World::new(|_| ());
    for n in 0..1_000 {
        world.write(&format!("{n}.md"));
    }
    world.until("everything", |all| all.everything);
}

#[test]
fn a_vault_that_goes_away_is_told() {
    let world = World::new(|_| ());
    fs::rename(world.vault.root(), world.folder.path().join("away")).unwrap();
    let told = world.until("trouble", |all| all.trouble.is_some());
    assert!(matches!(told.trouble, Some(WatchError::Vanished)), "{told:?}");
    let watched = world.vault.watch(Pace::default(), || ());
    assert!(matches!(watched, Err(WatchError::Vanished)), "{watched:?}");
}

#[test]
fn network_file_systems_are_known() {
    for kind in ["nfs4", "cifs", "fuse.sshfs", "9p", "vboxsf", "unc"] {
        assert!(is_network(kind), "{kind}");
    }
    for kind in ["ext4", "btrfs", "tmpfs", "overlay", "fuse.gocryptfs", "fuseblk", "apfs"] {
        assert!(!is_network(kind), "{kind}");
    }
}

#[test]
fn a_limit_says_how_it_is_raised() {
    let error = WatchError::TooManyFolders { limit: Some(1_000_000) };
    assert_eq!(error.to_string(), "the system's limit of watched folders is reached (1000000)");
    assert!(error.hint().starts_with("sudo sysctl fs.inotify.max_user_watches=2000000;"), "{}", error.hint());
    let unknown = WatchError::TooManyWatchers { limit: None };
    assert!(unknown.hint().starts_with("sudo sysctl fs.inotify.max_user_instances=1024;"), "{}", unknown.hint());
}
