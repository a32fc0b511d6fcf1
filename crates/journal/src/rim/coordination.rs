//! What agents are refused because of one another: who holds what, until when, and the ways on.

use journal_engine::{
    ClaimError, ClaimPathsError, Conflict, Full, Lease, NamedLockError, RenameError, UpdateAgentError,
};

use super::{Exit, Moment, Told, files, message};
use crate::text::{listed, one_line, quoted};

const NEEDS_AGENT: &str = "say who you are, by any text that stays the same: --agent otter, or JOURNAL_AGENT=otter";

pub(super) fn of_lock(error: &NamedLockError, moment: &Moment<'_>) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        NamedLockError::Held { name, held, waited } => {
            let name = quoted(name.as_str());
            let mut told = told(Exit::Conflict, "held");
            told.message = format!("{}{}", told.message, until(&held.lease, moment));
            if !waited.is_zero() {
                told.message = format!("{}; waited {} s", told.message, waited.as_secs());
            }
            if let Some(taken) = &held.taken_from_you {
                let reason = taken.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                told.message = format!("{}; {} took it from you{reason}", told.message, taken.by_name);
            }
            told.facts.held = Some(held.as_ref().clone());
            told.hint(format!("wait for it: journal lock acquire {name} --wait"))
                .hint(format!("take it by force, saying why: journal lock steal {name} --reason \"why\""))
        }
        NamedLockError::OfAnotherProcess { name, held, waited } => {
            let name = quoted(name.as_str());
            let mut told = told(Exit::Conflict, "held");
            told.message = format!("{}{}", told.message, until(&held.lease, moment));
            if !waited.is_zero() {
                told.message = format!("{}; waited {} s", told.message, waited.as_secs());
            }
            told.facts.held = Some(held.as_ref().clone());
            told.hint(format!("wait for it: journal lock acquire {name} --wait")).hint(format!(
                "let go of it under that process: journal lock release {name} --token {}",
                held.lease.token
            ))
        }
        NamedLockError::WrongToken { name, good, .. } => {
            let name = quoted(name.as_str());
            told(Exit::Conflict, "wrong_token").hint(format!(
                "give that one: journal lock renew {name} --token {good}, or journal lock release {name} --token {good}"
            ))
        }
        NamedLockError::Full(full) => of_full(full, moment),
        NamedLockError::NeedsAgent => told(Exit::Usage, "needs_agent")
            .hint(NEEDS_AGENT)
            .hint("or hold it only around a command: journal lock run NAME -- COMMAND"),
        NamedLockError::NotHeld { name, by } => {
            let mut told = told(Exit::Conflict, "not_held");
            if let Some(by) = by {
                told.message = format!("{}; {} does{}", told.message, by.holder_name, until(&by.lease, moment));
            }
            told.hint(format!("acquire it: journal lock acquire {}", quoted(name.as_str())))
                .hint("see who holds what: journal lock status")
        }
        NamedLockError::Lost { name, .. } => told(Exit::Conflict, "lost")
            .hint("write nothing more that it protects")
            .hint(format!("acquire it anew: journal lock acquire {}", quoted(name.as_str()))),
        NamedLockError::Trouble(error) => files::of_trouble(error),
    }
}

/// Since when and until when, and what the holder says about it.
fn until(lease: &Lease, moment: &Moment<'_>) -> String {
    let clock = moment.clock;
    let note = lease.note.as_deref().and_then(|note| note.lines().next()).map(one_line).filter(|note| !note.is_empty());
    let note = note.map(|note| format!("; reason: {note}")).unwrap_or_default();
    format!(
        " (agent `{}`) since {}, until {} unless renewed{note}",
        lease.holder,
        clock.instant(lease.acquired),
        clock.instant(lease.expires)
    )
}

fn of_full(full: &Full, moment: &Moment<'_>) -> Told {
    let told = Told::new(Exit::Conflict, "full", full.to_string());
    match full {
        Full::Leases { held, .. } => {
            let oldest = held.iter().take(3).map(|state| {
                let resource = &state.lease.resource;
                let what = resource.strip_prefix("lock/").map(|name| format!("the lock `{name}`"));
                what.unwrap_or_else(|| format!("`{}`", resource.rsplit('\t').next().unwrap_or(resource)))
            });
            let oldest: Vec<_> = oldest.collect();
            let told =
                if oldest.is_empty() { told } else { told.hint(format!("you could let go of {}", listed(&oldest))) };
            told.hint("journal lock release NAME, journal claim release GLOB; the bound is `leases_per_agent` in the configuration")
        }
        Full::Agents { here, .. } => {
            let idle = here.iter().take(3).map(|agent| {
                format!("{} (agent `{}`, last seen {})", agent.name, agent.id, moment.clock.instant(agent.last_active))
            });
            told.hint(format!("they could end: {}", listed(&idle.collect::<Vec<_>>())))
                .hint("journal --agent ID agent end; the bound is `agents_per_project` in the configuration")
        }
    }
}

pub(super) fn of_claim(error: &ClaimPathsError, moment: &Moment<'_>) -> Told {
    match error {
        ClaimPathsError::NeedsAgent => Told::new(Exit::Usage, "needs_agent", message(error)).hint(NEEDS_AGENT),
        ClaimPathsError::Claim(ClaimError::Conflict(conflicts)) => of_conflicts(conflicts, moment),
        ClaimPathsError::Claim(ClaimError::Full(full)) => of_full(full, moment),
        ClaimPathsError::Claim(ClaimError::Coord(error)) => files::of_coord(error),
        ClaimPathsError::Trouble(error) => files::of_trouble(error),
    }
}

/// The most conflicts that are told one by one.
const TOLD: usize = 5;

fn of_conflicts(conflicts: &[Conflict], moment: &Moment<'_>) -> Told {
    let lines = conflicts.iter().take(TOLD).map(|conflict| {
        let theirs = &conflict.theirs;
        let shared = if theirs.shared { "shared" } else { "claimed" };
        format!(
            "`{}` overlaps `{}`, {shared} by {}{}",
            conflict.asked,
            theirs.glob,
            theirs.holder_name,
            until(&theirs.lease, moment)
        )
    });
    let mut told = Told::new(Exit::Conflict, "claimed", lines.collect::<Vec<_>>().join("; "));
    told.facts.conflicts = conflicts.to_vec();
    let told = match conflicts {
        [one, ..] if one.theirs.shared => told.hint("share it: journal claim add --shared GLOB"),
        _ => told.hint("choose other paths; all claims: journal claim list"),
    };
    told.hint("work there nevertheless, and have them told: journal claim add --anyway GLOB")
}

pub(super) fn of_agent(error: &UpdateAgentError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        UpdateAgentError::Rename(RenameError::Taken { .. }) => {
            told(Exit::Conflict, "name_taken").hint("choose another name; those that are taken: journal agents --all")
        }
        UpdateAgentError::Rename(RenameError::Unknown(_)) => {
            told(Exit::NotFound, "unknown_agent").hint("list them: journal agents")
        }
        UpdateAgentError::Rename(RenameError::Coord(error)) => files::of_coord(error),
        UpdateAgentError::TaskTooLong { .. } => {
            told(Exit::Usage, "arguments").hint("say it in a line, and the rest in a session: journal think \"…\"")
        }
        UpdateAgentError::NeedsAgent => told(Exit::Usage, "needs_agent").hint(NEEDS_AGENT),
        UpdateAgentError::Trouble(error) => files::of_trouble(error),
    }
}
