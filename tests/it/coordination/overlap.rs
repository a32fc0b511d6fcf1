//! Who is about to get into whose way, told before it happens: claims, touched files, and merges of real git worktrees.

use std::{fs, path::Path};

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::{agent, vault, worktrees::git};

/// A repository `code` with a worktree `side`, and a file of ten lines in both.
struct World {
    vault: TestVault,
}

impl World {
    fn new() -> Self {
        let world = Self { vault: vault() };
        fs::create_dir_all(world.vault.root().join("tmp")).unwrap();
        fs::create_dir_all(world.vault.root().join("code/src")).unwrap();
        world.git("code", &["init", "-q"]);
        world.write("code/src/a.rs", 10, "");
        world.commit("code");
        world.git("code", &["worktree", "add", "-q", "-b", "side", "../side"]);
        world
    }

    fn git(&self, folder: &str, arguments: &[&str]) {
        git(&self.vault.root().join(folder), arguments);
    }

    fn commit(&self, folder: &str) {
        self.git(folder, &["add", "-A"]);
        self.git(folder, &["commit", "-q", "-m", "x"]);
    }

    /// Ten lines, of which one is another.
    fn write(&self, path: &str, which: usize, text: &str) {
        let line = |at: usize| if at == which { format!("{text}\n") } else { format!("line {at}\n") };
        fs::write(self.vault.root().join(path), (0..10).map(line).collect::<String>()).unwrap();
    }

    /// An agent at work in a folder.
    fn agent(&self, name: &str, folder: &str) -> JournalCommand {
        let folder = self.vault.root().join(folder);
        let agent = agent(&self.vault, name).without_env("JOURNAL_PROJECT").env("JOURNAL_VAULT", self.vault.path());
        let agent = agent.env("PATH", std::env::var_os("PATH").unwrap()).in_folder(&folder);
        agent.run(&["agent"]).assert_ok();
        agent
    }
}

fn merges(of: &JournalCommand, arguments: &[&str], status: i32) -> Vec<(Vec<String>, bool, bool)> {
    let output = of.run(&[&["overlap", "--json"], arguments].concat()).assert_status(status);
    let object: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(object["unknown"], serde_json::json!([]), "{object}");
    assert_eq!(object["free"], status == 0, "{object}");
    let files = |merge: &Value| {
        merge["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().to_owned()).collect()
    };
    let is = |merge: &Value, side: &str| merge[side]["uncommitted"].as_bool().unwrap();
    let merges = object["merges"].as_array().unwrap().iter();
    merges.map(|merge| (files(merge), is(merge, "one"), is(merge, "other"))).collect()
}

#[test]
fn the_file_of_a_conflicting_hunk_is_named_before_the_merge_does() {
    let world = World::new();
    let (otter, heron) = (world.agent("otter", "code/src"), world.agent("heron", "side"));
    assert_eq!(merges(&otter, &[], 0), []);
    world.write("code/src/a.rs", 0, "of main");
    world.commit("code");
    world.write("side/src/a.rs", 5, "of side");
    assert_eq!(merges(&otter, &[], 0), [], "two hunks of one file");
    world.write("side/src/a.rs", 0, "of side");
    let named = |one, other| vec![(vec!["src/a.rs".to_owned()], one, other)];
    assert_eq!(merges(&otter, &[], 3), named(false, true), "not even committed");
    assert_eq!(merges(&heron, &[], 3), named(true, false));
    world.commit("side");
    let told = otter.run(&["overlap"]).assert_status(3);
    assert!(told.stdout.starts_with("`src/a.rs`: in conflict if `main` in "), "{}", told.stdout);
    assert_eq!(merges(&heron, &["--all"], 3), named(false, false));
    // A third one, who is in nobody's way, sees it only when it asks for all.
    world.git("code", &["worktree", "add", "-q", "-b", "third", "../third", "HEAD~1"]);
    let crow = world.agent("crow", "third");
    assert_eq!(merges(&crow, &[], 0), []);
    assert_eq!(merges(&crow, &["--all"], 3), named(false, false));
    // One that was renamed meanwhile is named by where it is.
    world.git("third", &["mv", "src/a.rs", "src/b.rs"]);
    world.write("third/src/b.rs", 0, "of third");
    assert_eq!(merges(&crow, &[], 3).len(), 2);
    assert!(merges(&crow, &[], 3).iter().all(|(files, ..)| files == &["src/b.rs"]));
    // Then the merge does.
    let mut merge = std::process::Command::new("git");
    merge.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "merge", "side"]);
    let merged = merge.current_dir(world.vault.root().join("code")).output().unwrap();
    assert!(String::from_utf8_lossy(&merged.stdout).contains("conflict in src/a.rs"), "{merged:?}");
}

#[test]
fn claims_and_touched_files_are_compared_across_worktrees() {
    let world = World::new();
    let (otter, heron) = (world.agent("otter", "code"), world.agent("heron", "side"));
    let crow = world.agent("crow", "code");
    otter.run(&["claim", "add", "src/**", "--reason", "the login"]).assert_ok();
    otter.run(&["claim", "add", "docs", "--shared"]).assert_ok();
    heron.run(&["claim", "add", "src/*.rs", "other"]).assert_ok();
    crow.run(&["claim", "add", "docs/x.md", "--shared"]).assert_ok();
    otter.run(&["overlap"]).assert_status(3);
    crow.run(&["overlap"]).assert_ok();
    crow.run(&["think", "--file", "src/deep/b.rs", "I changed it."]).assert_ok();
    heron.run(&["think", "--file", "src/deep/b.rs", "--file", "/elsewhere/src/deep/b.rs", "So did I."]).assert_ok();
    let pairs = |who: &JournalCommand, arguments: &[&str]| -> Vec<[String; 3]> {
        let output = who.run(&[&["overlap", "--json"], arguments].concat()).assert_status(3);
        let object: Value = serde_json::from_str(&output.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let paths = object["paths"].as_array().unwrap().iter();
        let mut pairs: Vec<_> = paths
            .map(|shared| [text(&shared["path"]), text(&shared["one"]["agent"]), text(&shared["other"]["agent"])])
            .collect();
        pairs.sort();
        pairs
    };
    let is = |path: &str, one: &str, other: &str| [path, one, other].map(str::to_owned);
    assert_eq!(pairs(&crow, &[]), [is("src/deep/b.rs", "crow", "heron"), is("src/deep/b.rs", "crow", "otter")]);
    assert_eq!(
        pairs(&heron, &[]),
        [is("src/.rs", "heron", "otter"), is("src/deep/b.rs", "heron", "crow"), is("src/deep/b.rs", "heron", "otter")]
    );
    assert_eq!(pairs(&crow, &["--all"]).len(), 4);
    insta::assert_snapshot!(crow.run(&["overlap"]).assert_status(3).transcript());
    // Whoever has ended is in nobody's way.
    heron.run(&["agent", "end"]).assert_ok();
    otter.run(&["agent", "end"]).assert_ok();
    crow.run(&["overlap"]).assert_ok();
}

#[test]
fn without_git_the_rest_is_told() {
    let world = World::new();
    let (otter, heron) = (world.agent("otter", "code"), world.agent("heron", "side"));
    for who in [&otter, &heron] {
        who.run(&["claim", "add", "src"]).assert_ok();
    }
    let told = otter.env("PATH", "/nowhere").run(&["overlap"]).assert_status(3);
    assert!(told.stderr.contains("git cannot be run"), "{}", told.stderr);
    assert!(told.stdout.contains("`src`"), "{}", told.stdout);
    // An agent of the same project that is somewhere else, as on another machine.
    let project = serde_json::from_str::<Value>(&otter.run(&["agent", "--json"]).assert_ok().stdout).unwrap();
    let elsewhere = world.agent("crow", "tmp").env("JOURNAL_PROJECT", project["agent"]["project"].as_str().unwrap());
    elsewhere.run(&["agent"]).assert_ok();
    let told = otter.run(&["overlap"]).assert_status(3);
    assert!(told.stderr.contains("is no worktree of this repository here"), "{}", told.stderr);
    // And where nothing is a repository, nothing is to be merged.
    elsewhere.run(&["overlap", "-v"]).assert_ok();
    assert!(
        Path::new(world.vault.root()).join("tmp").read_dir().unwrap().next().is_none(),
        "something was left behind"
    );
}
