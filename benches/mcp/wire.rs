//! A client that is in nobody's way: a line of JSON out, a line of JSON in, by stdio or by HTTP.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{self, Child, ChildStdin, ChildStdout, Command},
};

use serde_json::{Value, json};

/// The revision that both servers speak.
const REVISION: &str = "2025-11-25";

/// A server on stdio that has been greeted.
pub struct Stdio {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
}

impl Stdio {
    /// Starts a server and shakes hands.
    pub fn start(mut command: Command) -> Self {
        command.stdin(process::Stdio::piped()).stdout(process::Stdio::piped()).stderr(process::Stdio::null());
        let mut child = command.spawn().expect("the server can be started");
        let to = child.stdin.take().expect("it is piped");
        let from = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut server = Self { child, to, from, next: 0 };
        server.ask("initialize", &greeting());
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        server
    }

    /// Asks, and waits for the result.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        self.send(&request(self.next, method, params));
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("the server can be read") > 0, "the server ended");
            let answer: Value = serde_json::from_str(&line).expect("the server answers in JSON");
            if answer["id"] == self.next {
                return result(answer);
            }
        }
    }

    /// Calls a tool that works.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        worked(self.ask("tools/call", &json!({ "name": tool, "arguments": arguments })))
    }

    fn send(&mut self, message: &Value) {
        let mut line = message.to_string();
        line.push('\n');
        self.to.write_all(line.as_bytes()).expect("the server can be written to");
    }
}

impl Drop for Stdio {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A connection to an HTTP server that has been greeted.
pub struct Http {
    stream: BufReader<TcpStream>,
    head: String,
    next: u64,
}

impl Http {
    /// Connects and shakes hands. The token is for all requests.
    pub fn connect(port: u16, token: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream.set_nodelay(true).expect("a connection can be set");
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: {REVISION}\r\n"
        );
        let mut server = Self { stream: BufReader::new(stream), head, next: 0 };
        server.ask("initialize", &greeting());
        server
    }

    /// Calls a tool that works.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        worked(self.ask("tools/call", &json!({ "name": tool, "arguments": arguments })))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let body = request(self.next, method, params).to_string();
        let message = format!("{}Content-Length: {}\r\n\r\n{body}", self.head, body.len());
        self.stream.get_mut().write_all(message.as_bytes()).expect("the server can be written to");
        let mut length = None;
        let mut line = String::new();
        let mut first = true;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("the server can be read");
            let header = line.trim_end().to_ascii_lowercase();
            assert!(!first || header.contains(" 200 "), "`{method}` got `{header}`");
            first = false;
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok();
            }
            if header.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length.expect("the answer is one piece of JSON")];
        self.stream.read_exact(&mut body).expect("the server can be read");
        result(serde_json::from_slice(&body).expect("the server answers in JSON"))
    }
}

fn greeting() -> Value {
    json!({
        "protocolVersion": REVISION,
        "capabilities": {},
        "clientInfo": { "name": "bench", "version": "0" },
    })
}

fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn result(mut answer: Value) -> Value {
    match answer.get_mut("result") {
        Some(result) => result.take(),
        None => panic!("an error instead of a result: {answer}"),
    }
}

fn worked(result: Value) -> Value {
    assert!(result["isError"] != true, "the tool failed: {result}");
    result["structuredContent"].clone()
}
