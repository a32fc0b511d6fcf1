//! Thousands of notes at once, as git and file syncers change them.

use std::{fs, path::Path, process::Command};

use journal_testkit::{TestVault, size};

use super::world::{Watched, only_events};
use crate::index::world::{assert_rebuilt, everything, reindex, settle};

/// How many notes change at once.
fn many() -> usize {
    size("JOURNAL_BURST", 5_000)
}

fn text(tree: usize, n: usize) -> String {
    format!("---\nid: note-{n:06}\n---\nThis is note {n} of tree {tree}. See [[{}]].\n", n / 2)
}

#[test]
fn a_burst_is_followed_to_its_end() {
    let world = TestVault::from_fixture("//- /Other.md\nother\n");
    let watched = Watched::new(&world, only_events());
    for n in 0..many() {
        world.write(&format!("{}/{n}.md", n % 40), text(0, n));
    }
    watched.until_equal(&world);
    // Most of them go at once, which was seen.
    for n in 1..40 {
        fs::remove_dir_all(world.join(&n.to_string())).unwrap();
    }
    watched.until_equal(&world);
    drop(watched);
    settle(world.path());
    let engine = crate::index::world::engine_over(&world);
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "after the burst");
}

/// Runs git in a vault; `None` when there is no git.
fn git(vault: &Path, arguments: &[&str]) -> Option<()> {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "gc.auto=0"]).args(arguments);
    command.current_dir(vault).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", vault);
    let output = command.output().ok()?;
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

#[test]
fn a_checkout_of_another_tree_is_followed() {
    let notes = many() / 5;
    let world = TestVault::new();
    if git(world.path(), &["init", "-q"]).is_none() {
        assert!(std::env::var_os("CI").is_none(), "no git to check trees out with");
        return eprintln!("SKIPPED: no git to check trees out with");
    }
    // Of the notes of the first tree a third is as it was in the second, a third changed, a third gone; as many are new.
    for tree in 0..2 {
        for n in 0..notes {
            let same = if n % 3 == 0 { 0 } else { tree };
            let folder = if n % 3 == 2 { tree * 100 } else { 0 } + n % 20;
            world.write(&format!("{folder}/{n}.md"), text(same, n));
        }
        if tree == 1 {
            for n in (0..notes).filter(|n| n % 3 == 2) {
                world.remove(&format!("{}/{n}.md", n % 20));
            }
        }
        git(world.path(), &["checkout", "-q", "-b", &format!("tree{tree}")]).unwrap();
        git(world.path(), &["add", "-A"]).unwrap();
        git(world.path(), &["commit", "-q", "-m", "tree"]).unwrap();
    }
    let watched = Watched::new(&world, only_events());
    watched.until_equal(&world);
    for tree in ["tree0", "tree1", "tree0"] {
        git(world.path(), &["checkout", "-q", tree]).unwrap();
        watched.until_equal(&world);
    }
}
