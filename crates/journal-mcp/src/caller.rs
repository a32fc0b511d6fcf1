//! Who calls: the argument, whom the process was explicitly started for, what the client says with the call, else what its
//! environment says.
//!
//! Never the connection, nor what happened last: one process may serve several conversations. Whoever starts it with `--agent` or
//! `JOURNAL_AGENT` says that all of them are one agent, whatever the client calls them; without either each is its own.

use hyper::http::request::Parts;
use journal_engine::{AgentId, AgentSeen, AgentSource, Caller, Engine, memorable_name};
use rmcp::{RoleServer, service::RequestContext};
use serde_json::Value;

use crate::{
    refusal::Refusal,
    serving::{ServeOptions, WorkingPlace},
    wire::AgentObject,
};

/// The header by which a client over HTTP says who calls.
const HEADER: &str = "x-journal-agent";

/// Where clients put the id of a conversation into `_meta`, in the order of trust.
const META: &[&[&str]] = &[
    &["journal/agent"],
    &["x-codex-turn-metadata", "session_id"],
    &["threadId"],
    &["ai.opencode/sessionID"],
    &["vscode.conversationId"],
    &["antigravity.google/conversation_id"],
];

/// Who calls, and how that is known.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    id: AgentId,
    source: &'static str,
    client: Option<String>,
    lasting: bool,
}

impl Who {
    /// Finds out who calls.
    ///
    /// # Errors
    /// When the first source that says something says what cannot be an id.
    pub fn of(
        argument: Option<&str>,
        context: &RequestContext<RoleServer>,
        options: &ServeOptions,
        engine: &Engine,
    ) -> Result<Self, Refusal> {
        let client = context.client_info().map(|client| client.name);
        let own = &options.agent;
        // At an address there are many: what it was started with is for those that say nothing.
        let is_chosen = matches!(own.source, AgentSource::Explicit | AgentSource::Variable) && !options.shared;
        let said = |text: &String| !text.trim().is_empty();
        let argument = argument.map(str::to_owned).filter(said).map(|text| ("argument", text));
        let with_call = || {
            let meta = META.iter().find_map(|path| in_meta(&context.meta, path).filter(said));
            let header = || Some(("header", in_header(context).filter(said)?));
            meta.map(|text| ("meta", text)).or_else(header)
        };
        if let Some((source, text)) = argument.or_else(|| if is_chosen { None } else { with_call() }) {
            let id = text.parse().map_err(|error| {
                Refusal::new("agent", format!("the agent from the {source} cannot be used: {error}"))
                    .hint("name yourself by one short line of text that stays the same: agent: \"otter\"")
            })?;
            return Ok(Self { id, source, client, lasting: true });
        }
        let client = own.client.map(str::to_owned).or(client);
        if options.shared && !own.source.is_lasting() {
            // Many clients come here and none said who it is: whoever this is, it holds nothing.
            return Ok(Self { id: own.id.clone(), source: "unknown", client, lasting: false });
        }
        // What the client set when it started this process may be of a conversation that it has cleared since.
        if let (AgentSource::ClientVariable(_), Some(name), Some(directory)) =
            (own.source, own.client, options.place.as_ref().and_then(|place| place.directory.to_str()))
            // Where the record cannot be read, the variable is the best that is known.
            && let Ok(Some(id)) = engine.starters_agent(name, directory)
        {
            return Ok(Self { id, source: "hook", client, lasting: true });
        }
        let source = match own.source {
            AgentSource::Explicit => "explicit",
            AgentSource::Variable | AgentSource::ClientVariable(_) => "variable",
            AgentSource::Generated => "generated",
        };
        Ok(Self { id: own.id.clone(), source, client, lasting: true })
    }

    /// The caller, as the engine wants to know it.
    pub fn caller(&self, options: &ServeOptions, project: Option<&str>) -> Caller {
        let mut caller = self.caller_at(options.place.as_ref());
        caller.agent.project = caller.agent.project.or_else(|| project.map(str::to_owned));
        caller
    }

    /// The caller that works at a place.
    pub fn caller_at(&self, place: Option<&WorkingPlace>) -> Caller {
        Caller {
            agent: AgentSeen {
                client: self.client.clone(),
                directory: place.and_then(|place| place.directory.to_str()).map(str::to_owned),
                project: place.map(|place| place.project.clone()),
                worktree: place.map(|place| place.top.to_string_lossy().into_owned()),
                branch: place.map(|place| place.branch.clone().unwrap_or_default()),
                ..AgentSeen::new(self.id.clone())
            },
            lasting: self.lasting,
            serving: true,
        }
    }

    /// Whether the id outlives the call.
    pub fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// The id.
    pub fn id(&self) -> &AgentId {
        &self.id
    }

    /// The same, for an answer. The name is the one made from the id; the answer is sent with the one that the agent has.
    pub fn object(&self) -> AgentObject {
        AgentObject { id: self.id.to_string(), name: memorable_name(&self.id), source: self.source }
    }
}

/// A text in `_meta`. What stands under a key may itself be an object, or one written as text.
fn in_meta(meta: &rmcp::model::RequestMetaObject, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let mut value = meta.0.0.get(*first)?.clone();
    for key in rest {
        if let Value::String(text) = &value {
            value = serde_json::from_str(text).ok()?;
        }
        value = value.get(*key)?.clone();
    }
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn in_header(context: &RequestContext<RoleServer>) -> Option<String> {
    let header = context.extensions.get::<Parts>()?.headers.get(HEADER)?;
    // What is not text cannot be an id, and is refused as such.
    Some(String::from_utf8_lossy(header.as_bytes()).into_owned())
}
