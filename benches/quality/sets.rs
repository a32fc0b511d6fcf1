//! The evaluation sets, as they lie in `vault-fixtures/evaluation`.

use std::{fs, path::Path};

use serde::{Deserialize, de::DeserializeOwned};

/// Where the passages of each set are; its questions are in `questions.jsonl`.
pub const SETS: [(&str, &str); 3] =
    [("journal", "notes.jsonl"), ("docs", "passages.jsonl"), ("manual", "passages.jsonl")];

/// What is to be found. Its title is empty where it would give the answer away.
#[derive(Deserialize)]
pub struct Passage {
    pub id: String,
    pub title: String,
    pub body: String,
}

/// A question, and the passages any of which answers it.
#[derive(Deserialize)]
pub struct Question {
    pub query: String,
    pub answers: Vec<String>,
    pub style: String,
}

/// A text that says again what a note says.
#[derive(Deserialize)]
pub struct Again {
    pub text: String,
    pub again: String,
    pub style: String,
}

/// Passages or questions of a set.
pub fn read<T: DeserializeOwned>(set: &str, file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vault-fixtures/evaluation").join(set).join(file);
    let text = fs::read_to_string(path).expect("the set is there");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is what it should be")).collect()
}
