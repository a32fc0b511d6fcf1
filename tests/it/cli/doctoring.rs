//! `journal doctor`: each finding provoked, and mended as it says.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::fs;

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{
    everything, nobody,
    searching::{index_of, remove_database},
};

const ID: &str = "01JD3V8QK7X2M4N6P8R0T2V4W6";

pub(super) fn world() -> (TestVault, JournalCommand) {
    let vault = TestVault::from_fixture(&format!(
        "//- /.obsidian/app.json\n{{}}\n//- /A.md\n---\nid: {ID}\ncreated: 2026-01-01T10:00:00\n---\n[[B]]\n//- /B.md\n[[A]]\n"
    ));
    let journal = nobody(&vault)
        .filter(r"\d+ (bytes|kB)|\d+\.\d [MG]B", "[size]")
        .filter(r"free \([^)]*\)", "free ([file system])")
        .filter(r"SQLite \d+\.\d+\.\d+", "SQLite [version]");
    journal.run(&["reindex"]).assert_ok();
    (vault, journal)
}

/// What a doctor finds: code and paths, a line each.
#[track_caller]
pub(super) fn findings(journal: &JournalCommand, arguments: &[&str], status: i32) -> Vec<String> {
    told(&examine(journal, arguments, status)["findings"])
}

#[track_caller]
pub(super) fn examine(journal: &JournalCommand, arguments: &[&str], status: i32) -> Value {
    let output = journal.run(&[&["doctor", "--json"], arguments].concat()).assert_status(status);
    let object: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(object["well"].as_bool(), Some(status == 0));
    object
}

pub(super) fn told(findings: &Value) -> Vec<String> {
    let one = |finding: &Value| {
        let paths: Vec<_> = finding["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
        assert!(!finding["message"].as_str().unwrap().is_empty() && !finding["mend"].as_str().unwrap().is_empty());
        let severity = finding["severity"].as_str().unwrap();
        format!("{severity} {} {}", finding["code"].as_str().unwrap(), paths.join(", ")).trim_end().to_owned()
    };
    findings.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn all_is_well() {
    let (vault, journal) = world();
    let before = vault.snapshot();
    insta::assert_snapshot!(
        [
            journal.run(&["doctor"]).assert_ok().transcript(),
            journal.run(&["doctor", "--fix"]).assert_ok().transcript(),
        ]
        .join("\n")
    );
    assert_eq!(findings(&journal, &[], 0), [""; 0]);
    assert_eq!(vault.snapshot(), before);
}

#[test]
fn a_vault_that_was_never_written_to_is_looked_at_all_the_same() {
    let vault = TestVault::from_fixture(
        "//- /.obsidian/app.json\n{}\n//- /A.md\n---\nid: x1\n---\n//- /C.md\n---\nid: x1\n---\n",
    );
    let journal = nobody(&vault);
    let before = everything(&vault);
    assert_eq!(findings(&journal, &[], 4), ["error duplicate-id A.md, C.md", "note no-index"]);
    assert_eq!(everything(&vault), before);
    assert_eq!(findings(&journal, &["--fix"], 4), ["error duplicate-id A.md, C.md"]);
    assert!(index_of(&vault).exists());
}

#[test]
fn what_is_wrong_with_notes_is_told_and_left_to_people() {
    let (vault, journal) = world();
    vault.write("A (conflicted copy 2020-05-04).md", format!("---\nid: {ID}\n---\n"));
    vault.write("Copy.md", format!("---\nid: {ID}\ncreated: 2026-11-01T10:00:00\n---\n[[Nowhere]] [[No]]\n"));
    vault.write("Broken.md", "---\nid: 7\nid: 8\n---\n");
    journal.run(&["reindex"]).assert_ok();
    let before = vault.snapshot();
    insta::assert_snapshot!("what_is_wrong_with_notes", journal.run(&["doctor"]).assert_status(4).transcript());
    let expected = [
        "error duplicate-id A.md, Copy.md",
        "warning conflict-copy A (conflicted copy 2020-05-04).md",
        "warning broken-properties Broken.md",
        "note broken-links Copy.md",
    ];
    assert_eq!(findings(&journal, &[], 4), expected);
    assert_eq!(findings(&journal, &["--fix"], 4), expected);
    assert_eq!(vault.snapshot(), before, "nothing in a note is mended without being asked for by name");
}

#[test]
fn the_younger_of_two_gets_an_id_of_its_own_when_asked_by_name() {
    let (vault, journal) = world();
    let text = format!("---\n# mine\nid: \"{ID}\"   # keep\naliases: [x]\n---\r\nbody\n");
    vault.write("Copy.md", &text);
    journal.run(&["reindex"]).assert_ok();
    let journal = journal.filter(r"Copy\.md: [0-9A-Z]{26}", "Copy.md: [new id]");
    insta::assert_snapshot!(
        "a_new_id",
        [
            journal.run(&["doctor", "--new-id", "Gone.md"]).assert_status(1).transcript(),
            journal.run(&["doctor", "--new-id", "B.md"]).assert_status(2).transcript(),
            journal.run(&["doctor", "--new-id", "../x.md"]).assert_status(2).transcript(),
            journal.run(&["doctor", "--new-id", "Copy.md"]).assert_ok().transcript(),
            journal.run(&["doctor", "--new-id", "Copy.md"]).assert_status(3).transcript(),
        ]
        .join("\n")
    );
    let after = vault.read("Copy.md");
    let id = after.split('"').nth(1).unwrap();
    assert_eq!(after, text.replace(ID, id), "every other byte stays");
    assert!(id.len() == 26 && id != ID);
    let shown = journal.run(&["show", id]).assert_ok();
    assert!(shown.stdout.contains("Copy.md"), "{}", shown.transcript());
    journal.run(&["reindex", "--check"]).assert_ok();
    vault.write("Odd.md", format!("---\nid: &a {ID}\n---\n"));
    let refused = journal.run(&["doctor", "--new-id", "Odd.md"]).assert_status(2);
    assert!(refused.stderr.contains("was left as it is"), "{}", refused.transcript());
}

#[test]
fn temporary_files_of_killed_processes_are_swept() {
    let (vault, journal) = world();
    let mut ended = std::process::Command::new("true").spawn().unwrap();
    ended.wait().unwrap();
    let stale = format!(".journal-{}-0123456789abcdef.tmp", ended.id());
    let alive = format!(".journal-{}-0123456789abcdef.tmp", std::process::id());
    for name in [&stale, &alive] {
        fs::write(vault.join(name), "half").unwrap();
    }
    assert_eq!(findings(&journal, &[], 4), [format!("warning stale-temps {stale}")]);
    let mended = examine(&journal, &["--fix"], 0);
    assert_eq!(told(&mended["mended"]), [format!("warning stale-temps {stale}")]);
    assert!(!vault.join(&stale).exists() && vault.join(&alive).exists());
}

#[test]
fn an_index_that_is_old_missing_or_damaged_is_mended() {
    let (vault, journal) = world();
    vault.write("New.md", "Not indexed.\n");
    vault.write("B.md", "Changed.\n");
    vault.remove("A.md");
    assert_eq!(findings(&journal, &[], 4), ["warning stale-index A.md, B.md, New.md"]);
    insta::assert_snapshot!("a_stale_index", journal.run(&["doctor", "--fix"]).assert_ok().transcript());
    journal.run(&["reindex", "--check"]).assert_ok();

    let index = index_of(&vault);
    remove_database(&index);
    assert_eq!(findings(&journal, &[], 0), ["note no-index"]);
    assert_eq!(findings(&journal, &["--fix"], 0), [""; 0]);

    remove_database(&index);
    fs::write(&index, "no database at all, however long it is ".repeat(100)).unwrap();
    assert_eq!(findings(&journal, &[], 4), ["error damaged-index"]);
    let alone = journal.run::<&str>(&[]).assert_ok();
    assert!(alone.stdout.contains("is damaged") && alone.stdout.contains("journal doctor --fix"), "{}", alone.stdout);
    let links = journal.run(&["reindex", "--check"]).assert_status(2);
    assert!(links.stderr.contains("hint: nothing is lost"), "{}", links.transcript());
    assert_eq!(findings(&journal, &["--fix"], 0), ["note index-set-aside"]);
    assert_eq!(findings(&journal, &["--fix"], 0), [""; 0]);
    journal.run(&["reindex", "--check"]).assert_ok();
}

#[test]
fn a_damaged_page_inside_the_index_is_found_and_mended() {
    let (vault, journal) = world();
    for n in 0..200 {
        vault.write(&format!("N{n}.md"), format!("Note {n} {}\n", "with many words in it ".repeat(40)));
    }
    journal.run(&["reindex"]).assert_ok();
    let index = index_of(&vault);
    // All that stands in the log is to be in the database, or its pages would hide the damage.
    let connection = rusqlite::Connection::open(&index).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let mut bytes = fs::read(&index).unwrap();
    let middle = bytes.len() / 16384 / 2 * 16384;
    bytes[middle..].chunks_mut(16384).for_each(|page| page[..400].fill(0x5a));
    fs::write(&index, bytes).unwrap();
    let found = findings(&journal, &[], 4);
    assert!(found.contains(&"error damaged-index".to_owned()), "{found:?}");
    assert_eq!(findings(&journal, &["--fix"], 0), ["note index-set-aside"]);
    journal.run(&["reindex", "--check"]).assert_ok();
}

#[test]
fn an_index_of_a_newer_program_is_left_alone() {
    let (vault, journal) = world();
    let connection = rusqlite::Connection::open(index_of(&vault)).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    assert_eq!(findings(&journal, &["--fix"], 4), ["error newer-index"]);
    journal.run(&["search", "x"]).assert_status(2);
}

#[test]
fn the_database_that_says_who_is_here_is_looked_at() {
    let (vault, journal) = world();
    let state = index_of(&vault).with_file_name("state.db");
    fs::write(&state, "no database at all, however long it is ".repeat(100)).unwrap();
    assert_eq!(findings(&journal, &[], 4), ["error damaged-state"]);
    journal.run(&["doctor", "--fix"]).assert_ok();
    assert!(state.with_file_name("state.db.damaged").exists());
    assert_eq!(findings(&journal, &[], 0), [""; 0]);
}

#[test]
fn what_cannot_be_read_beside_the_notes_keeps_nobody_from_the_rest() {
    let (vault, journal) = world();
    let state = index_of(&vault).parent().unwrap().to_owned();
    journal.agent("otter").run(&["lock", "acquire", "release"]).assert_ok();
    vault.write("Broken.md", "---\nid: 7\nid: 8\n---\n");
    journal.run(&["reindex"]).assert_ok();
    for (name, code) in [
        ("index.db", "error unreadable-index"),
        ("state.db", "error unreadable-state"),
        ("leader", "error unreadable-state"),
        ("open.lock", "error unreadable-state"),
    ] {
        // A folder is what even the superuser cannot read as a file.
        let (file, aside) = (state.join(name), state.join("aside"));
        let was_there = fs::rename(&file, &aside).is_ok();
        fs::create_dir(&file).unwrap();
        let found = findings(&journal, &[], 4);
        let rest = "warning broken-properties Broken.md".to_owned();
        assert!(found.contains(&code.to_owned()) && found.contains(&rest), "{name}: {found:?}");
        let report = vault.root().join(format!("{name}.txt"));
        journal.run(&["doctor", "--report", &report.display().to_string()]).assert_ok();
        let report = fs::read_to_string(report).unwrap();
        assert!(report.contains(&code["error ".len()..]), "{name}: {report}");
        fs::remove_dir(&file).unwrap();
        if was_there {
            fs::rename(&aside, &file).unwrap();
        }
    }
    assert_eq!(findings(&journal, &[], 4), ["warning broken-properties Broken.md"]);
}

#[test]
fn a_long_log_is_told() {
    let (vault, journal) = world();
    let log = index_of(&vault).with_file_name("index.db-wal");
    fs::File::create(&log).unwrap().set_len(70 * 1024 * 1024).unwrap();
    assert_eq!(findings(&journal, &[], 4), ["warning long-log"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_or_lies_outside_is_told() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (vault, journal) = world();
    symlink("/etc/hostname", vault.join("Out.md")).unwrap();
    assert_eq!(findings(&journal, &[], 0), ["note passed-over Out.md"]);
    fs::remove_file(vault.join("Out.md")).unwrap();
    let closed = vault.join("B.md");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&closed).is_err() {
        assert_eq!(findings(&journal, &[], 4), ["error unreadable B.md"]);
        // One that was never indexed is not mended by indexing it.
        fs::write(vault.join("New.md"), "new").unwrap();
        fs::set_permissions(vault.join("New.md"), fs::Permissions::from_mode(0o000)).unwrap();
        assert_eq!(findings(&journal, &[], 4), ["error unreadable B.md", "error unreadable New.md"]);
        assert!(journal.run(&["doctor"]).assert_status(4).stdout.contains("chmod u+r "));
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o644)).unwrap();
}
