//! Tests of frontmatter: tables by hand, and properties over real and mutated notes.
//!
//! The property tests run proptest's default number of cases; `PROPTEST_CASES` makes them as long as one likes.

mod editing;
mod hostile;
mod mutated;
mod reading;
mod refusing;
mod seeds;
mod writing;

use crate::Value;

/// A text value.
fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// A list of texts.
fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| text(item)).collect())
}
