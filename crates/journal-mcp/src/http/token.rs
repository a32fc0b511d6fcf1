//! The secret that every call brings.

use std::{fmt, str::FromStr};

use subtle::ConstantTimeEq;

/// A bearer token. It is never printed by `Debug`, and compared in a time that does not depend on where it differs.
#[derive(Clone)]
pub struct Token(String);

/// Text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is at least {} letters and digits, without spaces", Token::LEAST)]
pub struct NotAToken;

impl Token {
    /// The least length, in characters: 128 bits in hexadecimal.
    const LEAST: usize = 32;

    /// A token of 256 random bits.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The token itself, to be kept where only its owner sees it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether these bytes are the token.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(bytes).into()
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let whole = text.len() >= Self::LEAST && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if whole { Ok(Self(text.to_owned())) } else { Err(NotAToken) }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_is_the_token() {
        let token = Token::from_random([0xab; 32]);
        assert_eq!(token.reveal(), "ab".repeat(32));
        assert!(token.is(token.reveal().as_bytes()));
        for other in [&token.reveal()[1..], "", &"ab".repeat(33), &format!("ac{}", "ab".repeat(31))] {
            assert!(!token.is(other.as_bytes()), "{other}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn short_or_strange_text_is_no_token() {
        assert!("0123456789abcdefABCDEF0123456789".parse::<Token>().is_ok());
        for text in ["", "secret", "0123456789abcdef0123456789abcdef\n", "0123456789abcdef 0123456789abcdef"] {
            assert!(text.parse::<Token>().is_err(), "{text:?}");
        }
    }
}
