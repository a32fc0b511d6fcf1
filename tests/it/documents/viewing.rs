//! What Obsidian shows: `Journal.base`, and the graph in a session's note.

use journal_testkit::{SessionShape, TestVault, generate_session, snapshot};

use super::{json, otter};

#[test]
fn views_are_installed_and_removed_without_a_trace() {
    let vault = TestVault::from_fixture("//- /Plan.md\nMine.\n");
    let journal = otter(&vault);
    journal.run(&["init"]).assert_ok();
    let before = vault.snapshot();
    let first = journal.run(&["views", "install"]).assert_ok();
    assert_eq!(first.stdout, "made     Thinking/Journal.base\n");
    let installed = vault.snapshot();
    assert_eq!(vault.read("Thinking/Journal.base"), journal.run(&["views", "print"]).assert_ok().stdout);
    assert_eq!(json(&journal.run(&["views", "install", "--json"]).assert_ok())["done"], "same");
    assert_eq!(vault.snapshot(), installed);
    journal.run(&["views", "remove"]).assert_ok();
    assert_eq!(vault.snapshot(), before);
    assert_eq!(json(&journal.run(&["views", "remove", "--json"]).assert_ok())["done"], "absent");
}

#[test]
fn views_that_somebody_changed_are_left_alone() {
    let vault = TestVault::new();
    let journal = otter(&vault);
    journal.run(&["views", "install"]).assert_ok();
    let text = vault.read("Thinking/Journal.base");
    let mine = text.replace("name: Stale", "name: Old ones");
    for mine in [mine.as_str(), text.split_once('\n').unwrap().1, "views: []\n", ""] {
        vault.write("Thinking/Journal.base", mine);
        for what in ["install", "remove"] {
            let output = journal.run(&["views", what]).assert_status(3);
            assert!(
                output.stderr.contains("left as it is") && output.stderr.contains("hint: "),
                "{}",
                output.transcript()
            );
        }
        assert_eq!(vault.read("Thinking/Journal.base"), mine);
    }
    vault.write("Thinking/Journal.base", &mine);
    let output = journal.run(&["views", "install"]).assert_status(3);
    assert!(
        output.stderr.contains("-     name: Old ones") && output.stderr.contains("+     name: Stale"),
        "{}",
        output.transcript()
    );
}

#[test]
fn views_lie_where_the_sessions_do() {
    let vault = TestVault::new();
    let id = "id = \"01KJPX0000ZZZZZZZZZZZZZZZ1\"";
    vault.write(".journal/config.toml", format!("{id}\nthinking_folder = \"Notes/Thoughts\"\n"));
    otter(&vault).run(&["views", "install"]).assert_ok();
    assert!(vault.join("Notes/Thoughts/Journal.base").is_file());
}

#[test]
fn a_graph_comes_is_drawn_again_and_goes() {
    let vault = TestVault::new();
    let session = generate_session(vault.path(), SessionShape { thoughts: 6, branches: 1, revisions: 1 }, 2);
    let journal = otter(&vault);
    journal.run(&["init"]).assert_ok();
    let before = vault.snapshot();
    let graph =
        |more: &[&str]| json(&journal.run(&[&["views", "graph", &session.id, "--json"], more].concat()).assert_ok());
    assert_eq!(graph(&[])["changed"], true);
    let drawn = vault.read(&session.path);
    let mermaid = journal.run(&["export", &session.id, "--format", "mermaid"]).assert_ok().stdout;
    assert!(drawn.contains(&format!("```mermaid\n{mermaid}```\n%% journal:graph end %%\n")), "{drawn}");
    assert_eq!(graph(&[])["changed"], false);
    // A thought more, and a person's line below: the graph is drawn anew where it stands.
    vault.write(&session.path, format!("{drawn}\nBelow.\n"));
    journal.run(&["think", "--session", &session.id, "One more."]).assert_ok();
    assert_eq!(graph(&[])["changed"], true);
    let redrawn = vault.read(&session.path);
    assert!(redrawn.contains("One more") && redrawn.ends_with("%% journal:graph end %%\n\nBelow.\n"), "{redrawn}");
    assert_eq!(graph(&["--remove"])["changed"], true);
    assert!(vault.read(&session.path).ends_with("Friday.\n\nBelow.\n"));
    assert_eq!(graph(&["--remove"])["changed"], false);
    assert_eq!(vault.snapshot().len(), before.len() + 1);
}

#[test]
fn broken_marks_leave_the_note_as_it_is() {
    let vault = TestVault::new();
    let session = generate_session(vault.path(), SessionShape { thoughts: 2, branches: 0, revisions: 0 }, 2);
    let text = format!("{}%% journal:graph begin %%\nmine\n", vault.read(&session.path));
    vault.write(&session.path, &text);
    for more in [&[][..], &["--remove"]] {
        let output = otter(&vault).run(&[&["views", "graph", &session.id], more].concat()).assert_status(3);
        assert!(output.stderr.contains("begins a graph"), "{}", output.transcript());
        assert_eq!(vault.read(&session.path), text);
    }
    // Nor is what a person wrote between them taken for a graph, or a graph put where nobody sees it.
    let note = text.split_once("%% journal").unwrap().0.to_owned();
    let mine = format!("{note}%% journal:graph begin %%\n\nMY OWN WORDS\n\n%% journal:graph end %%\n");
    let line = 2 + note.matches('\n').count();
    let open = format!("{note}```sh\nls\n");
    let wrote = format!("from line {line} to line {}", line + 2);
    for (text, says, hint) in
        [(&mine, wrote.as_str(), "outside of the marks"), (&open, "nothing closes", "close at its end")]
    {
        vault.write(&session.path, text);
        let output = otter(&vault).run(&["views", "graph", &session.id]).assert_status(3);
        assert!(output.stderr.contains(says) && output.stderr.contains(hint), "{}", output.transcript());
        assert_eq!(&vault.read(&session.path), text);
    }
    vault.write(&session.path, &mine);
    otter(&vault).run(&["views", "graph", &session.id, "--remove"]).assert_status(3);
    assert_eq!(vault.read(&session.path), mine);
    otter(&vault).run(&["views", "graph", "nothing-like-it"]).assert_status(1);
    assert!(!snapshot(vault.path()).keys().any(|path| path.ends_with(".tmp")));
}
