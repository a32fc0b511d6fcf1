//! `journal hook session-start` as a client calls it, with no server running, against a process that only says its version: the
//! agent is registered, and the session it thought in comes back.
//!
//! `JOURNAL_BENCH_NOTES=100000` says how many notes the vault has; 10,000 otherwise.

use std::{
    fs::{self, File},
    process::Stdio,
    time::Duration,
};

use journal_engine::Reindex;

use crate::{
    pairs::{Bound, Pairs, timed},
    process::{command, first_byte},
    world::World,
};

/// How many thoughts the session has.
const THOUGHTS: usize = 50;

pub fn run() {
    let notes = std::env::var("JOURNAL_BENCH_NOTES").map_or(10_000, |notes| notes.parse().expect("a number"));
    let world = World::new(notes);
    world.session(THOUGHTS);
    world.engine.reindex(&Reindex::default(), &|_| ()).expect("the vault can be indexed");
    let said = world.data_home().join("said.json");
    let text = format!(
        "{{\"session_id\":\"bench-agent\",\"hook_event_name\":\"SessionStart\",\"source\":\"compact\",\"cwd\":{:?}}}",
        world.vault()
    );
    fs::write(&said, text).expect("a file can be written");
    let subject = || {
        let mut hook = command(&world, &["hook", "session-start"]);
        hook.stdin(Stdio::from(File::open(&said).expect("it was just written")));
        timed(|| {
            let output = hook.output().expect("the command was built with this bench");
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(output.stderr.is_empty() && told.contains("thought last"), "it gave no session: {told}");
        })
    };
    let floor = || first_byte(&world, &["--version"]);
    let name = format!("hook session-start, {notes} notes");
    Pairs::measure(50, subject, floor).print(&name, Bound::Above(Duration::from_millis(200)));
}
