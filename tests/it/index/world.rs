//! A vault with its index, and what a new index of the same vault says.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use journal_engine::{Disk, Engine, RealDisk, Reindex, ReindexError, Reindexed};
use journal_index::{IndexError, Reader, Snapshot};
use journal_testkit::{TestVault, poll_until};

use crate::nothing_lost::world::{Real, open};

/// An engine over this vault, as one more process would open it.
pub(crate) fn engine_over(world: &TestVault) -> Engine {
    engine_on(world, Arc::new(RealDisk))
}

/// An engine whose vault lies on this disk.
pub(crate) fn engine_on(world: &TestVault, disk: Arc<dyn Disk>) -> Engine {
    open(world.path(), world.data_home(), disk, Arc::new(Real))
}

/// Everything, with patience; notes may be gone.
pub(crate) fn everything() -> Reindex {
    Reindex { allow_prune: true, wait: Duration::from_secs(120), ..Reindex::default() }
}

pub(crate) fn try_reindex(engine: &Engine, request: &Reindex) -> Result<Reindexed, ReindexError> {
    engine.reindex(request, &|_| {})
}

/// Reindexes, and has to.
#[track_caller]
pub(crate) fn reindex(engine: &Engine, request: &Reindex) -> Reindexed {
    try_reindex(engine, request).unwrap_or_else(|error| panic!("`{request:?}` failed: {error}: {error:?}"))
}

/// The path of a file of the state directory.
pub(crate) fn state_file(engine: &Engine, name: &str) -> PathBuf {
    engine.state_path().unwrap().join(name)
}

/// Reads the index with a connection of its own.
#[track_caller]
pub(crate) fn read<T>(engine: &Engine, ask: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>) -> T {
    Reader::open(&state_file(engine, "index.db")).unwrap().read(ask).unwrap()
}

/// The whole index.
#[track_caller]
pub(crate) fn dump(engine: &Engine) -> Vec<String> {
    read(engine, |index| index.dump())
}

/// The whole index, without the one time that is left open on purpose while a file is too fresh to be known by it.
#[track_caller]
pub(crate) fn dump_of_contents(engine: &Engine) -> Vec<String> {
    read(engine, |index| {
        let mut lines = index.dump()?;
        index.signatures(|row| {
            let file = row.signature;
            let (known, open) = (
                format!("\t{}\t{}\t{}\t", file.mtime_ns, file.changed_ns, file.inode),
                format!("\t{}\t?\t{}\t", file.mtime_ns, file.inode),
            );
            let is_own = |line: &&mut String| line.starts_with(&format!("note\t{:?}\t", row.path.as_str()));
            let line = lines.iter_mut().find(is_own).expect("every signature is of a note");
            assert!(line.contains(&known), "no `{known}` in `{line}`");
            *line = line.replacen(&known, &open, 1);
            std::ops::ControlFlow::Continue(())
        })?;
        lines.sort_unstable();
        Ok(lines)
    })
}

/// A new index of the same vault, in a state directory of its own.
pub(crate) struct Rebuilt {
    pub(crate) report: Reindexed,
    pub(crate) engine: Engine,
    _data_home: tempfile::TempDir,
}

impl Rebuilt {
    #[track_caller]
    pub(crate) fn of(world: &TestVault) -> Self {
        let data_home = tempfile::tempdir().unwrap();
        let engine = open(world.path(), data_home.path(), Arc::new(RealDisk), Arc::new(Real));
        let report = reindex(&engine, &everything());
        Self { report, engine, _data_home: data_home }
    }
}

/// Waits until no file of the vault is so fresh that the index leaves its times open.
#[track_caller]
pub(crate) fn settle(vault: &Path) {
    // The engine's tick is 20 ms; this is measured on a clock of milliseconds.
    let settled = Duration::from_millis(25);
    poll_until(Duration::from_secs(60), "files older than the file system's tick", || {
        let newest = newest_change(vault);
        SystemTime::now().duration_since(newest).is_ok_and(|age| age > settled).then_some(())
    });
}

fn newest_change(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let newest = entries.map(|path| if path.is_dir() { newest_change(&path) } else { changed(&path) }).max();
    newest.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// When a file's bytes or properties last changed.
#[cfg(unix)]
fn changed(path: &Path) -> SystemTime {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::symlink_metadata(path).unwrap();
    let at = |seconds: i64, nanos: i64| {
        Duration::new(seconds.try_into().unwrap_or_default(), nanos.try_into().unwrap_or_default())
    };
    let (changed, modified) =
        (at(metadata.ctime(), metadata.ctime_nsec()), at(metadata.mtime(), metadata.mtime_nsec()));
    SystemTime::UNIX_EPOCH + changed.max(modified)
}

#[cfg(not(unix))]
fn changed(path: &Path) -> SystemTime {
    fs::symlink_metadata(path).unwrap().modified().unwrap()
}

/// Says where two indexes differ, and nothing of where they do not.
#[track_caller]
pub(crate) fn assert_same(index: &[String], new: &[String], when: &str) {
    if index == new {
        return;
    }
    let only = |one: &[String], other: &[String]| {
        let shown = |line: &&String| format!("  {}", line.chars().take(600).collect::<String>());
        let missing = one.iter().filter(|line| other.binary_search(line).is_err());
        missing.take(12).map(|line| shown(&line)).collect::<Vec<_>>().join("\n")
    };
    let (more, less) = (only(index, new), only(new, index));
    panic!("{when}: the index is not what a new one is.\nonly in the index:\n{more}\nonly in a new one:\n{less}");
}

/// Asserts that the index is what a new one would be, to the last row, and that the engine finds so, too. Files have to be
/// settled.
#[track_caller]
pub(crate) fn assert_rebuilt(world: &TestVault, engine: &Engine, when: &str) {
    assert_same(&dump(engine), &dump(&Rebuilt::of(world).engine), when);
    let checked = engine.check_index(&|_| {}).unwrap();
    assert!(checked.is_right(), "{when}: {checked:?}");
}

/// Asserts that no unfinished index is left.
#[track_caller]
pub(crate) fn assert_tidy(engine: &Engine) {
    let names = fs::read_dir(engine.state_path().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("building")).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// Asserts that the database, if there is one, is whole. `false` when there is none.
#[track_caller]
pub(crate) fn assert_whole(engine: &Engine, when: &str) -> bool {
    let path = state_file(engine, "index.db");
    if !path.exists() {
        return false;
    }
    let reader = Reader::open(&path).unwrap_or_else(|error| panic!("{when}: {error}: {error:?}"));
    let damage = reader.read(|index| index.integrity_check()).unwrap();
    assert!(damage.is_empty(), "{when}: {damage:?}");
    true
}

/// Damages a file in place. Its length stays: the processes that have it mapped into their memory would be killed by the system
/// if it became shorter.
pub(crate) fn overwrite(path: &Path, damage: impl FnOnce(&mut [u8])) {
    let mut bytes = fs::read(path).unwrap();
    damage(&mut bytes);
    let mut file = File::options().write(true).open(path).unwrap();
    file.write_all(&bytes).unwrap();
}
