//! Times as people read them: on their own clock, and how far away.

use jiff::{Timestamp, Zoned, civil};

/// The clock by which times are told: now, and the zone of the person who reads.
#[derive(Debug, Clone)]
pub struct Clock {
    now: Zoned,
}

impl Clock {
    /// This machine's clock.
    pub fn of_machine() -> Self {
        Self { now: Zoned::now() }
    }

    /// Now, as it was when the command began.
    pub fn now(&self) -> &Zoned {
        &self.now
    }

    /// A clock that stands still, in UTC.
    #[cfg(test)]
    pub fn at(text: &str) -> Self {
        Self { now: text.parse::<Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::UTC) }
    }

    /// A date and time as notes have it (`2026-11-21T10:02:00`, local): `2026-11-21 10:02 (3 hours ago)`. What is no time is
    /// told as it stands.
    pub fn noted(&self, text: &str) -> String {
        match self.parse(text) {
            Some(then) => format!("{} ({})", then.strftime("%Y-%m-%d %H:%M"), self.distance(&then)),
            None => text.to_owned(),
        }
    }

    /// How far a time of a note is from now: `3 hours ago`.
    pub fn noted_distance(&self, text: &str) -> String {
        self.parse(text).map_or_else(|| text.to_owned(), |then| self.distance(&then))
    }

    /// A time of a note without how far it is: `2026-11-21 10:02`.
    pub fn noted_plain(&self, text: &str) -> String {
        self.parse(text).map_or_else(|| text.to_owned(), |then| then.strftime("%Y-%m-%d %H:%M").to_string())
    }

    /// An instant: `10:17 (in 12 minutes)`, with its date on another day.
    pub fn instant(&self, unix_ms: u64) -> String {
        let Some(then) = instant(unix_ms) else { return format!("{unix_ms} ms") };
        let then = then.to_zoned(self.now.time_zone().clone());
        let format = if then.date() == self.now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        format!("{} ({})", then.strftime(format), self.distance(&then))
    }

    fn parse(&self, text: &str) -> Option<Zoned> {
        if let Ok(zoned) = text.parse::<Timestamp>() {
            return Some(zoned.to_zoned(self.now.time_zone().clone()));
        }
        let local: civil::DateTime = text.parse().ok()?;
        local.to_zoned(self.now.time_zone().clone()).ok()
    }

    fn distance(&self, then: &Zoned) -> String {
        let seconds = then.timestamp().as_second() - self.now.timestamp().as_second();
        let far = seconds.unsigned_abs();
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        let (number, unit) = match far {
            // What was written after this clock was read, a second ago, is no future.
            0..50 => return if seconds > 5 { "in a moment" } else { "just now" }.to_owned(),
            50..3_570 => ((far + MINUTE / 2) / MINUTE, "minute"),
            3_570..84_600 => ((far + HOUR / 2) / HOUR, "hour"),
            _ if far < 60 * DAY => ((far + DAY / 2) / DAY, "day"),
            _ if far < 730 * DAY => (far / (30 * DAY), "month"),
            _ => (far / (365 * DAY), "year"),
        };
        let counted = super::counted(usize::try_from(number).unwrap_or(usize::MAX), unit);
        if seconds > 0 { format!("in {counted}") } else { format!("{counted} ago") }
    }
}

/// A time as clocks on walls show it, in seconds since 1970, as notes have it: `2026-11-21T10:02:00`.
pub fn wall(seconds: i64) -> String {
    let utc = Timestamp::from_second(seconds).map(|then| then.to_zoned(jiff::tz::TimeZone::UTC).datetime());
    utc.map_or_else(|_| format!("{seconds} s"), |then| then.to_string())
}

/// A length of time: `340 ms`, `12.3 s`, `4 min`.
pub fn span(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min", ms / 60_000),
    }
}

/// An instant as programs read it: RFC 3339, UTC, to the second.
pub fn rfc3339(unix_ms: u64) -> String {
    instant(unix_ms).map_or_else(String::new, |then| then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn instant(unix_ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_notes() {
        let clock = Clock::at("2026-11-21T10:02:00Z");
        for (text, told) in [
            ("2026-11-21T10:01:40", "2026-11-21 10:01 (just now)"),
            ("2026-11-21T10:02:01", "2026-11-21 10:02 (just now)"),
            ("2026-11-21T10:02:30", "2026-11-21 10:02 (in a moment)"),
            ("2026-11-21T09:59:40", "2026-11-21 09:59 (2 minutes ago)"),
            ("2026-11-21T07:00:00", "2026-11-21 07:00 (3 hours ago)"),
            ("2026-11-20", "2026-11-20 00:00 (1 day ago)"),
            ("2026-01-10T08:15:00", "2026-01-10 08:15 (10 months ago)"),
            ("2020-01-10T08:15:00", "2020-01-10 08:15 (6 years ago)"),
            ("2026-11-21T12:02:00", "2026-11-21 12:02 (in 2 hours)"),
            ("last spring", "last spring"),
        ] {
            assert_eq!(clock.noted(text), told);
        }
        assert_eq!(clock.noted_distance("2026-11-21T09:59:40"), "2 minutes ago");
    }

    #[test]
    fn lengths_of_time() {
        assert_eq!([span(340), span(12_399), span(299_000)], ["340 ms", "12.3 s", "4 min"]);
    }

    #[test]
    fn instants() {
        let clock = Clock::at("2026-11-21T10:02:00Z");
        let ms = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond() as u64;
        assert_eq!(clock.instant(ms("2026-11-21T10:16:59Z")), "10:16 (in 15 minutes)");
        assert_eq!(clock.instant(ms("2026-11-20T10:02:00Z")), "2026-11-20 10:02 (1 day ago)");
        assert_eq!(rfc3339(ms("2026-11-20T10:02:00.5Z")), "2026-11-20T10:02:00Z");
        assert_eq!(
            [wall(1_795_255_320), wall(0), wall(i64::MAX)],
            ["2026-11-21T10:02:00".to_owned(), "1970-01-01T00:00:00".to_owned(), format!("{} s", i64::MAX)]
        );
        assert_eq!(clock.instant(u64::MAX), format!("{} ms", u64::MAX));
    }
}
