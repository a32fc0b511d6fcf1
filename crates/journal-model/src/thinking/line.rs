//! Lines of thought: the main line and its branches, and the numbers along them.

use std::{fmt, num::NonZeroU32, str::FromStr};

/// The number of a thought along its line, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThoughtNumber(NonZeroU32);

/// Why a text is not a thought's number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the number of a thought: those are whole numbers from 1 to {max}", max = ThoughtNumber::MAX)]
pub struct ThoughtNumberError(String);

impl ThoughtNumber {
    /// The largest number accepted; beyond it a number is a slip of the keyboard.
    pub const MAX: u32 = 99_999;

    /// The first thought of a session.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The number, if it lies in 1..=[`Self::MAX`].
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).filter(|n| n.get() <= Self::MAX).map(Self)
    }

    /// The plain number.
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The number after this one; [`Self::MAX`] has none.
    pub fn next(self) -> Option<Self> {
        Self::new(self.get() + 1)
    }
}

impl FromStr for ThoughtNumber {
    type Err = ThoughtNumberError;

    fn from_str(text: &str) -> Result<Self, ThoughtNumberError> {
        text.trim().parse().ok().and_then(Self::new).ok_or_else(|| ThoughtNumberError(text.to_owned()))
    }
}

impl fmt::Display for ThoughtNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a branch, unique in its session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BranchName(String);

/// Why a text is not a branch's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BranchNameError {
    /// Nothing but white space.
    #[error("a branch's name cannot be empty")]
    Empty,
    /// Longer than [`BranchName::MAX_BYTES`].
    #[error("a branch's name cannot be longer than {max} bytes", max = BranchName::MAX_BYTES)]
    TooLong,
    /// A line break or another control character.
    #[error("a branch's name cannot hold control characters")]
    Control,
    /// `main` is how the main line is named.
    #[error("`main` is the main line and cannot name a branch")]
    Main,
}

impl BranchName {
    /// Longest accepted name, in bytes; it becomes part of file names.
    pub const MAX_BYTES: usize = 60;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BranchName {
    type Err = BranchNameError;

    fn from_str(text: &str) -> Result<Self, BranchNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BranchNameError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(BranchNameError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(BranchNameError::Control);
        }
        if text.eq_ignore_ascii_case("main") {
            return Err(BranchNameError::Main);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The main line of a session, or one of its branches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Line {
    /// Thoughts without a branch.
    Main,
    /// Thoughts of one branch.
    Branch(BranchName),
}

impl Line {
    /// The branch's name, or `None` on the main line.
    pub fn branch(&self) -> Option<&BranchName> {
        match self {
            Self::Main => None,
            Self::Branch(name) => Some(name),
        }
    }
}

impl FromStr for Line {
    type Err = BranchNameError;

    /// `main` in any case is the main line; anything else a branch.
    fn from_str(text: &str) -> Result<Self, BranchNameError> {
        match text.parse() {
            Ok(name) => Ok(Self::Branch(name)),
            Err(BranchNameError::Main) => Ok(Self::Main),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str("main"),
            Self::Branch(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        assert_eq!("7".parse::<ThoughtNumber>().map(ThoughtNumber::get), Ok(7));
        for bad in ["0", "-1", "x", "100000", "99999999999", ""] {
            assert!(bad.parse::<ThoughtNumber>().is_err(), "{bad}");
        }
        assert_eq!("Main".parse(), Ok(Line::Main));
        assert_eq!("cache/first".parse::<BranchName>().unwrap().as_str(), "cache/first");
        assert_eq!("main".parse::<BranchName>(), Err(BranchNameError::Main));
        assert_eq!("a\nb".parse::<BranchName>(), Err(BranchNameError::Control));
    }
}
