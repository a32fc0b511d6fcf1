//! Hydrating: whatever happened to the notes, the best answer there is, and what is wrong with it.

use journal_engine::{BelongsBy, FoundBy, Hydrate, SessionRefError};
use journal_model::NoteRef;
use journal_testkit::TestVault;

use super::{START_MS, World, complaints, engine, hydrate, think, thoughts};

/// Hydrates `reference` and says how it was found and what it holds.
#[track_caller]
fn found(world: &World, reference: &str) -> String {
    match world.hydrate(reference) {
        Ok(hydrated) => format!("{}: {}", hydrated.found_by.as_str(), thoughts(&hydrated)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_way_to_name_a_session() {
    let (world, id) = World::with_session("1 2");
    world.session("1");
    let (path, thought) = (world.path_of("T002 Main 2"), world.path_of("T002 Main 2"));
    let session = path.rsplit_once('/').unwrap().0;
    let session = format!("{session}/{}.md", session.rsplit('/').next().unwrap());
    let stem = session.rsplit('/').next().unwrap().trim_end_matches(".md").to_owned();
    let thought_id = world.engine.show(&NoteRef::parse(&thought).unwrap()).unwrap().id.unwrap().to_string();
    for (reference, by) in [
        (id.as_str(), "id"),
        (&id.to_lowercase(), "id"),
        (&id[..10], "part-of-id"),
        (&id[20..], "part-of-id"),
        (&id[22..].to_lowercase(), "part-of-id"),
        (&session, "path"),
        (session.trim_end_matches(".md"), "path"),
        (&thought, "path"),
        (&thought_id, "id"),
        (&thought_id[20..], "part-of-id"),
        (&stem, "name"),
        (&stem.to_uppercase(), "name"),
        (&format!("[[{stem}]]"), "name"),
        (&format!("[[{stem}#Heading|alias]]"), "name"),
        (&format!("[[{session}]]"), "name"),
        (&format!("[[{}]]", session.trim_end_matches(".md")), "name"),
        ("Main 2", "name"),
    ] {
        assert_eq!(found(&world, reference), format!("{by}: 1 2"), "{reference}");
        assert_eq!(world.hydrate(reference).unwrap().id.as_str(), id);
    }
    // Both sessions have the title and the year.
    assert_eq!(found(&world, "A session"), "`A session` names 2 notes");
    assert_eq!(found(&world, &id[..4]), format!("`{}` names 2 notes", &id[..4]));
    assert_eq!(found(&world, &id[..3]), format!("no note has the id or name `{}`", &id[..3]));
}

#[test]
fn a_title_that_the_first_thought_shares_means_the_session() {
    let world = World::new();
    let id = world.think(think("Why is it slow?")).unwrap().session_id;
    for reference in ["Why is it slow?", "why is it SLOW?", "[[Why is it slow?]]"] {
        assert_eq!(world.hydrate(reference).unwrap().id, id);
    }
}

#[test]
fn an_id_with_a_path_to_fall_back_to() {
    let (world, id) = World::with_session("1 2");
    let path = world.session_path();
    let with = |id: &str, path: &str| {
        let mut request = hydrate(id);
        request.reference = request.reference.or_path(path).unwrap();
        world.engine.hydrate(&request).map(|hydrated| hydrated.found_by).map_err(|error| error.to_string())
    };
    assert_eq!(with(&id, "gone.md"), Ok(FoundBy::Id));
    assert_eq!(with("01ZZZZZZZZZZZZZZZZZZZZZZZZ", &path), Ok(FoundBy::FallbackPath));
    assert!(with("01ZZZZZZZZZZZZZZZZZZZZZZZZ", "gone.md").is_err());
}

#[test]
fn what_is_no_session() {
    let world = World::from_fixture(
        "
        //- /Plain.md
        ---
        id: PLAIN-NOTE
        ---
        //- /Nothing.md
        text
        ",
    );
    for (reference, says) in [
        ("PLAIN-NOTE", "`Plain.md` is a note, but neither a thinking session nor a thought"),
        ("Plain.md", "`Plain.md` is a note, but neither a thinking session nor a thought"),
        ("Plain", "`Plain.md` is a note, but neither a thinking session nor a thought"),
        ("Nothing", "`Nothing.md` has no `id` in its frontmatter, so no thought can belong to it"),
        ("PLAIN-NOTE-2", "no note has the id or name `PLAIN-NOTE-2`"),
        ("gone/Plain.md", "no note has the id or name `gone/Plain.md`"),
    ] {
        assert_eq!(found(&world, reference), says);
    }
}

#[test]
fn a_typo_is_met_with_what_is_near() {
    let (world, id) = World::with_session("1");
    let near = |typed: &str| match world.hydrate(typed) {
        Err(SessionRefError::Resolve(journal_engine::ResolveError::NotFound { near, .. })) => {
            near.into_iter().filter_map(|note| note.id).map(|id| id.to_string()).collect::<Vec<_>>()
        }
        other => panic!("{typed}: {other:?}"),
    };
    let mut typo = id.clone();
    typo.replace_range(12..13, if &id[12..13] == "X" { "Y" } else { "X" });
    assert_eq!(near(&typo).first(), Some(&id));
    assert_eq!(near(&format!("{}?{}", &id[20..23], &id[24..])), [id.as_str()]);
    assert_eq!(near(&format!("{}?", &id[..9])).len(), 2, "both notes of this second begin so");
    assert_eq!(near("A sesion"), [id.as_str()]);
    assert_eq!(near("something else altogether"), [""; 0]);
}

#[test]
fn notes_that_were_moved_and_renamed() {
    let (world, id) = World::with_session("1 2 a@1:2");
    let session = world.session_path();
    world.vault.rename(&world.path_of("T001 Main 1"), "Elsewhere/Renamed.md");
    world.vault.rename(&session, "Sessions/My own name.md");
    world.edit("Sessions/My own name.md", "title: A session", "title: Another title");
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(thoughts(&hydrated), "1 2 a:2");
    assert_eq!(
        (hydrated.title.as_str(), hydrated.path.unwrap().as_str()),
        ("Another title", "Sessions/My own name.md")
    );
    assert_eq!(hydrated.unresolved_targets, ["T001 Main 1 6tyjgs"]);
    assert_eq!(complaints(&hydrated.diagnostics), "");
    assert_eq!(hydrated.thoughts.iter().filter(|thought| thought.belongs_by == BelongsBy::Property).count(), 3);
    assert_eq!(found(&world, "Another title"), "name: 1 2 a:2");
    world.vault.rename(session.rsplit_once('/').unwrap().0, "Sessions/Folder");
    assert_eq!(found(&world, &id), "id: 1 2 a:2");
}

#[test]
fn a_session_note_that_is_gone() {
    let (world, id) = World::with_session("1 2");
    world.vault.remove(&world.session_path());
    for reference in [id.as_str(), &id[20..], "Main 2", &world.path_of("T001 Main 1")] {
        let hydrated = world.hydrate(reference).unwrap();
        assert_eq!((hydrated.path.clone(), thoughts(&hydrated).as_str()), (None, "1 2"), "{reference}");
        let gone = format!("missing-session: the note of session `{id}` is gone; its 2 thoughts are here");
        assert_eq!(complaints(&hydrated.diagnostics), gone);
    }
}

#[test]
fn a_thought_that_is_missing() {
    let (world, id) = World::with_session("1 2 3 4");
    world.vault.remove(&world.path_of("T002 Main 2"));
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(thoughts(&hydrated), "1 3 4");
    assert_eq!(hydrated.unresolved_targets, ["T002 Main 2 6tyjgs"]);
    assert_eq!(complaints(&hydrated.diagnostics), "missing-thought: thoughts are missing: 2 of main");
}

#[test]
fn ids_that_stand_twice() {
    let (world, id) = World::with_session("1 2");
    let (session, thought) = (world.session_path(), world.path_of("T002 Main 2"));
    world.vault.write("A copy.md", world.vault.read(&session));
    world.catch_up();
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(hydrated.path.as_ref().unwrap().as_str(), session, "the one beside the thoughts");
    assert_eq!(thoughts(&hydrated), "1 2");
    assert_eq!(
        complaints(&hydrated.diagnostics),
        format!("duplicate-id: id `{id}` stands in `A copy.md` and `{session}`")
    );
    assert_eq!(world.hydrate("A copy.md").unwrap().path.unwrap().as_str(), "A copy.md");
    world.vault.remove("A copy.md");
    world.vault.write("A copy.md", world.vault.read(&thought));
    let said = complaints(&world.hydrate(&id).unwrap().diagnostics);
    assert!(said.starts_with("duplicate-id: id `01"), "{said}");
    assert!(
        said.ends_with(&format!("duplicate-number: thought 2 stands twice on main: `A copy.md` and `{thought}`")),
        "{said}"
    );
}

#[test]
fn conflict_copies_are_told_and_do_not_count() {
    let (world, id) = World::with_session("1 2");
    let (session, thought) = (world.session_path(), world.path_of("T002 Main 2"));
    let mut copies = Vec::new();
    for path in [&session, &thought] {
        let copy = path.replace(".md", " (Ann's conflicted copy 2026-11-21).md");
        world.vault.write(&copy, world.vault.read(path));
        copies.push(format!("duplicate-id: `{copy}` is a conflict copy of `{path}`"));
    }
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!((thoughts(&hydrated).as_str(), hydrated.path.unwrap().as_str()), ("1 2", session.as_str()));
    assert_eq!(complaints(&hydrated.diagnostics), copies.join("\n"));
    // The original moved: its copy is still one. The original is gone: the copy is what there is.
    world.vault.rename(&thought, "Elsewhere/T002.md");
    assert_eq!(found(&world, &id), "id: 1 2");
    world.vault.remove("Elsewhere/T002.md");
    world.vault.remove(&session);
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!((thoughts(&hydrated).as_str(), complaints(&hydrated.diagnostics).as_str()), ("1 2", ""));
}

#[test]
fn thoughts_without_a_session_belong_by_link() {
    let world = World::from_fixture(
        "
        //- /S.md
        ---
        id: SESSION-1
        type: thinking-session
        see_also:
          - \"[[One]]\"
          - \"[[deep/Two|second]]\"
          - \"[[Foreign]]\"
          - \"[[Plain#Top]]\"
          - \"[[Gone]]\"
          - \"[[Twin]]\"
        ---
        //- /One.md
        ---
        thought_number: 1
        ---
        //- /x/deep/Two.md
        ---
        type: thought
        thought_number: two
        ---
        //- /Foreign.md
        ---
        session_note_id: SESSION-2
        thought_number: 3
        ---
        //- /Plain.md
        //- /a/Twin.md
        //- /b/Twin.md
        ",
    );
    let hydrated = world.hydrate("SESSION-1").unwrap();
    assert_eq!(thoughts(&hydrated), "? 1");
    assert!(hydrated.thoughts.iter().all(|thought| thought.belongs_by == BelongsBy::Link));
    let linked: Vec<_> = hydrated.linked.iter().map(|target| format!("{} {}", target.link, target.path)).collect();
    assert_eq!(linked, ["[[Foreign]] Foreign.md", "[[Plain#Top]] Plain.md"]);
    assert_eq!(hydrated.unresolved_targets, ["Gone"]);
    let twins = ["a/Twin.md", "b/Twin.md"].map(|path| path.parse().unwrap()).to_vec();
    assert_eq!(hydrated.ambiguous_targets, [("Twin".to_owned(), twins)]);
    let said = complaints(&hydrated.diagnostics);
    assert!(said.starts_with("invalid-thought: `x/deep/Two.md`: `thought_number`: `two` is not the number"), "{said}");
}

#[test]
fn a_broken_thought_costs_only_itself() {
    let (world, id) = World::with_session("1 2 3");
    let path = world.path_of("T002 Main 2");
    world.edit(&path, "title: Main 2\n", "title: [unclosed\n\tbad: tab\n");
    world.edit(&path, "total_thoughts: 2", "total_thoughts: many");
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(thoughts(&hydrated), "1 2 3");
    assert_eq!(hydrated.thoughts[1].text, journal_engine::ThoughtText::Whole("Main 2".to_owned()));
    let codes: Vec<_> = hydrated.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    assert!(
        codes.contains(&"invalid-yaml") && codes.contains(&"invalid-thought"),
        "{}",
        complaints(&hydrated.diagnostics)
    );
    assert!(hydrated.diagnostics.iter().all(|diagnostic| diagnostic.message.contains(&path)));
}

#[test]
fn a_line_says_its_own_next_number_and_one_that_is_not_there_is_refused() {
    let (world, id) = World::with_session("1 2 a@1:2 a@1:3!");
    let line = |name: &str| world.engine.hydrate(&Hydrate { line: Some(name.parse().unwrap()), ..hydrate(&id) });
    let next = |name: &str| line(name).map(|found| (found.next_number.unwrap().get(), found.next_needed)).unwrap();
    assert_eq!((next("main"), next("a")), ((3, true), (4, false)));
    assert_eq!(line("b").unwrap_err().to_string(), "there is no branch `b`; there is only `a`");
}

#[test]
fn what_a_person_wrote_into_the_session_note() {
    let (world, id) = World::with_session("1 a@1:2 2!");
    let path = world.session_path();
    world.vault.write(&path, world.vault.read(&path) + "\n# My view\n\nIt works.\n");
    world.edit(&path, "status: done", "status: done\nsummary: It was the cache\nproject: journal");
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(hydrated.body.as_deref(), Some("# My view\n\nIt works."));
    assert_eq!((hydrated.summary.as_deref(), hydrated.project.as_deref()), (Some("It was the cache"), Some("journal")));
    assert_eq!((hydrated.status, hydrated.next_needed, hydrated.total), (journal_model::Status::Done, false, 3));
    assert_eq!(hydrated.created.as_deref(), Some("2026-11-21T09:00:01"));
    assert_eq!(hydrated.updated.as_deref(), Some("2026-11-21T09:00:03"));
    let branches: Vec<_> = hydrated.branches.iter().map(|branch| (branch.name.as_str(), branch.open)).collect();
    assert_eq!(branches, [("a", true)]);
    let owner = &hydrated.owners[0];
    assert_eq!((owner.since_ms, owner.until_ms), (START_MS + 2_000, START_MS + 2_000 + 900_000));
}

#[test]
fn reading_changes_nothing_and_needs_no_state() {
    let (world, id) = World::with_session("1 2 a@1:2");
    let reader = engine(&world.vault, &world.clock, false);
    for reference in [id.as_str(), "nothing", &world.session_path()] {
        let read = |engine: &journal_engine::Engine| {
            engine.hydrate(&hydrate(reference)).map(|hydrated| thoughts(&hydrated)).map_err(|error| error.to_string())
        };
        let with_state = world.changes_nothing(|| read(&world.engine));
        assert_eq!(world.changes_nothing(|| read(&reader)), with_state);
        assert_eq!(world.changes_nothing(|| read(&world.another_process())), with_state);
    }
    let untouched = World::over(TestVault::from_folder(world.vault.path()));
    untouched.changes_nothing(|| untouched.hydrate(&id).unwrap());
}

#[test]
fn an_unreadable_database_costs_only_who_holds() {
    let (world, id) = World::with_session("1 2");
    let world = World::over(world.vault.on_another_machine());
    std::fs::write(world.vault.data_home().join("world/state.db"), "not a database").unwrap();
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(thoughts(&hydrated), "1 2");
    let said = complaints(&hydrated.diagnostics);
    assert!(said.starts_with("database: who holds this session is not known"), "{said}");
}

#[test]
fn a_vault_that_vanished_is_no_empty_one() {
    let (world, id) = World::with_session("1");
    std::fs::rename(world.vault.path(), world.vault.root().join("away")).unwrap();
    let error = world.hydrate(&id).unwrap_err().to_string();
    assert!(error.contains("vanished"), "{error}");
    let error = world.think(think("x").in_session(&id)).unwrap_err().to_string();
    assert!(error.contains("vanished"), "{error}");
    assert!(!world.vault.path().exists());
}
