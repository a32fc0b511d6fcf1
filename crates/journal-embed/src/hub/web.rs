//! A file of a hub over HTTP: its redirects followed one by one, and what the hub says of it beforehand.

use std::{
    error::Error,
    io::{self, Read},
    time::Duration,
};

use ureq::{
    Agent, BodyReader,
    http::{HeaderMap, Uri, header},
};
use xxhash_rust::xxh3::xxh3_128;

/// After so many redirects nobody has the file.
const REDIRECTS: usize = 10;

/// A hub, to be asked.
pub(super) struct Web {
    agent: Agent,
    endpoint: String,
    token: Option<String>,
}

/// What the hub says of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Announced {
    /// Its length in bytes.
    pub(super) size: Option<u64>,
    /// Its SHA-256, in lowercase hexadecimal digits.
    pub(super) sha256: Option<String>,
    /// What tells its contents apart.
    etag: Option<String>,
}

/// A file that is sent.
pub(super) struct Answer {
    pub(super) announced: Announced,
    /// Where in the file it begins.
    pub(super) from: u64,
    body: BodyReader<'static>,
}

/// Why a file is not sent.
pub(super) enum Unanswered {
    /// With this status.
    Refused(u16),
    /// The hub cannot be asked.
    Offline(Box<dyn Error + Send + Sync>),
    /// It leads to where there is no file.
    Elsewhere(Box<dyn Error + Send + Sync>),
}

impl Web {
    pub(super) fn new(endpoint: &str, token: Option<&str>, patience: Duration) -> Self {
        let patience = Some(patience);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(patience)
            .timeout_connect(patience)
            .timeout_recv_response(patience)
            .timeout_per_read(patience)
            .timeout_per_write(patience)
            .build();
        Self { agent: config.into(), endpoint: endpoint.to_owned(), token: token.map(str::to_owned) }
    }

    /// The file at a path of the hub, from a byte on; whoever has it may send it from its beginning all the same.
    pub(super) fn get(&self, path: &str, from: u64) -> Result<Answer, Unanswered> {
        let first: Uri =
            format!("{}/{path}", self.endpoint).parse().map_err(|error| Unanswered::Offline(Box::new(error)))?;
        let mut announced = Announced::default();
        let mut at = first.clone();
        for _ in 0..=REDIRECTS {
            let is_hub = is_same_host(&first, &at);
            // Packed, a file would have another length.
            let mut request = self.agent.get(&at).header(header::ACCEPT_ENCODING, "identity");
            if let Some(token) = self.token.as_ref().filter(|_| is_hub) {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            if from > 0 {
                request = request.header(header::RANGE, format!("bytes={from}-"));
            }
            let response = request.call().map_err(|error| match is_hub {
                true => Unanswered::Offline(Box::new(error)),
                false => Unanswered::Elsewhere(format!("`{}`: {error}", host(&at)).into()),
            })?;
            let headers = response.headers();
            // Who only stores the file has no say in what it should be.
            if is_hub {
                announced.hear(headers);
            }
            match response.status().as_u16() {
                status @ (200 | 206) => {
                    let range = text(headers, "content-range");
                    let (from, whole) = if status == 206 { part(range.unwrap_or_default()) } else { (0, None) };
                    let length = text(headers, "content-length").and_then(|length| length.parse::<u64>().ok());
                    let whole = whole.or_else(|| Some(length?.saturating_add(from)));
                    announced.size = announced.size.or(whole);
                    return Ok(Answer { announced, from, body: response.into_body().into_reader() });
                }
                301 | 302 | 303 | 307 | 308 => at = next(&at, text(headers, "location").unwrap_or_default())?,
                status => return Err(Unanswered::Refused(status)),
            }
        }
        Err(Unanswered::Elsewhere("it leads from one address to the next, without end".into()))
    }
}

impl Answer {
    pub(super) fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        self.body.read(piece)
    }
}

impl Announced {
    fn hear(&mut self, headers: &HeaderMap) {
        let linked = text(headers, "x-linked-etag").map(unquoted);
        let is_digest = |etag: &&str| etag.len() == 64 && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(sha256) = linked.filter(is_digest) {
            self.sha256 = Some(sha256.to_ascii_lowercase());
        }
        if let Some(size) = text(headers, "x-linked-size").and_then(|size| size.parse().ok()) {
            self.size = Some(size);
        }
        if let Some(etag) = linked.or_else(|| text(headers, "etag").map(unquoted)) {
            self.etag = Some(etag.to_owned());
        }
    }

    /// Whether a part of the file can be known as one.
    pub(super) fn is_known(&self) -> bool {
        self.etag.is_some()
    }

    /// What tells this content apart from another of the same file.
    pub(super) fn tag(&self) -> u128 {
        xxh3_128(format!("{:?} {:?}", self.etag, self.size).as_bytes())
    }
}

/// Where a redirect leads.
fn next(at: &Uri, location: &str) -> Result<Uri, Unanswered> {
    let nowhere = || {
        Unanswered::Elsewhere(
            format!("it leads to `{}`, where nothing is fetched from", location.escape_default()).into(),
        )
    };
    let scheme = at.scheme_str().unwrap_or_default();
    let whole = if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{}{location}", host(at))
    } else {
        location.to_owned()
    };
    let next: Uri = whole.parse().map_err(|_| nowhere())?;
    // What was asked for unseen by others is not fetched for all to see.
    match (scheme, next.scheme_str()) {
        (_, Some("https")) | ("http", Some("http")) => Ok(next),
        _ => Err(nowhere()),
    }
}

fn is_same_host(one: &Uri, other: &Uri) -> bool {
    one.scheme() == other.scheme() && host(one).eq_ignore_ascii_case(host(other))
}

/// Name or number of the host, and its port.
fn host(uri: &Uri) -> &str {
    uri.authority().map(|authority| authority.as_str()).unwrap_or_default()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unquoted(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}

/// Where a part begins and how long the whole is, by `bytes 4-9/10`.
fn part(range: &str) -> (u64, Option<u64>) {
    let (range, whole) = range.trim_start_matches("bytes").trim().split_once('/').unwrap_or((range, ""));
    let from = range.split('-').next().and_then(|from| from.parse().ok());
    (from.unwrap_or_default(), whole.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(at: &str, location: &str) -> Option<String> {
        next(&at.parse().unwrap(), location).ok().map(|uri| uri.to_string())
    }

    #[test]
    fn redirects_lead_to_hosts_and_never_down() {
        let at = "https://hub.example/a/b";
        assert_eq!(leads(at, "/api/c").unwrap(), "https://hub.example/api/c");
        assert_eq!(leads(at, "//store.example/c").unwrap(), "https://store.example/c");
        assert_eq!(leads(at, "https://store.example/c?d=e").unwrap(), "https://store.example/c?d=e");
        assert_eq!(leads("http://127.0.0.1:1/a", "http://127.0.0.1:2/c").unwrap(), "http://127.0.0.1:2/c");
        for nowhere in ["http://store.example/c", "file:///etc/passwd", "ftp://store.example/", "c", ""] {
            assert_eq!(leads(at, nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn a_host_is_the_same_with_its_port_and_scheme() {
        let same = |one: &str, other: &str| is_same_host(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://hub.example/a", "https://HUB.example/b"));
        assert!(!same("https://hub.example/a", "https://hub.example.evil/a"));
        assert!(!same("https://hub.example/a", "http://hub.example/a"));
        assert!(!same("http://127.0.0.1:1/a", "http://127.0.0.1:2/a"));
    }

    #[test]
    fn what_a_hub_says_of_a_file() {
        let mut announced = Announced::default();
        let mut headers = HeaderMap::new();
        headers.insert("etag", "W/\"small\"".parse().unwrap());
        announced.hear(&headers);
        assert_eq!((announced.sha256.as_deref(), announced.etag.as_deref()), (None, Some("small")));
        let digest = "AB".repeat(32);
        headers.insert("x-linked-etag", format!("\"{digest}\"").parse().unwrap());
        headers.insert("x-linked-size", "12".parse().unwrap());
        announced.hear(&headers);
        assert_eq!((announced.sha256, announced.size), (Some("ab".repeat(32)), Some(12)));
        assert_eq!(part("bytes 4-9/10"), (4, Some(10)));
        assert_eq!(part("bytes 0-9/*"), (0, None));
        assert_eq!(part("nonsense"), (0, None));
    }
}
