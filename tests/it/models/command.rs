//! `journal model`, with a hub of our own.

use journal_testkit::{JournalCommand, LocalHub, TestVault};

use super::tiny;

fn world() -> TestVault {
    TestVault::from_fixture(
        "
//- /.journal/config.toml
id = \"models\"
//- /Apples.md
alpha beta
//- /Pears.md
gamma delta
",
    )
}

fn journal(world: &TestVault) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), world).env("JOURNAL_DATA_DIR", world.data_home())
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_model_is_fetched_chosen_and_removed() {
    let (world, hub) = (world(), LocalHub::of(&tiny()));
    let journal = journal(&world).env("HF_ENDPOINT", hub.address());
    journal.run(&["reindex"]).assert_ok();
    let refused = journal.run(&["model", "use", "all-minilm-l6-v2"]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.contains("journal model fetch all-minilm-l6-v2"), "{}", refused.stderr);

    journal.run(&["model", "fetch", "all-minilm-l6-v2"]).assert_ok();
    let list = json(&journal.run(&["model", "list", "--json"]).assert_ok().stdout);
    let fetched = list["models"].as_array().unwrap().iter().filter(|model| model["fetched"] == true);
    assert_eq!(fetched.map(|model| model["name"].as_str().unwrap()).collect::<Vec<_>>(), ["all-minilm-l6-v2"]);

    let status = json(&journal.run(&["model", "use", "all-minilm-l6-v2", "--json"]).assert_ok().stdout);
    assert_eq!((&status["chosen"], &status["serving"]), (&"all-minilm-l6-v2".into(), &"built-in".into()));
    let held = journal.run(&["model", "rm", "all-minilm-l6-v2"]);
    assert_eq!(held.status, Some(3), "{}", held.stderr);

    let done = json(&journal.run(&["reindex", "--json"]).assert_ok().stdout);
    assert_eq!((&done["embedded"]["new"], &done["embedded"]["texts"]), (&2.into(), &2.into()));
    let status = json(&journal.run(&["model", "status", "--json"]).assert_ok().stdout);
    assert_eq!((&status["serving"], status["vectors"].as_array().unwrap().len()), (&"all-minilm-l6-v2".into(), 1));
    let found = json(&journal.run(&["search", "alpha", "--mode", "semantic", "--json"]).assert_ok().stdout);
    assert_eq!(found["by_meaning"], true, "{found}");

    journal.run(&["model", "use", "built-in"]).assert_ok();
    journal.run(&["reindex"]).assert_ok();
    journal.run(&["model", "rm", "all-minilm-l6-v2"]).assert_ok();
    assert_eq!(journal.run(&["model", "rm", "all-minilm-l6-v2"]).status, Some(1));
}

#[test]
fn a_folder_is_a_model_and_a_wrong_one_is_refused() {
    let world = world();
    let journal = journal(&world);
    let folder = tiny();
    journal.run(&["model", "use", folder.to_str().unwrap()]).assert_ok();
    journal.run(&["reindex"]).assert_ok();
    let status = json(&journal.run(&["model", "--json"]).assert_ok().stdout);
    assert_eq!(status["vectors"][0]["with_vector"], 2, "{status}");

    let empty = tempfile::tempdir().unwrap();
    let refused = journal.run(&["model", "use", empty.path().to_str().unwrap()]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.contains("`model.onnx` is missing"), "{}", refused.stderr);
    let unknown = journal.run(&["model", "use", "bge-smal-en"]);
    assert_eq!(unknown.status, Some(1));
    assert!(unknown.stderr.contains("journal model fetch bge-small-en-v1.5"), "{}", unknown.stderr);
    // What was refused changed nothing.
    assert_eq!(json(&journal.run(&["model", "--json"]).assert_ok().stdout)["chosen"], folder.to_str().unwrap());
}

#[test]
fn pausing_is_told() {
    let world = world();
    let journal = journal(&world);
    assert!(journal.run(&["model", "pause"]).assert_ok().stdout.contains("journal model resume"));
    assert!(!journal.run(&["model", "resume"]).assert_ok().stdout.contains("paused"));
}

#[test]
fn an_installed_runtime_that_is_none_is_refused() {
    let world = world();
    let journal = journal(&world).env("ORT_DYLIB_PATH", world.path().join("Apples.md"));
    let refused = journal.run(&["reindex"]);
    assert_eq!(refused.status, Some(2), "{}", refused.stdout);
    assert!(refused.stderr.contains("is not an ONNX Runtime") && refused.stderr.contains("ORT_DYLIB_PATH"));
    // The words are there all the same.
    let found = journal.run(&["search", "alpha"]).assert_ok();
    assert!(found.stdout.contains("Apples.md"), "{}", found.stdout);
}
