//! One call, from its head to its answer.

use std::sync::{Arc, atomic::Ordering};

use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, EXPECT, HeaderValue,
        VARY,
    },
    http::request::Parts,
};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use serde::de::IgnoredAny;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Limits, Traffic,
    body::{Body, discard, is_too_long, read, whole},
    gate::{Entry, Gate},
    refusal::{Refusal, worded},
};

/// What pages may send, beside what every page may.
const PAGE_HEADERS: &str =
    "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id";

/// What answers the calls of all connections.
pub(super) struct Door<H> {
    gate: Gate,
    calls: Semaphore,
    protocol: StreamableHttpService<H, NeverSessionManager>,
    pub(super) limits: Limits,
    traffic: Arc<Traffic>,
}

impl<H: ServerHandler + Clone> Door<H> {
    /// `ended` ends the answers that are streams.
    pub(super) fn new(handler: H, gate: Gate, limits: Limits, traffic: Arc<Traffic>, ended: CancellationToken) -> Self {
        // The gate has checked who calls, so the protocol's own lists stay open.
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(limits.body)
            .disable_allowed_hosts()
            .with_cancellation_token(ended);
        let protocol =
            StreamableHttpService::new(move || Ok(handler.clone()), Arc::new(NeverSessionManager::default()), config);
        Self { gate, calls: Semaphore::new(limits.calls), protocol, limits, traffic }
    }

    /// Answers a call.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let page = self.gate.allowed_page(&head.headers);
        // A client that waits to be told to send its body has nothing to be cut off from.
        let waits = head.headers.contains_key(EXPECT);
        let refused = match self.gate.admit(&head) {
            Ok(Entry::Preflight) => return seen_by(page, preflight()),
            Ok(Entry::Call) if is_too_long(&body, &self.limits) => Refusal::TooLarge { limit: self.limits.body },
            Ok(Entry::Call) => match self.calls.try_acquire() {
                Ok(_turn) => {
                    self.traffic.calls.fetch_add(1, Ordering::Relaxed);
                    return seen_by(page, self.call(head, body).await);
                }
                Err(_) => Refusal::Busy,
            },
            Err(refusal) => refusal,
        };
        if !waits {
            discard(body, Instant::now() + self.limits.body_time).await;
        }
        seen_by(page, refused.response())
    }

    async fn call(&self, head: Parts, body: Incoming) -> Response<Body> {
        let bytes = match read(body, &self.limits).await {
            Ok(bytes) => bytes,
            Err(refusal) => return refusal.response(),
        };
        // Nothing is built, so that depth costs nothing; what is too deep for the protocol it refuses by itself.
        if serde_json::from_slice::<IgnoredAny>(&bytes).is_err() {
            return Refusal::NotJson.response();
        }
        let request = Request::from_parts(head, Full::new(bytes));
        match timeout(self.limits.call_time, self.protocol.handle(request)).await {
            Ok(response) => worded(response).await,
            Err(_) => Refusal::SlowCall.response(),
        }
    }
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(PAGE_HEADERS));
    response
}

/// Lets the browser of an allowed page show it the answer.
fn seen_by(page: Option<HeaderValue>, mut response: Response<Body>) -> Response<Body> {
    if let Some(page) = page {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, page);
        response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
    }
    response
}
