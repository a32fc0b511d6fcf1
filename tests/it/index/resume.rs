//! Notes and sessions found by id, whatever has become of their files since they were indexed and whatever has become of the
//! index: an answer is read from the file, never from a row.

use std::{fs, time::Duration};

use journal_engine::{Engine, FoundBy};
use journal_model::{NoteId, NoteRef};
use journal_testkit::{TestVault, generate_notes, poll_until};

use super::world::{assert_rebuilt, engine_over, everything, overwrite, read, reindex, settle, state_file};
use crate::nothing_lost::world::{append, hydrate, serving, texts, thought};

/// A vault with an index, and notes with ids.
fn world() -> (TestVault, Engine) {
    let world = TestVault::from_fixture(
        "//- /A/One.md\n---\nid: note-one\n---\nFirst.\n//- /A/Two.md\n---\nid: note-two\n---\nSecond. [[One]]\n\
         //- /B/Three.md\n---\nid: note-three\n---\nThird.\n",
    );
    generate_notes(world.path(), 60, 5);
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    (world, engine)
}

#[track_caller]
fn place(engine: &Engine, id: &str) -> String {
    let id: NoteId = id.parse().unwrap();
    let shown = engine.show(&NoteRef::from(&id)).unwrap_or_else(|error| panic!("`{id}`: {error}"));
    assert_eq!((shown.id.as_ref(), shown.found_by), (Some(&id), FoundBy::Id));
    assert!(shown.text.contains(id.as_str()), "`{}` does not say so", shown.path);
    shown.path.to_string()
}

fn is_known(engine: &Engine, id: &str) -> Vec<String> {
    let rows = read(engine, |index| index.by_id(&id.parse().unwrap()));
    rows.into_iter().map(|row| row.path.to_string()).collect()
}

/// Waits for the repair that a read has asked for.
#[track_caller]
fn assert_repaired(engine: &Engine, id: &str, paths: &[&str]) {
    poll_until(Duration::from_secs(10), &format!("`{id}` to be known at {paths:?}"), || {
        (is_known(engine, id) == paths).then_some(())
    });
}

#[test]
fn a_note_that_was_moved_outside_is_found_and_its_row_repaired() {
    let (world, engine) = world();
    world.rename("A/One.md", "C/Deep/Uno.md");
    assert_eq!(is_known(&engine, "note-one"), ["A/One.md"]);
    assert_eq!(place(&engine, "note-one"), "C/Deep/Uno.md");
    assert_repaired(&engine, "note-one", &["C/Deep/Uno.md"]);
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "after a repair");
}

#[test]
fn a_folder_that_was_moved_outside_is_found() {
    let (world, engine) = world();
    world.rename("A", "Archive/A");
    assert_eq!(place(&engine, "note-two"), "Archive/A/Two.md");
    assert_eq!(place(&engine, "note-one"), "Archive/A/One.md");
}

#[test]
fn an_id_that_was_edited_outside_counts_where_it_stands_now() {
    let (world, engine) = world();
    // Two notes exchange their ids, and a third one loses its own.
    world.write("A/One.md", "---\nid: note-two\n---\nFirst.\n");
    world.write("A/Two.md", "---\nid: note-one\n---\nSecond.\n");
    world.write("B/Three.md", "Third.\n");
    assert_eq!([place(&engine, "note-one"), place(&engine, "note-two")], ["A/Two.md", "A/One.md"]);
    let gone: NoteId = "note-three".parse().unwrap();
    assert!(engine.show(&NoteRef::from(&gone)).is_err(), "no note says so any more");
    assert_repaired(&engine, "note-one", &["A/Two.md"]);
    assert_repaired(&engine, "note-three", &[]);
}

#[test]
fn a_note_that_was_removed_outside_is_gone_at_once() {
    let (world, engine) = world();
    world.remove("A/One.md");
    assert!(engine.show(&NoteRef::from(&"note-one".parse::<NoteId>().unwrap())).is_err());
    assert_repaired(&engine, "note-one", &[]);
    // Another note that takes the place is not taken for it.
    world.write("A/One.md", "---\nid: somebody-else\n---\n");
    assert!(engine.show(&NoteRef::from(&"note-one".parse::<NoteId>().unwrap())).is_err());
    assert_eq!(place(&engine, "somebody-else"), "A/One.md");
}

#[test]
fn an_edit_that_no_time_shows_is_shown() {
    let (world, engine) = world();
    let path = world.join("B/Three.md");
    let modified = path.metadata().unwrap().modified().unwrap();
    world.write("B/Three.md", "---\nid: note-three\n---\nOther.\n");
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let shown = engine.show(&NoteRef::parse("note-three").unwrap()).unwrap();
    assert!(shown.text.ends_with("Other.\n"), "{}", shown.text);
}

/// What becomes of the index while sessions go on.
type Loss = fn(&Engine);

const LOSSES: [(&str, Loss); 4] = [
    ("present", |_| {}),
    ("removed", |engine| {
        for name in ["index.db", "index.db-wal", "index.db-shm"] {
            drop(fs::remove_file(state_file(engine, name)));
        }
    }),
    ("damaged", |engine| overwrite(&state_file(engine, "index.db"), |bytes| bytes.fill(b'x'))),
    ("damaged in places", |engine| {
        let scratch = |bytes: &mut [u8]| bytes.chunks_mut(4096).skip(1).step_by(3).for_each(|part| part.fill(0x5a));
        overwrite(&state_file(engine, "index.db"), scratch);
    }),
];

#[test]
fn an_id_that_another_process_returned_a_moment_ago_always_works() {
    for (how, lose) in LOSSES {
        let (world, engine) = world();
        lose(&engine);
        let other = engine_over(&world);
        let mut session: Option<NoteId> = None;
        let mut expected = Vec::new();
        for n in 1..=6_u32 {
            // By turns: each process joins and loads what the one before it returned.
            let by = if n % 2 == 0 { &engine } else { &other };
            let text = format!("Thought {n} with the index {how}.");
            let appended = append(by, &thought(&serving("otter"), session.as_ref(), None, Some(n), &text));
            expected.push(text);
            let reader = if n % 2 == 0 { &other } else { &engine };
            assert_eq!(texts(&hydrate(reader, &appended.session_id)), expected, "{how}");
            let id = appended.thought.id.as_ref().unwrap();
            assert_eq!(place(reader, id.as_str()), appended.thought.path.as_str(), "{how}");
            session = Some(appended.session_id);
        }
        // A syncer brings a session of another machine, which no process of this one wrote.
        world.write("Synced/S.md", "---\nid: synced-session\ntype: thinking-session\ntitle: Synced\n---\n");
        world.write(
            "Synced/T.md",
            "---\nid: synced-1\ntype: thought\nsession_note_id: synced-session\nthought_number: 1\n---\nFrom afar.\n",
        );
        for engine in [&engine, &other, &engine_over(&world)] {
            assert_eq!(texts(&hydrate(engine, &"synced-session".parse().unwrap())), ["From afar.\n"], "{how}");
        }
    }
}

#[test]
fn a_session_whose_notes_were_moved_outside_is_whole() {
    let (world, engine) = world();
    let first = append(&engine, &thought(&serving("otter"), None, None, Some(1), "One."));
    let session = first.session_id;
    append(&engine, &thought(&serving("otter"), Some(&session), None, None, "Two."));
    let folder = first.session_path.unwrap().folder().to_owned();
    world.rename(&folder, "Archive/Session");
    assert_eq!(texts(&hydrate(&engine, &session)), ["One.", "Two."]);
    let third = append(&engine, &thought(&serving("otter"), Some(&session), None, None, "Three."));
    assert_eq!(third.thought.path.folder(), "Archive/Session");
    // One thought alone is moved elsewhere, another is edited by hand.
    world.rename(third.thought.path.as_str(), "Elsewhere/Third.md");
    assert_eq!(texts(&hydrate(&engine, &session)), ["One.", "Three.", "Two."]);
    assert_eq!(texts(&hydrate(&engine_over(&world), &session)), ["One.", "Three.", "Two."]);
}
