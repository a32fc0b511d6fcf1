//! Vaults and notes that are gone, parts of a vault, and two runs at once.

use std::{fs, thread, time::Duration};

use journal_engine::{Fresh, OsLock, Reindex, ReindexError, StateDir};
use journal_testkit::{TestVault, poll_until};

use super::world::{assert_rebuilt, dump, engine_over, everything, read, reindex, settle, try_reindex};

/// What nobody allowed to forget notes.
fn careful() -> Reindex {
    Reindex { allow_prune: false, ..everything() }
}

/// A vault with this many notes in two folders.
fn vault(notes: usize) -> TestVault {
    let world = TestVault::new();
    for n in 0..notes {
        world.write(&format!("{}/Note {n}.md", ["A", "B"][n % 2]), format!("# Note {n}\n\nSee [[Note {}]].\n", n / 2));
    }
    world
}

#[test]
fn a_vault_that_vanished_empties_nothing() {
    let world = vault(30);
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    let before = dump(&engine);
    let (path, away) = (world.path().to_owned(), world.root().join("away"));
    fs::rename(&path, &away).unwrap();
    for is_mount_point in [false, true] {
        // The disk is gone, or the empty folder it was mounted on is there.
        if is_mount_point {
            fs::create_dir(&path).unwrap();
        }
        for request in [everything(), Reindex { full: true, ..everything() }, careful()] {
            let error = try_reindex(&engine, &request).unwrap_err();
            assert!(matches!(error, ReindexError::Trouble(_)), "{error:?}");
        }
        assert_eq!(dump(&engine).iter().filter(|line| line.starts_with("note\t")).count(), 30);
    }
    fs::remove_dir(&path).unwrap();
    fs::rename(&away, &path).unwrap();
    settle(world.path());
    reindex(&engine, &careful());
    assert_rebuilt(&world, &engine, "after the vault is back");
    assert_eq!(dump(&engine).len(), before.len());
}

#[test]
fn an_empty_folder_under_a_new_engine_empties_nothing_without_leave() {
    let world = vault(30);
    reindex(&engine_over(&world), &everything());
    for folder in ["A", "B"] {
        world.remove(folder);
    }
    let engine = engine_over(&world);
    let error = try_reindex(&engine, &careful()).unwrap_err();
    assert!(matches!(error, ReindexError::Vanished { gone: 30, indexed: 30 }), "{error:?}");
    assert_eq!(read(&engine, |index| index.count()), 30);
    assert_eq!(reindex(&engine, &everything()).deleted, 30);
    assert_eq!(read(&engine, |index| index.count()), 0);
}

#[test]
fn a_fifth_may_go_and_twenty_and_no_more_of_both() {
    for (notes, gone, is_refused) in
        [(100, 20, false), (100, 21, true), (200, 40, false), (200, 41, true), (20, 20, false)]
    {
        let world = vault(notes);
        let engine = engine_over(&world);
        reindex(&engine, &everything());
        for n in 0..gone {
            world.remove(&format!("{}/Note {n}.md", ["A", "B"][n % 2]));
        }
        world.write("New.md", "new\n");
        let outcome = try_reindex(&engine, &careful());
        let case = format!("{gone} of {notes}: {outcome:?}");
        assert_eq!(outcome.is_err(), is_refused, "{case}");
        // What is there is indexed all the same.
        let left = if is_refused { notes } else { notes - gone };
        assert_eq!(read(&engine, |index| index.count()), left as u64 + 1, "{case}");
        settle(world.path());
        reindex(&engine, &everything());
        assert_rebuilt(&world, &engine, &case);
    }
}

#[test]
fn what_was_seen_to_go_is_forgotten_and_stands_for_nothing_else() {
    let world = vault(60);
    settle(world.path());
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    // A drive below `A` is gone, and somebody removed one note elsewhere.
    world.remove("A");
    world.remove("B/Note 1.md");
    let seen_to_go = ["B/Note 1.md".to_owned()].into();
    let error = try_reindex(&engine, &Reindex { seen_to_go, ..careful() }).unwrap_err();
    assert!(matches!(error, ReindexError::Vanished { gone: 30, indexed: 60 }), "{error:?}");
    assert_eq!(read(&engine, |index| index.count()), 59, "the one that was seen to go is forgotten");
    // A folder that was seen to go stands for all in it, and not for its neighbours.
    let seen = |folder: &str| Reindex { seen_to_go: [folder.to_owned()].into(), ..careful() };
    assert!(matches!(try_reindex(&engine, &seen("A2")).unwrap_err(), ReindexError::Vanished { gone: 30, .. }));
    assert_eq!(reindex(&engine, &seen("A")).deleted, 30);
    assert_rebuilt(&world, &engine, "after both");
}

#[test]
fn a_moved_folder_is_not_gone_however_large() {
    let world = vault(60);
    let engine = engine_over(&world);
    reindex(&engine, &careful());
    world.rename("A", "C/D");
    settle(world.path());
    let report = reindex(&engine, &careful());
    assert_eq!((report.moved.len(), report.deleted, report.added, report.changed), (30, 0, 0, 0), "{report:?}");
    assert_rebuilt(&world, &engine, "after the move");
}

#[test]
fn a_part_is_brought_up_to_date_and_nothing_else() {
    let world = vault(12);
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    world.write("A/New.md", "# New\n");
    world.write("B/New too.md", "# New too\n");
    world.remove("A/Note 0.md");
    world.remove("B/Note 1.md");
    world.rename("B/Note 3.md", "A/From B.md");
    let report = reindex(&engine, &Reindex { paths: vec!["A/".to_owned()], ..everything() });
    assert_eq!((report.added, report.deleted, report.moved.len()), (1, 1, 1), "{report:?}");
    let knows = |path: &str| read(&engine, |index| index.by_path(&path.parse().unwrap())).len();
    assert_eq!(["A/New.md", "A/From B.md", "B/Note 1.md"].map(knows), [1, 1, 1]);
    assert_eq!(["B/New too.md", "A/Note 0.md", "B/Note 3.md"].map(knows), [0, 0, 0]);
    // A part may be named as its person sees it, and one that is not there is none.
    let absolute = world.join("B/New too.md").to_string_lossy().into_owned();
    assert_eq!(reindex(&engine, &Reindex { paths: vec![absolute], ..everything() }).added, 1);
    assert_eq!(reindex(&engine, &Reindex { paths: vec!["Nowhere".to_owned()], ..everything() }).seen, 0);
    for outside in ["../x", "A/../../x.md", "/etc"] {
        let error = try_reindex(&engine, &Reindex { paths: vec![outside.to_owned()], ..everything() }).unwrap_err();
        assert!(matches!(error, ReindexError::Scope(_)), "{outside}: {error:?}");
    }
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "in the end");
}

#[test]
fn of_two_runs_one_waits_or_says_who_is_at_work() {
    let world = vault(40);
    let (one, other) = (engine_over(&world), engine_over(&world));
    let state = StateDir::open(world.data_home(), "nothing-lost", one.vault()).unwrap();
    let at_work = state.lock(OsLock::Reindex, Duration::ZERO, "somebody (process 1)").unwrap();
    let error = try_reindex(&one, &Reindex { wait: Duration::ZERO, ..everything() }).unwrap_err();
    let ReindexError::Busy { holder } = &error else { panic!("{error:?}") };
    assert_eq!(holder.as_deref(), Some("somebody (process 1)"));
    assert_eq!(error.to_string(), "another reindex is at work (`somebody (process 1)`)");
    thread::scope(|scope| {
        let runs = [&one, &other].map(|engine| scope.spawn(move || reindex(engine, &everything())));
        drop(at_work);
        let reports = runs.map(|run| run.join().unwrap());
        let built = reports.iter().filter(|report| report.fresh == Fresh::Built).count();
        assert_eq!((built, reports[0].seen, reports[1].seen), (1, 40, 40), "{reports:?}");
    });
    settle(world.path());
    reindex(&one, &everything());
    assert_rebuilt(&world, &other, "after two runs");
}

#[test]
fn whoever_only_reads_waits_for_no_run() {
    let world = vault(20);
    let engine = engine_over(&world);
    reindex(&engine, &everything());
    let state = StateDir::open(world.data_home(), "nothing-lost", engine.vault()).unwrap();
    let _run = state.lock(OsLock::Reindex, Duration::ZERO, "a long run").unwrap();
    let _write = state.lock(OsLock::Write, Duration::ZERO, "a long write").unwrap();
    let reader = engine_over(&world);
    poll_until(Duration::from_secs(5), "a read beside a run and a write", || {
        let found = reader.show(&journal_model::NoteRef::parse("A/Note 4.md").unwrap()).unwrap();
        (found.title == "Note 4").then_some(())
    });
    assert_eq!(reader.check_index(&|_| {}).unwrap().seen, 20);
}
