//! The command as people, agents and scripts use it: what it prints, what it writes, how it ends.

mod agents; // several on one session: held, beside each other, taken over
mod belongings; // scratch files, markers, plans and logs: each agent finds its own
mod doctoring; // what is not in order, and mending it
mod hooks; // what clients and git call by themselves
mod programs; // JSON, pipes, configuration, scripts for shells
mod readme; // the first session as README.md shows it
mod reindexing; // the index brought up to date, or only compared
mod related; // what is like a note, and what a new thought says again
#[cfg(unix)]
mod reporting; // a file for a bug report, and what is never in it
#[cfg(unix)]
mod scheduling; // what the system is told to run, and how it went
mod searching; // words, filters and links, and what is said when nothing fits
mod story; // from an empty folder to a session that is closed
#[cfg(unix)]
mod surroundings; // what `journal doctor` says of disks, clocks, models, schedules and whoever is gone

use journal_testkit::{JournalCommand, TestVault, snapshot};

/// The command in the world of a vault, called by the agent `otter`.
fn otter(vault: &TestVault) -> JournalCommand {
    nobody(vault).agent("otter")
}

/// The command in the world of a vault, called by nobody in particular.
fn nobody(vault: &TestVault) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), vault)
        // The name of an agent whose id was made up is another one each time.
        .filter(r"[a-z]+-[a-z]+ \(made up", "[name] (made up")
        // Whether a minute has begun since the session has is chance.
        .filter(r", last written .*", "")
}

/// Appends a thought and gives back the ids of its session and itself.
#[track_caller]
fn think(journal: &JournalCommand, arguments: &[&str]) -> (String, String) {
    let output = journal.run(&[&["think", "--json"], arguments].concat()).assert_ok();
    let answer: serde_json::Value = serde_json::from_str(&output.stdout).expect("the answer is JSON");
    let id = |of: &str| answer[of]["id"].as_str().expect("it has an id").to_owned();
    (id("session"), id("thought"))
}

/// The last six characters of an id, lower case.
fn tail(id: &str) -> String {
    id[id.len() - 6..].to_lowercase()
}

/// Everything on the machine of a vault: the vault and what lies beside it.
fn everything(vault: &TestVault) -> journal_testkit::Snapshot {
    snapshot(vault.root())
}

/// Waits until the files that were just written are known by their times: sooner, every look at them reads them again.
fn settle() {
    let begun = std::time::Instant::now();
    journal_testkit::poll_until(std::time::Duration::from_secs(5), "the files to settle", || {
        (begun.elapsed().as_millis() > 50).then_some(())
    });
}
