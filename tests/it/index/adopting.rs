//! An index that is built anew has the vectors of the one before: no text is embedded twice.

use std::fs;

use journal_engine::Engine;
use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{
    damage::set_layout,
    world::{assert_tidy, assert_whole, engine_over, everything, overwrite, reindex, state_file},
};

const NOTES: u64 = 12;

/// A vault whose texts all have a vector, and the command over it.
fn world() -> (TestVault, JournalCommand) {
    let world = TestVault::from_fixture("//- /.journal/config.toml\nid = \"nothing-lost\"\n");
    for n in 0..NOTES {
        world.write(&format!("Notes/N{n:02}.md"), format!("Note {n} is about the {n}th apple of the orchard.\n"));
    }
    let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &world).env("JOURNAL_DATA_DIR", world.data_home());
    assert_eq!(run(&journal, &[])["embedded"]["new"], NOTES);
    (world, journal)
}

fn run(journal: &JournalCommand, arguments: &[&str]) -> Value {
    let output = journal.run(&[&["reindex", "--json"], arguments].concat()).assert_ok();
    serde_json::from_str(&output.stdout).unwrap()
}

#[track_caller]
fn assert_all_kept(answer: &Value, engine: &Engine) {
    assert_eq!((&answer["vectors_kept"], &answer["vectors_lost"]), (&NOTES.into(), &Value::Null), "{answer}");
    assert_none_made(answer, engine);
}

#[track_caller]
fn assert_none_made(answer: &Value, engine: &Engine) {
    let embedded = &answer["embedded"];
    assert_eq!((&embedded["new"], &embedded["with_vector"]), (&0.into(), &NOTES.into()), "{answer}");
    assert_whole(engine, "with the vectors of another index");
    assert!(!state_file(engine, "index.db.outdated").exists());
    assert_tidy(engine);
}

#[test]
fn an_index_of_an_older_layout_gives_its_vectors_to_the_next() {
    let (world, journal) = world();
    let engine = engine_over(&world);
    set_layout(&engine, -1);
    let answer = run(&journal, &[]);
    assert_eq!(answer["fresh"], "outdated");
    assert_all_kept(&answer, &engine);
    // Killed between the two: the old one is out of the way, and no other is there yet.
    for beside in ["-wal", "-shm", ""] {
        let from = state_file(&engine, &format!("index.db{beside}"));
        if from.exists() {
            fs::rename(from, state_file(&engine, &format!("index.db.outdated{beside}"))).unwrap();
        }
    }
    let answer = run(&journal, &[]);
    assert_eq!(answer["fresh"], "built");
    assert_all_kept(&answer, &engine);
    // Killed after: what is left behind goes with the next run.
    fs::write(state_file(&engine, "index.db.outdated"), "left").unwrap();
    assert_none_made(&run(&journal, &[]), &engine);
}

#[test]
fn reading_all_again_and_building_anew_embed_nothing() {
    let (world, journal) = world();
    let engine = engine_over(&world);
    assert_none_made(&run(&journal, &["--full"]), &engine);
    let report = engine.rebuild_index(&|_| {}).unwrap();
    assert_eq!((report.vectors_kept, report.vectors_lost), (usize::try_from(NOTES).unwrap(), None));
    assert_none_made(&run(&journal, &[]), &engine);
}

#[test]
fn a_damaged_index_gives_what_can_be_read_and_stops_nothing() {
    type Damage = fn(&mut [u8]);
    let damages: [(&str, Damage); 4] = [
        ("no database", |bytes| bytes.fill(b'x')),
        ("its beginning is gone", |bytes| bytes[..16_384].fill(0x5a)),
        ("its end is gone", |bytes| {
            let half = bytes.len() / 2;
            bytes[half..].fill(0x5a);
        }),
        ("one page in three", |bytes| bytes.chunks_mut(16_384).skip(2).step_by(3).for_each(|page| page.fill(0x5a))),
    ];
    for (how, damage) in damages {
        let (world, journal) = world();
        let engine = engine_over(&world);
        overwrite(&state_file(&engine, "index.db"), damage);
        for beside in ["-wal", "-shm"] {
            drop(fs::remove_file(state_file(&engine, &format!("index.db{beside}"))));
        }
        let report = engine.rebuild_index(&|_| {}).unwrap();
        assert!(report.vectors_kept as u64 <= NOTES, "{how}: {report:?}");
        assert!(report.vectors_kept as u64 == NOTES || report.vectors_lost.is_some(), "{how}: {report:?}");
        let answer = run(&journal, &[]);
        let made = answer["embedded"]["new"].as_u64().unwrap();
        assert_eq!(made, NOTES - report.vectors_kept as u64, "{how}: {answer}");
        assert_eq!(answer["embedded"]["with_vector"], NOTES, "{how}: {answer}");
        assert_whole(&engine, how);
        assert_eq!(reindex(&engine, &everything()).vectors_kept, 0);
    }
}
