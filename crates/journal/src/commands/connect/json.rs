//! One entry of a JSON file set, every other byte kept.

use serde_json::Value;

use super::entry::{Entry, OURS, with_additions};
use crate::{failure::ConnectProblem, json_text::Object};

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
    let unit = top.unit(text);
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
    let entry = &with_additions(entry, &|key| value[group][name].get(key).cloned());
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
