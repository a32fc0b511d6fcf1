//! Eight processes that write, reindex and read one vault at once, beside a person who edits it: nobody is told of a locked
//! database, the log stays small, and in the end no row is missing and none is there twice.

use std::{
    fs,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use journal_engine::Engine;
use journal_testkit::{GeneratedNote, JournalCommand, TestVault, generate_notes, poll_until, seed, size};

use super::{
    process::{Job, Orders, Report},
    world::{assert_rebuilt, assert_tidy, assert_whole, engine_over, everything, read, reindex, settle, state_file},
};

/// The log must not grow without end. It grows while a reader keeps its snapshot, which a busy machine lets it do for long, so
/// this is many times what the full round shows.
const LARGEST_LOG: u64 = 512 << 20;

/// A folder that a person moves about.
const AREA: &str = "Notes/Area 05";

/// The vault of all, with an index.
fn world(notes: usize) -> (TestVault, Vec<GeneratedNote>) {
    let world = TestVault::new();
    // The command finds its databases where the engines of these tests have theirs.
    world.write(".journal/config.toml", "id = \"nothing-lost\"\n");
    let notes = generate_notes(world.path(), notes, 17);
    reindex(&engine_over(&world), &everything());
    (world, notes)
}

/// The six that are processes of the library; the other two run the command.
fn jobs(notes: &[GeneratedNote]) -> Vec<Job> {
    let words: Vec<_> =
        ["search queue", "\"vault lock\"", "생각", "frontm*", "-the OR", "area tag:area/1", "otter0word"]
            .map(str::to_owned)
            .into();
    let parts = ["Notes", "Thinking", "Notes/Area 03"].map(str::to_owned).into();
    // A note may be missed by whoever looks for it while its folder moves.
    let stays = |note: &&GeneratedNote| !note.path.starts_with(AREA);
    let sample = |from: usize| notes.iter().filter(stays).skip(from).step_by(7);
    let read = |from: usize| Job::Read {
        ids: sample(from).map(|note| note.id.clone()).collect(),
        sessions: sample(from).filter_map(|note| note.session.clone()).collect(),
        words: words.clone(),
    };
    vec![
        Job::Think { agent: "otter".to_owned() },
        Job::Think { agent: "heron".to_owned() },
        Job::Reindex { full: false, parts },
        Job::Reindex { full: true, parts: Vec::new() },
        read(0),
        read(3),
    ]
}

/// Runs commands one after the other until it is time, and tells what was not as it should be.
fn commands(journal: &JournalCommand, lines: &[&[&str]], until: Instant, failures: &Mutex<Vec<String>>) -> usize {
    let mut runs = 0;
    for (round, line) in lines.iter().cycle().enumerate() {
        let number = format!("commandword{round}");
        let line: Vec<_> = line.iter().map(|word| word.replace("{n}", &number)).collect();
        let output = journal.run(&line);
        // 1: nothing was found. 4: a folder that the walk had seen was moved before it was listed.
        if !matches!(output.status, Some(0 | 1 | 4)) || output.stderr.contains("lock") {
            failures.lock().unwrap().push(output.transcript());
        }
        runs += 1;
        if Instant::now() >= until {
            break;
        }
    }
    runs
}

/// A person at work: edits, renames, new notes, moved folders. Notes that others look for by id keep it.
fn edit(world: &TestVault, rng: &mut Rng, until: Instant) -> usize {
    let mut edits = 0;
    while Instant::now() < until {
        let n = edits % 50;
        match rng.u32(0..6) {
            0 => {
                world.write(&format!("Inbox/Note {n}.md"), format!("# Note {n}\n\nEdit {edits}. [[Note {}]]\n", n / 2))
            }
            1 => {
                let name = format!("Inbox/Note {}.md", rng.usize(0..50));
                if world.join(&name).exists() {
                    world.rename(&name, &format!("Inbox/Moved {}.md", rng.usize(0..50)));
                }
            }
            2 => {
                let name = format!("Inbox/Moved {}.md", rng.usize(0..50));
                if world.join(&name).exists() {
                    world.remove(&name);
                }
            }
            3 => {
                let from = [AREA, "Moved area"];
                let at = usize::from(!world.join(from[0]).exists());
                if world.join(from[at]).exists() && !world.join(from[1 - at]).exists() {
                    world.rename(from[at], from[1 - at]);
                }
            }
            _ => world.write(&format!("Daily/{n}.md"), format!("- [ ] task {edits} word{n}\n")),
        }
        edits += 1;
        let paused = Instant::now();
        poll_until(Duration::from_secs(5), "the next edit", || (paused.elapsed().as_millis() >= 5).then_some(()));
    }
    edits
}

/// Says that it is over when it is dropped, also by a test that fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Watches the log while the others are at work, and answers the most bytes it had.
fn watch(engine: &Engine, is_over: &AtomicBool) -> u64 {
    let (log, mut most) = (state_file(engine, "index.db-wal"), 0);
    poll_until(Duration::from_secs(3600), "the others to end", || {
        most = most.max(fs::metadata(&log).map_or(0, |metadata| metadata.len()));
        is_over.load(Ordering::SeqCst).then_some(())
    });
    most
}

#[test]
fn eight_processes_write_reindex_and_read_at_once() {
    let time = Duration::from_secs(size("JOURNAL_SECONDS", 3) as u64);
    let (world, notes) = world(size("JOURNAL_NOTES", 400));
    let mut rng = Rng::with_seed(seed());
    let engine = engine_over(&world);
    let orders = |job| Orders { time_ms: u64::try_from(time.as_millis()).unwrap(), ..Orders::new(&world, job) };
    let mut workers: Vec<_> = jobs(&notes).into_iter().map(|job| orders(job).start()).collect();
    workers.iter().for_each(|worker| worker.wait_until_ready());
    let (failures, is_over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let journal = JournalCommand::new(env!("CARGO_BIN_EXE_journal"), &world);
    let until = Instant::now() + time;
    workers.iter_mut().for_each(|worker| worker.go());
    let (reports, runs, edits, log) = thread::scope(|scope| {
        let (failures, world, engine, is_over) = (&failures, &world, &engine, &is_over);
        let (one, other) = (journal.agent("badger"), journal.agent("stoat"));
        let writing = scope.spawn(move || {
            let lines: [&[&str]; 2] =
                [&["think", "Thinking of {n}."], &["reindex", "--wait", "--allow-prune", "--words-only"]];
            commands(&one, &lines, until, failures)
        });
        let reading = scope.spawn(move || {
            let lines: [&[&str]; 4] = [
                &["search", "search queue"],
                &["search", "{n}", "--json"],
                &["sessions"],
                &["reindex", "--wait", "--allow-prune", "--words-only", "--paths", "Inbox"],
            ];
            commands(&other, &lines, until, failures)
        });
        let person = scope.spawn(move || edit(world, &mut rng, until));
        let watching = scope.spawn(move || watch(engine, is_over));
        let over = Over(is_over);
        let reports: Vec<_> = workers.into_iter().map(|worker| worker.finish()).collect();
        let runs = (writing.join().unwrap(), reading.join().unwrap());
        let edits = person.join().unwrap();
        drop(over);
        (reports, runs, edits, watching.join().unwrap())
    });
    let counts: Vec<_> = reports.iter().map(Vec::len).collect();
    println!(
        "{time:?}: thoughts {}, {}; runs {}, {}; reads {}, {}; commands {}, {}; edits {edits}; largest log {} KiB",
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        counts[4],
        counts[5],
        runs.0,
        runs.1,
        log >> 10
    );

    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let mut thoughts = Vec::new();
    for report in reports.into_iter().flatten() {
        match report {
            Report::Done => {}
            Report::Failed { message } => panic!("{message}"),
            Report::Thought { id, path, word } => thoughts.push((id, path, word)),
        }
    }
    assert!(log < LARGEST_LOG, "the log grew to {log} bytes");
    assert!(assert_whole(&engine, "after the crowd"));
    // What was acknowledged is there before anybody looks again, once, and is found by its word.
    read(&engine, |index| {
        for (id, path, word) in &thoughts {
            let rows = index.by_id(&id.parse().unwrap())?;
            assert_eq!(rows.iter().map(|row| row.path.as_str()).collect::<Vec<_>>(), [path]);
            let hits = index.search(&journal_index::Query::parse(word), &journal_index::SearchOptions::default())?;
            // A session is called after its first thought.
            let found = hits.hits.iter().filter(|hit| hit.note.path.as_str() == path);
            assert_eq!(found.count(), 1, "{word}");
        }
        Ok(())
    });
    settle(world.path());
    reindex(&engine, &everything());
    assert_rebuilt(&world, &engine, "after the crowd");
    assert_tidy(&engine);
}
