//! Whatever comes in, only the protocol goes out, and the server stays. A long round: `JOURNAL_SECONDS=60 cargo test --test it mcp::fuzz`.

use std::time::{Duration, Instant};

use fastrand::Rng;
use journal_testkit::{TestVault, seed, size};
use serde_json::{Map, Value, json};

use super::client;

const METHODS: &[&str] = &[
    "initialize",
    "ping",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "server/discover",
    "logging/setLevel",
    "subscriptions/listen",
    "tasks/get",
    "notifications/cancelled",
    "notifications/initialized",
    "nothing/like/that",
    "",
];

const TOOLS: &[&str] = &[
    "sequentialthinking",
    "sequentialthinking_hydrate",
    "search",
    "read_note",
    "resolve_note",
    "list_sessions",
    "update_session",
    "relocate_note",
    "find_links",
    "status",
    "no_such_tool",
];

const KEYS: &[&str] = &[
    "name",
    "arguments",
    "uri",
    "cursor",
    "thought",
    "thoughtNumber",
    "totalThoughts",
    "nextThoughtNeeded",
    "isRevision",
    "revisesThought",
    "branchFromThought",
    "branchId",
    "session_note_id",
    "session_path",
    "query",
    "limit",
    "note",
    "to",
    "status",
    "agent",
    "takeover",
    "tags",
    "max_tokens",
    "ref",
    "argument",
    "_meta",
    "progressToken",
    "requestId",
    "folder",
    "protocolVersion",
    "capabilities",
    "clientInfo",
    "value",
    "type",
    "detail",
    "apply",
    "loose",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "0042",
    "Map",
    "Map.md",
    "../../etc/passwd",
    "/etc/passwd",
    "[[Map]]",
    "\u{0}",
    "\u{202e}x",
    "생각",
    "🦀🦀",
    "true",
    "-1",
    "1",
    "99999999999999999999",
    "active",
    "broken",
    "journal://note/0042",
    "journal://session/..%2f",
    "tag:x \"open",
    "68656c6c6f",
    "main",
    "%s%n",
    "a\nb\r\nc",
    "2026-07-28",
    "ref/prompt",
    "resume",
    "session",
    "Archive/",
];

fn value(rng: &mut Rng, depth: u32) -> Value {
    match rng.u8(0..if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(-3..60)),
        3 => json!(rng.f64() * 1e6),
        4 => json!(rng.i64(..)),
        5 => json!(TEXTS[rng.usize(..TEXTS.len())].repeat(if rng.u8(..) == 0 { 5_000 } else { 1 })),
        6 => Value::Array((0..rng.usize(0..4)).map(|_| value(rng, depth - 1)).collect()),
        _ => object(rng, depth - 1),
    }
}

fn object(rng: &mut Rng, depth: u32) -> Value {
    let pairs = (0..rng.usize(0..6)).map(|_| (KEYS[rng.usize(..KEYS.len())].to_owned(), value(rng, depth)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn line(rng: &mut Rng, id: u64) -> Vec<u8> {
    let mut params = object(rng, 3);
    let mut method = METHODS[rng.usize(..METHODS.len())];
    if rng.u8(0..3) > 0 {
        method = "tools/call";
        params["name"] = json!(TOOLS[rng.usize(..TOOLS.len())]);
        params["arguments"] = object(rng, 2);
    }
    let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    match rng.u8(0..20) {
        0 => message["id"] = value(rng, 1),
        1 => message["jsonrpc"] = value(rng, 0),
        2 => message["method"] = value(rng, 1),
        3 => message["params"] = value(rng, 1),
        4 => drop(message.as_object_mut().and_then(|message| message.remove("id"))),
        5 => return format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
        6 => message = json!([message, message]),
        _ => {}
    }
    let mut bytes = message.to_string().into_bytes();
    if rng.u8(0..10) == 0 {
        for _ in 0..rng.usize(1..8) {
            let at = rng.usize(..bytes.len());
            bytes[at] = rng.u8(..);
        }
        // A line break would make two lines of it, which is another test.
        bytes.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    }
    bytes
}

#[test]
fn whatever_comes_in_only_the_protocol_goes_out() {
    let mut rng = Rng::with_seed(seed());
    let time = Duration::from_secs(u64::try_from(size("JOURNAL_SECONDS", 2)).unwrap());
    let vault = TestVault::from_fixture("//- /Map.md\n---\nid: \"0042\"\n---\nSee [[Nowhere]].\n");
    let mut client = client(&vault);
    // Lines have ids of all kinds, and small ones often.
    client.count_from(1 << 50);
    let begun = Instant::now();
    let mut id = 1_000_000;
    while begun.elapsed() < time {
        for _ in 0..20 {
            id += 1;
            let line = line(&mut rng, id);
            client.line(&line);
        }
        // The client holds every line against the protocol; an answer to this says that the server is there and has read on.
        client.call("status", json!({}));
        client.told.clear();
        client.forget();
    }
    let answer = client.call("sequentialthinking", super::thought(1, "Still here."));
    assert_eq!(answer["vault"], "vault");
    assert!(client.end().success());
}
