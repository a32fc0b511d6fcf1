//! A database of who is here that is broken: set aside and told, and nothing of the notes is in it.

use std::fs;

use super::{agent, vault};

#[test]
fn a_damaged_database_is_set_aside_and_work_goes_on() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    let state =
        journal_testkit::snapshot(vault.data_home()).into_keys().find(|path| path.ends_with("/state.db")).unwrap();
    let state = vault.data_home().join(state);
    for line in [
        &["think", "--session", "Gate", "It still jams."][..],
        &["session", "pause", "Gate"],
        &["lock", "acquire", "deploy"],
        &["claim", "add", "src"],
        &["agents"],
        &["events"],
    ] {
        damage(&state);
        let output = otter.run(line);
        assert!(matches!(output.status, Some(0 | 4)), "{}", output.transcript());
        let told = &output.stderr;
        assert!(told.contains("`state.db` was damaged and is set aside as `"), "{line:?}: {told}");
        assert!(told.contains("who held what is forgotten"), "{told}");
        assert!(!otter.run(line).stderr.contains("damaged"), "{line:?} is told twice");
        assert!(state.with_file_name("state.db.damaged").exists());
    }
    assert!(otter.run(&["hydrate", "Gate"]).assert_ok().stdout.contains("It still jams."));
}

#[test]
fn a_session_that_was_changed_stays_changed_when_others_cannot_be_told() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    let state =
        journal_testkit::snapshot(vault.data_home()).into_keys().find(|path| path.ends_with("/state.db")).unwrap();
    let connection = rusqlite::Connection::open(vault.data_home().join(state)).unwrap();
    let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON events WHEN new.kind = 'session-changed'
                   BEGIN SELECT RAISE(FAIL, 'no more room'); END";
    connection.execute_batch(refuses).unwrap();
    let told = otter.run(&["session", "pause", "Gate"]).assert_ok();
    assert!(told.stdout.contains("is paused"), "{}", told.stdout);
    assert!(told.stderr.contains("no more room") && told.stderr.contains("the session is changed"), "{}", told.stderr);
    assert!(otter.run(&["hydrate", "Gate"]).assert_ok().stdout.contains("paused"));
}

#[test]
fn pages_that_are_broken_behind_the_first_are_found_too() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    for n in 0..30 {
        otter.run(&["claim", "add", &format!("folder-{n}"), "--reason", &"why ".repeat(100)]).assert_ok();
    }
    let state =
        journal_testkit::snapshot(vault.data_home()).into_keys().find(|path| path.ends_with("/state.db")).unwrap();
    let state = vault.data_home().join(state);
    let connection = rusqlite::Connection::open(&state).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let mut bytes = fs::read(&state).unwrap();
    bytes[4096..].fill(0x55);
    fs::write(&state, bytes).unwrap();
    let output = otter.run(&["lock", "acquire", "deploy", "--json"]).assert_ok();
    assert!(output.stderr.contains("is set aside"), "{}", output.stderr);
    let told: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    // A holder from before has a token below, and is fenced off: the counts go on from the time, which is far above.
    assert!(told["token"].as_u64().unwrap() > 1_000_000, "{told}");
}

#[test]
fn a_thought_without_a_session_sets_a_damaged_database_aside_under_its_own_lock() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    damage(&state_of(&vault));
    // A command that waited for the lock that it holds itself would be refused when its patience is over.
    let told = otter.run(&["think", "hey"]).assert_ok();
    assert!(told.stderr.contains("`state.db` was damaged and is set aside"), "{}", told.stderr);
}

#[test]
fn whoever_finds_the_damage_tells_it_whatever_the_command() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    let nobody = otter.without_env("JOURNAL_AGENT");
    for (who, line) in [
        (&otter, &["scratch", "--path"][..]),
        (&otter, &["marker", "create", "here"]),
        #[cfg(unix)]
        (&nobody, &["lock", "run", "deploy", "--", "/bin/sh", "-c", "true"]),
        (&nobody, &["lock", "status"]),
    ] {
        damage(&state_of(&vault));
        let told = [who.run(line).assert_ok().stderr, otter.run(&["agent"]).assert_ok().stderr];
        assert_eq!(told.concat().matches("is set aside").count(), 1, "{line:?}: {told:?}");
    }
}

#[test]
fn tokens_go_on_above_those_of_a_database_that_is_gone_or_empty() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    let mut last = 0;
    for lost in [None, Some("empty"), Some("gone")] {
        if let Some(lost) = lost {
            let state = state_of(&vault);
            remove_beside(&state);
            fs::remove_file(&state).unwrap();
            if lost == "empty" {
                fs::write(&state, "").unwrap();
            }
        }
        let output = otter.run(&["lock", "acquire", "deploy", "--json"]).assert_ok();
        assert_eq!(output.stderr.contains("was gone or empty"), lost.is_some(), "{}", output.stderr);
        let told: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let token = told["token"].as_u64().unwrap();
        assert!(token > last, "{token} after {last}");
        last = token;
    }
    assert!(!otter.run(&["lock", "renew", "deploy"]).assert_ok().stderr.contains("damaged"));
}

fn state_of(vault: &journal_testkit::TestVault) -> std::path::PathBuf {
    let state = journal_testkit::snapshot(vault.data_home()).into_keys().find(|path| path.ends_with("/state.db"));
    vault.data_home().join(state.unwrap())
}

fn remove_beside(state: &std::path::Path) {
    for beside in ["state.db-wal", "state.db-shm"] {
        drop(fs::remove_file(state.with_file_name(beside)));
    }
}

fn damage(state: &std::path::Path) {
    remove_beside(state);
    fs::write(state, "not a database ".repeat(1_000)).unwrap();
}
