//! Time and chance of this machine, for the engine.

use jiff::Zoned;
use journal_engine::{Moment, Source};

/// The system's clock in the person's time zone, and the system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemSource;

impl Source for SystemSource {
    fn now(&self) -> Moment {
        let now = Zoned::now();
        Moment {
            unix_ms: u64::try_from(now.timestamp().as_millisecond()).unwrap_or_default(),
            local: now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        }
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_written_as_obsidian_writes_it() {
        let now = SystemSource.now();
        assert!(now.unix_ms > 1_700_000_000_000);
        assert_eq!(now.local.parse::<jiff::civil::DateTime>().unwrap().to_string(), now.local);
        assert_ne!(SystemSource.random(), SystemSource.random());
    }
}
