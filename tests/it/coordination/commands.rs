//! What agents type, and what they are told of one another.

#[cfg(unix)]
use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout},
};
use std::{process::Stdio, time::Duration};

#[cfg(unix)]
use journal_coord::Coord;
use journal_testkit::JournalCommand;
#[cfg(unix)]
use journal_testkit::poll_until;
use serde_json::Value;

#[cfg(unix)]
use super::load::state_of;
use super::{agent, vault};

#[test]
fn a_lock_is_held_waited_for_stolen_and_told() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let mut shown = Vec::new();
    for (who, line, status) in [
        (&otter, &["lock", "status"][..], 0),
        (&otter, &["lock", "acquire", "deploy", "--reason", "the release", "--details", "three\nservices"], 0),
        (&otter, &["lock", "renew", "deploy"], 0),
        (&heron, &["lock", "acquire", "deploy"], 3),
        (&heron, &["lock", "acquire", "deploy", "--wait=0", "--json"], 3),
        (&heron, &["lock", "release", "deploy"], 3),
        (&heron, &["lock", "status", "deploy"], 0),
        (&heron, &["lock", "steal", "deploy"], 2),
        (&heron, &["lock", "steal", "deploy", "--reason", "otter sleeps"], 0),
        (&otter, &["lock", "renew", "deploy", "--token", "1"], 3),
        (&otter, &["lock", "acquire", "deploy"], 3),
        (&heron, &["lock", "release", "deploy"], 0),
        (&heron, &["lock", "release", "deploy"], 3),
        (&heron, &["lock", "status", "deploy"], 1),
        (&heron, &["lock", "acquire", "deploy", "--pid", "4294967"], 2),
    ] {
        shown.push(who.run(line).assert_status(status).transcript());
    }
    let nobody = otter.without_env("JOURNAL_AGENT");
    shown.push(nobody.run(&["lock", "acquire", "deploy"]).assert_status(2).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[cfg(unix)]
#[test]
fn a_lock_around_a_command_ends_with_it() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let nobody = otter.without_env("JOURNAL_AGENT");
    // Within the command the lock is held, by whoever has no name too, and its token is at hand.
    let journal = env!("CARGO_BIN_EXE_journal");
    let script =
        format!("test -n \"$JOURNAL_LOCK_TOKEN\" && {journal} --agent heron lock acquire deploy >&2; echo $?; exit 7");
    otter.run(&["claim", "add", "src"]).assert_ok();
    for who in [&otter, &nobody] {
        let output = who.run(&["lock", "run", "deploy", "--reason", "ship it", "--", "/bin/sh", "-c", &script]);
        assert_eq!((output.status, output.stdout.as_str()), (Some(7), "3\n"), "{}", output.stderr);
        assert!(output.stderr.contains("ship it"), "{}", output.stderr);
        heron.run(&["lock", "status", "deploy"]).assert_status(1);
    }
    // The process around the command has ended, and its agent has not.
    heron.run(&["claim", "check", "src"]).assert_status(3);
    otter.run(&["lock", "run", "deploy", "--", "/bin/sh", "-c", "true"]).assert_ok();
    otter.run(&["lock", "run", "deploy", "--", "/bin/sh", "-c", "kill -9 $$"]).assert_status(137);
    otter.run(&["lock", "run", "deploy", "--", "/no/such/program"]).assert_status(2);
    heron.run(&["lock", "acquire", "deploy"]).assert_ok();
    otter.run(&["lock", "run", "deploy", "--", "/bin/sh", "-c", "true"]).assert_status(3);
    // A process whose end frees the lock: this one has ended by the time the answer is read.
    heron.run(&["lock", "release", "deploy"]).assert_ok();
    let mut child = std::process::Command::new("/bin/sh").args(["-c", "read x"]).stdin(Stdio::piped()).spawn().unwrap();
    heron.run(&["lock", "acquire", "deploy", "--pid", &child.id().to_string()]).assert_ok();
    otter.run(&["lock", "acquire", "deploy"]).assert_status(3);
    child.kill().unwrap();
    child.wait().unwrap();
    otter.run(&["lock", "acquire", "deploy"]).assert_ok();
}

/// A command under a lock that says when it began and ends with its input, or after what it is told.
#[cfg(unix)]
fn holding(otter: &JournalCommand, script: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut holder = otter.command(&["lock", "run", "deploy", "--", "/bin/sh", "-c", script]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "began");
    (holder, lines)
}

#[cfg(unix)]
#[test]
fn a_lock_around_a_command_is_held_while_the_command_runs() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    // What asks `journal` to stop reaches the command, which may take its time.
    let script = "trap 'echo told; read x; exit 5' TERM; echo began; while read y; do :; done";
    let (mut holder, mut lines) = holding(&otter, script);
    journal_testkit::terminate(&holder);
    assert_eq!(lines.next().unwrap().unwrap(), "told");
    heron.run(&["lock", "acquire", "deploy"]).assert_status(3);
    assert_eq!(holder.try_wait().unwrap(), None, "it waits for its command");
    drop(holder.stdin.take());
    assert_eq!(holder.wait().unwrap().code(), Some(5));
    heron.run(&["lock", "status", "deploy"]).assert_status(1);
    // Killed, it leaves the command, and the lock until that has ended.
    let (mut holder, mut lines) = holding(&otter, "echo began; echo $$; read x");
    let command: u32 = lines.next().unwrap().unwrap().parse().unwrap();
    poll_until(Duration::from_secs(60), "the command to vouch", || {
        let state = Coord::open(&state_of(&vault).path().join("state.db")).unwrap();
        let held = state.lease("lock/deploy", 0).unwrap().unwrap();
        held.process.is_some_and(|process| process.pid == command).then_some(())
    });
    let input = holder.stdin.take();
    holder.kill().unwrap();
    holder.wait().unwrap();
    heron.run(&["lock", "acquire", "deploy"]).assert_status(3);
    drop(input);
    assert_eq!(lines.count(), 0, "the command has no output any more");
    heron.run(&["lock", "acquire", "deploy", "--wait=60"]).assert_ok();
}

#[cfg(unix)]
#[test]
fn two_commands_of_one_agent_do_not_run_under_one_lock() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let journal = env!("CARGO_BIN_EXE_journal");
    let inner = format!("{journal} lock run deploy -- /bin/sh -c 'echo both'; echo $?");
    let around = ["lock", "run", "deploy", "--", "/bin/sh", "-c", inner.as_str()];
    let output = otter.run(&around).assert_ok();
    assert_eq!(output.stdout, "3\n", "{}", output.stderr);
    heron.run(&["lock", "status", "deploy"]).assert_status(1);
    // What was acquired before is still held afterwards, and nobody's process is needed for it.
    otter.run(&["lock", "acquire", "deploy"]).assert_ok();
    for _ in 0..2 {
        otter.run(&around).assert_ok();
        heron.run(&["lock", "acquire", "deploy"]).assert_status(3);
    }
    otter.run(&["lock", "release", "deploy"]).assert_ok();
    heron.run(&["lock", "status", "deploy"]).assert_status(1);
}

#[cfg(unix)]
#[test]
fn what_a_process_of_an_agent_holds_another_of_it_releases_only_with_the_token() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let mut command =
        otter.command(&["lock", "run", "deploy", "--", "/bin/sh", "-c", "echo $JOURNAL_LOCK_TOKEN $$; read x"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut runs = command.spawn().unwrap();
    let mut said = String::new();
    BufRead::read_line(&mut BufReader::new(runs.stdout.take().unwrap()), &mut said).unwrap();
    let (token, command) = said.trim().split_once(' ').unwrap();
    let process = format!("held by another process of yours (process {command})");
    for line in
        [&["lock", "release", "deploy"][..], &["lock", "acquire", "deploy", "--pid", &std::process::id().to_string()]]
    {
        let told = otter.run(line).assert_status(3).stderr;
        assert!(told.contains(&process) && told.contains(&format!("--token {token}")), "{told}");
    }
    let mistyped = otter.run(&["lock", "release", "deploy", "--token", "999"]).assert_status(3).stderr;
    assert!(mistyped.contains(&format!("with token {token}, not 999")), "{mistyped}");
    heron.run(&["lock", "acquire", "deploy"]).assert_status(3);
    otter.run(&["lock", "release", "deploy", "--token", token]).assert_ok();
    heron.run(&["lock", "acquire", "deploy"]).assert_ok();
    drop(runs.stdin.take());
    assert_eq!(runs.wait().unwrap().code(), Some(1), "as `read` ends at the end of its input");
    // One's own is renewed, and said to have been there.
    let again = heron.run(&["lock", "acquire", "deploy"]).assert_ok().stderr;
    assert!(again.contains("You hold it already, since "), "{again}");
    // The shell that holds it by its own process is above the command, and gives it back without a token.
    let journal = env!("CARGO_BIN_EXE_journal");
    let script = format!("{journal} lock acquire gate --pid $$ && {journal} lock release gate; exit $?");
    let inside = otter.run(&["lock", "run", "outer", "--", "/bin/sh", "-c", &script]);
    assert_eq!(inside.status, Some(0), "{}", inside.transcript());
}

#[test]
fn a_name_that_is_taken_leaves_the_rest_as_it_is() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    otter.run(&["agent", "set", "--name", "reviewer"]).assert_ok();
    heron.run(&["agent", "set", "--name", "reviewer", "--task", "steal", "--status", "waiting"]).assert_status(3);
    let told: Value = serde_json::from_str(&heron.run(&["agent", "--json"]).assert_ok().stdout).unwrap();
    assert_eq!((&told["agent"]["task"], &told["agent"]["status"]), (&Value::Null, &Value::from("active")), "{told}");
}

#[test]
fn claims_and_what_is_in_their_way() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let mut shown = Vec::new();
    for (who, line, status) in [
        (&otter, &["claim", "list"][..], 0),
        (&otter, &["claim", "check", "src/a.rs"], 0),
        (&otter, &["claim", "add", "src/**/*.rs", "docs", "--reason", "the login"], 0),
        (&otter, &["claim", "check", "src/a.rs"], 0),
        (&heron, &["claim", "check", "src/a.rs", "x"], 3),
        (&heron, &["claim", "add", "src/deep"], 3),
        (&heron, &["claim", "add", "src/deep", "--anyway"], 0),
        (&otter, &["claim", "add", "notes", "--shared"], 0),
        (&heron, &["claim", "add", "notes/*"], 3),
        (&heron, &["claim", "add", "notes/*", "--shared"], 0),
        (&heron, &["claim", "add", "../x"], 2),
        (&heron, &["claim", "add", "a[b"], 2),
        (&heron, &["claim", "list"], 0),
        (&otter, &["claim", "release", "docs"], 0),
        (&otter, &["claim", "release", "docs"], 1),
        (&otter, &["claim", "release"], 0),
        (&heron, &["claim", "list"], 0),
    ] {
        shown.push(who.run(line).assert_status(status).transcript());
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn agents_are_listed_named_and_end() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let elsewhere = agent(&vault, "crow").env("JOURNAL_PROJECT", "nest");
    let mut shown = Vec::new();
    shown.push(otter.run(&["agents"]).assert_ok().transcript());
    for (who, line, status) in [
        (&otter, &["agent", "set", "--name", "reviewer", "--task", "read the login"][..], 0),
        (&heron, &["agent", "set", "--name", "reviewer"], 3),
        (&heron, &["agent", "set", "--name", "Re viewer"], 2),
        (&heron, &["agent", "set", "--status", "waiting"], 0),
        (&elsewhere, &["agent"], 0),
        (&otter, &["think", "--file", "src/a.rs", "A thought."], 0),
        (&otter, &["lock", "acquire", "deploy"], 0),
        (&heron, &["agents", "--related", "--files"], 0),
        (&heron, &["agents", "--waiting"], 0),
        (&otter, &["agent", "end"], 0),
        (&heron, &["agents", "--related", "--all"], 0),
        (&heron, &["lock", "status"], 0),
        (&elsewhere.agent("nobody"), &["agent", "end"], 1),
        (&elsewhere.without_env("JOURNAL_AGENT"), &["agent", "set", "--task", "x"], 2),
    ] {
        shown.push(who.run(line).assert_status(status).transcript());
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn events_are_told_once_to_each_and_from_anywhere_again() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    heron.run(&["agent"]).assert_ok();
    otter.run(&["think", "--title", "The gate", "It jams."]).assert_ok();
    otter.run(&["lock", "acquire", "deploy"]).assert_ok();
    heron.run(&["lock", "acquire", "deploy", "--wait=1"]).assert_status(3);
    let mut shown =
        vec![heron.run(&["events"]).assert_ok().transcript(), heron.run(&["events"]).assert_ok().transcript()];
    let kinds = |arguments: &[&str]| -> Vec<(u64, String)> {
        let output = otter.run(&[&["events", "--json"], arguments].concat()).assert_ok();
        let object: Value = serde_json::from_str(&output.stdout).unwrap();
        let events = object["events"].as_array().unwrap().iter();
        events.map(|event| (event["seq"].as_u64().unwrap(), event["kind"].as_str().unwrap().to_owned())).collect()
    };
    let all = kinds(&["--since", "0"]);
    assert!(all.is_sorted() && all.iter().any(|(_, kind)| kind == "session-opened"), "{all:?}");
    assert!(all.iter().any(|(_, kind)| kind == "lock-waited-for"), "{all:?}");
    assert_eq!(kinds(&["--since", &all[1].0.to_string()]), all[2..]);
    shown.push(otter.without_env("JOURNAL_AGENT").run(&["events", "--limit", "1"]).assert_ok().transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_line_that_was_taken_over_is_told_once_and_many_notices_are_not_all_told() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let think = |who: &JournalCommand, arguments: &[&str]| {
        who.run(&[&["think", "--session", "Gate"], arguments].concat()).assert_ok()
    };
    otter.run(&["think", "--title", "Gate", "It jams."]).assert_ok();
    think(&heron, &["--takeover", "otter sleeps", "It does not."]);
    heron.run(&["agent", "end"]).assert_ok();
    let back = think(&otter, &["Yes it does."]);
    assert!(
        back.stdout.contains(" had taken it from you at ") && back.stdout.contains(": otter sleeps"),
        "{}",
        back.stdout
    );
    assert!(!back.stderr.contains("took over"), "it is told twice: {}", back.stderr);
    // Somebody who reads first is told by it.
    think(&heron, &["--takeover", "once more", "No."]);
    let told = otter.run(&["agent"]).assert_ok().stderr;
    assert!(told.contains("took over") && told.contains("once more"), "{told}");

    otter.run(&["claim", "add", "src"]).assert_ok();
    for n in 0..25 {
        heron.run(&["claim", "add", &format!("src/{n}"), "--anyway"]).assert_ok();
    }
    let told = otter.run(&["agent"]).assert_ok().stderr;
    assert_eq!(told.lines().filter(|line| line.contains("overlaps the claim `src` of yours")).count(), 20, "{told}");
    assert!(told.contains("5 more things happened before that concern you: journal events"), "{told}");
    assert!(!otter.run(&["agent"]).assert_ok().stderr.contains("src"));
}

#[test]
fn events_are_followed_as_they_happen() {
    use std::io::{BufRead, BufReader};

    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    otter.run(&["agent"]).assert_ok();
    let mut command = heron.command(&["events", "--since", "0", "--follow", "--json"]);
    let mut follows = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(follows.stdout.take().unwrap()).lines();
    let (found, told) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let kinds = |line: &str| -> Vec<String> {
            let object: Value = serde_json::from_str(line).unwrap();
            let events = object["events"].as_array().unwrap().iter();
            events.map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
        };
        lines.map_while(Result::ok).flat_map(|line| kinds(&line)).for_each(|kind| drop(found.send(kind)));
    });
    let next = || told.recv_timeout(Duration::from_secs(120)).unwrap();
    assert_eq!(next(), "agent-started", "what was before");
    otter.run(&["lock", "acquire", "deploy"]).assert_ok();
    assert_eq!(next(), "lock-taken");
    otter.run(&["lock", "release", "deploy"]).assert_ok();
    assert_eq!(next(), "lock-released");
    follows.kill().unwrap();
    follows.wait().unwrap();
    reader.join().unwrap();
}

#[test]
fn a_claim_holds_as_long_as_it_was_asked_for() {
    let vault = vault();
    let otter = agent(&vault, "otter");
    for (arguments, minutes) in [(&["claim", "add", "a", "--ttl", "3"][..], 3), (&["claim", "add", "b"], 60)] {
        let output = otter.run(&[arguments, &["--json"]].concat()).assert_ok();
        let claim = serde_json::from_str::<Value>(&output.stdout).unwrap()["claims"][0].clone();
        let at = |field: &str| claim[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        // Told to the second.
        assert!((at("until") - at("since") - minutes * 60).abs() <= 1, "{claim}");
    }
}

#[test]
fn objects_are_documented_to_the_last_field() {
    let vault = vault();
    let (otter, heron) = (agent(&vault, "otter"), agent(&vault, "heron"));
    let docs = include_str!("../../../docs/cli.md");
    heron.run(&["claim", "add", "docs"]).assert_ok();
    for (arguments, status) in [
        (&["agent"][..], 0),
        (&["think", "--file", "a", "A."], 0),
        (&["lock", "acquire", "deploy"], 0),
        (&["lock", "renew", "deploy"], 0),
        (&["lock", "status"], 0),
        (&["claim", "add", "src", "docs", "--anyway"], 0),
        (&["claim", "list"], 0),
        (&["claim", "check", "docs"], 3),
        (&["overlap"], 3),
        (&["status"], 0),
        (&["session", "pause", "A"], 0),
        (&["claim", "add", "docs/x"], 3),
        (&["claim", "release"], 0),
        (&["agents", "--files"], 0),
        (&["events", "--since", "0"], 0),
        (&["lock", "release", "deploy"], 0),
    ] {
        let output = otter.run(&[arguments, &["--json"]].concat()).assert_status(status);
        let text = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
        let text =
            text.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no object: {}", output.stderr));
        let object: Value = serde_json::from_str(text).unwrap();
        assert_eq!(object["schema_version"], 1);
        // Whoever is answered learns whom the answer takes it for, and from what.
        let asks_for_all = [&["lock", "status"][..], &["status"]].contains(&arguments);
        let source = [&object["caller"]["source"], &object["source"], &object["agent"]["source"]];
        assert!(
            asks_for_all || status == 3 || source.iter().any(|source| **source == "variable"),
            "{arguments:?}: {object}"
        );
        each_key(&object, &mut |key| {
            assert!(docs.contains(&format!("`{key}`")), "`{key}` of {arguments:?} is not in docs/cli.md");
        });
    }
}

fn each_key(value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            tell(key);
            each_key(value, tell);
        }),
        Value::Array(values) => values.iter().for_each(|value| each_key(value, tell)),
        _ => {}
    }
}
