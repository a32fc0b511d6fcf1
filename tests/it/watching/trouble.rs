//! Watches that fail, and vaults that go away: somebody sees it, and nothing stays unseen.

use std::{fs, sync::Arc, time::Duration};

use journal_engine::{Disk, EventQuery, Rhythm, Watches};
use journal_testkit::{TestVault, faults::FaultDisk, poll_until};
use journal_vault::{Happening, Told, WatchError};

use super::world::{DEADLINE, Watched, only_events};

fn vault() -> TestVault {
    let world = TestVault::from_fixture("//- /.journal/config.toml\nid = \"nothing-lost\"\n//- /a.md\nalpha\n");
    for n in 0..40 {
        world.write(&format!("Notes/{n}.md"), format!("note {n}\n"));
    }
    world
}

fn watched_on(world: &TestVault, disk: &Arc<FaultDisk>, rhythm: Rhythm) -> Watched {
    Watched::on(world, Arc::clone(disk) as Arc<dyn Disk>, rhythm)
}

/// What agents are told of the watch.
fn events(watched: &Watched) -> Vec<String> {
    let events = watched.engine.events(&EventQuery::Since { seq: 0, limit: 1_000 }).unwrap();
    let told = events.into_iter().filter(|event| event.name == "journal");
    told.map(|event| format!("{}: {}", event.kind, event.detail.unwrap_or_default())).collect()
}

/// A rhythm in which it is soon tried again.
fn eager() -> Rhythm {
    Rhythm { again: Duration::from_millis(50), attempt: Duration::from_millis(50), ..only_events() }
}

#[test]
fn events_that_were_lost_are_made_up_for() {
    let world = vault();
    let disk = Arc::new(FaultDisk::new());
    let watched = watched_on(&world, &disk, only_events());
    watched.until_compared();
    disk.lose_events(true);
    world.write("a.md", "changed\n");
    world.write("New/b.md", "new\n");
    world.remove("Notes/0.md");
    // In its queue are fewer places than things happened.
    disk.tell_watch(Told::Missed);
    watched.until_equal(&world);
}

#[test]
fn without_watches_the_notes_are_compared_now_and_then_and_watched_when_there_are_some() {
    let world = vault();
    let disk = Arc::new(FaultDisk::new());
    disk.refuse_watches(true);
    let watched = watched_on(&world, &disk, only_events());
    watched.until_told(&["Polling", "the system's limit of watched folders is reached (8192)"]);
    watched.until_compared();
    world.write("a.md", "changed\n");
    world.write("New/b.md", "new\n");
    watched.until_equal(&world);
    let standing = watched.engine.leader().unwrap().unwrap();
    let Watches::Polling { hint, .. } = standing.watches else { panic!("{standing:?}") };
    assert!(hint.starts_with("sudo sysctl fs.inotify.max_user_watches=524288;"), "{hint}");
    assert_eq!(events(&watched), ["watch-failed: the system's limit of watched folders is reached (8192)"]);
    drop(watched);

    let watched = watched_on(&world, &disk, eager());
    watched.until_told(&["Polling"]);
    disk.refuse_watches(false);
    watched.until_told(&["Watches(Events)"]);
    poll_until(DEADLINE, "the agents to be told", || {
        events(&watched).last().is_some_and(|last| last.starts_with("watch-recovered")).then_some(())
    });
    world.write("a.md", "changed again\n");
    watched.until_equal(&world);
    assert_eq!(watched.engine.leader().unwrap().unwrap().watches, Watches::Events);
}

#[test]
fn a_watch_that_breaks_is_made_anew_and_nothing_is_missed_in_between() {
    let world = vault();
    let disk = Arc::new(FaultDisk::new());
    let watched = watched_on(&world, &disk, eager());
    watched.until_compared();
    disk.refuse_watches(true);
    disk.tell_watch(Told::Failed(WatchError::TooManyFolders { limit: None }));
    watched.until_told(&["Polling"]);
    world.write("Unwatched/b.md", "new\n");
    disk.refuse_watches(false);
    watched.until_told(&["Watches(Events)"]);
    watched.until_equal(&world);
}

#[test]
fn a_vault_that_goes_away_is_waited_for() {
    let world = vault();
    let watched = Watched::new(&world, eager());
    let away = world.root().join("away");
    fs::rename(world.path(), &away).unwrap();
    watched.until_told(&["Away", "the folder of the vault is gone"]);
    fs::write(away.join("a.md"), "changed while it was away\n").unwrap();
    fs::rename(&away, world.path()).unwrap();
    watched.until_told(&["Watches(Events)"]);
    watched.until_equal(&world);
    world.write("b.md", "watched again\n");
    watched.until_equal(&world);
}

#[test]
fn a_vault_comes_back_as_another_folder_and_an_empty_one_is_not_it() {
    let world = vault();
    let watched = Watched::new(&world, eager());
    let away = world.root().join("away");
    fs::rename(world.path(), &away).unwrap();
    // What an unmounted disk leaves behind.
    fs::create_dir(world.path()).unwrap();
    watched.until_told(&["Away", "the folder of the vault is gone"]);
    assert!(watched.hash("a.md").is_some(), "nothing is forgotten");
    fs::remove_dir(world.path()).unwrap();
    // Mounted again, it is another folder to the system.
    let copy = world.root().join("copy");
    journal_testkit::copy_tree(&away, &copy);
    fs::write(copy.join("a.md"), "changed while it was away\n").unwrap();
    fs::rename(&copy, world.path()).unwrap();
    watched.until_told(&["Watches(Events)"]);
    watched.until_equal(&world);
    world.write("b.md", "watched again\n");
    watched.until_equal(&world);
}

/// Nothing is told of what is in a folder on which something was mounted since.
#[test]
fn what_is_mounted_while_it_watches_is_watched_too_and_a_network_is_compared() {
    let world = vault();
    let disk = Arc::new(FaultDisk::new());
    let watched = watched_on(&world, &disk, only_events());
    watched.until_compared();
    disk.lose_events(true);
    world.write("Notes/on the drive.md", "mounted\n");
    let notes = world.join("Notes");
    disk.mount(&[(&notes, "tmpfs")]);
    watched.until_told(&["Watches(Events)"]);
    watched.until_equal(&world);
    disk.mount(&[(&notes, "nfs4")]);
    watched.until_told(&["Polling", "`Notes` lies on a network file system (`nfs4`)"]);
    world.write("Notes/from another machine.md", "unseen\n");
    watched.until_equal(&world);
    // What the system tells is followed all the same.
    disk.mount(&[]);
    watched.until_told(&["Watches(Events)"]);
    watched.until_equal(&world);
}

#[test]
fn notes_that_nobody_was_seen_to_remove_are_not_forgotten() {
    let world = vault();
    let disk = Arc::new(FaultDisk::new());
    let moment = Duration::from_millis(1);
    let watched = watched_on(&world, &disk, Rhythm { hashes: moment, rest: moment, ..only_events() });
    watched.until_compared();
    // A mount inside the vault goes: its folder looks empty.
    disk.lose_events(true);
    let outside = world.root().join("outside");
    fs::rename(world.join("Notes"), &outside).unwrap();
    // That somebody removes a note elsewhere says nothing of them.
    world.remove("a.md");
    disk.tell_watch(Told::Happened(world.join("a.md"), Happening::FileGone));
    disk.tell_watch(Told::Missed);
    watched.until_told(&["Failed", "indexed notes are gone from the vault"]);
    // Whoever reads a few notes at a time does not forget them a few at a time.
    for _ in 0..2 {
        let read = || watched.engine.leader().unwrap().unwrap().read_whole;
        let before = read();
        poll_until(DEADLINE, "another look at all content", || (read() > before).then_some(()));
    }
    assert_eq!((0..40).filter(|n| watched.hash(&format!("Notes/{n}.md")).is_none()).count(), 0);
    let told = events(&watched);
    assert!(told.iter().any(|told| told.contains("indexed notes are gone")), "{told:?}");
    fs::rename(&outside, world.join("Notes")).unwrap();
    disk.tell_watch(Told::Missed);
    watched.until_told(&["Recovered"]);
    watched.until_equal(&world);
}
