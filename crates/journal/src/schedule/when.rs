//! When a schedule runs: such times only as every service manager can be told.

use std::{fmt, str::FromStr};

use jiff::{Zoned, civil::Time};

/// How often, in minutes: a number that divides an hour, or hours that divide a day. So all runs of a day are alike, and a
/// crontab can say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Every(u32);

/// A time of day, by the local clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Every so often.
    Every(Every),
    /// Once a day.
    At(TimeOfDay),
}

/// A text that is none of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of: 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d; or a time of day like 03:00")]
pub struct NoTime(pub String);

/// The shortest time between two runs, in minutes.
const SHORTEST: u32 = 5;

/// Minutes in a day.
const DAY: u32 = 24 * 60;

impl Every {
    /// Every hour.
    pub const HOUR: Self = Self(60);

    /// Minutes between two runs.
    pub fn minutes(self) -> u32 {
        self.0
    }
}

impl FromStr for Every {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let error = || NoTime(text.to_owned());
        let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
        let (number, unit) = text.split_at(at);
        let factor = match unit {
            "m" | "min" => 1,
            "h" => 60,
            "d" => DAY,
            _ => return Err(error()),
        };
        let minutes = number.parse::<u32>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(error)?;
        let is_even = match minutes {
            0..SHORTEST => false,
            SHORTEST..60 => 60 % minutes == 0,
            _ => minutes % 60 == 0 && DAY.is_multiple_of(minutes),
        };
        if is_even { Ok(Self(minutes)) } else { Err(error()) }
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DAY => f.write_str("1d"),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

impl FromStr for TimeOfDay {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let number = |digits: &str, most: u32| {
            let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|number| plain && *number <= most)
        };
        let read = || {
            let (hour, minute) = text.split_once(':')?;
            Some(Self { hour: number(hour, 23)?, minute: number(minute, 59)? })
        };
        read().ok_or_else(|| NoTime(text.to_owned()))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl When {
    /// The longest time between two runs, in minutes.
    pub fn minutes(self) -> u32 {
        match self {
            Self::Every(every) => every.minutes(),
            Self::At(_) => DAY,
        }
    }

    /// The next time after `now`, by the clock on the wall, as the service managers reckon; `None` where the calendar ends.
    pub fn next(self, now: &Zoned) -> Option<Zoned> {
        let (first, step) = match self {
            Self::Every(every) => (0, every.minutes()),
            Self::At(TimeOfDay { hour, minute }) => (hour * 60 + minute, DAY),
        };
        let today = now.date();
        [today, today.tomorrow().ok()?].into_iter().find_map(|date| {
            let mut times = (first..DAY).step_by(usize::try_from(step).ok()?);
            times.find_map(|minutes| {
                let time = Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()?;
                date.to_datetime(time).to_zoned(now.time_zone().clone()).ok().filter(|at| at > now)
            })
        })
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(every) => write!(f, "every {every}"),
            Self::At(time) => write!(f, "at {time}"),
        }
    }
}

impl FromStr for When {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        match text.split_once(' ') {
            Some(("every", every)) => Ok(Self::Every(every.parse()?)),
            Some(("at", time)) => Ok(Self::At(time.parse()?)),
            _ => Err(NoTime(text.to_owned())),
        }
    }
}
