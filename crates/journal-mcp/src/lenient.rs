//! Arguments as clients send them, made into what the schema says: numbers and booleans as text, null for nothing, a word where a
//! list belongs, names in another case, and fields that nobody asked for.

use rmcp::model::JsonObject;
use serde_json::{Number, Value};

use crate::refusal::Refusal;

/// Makes arguments fit a tool's schema. `aliases` are other names of properties, each with the right one.
///
/// # Errors
/// A refusal that names the argument, what it must be and what it was.
pub(crate) fn fit(
    arguments: JsonObject,
    schema: &JsonObject,
    aliases: &[(&str, &'static str)],
) -> Result<JsonObject, Refusal> {
    let Some(Value::Object(properties)) = schema.get("properties") else { return Ok(JsonObject::new()) };
    let mut fitted = JsonObject::new();
    let mut by_alias = Vec::new();
    for (key, value) in arguments {
        if let Some(property) = properties.get(&key) {
            if let Some(value) = made_to_fit(value, property).map_err(|wrong| refused(&key, property, &wrong))? {
                fitted.insert(key, value);
            }
        } else if let Some(name) = meant(&key, properties, aliases) {
            by_alias.push((key, name, value));
        }
    }
    // The right name wins over others.
    for (key, name, value) in by_alias {
        let property = &properties[&name];
        let value = made_to_fit(value, property).map_err(|wrong| refused(&key, property, &wrong))?;
        if let Some(value) = value {
            fitted.entry(name).or_insert(value);
        }
    }
    Ok(fitted)
}

/// The property that a name means which is none.
fn meant(key: &str, properties: &JsonObject, aliases: &[(&str, &'static str)]) -> Option<String> {
    let squashed = squash(key);
    let alias = aliases.iter().find(|(alias, _)| squash(alias) == squashed).map(|(_, name)| (*name).to_owned());
    alias.or_else(|| properties.keys().find(|name| squash(name) == squashed).cloned())
}

/// `thought_number`, `thoughtNumber` and `ThoughtNumber` are one name.
fn squash(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// The value as the property wants it; `None` for nothing, the value itself where it cannot be made to fit.
fn made_to_fit(value: Value, property: &Value) -> Result<Option<Value>, Value> {
    if value.is_null() {
        return Ok(None);
    }
    match property["type"].as_str() {
        Some("integer") => integer(value),
        Some("boolean") => boolean(value),
        Some("string") => string(value, property),
        Some("array") => array(value, &property["items"]),
        _ => Ok(Some(value)),
    }
}

fn integer(value: Value) -> Result<Option<Value>, Value> {
    let whole = |float: f64| (float.fract() == 0.0 && float.abs() < 1e15).then_some(float as i64);
    let number = match &value {
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        _ => None,
    };
    // What is less than nothing is no count of anything.
    number.filter(|number| *number >= 0).map(|number| Some(Value::Number(Number::from(number)))).ok_or(value)
}

fn boolean(value: Value) -> Result<Option<Value>, Value> {
    let says = match &value {
        Value::Bool(says) => Some(*says),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" => return Ok(None),
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    says.map(|says| Some(Value::Bool(says))).ok_or(value)
}

fn string(value: Value, property: &Value) -> Result<Option<Value>, Value> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(says) => says.to_string(),
        value => return Err(value),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    match property["enum"].as_array() {
        None => Ok(Some(Value::String(text))),
        Some(choices) => {
            let typed = text.trim().to_ascii_lowercase();
            let choice = choices.iter().find(|choice| choice.as_str() == Some(typed.as_str()));
            choice.cloned().map(Some).ok_or(Value::String(text))
        }
    }
}

fn array(value: Value, items: &Value) -> Result<Option<Value>, Value> {
    let values = match value {
        Value::Array(values) => values,
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Array(values)) => values,
            _ => text.split(',').map(|part| Value::String(part.trim().to_owned())).collect(),
        },
        value @ (Value::Number(_) | Value::Bool(_)) => vec![value],
        value => return Err(value),
    };
    let mut fitted = Vec::with_capacity(values.len());
    for value in values {
        fitted.extend(made_to_fit(value, items)?);
    }
    Ok((!fitted.is_empty()).then_some(Value::Array(fitted)))
}

fn refused(key: &str, property: &Value, wrong: &Value) -> Refusal {
    const SHOWN: usize = 60;
    let kind = match property["type"].as_str().unwrap_or_default() {
        "integer" => "a whole number, 0 or more".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => match choices(&property["items"]) {
            Some(choices) => format!("a list of any of {choices}"),
            None => "a list of texts".to_owned(),
        },
        _ => match choices(property) {
            Some(choices) => format!("one of {choices}"),
            None => "a text".to_owned(),
        },
    };
    let wrong: String = wrong.to_string().chars().take(SHOWN).collect();
    Refusal::arguments(format!("`{key}` must be {kind}, not `{wrong}`"), format!("send `{key}` again as {kind}"))
}

fn choices(property: &Value) -> Option<String> {
    let choices = property["enum"].as_array()?.iter().filter_map(Value::as_str);
    Some(choices.map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fitted(arguments: Value) -> Result<Value, String> {
        let schema = json!({ "properties": {
            "thoughtNumber": { "type": "integer" },
            "done": { "type": "boolean" },
            "text": { "type": "string" },
            "mode": { "type": "string", "enum": ["all", "latest"] },
            "tags": { "type": "array", "items": { "type": "string" } },
        }});
        let (Value::Object(arguments), Value::Object(schema)) = (arguments, schema) else { unreachable!() };
        fit(arguments, &schema, &[("content", "text")]).map(Value::Object).map_err(|refusal| refusal.message)
    }

    #[test]
    fn sloppy_arguments_are_understood() {
        for (sent, meant) in [
            (json!({ "thoughtNumber": "3" }), json!({ "thoughtNumber": 3 })),
            (json!({ "thoughtNumber": 3.0 }), json!({ "thoughtNumber": 3 })),
            (json!({ "thoughtNumber": " 3.0 " }), json!({ "thoughtNumber": 3 })),
            (json!({ "thought_number": 3 }), json!({ "thoughtNumber": 3 })),
            (json!({ "thoughtNumber": 3, "thought_number": 4 }), json!({ "thoughtNumber": 3 })),
            (json!({ "thoughtNumber": null, "thought_number": 4 }), json!({ "thoughtNumber": 4 })),
            (json!({ "thoughtNumber": "" }), json!({})),
            (json!({ "done": "True" }), json!({ "done": true })),
            (json!({ "done": 0 }), json!({ "done": false })),
            (json!({ "done": "" }), json!({})),
            (json!({ "text": 3.5, "other": [1] }), json!({ "text": "3.5" })),
            (json!({ "content": "a" }), json!({ "text": "a" })),
            (json!({ "text": " " }), json!({})),
            (json!({ "mode": " ALL " }), json!({ "mode": "all" })),
            (json!({ "tags": "a" }), json!({ "tags": ["a"] })),
            (json!({ "tags": "a, b" }), json!({ "tags": ["a", "b"] })),
            (json!({ "tags": "[\"a, b\", 3]" }), json!({ "tags": ["a, b", "3"] })),
            (json!({ "tags": [null, "a", ""] }), json!({ "tags": ["a"] })),
            (json!({ "tags": [] }), json!({})),
        ] {
            assert_eq!(fitted(sent.clone()), Ok(meant), "{sent}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for (sent, message) in [
            (
                json!({ "thought_number": "three" }),
                "`thought_number` must be a whole number, 0 or more, not `\"three\"`",
            ),
            (json!({ "thoughtNumber": -1 }), "`thoughtNumber` must be a whole number, 0 or more, not `-1`"),
            (json!({ "thoughtNumber": 1.5 }), "`thoughtNumber` must be a whole number, 0 or more, not `1.5`"),
            (json!({ "thoughtNumber": 1e300 }), "`thoughtNumber` must be a whole number, 0 or more, not `1e+300`"),
            (json!({ "done": "perhaps" }), "`done` must be true or false, not `\"perhaps\"`"),
            (json!({ "text": {} }), "`text` must be a text, not `{}`"),
            (json!({ "mode": "some" }), "`mode` must be one of `all`, `latest`, not `\"some\"`"),
            (json!({ "tags": [["a"]] }), "`tags` must be a list of texts, not `[\"a\"]`"),
        ] {
            assert_eq!(fitted(sent).unwrap_err(), message);
        }
    }
}
