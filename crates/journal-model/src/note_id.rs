//! Note ids: the stable `id:` of a note, which survives rename and move.

use std::{fmt, str::FromStr};

/// The stable id in a note's frontmatter.
///
/// New ids are ULIDs (26 characters: 48 bits of milliseconds, 80 random bits). Ids that people or other tools wrote are
/// accepted as the text they are: `20260108123456` and `0042` keep every digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteId(String);

/// Why a text is not a note id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteIdError {
    /// Nothing but white space.
    #[error("a note id cannot be empty")]
    Empty,
    /// Longer than [`NoteId::MAX_BYTES`].
    #[error("a note id cannot be longer than {max} bytes", max = NoteId::MAX_BYTES)]
    TooLong,
    /// A line break, NUL or another control character.
    #[error("a note id cannot hold control characters")]
    Control,
}

impl NoteId {
    /// Longest accepted id, in bytes.
    pub const MAX_BYTES: usize = 200;

    /// The fewest characters of an id that may stand for the whole.
    pub const MIN_FRAGMENT_CHARS: usize = 4;

    /// Makes a new id from a Unix time in milliseconds and 80 random bits.
    pub fn from_parts(unix_ms: u64, random: [u8; 10]) -> Self {
        let mut wide = [0; 16];
        wide[6..].copy_from_slice(&random);
        Self(ulid::Ulid::from_parts(unix_ms, u128::from_be_bytes(wide)).to_string())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a ULID, as our own ids are.
    pub fn is_ulid(&self) -> bool {
        ulid::Ulid::from_string(&self.0).is_ok()
    }

    /// The last `chars` characters, lower case: the part of the id that goes into file names.
    pub fn tail(&self, chars: usize) -> String {
        let skip = self.0.chars().count().saturating_sub(chars);
        self.0.chars().skip(skip).collect::<String>().to_lowercase()
    }

    /// Whether `fragment` (≥ 4 characters, any case) begins or ends this id.
    pub fn matches_fragment(&self, fragment: &str) -> bool {
        let length = fragment.chars().count();
        if length < Self::MIN_FRAGMENT_CHARS || length > self.0.chars().count() {
            return false;
        }
        let (own, asked) = (self.0.to_lowercase(), fragment.to_lowercase());
        own.starts_with(&asked) || own.ends_with(&asked)
    }
}

impl FromStr for NoteId {
    type Err = NoteIdError;

    fn from_str(text: &str) -> Result<Self, NoteIdError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NoteIdError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(NoteIdError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(NoteIdError::Control);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for NoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ids_are_ulids_and_sort_by_time() {
        let early = NoteId::from_parts(1_700_000_000_000, [0xff; 10]);
        let late = NoteId::from_parts(1_700_000_000_001, [0; 10]);
        assert_eq!(early.as_str().len(), 26);
        assert!(early.is_ulid());
        assert!(early < late);
        assert_eq!(early.tail(6), "zzzzzz");
    }

    #[test]
    fn foreign_ids_keep_every_character() {
        let id: NoteId = " 0020260108123456 ".parse().unwrap();
        assert_eq!(id.as_str(), "0020260108123456");
        assert!(!id.is_ulid());
        assert!(id.matches_fragment("0020"));
        assert!(id.matches_fragment("123456"));
        assert!(!id.matches_fragment("456"));
        assert!(!id.matches_fragment("2601"));
    }

    #[test]
    fn refused_ids_say_why() {
        assert_eq!("  ".parse::<NoteId>(), Err(NoteIdError::Empty));
        assert_eq!("a\nb".parse::<NoteId>(), Err(NoteIdError::Control));
        assert_eq!("x".repeat(201).parse::<NoteId>(), Err(NoteIdError::TooLong));
    }
}
