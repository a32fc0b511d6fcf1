//! Hooks as clients and git call them.

use std::{fs, path::Path};

use journal_testkit::{JournalCommand, Output, TestVault};
use serde_json::Value;

use super::{nobody, think};

const CLIENTS: [(&str, &str, &str); 2] = [
    ("claude", "claude-code", "0193e5a0-7c1e-7000-8000-0000000000aa"),
    ("codex", "codex", "0193e5a0-7c1e-7000-8000-0000000000bb"),
];

/// A vault, and a folder beside it in which agents work.
fn world() -> (TestVault, JournalCommand) {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let work = vault.root().join("work");
    fs::create_dir(&work).expect("a folder can be made");
    let journal = nobody(&vault).in_folder(&work).env("JOURNAL_VAULT", vault.path());
    (vault, journal)
}

/// What a client says, as it is recorded.
fn recorded(vault: &TestVault, client: &str, event: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("vault-fixtures/hooks/{client}/{event}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("[WORK]", vault.root().join("work").to_str().expect("its path is text"))
}

/// The text that a hook gives the model; none when it says nothing.
#[track_caller]
fn context(output: &Output, event: &str) -> Option<String> {
    if output.stdout.is_empty() {
        return None;
    }
    let answer: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stdout));
    // Codex refuses an answer with any other field.
    assert_eq!(answer.as_object().expect("the answer is an object").keys().collect::<Vec<_>>(), ["hookSpecificOutput"]);
    let specific = &answer["hookSpecificOutput"];
    assert_eq!(
        specific.as_object().expect("it is an object").keys().collect::<Vec<_>>(),
        ["additionalContext", "hookEventName"]
    );
    assert_eq!(specific["hookEventName"], event);
    Some(specific["additionalContext"].as_str().expect("it is text").to_owned())
}

#[test]
fn what_clients_say_is_answered_in_their_format() {
    let (vault, journal) = world();
    for (typed, client, id) in CLIENTS {
        let hook = |verb: &str, event: &str, name: &str| {
            let call = ["hook", verb, "--client", typed];
            let output = journal.stdin(recorded(&vault, client, name)).run(&call).assert_ok();
            assert_eq!(output.stderr, "", "{}", output.transcript());
            context(&output, event)
        };
        let started = hook("session-start", "SessionStart", "session-start").expect("it is told who it is");
        assert!(started.contains(&format!("(id {id})")), "{started}");
        assert_eq!(hook("user-prompt", "UserPromptSubmit", "user-prompt"), None);
        if typed == "claude" {
            assert_eq!(hook("pre-edit", "PreToolUse", "pre-edit"), None, "nobody else has claimed it");
        } else {
            let told = hook("pre-edit", "PreToolUse", "pre-edit").expect("the other one has edited it");
            assert!(told.contains("src/auth.rs") && told.contains("edited"), "{told}");
            assert!(started.contains("Here as well:") && started.contains("claims `src/auth.rs`"), "{started}");
        }
        assert_eq!(hook("post-edit", "PostToolUse", "post-edit"), None);
        assert_eq!(hook("pre-compact", "PreCompact", "pre-compact"), None);
        assert_eq!(hook("stop", "Stop", "stop"), None);
    }
    let end = journal.stdin(recorded(&vault, "claude-code", "session-end")).run(&["hook", "session-end"]).assert_ok();
    assert_eq!((end.stdout.as_str(), end.stderr.as_str()), ("", ""));
    let call = ["hook", "session-start", "--client", "codex"];
    let alone = journal.stdin(recorded(&vault, "codex", "session-start")).run(&call).assert_ok();
    assert!(!context(&alone, "SessionStart").unwrap().contains("Here as well"), "who has ended is not here");
}

#[test]
fn a_long_session_comes_back_after_compaction_as_far_as_the_client_takes_it() {
    let (vault, journal) = world();
    for (typed, client, id) in CLIENTS {
        let agent = journal.agent(id);
        let (session, _) = think(&agent, &["--title", "Why the login is slow", "It began in May. 🦀"]);
        for number in 2..30 {
            let text = format!("Step {number}. {}", "생각한다 and THE CACHE IS COLD 0193 after it. ".repeat(number));
            think(&agent, &["--session", &session, &text]);
        }
        think(&agent, &["--session", &session, "The newest thought of all."]);
        agent.run(&["reindex", "--words-only"]).assert_ok();
        let call = ["hook", "session-start", "--client", typed];
        let output = journal.stdin(recorded(&vault, client, "session-start-compact")).run(&call).assert_ok();
        let told = context(&output, "SessionStart").unwrap();
        assert!(told.contains("Why the login is slow") && told.contains("The newest thought of all."), "{told}");
        assert!(told.encode_utf16().count() <= 10_000, "{typed}: {}", told.encode_utf16().count());
        assert!(typed == "claude" || told.len() <= 10_000, "{typed}: {}", told.len());
        assert!(told.chars().count() > 1_500, "{told}");
        // Without an index nothing is walked, and the session is named.
        for file in fs::read_dir(state(&vault)).unwrap().flatten() {
            if file.file_name().to_string_lossy().starts_with("index.db") {
                fs::remove_file(file.path()).unwrap();
            }
        }
        let output = journal.stdin(recorded(&vault, client, "session-start-compact")).run(&call).assert_ok();
        let told = context(&output, "SessionStart").unwrap();
        assert!(told.contains(&session) && !told.contains("The newest thought"), "{told}");
    }
}

/// The state directory of the vault.
fn state(vault: &TestVault) -> std::path::PathBuf {
    let folders = fs::read_dir(vault.data_home().join("journal")).expect("the vault was written to");
    folders.flatten().map(|entry| entry.path()).find(|path| path.join("root").exists()).expect("the vault has a state")
}

#[test]
fn a_hook_never_fails_the_client() {
    let (vault, journal) = world();
    let start = recorded(&vault, "claude-code", "session-start");
    let call = ["hook", "session-start"];
    journal.stdin(&start).run(&call).assert_ok();
    let passed_over = |output: Output| {
        let output = output.assert_ok();
        assert_eq!(output.stdout, "", "{}", output.transcript());
        let is_line = output.stderr.starts_with("journal: ") && output.stderr.trim_end().lines().count() == 1;
        assert!(is_line, "{}", output.transcript());
    };
    for input in ["", "{", "[]", "{\"session_id\":7}", "{\"session_id\":\"a\\u0007b\"}", "\u{feff}{}"] {
        passed_over(journal.stdin(input).run(&call));
    }
    passed_over(journal.stdin(&start).env("JOURNAL_VAULT", vault.root().join("gone")).run(&call));
    passed_over(journal.stdin(&start).without_env("JOURNAL_VAULT").run(&call));
    passed_over(journal.stdin(&start).without_env("XDG_DATA_HOME").without_env("HOME").run(&call));
    passed_over(journal.stdin(&start).run(&["hook", "pre-edit", "--bogus"]));
    passed_over(journal.stdin(&start).run(&["hook", "pre-edit", "--client", "vim"]));
    fs::create_dir_all(vault.root().join("config/journal")).unwrap();
    fs::write(vault.root().join("config/journal/config.toml"), "vault = 7\n").unwrap();
    passed_over(journal.stdin(&start).run(&call));
    fs::remove_file(vault.root().join("config/journal/config.toml")).unwrap();

    // A damaged database is set aside, said in a line, and the hook does its work.
    let database = state(&vault).join("state.db");
    for name in ["state.db-wal", "state.db-shm"] {
        drop(fs::remove_file(state(&vault).join(name)));
    }
    fs::write(&database, "this is no database".repeat(1_000)).unwrap();
    let output = journal.stdin(&start).run(&call).assert_ok();
    assert_eq!(output.stderr.trim_end().lines().count(), 1, "{}", output.transcript());
    assert!(output.stderr.contains("state.db"), "{}", output.transcript());
    assert!(context(&output, "SessionStart").is_some());
    let output = journal.stdin(&start).run(&call).assert_ok();
    assert_eq!(output.stderr, "");
}

#[test]
fn an_edit_of_what_another_has_claimed_is_told_or_refused() {
    let (vault, journal) = world();
    let edit = |client: &str, id: &str| {
        let (_, _, own) = CLIENTS.iter().find(|(_, name, _)| *name == client).unwrap();
        journal.stdin(recorded(&vault, client, "pre-edit").replace(own, id))
    };
    edit("claude-code", "first").run(&["hook", "pre-edit"]).assert_ok();
    let again = edit("claude-code", "first").run(&["hook", "pre-edit", "--strict"]).assert_ok();
    assert_eq!(again.stdout, "", "an agent is not in its own way");
    for (typed, client, _) in CLIENTS {
        let told = edit(client, "second").run(&["hook", "pre-edit", "--client", typed]).assert_ok();
        assert!(context(&told, "PreToolUse").unwrap().contains("has claimed `src/auth.rs`"));
        let refused = edit(client, "second").run(&["hook", "pre-edit", "--client", typed, "--strict"]).assert_status(2);
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.contains("has claimed `src/auth.rs`"), "{}", refused.transcript());
    }
    let elsewhere = recorded(&vault, "claude-code", "pre-edit").replace("src/auth.rs", "src/other.rs");
    journal.stdin(elsewhere).run(&["hook", "pre-edit", "--strict"]).assert_ok();
    // The configuration says it for all who work on the vault.
    let settings = vault.read(".journal/config.toml");
    vault.write(".journal/config.toml", format!("{settings}strict_claims = true\n"));
    let refused = edit("claude-code", "second").run(&["hook", "pre-edit"]).assert_status(2);
    assert!(refused.stderr.contains("has claimed `src/auth.rs`"), "{}", refused.transcript());
    edit("claude-code", "first").run(&["hook", "pre-edit"]).assert_ok();
}

/// What Claude Code says when an agent in a folder is about to edit a file, or has.
fn edit(agent: &str, folder: &Path, file: &Path) -> String {
    let input = serde_json::json!({ "file_path": file });
    serde_json::json!({ "session_id": agent, "cwd": folder, "tool_name": "Edit", "tool_input": input }).to_string()
}

#[cfg(unix)]
#[test]
fn an_edit_counts_where_the_file_lies_whoever_makes_it_and_is_told_to_who_claims() {
    let (vault, journal) = world();
    let (work, repo, link) = (vault.root().join("work"), vault.root().join("repo"), vault.root().join("link"));
    fs::create_dir_all(repo.join(".git")).unwrap();
    fs::write(repo.join("f.rs"), "f").unwrap();
    std::os::unix::fs::symlink(&repo, &link).unwrap();
    let claimant = journal.agent("claimant").in_folder(&repo);
    claimant.run(&["claim", "add", "f.rs", "--reason", &"why ".repeat(200)]).assert_ok();
    let hook = |verb: &str, agent: &str, folder: &Path, file: &Path| {
        journal.stdin(edit(agent, folder, file)).run(&["hook", verb, "--strict"])
    };
    let away =
        [(&work, repo.join("f.rs")), (&work, link.join("f.rs")), (&link, link.join("f.rs")), (&repo, "f.rs".into())];
    for (folder, file) in &away {
        let refused = hook("pre-edit", "editor", folder, file).assert_status(2);
        assert!(refused.stderr.contains("(agent claimant) has claimed `f.rs`"), "{}", refused.transcript());
        assert!(refused.stderr.contains("journal agents") && refused.stderr.len() < 600, "{}", refused.transcript());
    }
    // Told once, however often it was tried.
    let told = claimant.run(&["agent"]).assert_ok().stderr;
    assert_eq!(told.matches("wants `f.rs`, which overlaps the claim `f.rs` of yours").count(), 1, "{told}");
    // The commands see it as the hooks do.
    for path in ["../repo/f.rs", "../link/f.rs", link.join("f.rs").to_str().unwrap()] {
        journal.agent("editor").run(&["claim", "check", path]).assert_status(3);
    }
    // What is free is claimed where it lies, and what was edited is known to those who work there.
    let free = repo.join("free.rs");
    hook("pre-edit", "editor", &work, &free).assert_ok();
    claimant.run(&["claim", "check", "free.rs"]).assert_status(3);
    hook("post-edit", "editor", &work, &link.join("f.rs")).assert_ok();
    hook("post-edit", "editor", &work, Path::new("own.rs")).assert_ok();
    let files = journal.run(&["agents", "--files"]).assert_ok().stdout;
    assert!(files.contains(repo.join("f.rs").to_str().unwrap()) && files.contains("own.rs"), "{files}");
    let overlap = claimant.run(&["overlap"]).assert_status(3).stdout;
    assert!(overlap.contains("f.rs") && overlap.contains("touched it"), "{overlap}");
    // A client that does not say where it works calls from there.
    let input = edit("blank", Path::new(""), Path::new("blank.rs"));
    journal.stdin(input).run(&["hook", "pre-edit"]).assert_ok();
    let listed = journal.run(&["claim", "list", "--all", "--json"]).assert_ok().stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let claims = listed["claims"].as_array().unwrap();
    let blank = claims.iter().find(|claim| claim["glob"] == "blank.rs").unwrap_or_else(|| panic!("{listed}"));
    assert_eq!(blank["worktree"], work.to_str().unwrap());
}

#[test]
fn a_claim_counts_for_a_hook_that_cannot_write() {
    let (vault, journal) = world();
    let work = vault.root().join("work");
    journal.agent("claimant").run(&["claim", "add", "f.rs"]).assert_ok();
    let writer = rusqlite::Connection::open(state(&vault).join("state.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let call = journal.stdin(edit("editor", &work, Path::new("f.rs")));
    let refused = call.run(&["hook", "pre-edit", "--strict"]).assert_status(2);
    assert!(refused.stderr.contains("has claimed `f.rs`"), "{}", refused.transcript());
    let free = journal.stdin(edit("editor", &work, Path::new("g.rs"))).run(&["hook", "pre-edit"]).assert_ok();
    assert!(free.stderr.contains("state.db"), "{}", free.transcript());
}

#[test]
fn long_neighbours_leave_a_conversation_its_own_session() {
    let (vault, journal) = world();
    let (_, _, id) = CLIENTS[0];
    let (_, _) = think(&journal.agent(id), &["--title", "Why the login is slow", "It began in May."]);
    journal.agent(id).run(&["reindex", "--words-only"]).assert_ok();
    let task = "a task that does not end ".repeat(80);
    for number in 0..12 {
        let neighbour = journal.agent(&format!("neighbour {number}"));
        neighbour.run(&["agent", "set", "--task", &task]).assert_ok();
        neighbour.run(&["claim", "add", &format!("{number}/{}", "deep/".repeat(90))]).assert_ok();
    }
    journal.agent(id).run(&["agent", "set", "--task", &"x".repeat(2_001)]).assert_status(2);
    let start = recorded(&vault, "claude-code", "session-start");
    let told = context(&journal.stdin(start).run(&["hook", "session-start"]).assert_ok(), "SessionStart").unwrap();
    let at = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}: {told}"));
    assert!(at("It began in May.") < at("Here as well:"), "{told}");
    assert!(told.contains("more: journal agents") && told.lines().all(|line| line.chars().count() <= 700), "{told}");
    assert!(told.len() < 5_000, "{told}");
}

#[test]
fn a_cleared_conversation_is_another_agent_and_told_where_the_one_before_thought() {
    let (vault, journal) = world();
    let (_, _, id) = CLIENTS[0];
    let start = recorded(&vault, "claude-code", "session-start");
    journal.stdin(&start).run(&["hook", "session-start"]).assert_ok();
    let (session, _) = think(&journal.agent(id), &["Before the clearing."]);
    let cleared = start.replace(id, "after-clear").replace("\"startup\"", "\"clear\"");
    let output = journal.stdin(cleared).run(&["hook", "session-start"]).assert_ok();
    let told = context(&output, "SessionStart").unwrap();
    assert!(told.contains("(id after-clear)") && told.contains(&format!("thought in session {session}")), "{told}");
}

#[test]
fn hooks_are_shown_then_installed_and_the_rest_of_the_file_stays() {
    let (vault, journal) = world();
    for (typed, file) in [("claude", "home/.claude/settings.json"), ("codex", "home/.codex/hooks.json")] {
        let path = vault.root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = "{\n    \"model\": \"x\",\n    \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}]}\n}\n";
        fs::write(&path, before).unwrap();
        let shown = journal.run(&["hook", "install", "--client", typed]).assert_ok();
        assert!(
            shown.stdout.starts_with("would change ") && shown.stdout.contains("hook session-start"),
            "{}",
            shown.stdout
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        journal.run(&["hook", "install", "--client", typed, "--strict", "--write"]).assert_ok();
        let after = fs::read_to_string(&path).unwrap();
        let value: Value = serde_json::from_str(&after).unwrap();
        assert_eq!((&value["model"], value["hooks"]["Stop"].as_array().unwrap().len()), (&Value::from("x"), 2));
        let command = value["hooks"]["PreToolUse"][0]["hooks"][0]["command"].as_str().unwrap();
        assert!(command.ends_with(&format!(" hook pre-edit --client {typed} --strict")), "{command}");
        let program = command.split(" --vault ").next().unwrap().trim_matches('\'');
        assert!(Path::new(program).is_absolute() && program.contains("journal"), "{command}");
        let again = journal.run(&["hook", "install", "--client", typed, "--strict", "--write"]).assert_ok();
        assert_eq!((again.stdout.as_str(), fs::read_to_string(&path).unwrap()), ("", after));
        fs::write(&path, "{ // mine\n}").unwrap();
        journal.run(&["hook", "install", "--client", typed, "--write"]).assert_status(2);
        assert_eq!(fs::read_to_string(&path).unwrap(), "{ // mine\n}");
    }
}

#[cfg(unix)]
#[test]
fn git_asks_who_has_claimed_what_is_committed() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let (vault, journal) = world();
    let work = vault.root().join("work");
    let binary = Path::new(env!("CARGO_BIN_EXE_journal")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let journal = journal.env("PATH", &path);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments).current_dir(&work);
        git.env_clear().env("PATH", &path).env("HOME", vault.root().join("home"));
        git.env("XDG_DATA_HOME", vault.data_home()).env("JOURNAL_AGENT", "committer");
        let ran = git.output().unwrap();
        (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    for arguments in [&["init", "-q"][..], &["config", "core.hooksPath", "own-hooks"]] {
        assert!(git(arguments).0, "{arguments:?}");
    }
    // A link into the work tree, as some keep their hooks: it stays one, and what it leads to stays as it is.
    let theirs = work.join("script.sh");
    fs::create_dir_all(work.join("own-hooks")).unwrap();
    fs::write(&theirs, "#!/bin/sh\necho theirs ran >&2\n").unwrap();
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("../script.sh", work.join("own-hooks/pre-commit")).unwrap();
    journal.run(&["hook", "install", "--client", "git", "--strict", "--write"]).assert_ok();
    journal.run(&["hook", "install", "--client", "git", "--strict", "--write"]).assert_ok();
    assert!(work.join("own-hooks/pre-commit.before-journal").is_symlink());
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "#!/bin/sh\necho theirs ran >&2\n");
    // It finds the program by itself, and says so when that is gone.
    let hook = fs::read_to_string(work.join("own-hooks/pre-commit")).unwrap();
    assert!(hook.contains(&format!("exec {}", binary.join("journal").display())), "{hook}");
    fs::write(work.join("gone.sh"), hook.replace(binary.to_str().unwrap(), "/nowhere")).unwrap();
    let gone = Command::new("/bin/sh").arg(work.join("gone.sh")).output().unwrap();
    assert_eq!((gone.status.code(), String::from_utf8_lossy(&gone.stderr).lines().count()), (Some(0), 1), "{gone:?}");
    // Hooks of every repository are none of this one.
    let everywhere = vault.root().join("everywhere");
    assert!(git(&["config", "core.hooksPath", everywhere.to_str().unwrap()]).0);
    let refused = journal.run(&["hook", "install", "--client", "git", "--write"]).assert_status(2);
    assert!(refused.stderr.contains("every repository") && !everywhere.exists(), "{}", refused.stderr);
    assert!(git(&["config", "core.hooksPath", "own-hooks"]).0);

    let edit = recorded(&vault, "claude-code", "pre-edit");
    journal.stdin(edit).run(&["hook", "pre-edit"]).assert_ok();
    fs::create_dir_all(work.join("src")).unwrap();
    fs::write(work.join("src/auth.rs"), "b").unwrap();
    fs::write(work.join("free.rs"), "c").unwrap();
    assert!(git(&["add", "free.rs"]).0);
    let (done, said) = git(&["commit", "-qm", "free"]);
    assert!(done && said.contains("theirs ran"), "{said}");
    assert!(git(&["add", "src/auth.rs"]).0);
    let (done, said) = git(&["commit", "-qm", "claimed"]);
    assert!(!done && said.contains("has claimed `src/auth.rs`"), "{said}");
    journal.run(&["hook", "install", "--client", "git", "--write"]).assert_ok();
    let settings = vault.read(".journal/config.toml");
    vault.write(".journal/config.toml", format!("{settings}strict_claims = true\n"));
    let (done, said) = git(&["commit", "-qm", "claimed"]);
    assert!(!done && said.contains("has claimed `src/auth.rs`"), "{said}");
    vault.write(".journal/config.toml", settings);
    let (done, said) = git(&["commit", "-qm", "claimed"]);
    assert!(done && said.contains("has claimed `src/auth.rs`"), "{said}");
}
