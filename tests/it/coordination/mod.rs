//! Many agents at once: who is here, who holds what, who is told of it.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

mod commands; // what agents type: agents, lock, claim, events, in text and as objects
mod damage; // a database of who is here that is broken is set aside, and thinking goes on
mod kills; // real processes that fight for locks, are killed, stopped and robbed
mod load; // how busy a vault is, and who is told so
mod overlap; // who is about to get into whose way: claims, touched files, merges of real worktrees
mod worktrees; // real git worktrees: one project, and claims that count in one of them

use journal_testkit::{JournalCommand, TestVault};

/// The command in the world of a vault, called by an agent.
fn agent(vault: &TestVault, name: &str) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), vault)
        .agent(name)
        .env("JOURNAL_PROJECT", "den")
        // The table is as wide as its times, which are chance.
        .filter(r"(?m) {2,}", "  ")
        .filter(r"\d\d:\d\d \([^)]*\)", "[CLOCK]")
}

fn vault() -> TestVault {
    TestVault::from_fixture("//- /.obsidian/app.json\n{}\n")
}
