//! From an empty folder to a session that is closed, as a person sees it.

use journal_testkit::TestVault;

use super::{everything, nobody, otter, tail, think};

#[test]
fn a_demonstration_ends_with_a_session_on_screen() {
    let vault = TestVault::new();
    let journal = nobody(&vault);
    let output = journal.run(&["init", "--demo", "demo"]).assert_ok();
    insta::assert_snapshot!(output.transcript());
    let demo = vault.join("demo");
    let before = vault.snapshot();
    let inside = journal.in_folder(&demo);
    insta::assert_snapshot!("where_a_demonstration_stands", inside.run::<&str>(&[]).assert_ok().transcript());
    insta::assert_snapshot!(
        "a_demonstration_fills_only_a_new_folder",
        journal.run(&["init", "--demo", "demo"]).assert_status(2).transcript()
    );
    assert_eq!(vault.snapshot(), before);
}

#[test]
fn a_vault_is_found_upward_and_made_in_place() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n//- /Notes/One.md\n# One\n");
    let journal = nobody(&vault).in_folder(&vault.join("Notes"));
    insta::assert_snapshot!("a_vault_that_was_never_written_to", journal.run::<&str>(&[]).assert_ok().transcript());
    insta::assert_snapshot!("a_vault_is_made_in_place", journal.run(&["init"]).assert_ok().transcript());
    insta::assert_snapshot!("a_vault_is_made_once", journal.run(&["init"]).assert_ok().transcript());
    let nowhere = TestVault::new();
    insta::assert_snapshot!("no_vault", nobody(&nowhere).run::<&str>(&[]).assert_status(2).transcript());
}

#[test]
fn a_session_from_its_first_thought_to_its_end() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n//- /Auth.md\n# Auth\n");
    let journal = otter(&vault);
    let mut shown = Vec::new();
    let mut say = |arguments: &[&str], status: i32| {
        shown.push(journal.run(arguments).assert_status(status).transcript());
    };
    say(
        &[
            "think",
            "It fails one run in ten.\n\nOnly on the first run of a day.",
            "--title",
            "Fix the flaky test",
            "--project",
            "api",
        ],
        0,
    );
    let list = journal.run(&["sessions", "--json"]).assert_ok().stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let id = list["sessions"][0]["id"].as_str().unwrap().to_owned();
    let session = tail(&id);
    let session = session.as_str();
    say(&["think", "--session", session, "The cache is cold then."], 0);
    say(
        &[
            "think",
            "-s",
            session,
            "--revises",
            "2",
            "The clock is mocked then, the cache is innocent.",
            "--confidence",
            "high",
        ],
        0,
    );
    say(&["think", "-s", session, "--branch", "warm", "--from", "2", "What if the cache were always warm?"], 0);
    say(&["think", "-s", session, "-n", "2", "The cache is cold then."], 0);
    say(&["think", "-s", session, "-n", "2", "Something else."], 3);
    say(&["think", "-s", session, "-n", "6", "Pass the clock in.", "--file", "src/auth.rs", "--tag", "auth"], 0);
    say(&["think", "-s", session, "--revises", "40", "No."], 1);
    say(&["think", "-s", session, "--branch", "cold", "No."], 1);
    say(&["think", "-s", session, "--branch", "warm", "--from", "1", "No."], 3);
    say(&["think", "-n", "3", "--title", "Not a first thought", "No."], 2);
    say(&["think", "-s", session, "   "], 2);
    insta::assert_snapshot!("thinking", shown.join("\n"));

    let journal =
        journal.filter(&id.to_lowercase(), "[id in lower case]").filter(&format!(r"\b{}\b", &id[..12]), "[head]");
    let show = |arguments: &[&str]| journal.run(arguments).assert_ok().transcript();
    insta::assert_snapshot!("hydrated_by_the_tail_of_its_id", show(&["hydrate", session]));
    insta::assert_snapshot!("hydrated_branch", show(&["hydrate", &id.to_lowercase(), "--branch", "warm"]));
    insta::assert_snapshot!("hydrated_in_full", show(&["hydrate", &id[..12], "--branch", "main", "--all"]));
    insta::assert_snapshot!(
        "hydrated_into_a_small_budget",
        show(&["hydrate", "Fix the flaky test", "--max-tokens", "90"])
    );
    insta::assert_snapshot!(
        "sessions_and_notes",
        [
            show(&["sessions"]),
            show(&["sessions", "--status", "done"]),
            show(&["sessions", "--project", "API", "--status", "active"]),
            show(&["show", "Auth"]),
            show(&["show", &id]),
        ]
        .join("\n")
    );
    insta::assert_snapshot!(
        "changing_a_session",
        [
            show(&["session", "pause", session]),
            show(&["session", "resume", session]),
            show(&["session", "rename", session, "The mocked clock"]),
            show(&["session", "close", session, "--summary", "Pass the clock in."]),
            show(&["think", "-s", session, "--branch", "warm", "--done", "Not needed any more."]),
            show(&["session", "close", session, "--abandoned"]),
            show(&["relocate", session, "Archive/"]),
            show(&["hydrate", session]),
        ]
        .join("\n")
    );
}

#[test]
fn a_ref_that_names_no_one_session() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n//- /Plan.md\n---\nid: plan-2026\n---\nText.\n");
    let journal = otter(&vault);
    let (one, _) = think(&journal, &["--title", "One", "A."]);
    let (_, thought) = think(&journal, &["--title", "Two", "B."]);
    let mut mistyped = tail(&one);
    mistyped.replace_range(0..1, if mistyped.starts_with('z') { "y" } else { "z" });
    let journal = journal.filter(&mistyped, "[mistyped]").filter(&format!(r"\b{}\b", &one[..5]), "[head]");
    let mut shown = vec![
        journal.run(&["hydrate", &mistyped]).assert_status(1).transcript(),
        journal.run(&["hydrate", "nothing like it"]).assert_status(1).transcript(),
        journal.run(&["hydrate", "Thinking/Gone.md"]).assert_status(1).transcript(),
        journal.run(&["hydrate", "plan-2026"]).assert_status(2).transcript(),
        journal.run(&["hydrate", &one[..5]]).assert_status(2).transcript(),
        journal.run(&["hydrate"]).assert_status(2).transcript(),
    ];
    // An id that nothing has, with a path to fall back to.
    let path = vault.snapshot().into_keys().find(|path| path.contains("T001 B")).unwrap();
    let output = journal.run(&["hydrate", "01JD3V8QK7X2M4N6P8R0T2V4W6", "--path", &path]).assert_ok();
    assert!(output.stdout.contains("# Two"), "{}", output.stdout);
    // The ref of a thought loads its session.
    assert!(journal.run(&["hydrate", &thought]).assert_ok().stdout.contains("# Two"));
    vault.write("Copy.md", format!("---\nid: {thought}\n---\n"));
    shown.push(journal.run(&["show", &thought]).assert_status(3).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn nobody_in_particular_begins_a_session_each_time_and_holds_nothing() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let journal = nobody(&vault);
    insta::assert_snapshot!(journal.run(&["think", "A thought by itself."]).assert_ok().transcript());
    let (first, _) = think(&journal, &["Another one."]);
    think(&journal, &["-s", &first, "Its second."]);
    think(&journal, &["-s", &first, "Its third."]);
    assert!(!journal.run(&["hydrate", &first]).assert_ok().stdout.contains("held"));
    let refused = journal.run(&["think", "--number", "2", "Of what?"]).assert_status(2);
    assert!(refused.stderr.contains("hint: begin one: journal think --number 1"), "{}", refused.stderr);
}

#[test]
fn a_dry_run_shows_what_would_be_written_and_writes_nothing() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let journal = otter(&vault);
    let before = everything(&vault);
    let told = |arguments: &[&str]| {
        let output = journal.run(&[&["think", "--dry-run"], arguments].concat()).assert_ok();
        // The ids that a dry run shows are those of no note, so their tails in names are told here.
        for id in output.stdout.lines().filter_map(|line| line.strip_prefix("+ id: ")) {
            journal.filter(&format!(r"\b{}\b", tail(id)), "[new]");
        }
        output.transcript()
    };
    let first = told(&["--title", "A plan", "First."]);
    assert_eq!(everything(&vault), before);
    let (session, _) = think(&journal, &["--title", "A plan", "First."]);
    // Long ago, or whether `updated` changes would hang on a second's passing.
    let note = vault.snapshot().into_keys().find(|path| path.contains(" A plan ") && !path.contains("/T0")).unwrap();
    let text = vault.read(&note).replace("updated: 2", "updated: 1");
    vault.write(&note, text);
    journal.filter(r"- updated: 1.*", "- updated: [earlier]");
    let before = vault.snapshot();
    let second = told(&["--session", &session, "Second.", "--branch", "b", "--from", "1"]);
    let again = told(&["--session", &session, "--number", "1", "First."]);
    assert_eq!(vault.snapshot(), before);
    insta::assert_snapshot!([first, second, again].join("\n"));
}

#[test]
fn text_comes_from_standard_input() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let journal = otter(&vault);
    let (session, _) = think(&journal.stdin("Piped.\n\n  kept as it is\n"), &[]);
    think(&journal.stdin("Dashed."), &["--session", &session, "-"]);
    let text = journal.run(&["hydrate", &session]).assert_ok().stdout;
    assert!(text.contains("\nPiped.\n\n  kept as it is\n") && text.contains("\nDashed.\n"), "{text}");
    let empty = journal.run(&["think"]).assert_status(2);
    assert!(empty.stderr.contains("error: a thought needs a text"), "{}", empty.stderr);
    let binary = journal.stdin(b"\xff\xfe").run(&["think"]).assert_status(2);
    assert!(binary.stderr.contains("standard input is not UTF-8"), "{}", binary.stderr);
    let long = journal.stdin("한".repeat(400_000)).run(&["think"]).assert_status(2);
    assert!(long.stderr.contains("too large"), "{}", long.stderr);
}

/// A drive that is not mounted leaves an empty folder behind, in which nobody's thoughts are to go.
#[test]
fn where_a_vault_was_none_begins_unasked() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n//- /A.md\nalpha\n");
    let journal = nobody(&vault).env("JOURNAL_VAULT", vault.path());
    journal.run(&["think", "one"]).assert_ok();
    let away = vault.root().join("away");
    std::fs::rename(vault.path(), &away).unwrap();
    std::fs::create_dir(vault.path()).unwrap();
    for arguments in [&["think", "two"][..], &["search", "one"], &["reindex"], &["serve", "--port", "0"]] {
        let refused = journal.run(arguments).assert_status(2);
        assert!(refused.stderr.contains("a vault lay in"), "{}", refused.transcript());
        assert!(refused.stderr.contains("hint: to begin a new vault there: journal init "), "{}", refused.transcript());
    }
    assert_eq!(std::fs::read_dir(vault.path()).unwrap().count(), 0, "nothing is written");
    journal.run(&["init"]).assert_ok();
    journal.run(&["think", "two"]).assert_ok();
}

#[test]
fn reading_writes_nothing_anywhere() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/vault-fixtures/ailss-vault");
    let vault = TestVault::from_folder(std::path::Path::new(fixtures));
    let journal = otter(&vault).env("JOURNAL_VAULT", vault.path()).filter(r"\(\d+ \w+ ago\)", "([ago])");
    let before = everything(&vault);
    let hydrated = journal.run(&["hydrate", "20260110081500"]).assert_ok();
    for arguments in [&[][..], &["sessions"], &["show", "Search notes"], &["config"], &["sessions", "--json"]] {
        journal.run(arguments).assert_ok();
    }
    assert_eq!(everything(&vault), before);
    insta::assert_snapshot!("a_session_of_the_earlier_tool", hydrated.transcript());
}
