//! Text for people, in spans: what it says, and how it is set. Printing it is the business of `output.rs`.

pub mod diagnostics;
pub mod diff;
pub mod events;
pub mod found;
pub mod hydrated;
pub mod linked;
pub mod progress;
pub mod table;
pub mod time;

use std::fmt::Write as _;

use journal_model::NoteId;

/// How a span is set. It never carries meaning: the same text in one style says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// Headings and what the eye looks for.
    Strong,
    /// What can be passed over.
    Faint,
    /// What went wrong.
    Alert,
    /// What asks for attention.
    Notice,
}

/// A text in spans.
#[derive(Debug, Clone, Default)]
pub struct Text {
    spans: Vec<(Style, String)>,
}

impl Text {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a span.
    pub fn add(&mut self, style: Style, text: impl Into<String>) -> &mut Self {
        self.spans.push((style, text.into()));
        self
    }

    /// Adds text as it is.
    pub fn plain(&mut self, text: impl Into<String>) -> &mut Self {
        self.add(Style::Plain, text)
    }

    /// Adds what the eye looks for.
    pub fn strong(&mut self, text: impl Into<String>) -> &mut Self {
        self.add(Style::Strong, text)
    }

    /// Adds what can be passed over.
    pub fn faint(&mut self, text: impl Into<String>) -> &mut Self {
        self.add(Style::Faint, text)
    }

    /// Ends the line.
    pub fn end(&mut self) -> &mut Self {
        self.plain("\n")
    }

    /// Adds `name` in a column of its own, the value, and ends the line.
    pub fn field(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.faint(format!("{name:<8}")).plain(" ").plain(value).end()
    }

    /// Adds a text that may have several lines, and ends its last line.
    pub fn paragraph(&mut self, text: &str) -> &mut Self {
        self.plain(text);
        if text.ends_with('\n') { self } else { self.end() }
    }

    /// The spans, in order.
    pub fn spans(&self) -> &[(Style, String)] {
        &self.spans
    }

    /// The text alone.
    pub fn words(&self) -> String {
        self.spans.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// The short form of an id that can be typed: the tail of a ULID, or the whole of any other.
pub fn short(id: &NoteId) -> String {
    if id.is_ulid() { id.tail(6) } else { quoted(id.as_str()) }
}

/// A word as a shell takes it, quoted where it must be.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A title on one line, whatever it holds: it must not end a heading, a row, or a command that is pasted.
pub fn one_line(title: &str) -> String {
    title
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text in one line, of so many characters at most.
pub fn brief(text: &str, most: usize) -> String {
    let line = one_line(text);
    match line.char_indices().nth(most) {
        None => line,
        Some(_) => line.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// `1 thought`, `2 thoughts`.
pub fn counted(number: usize, thing: &str) -> String {
    let mut text = format!("{number} {thing}");
    if number != 1 {
        text.push('s');
    }
    text
}

/// A number of bytes for people: `512 bytes`, `12 kB`, `1.5 MB`, `2.0 GB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} bytes"),
        1_000..1_000_000 => format!("{} kB", number / 1_000),
        1_000_000..1_000_000_000 => format!("{}.{} MB", number / 1_000_000, number % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", number / 1_000_000_000, number % 1_000_000_000 / 100_000_000),
    }
}

/// `a, b and c`.
pub fn listed<T: ToString>(items: &[T]) -> String {
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        let joint = match index {
            0 => "",
            last if last + 1 == items.len() => " and ",
            _ => ", ",
        };
        write!(text, "{joint}{}", item.to_string()).expect("writing to a string cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_shell() {
        assert_eq!(quoted("k3m9q2"), "k3m9q2");
        assert_eq!(quoted("cache first"), "'cache first'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        let short = |id: &str| short(&id.parse().unwrap());
        assert_eq!(short("01JD3V8QK7X2M4N6P8R0T2V4W6"), "t2v4w6".to_owned());
        assert_eq!(short("20260108123456"), "20260108123456");
        assert_eq!(short("my id"), "'my id'");
    }

    #[test]
    fn titles_stay_on_their_line() {
        assert_eq!(one_line(" a\n; rm -rf x\t\u{7}b "), "a ; rm -rf x b");
    }

    #[test]
    fn counts_and_lists() {
        assert_eq!([counted(1, "note"), counted(0, "note")], ["1 note", "0 notes"]);
        assert_eq!([bytes(999), bytes(12_345), bytes(1_560_000)], ["999 bytes", "12 kB", "1.5 MB"]);
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed(&[1, 2]), "1 and 2");
        assert_eq!(listed::<&str>(&[]), "");
    }
}
