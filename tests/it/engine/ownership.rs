//! Who may think on a line: one agent at a time, until it is done, dead, late, or taken over from.

use std::{thread, time::Duration};

use journal_coord::How;
use journal_engine::{AppendError, Appended, Engine, HoldError};

use super::{START_MS, World, outcome, think};

/// The refusal's facts: who, since when and until when in seconds after the start of the world, who told that it was taken.
#[track_caller]
fn held(appended: Result<Appended, AppendError>) -> String {
    let (kind, held) = match appended {
        Err(AppendError::Hold(HoldError::Held { held, .. })) => ("held", held),
        Err(AppendError::Hold(HoldError::ReasonNeeded { held, .. })) => ("reason needed", held),
        other => panic!("not held: {}", outcome(&other)),
    };
    let seconds = |ms: u64| (ms - START_MS) / 1000;
    let (since, until) = (seconds(held.lease.acquired), seconds(held.lease.expires));
    let taken = held.taken_from_you.map(|taken| format!(", taken from you: {}", taken.reason.unwrap_or_default()));
    format!("{kind} by {} {since}..{until}{}", held.lease.holder, taken.unwrap_or_default())
}

#[test]
fn two_agents_on_one_line() {
    let (world, id) = World::with_session("1 2");
    world.advance(Duration::from_secs(60));
    let ((), changes) = world.changes(|| {
        assert_eq!(held(world.think(think("x").by("crow").in_session(&id))), "held by otter 1..902");
    });
    assert_eq!(changes, "");
    let error = world.think(think("x").by("crow").in_session(&id)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("main of session `{id}` is held by ")), "{error}");
    let other = world.another_process().append(&think("x").by("crow").in_session(&id).0);
    assert_eq!(held(other), "held by otter 1..902");
}

#[test]
fn two_agents_on_two_branches() {
    let (world, id) = World::with_session("1 2");
    let on =
        |name: &str, agent: &str| outcome(&world.think(think(name).by(agent).branch(name, Some(2)).in_session(&id)));
    assert_eq!(on("a", "crow"), "a 3/3, next 4");
    assert_eq!(on("b", "heron"), "b 3/3, next 4");
    assert_eq!(outcome(&world.think(think("on").in_session(&id))), "main 3/3, next 4");
    assert_eq!(held(world.think(think("x").by("heron").branch("a", None).in_session(&id))), "held by crow 2..902");
    let hydrated = world.hydrate(&id).unwrap();
    let owners: Vec<_> = hydrated.owners.iter().map(|owner| format!("{}: {}", owner.line, owner.agent)).collect();
    assert_eq!(owners, ["a: crow", "b: heron", "main: otter"]);
}

#[test]
fn the_same_agent_renews_from_another_process() {
    let (world, id) = World::with_session("1");
    world.advance(Duration::from_secs(600));
    let second = world.another_process().append(&think("x").in_session(&id).0).unwrap();
    assert_eq!(second.lease.unwrap().how, How::Renewed);
    world.advance(Duration::from_secs(600));
    assert_eq!(held(world.think(think("x").by("crow").in_session(&id))), "held by otter 1..1501");
}

#[test]
fn a_line_is_free_again_after_its_time() {
    let (world, id) = World::with_session("1");
    world.advance(Duration::from_secs(899));
    assert_eq!(held(world.think(think("x").by("crow").in_session(&id))), "held by otter 1..901");
    world.advance(Duration::from_secs(1));
    let appended = world.think(think("x").by("crow").in_session(&id)).unwrap();
    let lease = appended.lease.unwrap();
    assert_eq!((lease.how, lease.former.unwrap().id.to_string()), (How::AfterExpiry, "otter".to_owned()));
    assert_eq!(held(world.think(think("y").in_session(&id))), "held by crow 901..1801, taken from you: ");
}

#[test]
fn a_live_holder_is_taken_over_only_with_a_reason() {
    let (world, id) = World::with_session("1");
    let take = |reason| world.think(think("x").by("crow").take_over(reason).in_session(&id));
    assert_eq!(held(take(None)), "reason needed by otter 1..901");
    assert_eq!(held(take(Some("  "))), "reason needed by otter 1..901");
    let lease = take(Some("otter is stuck")).unwrap().lease.unwrap();
    assert_eq!((lease.how, lease.former.unwrap().id.to_string()), (How::TakenOver, "otter".to_owned()));
    // The former holder is told at its next call, and goes on only by taking over in turn.
    let told = "held by crow 1..901, taken from you: otter is stuck";
    assert_eq!(held(world.think(think("y").in_session(&id))), told);
    let back = world.think(think("y").take_over(Some("I was not")).in_session(&id)).unwrap().lease.unwrap();
    assert_eq!(back.taken_from_you.unwrap().reason.as_deref(), Some("otter is stuck"));
}

#[test]
fn an_agent_whose_session_was_taken_over_is_told_instead_of_thinking_on_in_the_one_before() {
    let world = World::new();
    world.think(think("old").number(1)).unwrap();
    world.advance(Duration::from_secs(10));
    let id = world.think(think("new").number(1)).unwrap().session_id.to_string();
    world.advance(Duration::from_secs(10));
    world.think(think("mine").by("crow").in_session(&id).take_over(Some("a demo at noon"))).unwrap();
    assert_eq!(held(world.think(think("on").number(3))), "held by crow 20..920, taken from you: a demo at noon");
}

#[test]
fn a_retry_needs_no_lease() {
    let (world, id) = World::with_session("1 2");
    world.think(think("x").by("crow").take_over(Some("why not")).in_session(&id)).unwrap();
    let replayed = world.think(think("Main 2").number(2).in_session(&id));
    assert_eq!(outcome(&replayed), "main 2/2, next 4, replayed");
}

#[test]
fn who_ends_with_the_call_holds_nothing_and_respects_who_does() {
    let world = World::new();
    let id = world.think(think("First").by("person").once()).unwrap().session_id.to_string();
    assert!(world.hydrate(&id).unwrap().owners.is_empty());
    world.think(think("x").by("crow").in_session(&id)).unwrap();
    assert_eq!(held(world.think(think("y").by("person").once().in_session(&id))), "held by crow 0..900");
    let taken = world.think(think("y").by("person").once().take_over(Some("mine")).in_session(&id)).unwrap();
    assert_eq!(taken.lease.unwrap().how, How::TakenOver);
    assert!(world.hydrate(&id).unwrap().owners.is_empty());
    world.think(think("z").by("crow").in_session(&id)).unwrap();
}

#[test]
fn a_command_of_an_agent_that_goes_on_leaves_its_lease_to_time() {
    let world = World::new();
    let mut command = think("First");
    command.0.caller.serving = false;
    let id = world.think(command).unwrap().session_id.to_string();
    assert_eq!(held(world.think(think("x").by("crow").in_session(&id))), "held by otter 0..900");
}

#[test]
fn a_clock_that_jumps_back_frees_the_line_in_due_time() {
    let (world, id) = World::with_session("1");
    world.advance(Duration::from_secs(86_400));
    world.think(think("tomorrow").in_session(&id)).unwrap();
    world.turn_back(Duration::from_secs(86_400));
    assert_eq!(held(world.think(think("x").by("crow").in_session(&id))), "held by otter 1..901");
    world.advance(Duration::from_secs(900));
    let appended = world.think(think("x").by("crow").in_session(&id));
    assert_eq!(outcome(&appended), "main 3/3, next 4");
    // What was written later by the clock that was ahead does not stand in its way.
    assert_eq!(super::thoughts(&world.hydrate(&id).unwrap()), "1 2 3");
}

#[test]
fn threads_and_processes_at_once_lose_nothing() {
    let (world, id) = World::with_session("1");
    let other = world.another_process();
    let work = |engine: &Engine, worker: u32| {
        for number in 1..=8 {
            let text = format!("{worker} says {number}");
            let (own, shared) = (format!("own-{worker}"), think(&format!("all: {text}")));
            let branch = think(&text).by(&own).branch(&own, Some(1));
            engine.append(&branch.in_session(&id).0).unwrap_or_else(|error| panic!("{text}: {error}"));
            engine.append(&shared.in_session(&id).0).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    };
    thread::scope(|scope| {
        for worker in 0..4 {
            let engine = if worker % 2 == 0 { &world.engine } else { &other };
            let work = &work;
            scope.spawn(move || work(engine, worker));
        }
    });
    let hydrated = world.another_process().hydrate(&super::hydrate(&id)).unwrap();
    assert_eq!(super::complaints(&hydrated.diagnostics), "");
    let numbers = |line: &str| {
        let on_line = hydrated.thoughts.iter().filter(|shown| shown.thought.line.to_string() == line);
        on_line.map(|shown| shown.thought.number.unwrap().get()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("main"), (1..=33).collect::<Vec<_>>());
    for worker in 0..4 {
        assert_eq!(numbers(&format!("own-{worker}")), (2..=9).collect::<Vec<_>>());
    }
    let note = world.vault.read(&world.session_path());
    assert_eq!(note.matches("  - \"[[T").count(), 65, "{note}");
    assert_eq!(hydrated.unresolved_targets, [""; 0]);
}
