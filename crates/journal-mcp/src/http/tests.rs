//! The transport over real connections, with a handler that does little.

mod bounds; // size, time and number
mod calls; // what a good client sees
mod stopping; // what becomes of calls when the server ends

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};

use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// After this long a test has failed. No test waits for it otherwise.
const DEADLINE: Duration = Duration::from_secs(60);

/// A tool that answers at once, and one that waits to be let go.
#[derive(Clone)]
struct Stub {
    entered: Arc<Semaphore>,
    let_go: Arc<Semaphore>,
}

impl ServerHandler for Stub {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = ["echo", "wait"].map(|name| Tool::new(name, "a tool", Arc::new(JsonObject::new())));
        Ok(ListToolsResult::with_all_items(tools.into()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name == "wait" {
            self.entered.add_permits(1);
            self.let_go.acquire().await.expect("nobody closes it").forget();
        }
        let text = request.arguments.and_then(|given| Some(given.get("text")?.as_str()?.len())).unwrap_or_default();
        Ok(CallToolResult::success(vec![ContentBlock::text(format!("{text} bytes"))]).into())
    }
}

/// A server that runs.
struct Served {
    address: SocketAddr,
    stub: Stub,
    stop: CancellationToken,
    ended: JoinHandle<io::Result<()>>,
}

impl Served {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Limits)) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), change)
    }

    fn on(listener: TcpListener, change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits { drain_time: DEADLINE, ..Limits::default() };
        change(&mut limits);
        let origins = vec!["https://app.example.com".parse().unwrap()];
        let options =
            HttpOptions { token: TOKEN.parse().unwrap(), origins, hosts: Vec::new(), limits, traffic: Arc::default() };
        let address = listener.local_addr().unwrap();
        let stub = Stub { entered: Arc::new(Semaphore::new(0)), let_go: Arc::new(Semaphore::new(0)) };
        let stop = CancellationToken::new();
        let ended = tokio::spawn(serve(stub.clone(), options, listener, stop.clone()));
        Self { address, stub, stop, ended }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes on a connection of their own, and gives everything that came back until it was closed.
    async fn say(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        read_all(&mut stream).await
    }

    /// Calls a tool on a connection of its own.
    async fn call(&self, tool: &str) -> String {
        self.say(post(&[], &call_of(tool, "1"))).await
    }

    /// Begins a call that waits, and comes back once the handler has it.
    async fn waiting_call(&self) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(&post(&[], &call_of("wait", "1"))).await.unwrap();
        self.has_entered().await;
        stream
    }

    async fn has_entered(&self) {
        timeout(DEADLINE, self.stub.entered.acquire()).await.expect("the call arrives").unwrap().forget();
    }
}

/// A POST with a good head, changed by these lines.
fn post(lines: &[&str], body: &str) -> Vec<u8> {
    let mut head = head(lines, true);
    head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    head.into_bytes()
}

/// The lines before the length of the body; `close` has the server close the connection after its answer.
fn head(lines: &[&str], close: bool) -> String {
    let mut head = String::from("POST /mcp HTTP/1.1\r\nhost: localhost\r\n");
    for line in lines {
        head.push_str(&format!("{line}\r\n"));
    }
    if !lines.iter().any(|line| line.starts_with("authorization")) {
        head.push_str(&format!("authorization: Bearer {TOKEN}\r\n"));
    }
    head.push_str("content-type: application/json\r\naccept: application/json, text/event-stream\r\n");
    if close {
        head.push_str("connection: close\r\n");
    }
    head
}

fn call_of(tool: &str, id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{{"text":"abc"}}}}}}"#
    )
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.expect("the connection is closed").unwrap();
    String::from_utf8(bytes).unwrap()
}

#[track_caller]
fn assert_is(answer: &str, status: &str, parts: &[&str]) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "no {status}: {answer}");
    for part in parts {
        assert!(answer.contains(part), "no {part} in {answer}");
    }
}
