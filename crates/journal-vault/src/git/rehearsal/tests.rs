//! Merges that would and would not conflict, told beforehand; and a repository that would like to have commands run.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt, time::Duration, time::Instant};

use super::*;

struct World {
    folder: TempDir,
}

impl World {
    /// A repository `main` with a worktree `side`, and a file of ten lines in both.
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(world.path("main")).unwrap();
        fs::create_dir(world.path("tmp")).unwrap();
        world.git("main", &["init", "-q"]);
        world.write("main/a.txt", &lines(0, "one"));
        world.commit("main");
        world.git("main", &["worktree", "add", "-q", "-b", "side", "../side"]);
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    fn git(&self, folder: &str, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]);
        let output = command.args(arguments).current_dir(self.path(folder)).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self, folder: &str) {
        self.git(folder, &["add", "-A"]);
        self.git(folder, &["commit", "-q", "--no-verify", "-m", "x"]);
    }

    fn ask(&self) -> Git {
        let path = std::env::var_os("PATH").unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        Git { environment: vec![("PATH".into(), path)], temporary: self.path("tmp"), deadline }
    }

    fn worktree(&self, folder: &str) -> Worktree {
        Worktree::find(&self.path(folder)).unwrap().unwrap()
    }

    /// What merging both worktrees would leave in conflict. It leaves nothing behind, and the repository as it was.
    fn rehearse(&self) -> Vec<String> {
        let before = self.files();
        let mut rehearsal = Rehearsal::begin(&self.ask(), &self.worktree("main")).unwrap();
        let (one, other) =
            (rehearsal.take(&self.worktree("main")).unwrap(), rehearsal.take(&self.worktree("side")).unwrap());
        let files = rehearsal.merge(&one, &other).unwrap();
        assert_eq!(rehearsal.merge(&other, &one).unwrap(), files, "it is the same from both sides");
        drop(rehearsal);
        assert_eq!(self.files(), before, "it wrote something");
        files
    }

    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut files, mut folders) = (BTreeMap::new(), vec![self.path("")]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                    files.insert(path, Vec::new());
                } else {
                    files.insert(path.clone(), fs::read(&path).unwrap());
                }
            }
        }
        files
    }
}

/// Ten lines, of which one is another.
fn lines(which: usize, text: &str) -> String {
    (0..10).map(|at| if at == which { format!("{text}\n") } else { format!("line {at}\n") }).collect()
}

#[test]
fn two_branches_that_change_one_hunk_conflict_in_that_file() {
    let world = World::new();
    assert_eq!(world.rehearse(), [""; 0], "both are at the same commit");
    world.write("main/a.txt", &lines(0, "of main"));
    world.write("main/other.txt", "of main\n");
    world.commit("main");
    assert_eq!(world.rehearse(), [""; 0], "one went on");
    world.write("side/a.txt", &lines(0, "of side"));
    world.write("side/another.txt", "of side\n");
    world.commit("side");
    assert_eq!(world.rehearse(), ["a.txt"]);
    world.write("side/a.txt", &lines(0, "one").replace("line 9", "nine"));
    assert_eq!(world.rehearse(), [""; 0], "another hunk, not committed");
}

#[test]
fn what_is_not_committed_counts() {
    let world = World::new();
    world.write("main/a.txt", &lines(0, "two"));
    world.write("side/a.txt", &lines(0, "six"));
    assert_eq!(world.rehearse(), ["a.txt"], "of the same size, in the same second");
    world.git("side", &["add", "-A"]);
    assert_eq!(world.rehearse(), ["a.txt"], "staged");
    fs::remove_file(world.path("side/a.txt")).unwrap();
    assert_eq!(world.rehearse(), ["a.txt"], "changed here, removed there");
    world.write("main/a.txt", &lines(0, "one"));
    assert_eq!(world.rehearse(), [""; 0]);
}

#[test]
fn a_renamed_file_is_followed() {
    let world = World::new();
    world.git("main", &["mv", "a.txt", "b.txt"]);
    world.commit("main");
    world.write("side/a.txt", &lines(5, "of side"));
    assert_eq!(world.rehearse(), [""; 0]);
    world.write("main/b.txt", &lines(5, "of main"));
    assert_eq!(world.rehearse(), ["b.txt"]);
}

#[test]
fn more_than_is_taken_in_is_said_and_the_rest_counts() {
    let world = World::new();
    world.write("main/a.txt", &lines(0, "of main"));
    world.commit("main");
    world.write("side/a.txt", &lines(0, "of side"));
    world.commit("side");
    fs::File::create(world.path("side/a.txt")).unwrap().set_len(MOST_BYTES + 1).unwrap();
    assert_eq!(world.rehearse(), ["a.txt"]);
    let mut rehearsal = Rehearsal::begin(&world.ask(), &world.worktree("main")).unwrap();
    let tip = rehearsal.take(&world.worktree("side")).unwrap();
    assert!(matches!((tip.uncommitted, tip.left_out), (false, Some(GitError::TooManyChanges(_)))));
}

#[test]
fn what_cannot_be_told_is_left_out_and_said() {
    let world = World::new();
    world.write("main/a.txt", &lines(0, "of main"));
    world.commit("main");
    world.write("side/a.txt", &lines(0, "of side"));
    world.commit("side");
    // In the middle of a merge the index has no tree; what is committed counts.
    let mut merge = Command::new("git");
    merge.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "merge", "-q", "side"]);
    assert!(!merge.current_dir(world.path("main")).output().unwrap().status.success());
    assert_eq!(world.rehearse(), ["a.txt"]);
    let mut rehearsal = Rehearsal::begin(&world.ask(), &world.worktree("main")).unwrap();
    let left_out = |tip: Tip| tip.left_out.map(|error| error.to_string());
    let said = left_out(rehearsal.take(&world.worktree("main")).unwrap()).unwrap();
    assert!(said.ends_with("is in the middle of a merge"), "{said}");
    assert_eq!(left_out(rehearsal.take(&world.worktree("side")).unwrap()), None);

    fs::create_dir(world.path("new")).unwrap();
    world.git("new", &["init", "-q"]);
    assert!(matches!(rehearsal.take(&world.worktree("new")), Err(GitError::NoCommit(_))));
    let late = Git { deadline: Instant::now(), ..world.ask() };
    let error = Rehearsal::begin(&late, &world.worktree("main")).unwrap_err();
    assert!(matches!(error, GitError::Late { .. }), "{error:?}");
    let absent = Git { environment: vec![("PATH".into(), world.path("tmp").into())], ..world.ask() };
    assert!(matches!(Rehearsal::begin(&absent, &world.worktree("main")), Err(GitError::NotRun(_))));
    // A program that says no version. It is a link: one written just now may still be open in another test's child.
    std::os::unix::fs::symlink("/bin/echo", world.path("tmp/git")).unwrap();
    let error = Rehearsal::begin(&absent, &world.worktree("main")).unwrap_err();
    assert!(error.to_string().ends_with("cannot rehearse a merge; 2.38 or newer can"), "{error}");
}

#[test]
fn a_repository_cannot_have_commands_run() {
    let world = World::new();
    let ran = world.path("tmp/ran");
    let script = world.path("evil.sh");
    fs::write(&script, format!("#!/bin/sh\ntouch '{}'\ncat\n", ran.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    world.write("main/a.txt", &lines(0, "of main"));
    world.commit("main");
    world.write("side/a.txt", &lines(0, "of side"));
    world.write("side/.gitattributes", "* filter=evil merge=evil diff=evil\n");
    let script = script.to_str().unwrap();
    for (name, value) in [
        ("core.fsmonitor", script),
        ("core.hooksPath", script.trim_end_matches("/evil.sh")),
        ("core.pager", script),
        ("core.sshCommand", script),
        ("filter.evil.clean", script),
        ("filter.evil.process", script),
        ("filter.evil.required", "true"),
        ("merge.evil.driver", script),
        ("diff.evil.textconv", script),
        ("diff.external", script),
        ("gc.auto", "1"),
    ] {
        world.git("main", &["config", name, value]);
    }
    fs::create_dir_all(world.path("main/.git/info")).unwrap();
    world.write("main/.git/info/attributes", "* merge=evil filter=evil\n");
    // By git alone it is run; or this test would show nothing.
    let status = Command::new("git").args(["status"]).current_dir(world.path("side")).output().unwrap();
    assert!(ran.exists(), "{status:?}");
    fs::remove_file(&ran).unwrap();
    assert_eq!(world.rehearse(), ["a.txt"]);
    assert!(!ran.exists(), "a command of the repository was run");
}

#[test]
fn repositories_of_other_kinds() {
    for (kind, options) in [("sha256", &["--object-format=sha256"][..]), ("a \"quoted\": path", &[])] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(kind)).unwrap();
        let world = World { folder };
        let of = |name: &str| format!("{kind}/{name}");
        fs::create_dir(world.path(&of("main"))).unwrap();
        fs::create_dir(world.path("tmp")).unwrap();
        world.git(&of("main"), &[&["init", "-q"], options].concat());
        world.write(&of("main/a.txt"), &lines(0, "one"));
        world.commit(&of("main"));
        world.git(&of("main"), &["worktree", "add", "-q", "-b", "topic/side", "../side"]);
        world.git(&of("main"), &["pack-refs", "--all"]);
        world.write(&of("main/a.txt"), &lines(0, "of main"));
        world.write(&of("side/a.txt"), &lines(0, "of side"));
        let (main, side) = (world.worktree(&of("main")), world.worktree(&of("side")));
        let mut rehearsal = Rehearsal::begin(&world.ask(), &main).unwrap();
        let (one, other) = (rehearsal.take(&main).unwrap(), rehearsal.take(&side).unwrap());
        assert_eq!((one.uncommitted, other.uncommitted), (true, true), "{kind}");
        assert_eq!(rehearsal.merge(&one, &other).unwrap(), ["a.txt"], "{kind}");
    }
}
