//! Vaults that were not made by us: one that an earlier tool left, and the markdown that comes with other people's programs.
//!
//! `JOURNAL_OUTSIDE` names a folder with markdown; without it, it is what cargo has unpacked to build this very test: the
//! README, changelog and manual of every dependency.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use journal_engine::Reindex;
use journal_index::{Query, SearchOptions};
use journal_testkit::TestVault;

use super::world::{
    assert_rebuilt, assert_tidy, assert_whole, engine_over, everything, read, reindex, settle, state_file,
};

/// The most notes of a plain `cargo test`.
const SOME: usize = 250;

/// Copies every markdown file below a folder to the same place in a vault, at most this many.
fn vault_of(folder: &Path, most: usize) -> TestVault {
    let world = TestVault::new();
    let mut folders = vec![folder.to_owned()];
    let mut copied = 0;
    while let Some(at) = folders.pop().filter(|_| copied < most) {
        let mut entries: Vec<_> = fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md")) && copied < most {
                let place = path.strip_prefix(folder).unwrap();
                world.write(place.to_str().expect("names in packages are UTF-8"), fs::read(&path).unwrap());
                copied += 1;
            }
        }
    }
    world
}

/// The folder of the variable, or cargo's.
fn outside() -> (PathBuf, usize) {
    if let Some(folder) = env::var_os("JOURNAL_OUTSIDE") {
        return (folder.into(), usize::MAX);
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).expect("cargo has a home");
    (home.join("registry/src"), SOME)
}

/// Indexes a vault, and looks whether each of its notes is there or was told with a reason; then moves and edits parts of it.
fn check(world: &TestVault) {
    let engine = engine_over(world);
    settle(world.path());
    let before = world.snapshot();
    let report = reindex(&engine, &everything());
    let mut told: BTreeSet<String> = report.skipped.iter().map(|skipped| skipped.path.clone()).collect();
    assert!(report.skipped.iter().all(|skipped| !skipped.reason.is_empty()), "{:?}", report.skipped);
    read(&engine, |index| {
        index.signatures(|row| {
            told.insert(row.path.to_string());
            std::ops::ControlFlow::Continue(())
        })
    });
    let is_hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
    let is_note = |path: &str| path.to_lowercase().ends_with(".md") && !is_hidden(path);
    let missing: Vec<_> = before.keys().filter(|path| is_note(path) && !told.contains(*path)).collect();
    assert!(missing.is_empty(), "neither indexed nor told: {missing:?}");
    assert_rebuilt(world, &engine, "at first");
    assert_whole(&engine, "at first");

    // Their own lines make good queries: none is an error, and none is a syntax that nobody meant.
    let options = SearchOptions::default();
    let (mut asked, mut found) = (0, 0);
    for bytes in before.values().step_by(before.len().div_ceil(60)) {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines().filter(|line| !line.trim().is_empty()).take(3) {
            let hits = read(&engine, |index| index.search(&Query::parse(line), &options));
            asked += 1;
            found += usize::from(!hits.hits.is_empty());
        }
    }
    let status = read(&engine, |index| index.status());
    let text: usize = before.values().map(Vec::len).sum();
    let bytes = fs::metadata(state_file(&engine, "index.db")).unwrap().len();
    println!(
        "{} notes of {} KiB, {} skipped, {} links, {} of them broken and {} ambiguous, {} diagnostics, index {} KiB, \
         {found} of {asked} lines found something",
        report.seen,
        text >> 10,
        report.skipped.len(),
        status.links,
        status.broken_links,
        status.ambiguous_links,
        report.diagnostics,
        bytes >> 10
    );

    let mut folders: Vec<_> = before.keys().filter_map(|path| path.split_once('/').map(|(top, _)| top)).collect();
    folders.dedup();
    folders.retain(|folder| !is_hidden(folder));
    for (n, folder) in folders.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        world.rename(folder, &format!("Moved {n}/{folder}"));
    }
    settle(world.path());
    let report = reindex(&engine, &Reindex { allow_prune: false, ..everything() });
    assert_eq!((report.added, report.deleted), (0, 0), "a move is none: {report:?}");
    assert_rebuilt(world, &engine, "after half of the folders were moved");
    assert_tidy(&engine);
}

#[test]
fn the_vault_of_an_earlier_tool() {
    check(&TestVault::from_folder(Path::new("vault-fixtures/ailss-vault")));
}

#[test]
fn notes_with_every_flaw_of_frontmatter() {
    check(&TestVault::from_folder(Path::new("vault-fixtures/frontmatter")));
}

#[test]
fn the_markdown_of_other_peoples_programs() {
    let (folder, most) = outside();
    let world = vault_of(&folder, most);
    let notes = world.snapshot().len();
    assert!(notes >= 100, "only {notes} markdown files below `{}`: name another in JOURNAL_OUTSIDE", folder.display());
    check(&world);
}
