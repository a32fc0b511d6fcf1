//! Who comes in, and who does not.

use std::sync::Arc;

use hyper::Request;

use super::*;
use crate::http::Limits;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn gate(address: &str, hosts: &[&str]) -> Gate {
    let options = HttpOptions {
        token: TOKEN.parse().unwrap(),
        origins: vec!["https://app.example.com".parse().unwrap()],
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        limits: Limits::default(),
        traffic: Arc::default(),
    };
    Gate::new(&options, address.parse().unwrap())
}

/// What a good call changes into by these lines: `METHOD uri` first, then headers that are set, or taken away by `-name`.
fn asked(gate: &Gate, first: &str, lines: &[&str]) -> Result<Entry, Refusal> {
    let (method, uri) = first.split_once(' ').unwrap();
    let good = [
        ("host", "127.0.0.1:8377".to_owned()),
        ("authorization", format!("Bearer {TOKEN}")),
        ("content-type", "application/json".to_owned()),
    ];
    let named = |line: &str| line.trim_start_matches('-').split(':').next().unwrap().to_owned();
    let changed: Vec<_> = lines.iter().map(|line| named(line)).collect();
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in good.iter().filter(|(name, _)| !changed.contains(&(*name).to_owned())) {
        request = request.header(*name, value);
    }
    for line in lines {
        if let Some((name, value)) = line.split_once(": ") {
            request = request.header(name, value);
        }
    }
    gate.admit(&request.body(()).unwrap().into_parts().0)
}

fn local(lines: &[&str]) -> Result<Entry, Refusal> {
    asked(&gate("127.0.0.1:8377", &["journal.lan"]), "POST /mcp", lines)
}

#[test]
fn a_good_call_comes_in() {
    for lines in [
        &[][..],
        &["origin: http://localhost:8377"],
        &["origin: http://127.0.0.1:8377"],
        &["origin: http://[::1]:8377"],
        &["origin: https://app.example.com"],
        &["origin: https://app.example.com:443"],
        &["host: localhost"],
        &["host: LOCALHOST:9000"],
        &["host: [::1]:8377"],
        &["host: Journal.lan:8377"],
        &["authorization: bearer 0123456789abcdef0123456789abcdef"],
        &["content-type: application/json; charset=utf-8"],
    ] {
        assert_eq!(local(lines), Ok(Entry::Call), "{lines:?}");
    }
}

#[test]
fn foreign_pages_are_refused_before_anything_else() {
    for origin in [
        "https://evil.example",
        "http://localhost:8378",
        "https://localhost:8377",
        "http://localhost.evil.example:8377",
        "http://app.example.com",
        "https://app.example.com:8443",
        "null",
        "",
        "file://",
    ] {
        let lines = [&format!("origin: {origin}")[..], "-authorization", "host: evil.example"];
        assert_eq!(local(&lines), Err(Refusal::ForeignOrigin), "{origin}");
    }
    let two = ["origin: http://localhost:8377", "origin: https://evil.example"];
    assert_eq!(local(&two), Err(Refusal::ForeignOrigin));
}

#[test]
fn foreign_names_are_refused_before_the_token_is_looked_at() {
    for host in [
        "evil.example",
        "evil.example:8377",
        "localhost.evil.example",
        "localhost@evil.example",
        "192.0.2.1",
        "",
        "a b",
    ] {
        let lines = [&format!("host: {host}")[..], "-authorization"];
        assert_eq!(local(&lines), Err(Refusal::ForeignHost), "{host:?}");
    }
    assert_eq!(local(&["-host"]), Err(Refusal::ForeignHost));
    assert_eq!(local(&["host: localhost", "host: evil.example"]), Err(Refusal::ForeignHost));
    let absolute = asked(&gate("127.0.0.1:8377", &[]), "POST http://evil.example/mcp", &[]);
    assert_eq!(absolute, Err(Refusal::ForeignHost));
}

#[test]
fn a_server_for_others_is_called_by_its_addresses() {
    let open = gate("192.0.2.1:8377", &[]);
    assert_eq!(asked(&open, "POST /mcp", &["host: 192.0.2.1:8377"]), Ok(Entry::Call));
    assert_eq!(asked(&open, "POST /mcp", &["host: [2001:db8::1]"]), Ok(Entry::Call));
    assert_eq!(asked(&open, "POST /mcp", &["host: evil.example"]), Err(Refusal::ForeignHost));
}

#[test]
fn only_the_token_in_the_one_header_counts() {
    for (line, refusal) in [
        ("-authorization", Refusal::NoToken),
        ("authorization: ", Refusal::NoToken),
        ("authorization: 0123456789abcdef0123456789abcdef", Refusal::NoToken),
        ("authorization: Basic 0123456789abcdef0123456789abcdef", Refusal::NoToken),
        ("authorization: Bearer ", Refusal::NoToken),
        ("authorization: Bearer x", Refusal::WrongToken),
        ("authorization: Bearer 0123456789abcdef0123456789abcdee", Refusal::WrongToken),
        ("authorization: Bearer 0123456789abcdef0123456789abcdef0", Refusal::WrongToken),
        ("authorization: Bearer 0123456789ABCDEF0123456789ABCDEF", Refusal::WrongToken),
    ] {
        // A header ends without its blanks.
        let line = if line == "authorization: Bearer " { "authorization: Bearer" } else { line };
        assert_eq!(local(&[line]), Err(refusal), "{line}");
    }
    let twice = format!("authorization: Bearer {TOKEN}");
    assert_eq!(local(&[&twice, &twice]), Err(Refusal::NoToken));
}

#[test]
fn a_token_in_the_url_is_refused_even_beside_a_good_one() {
    let gate = gate("127.0.0.1:8377", &[]);
    for uri in [
        "/mcp?token=x",
        "/mcp?a=b&Access_Token=x",
        "/mcp?api_key",
        &format!("/mcp?anything={TOKEN}"),
        &format!("/mcp?{TOKEN}"),
        &format!("/{TOKEN}/mcp"),
    ] {
        assert_eq!(asked(&gate, &format!("POST {uri}"), &[]), Err(Refusal::TokenInUrl), "{uri}");
    }
    assert_eq!(asked(&gate, "POST /mcp?client=cursor", &[]), Ok(Entry::Call));
}

#[test]
fn there_is_one_path_and_one_method() {
    let gate = gate("127.0.0.1:8377", &[]);
    for path in ["/", "/mcp/", "/MCP", "/mcp/../mcp", "/.well-known/oauth-protected-resource", "*"] {
        assert_eq!(asked(&gate, &format!("POST {path}"), &[]), Err(Refusal::NoSuchPath), "{path}");
    }
    for method in ["GET", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "post", "MKCOL"] {
        assert_eq!(asked(&gate, &format!("{method} /mcp"), &[]), Err(Refusal::Method), "{method}");
        assert_eq!(asked(&gate, &format!("{method} /mcp"), &["-authorization"]), Err(Refusal::NoToken), "{method}");
    }
    assert_eq!(local(&["content-type: text/plain"]), Err(Refusal::ContentType));
    assert_eq!(local(&["-content-type"]), Err(Refusal::ContentType));
}

#[test]
fn a_page_that_was_allowed_may_ask_first() {
    let gate = gate("127.0.0.1:8377", &[]);
    let asks = |origin: &str| asked(&gate, "OPTIONS /mcp", &[&format!("origin: {origin}"), "-authorization"]);
    assert_eq!(asks("https://app.example.com"), Ok(Entry::Preflight));
    assert_eq!(asks("http://localhost:8377"), Err(Refusal::NoToken));
    assert_eq!(asks("https://evil.example"), Err(Refusal::ForeignOrigin));
}
