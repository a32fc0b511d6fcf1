//! How busy a vault is, and what those are told who come when it is too busy.

use std::{sync::Arc, time::Duration};

use journal_engine::{
    AppendError, Engine, LockError, OsLock, Parts, RealDisk, Settings, StateDir, Trouble, Vault, memorable_name,
};
use journal_testkit::{TestVault, poll_until};
use serde_json::{Value, json};

use super::{agent, vault};
use crate::nothing_lost::world::{Real, serving, thought};

/// The state directory that the command has, as one more process would open it.
pub fn state_of(vault: &TestVault) -> StateDir {
    let settings = vault.read(".journal/config.toml");
    let id = settings.lines().find_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"')).unwrap();
    StateDir::open(&vault.data_home().join("journal"), id, &Vault::open(vault.path(), Arc::new(RealDisk)).unwrap())
        .unwrap()
}

#[test]
fn status_says_who_works_what_is_held_and_how_large_it_is() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let load = || -> Value {
        let output = otter.run(&["status", "--json"]).assert_ok();
        serde_json::from_str::<Value>(&output.stdout).unwrap()["load"].clone()
    };
    assert_eq!(load()["agents"], 0, "before anything was written");
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    otter.run(&["lock", "acquire", "deploy"]).assert_ok();
    heron.run(&["claim", "add", "src", "docs"]).assert_ok();
    let idle = load();
    for (field, expected) in [
        ("writing", Value::Null),
        ("indexing", Value::Null),
        ("watching", Value::Null),
        ("embedding", Value::Null),
        ("agents", json!(2)),
        ("agents_of_one_project", json!(2)),
        ("agents_per_project", json!(32)),
        ("locks", json!(1)),
        ("claims", json!(2)),
        ("lines", json!(1)),
        ("leases_of_one_agent", json!(2)),
        ("leases_per_agent", json!(64)),
        ("queue_length", json!(64)),
        ("index_bytes", json!(0)),
    ] {
        assert_eq!(idle[field], expected, "{field}: {idle}");
    }
    assert!(idle["state_bytes"].as_u64().unwrap() > 0, "{idle}");
    let state = state_of(&vault);
    let _write = state.lock(OsLock::Write, Duration::ZERO, "otter (process 7)").unwrap();
    let _reindex = state.lock(OsLock::Reindex, Duration::ZERO, "process 8").unwrap();
    let _embed = state.lock(OsLock::Embed, Duration::ZERO, "process 9").unwrap();
    let _leader = state.lock(OsLock::Leader, Duration::ZERO, "process 10").unwrap();
    let busy = load();
    let by = |field: &str| busy[field]["holder"].clone();
    // Who it is cannot be read on Windows; that somebody is can.
    if cfg!(unix) {
        assert_eq!([by("writing"), by("indexing"), by("embedding")], ["otter (process 7)", "process 8", "process 9"]);
        assert_eq!(by("watching"), "process 10");
    }
    assert!(["writing", "indexing", "watching", "embedding"].iter().all(|field| !busy[field].is_null()), "{busy}");
    let told = otter.run(&["status"]).assert_ok().stdout;
    assert!(told.contains("embeds\n") && told.contains("1 lock, 2 claims and 1 line; at most 2 of 64"), "{told}");
    assert!(!otter.run::<&str>(&[]).assert_ok().stdout.contains("embeds\n"));
}

#[test]
fn over_the_queues_bound_who_sends_waits_and_is_told_who_writes() {
    let vault = vault();
    let open = |queue, patience| {
        let notes = Vault::open(vault.path(), Arc::new(RealDisk)).unwrap();
        let state = StateDir::open(vault.data_home(), "queue", &notes).unwrap();
        let settings = Settings { queue, patience, ..Settings::default() };
        Engine::new(Parts { vault: notes, state: Some(state), source: Arc::new(Real), settings })
    };
    let engine = open(1, Duration::from_millis(50));
    let notes = Vault::open(vault.path(), Arc::new(RealDisk)).unwrap();
    let elsewhere = StateDir::open(vault.data_home(), "queue", &notes).unwrap();
    let name = memorable_name(&"heron".parse().unwrap());
    let writing = elsewhere.lock(OsLock::Write, Duration::ZERO, &name).unwrap();
    // Of six, one is at work, one waits in the queue, and the others for room in it.
    let refused: Vec<_> = std::thread::scope(|scope| {
        let request = |n: usize| thought(&serving("otter"), None, None, None, &format!("Thought {n}."));
        let engine = &engine;
        let sent: Vec<_> =
            (0..6).map(request).map(|request| scope.spawn(move || engine.append(&request).map_err(Box::new))).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    for refused in refused {
        let Err(AppendError::Trouble(Trouble::Lock(LockError::Busy { holder }))) = refused.map_err(|error| *error)
        else {
            panic!("it was appended while somebody else wrote");
        };
        assert!(holder.is_none_or(|holder| holder == name), "it says who could let go");
    }
    drop(writing);
    // What waits is counted, and is done when there is room.
    let engine = open(1, Duration::from_secs(120));
    let writing = elsewhere.lock(OsLock::Write, Duration::from_secs(60), &name).unwrap();
    std::thread::scope(|scope| {
        let engine = &engine;
        let request = |n: usize| thought(&serving("otter"), None, None, None, &format!("Thought {n}."));
        let sent: Vec<_> =
            (0..6).map(request).map(|request| scope.spawn(move || engine.append(&request).map_err(Box::new))).collect();
        poll_until(Duration::from_secs(60), "six to be sent", || {
            let load = engine.load().unwrap();
            (load.queued == 6 && load.queue_bound == 1 && load.writing.is_some()).then_some(())
        });
        drop(writing);
        sent.into_iter().for_each(|sent| drop(sent.join().unwrap().unwrap()));
    });
}

#[test]
fn over_a_bound_on_what_is_held_it_is_said_who_could_let_go() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let name = |of: &journal_testkit::JournalCommand| {
        let output = of.run(&["agent", "--json"]).assert_ok();
        serde_json::from_str::<Value>(&output.stdout).unwrap()["agent"]["name"].as_str().unwrap().to_owned()
    };
    let (first, _) = (name(&otter), name(&heron));
    let settings = vault.read(".journal/config.toml");
    vault.write(".journal/config.toml", format!("{settings}leases_per_agent = 2\n"));
    otter.run(&["claim", "add", "src"]).assert_ok();
    otter.run(&["lock", "acquire", "deploy"]).assert_ok();
    for more in [&["claim", "add", "docs"][..], &["lock", "acquire", "schema"]] {
        let told = otter.run(more).assert_status(3).stderr;
        assert!(told.contains("you hold 2 locks and claims and ask for 1 more; 2 are allowed"), "{told}");
        assert!(told.contains("you could let go of `src` and the lock `deploy`"), "{told}");
        assert!(told.contains("`leases_per_agent`"), "{told}");
    }
    // What is thought is bound by nothing.
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    vault.write(".journal/config.toml", format!("{settings}agents_per_project = 1\n"));
    let told = heron.run(&["claim", "add", "docs"]).assert_status(3).stderr;
    assert!(
        told.contains("and 1 are allowed") && told.contains(&format!("they could end: {first} (agent `otter`")),
        "{told}"
    );
    heron.run(&["think", "--title", "Door", "It creaks."]).assert_ok();
    otter.run(&["agent", "end"]).assert_ok();
    heron.run(&["claim", "add", "docs"]).assert_ok();
}
