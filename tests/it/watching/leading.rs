//! One process leads, and another when that is gone, however it ended.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use journal_engine::Embedding;
use journal_testkit::{JournalCommand, TestVault, poll_until, terminate};

use super::world::{DEADLINE, Watched, only_events, until_equal};
use crate::index::world::engine_over;

fn vault() -> TestVault {
    TestVault::from_fixture(
        "//- /.journal/config.toml\nid = \"nothing-lost\"\n//- /a.md\nalpha\n//- /Notes/b.md\nbeta\n",
    )
}

/// `journal watch`, as its own process.
pub(super) struct Process {
    pub(super) child: Child,
    told: Receiver<String>,
}

impl Process {
    pub(super) fn start(world: &TestVault) -> Self {
        let journal = journal(world);
        let mut command = journal.command(&["watch", "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (to_told, told) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines() {
                if !line.is_ok_and(|line| to_told.send(line).is_ok()) {
                    break;
                }
            }
        });
        Self { child, told }
    }

    /// Waits until it says this.
    #[track_caller]
    pub(super) fn until(&self, what: &str) -> serde_json::Value {
        let what = format!("\"what\":\"{what}\"");
        let line = poll_until(DEADLINE, &what, || self.told.try_iter().find(|line| line.contains(&what)));
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended is gone, which is as good.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

pub(super) fn journal(world: &TestVault) -> JournalCommand {
    JournalCommand::new(env!("CARGO_BIN_EXE_journal"), world).env("JOURNAL_DATA_DIR", world.data_home())
}

#[test]
fn when_the_leader_is_killed_another_takes_over_and_finds_what_changed() {
    let world = vault();
    engine_over(&world).pause_embedding(true).unwrap();
    let mut first = Process::start(&world);
    first.until("watches");
    let second = Process::start(&world);
    let waits = second.until("waits");
    assert_eq!(waits["holder"], format!("process {}", first.child.id()));
    let engine = engine_over(&world);
    let standing = poll_until(DEADLINE, "the leader's own words", || engine.leader().unwrap());
    assert_eq!(standing.process.unwrap().pid, first.child.id());

    first.child.kill().unwrap();
    first.child.wait().unwrap();
    // Before anybody leads again.
    world.write("a.md", "changed\n");
    world.rename("Notes", "Elsewhere");
    second.until("leads");
    until_equal(&engine, world.path());
    poll_until(DEADLINE, "the new leader's own words", || {
        (engine.leader().unwrap()?.process?.pid == second.child.id()).then_some(())
    });
    world.write("c.md", "new\n");
    until_equal(&engine, world.path());
}

#[test]
fn a_leader_that_is_asked_to_stop_leaves_its_place_at_once() {
    let world = vault();
    let mut first = Process::start(&world);
    first.until("compared");
    terminate(&first.child);
    let status = poll_until(DEADLINE, "the end", || first.child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    let standing = engine_over(&world).leader().unwrap().unwrap();
    assert_eq!(standing.process, None);
    assert!(standing.compared.is_some());
}

#[test]
fn a_watch_whose_words_nobody_reads_ends() {
    let world = vault();
    let mut command = journal(&world).command(&["watch"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let status = poll_until(DEADLINE, "the end", || child.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

#[test]
fn of_two_engines_one_leads_until_it_is_gone() {
    let world = vault();
    let first = Watched::new(&world, only_events());
    let second = Watched::on(&world, std::sync::Arc::new(journal_engine::RealDisk), only_events());
    second.until_told(&["Waits", "process"]);
    assert!(matches!(second.engine.embedding(), Embedding::Elsewhere { .. }));
    drop(first);
    second.until_told(&["Leads"]);
    world.write("c.md", "new\n");
    second.until_equal(&world);
}
