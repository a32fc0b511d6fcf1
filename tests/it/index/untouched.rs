//! What a reindex leaves as it is: every note always, and the index where nothing changed.

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

use journal_engine::{Engine, Fresh, Reindex};
use journal_testkit::{TestVault, generate_notes};

use super::world::{dump, engine_over, everything, read, reindex, settle};

/// Every file and folder with its bytes and times, and which file it is.
fn traces(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime, String)> {
    let mut traces = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let metadata = fs::symlink_metadata(&entry).unwrap();
        let bytes = if metadata.is_dir() {
            traces.extend(self::traces(&entry));
            Vec::new()
        } else {
            fs::read(&entry).unwrap()
        };
        let name = entry.to_string_lossy().into_owned();
        traces.insert(name, (bytes, metadata.modified().unwrap(), more(&metadata)));
    }
    traces
}

#[cfg(unix)]
fn more(metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{} {} {} {:o}", metadata.ino(), metadata.ctime(), metadata.ctime_nsec(), metadata.mode())
}

#[cfg(not(unix))]
fn more(_: &fs::Metadata) -> String {
    String::new()
}

/// A vault with notes in which much is wrong that somebody might want to mend.
fn world() -> TestVault {
    let world = TestVault::from_fixture(
        "//- /Broken.md\n---\nid: [never\n---\n//- /Twice.md\n---\nid: twice\n---\n//- /A/Twice.md\n---\nid: twice\n---\n\
         //- /Cut.md\n---\nid: x\n//- /A/Empty.md\n//- /.obsidian/app.json\n{\"userIgnoreFilters\": [\"Left out/\"]}\n\
         //- /Left out/A.md\ntext\n//- /A/Name.sync-conflict-20260131-101112-ABCDEFG.md\n---\nid: y\n---\n",
    );
    world.write("Bytes.md", b"\xff\xfe\n");
    generate_notes(world.path(), 120, 3);
    world
}

#[test]
fn no_reindex_and_no_check_leaves_a_trace_on_a_note() {
    let world = world();
    let before = traces(world.path());
    let engine = engine_over(&world);
    for request in [
        everything(),
        everything(),
        Reindex { full: true, ..everything() },
        Reindex { paths: vec!["A".to_owned(), "Notes".to_owned()], ..everything() },
    ] {
        reindex(&engine, &request);
        assert_eq!(traces(world.path()), before, "{request:?}");
    }
    engine.check_index(&|_| {}).unwrap();
    drop(engine);
    assert_eq!(traces(world.path()), before);
}

/// The files of the index, with their bytes and when they were written. Who opens a log as root sets its owner again, which is
/// no write; and the memory that processes share is none of the index.
fn database(engine: &Engine) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let files = traces(&engine.state_path().unwrap()).into_iter();
    let own = files.filter(|(path, _)| path.contains("index.db") && !path.ends_with("-shm"));
    own.map(|(path, (bytes, modified, _))| (path, (bytes, modified))).collect()
}

#[test]
fn a_run_that_finds_nothing_changed_writes_nothing() {
    let world = world();
    let engine = engine_over(&world);
    settle(world.path());
    let built = reindex(&engine, &everything());
    assert_eq!(built.fresh, Fresh::Built);
    // What lies in the log of an open index, and what a closed one has: neither may change.
    for _ in 0..2 {
        let (before, generation) = (database(&engine), read(&engine, |index| index.generation()));
        let again = reindex(&engine, &everything());
        assert_eq!((again.seen, again.unchanged), (built.seen, built.seen), "{again:?}");
        assert!(database(&engine) == before, "the run wrote something");
        assert_eq!(read(&engine, |index| index.generation()), generation);
        world.write("New.md", "# New\n");
        settle(world.path());
        reindex(&engine, &everything());
        world.remove("New.md");
        reindex(&engine, &everything());
    }
    drop(engine);
    let engine = engine_over(&world);
    let before = database(&engine);
    reindex(&engine, &everything());
    drop(engine);
    assert!(database(&engine_over(&world)) == before, "the run wrote something");
}

#[test]
fn a_full_run_ends_where_it_began() {
    let world = world();
    let engine = engine_over(&world);
    settle(world.path());
    reindex(&engine, &everything());
    let before = dump(&engine);
    let report = reindex(&engine, &Reindex { full: true, ..everything() });
    assert_eq!((report.seen, report.deleted, report.added), (report.changed, 0, 0), "{report:?}");
    assert_eq!(dump(&engine), before);
}
