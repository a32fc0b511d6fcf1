//! Note refs: how a caller names a note.

use std::fmt;

use crate::{NoteId, VaultPath, WikiLink};

/// How a caller names a note: by id or part of one, by path, by name, or by id falling back to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRef {
    kind: RefKind,
    fallback: Option<VaultPath>,
}

/// What a ref is, to the eye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefKind {
    /// A path inside the vault.
    Path(VaultPath),
    /// An id, the beginning or end of one (≥ 4 characters), or a note's name or title.
    Word(String),
}

/// A text that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteRefError {
    /// Nothing but white space.
    #[error("a note is named by its id, the beginning or end of its id, its path, or its name")]
    Empty,
    /// Longer than any id, path or name.
    #[error("a note's name or id cannot be longer than {max} bytes", max = NoteRef::MAX_BYTES)]
    TooLong,
    /// A path that cannot be one.
    #[error(transparent)]
    Path(#[from] crate::VaultPathError),
}

impl NoteRef {
    /// Longest accepted ref, in bytes.
    pub const MAX_BYTES: usize = 4096;

    /// Reads what a person or an agent typed. `[[Name]]` and `Name` are names; what ends in `.md` is a path.
    ///
    /// # Errors
    /// When the text is empty, or is a path that leaves the vault.
    pub fn parse(text: &str) -> Result<Self, NoteRefError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(NoteRefError::Empty);
        }
        if trimmed.len() > Self::MAX_BYTES {
            return Err(NoteRefError::TooLong);
        }
        let kind = if trimmed.starts_with("[[") {
            let target = WikiLink::parse(trimmed).map(|link| link.target).filter(|target| !target.is_empty());
            RefKind::Word(target.ok_or(NoteRefError::Empty)?)
        } else if looks_like_path(trimmed) {
            RefKind::Path(with_extension(trimmed).parse()?)
        } else {
            RefKind::Word(trimmed.to_owned())
        };
        Ok(Self { kind, fallback: None })
    }

    /// The same ref, falling back to a path when nothing has its id.
    ///
    /// # Errors
    /// When `path` is none inside the vault.
    pub fn or_path(self, path: &str) -> Result<Self, NoteRefError> {
        Ok(Self { fallback: Some(with_extension(path.trim()).parse()?), ..self })
    }

    /// What the ref is.
    pub fn kind(&self) -> &RefKind {
        &self.kind
    }

    /// The path to fall back to.
    pub fn fallback(&self) -> Option<&VaultPath> {
        self.fallback.as_ref()
    }
}

fn looks_like_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends_as_note = bytes.len() > 3 && bytes[bytes.len() - 3..].eq_ignore_ascii_case(b".md");
    ends_as_note || text.contains(['/', '\\']) || text.contains('\0')
}

fn with_extension(text: &str) -> String {
    let bytes = text.as_bytes();
    let ends_as_note = bytes.len() >= 3 && bytes[bytes.len() - 3..].eq_ignore_ascii_case(b".md");
    if ends_as_note { text.to_owned() } else { format!("{text}.md") }
}

impl From<&NoteId> for NoteRef {
    fn from(id: &NoteId) -> Self {
        Self { kind: RefKind::Word(id.to_string()), fallback: None }
    }
}

impl From<VaultPath> for NoteRef {
    fn from(path: VaultPath) -> Self {
        Self { kind: RefKind::Path(path), fallback: None }
    }
}

impl fmt::Display for NoteRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            RefKind::Path(path) => path.fmt(f),
            RefKind::Word(word) => f.write_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let kind = |text: &str| NoteRef::parse(text).map(|r| r.kind);
        assert_eq!(kind(" k3m9q2 "), Ok(RefKind::Word("k3m9q2".into())));
        assert_eq!(kind("[[My note#Top|x]]"), Ok(RefKind::Word("My note".into())));
        assert_eq!(kind("a/b.md"), Ok(RefKind::Path("a/b.md".parse().unwrap())));
        assert_eq!(kind("a/b"), Ok(RefKind::Path("a/b.md".parse().unwrap())));
        assert_eq!(kind(""), Err(NoteRefError::Empty));
        assert!(matches!(kind("../b"), Err(NoteRefError::Path(_))));
        assert!(matches!(kind("/etc/passwd"), Err(NoteRefError::Path(_))));
        assert!(matches!(kind("a\0b"), Err(NoteRefError::Path(_))));
    }
}
