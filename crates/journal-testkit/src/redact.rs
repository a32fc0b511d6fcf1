//! What differs from run to run, replaced by placeholders that do not: paths, ids, times, process ids.

use std::{borrow::Cow, path::Path, sync::LazyLock};

use jiff::{Span, Timestamp, civil::Date};
use regex::{Captures, Regex};

use crate::noon;

/// A ULID, or six characters that may be the tail of one.
static ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9A-Za-z]{6})\b"));
/// A date with or without a time, or a time of day alone.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{2}:\d{2}(?::\d{2})?)\b",
    )
});
static DURATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d+(?:\.\d+)? ?(?:ms|µs|s)\b"));
static PROCESS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\b(pid"?:? )\d+\b"#));

/// How many characters of a session's id go into file names.
const TAIL: usize = 6;

/// The placeholders given out so far. An id keeps its number through all transcripts of one command.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    paths: Vec<(String, String)>,
    filters: Vec<(Regex, String)>,
    ids: Vec<String>,
}

impl Redactor {
    /// Replaces an absolute path, and what lies below it, by a name.
    pub(crate) fn add_path(&mut self, path: &Path, placeholder: &str) {
        self.paths.push((path.to_string_lossy().into_owned(), placeholder.to_owned()));
        // The longest goes first, so that the vault is not named by the folder around it.
        self.paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }

    /// Replaces every match of a pattern, before anything else is replaced.
    pub(crate) fn add_filter(&mut self, pattern: Regex, replacement: &str) {
        self.filters.push((pattern, replacement.to_owned()));
    }

    /// The text with its placeholders. `known` are ids that may be there by their tail alone.
    ///
    /// Dates and times become `[DATE]` and `[TIME]` only when they are of this day or its neighbours, so that dates of a
    /// fixture stay to be read.
    pub(crate) fn redact(&mut self, text: &str, known: &[String]) -> String {
        let mut text = text.to_owned();
        for (pattern, replacement) in &self.filters {
            text = pattern.replace_all(&text, replacement.as_str()).into_owned();
        }
        for (path, placeholder) in &self.paths {
            text = text.replace(path, placeholder);
        }
        let text = ID.replace_all(&text, |found: &Captures<'_>| self.name_id(&found[0], known));
        let today = Timestamp::now().to_zoned(noon::zone()).date();
        let text = replace_dates(&text, today);
        let text = DURATION.replace_all(&text, "[DURATION]");
        let text = PROCESS.replace_all(&text, "${1}[PID]");
        text.replace(&format!("/{}/", today.year()), "/[YEAR]/")
    }

    fn name_id(&mut self, found: &str, known: &[String]) -> String {
        if found.len() > TAIL {
            return format!("[ID{}]", self.number(found));
        }
        let ends = |id: &&String| id.len() > TAIL && id[id.len() - TAIL..].eq_ignore_ascii_case(found);
        match self.ids.iter().chain(known).find(ends).cloned() {
            Some(id) => format!("[tail{}]", self.number(&id)),
            None => found.to_owned(),
        }
    }

    fn number(&mut self, id: &str) -> usize {
        let place = self.ids.iter().position(|known| known == id).unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        place + 1
    }
}

/// Every ULID in a text.
pub(crate) fn ulids(text: &str) -> impl Iterator<Item = String> {
    ID.find_iter(text).map(|found| found.as_str()).filter(|id| id.len() > TAIL).map(str::to_owned)
}

fn replace_dates(text: &str, today: Date) -> Cow<'_, str> {
    let day = Span::new().days(1);
    let near = [today.saturating_sub(day), today, today.saturating_add(day)].map(|date| date.to_string());
    DATE.replace_all(text, |found: &Captures<'_>| match (found.get(1), found.get(2)) {
        (None, _) => "[CLOCK]".to_owned(),
        (Some(date), _) if near.iter().all(|near| near != date.as_str()) => found[0].to_owned(),
        (Some(_), Some(_)) => "[TIME]".to_owned(),
        (Some(_), None) => "[DATE]".to_owned(),
    })
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("`{text}` is no pattern: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "01JD3V8QK7X2M4N6P8R0T2V4W6";
    const SECOND: &str = "01JD3V8QK7X2M4N6P8R0T2V4Z9";

    #[test]
    fn ids_keep_their_numbers_and_tails_are_known_by_them() {
        let mut redactor = Redactor::default();
        let known = [FIRST.to_owned(), SECOND.to_owned()];
        assert_eq!(
            redactor.redact(&format!("{SECOND} T001 Think 2v4w6x t2v4w7.md"), &known),
            "[ID1] T001 Think 2v4w6x t2v4w7.md"
        );
        assert_eq!(redactor.redact("a 2v4w6 2T2V4W6", &known), "a 2v4w6 2T2V4W6");
        let tail = &FIRST[20..].to_lowercase();
        assert_eq!(redactor.redact(&format!("Name {tail}.md {FIRST}"), &known), "Name [tail2].md [ID2]");
        assert_eq!(redactor.redact(SECOND, &[]), "[ID1]");
    }

    #[test]
    fn times_of_today_go_and_those_of_a_fixture_stay() {
        let now = Timestamp::now().to_zoned(noon::zone());
        let text = now
            .strftime("%Y-%m-%dT%H:%M:%S, %Y-%m-%d %H:%M, Thinking/%Y/%Y-%m-%d Title, until %H:%M, pid 17, 0.3 ms")
            .to_string();
        let expected = "[TIME], [TIME], Thinking/[YEAR]/[DATE] Title, until [CLOCK], pid [PID], [DURATION]";
        assert_eq!(Redactor::default().redact(&text, &[]), expected);
        assert_eq!(Redactor::default().redact("2020-01-02T03:04:05 T003", &[]), "2020-01-02T03:04:05 T003");
    }

    #[test]
    fn paths_and_filters_are_replaced() {
        let mut redactor = Redactor::default();
        redactor.add_path(Path::new("/tmp/x"), "[ROOT]");
        redactor.add_path(Path::new("/tmp/x/vault"), "[VAULT]");
        redactor.add_filter(pattern("[a-z]+-otter"), "[NAME]");
        assert_eq!(
            redactor.redact("/tmp/x/vault/a.md /tmp/x/data brave-otter", &[]),
            "[VAULT]/a.md [ROOT]/data [NAME]"
        );
    }
}
