//! Writes properties: the frontmatter of a new note, and single scalars for the editor.

use std::fmt::Write as _;

use super::value::Quote;

/// A value to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Nothing behind the colon.
    Empty,
    /// A number, boolean or date, written as it is. Text that would not be read back as it is gets quotes all the same.
    Plain(String),
    /// Text, quoted where YAML would take it for something else.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// The habits of frontmatter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As Obsidian writes it: text without quotes where that is safe, lists with an item on each line.
    Obsidian,
    /// As JSON: every text in double quotes, lists on one line without spaces. The earlier tool wrote this.
    Json,
}

/// The frontmatter of a new note with both fences, LF at the end of each line.
///
/// Every text is read back as that text, by [`Note::parse`](super::Note::parse) and by any YAML reader.
pub fn render(entries: &[(&str, Written)], layout: Layout) -> String {
    let mut out = String::from("---\n");
    for (key, value) in entries {
        property(&mut out, key, value, layout);
    }
    out.push_str("---\n");
    out
}

/// One property with its line endings.
fn property(out: &mut String, key: &str, value: &Written, layout: Layout) {
    let quote = if layout == Layout::Json { Quote::Double } else { Quote::Plain };
    out.push_str(&text(key, Quote::Plain));
    out.push(':');
    match value {
        Written::Empty => {}
        Written::Plain(value) => _ = write!(out, " {}", plain(value)),
        Written::Text(value) => _ = write!(out, " {}", text(value, quote)),
        Written::List(items) if items.is_empty() => out.push_str(" []"),
        Written::List(items) if layout == Layout::Json => {
            let items: Vec<String> = items.iter().map(|item| text(item, quote)).collect();
            _ = write!(out, " [{}]", items.join(","));
        }
        Written::List(items) => {
            for item in items {
                _ = write!(out, "\n  - {}", text(item, quote));
            }
        }
    }
    out.push('\n');
}

/// A number, boolean or date as it is, if nothing in it has a meaning of its own.
pub(super) fn plain(value: &str) -> String {
    let null = value.eq_ignore_ascii_case("null");
    if is_plain(value) && !null { value.to_owned() } else { double_quoted(value) }
}

/// A text in the given quotes, or in double quotes where those cannot hold it.
pub(super) fn text(value: &str, quote: Quote) -> String {
    match quote {
        Quote::Plain if is_plain(value) && !is_typed(value) => value.to_owned(),
        Quote::Single if !value.chars().any(needs_escape) => format!("'{}'", value.replace('\'', "''")),
        Quote::Plain | Quote::Single | Quote::Double | Quote::Link => double_quoted(value),
    }
}

/// A text in double quotes. The escapes are those that JSON and YAML share.
pub(super) fn double_quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a character must not stand in YAML as it is, or would not be seen. All are below U+10000.
pub(super) fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a scalar without quotes is read as one scalar with these characters, in a line or in a flow list.
pub(super) fn is_plain(value: &str) -> bool {
    let Some(first) = value.chars().next() else { return false };
    let indicator = matches!(
        first,
        '-' | '?'
            | ':'
            | ','
            | '['
            | ']'
            | '{'
            | '}'
            | '#'
            | '&'
            | '*'
            | '!'
            | '|'
            | '>'
            | '\''
            | '"'
            | '%'
            | '@'
            | '`'
            | '='
            | '<'
            | '~'
            | ' '
    );
    // A negative number may begin with a dash.
    let negative = first == '-' && value[1..].starts_with(|c: char| c.is_ascii_digit());
    (negative || !indicator)
        && !value.ends_with([' ', ':'])
        // yaml-rust2 0.10 refuses the YAML `[a -]`.
        && !value.ends_with(" -")
        && !value.contains(": ")
        && !value.contains(" #")
        && !value.contains([',', '[', ']', '{', '}'])
        && !value.starts_with("...")
        && !value.chars().any(needs_escape)
}

/// Whether YAML, in any of its versions, takes this scalar for something but text: a number, date, time, boolean or null.
fn is_typed(value: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if WORDS.iter().any(|word| value.eq_ignore_ascii_case(word)) {
        return true;
    }
    let unsigned = value.trim_start_matches(['+', '-']);
    let digits = unsigned.trim_start_matches('.').replace('_', "");
    let prefixed = digits.len() > 2 && digits.is_char_boundary(2) && matches!(&digits[..2], "0x" | "0o" | "0b" | "0X");
    let dated = unsigned.starts_with(|c: char| c.is_ascii_digit())
        && unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ':' | '.' | ' ' | 'T' | 't' | 'Z' | '_'));
    prefixed || dated || digits.parse::<f64>().is_ok()
}
