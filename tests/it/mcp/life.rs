//! When the server ends, and that no call waits for another.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Stdio},
    time::Duration,
};

use journal_testkit::{TestVault, generate_notes, poll_until};
use serde_json::json;

use super::{Client, client, client::DEADLINE, client_with, journal, thought};

#[test]
fn it_ends_with_its_input() {
    let vault = TestVault::new();
    assert!(Client::start(&vault, &[]).end().success(), "before a word was said");
    assert!(client(&vault).end().success());
    let mut half = client(&vault);
    half.line(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/li");
    assert!(half.end().success());
}

/// A server whose output somebody may close.
fn raw(vault: &TestVault) -> Child {
    let mut command = journal(vault).command(&["mcp"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn it_ends_when_nobody_reads_what_it_says() {
    let vault = TestVault::new();
    let mut child = raw(&vault);
    let input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    let status = poll_until(DEADLINE, "the server to notice", || child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    drop(input);
}

/// The parent is a shell that is killed, and the test keeps the other end of standard input open: the end of the input tells the
/// server nothing.
#[cfg(target_os = "linux")]
#[test]
fn it_ends_when_its_parent_is_killed() {
    let vault = TestVault::new();
    let program = journal(&vault).command(&["mcp"]).get_program().to_owned();
    let mut shell = std::process::Command::new("sh");
    // The server in the background would lose its standard input, hence the third descriptor.
    shell.arg("-c").arg(r#"exec 3<&0; "$0" mcp <&3 & echo "server $!"; wait"#).arg(program);
    let hermetic = journal(&vault).command(&["mcp"]);
    shell.env_clear().envs(hermetic.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", "/usr/bin:/bin").current_dir(vault.path());
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut shell = shell.spawn().unwrap();
    let mut input = shell.stdin.take().unwrap();
    let mut output = BufReader::new(shell.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let server = line.trim().strip_prefix("server ").unwrap().to_owned();
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    writeln!(input, "{ping}").unwrap();
    line.clear();
    output.read_line(&mut line).unwrap();
    assert!(line.contains("\"id\":1"), "it serves: {line}");
    shell.kill().unwrap();
    shell.wait().unwrap();
    poll_until(DEADLINE, "the server to follow its parent", || {
        (!std::path::Path::new("/proc").join(&server).exists()).then_some(())
    });
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "it says nothing on its way out");
    drop(input);
}

#[test]
fn other_calls_are_answered_while_a_reindex_runs_and_it_can_be_taken_back() {
    let vault = TestVault::new();
    generate_notes(vault.path(), 3_000, 7);
    // Else there would be little left to do by the time it is asked for.
    let mut client = client_with(&vault, &["--no-watch"]);
    let params = json!({ "name": "reindex", "arguments": {}, "_meta": { "progressToken": "p" } });
    let reindex = client.send("tools/call", params);
    let first = client.wait_told();
    assert_eq!((&first["method"], &first["params"]["progressToken"]), (&json!("notifications/progress"), &json!("p")));
    // Answered although the reindex is not: it makes vectors for minutes.
    assert_eq!(client.call("status", json!({}))["vault"], "vault");
    assert_eq!(client.call("sequentialthinking", thought(1, "Meanwhile."))["thoughtNumber"], 1);
    client.notify("notifications/cancelled", json!({ "requestId": reindex, "reason": "enough" }));
    let mut last = 0.0;
    for told in [first].into_iter().chain(std::mem::take(&mut client.told)) {
        let progress = told["params"]["progress"].as_f64().unwrap();
        assert!(progress > last, "it only grows: {told}");
        last = progress;
    }
    // Another may have its turn as soon as the first has given way.
    poll_until(DEADLINE, "the reindex to end", || {
        let id = client.send_call("reindex", json!({ "words_only": true }));
        let answer = client.answer(id);
        (answer["result"]["isError"] == false).then_some(())
    });
    assert!(client.end().success());
}

#[test]
fn a_reindex_does_not_keep_a_server_alive_whose_client_is_gone() {
    let vault = TestVault::new();
    generate_notes(vault.path(), 2_000, 7);
    let mut client = client_with(&vault, &["--no-watch"]);
    client.send("tools/call", json!({ "name": "reindex", "arguments": {}, "_meta": { "progressToken": 1 } }));
    client.wait_told();
    client.hang_up();
    let status =
        poll_until(DEADLINE + Duration::from_secs(60), "the server to end", || client.child().try_wait().unwrap());
    assert!(status.success(), "{status}");
}
