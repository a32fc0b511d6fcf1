//! What a good client sees, and what is said to one that is not.

use super::*;

#[tokio::test]
async fn a_conversation_keeps_nothing_between_calls() {
    let served = Served::new().await;
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}"#;
    let answer = served.say(post(&[], initialize)).await;
    assert_is(&answer, "200", &["application/json", r#""protocolVersion":"2025-06-18""#]);
    assert!(!answer.to_lowercase().contains("mcp-session-id"), "{answer}");
    let notified = served.say(post(&[], r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)).await;
    assert_is(&notified, "202", &[]);
    assert_is(&served.call("echo").await, "200", &["3 bytes", "application/json"]);
    // A session id from elsewhere is nothing to this server.
    let stale = served.say(post(&["mcp-session-id: gone"], &call_of("echo", "1"))).await;
    assert_is(&stale, "200", &["3 bytes"]);
}

#[tokio::test]
async fn the_revision_without_a_handshake_is_spoken_too() {
    let served = Served::new().await;
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"#;
    let lines = |method: &'static str| ["mcp-protocol-version: 2026-07-28", method];
    let discover = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{{{meta}}}}}"#);
    let answer = served.say(post(&lines("mcp-method: server/discover"), &discover)).await;
    assert_is(&answer, "200", &["2026-07-28"]);
    let list = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{{meta}}}}}"#);
    assert_is(&served.say(post(&lines("mcp-method: tools/list"), &list)).await, "200", &["echo"]);
}

#[tokio::test]
async fn pipelined_calls_are_answered_in_their_order() {
    let served = Served::new().await;
    let mut bytes = Vec::new();
    for id in 1..=20 {
        let body = call_of("echo", &id.to_string());
        let head = head(&[], id == 20);
        bytes.extend_from_slice(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }
    let answers = served.say(bytes).await;
    let ids: Vec<_> =
        answers.match_indices(r#""id":"#).map(|(at, _)| answers[at + 5..].split(',').next().unwrap()).collect();
    assert_eq!(ids, (1..=20).map(|id| id.to_string()).collect::<Vec<_>>(), "{answers}");
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why_and_nothing_else() {
    let served = Served::new().await;
    // Longer than what the sockets between the two hold, so that a server that does not read resets the connection.
    let body = call_of("echo", "1") + &" ".repeat(8 << 20);
    for (line, status, code) in [
        ("origin: https://evil.example", "403", "foreign_origin"),
        ("authorization: Bearer x", "401", "wrong_token"),
        ("authorization: Basic x", "401", "no_token"),
    ] {
        let answer = served.say(post(&[line], &body)).await;
        assert_is(&answer, status, &[&format!(r#""code":"{code}""#), r#""hint":"#, r#""jsonrpc":"2.0""#]);
        assert_eq!(answer.contains("www-authenticate: Bearer"), status == "401", "{answer}");
        assert!(!answer.contains(TOKEN), "{answer}");
    }
    for method in ["GET", "DELETE"] {
        let asked = String::from_utf8(post(&[], "")).unwrap().replacen("POST", method, 1);
        assert_is(&served.say(asked).await, "405", &["allow: POST"]);
    }
}

#[tokio::test]
async fn what_is_no_message_is_told_apart_and_harms_nobody() {
    let served = Served::new().await;
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let deep_argument = call_of("echo", "1").replace(r#""abc""#, &deep);
    for (body, number) in [
        ("", "-32700"),
        ("{", "-32700"),
        ("\u{0}", "-32700"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"} x"#, "-32700"),
        ("[]", "-32600"),
        ("7", "-32600"),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "-32600"),
        (&deep, "-32600"),
        (&deep_argument, "-32600"),
    ] {
        let answer = served.say(post(&[], body)).await;
        assert_is(&answer, "400", &[&format!(r#""code":{number}"#), "application/json"]);
    }
    assert_is(&served.say("no http\r\n\r\n").await, "400", &[]);
    let without_accept = String::from_utf8(post(&[], &call_of("echo", "1"))).unwrap().replace("accept: ", "x-accept: ");
    assert_is(&served.say(without_accept).await, "406", &["application/json", "protocol"]);
    assert_is(&served.call("echo").await, "200", &["3 bytes"]);
}

#[tokio::test]
async fn pages_that_were_allowed_see_their_answers() {
    let served = Served::new().await;
    let page = "origin: https://app.example.com";
    let asked = String::from_utf8(post(&[page, "authorization: none"], "")).unwrap().replacen("POST", "OPTIONS", 1);
    let header = "access-control-allow-origin: https://app.example.com";
    assert_is(&served.say(asked).await, "204", &[header, "access-control-allow-headers: authorization"]);
    assert_is(&served.say(post(&[page], &call_of("echo", "1"))).await, "200", &[header, "3 bytes"]);
    assert!(!served.call("echo").await.contains("access-control"));
}
