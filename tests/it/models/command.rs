//! `journal model`, with a hub of our own.

use std::path::PathBuf;

use journal_testkit::{JournalCommand, LocalHub, Mood, TestVault, copy_tree};

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
    assert_eq!(
        fetched.map(|model| model["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["built-in", "all-minilm-l6-v2"]
    );
    assert_eq!(list["chosen"], "built-in");

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
    assert_eq!(refused.status, Some(4), "{}", refused.stdout);
    let said = format!("{}{}", refused.stdout, refused.stderr);
    assert!(said.contains("is not an ONNX Runtime") && said.contains("ORT_DYLIB_PATH"), "{said}");
    // The words are there all the same.
    let found = journal.run(&["search", "alpha"]).assert_ok();
    assert!(found.stdout.contains("Apples.md"), "{}", found.stdout);
}

/// As if the tiny model had been fetched as one of the catalogue, with its graph under this name.
fn fetched_as(world: &TestVault, repository: &str, graph: &str) -> PathBuf {
    let folder = world.data_home().join("models").join(format!("models--{}", repository.replace('/', "--")));
    let files = folder.join("snapshots/main");
    copy_tree(&tiny(), &files);
    std::fs::create_dir_all(files.join("onnx")).unwrap();
    std::fs::copy(tiny().join("model.onnx"), files.join(graph)).unwrap();
    folder
}

#[test]
fn variants_that_share_files_go_together_and_never_while_one_is_used() {
    let world = world();
    let journal = journal(&world);
    let repository = "snowflake/snowflake-arctic-embed-xs";
    let folder = fetched_as(&world, repository, "onnx/model.onnx");
    fetched_as(&world, repository, "onnx/model_quantized.onnx");
    journal.run(&["model", "use", "snowflake-arctic-embed-xs"]).assert_ok();
    let refused = journal.run(&["model", "rm", "snowflake-arctic-embed-xs-q"]);
    assert_eq!(refused.status, Some(3), "{}", refused.stderr);
    let said =
        "`snowflake-arctic-embed-xs` is in use by this vault, and `snowflake-arctic-embed-xs-q` lies in the same files";
    assert!(refused.stderr.contains(said) && folder.is_dir(), "{}", refused.stderr);
    journal.run(&["model", "use", "built-in"]).assert_ok();
    let gone = journal.run(&["model", "rm", "snowflake-arctic-embed-xs-q"]).assert_ok();
    assert!(gone.stdout.contains("snowflake-arctic-embed-xs, which lay in the same files"), "{}", gone.stdout);
    assert!(!folder.exists());
}

#[test]
fn a_model_is_tried_before_it_is_chosen() {
    let world = world();
    let journal = journal(&world);
    // Its vectors should have 512 components, and these files make 384.
    fetched_as(&world, "Qdrant/clip-ViT-B-32-text", "model.onnx");
    let refused = journal.run(&["model", "use", "clip-vit-b-32-text"]);
    assert_eq!(refused.status, Some(2), "{}", refused.stdout);
    assert!(refused.stderr.contains("384 components instead of 512"), "{}", refused.stderr);
    assert_eq!(json(&journal.run(&["model", "--json"]).assert_ok().stdout)["chosen"], "built-in");
}

#[test]
fn vectors_are_told_by_whose_they_are() {
    let world = world();
    let journal = journal(&world);
    journal.run(&["reindex"]).assert_ok();
    assert!(journal.run(&["status"]).assert_ok().stdout.contains("2 of 2 texts by the model built-in\n"));
    let folder = tiny().display().to_string();
    journal.run(&["model", "use", &folder]).assert_ok();
    let line =
        format!("0 of 2 texts by the model {folder}; search asks built-in until then; the rest: journal reindex");
    for command in [&["status"][..], &["doctor"], &[]] {
        let told = journal.run(command).stdout;
        assert!(told.contains(&line), "{command:?}: {told}");
    }
    let model = journal.run(&["model"]).assert_ok().stdout;
    assert!(model.contains(&format!("0 of 2 texts of {folder}\n")), "{model}");
    assert!(model.contains("2 of 2 texts of built-in, which search asks"), "{model}");
    let index = &json(&journal.run(&["status", "--json"]).assert_ok().stdout)["index"];
    assert_eq!(
        (&index["with_vector"], &index["model"], &index["serving"]),
        (&0.into(), &folder.into(), &"built-in".into())
    );
    journal.run(&["reindex"]).assert_ok();
    let told = journal.run(&["status"]).assert_ok().stdout;
    assert!(told.contains("2 of 2 texts by the model") && !told.contains("search asks"), "{told}");
}

#[test]
fn how_a_folder_is_used_is_told() {
    let world = world();
    let journal = journal(&world);
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine");
    copy_tree(&tiny(), &mine);
    let told = journal.run(&["model", "use", mine.to_str().unwrap()]).assert_ok().stdout;
    for said in [
        "the mean of all tokens (by `1_Pooling/config.json`",
        "512 tokens (by `sentence_bert_config.json`",
        "nothing before questions",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    std::fs::write(mine.join("sentence_bert_config.json"), r#"{"max_seq_length": 77}"#).unwrap();
    let prompts = r#"{"prompts": {"query": "query: ", "passage": "passage: "}}"#;
    std::fs::write(mine.join("config_sentence_transformers.json"), prompts).unwrap();
    // One folder is one choice, however it is named.
    let other = folder.path().join("mine/../mine/.");
    let told = journal.run(&["model", "use", other.to_str().unwrap()]).assert_ok().stdout;
    let whole = mine.canonicalize().unwrap();
    assert!(told.contains(&format!("{}\n", whole.display())), "{told}");
    for said in ["77 tokens", "of up to 256, in parts", "`query: ` before questions, `passage: ` before passages"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let told = json(&journal.run(&["model", "use", mine.to_str().unwrap(), "--json"]).assert_ok().stdout);
    assert_eq!((&told["manner"]["window"], &told["manner"]["query_prefix"]), (&77.into(), &"query: ".into()));
}

#[test]
fn a_model_that_is_gone_keeps_no_note_from_the_index() {
    let world = world();
    let journal = journal(&world);
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine");
    copy_tree(&tiny(), &mine);
    journal.run(&["model", "use", mine.to_str().unwrap()]).assert_ok();
    std::fs::remove_file(mine.join("model.onnx")).unwrap();
    world.write("Plums.md", "epsilon\n");
    let done = journal.run(&["reindex"]);
    assert_eq!(done.status, Some(4), "{}", done.stderr);
    assert!(done.stdout.contains("1 added") && done.stdout.contains("the model: no model in"), "{}", done.stdout);
    for hint in ["journal model use built-in", "journal reindex --words-only"] {
        assert!(done.stderr.contains(hint), "{}", done.stderr);
    }
    world.write("Cherries.md", "zeta\n");
    let scheduled = journal.run(&["reindex", "--scheduled"]);
    assert_eq!(scheduled.status, Some(4), "{}", scheduled.stderr);
    let run = &json(&journal.run(&["schedule", "status", "--json"]).assert_ok().stdout)["last_run"];
    assert_eq!((&run["added"], &run["exit"]), (&1.into(), &4.into()), "{run}");
    assert!(run["error"].as_str().unwrap().starts_with("the model: no model in"), "{run}");
    world.write("Figs.md", "eta\n");
    let done = journal.run(&["reindex", "--json"]);
    let told = json(&done.stdout);
    assert_eq!(
        (done.status, &told["added"], &told["embedded"]),
        (Some(4), &1.into(), &serde_json::Value::Null),
        "{told}"
    );
    assert!(told["embedding_trouble"].as_str().unwrap().contains("`model.onnx` is missing"), "{told}");
}

#[test]
fn what_is_built_in_and_what_is_nowhere_is_said() {
    let world = world();
    let journal = journal(&world);
    for verb in ["rm", "fetch"] {
        let refused = journal.run(&["model", verb, "Built-In"]);
        assert_eq!(refused.status, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains("the model `built-in` is compiled in"), "{}", refused.stderr);
    }
    journal.run(&["model", "use", "Built-In"]).assert_ok();
    let refused = journal.run(&["model", "use", "./nosuch"]);
    assert!(refused.stderr.contains("there is no folder `"), "{}", refused.stderr);
    let list = journal.run(&["model", "list"]).assert_ok().stdout;
    let chosen: Vec<_> = list.lines().filter(|line| line.starts_with("chosen")).collect();
    assert!(matches!(chosen[..], [only] if only.contains("built-in")), "{list}");
}

#[test]
fn a_hub_that_refuses_is_told_with_the_way_on() {
    let (world, hub) = (world(), LocalHub::of(&tiny()));
    let journal = journal(&world).env("HF_ENDPOINT", hub.address());
    let fetch = ["model", "fetch", "all-minilm-l6-v2"];
    hub.set(Mood::Refusing(401));
    let refused = journal.run(&fetch);
    assert!(refused.stderr.contains("answers 401") && refused.stderr.contains("`HF_TOKEN`"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("mirror"), "{}", refused.stderr);
    hub.set(Mood::Garbling);
    hub.say(&[("x-linked-etag", &"0".repeat(64))]);
    let refused = journal.run(&fetch);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("try again: journal model fetch all-minilm-l6-v2"), "{}", refused.stderr);
    // Whoever comes while another is at it is sent away.
    let folder = world.data_home().join("models/models--Qdrant--all-MiniLM-L6-v2-onnx");
    let held = std::fs::File::create(folder.join("fetch.lock")).unwrap();
    held.lock().unwrap();
    let busy = journal.run(&fetch);
    assert_eq!(busy.status, Some(3), "{}", busy.stderr);
    assert!(busy.stderr.contains("another process fetches the model `all-minilm-l6-v2`"), "{}", busy.stderr);
}
