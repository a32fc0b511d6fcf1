//! Calls that are sent without waiting are all kept, in the order of their numbers; and several processes on one vault.

use std::{collections::BTreeMap, sync::Arc, thread};

use journal_engine::{AgentSource, Identified, RealDisk};
use journal_mcp::{JournalServer, ServeOptions, stdio};

use journal_testkit::TestVault;
use serde_json::{Value, json};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use super::{Client, client, thought, with};
use crate::nothing_lost::world::{Real, open};

/// The numbers and texts of a session, in reading order.
#[track_caller]
fn numbers(client: &mut Client, session: &Value) -> Vec<u64> {
    let hydrated =
        client.call("sequentialthinking_hydrate", json!({ "session_note_id": session, "max_tokens": 18_000 }));
    assert_eq!(hydrated["omitted"], 0);
    let thoughts = hydrated["thoughts"].as_array().unwrap();
    thoughts.iter().map(|thought| thought["number"].as_u64().unwrap()).collect()
}

#[test]
fn fifty_thoughts_sent_at_once_are_kept_in_their_order() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let ids: Vec<_> =
        (1..=50).map(|n| client.send_call("sequentialthinking", thought(n, &format!("Thought number {n}.")))).collect();
    let answers: Vec<_> = ids.into_iter().map(|id| client.answered(id, "sequentialthinking")).collect();
    for (n, answer) in (1..).zip(&answers) {
        assert_eq!(answer["thoughtNumber"], n);
        assert_eq!(answer["thoughtHistoryLength"], n, "each was written when its turn had come");
        assert_eq!(answer["session_note_id"], answers[0]["session_note_id"]);
    }
    assert_eq!(numbers(&mut client, &answers[0]["session_note_id"]), (1..=50).collect::<Vec<_>>());
}

#[test]
fn a_change_of_the_session_keeps_its_place_between_thoughts() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let session = client.call("sequentialthinking", thought(1, "One."))["session_note_id"].clone();
    let two = client.send_call("sequentialthinking", thought(2, "Two."));
    let close =
        client.send_call("update_session", json!({ "session_note_id": session, "status": "done", "summary": "So." }));
    let resume = client.send_call("update_session", json!({ "session_note_id": session, "status": "paused" }));
    let wrong = client.send_call("update_session", json!({ "session_note_id": session, "status": 7 }));
    let three =
        client.send_call("sequentialthinking", with(thought(3, "Three."), json!({ "session_note_id": session })));
    assert_eq!(client.answered(two, "sequentialthinking")["thoughtHistoryLength"], 2);
    assert_eq!(client.answered(close, "update_session")["was"], "active");
    assert_eq!(client.answered(resume, "update_session")["was"], "done");
    assert_eq!(client.answer(wrong)["result"]["isError"], true);
    assert_eq!(client.answered(three, "sequentialthinking")["thoughtHistoryLength"], 3);
}

#[test]
fn what_was_sent_before_the_end_is_done_and_answered() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let ids: Vec<_> =
        (1..=20).map(|n| client.send_call("sequentialthinking", thought(n, &format!("Thought {n}.")))).collect();
    client.hang_up();
    let answers: Vec<_> = ids.into_iter().map(|id| client.answered(id, "sequentialthinking")).collect();
    assert!(client.end().success());
    let mut other = super::client(&vault);
    assert_eq!(numbers(&mut other, &answers[0]["session_note_id"]), (1..=20).collect::<Vec<_>>());
}

#[test]
fn four_processes_think_fifty_thoughts_each() {
    const EACH: u32 = 50;
    let vault = TestVault::new();
    let sessions: Vec<Value> = thread::scope(|scope| {
        let thinkers: Vec<_> = (0..4)
            .map(|process| {
                let vault = &vault;
                scope.spawn(move || {
                    let mut client = client(vault);
                    let text = |n| format!("Process {process} thinks {n}.");
                    let ids: Vec<_> =
                        (1..=EACH).map(|n| client.send_call("sequentialthinking", thought(n, &text(n)))).collect();
                    let last = ids.into_iter().map(|id| client.answered(id, "sequentialthinking")).last().unwrap();
                    assert!(client.end().success());
                    last["session_note_id"].clone()
                })
            })
            .collect();
        thinkers.into_iter().map(|thinker| thinker.join().unwrap()).collect()
    });
    let mut client = client(&vault);
    for session in &sessions {
        assert_eq!(numbers(&mut client, session), (1..=u64::from(EACH)).collect::<Vec<_>>());
    }
    let files = journal_testkit::snapshot(vault.path());
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.keys().filter(|file| file.ends_with(".md")) {
        let note = vault.read(file);
        if let Some(line) = note.lines().find(|line| line.starts_with("Process ")) {
            *texts.entry(line.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(texts.len(), 200);
    assert!(texts.values().all(|times| *times == 1), "each is there once: {texts:?}");
}

/// In process, over a pipe in memory, on a runtime of several threads: tasks begin in whatever order they are scheduled.
#[test]
fn the_order_does_not_depend_on_how_tasks_are_scheduled() {
    let vault = TestVault::new();
    let engine = Arc::new(open(vault.path(), vault.data_home(), Arc::new(RealDisk), Arc::new(Real)));
    let id = "otter".parse().unwrap();
    let options = ServeOptions {
        agent: Identified { id, source: AgentSource::Generated, client: None },
        shared: false,
        place: None,
        locate: |_| Err("nobody asks".to_owned()),
        project: None,
        max_tokens: 8_000,
        read_only: false,
        tools: None,
    };
    let server = JournalServer::new(engine, options).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let lines = runtime.block_on(async {
        let (client, remote) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(remote);
        let serving = tokio::spawn(stdio::serve(server, input, output, CancellationToken::new()));
        let (read, mut write) = tokio::io::split(client);
        let info = json!({ "name": "test", "version": "1" });
        let begin = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
        let mut sent = format!("{}\n", json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": begin }));
        for n in 1..=50 {
            let params = json!({ "name": "sequentialthinking", "arguments": thought(n, &format!("Number {n}.")) });
            sent.push_str(&json!({ "jsonrpc": "2.0", "id": n, "method": "tools/call", "params": params }).to_string());
            sent.push('\n');
        }
        write.write_all(sent.as_bytes()).await.unwrap();
        let mut reader = tokio::io::BufReader::new(read).lines();
        let mut lines = Vec::new();
        while lines.len() < 51 {
            lines.push(reader.next_line().await.unwrap().expect("an answer to each"));
        }
        drop((reader, write));
        serving.await.unwrap().unwrap();
        lines
    });
    let mut sessions = std::collections::BTreeSet::new();
    for answer in
        lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|answer| answer["id"] != 0)
    {
        let thought = &answer["result"]["structuredContent"];
        assert_eq!((&thought["thoughtNumber"], &thought["thoughtHistoryLength"]), (&answer["id"], &answer["id"]));
        sessions.insert(thought["session_note_id"].to_string());
    }
    assert_eq!(sessions.len(), 1);
}
