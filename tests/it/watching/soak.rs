//! All of it at once: people who edit and move notes, a syncer that brings many, agents that come, think and go, and a leader
//! that is killed every so often. In the end the index is what a new one would be, and nothing has grown.
//!
//! `JOURNAL_SECONDS=1200 JOURNAL_KILL_SECONDS=30` is the long round; the short one is a part of every test run.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use journal_engine::Engine;
use journal_testkit::{TestVault, poll_until, seed, size};
use serde_json::{Value, json};

use super::{
    leading::{Process, journal},
    world::{DEADLINE, until_equal},
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

/// An agent's server that lives from the beginning to the end, and is asked now and then. It neither watches nor leads, so it is
/// nobody's turn to kill it.
struct Companion {
    child: Child,
    input: ChildStdin,
    said: Receiver<String>,
    sent: u64,
}

impl Companion {
    fn start(world: &TestVault) -> Self {
        let mut command = journal(world).command(&["mcp", "--no-watch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let (to_said, said) = channel();
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| to_said.send(line)));
        let mut companion = Self { child, input, said, sent: 0 };
        let client = json!({ "name": "soak", "version": "1" });
        companion
            .ask("initialize", &json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client }));
        writeln!(companion.input, "{}", json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).unwrap();
        companion.call();
        companion
    }

    fn ask(&mut self, method: &str, params: &Value) {
        self.sent += 1;
        let id = self.sent;
        writeln!(self.input, "{}", json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).unwrap();
        poll_until(DEADLINE, method, || {
            let mut said = self.said.try_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
            said.find(|answer| answer["id"] == id).map(|answer| assert!(answer["error"].is_null(), "{answer}"))
        });
    }

    fn call(&mut self) {
        self.ask("tools/call", &json!({ "name": "search", "arguments": { "query": "edit" } }));
        self.ask("tools/call", &json!({ "name": "status", "arguments": {} }));
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        // One that has ended is gone, which is as good.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The middle of what one process needed, of memory and of files.
fn median(sizes: &[Size]) -> (u64, usize) {
    let middle = |mut values: Vec<u64>| {
        values.sort_unstable();
        values[values.len() / 2]
    };
    let files = middle(sizes.iter().map(|size| size.files as u64).collect());
    (middle(sizes.iter().map(|size| size.memory_kb).collect()), files as usize)
}

/// A process that lives long needs in the last quarter of its life what it needed in the first: the vault may have grown a hundred
/// times meanwhile, of which it knows a little.
fn assert_flat(life: &[Size]) {
    let quarter = life.len().div_ceil(4);
    let ((early_kb, early_files), (late_kb, late_files)) =
        (median(&life[..quarter]), median(&life[life.len() - quarter..]));
    assert!(late_kb <= 2 * early_kb + 32_000 && late_files <= early_files + 8, "{life:?}");
}

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
    let (mut companion, mut life, mut look) = (Companion::start(&soak.world), Vec::new(), begun);
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
            6..=25 => companion.call(),
            _ => {}
        }
        if Instant::now() >= look {
            look += seconds / 40;
            life.extend(measure(&companion.child, &soak.engine));
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
    println!(
        "{actions} edits, {storms} storms, {killed} leaders killed; of each: {sizes:?}; of one that lived: {life:?}"
    );
    until_equal(&soak.engine, soak.world.path());
    sizes.extend(measure(&leader.child, &soak.engine));
    for size in &sizes {
        let is_flat = size.memory_kb < MOST.memory_kb && size.files < MOST.files && size.log < MOST.log;
        assert!(is_flat, "{size:?} of {sizes:?}");
    }
    companion.call();
    life.extend(measure(&companion.child, &soak.engine));
    assert_flat(&life);
    drop((leader, next, companion));
    assert_whole(&soak.engine, "after the soak");
    settle(soak.world.path());
    // Times that were left open are noted down, and nothing else is left to do.
    let report = reindex(&soak.engine, &everything());
    let differing = report.added + report.changed + report.moved.len() + report.deleted;
    assert_eq!(differing, 0, "{report:?}");
    assert_rebuilt(&soak.world, &soak.engine, "after the soak");
}
