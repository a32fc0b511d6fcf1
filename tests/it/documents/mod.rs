//! Sessions as documents: exported, imported again, shown inside Obsidian.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

mod exporting; // every format, looked at and held in snapshots
mod importing; // from a file, from the reference server, from a folder; twice, beside others, hostile
mod round_trip; // exported and imported, every note is what it was
mod viewing; // `Journal.base` and the graph in a session's note

use journal_testkit::{JournalCommand, Output, TestVault};

/// The command in a vault that may be empty, called by the agent `otter`.
fn otter(vault: &TestVault) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), vault).agent("otter").env("JOURNAL_VAULT", vault.path())
}

/// What a command printed as JSON.
#[track_caller]
fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{}", output.transcript()))
}

/// The notes of a vault, with their texts.
fn notes(vault: &TestVault) -> Vec<(String, String)> {
    let files = vault.snapshot().into_iter().filter(|(path, _)| path.ends_with(".md"));
    files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}
