//! A session as a Mermaid flowchart: <https://mermaid.js.org/syntax/flowchart.html>.

use std::{collections::HashMap, fmt::Write as _};

use crate::{Thought, VaultPath};

use super::{
    WholeSession, number, one_line,
    outline::{Part, outline},
};

/// The most edges that Mermaid draws, by its `maxEdges`, which a flowchart cannot raise for itself.
pub const MERMAID_EDGES: usize = 500;

/// The longest label, in characters.
const LABEL: usize = 60;

pub(super) fn render(session: &WholeSession) -> String {
    let parts = outline(&session.gathered);
    let mut names: HashMap<&VaultPath, String> = HashMap::new();
    let (mut nodes, mut edges, mut classes) = (String::new(), String::new(), [Vec::new(), Vec::new()]);
    let thoughts = parts.iter().filter_map(|part| match part {
        Part::Thought(entry) => Some(entry),
        Part::Branch { .. } => None,
    });
    for (index, entry) in thoughts.clone().enumerate() {
        let name = format!("t{}", index + 1);
        let label = escaped(&format!("{} · {}", number(entry.thought), session.caption(entry.thought)));
        put(&mut nodes, format_args!("    {name}[\"{label}\"]\n"));
        if entry.depth > 0 {
            classes[0].push(name.clone());
        }
        if entry.superseded_by.is_some() {
            classes[1].push(name.clone());
        }
        names.insert(&entry.thought.path, name);
    }
    // The last thought of each line that was told so far; a line is told in one piece but for the branches between.
    let mut last: HashMap<_, &Thought> = HashMap::new();
    for part in &parts {
        match part {
            Part::Branch { name, from: Some(from), .. } => {
                let first = session.gathered.on(&crate::Line::Branch((*name).clone())).next();
                if let (Some(first), Some(from)) = (first.and_then(|t| names.get(&t.path)), names.get(&from.path)) {
                    put(&mut edges, format_args!("    {from} -->|\"{}\"| {first}\n", escaped(name.as_str())));
                }
            }
            Part::Branch { .. } => {}
            Part::Thought(entry) => {
                let thought = entry.thought;
                if let Some(before) = last.insert(&thought.line, thought) {
                    put(&mut edges, format_args!("    {} --> {}\n", names[&before.path], names[&thought.path]));
                }
            }
        }
    }
    for entry in thoughts {
        if let Some(revised) = entry.revises.and_then(|revised| names.get(&revised.path)) {
            put(&mut edges, format_args!("    {} -.->|revises| {revised}\n", names[&entry.thought.path]));
        }
    }
    let mut out = format!("flowchart TD\n{nodes}{edges}");
    let styles = ["branch stroke-width:2px", "superseded stroke-dasharray:4 4,color:#808080"];
    for (style, members) in styles.iter().zip(&classes).filter(|(_, members)| !members.is_empty()) {
        let class = style.split(' ').next().unwrap_or_default();
        put(&mut out, format_args!("    classDef {style}\n    class {} {class}\n", members.join(",")));
    }
    out
}

/// A text that is nothing but text inside the quotes of a label: what Mermaid, its markdown or HTML could read otherwise is
/// told by number.
fn escaped(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        if at == LABEL {
            out.push('…');
            break;
        }
        if c.is_alphanumeric() || matches!(c, ' ' | ',' | '.' | '?' | '!' | '\'' | '/' | '(' | ')' | '+' | '=' | '·') {
            out.push(c);
        } else if c.is_ascii() {
            put(&mut out, format_args!("#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}
