//! How a model wants to be used.

use std::borrow::Cow;

use crate::files::Fingerprint;

/// What passages are made for, in tokens. A model that reads less at once reads them in parts.
pub const PASSAGE: usize = 256;

/// How the vectors of tokens become the vector of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The vector of the first token.
    First,
}

/// How a model wants to be used. A model used in another manner than it was trained for finds worse, silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How the vectors of tokens become the vector of a text.
    pub pooling: Pooling,
    /// What stands before a query.
    pub query_prefix: Cow<'static, str>,
    /// What stands before a passage.
    pub passage_prefix: Cow<'static, str>,
    /// The longest text, in tokens with the prefix and the model's own marks. What is longer is cut, or [read in
    /// parts](Manner::reads_in_parts).
    pub window: usize,
}

impl Manner {
    /// No prefixes.
    pub(crate) const fn plain(pooling: Pooling, window: usize) -> Self {
        Self { pooling, query_prefix: Cow::Borrowed(""), passage_prefix: Cow::Borrowed(""), window }
    }

    /// Whether a passage may be too long to be read at once.
    pub fn reads_in_parts(&self) -> bool {
        self.window < PASSAGE
    }

    /// All of it decides what vectors mean, so all of it is part of a model's identity.
    pub(crate) fn mark(&self, fingerprint: &mut Fingerprint) {
        let pooling = match self.pooling {
            Pooling::Mean => "mean",
            Pooling::First => "first",
        };
        fingerprint.add(pooling.as_bytes());
        fingerprint.add(self.query_prefix.as_bytes());
        fingerprint.add(self.passage_prefix.as_bytes());
        fingerprint.add(self.window.to_string().as_bytes());
        if self.reads_in_parts() {
            fingerprint.add(b"in parts");
        }
    }
}
