//! The splices that give one property a new value, in the style of its old one.

use std::ops::Range;

use super::{
    EditError, Entry, Shape, Written,
    habits::{self, Habits, ListStyle, flow_separator, line_ending, marker},
    lines, render,
};
use crate::frontmatter::value::{self, Item, Quote, Scalar, Simple};

/// Replacements of ranges of a text, in any order; insertions before what is deleted at the same place.
#[derive(Default)]
struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    fn put(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(text.len() + 64);
        let mut at = 0;
        for (range, replacement) in self.0 {
            out.push_str(&text[at..range.start]);
            out.push_str(&replacement);
            at = range.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Whether an entry's value is, or holds, an anchor, an alias or a tag.
pub(super) fn is_anchored(text: &str, entry: &Entry<'_>) -> bool {
    if value::read(text, entry).is_some() {
        return false;
    }
    let value = text[entry.value.clone()].trim_start_matches([' ', '\t']);
    let marked = |word: &str| word.len() > 1 && word.starts_with(['&', '*', '!']);
    match value.as_bytes().first() {
        Some(b'&' | b'*' | b'!') => true,
        // Lists and mappings, in brackets or on lines of their own: anything in them may be marked.
        None | Some(b'[' | b'{' | b'#' | b'\r' | b'\n') => {
            value.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '{' | '}' | ',')).any(marked)
        }
        Some(_) => false,
    }
}

/// The text after `entry` got the value `new`, which is not the one it has.
pub(super) fn set(text: &str, entry: &Entry<'_>, new: &Written, habits: &Habits) -> Result<String, EditError> {
    let multi_line = text[entry.value.clone()].contains('\n');
    let simple = value::read(text, entry);
    let splices = match (&simple, new) {
        (Some(Simple::Flow { .. }), _) if multi_line => return Err(multi_line_flow(entry)),
        (Some(Simple::Flow { open, close, items }), Written::List(new))
            if !items.is_empty() || !habits.is_known || matches!(habits.list, ListStyle::Flow(_)) =>
        {
            set_flow(text, *open..close + 1, items, new, habits)
        }
        (Some(Simple::Block { items, .. }), Written::List(new)) if !new.is_empty() => {
            set_block(text, items, new, line_ending(&text[entry.lines.clone()]))
        }
        (None, Written::Text(new)) if entry.shape == Shape::BlockScalar => match set_block_scalar(text, entry, new) {
            Some(splices) => splices,
            None => replace(text, entry, &Old::of(text, entry, simple.as_ref())?, &Written::Text(new.clone()), habits),
        },
        _ => replace(text, entry, &Old::of(text, entry, simple.as_ref())?, new, habits),
    };
    Ok(splices.apply(text))
}

/// The parts of an old value that go when a value of another kind comes.
struct Old {
    /// The value on the line of the key; empty where it stands below.
    inline: Range<usize>,
    /// Lines below.
    below: Vec<Range<usize>>,
    quote: Quote,
}

impl Old {
    fn of(text: &str, entry: &Entry<'_>, simple: Option<&Simple<'_>>) -> Result<Self, EditError> {
        let behind_colon = entry.value.start..entry.value.start;
        Ok(match simple {
            Some(Simple::Nothing) => Self { inline: behind_colon, below: Vec::new(), quote: Quote::Plain },
            Some(Simple::Scalar(scalar)) => {
                Self { inline: scalar.span.clone(), below: Vec::new(), quote: scalar.quote }
            }
            Some(Simple::Links(items)) => {
                let end = items.last().map_or(behind_colon.end, |item| item.span.end);
                let start = items.first().map_or(behind_colon.start, |item| item.span.start);
                Self { inline: start..end, below: Vec::new(), quote: Quote::Link }
            }
            Some(Simple::Flow { open, close, items }) => {
                let quote = items.first().map_or(Quote::Plain, |item| item.quote);
                Self { inline: *open..close + 1, below: Vec::new(), quote }
            }
            Some(Simple::Block { items, .. }) => {
                let quote = items.first().map_or(Quote::Plain, |item| item.scalar.quote);
                Self { inline: behind_colon, below: items.iter().map(|item| item.line.clone()).collect(), quote }
            }
            None => Self::of_other(text, entry)?,
        })
    }

    fn of_other(text: &str, entry: &Entry<'_>) -> Result<Self, EditError> {
        let Range { start: value, end } = entry.value;
        let start = end - text[value..end].trim_start_matches([' ', '\t']).len();
        let multi_line = text[value..end].contains('\n');
        if entry.shape == Shape::BlockScalar {
            let below = lines::line_end(text, start, entry.lines.end)..entry.lines.end;
            return Ok(Self { inline: block_header(text, start), below: vec![below], quote: Quote::Plain });
        }
        let (quote, stop) = match text.as_bytes()[start..end].first() {
            None | Some(b'#' | b'\r' | b'\n') => return Err(EditError::Nested { key: name(entry), line: entry.line }),
            Some(b'[' | b'{') if multi_line => return Err(multi_line_flow(entry)),
            Some(b'[' | b'{') => (Quote::Plain, None),
            Some(b'"') => (Quote::Double, lines::quote_end(text, start, end)),
            Some(b'\'') => (Quote::Single, lines::quote_end(text, start, end)),
            Some(_) => {
                let last_line = text[start..end].rfind('\n').map_or(start, |found| start + found + 1);
                (Quote::Plain, text[last_line..end].find(" #").map(|found| last_line + found))
            }
        };
        // A comment is kept; what else stands behind the value was part of what made it unreadable.
        let stop = stop.filter(|stop| lines::is_filler(&text[*stop..end])).unwrap_or(end);
        let stop = start + text[start..stop].trim_end_matches([' ', '\t']).len();
        Ok(Self { inline: start..stop, below: Vec::new(), quote })
    }
}

/// Puts `new` in the place of a value of any kind.
fn replace(text: &str, entry: &Entry<'_>, old: &Old, new: &Written, habits: &Habits) -> Splices {
    let mut splices = Splices::default();
    let whole = entry.value.start..old.inline.end;
    match new {
        Written::Empty => splices.put(whole, ""),
        Written::Plain(_) | Written::Text(_) => {
            let gap = if old.inline.start == entry.value.start { " " } else { "" };
            splices.put(old.inline.clone(), format!("{gap}{}", habits::scalar(new, old.quote)));
        }
        Written::List(items) => {
            let (inline, below) = habits.list(items, line_ending(&text[entry.lines.clone()]));
            splices.put(whole, inline);
            splices.put(entry.lines.end..entry.lines.end, below);
        }
    }
    for lines in &old.below {
        splices.put(lines.clone(), "");
    }
    splices
}

/// How many items at the beginning and at the end of two lists are the same.
fn common(old: &[&Scalar<'_>], new: &[String]) -> (usize, usize) {
    let same = |old: &&Scalar<'_>, new: &String| old.text.as_deref() == Some(new);
    let head = old.iter().zip(new).take_while(|(old, new)| same(old, new)).count();
    let (old, new) = (&old[head..], &new[head..]);
    (head, old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| same(old, new)).count())
}

/// Changes the items of `[a, b]`, whose brackets are the ends of `list`.
fn set_flow(text: &str, list: Range<usize>, items: &[Scalar<'_>], new: &[String], habits: &Habits) -> Splices {
    let mut splices = Splices::default();
    let inner = list.start + 1..list.end - 1;
    let (head, tail) = common(&items.iter().collect::<Vec<_>>(), new);
    let own_quote = items.get(head.saturating_sub(1)).map(|item| item.quote);
    let quote = own_quote.unwrap_or(match habits.list {
        ListStyle::Flow(quote) => quote,
        ListStyle::Block(..) => Quote::Plain,
    });
    let separator = flow_separator(text, items).unwrap_or_else(|| habits.separator.clone());
    let added: Vec<String> = new[head..new.len() - tail].iter().map(|item| render::text(item, quote)).collect();
    let added = added.join(&separator);
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        splices.put(inner, added);
        return splices;
    };
    if new.is_empty() {
        splices.put(inner, "");
        return splices;
    }
    let before = items[..head].last();
    let behind = items[items.len() - tail..].first();
    let start = before.map_or(first.span.start, |item| item.span.end);
    let end = behind.map_or(last.span.end, |item| item.span.start);
    let mut middle = String::new();
    if before.is_some() && (behind.is_some() || !added.is_empty()) {
        middle.push_str(&separator);
    }
    middle.push_str(&added);
    if behind.is_some() && !added.is_empty() {
        middle.push_str(&separator);
    }
    splices.put(start..end, middle);
    splices
}

/// Changes the items of a list with an item on each line, which has at least one before and afterwards.
fn set_block(text: &str, items: &[Item<'_>], new: &[String], ending: &str) -> Splices {
    let mut splices = Splices::default();
    let (head, tail) = common(&items.iter().map(|item| &item.scalar).collect::<Vec<_>>(), new);
    let (old, new) = (&items[head..items.len() - tail], &new[head..new.len() - tail]);
    if old.len() == new.len() {
        for (item, new) in old.iter().zip(new) {
            let gap = if item.scalar.span.is_empty() { " " } else { "" };
            splices.put(item.scalar.span.clone(), format!("{gap}{}", render::text(new, item.scalar.quote)));
        }
        return splices;
    }
    let neighbour = &items[head.saturating_sub(1)];
    let marker = marker(text, neighbour);
    let lines: String =
        new.iter().map(|item| format!("{marker}{}{ending}", render::text(item, neighbour.scalar.quote))).collect();
    let at = if head > 0 { neighbour.line.end } else { neighbour.line.start };
    splices.put(at..at, lines);
    for item in old {
        splices.put(item.line.clone(), "");
    }
    splices
}

/// Changes the text of `|` or `>`; `None` where the new text cannot be written like that.
fn set_block_scalar(text: &str, entry: &Entry<'_>, new: &str) -> Option<Splices> {
    let Range { start: value, end } = entry.value;
    let start = end - text[value..end].trim_start_matches([' ', '\t']).len();
    let header = block_header(text, start);
    if text[header.clone()].contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (content, chomping) = match new.strip_suffix('\n') {
        Some(content) => (content, ""),
        None => (new, "-"),
    };
    let unfit = content.is_empty()
        || content.starts_with([' ', '\n'])
        || content.ends_with('\n')
        || content.lines().any(|line| line.contains(render::needs_escape) || line.trim().is_empty() != line.is_empty());
    if unfit {
        return None;
    }
    let folded = text[header.clone()].starts_with('>') && !content.contains('\n');
    let below = lines::line_end(text, start, entry.lines.end)..entry.lines.end;
    let indent = text[below.clone()]
        .lines()
        .find(|line| !line.trim().is_empty())
        .map_or("  ", |line| &line[..line.len() - line.trim_start_matches(' ').len()]);
    let ending = line_ending(&text[entry.lines.clone()]);
    let lines: String = content
        .split('\n')
        .map(|line| if line.is_empty() { ending.to_owned() } else { format!("{indent}{line}{ending}") })
        .collect();
    let mut splices = Splices::default();
    splices.put(header, format!("{}{chomping}", if folded { '>' } else { '|' }));
    splices.put(below, lines);
    Some(splices)
}

/// The indicators of a block scalar that begin at `start`: `|2-`.
fn block_header(text: &str, start: usize) -> Range<usize> {
    let length = text[start..].find(|c: char| !matches!(c, '|' | '>' | '+' | '-' | '0'..='9'));
    start..length.map_or(text.len(), |length| start + length)
}

fn name(entry: &Entry<'_>) -> String {
    entry.key.as_deref().unwrap_or_default().to_owned()
}

fn multi_line_flow(entry: &Entry<'_>) -> EditError {
    EditError::MultiLineFlow { key: name(entry), line: entry.line }
}
