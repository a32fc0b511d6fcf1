//! What README.md shows of a first session is what happens.

use std::sync::LazyLock;

use journal_testkit::{JournalCommand, TestVault};
use regex::Regex;

use super::nobody;

const README: &str = include_str!("../../../README.md");

/// The console of a section: each command with the lines it is shown to print.
fn console(section: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let section = README.split("\n## ").find(|text| text.starts_with(section)).expect("README.md has the section");
    let blocks = section.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("console\n"));
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line),
            (None, None) => panic!("`{line}` is printed by no command"),
        }
    }
    commands
}

/// What differs between the one who wrote it and the one who runs it.
fn plain(line: &str, tail: &str) -> String {
    static VARYING: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
        [
            (r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b", "[id]"),
            (r"· [0-9a-z]{6} ·|journal show [0-9a-z]{6}", "[thought]"),
            (r"\d{4}-\d{2}-\d{2}|\b2\d{3}/|\d{2}:\d{2}", "[when]"),
            (r"\((?:just now|in a moment|in \d+ minutes|\d+ \w+ ago)\)|· (?:just now|\d+ hours ago)$|[a-z]+-[a-z]+ \((?:agent `)?first", "[…]"),
        ]
        .map(|(pattern, placeholder)| (Regex::new(pattern).expect("it is a pattern"), placeholder))
    });
    let mut line = line.replace(tail, "[tail]");
    for (pattern, placeholder) in VARYING.iter() {
        line = pattern.replace_all(&line, *placeholder).into_owned();
    }
    line
}

/// The words of a command, as a shell would part them.
fn words(command: &str) -> Vec<String> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""([^"]*)"|'([^']*)'|(\S+)"#).expect("it is a pattern"));
    let command = command.split("  ").next().unwrap_or_default();
    let word = |found: regex::Captures<'_>| found.iter().skip(1).flatten().next().map(|word| word.as_str().to_owned());
    WORD.captures_iter(command).filter_map(word).collect()
}

#[test]
fn the_first_session_goes_as_it_is_shown() {
    const TAIL: &str = "k3m9q2";
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let mut journal: JournalCommand = nobody(&vault);
    let mut tail = None;
    let commands: Vec<_> = console("What it looks like").into_iter().chain(console("Finding things again")).collect();
    // The rest needs more than one session.
    for (command, shown) in commands.into_iter().take(7) {
        let mut typed = words(command);
        if typed[0] == "export" {
            let (name, value) = typed[1].split_once('=').unwrap();
            journal = journal.env(name, value);
            continue;
        }
        let mut called = journal.clone();
        while let Some((name, value)) = typed[0].split_once('=') {
            called = called.env(name, value);
            typed.remove(0);
        }
        assert_eq!(typed.remove(0), "journal", "{command}");
        let arguments: Vec<_> = typed.iter().map(|word| word.replace(TAIL, tail.as_deref().unwrap_or(TAIL))).collect();
        let is_refused = shown.first().is_some_and(|line| line.starts_with("error:"));
        let output = called.run(&arguments).assert_status(if is_refused { 3 } else { 0 });
        if tail.is_none() {
            let id =
                output.stdout.lines().find_map(|line| line.strip_prefix("session  ")).expect("it names the session");
            tail = Some(super::tail(id));
        }
        let tail = tail.as_deref().expect("it is known");
        if arguments[0] == "search" {
            // Shown as on a terminal: in a pipe it is a line a hit.
            assert!(output.stdout.contains("Not the clock"), "{command}: {}", output.stdout);
            continue;
        }
        let printed = format!("{}{}", output.stdout, output.stderr);
        let mut printed = printed.lines().map(|line| plain(line, tail)).peekable();
        let mut is_gap = false;
        for line in shown.iter().filter(|line| !line.is_empty()) {
            if *line == "…" {
                is_gap = true;
                continue;
            }
            let expected = plain(line, TAIL);
            let found = printed.find(|line| *line == expected || !is_gap && !line.is_empty());
            assert_eq!(found, Some(expected), "{command}");
            is_gap = false;
        }
    }
}
