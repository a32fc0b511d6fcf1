//! What agents are refused because of one another: who holds what, until when, and the ways on.

use journal_engine::{
    ClaimError, ClaimPathsError, Conflict, Full, GlobError, Lease, NamedLockError, RenameError, UpdateAgentError,
};

use super::{HeldObject, Refusal};
use crate::{
    budget,
    wire::{ConflictObject, instant, shown_resource},
};

const NEEDS_AGENT: &str = "say who you are, by any text that stays the same: agent: \"otter\"";

impl From<NamedLockError> for Refusal {
    fn from(error: NamedLockError) -> Self {
        let message = error.to_string();
        match error {
            NamedLockError::Held { name, held, .. } => {
                let mut refusal = Self::new("held", format!("{message}{}", until(&held.lease)));
                if let Some(taken) = &held.taken_from_you {
                    let reason = taken.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                    refusal.message = format!("{}; {} took it from you{reason}", refusal.message, taken.by_name);
                }
                refusal.facts.held = Some(HeldObject::from(held.as_ref()));
                refusal
                    .hint(format!("wait for it: acquire_lock {{name: \"{name}\", wait_seconds: 60}}"))
                    .hint(format!("a person takes it by force: journal lock steal \"{name}\" --reason \"why\""))
            }
            NamedLockError::OfAnotherProcess { name, held, .. } => {
                let mut refusal = Self::new("held", format!("{message}{}", until(&held.lease)));
                refusal.facts.held = Some(HeldObject::from(held.as_ref()));
                refusal.hint(format!("wait for it: acquire_lock {{name: \"{name}\", wait_seconds: 60}}")).hint(format!(
                    "let go of it under that process: journal lock release \"{name}\" --token {}",
                    held.lease.token
                ))
            }
            NamedLockError::WrongToken { name, .. } => {
                Self::new("wrong_token", message).hint(format!("release_lock {{name: \"{name}\"}}"))
            }
            NamedLockError::Full(full) => Self::full(&full),
            NamedLockError::NeedsAgent => Self::new("needs_agent", message).hint(NEEDS_AGENT),
            NamedLockError::NotHeld { name, by } => {
                let by = by.map(|by| format!("; {} does{}", by.holder_name, until(&by.lease))).unwrap_or_default();
                Self::new("not_held", format!("{message}{by}"))
                    .hint(format!("acquire it: acquire_lock {{name: \"{name}\"}}"))
            }
            NamedLockError::Lost { name, .. } => Self::new("lost", message).hint(format!(
                "write nothing more that it protects, and acquire it anew: acquire_lock {{name: \"{name}\"}}"
            )),
            NamedLockError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<ClaimPathsError> for Refusal {
    fn from(error: ClaimPathsError) -> Self {
        match error {
            ClaimPathsError::NeedsAgent => Self::new("needs_agent", error.to_string()).hint(NEEDS_AGENT),
            ClaimPathsError::Claim(ClaimError::Conflict(conflicts)) => Self::claimed(&conflicts),
            ClaimPathsError::Claim(ClaimError::Full(full)) => Self::full(&full),
            ClaimPathsError::Claim(ClaimError::Coord(error)) => Self::from(&error),
            ClaimPathsError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<UpdateAgentError> for Refusal {
    fn from(error: UpdateAgentError) -> Self {
        let message = error.to_string();
        match error {
            UpdateAgentError::Rename(RenameError::Taken { .. }) => Self::new("name_taken", message)
                .hint("choose another name; those that are taken: list_agents {ended: true}"),
            UpdateAgentError::Rename(RenameError::Unknown(_)) => {
                Self::new("unknown_agent", message).hint("list them: list_agents {}")
            }
            UpdateAgentError::Rename(RenameError::Coord(error)) => Self::from(&error),
            UpdateAgentError::TaskTooLong { .. } => {
                Self::new("arguments", message).hint("say it in a line, and the rest in a thought: sequentialthinking")
            }
            UpdateAgentError::NeedsAgent => Self::new("needs_agent", message).hint(NEEDS_AGENT),
            UpdateAgentError::Trouble(error) => Self::from(&error),
        }
    }
}

impl From<GlobError> for Refusal {
    fn from(error: GlobError) -> Self {
        let hint = match error {
            GlobError::Leaves(_) => "send paths inside the worktree of your working directory, or another `directory`",
            GlobError::Empty | GlobError::TooLarge | GlobError::Unclosed { .. } | GlobError::Control => {
                "send `paths` as paths or globs relative to your working directory: paths: [\"src/auth/**\"]"
            }
        };
        Self::of("glob", &error).hint(hint)
    }
}

impl Refusal {
    fn claimed(conflicts: &[Conflict]) -> Self {
        const TOLD: usize = 5;
        let line = |conflict: &Conflict| {
            let theirs = &conflict.theirs;
            let how = if theirs.shared { "shared" } else { "claimed" };
            let (asked, glob, name) = (&conflict.asked, &theirs.glob, &theirs.holder_name);
            format!("`{asked}` overlaps `{glob}`, {how} by {name}{}", until(&theirs.lease))
        };
        let lines: Vec<_> = conflicts.iter().take(TOLD).map(line).collect();
        let mut refusal = Self::new("claimed", budget::cut_to_bytes(&lines.join("; "), 2_000));
        refusal.facts.conflicts = conflicts.iter().take(TOLD).map(ConflictObject::from).collect();
        let refusal = match conflicts {
            [one, ..] if one.theirs.shared => refusal.hint("share it: claim_paths {paths: [...], shared: true}"),
            _ => refusal.hint("choose other paths; who holds what: list_agents {}"),
        };
        refusal.hint("work there nevertheless, and have them told: claim_paths {paths: [...], anyway: true}")
    }

    fn full(full: &Full) -> Self {
        const NAMED: usize = 3;
        let refusal = Self::new("full", full.to_string());
        match full {
            Full::Leases { held, .. } => {
                let oldest =
                    held.iter().take(NAMED).map(|state| format!("`{}`", shown_resource(&state.lease.resource)));
                let oldest = oldest.collect::<Vec<_>>().join(", ");
                refusal.hint(format!(
                    "let go of what you need no longer ({oldest}): release_lock {{name}}, release_paths {{paths}}"
                ))
            }
            Full::Agents { here, .. } => {
                let idle = here.iter().take(NAMED).map(|agent| format!("{} (agent `{}`)", agent.name, agent.id));
                let idle = idle.collect::<Vec<_>>().join(", ");
                refusal.hint(format!("a person ends one that is idle ({idle}): journal --agent ID agent end"))
            }
        }
    }
}

/// Since when and until when, and what the holder says about it.
fn until(lease: &Lease) -> String {
    let note = lease.note.as_deref().and_then(|note| note.lines().next()).map(|note| budget::cut_to_bytes(note, 200));
    let note = note.filter(|note| !note.is_empty()).map(|note| format!("; reason: {note}")).unwrap_or_default();
    let (since, until) = (instant(lease.acquired), instant(lease.expires));
    format!(" (agent `{}`) since {since}, until {until} unless renewed{note}", lease.holder)
}
