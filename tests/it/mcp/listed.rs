//! The tools as a client lists them.

use journal_model::estimate_tokens;
use journal_testkit::TestVault;
use serde_json::{Value, json};

use super::{client, journal};

/// What the whole list may cost a model, in estimated tokens.
const ALL_TOOLS: usize = 6_000;

fn tools() -> Vec<Value> {
    let vault = TestVault::new();
    let answer = client(&vault).request("tools/list", json!({}));
    answer["result"]["tools"].as_array().unwrap().clone()
}

#[test]
fn the_list_of_tools() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&tools()).unwrap());
}

#[test]
fn the_list_costs_little() {
    let costs: Vec<_> = tools().iter().map(|tool| (tool["name"].clone(), estimate_tokens(&tool.to_string()))).collect();
    let all: usize = costs.iter().map(|(_, cost)| cost).sum();
    assert!(all <= ALL_TOOLS, "{all} tokens: {costs:?}");
    for tool in tools() {
        let description = tool["description"].as_str().unwrap();
        assert!(!description.is_empty() && description.len() <= 2_000, "{}", tool["name"]);
    }
}

#[test]
fn names_and_all_five_annotations() {
    for tool in tools() {
        let name = tool["name"].as_str().unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        let annotations = &tool["annotations"];
        assert!(annotations["title"].as_str().is_some_and(|title| !title.is_empty()), "{name}");
        let hint = |hint: &str| annotations[hint].as_bool().unwrap_or_else(|| panic!("{name} has no {hint}"));
        assert!(!hint("openWorldHint"), "{name} reaches no further than the vault");
        let expected = match name {
            "sequentialthinking" => (false, false, false),
            "update_session" | "relocate_note" => (false, true, true),
            "reindex" | "update_agent" | "acquire_lock" | "release_lock" | "claim_paths" | "release_paths" => {
                (false, false, true)
            }
            _ => (true, false, true),
        };
        assert_eq!((hint("readOnlyHint"), hint("destructiveHint"), hint("idempotentHint")), expected, "{name}");
    }
}

#[test]
fn schemas_are_plain() {
    for tool in tools() {
        for schema in [&tool["inputSchema"], &tool["outputSchema"]] {
            assert_eq!(schema["type"], "object", "{}", tool["name"]);
            plain(schema, &tool["name"]);
        }
    }
}

/// No union of types, no reference, no null.
fn plain(schema: &Value, at: &Value) {
    match schema {
        Value::Object(object) => {
            for union in ["anyOf", "oneOf", "allOf", "$ref", "$defs"] {
                assert!(!object.contains_key(union), "{at}: {schema}");
            }
            assert!(object.get("type").is_none_or(|kind| !kind.is_array() && kind != "null"), "{at}: {schema}");
            object.values().for_each(|value| plain(value, at));
        }
        Value::Array(values) => values.iter().for_each(|value| plain(value, at)),
        _ => {}
    }
}

#[test]
fn the_page_in_docs_is_the_one_that_is_rendered() {
    let rendered = journal(&TestVault::new()).run(&["reference", "mcp-tools"]).assert_ok().stdout;
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mcp-tools.md")).unwrap();
    assert!(page == rendered, "docs/mcp-tools.md is not what `journal reference mcp-tools` prints: write it anew");
}
