//! Budgets and cursors: no answer is too long, and nothing is out of reach.

use journal_model::estimate_tokens;
use journal_testkit::TestVault;
use serde_json::{Value, json};

use super::{client, thought, with};

#[test]
fn a_long_session_is_read_page_by_page_towards_its_beginning() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let text = |n: u32| format!("Thought {n}. {}", "It goes on, with \"quotes\" and\nlines. ".repeat(40));
    let mut session = Value::Null;
    for n in 1..=60 {
        session = client.call("sequentialthinking", thought(n, &text(n)))["session_note_id"].clone();
    }
    let mut request = json!({ "session_note_id": session, "max_tokens": 4_000 });
    let mut whole = Vec::new();
    for page in 0.. {
        let answer = client.call("sequentialthinking_hydrate", request.clone());
        assert!(estimate_tokens(&answer.to_string()) <= 4_500, "{}", estimate_tokens(&answer.to_string()));
        let thoughts = answer["thoughts"].as_array().unwrap();
        let told = thoughts.iter().filter(|thought| thought["shown"] == "whole");
        let mut numbers: Vec<_> = told.map(|thought| thought["number"].as_u64().unwrap()).collect();
        for thought in thoughts.iter().filter(|thought| thought["shown"] == "whole") {
            let n = u32::try_from(thought["number"].as_u64().unwrap()).unwrap();
            assert_eq!(thought["text"].as_str().unwrap().trim(), text(n).trim());
        }
        numbers.extend(whole);
        whole = numbers;
        match answer.get("cursor") {
            Some(cursor) => request["cursor"] = cursor.clone(),
            None => break,
        }
        assert!(page < 60, "the pages never end");
    }
    assert_eq!(whole, (1..=60).collect::<Vec<_>>(), "each thought once");
}

#[test]
fn a_thought_that_is_longer_than_the_budget_is_cut_and_the_page_goes_on_before_it() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let session = client.call("sequentialthinking", thought(1, "Short."))["session_note_id"].clone();
    client.call("sequentialthinking", thought(2, &"Very long. ".repeat(20_000)));
    let answer = client.call("sequentialthinking_hydrate", json!({ "session_note_id": session, "max_tokens": 1_000 }));
    assert_eq!(answer["truncated"], true);
    assert!(estimate_tokens(&answer.to_string()) <= 1_200, "{answer}");
    let next = json!({ "session_note_id": session, "cursor": answer["cursor"] });
    let before = client.call("sequentialthinking_hydrate", next);
    assert_eq!(before["thoughts"][0]["text"], "Short.");
    assert!(before.get("cursor").is_none());
}

#[test]
fn limits_that_the_caller_sets() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    for n in 1..=5 {
        client.call("sequentialthinking", thought(n, "Some words that are many."));
    }
    let session = client.call("list_sessions", json!({}))["sessions"][0]["session_note_id"].clone();
    let request = json!({ "session_note_id": session, "max_thought_notes": "2" });
    let answer = client.call("sequentialthinking_hydrate", request);
    let whole = answer["thoughts"].as_array().unwrap().iter().filter(|thought| thought["shown"] == "whole").count();
    assert_eq!(whole, 2);
    let request = json!({ "session_note_id": session, "max_chars_per_note": 4 });
    let answer = client.call("sequentialthinking_hydrate", request);
    assert_eq!(answer["thoughts"][0]["text"], "Some");
    assert_eq!(answer["thoughts"][0]["shown"], "cut");
    for cursor in ["made up", "", "ff"] {
        let request = json!({ "session_note_id": session, "cursor": cursor });
        if !cursor.is_empty() {
            assert_eq!(client.refused("sequentialthinking_hydrate", request)["code"], "arguments");
        }
    }
}

#[test]
fn a_long_note_is_read_page_by_page() {
    let vault = TestVault::new();
    let text = format!("---\nid: \"0042\"\n---\n{}", "Zeile mit Ümlaut, \"quotes\" und 생각.\n".repeat(3_000));
    vault.write("Long.md", &text);
    let mut client = client(&vault);
    let mut request = json!({ "note": "0042", "max_tokens": 5_000 });
    let mut read = String::new();
    loop {
        let answer = client.call("read_note", request.clone());
        assert!(estimate_tokens(&answer.to_string()) <= 5_500);
        read.push_str(answer["text"].as_str().unwrap());
        match answer.get("cursor") {
            Some(cursor) => request["cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert!(read == text, "{} of {} bytes", read.len(), text.len());
    vault.write("Other.md", "text");
    request["note"] = json!("Other");
    assert_eq!(client.refused("read_note", request)["code"], "arguments");
}

#[test]
fn lists_have_pages_too() {
    let vault = TestVault::new();
    for n in 0..25 {
        vault.write(
            &format!("S{n:02}.md"),
            format!("---\nid: session-{n:02}\ntype: thinking-session\ntitle: Session {n}\nupdated: 2026-11-{:02}T10:00:00\n---\nwords here\n", n % 5 + 1),
        );
    }
    let mut client = client(&vault);
    let mut request = json!({ "limit": 10 });
    let mut seen = Vec::new();
    loop {
        let answer = client.call("list_sessions", request.clone());
        seen.extend(answer["sessions"].as_array().unwrap().iter().map(|one| one["session_note_id"].to_string()));
        match answer.get("cursor") {
            Some(cursor) => request["cursor"] = cursor.clone(),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    let mut request = json!({ "query": "words here", "limit": 10 });
    let mut lines = Vec::new();
    loop {
        let answer = client.call("search", request.clone());
        assert!(answer.to_string().len() <= 1_536, "{} bytes: {answer}", answer.to_string().len());
        lines.extend(answer["lines"].as_array().unwrap().iter().map(ToString::to_string));
        match answer.get("cursor") {
            Some(cursor) => request["cursor"] = cursor.clone(),
            None => break,
        }
    }
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 25);
    let detail = client
        .call("search", with(json!({ "query": "words" }), json!({ "detail": "true", "type": "thinking-session" })));
    assert_eq!(detail["hits"][0]["kind"], "session", "{detail}");
}

#[test]
fn a_search_that_finds_nothing_says_what_next() {
    let vault = TestVault::new();
    let mut client = client(&vault);
    let begin =
        client.call("sequentialthinking", with(thought(1, "The pomelo is ripe."), json!({ "session_title": "Trees" })));
    let session = begin["session_note_id"].as_str().unwrap().to_owned();
    let id = json!({ "session_note_id": session, "isRevision": true, "revisesThought": 1 });
    client.call("sequentialthinking", with(thought(2, "No fruit here."), id));
    let text = |query: &str, more: Value| with(json!({ "query": query, "mode": "text" }), more);
    let none = client.call("search", text("nothinglikeit", json!({})));
    assert!(none["notes"][0].as_str().unwrap().contains("try fewer words"), "{none}");
    let revised = client.call("search", text("pomelo ripe", json!({})));
    assert_eq!(revised["notes"][0], "1 thought that a later one revises fits: include_superseded: true");
    let tail = &session[session.len() - 6..];
    let found = client.call("search", text("fruit here", json!({ "session": tail })));
    assert_eq!(found["lines"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(client.refused("search", text("fruit", json!({ "session": "nope" })))["code"], "not_found");
    assert_eq!(client.refused("search", text("fruit", json!({ "path_prefix": "../" })))["code"], "arguments");
}
