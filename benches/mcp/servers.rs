//! The servers that are compared: `journal mcp` and `journal serve` on a vault, and the reference server where there is one.

use std::{
    env,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use journal_testkit::poll_until;
use serde_json::{Value, json};

use crate::{wire, world::World};

/// `journal mcp` on this vault.
pub fn journal(world: &World) -> wire::Stdio {
    wire::Stdio::start(command(world, &["mcp"]))
}

/// The reference server, which keeps thoughts in memory; `None` without `JOURNAL_REFERENCE`, its command.
pub fn reference() -> Option<wire::Stdio> {
    let line = env::var("JOURNAL_REFERENCE").ok()?;
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next()?);
    // Otherwise it draws a box around each thought, which is nothing to compare with.
    command.args(words).env("DISABLE_THOUGHT_LOGGING", "true");
    Some(wire::Stdio::start(command))
}

/// `journal serve` on this vault, until it is dropped.
pub struct Serving {
    child: Child,
    port: u16,
    token: String,
}

impl Serving {
    /// Starts it on a port that is free.
    pub fn start(world: &World) -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = free.expect("a port is free").port();
        let mut serve = command(world, &["serve", "--port", &port.to_string()]);
        let child = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("the command was built with this bench");
        poll_until(Duration::from_secs(30), "the server to listen", || TcpStream::connect(("127.0.0.1", port)).ok());
        let shown = command(world, &["serve", "--show-token"]).output().expect("the command was built with this bench");
        let token = String::from_utf8(shown.stdout).expect("a token is text").trim().to_owned();
        Self { child, port, token }
    }

    /// A new connection.
    pub fn connect(&self) -> wire::Http {
        wire::Http::connect(self.port, &self.token)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A thought as every client of the reference server sends it.
pub fn thought(session: Option<&str>, number: usize) -> Value {
    let text = format!("Thought {number} looks at the flaky test again. ")
        + &"The cache is warm before the first write and cold after it, so the order of the two decides. ".repeat(10);
    let mut thought =
        json!({ "thought": text, "thoughtNumber": number, "totalThoughts": 1000, "nextThoughtNeeded": true });
    if let Some(session) = session {
        thought["session_note_id"] = json!(session);
    }
    thought
}

fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journal"));
    command.args(arguments).current_dir(world.vault());
    command.env_clear().env("JOURNAL_DATA_DIR", world.data_home()).env("JOURNAL_VAULT", world.vault()).env("TZ", "UTC");
    command.env("HOME", world.data_home());
    command
}
