//! `journal think` in a loop, killed at any moment. What it said is its exit code: 0 is a thought on the disk.

use std::{
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use journal_testkit::{JournalCommand, TestVault};

use super::{looking::Look, seed, size, writer::text_of};

const ROUNDS_A_VAULT: usize = 10;

/// One vault with the texts that were acknowledged on its one line.
struct Campaign {
    world: TestVault,
    journal: JournalCommand,
    told: Vec<String>,
    killed_at_work: usize,
}

impl Campaign {
    fn new() -> Self {
        let world = TestVault::from_fixture("//- /Notes/Plan.md\nA person's note.\n");
        let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &world).agent("otter");
        journal.run(&["init"]).assert_ok();
        Self { world, journal, told: Vec::new(), killed_at_work: 0 }
    }

    /// The command that appends the next thought.
    fn think(&self) -> Vec<String> {
        let number = self.told.len() + 1;
        let mut arguments = vec!["think".to_owned(), text_of("otter", u32::try_from(number).unwrap())];
        arguments.extend(["--number".to_owned(), number.to_string()]);
        // The first begins the session, and what follows joins it by its id.
        if let Some(session) = Look::at(self.world.path()).sessions.first().filter(|_| number > 1) {
            arguments.extend(["--session".to_owned(), session.id.clone()]);
        }
        arguments
    }

    fn round(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        loop {
            let arguments = self.think();
            let mut command = self.journal.command(&arguments);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let ended = ends_by(deadline, command.spawn().unwrap());
            let text = arguments[1].clone();
            match ended {
                Some(0) => self.told.push(text),
                Some(status) => panic!("`journal {arguments:?}` ended with {status}"),
                None => {
                    self.killed_at_work += 1;
                    return self.check(&text);
                }
            }
            if Instant::now() >= deadline {
                return;
            }
        }
    }

    /// What was told is there; what was begun is there whole or not at all, and the same command again makes it one thought.
    fn check(&mut self, begun: &str) {
        let count = |look: &Look, text: &str| look.thoughts.iter().filter(|seen| seen.body == text).count();
        let look = Look::at(self.world.path());
        assert!(self.told.iter().all(|text| count(&look, text) == 1), "lost: {:?}", look.thoughts);
        assert_eq!(look.thoughts.len(), self.told.len() + count(&look, begun), "a thought that nobody thought");

        self.journal.run(&self.think()).assert_ok();
        self.told.push(begun.to_owned());
        self.journal.run(&self.think()).assert_ok();
        self.told.push(text_of("otter", u32::try_from(self.told.len() + 1).unwrap()));
        let look = Look::at(self.world.path());
        assert!(self.told.iter().all(|text| count(&look, text) == 1), "lost: {:?}", look.thoughts);
        assert_eq!((look.thoughts.len(), look.sessions.len()), (self.told.len(), 1));
        look.assert_linked(&look.sessions[0].id);
        look.assert_counted(&look.sessions[0].id);
        assert!(look.temps.is_empty(), "temporary files of the dead stayed: {:?}", look.temps);
        assert_eq!(self.world.read("Notes/Plan.md"), "A person's note.\n");
    }
}

/// The exit code, if the process ends by itself before it is killed at the deadline.
pub(super) fn ends_by(deadline: Instant, mut child: Child) -> Option<i32> {
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status.code().expect("nobody else kills it"));
        }
        thread::park_timeout(Duration::from_micros(200));
    }
    child.kill().unwrap();
    // It may have ended just before.
    child.wait().unwrap().code()
}

#[test]
fn a_killed_command_loses_nothing_it_said() {
    let (rounds, mut rng) = (size("JOURNAL_ROUNDS", 12), Rng::with_seed(seed()));
    let (mut thoughts, mut killed) = (0, 0);
    for first in (0..rounds).step_by(ROUNDS_A_VAULT) {
        let mut campaign = Campaign::new();
        for _ in first..rounds.min(first + ROUNDS_A_VAULT) {
            campaign.round(Duration::from_micros(rng.u64(0..150_000)));
        }
        thoughts += campaign.told.len();
        killed += campaign.killed_at_work;
    }
    println!("{rounds} rounds, {thoughts} thoughts told, {killed} commands killed at work");
    assert!(thoughts >= rounds && killed > rounds / 2, "the commands hardly wrote, or were hardly killed");
}
