//! What strangers and broken clients do to it. Whatever it is, the next call is answered.

use journal_testkit::allow_files;

use super::*;

#[test]
fn strangers_are_told_why_and_learn_nothing_of_the_machine() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let list = request("tools/list", json!({}));
    let root = vault.root().display().to_string();
    for (target, line, status, code) in [
        ("/mcp", "authorization:", 401, "no_token"),
        ("/mcp", "authorization: Bearer 0123456789abcdef0123456789abcdef", 401, "wrong_token"),
        ("/mcp?token=x", "x: y", 401, "token_in_url"),
        ("/mcp", "origin: https://evil.example", 403, "foreign_origin"),
        ("/mcp", "origin: null", 403, "foreign_origin"),
        ("/mcp", "host: evil.example", 403, "foreign_host"),
        ("/../../etc/passwd", "x: y", 404, "no_such_path"),
        ("/mcp", "content-type: text/plain", 415, "content_type"),
    ] {
        let answer = server.say(server.post(target, &[line], &list.to_string()));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer}");
        assert!(answer.contains(&format!("\"code\":\"{code}\"")) && answer.contains("\"hint\""), "{line}: {answer}");
        assert!(!answer.contains(&root) && !answer.contains(&server.token), "{line}: {answer}");
    }
    let methods = ["GET", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"];
    for method in methods {
        let answer = server.say(server.post("/mcp", &[], "").replacen("POST", method, 1));
        assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
    }
    server.is_well();
}

#[test]
fn bodies_that_are_too_long_too_deep_or_no_message_are_refused() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let status = |body: &str| server.say(server.post("/mcp", &[], body)).chars().skip(9).take(3).collect::<String>();
    assert_eq!(status(&"x".repeat(50 << 20)), "413");
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_eq!(status(&deep), "400");
    let nested = request("tools/call", json!({ "name": "sequentialthinking", "arguments": { "thought": 0 } }));
    assert_eq!(status(&nested.to_string().replace(":0}", &format!(":{deep}}}"))), "400");
    assert_eq!(status("{"), "400");
    server.is_well();
}

#[test]
fn huge_arguments_are_kept_or_refused_and_harm_nothing() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let thought = "long ".repeat(500_000);
    let arguments = json!({ "thought": thought, "thoughtNumber": 1, "totalThoughts": 1, "nextThoughtNeeded": false });
    let (answer, refused) = server.call("otter", "sequentialthinking", arguments);
    let id = answer["thought_note_id"].as_str().or(answer["note_id"].as_str());
    assert!(refused || id.is_some() || answer["thoughtNumber"] == 1, "{}", &answer.to_string()[..200]);
    let mut many = serde_json::Map::new();
    many.extend((0..50_000).map(|number| (format!("field{number}"), json!(number))));
    many.extend([("thought".to_owned(), json!("Small.")), ("thoughtNumber".to_owned(), json!(1))]);
    many.extend([("totalThoughts".to_owned(), json!(1)), ("nextThoughtNeeded".to_owned(), json!(false))]);
    server.call("otter", "sequentialthinking", Value::Object(many));
    server.is_well();
}

#[test]
fn a_thousand_connections_leave_it_alive() {
    allow_files(4096);
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let idle: Vec<_> = (0..1000).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let list = server.post("/mcp", &[], &request("tools/list", json!({})).to_string());
    let asked = || {
        let mut stream = server.connect();
        let mut answer = String::new();
        // One that is sent away without a word asks again.
        stream.write_all(list.as_bytes()).and_then(|()| stream.read_to_string(&mut answer)).map(|_| answer).ok()
    };
    poll_until(DEADLINE, "an answer while all places are taken", || {
        asked().filter(|answer| answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"))
    });
    drop(idle);
    poll_until(DEADLINE, "a place to be free", || asked().filter(|answer| answer.starts_with("HTTP/1.1 200")));
    let (status, said) = server.stop();
    assert_eq!(status.code(), Some(0), "{said}");
}

#[test]
fn pipelined_calls_are_answered_in_their_order() {
    let vault = vault();
    let server = Server::start(&vault, &[]);
    let mut bytes = String::new();
    for id in 1..=10 {
        let mut message = request("ping", json!({}));
        message["id"] = json!(id);
        let lines: &[&str] = if id == 10 { &[] } else { &["connection: keep-alive"] };
        bytes.push_str(&server.post("/mcp", lines, &message.to_string()));
    }
    let answers = server.say(bytes);
    let ids: Vec<_> =
        answers.match_indices("\"id\":").map(|(at, _)| answers[at + 5..].split([',', '}']).next().unwrap()).collect();
    assert_eq!(ids, (1..=10).map(|id| id.to_string()).collect::<Vec<_>>(), "{answers}");
}
