//! How soon what was saved can be found, alone and while thousands of notes change; how soon a checkout is settled; and what
//! watching costs while nothing happens.
//!
//! `JOURNAL_BENCH_NOTES=10000` says how many notes the vault has and how many change at once; 5,000 otherwise.

use std::{
    collections::HashMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::channel,
    },
    thread,
    time::{Duration, Instant},
};

use journal_engine::{Lead, Pace, Reindex};
use journal_index::Reader;
use journal_vault::{ContentHash, Disk, RealDisk};
use rusqlite::Connection;

use crate::{
    pairs::{print_fact, timed},
    world::World,
};

/// What is told beside the floor and the pace of the watch.
const BESIDE: Duration = Duration::from_millis(10);

/// Whatever takes longer is a bug, and no measurement.
const DEADLINE: Duration = Duration::from_secs(120);

pub fn run() {
    let notes = std::env::var("JOURNAL_BENCH_NOTES").map_or(5_000, |notes| notes.parse().expect("a number"));
    let world = World::new(notes);
    let begun = Instant::now();
    world.engine.reindex(&Reindex::default(), &|_| ()).expect("the vault can be indexed");
    let cold = begun.elapsed();
    world.engine.pause_embedding(true).expect("it can be paused");
    world.engine.lead(Lead::default());
    let watched = Watched { reader: reader(&world), world: &world, count: 0 };
    watched.until_leads();

    let mut saver = watched;
    print_fact("write to searchable", "p50 / p95, against raw event + one commit in the same run");
    for (how, save) in SAVES {
        latencies(how, 40, &mut saver, save);
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                burst(&world.vault(), notes, round, &stop);
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        for (how, save) in SAVES {
            latencies(&format!("{how}, in bursts"), 15, &mut saver, save);
        }
        stop.store(true, Ordering::Relaxed);
    });
    saver.until_settled();
    checkout(&saver, notes, cold);
    idle();
}

/// Ways to save a note.
const SAVES: [(&str, Save); 4] = [
    ("in place", |path, text| fs::write(path, text).expect("a note can be written")),
    ("temporary file, renamed", |path, text| {
        let hidden = path.with_file_name(".tmp");
        fs::write(&hidden, text).expect("a file can be written");
        fs::rename(hidden, path).expect("it can be renamed");
    }),
    ("removed and made anew", |path, text| {
        // There is none at first.
        drop(fs::remove_file(path));
        fs::write(path, text).expect("a note can be written");
    }),
    ("as vim does", |path, text| {
        let backup = path.with_extension("md~");
        drop(fs::rename(path, &backup));
        fs::write(path, text).expect("a note can be written");
        drop(fs::remove_file(backup));
    }),
];

type Save = fn(&Path, &str);

struct Watched<'w> {
    world: &'w World,
    reader: Reader,
    count: usize,
}

impl Watched<'_> {
    fn until_leads(&self) {
        poll(|| {
            let standing = self.world.engine.leader().expect("it can be read")?;
            (standing.compared? >= standing.since && standing.process.is_some()).then_some(())
        });
    }

    /// Saves a note, and says how long it took until the index had it.
    fn save(&mut self, save: Save) -> Duration {
        self.count += 1;
        let text = format!("Saved for the {}th time, which is found by word{}.\n", self.count, self.count);
        let hash = ContentHash::of(text.as_bytes()).get();
        let path = "Saved.md".parse().expect("a path");
        save(&self.world.vault().join("Saved.md"), &text);
        let saved = Instant::now();
        poll(|| {
            let row = self.reader.read(|index| index.signature(&path)).expect("the index can be read");
            (row?.signature.hash == hash).then_some(())
        });
        saved.elapsed()
    }

    /// Waits until the index equals the vault.
    fn until_settled(&self) {
        let vault = self.world.engine.vault();
        let mut wanted = HashMap::new();
        for path in vault.walk_names().expect("the vault can be walked").notes {
            let hash = ContentHash::of(&vault.read(&path).expect("the note is there")).get();
            wanted.insert(path, hash);
        }
        poll(|| {
            let (mut same, mut others) = (0, 0);
            let looked = self.reader.read(|index| {
                index.signatures(|row| {
                    if wanted.get(&row.path) == Some(&row.signature.hash) {
                        same += 1
                    } else {
                        others += 1
                    }
                    ControlFlow::Continue(())
                })
            });
            looked.expect("the index can be read");
            (same == wanted.len() && others == 0).then_some(())
        });
    }
}

fn latencies(how: &str, rounds: usize, watched: &mut Watched<'_>, save: Save) {
    let floor = Floor::new(watched.world);
    let (mut taken, mut least) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        taken.push(watched.save(save));
        least.push(floor.measure());
    }
    let [p50, p95] = [0.5, 0.95].map(|part| percentile(&mut taken, part));
    let floor = percentile(&mut least, 0.5);
    let bound = floor + Pace::default().quiet + BESIDE;
    let kept = if p50 <= bound { "kept" } else { "NOT KEPT" };
    let fact = format!("{p50:>9.1?} / {p95:.1?}, floor {floor:.1?}, bound {bound:.1?} at p50: {kept}");
    print_fact(&format!("  {how}"), &fact);
}

/// The least it can take: from a write until the system tells of it, and one commit.
struct Floor {
    folder: PathBuf,
    database: Connection,
    told: std::sync::mpsc::Receiver<()>,
    _watch: Box<dyn journal_vault::FolderWatch>,
}

impl Floor {
    fn new(world: &World) -> Self {
        let folder = world.data_home().join("floor");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let watched = folder.join("watched");
        fs::create_dir_all(&watched).expect("a folder can be made");
        let (tell, told) = channel();
        // Nobody listens any more when the watch ends.
        let listener = Box::new(move |_| _ = tell.send(()));
        let watch = RealDisk.watch(&watched, listener).expect("a folder can be watched");
        let database = Connection::open(folder.join("floor.db")).expect("a database can be made");
        let pragmas =
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS t (text TEXT)";
        database.execute_batch(pragmas).expect("a database can be made");
        Self { folder: watched, database, told, _watch: watch }
    }

    fn measure(&self) -> Duration {
        while self.told.try_recv().is_ok() {}
        let text = "x".repeat(60);
        fs::write(self.folder.join("note.md"), &text).expect("a file can be written");
        let written = Instant::now();
        self.told.recv_timeout(DEADLINE).expect("the system tells");
        self.database.execute("INSERT INTO t VALUES (?1)", [text]).expect("a row can be written");
        written.elapsed()
    }
}

/// Writes so many notes as fast as it can, in folders of their own.
fn burst(vault: &Path, notes: usize, round: usize, stop: &AtomicBool) {
    for n in 0..notes {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let folder = vault.join(format!("Burst/{}", n % 50));
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join(format!("{n}.md")), text(round, n)).expect("a note can be written");
    }
}

fn text(round: usize, n: usize) -> String {
    format!("---\ntags: [burst]\n---\nNote {n} of round {round} links to [[{}]].\n{}", n / 2, "More words. ".repeat(40))
}

/// How soon the index has what git checked out, against building an index of the same notes.
fn checkout(watched: &Watched<'_>, notes: usize, cold: Duration) {
    let vault = watched.world.vault();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=b", "-c", "user.email=b@b", "-c", "gc.auto=0"]).args(arguments).current_dir(&vault);
        git.output().is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "-q"]) {
        return print_fact("checkout", "there is no git here");
    }
    for tree in ["one", "other"] {
        burst(&vault, notes, usize::from(tree == "one"), &AtomicBool::new(false));
        let done = git(&["checkout", "-q", "-b", tree]) && git(&["add", "-A"]) && git(&["commit", "-qm", tree]);
        assert!(done, "git commits a tree");
    }
    watched.until_settled();
    for (round, tree) in ["one", "other", "one"].into_iter().enumerate() {
        let begun = Instant::now();
        let checked_out = timed(|| assert!(git(&["checkout", "-q", tree]), "git checks a tree out"));
        watched.until_settled();
        let settled = begun.elapsed();
        let fact = format!(
            "{settled:.0?} with git's own {checked_out:.0?}; a cold reindex of as many {cold:.0?}, bound 2 ×: {:.2} ×",
            (settled.saturating_sub(checked_out)).as_secs_f64() / cold.as_secs_f64()
        );
        print_fact(&format!("checkout of {notes} notes, {}", round + 1), &fact);
    }
}

/// What the processor does for a vault that is watched while nothing happens.
fn idle() {
    let used = || -> Option<f64> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        // User and system time, in hundredths of a second.
        Some((fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?) / 100.0)
    };
    let time = Duration::from_secs(20);
    let before = used();
    thread::park_timeout(time);
    if let (Some(before), Some(after)) = (before, used()) {
        let share = (after - before) / time.as_secs_f64() * 100.0;
        print_fact("idle", &format!("{share:.2} % of a core, bound 0.5 %"));
    }
}

fn reader(world: &World) -> Reader {
    let index = world.engine.state_path().expect("it has a state").join("index.db");
    Reader::open(&index).expect("it was just made")
}

fn poll<T>(mut probe: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(begun.elapsed() < DEADLINE, "the index does not follow");
        thread::park_timeout(Duration::from_micros(300));
    }
}

fn percentile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let at = ((times.len() as f64 * part) as usize).min(times.len() - 1);
    times[at]
}
