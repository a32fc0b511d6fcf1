//! All of it at once: people who edit and move notes, a syncer that brings many, agents that come, think and go, and a leader
//! that is killed every so often. In the end the index is what a new one would be, and nothing has grown.
//!
//! `JOURNAL_SECONDS=1200 JOURNAL_KILL_SECONDS=30` is the long round; the short one is a part of every test run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use journal_engine::Engine;
use journal_testkit::{TestVault, seed, size};

use super::{
    leading::{Process, journal},
    world::until_equal,
};
use crate::{
    index::world::{assert_rebuilt, assert_whole, engine_over, everything, reindex, settle, state_file},
    nothing_lost::world::{append, serving, thought},
};

/// Folders in which people work.
const FOLDERS: usize = 12;

struct Soak {
    world: TestVault,
    engine: Engine,
    rng: Rng,
    count: usize,
}

impl Soak {
    fn path(&mut self) -> PathBuf {
        let (folder, note) = (self.rng.usize(..FOLDERS), self.rng.usize(..60));
        self.world.join(&format!("Area {folder}/Note {note}.md"))
    }

    fn text(&mut self) -> String {
        self.count += 1;
        let link = self.rng.usize(..60);
        format!("---\ntags: [t{}]\n---\nEdit {} is here. See [[Note {link}]].\n", self.count % 7, self.count)
    }

    /// Something that somebody does. What is not there cannot be changed, and that is fine.
    fn act(&mut self) {
        let (one, other, text) = (self.path(), self.path(), self.text());
        fs::create_dir_all(one.parent().unwrap()).unwrap();
        match self.rng.usize(..20) {
            0..=7 => fs::write(one, text).unwrap(),
            8..=10 => {
                let hidden = one.with_file_name(".tmp");
                fs::write(&hidden, text).unwrap();
                fs::rename(hidden, one).unwrap();
            }
            11 | 12 => drop(fs::remove_file(one)),
            13 | 14 => drop(fs::rename(one, other)),
            15 => {
                let (from, to) = (one.parent().unwrap(), self.world.join(&format!("Moved {}", self.count % 5)));
                drop(fs::rename(from, to));
            }
            16 => {
                let from = self.world.join(&format!("Moved {}", self.count % 5));
                drop(fs::rename(from, other.parent().unwrap()));
            }
            17 => {
                let deep = self.world.join(&format!("New {}/a/b", self.count % 9));
                fs::create_dir_all(&deep).unwrap();
                fs::write(deep.join("deep.md"), text).unwrap();
            }
            18 => drop(fs::remove_dir_all(self.world.join(&format!("New {}", self.count % 9)))),
            _ => {
                let agent = serving(&format!("agent-{}", self.count % 4));
                append(&self.engine, &thought(&agent, None, None, None, &text));
            }
        }
    }

    /// A file syncer that brings many notes, and takes some away that it brought before: not so many that a leader which did not see
    /// them go would ask.
    fn storm(&mut self) {
        for n in 0..400 {
            let folder = self.world.join(&format!("Synced/{}", n % 10));
            fs::create_dir_all(&folder).unwrap();
            let path = folder.join(format!("{n}.md"));
            if self.rng.usize(..8) == 0 {
                drop(fs::remove_file(path));
            } else {
                fs::write(path, self.text()).unwrap();
            }
        }
    }
}

/// What must not grow.
#[derive(Debug, Clone, Copy)]
struct Size {
    memory_kb: u64,
    files: usize,
    log: u64,
}

fn measure(child: &Child, engine: &Engine) -> Option<Size> {
    let process = Path::new("/proc").join(child.id().to_string());
    let status = fs::read_to_string(process.join("status")).ok()?;
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(Size {
        memory_kb: memory.trim().split(' ').next()?.parse().ok()?,
        files: fs::read_dir(process.join("fd")).ok()?.count(),
        log: fs::metadata(state_file(engine, "index.db-wal")).map_or(0, |log| log.len()),
    })
}

/// Where nothing grows, these are never reached: many times what such a vault needs.
const MOST: Size = Size { memory_kb: 400_000, files: 100, log: 64 << 20 };

#[test]
fn in_the_end_the_index_is_what_a_new_one_would_be() {
    let seconds = Duration::from_secs(size("JOURNAL_SECONDS", 6) as u64);
    let kill_every = Duration::from_secs(size("JOURNAL_KILL_SECONDS", 2) as u64);
    let world = TestVault::from_fixture("//- /.journal/config.toml\nid = \"nothing-lost\"\n");
    let engine = engine_over(&world);
    engine.pause_embedding(true).unwrap();
    let mut soak = Soak { world, engine, rng: Rng::with_seed(seed()), count: 0 };
    for _ in 0..200 {
        soak.act();
    }
    let start = |soak: &Soak| Process::start(&soak.world);
    let (mut leader, mut next) = (start(&soak), start(&soak));
    let begun = Instant::now();
    let (mut killed, mut storms, mut sizes) = (0, 0, Vec::new());
    let mut due = begun + kill_every;
    while begun.elapsed() < seconds {
        soak.act();
        match soak.rng.usize(..1_000) {
            0 | 1 => {
                soak.storm();
                storms += 1;
            }
            2..=4 => drop(journal(&soak.world).run(&["search", "edit", "--limit", "1"])),
            5 => drop(journal(&soak.world).run(&["reindex", "--words-only"])),
            _ => {}
        }
        if Instant::now() >= due {
            due += kill_every;
            // Whoever has just been started may have been faster than the one that waited.
            let leads = soak.engine.leader().unwrap().and_then(|standing| standing.process);
            if leads.is_some_and(|process| process.pid == next.child.id()) {
                std::mem::swap(&mut leader, &mut next);
            }
            sizes.extend(measure(&leader.child, &soak.engine));
            leader.child.kill().unwrap();
            leader.child.wait().unwrap();
            killed += 1;
            leader = next;
            next = start(&soak);
        }
        // People are not that fast, and the others are to have their turn.
        thread::park_timeout(Duration::from_millis(soak.rng.u64(..10)));
    }
    let actions = soak.count;
    println!("{actions} edits, {storms} storms, {killed} leaders killed; of each: {sizes:?}");
    until_equal(&soak.engine, soak.world.path());
    sizes.extend(measure(&leader.child, &soak.engine));
    for size in &sizes {
        let is_flat = size.memory_kb < MOST.memory_kb && size.files < MOST.files && size.log < MOST.log;
        assert!(is_flat, "{size:?} of {sizes:?}");
    }
    drop((leader, next));
    assert_whole(&soak.engine, "after the soak");
    settle(soak.world.path());
    // Times that were left open are noted down, and nothing else is left to do.
    let report = reindex(&soak.engine, &everything());
    let differing = report.added + report.changed + report.moved.len() + report.deleted;
    assert_eq!(differing, 0, "{report:?}");
    assert_rebuilt(&soak.world, &soak.engine, "after the soak");
}
