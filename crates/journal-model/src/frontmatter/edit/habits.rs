//! How a note's writer writes: line endings and lists, so that what is added looks like what is there.

use super::{Entry, Written, render};
use crate::frontmatter::value::{self, Item, Quote, Scalar, Simple};

/// How lists are written in a note.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    /// How a list without items, or a new one, is to be written.
    pub list: ListStyle,
    /// What stands between the items of a list in brackets.
    pub separator: String,
    /// Whether the note holds any list with items.
    pub is_known: bool,
}

/// One of the two styles of lists.
#[derive(Debug, Clone)]
pub(super) enum ListStyle {
    /// `[a, b]`
    Flow(Quote),
    /// `- a` on lines of their own: what stands before the item, and how it is quoted.
    Block(String, Quote),
}

impl Default for Habits {
    /// Obsidian's.
    fn default() -> Self {
        Self { list: ListStyle::Block("  - ".to_owned(), Quote::Plain), separator: ", ".to_owned(), is_known: false }
    }
}

impl Habits {
    /// The habits that the first list with items shows.
    pub(super) fn of(text: &str, entries: &[Entry<'_>]) -> Self {
        let mut habits = Self::default();
        let mut separator = None;
        for entry in entries {
            let list = match value::read(text, entry) {
                Some(Simple::Flow { items, .. }) if !text[entry.value.clone()].contains('\n') => {
                    separator = separator.or_else(|| flow_separator(text, &items));
                    items.first().map(|item| ListStyle::Flow(item.quote))
                }
                Some(Simple::Block { items, .. }) => {
                    items.first().map(|item| ListStyle::Block(marker(text, item), item.scalar.quote))
                }
                _ => None,
            };
            if let (Some(list), false) = (list, habits.is_known) {
                (habits.list, habits.is_known) = (list, true);
            }
        }
        habits.separator = separator.unwrap_or(habits.separator);
        habits
    }

    /// A whole property that was not there before.
    pub(super) fn property(&self, key: &str, value: &Written, ending: &str) -> String {
        let mut out = render::text(key, Quote::Plain);
        out.push(':');
        match value {
            Written::Empty => {}
            Written::Plain(_) | Written::Text(_) => {
                out.push(' ');
                out.push_str(&scalar(value, Quote::Plain));
            }
            Written::List(items) => {
                let (inline, below) = self.list(items, ending);
                out.push_str(&inline);
                out.push_str(ending);
                return out + &below;
            }
        }
        out + ending
    }

    /// A list: what stands behind the colon, and the lines below.
    pub(super) fn list(&self, items: &[String], ending: &str) -> (String, String) {
        match &self.list {
            _ if items.is_empty() => (" []".to_owned(), String::new()),
            ListStyle::Flow(quote) => {
                let items: Vec<String> = items.iter().map(|item| render::text(item, *quote)).collect();
                (format!(" [{}]", items.join(&self.separator)), String::new())
            }
            ListStyle::Block(marker, quote) => {
                let lines = items.iter().map(|item| format!("{marker}{}{ending}", render::text(item, *quote)));
                (String::new(), lines.collect())
            }
        }
    }
}

/// The source of a number or text in the quotes of the one it replaces. Lists and nothing have none.
pub(super) fn scalar(value: &Written, quote: Quote) -> String {
    match (value, quote) {
        (Written::Plain(value), Quote::Plain | Quote::Link) => render::plain(value),
        (Written::Plain(value) | Written::Text(value), quote) => render::text(value, quote),
        (Written::Empty | Written::List(_), _) => String::new(),
    }
}

/// What stands before the item of a block list: indentation, dash and space.
pub(super) fn marker(text: &str, item: &Item<'_>) -> String {
    let marker = &text[item.line.start..item.scalar.span.start];
    // Behind the dash of an empty item there is nothing.
    if marker.ends_with('-') { format!("{marker} ") } else { marker.to_owned() }
}

/// What stands between the first two items of a list in brackets.
pub(super) fn flow_separator(text: &str, items: &[Scalar<'_>]) -> Option<String> {
    let [first, second, ..] = items else { return None };
    Some(text[first.span.end..second.span.start].to_owned())
}

/// How the note's first line ends, LF where it has no end.
pub(super) fn line_ending(text: &str) -> &'static str {
    match text.find('\n') {
        Some(end) if text[..end].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
