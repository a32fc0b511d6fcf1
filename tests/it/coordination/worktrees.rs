//! Two real worktrees of one repository are one project; a claim counts in one of them unless asked.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::{agent, vault};

pub(super) fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]);
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn worktrees_are_one_project_and_claims_stay_in_theirs() {
    let vault = vault();
    let main = vault.root().join("code");
    let side = vault.root().join("side");
    std::fs::create_dir_all(main.join("src/deep")).unwrap();
    git(&main, &["init", "-q"]);
    git(&main, &["commit", "-q", "--allow-empty", "-m", "x"]);
    git(&main, &["worktree", "add", "-q", "-b", "side", "../side"]);
    let within = |name: &str, folder: &Path| {
        agent(&vault, name).without_env("JOURNAL_PROJECT").env("JOURNAL_VAULT", vault.path()).in_folder(folder)
    };
    let (otter, heron, crow) =
        (within("otter", &main.join("src")), within("heron", &side), within("crow", vault.root()));
    for who in [&otter, &heron, &crow] {
        who.run(&["agent"]).assert_ok();
    }
    let object = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let related = object(&heron.run(&["agents", "--related", "--json"]).assert_ok().stdout);
    let mut branches: Vec<_> =
        related["agents"].as_array().unwrap().iter().map(|agent| agent["branch"].as_str().unwrap()).collect();
    branches.sort_unstable();
    assert_eq!(branches, ["main", "side"], "{related}");

    otter.run(&["claim", "add", "*.rs"]).assert_ok();
    heron.run(&["claim", "check", "src/a.rs"]).assert_ok();
    let neighbour = within("neighbour", &main);
    let told = neighbour.run(&["claim", "check", "src/a.rs"]).assert_status(3);
    assert!(told.stdout.starts_with("src/a.rs is claimed by "), "{}", told.stdout);
    neighbour.in_folder(&main.join("src/deep")).run(&["claim", "check", "../a.rs"]).assert_status(3);
    neighbour.in_folder(&main.join("src/deep")).run(&["claim", "check", "a.rs"]).assert_ok();
    neighbour.run(&["claim", "add", "../../x"]).assert_status(2);
    heron.run(&["claim", "add", "src/a.rs"]).assert_ok();
    heron.run(&["claim", "add", "docs", "--all-worktrees"]).assert_ok();
    otter.run(&["claim", "check", "../docs/x.md"]).assert_status(3);
    crow.run(&["claim", "check", "docs"]).assert_ok();
}
