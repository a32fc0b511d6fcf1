//! The configuration of clients: printed as it is, and written around what is there.

use std::fs;

use super::*;

fn journal(vault: &TestVault) -> JournalCommand {
    fs::create_dir_all(vault.root().join("home")).expect("a folder can be made");
    nobody(vault).filter(&regex(env!("CARGO_BIN_EXE_journal")), "[JOURNAL]")
}

/// A path as a pattern.
fn regex(path: &str) -> String {
    path.replace('.', r"\.")
}

#[test]
fn every_client_is_told_in_its_own_words() {
    let vault = vault();
    let journal = journal(&vault);
    let mut shown = Vec::new();
    for arguments in [
        &["connect", "claude"][..],
        &["connect", "claude", "--scope", "project"],
        &["connect", "claude", "--http"],
        &["connect", "claude", "--http", "--scope", "project"],
        &["connect", "codex"],
        &["connect", "codex", "--http", "--port", "9000"],
        &["connect", "cursor"],
        &["connect", "cursor", "--http"],
    ] {
        shown.push(journal.run(arguments).assert_ok().transcript());
    }
    insta::assert_snapshot!(shown.join("\n"));
    assert!(!vault.root().join("home/.cursor").exists() && !vault.path().join(".mcp.json").exists());
}

#[test]
fn what_is_written_is_written_once_and_keeps_the_rest() {
    let vault = vault();
    let journal = journal(&vault);
    let home = vault.root().join("home");
    fs::create_dir_all(home.join(".codex")).unwrap();
    fs::write(home.join(".codex/config.toml"), "model = 'x' # mine\n").unwrap();
    for (arguments, path) in [
        (&["connect", "codex", "--write"][..], home.join(".codex/config.toml")),
        (&["connect", "cursor", "--http", "--write"], home.join(".cursor/mcp.json")),
        (&["connect", "claude", "--scope", "project", "--write"], vault.path().join(".mcp.json")),
    ] {
        journal.run(arguments).assert_ok();
        let once = fs::read_to_string(&path).unwrap();
        let again = journal.run(arguments).assert_ok();
        assert!(again.stderr.contains("nothing was changed"), "{}", again.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), once);
    }
    let codex = fs::read_to_string(home.join(".codex/config.toml")).unwrap();
    assert!(codex.starts_with("model = 'x' # mine\n\n[mcp_servers.journal]\n"), "{codex}");
}

#[test]
fn what_cannot_be_kept_is_left_alone_and_told() {
    let vault = vault();
    let journal = journal(&vault);
    let cursor = vault.root().join("home/.cursor/mcp.json");
    fs::create_dir_all(cursor.parent().unwrap()).unwrap();
    let before = "{\n  // mine\n  \"mcpServers\": {}\n}\n";
    fs::write(&cursor, before).unwrap();
    let mut shown = vec![journal.run(&["connect", "cursor", "--http", "--write"]).assert_status(2).transcript()];
    assert_eq!(fs::read_to_string(&cursor).unwrap(), before);
    shown.push(journal.run(&["connect", "claude", "--write"]).assert_status(2).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn the_entry_for_the_registry_is_of_this_version() {
    let entry: Value = serde_json::from_str(include_str!("../../../docs/server.json")).unwrap();
    assert_eq!(entry["version"], env!("CARGO_PKG_VERSION"));
    // The registry takes no more.
    assert!(entry["description"].as_str().unwrap().len() <= 100);
}
