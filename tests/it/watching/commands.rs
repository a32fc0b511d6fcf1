//! Which commands lead, and what a person sees of it.

use std::{
    io::Write,
    process::{Child, ChildStdin, Stdio},
};

use journal_testkit::{TestVault, poll_until};

use super::{
    leading::{Process, journal},
    world::{DEADLINE, until_equal},
};
use crate::index::world::engine_over;

fn vault() -> TestVault {
    TestVault::from_fixture("//- /.journal/config.toml\nid = \"nothing-lost\"\n//- /a.md\nalpha\n")
}

/// A server, until it is dropped.
struct Server(Child, #[expect(dead_code, reason = "held open: the server ends with it")] Option<ChildStdin>);

impl Server {
    fn start(world: &TestVault, arguments: &[&str]) -> Self {
        let mut command = journal(world).command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        if arguments[0] == "mcp" {
            writeln!(input, r#"{{"jsonrpc":"2.0","id":1,"method":"ping"}}"#).unwrap();
        }
        Self(child, Some(input))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn servers_lead() {
    for arguments in [&["mcp"][..], &["serve", "--port", "0"]] {
        let world = vault();
        let engine = engine_over(&world);
        engine.pause_embedding(true).unwrap();
        let server = Server::start(&world, arguments);
        let leader = || engine.leader().unwrap()?.process.map(|process| process.pid);
        poll_until(DEADLINE, "a leader", || (leader()? == server.0.id()).then_some(()));
        poll_until(DEADLINE, "an index", || engine.index_standing().unwrap());
        world.write("b.md", "beta\n");
        until_equal(&engine, world.path());
    }
}

#[test]
fn servers_that_are_not_to_watch_leave_it_to_others() {
    let world = vault();
    let engine = engine_over(&world);
    engine.pause_embedding(true).unwrap();
    let _servers = [
        Server::start(&world, &["mcp", "--no-watch"]),
        Server::start(&world, &["mcp", "--read-only"]),
        Server::start(&world, &["serve", "--no-watch", "--port", "0"]),
    ];
    // Whoever would lead does so at once: this one is not the first to try.
    let watch = Process::start(&world);
    watch.until("watches");
    assert_eq!(engine.leader().unwrap().unwrap().process.unwrap().pid, watch.child.id());
    // Nor do one-shot commands.
    journal(&world).run(&["reindex", "--words-only"]).assert_ok();
    journal(&world).run(&["think", "A thought."]).assert_ok();
    until_equal(&engine, world.path());
}

#[test]
fn a_watch_says_what_it_does() {
    let world = vault();
    let engine = engine_over(&world);
    engine.pause_embedding(true).unwrap();
    let watch = Process::start(&world);
    assert_eq!(watch.until("leads")["schema_version"], 1);
    watch.until("watches");
    let compared = watch.until("compared");
    assert_eq!((&compared["compared"]["added"], &compared["compared"]["seen"]), (&1.into(), &1.into()));
    world.write("b.md", "beta\n");
    assert_eq!(watch.until("followed")["changed"], 1);
}
