//! Every revision of the protocol, from one process and the same tools.

use journal_testkit::{TestVault, generate_notes, poll_until};
use serde_json::{Value, json};

use super::{Client, client::DEADLINE, thought, with};

/// What a request of the newest revision carries by itself.
fn meta() -> Value {
    json!({ "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    }})
}

#[test]
fn the_handshake_of_every_older_revision() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let vault = TestVault::new();
        let mut client = Client::start(&vault, &[]);
        let begun = client.initialize(version);
        assert_eq!(begun["protocolVersion"], version);
        assert_eq!(begun["serverInfo"]["name"], "journal");
        for able in ["tools", "resources", "prompts", "completions"] {
            assert!(begun["capabilities"].get(able).is_some(), "{version}: {able}");
        }
        assert!(begun["instructions"].as_str().unwrap().len() <= 2_000);
        assert_eq!(client.call("sequentialthinking", thought(1, "It works."))["thoughtNumber"], 1);
        assert!(client.end().success());
    }
}

#[test]
fn the_newest_revision_needs_no_handshake() {
    let vault = TestVault::new();
    let mut client = Client::start(&vault, &[]);
    let found = client.request("server/discover", meta());
    assert!(found["result"]["supportedVersions"].as_array().unwrap().iter().any(|one| one == "2026-07-28"), "{found}");
    let listed = client.request("tools/list", meta());
    assert!(listed["result"]["tools"].as_array().unwrap().len() > 5);
    let call = with(meta(), json!({ "name": "sequentialthinking", "arguments": thought(1, "No handshake.") }));
    let answer = client.request("tools/call", call);
    assert_eq!(answer["result"]["structuredContent"]["thoughtNumber"], 1, "{answer}");
    assert_eq!(answer["result"]["resultType"], "complete");
    let unknown = client.request("tools/call", with(meta(), json!({ "name": "nothing" })));
    assert_eq!(unknown["error"]["code"], -32602);
    assert!(client.end().success());
}

#[test]
fn a_call_of_the_newest_revision_can_be_taken_back() {
    let vault = TestVault::new();
    generate_notes(vault.path(), 2_000, 7);
    let mut client = Client::start(&vault, &[]);
    client.notify("notifications/cancelled", json!({ "requestId": 99 }));
    let mut call = with(meta(), json!({ "name": "reindex", "arguments": {} }));
    call["_meta"]["progressToken"] = json!("p");
    let reindex = client.send("tools/call", call);
    client.wait_told();
    client.notify("notifications/cancelled", json!({ "requestId": reindex }));
    // The lock of the first is free only when it has given way.
    poll_until(DEADLINE, "the reindex to end", || {
        let again = with(meta(), json!({ "name": "reindex", "arguments": { "words_only": true } }));
        let answer = client.request("tools/call", again);
        (answer["result"]["isError"] == false).then_some(())
    });
    assert!(client.end().success());
}

#[test]
fn what_comes_before_the_handshake_ends_nothing() {
    let vault = TestVault::new();
    let mut client = Client::start(&vault, &[]);
    client.notify("notifications/initialized", json!({}));
    client.line(b"{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}");
    client.line(b"not JSON");
    let early = client.request("tools/list", json!({}));
    assert!(early.get("error").is_some(), "{early}");
    assert!(client.request("ping", json!({})).get("result").is_some());
    client.initialize("2025-06-18");
    assert!(client.end().success());
}

#[test]
fn beginning_looks_at_no_note_and_opens_no_database() {
    let vault = TestVault::from_fixture("//- /A.md\ntext\n");
    let mut client = Client::start(&vault, &["--no-watch"]);
    client.initialize("2025-11-25");
    let files = journal_testkit::snapshot(vault.data_home());
    assert!(!files.keys().any(|file| file.contains(".db")), "{:?}", files.keys());
    assert!(client.end().success());
}
