//! The command as programs use it: JSON, pipes, configuration, scripts for shells.

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
};

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{nobody, otter, think};

fn world() -> (TestVault, JournalCommand, String) {
    let vault =
        TestVault::from_fixture("//- /.obsidian/app.json\n{}\n//- /Plan.md\n---\nid: plan-2026\n---\n[[Other]]\n");
    let journal = otter(&vault);
    let (session, _) = think(&journal, &["--title", "One", "--tag", "x", "A."]);
    (vault, journal, session)
}

#[test]
fn every_object_is_versioned_and_documented() {
    let (_vault, journal, session) = world();
    let docs = include_str!("../../../docs/cli.md");
    let mut shown = Vec::new();
    for (row, arguments, status) in [
        ("`journal think`", vec!["think", "--session", &session, "B.", "--json"], 0),
        ("`journal think`", vec!["think", "--session", &session, "C.", "--json", "--dry-run"], 0),
        ("`journal hydrate`", vec!["hydrate", &session, "--json"], 0),
        ("`journal`", vec!["--json"], 0),
        ("`journal sessions`", vec!["sessions", "--json"], 0),
        ("`journal show`", vec!["show", "plan-2026", "--json"], 0),
        ("`journal session …`", vec!["session", "pause", &session, "--json"], 0),
        ("`journal relocate`", vec!["relocate", "plan-2026", "Archive/", "--json"], 0),
        ("`journal config list`", vec!["config", "list", "--json"], 0),
        ("`journal config path`", vec!["config", "path", "--json"], 0),
        ("an error", vec!["hydrate", "plan-2027", "--json"], 1),
        ("an error", vec!["think", "--number", "none", "--json"], 2),
    ] {
        let output = journal.run(&arguments).assert_status(status);
        let text = if status == 0 { &output.stdout } else { &output.stderr };
        assert!(status == 0 || output.stdout.is_empty(), "an error is no answer");
        let object: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(object["schema_version"], 1, "{text}");
        let told = docs.lines().find(|line| line.starts_with(&format!("| {row} |"))).expect(row);
        let told = if row == "`journal`" { docs } else { told };
        for field in object.as_object().unwrap().keys().filter(|field| *field != "schema_version") {
            assert!(told.contains(&format!("`{field}`")), "`{field}` of {row} is not in docs/cli.md");
        }
        shown.push(output.transcript());
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn objects_around_the_index_are_documented_to_the_last_field() {
    let (vault, journal, session) = world();
    vault.write("Copy.md", "---\nid: plan-2026\n---\n[[Gone]] #tag\n");
    let docs = include_str!("../../../docs/cli.md");
    let mut shown = Vec::new();
    for (arguments, status) in [
        (vec!["reindex"], 0),
        (vec!["reindex", "--check"], 0),
        (vec!["search", "plan OR A", "--limit", "1"], 0),
        (vec!["search", "nothinglikeit", "--mode", "text"], 1),
        (vec!["links", "Copy.md"], 0),
        (vec!["links", "--broken"], 0),
        (vec!["links", "--ambiguous"], 0),
        (vec!["links", "--orphans"], 0),
        (vec!["related", &session], 1),
        (vec!["related", &session, "--same-session"], 0),
        (vec!["tags", "--limit", "1"], 0),
        (vec!["model", "status"], 0),
        (vec!["doctor", "--fix"], 4),
        (vec!["doctor", "--new-id", "Copy.md"], 0),
    ] {
        let output = journal.run(&[arguments.as_slice(), &["--json"]].concat()).assert_status(status);
        let object: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(object["schema_version"], 1, "{object}");
        assert!(output.stderr.is_empty(), "{}", output.transcript());
        each_key(&object, &mut |key| {
            assert!(docs.contains(&format!("`{key}`")), "`{key}` of {arguments:?} is not in docs/cli.md");
        });
        // Sizes and scores are another matter.
        if !["search", "doctor", "related"].contains(&arguments[0]) || status == 1 {
            shown.push(output.transcript());
        }
    }
    insta::assert_snapshot!(shown.join("\n"));
}

fn each_key(value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            tell(key);
            each_key(value, tell);
        }),
        Value::Array(values) => values.iter().for_each(|value| each_key(value, tell)),
        _ => {}
    }
}

#[test]
fn a_hydrated_session_as_an_object() {
    let (_vault, journal, session) = world();
    think(&journal, &["--session", &session, "--revises", "1", "B."]);
    let output = journal.run(&["hydrate", &session, "--json"]).assert_ok();
    // One field a line reads better; the transcript's placeholders stay.
    insta::assert_snapshot!(output.transcript().replace(",\"", ",\n\""));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (_vault, journal, session) = world();
    let mut child = journal
        .command(&["hydrate", &session])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_an_error_and_the_thought_is_there() {
    let (_vault, journal, session) = world();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        journal.command(&["think", "--session", &session, "Kept."]).stdin(Stdio::null()).stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: cannot write to standard output: "), "{said}");
    assert!(journal.run(&["hydrate", &session]).assert_ok().stdout.contains("Kept."));
}

#[test]
fn settings_and_where_they_come_from() {
    let (vault, journal, _) = world();
    let config = vault.root().join("config/journal/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "max_tokens = 500\nthinking_folder = \"Mine\"\npatience = 3\n").unwrap();
    let settings = vault.read(".journal/config.toml");
    vault.write(".journal/config.toml", format!("{settings}thinking_folder = \"Sessions\"\n"));
    let mut shown = vec![
        journal.run(&["config"]).assert_ok().transcript(),
        journal
            .env("JOURNAL_PROJECT", "api")
            .run(&["config", "list", "--color", "never", "-q"])
            .assert_ok()
            .transcript(),
        journal.run(&["config", "path"]).assert_ok().transcript(),
    ];
    think(&journal, &["--title", "Filed elsewhere", "B."]);
    assert!(vault.snapshot().keys().any(|path| path.starts_with("Sessions/")));
    vault.write(".journal/config.toml", format!("{settings}max_tokens = \"many\"\n"));
    shown.push(journal.run(&["sessions"]).assert_status(2).transcript());
    vault.write(".journal/config.toml", "thinking_folder = \"Sessions\"\n");
    let reading = journal.run(&["sessions"]).assert_ok();
    assert!(reading.stdout.contains("Filed elsewhere"), "{}", reading.stdout);
    let filtered = journal.filter(r#"id = "[0-9A-Z]{26}""#, "id = \"[fresh]\"");
    shown.push(filtered.run(&["think", "x"]).assert_status(2).transcript());
    fs::write(&config, "max_tokens 500\n").unwrap();
    shown.push(journal.run(&["sessions"]).assert_status(2).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn scripts_pages_and_help() {
    let vault = TestVault::new();
    let journal = nobody(&vault);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = journal.run(&["completions", shell]).assert_ok().stdout;
        assert!(script.contains("hydrate"), "{shell}");
    }
    assert!(journal.run(&["man"]).assert_ok().stdout.contains(".TH journal 1"));
    journal.run(&["man", "pages/man1"]).assert_ok();
    let pages: Vec<_> = vault.snapshot().into_keys().collect();
    assert!(pages.contains(&"pages/man1/journal-think.1".to_owned()), "{pages:?}");
    assert!(pages.contains(&"pages/man1/journal-session-close.1".to_owned()), "{pages:?}");
    let help = journal.run(&["--help"]).assert_ok();
    assert!(help.stdout.contains("journal init --demo") && help.stderr.is_empty());
    assert_eq!(journal.run(&["--version"]).assert_ok().stdout, concat!("journal ", env!("CARGO_PKG_VERSION"), "\n"));
    let wrong = journal.run(&["thnik"]).assert_status(2);
    assert!(wrong.stderr.contains("'think'") && wrong.stdout.is_empty(), "{}", wrong.stderr);
}

#[test]
fn colour_is_for_the_eye_and_quiet_is_quiet() {
    let (_vault, journal, session) = world();
    let plain = journal.run(&["hydrate", &session]).assert_ok().stdout;
    let coloured = journal.run(&["hydrate", &session, "--color", "always"]).assert_ok().stdout;
    assert!(!plain.contains('\x1b') && coloured.contains("\x1b[1m"));
    let mut bare = coloured;
    for escape in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[33m"] {
        bare = bare.replace(escape, "");
    }
    assert_eq!(bare, plain);
    let quiet = journal.run(&["think", "-q", "--session", &session, "Q."]).assert_ok();
    assert!(quiet.stderr.is_empty() && !quiet.stdout.contains("next"), "{}", quiet.stdout);
    let verbose = journal.run(&["sessions", "-v"]).assert_ok();
    assert!(verbose.stderr.contains("vault: "), "{}", verbose.stderr);
}

#[cfg(unix)]
#[test]
fn escape_sequences_of_a_note_do_not_reach_a_terminal() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    vault.write("Evil.md", "---\nid: evil\n---\n\x1b]0;owned\x07text\x1b[2J\n");
    let journal = nobody(&vault);
    assert!(journal.run(&["show", "evil", "--raw"]).assert_ok().stdout.contains('\x1b'), "a pipe gets the bytes");
    // `script` gives a command a terminal; where it is missing, the unit tests of output.rs are all there is.
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{} show evil", env!("CARGO_BIN_EXE_journal")), "/dev/null"]);
    script.current_dir(vault.path()).env("NO_COLOR", "1").stdin(Stdio::null());
    match script.output() {
        Err(error) => eprintln!("no terminal to test on: {error}"),
        Ok(output) => {
            let seen = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(seen.contains("]0;ownedtext[2J"), "{seen:?}");
            assert!(!seen.contains('\x1b') && !seen.contains('\x07'), "{seen:?}");
        }
    }
}
