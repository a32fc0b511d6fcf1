//! Rules about the tree itself. Each rule says how to comply, and each is shown to fail on a tree that breaks it.
//!
//! A rule is a function from a [`Tree`] to its breaches, so that the same code judges this checkout and an inline fixture.

mod arrows; // which crate may name which, and where each outside crate lives
mod docs; // crates described, links alive, arrows in the text as in the manifests
mod entries; // what lies at the top of the repository
mod files; // length, charter and name of every Rust file
mod lexer; // Rust text without comments, literals and test code
mod rooms; // words of code that belong to one room
mod tree; // the files a rule looks at

use std::fmt;

use tree::Tree;

/// One place where the tree breaks a rule.
struct Breach {
    /// A path, or `path:line`.
    place: String,
    /// What is there.
    what: String,
    /// How to comply.
    comply: String,
}

impl Breach {
    fn new(place: impl Into<String>, what: impl Into<String>, comply: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), comply: comply.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.what, self.comply)
    }
}

/// Asserts that this checkout keeps `rule`.
#[track_caller]
fn holds(rule: impl Fn(&Tree) -> Vec<Breach>) {
    let breaches = rule(&Tree::checkout());
    let listing: Vec<_> = breaches.iter().map(ToString::to_string).collect();
    assert!(listing.is_empty(), "the tree breaks a rule in {} place(s):\n\n{}\n", listing.len(), listing.join("\n"));
}

/// Asserts that `rule` finds exactly `places` in the tree of `fixture`, in order.
#[track_caller]
fn breaks(rule: impl Fn(&Tree) -> Vec<Breach>, fixture: &str, places: &[&str]) {
    let breaches = rule(&Tree::from_fixture(fixture));
    let found: Vec<_> = breaches.iter().map(|breach| breach.place.as_str()).collect();
    assert_eq!(found, places, "in the fixture\n{fixture}");
    assert!(breaches.iter().all(|breach| breach.comply.len() > 20), "a breach must say how to comply");
}
