//! Where a web page comes from, as browsers say it in `Origin`.

use std::{fmt, str::FromStr};

use hyper::Uri;

/// The origin of a web page: scheme, host and port (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin {
    scheme: String,
    host: String,
    port: u16,
}

/// Text that is no origin of a web page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin like `https://app.example.com` or `http://localhost:6274`")]
pub struct NotAnOrigin(String);

impl WebOrigin {
    /// The origin of pages that an address without encryption would serve.
    pub(super) fn is_http(&self, host: impl Fn(&str) -> bool, port: u16) -> bool {
        self.scheme == "http" && self.port == port && host(&self.host)
    }
}

impl FromStr for WebOrigin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let wrong = || NotAnOrigin(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let scheme = uri.scheme_str().ok_or_else(wrong)?.to_owned();
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        let usual = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(wrong()),
        };
        // `Uri` reads a port that is none as no port.
        let port = authority.port_u16().or((!has_port(authority.as_str())).then_some(usual)).ok_or_else(wrong)?;
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() || uri.query().is_some() || !matches!(uri.path(), "" | "/") {
            return Err(wrong());
        }
        Ok(Self { scheme, host, port })
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

fn has_port(authority: &str) -> bool {
    authority.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_equal_when_all_three_parts_are() {
        let told = |text: &str| text.parse::<WebOrigin>().map(|origin| origin.to_string()).unwrap_or_default();
        assert_eq!(told("https://App.Example.com"), "https://app.example.com:443");
        assert_eq!(told("http://localhost:6274/"), "http://localhost:6274");
        assert_eq!(told("http://[::1]"), "http://[::1]:80");
        for text in [
            "",
            "null",
            "localhost",
            "localhost:80",
            "file:///x",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://a@b",
            "http://a:99999",
            "http://a b",
            "*",
        ] {
            assert_eq!(told(text), "", "{text:?}");
        }
    }
}
