//! A whole story over several conversations: think, lose the context, load, search, conclude, move.

use journal_testkit::TestVault;
use serde_json::{Value, json};

use super::{client, client_with, thought, with};

#[test]
fn a_story_over_three_conversations() {
    let vault = TestVault::from_fixture(
        "//- /Map.md\n---\nid: 0042\n---\nSee [[Nowhere]] and [[Other]].\n//- /Other.md\ntext\n",
    );
    // Nobody makes vectors, so that what is told of search is always the same.
    let mut one = client_with(&vault, &["--agent", "otter", "--no-watch"]);
    let begin = with(
        thought(1, "The login test fails only at midnight."),
        json!({ "session_title": "Flaky login", "project": "auth", "tags": ["flaky"] }),
    );
    let first = one.call("sequentialthinking", begin);
    let session = first["session_note_id"].clone();
    assert_eq!(
        (&first["vault"], &first["project"], &first["agent"]["id"]),
        (&json!("vault"), &json!("auth"), &json!("otter"))
    );
    assert!(first["next"].as_str().unwrap().contains(session.as_str().unwrap()));
    for n in 2..=12 {
        let more = match n {
            5 => json!({ "isRevision": true, "revisesThought": 1 }),
            7 => json!({ "branchFromThought": 2, "branchId": "freeze-time", "thoughtNumber": 3 }),
            _ => json!({}),
        };
        let text = format!("Step {n} about the token that expires.");
        let number = if n < 7 { n } else { n - 1 };
        one.call("sequentialthinking", with(thought(number, &text), with(more, json!({ "session_note_id": session }))));
    }
    assert!(one.end().success());

    let mut two = client_with(&vault, &["--agent", "badger", "--no-watch"]);
    let listed = two.call("list_sessions", json!({ "status": ["active"] }));
    assert_eq!(listed["sessions"][0]["session_note_id"], session);
    let loaded = two.call("sequentialthinking_hydrate", json!({ "session_note_id": session }));
    assert_eq!(
        (&loaded["total"], &loaded["next_number"], &loaded["title"]),
        (&json!(12), &json!(12), &json!("Flaky login"))
    );
    assert_eq!(loaded["thoughts"][0]["superseded_by"], 5);
    assert_eq!(loaded["branches"][0]["name"], "freeze-time");
    assert_eq!(loaded["agent"]["id"], "badger");
    let found = two.call("search", json!({ "query": "token expires" }));
    assert!(found["lines"][0].as_str().unwrap().contains(" · "), "{found}");
    assert!(found["semantic"].as_str().unwrap().starts_with("off: "), "{found}");
    assert!(found.to_string().len() <= 1_536, "ten hits have {} bytes: {found}", found.to_string().len());
    assert!(two.end().success());

    let mut three = client_with(&vault, &["--agent", "otter"]);
    let last = with(
        thought(12, "The clock is passed in now."),
        json!({ "session_note_id": session, "nextThoughtNeeded": false }),
    );
    three.call("sequentialthinking", last);
    let moved = three.call("relocate_note", json!({ "note": session, "to": "Archive/" }));
    assert_eq!(moved["moved_total"], 14);
    let again = three.call("sequentialthinking_hydrate", json!({ "session_note_id": session }));
    assert!(again["session_path"].as_str().unwrap().starts_with("Archive/"), "{again}");
    assert_eq!(again["total"], 13);
    let closed =
        three.call("update_session", json!({ "session_note_id": session, "status": "done", "summary": "Fixed." }));
    assert_eq!(closed["status"], "done");
    assert!(three.end().success());
}

#[test]
fn a_line_that_a_living_agent_holds_is_left_to_it_or_taken_over_with_a_reason() {
    let vault = TestVault::new();
    let mut otter = client_with(&vault, &["--agent", "otter"]);
    let session = otter.call("sequentialthinking", thought(1, "Mine."))["session_note_id"].clone();
    let mut badger = client_with(&vault, &["--agent", "badger"]);
    let mine = with(thought(2, "No, mine."), json!({ "session_note_id": session }));
    let held = badger.refused("sequentialthinking", mine.clone());
    assert_eq!((&held["code"], &held["held"]["agent"]), (&json!("held"), &json!("otter")), "{held}");
    let loaded = badger.call("sequentialthinking_hydrate", json!({ "session_note_id": session }));
    assert_eq!(loaded["owners"][0]["agent"], "otter");
    assert_eq!(
        badger.refused("sequentialthinking", with(mine.clone(), json!({ "takeover": true })))["code"],
        "reason_needed"
    );
    let branch = with(mine.clone(), json!({ "branchId": "beside", "branchFromThought": 1 }));
    assert_eq!(badger.call("sequentialthinking", branch)["branch"], "beside");
    let taken = badger.call("sequentialthinking", with(mine, json!({ "takeover": "it is urgent" })));
    assert_eq!(taken["taken_over_from"], "otter");
    let lost =
        otter.refused("sequentialthinking", with(thought(3, "Still mine?"), json!({ "session_note_id": session })));
    assert!(lost["message"].as_str().unwrap().contains("it is urgent"), "{lost}");
}

#[test]
fn notes_and_links() {
    let vault = TestVault::from_fixture(
        "//- /Map.md\n---\nid: 0042\n---\nSee [[Nowhere]] and [[Other]].\n//- /Other.md\ntext\n//- /Alone.md\nalone\n",
    );
    let mut client = client(&vault);
    let note = client.call("read_note", json!({ "id": "0042" }));
    assert_eq!(note["path"], "Map.md", "{note}");
    assert_eq!(client.call("resolve_note", json!({ "note": "Other" }))["path"], "Other.md");
    assert!(note["open"].as_str().unwrap().starts_with("obsidian://open?vault=vault&file="));
    let links = client.call("find_links", json!({ "note": "0042" }));
    assert_eq!((&links["out_total"], &links["in_total"]), (&json!(2), &json!(0)), "{links}");
    assert_eq!(client.call("find_links", json!({ "loose": "broken" }))["links"][0]["target"], "Nowhere");
    assert_eq!(client.call("find_links", json!({ "loose": "orphans" }))["orphans"], json!(["Alone.md"]));
    assert_eq!(client.refused("find_links", json!({}))["code"], "arguments");
    for wrong in ["../secret", "/etc/passwd", ".obsidian/app.md", "a\u{0}b"] {
        assert_eq!(client.refused("read_note", json!({ "note": wrong }))["code"], "path", "{wrong}");
    }
    let near = client.refused("read_note", json!({ "note": "Othre" }));
    assert_eq!((&near["code"], &near["candidates"][0]["path"]), (&json!("not_found"), &json!("Other.md")));
}

#[test]
fn resources_prompts_and_completions() {
    let vault = TestVault::from_fixture("//- /Map.md\n---\nid: a b/ü\n---\nThe map.\n");
    let mut client = client(&vault);
    let session =
        client.call("sequentialthinking", thought(1, "A thought to come back to."))["session_note_id"].clone();
    let id = session.as_str().unwrap();
    let uri = format!("journal://session/{id}");
    let templates = client.request("resources/templates/list", json!({}))["result"]["resourceTemplates"].clone();
    assert_eq!(templates[0]["uriTemplate"], "journal://session/{id}");
    let listed = client.request("resources/list", json!({}))["result"]["resources"].clone();
    assert_eq!([&listed[0]["uri"], &listed[1]["uri"]], ["journal://events", uri.as_str()]);
    let read = |client: &mut super::Client, uri: &str| client.request("resources/read", json!({ "uri": uri }));
    let text = read(&mut client, &uri)["result"]["contents"][0]["text"].clone();
    assert!(text.as_str().unwrap().contains("A thought to come back to."), "{text}");
    assert!(read(&mut client, &format!("journal://note/{id}")).get("result").is_some());
    for wrong in [
        "journal://note/..%2F..%2Fetc%2Fpasswd",
        "journal://note/../../etc/passwd",
        "journal://note/%2Fetc%2Fpasswd",
        "journal://note/Map.md",
        "journal://note/",
        "journal://note/%00",
        "journal://note/%ff",
        "journal://session/nowhere-at-all",
        "journal://other/x",
        "file:///etc/passwd",
        "",
    ] {
        let answer = read(&mut client, wrong);
        assert_eq!(answer["error"]["code"], -32002, "{wrong}: {answer}");
    }
    let prompts = client.request("prompts/list", json!({}))["result"]["prompts"].clone();
    assert_eq!(
        prompts.as_array().unwrap().iter().map(|prompt| prompt["name"].clone()).collect::<Vec<_>>(),
        ["resume", "conclude"]
    );
    for name in ["resume", "conclude"] {
        let got = client.request("prompts/get", json!({ "name": name, "arguments": { "session": id } }));
        assert!(got["result"]["messages"].to_string().contains("A thought to come back to."), "{got}");
    }
    for wrong in [json!({ "name": "conclude" }), json!({ "name": "nothing" })] {
        assert_eq!(client.request("prompts/get", wrong)["error"]["code"], -32602);
    }
    let completed = |client: &mut super::Client, of: Value, name: &str, typed: &str| {
        let argument = json!({ "name": name, "value": typed });
        let answer = client.request("completion/complete", json!({ "ref": of, "argument": argument }));
        answer["result"]["completion"]["values"].clone()
    };
    let prompt = json!({ "type": "ref/prompt", "name": "resume" });
    assert_eq!(completed(&mut client, prompt.clone(), "session", &id[..6].to_lowercase()), json!([id]));
    assert_eq!(completed(&mut client, prompt.clone(), "session", "thought to"), json!([id]));
    assert_eq!(completed(&mut client, prompt, "session", "no such"), json!([]));
    let template = json!({ "type": "ref/resource", "uri": "journal://session/{id}" });
    assert_eq!(completed(&mut client, template, "id", &id[20..]), json!([id]));
}

#[test]
fn a_preview_writes_nothing() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let before = vault.snapshot();
    let preview = client.call("sequentialthinking", with(thought(1, "Only a look."), json!({ "apply": false })));
    assert_eq!((&preview["applied"], &preview["notes_written"]), (&json!(false), &json!([])));
    assert!(preview["preview"].to_string().contains("Only a look."));
    assert_eq!(vault.snapshot(), before);
}

#[test]
fn a_server_that_only_reads() {
    let vault = TestVault::new();
    client(&vault).call("sequentialthinking", thought(1, "Before."));
    let before = vault.snapshot();
    let mut reader = client_with(&vault, &["--read-only"]);
    let listed = reader.request("tools/list", json!({}))["result"]["tools"].clone();
    for tool in listed.as_array().unwrap() {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
    }
    for tool in ["sequentialthinking", "update_session", "relocate_note", "reindex"] {
        let answer = reader.request("tools/call", json!({ "name": tool, "arguments": thought(1, "x") }));
        assert_eq!(answer["error"]["code"], -32602, "{tool}");
    }
    assert_eq!(reader.call("status", json!({}))["read_only"], true);
    assert_eq!(reader.call("list_sessions", json!({}))["total"], 1);
    assert_eq!(vault.snapshot(), before);
}

#[test]
fn only_the_tools_that_were_asked_for() {
    let vault = TestVault::new();
    let mut client = client_with(&vault, &["--tools", "search,status"]);
    let listed = client.request("tools/list", json!({}))["result"]["tools"].clone();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["search", "status"]);
    let unknown = super::journal(&vault).run(&["mcp", "--tools", "serch"]).assert_status(2);
    assert!(unknown.stdout.is_empty() && unknown.stderr.contains("`serch`"), "{}", unknown.stderr);
}
