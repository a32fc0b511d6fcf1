//! A session that is exported as JSON and imported into an empty vault has every note as it was, byte for byte.

use journal_model::Note;
use journal_testkit::{SessionShape, TestVault, generate_session, size};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{json, notes, otter};

#[test]
fn generated_sessions_come_back_as_they_were() {
    let cases = u32::try_from(size("JOURNAL_ROUND_TRIPS", 6)).unwrap();
    let mut runner =
        TestRunner::new(Config { cases, max_shrink_iters: 20, failure_persistence: None, ..Config::default() });
    let shapes = (1..40_usize, 0..6_usize, 0..5_usize, any::<u64>(), any::<bool>());
    let ran = runner.run(&shapes, |(thoughts, branches, revisions, seed, crlf)| {
        let (from, to) = (TestVault::new(), TestVault::new());
        let id = generate_session(from.path(), SessionShape { thoughts, branches, revisions }, seed).id;
        if crlf {
            for (path, text) in notes(&from) {
                from.write(&path, format!("\u{feff}{}", text.replace("\r\n", "\n").replace('\n', "\r\n")));
            }
        }
        let document = otter(&from).run(&["export", &id, "--format", "json"]).assert_ok().stdout;
        let answer = otter(&to).stdin(&document).run(&["import", "-", "--json"]).assert_ok();
        prop_assert_eq!(json(&answer)["sessions"][0]["written"].as_u64(), Some(thoughts as u64 + 1));
        prop_assert_eq!(notes(&to), notes(&from));
        // And what comes out of it is the same again.
        let again = otter(&to).run(&["export", &id, "--format", "json"]).assert_ok().stdout;
        prop_assert_eq!(again, document);
        Ok(())
    });
    ran.unwrap();
}

#[test]
fn without_source_the_properties_are_written_anew() {
    let (from, to) = (TestVault::new(), TestVault::new());
    let shape = SessionShape { thoughts: 9, branches: 2, revisions: 1 };
    let id = generate_session(from.path(), shape, 5).id;
    let text = otter(&from).run(&["export", &id, "--format", "json"]).assert_ok().stdout;
    // By lines: a JSON value would sort the properties.
    let without: String = text.lines().filter(|line| !line.trim_start().starts_with("\"source\":")).collect();
    otter(&to).stdin(without).run(&["import", "-"]).assert_ok();
    let read = |vault: &TestVault| {
        let parse = |(path, text): (String, String)| {
            let note = Note::parse(&text);
            let properties: Vec<_> = note.properties.iter().map(|one| (one.key.clone(), one.value.clone())).collect();
            (path, properties, note.body(&text).to_owned())
        };
        notes(vault).into_iter().map(parse).collect::<Vec<_>>()
    };
    assert_eq!(read(&to), read(&from));
}
