//! How fast `journal` is, against the least that its work can cost.
//!
//! `cargo bench --bench journal` runs every bench, `cargo bench --bench journal -- append` those whose names are given. Each
//! measures its subject and its floor (the same work with bare system calls) in turn, so that whatever else the machine does
//! falls on both, and prints the ratio of each such pair. What was reached, and what bounds it: `docs/performance.md`.
//!
//! Speed is shown here and asserted nowhere: the exit code is 0 also where a bound is not kept.

mod append;
mod coordination;
mod hook;
mod hydrate;
mod locate;
mod meaning;
mod pairs;
mod process;
mod reindex;
mod watching;
mod world;

use std::env;

/// A bench by its name on the command line.
type Bench = (&'static str, fn());

const BENCHES: &[Bench] = &[
    ("append", append::run),
    ("coordination", coordination::run),
    ("hook", hook::run),
    ("hydrate", hydrate::run),
    ("locate", locate::run),
    ("process", process::run),
    ("reindex", reindex::run),
    ("meaning", meaning::run),
    ("watching", watching::run),
];

fn main() {
    // Cargo itself adds `--bench`.
    let asked: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    pairs::print_header();
    for (name, run) in BENCHES {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            run();
        }
    }
}
