//! Locks and claims: to take a lock and give it back against two bare commits that are synced as well, and
//! `journal claim check` as a process against one that only says its version.

use std::{process::Stdio, time::Duration};

use journal_coord::AgentSeen;
use journal_engine::{AcquireLock, Caller, LockName};
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    pairs::{Bound, Pairs, timed},
    process::command,
    world::World,
};

/// How many claims another agent holds while one is asked for: what an agent may hold at most.
const CLAIMS: usize = 64;

pub fn run() {
    let world = World::new(100);
    take_and_give_back(&world);
    check(&world);
}

fn take_and_give_back(world: &World) {
    let agent = AgentSeen::new("bench-agent".parse().expect("an id"));
    let caller = Caller { agent, lasting: true, serving: true };
    let name: LockName = "deploy".parse().expect("a name");
    let request = AcquireLock {
        caller: caller.clone(),
        name: name.clone(),
        reason: Some("a bench".to_owned()),
        details: None,
        wait: Duration::ZERO,
        steal: None,
        process: None,
    };
    let subject = || {
        timed(|| {
            let locked = world.engine.acquire_lock(&request).expect("nobody holds it");
            world.engine.release_lock(&caller, &name, Some(locked.lease.token)).expect("we hold it");
        })
    };
    let mut by_hand = bare(world);
    let mut commit = |value: i64| {
        let transaction =
            by_hand.transaction_with_behavior(TransactionBehavior::Immediate).expect("nobody else writes");
        transaction.execute("UPDATE lease SET token = ?1", [value]).expect("a row can be changed");
        transaction.commit().expect("a change can be committed");
    };
    let mut value = 0;
    let floor = || {
        value += 1;
        timed(|| {
            commit(value);
            commit(-value);
        })
    };
    Pairs::measure(300, subject, floor).print("lock: acquire and release", Bound::Times(1.5));
}

/// A database of one row on the same disk, as durable.
fn bare(world: &World) -> Connection {
    let database = Connection::open(world.data_home().join("by-hand.db")).expect("a database can be made");
    let sql = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE lease (token INTEGER);
               INSERT INTO lease VALUES (0);";
    database.execute_batch(sql).expect("a table can be made");
    database
}

fn check(world: &World) {
    let mut add = command(world, &["claim", "add"]);
    add.env("JOURNAL_AGENT", "other").args((0..CLAIMS).map(|n| format!("src/part-{n}/**")));
    add.stdout(Stdio::null());
    assert!(add.status().expect("the command was built with this bench").success(), "nothing could be claimed");
    let ends = |arguments: &[&str], code: i32| {
        let mut command = command(world, arguments);
        command.env("JOURNAL_AGENT", "bench-agent");
        timed(|| {
            let output = command.output().expect("the command was built with this bench");
            assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        })
    };
    let floor = || ends(&["--version"], 0);
    let bound = Bound::Above(Duration::from_millis(10));
    for (name, path, code) in [("free", "docs/notes.md", 0), ("taken", "src/part-40/main.rs", 3)] {
        let subject = || ends(&["claim", "check", path], code);
        Pairs::measure(100, subject, floor).print(&format!("claim check, {name}, {CLAIMS} claims"), bound);
    }
}
