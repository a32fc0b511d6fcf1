//! How fast the index is, against the least that SQLite takes for the same work.
//!
//! ```text
//! cargo bench --bench index                       # 10,000 notes of 1 to 3 KB, all sections
//! cargo bench --bench index -- 100000 build       # another number, one section: build, search, lookup, update, memory
//! cargo bench --bench index -- growth             # 1,000, 10,000 and 100,000 notes; draws docs/index-growth.svg
//! ```
//!
//! Every figure stands beside its floor from the same run. What was reached, and what bounds it:
//! `docs/performance.md`. Speed is shown here and asserted nowhere.

mod build;
mod floors;
mod growth;
mod lookups;
mod measure;
mod memory;
mod queries;
mod texts;
mod updates;

use std::{env, path::Path};

use journal_index::Reader;

use build::Vault;
use measure::{say, spread};
use texts::Text;

fn main() {
    // Cargo itself adds `--bench`.
    let asked: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if asked.first().is_some_and(|first| first == memory::CHILD) {
        return memory::child(&asked[1..]);
    }
    let count = asked.iter().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let sections: Vec<&str> = asked.iter().map(String::as_str).filter(|own| own.parse::<usize>().is_err()).collect();
    let wanted = |section: &str| sections.is_empty() || sections.contains(&section);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    if sections == ["growth"] {
        return growth::run(folder.path(), &Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/index-growth.svg"));
    }
    let (index, raw) = (folder.path().join("index.db"), folder.path().join("raw.db"));
    let texts: Vec<Text> = texts::generate(count).collect();
    let vault = Vault::write(folder.path().join("vault"), count);
    say(format_args!("{count} notes, {:.1} MB of text", vault.bytes as f64 / 1e6));
    build::run(&vault, &texts, &index, &raw, if wanted("build") { 5 } else { 1 });
    if wanted("memory") {
        memory::run(&vault);
    }
    if wanted("search") {
        let reader = Reader::open(&index).expect("the index opens");
        queries::run(&reader, &raw, &texts);
    }
    if wanted("lookup") {
        lookups::run(&index, &texts);
    }
    if wanted("update") {
        let mut times = updates::run(&index, &mut texts::generate(count).step_by(7), 400);
        let mut floor = floors::commits(&folder.path().join("commits.db"), &texts);
        let (own, floor) = (spread(&mut times), spread(&mut floor));
        say(format_args!("one note parsed and committed: {own} · a bare commit of its text: {floor}"));
    }
}
