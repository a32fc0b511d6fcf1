//! The gate between a stream and the service: it keeps the order of writing, bounds what is under way, lets nothing pass that
//! would end the service, and holds the end of the input back until what was begun is answered.

use std::{
    collections::HashSet,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rmcp::{
    model::{ClientNotification, ClientRequest, GetExtensions, GetMeta, JsonRpcMessage, ProtocolVersion, RequestId},
    service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::JournalServer;

/// How many requests may be under way; a client that sends more waits.
const UNDER_WAY: usize = 1_024;

/// How long what was begun may take after the input has ended; then long work is told to end, and may take as long again.
const GRACE: Duration = Duration::from_secs(10);

pub(super) struct Gate<T> {
    inner: T,
    server: JournalServer,
    /// Says that the client is gone.
    gone: CancellationToken,
    under_way: Arc<UnderWay>,
    has_begun: bool,
    /// When the input ended.
    ended: Option<Instant>,
    late: Late,
}

/// Says to long work that the client is gone, in the extensions of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Late(pub CancellationToken);

/// The requests that are not yet answered.
#[derive(Default)]
struct UnderWay {
    /// Held for a few instructions only.
    ids: Mutex<HashSet<RequestId>>,
    fewer: Notify,
}

impl<T> Gate<T> {
    pub fn new(inner: T, server: JournalServer, gone: CancellationToken) -> Self {
        Self { inner, server, gone, under_way: Arc::default(), has_begun: false, ended: None, late: Late::default() }
    }

    /// Whether a message goes on to the service, made ready for it.
    fn passes(&mut self, message: &mut RxJsonRpcMessage<RoleServer>) -> bool {
        match message {
            JsonRpcMessage::Request(request) => {
                self.has_begun |= begins(&request.request);
                self.under_way.lock().insert(request.id.clone());
                if let ClientRequest::CallToolRequest(call) = &mut request.request {
                    call.extensions_mut().insert(self.late.clone());
                    if let Some(place) = self.server.place(&call.params.name) {
                        call.extensions_mut().insert(place);
                    }
                }
                true
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    // A call that was taken back is never answered.
                    self.under_way.answered(id);
                }
                self.has_begun
            }
            // Nothing is ever asked of the client.
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => false,
        }
    }
}

/// Whether the service serves from this request on: a handshake, or the first request of the revision that has none. Before it,
/// anything but a request would end the service.
fn begins(request: &ClientRequest) -> bool {
    match request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => false,
        request => {
            let meta = request.get_meta();
            let version = meta.protocol_version();
            meta.missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty()
                && version.is_some_and(|version| ProtocolVersion::KNOWN_VERSIONS.contains(&version))
        }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Gate<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let answered = match &item {
            JsonRpcMessage::Response(response) => Some(response.id.clone()),
            JsonRpcMessage::Error(error) => error.id.clone(),
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => None,
        };
        let (under_way, gone) = (Arc::clone(&self.under_way), self.gone.clone());
        let send = self.inner.send(item);
        async move {
            let sent = send.await;
            if let Some(id) = answered {
                under_way.answered(&id);
            }
            if sent.is_err() {
                gone.cancel();
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            self.under_way.fewer_than(UNDER_WAY).await;
            let message = match self.ended {
                Some(_) => None,
                None => tokio::select! {
                    message = self.inner.receive() => message,
                    () = self.gone.cancelled() => None,
                },
            };
            match message {
                Some(mut message) => {
                    if self.passes(&mut message) {
                        return Some(message);
                    }
                }
                None => {
                    // This is asked again and again while answers go out, so the time counts from the first time.
                    let ended = *self.ended.get_or_insert_with(Instant::now);
                    let grace = ended + if self.gone.is_cancelled() { Duration::ZERO } else { GRACE };
                    if timeout_at(grace, self.under_way.fewer_than(1)).await.is_err() {
                        self.late.0.cancel();
                        // Who is later still is answered no more; what was written is written.
                        _ = timeout_at(grace + GRACE, self.under_way.fewer_than(1)).await;
                    }
                    return None;
                }
            }
        }
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}

impl UnderWay {
    fn lock(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, id: &RequestId) {
        self.lock().remove(id);
        self.fewer.notify_waiters();
    }

    async fn fewer_than(&self, many: usize) {
        loop {
            let fewer = self.fewer.notified();
            tokio::pin!(fewer);
            // From here on nothing is missed.
            fewer.as_mut().enable();
            if self.lock().len() < many {
                return;
            }
            fewer.await;
        }
    }
}
