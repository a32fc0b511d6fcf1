//! How the index stands, as far as it is known without looking at any note; and the link that opens a note in Obsidian.

use std::fmt::Write as _;

use journal_model::VaultPath;

use crate::{Trouble, core::Core};

/// How the index stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexStanding {
    /// Notes in it.
    pub notes: u64,
    /// How often it was written.
    pub generation: i64,
}

impl Core {
    /// See [`Engine::index_standing`](crate::Engine::index_standing).
    pub(crate) fn index_standing(&self) -> Result<Option<IndexStanding>, Trouble> {
        self.read_index(|index| Ok(IndexStanding { notes: index.count()?, generation: index.generation()? }))
    }
}

/// The link that opens a note in Obsidian: `obsidian://open?vault=…&file=…`.
pub fn obsidian_link(vault: &str, path: &VaultPath) -> String {
    format!("obsidian://open?vault={}&file={}", encoded(vault), encoded(path.as_str()))
}

/// A text as the value of a query in a URI.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_obsidian() {
        let link = |path: &str| obsidian_link("My vault", &path.parse().unwrap());
        assert_eq!(link("a/B & c.md"), "obsidian://open?vault=My%20vault&file=a%2FB%20%26%20c.md");
        assert_eq!(link("추론.md"), "obsidian://open?vault=My%20vault&file=%EC%B6%94%EB%A1%A0.md");
    }
}
