//! Agents that think, one server, one vault.

use std::thread;

use super::*;

fn thought(number: usize, session: Option<&str>) -> Value {
    let mut arguments = json!({
        "thought": format!("Thought {number}."),
        "thoughtNumber": number,
        "totalThoughts": 9,
        "nextThoughtNeeded": true,
    });
    if let Some(session) = session {
        arguments["session_note_id"] = json!(session);
    }
    arguments
}

#[test]
fn agents_think_at_once_and_another_process_reads_it() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let sessions: Vec<String> = thread::scope(|scope| {
        let server = &server;
        let agents = (0..4).map(|agent| {
            scope.spawn(move || {
                let agent = format!("agent-{agent}");
                let (first, refused) = server.call(&agent, "sequentialthinking", thought(1, None));
                assert!(!refused, "{first}");
                let session = first["session_note_id"].as_str().unwrap().to_owned();
                for number in 2..=5 {
                    let (answer, refused) = server.call(&agent, "sequentialthinking", thought(number, Some(&session)));
                    assert!(!refused && answer["thoughtNumber"] == number, "{answer}");
                }
                session
            })
        });
        agents.collect::<Vec<_>>().into_iter().map(|agent| agent.join().unwrap()).collect()
    });
    for session in &sessions {
        let hydrated = nobody(&vault).run(&["hydrate", session, "--json"]).assert_ok();
        let hydrated: Value = serde_json::from_str(&hydrated.stdout).unwrap();
        assert_eq!(hydrated["thoughts"].as_array().unwrap().len(), 5, "{hydrated}");
    }
    // One that holds its line is told so to the others, and nobody's thought is lost.
    let (answer, refused) = server.call("stranger", "sequentialthinking", thought(6, Some(&sessions[0])));
    assert!(refused && answer["hint"].is_string(), "{answer}");
}

#[test]
fn a_server_for_reading_writes_nothing() {
    let vault = vault();
    let server = Server::start(&vault, &["--read-only"]);
    let (_, answer) = server.send(&[], &request("tools/list", json!({})));
    assert!(!answer.to_string().contains("\"sequentialthinking\""), "{answer}");
    let call = request("tools/call", json!({ "name": "sequentialthinking", "arguments": thought(1, None) }));
    assert_eq!(server.send(&[], &call).1["error"]["code"], -32602);
    assert!(!vault.path().join(".journal").exists(), "the vault was not written to");
}

#[test]
fn what_was_acknowledged_before_the_end_is_there_after_it() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let (answer, _) = server.call("otter", "sequentialthinking", thought(1, None));
    let session = answer["session_note_id"].as_str().unwrap().to_owned();
    let (status, said) = server.stop();
    assert_eq!(status.code(), Some(0), "{said}");
    let hydrated = nobody(&vault).run(&["hydrate", &session]).assert_ok();
    assert!(hydrated.stdout.contains("Thought 1."), "{}", hydrated.stdout);
}

#[test]
fn agents_at_one_address_say_where_they_work() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let (nowhere, refused) = server.call("otter", "claim_paths", json!({ "paths": ["src"] }));
    assert!(refused && nowhere["hint"].as_str().unwrap().contains("directory"), "{nowhere}");
    let there = json!({ "paths": ["src"], "directory": vault.path() });
    let (claimed, refused) = server.call("otter", "claim_paths", there.clone());
    assert!(!refused && claimed["claims"][0]["glob"] == "src", "{claimed}");
    let (conflict, refused) = server.call("badger", "claim_paths", there);
    assert!(refused && conflict["conflicts"][0]["claim"]["agent"] == "otter", "{conflict}");
    let (listed, _) = server.call("badger", "list_agents", json!({}));
    let names: Vec<_> = listed["agents"].as_array().unwrap().iter().map(|entry| entry["agent"].clone()).collect();
    assert!(names.contains(&json!("otter")) && names.contains(&json!("badger")), "{listed}");
}
