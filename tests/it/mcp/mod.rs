//! The server as agents use it, by the real binary over standard input and output.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

mod cleared; // a client whose conversation is another one now
mod client;
mod conversation; // a whole story, and what is refused in it
mod drop_in; // what a client of the reference server sends and gets
mod eras; // every revision of the protocol, from one process
mod fuzz; // whatever comes in, only the protocol goes out
mod life; // when it ends, and that no call waits for another
mod listed; // the tools as a client lists them: cost, schemas, annotations, the page in docs
mod order; // calls that are sent without waiting, and several processes on one vault
mod reading_on; // budgets and cursors
mod together; // several agents: who is here, locks, claims

use journal_testkit::{JournalCommand, TestVault};
use serde_json::{Value, json};

use client::Client;

/// A client of a server on this vault, with nothing in its environment that says who calls.
fn client(vault: &TestVault) -> Client {
    client_with(vault, &[])
}

/// The same, with options of the command.
fn client_with(vault: &TestVault, options: &[&str]) -> Client {
    let mut client = Client::start(vault, options);
    client.initialize("2025-11-25");
    client
}

fn journal(vault: &TestVault) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), vault).env("JOURNAL_VAULT", vault.path())
}

/// The arguments of the reference server.
fn thought(number: u32, text: &str) -> Value {
    json!({ "thought": text, "thoughtNumber": number, "totalThoughts": 3, "nextThoughtNeeded": true })
}

/// The same with more.
fn with(mut arguments: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    arguments.as_object_mut().unwrap().extend(more);
    arguments
}
