//! What belongs to one agent: scratch files, markers, the plan and the logs of its conversation.

use std::fs;

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{nobody, otter};

fn world() -> (TestVault, JournalCommand, JournalCommand) {
    let vault = TestVault::from_fixture("//- /.obsidian/app.json\n{}\n");
    let (otter, heron) = (otter(&vault).filter(r"agents/[0-9a-f]{32}", "agents/[HASH]"), nobody(&vault).agent("heron"));
    (vault, otter, heron)
}

#[test]
fn scratch_files_and_markers_are_an_agents_own() {
    let (_vault, otter, heron) = world();
    let mut shown = Vec::new();
    shown.push(otter.run(&["scratch", "--path"]).assert_ok().transcript());
    let folder = otter.run(&["scratch", "--path"]).assert_ok().stdout;
    fs::write(std::path::Path::new(folder.trim_end()).join("test.log"), "ok").unwrap();
    shown.push(otter.run(&["scratch", "list"]).assert_ok().transcript());
    assert_eq!(heron.run(&["scratch", "list"]).assert_ok().stdout, "");
    assert_ne!(heron.run(&["scratch", "--path"]).assert_ok().stdout, folder);
    for (arguments, status) in [
        (&["marker", "create", "ready", "--text", "since noon"][..], 0),
        (&["marker", "list"], 0),
        (&["marker", "read", "ready"], 0),
        (&["marker", "read", "steady"], 1),
        (&["marker", "create", "../x"], 2),
        (&["scratch", "sweep"], 0),
    ] {
        shown.push(otter.run(arguments).assert_status(status).transcript());
    }
    assert_eq!(heron.run(&["marker", "read", "ready"]).assert_status(1).stdout, "");
    heron.run(&["marker", "delete", "ready"]).assert_status(1);
    otter.run(&["marker", "delete", "ready"]).assert_ok();
    shown.push(otter.run(&["marker", "read", "ready"]).assert_status(1).transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn nobody_in_particular_has_nothing() {
    let (vault, ..) = world();
    for arguments in [&["scratch"][..], &["marker", "list"]] {
        let output = nobody(&vault).run(arguments).assert_status(2);
        assert!(output.stderr.contains("--agent otter"), "{}", output.transcript());
    }
    let output = nobody(&vault).run(&["transcript", "plan"]).assert_status(1);
    let object: Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!(object["error"], "no_session");
}

#[test]
fn the_belongings_of_who_has_ended_are_swept_by_age() {
    let (_vault, otter, heron) = world();
    for agent in [&otter, &heron] {
        agent.run(&["marker", "create", "ready"]).assert_ok();
    }
    let input = r#"{"session_id":"otter","hook_event_name":"SessionEnd","reason":"other"}"#;
    otter.stdin(input).run(&["hook", "session-end"]).assert_ok();
    let swept = |days: &str| {
        let output = heron.run(&["scratch", "sweep", "--days", days, "--json"]).assert_ok();
        let object: Value = serde_json::from_str(&output.stdout).unwrap();
        object["swept"].clone()
    };
    assert_eq!(swept("1"), Value::from(Vec::<String>::new()));
    assert_eq!(swept("0"), Value::from(vec!["otter"]));
    otter.run(&["marker", "read", "ready"]).assert_status(1);
    heron.run(&["marker", "read", "ready"]).assert_ok();
}

#[test]
fn a_plan_and_logs_are_found_by_the_conversation() {
    let (vault, otter, _) = world();
    let home = vault.root().join("home/.claude");
    let write = |path: &str, text: &str| {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let line = |session: &str, more: &str| {
        format!(
            "{{\"sessionId\":\"{session}\",\"type\":\"user\",\"timestamp\":\"2020-05-04T10:00:00.000Z\",\"cwd\":\"/work\",{more}}}\n"
        )
    };
    let asked = |text: &str, slug: &str| format!("\"slug\":\"{slug}\",\"message\":{{\"content\":\"{text}\"}}");
    let agent = "\"agentId\":\"a1\",\"isSidechain\":true,\"message\":{\"content\":\"Look it up\"}";
    write("projects/-work/otter.jsonl", &(line("otter", &asked("Why is it slow?", "calm-fox")) + "{broken\n"));
    write("projects/-work/heron.jsonl", &line("heron", &asked("Another one", "newer-plan")));
    write("projects/-work/otter/subagents/agent-a1.jsonl", &line("otter", agent));
    write("projects/-work/agent-b2.jsonl", &line("heron", agent));
    write("plans/calm-fox.md", "# Make it fast\n");
    write("plans/newer-plan.md", "# Another plan\n");
    let mut shown = Vec::new();
    let docs = include_str!("../../../docs/cli.md");
    for (arguments, status) in [
        (&["transcript", "plan"][..], 0),
        (&["transcript", "plan", "--json"], 0),
        (&["transcript", "list", "--json"], 0),
        (&["transcript", "agents", "--json"], 0),
        (&["transcript", "digest", "--max-tokens", "200"], 0),
        (&["transcript", "digest", "--session", "heron", "--json"], 0),
        (&["transcript", "plan", "--session", "gone"], 1),
        (&["transcript", "agents", "--session", "../otter"], 1),
    ] {
        let output = otter.run(arguments).assert_status(status);
        let json = if status == 0 { &output.stdout } else { &output.stderr };
        if let Ok(object) = serde_json::from_str::<Value>(json) {
            for key in object.as_object().unwrap().keys() {
                assert!(docs.contains(&format!("`{key}`")), "`{key}` of {arguments:?} is not in docs/cli.md");
            }
        }
        shown.push(output.transcript());
    }
    insta::assert_snapshot!(shown.join("\n"));
}
