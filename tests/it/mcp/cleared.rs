//! A client that clears its conversation keeps the server that it started for the one before.

use journal_testkit::TestVault;
use serde_json::json;

use super::{client::Client, journal};

#[test]
fn a_server_knows_the_conversation_that_its_client_is_in_now() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let started = journal(&vault).env("CLAUDE_CODE_SESSION_ID", "before");
    let mut client = Client::start_by(&started, &vault, &[]);
    client.initialize("2025-11-25");
    let mut agent = |arguments| {
        let agent = client.call("status", arguments)["agent"].clone();
        (agent["id"].clone(), agent["source"].clone())
    };
    assert_eq!(agent(json!({})), (json!("before"), json!("variable")));
    let said =
        json!({ "session_id": "after", "hook_event_name": "SessionStart", "source": "clear", "cwd": vault.path() });
    journal(&vault).stdin(said.to_string()).run(&["hook", "session-start"]).assert_ok();
    assert_eq!(agent(json!({})), (json!("after"), json!("hook")));
    assert_eq!(agent(json!({ "agent": "otter" })), (json!("otter"), json!("argument")));
    // Another client in the same folder, and the same one in another folder, tell nothing of this one.
    for (client, folder) in [("codex", vault.path()), ("claude", vault.root())] {
        let said =
            json!({ "session_id": "other", "hook_event_name": "SessionStart", "source": "startup", "cwd": folder });
        journal(&vault).stdin(said.to_string()).run(&["hook", "session-start", "--client", client]).assert_ok();
    }
    assert_eq!(agent(json!({})), (json!("after"), json!("hook")));
}
