//! Why a call was not taken: a status, and a JSON-RPC error that says what to do.

use http_body_util::BodyExt;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::json;

use super::{
    PATH,
    body::{Body, whole},
};

/// Why a call was not taken. The text goes to strangers, so it names nothing of this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// A web page that nobody allowed.
    #[error("web pages of this origin may not call this server")]
    ForeignOrigin,
    /// Another name than the server's.
    #[error("this server is not called by that `Host`")]
    ForeignHost,
    /// A secret where it ends up in logs.
    #[error("a token does not belong into a URL, where logs and histories keep it")]
    TokenInUrl,
    /// No such place.
    #[error("there is nothing here")]
    NoSuchPath,
    /// No token.
    #[error("this server wants a bearer token")]
    NoToken,
    /// Another token.
    #[error("this is not the token of this server")]
    WrongToken,
    /// GET, DELETE and the like.
    #[error("this server keeps no sessions and no streams to come back to; it takes POST only")]
    Method,
    /// The body is said to be something else.
    #[error("the body of a call is `Content-Type: application/json`")]
    ContentType,
    /// Too many bytes.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The most.
        limit: usize,
    },
    /// A head that did not end.
    #[error("the head of the call did not arrive in time")]
    SlowHead,
    /// Too few bytes in too long a time.
    #[error("the body did not arrive in time")]
    SlowBody,
    /// The client went away in the middle, or sent chunks that are none.
    #[error("the body ended early")]
    BrokenBody,
    /// No JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// Too much at once.
    #[error("this server is busy with other calls")]
    Busy,
    /// A call that took too long.
    #[error("the call was not done in time")]
    SlowCall,
    /// What the protocol's implementation says.
    #[error("{message}")]
    Protocol {
        /// The status.
        status: StatusCode,
        /// What is wrong.
        message: String,
    },
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::ForeignOrigin | Self::ForeignHost => StatusCode::FORBIDDEN,
            Self::TokenInUrl | Self::NoToken | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowHead | Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenBody | Self::NotJson => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::SlowCall => StatusCode::GATEWAY_TIMEOUT,
            Self::Protocol { status, .. } => *status,
        }
    }

    /// The stable name, for programs.
    fn code(&self) -> &'static str {
        match self {
            Self::ForeignOrigin => "foreign_origin",
            Self::ForeignHost => "foreign_host",
            Self::TokenInUrl => "token_in_url",
            Self::NoSuchPath => "no_such_path",
            Self::NoToken => "no_token",
            Self::WrongToken => "wrong_token",
            Self::Method => "method",
            Self::ContentType => "content_type",
            Self::TooLarge { .. } => "too_large",
            Self::SlowHead => "slow_head",
            Self::SlowBody => "slow_body",
            Self::BrokenBody => "broken_body",
            Self::NotJson => "not_json",
            Self::Busy => "busy",
            Self::SlowCall => "slow_call",
            Self::Protocol { .. } => "protocol",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::ForeignOrigin => "put the page's origin into `allowed_origins` of the server's configuration",
            Self::ForeignHost => {
                "call it `localhost`, or put the name into `allowed_hosts` of the server's configuration"
            }
            Self::TokenInUrl => {
                "send `Authorization: Bearer …` instead; the token in the URL counts as known to others: delete the \
                 server's token file and start the server again, which makes another"
            }
            Self::NoSuchPath => "the server answers at `/mcp`",
            Self::NoToken | Self::WrongToken => {
                "send `Authorization: Bearer …` with what `journal serve --show-token` prints; `journal connect` says how"
            }
            Self::Method => "send each JSON-RPC message as a POST of its own",
            Self::ContentType => "send JSON, and say so",
            Self::TooLarge { .. } => "send less at a time",
            Self::SlowHead | Self::SlowBody | Self::BrokenBody => "send it again",
            Self::NotJson | Self::Protocol { .. } => "send one JSON-RPC 2.0 message, as MCP has it",
            Self::Busy => "send it again in a second",
            Self::SlowCall => "ask for less at a time",
        }
    }

    /// The number of JSON-RPC: a parse error, an invalid request, or an error of the server.
    fn number(&self) -> i32 {
        match self {
            Self::NotJson => -32700,
            _ if self.status().is_server_error() => -32000,
            _ => -32600,
        }
    }

    /// The answer.
    pub(super) fn response(&self) -> Response<Body> {
        let status = self.status();
        let mut response = Response::new(whole(Bytes::from(self.json())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"journal\""));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // What is left of the body would be read as the next call.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }

    /// The answer as bytes, for a connection that has come no further than this, and is closed.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (status, json) = (self.status(), self.json());
        let retry = if status == StatusCode::SERVICE_UNAVAILABLE { "retry-after: 1\r\n" } else { "" };
        let length = json.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{retry}connection: close\r\n\
             \r\n{json}"
        )
        .into_bytes()
    }

    fn json(&self) -> String {
        json!({
            "jsonrpc": "2.0",
            "id": null,
            "error": {
                "code": self.number(),
                "message": self.to_string(),
                "data": { "code": self.code(), "hint": self.hint() },
            },
        })
        .to_string()
    }
}

/// The protocol's own answer; where it is an error in plain text, that becomes one of ours.
pub(super) async fn worded(response: Response<Body>) -> Response<Body> {
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let text = match response.into_body().collect().await {
        Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        Err(never) => match never {},
    };
    let (status, message) = match status {
        // The type of the body was checked before, so this means that it was read and not understood.
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (StatusCode::BAD_REQUEST, "this is no message of MCP".to_owned()),
        _ if status.is_server_error() => (status, "the call could not be answered".to_owned()),
        _ => (status, text),
    };
    Refusal::Protocol { status, message }.response()
}

const _: () = assert!(matches!(PATH.as_bytes(), b"/mcp"), "the hint of `NoSuchPath` names the path");
