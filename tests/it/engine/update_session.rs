//! Closing, pausing, resuming and renaming a session.

use insta::assert_snapshot;
use journal_engine::{UpdateSession, UpdateSessionError};
use journal_model::{NoteRef, Status};

use super::{World, agent, think};

fn update(reference: &str) -> UpdateSession {
    UpdateSession {
        caller: agent("otter"),
        reference: NoteRef::parse(reference).unwrap(),
        status: None,
        title: None,
        summary: None,
        takeover: None,
    }
}

fn status(reference: &str, status: Status) -> UpdateSession {
    UpdateSession { status: Some(status), ..update(reference) }
}

#[test]
fn only_the_lines_asked_for_change() {
    let (world, id) = World::with_session("1 2");
    let path = world.session_path();
    world.edit(&path, "title: A session\n", "title: 'A session'   # mine\n");
    world.vault.write(&path, world.vault.read(&path) + "A person's words.\n");
    world.tick();
    let close = UpdateSession {
        summary: Some("It was: the cache".to_owned()),
        title: Some("It's \"done\"".to_owned()),
        ..status(&id[20..], Status::Done)
    };
    let (updated, changes) = world.changes(|| world.engine.update_session(&close).unwrap());
    assert_eq!((updated.was, updated.status, updated.changed), (Status::Active, Status::Done, true));
    assert_eq!((updated.title.as_str(), updated.path.as_str()), ("It's \"done\"", path.as_str()));
    assert_snapshot!(changes, @r#"
    ~ Thinking/2026/2026-11-21 A session 6tyjgs/2026-11-21 A session 6tyjgs.md
        - title: 'A session'   # mine
        - status: active
        + title: 'It''s "done"'   # mine
        + status: done
        - updated: 2026-11-21T09:00:02
        + updated: 2026-11-21T09:00:03
        + summary: "It was: the cache"
    "#);
    world.tick();
    let (again, changes) = world.changes(|| world.engine.update_session(&close).unwrap());
    assert_eq!((again.changed, changes.as_str()), (false, ""));
}

#[test]
fn every_status_and_back() {
    let (world, id) = World::with_session("1");
    let mut was = Status::Active;
    for now in [Status::Paused, Status::Active, Status::Abandoned, Status::Done, Status::Active] {
        let updated = world.engine.update_session(&status(&id, now)).unwrap();
        assert_eq!((updated.was, updated.status), (was, now));
        let hydrated = world.hydrate(&id).unwrap();
        assert_eq!(hydrated.status, now);
        assert_eq!(hydrated.owners.len(), usize::from(now.is_open()), "a closed session is held by nobody");
        was = now;
    }
}

#[test]
fn a_thought_takes_a_paused_session_up_again() {
    let (world, id) = World::with_session("1");
    world.engine.update_session(&status(&id, Status::Paused)).unwrap();
    world.think(think("on").in_session(&id)).unwrap();
    assert_eq!(world.hydrate(&id).unwrap().status, Status::Active);
}

#[test]
fn who_thinks_on_the_main_line_is_not_disturbed() {
    let (world, id) = World::with_session("1 2");
    let mut close = status(&id, Status::Done);
    close.caller = agent("crow");
    let (refused, changes) = world.changes(|| world.engine.update_session(&close));
    assert!(matches!(refused, Err(UpdateSessionError::Hold(_))), "{refused:?}");
    assert_eq!(changes, "");
    close.takeover = Some(journal_coord::Takeover { reason: Some("otter is gone".to_owned()) });
    assert_eq!(world.engine.update_session(&close).unwrap().status, Status::Done);
}

#[test]
fn what_cannot_be_changed_says_why() {
    let (world, id) = World::with_session("1 2");
    let path = world.session_path();
    let refused = |request: &UpdateSession| {
        let (refused, changes) = world.changes(|| world.engine.update_session(request));
        assert_eq!(changes, "");
        refused.unwrap_err().to_string()
    };
    assert_eq!(refused(&status("nothing here", Status::Done)), "no note has the id or name `nothing here`");
    world.edit(&path, "status: active", "status: &here active");
    let anchored =
        format!("`{path}` was left as it is: the value of `status` on line 5 uses an anchor, an alias or a tag");
    assert_eq!(refused(&status(&id, Status::Done)), anchored);
    world.edit(&path, "status: &here active", "status: active");
    world.vault.write("Copy.md", world.vault.read(&path));
    world.catch_up();
    assert_eq!(refused(&status(&id, Status::Done)), format!("2 notes have the id `{id}`"));
    world.vault.remove("Copy.md");
    world.vault.remove(&path);
    let gone = format!("the note of session `{id}` is gone, so nothing can be written in it");
    assert_eq!(refused(&status(&id, Status::Done)), gone);
}

#[test]
fn the_list_of_sessions() {
    let world = World::new();
    let first = world.session("1 2 a@1:2");
    let second = world.session("1");
    world.engine.update_session(&status(&second, Status::Done)).unwrap();
    world.vault.write("Plain.md", "text");
    let lost = world.session("1 2");
    let lost_note = world.hydrate(&lost).unwrap().path.unwrap();
    world.vault.remove(lost_note.as_str());
    let list = |filter: journal_engine::SessionFilter| {
        let listed = world.changes_nothing(|| world.engine.sessions(&filter)).unwrap();
        assert_eq!(listed.notes, 9);
        let named = |id: &journal_model::NoteId| match id.as_str() {
            id if id == first => "first",
            id if id == second => "second",
            _ => "lost",
        };
        let line = |session: &journal_engine::SessionSummary| {
            format!("{} {} {}+{}", named(&session.id), session.status, session.thoughts, session.branches)
        };
        listed.sessions.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(list(Default::default()), ["lost active 2+0", "second done 1+0", "first active 3+1"]);
    let closed = journal_engine::SessionFilter { statuses: vec![Status::Done], ..Default::default() };
    assert_eq!(list(closed), ["second done 1+0"]);
    let project = journal_engine::SessionFilter { project: Some("journal".to_owned()), ..Default::default() };
    assert_eq!(list(project), [""; 0]);
}
