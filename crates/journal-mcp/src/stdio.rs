//! One client on standard input and output, for as long as it is there.
//!
//! It ends when the input ends, when nobody reads the output any more, and when the parent process is gone. Then it answers what it
//! has begun, within limits, and what it acknowledged is on the disk in any case.

pub(crate) mod gate;
mod platform;

use std::time::Duration;

use rmcp::{
    service::{RoleServer, ServerInitializeError, serve_server},
    transport::{Transport, async_rw::AsyncRwTransport, io::stdio_pipes},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::JournalServer;
use gate::Gate;
use platform::Surroundings;

/// How often it is looked whether the parent is still there.
const LOOK: Duration = Duration::from_secs(1);

/// Why serving ended early.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// The client and the server did not come to terms; what is no beginning never comes through the gate.
    #[error("the conversation with the client did not begin")]
    Beginning(#[source] Box<ServerInitializeError>),
    /// The thread that serves ended.
    #[error("the thread that serves the client ended in a panic")]
    Panicked,
}

/// Serves the client on standard input and output until it is gone.
///
/// # Errors
/// When serving itself fails. A client that is gone is no error.
pub async fn run(server: JournalServer) -> Result<(), StdioError> {
    let gone = CancellationToken::new();
    let watch = tokio::spawn(watch(gone.clone()));
    let (input, output) = stdio_pipes();
    let served = serve(server, input, output, gone).await;
    watch.abort();
    served
}

/// Serves a client on any pair of streams, until the input ends or `gone` says that the client is.
///
/// # Errors
/// As [`run`].
pub async fn serve(
    server: JournalServer,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    gone: CancellationToken,
) -> Result<(), StdioError> {
    let transport = AsyncRwTransport::<RoleServer, _, _>::new(input, output);
    let gate = Gate::new(transport, server.clone(), gone.clone());
    let served = serve_until_gone(server, gate).await;
    gone.cancel();
    served
}

async fn serve_until_gone<T>(server: JournalServer, gate: Gate<T>) -> Result<(), StdioError>
where
    T: Transport<RoleServer> + 'static,
{
    let running = match serve_server(server, gate).await {
        Ok(running) => running,
        // Gone before it said anything of use, or it did not take the first answer.
        Err(
            ServerInitializeError::ConnectionClosed(_)
            | ServerInitializeError::Cancelled
            | ServerInitializeError::TransportError { .. },
        ) => return Ok(()),
        Err(error) => return Err(StdioError::Beginning(Box::new(error))),
    };
    running.waiting().await.map(drop).map_err(|_| StdioError::Panicked)
}

/// Looks whether there is somebody to serve.
async fn watch(gone: CancellationToken) {
    let surroundings = Surroundings::now();
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        if !surroundings.are_there() {
            gone.cancel();
            return;
        }
    }
}
