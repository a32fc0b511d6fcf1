//! What is like a note, and what a new thought says again.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::fs;

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{
    nobody, otter,
    searching::{index_of, remove_database},
    settle, tail, think,
};

const NOTES: &str = r#"
//- /.obsidian/app.json
{}
//- /Backup.md
---
id: backup
---
The nightly copy to the second disk takes six hours, because every file is read again. See [[Disk]].
//- /Disk.md
The second disk takes a copy of every file each night, six hours long.
//- /Saving.md
Saving all my documents elsewhere while I sleep is slow: unchanged ones should be skipped.
//- /Bread.md
The sourdough starter doubles in four hours at room temperature.
//- /Empty.md
"#;

fn world() -> (TestVault, JournalCommand) {
    let vault = TestVault::from_fixture(NOTES);
    let journal = otter(&vault);
    settle();
    (vault, journal)
}

fn json(journal: &JournalCommand, arguments: &[&str]) -> Value {
    let output = journal.run(&[arguments, &["--json"]].concat());
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.transcript()))
}

fn paths(answer: &Value) -> Vec<String> {
    let notes = answer["notes"].as_array().unwrap();
    notes.iter().map(|note| note["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn by_meaning_where_there_are_vectors_and_by_words_before() {
    let (vault, journal) = world();
    // The first question builds the index, of words.
    let answer = json(&journal, &["related", "backup"]);
    assert_eq!((&answer["by_meaning"], paths(&answer)), (&Value::Bool(false), vec!["Disk.md".to_owned()]), "{answer}");
    assert!(answer["words_only"].as_str().unwrap().contains("journal reindex"), "{answer}");
    journal.run(&["reindex"]).assert_ok();
    let answer = json(&journal, &["related", "backup"]);
    assert_eq!((&answer["by_meaning"], &answer["words_only"]), (&Value::Bool(true), &Value::Null), "{answer}");
    assert_eq!(paths(&answer), ["Disk.md", "Saving.md"], "{answer}");
    let linked =
        |answer: &Value| answer["notes"].as_array().unwrap().iter().map(|note| note["linked"] == true).collect();
    let links: Vec<bool> = linked(&answer);
    assert_eq!(links, [true, false]);
    let links: Vec<bool> = linked(&json(&journal, &["related", "Disk.md"]));
    assert!(links[0], "a link from the other side counts as well");
    assert_eq!(json(&journal, &["related", "backup", "--limit", "1"])["notes"].as_array().unwrap().len(), 1);
    // What was written since has no vector yet and is compared all the same, by what it says now.
    vault.write("Bread.md", "The copy of all files to another disk at night is too slow.\n");
    assert_eq!(paths(&json(&journal, &["related", "Bread.md"])).len(), 3);
    // A note without a text is known by its title.
    journal.run(&["related", "Empty.md"]).assert_status(1);
    vault.remove("Disk.md");
    let answer = json(&journal, &["related", "backup"]);
    assert_eq!((paths(&answer).contains(&"Disk.md".to_owned()), &answer["gone"][0]), (false, &"Disk.md".into()));
}

#[test]
fn related_notes_are_told() {
    let (_vault, journal) = world();
    insta::assert_snapshot!(
        [
            journal.run(&["related", "backup"]).assert_ok().transcript(),
            journal.run(&["related", "Bread"]).assert_status(1).transcript(),
            journal.run(&["related", "nosuchnote"]).assert_status(1).transcript(),
            journal.run(&["related"]).assert_status(2).transcript(),
        ]
        .join("\n")
    );
    let quiet = journal.run(&["related", "Bread", "-q"]).assert_status(1);
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{}", quiet.transcript());
}

#[test]
fn another_session_is_told_once_and_ones_own_when_asked_for() {
    let (_vault, journal) = world();
    journal.run(&["reindex", "--words-only"]).assert_ok();
    let (own, first) = think(&journal, &["--title", "Lock", "The pomelo lock is taken before the quince queue."]);
    think(&journal, &["-s", &own, "The pomelo lock must be released before the quince queue is full."]);
    let other = ["The pomelo lock and the quince queue wait for each other.", "The quince queue needs no pomelo lock."];
    let (theirs, _) = think(&journal, &["--title", "Deadlock", other[0]]);
    think(&journal, &["-s", &theirs, other[1]]);
    for reference in [&first, &own] {
        let answer = json(&journal, &["related", reference]);
        let notes = answer["notes"].as_array().unwrap();
        assert_eq!(notes.len(), 1, "{answer}");
        assert_eq!((&notes[0]["session"], &notes[0]["more"]), (&theirs.as_str().into(), &1.into()), "{answer}");
        assert_eq!(notes[0]["same_session"], false);
    }
    let answer = json(&journal, &["related", &first, "--same-session"]);
    let same: Vec<bool> = answer["notes"].as_array().unwrap().iter().map(|note| note["same_session"] == true).collect();
    assert_eq!(same.iter().filter(|same| **same).count(), 1, "{answer}");
    assert_eq!(same.len(), 2, "{answer}");
}

#[test]
fn a_thought_that_was_had_before_is_pointed_out() {
    let (vault, journal) = world();
    let before = "The upload fails only when the third part finishes before the second one.";
    let again = "The upload fails when the third part finishes before the second, and only then.";
    // Nothing is known without an index, and none is made for it.
    let (session, _) = think(&journal, &["--title", "Flaky upload", before]);
    let answer = json(&journal, &["think", "--title", "Uploads", again]);
    assert_eq!(
        (&answer["similar_thoughts"], &answer["similar_sessions"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );
    journal.run(&["reindex", "--words-only"]).assert_ok();
    let other = nobody(&vault);
    let answer = json(&other, &["think", "--title", "Uploads again", again]);
    let thoughts = answer["similar_thoughts"].as_array().unwrap();
    assert!(thoughts.iter().any(|thought| thought["session"] == session.as_str()), "{answer}");
    assert!(thoughts.iter().all(|thought| thought["score"].as_f64().unwrap() >= 0.5 && thought["by"] == "words"));
    assert_eq!(answer["similar_sessions"].as_array().unwrap().len(), 2, "{answer}");
    // Sessions are told when one begins; a thought of one's own that is said again is told, too.
    let (own, _) = think(&other, &["--title", "Kitchen", "Risotto wants hot stock and toasted rice."]);
    let answer = json(&other, &["think", "-s", &own, "Risotto wants toasted rice and hot stock."]);
    assert_eq!(answer["similar_thoughts"][0]["session"], own.as_str(), "{answer}");
    assert_eq!(answer["similar_sessions"], Value::Array(vec![]));
    // One that revises another is like it on purpose.
    let answer = json(&other, &["think", "-s", &own, "--revises", "1", "Risotto wants cold stock and toasted rice."]);
    let numbers: Vec<_> =
        answer["similar_thoughts"].as_array().unwrap().iter().map(|thought| thought["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(2)], "{answer}");
    // What has nothing to do with the others is told nothing of.
    let answer = json(&other, &["think", "--title", "Piano", "Left hand alone in bars nine to twelve, slowly."]);
    assert_eq!(
        (&answer["similar_thoughts"], &answer["similar_sessions"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );
    // A person reads a line each, with what to type.
    let output = other.run(&["think", "--title", "Uploads once more", again]).assert_ok();
    let line = output.stdout.lines().find(|line| line.starts_with("similar ")).expect("it is pointed out");
    assert!(line.starts_with("similar  thought 1, The upload fails "), "{line}");
    assert!(line.contains(" · journal hydrate "), "{line}");
    assert!(!other.run(&["think", "--title", "Quiet", again, "-q"]).assert_ok().stdout.contains("similar "));
    assert!(tail(&session).len() == 6);
}

#[test]
fn who_begins_learns_which_sessions_of_the_project_are_open() {
    let (vault, journal) = world();
    journal.run(&["reindex", "--words-only"]).assert_ok();
    let begin = |who: &JournalCommand, project: &str, title: &str, text: &str| {
        json(who, &["think", "--number", "1", "--project", project, "--title", title, text])
    };
    let none = begin(&journal, "my den", "Gate", "The hinge of the garden gate squeaks.");
    assert_eq!(none["open_sessions"], Value::Array(vec![]), "its own is none of them: {none}");
    begin(&journal, "my den", "Over", "Wallpaper for the hall.");
    journal.run(&["session", "close", "Over"]).assert_ok();
    begin(&journal, "my den", "Later", "Which bulbs are planted in autumn?");
    journal.run(&["session", "pause", "Later"]).assert_ok();
    begin(&journal, "elsewhere", "Other", "A boat wants antifouling.");
    let other = nobody(&vault);
    let answer = begin(&other, "my den", "Roof", "Two tiles slid down in the storm.");
    let open: Vec<_> = answer["open_sessions"].as_array().unwrap().iter().collect();
    let titles: Vec<_> = open.iter().map(|session| session["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Later", "Gate"], "the last changed first: {answer}");
    assert_eq!((&open[0]["status"], &open[1]["status"]), (&"paused".into(), &"active".into()));
    // Only who begins is told, and one that is alike is not told twice.
    let id = answer["session"]["id"].as_str().unwrap();
    assert_eq!(json(&other, &["think", "-s", id, "They broke."])["open_sessions"], Value::Array(vec![]));
    let alike = begin(&other, "my den", "Gate again", "The hinge of the garden gate squeaks, and loudly.");
    assert_eq!(alike["similar_sessions"][0]["title"], "Gate", "{alike}");
    let open = alike["open_sessions"].as_array().unwrap();
    assert!(open.len() == 2 && open.iter().all(|session| session["title"] != "Gate"), "{alike}");
    let told = other.run(&["think", "--number", "1", "--project", "my den", "--title", "Cellar", "It is damp."]);
    assert!(told.assert_ok().stdout.contains("open     session Later · journal hydrate "));
}

#[test]
fn an_index_that_cannot_be_read_stops_no_thought() {
    let (vault, journal) = world();
    journal.run(&["reindex", "--words-only"]).assert_ok();
    let index = index_of(&vault);
    remove_database(&index);
    fs::write(&index, b"no database at all, however long it is ".repeat(100)).unwrap();
    let output = journal.run(&["think", "--title", "Goes on", "The nightly copy to the second disk takes six hours."]);
    assert!(output.stdout.contains("thought  "), "{}", output.transcript());
    assert!(!output.stdout.contains("similar "), "{}", output.transcript());
}

#[test]
fn two_texts_are_not_the_same_because_of_their_letters() {
    let (vault, journal) = world();
    think(&journal, &["--title", "비", "오늘은 비가 많이 온다"]);
    journal.run(&["reindex"]).assert_ok();
    let (other, _) = think(&journal, &["--title", "병원", "모레 병원에 가야 한다"]);
    journal.run(&["reindex"]).assert_ok();
    // It is written again, so its vector is there and no model is needed.
    let answer = json(&nobody(&vault), &["think", "--title", "병원", "모레 병원에 가야 한다"]);
    let sessions: Vec<_> = answer["similar_thoughts"].as_array().unwrap().iter().map(|one| &one["session"]).collect();
    assert_eq!(sessions, [other.as_str()], "{answer}");
    assert_eq!(answer["similar_thoughts"][0]["by"], "words");
}
