//! What the protocol costs, and how `journal` compares with the reference server for sequential thinking, by one client.
//!
//! `benches/mcp/run` installs the reference server and runs every bench; `benches/mcp/run append crowd` runs those. Without the
//! reference server: `cargo bench --bench mcp`. What was reached is in `docs/performance.md`.
//!
//! Speed is shown here and asserted nowhere.

mod calls;
mod crowd;
mod latencies;
mod servers;
mod wire;
#[path = "../journal/world.rs"]
#[expect(dead_code, reason = "shared with another bench, which needs more of it")]
mod world;

use std::env;

/// A bench by its name on the command line.
type Bench = (&'static str, fn());

const BENCHES: &[Bench] = &[
    ("cold", calls::cold),
    ("append", calls::append),
    ("tools", calls::tools),
    ("hydrate", calls::hydrate),
    ("search", calls::search),
    ("read", calls::read_note),
    ("crowd", crowd::run),
];

fn main() {
    // Cargo itself adds `--bench`.
    let asked: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    latencies::print_header();
    for (name, run) in BENCHES {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            run();
        }
    }
}
