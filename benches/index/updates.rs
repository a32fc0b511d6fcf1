//! One note changed, parsed and committed at a time.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use journal_index::{Change, Index};

use crate::{build::parsed, texts::Text};

/// How long each of `count` changes took, of notes of the index at `path`.
pub fn run(path: &Path, texts: &mut dyn Iterator<Item = Text>, count: usize) -> Vec<Duration> {
    let mut index = Index::open(path).expect("the index opens");
    texts
        .take(count)
        .enumerate()
        .map(|(version, text)| {
            let whole = format!("{}\nOne line more: {version}.\n", text.whole);
            let path = text.path.parse().expect("generated paths are paths");
            let start = Instant::now();
            let note = parsed(path, &whole, version as u64 + 1);
            index.apply(&[Change::Upsert(Box::new(note))]).expect("a note can be changed");
            start.elapsed()
        })
        .collect()
}
