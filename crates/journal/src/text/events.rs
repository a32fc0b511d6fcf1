//! Events in words.

use journal_engine::{Event, EventKind};

use super::{one_line, time::Clock};

/// What happened, by whoever it was: `took the lock `deploy``.
pub fn told(event: &Event) -> String {
    let subject = event.subject.as_deref().map(one_line).unwrap_or_default();
    let detail = event.detail.as_deref().map(one_line).unwrap_or_default();
    let saying = |text: String| if detail.is_empty() { text } else { format!("{text}: {detail}") };
    match event.kind {
        EventKind::AgentStarted => "is here".to_owned(),
        EventKind::AgentEnded => saying("has ended".to_owned()),
        EventKind::AgentWaiting => saying("waits for a person".to_owned()),
        EventKind::SessionOpened => saying(format!("began session {subject}")),
        EventKind::SessionChanged => saying(format!("changed session {subject}")),
        EventKind::SessionTakenOver => saying(format!("took over `{subject}`")),
        EventKind::LockTaken => saying(format!("took the lock `{subject}`")),
        EventKind::LockReleased => format!("released the lock `{subject}`"),
        EventKind::LockWaitedFor => saying(format!("waits for the lock `{subject}`")),
        EventKind::LockStolen => saying(format!("took the lock `{subject}` by force")),
        EventKind::LockPassedOn => format!("took the lock `{subject}`, whose holder was gone or late"),
        EventKind::ClaimMade => saying(format!("claimed `{subject}`")),
        EventKind::ClaimReleased => format!("released `{subject}`"),
        EventKind::ClaimConflict => format!("wants `{detail}`, which overlaps the claim `{subject}`"),
        EventKind::NoteChanged => format!("wrote {subject}"),
    }
}

/// The same to the agent it concerns.
pub fn told_to_you(event: &Event, clock: &Clock) -> String {
    let yours = match event.kind {
        EventKind::LockStolen | EventKind::LockPassedOn | EventKind::SessionTakenOver => ", which you had",
        EventKind::LockWaitedFor => ", which you hold",
        EventKind::ClaimConflict => " of yours",
        _ => "",
    };
    format!("{} {}{yours} ({})", event.name, told(event), clock.instant(event.at))
}
