//! The append rules: numbers, branches, revisions, retries, and which session a thought joins.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use insta::assert_snapshot;
use journal_engine::{AppendError, AppendThought, Engine, NewSessionChoice, Parts, Settings, UpdateSession};
use journal_model::{NoteRef, Status};
use journal_vault::{RealDisk, StateDir, Vault};

use super::{Think, World, agent, n, outcome, think, thoughts};

/// In a session as `spec` says, thinks `ask` (a word of the same kind) and says what became of it. A refusal changes nothing.
#[track_caller]
fn check(spec: &str, ask: Think, expected: &str) {
    let (world, id) = World::with_session(spec);
    let (appended, changes) = world.changes(|| world.think(ask.in_session(&id)));
    assert_eq!(outcome(&appended), expected);
    if appended.is_err() || appended.is_ok_and(|appended| appended.replayed) {
        assert_eq!(changes, "", "nothing may be written");
    }
}

#[test]
fn a_new_session_is_two_notes_that_say_all() {
    let world = World::new();
    let mut first =
        think("Reproduce the failure first. It comes with 4 threads.\n").tags(&["auth", "#auth", "ci/flaky"]);
    first.0.confidence = Some("high".to_owned());
    first.0.related_files = vec!["src/auth.rs".to_owned(), "a: b.md".to_owned()];
    let choice = NewSessionChoice {
        title: Some("Fix: flaky  auth\ntest?".to_owned()),
        project: Some("journal".to_owned()),
        folder: None,
    };
    let (appended, changes) = world.changes(|| world.think(first.choose(choice).total(5)));
    assert_eq!(outcome(&appended), "main 1/5, next 2, new session");
    assert_snapshot!(changes, @r#"
    + Thinking/2026/2026-11-21 Fix flaky auth test 6tyjgs/2026-11-21 Fix flaky auth test 6tyjgs.md
        ---
        id: 01M7YNAYM0W8GAGEBV3Q6TYJGS
        type: thinking-session
        title: "Fix: flaky auth test?"
        status: active
        project: journal
        agent: otter
        created: 2026-11-21T09:00:00
        updated: 2026-11-21T09:00:00
        tags:
          - thinking/session
          - auth
          - ci/flaky
        see_also:
          - "[[T001 Reproduce the failure first 6tyjgs]]"
        next_thought_needed: true
        ---
    + Thinking/2026/2026-11-21 Fix flaky auth test 6tyjgs/T001 Reproduce the failure first 6tyjgs.md
        ---
        id: 01M7YNAYM0DSW9WTN1Q5JZ9W0J
        type: thought
        title: Reproduce the failure first
        session_note_id: 01M7YNAYM0W8GAGEBV3Q6TYJGS
        part_of: "[[2026-11-21 Fix flaky auth test 6tyjgs]]"
        thought_number: 1
        total_thoughts: 5
        next_thought_needed: true
        confidence: high
        related_files:
          - src/auth.rs
          - "a: b.md"
        created: 2026-11-21T09:00:00
        agent: otter
        tags:
          - thinking/thought
          - auth
          - ci/flaky
        ---
        Reproduce the failure first. It comes with 4 threads.
    "#);
}

#[test]
fn every_property_of_later_thoughts() {
    let (world, id) = World::with_session("1 2");
    world.tick();
    let branch = think("Cache first").branch("cache/first", Some(2)).total(4);
    let (appended, changes) = world.changes(|| world.think(branch.in_session(&id)));
    assert_eq!(outcome(&appended), "cache/first 3/4, next 4");
    assert_snapshot!(changes, @r#"
    ~ Thinking/2026/2026-11-21 A session 6tyjgs/2026-11-21 A session 6tyjgs.md
        - updated: 2026-11-21T09:00:02
        + updated: 2026-11-21T09:00:03
        +   - "[[T003 Cache first 6tyjgs cache first]]"
        + branch_ids:
        +   - cache/first
    + Thinking/2026/2026-11-21 A session 6tyjgs/T003 Cache first 6tyjgs cache first.md
        ---
        id: 01M7YNB1HRZ25VHA3J9J0YRG13
        type: thought
        title: Cache first
        session_note_id: 01M7YNAZK8W8GAGEBV3Q6TYJGS
        part_of: "[[2026-11-21 A session 6tyjgs]]"
        thought_number: 3
        total_thoughts: 4
        next_thought_needed: true
        branch_id: cache/first
        branch_from_thought: 2
        depends_on:
          - "[[T002 Main 2 6tyjgs]]"
        created: 2026-11-21T09:00:03
        agent: otter
        tags:
          - thinking/thought
        ---
        Cache first[no newline]
    "#);
    world.tick();
    let revision = think("Not so").revises(2).number(3).done();
    let (appended, changes) = world.changes(|| world.think(revision.in_session(&id)));
    assert_eq!(outcome(&appended), "main 3/3, next 4");
    assert_snapshot!(changes, @r#"
    ~ Thinking/2026/2026-11-21 A session 6tyjgs/2026-11-21 A session 6tyjgs.md
        - status: active
        + status: done
        - updated: 2026-11-21T09:00:03
        + updated: 2026-11-21T09:00:04
        - next_thought_needed: true
        +   - "[[T003 Not so 6tyjgs]]"
        + next_thought_needed: false
    + Thinking/2026/2026-11-21 A session 6tyjgs/T003 Not so 6tyjgs.md
        ---
        id: 01M7YNB2H03CWRJTJHN1T9Q4JK
        type: thought
        title: Not so
        session_note_id: 01M7YNAZK8W8GAGEBV3Q6TYJGS
        part_of: "[[2026-11-21 A session 6tyjgs]]"
        thought_number: 3
        total_thoughts: 3
        next_thought_needed: false
        is_revision: true
        revises_thought: 2
        supersedes:
          - "[[T002 Main 2 6tyjgs]]"
        depends_on:
          - "[[T002 Main 2 6tyjgs]]"
        created: 2026-11-21T09:00:04
        agent: otter
        tags:
          - thinking/thought
        ---
        Not so[no newline]
    "#);
}

#[test]
fn a_text_is_kept_byte_for_byte_but_for_crlf() {
    for (text, body) in [
        ("no final newline", "no final newline"),
        ("one\n\n\ntwo\n\n", "one\n\n\ntwo\n\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("\n  indented\tand \u{a0}trailing  \n", "\n  indented\tand \u{a0}trailing  \n"),
        ("생각 🧠 e\u{301} \u{200d}", "생각 🧠 e\u{301} \u{200d}"),
        ("---\nid: other\n---\nnot frontmatter", "---\nid: other\n---\nnot frontmatter"),
        ("\u{feff}marked", "\u{feff}marked"),
        ("```\n---\n```", "```\n---\n```"),
    ] {
        let world = World::new();
        let appended = world.think(think(text)).unwrap();
        let note = world.vault.read(appended.thought.path.as_str());
        let (_, rest) = note.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
        assert_eq!(rest, body, "{text:?}");
        let hydrated = world.hydrate(appended.session_id.as_str()).unwrap();
        assert_eq!(hydrated.thoughts[0].text, journal_engine::ThoughtText::Whole(body.to_owned()));
        let again = world.think(think(text).number(1)).unwrap();
        assert!(again.replayed, "{text:?} is found to be there");
    }
}

#[test]
fn a_thought_needs_a_text_of_a_sane_size() {
    let world = World::new();
    let huge = "x".repeat(AppendThought::MAX_BYTES + 1);
    for text in ["", " \n\t", huge.as_str()] {
        let (appended, changes) = world.changes(|| world.think(think(text)));
        assert!(matches!(appended, Err(AppendError::Empty | AppendError::TooLarge { .. })));
        assert_eq!(changes, "");
    }
}

#[test]
fn numbers_count_along_a_line() {
    check("1 2", think("x"), "main 3/3, next 4");
    check("1 2", think("x").number(3), "main 3/3, next 4");
    check("1 2", think("x").total(9), "main 3/9, next 4");
    check("1 2", think("x").total(2), "main 3/3, next 4");
    check("1 2", think("x").number(7).total(4), "main 7/7, next 8, gap from 3");
    check("1 2 5", think("x"), "main 6/6, next 7");
    check("1 2 5", think("x").number(3), "main 3/5, next 6");
    check("1", think("x").number(99_999), "main 99999/99999, next none, gap from 2");
    check("1 99999", think("x"), "refused: main has reached thought 99999, the last there can be");
}

#[test]
fn branches_have_their_own_numbers() {
    check("1 2 3", think("x").branch("a", Some(2)), "a 3/3, next 4");
    check("1 2 3 a@2:3", think("x").branch("a", None), "a 4/4, next 5");
    check("1 2 3 a@2:3", think("x").branch("a", Some(2)), "a 4/4, next 5");
    check("1 2 3 a@2:3", think("x"), "main 4/4, next 5");
    check("1 2 a@1:2 a:3", think("x").branch("b", Some(3)), "b 4/4, next 5");
    check("1 2 a@2:3", think("x").branch("a", Some(1)), "refused: branch `a` leaves thought 2, not 1");
    check("1 2", think("x").branch("a", Some(9)), "refused: there is no thought 9 to branch from; there are 1 to 2");
    check("1 2 a@2:3", think("x").branch("b", None), "refused: there is no branch `b`; there is only `a`");
    check("1 2", think("x").branch("b", None), "refused: there is no branch `b`; the session has no branches");
}

#[test]
fn a_nested_branch_follows_the_thought_it_leaves() {
    let (world, id) = World::with_session("1 2 a@1:2 a:3");
    world.tick();
    let nested = world.think(think("x").branch("b", Some(3)).in_session(&id)).unwrap();
    let note = world.vault.read(nested.thought.path.as_str());
    let left = world.path_of("T003 a 3");
    let stem = left.rsplit('/').next().unwrap().trim_end_matches(".md");
    assert!(note.contains(&format!("depends_on:\n  - \"[[{stem}]]\"\n")), "{note}");
    assert!(note.contains("branch_from_thought: 3\n"), "{note}");
}

#[test]
fn revisions_name_a_thought_that_is_there() {
    check("1 2 3", think("x").revises(2), "main 4/4, next 5");
    check("1 2 a@2:3", think("x").branch("a", None).revises(2), "a 4/4, next 5");
    check("1", think("x").revises(7), "refused: there is no thought 7 to revise; there is only 1");
    check("1 2 a@2:3", think("x").revises(9), "refused: there is no thought 9 to revise; there are 1 to 3");
}

#[test]
fn a_retry_is_answered_as_before_and_writes_nothing() {
    check("1 2 3", think("Main 2").number(2), "main 2/2, next 4, replayed");
    check("1 2 3", think("Main 2\n").number(2), "main 2/2, next 4, replayed");
    check("1 2 a@2:3", think("a 3").number(3).branch("a", Some(2)), "a 3/3, next 4, replayed");
    check("1 2 a@2:3", think("a 3").number(3).branch("a", None), "a 3/3, next 4, replayed");
    check("1 2 a@2:3", think("a 3").number(3), "main 3/3, next 4");
    check("1 2 3", think("else").number(2), "refused: thought 2 of main is there already with another text");
    check(
        "1 2 a@2:3",
        think("else").number(3).branch("a", None),
        "refused: thought 3 of a is there already with another text",
    );
}

#[test]
fn number_taken_names_the_next_free_one() {
    let (world, id) = World::with_session("1 2 a@1:2 a:3");
    let taken = |ask: Think| match world.think(ask.in_session(&id)) {
        Err(AppendError::Refused(refused)) => match refused.refusal {
            journal_model::Refusal::NumberTaken { number, next_free, .. } => (number, next_free),
            other => panic!("{other}"),
        },
        other => panic!("{}", outcome(&other)),
    };
    assert_eq!(taken(think("else").number(1)), (n(1), Some(n(3))));
    assert_eq!(taken(think("else").number(2).branch("a", None)), (n(2), Some(n(4))));
}

#[test]
fn which_session_a_thought_without_one_joins() {
    let world = World::new();
    let first = world.think(think("First")).unwrap();
    let join = |ask: Think| {
        world.tick();
        let appended = world.think(ask);
        let own = appended.as_ref().is_ok_and(|appended| appended.session_id == first.session_id);
        format!("{}{}", outcome(&appended), if own { ", the same session" } else { "" })
    };
    assert_eq!(join(think("Second")), "main 2/2, next 3, the same session");
    assert_eq!(join(think("Third").number(3)), "main 3/3, next 4, the same session");
    assert_eq!(join(think("Aside").branch("a", Some(2))), "a 3/3, next 4, the same session");
    assert_eq!(join(think("Better").revises(3)), "main 4/4, next 5, the same session");
    // A retry of the first thought is not another session.
    assert_eq!(join(think("First").number(1)), "main 1/1, next 5, replayed, the same session");
    // Nobody knows these agents.
    for unknown in [think("x").by("crow"), think("x").once()] {
        let refused = "refused: which session? thought 2 of main begins none";
        assert_eq!(join(unknown.clone().number(2)), refused);
        assert_eq!(
            join(unknown.clone().branch("a", Some(1))),
            "refused: which session? the next thought of a begins none"
        );
        assert_eq!(join(unknown.number(1)), "main 1/1, next 2, new session");
    }
    // A new subject begins a session; from then on it is the agent's.
    assert_eq!(join(think("Something else").number(1)), "main 1/1, next 2, new session");
    assert_eq!(join(think("and on")), "main 2/2, next 3");
}

#[test]
fn who_names_or_resumes_a_session_does_not_think_in_it() {
    let world = World::new();
    let old = world.think(think("Old").number(1)).unwrap().session_id.to_string();
    world.tick();
    let current = world.think(think("Current").number(1)).unwrap().session_id;
    for change in [(Some("Renamed"), None), (None, Some(Status::Paused)), (None, Some(Status::Active))] {
        world.tick();
        let (title, status) = change;
        let change = UpdateSession {
            caller: agent("otter"),
            reference: NoteRef::parse(&old).unwrap(),
            status,
            title: title.map(str::to_owned),
            summary: None,
            takeover: None,
        };
        assert!(world.engine.update_session(&change).unwrap().changed);
        world.tick();
        assert_eq!(world.think(think("where to")).unwrap().session_id, current);
    }
}

#[test]
fn without_ownership_a_thought_joins_the_session_before_all_the_same() {
    let world = World::new();
    let opened = Vault::open(world.vault.path(), Arc::new(RealDisk)).unwrap();
    let state = Some(StateDir::open(world.vault.data_home(), "world", &opened).unwrap());
    let settings = Settings { ownership: Duration::ZERO, ..Settings::default() };
    let engine = Engine::new(Parts { vault: opened, state, source: world.clock.clone(), settings });
    let first = engine.append(&think("First").0).unwrap();
    world.tick();
    assert_eq!(engine.append(&think("Second").0).unwrap().session_id, first.session_id);
}

#[test]
fn a_closed_session_is_left_by_the_next_thought_without_a_number() {
    let world = World::new();
    let first = world.think(think("First").done()).unwrap();
    world.tick();
    let next = world.think(think("New")).unwrap();
    assert_ne!(next.session_id, first.session_id);
    world.tick();
    let back = world.think(think("Back").number(2).in_session(first.session_id.as_str())).unwrap();
    assert_eq!(back.session_id, first.session_id);
}

#[test]
fn what_is_wrong_with_the_current_session_does_not_stop_another() {
    let (world, id) = World::with_session("1");
    world.vault.write("Copy.md", world.vault.read(&world.session_path()));
    world.catch_up();
    let other = world.another_process();
    let joins = other.append(&think("on").0);
    assert_eq!(outcome(&joins), format!("refused: 2 notes have the id `{id}`"));
    assert_eq!(outcome(&other.append(&think("Another").number(1).0)), "main 1/1, next 2, new session");
}

#[test]
fn another_process_of_the_agent_goes_on_in_its_session() {
    let world = World::new();
    let first = world.think(think("First")).unwrap();
    world.tick();
    let second = world.another_process().append(&think("Second").0).unwrap();
    assert_eq!((second.session_id, second.thought.number), (first.session_id.clone(), Some(n(2))));
    // What the first process remembers is brought up to date.
    world.tick();
    let third = world.think(think("Third")).unwrap();
    assert_eq!((third.session_id, third.thought.number), (first.session_id, Some(n(3))));
}

#[test]
fn a_session_is_named_by_any_of_its_thoughts() {
    let (world, id) = World::with_session("1 2");
    let thought = world.path_of("T002 Main 2");
    for reference in
        [id.to_lowercase(), id[16..].to_owned(), thought.clone(), world.session_path(), "Main 2".to_owned()]
    {
        world.tick();
        let appended = world.think(think("x").in_session(&reference)).unwrap_or_else(|e| panic!("{reference}: {e}"));
        assert_eq!(appended.session_id.as_str(), id, "{reference}");
    }
    assert_eq!(thoughts(&world.hydrate(&id).unwrap()), "1 2 3 4 5 6 7");
}

#[test]
fn a_preview_is_what_is_then_written() {
    let preview = |set_up: fn(&World), ask: Think| {
        let (shown, written) = (World::new(), World::new());
        set_up(&shown);
        set_up(&written);
        let preview = shown.changes_nothing(|| shown.engine.preview_append(&ask.0)).unwrap();
        let appended = written.think(ask).unwrap();
        assert_eq!(preview.written, appended.written);
        assert_eq!(preview.replayed, appended.replayed);
        for note in &appended.written {
            assert_eq!(written.vault.read(note.path.as_str()), note.after);
        }
        appended.written.iter().map(|note| note.before.is_some()).collect::<Vec<_>>()
    };
    let two = |world: &World| drop(world.session("1 2"));
    assert_eq!(preview(|_| {}, think("First").new_session("A: title")), [false, false]);
    assert_eq!(preview(|_| {}, think("First").number(1)), [false, false]);
    assert_eq!(preview(two, think("Next").branch("a", Some(1)).tags(&["x"])), [false, true]);
    assert_eq!(preview(two, think("Last").done()), [false, true]);
    assert_eq!(preview(two, think("Main 2").number(2)), [false; 0]);
}

#[test]
fn a_preview_needs_no_state_directory() {
    let world = World::new();
    let reader = super::engine(&world.vault, &world.clock, false);
    for ask in [think("x"), think("x").number(1), think("x").once()] {
        assert!(world.changes_nothing(|| reader.preview_append(&ask.0)).unwrap().session_is_new);
    }
    let refused = reader.append(&think("x").0);
    assert_eq!(outcome(&refused), "refused: this vault was opened for reading only");
}

#[test]
fn a_hundred_sessions_within_one_second() {
    let world = World::new();
    let ids: BTreeSet<String> = (0..100)
        .map(|i| {
            if i % 10 == 0 {
                world.advance(Duration::from_millis(1));
            }
            let text = format!("Session {i}");
            world.think(think(&text).new_session("The same title")).unwrap().session_id.to_string()
        })
        .collect();
    assert_eq!(ids.len(), 100);
    for id in &ids {
        let hydrated = world.hydrate(id).unwrap();
        assert_eq!((hydrated.id.as_str(), thoughts(&hydrated).as_str()), (id.as_str(), "1"));
        assert_eq!(super::complaints(&hydrated.diagnostics), "");
        let by_tail = world.hydrate(&id[20..]).unwrap();
        assert_eq!(by_tail.id, hydrated.id, "the six characters in the names name it");
    }
}

#[test]
fn a_first_thought_that_failed_half_way_is_taken_up_by_its_retry() {
    let world = World::new();
    let appended = world.think(think("First").number(1)).unwrap();
    // As a crash between the two notes leaves it.
    world.vault.remove(appended.thought.path.as_str());
    world.tick();
    let retried = world.another_process().append(&think("First").number(1).0).unwrap();
    assert_eq!(retried.session_id, appended.session_id);
    assert_eq!(retried.thought.path, appended.thought.path, "so the link that is there leads to it");
    let (again, changes) = world.changes(|| world.think(think("First").number(1)));
    assert_eq!((outcome(&again).as_str(), changes.as_str()), ("main 1/1, next 2, replayed", ""));
    world.session_path();
}
