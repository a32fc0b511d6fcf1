//! What changed while nobody looked, or looks as it did.

use std::{fs, time::Duration};

use journal_engine::Rhythm;
use journal_testkit::{TestVault, poll_until};
use journal_vault::ContentHash;

use super::world::{DEADLINE, Watched, generation, only_events};
use crate::index::world::{engine_over, everything, overwrite, reindex, settle};

fn vault() -> TestVault {
    let world = TestVault::new();
    for n in 0..20 {
        world.write(&format!("Notes/{n}.md"), format!("note {n}\n"));
    }
    world
}

#[test]
fn what_changed_while_nobody_led_is_found() {
    let world = vault();
    drop(Watched::new(&world, only_events()));
    world.write("Notes/0.md", "changed\n");
    world.write("New.md", "new\n");
    world.remove("Notes/1.md");
    world.rename("Notes/2.md", "Moved.md");
    let watched = Watched::new(&world, only_events());
    watched.until_equal(&world);
    watched.until_told(&["Compared", "added: 1", "changed: 1", "Moved.md", "deleted: 1"]);
}

#[test]
fn passes_that_find_nothing_write_nothing() {
    let world = vault();
    settle(world.path());
    reindex(&engine_over(&world), &everything());
    let watched = Watched::new(&world, Rhythm { pass: Duration::from_millis(5), ..only_events() });
    let before = generation(&watched.engine);
    // Under way it is told in full once a minute, so it is counted by what it reads: `reindex.lock` has a holder at each pass.
    let lock = crate::index::world::state_file(&watched.engine, "reindex.lock");
    let first = fs::metadata(&lock).unwrap().modified().unwrap();
    poll_until(DEADLINE, "more passes", || (fs::metadata(&lock).unwrap().modified().unwrap() > first).then_some(()));
    assert_eq!(generation(&watched.engine), before);
}

/// As after a restore from a backup that sets all times, or on a file system whose clock stands still.
#[test]
fn a_note_that_looks_as_it_did_is_found_by_its_content() {
    let world = vault();
    settle(world.path());
    reindex(&engine_over(&world), &everything());
    // The index is told another content of the same file, with all that its signature says.
    let (path, hash) = (world.join("Notes/7.md"), ContentHash::of(b"note 7\n").get());
    let old = fs::metadata(&path).unwrap().modified().unwrap();
    overwrite(&path, |bytes| bytes.copy_from_slice(b"other!\n"));
    fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
    pretend_unchanged(&world, "Notes/7.md");
    let watched = Watched::new(&world, only_events());
    assert_eq!(watched.hash("Notes/7.md"), Some(hash), "no signature shows it");
    drop(watched);
    let watched = Watched::new(&world, Rhythm { hashes: Duration::from_millis(1), ..only_events() });
    watched.until_indexed("Notes/7.md", "other!\n");
    poll_until(DEADLINE, "the end of the pass", || watched.engine.leader().unwrap()?.read_whole);
    watched.until_equal(&world);
}

/// Gives the index the file's signature of now, beside the content of before.
fn pretend_unchanged(world: &TestVault, path: &str) {
    use std::os::unix::fs::MetadataExt;
    let now = fs::metadata(world.join(path)).unwrap();
    let database = crate::index::world::state_file(&engine_over(world), "index.db");
    let connection = rusqlite::Connection::open(database).unwrap();
    let changed = now.ctime() * 1_000_000_000 + now.ctime_nsec();
    let modified = now.mtime() * 1_000_000_000 + now.mtime_nsec();
    let sql = "UPDATE notes SET changed_ns = ?1, mtime_ns = ?2 WHERE path = ?3";
    assert_eq!(connection.execute(sql, (changed, modified, path)).unwrap(), 1);
}
