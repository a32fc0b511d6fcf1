//! Several agents on one session.

use journal_testkit::TestVault;

use super::{nobody, otter, think};

#[test]
fn a_held_line_and_the_ways_on() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let (otter, heron) = (otter(&vault), nobody(&vault).agent("heron"));
    let (session, _) = think(&otter, &["--title", "Shared", "Otter begins."]);
    let session = session.as_str();
    let mut shown = Vec::new();
    let mut by_heron = |arguments: &[&str], status: i32| {
        shown.push(heron.run(arguments).assert_status(status).transcript());
    };
    by_heron(&["think", "--session", session, "Heron interrupts."], 3);
    by_heron(&["think", "--session", session, "--json", "Heron interrupts."], 3);
    by_heron(&["session", "close", session], 3);
    by_heron(&["think", "--session", session, "--branch", "beside", "--from", "1", "Heron thinks beside."], 0);
    by_heron(&["hydrate", session], 0);
    by_heron(&["think", "--session", session, "Heron takes over.", "--takeover"], 3);
    by_heron(&["think", "--session", session, "Heron takes over.", "--takeover", "otter sleeps"], 0);
    shown.push(otter.run(&["think", "--session", session, "Otter is back."]).assert_status(3).transcript());
    insta::assert_snapshot!(shown.join("\n"));
    // Refused calls wrote nothing.
    let thoughts = vault.snapshot().into_keys().filter(|path| path.contains("/T0")).count();
    assert_eq!(thoughts, 3);
}

#[test]
fn an_agent_goes_on_where_it_was() {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let (otter, heron) = (otter(&vault), nobody(&vault).env("CLAUDE_CODE_SESSION_ID", "heron"));
    let (ours, _) = think(&otter, &["Otter begins."]);
    let (theirs, _) = think(&heron, &["Heron begins."]);
    assert_ne!(ours, theirs);
    assert_eq!(think(&otter, &["Otter goes on."]).0, ours);
    assert_eq!(think(&heron, &["Heron goes on."]).0, theirs);
    // The first thought again is a retry; another first thought is another session.
    assert_eq!(think(&otter, &["--number", "1", "Otter begins."]).0, ours);
    assert_ne!(think(&otter, &["--number", "1", "Otter begins something else."]).0, ours);
}
