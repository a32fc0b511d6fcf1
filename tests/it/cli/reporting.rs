//! `journal doctor --report`: it says how things stand, and nothing of what anybody wrote or named.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::fs;

use journal_testkit::{JournalCommand, TestVault};

use super::{scheduling::tools, searching::remove_database, think};

/// Stands wherever a person, a program or a machine has put a text of its own.
const CANARY: &str = "xQzCanary";

/// A machine on which everything that can have a name is called so.
fn world() -> (TestVault, JournalCommand) {
    let world = TestVault::new();
    let (home, vault) = (world.root().join("xQzCanary home"), world.root().join("xQzCanary home/xQzCanary vault"));
    fs::create_dir_all(vault.join(".obsidian")).unwrap();
    let models = home.join("xQzCanary models");
    let config = home.join(".config/journal/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    let settings = format!(
        "thinking_folder = \"{CANARY}\"\nmax_tokens = 4321\nhub = \"http://{CANARY}.example\"\nmodels_dir = \"{}\"\n\
         allowed_origins = [\"http://{CANARY}.example:1\"]\nallowed_hosts = [\"{CANARY}.example\"]\nproject = \"{CANARY}\"\n",
        models.display()
    );
    fs::write(&config, settings).unwrap();
    let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &world)
        .in_folder(&vault)
        .agent(&format!("{CANARY}-agent"))
        .without_env("XDG_CONFIG_HOME")
        .without_env("XDG_DATA_HOME")
        .env("HOME", &home)
        .env("PATH", tools(&world))
        .env("HF_TOKEN", format!("hf_{CANARY}"))
        .env("JOURNAL_PROJECT", CANARY)
        .env("VISUAL", CANARY);
    (world, journal)
}

/// Has something wrong of every kind that a message could tell by name.
fn fill(world: &TestVault, journal: &JournalCommand) {
    let vault = world.root().join("xQzCanary home/xQzCanary vault");
    let write = |name: &str, text: &str| fs::write(vault.join(name), text).unwrap();
    write(
        "xQzCanary.md",
        "---\nid: xQzCanary-1\ntags: [xQzCanary]\n---\n# xQzCanary\n[[xQzCanary nowhere]] #xQzCanary\n",
    );
    write("Copy of xQzCanary.md", "---\nid: xQzCanary-1\n---\n");
    write("xQzCanary (conflicted copy 2020-05-04).md", "---\nid: xQzCanary-1\n---\n");
    write("xQzCanary broken.md", "---\nid: xQzCanary 7\nid: xQzCanary 8\n xQzCanary: [\n---\n");
    std::os::unix::fs::symlink("/xQzCanary", vault.join("xQzCanary link.md")).unwrap();
    think(journal, &["--title", CANARY, "--tag", CANARY, "A thought of xQzCanary."]);
    journal.run(&["reindex"]).assert_ok();
    journal.run(&["agent", "set", "--task", CANARY, "--name", "xqzcanary"]).assert_ok();
    journal.run(&["lock", "acquire", "xqzcanary-lock"]).assert_ok();
    journal.run(&["claim", "add", "src/xQzCanary.rs", "--reason", CANARY]).assert_ok();
    journal.run(&["serve", "--show-token"]).assert_ok();
    journal.run(&["schedule", "install", "--kind", "cron"]).assert_ok();
}

/// The state directory's folder.
fn state(world: &TestVault) -> std::path::PathBuf {
    let all = world.root().join("xQzCanary home/.local/share/journal");
    let mut folders = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path());
    folders.find(|path| path.join("index.db").exists()).unwrap()
}

#[test]
fn nothing_that_somebody_wrote_or_named_is_in_a_report() {
    let (world, journal) = world();
    fill(&world, &journal);
    let state = state(&world);
    fs::write(state.join("model"), "/xQzCanary/model of xQzCanary\n").unwrap();
    fs::write(state.join("last-run"), "begun\t1\nended\t2\nexit\t2\nerror\tcannot read `/h/xQzCanary b/a.md`: no\n")
        .unwrap();
    let trouble =
        "since\t1\npolling\txQzCanary\txQzCanary\ntrouble\t5\tfalse\tcannot watch `/h/my xQzCanary`\tdo `xQzCanary`\n";
    fs::write(state.join("leader"), trouble).unwrap();
    let out = world.root().join("report.txt");
    let told = journal.run(&["doctor", "--report", out.to_str().unwrap()]).assert_ok();
    assert!(told.stderr.contains("Read it before you send it."));
    let report = fs::read_to_string(&out).unwrap();
    let lower = report.to_lowercase();
    assert!(!lower.contains("xqzcanary"), "{report}");
    // Nor what names the person or the machine.
    let token = journal.run(&["serve", "--show-token"]).assert_ok().stdout;
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let host = text("/proc/sys/kernel/hostname");
    let names =
        [world.root().display().to_string(), token.trim().to_owned(), state.file_name().unwrap().display().to_string()];
    for name in names.iter().chain([&host].into_iter().filter(|host| host.len() > 4)) {
        assert!(!name.is_empty() && !report.contains(name.as_str()), "`{name}` in\n{report}");
    }
    // What it is for is there.
    for line in [
        concat!("  version: ", env!("CARGO_PKG_VERSION")),
        "  max_tokens: 4321 (user)",
        "  hub: set (user)",
        "  notes: 6",
        "  duplicate-id: 1 (error), about 2 paths",
        "  model-trouble: 1 (warning), about 0 paths",
        "  model: in a folder, or unknown",
        "  watch trouble: 1970-01-01T00:00:00Z (still): cannot watch […]",
        "  last run's error: cannot read […]: no",
        "  schedule: reindex every 1h by cron, not known whether it is on",
        "  leases held: 3",
    ] {
        assert!(report.lines().any(|own| own == line), "`{line}` not in\n{report}");
    }
    let variables = report.lines().find_map(|line| line.strip_prefix("  variables: ")).unwrap();
    for name in ["JOURNAL_AGENT", "HF_TOKEN", "VISUAL"] {
        assert!(variables.split(' ').any(|own| own == name), "{variables}");
    }
    // What is there is never written over, be it a note.
    journal.run(&["doctor", "--report", "xQzCanary.md"]).assert_status(2);
    journal.run(&["doctor", "--report", "--json"]).assert_status(2);
    let folder = world.root().join("work");
    fs::create_dir(&folder).unwrap();
    let vault = world.root().join("xQzCanary home/xQzCanary vault");
    let elsewhere = journal.in_folder(&folder);
    elsewhere.run(&["doctor", "--vault", vault.to_str().unwrap(), "--report"]).assert_ok();
    assert!(folder.join("journal-report.txt").exists());
}

#[test]
fn a_report_is_made_also_where_little_can_be_looked_at() {
    let (world, journal) = world();
    fill(&world, &journal);
    let state = state(&world);
    for name in ["index.db", "state.db"] {
        remove_database(&state.join(name));
        fs::write(state.join(name), format!("no database but {CANARY} ").repeat(200)).unwrap();
    }
    let out = world.root().join("report.txt");
    journal.run(&["doctor", "--report", out.to_str().unwrap()]).assert_ok();
    let report = fs::read_to_string(&out).unwrap();
    assert!(report.contains("damaged-index: 1") && report.contains("damaged-state: 1"), "{report}");
    assert!(!report.to_lowercase().contains("xqzcanary"), "{report}");
}
