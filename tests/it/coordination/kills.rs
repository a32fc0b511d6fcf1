//! Processes that fight for locks, and are killed, stopped and robbed while they hold them.
//!
//! What a lock protects is a log that takes a write only with a token no smaller than the last: the fence. Every write is two
//! lines, so that two at once would show. The full round: five minutes of kills, at least 400, then 200 rounds of each agent.
//!
//! ```text
//! JOURNAL_SECONDS=300 JOURNAL_ROUNDS=400 cargo test --test it coordination::kills -- --nocapture
//! ```

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use journal_engine::{AcquireLock, AgentFilter, Engine, EventKind, LockName, Locked, NamedLockError, RealDisk};
use journal_testkit::{
    TestVault, Worker, poll_until, seed, size,
    worker::{orders, ready, tell},
};
use serde::{Deserialize, Serialize};

use crate::nothing_lost::world::{Real, open, serving};

const AGENTS: usize = 8;
const LOCKS: [&str; 3] = ["deploy", "docker", "schema"];

/// Bytes at the end of a log that hold the lines of more writes than can be under way.
const TAIL: u64 = 4096;

/// Longer than any test: who waits gets it, or the test hangs and says so.
const LONG: Duration = Duration::from_secs(240);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Orders {
    vault: PathBuf,
    data_home: PathBuf,
    agent: String,
    rounds: usize,
    /// How often in a hundred it takes a lock by force.
    steals: u32,
    /// Holds one lock and writes until it may no longer.
    clings: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Report {
    Holds { process: u32, token: u64 },
    Wrote,
    Lost,
}

fn log(data_home: &Path, lock: &str) -> PathBuf {
    data_home.join(format!("{lock}.log"))
}

/// Writes under the fence: `false` when a greater token was there before.
fn write(path: &Path, token: u64, between: impl FnOnce()) -> bool {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path).unwrap();
    let last = {
        // Held for the look and the first line only, so that a second writer at work would get in between.
        let guard = File::open(path).unwrap();
        guard.lock().unwrap();
        // The last lines are enough: tokens grow.
        let length = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let text = if length > TAIL { text.split_once('\n').unwrap().1 } else { text.as_str() };
        let last = text.lines().filter_map(|line| line.split(' ').nth(1)?.parse().ok()).max().unwrap_or(0);
        if last <= token {
            file.write_all(format!("begin {token}\n").as_bytes()).unwrap();
        }
        last
    };
    if last > token {
        return false;
    }
    between();
    file.write_all(format!("end {token}\n").as_bytes()).unwrap();
    true
}

fn acquire(engine: &Engine, agent: &str, lock: &str, wait: Duration, steal: bool) -> Result<Locked, NamedLockError> {
    engine.acquire_lock(&AcquireLock {
        caller: serving(agent),
        name: lock.parse().unwrap(),
        reason: Some("my turn".to_owned()),
        details: None,
        wait,
        steal: steal.then(|| "I cannot wait".to_owned()),
        process: None,
    })
}

fn carry_out(orders: &Orders) {
    let engine = open(&orders.vault, &orders.data_home, Arc::new(RealDisk), Arc::new(Real));
    let caller = serving(&orders.agent);
    ready();
    for _ in 0..orders.rounds {
        let lock = LOCKS[if orders.clings { 0 } else { fastrand::usize(0..LOCKS.len()) }];
        let steal = fastrand::u32(0..100) < orders.steals;
        let locked = acquire(&engine, &orders.agent, lock, LONG, steal).unwrap();
        let token = locked.lease.token;
        if orders.clings && !tell(&Report::Holds { process: std::process::id(), token }) {
            return;
        }
        let mut lost = false;
        for _ in 0..if orders.clings { usize::MAX } else { fastrand::usize(1..4) } {
            let renewed = engine.renew_lock(&caller, &locked.name, Some(token));
            lost = matches!(renewed, Err(NamedLockError::Lost { .. }));
            assert!(lost || renewed.is_ok(), "{renewed:?}");
            // One that clings is to be met outside of the database most of the time.
            let works =
                || if orders.clings { thread::park_timeout(Duration::from_millis(50)) } else { thread::yield_now() };
            lost |= !write(&log(&orders.data_home, lock), token, works);
            if lost || !tell(&Report::Wrote) {
                break;
            }
        }
        if !lost {
            let released = engine.release_lock(&caller, &locked.name, Some(token));
            lost = matches!(released, Err(NamedLockError::Lost { .. }));
            assert!(lost || released.is_ok(), "{released:?}");
        }
        if lost && !tell(&Report::Lost) {
            return;
        }
    }
}

#[test]
fn obeys_its_orders() {
    if let Some(orders) = orders::<Orders>() {
        carry_out(&orders);
    }
}

struct Fight {
    world: TestVault,
    rng: Rng,
}

impl Fight {
    fn new() -> Self {
        Self { world: TestVault::new(), rng: Rng::with_seed(seed()) }
    }

    fn engine(&self) -> Engine {
        open(self.world.path(), self.world.data_home(), Arc::new(RealDisk), Arc::new(Real))
    }

    fn start(&self, agent: usize, rounds: usize, steals: u32, clings: bool) -> Worker<Report> {
        let orders = Orders {
            vault: self.world.path().to_owned(),
            data_home: self.world.data_home().to_owned(),
            agent: format!("agent-{agent}"),
            rounds,
            steals,
            clings,
        };
        let mut worker = Worker::start("coordination::kills::obeys_its_orders", &orders);
        worker.wait_until_ready();
        worker.go();
        worker
    }

    /// Tokens of the writes to each log, in order; with `alone`, no two were at work at once but for those cut short by a kill.
    fn verify(&self, alone: bool) -> usize {
        let mut writes = 0;
        for lock in LOCKS {
            let text = std::fs::read_to_string(log(self.world.data_home(), lock)).unwrap_or_default();
            let lines: Vec<(&str, u64)> = text
                .lines()
                .map(|line| line.split_once(' ').map(|(word, token)| (word, token.parse().unwrap())).unwrap())
                .collect();
            let begun: Vec<u64> = lines.iter().filter(|(word, _)| *word == "begin").map(|(_, token)| *token).collect();
            assert!(begun.is_sorted(), "`{lock}`: a smaller token was accepted after a greater one: {begun:?}");
            if alone {
                for (at, line) in lines.iter().enumerate().filter(|(_, (word, _))| *word == "end") {
                    assert_eq!(lines[at - 1], ("begin", line.1), "`{lock}`: two held it at once, line {at}");
                }
            }
            writes += begun.len();
        }
        writes
    }

    fn nothing_is_held(&self) {
        let left = self.engine().locks().unwrap();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

#[test]
fn no_two_hold_a_lock_at_once_whoever_is_killed() {
    let (least, time) = (size("JOURNAL_ROUNDS", 10), Duration::from_secs(size("JOURNAL_SECONDS", 0) as u64));
    let mut fight = Fight::new();
    let (begun, mut kills) = (Instant::now(), 0);
    let mut workers: BTreeMap<_, _> =
        (0..AGENTS).map(|agent| (agent, fight.start(agent, usize::MAX, 0, false))).collect();
    while kills < least || begun.elapsed() < time {
        kills += 1;
        let agent = fight.rng.usize(0..AGENTS);
        let time = Duration::from_micros(fight.rng.u64(0..60_000));
        // Two processes of one agent would hold as one, so the one before is gone first.
        workers.remove(&agent).unwrap().kill_after(time);
        workers.insert(agent, fight.start(agent, usize::MAX, 0, false));
    }
    drop(workers);
    let by_then = fight.verify(true);
    // Whatever the dead held is free at once for those that come after them, whom nobody kills.
    let rounds = least / 2;
    let workers: Vec<_> = (0..AGENTS).map(|agent| fight.start(agent, rounds, 0, false)).collect();
    let wrote = |worker: Worker<Report>| worker.finish().iter().filter(|report| **report == Report::Wrote).count();
    let after: usize = workers.into_iter().map(wrote).sum();
    assert!(after >= AGENTS * rounds, "{after}");
    assert_eq!(fight.verify(true), by_then + after, "what was told is in the log, once");
    fight.nothing_is_held();
    println!("{kills} kills, {} protected writes", by_then + after);
}

#[test]
fn with_robbers_among_them_tokens_only_grow() {
    let rounds = size("JOURNAL_ROUNDS", 10);
    let fight = Fight::new();
    let workers: Vec<_> = (0..AGENTS).map(|agent| fight.start(agent, rounds, 30, false)).collect();
    let reports: Vec<_> = workers.into_iter().flat_map(Worker::finish).collect();
    let lost = reports.iter().filter(|report| **report == Report::Lost).count();
    fight.nothing_is_held();
    println!("{} protected writes, {lost} refused to those that were robbed", fight.verify(false));
}

#[test]
fn a_dead_holder_is_in_nobodys_way() {
    let fight = Fight::new();
    let holder = fight.start(0, 1, 0, true);
    let told = holder.kill_after_reports(1, Duration::ZERO);
    assert!(matches!(told[0], Report::Holds { .. }), "{told:?}");
    let begun = Instant::now();
    let locked = acquire(&fight.engine(), "heir", LOCKS[0], Duration::ZERO, false).unwrap();
    println!("taken over {:?} after the holder was dead", begun.elapsed());
    assert_eq!(locked.former.unwrap().id.as_str(), "agent-0");
    // One that waits while the holder dies.
    let fight = Fight::new();
    let holder = fight.start(0, 1, 0, true);
    let engine = fight.engine();
    poll_until(LONG, "the holder to hold", || (!engine.locks().unwrap().is_empty()).then_some(()));
    acquire(&engine, "heir", LOCKS[0], Duration::ZERO, false).unwrap_err();
    thread::scope(|scope| {
        let waits = scope.spawn(|| acquire(&engine, "heir", LOCKS[0], LONG, false).unwrap());
        drop(holder);
        assert_eq!(waits.join().unwrap().former.unwrap().id.as_str(), "agent-0");
    });
}

#[test]
fn a_release_wakes_whoever_waits() {
    let fight = Fight::new();
    let (engine, other) = (fight.engine(), fight.engine());
    let name: LockName = LOCKS[0].parse().unwrap();
    acquire(&engine, "holder", name.as_str(), Duration::ZERO, false).unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            let locked = acquire(&other, "waits", name.as_str(), LONG, false).unwrap();
            (locked, Instant::now())
        });
        poll_until(LONG, "the holder to be told who waits", || {
            let beat = engine.heartbeat(&serving("holder")).unwrap();
            beat.notices.events.iter().any(|event| event.kind == EventKind::LockWaitedFor).then_some(())
        });
        engine.release_lock(&serving("holder"), &name, None).unwrap();
        let released = Instant::now();
        let (locked, got) = waits.join().unwrap();
        assert!(locked.waited);
        println!("woken {:?} after the release", got.saturating_duration_since(released));
    });
}

#[cfg(unix)]
#[test]
fn a_holder_that_was_stopped_and_robbed_cannot_write_when_it_wakes() {
    let fight = Fight::new();
    let holder = fight.start(0, 1, 0, true);
    let engine = fight.engine();
    let held = poll_until(LONG, "the holder to write", || {
        let locks = engine.locks().unwrap();
        let state = locks.into_iter().next()?;
        (fight.verify(true) > 0).then_some(state)
    });
    let process = engine.agents(&AgentFilter::default()).unwrap();
    let process =
        process.iter().find(|state| state.agent.id == held.lease.holder).unwrap().agent.process.clone().unwrap();
    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &process.pid.to_string()]).status().unwrap().success());
    };
    let path = log(fight.world.data_home(), LOCKS[0]);
    let stolen = poll_until(LONG, "the holder to stop outside of files that others need", || {
        signal("-STOP");
        let is_free = File::open(&path).unwrap().try_lock().is_ok();
        let stolen = if is_free { acquire(&engine, "thief", LOCKS[0], Duration::ZERO, true).ok() } else { None };
        if stolen.is_none() {
            signal("-CONT");
        }
        stolen
    });
    assert!(stolen.lease.token > held.lease.token);
    assert!(write(&path, stolen.lease.token, || ()));
    signal("-CONT");
    assert_eq!(holder.finish().last(), Some(&Report::Lost));
    let text = std::fs::read_to_string(&path).unwrap();
    let begun = text.lines().rfind(|line| line.starts_with("begin")).unwrap();
    assert_eq!(begun, format!("begin {}", stolen.lease.token));
}
