//! A client that sends lines and holds every line that comes back against what must always hold: it is the protocol and nothing
//! else, no answer says where the vault lies on this machine, answers keep their schemas and their budget.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use journal_model::estimate_tokens;
use journal_testkit::{JournalCommand, TestVault, poll_until};
use serde_json::{Value, json};

use super::journal;

/// After this long a silent server counts as hung.
pub(super) const DEADLINE: Duration = Duration::from_secs(120);

pub(super) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    root: String,
    sent: i64,
    /// Answers that came before somebody asked for them.
    early: VecDeque<Value>,
    /// Notifications, as they came.
    pub told: Vec<Value>,
    schemas: BTreeMap<String, Value>,
}

impl Client {
    /// Starts a server and says nothing to it.
    pub fn start(vault: &TestVault, options: &[&str]) -> Self {
        Self::start_by(&journal(vault), vault, options)
    }

    /// Starts a server by this command.
    pub fn start_by(journal: &JournalCommand, vault: &TestVault, options: &[&str]) -> Self {
        let mut command = journal.command(&[&["mcp"], options].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (to_lines, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines() {
                let sent = line.ok().map(|line| to_lines.send(line));
                if !matches!(sent, Some(Ok(()))) {
                    break;
                }
            }
        });
        let root = vault.root().display().to_string();
        let input = child.stdin.take();
        let (early, told, schemas) = (VecDeque::new(), Vec::new(), BTreeMap::new());
        Self { child, input, lines, root, sent: 0, early, told, schemas }
    }

    /// Makes the handshake of the older revisions, and learns the schemas of answers.
    #[track_caller]
    pub fn initialize(&mut self, version: &str) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let begun =
            self.request("initialize", json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client }));
        self.notify("notifications/initialized", json!({}));
        let listed = self.request("tools/list", json!({}));
        for tool in listed["result"]["tools"].as_array().unwrap() {
            self.schemas.insert(tool["name"].as_str().unwrap().to_owned(), tool["outputSchema"].clone());
        }
        begun["result"].clone()
    }

    /// Counts its own requests from here on, where ids of others must not be taken for them.
    pub fn count_from(&mut self, id: i64) {
        self.sent = id;
    }

    /// Sends a line as it is.
    #[track_caller]
    pub fn line(&mut self, line: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line).unwrap();
        input.write_all(b"\n").unwrap();
        input.flush().unwrap();
    }

    /// Sends a request without waiting; its id.
    #[track_caller]
    pub fn send(&mut self, method: &str, params: Value) -> i64 {
        self.sent += 1;
        let id = self.sent;
        self.line(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string().as_bytes());
        id
    }

    /// Sends a call of a tool without waiting; its id.
    #[track_caller]
    pub fn send_call(&mut self, tool: &str, arguments: Value) -> i64 {
        self.send("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    #[track_caller]
    pub fn notify(&mut self, method: &str, params: Value) {
        self.line(json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string().as_bytes());
    }

    /// The answer to a request, whenever it comes.
    #[track_caller]
    pub fn answer(&mut self, id: i64) -> Value {
        if let Some(at) = self.early.iter().position(|answer| answer["id"] == id) {
            return self.early.remove(at).unwrap();
        }
        loop {
            let message = self.next();
            if message["id"] == id {
                return message;
            }
            self.keep(message);
        }
    }

    #[track_caller]
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id)
    }

    /// Calls a tool that does as it is told, and gives its answer.
    #[track_caller]
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.send_call(tool, arguments);
        self.answered(id, tool)
    }

    /// The answer to a call that was sent before.
    #[track_caller]
    pub fn answered(&mut self, id: i64, tool: &str) -> Value {
        let message = self.answer(id);
        let result = &message["result"];
        assert_eq!(result["isError"], false, "{message}");
        let answer = &result["structuredContent"];
        let text = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), answer, "the text says what the structure says");
        let tokens = estimate_tokens(text);
        assert!(tokens <= 20_000, "{tool} answered {tokens} tokens");
        if let Some(schema) = self.schemas.get(tool) {
            check(answer, schema, tool);
        }
        answer.clone()
    }

    /// Calls a tool that refuses, and gives its refusal.
    #[track_caller]
    pub fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        let message = {
            let id = self.send_call(tool, arguments);
            self.answer(id)
        };
        let result = &message["result"];
        assert_eq!(result["isError"], true, "{message}");
        assert!(result.get("structuredContent").is_none(), "it would be held against the schema of answers: {message}");
        let refusal: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        for field in ["code", "message", "hint"] {
            assert!(refusal[field].as_str().is_some_and(|text| !text.is_empty()), "no {field}: {refusal}");
        }
        refusal
    }

    /// Forgets answers that nobody asked for.
    pub fn forget(&mut self) {
        self.early.clear();
    }

    /// Waits for one notification.
    #[track_caller]
    pub fn wait_told(&mut self) -> Value {
        while self.told.is_empty() {
            let message = self.next();
            self.keep(message);
        }
        self.told.remove(0)
    }

    /// Says no more.
    pub fn hang_up(&mut self) {
        drop(self.input.take());
    }

    /// The process.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Says no more, and waits until the server has ended.
    #[track_caller]
    pub fn end(mut self) -> ExitStatus {
        self.hang_up();
        poll_until(DEADLINE, "the server to end", || self.child.try_wait().unwrap())
    }

    fn keep(&mut self, message: Value) {
        if message.get("id").is_some_and(|id| !id.is_null()) {
            self.early.push_back(message);
        } else {
            self.told.push(message);
        }
    }

    #[track_caller]
    pub fn next(&mut self) -> Value {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => self.message(&line),
            Err(RecvTimeoutError::Timeout) => panic!("the server says nothing"),
            Err(RecvTimeoutError::Disconnected) => panic!("the server has ended: {:?}", self.child.try_wait()),
        }
    }

    #[track_caller]
    fn message(&self, line: &str) -> Value {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("this is not JSON: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        assert!(!line.contains(&self.root), "this says where the vault lies: {line}");
        message
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // One that has ended by itself is gone, which is as good.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Holds a value against a schema, as far as ours go.
#[track_caller]
pub(super) fn check(value: &Value, schema: &Value, at: &str) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if let Some(wanted) = schema.get("type") {
        assert!(wanted == kind || (wanted == "number" && kind == "integer"), "{at} is {kind}, not {wanted}: {value}");
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        assert!(choices.contains(value), "{at} is {value}");
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{at} has no {name}: {value}");
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if let Some(inner) = value.get(name) {
            check(inner, property, &format!("{at}.{name}"));
        }
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        values.iter().for_each(|value| check(value, items, &format!("{at}[]")));
    }
}
