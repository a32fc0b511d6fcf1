//! Vault paths: where a note lies, relative to its vault.

use std::{fmt, str::FromStr};

use unicode_normalization::UnicodeNormalization;

/// A relative, normalised path of a note: `/` between parts, no `.` or `..`, ending in `.md`.
///
/// The characters are kept as the file system has them (names from macOS may be decomposed); compare names with
/// [`name_key`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VaultPath(String);

/// Why a text is not a path of a note in a vault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultPathError {
    /// Nothing was given.
    #[error("a note's path cannot be empty")]
    Empty,
    /// `/x`, `\x` or `C:x`.
    #[error("`{0}` is absolute; give the path inside the vault")]
    Absolute(String),
    /// A `..` part.
    #[error("`{0}` leaves the vault")]
    Leaves(String),
    /// A NUL or another control character.
    #[error("`{}` holds a control character", .0.escape_debug())]
    Control(String),
    /// Not a markdown file.
    #[error("`{0}` does not end in `.md`")]
    NotMarkdown(String),
    /// A part that begins with a dot: hidden, so never a note.
    #[error("`{0}` lies in a hidden folder or is hidden itself")]
    Hidden(String),
}

impl VaultPath {
    /// Whether it is `place` or lies below it, as its folder or one above.
    pub fn lies_in(&self, place: &str) -> bool {
        is_at_or_below(&self.0, place)
    }

    /// Path text, `/` between parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file's name with its extension.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The file's name without `.md`: what a wikilink says.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        &name[..name.len() - ".md".len()]
    }

    /// The folder, without a trailing slash; empty for the vault's root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The path of a note called `file_name` in `folder` (empty for the root).
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn in_folder(folder: &str, file_name: &str) -> Result<Self, VaultPathError> {
        if folder.is_empty() { file_name.parse() } else { format!("{folder}/{file_name}").parse() }
    }
}

impl FromStr for VaultPath {
    type Err = VaultPathError;

    fn from_str(text: &str) -> Result<Self, VaultPathError> {
        let owned = || text.to_owned();
        if text.trim().is_empty() {
            return Err(VaultPathError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(VaultPathError::Control(owned()));
        }
        let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
        if text.starts_with(['/', '\\']) || drive {
            return Err(VaultPathError::Absolute(owned()));
        }
        let mut parts = Vec::new();
        for part in text.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => return Err(VaultPathError::Leaves(owned())),
                hidden if hidden.starts_with('.') => return Err(VaultPathError::Hidden(owned())),
                part => parts.push(part),
            }
        }
        let is_note = parts.last().and_then(|name| name.len().checked_sub(3).and_then(|dot| name.get(dot..)));
        if !is_note.is_some_and(|ending| ending.eq_ignore_ascii_case(".md"))
            || parts.last().is_some_and(|n| n.len() == 3)
        {
            return Err(VaultPathError::NotMarkdown(owned()));
        }
        Ok(Self(parts.join("/")))
    }
}

impl fmt::Display for VaultPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VaultPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultPath({})", self.0)
    }
}

/// The form in which two names are the same to Obsidian and to case-insensitive file systems: NFC, lower case.
pub fn name_key(name: &str) -> String {
    if name.is_ascii() { name.to_ascii_lowercase() } else { name.nfc().flat_map(char::to_lowercase).collect() }
}

/// Whether a path, of a note or a folder, is `place` or lies below it.
pub fn is_at_or_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let path: VaultPath = "a//b/./C d.MD".parse().unwrap();
        assert_eq!(path.as_str(), "a/b/C d.MD");
        assert_eq!((path.folder(), path.file_name(), path.stem()), ("a/b", "C d.MD", "C d"));
        let root: VaultPath = "x.md".parse().unwrap();
        assert_eq!((root.folder(), root.stem()), ("", "x"));
    }

    #[test]
    fn hostile_paths_are_refused() {
        for (text, says) in [
            ("../x.md", "leaves"),
            ("a/../../x.md", "leaves"),
            ("/etc/x.md", "absolute"),
            ("\\\\server\\x.md", "absolute"),
            ("C:\\x.md", "absolute"),
            ("a\0.md", "control"),
            (".obsidian/x.md", "hidden"),
            ("a/.x.md", "hidden"),
            ("x.txt", ".md"),
            (".md", "hidden"),
            ("", "empty"),
        ] {
            let error = text.parse::<VaultPath>().unwrap_err().to_string();
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn names_compare_without_case_or_composition() {
        assert_eq!(name_key("E\u{301}T"), name_key("ét"));
        assert_eq!(name_key("추론"), name_key("추론"));
    }
}
