//! MCP over HTTP: one address that many clients share, each call on its own.
//!
//! [`serve`] answers POST at [`PATH`] and nothing else. Who may come in is decided by `gate.rs` before a byte of the body is
//! read; what comes in is bounded in size, time and number; and nothing is kept between two calls: there are no sessions.

mod body;
mod connection;
mod door;
mod gate;
mod origin;
mod refusal;
mod token;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rmcp::ServerHandler;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time};
use tokio_util::sync::CancellationToken;

use door::Door;
use gate::Gate;

pub use origin::{NotAnOrigin, WebOrigin};
pub use token::{NotAToken, Token};

/// Where the server answers.
pub const PATH: &str = "/mcp";

/// Who may call, and how much at once.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// What every call must bring in its `Authorization` header.
    pub token: Token,
    /// Web pages that may call, beside those of this address itself.
    pub origins: Vec<WebOrigin>,
    /// Names by which the server may be called, beside `localhost` and addresses.
    pub hosts: Vec<String>,
    /// How much at once, and for how long.
    pub limits: Limits,
    /// Where it is counted.
    pub traffic: Arc<Traffic>,
}

/// How much a server has served.
#[derive(Debug, Default)]
pub struct Traffic {
    connections: AtomicU64,
    calls: AtomicU64,
}

impl Traffic {
    /// Connections that were let in, and calls that were, so far.
    pub fn counts(&self) -> (u64, u64) {
        (self.connections.load(Ordering::Relaxed), self.calls.load(Ordering::Relaxed))
    }
}

/// How much the server takes at once, and for how long it waits.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time. Few enough for the 1,024 files that a process may usually have open.
    pub connections: usize,
    /// Calls at a time.
    pub calls: usize,
    /// The longest body of a call, in bytes.
    pub body: usize,
    /// How long a connection may be idle, or take to send the head of a call.
    pub head_time: Duration,
    /// How long the body of a call may take to arrive.
    pub body_time: Duration,
    /// How long a call may take. As long as the longest one needs, which indexes a large vault.
    pub call_time: Duration,
    /// How long calls may take to end once the server is to stop.
    pub drain_time: Duration,
}

impl Default for Limits {
    /// 512 connections, 128 calls, 4 MiB; 60 and 30 seconds for head and body, ten minutes for a call, ten seconds to stop.
    fn default() -> Self {
        Self {
            connections: 512,
            calls: 128,
            body: 4 << 20,
            head_time: Duration::from_secs(60),
            body_time: Duration::from_secs(30),
            call_time: Duration::from_secs(600),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// How long to wait after a connection could not be accepted, as when the process has too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections at a time are told that there are too many; the others are closed without a word.
const REFUSALS: usize = 64;

/// Serves MCP on a listener until `stop` is cancelled; each call goes to a clone of `handler`. Then takes no more calls,
/// and ends when those that run are answered, or after [`Limits::drain_time`].
///
/// # Errors
/// When the listener does not know its own address.
pub async fn serve<H>(
    handler: H,
    options: HttpOptions,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()>
where
    H: ServerHandler + Clone,
{
    let gate = Gate::new(&options, listener.local_addr()?);
    let ended = CancellationToken::new();
    let _ends_streams = ended.clone().drop_guard();
    let traffic = options.traffic;
    let door = Arc::new(Door::new(handler, gate, options.limits.clone(), Arc::clone(&traffic), ended));
    let places = Arc::new(Semaphore::new(options.limits.connections));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            // A connection that panicked has said so by the panic hook, and concerns no other.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // The client is gone, or files are short: there is nobody to tell, and the next may be better off.
            time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            let (door, stop) = (Arc::clone(&door), stop.clone());
            traffic.connections.fetch_add(1, Ordering::Relaxed);
            connections.spawn(async move {
                connection::serve(stream, door, stop).await;
                drop(place);
            });
        } else if let Ok(refusal) = Arc::clone(&refusals).try_acquire_owned() {
            connections.spawn(async move {
                connection::refuse(stream).await;
                drop(refusal);
            });
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if time::timeout(options.limits.drain_time, drained).await.is_err() {
        connections.shutdown().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
