//! Vectors made while a process serves: by one of several, the rest when it is gone, and never of two models at once.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use journal_engine::{Embedded, Embedding, Engine, Lead, LeaderNews, ModelChoice, Reindex, Search, SearchMode, Stop};
use journal_testkit::{JournalCommand, TestVault, copy_tree, poll_until};
use rusqlite::Connection;

use super::tiny;
use crate::nothing_lost::world;

/// A vault with an index of so many notes.
fn vault(count: usize) -> TestVault {
    let notes = TestVault::from_fixture("//- /.journal/config.toml\nid = \"nothing-lost\"\n");
    for n in 0..count {
        notes.write(&format!("Notes/N{n:03}.md"), format!("alpha beta note {n}\n"));
    }
    world::engine(&notes).reindex(&Reindex::default(), &|_| {}).unwrap();
    notes
}

/// Waits until every text has its vector.
#[track_caller]
fn embedded(engine: &Engine) -> Embedded {
    poll_until(Duration::from_secs(120), "vectors of all texts", || {
        let known = engine.embedded().unwrap().unwrap();
        (known.texts > 0 && known.with_vector == known.texts).then_some(known)
    })
}

fn is_elsewhere(engine: &Engine) -> Option<()> {
    matches!(engine.embedding(), Embedding::Elsewhere { .. }).then_some(())
}

#[test]
fn what_is_written_gets_its_vectors_by_itself() {
    let notes = vault(20);
    let engine = world::engine(&notes);
    assert_eq!(engine.embedding(), Embedding::Off);
    engine.lead(Lead::default());
    assert_eq!(embedded(&engine).texts, 20);
    let agent = world::serving("otter");
    world::append(&engine, &world::thought(&agent, None, None, None, "gamma delta"));
    poll_until(Duration::from_secs(60), "the vectors of what was written", || {
        let known = engine.embedded().unwrap().unwrap();
        (known.texts > 20 && known.with_vector == known.texts).then_some(())
    });
    poll_until(Duration::from_secs(60), "rest", || {
        (engine.embedding() == Embedding::Done { failed: None }).then_some(())
    });
}

#[test]
fn one_works_and_another_takes_over() {
    let notes = vault(20);
    let (first, second) = (world::engine(&notes), world::engine(&notes));
    first.lead(Lead::default());
    embedded(&first);
    second.lead(Lead::default());
    poll_until(Duration::from_secs(60), "the second to leave it to the first", || is_elsewhere(&second));
    // Whoever asks for all vectors is told that they are there, although somebody else is at it.
    assert_eq!(second.embed(Duration::ZERO, &Stop::default(), &|_| {}).unwrap().new, 0);
    notes.write("Notes/New.md", "gamma delta epsilon\n");
    drop(first);
    second.reindex(&Reindex::default(), &|_| {}).unwrap();
    poll_until(Duration::from_secs(60), "the vectors of the new note", || {
        let known = second.embedded().unwrap().unwrap();
        (known.texts == 21 && known.with_vector == 21).then_some(())
    });
}

#[test]
fn paused_it_leaves_the_work_to_others() {
    let notes = vault(5);
    let engine = world::engine(&notes);
    engine.pause_embedding(true).unwrap();
    engine.lead(Lead::default());
    poll_until(Duration::from_secs(60), "the pause", || (engine.embedding() == Embedding::Paused).then_some(()));
    assert_eq!(engine.embedded().unwrap().unwrap().with_vector, 0);
    engine.pause_embedding(false).unwrap();
    embedded(&engine);
}

#[test]
fn another_model_takes_over_when_it_has_all() {
    let notes = vault(12);
    let engine = world::engine(&notes);
    engine.embed(Duration::ZERO, &Stop::default(), &|_| {}).unwrap();
    let before = engine.model_standing().unwrap();
    assert_eq!((before.chosen, before.vectors.len()), (ModelChoice::BuiltIn, 1));

    let other = ModelChoice::Folder(tiny());
    engine.use_model(&other).unwrap();
    // Nothing has a vector of it yet, and search asks the old one.
    let chosen = engine.model_standing().unwrap();
    assert_eq!(chosen.chosen, other);
    assert_eq!(chosen.serving, before.serving);
    let search = Search { mode: SearchMode::Semantic, ..Search::new("alpha") };
    assert!(engine.search(&search).unwrap().by_meaning);

    engine.lead(Lead::default());
    let after = poll_until(Duration::from_secs(120), "the other model alone", || {
        let standing = engine.model_standing().unwrap();
        (standing.vectors.len() == 1 && standing.serving != before.serving).then_some(standing)
    });
    let (model, counts) = &after.vectors[0];
    assert_eq!((model.source.as_str(), counts.with_vector), (tiny().to_str().unwrap(), counts.texts));
    assert!(engine.search(&search).unwrap().by_meaning);
}

#[test]
fn a_model_that_is_gone_is_told_and_words_still_find() {
    let notes = vault(3);
    let folder = tempfile::tempdir().unwrap();
    let copy = copied(&folder.path().join("mine"));
    let first = world::engine(&notes);
    first.use_model(&ModelChoice::Folder(copy.clone())).unwrap();
    first.embed(Duration::ZERO, &Stop::default(), &|_| {}).unwrap();
    std::fs::remove_file(copy.join("model.onnx")).unwrap();

    let second = world::engine(&notes);
    let found = second.search(&Search::new("alpha")).unwrap();
    assert!(!found.by_meaning && found.hits.len() == 3);
    assert!(found.words_only.unwrap().contains("`model.onnx` is missing"));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let tell = Box::new(move |news: &LeaderNews| hears.lock().unwrap().push(format!("{news:?}")));
    second.lead(Lead { tell, ..Lead::default() });
    notes.write("Notes/New.md", "gamma\n");
    second.reindex(&Reindex::default(), &|_| {}).unwrap();
    let why = poll_until(Duration::from_secs(60), "the reason", || match second.embedding() {
        Embedding::Failed { why } => Some(why),
        _ => None,
    });
    assert!(why.contains("`model.onnx` is missing"), "{why}");
    // Every process can know, and whoever looks on is told.
    let written = poll_until(Duration::from_secs(60), "the reason for others", || first.leader().unwrap()?.embedding);
    assert_eq!(written, why);
    poll_until(Duration::from_secs(60), "the news", || {
        let is_told = |news: &String| news.contains("Embedding(Some") && news.contains("model.onnx");
        heard.lock().unwrap().iter().any(is_told).then_some(())
    });
    let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &notes).env("JOURNAL_DATA_DIR", notes.data_home());
    for command in [&["status"][..], &["model"], &["doctor"]] {
        let told = journal.run(command).stdout;
        assert!(told.contains(&why), "{command:?}: {told}");
    }
    let told: serde_json::Value = serde_json::from_str(&journal.run(&["status", "--json"]).assert_ok().stdout).unwrap();
    assert_eq!(told["index"]["embedding_trouble"], why.as_str(), "{told}");
    // It lets go of the work, so that a process for which the model is there can do it.
    assert!(first.search(&Search::new("gamma")).unwrap().hits.len() == 1);
    // With another model that is over.
    second.use_model(&ModelChoice::BuiltIn).unwrap();
    poll_until(Duration::from_secs(60), "no reason", || first.leader().unwrap()?.embedding.is_none().then_some(()));
}

/// A model of our own, to be moved and removed.
fn copied(folder: &Path) -> PathBuf {
    copy_tree(&tiny(), folder);
    folder.to_owned()
}

#[test]
fn a_model_that_moved_makes_nothing_anew() {
    let notes = vault(4);
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (copied(&folder.path().join("here/mine")), folder.path().join("there/mine"));
    let engine = world::engine(&notes);
    engine.use_model(&ModelChoice::Folder(here.clone())).unwrap();
    assert_eq!(engine.embed(Duration::ZERO, &Stop::default(), &|_| {}).unwrap().new, 4);
    std::fs::create_dir(folder.path().join("there")).unwrap();
    std::fs::rename(here, &there).unwrap();
    engine.use_model(&ModelChoice::Folder(there.clone())).unwrap();
    assert_eq!(engine.embed(Duration::ZERO, &Stop::default(), &|_| {}).unwrap().new, 0);
    assert_eq!(engine.model_standing().unwrap().serving.unwrap().source, there.to_str().unwrap());
    assert!(world::engine(&notes).search(&Search::new("alpha")).unwrap().by_meaning);
}

#[test]
fn the_vectors_of_a_model_that_was_left_do_not_stay() {
    let notes = vault(1_100);
    let folder = tempfile::tempdir().unwrap();
    let engine = world::engine(&notes);
    let vectors = || {
        let index = Connection::open(engine.state_path().unwrap().join("index.db")).unwrap();
        index.query_row("SELECT count(*) FROM vectors", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    for name in ["one", "other"] {
        engine.use_model(&ModelChoice::Folder(copied(&folder.path().join(name)))).unwrap();
        let embedded = engine.embed(Duration::ZERO, &Stop::default(), &|_| {}).unwrap();
        assert_eq!((embedded.new, embedded.with_vector), (1_100, 1_100), "{name}");
        assert_eq!(vectors(), 1_100, "{name}");
    }
}

#[test]
fn a_choice_that_was_left_gets_no_more_vectors() {
    let notes = vault(100);
    let (engine, other) = (world::engine(&notes), world::engine(&notes));
    // It is told after each few that are stored.
    let chosen = ModelChoice::Folder(tiny());
    let choose = |_| drop(other.use_model(&chosen).unwrap());
    let embedded = engine.embed(Duration::ZERO, &Stop::default(), &choose).unwrap();
    assert_eq!((embedded.new, embedded.with_vector), (100, 100));
    let standing = engine.model_standing().unwrap();
    assert_eq!((&standing.chosen, standing.vectors.len()), (&chosen, 1));
    assert!(standing.is_complete());
    let index = Connection::open(engine.state_path().unwrap().join("index.db")).unwrap();
    let made = index.query_row("SELECT count(*) FROM vectors", [], |row| row.get::<_, i64>(0)).unwrap();
    assert!((101..150).contains(&made), "{made} vectors of both");
}

#[test]
fn nobody_waits_for_vectors_of_nothing() {
    let notes = vault(0);
    let (first, second) = (world::engine(&notes), world::engine(&notes));
    first.lead(Lead::default());
    poll_until(Duration::from_secs(60), "the background to hold the lock", || {
        (first.embedding() == Embedding::Done { failed: None }).then_some(())
    });
    // An hour would be the patience of whoever asks over the protocol.
    assert_eq!(second.embed(Duration::from_secs(3600), &Stop::default(), &|_| {}).unwrap().texts, 0);
}
