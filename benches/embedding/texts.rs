//! What is embedded: passages and questions of `vault-fixtures/evaluation`.

use std::{fmt, fs, path::Path, str::FromStr};

use serde_json::Value;

/// A text shorter than this, in words, is no passage.
const WORDS: usize = 60;

/// So many bytes of English are more tokens than the window of the model.
const WINDOW: usize = 2_000;

/// A kind of text.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Some 150 tokens.
    Passage,
    /// As many tokens as the model takes.
    Window,
    /// Some 10 tokens.
    Question,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passage => "passages",
            Self::Window => "windows",
            Self::Question => "questions",
        })
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        [Self::Passage, Self::Window, Self::Question].into_iter().find(|kind| kind.to_string() == name).ok_or(())
    }
}

/// All texts of a kind, the same each time.
pub fn read(kind: Kind) -> Vec<String> {
    let passages = || column("passages.jsonl", "body").into_iter().filter(|text| text.split(' ').count() > WORDS);
    match kind {
        Kind::Passage => passages().collect(),
        Kind::Window => {
            let mut windows = vec![String::new()];
            for passage in passages() {
                match windows.last_mut().filter(|window| window.len() < WINDOW) {
                    Some(window) => window.push_str(&passage),
                    None => windows.push(passage),
                }
            }
            windows
        }
        Kind::Question => column("questions.jsonl", "query"),
    }
}

fn column(file: &str, key: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vault-fixtures/evaluation/docs").join(file);
    let text = fs::read_to_string(path).expect("the set is there");
    let value = |line: &str| -> Value { serde_json::from_str(line).expect("every line is JSON") };
    text.lines().map(|line| value(line)[key].as_str().expect("every line has such a text").to_owned()).collect()
}
