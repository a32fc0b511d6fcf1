//! Frontmatter: reading it tolerantly, writing it for new notes, and changing it without touching anything else.
//!
//! [`Note::parse`] reads a note's properties entry by entry, so that a broken entry costs only itself: `lines` finds the
//! entries, `value` reads the simple ones, `yaml` hands the others to gray_matter. [`render`] writes the frontmatter of a
//! new note, [`edit`] changes the lines of one property of an existing note.

mod edit;
mod lines;
mod render;
#[cfg(test)]
mod tests;
mod value;
mod yaml;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};

pub use edit::{Change, EditError, edit};
pub use render::{Layout, Written, render};

use crate::{Diagnostic, DiagnosticCode, Matter, NoteId, Properties, Property, Value, split};
use lines::{Entry, Shape};
use value::Simple;

/// The text of a note's bytes. Bytes that are not UTF-8 become U+FFFD, with a diagnostic that names the first such line;
/// a note like that must not be written back.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Diagnostic>) {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return (Cow::Borrowed(text), None),
        Err(error) => error,
    };
    let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
    let diagnostic = Diagnostic::new(
        DiagnosticCode::NotUtf8,
        "the note holds bytes that are not UTF-8",
        "save the note as UTF-8 in a text editor",
    );
    (String::from_utf8_lossy(bytes), Some(diagnostic.at_line(line)))
}

/// A note as read: its properties, where its body begins, and what is wrong with its frontmatter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The properties in the order of the file.
    pub properties: Properties,
    /// What is wrong with the frontmatter, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    body: usize,
}

impl Note {
    /// Reads the frontmatter of a note, or of the head of one. The body is not looked at.
    ///
    /// A value that is no YAML is kept as the text that stands there, with a diagnostic; the other entries do not suffer.
    /// Of frontmatter that never closes, the properties at its beginning are read, and everything is body.
    pub fn parse(text: &str) -> Self {
        let split = split(text.as_bytes());
        let mut reader = match split.matter {
            Matter::None => Reader::new(text, 0..0),
            Matter::Closed(block) => Reader::new(text, block),
            Matter::Open(block) => {
                let block = lines::leading_properties(text, block);
                let mut reader = Reader::new(text, block.clone());
                if !block.is_empty() {
                    reader.unterminated();
                }
                reader
            }
        };
        reader.read();
        reader.diagnostics.sort_by_key(|diagnostic| diagnostic.line);
        Self { properties: Properties::new(reader.properties), diagnostics: reader.diagnostics, body: split.body }
    }

    /// The note's id, if it has one that can be used.
    pub fn id(&self) -> Option<NoteId> {
        self.properties.text("id")?.parse().ok()
    }

    /// Where the body begins, in bytes.
    pub fn body_offset(&self) -> usize {
        self.body
    }

    /// The body of the `text` that this note was parsed from.
    ///
    /// # Panics
    /// When `text` is another, shorter text.
    pub fn body<'a>(&self, text: &'a str) -> &'a str {
        &text[self.body..]
    }
}

/// The first line of a block in its file: the fence is line 1.
const FIRST_LINE: usize = 2;

/// One reading of a block.
struct Reader<'a> {
    text: &'a str,
    block: Range<usize>,
    properties: Vec<Property>,
    diagnostics: Vec<Diagnostic>,
    /// The whole block as YAML, once somebody needed it; empty when it is none.
    whole: Option<Whole>,
    /// The line whose properties only the whole block tells.
    told_by_whole: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, block: Range<usize>) -> Self {
        Self { text, block, properties: Vec::new(), diagnostics: Vec::new(), whole: None, told_by_whole: None }
    }

    fn read(&mut self) {
        let entries = lines::scan(self.text, self.block.clone(), FIRST_LINE);
        self.properties.reserve(entries.len());
        for entry in &entries {
            match &entry.key {
                Some(key) => {
                    let value = self.value(key, entry);
                    self.properties.push(Property { key: key.as_ref().to_owned(), value, line: entry.line });
                }
                None => self.other(entry),
            }
        }
        self.believe_whole();
        self.drop_duplicates();
        self.check_id();
    }

    fn value(&mut self, key: &str, entry: &Entry<'_>) -> Value {
        if let Some(simple) = value::read(self.text, entry) {
            if matches!(simple, Simple::Block { tabs: true, .. }) {
                let message = format!("the list `{key}` is indented with tabs, which YAML forbids");
                self.invalid(message, "indent its items with two spaces", entry.line);
            }
            return simple.into_value();
        }
        if entry.shape == Shape::NoSpace {
            let message = format!("no space follows the colon of `{key}`");
            self.invalid(message, format!("write `{key}: ` and then the value"), entry.line);
            return raw(self.text, entry);
        }
        // `{{title}}` is a template's blank that nobody filled in; YAML would make an empty mapping of it.
        let blank = self.text[entry.value.clone()].trim_start().starts_with("{{");
        if let Some(value) = if blank { None } else { self.engine_value(key, entry) } {
            return value;
        }
        let message = format!("the value of `{key}` is not valid YAML; it is kept as the text that stands there");
        self.invalid(message, "put the value in double quotes", entry.line);
        raw(self.text, entry)
    }

    fn engine_value(&mut self, key: &str, entry: &Entry<'_>) -> Option<Value> {
        let source = &self.text[entry.lines.clone()];
        let alone =
            if entry.shape == Shape::BlockScalar { yaml::load_block_scalar(source) } else { yaml::load(source) };
        if let Some(Value::Map(mut map)) = alone
            && map.len() == 1
        {
            return map.pop().map(|(_, value)| value);
        }
        self.whole().get(key).cloned()
    }

    /// Lines that are no `key: value`: perhaps YAML that Obsidian would not write, perhaps nothing of the kind.
    fn other(&mut self, entry: &Entry<'_>) {
        let line = entry.line;
        if let Some(Value::Map(map)) = yaml::load(&self.text[entry.lines.clone()]) {
            self.properties.extend(map.into_iter().map(|(key, value)| Property { key, value, line }));
        } else if self.whole().entries.is_empty() {
            self.invalid("this is not a property", "write `name: value`, or move it below the closing `---`", line);
        } else {
            self.told_by_whole.get_or_insert(line);
        }
    }

    fn whole(&mut self) -> &Whole {
        let source = &self.text[self.block.clone()];
        self.whole.get_or_insert_with(|| Whole::load(source))
    }

    /// Believes the whole block where its lines taken one by one made no sense: `{` on one line, `"id": 1,` on the next.
    fn believe_whole(&mut self) {
        let (Some(line), Some(whole)) = (self.told_by_whole, &self.whole) else { return };
        let mut known = HashSet::new();
        for property in &mut self.properties {
            if let Some(value) = whole.get(&property.key) {
                property.value = value.clone();
            }
            known.insert(property.key.clone());
        }
        let missing = whole.entries.iter().filter(|(key, _)| !known.contains(key)).cloned();
        self.properties.extend(missing.map(|(key, value)| Property { key, value, line }));
    }

    fn drop_duplicates(&mut self) {
        // Of the few properties that notes have, comparing each with each costs less than hashing.
        let few = self.properties.len() <= 32;
        let stands_above =
            |(at, property): (usize, &Property)| self.properties[..at].iter().any(|above| above.key == property.key);
        if few && !self.properties.iter().enumerate().any(stands_above) {
            return;
        }
        let mut seen: HashSet<String> = HashSet::with_capacity(self.properties.len());
        let diagnostics = &mut self.diagnostics;
        self.properties.retain(|Property { key, line, .. }| {
            let first = seen.insert(key.clone());
            if !first {
                let message = format!("`{key}` stands twice; the first counts");
                let code = DiagnosticCode::DuplicateProperty;
                diagnostics.push(Diagnostic::new(code, message, "remove one of them").at_line(*line));
            }
            first
        });
    }

    fn check_id(&mut self) {
        let Some(property) = self.properties.iter().find(|property| property.key == "id") else { return };
        let problem = match &property.value {
            Value::Null => return,
            Value::Text(text) if text.trim().is_empty() => return,
            Value::Text(text) => text.parse::<NoteId>().err().map(|error| error.to_string()),
            Value::List(items) => match items.as_slice() {
                [Value::Text(text)] => text.parse::<NoteId>().err().map(|error| error.to_string()),
                _ => Some("a note id must be one text".to_owned()),
            },
            Value::Map(_) => Some("a note id must be one text".to_owned()),
        };
        if let Some(message) = problem {
            let hint = "write `id: ` and one word that no other note has";
            self.diagnostics.push(Diagnostic::new(DiagnosticCode::InvalidId, message, hint).at_line(property.line));
        }
    }

    fn unterminated(&mut self) {
        self.diagnostics.push(
            Diagnostic::new(
                DiagnosticCode::UnterminatedFrontmatter,
                "`---` opens frontmatter that no line closes",
                "add a line `---` below the properties",
            )
            .at_line(1),
        );
    }

    fn invalid(&mut self, message: impl Into<String>, hint: impl Into<String>, line: usize) {
        self.diagnostics.push(Diagnostic::new(DiagnosticCode::InvalidYaml, message, hint).at_line(line));
    }
}

/// A whole block as the YAML engine reads it.
struct Whole {
    entries: Vec<(String, Value)>,
    places: HashMap<String, usize>,
}

impl Whole {
    fn load(source: &str) -> Self {
        let Some(Value::Map(entries)) = yaml::load(source) else {
            return Self { entries: Vec::new(), places: HashMap::new() };
        };
        let places = entries.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)).collect();
        Self { entries, places }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.places.get(key).map(|place| &self.entries[*place].1)
    }
}

/// The value of a broken entry: its text without the comment, or its items where it is a list.
fn raw(text: &str, entry: &Entry<'_>) -> Value {
    let source = &text[entry.value.clone()];
    let (first, below) = source.split_once('\n').unwrap_or((source, ""));
    if below.is_empty() {
        let end = first.find(" #").filter(|_| !first.trim_start().starts_with(['"', '\'', '[', '{']));
        return Value::Text(first[..end.unwrap_or(first.len())].trim().to_owned());
    }
    let items: Option<Vec<Value>> = below
        .lines()
        .filter(|line| !lines::is_filler(line))
        .map(|line| line.trim().strip_prefix("- ").map(|item| Value::Text(item.trim().to_owned())))
        .collect();
    match items {
        Some(items) if lines::is_filler(first.trim_end()) => Value::List(items),
        _ => Value::Text(source.trim().to_owned()),
    }
}
