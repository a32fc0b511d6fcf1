//! The server at an address: the real program and plain sockets, so that nothing of a client stands between.
#![cfg(unix)]

mod access; // the token, its file, and addresses for others
mod bearing; // what strangers and broken clients do to it
mod companion; // whether one runs, how much it served, and its log
mod connecting; // the configuration of clients
mod story; // agents that think, one server, one vault

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ExitStatus, Stdio},
    time::Duration,
};

use journal_testkit::{JournalCommand, TestVault, poll_until, terminate};
use serde_json::{Value, json};

/// After this long a test has failed. No test waits for it otherwise.
const DEADLINE: Duration = Duration::from_secs(120);

fn vault() -> TestVault {
    TestVault::from_fixture("//- /.obsidian/app.json\n{}\n")
}

/// The command in the world of a vault.
fn nobody(vault: &TestVault) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), vault).filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]")
}

/// `journal serve` at a free port.
struct Server {
    process: Child,
    address: String,
    token: String,
}

impl Server {
    fn start(vault: &TestVault, arguments: &[&str]) -> Self {
        let journal = nobody(vault);
        let mut command = journal.command(&[&["serve", "--port", "0"], arguments].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let mut url = String::new();
        BufReader::new(process.stdout.take().expect("standard output is piped"))
            .read_line(&mut url)
            .expect("standard output is text");
        let address = url.trim().strip_prefix("http://").and_then(|url| url.strip_suffix("/mcp"));
        let Some(address) = address.map(str::to_owned) else {
            panic!("the server does not tell its address: {url:?}, {:?}", process.wait_with_output());
        };
        let token = journal.run(&["serve", "--show-token"]).assert_ok().stdout.trim().to_owned();
        Self { process, address, token }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("a timeout can be set");
        stream
    }

    /// Sends bytes on a connection of their own, and gives what came back until it was closed.
    fn say(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes.as_ref()).expect("the server reads all that is sent");
        read_all(&mut stream)
    }

    /// A POST of `body` with a good head, in which `lines` take the place of those of their names.
    fn post(&self, target: &str, lines: &[&str], body: &str) -> String {
        let good = [
            format!("host: {}", self.address),
            format!("authorization: Bearer {}", self.token),
            "content-type: application/json".to_owned(),
            "accept: application/json, text/event-stream".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", body.len()),
        ];
        let name = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
        let kept = good.iter().map(String::as_str).filter(|line| !lines.iter().any(|other| name(other) == name(line)));
        // A line without a value takes the good one away.
        let head: Vec<_> = lines.iter().copied().filter(|line| !line.ends_with(':')).chain(kept).collect();
        format!("POST {target} HTTP/1.1\r\n{}\r\n\r\n{body}", head.join("\r\n"))
    }

    /// The status and the body of the answer to a message.
    fn send(&self, lines: &[&str], message: &Value) -> (u16, Value) {
        let answer = self.say(self.post("/mcp", lines, &message.to_string()));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer begins with a status");
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }

    /// What a tool answers, and whether it is an error that the model can mend.
    fn call(&self, agent: &str, tool: &str, arguments: Value) -> (Value, bool) {
        let message = request("tools/call", json!({ "name": tool, "arguments": arguments }));
        let (status, answer) = self.send(&[&format!("x-journal-agent: {agent}")], &message);
        assert_eq!(status, 200, "{answer}");
        let result = &answer["result"];
        let content = match &result["structuredContent"] {
            Value::Null => {
                serde_json::from_str(result["content"][0]["text"].as_str().unwrap_or_default()).unwrap_or_default()
            }
            content => content.clone(),
        };
        (content, result["isError"] == true)
    }

    fn is_well(&self) {
        let (status, answer) = self.send(&[], &request("tools/list", json!({})));
        assert_eq!(status, 200, "{answer}");
    }

    /// Asks it to end, and says how it did and what it had to say.
    fn stop(mut self) -> (ExitStatus, String) {
        terminate(&self.process);
        let status =
            poll_until(DEADLINE, "the server to end", || self.process.try_wait().expect("a child can be waited for"));
        let mut said = String::new();
        self.process.stderr.take().expect("standard error is piped").read_to_string(&mut said).expect("it is text");
        (status, said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn request(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the connection is closed in time");
    String::from_utf8(bytes).expect("answers are UTF-8")
}
