//! Several agents on one vault: who is here, locks, and claims on paths.

use std::time::Duration;

use journal_testkit::{TestVault, poll_until};
use serde_json::{Value, json};

use super::{client::Client, client_with, journal};

/// A server that works in a folder of a project of its own.
fn working(vault: &TestVault, agent: &str) -> Client {
    let started = journal(vault).env("JOURNAL_PROJECT", "den");
    let mut client = Client::start_by(&started, vault, &["--agent", agent]);
    client.initialize("2025-11-25");
    client
}

fn entry<'a>(listed: &'a Value, agent: &str) -> &'a Value {
    let agents = listed["agents"].as_array().unwrap();
    agents.iter().find(|entry| entry["agent"] == agent).unwrap_or_else(|| panic!("{agent} is not in {listed}"))
}

/// The messages of what an answer tells beside.
fn told(answer: &Value) -> String {
    let diagnostics = answer["diagnostics"].as_array().into_iter().flatten();
    diagnostics.map(|one| format!("{} {}\n", one["message"], one["hint"])).collect()
}

#[test]
fn a_lock_is_one_agents_until_it_is_released() {
    let vault = TestVault::new();
    let (mut otter, mut badger) = (working(&vault, "otter"), working(&vault, "badger"));
    let first = otter.call("acquire_lock", json!({ "name": "deploy", "reason": "version 1.4" }));
    assert_eq!((&first["lock"], &first["how"]), (&json!("deploy"), &json!("fresh")), "{first}");
    let again = otter.call("acquire_lock", json!({ "lock": "deploy", "wait_seconds": "0" }));
    assert_eq!((&again["how"], &again["token"]), (&json!("renewed"), &first["token"]), "{again}");
    for wait in [0, 1] {
        let held = badger.refused("acquire_lock", json!({ "name": "deploy", "wait_seconds": wait }));
        assert_eq!((&held["code"], &held["held"]["agent"]), (&json!("held"), &json!("otter")), "{held}");
        assert!(
            held["held"]["until"].is_string() && held["message"].as_str().unwrap().contains("version 1.4"),
            "{held}"
        );
        assert!(held["hint"].as_str().unwrap().contains("acquire_lock {name: \"deploy\", wait_seconds: 60}"), "{held}");
    }
    assert_eq!(badger.refused("release_lock", json!({ "name": "deploy" }))["code"], "not_held");
    let listed = otter.call("list_agents", json!({}));
    assert_eq!(entry(&listed, "otter")["holds"][0]["what"], "lock/deploy", "{listed}");
    let load = badger.call("status", json!({}))["load"].as_str().unwrap().to_owned();
    assert!(
        load.contains(" of 64 writes queued here; 2 agents, at most 2 of 32 in one project; 1 locks, 0 claims"),
        "{load}"
    );
    // Whoever waits does not keep others from answers, nor itself.
    let waiting = badger.send_call("acquire_lock", json!({ "name": "deploy", "wait_seconds": 300 }));
    badger.call("status", json!({}));
    badger.call("acquire_lock", json!({ "name": "another" }));
    assert_eq!(otter.call("release_lock", json!({ "name": "deploy" }))["released"], "deploy");
    let passed = badger.answered(waiting, "acquire_lock");
    assert!(passed["token"].as_u64() > first["token"].as_u64(), "{passed}");
    assert_eq!(otter.refused("acquire_lock", json!({ "name": " " }))["code"], "arguments");
}

#[test]
fn events_are_a_resource_that_moves_no_cursor() {
    let vault = TestVault::new();
    let (mut otter, mut badger) = (working(&vault, "otter"), working(&vault, "badger"));
    badger.call("list_agents", json!({}));
    otter.call("acquire_lock", json!({ "name": "deploy", "reason": "version 1.4" }));
    let templates = badger.request("resources/templates/list", json!({}))["result"]["resourceTemplates"].clone();
    assert!(templates.as_array().unwrap().iter().any(|one| one["uriTemplate"] == "journal://events{?since}"));
    let mut read = |uri: &str| -> Value {
        let answer = badger.request("resources/read", json!({ "uri": uri }));
        let contents = &answer["result"]["contents"][0];
        assert_eq!(contents["mimeType"], "application/json", "{answer}");
        serde_json::from_str(contents["text"].as_str().unwrap()).unwrap()
    };
    let newest = read("journal://events");
    let taken = newest["events"].as_array().unwrap().iter().find(|event| event["kind"] == "lock-taken").unwrap();
    assert_eq!((&taken["subject"], &taken["detail"]), (&json!("deploy"), &json!("version 1.4")), "{newest}");
    assert_eq!(read("journal://events"), newest, "it was told once only");
    let before = taken["seq"].as_u64().unwrap() - 1;
    assert_eq!(read(&format!("journal://events?since={before}"))["events"][0], *taken);
    assert_eq!(read(newest["next"].as_str().unwrap())["events"], json!([]));
    for n in 0..51 {
        otter.call("update_agent", json!({ "status": if n % 2 == 0 { "waiting" } else { "active" } }));
        otter.call("claim_paths", json!({ "paths": [format!("f{}", n % 50)] }));
        otter.call("release_paths", json!({}));
    }
    let page = read("journal://events?since=0");
    assert_eq!((page["events"].as_array().unwrap().len(), &page["more"]), (50, &json!(true)));
    let next = page["next"].as_str().unwrap();
    assert!(read(next)["events"][0]["seq"].as_u64() > page["events"][49]["seq"].as_u64());
    // What a person is told at the terminal has not been told yet.
    let told = journal(&vault).agent("badger").run(&["events"]).assert_ok().stdout;
    assert!(told.contains("took the lock `deploy`"), "{told}");
    let answer = badger.request("resources/read", json!({ "uri": "journal://events?since=x" }));
    assert!(answer["error"]["message"].as_str().unwrap().contains("there is nothing"), "{answer}");
}

#[test]
fn what_happened_to_an_agent_is_told_with_its_next_answers_once() {
    let vault = TestVault::new();
    let mut otter = working(&vault, "otter");
    otter.call("acquire_lock", json!({ "name": "deploy" }));
    let robbed = ["--agent", "badger", "lock", "steal", "deploy", "--reason", "it sleeps"];
    journal(&vault).run(&robbed).assert_ok();
    // Its heartbeat may come too late for one answer on a slow machine, and is told with the next.
    let mut all = String::new();
    for _ in 0..1_000 {
        all.push_str(&told(&otter.call("list_sessions", json!({}))));
        if !all.is_empty() {
            break;
        }
    }
    assert!(all.contains("deploy") && all.contains("it sleeps"), "{all}");
    assert_eq!(told(&otter.call("status", json!({}))), "");
    assert_eq!(otter.refused("release_lock", json!({ "name": "deploy" }))["code"], "not_held");
}

#[test]
fn a_claim_in_the_way_is_told_with_its_holder() {
    let vault = TestVault::new();
    let (mut otter, mut badger) = (working(&vault, "otter"), working(&vault, "badger"));
    let claimed = otter.call("claim_paths", json!({ "paths": ["src/auth/**", "docs"], "reason": "the login" }));
    assert_eq!((claimed["claims"].as_array().unwrap().len(), &claimed["project"]), (2, &json!("den")), "{claimed}");
    let refused = badger.refused("claim_paths", json!({ "paths": "src/**/*.rs" }));
    assert_eq!((&refused["code"], &refused["conflicts"][0]["claim"]["agent"]), (&json!("claimed"), &json!("otter")));
    assert!(refused["message"].as_str().unwrap().contains("the login"), "{refused}");
    // The command sees the same claims in the same place.
    let command = ["--agent", "badger", "claim", "check", "src/auth/login.rs"];
    assert_eq!(journal(&vault).env("JOURNAL_PROJECT", "den").run(&command).status, Some(3));
    let anyway = badger.call("claim_paths", json!({ "paths": ["src/**/*.rs"], "anyway": true }));
    assert_eq!(anyway["conflicts"][0]["claim"]["glob"], "src/auth/**", "{anyway}");
    assert_eq!(otter.refused("claim_paths", json!({ "paths": ["../../../../../../../../x"] }))["code"], "glob");
    assert_eq!(otter.refused("claim_paths", json!({}))["code"], "arguments");
    assert_eq!(otter.call("release_paths", json!({ "paths": ["docs"] }))["released"], json!(["docs"]));
    assert_eq!(otter.call("release_paths", json!({}))["released"], json!(["src/auth/**"]));
    let elsewhere = json!({ "paths": ["a"], "directory": vault.path() });
    assert_eq!(otter.call("claim_paths", elsewhere)["claims"][0]["glob"], "a");
    assert_eq!(otter.refused("claim_paths", json!({ "paths": ["a"], "directory": "../x" }))["code"], "arguments");
}

#[test]
fn a_branch_that_is_checked_out_later_is_seen() {
    let vault = TestVault::new();
    let code = vault.root().join("code");
    std::fs::create_dir(&code).unwrap();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]).args(arguments);
        let output = git.current_dir(&code).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    // One that works where its server was started, and one that says where with a call.
    let started = journal(&vault).env("JOURNAL_VAULT", vault.path()).in_folder(&code);
    let mut otter = Client::start_by(&started, &vault, &["--agent", "otter"]);
    otter.initialize("2025-11-25");
    let mut badger = working(&vault, "badger");
    let mut branches = || {
        badger.call("claim_paths", json!({ "paths": ["b"], "directory": code }));
        otter.call("acquire_lock", json!({ "name": "deploy" }));
        let listed = otter.call("list_agents", json!({}));
        entry(&listed, "otter")["branch"].as_str().map(str::to_owned)
    };
    assert_eq!(branches().as_deref(), Some("main"));
    git(&["checkout", "-q", "-b", "topic"]);
    assert_eq!(branches().as_deref(), Some("topic"));
    git(&["checkout", "-q", "--detach"]);
    assert_eq!(branches(), None);
    let listed = badger.call("list_agents", json!({}));
    assert!(entry(&listed, "badger")["worktree"].is_string(), "{listed}");
}

#[test]
fn every_call_shows_its_agent_to_the_others() {
    let vault = TestVault::new();
    let (mut otter, mut badger) = (working(&vault, "otter"), working(&vault, "badger"));
    let updated = otter.call("update_agent", json!({ "task": "the login", "status": "waiting", "name": "reviewer" }));
    assert_eq!(
        (&updated["name"], &updated["status"], &updated["task"]),
        (&json!("reviewer"), &json!("waiting"), &json!("the login"))
    );
    let listed = badger.call("list_agents", json!({ "project": "den" }));
    assert_eq!((&listed["total"], &entry(&listed, "badger")["you"]), (&json!(2), &json!(true)), "{listed}");
    let one = entry(&listed, "otter");
    assert_eq!(
        (&one["name"], &one["task"], &one["presence"], &one["project"]),
        (&json!("reviewer"), &json!("the login"), &json!("waiting"), &json!("den"))
    );
    assert_eq!(badger.refused("update_agent", json!({ "name": "reviewer" }))["code"], "name_taken");
    assert_eq!(badger.refused("update_agent", json!({}))["code"], "arguments");
    assert_eq!(badger.refused("update_agent", json!({ "name": "Two Words" }))["code"], "arguments");
    // One that does nothing but read is seen as well.
    let mut hare = working(&vault, "hare");
    hare.call("list_sessions", json!({}));
    hare.call("list_agents", json!({}));
    assert_eq!(entry(&badger.call("list_agents", json!({})), "hare")["presence"], "active");
    otter.call("update_agent", json!({ "status": "ended" }));
    assert_eq!(badger.call("list_agents", json!({}))["total"], 2);
    assert_eq!(entry(&badger.call("list_agents", json!({ "ended": true })), "otter")["presence"], "ended");
}

#[test]
fn a_server_for_reading_shows_nobody() {
    let vault = TestVault::new();
    journal(&vault).run(&["--agent", "otter", "agent", "set", "--task", "the login"]).assert_ok();
    let mut badger = client_with(&vault, &["--read-only", "--agent", "badger"]);
    badger.call("status", json!({}));
    assert_eq!(badger.call("list_agents", json!({}))["total"], 1);
}

#[test]
fn answers_say_the_name_that_the_agent_has() {
    let vault = TestVault::new();
    let mut otter = working(&vault, "otter");
    let named = otter.call("update_agent", json!({ "name": "reviewer" }));
    assert_eq!((&named["name"], &named["agent"]["name"]), (&json!("reviewer"), &json!("reviewer")), "{named}");
    assert_eq!(otter.call("status", json!({}))["agent"]["name"], "reviewer");
    // Another process knows it from the registry, one that only reads too.
    for options in [&["--agent", "otter"][..], &["--agent", "otter", "--read-only"]] {
        let mut again = client_with(&vault, options);
        // The first answer waits a moment and no longer.
        let name = poll_until(Duration::from_secs(60), "its name", || {
            let name = again.call("status", json!({}))["agent"]["name"].clone();
            (name == "reviewer").then_some(name)
        });
        assert_eq!(name, "reviewer", "{options:?}");
    }
}

#[test]
fn who_claims_works_in_a_folder_that_is_there() {
    let vault = TestVault::new();
    let mut otter = working(&vault, "otter");
    let folder = vault.root().join("work");
    std::fs::create_dir(&folder).unwrap();
    for directory in ["/nope/there/is/none", "relative", "."] {
        let refused = otter.refused("claim_paths", json!({ "paths": ["x"], "directory": directory }));
        assert_eq!(refused["code"], "arguments", "{directory}: {refused}");
    }
    let refused = otter.refused("claim_paths", json!({ "paths": [""], "directory": folder }));
    assert_eq!(refused["code"], "arguments", "{refused}");
    assert_eq!(journal(&vault).run(&["claim", "list", "--all"]).assert_ok().stdout, "");
    // What was claimed can be given back when its folder is gone.
    let claimed = otter.call("claim_paths", json!({ "paths": ["x", "y"], "directory": folder }));
    assert_eq!(claimed["claims"].as_array().unwrap().len(), 2, "{claimed}");
    std::fs::remove_dir(&folder).unwrap();
    let released = otter.call("release_paths", json!({ "paths": ["x"], "directory": folder }));
    assert_eq!(released["released"], json!(["x"]));
    assert_eq!(otter.call("release_paths", json!({ "directory": folder }))["released"], json!(["y"]));
}
