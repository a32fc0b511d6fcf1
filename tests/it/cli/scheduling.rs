//! `journal schedule`: installed, changed, looked at and removed, with service managers that write down what they are told; and
//! what is installed, run as they would.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use journal_testkit::{JournalCommand, TestVault};
use serde_json::Value;

use super::nobody;

const ID: &str = "01JD3V8QK7X2M4N6P8R0T2V4W6";

/// Is there while a systemd of the user runs.
const MANAGER: &str = "manager";

/// The service managers of a vault's machine, on a `PATH`. They are links: a script that was just written may not be runnable
/// yet, while another thread starts a process.
pub(super) fn tools(vault: &TestVault) -> String {
    let (bin, tools) = (vault.root().join("bin"), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/tools"));
    fs::create_dir(&bin).unwrap();
    for name in ["systemctl", "crontab"] {
        symlink(tools.join(name), bin.join(name)).unwrap();
    }
    format!("{}:/usr/bin:/bin", bin.display())
}

struct World {
    vault: TestVault,
    journal: JournalCommand,
}

/// A vault, and a machine with both service managers; the systemd of the user runs.
fn world() -> World {
    world_at("notes")
}

/// The same with the vault in a folder of this name.
fn world_at(name: &str) -> World {
    let vault = TestVault::new();
    let notes = vault.root().join(name);
    fs::create_dir_all(notes.join(".journal")).unwrap();
    fs::write(notes.join(".journal/config.toml"), format!("id = \"{ID}\"\n")).unwrap();
    fs::write(notes.join("A.md"), "alpha\n").unwrap();
    fs::write(vault.root().join(MANAGER), "").unwrap();
    let program = regex_of(env!("CARGO_BIN_EXE_journal"));
    let journal = nobody(&vault)
        .in_folder(&notes)
        .env("PATH", tools(&vault))
        .filter(&program, "[JOURNAL]")
        .filter(r"journal-schedule [0-9a-f]{32}", "journal-schedule [hash]")
        .filter(
            r"(?m)^(next|last)     (?:[0-9-]+ )?\d\d:\d\d \([a-z0-9 ]+\)(?:, in [0-9.]+ (?:ms|s|min))?",
            "$1     [WHEN]",
        )
        .filter(r"ionice -c 3 ", "");
    World { vault, journal }
}

fn regex_of(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() { c.to_string() } else { format!(r"\x{{{:x}}}", u32::from(c)) })
        .collect()
}

impl World {
    fn file(&self, name: &str) -> PathBuf {
        self.vault.root().join(name)
    }

    /// What the service managers were told since the last look.
    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file("calls")).unwrap_or_default();
        fs::write(self.file("calls"), "").unwrap();
        text.lines().map(|line| line.replace(ID, "ID")).collect()
    }

    fn units(&self) -> PathBuf {
        self.file("config/systemd/user")
    }

    fn unit(&self, kind: &str) -> PathBuf {
        self.units().join(format!("journal-reindex-{ID}.{kind}"))
    }

    fn run(&self, arguments: &[&str]) -> journal_testkit::Output {
        self.journal.run(&[&["schedule"], arguments].concat())
    }
}

#[test]
fn what_would_be_installed_is_printed_for_every_system_and_nothing_is_written() {
    let world = world();
    let journal = world.journal.without_env("XDG_DATA_HOME").without_env("XDG_CONFIG_HOME");
    let before = journal_testkit::snapshot(world.vault.root());
    let mut shown = Vec::new();
    for arguments in [
        &["--kind", "systemd", "--every", "15m"][..],
        &["--kind", "systemd", "--serve", "--port", "9000"],
        &["--kind", "launchd", "--at", "3:07"],
        &["--kind", "launchd", "--serve"],
        &["--kind", "cron", "--every", "6h"],
        &["--kind", "task-scheduler"],
        &["--kind", "task-scheduler", "--at", "03:00"],
    ] {
        shown.push(journal.run(&[&["schedule", "print"], arguments].concat()).assert_ok().transcript());
    }
    shown.push(world.run(&["print", "--kind", "task-scheduler"]).assert_status(2).transcript());
    shown.push(world.run(&["print", "--every", "7m"]).assert_status(2).transcript());
    insta::assert_snapshot!(shown.join("\n"));
    assert_eq!(journal_testkit::snapshot(world.vault.root()), before);
}

#[test]
fn systemd_is_told_once_and_again_when_something_changes() {
    let world = world();
    let mut shown = vec![world.run(&["install"]).assert_ok().transcript()];
    let timer = format!("journal-reindex-{ID}.timer");
    let enabled = format!("systemctl --user enable --now {timer}").replace(ID, "ID");
    assert_eq!(world.calls(), ["systemctl --user daemon-reload".to_owned(), enabled.clone()]);
    let installed = journal_testkit::snapshot(&world.units());
    assert_eq!(installed.len(), 2);
    // Twice is once.
    shown.push(world.run(&["install"]).assert_ok().transcript());
    assert_eq!((world.calls(), journal_testkit::snapshot(&world.units())), (Vec::new(), installed.clone()));
    // Switched off by hand: asked for again, it is switched on.
    fs::remove_file(world.file(&format!("enabled.{timer}"))).unwrap();
    shown.push(world.run(&["status"]).assert_ok().transcript());
    world.run(&["install"]).assert_ok();
    assert_eq!(world.calls(), [enabled]);
    // At another time.
    world.run(&["install", "--at", "03:00"]).assert_ok();
    assert_eq!(world.calls(), ["systemctl --user daemon-reload", "systemctl --user restart journal-reindex-ID.timer"]);
    shown.push(world.run(&["status"]).assert_ok().transcript());
    world.run(&["install", "--serve"]).assert_ok();
    assert_eq!(world.calls().last().unwrap(), "systemctl --user enable --now journal-serve-ID.service");
    shown.push(world.run(&["status"]).assert_ok().transcript());
    // Gone without a trace.
    shown.push(world.run(&["remove"]).assert_ok().transcript());
    world.run(&["remove", "--serve"]).assert_ok();
    assert!(journal_testkit::snapshot(&world.units()).is_empty());
    assert_eq!(world.calls().iter().filter(|call| call.contains("disable --now")).count(), 2);
    shown.push(world.run(&["remove"]).assert_ok().transcript());
    assert_eq!(world.calls(), [""; 0]);
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_server_that_is_switched_on_and_failed_is_told_and_begun_again() {
    let world = world();
    let unit = format!("journal-serve-{ID}.service");
    let install = ["install", "--serve", "--port", "9000"];
    world.run(&install).assert_ok();
    world.calls();
    fs::write(world.file(&format!("failed.{unit}")), "").unwrap();
    let status = world.run(&["status"]).assert_ok().stdout;
    let look = format!("but it does not run (failed): systemctl --user status {unit}");
    assert!(status.contains(&look), "{status}");
    let told: Value = serde_json::from_str(&world.run(&["status", "--json"]).assert_ok().stdout).unwrap();
    assert_eq!((&told["schedules"][0]["active"], &told["schedules"][0]["stopped"]), (&true.into(), &"failed".into()));
    let doctor = world.journal.run(&["doctor"]).assert_status(4).stdout;
    assert!(doctor.contains("the schedule `serve` is switched on, and does not run"), "{doctor}");
    assert!(doctor.contains("begin it again: journal schedule install --kind systemd --serve --port 9000"), "{doctor}");
    let again = world.run(&install).assert_ok();
    assert!(!again.stderr.contains("nothing was changed"), "{}", again.transcript());
    assert_eq!(world.calls(), [format!("systemctl --user start {unit}").replace(ID, "ID")]);
    assert!(world.run(&install).assert_ok().stderr.contains("nothing was changed"));
}

#[test]
fn to_remove_leaves_nothing_whoever_can_be_told_and_whether_the_vault_is_there() {
    let world = world();
    let timer = format!("journal-reindex-{ID}.timer");
    let (wants, stamps) = (world.units().join("timers.target.wants"), world.file("data/systemd/timers"));
    let install = || {
        fs::write(world.file(MANAGER), "").unwrap();
        world.run(&["install"]).assert_ok();
        // As systemd does.
        fs::create_dir_all(&wants).unwrap();
        fs::create_dir_all(&stamps).unwrap();
        symlink(world.units().join(&timer), wants.join(&timer)).unwrap();
        fs::write(stamps.join(format!("stamp-{timer}")), "").unwrap();
    };
    let assert_gone = || {
        let left: Vec<_> = [world.units(), wants.clone(), stamps.clone()]
            .iter()
            .flat_map(|folder| fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .filter(|path| *path != wants)
            .collect();
        assert_eq!(left, [""; 0].map(PathBuf::from));
    };
    install();
    fs::remove_file(world.file(MANAGER)).unwrap();
    let removed = world.run(&["remove"]).assert_ok();
    assert_gone();
    let left_to_do = format!("type: systemctl --user stop {timer} && systemctl --user daemon-reload");
    assert!(removed.stderr.contains(&left_to_do), "{}", removed.transcript());
    // The vault is gone, and then an empty folder is where it was.
    for is_mount_point in [false, true] {
        install();
        let notes = world.file("notes");
        fs::rename(&notes, world.file("away")).unwrap();
        let journal = world.journal.in_folder(world.vault.root());
        if is_mount_point {
            fs::create_dir(&notes).unwrap();
        }
        let removed = journal.run(&["--vault", &notes.display().to_string(), "schedule", "remove"]).assert_ok();
        assert!(removed.stdout.contains("removed  journal reindex"), "{}", removed.transcript());
        assert_gone();
        journal.run(&["--vault", &world.file("never").display().to_string(), "schedule", "remove"]).assert_status(2);
        if is_mount_point {
            fs::remove_dir(&notes).unwrap();
        }
        fs::rename(world.file("away"), &notes).unwrap();
    }
}

#[test]
fn a_schedule_of_another_path_is_told() {
    let world = world();
    world.run(&["install", "--at", "03:00"]).assert_ok();
    let (notes, moved) = (world.file("notes"), world.file("my $moved 100%"));
    let journal = world.journal.in_folder(world.vault.root());
    let run = |vault: &Path, arguments: &[&str]| {
        journal.run(&[&["--vault", &vault.display().to_string()], arguments].concat()).assert_ok().stdout
    };
    let is_told = |vault: &Path| run(vault, &["schedule", "status"]).contains("made for another path");
    assert!(!is_told(&notes));
    fs::rename(&notes, &moved).unwrap();
    assert!(is_told(&moved));
    let doctor = journal.run(&["--vault", &moved.display().to_string(), "doctor"]).assert_status(4).stdout;
    assert!(doctor.contains("journal schedule install --kind systemd --at 03:00"), "{doctor}");
    run(&moved, &["schedule", "install", "--at", "03:00"]);
    assert!(!is_told(&moved));
}

#[test]
fn a_server_that_cron_begins_is_said_to_begin_with_the_machine() {
    let world = world();
    fs::remove_file(world.file(MANAGER)).unwrap();
    // A relative path is none by the XDG rules.
    let journal = world.journal.env("XDG_CONFIG_HOME", "relative");
    let installed = journal.run(&["schedule", "install", "--serve"]).assert_ok();
    assert!(installed.stderr.contains("not now, and not again when it ends"), "{}", installed.transcript());
    assert!(!fs::read_to_string(world.file("crontab")).unwrap().contains("XDG_CONFIG_HOME"));
    assert!(world.run(&["status"]).assert_ok().stdout.contains("begun with the machine only"));
}

#[test]
fn without_a_systemd_of_the_user_cron_does_it() {
    let world = world();
    fs::remove_file(world.file(MANAGER)).unwrap();
    let theirs = b"# mine \xff\n0 1 * * * true\n";
    fs::write(world.file("crontab"), theirs).unwrap();
    let mut shown = vec![world.run(&["install", "--every", "30m"]).assert_ok().transcript()];
    assert_eq!(world.calls(), ["crontab -"]);
    let crontab = fs::read(world.file("crontab")).unwrap();
    assert!(crontab.starts_with(theirs) && crontab.ends_with(b"reindex --scheduled --quiet\n"));
    world.run(&["install", "--every", "30m"]).assert_ok();
    assert_eq!(world.calls(), [""; 0]);
    shown.push(world.run(&["status"]).assert_ok().transcript());
    let status: Value = serde_json::from_str(&world.run(&["status", "--json"]).assert_ok().stdout).unwrap();
    assert_eq!(
        (&status["schedules"][0]["kind"], &status["schedules"][0]["when"]),
        (&"cron".into(), &"every 30m".into())
    );
    world.run(&["remove"]).assert_ok();
    assert_eq!(fs::read(world.file("crontab")).unwrap(), theirs);
    // Where there was none there is none.
    fs::remove_file(world.file("crontab")).unwrap();
    world.run(&["install"]).assert_ok();
    world.run(&["remove"]).assert_ok();
    assert!(!world.file("crontab").exists());
    // Units can be written for later all the same.
    shown.push(world.run(&["install", "--kind", "systemd"]).assert_ok().transcript());
    shown.push(world.run(&["status"]).assert_ok().transcript());
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_a_person_edited_is_neither_written_over_nor_removed() {
    let world = world();
    world.run(&["install"]).assert_ok();
    let timer = world.unit("timer");
    let edited = fs::read_to_string(&timer).unwrap().replace("Persistent=true", "Persistent=false");
    fs::write(&timer, &edited).unwrap();
    let before = journal_testkit::snapshot(&world.units());
    let shown = [
        world.run(&["install", "--at", "03:00"]).assert_status(3).transcript(),
        world.run(&["remove"]).assert_status(3).transcript(),
        world.run(&["status"]).assert_ok().transcript(),
    ];
    insta::assert_snapshot!(shown.join("\n"));
    assert_eq!(journal_testkit::snapshot(&world.units()), before);
    // Of cron likewise.
    fs::remove_file(world.file(MANAGER)).unwrap();
    world.run(&["install"]).assert_ok();
    let crontab = fs::read_to_string(world.file("crontab")).unwrap().replace("nice -n 19", "nice -n 5");
    fs::write(world.file("crontab"), &crontab).unwrap();
    world.run(&["install"]).assert_status(3);
    world.run(&["remove"]).assert_status(3);
    assert_eq!(fs::read_to_string(world.file("crontab")).unwrap(), crontab);
}

#[test]
fn systemd_itself_finds_nothing_wrong_with_the_units() {
    let verify = |names: &[PathBuf], world: &World| {
        let runtime = world.file("tmp/runtime");
        fs::create_dir_all(&runtime).unwrap();
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
        let mut command = Command::new("systemd-analyze");
        command.args(["--user", "verify"]).args(names).env_clear().env("HOME", world.file("home"));
        command
            .env("PATH", "/usr/bin:/bin")
            .env("XDG_RUNTIME_DIR", runtime)
            .env("XDG_CONFIG_HOME", world.file("config"));
        command.output().map(|output| String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for name in ["notes", "my $HOME 100% \"notes\" %h", "생각 it's\\"] {
        let world = world_at(name);
        let mut units = Vec::new();
        for arguments in [&["install", "--every", "15m"][..], &["install", "--serve"]] {
            world.run(arguments).assert_ok();
            units = fs::read_dir(world.units()).unwrap().map(|entry| entry.unwrap().path()).collect();
        }
        assert_eq!(units.len(), 3);
        match verify(&units, &world) {
            // A system without systemd; the words were read back by the unit tests of `schedule`.
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "no systemd-analyze to verify units with: {error}");
                return eprintln!("SKIPPED: no systemd-analyze to verify units with: {error}");
            }
            Ok(said) => assert_eq!(said, "", "{name}"),
        }
        // It does tell what is wrong.
        fs::write(&units[0], fs::read_to_string(&units[0]).unwrap().replace("[Unit]\n", "[Unit]\nNoSuchKey=1\n"))
            .unwrap();
        assert!(verify(&units[..1], &world).unwrap().contains("NoSuchKey"));
    }
}

/// Runs what a unit says, as systemd would: its words, its variables, and nothing of ours.
fn as_systemd(world: &World) -> std::process::Output {
    let unit = fs::read_to_string(world.unit("service")).unwrap();
    let line = |key: &str| unit.lines().filter_map(move |line| line.strip_prefix(key)).collect::<Vec<_>>();
    let words = |line: &str| {
        let inner = line.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let plain = |word: &str| word.replace("%%", "%").replace("$$", "$").replace("\\\"", "\"").replace("\\\\", "\\");
        inner.split("\" \"").map(plain).collect::<Vec<_>>()
    };
    let run = words(line("ExecStart=")[0]);
    let mut command = Command::new(&run[0]);
    command.args(&run[1..]).env_clear().current_dir("/").stdin(Stdio::null());
    command.env("HOME", world.file("home")).env("TZ", "UTC");
    for variable in line("Environment=") {
        let variable = words(variable).remove(0);
        let (name, value) = variable.split_once('=').unwrap();
        command.env(name, value);
    }
    command.output().unwrap()
}

#[test]
fn what_a_timer_starts_brings_the_index_up_to_date_and_leaves_its_result() {
    let world = world_at("my $notes 100% \"here\"");
    world.run(&["install"]).assert_ok();
    let mut shown = Vec::new();
    let mut ran = |status: i32| {
        let ran = as_systemd(&world);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!((ran.status.code(), ran.stdout.len()), (Some(status), 0), "{said}");
        shown.push(world.run(&["status"]).assert_ok().transcript());
        said
    };
    assert_eq!(ran(0), "");
    assert_eq!(ran(0), "");
    fs::write(world.file("my $notes 100% \"here\"").join("B.md"), "beta\n").unwrap();
    assert_eq!(ran(0), "");
    world.journal.run(&["reindex", "--check"]).assert_ok();
    assert!(world.journal.run(&["search", "beta"]).assert_ok().stdout.contains("B.md"));
    // While another is at work it goes home, and what it found before stays.
    let state = world.file("data/journal").join(ID);
    let before = fs::read(state.join("last-run")).unwrap();
    let lock = fs::File::open(state.join("reindex.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(ran(0), "");
    assert_eq!(fs::read(state.join("last-run")).unwrap(), before);
    lock.unlock().unwrap();
    // What goes wrong is told and written down.
    let index = state.join("index.db");
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(index.with_file_name(format!("index.db{suffix}"))).ok();
    }
    fs::create_dir(&index).unwrap();
    let said = ran(2);
    assert!(said.starts_with("error: "), "{said}");
    fs::remove_dir(&index).unwrap();
    assert_eq!(ran(0), "");
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn names_that_no_schedule_can_hold_are_refused() {
    let world = world_at("two\nlines");
    let refused = world.run(&["install"]).assert_status(2);
    assert!(refused.stderr.contains("line break") && refused.stderr.contains("hint: "), "{}", refused.transcript());
    assert!(!world.units().exists());
    let nowhere = world_at("notes");
    nowhere.run(&["install", "--kind", "task-scheduler"]).assert_status(2);
    // A vault that nobody ever wrote to has no name among others yet.
    fs::remove_file(nowhere.file("notes/.journal/config.toml")).unwrap();
    fs::create_dir(nowhere.file("notes/.obsidian")).unwrap();
    nowhere.run(&["print"]).assert_status(2);
    nowhere.journal.run(&["init"]).assert_ok();
    nowhere.run(&["install"]).assert_ok();
}
