//! The crate from outside, with the built-in runtime. What needs a process of its own is in `runtime.rs` beside this folder.

#![cfg(test)]

mod built_in; // vectors of the built-in model against those made in Python
mod folder; // models in folders, whole and damaged

use std::path::{Path, PathBuf};

use journal_embed::{Model, ModelFiles, Runtime};

/// The folder of the model with eight words.
fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny")
}

/// Starts a model on the built-in runtime.
fn start(files: ModelFiles) -> Model {
    Model::load(files, &Runtime::built_in().unwrap(), None).unwrap()
}

/// The cosine of two vectors of length one.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// An error with all that stands behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
