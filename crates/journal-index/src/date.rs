//! Dates as people write them, as seconds that sort. The clock on the wall counts: an offset behind the time is not looked at.

const DAY: i64 = 86_400;

/// When a note last changed, by what it says, else by its file (in UTC, for want of a better clock).
pub(crate) fn changed_seconds(updated: Option<&str>, created: Option<&str>, mtime_ns: i64) -> i64 {
    let written = [updated, created].into_iter().flatten().find_map(seconds);
    written.unwrap_or_else(|| mtime_ns.div_euclid(1_000_000_000))
}

/// Reads `2026-11-21`, `2026-11-21T12:30`, `2026-11-21 12:30:15` and whatever follows that.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let (start, _) = span(text.get(..10)?)?;
    let Some(time) = text[10..].strip_prefix(['T', 't', ' ']) else { return Some(start) };
    let field = |at: usize, limit: i64| time.get(at..at + 2)?.parse::<i64>().ok().filter(|value| *value < limit);
    let (Some(hour), Some(minute)) = (field(0, 24), field(3, 60)) else { return Some(start) };
    Some(start + hour * 3600 + minute * 60 + field(6, 61).unwrap_or(0))
}

/// The seconds from the beginning of a year, month or day (`2026`, `2026-11`, `2026-11-21`) to before the end of it.
pub(crate) fn span(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.trim().split('-');
    let mut number = |digits: usize| -> Option<Option<i64>> {
        let Some(part) = parts.next() else { return Some(None) };
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())
    };
    let (year, month, day) = (number(4)??, number(2)?, number(2)?);
    if parts.next().is_some() || !month.is_none_or(|month| (1..=12).contains(&month)) {
        return None;
    }
    let start = days(year, month.unwrap_or(1), 1) + day.unwrap_or(1) - 1;
    let next_month = if month == Some(12) { days(year + 1, 1, 1) } else { days(year, month.unwrap_or(1) + 1, 1) };
    let end = match (month, day) {
        (None, _) => days(year + 1, 1, 1),
        (Some(_), None) => next_month,
        (Some(_), Some(_)) => start + 1,
    };
    (start < next_month && day != Some(0)).then_some((start * DAY, end * DAY))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        assert_eq!(seconds("1970-01-01"), Some(0));
        assert_eq!(seconds("2026-11-21T00:00:01"), Some(1_795_219_201));
        assert_eq!(seconds("2026-11-21 10:30"), Some(1_795_219_200 + 37_800));
        assert_eq!(seconds("2026-11-21T10:30:00+09:00"), Some(1_795_219_200 + 37_800));
        assert_eq!(seconds("2026-11-21 soon"), Some(1_795_219_200));
        for text in ["", "soon", "2026-13-01", "2026-02-30", "26-01-01", "2026-1-1", "생각생각생각생각"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn spans() {
        assert_eq!(span("1970"), Some((0, 365 * DAY)));
        assert_eq!(span("1970-02"), Some((31 * DAY, 59 * DAY)));
        assert_eq!(span("1972-12"), Some((days(1972, 12, 1) * DAY, days(1973, 1, 1) * DAY)));
        assert_eq!(span("1970-01-02"), Some((DAY, 2 * DAY)));
        assert_eq!(span("2024-02-29").map(|(start, end)| end - start), Some(DAY));
        for text in ["2026-00", "2026-01-00", "2026-01-32", "2026-", "x"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn the_note_says_before_the_file() {
        assert_eq!(changed_seconds(Some("never"), Some("1970-01-02"), 5_000_000_000), DAY);
        assert_eq!(changed_seconds(None, None, 5_999_999_999), 5);
    }
}
