//! The ways in which programs save a note, each on a real file; and what of them is not indexed.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    sync::Arc,
    time::Duration,
};

use journal_engine::{Disk, Pace, Rhythm};
use journal_testkit::{TestVault, faults::FaultDisk};
use journal_vault::{Happening, Told};

use super::world::{Watched, generation, only_events, put};
use crate::nothing_lost::world::{append, serving, thought};

const NOTE: &str = "Notes/A note.md";

fn vault() -> TestVault {
    TestVault::from_fixture("//- /Notes/A note.md\nold\n//- /Notes/Other.md\nother\n")
}

#[test]
fn whatever_the_way_of_saving_the_index_follows() {
    let world = vault();
    let watched = Watched::new(&world, only_events());
    let (note, beside) = (world.join(NOTE), |name: &str| world.join("Notes").join(name));
    type Save<'a> = (&'a str, &'a dyn Fn(&str));
    let saves: [Save<'_>; 8] = [
        ("in place", &|text| fs::write(&note, text).unwrap()),
        ("in place, without a truncation", &|text| {
            let mut file = OpenOptions::new().write(true).open(&note).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.set_len(text.len() as u64).unwrap();
        }),
        ("a temporary file, renamed", &|text| {
            fs::write(beside(".note.tmp"), text).unwrap();
            fs::rename(beside(".note.tmp"), &note).unwrap();
        }),
        ("a temporary file that looks like a note, renamed", &|text| {
            fs::write(beside("tmp.md"), text).unwrap();
            fs::rename(beside("tmp.md"), &note).unwrap();
        }),
        ("removed, and made anew", &|text| {
            fs::remove_file(&note).unwrap();
            fs::write(&note, text).unwrap();
        }),
        ("as vim does", &|text| {
            fs::write(beside("4913"), "").unwrap();
            fs::remove_file(beside("4913")).unwrap();
            fs::rename(&note, beside("A note.md~")).unwrap();
            fs::write(&note, text).unwrap();
            fs::remove_file(beside("A note.md~")).unwrap();
        }),
        ("truncated, then written", &|text| {
            let mut file = File::create(&note).unwrap();
            file.sync_all().unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }),
        ("twice", &|text| {
            fs::write(&note, format!("not yet {text}")).unwrap();
            fs::write(&note, text).unwrap();
        }),
    ];
    for (round, (how, save)) in saves.iter().enumerate() {
        let text = format!("---\ntitle: {how}\n---\nround {round}\n");
        save(&text);
        watched.until_indexed(NOTE, &text);
    }
    watched.until_equal(&world);
    fs::remove_file(&note).unwrap();
    watched.until_equal(&world);
    assert_eq!(watched.hash(NOTE), None);
}

#[test]
fn a_renamed_note_keeps_its_row() {
    let world = TestVault::from_fixture("//- /a.md\n---\nid: 01kaj3q9zxabcdef\n---\nalpha\n//- /b.md\nbeta\n");
    let watched = Watched::new(&world, only_events());
    world.rename("a.md", "Else/where.md");
    world.rename("b.md", "c.md");
    watched.until_equal(&world);
    let id = "01kaj3q9zxabcdef".parse().unwrap();
    let rows = crate::index::world::read(&watched.engine, |index| index.by_id(&id));
    assert_eq!((rows.len(), rows[0].path.as_str()), (1, "Else/where.md"));
}

/// A program that has a note open has not saved it yet.
#[cfg(target_os = "linux")]
#[test]
fn a_note_that_is_being_written_is_not_indexed_half() {
    let world = vault();
    let never = Duration::from_secs(24 * 60 * 60);
    let pace = Pace { held: never, ..Pace::default() };
    let watched = Watched::new(&world, Rhythm { pace, ..only_events() });
    let mut file = OpenOptions::new().write(true).open(world.join(NOTE)).unwrap();
    file.write_all(b"the first half, ").unwrap();
    // Whoever is told of this one has heard of the other, too.
    for round in 0..3 {
        put(&world, "Notes/Other.md", &format!("round {round}"));
        watched.until_indexed("Notes/Other.md", format!("round {round}"));
    }
    let old = journal_vault::ContentHash::of(b"old\n").get();
    assert_eq!(watched.hash(NOTE), Some(old), "it is as it was");
    file.write_all(b"and the second").unwrap();
    drop(file);
    watched.until_indexed(NOTE, "the first half, and the second");
}

#[test]
fn what_is_no_note_or_left_out_is_not_indexed() {
    let world = vault();
    world.write(".obsidian/app.json", r#"{"userIgnoreFilters": ["Templates/"]}"#);
    let watched = Watched::new(&world, only_events());
    world.write("Templates/Daily.md", "left out");
    world.write("picture.png", "none");
    put(&world, "last.md", "last");
    watched.until_indexed("last.md", "last");
    assert_eq!(watched.hash("Templates/Daily.md"), None);
    // A person changes what is left out.
    world.write(".obsidian/app.json", r#"{"userIgnoreFilters": ["Notes/"]}"#);
    watched.until_indexed("Templates/Daily.md", "left out");
    journal_testkit::poll_until(super::world::DEADLINE, "the others to be left out", || {
        watched.hash(NOTE).is_none().then_some(())
    });
}

/// They count under the names of their targets.
#[cfg(unix)]
#[test]
fn links_are_no_notes_of_their_own() {
    use std::os::unix::fs::symlink;
    let world = vault();
    let watched = Watched::new(&world, only_events());
    symlink(world.join(NOTE), world.join("Link.md")).unwrap();
    symlink(world.join("Notes"), world.join("Linked")).unwrap();
    symlink(world.root().join("home"), world.join("Outside")).unwrap();
    put(&world, "last.md", "last");
    watched.until_indexed("last.md", "last");
    assert_eq!((watched.hash("Link.md"), watched.hash("Linked/Other.md")), (None, None));
    // A note gives its place to a link.
    fs::remove_file(world.join("Notes/Other.md")).unwrap();
    symlink(world.join(NOTE), world.join("Notes/Other.md")).unwrap();
    watched.until_equal(&world);
    assert_eq!(watched.hash("Notes/Other.md"), None);
}

#[test]
fn the_echoes_of_our_own_writes_write_nothing() {
    let world = vault();
    let disk = Arc::new(FaultDisk::new());
    let watched = Watched::on(&world, Arc::clone(&disk) as Arc<dyn Disk>, only_events());
    watched.until_compared();
    // One process writes, and another one watches.
    let other = crate::nothing_lost::world::engine(&world);
    let agent = serving("otter");
    let first = append(&other, &thought(&agent, None, None, None, "The first thought."));
    let mut written = first.written;
    for n in 0..5 {
        let next = append(&other, &thought(&agent, Some(&first.session_id), None, None, &format!("Thought {n}.")));
        written.extend(next.written);
    }
    // Whoever is told of this one has heard of the others, too.
    put(&world, "last.md", "last");
    watched.until_indexed("last.md", "last");
    watched.until_equal(&world);
    let before = generation(&watched.engine);
    for note in &written {
        for happening in [Happening::Came, Happening::File, Happening::Closed] {
            disk.tell_watch(Told::Happened(world.join(note.path.as_str()), happening));
        }
    }
    put(&world, "last.md", "after the echoes");
    watched.until_indexed("last.md", "after the echoes");
    assert_eq!(generation(&watched.engine), before + 1, "only the last note was written to the index");
}
