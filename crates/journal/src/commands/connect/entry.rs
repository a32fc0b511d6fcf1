//! What each client wants to be told of a server.

use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

/// The variable from which clients take the token.
pub const TOKEN: &str = "JOURNAL_TOKEN";

/// A client of MCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Client {
    /// Claude Code
    Claude,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
}

/// How a client comes to the journal.
pub enum Way {
    /// It starts a process of its own.
    Stdio {
        /// The program.
        program: String,
        /// The vault.
        vault: String,
    },
    /// It calls a server.
    Http {
        /// Where.
        url: String,
    },
}

/// Keys and values of one server in a client's configuration, in their order.
pub type Entry = Vec<(&'static str, Value)>;

/// Every key that an entry of ours may have. Others, that a person added, are kept.
pub const OURS: &[&str] = &["type", "command", "args", "url", "headers", "bearer_token_env_var"];

/// The values of an entry that a person may have added something to, with what they added: other options behind `mcp`, other
/// headers.
pub fn with_additions(entry: &Entry, old: &dyn Fn(&str) -> Option<Value>) -> Entry {
    let kept = |key: &'static str, new: &Value| match (key, old(key), new) {
        ("args", Some(Value::Array(old)), Value::Array(new)) if old.first() == new.first() => with_vault(old, new),
        ("headers", Some(Value::Object(mut old)), Value::Object(new)) => {
            old.extend(new.clone());
            Value::Object(old)
        }
        _ => new.clone(),
    };
    entry.iter().map(|(key, new)| (*key, kept(key, new))).collect()
}

/// `mcp --vault PATH` with the options that stand beside it already.
fn with_vault(mut old: Vec<Value>, new: &[Value]) -> Value {
    let Some(option) = new.get(1) else { return Value::Array(old) };
    match old.iter().position(|word| word == option) {
        Some(at) => {
            let end = (at + 2).min(old.len());
            old.splice(at..end, new[1..].iter().cloned());
        }
        None => old.extend_from_slice(&new[1..]),
    }
    Value::Array(old)
}

impl Client {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
        }
    }

    /// As it is typed.
    pub fn typed(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
        }
    }

    /// Its entry for a server.
    pub fn entry(self, way: &Way) -> Entry {
        match way {
            Way::Stdio { program, vault } => {
                let mut entry = vec![("command", json!(program)), ("args", json!(["mcp", "--vault", vault]))];
                if self == Self::Claude {
                    entry.insert(0, ("type", json!("stdio")));
                }
                entry
            }
            Way::Http { url } => {
                let bearer = |variable: String| ("headers", json!({ "Authorization": format!("Bearer {variable}") }));
                match self {
                    Self::Claude => vec![("type", json!("http")), ("url", json!(url)), bearer(format!("${{{TOKEN}}}"))],
                    Self::Codex => vec![("url", json!(url)), ("bearer_token_env_var", json!(TOKEN))],
                    Self::Cursor => vec![("url", json!(url)), bearer(format!("${{env:{TOKEN}}}"))],
                }
            }
        }
    }
}

impl Way {
    /// The way by a program that is found by its name, for a file that others get too.
    pub fn program(path: Option<&Path>) -> String {
        path.map_or_else(|| "journal".to_owned(), |path| path.display().to_string())
    }
}
