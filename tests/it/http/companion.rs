//! The server in the background: whether one runs, how much it served, what it tells in its log.

use std::fs;

use journal_testkit::{JournalCommand, TestVault, poll_until};
use serde_json::Value;

use super::{DEADLINE, Server, nobody, vault};

/// The command, with what differs from run to run taken out.
fn asking(vault: &TestVault) -> JournalCommand {
    nobody(vault)
        .filter(r"(since|last)    +[0-9: -]+\([a-z0-9 ]+\)", "$1    [WHEN]")
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
