//! Who may come in. Everything is decided by the head of a call, in this order: the page it comes from, the name by which
//! the server is called, the path, the token, the method.

use std::net::{IpAddr, SocketAddr};

use hyper::{
    Method, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN},
    http::{request::Parts, uri::Authority},
};

use super::{HttpOptions, PATH, Token, WebOrigin, refusal::Refusal};

/// The rules of one server.
pub(super) struct Gate {
    token: Token,
    origins: Vec<WebOrigin>,
    hosts: Vec<String>,
    address: SocketAddr,
}

/// What somebody who may come in wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// To send a message.
    Call,
    /// To know, before a page calls, whether it may (the preflight of CORS).
    Preflight,
}

/// Names of query parameters under which clients send secrets.
const SECRETS: &[&str] =
    &["token", "access_token", "auth_token", "bearer", "authorization", "auth", "api_key", "apikey", "key"];

impl Gate {
    pub(super) fn new(options: &HttpOptions, address: SocketAddr) -> Self {
        let hosts = options.hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { token: options.token.clone(), origins: options.origins.clone(), hosts, address }
    }

    /// Lets a call in by its head.
    ///
    /// # Errors
    /// Says why not.
    pub(super) fn admit(&self, head: &Parts) -> Result<Entry, Refusal> {
        self.check_origin(&head.headers)?;
        self.check_host(head)?;
        self.check_secrets(&head.uri)?;
        if head.uri.path() != PATH {
            return Err(Refusal::NoSuchPath);
        }
        // A browser asks without the token, and only a page that was allowed by name.
        if head.method == Method::OPTIONS && self.allowed_page(&head.headers).is_some() {
            return Ok(Entry::Preflight);
        }
        self.check_token(&head.headers)?;
        if head.method != Method::POST {
            return Err(Refusal::Method);
        }
        check_type(&head.headers)?;
        Ok(Entry::Call)
    }

    /// The page that calls, as it must be named in the answer so that its browser shows it to the page.
    pub(super) fn allowed_page(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let value = only(headers, &ORIGIN)?;
        let origin: WebOrigin = value.to_str().ok()?.parse().ok()?;
        self.origins.contains(&origin).then(|| value.clone())
    }

    /// Programs send no origin. Pages do, and those of others may not call, whatever else they know.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let ours = |value: &HeaderValue| {
            let Some(origin) = value.to_str().ok().and_then(|text| text.parse::<WebOrigin>().ok()) else {
                return false;
            };
            origin.is_http(|host| self.is_own_name(host), self.address.port()) || self.origins.contains(&origin)
        };
        if headers.get_all(ORIGIN).iter().all(ours) { Ok(()) } else { Err(Refusal::ForeignOrigin) }
    }

    /// A page whose name was made to lead here (DNS rebinding) calls the server by that name.
    fn check_host(&self, head: &Parts) -> Result<(), Refusal> {
        let named = only(&head.headers, &HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let ours = |authority: &Authority| {
            let host = authority.host().to_ascii_lowercase();
            !authority.as_str().contains('@') && (self.is_own_name(&host) || self.hosts.contains(&host))
        };
        let all = named.as_ref().is_some_and(ours) && head.uri.authority().is_none_or(ours);
        if all { Ok(()) } else { Err(Refusal::ForeignHost) }
    }

    /// `localhost` and loopback addresses; where the server listens to more, any address, which no name can be made to be.
    fn is_own_name(&self, host: &str) -> bool {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let address: Option<IpAddr> = bare.parse().ok();
        host == "localhost" || address.is_some_and(|address| address.is_loopback() || !self.address.ip().is_loopback())
    }

    fn check_secrets(&self, uri: &Uri) -> Result<(), Refusal> {
        let mut parameters =
            uri.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let is_secret = |(name, value): (&str, &str)| {
            SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
                || self.token.is(name.as_bytes())
                || self.token.is(value.as_bytes())
        };
        let in_path = uri.path().split('/').any(|part| self.token.is(part.as_bytes()));
        if in_path || parameters.any(is_secret) { Err(Refusal::TokenInUrl) } else { Ok(()) }
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let value = only(headers, &AUTHORIZATION).ok_or(Refusal::NoToken)?.as_bytes();
        let (scheme, token) = value.split_at(value.iter().position(|byte| *byte == b' ').ok_or(Refusal::NoToken)?);
        if !scheme.eq_ignore_ascii_case(b"Bearer") {
            return Err(Refusal::NoToken);
        }
        if self.token.is(token.trim_ascii()) { Ok(()) } else { Err(Refusal::WrongToken) }
    }
}

/// The one value of a header; nothing when there are several, of which another might read another.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = only(headers, &CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Refusal::ContentType) }
}

#[cfg(test)]
mod tests;
