//! How fast the built-in runtime makes vectors, against ONNX Runtime with the same model and as many threads.
//!
//! ```text
//! JOURNAL_ONNXRUNTIME=LIBRARY cargo bench --bench embedding
//! JOURNAL_ONNXRUNTIME=LIBRARY JOURNAL_FP32=FOLDER cargo bench --bench embedding   # with the model that is not quantised, too
//! ```
//!
//! A process has one runtime, so each works in a process of its own, and they take turns. Where the library and the folder come
//! from: `crates/journal-embed/model/make.py`. What was reached: `docs/performance.md`. Speed is shown here and asserted nowhere.

mod texts;
mod worker;

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use texts::Kind;
use worker::Worker;

/// How often the runtimes take turns, and how many texts a turn has.
const ROUNDS: usize = 31;
const TURN: usize = 16;

/// How often each is started to see how long that takes.
const STARTS: usize = 9;

/// The least throughput, as a share of that of ONNX Runtime.
const SHARE: f64 = 0.75;

/// The most milliseconds that half of the questions may take.
const QUESTION: f64 = 6.0;

fn main() {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if arguments.first().is_some_and(|first| first == worker::NAME) {
        return worker::work(&arguments[1..]);
    }
    let variable = |name| env::var_os(name).map(PathBuf::from);
    let library = variable("JOURNAL_ONNXRUNTIME").expect("`JOURNAL_ONNXRUNTIME` is the library to compare with");
    say(format_args!(
        "the built-in runtime, and in parentheses ONNX Runtime; shares: least, median, greatest of {ROUNDS}"
    ));
    compare("built-in model", &library, None);
    if let Some(folder) = variable("JOURNAL_FP32") {
        compare("fp32 model", &library, Some(&folder));
    }
}

/// Measures both runtimes with one model: the built-in one, or that of a folder.
fn compare(name: &str, library: &Path, folder: Option<&Path>) {
    let start = |kind| [Worker::start(kind, None, folder), Worker::start(kind, Some(library), folder)];
    for kind in [Kind::Passage, Kind::Window] {
        let mut workers = start(kind);
        let rounds: Vec<[f64; 2]> =
            turns(&mut workers, TURN).map(|times| times.map(|time| TURN as f64 / time)).collect();
        let [least, share, greatest] = spread(rounds.iter().map(|[own, other]| own / other));
        let [own, other] = sides(&rounds);
        say(format_args!(
            "{name}: {kind} a second {:.1} ({:.1}), in the best turn {:.1} ({:.1}), share {least:.2} {share:.2} {greatest:.2}{}",
            own[1],
            other[1],
            own[2],
            other[2],
            bound(folder, format_args!("≥ {SHARE}"), share >= SHARE)
        ));
        let [own, other] = workers.each_mut().map(Worker::memory);
        say(format_args!("{name}: memory with {kind} {own} ({other})"));
    }
    let starts: Vec<[f64; 2]> =
        (0..STARTS).map(|_| start(Kind::Question).map(|worker| worker.started.as_secs_f64() * 1e3)).collect();
    let mut workers = start(Kind::Question);
    let fresh = workers.each_mut().map(Worker::memory);
    let times: Vec<[f64; 2]> = (0..TURN).flat_map(|_| turns(&mut workers, 1).collect::<Vec<_>>()).collect();
    let [own, other] = sides(&times).map(|times| times.map(|time| time * 1e3));
    say(format_args!(
        "{name}: a question takes {:.2} ({:.2}) ms at the median, {:.2} ({:.2}) at least{}",
        own[1],
        other[1],
        own[0],
        other[0],
        bound(folder, format_args!("≤ {QUESTION} ms"), own[1] <= QUESTION)
    ));
    let [own, other] = sides(&starts);
    say(format_args!(
        "{name}: from nothing to the first vector {:.0} ({:.0}) ms, {:.0} ({:.0}) at least",
        own[1], other[1], own[0], other[0]
    ));
    let full = workers.each_mut().map(Worker::memory);
    for (when, [own, other]) in [("one question", fresh), ("all questions", full)] {
        say(format_args!("{name}: memory with {when} {own} ({other})"));
    }
}

/// The seconds that each runtime takes for so many texts, turn by turn, the one and the other going first.
fn turns(workers: &mut [Worker; 2], count: usize) -> impl Iterator<Item = [f64; 2]> {
    (0..ROUNDS).map(move |round| {
        let [mut own, mut other] = workers.each_mut().map(|worker| move || worker.embed(round * count, count));
        if round % 2 == 0 {
            let taken = own();
            [taken, other()]
        } else {
            let taken = other();
            [own(), taken]
        }
    })
}

/// The spread of each side.
fn sides(rounds: &[[f64; 2]]) -> [[f64; 3]; 2] {
    [0, 1].map(|side| spread(rounds.iter().map(|round| round[side])))
}

/// The least, the median and the greatest.
fn spread(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}

/// A bound and whether it is kept. Only the built-in model has bounds.
fn bound(folder: Option<&Path>, bound: fmt::Arguments<'_>, kept: bool) -> String {
    let kept = if kept { "kept" } else { "NOT KEPT" };
    folder.map_or_else(|| format!(", bound {bound}: {kept}"), |_| String::new())
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a bench tells its figures on standard output")]
fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
}
