//! What a client says to a hook on its standard input.

use serde_json::Value;

use crate::{Client, patch};

/// What a client says to a hook. What it leaves out, or says in another form than is documented, is not known.
///
/// Fields: <https://code.claude.com/docs/en/hooks>, and `codex-rs/hooks/schema/generated/*.input.schema.json` of Codex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookInput {
    /// The client's id of the conversation.
    pub session_id: String,
    /// Its working directory.
    pub directory: Option<String>,
    /// Why a conversation begins: `startup`, `resume`, `clear` or `compact`.
    pub source: Option<String>,
    /// Files that the tool is to edit or has edited, as the tool names them: absolute, or relative to the directory.
    pub files: Vec<String>,
}

/// Why standard input was not understood.
#[derive(Debug, thiserror::Error)]
pub enum HookInputError {
    /// It is no JSON.
    #[error("standard input is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// It does not say which conversation this is.
    #[error("standard input has no `session_id`")]
    NoSession,
}

impl HookInput {
    /// Reads what `client` wrote to standard input.
    ///
    /// # Errors
    /// When it is no JSON, or names no conversation.
    pub fn read(client: Client, bytes: &[u8]) -> Result<Self, HookInputError> {
        let value: Value = serde_json::from_slice(bytes).map_err(HookInputError::NotJson)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let session_id = text("session_id").filter(|id| !id.trim().is_empty()).ok_or(HookInputError::NoSession)?;
        let tool = text("tool_name").unwrap_or_default();
        Ok(Self {
            session_id,
            directory: text("cwd"),
            source: text("source"),
            files: value.get("tool_input").map(|input| edited(client, &tool, input)).unwrap_or_default(),
        })
    }
}

/// The files that a tool edits; none for a tool that edits none.
fn edited(client: Client, tool: &str, input: &Value) -> Vec<String> {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    match (client, tool) {
        (Client::ClaudeCode, "Edit" | "MultiEdit" | "Write") => {
            text("file_path").into_iter().map(str::to_owned).collect()
        }
        (Client::ClaudeCode, "NotebookEdit") => text("notebook_path").into_iter().map(str::to_owned).collect(),
        (Client::Codex, "apply_patch") => text("command").map(patch::files).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(client: Client, value: &Value) -> Result<HookInput, HookInputError> {
        HookInput::read(client, value.to_string().as_bytes())
    }

    #[test]
    fn files_of_the_tools_that_edit() {
        let files = |client, tool: &str, input: Value| {
            read(client, &json!({ "session_id": "s", "tool_name": tool, "tool_input": input })).unwrap().files
        };
        let claude = |tool: &str, input: Value| files(Client::ClaudeCode, tool, input);
        assert_eq!(claude("Edit", json!({ "file_path": "/p/a.rs", "old_string": "x" })), ["/p/a.rs"]);
        assert_eq!(claude("NotebookEdit", json!({ "notebook_path": "/p/n.ipynb" })), ["/p/n.ipynb"]);
        assert!(claude("Read", json!({ "file_path": "/p/a.rs" })).is_empty());
        assert!(claude("Write", json!({ "file_path": 7 })).is_empty());
        let patch = "*** Begin Patch\n*** Update File: src/a.rs\n*** Move to: src/b.rs\n@@\n-x\n+y\n*** End Patch";
        assert_eq!(files(Client::Codex, "apply_patch", json!({ "command": patch })), ["src/a.rs", "src/b.rs"]);
        assert!(files(Client::Codex, "Bash", json!({ "command": "ls" })).is_empty());
    }

    #[test]
    fn what_is_no_input_is_refused() {
        for text in ["", "{", "not json", "\u{feff}{}"] {
            assert!(matches!(HookInput::read(Client::Codex, text.as_bytes()), Err(HookInputError::NotJson(_))));
        }
        for value in [json!({}), json!([]), json!(7), json!({ "session_id": " " }), json!({ "session_id": 7 })] {
            assert!(matches!(read(Client::ClaudeCode, &value), Err(HookInputError::NoSession)), "{value}");
        }
    }
}
