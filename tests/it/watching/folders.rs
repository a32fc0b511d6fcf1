//! Folders that come, go and move. The system tells of the folder, not of each note in it.

use std::fs;

use journal_testkit::TestVault;

use super::world::{DEADLINE, Watched, only_events};

fn vault() -> TestVault {
    let world = TestVault::new();
    for n in 0..30 {
        world.write(&format!("Old/Deep/er/{n}.md"), format!("note {n}\n"));
    }
    world.write("Other.md", "other\n");
    world
}

#[test]
fn a_folder_that_moves_takes_its_notes_along() {
    let world = vault();
    let watched = Watched::new(&world, only_events());
    world.rename("Old", "New");
    watched.until_equal(&world);
    // They were not read anew.
    watched.until_told(&["Compared", "added: 0", "moved: [(", "deleted: 0"]);
    // And is watched at its new place, under its new name.
    world.write("New/Deep/er/0.md", "changed\n");
    world.write("New/Deep/new.md", "new\n");
    watched.until_equal(&world);
    world.rename("New/Deep", "Deep");
    world.rename("Deep/er/1.md", "Deep/one.md");
    watched.until_equal(&world);
}

#[test]
fn a_folder_that_leaves_the_vault_is_forgotten_and_known_when_it_is_back() {
    let world = vault();
    let watched = Watched::new(&world, only_events());
    let outside = world.root().join("outside");
    // Nearly all notes: that they went was seen, so nobody has to be asked.
    fs::rename(world.join("Old"), &outside).unwrap();
    watched.until_equal(&world);
    assert_eq!(watched.hash("Old/Deep/er/0.md"), None);
    fs::write(outside.join("Deep/er/0.md"), "changed outside\n").unwrap();
    fs::rename(&outside, world.join("Back")).unwrap();
    watched.until_equal(&world);
    fs::remove_dir_all(world.join("Back")).unwrap();
    watched.until_equal(&world);
    // A folder that takes the place of another at once.
    world.write("Swap/a.md", "one\n");
    let other = world.root().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("b.md"), "two\n").unwrap();
    watched.until_equal(&world);
    fs::rename(world.join("Swap"), &outside).unwrap();
    fs::rename(&other, world.join("Swap")).unwrap();
    watched.until_equal(&world);
    assert!(watched.hash("Swap/a.md").is_none() && watched.hash("Swap/b.md").is_some());
}

#[test]
fn nothing_in_freshly_made_nested_folders_is_missed() {
    let world = vault();
    let watched = Watched::new(&world, only_events());
    for n in 0..12 {
        for m in 0..12 {
            world.write(&format!("{n}/a/b/{m}/c.md"), format!("{n} {m}\n"));
        }
    }
    watched.until_equal(&world);
    // As an unpacked archive does it, in another order each time.
    for n in 0..10 {
        fs::create_dir_all(world.join(&format!("Unpacked {n}/x/y/z"))).unwrap();
        world.write(&format!("Unpacked {n}/x/y/z/deep.md"), "deep\n");
        world.write(&format!("Unpacked {n}/x/flat.md"), "flat\n");
    }
    watched.until_equal(&world);
}

#[test]
fn empty_folders_and_other_files_cost_the_index_nothing() {
    let world = vault();
    let watched = Watched::new(&world, only_events());
    let before = super::world::generation(&watched.engine);
    for name in ["Empty", "Empty/er", "Pictures"] {
        fs::create_dir(world.join(name)).unwrap();
    }
    fs::write(world.join("Pictures/a.png"), "").unwrap();
    world.rename("Pictures/a.png", "Pictures/b.png");
    world.rename("Empty", "Emptier");
    world.remove("Emptier");
    super::world::put(&world, "last.md", "last");
    watched.until_indexed("last.md", "last");
    journal_testkit::poll_until(DEADLINE, "the last note", || {
        (super::world::generation(&watched.engine) == before + 1).then_some(())
    });
}
