//! Changes properties of a note that a person owns: only the lines of those properties differ afterwards.
//!
//! A change is a splice on the source, computed in `splice` from where the parts of the old value stand. The result is read
//! again before it is returned; whatever cannot be shown to have left the rest alone is refused.

mod habits;
mod splice;

use std::{collections::HashSet, ops::Range};

use super::{FIRST_LINE, Note, Written, lines, render, value, yaml};
use crate::{Diagnostic, DiagnosticCode, Matter, Value, split};
use habits::Habits;
use lines::{Entry, Shape};

/// What happens to a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It gets this value, in the style of the old one; without an old one it is added below the others.
    Set(Written),
    /// It goes, with its lines.
    Remove,
}

/// Why a property cannot be changed safely. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The frontmatter has no end, so a property cannot be added to it.
    #[error("line {line} opens frontmatter that no line closes")]
    Unterminated {
        /// 1-based line of the opening fence.
        line: usize,
    },
    /// The property stands twice.
    #[error("`{key}` on line {line} stands twice")]
    Duplicate {
        /// The property.
        key: String,
        /// 1-based line of its second place.
        line: usize,
    },
    /// The value holds an anchor, an alias or a tag.
    #[error("the value of `{key}` on line {line} uses an anchor, an alias or a tag")]
    Anchored {
        /// The property.
        key: String,
        /// 1-based line.
        line: usize,
    },
    /// The value is a bracketed list or mapping over several lines.
    #[error("the value of `{key}` on line {line} stands in brackets over several lines")]
    MultiLineFlow {
        /// The property.
        key: String,
        /// 1-based line.
        line: usize,
    },
    /// The value is a mapping or a list with more than texts in it.
    #[error("the value of `{key}` on line {line} is nested")]
    Nested {
        /// The property.
        key: String,
        /// 1-based line.
        line: usize,
    },
    /// The property is `<<`, which merges another mapping.
    #[error("line {line} merges another mapping")]
    MergeKey {
        /// 1-based line.
        line: usize,
    },
    /// The frontmatter, or the property in it, is not written as `name: value` lines.
    #[error("line {line} is not a `name: value` line")]
    NotAProperty {
        /// 1-based line.
        line: usize,
    },
    /// The property's name is empty.
    #[error("a property needs a name")]
    NoName,
    /// The changed note would have been read differently in other places too.
    #[error("changing `{key}` would change more than that property")]
    NotContained {
        /// The property, or the first of several.
        key: String,
    },
}

impl EditError {
    /// The 1-based line of the file that is in the way.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Unterminated { line }
            | Self::Duplicate { line, .. }
            | Self::Anchored { line, .. }
            | Self::MultiLineFlow { line, .. }
            | Self::Nested { line, .. }
            | Self::MergeKey { line }
            | Self::NotAProperty { line } => Some(*line),
            Self::NoName | Self::NotContained { .. } => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unterminated { .. } => "add a line `---` below the properties",
            Self::Duplicate { .. } => "remove one of them",
            Self::Anchored { .. } | Self::MergeKey { .. } => "write the value out, without `&`, `*`, `!` and `<<`",
            Self::MultiLineFlow { .. } => "write it on one line, or as a list with `- ` before each item",
            Self::Nested { .. } => "change it in a text editor, or write it as a flat list",
            Self::NotAProperty { .. } => "write `name: value`, or move the line below the closing `---`",
            Self::NoName => "give it one",
            Self::NotContained { .. } => {
                "change it in a text editor, and mend what `journal show` reports about the note"
            }
        }
    }

    /// The refusal as something wrong in the note.
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::new(DiagnosticCode::NotEditable, self.to_string(), self.hint());
        Diagnostic { line: self.line(), ..diagnostic }
    }
}

/// Changes properties of the note `text`, in the order of `changes`, and returns the changed note.
///
/// Only the lines of those properties differ. Comments, order, quotes, indentation, blank lines, line endings, a byte order
/// mark and the body stay byte for byte, and so does a property that has the value already.
///
/// # Errors
/// When a property is written in a way that cannot be changed safely; then nothing is changed.
pub fn edit(text: &str, changes: &[(&str, Change)]) -> Result<String, EditError> {
    let before = Note::parse(text);
    let (mut edited, mut after) = (text.to_owned(), None);
    for (key, change) in changes {
        if key.trim().is_empty() {
            return Err(EditError::NoName);
        }
        if let Some(next) = apply(&edited, after.as_ref().unwrap_or(&before), key, change)? {
            after = Some(Note::parse(&next));
            edited = next;
        }
    }
    if let Some(after) = after.filter(|_| edited != text)
        && !is_contained((text, &before), (&edited, &after), changes)
    {
        let key = changes.first().map_or_else(String::new, |(key, _)| (*key).to_owned());
        return Err(EditError::NotContained { key });
    }
    Ok(edited)
}

/// The text after one change; `None` when it stays as it is. `note` is the text, read.
fn apply(text: &str, note: &Note, key: &str, change: &Change) -> Result<Option<String>, EditError> {
    let split = split(text.as_bytes());
    let block = match split.matter {
        Matter::Closed(block) => block,
        Matter::Open(block) if !lines::leading_properties(text, block.clone()).is_empty() => {
            return Err(EditError::Unterminated { line: 1 });
        }
        Matter::Open(_) | Matter::None => {
            let Change::Set(value) = change else { return Ok(None) };
            let ending = habits::line_ending(text);
            let property = Habits::default().property(key, value, ending);
            let (mark, body) = text.split_at(split.body);
            return Ok(Some(format!("{mark}---{ending}{property}---{ending}{body}")));
        }
    };
    let entries = lines::scan(text, block.clone(), FIRST_LINE);
    let mut own = entries.iter().filter(|entry| entry.key.as_deref() == Some(key));
    let Some(entry) = own.next() else {
        if let Some(line) = note.properties.line(key) {
            return Err(EditError::NotAProperty { line });
        }
        let Change::Set(value) = change else { return Ok(None) };
        let at = match entries.last() {
            None => block.end,
            Some(last) if entries.iter().any(|entry| entry.key.is_some()) => last.lines.end,
            Some(last) => return Err(EditError::NotAProperty { line: last.line }),
        };
        let property = Habits::of(text, &entries).property(key, value, habits::line_ending(text));
        return Ok(Some(format!("{}{property}{}", &text[..at], &text[at..])));
    };
    if let Some(second) = own.next() {
        return Err(EditError::Duplicate { key: key.to_owned(), line: second.line });
    }
    if key == "<<" {
        return Err(EditError::MergeKey { line: entry.line });
    }
    if splice::is_anchored(text, entry) {
        return Err(EditError::Anchored { key: key.to_owned(), line: entry.line });
    }
    match change {
        Change::Remove => Ok(Some(format!("{}{}", &text[..entry.lines.start], &text[entry.lines.end..]))),
        Change::Set(value) if has_value(note.properties.get(key), value) => Ok(None),
        Change::Set(value) => splice::set(text, entry, value, &Habits::of(text, &entries)).map(Some),
    }
}

/// Whether a property's value says what `written` would. A text and a list of that text alone are the same, as everywhere.
fn has_value(value: Option<&Value>, written: &Written) -> bool {
    match (value, written) {
        (Some(Value::Null), Written::Empty) => true,
        (Some(Value::Text(text)), Written::Plain(new) | Written::Text(new)) => text == new,
        (Some(Value::Null), Written::List(new)) => new.is_empty(),
        (Some(Value::Text(text)), Written::List(new)) => new.len() == 1 && *text == new[0],
        (Some(Value::List(items)), Written::List(new)) => {
            items.len() == new.len()
                && items.iter().zip(new).all(|(item, new)| matches!(item, Value::Text(text) if text == new))
        }
        _ => false,
    }
}

/// Whether `edited` differs from `text` in the changed properties only, and has them as asked.
fn is_contained((text, before): (&str, &Note), (edited, after): (&str, &Note), changes: &[(&str, Change)]) -> bool {
    let changed: HashSet<&str> = changes.iter().map(|(key, _)| *key).collect();
    let as_asked = changed.iter().all(|key| {
        let last = changes.iter().rev().find(|(name, _)| name == key).map(|(_, change)| change);
        match (after.properties.get(key), last) {
            (value, Some(Change::Set(written))) => has_value(value, written),
            (value, _) => value.is_none(),
        }
    });
    let unchanged = |note: &Note| {
        let others = note.properties.iter().filter(|property| !changed.contains(property.key.as_str()));
        others.map(|property| (property.key.clone(), property.value.clone())).collect::<Vec<_>>()
    };
    as_asked
        && unchanged(before) == unchanged(after)
        && before.body(text) == after.body(edited)
        && others(text, &changed) == others(edited, &changed)
        && reads_alike(text, edited, &changed)
}

/// The source of every entry but the changed ones.
fn others<'a>(text: &'a str, changed: &HashSet<&str>) -> Vec<&'a str> {
    let Matter::Closed(block) = split(text.as_bytes()).matter else { return Vec::new() };
    let is_other = |entry: &Entry<'_>| entry.key.as_deref().is_none_or(|key| !changed.contains(key));
    let entries = lines::scan(text, block, FIRST_LINE);
    entries.into_iter().filter(is_other).map(|entry| &text[entry.lines]).collect()
}

/// Whether the YAML engine, if it could read the block before, reads it now, and the other properties as before.
fn reads_alike(text: &str, edited: &str, changed: &HashSet<&str>) -> bool {
    let read = |text: &str| match split(text.as_bytes()).matter {
        Matter::Closed(block) => match yaml::load_unspelled(&text[block.clone()], is_flat(text, block))? {
            Value::Map(entries) => Some(entries),
            Value::Null => Some(Vec::new()),
            Value::Text(_) | Value::List(_) => None,
        },
        Matter::None | Matter::Open(_) => Some(Vec::new()),
    };
    let Some(mut after) = read(edited) else { return read(text).is_none() };
    let Some(mut before) = read(text) else { return true };
    before.retain(|(key, _)| !changed.contains(key.as_str()));
    after.retain(|(key, _)| !changed.contains(key.as_str()));
    before == after
}

/// Whether every entry holds a scalar or a list of scalars, so that no reader sees anything deeper.
fn is_flat(text: &str, block: Range<usize>) -> bool {
    let entries = lines::scan(text, block, FIRST_LINE);
    entries.iter().all(|entry| entry.shape == Shape::BlockScalar || value::read(text, entry).is_some())
}
