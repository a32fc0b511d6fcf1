//! Locating an id among 10,000 notes without an index, against reading the first 4 KiB of each on all cores.

use std::{
    fs::File,
    io::Read,
    num::NonZero,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use journal_model::NoteRef;

use crate::{
    pairs::{Bound, Pairs, timed},
    world::{World, absolute},
};

pub fn run() {
    let world = World::large();
    let paths = absolute(&world.vault(), &world.notes);
    let mut next = 0;
    let subject = || {
        next += 997;
        locate(world, &world.notes[next % world.notes.len()].id)
    };
    Pairs::measure(50, subject, || timed(|| read_heads(&paths)))
        .print("locate by walk, 10,000 notes", Bound::Times(2.0));
}

/// How long it takes to find and read the note with this id.
pub fn locate(world: &World, id: &str) -> Duration {
    let reference = NoteRef::parse(id).expect("an id");
    timed(|| world.engine.show(&reference).expect("the note is there"))
}

/// Reads the first 4 KiB of each file on all cores; the paths are known.
pub fn read_heads(paths: &[PathBuf]) -> usize {
    const STRIDE: usize = 64;
    let (next, total) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let read = || {
        let mut buffer = [0; 4096];
        loop {
            let start = next.fetch_add(STRIDE, Ordering::Relaxed);
            let Some(rest) = paths.get(start..).filter(|rest| !rest.is_empty()) else { return };
            for path in rest.iter().take(STRIDE) {
                let length = File::open(path).and_then(|mut file| file.read(&mut buffer)).expect("the note is there");
                total.fetch_add(length, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(read);
        }
        read();
    });
    total.into_inner()
}
