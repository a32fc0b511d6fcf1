//! Models of meaning: fetched, chosen, and at work in the background.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

mod background; // vectors made while a process serves, by one of several
mod command; // `journal model`, with a hub of our own
mod hub; // fetching, cut off and continued
mod quality; // a sample of the evaluation

use std::path::{Path, PathBuf};

/// The folder of the model with eight words.
fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/journal-embed/tests/tiny")
}
