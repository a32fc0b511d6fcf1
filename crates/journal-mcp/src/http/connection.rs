//! One connection: its calls one after the other, pipelined or not, until it is closed, idle for too long, or the server stops.

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::ServerHandler;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{door::Door, refusal::Refusal};

/// The longest head of a call, and the most of a body that is read at a time, in bytes.
const BUFFER: usize = 64 << 10;

/// How long a client that is sent away may take to notice.
const PARTING: Duration = Duration::from_secs(2);

/// Serves a connection to its end. Once `stop` is cancelled, the call that runs is its last.
pub(super) async fn serve<H: ServerHandler + Clone>(stream: TcpStream, door: Arc<Door<H>>, stop: CancellationToken) {
    // Without this an answer of two segments waits 40 ms for the client's delayed acknowledgement. Where it cannot be set,
    // the answers are only later.
    drop(stream.set_nodelay(true));
    let head_time = door.limits.head_time;
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(door.answer(request).await) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            ended = &mut connection => break ended,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    // An idle connection is closed without a word, one that stopped in the middle of a head is told why.
    if ended.is_err_and(|error| error.is_timeout()) {
        let parts = connection.into_parts();
        if !parts.read_buf.is_empty() {
            part(parts.io.into_inner(), &Refusal::SlowHead).await;
        }
    }
}

/// Tells a client that there are too many connections.
pub(super) async fn refuse(stream: TcpStream) {
    part(stream, &Refusal::Busy).await;
}

/// Answers and closes. What the client still sends is read first: a connection closed before that is reset, and the answer
/// with it.
async fn part(mut stream: TcpStream, refusal: &Refusal) {
    let farewell = async {
        stream.write_all(&refusal.bytes()).await?;
        stream.shutdown().await?;
        let mut thrown_away = [0; 4096];
        while stream.read(&mut thrown_away).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whoever is gone already, or does not leave, was told all there is.
    drop(timeout(PARTING, farewell).await);
}
