//! Where the parts of a JSON text stand, so that one is changed and every other byte kept.

use std::ops::Range;

use serde_json::Value;

/// Where the parts of an object stand in a text that is known to be JSON.
pub struct Object {
    /// Just behind the opening brace.
    start: usize,
    /// The closing brace.
    end: usize,
    members: Vec<(String, Range<usize>)>,
    first_key: Option<usize>,
}

/// Where the items of an array stand in a text that is known to be JSON.
pub struct Array {
    /// Just behind the opening bracket.
    start: usize,
    /// The closing bracket.
    end: usize,
    /// The items.
    pub items: Vec<Range<usize>>,
}

impl Object {
    /// The object whose brace stands at `brace`.
    pub fn scan(text: &str, brace: usize) -> Self {
        let bytes = text.as_bytes();
        let mut at = brace + 1;
        let mut object = Self { start: at, end: at, members: Vec::new(), first_key: None };
        loop {
            at = skip_blank(bytes, at);
            if bytes[at] == b',' {
                at = skip_blank(bytes, at + 1);
            }
            if bytes[at] == b'}' {
                object.end = at;
                return object;
            }
            object.first_key.get_or_insert(at);
            let key = at..skip_value(bytes, at);
            let value = skip_blank(bytes, skip_blank(bytes, key.end) + 1);
            at = skip_value(bytes, value);
            let name = serde_json::from_str(&text[key]).expect("a key of valid JSON is a string");
            object.members.push((name, value..at));
        }
    }

    /// The value of a key; the last, when it stands there twice, as readers take it.
    pub fn member(&self, name: &str) -> Option<Range<usize>> {
        let (_, range) = self.members.iter().rev().find(|(key, _)| key == name)?;
        Some(range.clone())
    }

    /// What stands between the opening brace and the first key.
    pub fn gap<'a>(&self, text: &'a str) -> Option<&'a str> {
        Some(&text[self.start..self.first_key?])
    }

    /// By what the file indents, as its outermost object shows.
    pub fn unit<'a>(&self, text: &'a str) -> &'a str {
        self.gap(text).and_then(|gap| gap.rsplit('\n').next()).filter(|unit| !unit.is_empty()).unwrap_or("  ")
    }

    /// The text with one more member at the end, behind `gap`. In an object that was empty, `outer` stands behind it.
    pub fn with_new(&self, text: &str, name: &str, value: &str, gap: &str, outer: &str) -> String {
        let named = format!("{}: {value}", Value::from(name));
        match self.members.last() {
            Some((_, last)) => format!("{},{gap}{named}{}", &text[..last.end], &text[last.end..]),
            None => format!("{}{gap}{named}{outer}{}", &text[..self.start], &text[self.end..]),
        }
    }
}

impl Array {
    /// The array whose bracket stands at `bracket`.
    pub fn scan(text: &str, bracket: usize) -> Self {
        let bytes = text.as_bytes();
        let mut at = bracket + 1;
        let mut array = Self { start: at, end: at, items: Vec::new() };
        loop {
            at = skip_blank(bytes, at);
            if bytes[at] == b',' {
                at = skip_blank(bytes, at + 1);
            }
            if bytes[at] == b']' {
                array.end = at;
                return array;
            }
            let item = at..skip_value(bytes, at);
            at = item.end;
            array.items.push(item);
        }
    }

    /// What stands between the opening bracket and the first item.
    pub fn gap<'a>(&self, text: &'a str) -> Option<&'a str> {
        Some(&text[self.start..self.items.first()?.start])
    }

    /// The text with one more item at the end, behind `gap`. In an array that was empty, `outer` stands behind it.
    pub fn with_new(&self, text: &str, item: &str, gap: &str, outer: &str) -> String {
        match self.items.last() {
            Some(last) => format!("{},{gap}{item}{}", &text[..last.end], &text[last.end..]),
            None => format!("{}{gap}{item}{outer}{}", &text[..self.start], &text[self.end..]),
        }
    }
}

fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    at
}

/// The end of the value that begins at `at`.
fn skip_value(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    loop {
        match bytes[at] {
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        let ends =
            bytes.get(at).is_none_or(|byte| matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace());
        let is_word = !matches!(bytes[at - 1], b'"' | b'}' | b']');
        if depth == 0 && (!is_word || ends) {
            return at;
        }
    }
}
