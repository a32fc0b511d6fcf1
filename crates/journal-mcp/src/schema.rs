//! JSON schemas of arguments and answers, from their types: small, since every client pays for them in tokens, and plain, since
//! some clients understand neither unions of types nor references.

use rmcp::model::JsonObject;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

/// The schema of a tool's arguments. What is optional may be absent and is never null.
pub(crate) fn of_arguments<T: JsonSchema>(required: &[&str]) -> JsonObject {
    let mut schema = plain::<T>(SchemaSettings::draft2020_12());
    if required.is_empty() {
        schema.remove("required");
    } else {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// The schema of a tool's answer: what is always there. What may be absent explains itself where it is present, and what lies deeper is
/// told by its type only.
pub(crate) fn of_answer<T: JsonSchema>() -> JsonObject {
    let mut schema = plain::<T>(SchemaSettings::draft2020_12().for_serialize());
    let optional = optional(&schema);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, _| !optional.contains(name));
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            shallow(property);
        }
    }
    schema
}

/// What may be absent from a tool's answer.
pub(crate) fn optional_of_answer<T: JsonSchema>() -> Vec<String> {
    optional(&plain::<T>(SchemaSettings::draft2020_12().for_serialize()))
}

fn optional(schema: &JsonObject) -> Vec<String> {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let required: Vec<_> = required.filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(|(name, _)| name.clone()).filter(|name| !required.contains(&name.as_str())).collect()
}

fn plain<T: JsonSchema>(settings: SchemaSettings) -> JsonObject {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = SchemaGenerator::from(settings).into_root_schema_for::<T>().to_value();
    simplify(&mut schema);
    let Value::Object(mut schema) = schema else { unreachable!("the schema of a struct is an object") };
    schema.remove("title");
    schema.remove("description");
    schema
}

/// Takes out what only restates the type in Rust, and null.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for noise in ["format", "default"] {
                if object.get(noise).is_some_and(|value| !value.is_object()) {
                    object.remove(noise);
                }
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|one| one != "null");
                if let [only] = types.as_slice() {
                    object["type"] = only.clone();
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_mut_slice() {
                    let only = std::mem::take(only);
                    object.remove("anyOf");
                    only.into_iter().for_each(|(key, value)| _ = object.entry(key).or_insert(value));
                }
            }
            if let Some(Value::Array(values)) = object.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if object.get("minimum").is_some_and(|minimum| minimum == 0) {
                object.remove("minimum");
            }
            object.values_mut().for_each(simplify);
        }
        Value::Array(values) => values.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// Leaves of a property its type, and that of its items.
fn shallow(property: &mut JsonObject) {
    property.retain(|key, _| key == "type" || key == "items" || key == "enum");
    if let Some(items) = property.get_mut("items").and_then(Value::as_object_mut) {
        items.retain(|key, _| key == "type");
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(JsonSchema, Serialize)]
    struct Inner {
        deep: Option<u32>,
    }

    #[derive(JsonSchema, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Choice {
        One,
        TheOther,
    }

    #[derive(JsonSchema, Serialize)]
    struct Whole {
        /// How many.
        number: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        choice: Option<Choice>,
        inner: Vec<Inner>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    }

    #[test]
    fn schemas_are_plain_and_small() {
        let arguments = Value::Object(of_arguments::<Whole>(&["number"]));
        assert_eq!(
            arguments,
            json!({
                "type": "object",
                "properties": {
                    "number": { "type": "integer", "description": "How many." },
                    "choice": { "type": "string", "enum": ["one", "the_other"] },
                    "inner": { "type": "array", "items": { "type": "object", "properties": { "deep": { "type": "integer" } } } },
                    "text": { "type": "string" },
                },
                "required": ["number"],
            })
        );
        let answer = Value::Object(of_answer::<Whole>());
        assert_eq!(
            answer,
            json!({
                "type": "object",
                "properties": {
                    "number": { "type": "integer" },
                    "inner": { "type": "array", "items": { "type": "object" } },
                },
                "required": ["number", "inner"],
            })
        );
    }
}
