//! How fast the index is, against the least that SQLite takes for the same work.
//!
//! `cargo bench --bench index` measures 10,000 notes of 1 to 3 KB, `cargo bench --bench index -- 100000` as many as are asked
//! for. Every figure stands beside its floor from the same run. What was reached, and what bounds it:
//! `docs/performance.md`.
//!
//! Speed is shown here and asserted nowhere.

mod floors;
mod measure;
mod queries;
mod texts;

use std::{env, path::Path, time::Instant};

use journal_index::{Change, FileSignature, Index, IndexedNote, Reader, index_note};
use journal_model::VaultPath;

use measure::{ms, print_row, say, timed};
use texts::Text;

fn main() {
    // Cargo itself adds `--bench`.
    let count = env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let texts = texts::generate(count, 1);
    let bytes: usize = texts.iter().map(|text| text.whole.len()).sum();
    say(format_args!("{count} notes, {:.1} MB of text", bytes as f64 / 1e6));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (index, raw) = (folder.path().join("index.db"), folder.path().join("raw.db"));

    let (notes, parse) = timed(|| texts.iter().map(parsed).collect::<Vec<_>>());
    let listed: Vec<VaultPath> = notes.iter().map(|note| note.path.clone()).collect();
    let (_, build) = timed(|| Index::build(&index, listed, notes).expect("the index can be built"));
    let floor = floors::raw_search(&raw, &texts);
    let rows = floors::same_rows(&folder.path().join("rows.db"), &index);
    say(format_args!("parse, one thread: {:.0} ms", ms(parse)));
    print_row("build", build, "raw FTS5 of the texts, and the same rows", floor + rows);
    print_row("build", build, "raw FTS5 of the texts alone", floor);
    let size = std::fs::metadata(&index).expect("the index was built").len();
    say(format_args!(
        "size: {:.2} of the text (raw FTS5 with its texts: {:.2})",
        size as f64 / bytes as f64,
        floors::size(&raw, bytes)
    ));

    let reader = Reader::open(&index).expect("the index opens");
    queries::run(&reader, &raw, &texts);
    updates(&index, &texts);
}

fn parsed(text: &Text) -> IndexedNote {
    indexed(&text.path, &text.whole, 0)
}

fn indexed(path: &str, text: &str, version: u64) -> IndexedNote {
    let path = path.parse().expect("generated paths are paths");
    let signature = FileSignature { size: text.len() as u64, hash: version.into(), ..FileSignature::default() };
    index_note(path, signature, text)
}

/// One note changed and committed, a few hundred times over; the floor commits one row of the same size.
fn updates(path: &Path, texts: &[Text]) {
    let mut index = Index::open(path).expect("the index opens");
    let mut times = Vec::new();
    for (version, text) in texts.iter().cycle().step_by(7).take(400).enumerate() {
        let whole = format!("{}\nOne line more: {version}.\n", text.whole);
        let start = Instant::now();
        let note = indexed(&text.path, &whole, version as u64 + 1);
        index.apply(&[Change::Upsert(Box::new(note))]).expect("a note can be changed");
        times.push(start.elapsed());
    }
    let mut floor = floors::commits(&path.with_file_name("commits.db"), texts);
    measure::print_pair("one note parsed and committed", &mut times, "a bare commit of its text", &mut floor);
}
