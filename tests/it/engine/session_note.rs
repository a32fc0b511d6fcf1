//! The session note belongs to a person: an append changes the lines of its own properties and nothing else.

use insta::assert_snapshot;
use journal_testkit::TestVault;

use super::{World, changes, outcome, think};

/// In a session of one thought whose note says `note` (after its `id:` line), appends a thought, and shows what changed in
/// the session note and what was complained about.
fn appended_to(note: &str) -> String {
    let world = World::over(TestVault::from_fixture(&fixture(note)));
    world.tick();
    let (appended, changes) = world.changes(|| world.think(think("Second").done().in_session("SESSION-1")));
    assert!(appended.is_ok(), "{}", outcome(&appended));
    let edit = changes.split_inclusive('\n').skip_while(|line| !line.starts_with("~ S/Session.md"));
    let edit: String = edit.skip(1).take_while(|line| line.starts_with(' ')).collect();
    format!("{edit}{}", outcome(&appended))
}

fn fixture(note: &str) -> String {
    format!(
        "//- /S/Session.md\n---\nid: SESSION-1\n{note}//- /S/T001 First.md\n---\nid: THOUGHT-1\nsession_note_id: SESSION-1\n\
         thought_number: 1\n---\nFirst\n"
    )
}

#[test]
fn a_persons_notes_keep_their_ways() {
    assert_snapshot!(appended_to(r#"type: thinking-session # mine
title: 'Quoted'
# a comment of its own
see_also: # my links first
    - "[[My note|alias]]"   # why

    - '[[T001 First]]'
status:   active
tags: [a,  b]
empty:
updated: 2026-01-01T00:00:00
---
Body of a person.
"#), @r"
        - status:   active
        +     - '[[T002 Second sion-1]]'
        + status:   done
        - updated: 2026-01-01T00:00:00
        + updated: 2026-11-21T09:00:01
        + agent: otter
        + next_thought_needed: false
    main 2/2, next 3
    ");
    assert_snapshot!(appended_to("see_also: [\"[[T001 First]]\"]\nbranch_ids: []\ntype: thinking-session\n---\n"), @r#"
        - see_also: ["[[T001 First]]"]
        + see_also: ["[[T001 First]]", "[[T002 Second sion-1]]"]
        + updated: 2026-11-21T09:00:01
        + status: done
        + agent: otter
        + next_thought_needed: false
    main 2/2, next 3
    "#);
    assert_snapshot!(appended_to("type: thinking-session\nsee_also: \"[[T001 First]]\"\n---\n"), @r#"
        - see_also: "[[T001 First]]"
        + see_also:
        +   - "[[T001 First]]"
        +   - "[[T002 Second sion-1]]"
        + updated: 2026-11-21T09:00:01
        + status: done
        + agent: otter
        + next_thought_needed: false
    main 2/2, next 3
    "#);
}

#[test]
fn links_to_all_thoughts_are_completed_without_touching_others() {
    let world = World::from_fixture(
        "
         //- /S/Session.md
         ---
         id: SESSION-1
         type: thinking-session
         see_also:
           - \"[[Aside#Top|see]]\"
           - \"[[S/T002 b|second]]\"
         branch_ids:
           - a branch that nobody knows any more and whose name is longer than any may be today
         ---
         //- /S/T001 a.md
         ---
         session_note_id: SESSION-1
         thought_number: 1
         ---
         //- /S/T002 b.md
         ---
         session_note_id: SESSION-1
         thought_number: 2
         ---
        ",
    );
    let (appended, changes) =
        world.changes(|| world.think(think("New").branch("x", Some(2)).in_session("SESSION-1")).unwrap());
    assert_eq!(appended.thoughts, 3);
    let edit = changes.split("+ S/T003").next().unwrap();
    assert_snapshot!(edit, @r#"
    ~ S/Session.md
        +   - "[[T001 a]]"
        +   - "[[T003 New sion-1 x]]"
        +   - x
        + updated: 2026-11-21T09:00:00
        + status: active
        + agent: otter
        + next_thought_needed: true
    "#);
}

#[test]
fn done_and_active_again() {
    let (world, id) = World::with_session("1 2");
    let status = || {
        let note = world.vault.read(&world.session_path());
        let line = |key: &str| note.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("none").trim().to_owned();
        format!("{}, next {}", line("status:"), line("next_thought_needed:"))
    };
    assert_eq!(status(), "active, next true");
    let append = |ask: super::Think| {
        world.tick();
        world.think(ask.in_session(&id)).unwrap();
        status()
    };
    assert_eq!(append(think("aside").branch("a", Some(1)).done()), "active, next true");
    assert_eq!(append(think("end").done()), "done, next false");
    assert_eq!(append(think("aside").branch("a", None).done()), "done, next false");
    assert_eq!(append(think("on")), "active, next true");
    assert_eq!(append(think("end").done()), "done, next false");
    world.edit(&world.session_path(), "status: done", "status: paused");
    assert_eq!(append(think("aside").branch("a", None)), "active, next false");
}

#[test]
fn the_last_thought_ends_the_session_in_the_same_second_as_another() {
    let (world, id) = World::with_session("1 a@1:7");
    world.think(think("end").done().in_session(&id)).unwrap();
    assert!(world.vault.read(&world.session_path()).contains("status: done\n"));
}

#[test]
fn a_person_saves_the_session_note_meanwhile() {
    let (world, id) = World::with_session("1 2");
    let path = world.session_path();
    world.edit(&path, "title: A session\n", "title: Mine # and my comment\nproject: mine\n");
    world.vault.write(&path, world.vault.read(&path) + "A person's words.\n");
    world.tick();
    let appended = world.think(think("Third").in_session(&id)).unwrap();
    assert_eq!(appended.session_title, "Mine");
    let note = world.vault.read(&path);
    assert!(note.contains("title: Mine # and my comment\nproject: mine\n") && note.ends_with("A person's words.\n"));
    assert!(note.contains("[[T003 Third 6tyjgs]]"), "{note}");
}

#[test]
fn a_session_note_with_bom_and_crlf() {
    let world = World::new();
    let note = fixture("type: thinking-session\nsee_also:\n  - \"[[T001 First]]\"\n---\nBody\n");
    for (path, text) in journal_testkit::parse_fixture(&note) {
        let text = if path.contains("Session") { format!("\u{feff}{}", text.replace('\n', "\r\n")) } else { text };
        world.vault.write(&path, text);
    }
    let (appended, changes) = world.changes(|| world.think(think("Second").in_session("SESSION-1")));
    assert_eq!(outcome(&appended), "main 2/2, next 3");
    assert_snapshot!(changes.split("+ S/T002").next().unwrap(), @r#"
    ~ S/Session.md
        +   - "[[T002 Second sion-1]]"␍
        + updated: 2026-11-21T09:00:00␍
        + status: active␍
        + agent: otter␍
        + next_thought_needed: true␍
    "#);
    assert!(world.vault.read("S/Session.md").starts_with("\u{feff}---\r\n"));
}

#[test]
fn a_session_note_that_cannot_be_edited_stays_and_the_thought_is_written() {
    for (note, complaint) in [
        (
            "see_also: &links\n  - \"[[T001 First]]\"\n---\n",
            "not-editable: `S/Session.md`: the value of `see_also` on line 3 uses an anchor, an alias or a tag",
        ),
        (
            "see_also: [\n  \"[[T001 First]]\"]\nbranch_ids: []\n---\n",
            "not-editable: `S/Session.md`: the value of `see_also` on line 3 stands in brackets over several lines",
        ),
        ("see_also: []\nsee_also: []\n---\n", "not-editable: `S/Session.md`: `see_also` on line 4 stands twice"),
    ] {
        assert_eq!(appended_to(note), format!("main 2/2, next 3; {complaint}"));
    }
    let world = World::from_fixture(&fixture("type: thinking-session\n---\n"));
    let latin = [world.vault.read("S/Session.md").as_bytes(), b"\xe9\n"].concat();
    world.vault.write("S/Session.md", &latin);
    let (appended, changes) = world.changes(|| world.think(think("Second").in_session("SESSION-1")));
    assert_eq!(
        outcome(&appended),
        "main 2/2, next 3; not-editable: `S/Session.md`: it is not UTF-8, so it was left as it is"
    );
    assert_eq!(changes::paths(&changes), ["+ S/T002 Second sion-1.md"]);
}

#[test]
fn a_session_note_that_was_deleted_is_not_needed() {
    let (world, id) = World::with_session("1 2");
    let path = world.session_path();
    let text = world.vault.read(&path);
    world.vault.remove(&path);
    let gone = format!("missing-session: the note of session `{id}` is gone; its 3 thoughts are here");
    let (appended, changes) = world.changes(|| world.think(think("Third").in_session(&id)));
    assert_eq!(outcome(&appended), format!("main 3/3, next 4; {gone}"));
    let folder = path.rsplit_once('/').unwrap().0;
    assert_eq!(changes::paths(&changes), [format!("+ {folder}/T003 Third 6tyjgs.md")]);
    assert!(!changes.contains("part_of"), "{changes}");
    // A syncer brings it back: the next thought links what is missing.
    world.vault.write(&path, text);
    let appended = world.think(think("Fourth").in_session(&id));
    assert_eq!(outcome(&appended), "main 4/4, next 5");
    let note = world.vault.read(&path);
    assert!(note.contains("[[T003 Third 6tyjgs]]") && note.contains("[[T004 Fourth 6tyjgs]]"), "{note}");
}

#[test]
fn a_session_that_was_moved_or_copied_meanwhile() {
    let (world, id) = World::with_session("1 2");
    let folder = world.session_path().rsplit_once('/').unwrap().0.to_owned();
    world.vault.rename(&folder, "Archive/Moved");
    let appended = world.think(think("Third").in_session(&id)).unwrap();
    assert_eq!(appended.thought.path.as_str(), "Archive/Moved/T003 Third 6tyjgs.md");
    // A copy of the session note: two notes with one id are no choice to make for somebody who writes.
    let note = world.vault.read("Archive/Moved/2026-11-21 A session 6tyjgs.md");
    world.vault.write("Copy.md", note);
    world.catch_up();
    let (appended, changes) = world.changes(|| world.another_process().append(&think("Fourth").in_session(&id).0));
    assert_eq!((outcome(&appended), changes.as_str()), (format!("refused: 2 notes have the id `{id}`"), ""));
    // Whoever names one of them by its path has chosen.
    let chosen = world.another_process().append(&think("Fourth").in_session("Copy.md").0).unwrap();
    assert_eq!(chosen.session_path.unwrap().as_str(), "Copy.md");
}

#[test]
fn a_conflict_copy_of_a_thought_does_not_count() {
    let (world, id) = World::with_session("1 2");
    let path = world.path_of("T002 Main 2");
    let copy = path.replace(".md", ".sync-conflict-20261121-090000-ABCDEFG.md");
    world.vault.write(&copy, world.vault.read(&path));
    // In the process that knows the session, and in one that does not.
    assert_eq!(outcome(&world.think(think("Third").in_session(&id))), "main 3/3, next 4");
    let appended = world.another_process().append(&think("Fourth").in_session(&id).0);
    assert_eq!(outcome(&appended), "main 4/4, next 5");
    assert_eq!(appended.unwrap().thoughts, 4);
    assert!(!world.vault.read(&world.session_path()).contains("sync-conflict"));
}

#[test]
fn what_changed_since_is_seen_by_the_process_that_remembers() {
    let (world, id) = World::with_session("1 2 3");
    let next = || {
        let preview = world.engine.preview_append(&think("x").in_session(&id).0);
        outcome(&preview)
    };
    assert_eq!(next(), "main 4/4, next 5");
    world.edit(&world.path_of("T003 Main 3"), "thought_number: 3", "thought_number: 5");
    assert_eq!(next(), "main 6/6, next 7");
    let third = world.path_of("T003 Main 3");
    world.vault.write(&third.replace("T003", "T007"), world.vault.read(&third).replace("number: 5", "number: 7"));
    assert_eq!(next(), "main 8/8, next 9", "a note that a syncer brought");
    world.vault.remove(&third.replace("T003", "T007"));
    world.edit(&third, "session_note_id", "former_session");
    assert_eq!(next(), "main 3/3, next 4", "a thought that a person took out of the session");
}
