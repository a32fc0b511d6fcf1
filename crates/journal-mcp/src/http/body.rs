//! The body of a call: read whole, within bounds of size and time.

use std::convert::Infallible;

use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::{Body as _, Bytes, Incoming};
use tokio::time::{Instant, timeout_at};

use super::{Limits, refusal::Refusal};

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, Infallible>;

/// The most that is read of a body only to throw it away, in bytes.
const DISCARDED: usize = 64 << 20;

/// A body that is all there.
pub(super) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).boxed()
}

/// Whether a body says itself that it is too long.
pub(super) fn is_too_long(body: &Incoming, limits: &Limits) -> bool {
    usize::try_from(body.size_hint().lower()).map_or(true, |length| length > limits.body)
}

/// Reads a body.
///
/// # Errors
/// When it is too long, too slow, or ends early.
pub(super) async fn read(mut body: Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    let deadline = Instant::now() + limits.body_time;
    let mut bytes = Vec::new();
    loop {
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(Refusal::SlowBody),
            Ok(None) => return Ok(bytes.into()),
            Ok(Some(Err(_))) => return Err(Refusal::BrokenBody),
            Ok(Some(Ok(frame))) => frame,
        };
        let Some(data) = frame.data_ref() else { continue };
        if data.len() > limits.body - bytes.len() {
            discard(body, deadline).await;
            return Err(Refusal::TooLarge { limit: limits.body });
        }
        bytes.extend_from_slice(data);
    }
}

/// Reads on and keeps nothing: a client that is cut off while it sends does not see the answer. Gives up on one that sends
/// very much, or has not sent all by `deadline`.
pub(super) async fn discard(mut body: Incoming, deadline: Instant) {
    let mut read = 0;
    while read < DISCARDED {
        let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await else { return };
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}
