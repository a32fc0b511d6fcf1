//! Hostile names, texts and surroundings: a clear error with its documented exit code, and nothing half-written.

use std::{fs, io::Write, path::Path, process::Stdio};

use journal_testkit::{JournalCommand, Output, TestVault, snapshot};

/// A vault with a session and a note, and the command in it.
fn world() -> (TestVault, JournalCommand) {
    let vault = TestVault::from_fixture(
        "//- /.obsidian/app.json\n{}\n//- /Plan.md\n---\nid: plan-2026\ntitle: Plan\n---\nText.\n",
    );
    let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &vault).agent("otter");
    journal.run(&["think", "--title", "Session", "The first thought."]).assert_ok();
    (vault, journal)
}

/// Asserts that a command ends with `status`, says `said`, and leaves every file of the vault as it was.
#[track_caller]
fn refused(vault: &TestVault, journal: &JournalCommand, arguments: &[&str], status: i32, said: &str) -> Output {
    let before = vault.snapshot();
    let output = journal.run(arguments).assert_status(status);
    assert!(output.stderr.contains(said) && output.stdout.is_empty(), "`{said}` in\n{}", output.transcript());
    assert!(vault.snapshot() == before, "{} changed the vault", output.transcript());
    output
}

#[test]
fn paths_out_of_the_vault_are_refused() {
    let (vault, journal) = world();
    let outside = vault.root().join("Outside.md");
    fs::write(&outside, "---\nid: outside\n---\n").unwrap();
    let absolute = outside.to_str().unwrap();
    for (reference, said) in [
        ("../Outside.md", "leaves the vault"),
        ("Plan/../../Outside.md", "leaves the vault"),
        (r"..\Outside.md", "leaves the vault"),
        (absolute, "is absolute"),
        (r"C:\Outside.md", "is absolute"),
        (".obsidian/app.md", "hidden"),
        (".journal/config.md", "hidden"),
    ] {
        for command in [&["show", reference][..], &["hydrate", reference], &["think", "x", "--session", reference]] {
            refused(&vault, &journal, command, 2, said);
        }
        refused(&vault, &journal, &["relocate", "plan-2026", reference], 2, said);
        refused(&vault, &journal, &["hydrate", "zzzzzz", "--path", reference], 2, said);
    }
    for folder in ["..", "../", "/tmp", ".obsidian/", ".trash"] {
        refused(&vault, &journal, &["relocate", "plan-2026", folder], 2, "error: ");
    }
    refused(&vault, &journal, &["show", "outside"], 1, "no note has the id");
    assert_eq!(fs::read_to_string(outside).unwrap(), "---\nid: outside\n---\n");
}

#[test]
fn names_that_are_too_long_or_hold_what_no_name_can() {
    let (vault, journal) = world();
    let long = "x".repeat(300);
    refused(&vault, &journal, &["show", &long], 1, "no note has the id or name");
    refused(&vault, &journal, &["relocate", "plan-2026", &format!("{long}.md")], 2, "hint: choose a shorter");
    refused(
        &vault,
        &journal,
        &["think", "x", "--session", "Session", "--branch", &long, "--from", "1"],
        2,
        "longer than",
    );
    refused(&vault, &journal, &["think", "x", "--agent", &long], 2, "the agent named by the caller cannot be used");
    refused(&vault, &journal, &["think", "x", "--session", &"x".repeat(5_000)], 2, "longer than");
    refused(&vault, &journal, &["think", "x", "--number", "99999999999"], 2, "is not the number of a thought");
}

#[test]
fn any_title_becomes_a_name_that_every_system_takes() {
    let (vault, journal) = world();
    let long = "어려운 이름 ".repeat(40);
    let titles = [
        "CON",
        "nul",
        "aux.txt",
        "..",
        ".hidden",
        "a/b\\c:d*e?f\"g<h>i|j",
        "[[x]] #tag ^id %%",
        "x\n\u{7}y",
        "  ",
        &long,
    ];
    for title in titles {
        let output = journal.run(&["think", "--json", "--title", title, &format!("About {title}")]).assert_ok();
        let answer: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let id = answer["session"]["id"].as_str().unwrap();
        for path in [&answer["session"]["path"], &answer["thought"]["path"]] {
            let path = path.as_str().unwrap();
            let name = path.rsplit('/').next().unwrap();
            assert!(vault.join(path).is_file(), "{path}");
            assert!(name.len() <= 180 && !name.starts_with('.'), "{name}");
            assert!(!name.contains(['\\', ':', '*', '?', '"', '<', '>', '|', '#', '^', '[', ']']), "{name}");
            assert!(!name.chars().any(char::is_control), "{name}");
        }
        journal.run(&["hydrate", id]).assert_ok();
    }
}

#[test]
fn a_text_is_kept_whatever_it_holds() {
    let (_vault, journal) = world();
    for text in ["a\0b", "---\nid: x\n---\n", "\x1b[2J", "\u{feff}bom", "one\r\ntwo\r\n", "# a\n%% b", "\u{202e}rtl"] {
        let output = journal.stdin(text).run(&["think", "--number", "1", "--json"]).assert_ok();
        let answer: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let shown = journal.run(&["hydrate", answer["session"]["id"].as_str().unwrap(), "--json"]).assert_ok().stdout;
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        // Line endings are the one thing that is chosen for the person.
        assert_eq!(shown["thoughts"][0]["text"].as_str().unwrap(), text.replace("\r\n", "\n"));
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_vault_are_not_followed() {
    let (vault, journal) = world();
    let outside = vault.root().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("Secret.md"), "---\nid: secret-1\n---\nsecret\n").unwrap();
    let before = snapshot(&outside);
    std::os::unix::fs::symlink(outside.join("Secret.md"), vault.join("Link.md")).unwrap();
    std::os::unix::fs::symlink(&outside, vault.join("Folder")).unwrap();
    refused(&vault, &journal, &["show", "Link.md"], 2, "leads out of the vault");
    refused(&vault, &journal, &["show", "Folder/Secret.md"], 2, "leads out of the vault");
    refused(&vault, &journal, &["show", "secret-1"], 1, "no note has the id");
    refused(&vault, &journal, &["relocate", "plan-2026", "Folder/"], 2, "out of the vault");
    assert!(journal.run::<&str>(&[]).assert_ok().stdout.contains("Link.md: it is a link that leads out of the vault"));
    let settings = vault.read(".journal/config.toml");
    vault.write(".journal/config.toml", format!("{settings}thinking_folder = \"Folder\"\n"));
    refused(&vault, &journal, &["think", "--number", "1", "Not out there."], 2, "out of the vault");
    assert_eq!(snapshot(&outside), before);
}

#[test]
fn large_and_broken_notes_of_others() {
    let (vault, journal) = world();
    let large = format!("---\nid: large-note\n---\n{}", "many words ".repeat(1_000_000));
    vault.write("Large.md", &large);
    vault.write("Binary.md", b"---\nid: binary-note\ntitle: B\xff\n---\n\xfe\xff\n");
    vault.write("Empty.md", "");
    vault.write("Open.md", "---\nid: open-note\nnever closed");
    assert_eq!(journal.run(&["show", "large-note", "--raw"]).assert_ok().stdout, large);
    let binary = journal.run(&["show", "binary-note"]).assert_ok();
    assert!(binary.stderr.contains("warning: ") && binary.stderr.contains("UTF-8"), "{}", binary.transcript());
    journal.run(&["think", "--session", "Session", "Beside them."]).assert_ok();
    journal.run::<&str>(&[]).assert_ok();

    // A session note that is not UTF-8: thoughts join, its properties stay as they are.
    let path = vault.snapshot().into_keys().find(|path| path.contains(" Session ") && !path.contains("/T0")).unwrap();
    let mut bytes = fs::read(vault.join(&path)).unwrap();
    bytes.extend(b"\xff\n");
    vault.write(&path, &bytes);
    let output = journal.run(&["think", "--session", "Session", "After the damage."]).assert_ok();
    assert!(output.stderr.contains("is not UTF-8"), "{}", output.transcript());
    assert_eq!(fs::read(vault.join(&path)).unwrap(), bytes);
    refused(&vault, &journal, &["session", "close", "Session"], 2, "UTF-8");
    assert!(journal.run(&["hydrate", "Session"]).assert_ok().stdout.contains("After the damage."));
}

#[test]
fn a_vault_that_vanished() {
    let (vault, journal) = world();
    let at = vault.path().to_owned();
    let named = journal.env("JOURNAL_VAULT", &at).in_folder(vault.root());
    // The vault goes while the command waits for its text.
    let mut child = named
        .command(&["think", "--session", "Session"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    fs::rename(&at, vault.root().join("elsewhere")).unwrap();
    child.stdin.take().unwrap().write_all(b"Too late.").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("error: there is no vault at") && said.contains("hint: "), "{said}");
    assert!(!at.exists(), "no vault was made in its place");
    for arguments in [&["sessions"][..], &["hydrate", "Session"], &["session", "close", "Session"], &[]] {
        let said = named.run(arguments).assert_status(2).stderr;
        assert!(said.contains("there is no vault at"), "{said}");
    }
    fs::write(&at, "a file in its place").unwrap();
    assert!(named.run(&["sessions"]).assert_status(2).stderr.contains("is not a folder"));
    fs::remove_file(&at).unwrap();
    fs::rename(vault.root().join("elsewhere"), &at).unwrap();
    named.run(&["think", "--session", "Session", "Back again."]).assert_ok();
}

#[test]
fn state_that_cannot_be_used() {
    let (vault, journal) = world();
    let file = vault.root().join("file");
    fs::write(&file, "").unwrap();
    let nowhere = journal.env("JOURNAL_DATA_DIR", &file);
    refused(&vault, &nowhere, &["think", "--session", "Session", "x"], 2, "JOURNAL_DATA_DIR=");
    nowhere.run(&["hydrate", "Session"]).assert_ok();
    let homeless = journal.without_env("HOME").without_env("XDG_DATA_HOME").without_env("XDG_CONFIG_HOME");
    refused(
        &vault,
        &homeless,
        &["think", "--session", "Session", "x"],
        2,
        "nothing says where the state of a vault goes",
    );
    homeless.run(&["sessions"]).assert_ok();
    let settings = vault.read(".journal/config.toml");
    vault.write(".journal/config.toml", "id = \"../../x\"\n");
    refused(&vault, &journal, &["think", "--session", "Session", "x"], 2, "holds characters other than");
    journal.run(&["hydrate", "Session"]).assert_ok();
    vault.write(".journal/config.toml", settings);

    let database = snapshot(vault.data_home()).into_keys().find(|path| path.ends_with("/state.db")).unwrap();
    let database = vault.data_home().join(database);
    for beside in ["state.db-wal", "state.db-shm"] {
        drop(fs::remove_file(database.with_file_name(beside)));
    }
    fs::write(&database, "not a database ".repeat(1_000)).unwrap();
    let output = journal.run(&["think", "--session", "Session", "x"]);
    assert!(output.stderr.contains("`state.db` was damaged and is set aside"), "{}", output.stderr);
    assert!(journal.run(&["hydrate", "Session"]).assert_ok().stdout.contains("The first thought."));
}

/// Runs a script in a mount namespace of its own, where a file system of its own lies over the vault. `Err` says why this
/// machine does not let us.
#[cfg(target_os = "linux")]
fn on_own_file_system(vault: &TestVault, options: &str, script: &str) -> Result<Output, String> {
    let shell =
        JournalCommand::new("/usr/bin/unshare", vault).agent("otter").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let own = format!("mount -t tmpfs -o {options} tmpfs '{}' && cd '{0}' || exit 99\n", vault.path().display());
    let tried = |flags: &str, script: &str| {
        shell.run(&[flags, "sh", "-c", &format!("{own}{script}"), env!("CARGO_BIN_EXE_journal")])
    };
    if !Path::new("/usr/bin/unshare").exists() {
        return Err("there is no `unshare` to mount a file system of one's own with".to_owned());
    }
    let flags = ["-m", "-rm"].into_iter().find(|flags| tried(flags, "exit 0").status == Some(0));
    let Some(flags) = flags else {
        return Err(format!("mounting is refused: {}", tried("-rm", "exit 0").stderr));
    };
    Ok(tried(flags, script))
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let vault = TestVault::new();
    let script = r#"
        mkdir .obsidian && "$0" think --title Session 'The first thought.' >first || exit 90
        dd if=/dev/zero of=filler bs=1k 2>/dev/null
        find . -type f -not -name filler -exec cksum {} + | sort >"$HOME/before"
        "$0" think --session Session "$(seq 1 2000)"; echo "think: $?"
        "$0" session close Session --summary "$(seq 1 2000)"; echo "close: $?"
        "$0" hydrate Session >/dev/null; echo "hydrate: $?"
        find . -type f -not -name filler -exec cksum {} + | sort >"$HOME/after"
        cmp "$HOME/before" "$HOME/after" && echo 'nothing changed'
        rm filler
        "$0" think --session Session 'There is room again.' >/dev/null; echo "think again: $?"
        "$0" hydrate Session | grep -c 'T00[12]'
        find . -name '.*.tmp*' -o -name '*.tmp'
    "#;
    let output = match on_own_file_system(&vault, "size=256k", script) {
        Ok(output) => output,
        Err(reason) => return eprintln!("not tested: {reason}"),
    };
    let expected = "think: 2\nclose: 2\nhydrate: 0\nnothing changed\nthink again: 0\n2\n";
    assert_eq!(output.stdout, expected, "{}", output.stderr);
    assert!(output.stderr.contains("hint: make room and try again; nothing was half-written"), "{}", output.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_file_system() {
    let vault = TestVault::new();
    let script = r#"
        mkdir .obsidian && "$0" think --title Session 'The first thought.' >first || exit 90
        mount -o remount,ro "$PWD" || exit 91
        "$0" think --session Session 'The second.'; echo "think: $?"
        "$0" session pause Session; echo "pause: $?"
        "$0" relocate Session Archive/; echo "relocate: $?"
        "$0" hydrate Session | grep -c 'first thought'
        "$0" sessions >/dev/null; echo "sessions: $?"
    "#;
    let output = match on_own_file_system(&vault, "size=256k", script) {
        Ok(output) => output,
        Err(reason) => return eprintln!("not tested: {reason}"),
    };
    assert_eq!(output.stdout, "think: 2\npause: 2\nrelocate: 2\n2\nsessions: 0\n", "{}", output.stderr);
    assert!(output.stderr.contains("hint: the file system is mounted read-only"), "{}", output.stderr);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder() {
    use std::os::unix::fs::PermissionsExt;
    let (vault, journal) = world();
    let folder = vault.snapshot().into_keys().find(|path| path.contains("/T001")).unwrap();
    let folder = vault.join(&folder).parent().unwrap().to_owned();
    let probe = folder.join("probe");
    let set = |mode: u32| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    set(0o555);
    if fs::write(&probe, "").is_ok() {
        // Nothing is read-only to this user by its mode; the read-only file system above is what it can meet.
        eprintln!("not tested: this user may write everywhere");
        set(0o755);
        return;
    }
    refused(&vault, &journal, &["think", "--session", "Session", "x"], 2, "hint: ");
    refused(&vault, &journal, &["session", "pause", "Session"], 2, "hint: ");
    set(0o755);
    journal.run(&["think", "--session", "Session", "x"]).assert_ok();
}
