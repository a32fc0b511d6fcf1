//! Events in words.

use journal_engine::{Event, EventKind};

use super::{one_line, time::Clock};

/// What happened, by whoever it was: `took the lock `deploy``.
pub fn told(event: &Event) -> String {
    told_with(event, "")
}

/// The same to the agent it concerns, with who and when.
pub fn told_to_you(event: &Event, clock: &Clock) -> String {
    let yours = match event.kind {
        EventKind::LockStolen | EventKind::LockPassedOn | EventKind::SessionTakenOver => ", which you had",
        EventKind::LockWaitedFor => ", which you hold",
        EventKind::ClaimConflict => " of yours",
        _ => "",
    };
    format!("{} {} ({})", event.name, told_with(event, yours), clock.instant(event.at))
}

/// That more happened than is told.
pub fn older(number: usize) -> String {
    format!("{number} more things happened before that concern you: journal events --since 0")
}

/// What happened; `yours` follows what it happened to.
fn told_with(event: &Event, yours: &str) -> String {
    let subject = event.subject.as_deref().map(one_line).unwrap_or_default();
    let detail = event.detail.as_deref().map(one_line).unwrap_or_default();
    let what = match event.kind {
        EventKind::AgentStarted => return "is here".to_owned(),
        EventKind::ClaimConflict => return format!("wants `{detail}`, which overlaps the claim `{subject}`{yours}"),
        EventKind::AgentEnded => "has ended".to_owned(),
        EventKind::AgentWaiting => "waits for a person".to_owned(),
        EventKind::SessionOpened => format!("began session {subject}"),
        EventKind::SessionChanged => format!("changed session {subject}"),
        EventKind::SessionTakenOver => format!("took over `{subject}`{yours}"),
        EventKind::LockTaken => format!("took the lock `{subject}`"),
        EventKind::LockReleased => format!("released the lock `{subject}`"),
        EventKind::LockWaitedFor => format!("waits for the lock `{subject}`{yours}"),
        EventKind::LockStolen => format!("took the lock `{subject}`{yours}, by force"),
        EventKind::LockPassedOn => format!("took the lock `{subject}`{yours}, after its holder was gone or late"),
        EventKind::ClaimMade => format!("claimed `{subject}`"),
        EventKind::ClaimReleased => format!("released `{subject}`"),
        EventKind::NoteChanged => format!("wrote {subject}"),
        EventKind::WatchFailed => format!("cannot watch `{subject}`"),
        EventKind::WatchRecovered => return format!("watches `{subject}` again"),
        EventKind::Unknown => format!("did something with `{subject}` that only a newer `journal` knows"),
    };
    if detail.is_empty() { what } else { format!("{what}: {detail}") }
}
