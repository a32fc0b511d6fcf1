//! The server in the background: whether one runs, how much it served, what it tells in its log.

use std::fs;

use journal_testkit::{JournalCommand, TestVault, poll_until};
use serde_json::Value;

use super::{DEADLINE, Server, nobody, vault};

/// The command, with what differs from run to run taken out.
fn asking(vault: &TestVault) -> JournalCommand {
    nobody(vault)
        .filter(r"(since|last)    +[0-9: -]+\([a-z0-9 ]+\)", "$1    [WHEN]")
        .filter(r"as of [0-9: -]+\([a-z0-9 ]+\)", "as of [WHEN]")
        .filter(r"process \d+", "process [PID]")
        .filter(r"after [0-9.]+ (ms|s|min)", "after [TIME]")
}

fn status(journal: &JournalCommand, exit: i32) -> Value {
    let output = journal.run(&["serve", "--status", "--json"]).assert_status(exit);
    serde_json::from_str(&output.stdout).expect("the status is JSON")
}

#[test]
fn it_says_whether_it_runs_and_how_much_it_served() {
    let vault = vault();
    let journal = asking(&vault);
    let mut shown = vec![journal.run(&["serve", "--status"]).assert_status(1).transcript()];
    let server = Server::start(&vault, &[]);
    shown.push(journal.run(&["serve", "--status"]).assert_ok().transcript());
    let told = status(&journal, 0);
    assert_eq!((&told["running"], &told["pid"]), (&true.into(), &server.process.id().into()));
    assert_eq!(told["address"], format!("http://{}/mcp", server.address));
    let doctor = journal.run(&["doctor"]).assert_ok().stdout;
    assert!(doctor.contains(&format!("server   http://{}/mcp, process ", server.address)), "{doctor}");
    server.is_well();
    server.is_well();
    // Who does not bring the token makes no call.
    assert_eq!(server.send(&["authorization: Bearer no"], &Value::Null).0, 401);
    server.stop();
    let told = status(&journal, 1);
    assert_eq!((&told["calls"], &told["connections"]), (&2.into(), &3.into()));
    shown.push(journal.run(&["serve", "--status"]).assert_status(1).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn one_that_was_killed_does_not_run_and_the_next_is_told_of() {
    let vault = vault();
    let journal = asking(&vault);
    drop(Server::start(&vault, &[]));
    assert_eq!(status(&journal, 1)["running"], false);
    let first = Server::start(&vault, &[]);
    assert_eq!(status(&journal, 0)["pid"], first.process.id());
    // A second one serves, and says that it is the second.
    let second = Server::start(&vault, &[]);
    second.is_well();
    assert_eq!(status(&journal, 0)["pid"], first.process.id());
    let (_, said) = second.stop();
    assert!(said.contains("Another server of this vault runs"), "{said}");
    assert_eq!(status(&journal, 0)["pid"], first.process.id());
    // When the one that is told of ends, another is.
    let third = Server::start(&vault, &[]);
    drop(first);
    poll_until(DEADLINE, "the other server to be told of", || {
        let told = journal.run(&["serve", "--status", "--json"]);
        let told: Value = serde_json::from_str(&told.stdout).expect("the status is JSON");
        (told["running"] == true && told["pid"] == third.process.id()).then_some(())
    });
}

#[test]
fn a_port_that_is_taken_is_told_with_who_has_it() {
    let vault = vault();
    let journal = asking(&vault);
    let first = Server::start(&vault, &[]);
    let port = first.address.rsplit(':').next().expect("an address has a port").to_owned();
    let log = vault.root().join("taken.log");
    let busy = |vault: &TestVault| {
        let log = format!("--log={}", log.display());
        nobody(vault).run(&["serve", "--no-watch", "--port", &port, &log]).assert_status(3)
    };
    let refused = busy(&vault).stderr;
    assert!(refused.contains("journal serve --status") && refused.contains(&format!("kill {}", first.process.id())));
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("stopped by an error: cannot listen on"), "{said}");
    assert_eq!(status(&journal, 0)["pid"], first.process.id(), "the first is told of as before");
    // Another vault's server: another port, and not this one again.
    let other = busy(&self::vault()).stderr;
    let next = port.parse::<u32>().expect("a port is a number") + 1;
    assert!(other.contains(&format!("journal serve --port {next}")) && !other.contains("kill"), "{other}");
}

#[test]
fn what_it_has_to_tell_is_in_its_log() {
    let vault = vault();
    let server = Server::start(&vault, &["--log"]);
    let state = fs::read_dir(vault.data_home().join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let log = state.map(|path| path.join("serve.log")).find(|path| path.exists()).unwrap();
    let read = || fs::read_to_string(&log).unwrap();
    poll_until(DEADLINE, "it to watch", || read().contains("watches the vault from now on").then_some(()));
    let (status, _) = server.stop();
    assert!(status.success());
    let text = read();
    assert!(text.lines().any(|line| line.contains(" serves `") && line.contains("http://127.0.0.1:")), "{text}");
    assert!(text.lines().any(|line| line.ends_with("stopped, as it was asked to")), "{text}");
    // Elsewhere, where it was asked to be; and what was there stays.
    let own = vault.root().join("logs/own.log");
    for _ in 0..2 {
        Server::start(&vault, &[&format!("--log={}", own.display())]).stop();
    }
    assert_eq!(fs::read_to_string(&own).unwrap().matches("stopped, as").count(), 2);
    assert_eq!(fs::read_to_string(&log).unwrap(), text);
}
