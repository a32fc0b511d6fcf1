//! Bringing the index up to date: what is told, what is refused, and who waits for whom.

use std::{fs, fs::File};

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{nobody, otter, searching::index_of, settle, think};

fn world(notes: usize) -> (TestVault, JournalCommand) {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{\"userIgnoreFilters\": [\"Templates/\"]}\n");
    for n in 0..notes {
        vault.write(&format!("N{n:02}.md"), format!("Note {n} about apples, see [[N00]].\n"));
    }
    vault.write("Templates/T.md", "Nothing\n");
    settle();
    let journal = nobody(&vault);
    (vault, journal)
}

fn json(journal: &JournalCommand, arguments: &[&str], status: i32) -> Value {
    let output = journal.run(&[&["reindex", "--json"], arguments].concat()).assert_status(status);
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.transcript()))
}

#[test]
fn what_changed_is_told() {
    let (vault, journal) = world(5);
    let mut shown = vec![journal.run(&["reindex"]).assert_ok().transcript()];
    shown.push(journal.run(&["reindex"]).assert_ok().transcript());
    vault.write("N01.md", "Changed.\n");
    vault.write("New.md", "---\ntitle: [\n---\nNew.\n");
    vault.rename("N02.md", "Moved/N02.md");
    vault.remove("N03.md");
    settle();
    shown.push(journal.run(&["reindex", "--check"]).assert_status(4).transcript());
    shown.push(journal.run(&["reindex", "--paths", "N01.md", "Moved/"]).assert_ok().transcript());
    shown.push(journal.run(&["reindex"]).assert_ok().transcript());
    shown.push(journal.run(&["reindex", "--full"]).assert_ok().transcript());
    shown.push(journal.run(&["reindex", "--check"]).assert_ok().transcript());
    shown.push(journal.run(&["reindex", "--paths", "../out"]).assert_status(2).transcript());
    shown.push(journal.run(&["reindex", "--check", "--full"]).assert_status(2).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn programs_read_one_object() {
    let (vault, journal) = world(3);
    let built = json(&journal, &[], 0);
    assert_eq!((built["fresh"].as_str(), built["added"].as_u64()), (Some("built"), Some(3)), "{built}");
    assert_eq!((built["excluded"].as_u64(), built["schema_version"].as_u64()), (Some(1), Some(1)), "{built}");
    vault.rename("N01.md", "a/N01.md");
    vault.write("N02.md", "Other.\n");
    settle();
    let differs = json(&journal, &["--check"], 4);
    let differences: Vec<_> = differs["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["path"].as_str().unwrap(), one["difference"].as_str().unwrap()))
        .collect();
    assert_eq!(differences, ["N01.md gone", "N02.md other-content", "a/N01.md not-indexed"]);
    let done = json(&journal, &[], 0);
    assert_eq!(done["moved"].to_string(), r#"[{"from":"N01.md","to":"a/N01.md"}]"#);
    assert_eq!((done["changed"].as_u64(), done["unchanged"].as_u64()), (Some(1), Some(1)), "{done}");
    assert!(json(&journal, &["--check"], 0)["right"].as_bool().unwrap());
}

#[test]
fn an_index_of_no_vault_is_compared_with_nothing() {
    let (_vault, journal) = world(1);
    insta::assert_snapshot!(journal.run(&["reindex", "--check"]).assert_status(1).transcript());
}

#[test]
fn a_vault_that_lost_most_of_its_notes_keeps_its_index() {
    let (vault, journal) = world(30);
    journal.run(&["reindex"]).assert_ok();
    for n in 3..30 {
        vault.remove(&format!("N{n:02}.md"));
    }
    insta::assert_snapshot!(journal.run(&["reindex"]).assert_status(2).transcript());
    assert_eq!(json(&journal, &["--allow-prune"], 0)["deleted"].as_u64(), Some(27));
}

#[test]
fn one_works_and_the_others_say_so() {
    let (vault, journal) = world(3);
    journal.run(&["reindex"]).assert_ok();
    let lock = File::options().write(true).open(index_of(&vault).with_file_name("reindex.lock")).unwrap();
    lock.lock().unwrap();
    let journal = journal.filter(r"\(`process \d+`\)", "(`process [PID]`)");
    insta::assert_snapshot!(journal.run(&["reindex"]).assert_status(3).transcript());
    // Who reads does not wait, nor does who thinks.
    journal.run(&["search", "apples"]).assert_ok();
    think(&otter(&vault), &["A thought meanwhile."]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| journal.run(&["reindex", "--wait", "--json"]));
        journal_testkit::poll_until(std::time::Duration::from_secs(20), "the lock to be asked for", || {
            (!waiting.is_finished()).then_some(())
        });
        lock.unlock().unwrap();
        waiting.join().unwrap().assert_ok();
    });
}

#[cfg(unix)]
#[test]
fn a_note_that_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let (vault, journal) = world(2);
    let closed = vault.join("N01.md");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&closed).is_ok() {
        // Nothing is closed to root.
        return;
    }
    let output = journal.run(&["reindex"]).assert_status(4);
    assert!(output.stdout.contains("skipped  N01.md: cannot read"), "{}", output.transcript());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(json(&journal, &[], 0)["added"].as_u64(), Some(1));
}

#[test]
fn no_progress_where_nobody_looks() {
    let (_vault, journal) = world(3);
    let output = journal.run(&["reindex"]).assert_ok();
    assert!(!output.stderr.contains('\r'), "{}", output.transcript());
}

#[test]
fn a_thought_is_in_the_index_that_a_demonstration_leaves() {
    let vault = TestVault::new();
    let journal = nobody(&vault);
    journal.run(&["init", "--demo", "demo"]).assert_ok();
    let inside = journal.in_folder(&vault.join("demo"));
    let output = inside.run(&["search", "checksum", "--files"]).assert_ok();
    assert!(output.stderr.is_empty() && output.stdout.lines().count() > 1, "{}", output.transcript());
    // Embedded as well, with no network and nothing installed.
    let output = inside.run(&["search", "why does saving take all night", "--mode", "semantic", "--files"]).assert_ok();
    assert!(output.stdout.contains("The nightly copy takes six hours"), "{}", output.transcript());
    inside.run(&["reindex", "--check"]).assert_ok();
}
