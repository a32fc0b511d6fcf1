//! An index that is missing, removed, replaced, damaged, or of another version, under engines that are at work.

use std::{fs, path::Path};

use journal_engine::{Appended, Engine, Fresh, ReindexError};
use journal_model::{DiagnosticCode, NoteId, NoteRef};
use journal_testkit::TestVault;

use super::world::{
    assert_rebuilt, assert_tidy, engine_over, everything, overwrite, read, reindex, settle, state_file, try_reindex,
};
use crate::nothing_lost::world::{append, hydrate, serving, texts, thought};

const FILES: [&str; 3] = ["index.db", "index.db-wal", "index.db-shm"];

/// A vault, and an engine that has read and written it, with an index.
fn at_work() -> (TestVault, Engine, NoteId) {
    let world = TestVault::from_fixture("//- /Note.md\n---\nid: a-note\n---\nText.\n//- /Other.md\n[[Note]]\n");
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    let first = append(&engine, &thought(&serving("otter"), None, None, Some(1), "One."));
    (world, engine, first.session_id)
}

fn next(engine: &Engine, session: &NoteId, text: &str) -> Appended {
    append(engine, &thought(&serving("otter"), Some(session), None, None, text))
}

fn is_told(appended: &Appended) -> bool {
    appended.diagnostics.iter().any(|told| told.code == DiagnosticCode::Database)
}

/// Whatever the index is, everything but search goes on.
#[track_caller]
fn assert_goes_on(world: &TestVault, engine: &Engine, session: &NoteId, thoughts: &[&str]) {
    for engine in [engine, &engine_over(world)] {
        let mut expected: Vec<_> = thoughts.to_vec();
        expected.sort_unstable();
        assert_eq!(texts(&hydrate(engine, session)), expected);
        for reference in ["a-note", "Note.md", "Note", "[[note]]"] {
            assert_eq!(engine.show(&NoteRef::parse(reference).unwrap()).unwrap().path.as_str(), "Note.md");
        }
    }
}

#[test]
fn without_an_index_thoughts_are_written_and_none_is_made() {
    let world = TestVault::new();
    let engine = engine_over(&world);
    let first = append(&engine, &thought(&serving("otter"), None, None, Some(1), "One."));
    assert!(!is_told(&first), "{:?}", first.diagnostics);
    next(&engine, &first.session_id, "Two.");
    assert!(!state_file(&engine, "index.db").exists());
    assert!(matches!(engine.check_index(&|_| {}), Err(ReindexError::NoIndex)));
    assert_eq!(reindex(&engine, &everything()).fresh, Fresh::Built);
    assert!(!is_told(&next(&engine, &first.session_id, "Three.")));
    assert_eq!(read(&engine, |index| index.session_notes(&first.session_id)).len(), 4);
}

#[test]
fn an_index_that_is_removed_under_an_engine_is_not_missed() {
    let (world, engine, session) = at_work();
    for name in FILES {
        drop(fs::remove_file(state_file(&engine, name)));
    }
    assert!(!is_told(&next(&engine, &session, "Two.")));
    assert!(!state_file(&engine, "index.db").exists(), "only a reindex makes one");
    assert_goes_on(&world, &engine, &session, &["One.", "Two."]);
    assert_eq!(reindex(&engine, &everything()).fresh, Fresh::Built);
    next(&engine, &session, "Three.");
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "after the index was removed");
}

#[test]
fn an_index_that_another_process_replaced_is_the_one_that_counts() {
    let (world, engine, session) = at_work();
    let other = engine_over(&world);
    for name in FILES {
        drop(fs::remove_file(state_file(&engine, name)));
    }
    reindex(&other, &everything());
    let appended = next(&engine, &session, "Two.");
    assert!(!is_told(&appended));
    assert_eq!(read(&other, |index| index.by_path(&appended.thought.path)).len(), 1);
    let appended = next(&other, &session, "Three.");
    assert_eq!(read(&engine, |index| index.by_path(&appended.thought.path)).len(), 1);
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "after the index was replaced");
}

/// What somebody does to the file of a database.
type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 5] = [
    ("no database", |path| overwrite(path, |bytes| bytes.fill(b'x'))),
    ("its beginning is gone", |path| overwrite(path, |bytes| bytes[..4096].fill(0x5a))),
    ("its end is gone", |path| {
        let scratch = |bytes: &mut [u8]| {
            let half = bytes.len() / 2;
            bytes[half..].fill(0x5a);
        };
        overwrite(path, scratch);
    }),
    ("cut short", |path| replace(path, |bytes| bytes.truncate(bytes.len() / 3))),
    ("a short text", |path| replace(path, |bytes| *bytes = b"hello".to_vec())),
];

/// Puts another file in the place of this one.
fn replace(path: &Path, damage: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    damage(&mut bytes);
    let new = path.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, path).unwrap();
}

#[test]
fn a_damaged_index_stops_nobody_and_is_set_aside_by_the_next_run() {
    for (how, damage) in DAMAGES {
        for is_running in [true, false] {
            let (world, engine, session) = at_work();
            // Closed, so that the log is folded in and nothing of it mends the damage.
            let engine = if is_running { engine } else { drop_and_open(engine, &world) };
            let path = state_file(&engine, "index.db");
            damage(&path);
            let case = format!("{how}, running: {is_running}");
            next(&engine, &session, "Two.");
            assert_goes_on(&world, &engine, &session, &["One.", "Two."]);

            let engine = drop_and_open(engine, &world);
            let appended = next(&engine, &session, "Three.");
            let report = reindex(&engine, &everything());
            if let Fresh::Damaged { aside } = &report.fresh {
                assert!(aside.exists(), "{case}: {report:?}");
                assert!(is_told(&appended), "{case}: {:?}", appended.diagnostics);
            }
            settle(world.path());
            reindex(&engine, &everything());
            assert_rebuilt(&world, &engine, &case);
            assert_tidy(&engine);
            assert!(!is_told(&next(&engine, &session, "Four.")), "{case}");
        }
    }
}

fn drop_and_open(engine: Engine, world: &TestVault) -> Engine {
    drop(engine);
    engine_over(world)
}

/// Sets the layout that the database says it has, as another version of the program would have.
pub(super) fn set_layout(engine: &Engine, change: i64) {
    let database = rusqlite::Connection::open(state_file(engine, "index.db")).unwrap();
    let layout: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    database.pragma_update(None, "user_version", layout + change).unwrap();
}

#[test]
fn an_index_of_an_older_program_is_built_anew() {
    let (world, engine, session) = at_work();
    let engine = drop_and_open(engine, &world);
    set_layout(&engine, -1);
    assert!(!is_told(&next(&engine, &session, "Two.")));
    assert_goes_on(&world, &engine, &session, &["One.", "Two."]);
    let fresh = reindex(&engine, &everything()).fresh;
    // Before the first layout there was none.
    assert!(matches!(fresh, Fresh::Outdated | Fresh::Built), "{fresh:?}");
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "after an update of the program");
}

#[test]
fn an_index_of_a_newer_program_is_left_alone() {
    let (world, engine, session) = at_work();
    let engine = drop_and_open(engine, &world);
    set_layout(&engine, 1);
    let before = fs::read(state_file(&engine, "index.db")).unwrap();
    let appended = next(&engine, &session, "Two.");
    assert!(is_told(&appended), "{:?}", appended.diagnostics);
    assert_goes_on(&world, &engine, &session, &["One.", "Two."]);
    let error = try_reindex(&engine, &everything()).unwrap_err();
    assert!(error.to_string().contains("use the newer one"), "{error}");
    assert!(fs::read(state_file(&engine, "index.db")).unwrap() == before, "the index of a newer program was written");
    // The newer program finds what the older one wrote.
    set_layout(&engine, -1);
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "back under the newer program");
}
