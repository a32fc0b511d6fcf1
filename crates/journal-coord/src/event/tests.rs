//! Events: told in order, to each reader once, to those they concern at their next call, and forgotten in the end.

use super::*;
use crate::{AgentSeen, AgentStatus, Retention, Takeover};

const NOW: u64 = 1_763_700_000_000;

fn open() -> (tempfile::TempDir, Coord) {
    let folder = tempfile::tempdir().unwrap();
    let coord = Coord::open(&folder.path().join("state.db")).unwrap();
    (folder, coord)
}

fn id(name: &str) -> AgentId {
    name.parse().unwrap()
}

fn seen(name: &str) -> AgentSeen {
    AgentSeen { project: Some("den".to_owned()), ..AgentSeen::new(id(name)) }
}

fn lock(agent: &str) -> AcquireLease {
    AcquireLease {
        resource: "lock/deploy".to_owned(),
        agent: seen(agent),
        process: None,
        ttl_ms: 60_000,
        note: Some("the release".to_owned()),
        takeover: None,
    }
}

fn told(events: &[Event]) -> Vec<String> {
    let line = |event: &Event| {
        let about = event.subject.as_ref().map(|subject| format!(" {subject}")).unwrap_or_default();
        let detail = event.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        format!("{} {}{about}{detail}", event.agent, event.kind)
    };
    events.iter().map(line).collect()
}

#[test]
fn a_kind_reads_back() {
    for kind in EventKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(*kind));
    }
    assert!("party".parse::<EventKind>().is_err());
}

#[test]
fn who_waits_for_a_lock_that_was_given_back_is_told_no_more() {
    let (_folder, mut coord) = open();
    let token = coord.acquire(&lock("a"), NOW).unwrap().lease.token;
    let wait = || [NewEvent::about(EventKind::LockWaitedFor, "deploy").told_to(id("a"))];
    coord.touch_agent(&seen("b"), NOW).unwrap();
    let heard = |coord: &mut Coord| told(&coord.heartbeat(&seen("a"), NOW).unwrap().1.events);
    coord.record(&id("b"), &wait(), NOW).unwrap();
    assert_eq!(heard(&mut coord), ["b lock-waited-for deploy"]);
    coord.record(&id("b"), &wait(), NOW).unwrap();
    coord.release("lock/deploy", &id("a"), token, NOW).unwrap();
    assert_eq!(heard(&mut coord), [""; 0]);
    assert_eq!(told(&coord.events(0, 10).unwrap()).iter().filter(|line| line.contains("waited")).count(), 2);
}

#[test]
fn a_kind_that_only_a_newer_program_knows_is_told_as_such() {
    let (_folder, mut coord) = open();
    coord.touch_agent(&seen("a"), NOW).unwrap();
    let event = NewEvent::about(EventKind::NoteChanged, "Gate").told_to(id("a"));
    coord.record(&id("a"), &[event], NOW).unwrap();
    coord.write("meddle", |t| t.execute("UPDATE events SET kind = 'party' WHERE kind = 'note-changed'", [])).unwrap();
    assert_eq!(told(&coord.events(0, 10).unwrap()), ["a agent-started", "a unknown Gate"]);
    assert_eq!(told(&coord.heartbeat(&seen("a"), NOW).unwrap().1.events), ["a unknown Gate"]);
    assert_eq!(coord.unread_events(&id("a"), 10).unwrap().len(), 2);
    assert!(coord.unread_events(&id("a"), 10).unwrap().is_empty());
}

#[test]
fn each_reader_gets_each_event_once() {
    let (_folder, mut coord) = open();
    coord.touch_agent(&seen("a"), NOW).unwrap();
    coord.touch_agent(&seen("b"), NOW).unwrap();
    assert_eq!(told(&coord.unread_events(&id("a"), 10).unwrap()), ["a agent-started", "b agent-started"]);
    assert_eq!(told(&coord.unread_events(&id("b"), 10).unwrap()), ["b agent-started"], "not what was before it");
    coord.acquire(&lock("a"), NOW).unwrap();
    coord.acquire(&lock("a"), NOW).unwrap();
    coord.touch_agent(&AgentSeen { status: Some(AgentStatus::Waiting), ..seen("a") }, NOW).unwrap();
    let unread = coord.unread_events(&id("b"), 1).unwrap();
    assert_eq!(told(&unread), ["a lock-taken deploy: the release"]);
    assert_eq!(told(&coord.unread_events(&id("b"), 10).unwrap()), ["a agent-waiting"]);
    assert_eq!(told(&coord.unread_events(&id("b"), 10).unwrap()), [""; 0]);
    assert_eq!(told(&coord.events(unread[0].seq, 10).unwrap()), ["a agent-waiting"]);
    assert_eq!(told(&coord.last_events(1).unwrap()), ["a agent-waiting"]);
}

#[test]
fn a_holder_that_was_robbed_is_told_once_at_its_next_call() {
    let (_folder, mut coord) = open();
    let token = coord.acquire(&lock("a"), NOW).unwrap().lease.token;
    let reason = Takeover { reason: Some("a sleeps".to_owned()) };
    coord.acquire(&AcquireLease { takeover: Some(reason), ..lock("b") }, NOW + 1).unwrap();
    assert_eq!(told(&coord.heartbeat(&seen("b"), NOW + 2).unwrap().1.events), [""; 0]);
    assert_eq!(told(&coord.heartbeat(&seen("a"), NOW + 2).unwrap().1.events), ["b lock-stolen deploy: a sleeps"]);
    assert_eq!(told(&coord.heartbeat(&seen("a"), NOW + 3).unwrap().1.events), [""; 0]);
    coord.release("lock/deploy", &id("a"), token, NOW).unwrap_err();
    // Time passes it on without a reason.
    coord.acquire(&lock("a"), NOW + 60_001).unwrap();
    assert_eq!(told(&coord.heartbeat(&seen("b"), NOW + 60_002).unwrap().1.events), ["a lock-passed-on deploy"]);
}

#[test]
fn events_are_bounded_by_count_and_age_and_never_renumbered() {
    let (_folder, mut coord) = open();
    coord.touch_agent(&seen("a"), NOW).unwrap();
    let wrote = |n: usize| NewEvent::about(EventKind::NoteChanged, format!("n{n}"));
    coord.record(&id("a"), &(0..20).map(wrote).collect::<Vec<_>>(), NOW).unwrap();
    let keep = Retention { events: 5, ..Retention::default() };
    assert_eq!(coord.sweep(&keep, NOW).unwrap().events, 16);
    let left = coord.events(0, 100).unwrap();
    assert_eq!((left.len(), left[4].seq), (5, 21));
    assert_eq!(coord.sweep(&keep, NOW + keep.keep_ms + 1).unwrap().events, 5);
    coord.record(&id("a"), &[wrote(1)], NOW).unwrap();
    assert!(coord.last_events(1).unwrap()[0].seq > 21);
    coord.record(&id("nobody"), &[wrote(1)], NOW).unwrap();
}

#[test]
fn of_many_notices_the_newest_are_told_and_how_many_there_were_before() {
    let (_folder, mut coord) = open();
    coord.touch_agent(&seen("a"), NOW).unwrap();
    coord.touch_agent(&seen("b"), NOW).unwrap();
    let wants = |n: usize| NewEvent::about(EventKind::ClaimConflict, format!("l{n}")).told_to(id("a"));
    for (sent, older) in [(Notices::MOST, 0), (Notices::MOST + 7, 7), (3, 0)] {
        coord.record(&id("b"), &(0..sent).map(wants).collect::<Vec<_>>(), NOW).unwrap();
        let notices = coord.heartbeat(&seen("a"), NOW + 1).unwrap().1;
        assert_eq!((notices.events.len(), notices.older), (sent - older, older));
        assert_eq!(notices.events.last().unwrap().subject, Some(format!("l{}", sent - 1)));
        assert!(notices.events.is_sorted_by_key(|event| event.seq));
        assert_eq!(coord.heartbeat(&seen("a"), NOW + 2).unwrap().1, Notices::default());
    }
}

#[test]
fn journal_itself_has_events_and_is_no_agent() {
    let (_folder, mut coord) = open();
    let event = NewEvent::about(EventKind::WatchFailed, "vault").saying(Some("no more watches"));
    coord.record_own(&event, NOW).unwrap();
    assert_eq!(told(&coord.events(0, 10).unwrap()), ["journal watch-failed vault: no more watches"]);
    assert_eq!(coord.agents(NOW).unwrap().len(), 0);
}
