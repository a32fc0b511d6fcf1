//! What a vault promises, on a disk that fails at every single step.

use std::{fs, io::ErrorKind, sync::Arc};

use journal_model::VaultPath;
use journal_vault::{ContentHash, Vault, WriteError};
use tempfile::TempDir;

use super::*;

const OLD: &[u8] = b"---\nid: 1\n---\nold text, long enough to be cut in half\n";
const NEW: &[u8] = b"---\nid: 1\n---\nnew text, which is somewhat longer than the old\n";

const FAULTS: [Fault; 4] =
    [Fault::Error(ErrorKind::PermissionDenied), Fault::Error(ErrorKind::NotFound), Fault::HalfWrite, Fault::Crash];

struct World {
    dir: TempDir,
    disk: Arc<FaultDisk>,
    vault: Vault,
}

impl World {
    fn new(notes: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for note in notes {
            let path = dir.path().join(note);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, OLD).unwrap();
        }
        let disk = Arc::new(FaultDisk::new());
        let vault = Vault::open(dir.path(), disk.clone()).unwrap();
        Self { dir, disk, vault }
    }

    /// Every file below the vault, hidden ones too, with its bytes.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.dir.path()).unwrap().to_str().unwrap().to_owned();
                    files.push((name, fs::read(path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }

    /// The files without temporary ones, which only a crash may leave.
    fn visible_files(&self, fault: Fault, at: &str) -> Vec<(String, Vec<u8>)> {
        let all = self.files();
        let visible: Vec<_> = all.iter().filter(|(name, _)| !name.ends_with(".tmp")).cloned().collect();
        assert!(fault == Fault::Crash || visible.len() == all.len(), "{at}: a temporary file stayed: {all:?}");
        visible
    }
}

fn path(text: &str) -> VaultPath {
    text.parse().unwrap()
}

/// Runs `act` in a new world for every n and every fault, and hands what is left to `check`, healed.
fn at_every_step(
    notes: &[&str],
    act: impl Fn(&Vault) -> Result<(), WriteError>,
    check: impl Fn(&World, Vec<(String, Vec<u8>)>, &str),
) {
    for fault in FAULTS {
        for n in 1.. {
            let world = World::new(notes);
            world.disk.fail_at(n, fault);
            let done = act(&world.vault);
            let at = format!("{fault:?} at {n}: {:#?}", world.disk.operations());
            if !world.disk.has_fired() {
                done.unwrap();
                assert!(n > 5, "{at}: suspiciously few operations");
                break;
            }
            assert!(done.is_err() || fault == Fault::Error(ErrorKind::NotFound), "{at}: the failure was swallowed");
            world.disk.heal();
            let files = world.visible_files(fault, &at);
            check(&world, files, &at);
        }
    }
}

#[test]
fn create_leaves_nothing_or_the_whole_note() {
    let whole = vec![("a/b/n.md".to_owned(), NEW.to_vec())];
    at_every_step(
        &[],
        |vault| vault.create(&path("a/b/n.md"), NEW),
        |world, files, at| {
            assert!(files.is_empty() || files == whole, "{at}: {files:?}");
            match world.vault.create(&path("a/b/n.md"), NEW) {
                Ok(()) => assert!(files.is_empty(), "{at}"),
                Err(WriteError::AlreadyExists { .. }) => assert_eq!(files, whole, "{at}"),
                Err(error) => panic!("{at}: {error}"),
            }
            world.vault.make_durable(&path("a/b/n.md")).unwrap();
            assert_eq!(world.vault.read(&path("a/b/n.md")).unwrap(), NEW, "{at}");
        },
    );
}

#[test]
fn a_failed_create_takes_its_folders_back() {
    for fault in [Fault::Error(ErrorKind::StorageFull), Fault::HalfWrite] {
        for n in 1.. {
            let world = World::new(&[]);
            world.disk.fail_at(n, fault);
            let created = world.vault.create(&path("a/b/n.md"), NEW);
            if !world.disk.has_fired() {
                break;
            }
            assert!(created.unwrap_err().disk().unwrap().is_disk_full());
            world.disk.heal();
            let is_left = world.dir.path().join("a").exists();
            assert_eq!(is_left, world.dir.path().join("a/b/n.md").exists(), "at {n}: an empty folder stayed");
        }
    }
}

#[test]
fn replace_leaves_the_old_note_or_the_new_one() {
    let note = path("a/n.md");
    at_every_step(
        &["a/n.md"],
        |vault| vault.replace(&note, ContentHash::of(OLD), NEW).map(drop),
        |world, files, at| {
            let [(_, bytes)] = files.as_slice() else { panic!("{at}: {files:?}") };
            match world.vault.replace(&note, ContentHash::of(OLD), NEW) {
                Ok(_) => assert_eq!(bytes, OLD, "{at}"),
                Err(WriteError::Changed { .. }) => assert_eq!(bytes, NEW, "{at}"),
                Err(error) => panic!("{at}: {error}"),
            }
            assert_eq!(world.vault.read(&note).unwrap(), NEW, "{at}");
        },
    );
}

#[test]
fn rename_leaves_the_note_under_one_of_its_names() {
    at_every_step(
        &["a/n.md"],
        |vault| vault.rename(&path("a/n.md"), &path("b/c/n.md")),
        |world, files, at| {
            let [(name, bytes)] = files.as_slice() else { panic!("{at}: {files:?}") };
            assert_eq!(bytes, OLD, "{at}");
            if name == "a/n.md" {
                world.vault.rename(&path("a/n.md"), &path("b/c/n.md")).unwrap();
            }
            world.vault.make_durable(&path("b/c/n.md")).unwrap();
            assert_eq!(world.vault.read(&path("b/c/n.md")).unwrap(), OLD, "{at}");
        },
    );
}

#[test]
fn rename_folder_moves_all_of_it_or_nothing() {
    at_every_step(
        &["a/s/1.md", "a/s/2.md", "a/s/deep/3.md"],
        |vault| vault.rename_folder("a/s", "b/t"),
        |world, files, at| {
            assert_eq!(files.len(), 3, "{at}: {files:?}");
            let moved = files.iter().filter(|(name, _)| name.starts_with("b/t/")).count();
            assert!(moved == 0 || moved == 3, "{at}: {files:?}");
            if moved == 0 {
                world.vault.rename_folder("a/s", "b/t").unwrap();
            }
            assert_eq!(world.vault.read(&path("b/t/deep/3.md")).unwrap(), OLD, "{at}");
        },
    );
}

#[test]
fn settings_are_absent_or_whole() {
    at_every_step(
        &[],
        |vault| vault.write_settings("id = \"x\"\n").map(drop),
        |world, _, at| assert_eq!(world.vault.write_settings("id = \"x\"\n").unwrap(), "id = \"x\"\n", "{at}"),
    );
}

#[test]
fn names_are_given_after_the_bytes_are_synced_and_synced_themselves() {
    let world = World::new(&["a/n.md"]);
    let root = world.vault.root().to_owned();
    let writes = |world: &World| {
        let reads = ["stat", "read", "is_writable", "list", "canonicalize"];
        let of = |path: &Path| match path.strip_prefix(&root).unwrap().to_str().unwrap() {
            temp if temp.ends_with(".tmp") => "temp".to_owned(),
            other => other.to_owned(),
        };
        let all = world.disk.operations();
        all.iter()
            .filter(|call| !reads.contains(&call.name))
            .map(|call| format!("{} {}", call.name, of(&call.path)))
            .collect::<Vec<_>>()
    };
    world.disk.heal();
    world.vault.create(&path("x/y/n.md"), NEW).unwrap();
    assert_eq!(
        writes(&world),
        [
            "create_folder x",
            "sync_folder ",
            "create_folder x/y",
            "sync_folder x",
            "create_file temp",
            "sync_file temp",
            "rename_to_free x/y/n.md",
            "sync_folder x/y",
        ]
    );
    world.disk.heal();
    world.vault.create(&path("x/y/m.md"), NEW).unwrap();
    assert_eq!(writes(&world), ["create_file temp", "sync_file temp", "rename_to_free x/y/m.md", "sync_folder x/y"]);
    world.disk.heal();
    world.vault.replace(&path("a/n.md"), ContentHash::of(OLD), NEW).unwrap();
    assert_eq!(writes(&world), ["create_file temp", "sync_file temp", "rename_over a/n.md", "sync_folder a"]);
    world.disk.heal();
    world.vault.rename_folder("x/y", "a/y").unwrap();
    assert_eq!(writes(&world), ["sync_folder ", "rename_to_free a/y", "sync_folder a", "sync_folder x"]);
}

#[test]
fn refusals_of_the_system_are_told_apart() {
    for (kind, expected) in [
        (ErrorKind::PermissionDenied, [true, false, false]),
        (ErrorKind::ReadOnlyFilesystem, [false, true, false]),
        (ErrorKind::StorageFull, [false, false, true]),
        (ErrorKind::QuotaExceeded, [false, false, true]),
    ] {
        let world = World::new(&[]);
        // The root is looked at, the name is looked at, then the file is made.
        world.disk.fail_at(3, Fault::Error(kind));
        let error = world.vault.create(&path("n.md"), NEW).unwrap_err();
        assert_eq!(world.disk.operations()[2].name, "create_file");
        let disk = error.disk().unwrap();
        assert_eq!([disk.is_permission_denied(), disk.is_read_only(), disk.is_disk_full()], expected, "{kind}");
        assert_eq!(error.to_string(), "cannot write `n.md`");
        assert_eq!(disk.absolute, world.vault.root().join("n.md"));
    }
}

#[test]
fn an_unreadable_root_is_an_error_and_an_unreadable_part_is_told() {
    let world = World::new(&["a/n.md", "b/n.md"]);
    let names = |world: &World| world.vault.walk_names().map(|listing| listing.notes.len());
    let operations = {
        world.disk.heal();
        assert_eq!(names(&world).unwrap(), 2);
        world.disk.operations()
    };
    let lists: Vec<usize> =
        operations.iter().enumerate().filter(|(_, call)| call.name == "list").map(|(at, _)| at + 1).collect();
    assert_eq!(lists.len(), 3);
    world.disk.fail_at(lists[0], Fault::Error(ErrorKind::PermissionDenied));
    assert!(names(&world).unwrap_err().disk().unwrap().is_permission_denied());

    world.disk.fail_at(lists[1], Fault::Error(ErrorKind::PermissionDenied));
    let listing = world.vault.walk_names().unwrap();
    assert_eq!((listing.notes.len(), listing.skipped.len()), (1, 1));
    assert!(["a", "b"].contains(&listing.skipped[0].path.as_str()));

    world.disk.heal();
    let (listing, _) = world.vault.walk_heads(|_, _| Some(())).unwrap();
    assert_eq!(listing.notes.len(), 2);
    let read = world.disk.operations().iter().position(|call| call.name == "read_at").unwrap() + 1;
    world.disk.fail_at(read, Fault::Error(ErrorKind::PermissionDenied));
    let (listing, heads) = world.vault.walk_heads(|path, _| Some(path.to_string())).unwrap();
    assert_eq!((listing.notes.len(), heads.len()), (1, 1));
    assert_eq!(listing.skipped.len(), 1);
}

#[test]
fn a_crash_lasts_until_healed() {
    let world = World::new(&["n.md"]);
    world.disk.fail_at(1, Fault::Crash);
    for _ in 0..3 {
        assert!(world.vault.read(&path("n.md")).is_err());
    }
    world.disk.heal();
    assert_eq!(world.vault.read(&path("n.md")).unwrap(), OLD);
}

#[test]
fn a_full_disk_stays_full_and_lets_everything_else_be_done() {
    let world = World::new(&["n.md"]);
    world.disk.fail_at(2, Fault::Full);
    assert_eq!(world.vault.read(&path("n.md")).unwrap(), OLD);
    assert!(!world.disk.has_fired());
    for _ in 0..2 {
        assert!(world.vault.create(&path("m.md"), NEW).unwrap_err().disk().unwrap().is_disk_full());
    }
    assert_eq!(world.files(), [("n.md".to_owned(), OLD.to_vec())]);
    world.vault.rename(&path("n.md"), &path("o.md")).unwrap_err();
    assert_eq!(world.files(), [("o.md".to_owned(), OLD.to_vec())]);
    world.disk.heal();
    world.vault.create(&path("m.md"), NEW).unwrap();
}

#[test]
fn somebody_else_acts_right_before_an_operation_and_once() {
    let world = World::new(&["n.md"]);
    let file = world.dir.path().join("n.md");
    world.disk.interpose(3, move || fs::write(file, NEW).unwrap());
    let read = || world.vault.read(&path("n.md")).unwrap();
    let seen: Vec<_> = (0..3).map(|_| read()).collect();
    assert_eq!(world.disk.operations()[2].name, "stat");
    assert_eq!(seen, [OLD, NEW, NEW]);
}
