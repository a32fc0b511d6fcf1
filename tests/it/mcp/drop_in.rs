//! What a client of the reference sequential-thinking server sends works as it is, and gets the answer it knows.

use journal_testkit::TestVault;
use serde_json::{Value, json};

use super::{client, thought, with};

#[test]
fn the_nine_fields_and_the_five_answers() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let first = client.call("sequentialthinking", thought(1, "The cache is stale."));
    assert_eq!(first["thoughtNumber"], 1);
    assert_eq!(first["totalThoughts"], 3);
    assert_eq!(first["nextThoughtNeeded"], true);
    assert_eq!(first["branches"], json!([]));
    assert_eq!(first["thoughtHistoryLength"], 1);
    let revision = with(thought(2, "It is the clock."), json!({ "isRevision": true, "revisesThought": 1 }));
    assert_eq!(client.call("sequentialthinking", revision)["thoughtHistoryLength"], 2);
    let branch = with(thought(3, "Or the network?"), json!({ "branchFromThought": 2, "branchId": "network" }));
    assert_eq!(client.call("sequentialthinking", branch)["branches"], json!(["network"]));
    let more =
        with(thought(7, "More than I thought."), json!({ "needsMoreThoughts": true, "nextThoughtNeeded": false }));
    let last = client.call("sequentialthinking", more);
    assert_eq!(last["totalThoughts"], 7, "raised to the number, as the reference does");
    assert_eq!(last["nextThoughtNeeded"], false);
    assert_eq!(last["gap_from"], 3);
    assert_eq!(last["session_note_id"], first["session_note_id"], "one session, though none was named");
}

#[test]
fn sloppy_arguments_and_the_names_of_the_earlier_tool() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let first = client.call(
        "sequentialthinking",
        json!({
            "thought": "As text.", "thought_number": "1", "total_thoughts": "3.0", "next_thought_needed": "true",
            "is_revision": "false", "revises_thought": 0, "branch_id": "", "branch_from_thought": null,
            "tags": "flaky, login", "made_up": { "deep": [1] },
        }),
    );
    let session = first["session_note_id"].as_str().unwrap();
    let second = client.call(
        "sequentialthinking",
        json!({ "session_id": session, "thought": "Next.", "thoughtNumber": 2.0, "totalThoughts": 3, "nextThoughtNeeded": 1 }),
    );
    assert_eq!(second["session_note_id"], session);
    let hydrated = client.call("sequentialthinking_hydrate", json!({ "session_id": session, "thought_scope": "ALL" }));
    assert_eq!(hydrated["thoughts"].as_array().unwrap().len(), 2);
    let note = vault.read(first["thought_path"].as_str().unwrap());
    assert!(note.contains("flaky") && note.contains("login"), "{note}");
}

#[test]
fn what_makes_no_sense_is_refused_with_a_way_on() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let nobody = client.refused("sequentialthinking", thought(2, "Of which session?"));
    assert_eq!(nobody["code"], "no_session");
    let session = client.call("sequentialthinking", thought(1, "One."))["session_note_id"].clone();
    let refused = |client: &mut super::Client, more: Value| {
        let refusal = client.refused("sequentialthinking", with(thought(2, "Two."), more));
        (refusal["code"].as_str().unwrap().to_owned(), refusal)
    };
    assert_eq!(refused(&mut client, json!({ "isRevision": true })).0, "arguments");
    assert_eq!(refused(&mut client, json!({ "branchFromThought": 1 })).0, "arguments");
    assert_eq!(refused(&mut client, json!({ "thoughtNumber": "two" })).0, "arguments");
    assert_eq!(refused(&mut client, json!({ "thought": " " })).0, "empty");
    assert_eq!(refused(&mut client, json!({ "revisesThought": 9 })).0, "no_such_thought");
    assert_eq!(refused(&mut client, json!({ "branchId": "new" })).0, "no_such_branch");
    assert_eq!(refused(&mut client, json!({ "session_note_id": "nowhere" })).0, "not_found");
    assert_eq!(refused(&mut client, json!({ "session_note_id": "../../etc/passwd" })).0, "path");
    assert_eq!(refused(&mut client, json!({ "agent": "a\u{7}b" })).0, "agent");
    let (code, taken) = refused(&mut client, json!({ "thoughtNumber": 1, "session_note_id": session }));
    assert_eq!((code.as_str(), &taken["next_number"]), ("number_taken", &json!(2)));
    let again = client.call("sequentialthinking", thought(1, "One."));
    assert_eq!((&again["replayed"], &again["session_note_id"]), (&json!(true), &session));
    let open = client.refused("sequentialthinking", with(thought(2, "Whose?"), json!({ "agent": "somebody else" })));
    assert_eq!(open["sessions"][0]["session_note_id"], session, "{open}");
}

#[test]
fn the_caller_is_who_the_call_says() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let own = client.call("status", json!({}))["agent"].clone();
    assert_eq!(own["source"], "generated");
    assert_eq!(
        client.call("status", json!({ "agent": "otter" }))["agent"],
        json!({
            "id": "otter", "name": client.call("status", json!({ "agent": "otter" }))["agent"]["name"], "source": "argument",
        })
    );
    for (meta, id) in [
        (json!({ "journal/agent": "a" }), "a"),
        (json!({ "x-codex-turn-metadata": { "session_id": "b" }, "threadId": "c" }), "b"),
        (json!({ "x-codex-turn-metadata": "{\"session_id\":\"d\"}" }), "d"),
        (json!({ "threadId": "c" }), "c"),
        // What is blank says nothing, and hides nothing.
        (json!({ "journal/agent": "", "x-codex-turn-metadata": { "session_id": " " }, "threadId": "e" }), "e"),
    ] {
        let answer = client.request("tools/call", json!({ "name": "status", "arguments": {}, "_meta": meta }));
        let agent = &answer["result"]["structuredContent"]["agent"];
        assert_eq!((&agent["id"], &agent["source"]), (&json!(id), &json!("meta")), "{meta}");
    }
    assert_eq!(client.call("status", json!({}))["agent"], own, "as long as the process runs");
}

#[test]
fn whom_a_server_was_started_for_comes_before_what_a_call_says_beside_its_arguments() {
    let vault = TestVault::new();
    let meta = json!({ "journal/agent": "a", "threadId": "c" });
    let ask = |client: &mut super::Client, arguments: Value| {
        let answer = client.request("tools/call", json!({ "name": "status", "arguments": arguments, "_meta": meta }));
        let agent = &answer["result"]["structuredContent"]["agent"];
        (agent["id"].clone(), agent["source"].clone())
    };
    for (options, variable, source) in [(&["--agent", "person"][..], "", "explicit"), (&[], "person", "variable")] {
        let started = super::journal(&vault).env("JOURNAL_AGENT", variable);
        let mut client = super::Client::start_by(&started, &vault, options);
        client.initialize("2025-11-25");
        assert_eq!(ask(&mut client, json!({})), (json!("person"), json!(source)));
        assert_eq!(ask(&mut client, json!({ "agent": "otter" })), (json!("otter"), json!("argument")));
    }
}
