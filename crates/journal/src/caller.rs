//! Who is calling: the agent behind this command.

use journal_engine::{AgentId, AgentSeen, AgentSource, Caller, Identified, IdentifyError, Mode, Source, identify};
use journal_model::NoteId;

use crate::{environment::Environment, source::SystemSource, workplace::Workplace};

/// Finds out who is calling: `--agent`, the variables, else an id made up for this call, which holds nothing after it.
///
/// # Errors
/// When the one who says who is calling says what cannot be an id.
pub fn identified(explicit: Option<&str>, environment: &Environment) -> Result<Identified, IdentifyError> {
    let variable = |name: &str| environment.named_text(name);
    identify(explicit, &variable, Mode::Cli, made_up("cli"))
}

/// Finds out for whom a server was started: `--agent`, the variables, else an id made up for as long as it runs.
///
/// # Errors
/// As [`identified`].
pub fn served(explicit: Option<&str>, environment: &Environment) -> Result<Identified, IdentifyError> {
    let variable = |name: &str| environment.named_text(name);
    identify(explicit, &variable, Mode::Mcp, made_up("mcp"))
}

/// Who those are that say nothing to a server of many: `--agent`, else nobody in particular. The variables that a client sets
/// for the processes it starts say nothing of its neighbours.
///
/// # Errors
/// As [`identified`].
pub fn of_many(explicit: Option<&str>) -> Result<Identified, IdentifyError> {
    identify(explicit, &|_| None, Mode::Mcp, made_up("http"))
}

/// The caller, as the engine wants to know it.
pub fn caller(identified: &Identified, environment: &Environment, workplace: &Workplace) -> Caller {
    Caller {
        agent: AgentSeen {
            client: identified.client.map(str::to_owned),
            directory: environment.folder.to_str().map(str::to_owned),
            project: Some(workplace.project.clone()),
            worktree: Some(workplace.top_text()),
            branch: Some(workplace.branch.clone().unwrap_or_default()),
            ..AgentSeen::new(identified.id.clone())
        },
        lasting: identified.source.is_lasting(),
        serving: false,
    }
}

/// How the id came about, for people: `otter, from `JOURNAL_AGENT``.
pub fn told(identified: &Identified) -> String {
    match identified.source {
        AgentSource::Generated => "made up for this call".to_owned(),
        AgentSource::Explicit | AgentSource::Variable | AgentSource::ClientVariable(_) => {
            format!("{}, {}", identified.id, identified.source)
        }
    }
}

/// How the id came about, for programs.
pub fn source_code(source: AgentSource) -> &'static str {
    match source {
        AgentSource::Explicit => "explicit",
        AgentSource::Variable | AgentSource::ClientVariable(_) => "variable",
        AgentSource::Generated => "generated",
    }
}

fn made_up(kind: &str) -> AgentId {
    let id = NoteId::from_parts(SystemSource.now().unix_ms, SystemSource.random());
    format!("{kind}-{id}").parse().expect("a prefix and a ULID are an agent id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_comes_before_the_variables() {
        let environment = Environment::of(&[("JOURNAL_AGENT", "otter"), ("CLAUDE_CODE_SESSION_ID", "abc")]);
        let by = |explicit, environment: &Environment| identified(explicit, environment).unwrap();
        assert_eq!(told(&by(Some("me"), &environment)), "me, named by the caller");
        assert_eq!(told(&by(None, &environment)), "otter, from `JOURNAL_AGENT`");
        let place = Workplace { project: "den".to_owned(), top: "/work".into(), branch: None };
        let client = Environment::of(&[("CLAUDE_CODE_SESSION_ID", "abc")]);
        assert_eq!(caller(&by(None, &client), &client, &place).agent.client.as_deref(), Some("claude-code"));
        let nobody = Environment::of(&[]);
        let made_up = by(None, &nobody);
        assert!(made_up.id.as_str().starts_with("cli-") && !caller(&made_up, &nobody, &place).lasting);
        assert!(identified(Some("a\nb"), &nobody).is_err());
    }
}
