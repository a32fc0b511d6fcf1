//! `journal reindex` killed with SIGKILL while the model reads: what it stored stays, and nothing is done twice.

use std::{collections::BTreeSet, process::Stdio, thread, time::Duration};

use fastrand::Rng;
use journal_engine::Embedded;
use journal_testkit::{JournalCommand, TestVault, seed, size};

use super::world::{assert_whole, engine_over, everything, reindex};

/// A vault with so many notes, each with a text of its own.
fn world(notes: usize) -> TestVault {
    let world = TestVault::from_fixture("//- /.journal/config.toml\nid = \"nothing-lost\"\n");
    for n in 0..notes {
        world.write(&format!("Notes/N{n:03}.md"), format!("Note {n} is about the {n}th apple of the orchard.\n"));
    }
    world
}

#[test]
fn a_killed_reindex_goes_on_where_the_model_stopped() {
    let rounds = size("JOURNAL_KILLS", 5);
    // Enough that most rounds find something to do.
    let notes = 60 * rounds;
    let world = world(notes);
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &world).env("JOURNAL_DATA_DIR", world.data_home());
    journal.run(&["reindex", "--words-only"]).assert_ok();
    let mut rng = Rng::with_seed(seed());
    let mut counts = BTreeSet::new();
    for _ in 0..rounds {
        let mut command = journal.command(&["reindex"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::park_timeout(Duration::from_millis(rng.u64(50..900)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&engine, "after the kill of a model at work");
        journal.run(&["reindex", "--check"]).assert_ok();
        let Embedded { with_vector, texts, .. } = engine.embedded().unwrap().unwrap();
        assert_eq!(texts, notes as u64);
        assert!(counts.last().is_none_or(|before| *before <= with_vector), "vectors were lost: {counts:?}");
        counts.insert(with_vector);
    }
    println!("vectors after the kills: {counts:?}");
    let output = journal.run(&["reindex", "--json"]).assert_ok();
    let told: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let before = counts.last().copied().unwrap_or(0);
    assert_eq!(told["embedded"]["new"].as_u64().unwrap() + before, notes as u64, "a text was embedded twice: {told}");
    assert_eq!(told["embedded"]["with_vector"], notes);
    assert_whole(&engine, "in the end");
}
