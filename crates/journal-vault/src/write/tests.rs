//! Writing on a disk that works; what happens on one that fails is told beside the fault disk.

use std::{fs, sync::Arc, thread};

use super::*;
use crate::disk::RealDisk;

fn new_vault() -> (tempfile::TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("vault")).unwrap();
    let vault = Vault::open(&dir.path().join("vault"), Arc::new(RealDisk)).unwrap();
    (dir, vault)
}

fn path(text: &str) -> VaultPath {
    text.parse().unwrap()
}

#[test]
fn of_eight_who_create_one_note_exactly_one_wins() {
    let (_dir, vault) = new_vault();
    for round in 0..50 {
        let note = path(&format!("f{round}/g/n.md"));
        let create = |who: u8| vault.create(&note, &[who; 3000]);
        let results: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|who| scope.spawn(move || create(who))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let winners: Vec<_> = (0_u8..).zip(&results).filter(|(_, result)| result.is_ok()).map(|(who, _)| who).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        assert_eq!(vault.read(&note).unwrap(), [winners[0]; 3000]);
        for lost in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(matches!(lost, WriteError::AlreadyExists { path } if *path == note.as_str()), "{lost:?}");
        }
        assert_eq!(fs::read_dir(vault.absolute(note.folder())).unwrap().count(), 1);
    }
}

#[test]
fn what_is_taken_back_is_gone_with_its_empty_folder_unless_somebody_changed_it() {
    let (_dir, vault) = new_vault();
    let (one, other) = (path("a/b/one.md"), path("a/b/other.md"));
    vault.create(&one, b"mine").unwrap();
    vault.create(&other, b"mine").unwrap();
    fs::write(vault.absolute_path(&other), "theirs").unwrap();
    vault.take_back(&one, b"mine");
    vault.take_back(&other, b"mine");
    vault.take_back(&path("a/none.md"), b"mine");
    assert_eq!(vault.walk_names().unwrap().notes, std::slice::from_ref(&other));
    vault.take_back(&other, b"theirs");
    assert!(!vault.absolute("a/b").exists() && vault.absolute("a").exists());
    vault.create(&one, b"again").unwrap();
    let in_root = path("n.md");
    vault.create(&in_root, b"mine").unwrap();
    vault.take_back(&in_root, b"mine");
    assert_eq!(vault.walk_names().unwrap().notes, [one]);
}

#[test]
fn replace_wants_the_bytes_it_was_computed_from() {
    let (_dir, vault) = new_vault();
    let note = path("n.md");
    vault.create(&note, b"one").unwrap();
    vault.replace(&note, ContentHash::of(b"one"), b"two").unwrap();
    let stale = vault.replace(&note, ContentHash::of(b"one"), b"three");
    assert!(matches!(stale, Err(WriteError::Changed { .. })));
    assert_eq!(vault.read(&note).unwrap(), b"two");
    let gone = vault.replace(&path("gone.md"), ContentHash::of(b""), b"x");
    assert!(matches!(gone, Err(WriteError::Read(ReadError::NotFound { .. }))));
    assert_eq!(vault.walk_names().unwrap().notes, [note]);
}

#[test]
fn a_read_only_note_stays_as_it_is() {
    let (_dir, vault) = new_vault();
    let note = path("n.md");
    vault.create(&note, b"old").unwrap();
    let mut permissions = fs::metadata(vault.absolute("n.md")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(vault.absolute("n.md"), permissions).unwrap();
    let refused = vault.replace(&note, ContentHash::of(b"old"), b"new");
    assert!(matches!(refused, Err(WriteError::ReadOnly { .. })), "{refused:?}");
    assert_eq!(vault.read(&note).unwrap(), b"old");
}

#[test]
fn renames_refuse_taken_names_and_make_folders() {
    let (_dir, vault) = new_vault();
    for name in ["a/1.md", "a/2.md", "b/1.md"] {
        vault.create(&path(name), name.as_bytes()).unwrap();
    }
    let taken = vault.rename(&path("a/1.md"), &path("b/1.md"));
    assert!(matches!(taken, Err(WriteError::AlreadyExists { .. })), "{taken:?}");
    assert!(matches!(vault.rename(&path("a/1.md"), &path("a/1.md")), Err(WriteError::AlreadyExists { .. })));
    assert!(matches!(vault.rename_folder("a", "b"), Err(WriteError::AlreadyExists { .. })));
    assert!(matches!(vault.rename_folder("a", "a/c"), Err(WriteError::IntoItself { .. })));
    assert!(matches!(vault.rename_folder("a/1.md", "c"), Err(WriteError::NotAFolder { .. })));
    assert!(matches!(vault.rename_folder("a", "../c"), Err(WriteError::Read(ReadError::InvalidFolder { .. }))));
    let gone = vault.rename(&path("gone/1.md"), &path("new/1.md"));
    assert!(matches!(gone, Err(WriteError::Read(ReadError::NotFound { path })) if path == "gone/1.md"));
    assert!(!vault.absolute("new").exists());

    vault.rename(&path("a/1.md"), &path("new/deep/one.md")).unwrap();
    vault.rename_folder("a", "new/a").unwrap();
    let names: Vec<_> = vault.walk_names().unwrap().notes.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["b/1.md", "new/a/2.md", "new/deep/one.md"]);
    assert_eq!(vault.read(&path("new/a/2.md")).unwrap(), b"a/2.md");
}

#[test]
fn a_file_where_a_folder_should_be_is_told() {
    let (_dir, vault) = new_vault();
    vault.create(&path("n.md"), b"x").unwrap();
    let refused = vault.create(&path("n.md/deeper/m.md"), b"y");
    assert!(matches!(refused, Err(WriteError::NotAFolder { path }) if path == "n.md"));
}

#[test]
fn settings_of_two_at_once_are_those_of_one() {
    let (_dir, vault) = new_vault();
    assert_eq!(vault.settings().unwrap(), None);
    let all: Vec<_> = thread::scope(|scope| {
        let write = |who: u8| vault.write_settings(&format!("id = {who}\n")).unwrap();
        let all: Vec<_> = (0..8).map(|who| scope.spawn(move || write(who))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(all.iter().all(|text| *text == all[0]), "{all:?}");
    assert_eq!(vault.settings().unwrap().as_ref(), Some(&all[0]));
    assert_eq!(crate::find_root(&vault.absolute("a/b")).as_deref(), Some(vault.root()));
}

#[cfg(unix)]
mod unix {
    use std::{
        os::unix::fs::{PermissionsExt, symlink},
        process::Command,
    };

    use super::*;

    #[test]
    fn mode_bits_are_kept() {
        let (_dir, vault) = new_vault();
        let note = path("n.md");
        vault.create(&note, b"0").unwrap();
        let mode = || fs::metadata(vault.absolute("n.md")).unwrap().permissions().mode() & 0o7777;
        fs::write(vault.absolute("plain"), "").unwrap();
        let usual = fs::metadata(vault.absolute("plain")).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(), usual, "a new note is no more private than other files");
        for (old, bits) in [("0", 0o600), ("1", 0o666), ("2", 0o754)] {
            fs::set_permissions(vault.absolute("n.md"), fs::Permissions::from_mode(bits)).unwrap();
            let new = (old.parse::<u8>().unwrap() + 1).to_string();
            vault.replace(&note, ContentHash::of(old.as_bytes()), new.as_bytes()).unwrap();
            assert_eq!(mode(), bits);
        }
    }

    #[test]
    fn links_inside_are_written_through_and_links_outside_refused() {
        let (dir, vault) = new_vault();
        fs::create_dir(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/n.md"), "outside").unwrap();
        vault.create(&path("real/n.md"), b"old").unwrap();
        for (target, name) in
            [("real/n.md", "link.md"), ("real", "folder"), ("../out", "leaks"), ("../out/n.md", "leak.md")]
        {
            symlink(target, vault.absolute(name)).unwrap();
        }
        vault.replace(&path("link.md"), ContentHash::of(b"old"), b"new").unwrap();
        vault.replace(&path("folder/n.md"), ContentHash::of(b"new"), b"newer").unwrap();
        assert!(fs::symlink_metadata(vault.absolute("link.md")).unwrap().is_symlink());
        assert_eq!(fs::read(vault.absolute("real/n.md")).unwrap(), b"newer");
        vault.make_durable(&path("link.md")).unwrap();
        vault.create(&path("folder/deep/m.md"), b"x").unwrap();
        assert!(vault.absolute("real/deep/m.md").exists());

        let leaves = |result: Result<(), WriteError>| {
            assert!(matches!(result, Err(WriteError::Read(ReadError::LeavesVault { .. }))), "{result:?}");
        };
        leaves(vault.create(&path("leaks/new.md"), b"x"));
        leaves(vault.create(&path("leaks/deep/new.md"), b"x"));
        leaves(vault.replace(&path("leak.md"), ContentHash::of(b"outside"), b"x").map(drop));
        leaves(vault.replace(&path("leaks/n.md"), ContentHash::of(b"outside"), b"x").map(drop));
        leaves(vault.rename(&path("real/n.md"), &path("leaks/m.md")));
        leaves(vault.rename(&path("leaks/n.md"), &path("stolen.md")));
        assert!(matches!(vault.create(&path("leak.md"), b"x"), Err(WriteError::AlreadyExists { .. })));
        assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 1);
        assert_eq!(fs::read(dir.path().join("out/n.md")).unwrap(), b"outside");
    }

    #[test]
    fn the_sweep_takes_what_the_dead_left_and_nothing_else() {
        let (_dir, vault) = new_vault();
        let mut dead = Command::new("true").spawn().unwrap();
        let dead_pid = dead.id();
        dead.wait().unwrap();
        vault.create(&path("a/n.md"), b"x").unwrap();
        vault.write_settings("").unwrap();
        let orphans = ["", "a/", ".journal/"].map(|folder| format!("{folder}.journal-{dead_pid}-0123456789abcdef.tmp"));
        let mine = format!("a/{}", temp::name());
        let foreign = ["a/.journal-notes.tmp", "a/journal-1-0123456789abcdef.tmp"];
        let kept: Vec<&str> = foreign.into_iter().chain([mine.as_str()]).collect();
        for name in orphans.iter().map(String::as_str).chain(kept.clone()) {
            fs::write(vault.absolute(name), "half").unwrap();
        }
        let mut expected = orphans.to_vec();
        expected.sort();
        let sweep = || vault.sweep(vault.stale_temps(vault.walk_names().unwrap().temps));
        assert_eq!(sweep(), expected);
        assert!(kept.iter().all(|name| vault.absolute(name).exists()));
        assert!(sweep().is_empty());
        assert_eq!(vault.walk_names().unwrap().notes, [path("a/n.md")]);
    }
}
