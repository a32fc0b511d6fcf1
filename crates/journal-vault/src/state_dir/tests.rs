//! One state directory for each living vault, and one writer at a time.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use super::*;
use crate::disk::RealDisk;

const ID: &str = "01JD0000000000000000000000";

fn vault_at(path: &Path) -> Vault {
    fs::create_dir_all(path.join(".journal")).unwrap();
    fs::write(path.join(".journal/config.toml"), format!("vault = \"{ID}\"\n")).unwrap();
    Vault::open(path, Arc::new(RealDisk)).unwrap()
}

#[test]
fn a_moved_vault_keeps_its_state_and_a_copied_one_gets_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home/data");
    let (first, second, third) = (dir.path().join("1"), dir.path().join("2"), dir.path().join("3"));
    let open = |path: &Path| StateDir::open(&home, ID, &vault_at(path)).unwrap().path().to_owned();
    assert_eq!(open(&first), home.join(ID));
    assert_eq!(open(&first), home.join(ID));

    fs::rename(&first, &second).unwrap();
    assert_eq!(open(&second), home.join(ID), "moved");
    let copy = open(&third);
    assert_ne!(copy, home.join(ID), "copied");
    assert!(copy.file_name().unwrap().to_str().unwrap().starts_with(&format!("{ID}@")));
    assert_eq!(open(&third), copy);
    assert_eq!(open(&second), home.join(ID));

    // Others may be at work in the copy's own directory, so it stays there when the original goes.
    fs::remove_dir_all(&second).unwrap();
    assert_eq!(open(&third), copy);
    // Another vault where the recorded one was: the state belongs to whoever carries the id.
    fs::create_dir_all(second.join(".journal")).unwrap();
    fs::write(second.join(".journal/config.toml"), "vault = \"other\"\n").unwrap();
    assert_eq!(open(&first), home.join(ID));
}

#[test]
fn where_a_vault_was_is_known_when_it_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (home, first) = (dir.path().join("home/data"), dir.path().join("below/1"));
    let of = |path: &Path| StateDir::of_root(&home, path).unwrap();
    assert_eq!(of(&first), [""; 0], "nothing was ever opened");
    StateDir::open(&home, ID, &vault_at(&first)).unwrap();
    assert_eq!((of(&first), of(&dir.path().join("below"))), (vec![ID.to_owned()], vec![]));
    fs::remove_dir_all(dir.path().join("below")).unwrap();
    assert_eq!(of(&first), [ID]);
    fs::create_dir_all(&first).unwrap();
    assert_eq!(of(&first), [ID], "an empty folder where it was mounted");
}

#[test]
fn two_copies_opened_at_once_part() {
    let dir = tempfile::tempdir().unwrap();
    let vaults = ["a", "b", "c"].map(|name| vault_at(&dir.path().join(name)));
    let mut paths: Vec<PathBuf> = thread::scope(|scope| {
        let open = |vault| StateDir::open(&dir.path().join("home"), ID, vault).unwrap().path().to_owned();
        let all: Vec<_> = vaults.iter().map(|vault| scope.spawn(move || open(vault))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 3);
}

#[test]
fn an_id_that_is_no_name_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault_at(&dir.path().join("vault"));
    for id in ["", "..", "../x", "a/b", "a\\b", "a@b", "C:", &"x".repeat(65)] {
        let refused = StateDir::open(&dir.path().join("home"), id, &vault);
        assert!(matches!(refused, Err(StateDirError::InvalidId { .. })), "{id}");
    }
    assert!(!dir.path().join("home").exists());
}

#[cfg(unix)]
#[test]
fn only_the_user_can_enter() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(&dir.path().join("home"), ID, &vault_at(&dir.path().join("vault"))).unwrap();
    assert_eq!(fs::metadata(state.path()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn threads_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(&dir.path().join("home"), ID, &vault_at(&dir.path().join("vault"))).unwrap();
    let counter = dir.path().join("counter");
    fs::write(&counter, "0").unwrap();
    thread::scope(|scope| {
        for name in 0..4 {
            let (state, counter) = (&state, &counter);
            scope.spawn(move || {
                for _ in 0..50 {
                    let _guard = state.lock(OsLock::Write, Duration::from_secs(60), &format!("thread {name}")).unwrap();
                    let count: u32 = fs::read_to_string(counter).unwrap().parse().unwrap();
                    fs::write(counter, (count + 1).to_string()).unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(&counter).unwrap(), "200");
}

#[test]
fn what_was_begun_is_known_until_it_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault_at(&dir.path().join("vault"));
    let state = StateDir::open(dir.path(), ID, &vault).unwrap();
    assert_eq!(state.begun().unwrap(), None);
    state.begin(b"one").unwrap();
    state.begin(b"a\0b\xff").unwrap();
    let state = StateDir::open(dir.path(), ID, &vault).unwrap();
    assert_eq!(state.begun().unwrap().as_deref(), Some(&b"a\0b\xff"[..]));
    state.finish().unwrap();
    state.finish().unwrap();
    assert_eq!(state.begun().unwrap(), None);
}

/// Starts itself once more as the process that holds the lock.
#[test]
fn another_process_is_kept_out_until_the_holder_dies() {
    const HOME: &str = "JOURNAL_TEST_LOCK_HOME";
    if let Some(home) = env::var_os(HOME) {
        let home = Path::new(&home);
        let state = StateDir::open(home, ID, &vault_at(&home.join("vault"))).unwrap();
        let _guard = state.lock(OsLock::Write, Duration::ZERO, "brave-otter,\npid 7").unwrap();
        println!("\nheld");
        // Ends when killed, or with the parent.
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(dir.path(), ID, &vault_at(&dir.path().join("vault"))).unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["another_process_is_kept_out_until_the_holder_dies", "--nocapture", "--test-threads=1"])
        .env(HOME, dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "held"));

    for wait in [Duration::ZERO, Duration::from_millis(30)] {
        let busy = state.lock(OsLock::Write, wait, "me").unwrap_err();
        assert!(matches!(&busy, LockError::Busy { .. }), "{busy}");
        if cfg!(unix) {
            assert_eq!(busy.to_string(), "another process is writing to the vault (`brave-otter, pid 7`)");
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let guard = state.lock(OsLock::Write, Duration::from_secs(30), "me").unwrap();
    assert!(matches!(state.lock(OsLock::Write, Duration::ZERO, "a second handle"), Err(LockError::Busy { .. })));
    drop(guard);
    drop(state.lock(OsLock::Write, Duration::ZERO, "me").unwrap());
}

#[test]
fn who_holds_a_lock_is_seen_and_nobody_is_kept_from_it() {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(&dir.path().join("data"), ID, &vault_at(&dir.path().join("vault"))).unwrap();
    assert_eq!(state.holder(OsLock::Write).unwrap(), None, "there is no file yet");
    assert!(!state.path().join("write.lock").exists());
    let held = state.lock(OsLock::Write, Duration::ZERO, "otter").unwrap();
    let holder = state.holder(OsLock::Write).unwrap().unwrap();
    assert!(holder.name.is_none_or(|name| name == "otter"));
    assert_eq!(state.holder(OsLock::Embed).unwrap(), None);
    drop(held);
    assert_eq!(state.holder(OsLock::Write).unwrap(), None);
    drop(state.lock(OsLock::Write, Duration::ZERO, "heron").unwrap());
}
