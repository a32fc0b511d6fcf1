//! Who is calling: the one order in which sources of an agent's id are asked.

use std::{fmt, str::FromStr};

/// The id of an agent: one conversation of a client, or a person at a terminal.
///
/// Text that the client or a person chose, as it came, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgentId(String);

/// Why a text is not an agent id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgentIdError {
    /// Nothing but white space.
    #[error("an agent id cannot be empty")]
    Empty,
    /// Longer than [`AgentId::MAX_BYTES`].
    #[error("an agent id cannot be longer than {max} bytes", max = AgentId::MAX_BYTES)]
    TooLong,
    /// A line break, NUL or another control character.
    #[error("an agent id cannot hold control characters")]
    Control,
}

/// How this program was started, which decides what its environment can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A command in a terminal or run by an agent: the client's variables are those of this very conversation.
    Cli,
    /// A server started by a client, which may outlive the conversation it was started in.
    Mcp,
}

/// Where an agent's id came from, most trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The caller said it: `--agent` or the tool argument `agent`.
    Explicit,
    /// The variable [`AGENT_VARIABLE`].
    Variable,
    /// A variable that the named client sets.
    ClientVariable(&'static str),
    /// Made up for this process, because nothing said who is calling.
    Generated,
}

/// Who is calling, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The agent's id.
    pub id: AgentId,
    /// Where the id came from.
    pub source: Source,
    /// The client whose variable gave the id, like `claude-code`.
    pub client: Option<&'static str>,
}

/// A source that names an agent in a way that cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the agent {source_name} cannot be used")]
pub struct IdentifyError {
    /// Where the text came from, like `` from `JOURNAL_AGENT` ``.
    pub source_name: String,
    /// What is wrong with it.
    #[source]
    pub error: AgentIdError,
}

/// The variable by which a person or a script says who is calling.
pub const AGENT_VARIABLE: &str = "JOURNAL_AGENT";

const CLAUDE_CODE: (&str, &str) = ("CLAUDE_CODE_SESSION_ID", "claude-code");
const GROK: (&str, &str) = ("GROK_SESSION_ID", "grok");

impl Mode {
    /// The variables of clients that are asked in this mode, in order, each with the client that sets it.
    pub const fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Mcp => &[GROK, CLAUDE_CODE],
            Self::Cli => &[
                ("CODEX_THREAD_ID", "codex"),
                ("OPENCODE_SESSION_ID", "opencode"),
                GROK,
                ("ANTIGRAVITY_CONVERSATION_ID", "antigravity"),
                CLAUDE_CODE,
            ],
        }
    }
}

/// Finds out who is calling: what the caller said, [`AGENT_VARIABLE`], the variables of clients, else `fallback`.
///
/// Empty values count as unset. Nothing is ever concluded from what happened last.
///
/// # Errors
/// When the first source that says something says what cannot be an id.
pub fn identify(
    explicit: Option<&str>,
    env: &dyn Fn(&str) -> Option<String>,
    mode: Mode,
    fallback: AgentId,
) -> Result<Identified, IdentifyError> {
    let set = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let found = |text: String, source: Source, client| match text.parse() {
        Ok(id) => Ok(Identified { id, source, client }),
        Err(error) => Err(IdentifyError { source_name: source.to_string(), error }),
    };
    if let Some(text) = set(explicit.map(str::to_owned)) {
        return found(text, Source::Explicit, None);
    }
    if let Some(text) = set(env(AGENT_VARIABLE)) {
        return found(text, Source::Variable, None);
    }
    for &(variable, client) in mode.variables() {
        if let Some(text) = set(env(variable)) {
            return found(text, Source::ClientVariable(variable), Some(client));
        }
    }
    Ok(Identified { id: fallback, source: Source::Generated, client: None })
}

impl Source {
    /// Whether the id outlives this process, so that a lease may be kept under it.
    pub fn is_lasting(self) -> bool {
        self != Self::Generated
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit => f.write_str("named by the caller"),
            Self::Variable => write!(f, "from `{AGENT_VARIABLE}`"),
            Self::ClientVariable(variable) => write!(f, "from `{variable}`"),
            Self::Generated => f.write_str("made up for this process"),
        }
    }
}

impl AgentId {
    /// Longest accepted id, in bytes.
    pub const MAX_BYTES: usize = 200;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgentId {
    type Err = AgentIdError;

    fn from_str(text: &str) -> Result<Self, AgentIdError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AgentIdError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(AgentIdError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(AgentIdError::Control);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(explicit: Option<&str>, set: &[(&str, &str)], mode: Mode) -> Result<Identified, IdentifyError> {
        let env = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        identify(explicit, &env, mode, "made-up".parse().unwrap())
    }

    #[test]
    fn sources_are_asked_in_order() {
        let all = [
            ("JOURNAL_AGENT", "me"),
            ("CODEX_THREAD_ID", "x"),
            ("OPENCODE_SESSION_ID", "o"),
            ("GROK_SESSION_ID", "g"),
            ("ANTIGRAVITY_CONVERSATION_ID", "a"),
            ("CLAUDE_CODE_SESSION_ID", "c"),
        ];
        let said = ask(Some("flag"), &all, Mode::Cli).unwrap();
        assert_eq!((said.id.as_str(), said.source, said.client), ("flag", Source::Explicit, None));

        // Each row: how many of the list are unset, from the front; then what the CLI and an MCP process conclude.
        for (unset, cli, mcp) in [
            (0, ("me", None), ("me", None)),
            (1, ("x", Some("codex")), ("g", Some("grok"))),
            (2, ("o", Some("opencode")), ("g", Some("grok"))),
            (3, ("g", Some("grok")), ("g", Some("grok"))),
            (4, ("a", Some("antigravity")), ("c", Some("claude-code"))),
            (5, ("c", Some("claude-code")), ("c", Some("claude-code"))),
            (6, ("made-up", None), ("made-up", None)),
        ] {
            for (mode, (id, client)) in [(Mode::Cli, cli), (Mode::Mcp, mcp)] {
                let found = ask(None, &all[unset..], mode).unwrap();
                assert_eq!((found.id.as_str(), found.client), (id, client), "{mode:?}, {unset} unset");
                assert_eq!(found.source.is_lasting(), unset < 6);
            }
        }
    }

    #[test]
    fn empty_counts_as_unset() {
        let found = ask(Some(""), &[("JOURNAL_AGENT", " "), ("CODEX_THREAD_ID", "x")], Mode::Cli).unwrap();
        assert_eq!(found.source, Source::ClientVariable("CODEX_THREAD_ID"));
        assert_eq!(found.source.to_string(), "from `CODEX_THREAD_ID`");
    }

    #[test]
    fn an_unusable_id_is_refused_and_not_passed_over() {
        let error = ask(None, &[("JOURNAL_AGENT", "a\u{7}b"), ("CODEX_THREAD_ID", "x")], Mode::Cli).unwrap_err();
        assert_eq!(error.error, AgentIdError::Control);
        assert_eq!(error.to_string(), "the agent from `JOURNAL_AGENT` cannot be used");
        assert_eq!("x".repeat(201).parse::<AgentId>(), Err(AgentIdError::TooLong));
        assert_eq!("  ".parse::<AgentId>(), Err(AgentIdError::Empty));
        assert_eq!("x".repeat(200).parse::<AgentId>().unwrap().as_str().len(), 200);
    }
}
