//! Named locks: leases on `lock/<name>`, for whatever agents agree on by name.

use std::{fmt, str::FromStr};

/// The name of a lock, like `deploy` or `docker rebuild`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LockName(String);

/// Why a text is no name of a lock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockNameError {
    /// Nothing but white space.
    #[error("the name of a lock cannot be empty")]
    Empty,
    /// Longer than [`LockName::MAX_BYTES`].
    #[error("the name of a lock cannot be longer than {max} bytes", max = LockName::MAX_BYTES)]
    TooLong,
    /// A line break or another control character.
    #[error("the name of a lock cannot hold control characters")]
    Control,
}

impl LockName {
    /// Longest accepted name, in bytes.
    pub const MAX_BYTES: usize = 100;

    /// What the resources of all locks begin with.
    pub const PREFIX: &str = "lock/";

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource that is leased.
    pub fn resource(&self) -> String {
        format!("{}{}", Self::PREFIX, self.0)
    }

    /// The lock that a resource is, if it is one.
    pub fn of_resource(resource: &str) -> Option<Self> {
        resource.strip_prefix(Self::PREFIX)?.parse().ok()
    }
}

impl FromStr for LockName {
    type Err = LockNameError;

    fn from_str(text: &str) -> Result<Self, LockNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LockNameError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(LockNameError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(LockNameError::Control);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for LockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line() {
        let parse = |text: &str| text.parse::<LockName>();
        assert_eq!(parse(" docker rebuild ").unwrap().resource(), "lock/docker rebuild");
        assert_eq!(LockName::of_resource("lock/a/b").unwrap().as_str(), "a/b");
        assert_eq!(LockName::of_resource("thinking/a"), None);
        assert_eq!(parse(" "), Err(LockNameError::Empty));
        assert_eq!(parse("a\nb"), Err(LockNameError::Control));
        assert_eq!(parse(&"x".repeat(101)), Err(LockNameError::TooLong));
    }
}
