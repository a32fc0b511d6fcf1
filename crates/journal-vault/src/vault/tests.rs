//! Opening and reading, and what is refused.

use std::fs;

use super::*;
use crate::disk::RealDisk;

fn vault_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join("vault").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let vault = Vault::open(&dir.path().join("vault"), Arc::new(RealDisk)).unwrap();
    (dir, vault)
}

fn path(text: &str) -> VaultPath {
    text.parse().unwrap()
}

#[test]
fn opening_tells_what_is_wrong() {
    let (dir, _) = vault_with(&[("n.md", "x")]);
    let open = |name: &str| Vault::open(&dir.path().join(name), Arc::new(RealDisk)).unwrap_err();
    assert!(matches!(open("gone"), OpenError::Missing { .. }));
    assert!(matches!(open("vault/n.md"), OpenError::NotAFolder { .. }));
    assert!(matches!(open("vault/n.md/deeper"), OpenError::NotAFolder { .. }));
    assert!(open("gone").to_string().contains("does not exist"));
}

#[test]
fn reads_and_lists() {
    let (_dir, vault) = vault_with(&[
        ("a/z.md", "zz"),
        ("a/b.MD", "b"),
        ("a/.h.md", ""),
        ("a/x.txt", ""),
        ("a/c/d.md", ""),
        ("r.md", "r"),
    ]);
    assert_eq!(vault.read(&path("a/z.md")).unwrap(), b"zz");
    assert!(matches!(vault.read(&path("a/gone.md")), Err(ReadError::NotFound { path }) if path == "a/gone.md"));
    assert!(matches!(vault.read(&path("r.md/gone.md")), Err(ReadError::NotFound { .. })));
    assert!(vault.exists(&path("r.md")).unwrap() && !vault.exists(&path("R/r.md")).unwrap());

    let names =
        |folder| vault.list_folder(folder).unwrap().notes.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>();
    assert_eq!(names("a"), ["a/b.MD", "a/z.md"]);
    assert_eq!(names("a/"), ["a/b.MD", "a/z.md"]);
    assert_eq!(names(""), ["r.md"]);
    let (_, signature) = vault.list_folder("a").unwrap().notes[1];
    assert_eq!(signature.size, 2);
    assert!(signature.modified_ns > 1_600_000_000_000_000_000);
    assert!(matches!(vault.list_folder("gone"), Err(ReadError::NotFound { .. })));
    for hostile in ["../vault", "/etc", ".obsidian", "a/\0"] {
        assert!(matches!(vault.list_folder(hostile), Err(ReadError::InvalidFolder { .. })), "{hostile}");
    }
}

#[test]
fn what_is_no_note_is_refused() {
    let (_dir, vault) = vault_with(&[("folder.md/n.md", "x"), ("big.md", "")]);
    assert!(matches!(vault.read(&path("folder.md")), Err(ReadError::NotAFile { .. })));
    assert!(!vault.exists(&path("folder.md")).unwrap());
    let limit = Vault::MAX_NOTE_BYTES;
    let big = fs::File::options().write(true).open(vault.absolute("big.md")).unwrap();
    big.set_len(limit + 1).unwrap();
    assert!(matches!(vault.read(&path("big.md")), Err(ReadError::TooLarge { size, .. }) if size == limit + 1));
    big.set_len(limit).unwrap();
    assert_eq!(vault.read(&path("big.md")).unwrap().len() as u64, limit);
    let error = vault.read(&path(&format!("{}.md", "x".repeat(300)))).unwrap_err();
    assert!(error.disk().unwrap().is_invalid_name(), "{error:?}");
}

#[test]
fn a_vanished_vault_is_not_an_empty_one() {
    let (dir, vault) = vault_with(&[("n.md", "x")]);
    let root = dir.path().join("vault");
    fs::rename(&root, dir.path().join("elsewhere")).unwrap();
    let all_vanished = || {
        assert!(matches!(vault.read(&path("n.md")), Err(ReadError::Vanished { name, .. }) if name == "vault"));
        assert!(matches!(vault.exists(&path("n.md")), Err(ReadError::Vanished { .. })));
        assert!(matches!(vault.list_folder("a"), Err(ReadError::Vanished { .. })));
        assert!(matches!(vault.settings(), Err(ReadError::Vanished { .. })));
        assert!(matches!(vault.walk_names(), Err(WalkError::Vanished { .. })));
        let created = vault.create(&path("a/new.md"), b"x");
        assert!(matches!(created, Err(crate::WriteError::Read(ReadError::Vanished { .. }))), "{created:?}");
    };
    all_vanished();
    assert!(!root.exists(), "a vanished root must not be made anew");
    // What an unmounted disk leaves: an empty folder where the vault was.
    #[cfg(unix)]
    {
        fs::create_dir(&root).unwrap();
        all_vanished();
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_and_refused_outside() {
    use std::os::unix::fs::symlink;
    let (dir, vault) = vault_with(&[("real/n.md", "inside"), ("a.md", "")]);
    fs::create_dir(dir.path().join("out")).unwrap();
    fs::write(dir.path().join("out/secret.md"), "outside").unwrap();
    // Begins like the vault's own path, and is another folder.
    fs::create_dir(dir.path().join("vault2")).unwrap();
    fs::write(dir.path().join("vault2/n.md"), "outside").unwrap();
    let link = |target: &str, name: &str| symlink(target, vault.absolute(name)).unwrap();
    link("real/n.md", "file.md");
    link("real", "folder");
    link(vault.root().join("real/n.md").to_str().unwrap(), "absolute.md");
    link("../out/secret.md", "leak.md");
    link("../out", "leaks");
    link("../vault2", "sibling");
    link("nowhere.md", "broken.md");
    link("loop.md", "loop.md");

    for inside in ["file.md", "folder/n.md", "absolute.md"] {
        assert_eq!(vault.read(&path(inside)).unwrap(), b"inside", "{inside}");
        assert!(vault.exists(&path(inside)).unwrap(), "{inside}");
    }
    for outside in ["leak.md", "leaks/secret.md", "sibling/n.md"] {
        assert!(matches!(vault.read(&path(outside)), Err(ReadError::LeavesVault { .. })), "{outside}");
        assert!(!vault.exists(&path(outside)).unwrap(), "{outside}");
    }
    assert!(matches!(vault.list_folder("leaks"), Err(ReadError::LeavesVault { .. })));
    assert_eq!(vault.list_folder("folder").unwrap().notes[0].0, path("folder/n.md"));
    assert!(matches!(vault.read(&path("broken.md")), Err(ReadError::NotFound { .. })));
    assert!(matches!(vault.read(&path("loop.md")), Err(ReadError::Disk(_))));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_without_waiting_for_its_writer() {
    let (_dir, vault) = vault_with(&[("n.md", "")]);
    let made = std::process::Command::new("mkfifo").arg(vault.absolute("pipe.md")).status().unwrap();
    assert!(made.success());
    assert!(matches!(vault.read(&path("pipe.md")), Err(ReadError::NotAFile { .. })));
    assert_eq!(vault.walk_heads(|path, _| Some(path.to_string())).unwrap().1, ["n.md"]);
}
