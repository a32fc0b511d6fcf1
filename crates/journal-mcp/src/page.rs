//! The page about the tools in `docs/`, rendered from the tools themselves so that it cannot drift.

use std::fmt::Write as _;

use journal_model::estimate_tokens;
use serde_json::Value;

use crate::tools::{self, Entry};

/// The tools as a page of markdown, with what each costs a model.
pub fn tool_reference() -> String {
    let tools = tools::all();
    let mut page = String::from(
        "# Tools\n\nRendered by `journal reference mcp-tools`. What to do with them is told in [the guide](mcp.md).\n\n\
         | Tool | Reads only | Replaces | Repeats safely | Tokens |\n| --- | --- | --- | --- | ---: |\n",
    );
    let mut all = 0;
    for tool in &tools {
        let cost = cost(tool);
        all += cost;
        let annotations = tool.tool().annotations.clone().unwrap_or_default();
        let yes = |says: Option<bool>| if says == Some(true) { "yes" } else { "" };
        let row = [
            format!("[`{0}`](#{0})", tool.name()),
            yes(annotations.read_only_hint).to_owned(),
            yes(annotations.destructive_hint).to_owned(),
            yes(annotations.idempotent_hint).to_owned(),
            cost.to_string(),
        ];
        write(&mut page, &format!("| {} |\n", row.join(" | ")));
    }
    write(&mut page, &format!("| all | | | | {all} |\n"));
    write(
        &mut page,
        "\nTokens are estimated, over name, description and both schemas. What a call cannot do it answers with `isError` and \
         `{code, message, hint}`. Numbers and booleans may come as text, lists as words between commas, names in another case.\n",
    );
    tools.iter().for_each(|tool| described(&mut page, tool));
    page
}

/// What a tool costs in the list, in estimated tokens.
pub(crate) fn cost(tool: &Entry) -> usize {
    serde_json::to_string(tool.tool()).map_or(usize::MAX, |json| estimate_tokens(&json))
}

fn described(page: &mut String, tool: &Entry) {
    let listed = tool.tool();
    let description = listed.description.as_deref().unwrap_or_default();
    write(page, &format!("\n## {}\n\n{description}\n", tool.name()));
    let input = Value::Object((*listed.input_schema).clone());
    let required = input["required"].as_array().cloned().unwrap_or_default();
    if let Some(properties) = input["properties"].as_object().filter(|properties| !properties.is_empty()) {
        write(page, "\n| Argument | Type | |\n| --- | --- | --- |\n");
        for (name, property) in properties {
            let needed = if required.iter().any(|one| one == name) { " (required)" } else { "" };
            let about = property["description"].as_str().unwrap_or_default().replace('|', "\\|");
            write(page, &format!("| `{name}` | {}{needed} | {about} |\n", kind(property)));
        }
    }
    let output = listed.output_schema.as_deref().and_then(|schema| schema.get("properties")?.as_object());
    let names: Vec<_> = output.into_iter().flatten().map(|(name, _)| format!("`{name}`")).collect();
    let also: Vec<_> = tool.may_answer().iter().map(|name| format!("`{name}`")).collect();
    let also = if also.is_empty() { String::new() } else { format!("; where they apply {}", also.join(", ")) };
    write(page, &format!("\nAnswers {}{also}.\n", names.join(", ")));
}

fn kind(property: &Value) -> String {
    if let Some(choices) = property["enum"].as_array() {
        return choices
            .iter()
            .filter_map(Value::as_str)
            .map(|choice| format!("`{choice}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let kind = property["type"].as_str().unwrap_or_default();
    match (kind, property["items"]["enum"].as_array()) {
        ("array", Some(_)) => format!("list of {}", self::kind(&property["items"])),
        ("array", None) => "list".to_owned(),
        (kind, _) => kind.to_owned(),
    }
}

fn write(page: &mut String, text: &str) {
    page.write_str(text).expect("writing to a string cannot fail");
}
