//! `journal import` killed at any moment: every note is whole or not there, and the next import writes the rest.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use fastrand::Rng;
use journal_testkit::{JournalCommand, SessionShape, TestVault, generate_session};

use super::{killed_commands::ends_by, looking::Look, seed, size};

#[test]
fn a_killed_import_is_finished_by_the_next() {
    // Each round is four imports.
    let (rounds, mut rng) = (size("JOURNAL_ROUNDS", 12).div_ceil(4), Rng::with_seed(seed()));
    let from = TestVault::new();
    let shape = SessionShape { thoughts: 40, branches: 2, revisions: 2 };
    generate_session(from.path(), shape, 1);
    let golden = from.snapshot();
    let (mut killed, mut partly) = (0, 0);
    for _ in 0..rounds {
        let to = TestVault::new();
        let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &to).agent("otter");
        journal.run(&["init"]).assert_ok();
        let notes = || {
            let mut files = to.snapshot();
            files.retain(|path, _| path.starts_with("Thinking/2026/") && path.ends_with(".md"));
            files
        };
        // With the folder of the session as the place to put it, the notes lie where they lay.
        let from = from.join("Thinking");
        let import = ["import", from.to_str().unwrap(), "--folder", "Thinking"];
        // The commands that are not killed take about as long as those that are.
        for _ in 0..3 {
            let mut command = journal.command(&import);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let deadline = Instant::now() + Duration::from_micros(rng.u64(2_000..60_000));
            match ends_by(deadline, command.spawn().unwrap()) {
                Some(status) => assert_eq!(status, 0),
                None => killed += 1,
            }
            let written = notes();
            assert!(written.iter().all(|(path, bytes)| golden.get(path) == Some(bytes)), "{:?}", written.keys());
            partly += usize::from(!written.is_empty() && written.len() < golden.len());
        }
        journal.run(&import).assert_ok();
        assert_eq!(notes(), golden);
        journal.run(&["think", "--session", &Look::at(to.path()).sessions[0].id, "And on."]).assert_ok();
        let temps = Look::at(to.path()).temps;
        assert!(temps.is_empty(), "temporary files of the dead stayed: {temps:?}");
    }
    println!("{rounds} rounds, {killed} imports killed, {partly} of them with a part of the notes");
}
