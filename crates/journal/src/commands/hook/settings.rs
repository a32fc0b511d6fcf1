//! Hooks set in a client's JSON file, every other byte kept.

use serde_json::Value;

use crate::json_text::{Array, Object};

/// Why a file was left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeftAlone {
    /// It is no JSON; with comments it is not.
    #[error("it is not plain JSON")]
    NotPlainJson,
    /// Something else stands where hooks go.
    #[error("{0} is not what the client documents")]
    Shape(&'static str),
    /// Git takes it for every repository.
    #[error("by `core.hooksPath` it is for every repository, and the claims are of this one")]
    EveryRepository,
}

/// The text with these groups of hooks: event, verb of ours, and group. A group of ours that is there is brought up to date.
///
/// # Errors
/// When the text is no JSON, or holds something else where hooks go.
pub fn with_hooks(text: &str, hooks: &[(&str, &str, Value)]) -> Result<String, LeftAlone> {
    if text.trim().is_empty() {
        let events: serde_json::Map<_, _> =
            hooks.iter().map(|(event, _, group)| ((*event).to_owned(), Value::from(vec![group.clone()]))).collect();
        return Ok(rendered(&serde_json::json!({ "hooks": events }), "", "  ") + "\n");
    }
    let mut text = text.to_owned();
    for (event, verb, group) in hooks {
        text = with_hook(&text, event, verb, group)?;
    }
    Ok(text)
}

fn with_hook(text: &str, event: &str, verb: &str, group: &Value) -> Result<String, LeftAlone> {
    let value: Value = serde_json::from_str(text).map_err(|_| LeftAlone::NotPlainJson)?;
    if !value.is_object() {
        return Err(LeftAlone::Shape("the file"));
    }
    let top = Object::scan(text, text.len() - text.trim_start().len());
    let unit = top.unit(text);
    let gap = top.gap(text).map_or_else(|| format!("\n{unit}"), str::to_owned);
    let Some(all) = top.member("hooks") else {
        let new = serde_json::json!({ event: [group] });
        return Ok(top.with_new(text, "hooks", &rendered(&new, &indent(&gap, unit), unit), &gap, "\n"));
    };
    if !value["hooks"].is_object() {
        return Err(LeftAlone::Shape("`hooks`"));
    }
    let events = Object::scan(text, all.start);
    let inner = events.gap(text).map_or_else(|| format!("{gap}{unit}"), str::to_owned);
    let Some(groups) = events.member(event) else {
        let new = rendered(&Value::from(vec![group.clone()]), &indent(&inner, unit), unit);
        return Ok(events.with_new(text, event, &new, &inner, &gap));
    };
    let Some(old) = value["hooks"][event].as_array() else { return Err(LeftAlone::Shape("a list of hooks")) };
    let array = Array::scan(text, groups.start);
    let within = array.gap(text).map_or_else(|| format!("{inner}{unit}"), str::to_owned);
    let new = rendered(group, &indent(&within, unit), unit);
    match old.iter().position(|group| is_ours(group, verb)) {
        Some(at) if holds(&old[at], group) => Ok(text.to_owned()),
        // A person may have put hooks of others beside ours.
        Some(at) if old[at]["hooks"].as_array().is_none_or(|hooks| hooks.len() != 1) => {
            Err(LeftAlone::Shape("the group of hooks in which ours stands with others"))
        }
        Some(at) => {
            let range = array.items[at].clone();
            Ok(format!("{}{new}{}", &text[..range.start], &text[range.end..]))
        }
        None => Ok(array.with_new(text, &new, &within, &inner)),
    }
}

/// Whether a group says all that ours does; hooks of others may stand beside.
fn holds(old: &Value, ours: &Value) -> bool {
    let hooks = |group: &Value| group["hooks"].as_array().cloned().unwrap_or_default();
    let there = hooks(old);
    old.get("matcher") == ours.get("matcher") && hooks(ours).iter().all(|hook| there.contains(hook))
}

/// Whether a hook of a group is our own for this verb, of whatever vault and version.
fn is_ours(group: &Value, verb: &str) -> bool {
    let call = format!(" hook {verb} --client ");
    let is_call = |hook: &Value| {
        hook["command"].as_str().is_some_and(|command| command.contains("journal") && command.contains(&call))
    };
    group["hooks"].as_array().is_some_and(|hooks| hooks.iter().any(is_call))
}

/// The indentation that a gap ends with; what stands on one line gets none of its own.
fn indent(gap: &str, unit: &str) -> String {
    gap.rsplit_once('\n').map_or_else(|| unit.to_owned(), |(_, indent)| indent.to_owned())
}

/// A value on lines of its own, of which all but the first are indented.
fn rendered(value: &Value, indent: &str, unit: &str) -> String {
    let pretty = format!("{value:#}");
    let mut text = String::new();
    for (index, line) in pretty.lines().enumerate() {
        if index > 0 {
            text.push('\n');
            text.push_str(indent);
        }
        let rest = line.trim_start_matches(' ');
        text.push_str(&unit.repeat((line.len() - rest.len()) / 2));
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ours(vault: &str) -> Vec<(&'static str, &'static str, Value)> {
        let command = |verb: &str| format!("journal --vault {vault} hook {verb} --client claude");
        let group = |verb: &str| json!({ "hooks": [{ "type": "command", "command": command(verb) }] });
        vec![("SessionStart", "session-start", group("session-start")), ("Stop", "stop", group("stop"))]
    }

    /// The text after the change, which a second time changes nothing and of which everything else reads as before.
    #[track_caller]
    fn after(text: &str) -> String {
        let after = with_hooks(text, &ours("/v")).unwrap();
        assert_eq!(with_hooks(&after, &ours("/v")).unwrap(), after, "a second time");
        let moved = with_hooks(&after, &ours("/w")).unwrap();
        assert_eq!(moved, after.replace("--vault /v ", "--vault /w "), "another vault");
        let others = |text: &str| {
            let mut value: Value = if text.trim().is_empty() { json!({}) } else { serde_json::from_str(text).unwrap() };
            if let Some(events) = value.get_mut("hooks").and_then(Value::as_object_mut) {
                for (event, verb, _) in ours("/v") {
                    if let Some(groups) = events.get_mut(event).and_then(Value::as_array_mut) {
                        groups.retain(|group| !is_ours(group, verb));
                    }
                }
                events.retain(|_, groups| groups.as_array().is_none_or(|groups| !groups.is_empty()));
            }
            if value["hooks"].as_object().is_some_and(serde_json::Map::is_empty) {
                value.as_object_mut().unwrap().remove("hooks");
            }
            value
        };
        assert_eq!(others(&after), others(text), "{after}");
        after
    }

    #[test]
    fn a_new_file_is_as_people_write_it() {
        let text = after("");
        assert!(
            text.starts_with("{\n  \"hooks\": {\n    \"SessionStart\": [\n      {\n        \"hooks\": [\n"),
            "{text}"
        );
        assert_eq!(after(" \n"), text);
    }

    #[test]
    fn what_else_is_in_the_file_stays_as_it_is() {
        for text in [
            "{}",
            "{\"hooks\":{}}\n",
            "{\n\t\"model\" : \"x\",\n\t\"n\": 1.50\n}\n",
            "{\n  \"hooks\": {\n    \"Stop\": []\n  }\n}",
            "{\r\n    \"hooks\": {\r\n        \"Stop\": [\r\n            {\"hooks\": [{\"type\": \"command\", \"command\": \"say ]}\"}]}\r\n        ]\r\n    }\r\n}\r\n",
            "{\"hooks\":{\"PreToolUse\":[{\"matcher\":\"Bash\",\"hooks\":[]}],\"Stop\":[{\"hooks\":[{\"command\":\"a\\\"[b\"}]}]},\"z\":-1e3}",
        ] {
            let after = after(text);
            // Every character that was there is still there, in its order.
            let mut rest = after.chars();
            assert!(text.chars().all(|c| rest.any(|there| there == c)), "{text}\n{after}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_not_touched() {
        let left = |text: &str| with_hooks(text, &ours("/v")).unwrap_err();
        for text in ["{\n  // mine\n}", "{\"a\": 1,}", "{", "\u{feff}{}"] {
            assert_eq!(left(text), LeftAlone::NotPlainJson, "{text}");
        }
        for text in ["[]", "7", "{\"hooks\": []}", "{\"hooks\": {\"Stop\": {}}}"] {
            assert!(matches!(left(text), LeftAlone::Shape(_)), "{text}");
        }
        let beside =
            with_hooks("", &ours("/v")).unwrap().replace("\"hooks\": [", "\"hooks\": [{\"command\": \"mine\"},");
        assert!(with_hooks(&beside, &ours("/v")).is_ok());
        assert!(with_hooks(&beside, &ours("/w")).is_err());
    }
}
