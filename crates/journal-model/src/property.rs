//! Properties: the entries of a note's frontmatter, as plain values.

/// A property's value. Every scalar is the text the person wrote, whatever YAML would make of it:
/// `id: 0042`, `done: yes` and `created: 2026-11-21` are `0042`, `yes` and `2026-11-21`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing after the colon, `~` or `null`.
    Null,
    /// A scalar.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A nested mapping. Obsidian does not show these; they are kept.
    Map(Vec<(String, Value)>),
}

/// One entry of a note's frontmatter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The key, unquoted.
    pub key: String,
    /// What it holds.
    pub value: Value,
    /// 1-based line of the file on which the key stands.
    pub line: usize,
}

/// A note's properties in the order of the file. A key that stands twice keeps its first value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    entries: Vec<Property>,
}

impl Properties {
    /// Properties from entries in the order of the file.
    pub fn new(entries: Vec<Property>) -> Self {
        Self { entries }
    }

    /// All entries in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Property> {
        self.entries.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `key`, if it stands there (it may be [`Value::Null`]).
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The scalar of `key`, trimmed; a list of one scalar counts as that scalar. `None` when absent or empty.
    pub fn text(&self, key: &str) -> Option<&str> {
        let text = match self.get(key)? {
            Value::Text(text) => text.trim(),
            Value::List(items) => match items.as_slice() {
                [Value::Text(text)] => text.trim(),
                _ => return None,
            },
            Value::Null | Value::Map(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The scalars of `key`: a list's items, or a scalar as a list of one. Empty when absent.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        match self.get(key) {
            Some(Value::Text(text)) if !text.trim().is_empty() => vec![text.trim()],
            Some(Value::List(items)) => items
                .iter()
                .filter_map(|item| match item {
                    Value::Text(text) if !text.trim().is_empty() => Some(text.trim()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The 1-based line on which `key` stands.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.line)
    }
}
