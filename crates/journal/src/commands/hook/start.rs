//! What a conversation is told when it begins, and after its memory was compacted: facts, and no commands.

use journal_engine::{AgentFilter, AgentState, Claim, Hydrate};
use journal_model::{NoteId, NoteRef};

use super::call::Call;
use crate::{
    failure::Failure,
    text::{
        brief,
        hydrated::{Telling, hydrated},
        quoted, short,
    },
};

/// The most agents that are told of, those seen last first.
const AGENTS: usize = 8;

/// The most claims that are told of one agent.
const CLAIMS: usize = 5;

/// The most characters of what another agent says in one field, and of all that is told of it.
const FIELD: usize = 120;
const LINE: usize = 600;

/// The most bytes that are told of the others: what a conversation thought itself matters more to it.
const OTHERS: usize = 2_400;

/// Budgets of the thinking session, in tokens: the first that leaves room for the rest counts.
const BUDGETS: [usize; 5] = [2_000, 1_400, 900, 500, 200];

/// Writes down who this client is now, and tells it who is here and where it thought.
pub fn facts(call: &Call<'_>) -> Result<String, Failure> {
    let engine = &call.place.engine;
    let before = before(call)?;
    let heartbeat = call.at_work()?;
    if let (Some(process), Some(directory)) = (&call.caller.agent.process, &call.caller.agent.directory) {
        engine.record_client(call.client.as_str(), process, directory, &call.caller.agent.id)?;
    }
    let mut head = format!(
        "Facts from `journal`, which keeps the thinking of agents in the vault `{}`; nothing here asks for anything.\n\n\
         This conversation is the agent {} (id {}).\n",
        engine.vault().name(),
        heartbeat.agent.name,
        heartbeat.agent.id
    );
    head.push_str(&call.told(&heartbeat.notices));
    let others = others(call)?;
    match engine.current_session(&call.caller.agent.id)? {
        Some(session) => Ok(with_session(call, &head, &session, &others)),
        None => Ok(head + &before.unwrap_or_default() + &others),
    }
}

/// Where this client thought before its conversation was cleared.
fn before(call: &Call<'_>) -> Result<Option<String>, Failure> {
    let agent = &call.caller.agent;
    let (Some(process), Some(directory)) = (&agent.process, &agent.directory) else { return Ok(None) };
    let engine = &call.place.engine;
    let Some(before) = engine.client_agent(call.client.as_str(), process, directory)?.filter(|id| *id != agent.id)
    else {
        return Ok(None);
    };
    Ok(engine.current_session(&before)?.map(|session| {
        format!("\nIn this terminal, the conversation before (agent {before}) thought in session {session}.\n")
    }))
}

/// Who else is here, with what they claim.
fn others(call: &Call<'_>) -> Result<String, Failure> {
    let engine = &call.place.engine;
    let mut others = engine.agents(&AgentFilter::default())?;
    others.retain(|state| state.presence.is_here() && state.agent.id != call.caller.agent.id);
    if others.is_empty() {
        return Ok(String::new());
    }
    // Those of the same project first; within, they come as they were seen.
    others.sort_by_key(|state| state.agent.project.as_deref() != Some(&call.workplace.project));
    let claims = engine.claims(None)?;
    let mut text = String::from("\nHere as well:\n");
    let mut told = 0;
    for state in others.iter().take(AGENTS) {
        let line = other(state, &claims, call);
        if text.len() + line.len() > OTHERS {
            break;
        }
        text.push_str(&line);
        told += 1;
    }
    if others.len() > told {
        text.push_str(&format!("- and {} more: journal agents\n", others.len() - told));
    }
    Ok(text)
}

fn other(state: &AgentState, claims: &[Claim], call: &Call<'_>) -> String {
    let agent = &state.agent;
    let seen = call.world.clock.instant(agent.last_active);
    let mut text = format!("- {}: {}, last seen {seen}", agent.name, state.presence.as_str());
    let mut add = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!(", {name} {}", brief(value, FIELD)));
        }
    };
    add("in", &agent.client);
    add("at", &agent.directory);
    add("on branch", &agent.branch);
    add("thinks in session", &agent.session);
    add("task:", &agent.task);
    let own: Vec<_> = claims.iter().filter(|claim| claim.lease.holder == agent.id).collect();
    if !own.is_empty() {
        let shown: Vec<_> =
            own.iter().take(CLAIMS).map(|claim| format!("`{}`", brief(claim.glob.as_str(), FIELD))).collect();
        let more = if own.len() > CLAIMS { format!(" and {} more", own.len() - CLAIMS) } else { String::new() };
        text.push_str(&format!("; claims {}{more}", shown.join(", ")));
    }
    brief(&text, LINE) + "\n"
}

/// The head with as much of the session as the client takes, and the others behind it.
fn with_session(call: &Call<'_>, head: &str, session: &NoteId, others: &str) -> String {
    let vault = format!(" --vault {}", quoted(&call.place.engine.vault().root().display().to_string()));
    let named = format!(
        "{head}\nIts thinking session is {session}; all of it: journal{vault} hydrate {}\n{others}",
        short(session)
    );
    // Without an index the whole vault would be walked, which takes longer than a client waits.
    if !matches!(call.place.engine.index_standing(), Ok(Some(_))) {
        return named;
    }
    for budget in BUDGETS {
        let request = Hydrate {
            reference: NoteRef::from(session),
            line: None,
            include_superseded: false,
            max_tokens: Some(budget),
            max_thoughts: None,
        };
        // A session whose notes are gone is still named.
        let Ok(found) = call.place.engine.hydrate(&request) else { return named };
        let reader = Some(&call.caller.agent.id);
        let telling = Telling { clock: &call.world.clock, line: None, reader, vault: &vault };
        let text = hydrated(&found, &telling).words();
        // For a person the text ends with what to type next; here that is a fact as well.
        let (session, next) = text.rsplit_once("\nContinue with: ").unwrap_or((&text, ""));
        let told = format!(
            "{head}\nThe session in which it thought last:\n\n{session}\nIt goes on by: {}\n{others}",
            next.trim_end()
        );
        if call.client.takes(&told) {
            return told;
        }
    }
    named
}
