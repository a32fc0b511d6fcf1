//! Searching and links: what is found, how it is told, and what is said when nothing is.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::{fs, path::PathBuf};

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{everything, nobody, otter, settle, think};

const NOTES: &str = r#"
//- /.obsidian/app.json
{}
//- /Login.md
---
id: 01JD3V8QK7X2M4N6P8R0T2V4W6
title: The login test
tags: [auth, area/ci]
project: api
updated: 2026-11-20T10:00:00
---
# Symptom

The login test fails when the clock crosses a second.

## Cause

The expiry of the token is rounded down, see [[Token#Expiry|the token]] and [[Gone]].
//- /Token.md
---
tags: [auth]
updated: 2026-10-01T10:00:00
---
# Expiry

A token lives for an hour. Written by `parse_expiry`. [again](Login.md) and ![[Plan]]
//- /a/Plan.md
Plan of a. Exactly one hour.
//- /b/Plan.md
---
aliases: [The other plan]
part_of: "[[Login]]"
---
Plan of b: the clock, mocked.
//- /Alone.md
추론 세션은 왜 느린가. #auth
"#;

fn world() -> (TestVault, JournalCommand) {
    let vault = TestVault::from_fixture(NOTES);
    let journal = nobody(&vault).filter(r"\d+ (months?|days?|years?) ago", "[ago]");
    settle();
    // What words find is told exactly; what meaning adds has cases of its own.
    journal.run(&["reindex", "--words-only"]).assert_ok();
    (vault, journal)
}

/// The paths that a search finds, in its order.
#[track_caller]
fn found(journal: &JournalCommand, query: &[&str]) -> Vec<String> {
    let output = journal.run(&[&["search", "--files"], query].concat());
    assert!(matches!(output.status, Some(0 | 1)), "{}", output.transcript());
    assert_eq!(output.stdout.is_empty(), output.status == Some(1), "{}", output.transcript());
    output.stdout.lines().map(str::to_owned).collect()
}

fn json(journal: &JournalCommand, arguments: &[&str]) -> Value {
    let output = journal.run(&[arguments, &["--json"]].concat());
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.transcript()))
}

#[test]
fn queries_are_what_people_type() {
    let (_vault, journal) = world();
    assert_eq!(found(&journal, &["expiry"]), ["Token.md", "Login.md"]);
    // Those with all the words come first, and those with some are told to be so.
    assert_eq!(found(&journal, &["token", "clock"])[0], "Login.md");
    let output = journal.run(&["search", "token", "clock"]).assert_ok();
    assert!(output.stderr.starts_with("Note: too few notes have all the words"), "{}", output.transcript());
    assert_eq!(found(&journal, &["\"one hour\""]), ["a/Plan.md"]);
    assert_eq!(found(&journal, &["clock", "-login"]), ["b/Plan.md"]);
    assert_eq!(found(&journal, &["clock", "-tag:auth", "-q"]), ["b/Plan.md"]);
    assert_eq!(found(&journal, &["clock -login"]), ["b/Plan.md"]);
    assert_eq!(found(&journal, &["mocked OR rounded"]).len(), 2);
    assert_eq!(found(&journal, &["roun*"]), ["Login.md"]);
    assert_eq!(found(&journal, &["세션"]), ["Alone.md"]);
    assert_eq!(found(&journal, &["parse"]), ["Token.md"]);
    assert_eq!(found(&journal, &["the other plan"])[0], "b/Plan.md");
    assert_eq!(found(&journal, &["t2v4w6"]), ["Login.md"]);
    let mut tagged = found(&journal, &["tag:auth"]);
    tagged.sort();
    assert_eq!(tagged, ["Alone.md", "Login.md", "Token.md"]);
    assert_eq!(found(&journal, &["tag:area", "test"]), ["Login.md"]);
    assert_eq!(found(&journal, &["path:b/", "plan"]), ["b/Plan.md"]);
    assert_eq!(found(&journal, &["project:api", "token"]), ["Login.md"]);
    assert_eq!(found(&journal, &["token", "before:2026-11"]), ["Token.md"]);
    assert_eq!(found(&journal, &["token", "after:2026-11", "-x"]), ["Login.md"]);
    assert_eq!(found(&journal, &["nothinglikeit"]), [""; 0]);
    let one = journal.run(&["search", "clock"]).assert_ok();
    assert_eq!(one.stderr, "", "{}", one.transcript());
}

#[test]
fn thoughts_are_found_by_what_their_session_says() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let journal = otter(&vault);
    let (session, thought) =
        think(&journal, &["--title", "Expiry", "--project", "auth", "The expiry of the token is rounded down."]);
    think(&journal, &["--title", "Other", "--project", "api", "A price is rounded down as well."]);
    let by = |query: &[&str]| json(&journal, &[&["search"], query].concat())["hits"].as_array().unwrap().len();
    journal.run(&["reindex"]).assert_ok();
    for mode in ["hybrid", "text", "semantic"] {
        assert_eq!(
            found(&journal, &["\"rounded down\" -mobile", "project:auth", "after:2026-11", "--mode", mode]).len(),
            1
        );
        assert_eq!(found(&journal, &["\"rounded down\"", "-project:auth", "type:thought", "--mode", mode]).len(), 1);
    }
    let mine = ["rounded", "type:thought", "status:active", "--mode", "text"];
    assert_eq!(by(&mine), 2);
    journal.run(&["session", "close", &session]).assert_ok();
    assert_eq!(by(&mine), 1);
    // A session is named as anywhere else, by any of its ids, and one that is not there is no empty answer.
    for name in [&session[session.len() - 6..], &session, "Expiry", &thought] {
        assert_eq!(by(&["rounded", &format!("session:\"{name}\""), "--mode", "text"]), 1, "{name}");
    }
    let output = journal.run(&["search", "rounded", "session:nope"]).assert_status(1);
    assert!(output.stderr.contains("no note has the id or name `nope`"), "{}", output.transcript());
}

#[test]
fn what_no_model_reads_is_found_by_its_words() {
    let vault = TestVault::from_fixture(
        "//- /.obsidian/app.json\n{}\n//- /Rain.md\nฝน ตกหนักมาก\n//- /Doctor.md\nไปหาหมอ\n//- /Empty.md\n\n\n//- /Penguins.md\nThe birds of the south walk upright.\n",
    );
    let journal = nobody(&vault);
    let reindexed = json(&journal, &["reindex"]);
    assert_eq!((&reindexed["embedded"]["with_vector"], &reindexed["embedded"]["texts"]), (&4.into(), &4.into()));
    for mode in ["hybrid", "semantic"] {
        assert_eq!(found(&journal, &["ฝน", "--mode", mode]), ["Rain.md"], "{mode}");
        let output = journal.run(&["search", "ฝน", "--mode", mode]).assert_ok();
        assert!(output.stderr.contains("knows hardly a word of it"), "{}", output.transcript());
    }
    assert_eq!(found(&journal, &["birds of the south", "--mode", "semantic"]), ["Penguins.md"]);
    // A note without a text is found by its name.
    assert_eq!(found(&journal, &["nothing in it", "--mode", "semantic"])[0], "Empty.md");
    assert_eq!(json(&journal, &["related", "Rain"])["notes"], Value::Array(vec![]));
    let hit = &json(&journal, &["search", "antarctic animals"])["hits"][0];
    assert_eq!((&hit["path"], &hit["why"]), (&"Penguins.md".into(), &"meaning".into()));
    let explained = journal.run(&["search", "antarctic animals", "--explain"]).assert_ok();
    assert!(explained.stdout.lines().all(|line| line.split('\t').count() == 6), "{}", explained.transcript());
}

#[test]
fn a_query_that_makes_no_sense_is_searched_as_words() {
    let (_vault, journal) = world();
    for (query, note) in [
        ("\"token expiry", "Note: a quote is not closed"),
        ("token after:someday", "Note: `after:` takes a date"),
        ("token OR", "Note: nothing follows `OR`"),
        ("token tag:", "Note: `tag:` needs a value"),
    ] {
        let output = journal.run(&["search", query]);
        assert!(output.stderr.starts_with(note), "{}", output.transcript());
        assert_ne!(output.status, Some(70));
    }
    for query in ["\"*", "NEAR(a b)", "token AND AND", "(((", "a:b:c", "'; DROP TABLE notes; --", "*", "^token", "%_%"]
    {
        let output = journal.run(&["search", query]);
        assert!(matches!(output.status, Some(0..=2)), "{}", output.transcript());
        assert!(!output.stderr.to_lowercase().contains("sql"), "{}", output.transcript());
    }
    insta::assert_snapshot!("nothing_to_search_for", journal.run(&["search", "  "]).assert_status(2).transcript());
}

#[test]
fn hits_in_a_pipe_are_a_line_each() {
    let (_vault, journal) = world();
    insta::assert_snapshot!(
        [
            journal.run(&["search", "token"]).assert_ok().transcript(),
            journal.run(&["search", "clock", "--limit", "1"]).assert_ok().transcript(),
            journal.run(&["search", "expiry", "--open"]).assert_ok().transcript(),
            journal.run(&["search", "nothinglikeit"]).assert_status(1).transcript(),
            journal.run(&["search", "nothinglikeit", "--open"]).assert_status(1).transcript(),
            journal.run(&["search"]).assert_status(2).transcript(),
            journal.run(&["search", "x", "--limit", "0"]).assert_status(2).transcript(),
        ]
        .join("\n")
    );
    let quiet = journal.run(&["search", "nothinglikeit", "-q"]).assert_status(1);
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty());
}

#[test]
fn pages_follow_each_other() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    for n in 0..23 {
        vault.write(&format!("N{n:02}.md"), format!("apple {}\n", "pear ".repeat(n)));
    }
    let journal = nobody(&vault);
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    for page in 0..3 {
        let mut arguments = vec!["search", "apple", "--limit", "10"];
        arguments.extend(cursor.iter().flat_map(|cursor| ["--cursor", cursor]));
        let answer = json(&journal, &arguments);
        assert_eq!((answer["total"].as_u64(), answer["total_is_exact"].as_bool()), (Some(23), Some(true)));
        let hits = answer["hits"].as_array().unwrap();
        assert_eq!(hits.len(), [10, 10, 3][page]);
        seen.extend(hits.iter().map(|hit| hit["path"].as_str().unwrap().to_owned()));
        cursor = answer["cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(cursor, None);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 23);
    let other = journal.run(&["search", "pear", "--cursor", "00ff"]).assert_ok();
    assert!(other.stderr.contains("the cursor belongs to another query"), "{}", other.transcript());
}

#[test]
fn superseded_thoughts_are_told_when_asked_for() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let journal = otter(&vault);
    let (session, _) = think(&journal, &["--title", "Fruit", "The pomelo is ripe."]);
    think(&journal, &["-s", &session, "--revises", "1", "The pomelo is not ripe at all."]);
    assert_eq!(found(&journal, &["pomelo"]).len(), 1);
    assert_eq!(found(&journal, &["pomelo", "--include-superseded"]).len(), 2);
    let output = journal.run(&["search", "\"pomelo is ripe\""]).assert_status(1);
    assert_eq!(output.stderr, "Note: 1 thought that a later one revises fits: --include-superseded\n");
    let revised = &json(&journal, &["search", "pomelo", "--include-superseded"])["hits"];
    let revised = revised.as_array().unwrap().iter().find(|hit| hit["superseded"] == true).unwrap()["id"].clone();
    assert_eq!(found(&journal, &[revised.as_str().unwrap()]).len(), 1);
    assert_eq!(found(&journal, &["pomelo", &format!("session:{session}")]).len(), 1);
    assert_eq!(found(&journal, &["type:session", "fruit"]).len(), 1);
    // A thought is found as soon as it is acknowledged.
    think(&journal, &["-s", &session, "A quince, too."]);
    assert_eq!(found(&journal, &["quince"]).len(), 1);
    let hit = &json(&journal, &["search", "quince"])["hits"][0];
    assert_eq!((hit["kind"].as_str(), hit["number"].as_u64()), (Some("thought"), Some(3)));
}

#[test]
fn the_index_is_built_when_it_is_needed() {
    let vault = TestVault::from_fixture(NOTES);
    let journal = nobody(&vault);
    // A vault that was never written to gets its id, and nothing else.
    let before = vault.snapshot();
    insta::assert_snapshot!("the_first_search", journal.run(&["search", "expiry", "--files"]).assert_ok().transcript());
    let mut after = vault.snapshot();
    assert!(after.remove(".journal/config.toml").is_some());
    assert_eq!(after, before);
    insta::assert_snapshot!(
        "the_second_search",
        journal.run(&["search", "expiry", "--files"]).assert_ok().transcript()
    );
    let index = index_of(&vault);
    for damage in [&b"no database at all, however long it is "[..], b""] {
        remove_database(&index);
        fs::write(&index, damage.repeat(100)).unwrap();
        let output = journal.run(&["search", "expiry", "--files"]).assert_ok();
        assert_eq!(output.stdout, "Token.md\nLogin.md\n");
        assert_eq!(output.stderr.contains("warning: the index is damaged"), !damage.is_empty(), "{}", output.stderr);
    }
    remove_database(&index);
    assert_eq!(found(&journal, &["expiry"]).len(), 2);
    remove_database(&index);
    assert_eq!(journal.run(&["tags", "--json", "-q"]).assert_ok().stderr, "");
}

#[test]
fn searching_writes_nothing() {
    let (vault, journal) = world();
    let files = || {
        let mut files = everything(&vault);
        files.retain(|path, _| !path.ends_with("-shm"));
        files
    };
    let before = files();
    for arguments in
        [&["search", "token"][..], &["links", "Login"], &["links", "--broken"], &["tags"], &["doctor"], &[]]
    {
        journal.run(arguments).assert_ok();
    }
    assert_eq!(files(), before);
}

#[test]
fn what_is_gone_is_left_out_and_what_changed_is_indexed_anew() {
    let (vault, journal) = world();
    vault.remove("Token.md");
    let output = journal.run(&["search", "expiry"]).assert_ok();
    assert_eq!(output.stdout.lines().count(), 1);
    insta::assert_snapshot!("a_hit_that_is_gone", output.transcript());
    let answer = json(&journal, &["search", "lives", "hour"]);
    assert_eq!(answer["gone"].as_array().unwrap().len(), 0, "the index has been told: {answer}");
    vault.write("Login.md", "Persimmon, and the login no more.\n");
    let answer = json(&journal, &["search", "login", "test"]);
    assert_eq!(answer["changed"][0], "Login.md", "{answer}");
    assert_eq!(found(&journal, &["persimmon"]), ["Login.md"]);
}

#[test]
fn a_vault_that_vanished_is_no_empty_answer() {
    let (vault, journal) = world();
    let elsewhere = vault.root().join("elsewhere");
    let inside = journal.in_folder(vault.root()).env("JOURNAL_VAULT", vault.path());
    fs::rename(vault.path(), &elsewhere).unwrap();
    let output = inside.run(&["search", "token"]).assert_status(2);
    assert!(output.stderr.contains("hint: if it lies on another disk"), "{}", output.transcript());
    fs::rename(&elsewhere, vault.path()).unwrap();
}

#[test]
fn links_of_a_note_and_of_the_vault() {
    let (vault, journal) = world();
    insta::assert_snapshot!(
        [
            journal.run(&["links", "Login"]).assert_ok().transcript(),
            journal.run(&["links", "Token", "--limit", "1"]).assert_ok().transcript(),
            journal.run(&["links", "Alone"]).assert_ok().transcript(),
            journal.run(&["links", "--broken"]).assert_ok().transcript(),
            journal.run(&["links", "--ambiguous"]).assert_ok().transcript(),
            journal.run(&["links", "--orphans"]).assert_ok().transcript(),
            journal.run(&["links"]).assert_status(2).transcript(),
            journal.run(&["links", "Login", "--broken"]).assert_status(2).transcript(),
            journal.run(&["links", "Logins"]).assert_status(1).transcript(),
            journal.run(&["tags"]).assert_ok().transcript(),
            journal.run(&["tags", "--limit", "1"]).assert_ok().transcript(),
        ]
        .join("\n")
    );
    for path in ["Gone.md", "b/Other.md"] {
        vault.write(path, "[[Alone]]");
    }
    vault.remove("b/Plan.md");
    journal.run(&["reindex"]).assert_ok();
    let none = |flag: &str| journal.run(&["links", flag]).assert_ok().stderr;
    assert_eq!(
        [none("--broken"), none("--ambiguous")],
        ["No link leads nowhere.\n", "Every link leads to one note.\n"]
    );
    assert_eq!(none("--orphans"), "Every note is linked with another.\n");
    vault.write("Login.md", "Other text.\n");
    assert!(journal.run(&["links", "Login"]).assert_ok().stderr.starts_with("The note has changed"));
}

/// The file of the index.
pub(super) fn index_of(vault: &TestVault) -> PathBuf {
    let vaults = fs::read_dir(vault.data_home().join("journal")).or_else(|_| fs::read_dir(vault.data_home())).unwrap();
    let indexes: Vec<_> =
        vaults.map(|entry| entry.unwrap().path().join("index.db")).filter(|path| path.exists()).collect();
    assert_eq!(indexes.len(), 1, "{indexes:?}");
    indexes.into_iter().next().unwrap()
}

/// Removes a database with its log.
pub(super) fn remove_database(path: &std::path::Path) {
    for beside in ["", "-wal", "-shm"] {
        let path = format!("{}{beside}", path.display());
        assert!(fs::remove_file(&path).is_ok() || !fs::exists(&path).unwrap());
    }
}

#[test]
fn what_is_said_in_other_words_is_found_by_its_meaning() {
    let vault = TestVault::from_fixture(
        "//- /.obsidian/app.json\n{}\n//- /Backup.md\nThe nightly copy to the second disk takes six hours.\n\
         //- /Bread.md\nThe sourdough starter doubles in four hours at room temperature.\n",
    );
    let journal = nobody(&vault);
    let question = "why is saving my files so slow";
    let by = |mode: &str| found(&journal, &["--mode", mode, question]);
    // The first search builds the index, of words; nothing is embedded without being asked for.
    assert_eq!(by("semantic"), [""; 0]);
    let output = journal.run(&["search", "--mode", "semantic", "copy"]).assert_ok();
    assert!(output.stderr.contains("by words only"), "{}", output.transcript());
    journal.run(&["reindex"]).assert_ok();
    for mode in ["hybrid", "semantic"] {
        assert_eq!(by(mode)[0], "Backup.md", "{mode}");
    }
    assert_eq!(by("text"), [""; 0]);
    // Meaning fills the page where words run out.
    let both = journal.run(&["search", "copy", "starter"]).assert_ok();
    assert_eq!((both.stdout.lines().count(), both.stderr.as_str()), (2, ""), "{}", both.transcript());
    let answer = json(&journal, &["search", question]);
    assert_eq!((&answer["by_meaning"], &answer["words_only"]), (&Value::Bool(true), &Value::Null), "{answer}");
    assert!(answer["hits"][0]["meaning"].as_f64().unwrap() > 0.0, "{answer}");
    // What has nothing to do with any note is found by neither.
    assert_eq!(found(&journal, &["xyzzy quux"]), [""; 0]);
}

#[test]
fn a_text_is_embedded_once_wherever_it_goes() {
    let vault = TestVault::from_fixture(
        "//- /.obsidian/app.json\n{}\n//- /a/One.md\nA first thought of apples.\n//- /a/Two.md\nAnother of pears.\n",
    );
    let journal = nobody(&vault);
    let embedded = |arguments: &[&str]| json(&journal, &[&["reindex"], arguments].concat())["embedded"].clone();
    assert_eq!(embedded(&["--words-only"]), Value::Null);
    let counts = |answer: &Value| ["new", "with_vector", "texts", "failed"].map(|key| answer[key].as_u64().unwrap());
    assert_eq!(counts(&embedded(&[])), [2, 2, 2, 0]);
    assert_eq!(counts(&embedded(&[])), [0, 2, 2, 0]);
    vault.rename("a", "moved");
    vault.write("Copy.md", "A first thought of apples.\n");
    assert_eq!(counts(&embedded(&[])), [0, 2, 2, 0]);
    vault.write("moved/Two.md", "Another of plums.\n");
    assert_eq!(counts(&embedded(&["--full"])), [1, 2, 2, 0]);
}
