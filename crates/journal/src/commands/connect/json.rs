//! One entry of a JSON file set, every other byte kept.

use std::ops::Range;

use serde_json::Value;

use super::entry::{Entry, OURS};
use crate::failure::ConnectProblem;

/// The text with the entry `name` in its object `group`; both are made where they are missing.
///
/// # Errors
/// When the text is no JSON, which with comments it is not, or holds something else where the entry goes.
pub fn with_entry(text: &str, group: &str, name: &str, entry: &Entry) -> Result<String, ConnectProblem> {
    if text.trim().is_empty() {
        return Ok(format!(
            "{{\n  \"{group}\": {{\n    \"{name}\": {}\n  }}\n}}\n",
            rendered(entry, &[], Some("\n    "), "  ")
        ));
    }
    let value: Value = serde_json::from_str(text).map_err(|_| ConnectProblem::NotPlainJson)?;
    let start = text.len() - text.trim_start().len();
    if !value.is_object() {
        return Err(ConnectProblem::Shape("the file"));
    }
    let top = Object::scan(text, start);
    let unit = top.gap(text).and_then(|gap| gap.rsplit('\n').next()).filter(|unit| !unit.is_empty()).unwrap_or("  ");
    let Some(servers) = top.member(group) else {
        let gap = top.gap(text).map_or_else(|| format!("\n{unit}"), str::to_owned);
        let inner = format!("{gap}{unit}");
        let body = if gap.contains('\n') {
            format!("{{{inner}\"{name}\": {}{gap}}}", rendered(entry, &[], Some(&inner), unit))
        } else {
            format!("{{\"{name}\": {}}}", rendered(entry, &[], None, unit))
        };
        return Ok(top.with_new(text, group, &body, &gap, "\n"));
    };
    if !value[group].is_object() {
        return Err(ConnectProblem::Shape("its list of servers"));
    }
    let outer = top.gap(text).unwrap_or("\n");
    let inside = Object::scan(text, servers.start);
    let gap = inside.gap(text).map_or_else(|| format!("{outer}{unit}"), str::to_owned);
    let lines = gap.contains('\n').then_some(gap.as_str());
    let Some(old) = inside.member(name) else {
        return Ok(inside.with_new(text, name, &rendered(entry, &[], lines, unit), &gap, outer));
    };
    let kept = match &value[group][name] {
        Value::Object(old) => old.iter().filter(|(key, _)| !OURS.contains(&key.as_str())).collect(),
        _ => Vec::new(),
    };
    let same = entry.iter().all(|(key, new)| value[group][name].get(key) == Some(new));
    let alone = value[group][name].as_object().is_some_and(|old| old.len() == entry.len() + kept.len());
    if same && alone {
        return Ok(text.to_owned());
    }
    Ok(format!("{}{}{}", &text[..old.start], rendered(entry, &kept, lines, unit), &text[old.end..]))
}

/// The entry as it stands in a file: on lines of its own where `gap`, which stands before its name, begins one.
pub fn rendered(entry: &Entry, kept: &[(&String, &Value)], gap: Option<&str>, unit: &str) -> String {
    let own = entry.iter().map(|(key, value)| (*key, value));
    let all = own.chain(kept.iter().map(|(key, value)| (key.as_str(), *value)));
    let member = |(key, value): (&str, &Value)| format!("{}: {value}", Value::from(key));
    match gap {
        Some(gap) => {
            let members: Vec<_> = all.map(|pair| format!("{gap}{unit}{}", member(pair))).collect();
            format!("{{{}{gap}}}", members.join(","))
        }
        None => format!("{{{}}}", all.map(member).collect::<Vec<_>>().join(", ")),
    }
}

/// Where the parts of an object stand in a text that is known to be JSON.
struct Object {
    /// Just behind the opening brace.
    start: usize,
    /// The closing brace.
    end: usize,
    members: Vec<(String, Range<usize>)>,
    first_key: Option<usize>,
}

impl Object {
    fn scan(text: &str, brace: usize) -> Self {
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
    fn member(&self, name: &str) -> Option<Range<usize>> {
        let (_, range) = self.members.iter().rev().find(|(key, _)| key == name)?;
        Some(range.clone())
    }

    /// What stands between the opening brace and the first key.
    fn gap<'a>(&self, text: &'a str) -> Option<&'a str> {
        Some(&text[self.start..self.first_key?])
    }

    /// The text with one more member at the end, behind `gap`. In an object that was empty, `outer` stands behind it.
    fn with_new(&self, text: &str, name: &str, value: &str, gap: &str, outer: &str) -> String {
        let named = format!("{}: {value}", Value::from(name));
        match self.members.last() {
            Some((_, last)) => format!("{},{gap}{named}{}", &text[..last.end], &text[last.end..]),
            None => format!("{}{gap}{named}{outer}{}", &text[..self.start], &text[self.end..]),
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
