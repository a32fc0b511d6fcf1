//! A vault that is watched.

use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use journal_engine::{Disk, Engine, Lead, LeaderNews, RealDisk, Rhythm};
use journal_model::VaultPath;
use journal_testkit::{TestVault, poll_until};
use journal_vault::{ContentHash, Vault};

use crate::index::world::{engine_on, read};

/// Whatever takes longer has failed.
pub(super) const DEADLINE: Duration = Duration::from_secs(120);

/// A rhythm in which nothing happens by time alone: what is found was told.
pub(super) fn only_events() -> Rhythm {
    let never = Duration::from_secs(24 * 60 * 60);
    Rhythm {
        breath: Duration::ZERO,
        pass: never,
        poll: Duration::from_millis(100),
        hashes: never,
        again: never,
        ..Rhythm::default()
    }
}

/// An engine that leads, and what it says.
pub(super) struct Watched {
    pub(super) engine: Engine,
    told: Mutex<Receiver<String>>,
}

impl Watched {
    /// Leads, and waits until the index is up to date.
    #[track_caller]
    pub(super) fn new(world: &TestVault, rhythm: Rhythm) -> Self {
        let watched = Self::on(world, Arc::new(RealDisk), rhythm);
        watched.until_compared();
        watched
    }

    /// The same on another disk, without waiting.
    pub(super) fn on(world: &TestVault, disk: Arc<dyn Disk>, rhythm: Rhythm) -> Self {
        let engine = engine_on(world, disk);
        // Vectors have tests of their own, and would be a part of what is compared here.
        engine.pause_embedding(true).unwrap();
        let (to_told, told) = channel();
        let to_told = Mutex::new(to_told);
        let tell = move |news: &LeaderNews| _ = to_told.lock().unwrap().send(format!("{news:?}"));
        engine.lead(Lead { rhythm, tell: Box::new(tell) });
        Self { engine, told: Mutex::new(told) }
    }

    /// Waits until this process leads and has compared all notes.
    #[track_caller]
    pub(super) fn until_compared(&self) {
        poll_until(DEADLINE, "the first look at all notes", || {
            let standing = self.engine.leader().unwrap()?;
            (standing.process.is_some() && standing.compared? >= standing.since).then_some(())
        });
    }

    /// Waits until it says something with all of these in it.
    #[track_caller]
    pub(super) fn until_told(&self, parts: &[&str]) {
        let told = self.told.lock().unwrap();
        let is_it = |line: String| parts.iter().all(|part| line.contains(part));
        poll_until(DEADLINE, &format!("{parts:?}"), || told.try_iter().any(is_it).then_some(()));
    }

    /// Waits until the index has this note with these bytes.
    #[track_caller]
    pub(super) fn until_indexed(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let hash = ContentHash::of(bytes.as_ref()).get();
        poll_until(DEADLINE, &format!("`{path}` to be indexed"), || (self.hash(path) == Some(hash)).then_some(()));
    }

    /// The hash of a note's content as it is indexed.
    pub(super) fn hash(&self, path: &str) -> Option<u128> {
        let path: VaultPath = path.parse().unwrap();
        read(&self.engine, |index| index.signature(&path)).map(|row| row.signature.hash)
    }

    /// Waits until the index has all notes as they are on the disk, and no others.
    #[track_caller]
    pub(super) fn until_equal(&self, world: &TestVault) {
        until_equal(&self.engine, world.path());
    }
}

/// Waits until an index has all notes of a vault as they are on the disk, and no others.
#[track_caller]
pub(super) fn until_equal(engine: &Engine, vault: &Path) {
    let begun = Instant::now();
    poll_until(DEADLINE * 2, "the index to equal the vault", || {
        let difference = difference(engine, vault);
        assert!(difference.is_none() || begun.elapsed() < DEADLINE, "they still differ: {difference:?}");
        difference.is_none().then_some(())
    });
}

/// Some notes of which the index knows something else than the disk.
fn difference(engine: &Engine, vault: &Path) -> Option<String> {
    let (on_disk, indexed) = (on_disk(vault), indexed(engine));
    let missing = on_disk.iter().filter(|(path, hash)| indexed.get(*path) != Some(hash)).map(|(path, _)| path);
    let extra = indexed.keys().filter(|path| !on_disk.contains_key(*path));
    let some: Vec<_> = missing.chain(extra).take(3).map(ToString::to_string).collect();
    (!some.is_empty()).then(|| format!("{} of {}: {some:?}", indexed.len(), on_disk.len()))
}

/// Every note with the hash of its bytes. One that goes meanwhile is gone.
fn on_disk(vault: &Path) -> BTreeMap<VaultPath, u128> {
    let vault = Vault::open(vault, Arc::new(RealDisk)).unwrap();
    let notes = vault.walk_names().unwrap().notes;
    let hashed = |path: VaultPath| Some((vault.read(&path).ok().map(|bytes| ContentHash::of(&bytes).get())?, path));
    notes.into_iter().filter_map(hashed).map(|(hash, path)| (path, hash)).collect()
}

fn indexed(engine: &Engine) -> BTreeMap<VaultPath, u128> {
    let mut notes = BTreeMap::new();
    if engine.index_standing().unwrap().is_none() {
        return notes;
    }
    read(engine, |index| {
        index.signatures(|row| {
            notes.insert(row.path, row.signature.hash);
            ControlFlow::Continue(())
        })
    });
    notes
}

/// How often the index was written.
pub(super) fn generation(engine: &Engine) -> i64 {
    read(engine, |index| index.generation())
}

/// Writes a note in one step, so that nobody sees a part of it.
pub(super) fn put(world: &TestVault, path: &str, text: &str) {
    let hidden = world.join(".put");
    fs::write(&hidden, text).unwrap();
    fs::rename(hidden, world.join(path)).unwrap();
}
