//! Time and chance, as parameters: the engine has no clock and no dice of its own.

/// An instant, as the engine needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970, UTC.
    pub unix_ms: u64,
    /// The same instant on the person's clock, as Obsidian writes dates: `YYYY-MM-DDTHH:mm:ss`.
    pub local: String,
}

impl Moment {
    /// `YYYY`, local.
    pub fn year(&self) -> &str {
        self.local.get(..4).unwrap_or(&self.local)
    }

    /// `YYYY-MM-DD`, local.
    pub fn date(&self) -> &str {
        self.local.get(..10).unwrap_or(&self.local)
    }
}

/// Where the engine gets time and randomness from.
pub trait Source: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;

    /// 80 random bits for a new id.
    fn random(&self) -> [u8; 10];
}
