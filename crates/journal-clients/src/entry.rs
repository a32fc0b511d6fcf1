//! One line of a client's log, as far as it tells what was said and done.

use serde_json::Value;

use crate::Client;

/// One line of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The conversation that the line says it belongs to.
    pub session: Option<String>,
    /// The agent that worked for that conversation, where the line is of one.
    pub agent: Option<String>,
    /// The name of the conversation's plan.
    pub slug: Option<String>,
    /// When, as the client wrote it.
    pub at: Option<String>,
    /// In which directory.
    pub directory: Option<String>,
    /// What was said and done.
    pub said: Vec<Said>,
}

/// Something that was said or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// By the person.
    Person(String),
    /// By the model.
    Model(String),
    /// The model used a tool: its name, and what for in a line.
    Tool(String, String),
    /// The model wrote down its plan, as markdown.
    Plan(String),
    /// The client summed up what was before.
    Summary(String),
}

/// Arguments of tools that tell the most about a call, the best first.
const TELLING: [&str; 9] =
    ["command", "cmd", "file_path", "notebook_path", "pattern", "url", "query", "description", "prompt"];

impl Entry {
    /// Reads a line; `None` when it is no JSON object.
    pub fn read(client: Client, line: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(line).ok()?;
        value.is_object().then(|| match client {
            Client::ClaudeCode => of_claude(&value),
            Client::Codex => of_codex(&value),
        })
    }
}

fn of_claude(value: &Value) -> Entry {
    let is = |name: &str| value.get(name).and_then(Value::as_bool) == Some(true);
    let content = value.get("message").and_then(|message| message.get("content"));
    let said = match text(value, "type").as_deref() {
        Some("user") if is("isCompactSummary") => texts(content, &["text"]).map(Said::Summary).collect(),
        Some("user") if !is("isMeta") => texts(content, &["text"]).map(Said::Person).collect(),
        Some("assistant") => parts(content).filter_map(of_claude_part).collect(),
        _ => Vec::new(),
    };
    Entry {
        session: text(value, "sessionId"),
        agent: text(value, "agentId"),
        slug: text(value, "slug"),
        at: text(value, "timestamp"),
        directory: text(value, "cwd"),
        said,
    }
}

fn of_claude_part(part: &Value) -> Option<Said> {
    match text(part, "type")?.as_str() {
        "text" => text(part, "text").map(Said::Model),
        "tool_use" => Some(Said::Tool(text(part, "name")?, telling(part.get("input")?))),
        _ => None,
    }
}

fn of_codex(value: &Value) -> Entry {
    let at = text(value, "timestamp");
    let Some(payload) = value.get("payload") else { return Entry { at, ..Entry::default() } };
    match text(value, "type").as_deref() {
        Some("session_meta") => of_codex_head(payload, at),
        Some("response_item") => Entry { at, said: of_codex_item(payload), ..Entry::default() },
        Some("compacted") => {
            let said = text(payload, "message").map(Said::Summary).into_iter().collect();
            Entry { at, said, ..Entry::default() }
        }
        _ => Entry { at, ..Entry::default() },
    }
}

/// The head of a log. That of an agent names the conversation it works for.
fn of_codex_head(payload: &Value, at: Option<String>) -> Entry {
    let id = text(payload, "id");
    let spawned = payload.pointer("/source/subagent/thread_spawn").and_then(|spawn| text(spawn, "parent_thread_id"));
    let parent = spawned.or_else(|| text(payload, "parent_thread_id"));
    let (session, agent) = if parent.is_some() { (parent, id) } else { (id, None) };
    Entry { session, agent, at, directory: text(payload, "cwd"), ..Entry::default() }
}

fn of_codex_item(payload: &Value) -> Vec<Said> {
    let content = payload.get("content");
    match (text(payload, "type").as_deref(), text(payload, "role").as_deref()) {
        // What the client itself puts before the first question stands in angle brackets or under a heading of its own.
        (Some("message"), Some("user")) => texts(content, &["input_text"])
            .filter(|said| !said.trim_start().starts_with('<') && !said.starts_with("# AGENTS.md"))
            .map(Said::Person)
            .collect(),
        (Some("message"), Some("assistant")) => texts(content, &["output_text"]).map(Said::Model).collect(),
        (Some("function_call"), _) => {
            let Some(name) = text(payload, "name") else { return Vec::new() };
            let arguments = text(payload, "arguments").and_then(|text| serde_json::from_str::<Value>(&text).ok());
            let plan = arguments.as_ref().filter(|_| name == "update_plan").and_then(plan_of);
            let arguments = arguments.unwrap_or_default();
            vec![plan.map_or_else(|| Said::Tool(name, telling(&arguments)), Said::Plan)]
        }
        (Some("custom_tool_call"), _) => match (text(payload, "name"), text(payload, "input")) {
            (Some(name), Some(input)) if name == "apply_patch" => {
                vec![Said::Tool(name, crate::patch::files(&input).join(", "))]
            }
            (Some(name), input) => vec![Said::Tool(name, first_line(&input.unwrap_or_default()))],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The steps of Codex's `update_plan` as a list of tasks.
fn plan_of(arguments: &Value) -> Option<String> {
    let steps = arguments.get("plan")?.as_array()?;
    let mut plan = text(arguments, "explanation").map(|text| format!("{}\n\n", text.trim())).unwrap_or_default();
    for step in steps {
        let mark = match text(step, "status").as_deref() {
            Some("completed") => "[x]",
            Some("in_progress") => "[/]",
            _ => "[ ]",
        };
        plan.push_str(&format!("- {mark} {}\n", text(step, "step").unwrap_or_default()));
    }
    Some(plan)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// The parts of a content; a plain text is one of them.
fn parts(content: Option<&Value>) -> impl Iterator<Item = &Value> {
    content.and_then(Value::as_array).into_iter().flatten()
}

/// The texts of a content, with parts of these types.
fn texts<'a>(content: Option<&'a Value>, types: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    let of_part = |part: &Value| {
        let is_text = text(part, "type").is_some_and(|name| types.contains(&name.as_str()));
        text(part, "text").filter(|_| is_text)
    };
    let whole = content.and_then(Value::as_str).map(str::to_owned);
    whole.into_iter().chain(parts(content).filter_map(of_part)).filter(|said| !said.trim().is_empty())
}

/// What a tool was called for, in a line.
fn telling(input: &Value) -> String {
    let of = |value: &Value| match value {
        Value::String(text) => Some(first_line(text)),
        Value::Array(words) => Some(words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    };
    TELLING.iter().find_map(|name| of(input.get(*name)?)).unwrap_or_default()
}

fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(client: Client, line: &str) -> Vec<Said> {
        Entry::read(client, line.as_bytes()).unwrap().said
    }

    #[test]
    fn lines_of_claude_code() {
        let line = r#"{"parentUuid":null,"isSidechain":true,"cwd":"/p","sessionId":"s1","agentId":"a1","slug":"calm-fox","type":"assistant","message":{"role":"assistant","content":[{"type":"thinking","thinking":"…"},{"type":"text","text":"Looking."},{"type":"tool_use","id":"t","name":"Bash","input":{"command":"cargo test\n-p x"}}]},"timestamp":"2026-11-21T10:00:00.000Z"}"#;
        let entry = Entry::read(Client::ClaudeCode, line.as_bytes()).unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!((entry.session, entry.agent, entry.slug), (text("s1"), text("a1"), text("calm-fox")));
        assert_eq!(entry.directory, text("/p"));
        assert_eq!(entry.said, [Said::Model("Looking.".into()), Said::Tool("Bash".into(), "cargo test".into())]);
        let claude = |line| said(Client::ClaudeCode, line);
        assert_eq!(claude(r#"{"type":"user","message":{"content":"Hi"}}"#), [Said::Person("Hi".into())]);
        let result = r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"ok"}]}}"#;
        assert_eq!(claude(result), []);
        assert_eq!(claude(r#"{"type":"user","isMeta":true,"message":{"content":"caveat"}}"#), []);
        let summed =
            r#"{"type":"user","isCompactSummary":true,"message":{"content":[{"type":"text","text":"So far"}]}}"#;
        assert_eq!(claude(summed), [Said::Summary("So far".into())]);
    }

    #[test]
    fn lines_of_codex() {
        let head = r#"{"timestamp":"t","type":"session_meta","payload":{"id":"c","cwd":"/p","source":{"subagent":{"thread_spawn":{"parent_thread_id":"p1"}}}}}"#;
        let entry = Entry::read(Client::Codex, head.as_bytes()).unwrap();
        assert_eq!((entry.session.as_deref(), entry.agent.as_deref()), (Some("p1"), Some("c")));
        let item = |payload: &str| said(Client::Codex, &format!(r#"{{"type":"response_item","payload":{payload}}}"#));
        let message = |role: &str, kind: &str, text: &str| {
            item(&format!(r#"{{"type":"message","role":"{role}","content":[{{"type":"{kind}","text":"{text}"}}]}}"#))
        };
        assert_eq!(message("user", "input_text", "Hi"), [Said::Person("Hi".into())]);
        assert_eq!(message("user", "input_text", "<environment_context>"), []);
        assert_eq!(message("developer", "input_text", "Be brief"), []);
        assert_eq!(message("assistant", "output_text", "Done"), [Said::Model("Done".into())]);
        let call = r#"{"type":"function_call","name":"shell","arguments":"{\"command\":[\"ls\",\"-l\"]}"}"#;
        assert_eq!(item(call), [Said::Tool("shell".into(), "ls -l".into())]);
        let plan = r#"{"type":"function_call","name":"update_plan","arguments":"{\"plan\":[{\"step\":\"A\",\"status\":\"completed\"},{\"step\":\"B\",\"status\":\"pending\"}]}"}"#;
        assert_eq!(item(plan), [Said::Plan("- [x] A\n- [ ] B\n".into())]);
        let patch = r#"{"type":"custom_tool_call","name":"apply_patch","input":"*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"}"#;
        assert_eq!(item(patch), [Said::Tool("apply_patch".into(), "a".into())]);
    }

    #[test]
    fn what_is_no_object_is_no_entry() {
        for line in ["", "{", "[]", "7", "{\"a\":", "\u{0}"] {
            assert_eq!(Entry::read(Client::Codex, line.as_bytes()), None, "{line}");
        }
        for line in ["{}", r#"{"type":7,"message":[]}"#, r#"{"type":"response_item","payload":"x"}"#] {
            for client in Client::ALL {
                assert_eq!(Entry::read(client, line.as_bytes()), Some(Entry::default()), "{line}");
            }
        }
    }
}
