//! A time zone in which these tests begin at noon, so that one that runs at midnight sees the same day as any other.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    tz::{self, TimeZone},
};

/// Hours east of UTC. The date there is that of UTC.
static OFFSET: LazyLock<i8> = LazyLock::new(|| 12 - Timestamp::now().to_zoned(TimeZone::UTC).hour());

/// The zone, as `TZ` names one.
pub(crate) fn variable() -> String {
    // POSIX counts to the west.
    format!("NOON{:+}", -*OFFSET)
}

/// The zone.
pub(crate) fn zone() -> TimeZone {
    tz::offset(*OFFSET).to_time_zone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_say_the_same() {
        let now = Timestamp::now();
        let named = TimeZone::posix(&variable()).unwrap();
        assert_eq!(now.to_zoned(named).datetime(), now.to_zoned(zone()).datetime());
    }
}
