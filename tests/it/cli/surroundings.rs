//! `journal doctor` looks around: each thing that is not in order provoked, and mended where that is safe.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Stdio,
    time::{Duration, SystemTime},
};

use journal_testkit::poll_until;
use serde_json::Value;

use super::{
    doctoring::{examine, findings, world},
    scheduling::tools,
    searching::index_of,
};

#[test]
fn who_watches_is_told_and_that_nobody_does_any_more() {
    let (_vault, journal) = world();
    assert_eq!(examine(&journal, &[], 0)["watch"], Value::Null);
    let mut command = journal.command(&["watch"]);
    let mut watch = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let told = poll_until(Duration::from_secs(60), "the watch", || {
        let told = examine(&journal, &[], 0)["watch"].clone();
        (told["pid"] == watch.id() && told["compared"].is_string()).then_some(told)
    });
    assert_eq!((&told["polling"], &told["trouble"]), (&Value::Null, &Value::Null));
    assert!(journal.run(&["doctor"]).assert_ok().stdout.contains(&format!("watch    process {}", watch.id())));
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert_eq!(examine(&journal, &[], 0)["watch"]["pid"], Value::Null);
    assert!(journal.run(&["doctor"]).assert_ok().stdout.contains("watch    nobody now"));
}

#[test]
fn databases_that_others_may_read_are_closed_when_asked() {
    let (vault, journal) = world();
    let state = index_of(&vault).parent().unwrap().to_owned();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(findings(&journal, &[], 4), ["warning open-state"]);
    assert_eq!(findings(&journal, &["--fix"], 0), [""; 0]);
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_vault_that_cannot_be_written_is_told() {
    let (vault, journal) = world();
    fs::set_permissions(vault.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let found = findings(&journal, &[], 4);
    fs::set_permissions(vault.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(found, ["warning read-only-vault"]);
}

#[test]
fn databases_among_what_is_synced_are_told() {
    let (vault, journal) = world();
    let synced = vault.root().join("Dropbox/state");
    fs::create_dir_all(&synced).unwrap();
    let journal = journal.env("JOURNAL_DATA_DIR", &synced);
    journal.run(&["reindex"]).assert_ok();
    assert_eq!(findings(&journal, &[], 4), ["warning synced-state"]);
}

#[test]
fn notes_from_the_future_are_told() {
    let (vault, journal) = world();
    let file = fs::File::options().write(true).open(vault.join("B.md")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    journal.run(&["reindex"]).assert_ok();
    assert_eq!(findings(&journal, &[], 0), ["note future-times B.md"]);
}

#[test]
fn what_a_killed_process_held_is_told() {
    let (_vault, journal) = world();
    let mut holder = journal.agent("otter").command(&["lock", "run", "release", "--", "/bin/cat"]);
    // What it runs ends with this pipe.
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    poll_until(Duration::from_secs(60), "the lock", || {
        journal.run(&["lock", "status"]).stdout.contains("release").then_some(())
    });
    let held = examine(&journal, &[], 0);
    assert_eq!((&held["agents"]["here"], &held["agents"]["held"]), (&1.into(), &1.into()));
    holder.kill().unwrap();
    holder.wait().unwrap();
    // The command outlives it by as long as it takes to see that its input has ended.
    poll_until(Duration::from_secs(60), "the end of the command", || {
        (findings(&journal, &[], 0) == ["note stale-lease"]).then_some(())
    });
}

#[test]
fn a_model_that_is_gone_is_told() {
    let (vault, journal) = world();
    fs::write(index_of(&vault).with_file_name("model"), "/gone/model\n").unwrap();
    assert_eq!(findings(&journal, &[], 4), ["warning model-trouble"]);
    let told = examine(&journal, &[], 4);
    assert!(told["model"]["trouble"].as_str().unwrap().contains("/gone/model"), "{told}");
    assert!(told["findings"][0]["mend"].as_str().unwrap().contains("journal model use built-in"), "{told}");
}

#[test]
fn schedules_and_how_they_ran_are_told() {
    let (vault, journal) = world();
    let journal = journal.env("PATH", tools(&vault));
    journal.run(&["schedule", "install"]).assert_ok();
    journal.run(&["reindex", "--scheduled"]).assert_ok();
    let told = examine(&journal, &[], 0);
    assert_eq!((&told["schedules"][0]["kind"], &told["last_run"]["exit"]), (&"cron".into(), &0.into()));
    let status = journal.run(&["status"]).assert_ok();
    assert!(status.stdout.contains("\nlast run "), "{}", status.stdout);
    // It ran ten hours ago, and failed, and its line was edited since.
    let last = index_of(&vault).with_file_name("last-run");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let then = now - 10 * 3_600_000;
    fs::write(&last, format!("begun\t{then}\nended\t{then}\nexit\t2\nerror\tthe disk is full\n")).unwrap();
    let tab = vault.root().join("crontab");
    fs::write(&tab, fs::read_to_string(&tab).unwrap().replace("nice -n 19", "nice -n 1")).unwrap();
    assert_eq!(
        findings(&journal, &[], 4),
        ["warning schedule-late", "warning schedule-failed", "note schedule-edited"]
    );
    // A clock that was set back.
    let later = now + 3_600_000;
    fs::write(&last, format!("begun\t{later}\nended\t{later}\nexit\t0\n")).unwrap();
    assert_eq!(findings(&journal, &[], 4), ["warning clock-back", "note schedule-edited"]);
    // A cron that says something else.
    fs::write(&last, format!("begun\t{now}\nended\t{now}\nexit\t0\n")).unwrap();
    fs::write(vault.root().join("spool-is-gone"), "").unwrap();
    assert_eq!(findings(&journal, &[], 0), ["note schedule-unknown"]);
}
