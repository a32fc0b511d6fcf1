//! Hydrating a session of 50 thoughts, against reading its 51 files.

use std::{fs, path::PathBuf, time::Duration};

use journal_model::NoteId;

use crate::{
    locate::read_heads,
    pairs::{Bound, Pairs, timed},
    world::{World, absolute, everything},
};

pub fn run() {
    let alone = World::new(0);
    let session = alone.session(50);
    let paths = alone.paths_of(&session);
    assert_eq!(paths.len(), 51);
    let pairs = Pairs::measure(500, || hydrate(&alone, &session), || timed(|| read(&paths)));
    pairs.print("hydrate, 51 notes in the vault", Bound::Times(3.0));

    let large = World::large();
    let session = large.session(50);
    let paths = large.paths_of(&session);
    let all = absolute(&large.vault(), &large.notes);
    let floor = || timed(|| (read_heads(&all), read(&paths)));
    Pairs::measure(50, || hydrate(large, &session), floor).print("hydrate, 10,000 notes around it", Bound::None);
}

/// How long it takes to load all of a session.
pub fn hydrate(world: &World, session: &NoteId) -> Duration {
    timed(|| world.engine.hydrate(&everything(session)).expect("the session is there"))
}

fn read(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| fs::read(path).expect("the note is there")).collect()
}
