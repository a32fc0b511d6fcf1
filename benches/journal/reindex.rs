//! The index at work: building it, finding nothing changed, taking up one note, and what it makes of hydrate, locate and search.
//!
//! `JOURNAL_BENCH_NOTES=100000` says how many notes the vault has; 10,000 otherwise.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use journal_engine::Reindex;
use journal_index::{FileSignature, index_note};
use journal_model::decode;

use crate::{
    hydrate::hydrate,
    locate::locate,
    pairs::{Bound, Pairs, print_fact, timed},
    process::{command, first_byte},
    world::{World, absolute},
};

pub fn run() {
    let notes = std::env::var("JOURNAL_BENCH_NOTES").map_or(10_000, |notes| notes.parse().expect("a number"));
    let world = World::new(notes);
    let paths = absolute(&world.vault(), &world.notes);
    let text: u64 = paths.iter().map(|path| fs::metadata(path).expect("the note is there").len()).sum();
    let rounds = if notes > 20_000 { 3 } else { 6 };

    let index = world.engine.state_path().expect("it has a state").join("index.db");
    let build = || {
        for beside in ["", "-wal", "-shm"] {
            // There is none before the first build.
            drop(fs::remove_file(format!("{}{beside}", index.display())));
        }
        timed(|| reindex(&world))
    };
    Pairs::measure(rounds, build, || timed(|| read_and_parse(&paths)))
        .print(&format!("index {notes} notes: read and parse"), Bound::None);
    let size = fs::metadata(&index).expect("it was built").len();
    print_fact("index size", &format!("{:.2} × the text of {} MB, bound 2.5", size as f64 / text as f64, text >> 20));
    if let Some(peak) = peak_memory(&world, &index) {
        print_fact("peak memory of the first reindex", &format!("{} MB, bound 300 at 100,000 notes", peak >> 10));
    }

    let floor = || timed(|| walk_and_stat(&world.vault()));
    Pairs::measure(rounds * 5, || timed(|| reindex(&world)), floor).print("nothing changed", Bound::Times(2.0));

    let mut next = 0;
    let one_changed = || {
        next += 1;
        let path = &paths[next * 37 % paths.len()];
        let mut text = fs::read_to_string(path).expect("the note is there");
        text.push_str("\nOne more line.\n");
        fs::write(path, text).expect("the note can be written");
        run_to_end(&world, &["reindex", "--words-only"])
    };
    let floor = || run_to_end(&world, &["--version"]) + timed(|| world.engine.vault().walk_signatures(|_| true));
    Pairs::measure(rounds * 3, one_changed, floor)
        .print("process reindex, one note changed", Bound::Above(Duration::from_millis(20)));

    let small = World::new(100);
    let (here, there) = (world.session(50), small.session(50));
    reindex(&world);
    reindex(&small);
    // What was indexed the moment it was written is looked at once more.
    hydrate(&world, &here);
    hydrate(&small, &there);
    Pairs::measure(300, || hydrate(&world, &here), || hydrate(&small, &there))
        .print("hydrate by the index, against 100 notes", Bound::Times(1.1));
    let id = |world: &World, next: usize| world.notes[next % world.notes.len()].id.clone();
    let (mut far, mut near) = (0, 0);
    let subject = || {
        far += 997;
        locate(&world, &id(&world, far))
    };
    let floor = || {
        near += 37;
        locate(&small, &id(&small, near))
    };
    Pairs::measure(300, subject, floor).print("locate by the index, against 100 notes", Bound::Times(1.5));

    let search = || first_byte(&world, &["search", "cache", "flaky"]);
    Pairs::measure(50, search, || first_byte(&world, &["--version"]))
        .print("process search, two words", Bound::Above(Duration::from_millis(15)));
}

fn reindex(world: &World) {
    world.engine.reindex(&Reindex::default(), &|_| ()).expect("the vault can be indexed");
}

/// Reads each note and makes of it what the index is given, on all cores.
fn read_and_parse(paths: &[PathBuf]) -> usize {
    let (next, words) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bytes = fs::read(path).expect("the note is there");
            let (text, _) = decode(&bytes);
            let note = index_note("Note.md".parse().expect("a path"), FileSignature::default(), &text);
            words.fetch_add(note.words() as usize, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 1..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
        work();
    });
    words.into_inner()
}

/// Lists every folder and looks at every file, one after the other.
fn walk_and_stat(folder: &Path) -> u64 {
    let mut total = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        if entry.file_type().expect("its kind is known").is_dir() {
            total += walk_and_stat(&entry.path());
        } else {
            total += entry.metadata().expect("the file is there").len();
        }
    }
    total
}

/// From the start of the command to its end.
fn run_to_end(world: &World, arguments: &[&str]) -> Duration {
    let mut command = command(world, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    timed(|| assert!(command.status().expect("the command was built with this bench").success(), "{arguments:?}"))
}

/// The most memory that a process needs which builds the index, in KiB; `None` where the system does not tell.
fn peak_memory(world: &World, index: &Path) -> Option<u64> {
    fs::remove_file(index).expect("it was built");
    let mut command: Command = command(world, &["reindex", "--words-only"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it was built with this bench");
    let (mut peak, begun) = (None, Instant::now());
    while child.try_wait().expect("it can be asked").is_none() && begun.elapsed() < Duration::from_secs(600) {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).or(peak);
        thread::park_timeout(Duration::from_millis(2));
    }
    peak
}
