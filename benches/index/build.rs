//! The whole of a vault indexed: notes read and parsed on all cores while they are written.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
    time::Duration,
};

use journal_index::{FileSignature, Index, IndexedNote, index_note};
use journal_model::VaultPath;

use crate::{
    floors,
    measure::{median, ms, say, timed},
    texts::{self, Text},
};

/// How many notes go from a parser to the writer at once, and how many such parcels wait.
const PARCEL: usize = 32;
const WAITING: usize = 16;

/// A folder of generated notes.
pub struct Vault {
    pub folder: PathBuf,
    pub count: usize,
    /// Of all texts.
    pub bytes: usize,
    /// Sorted, as a walk tells them.
    paths: Vec<VaultPath>,
}

impl Vault {
    pub fn write(folder: PathBuf, count: usize) -> Self {
        let mut vault = Self::open(folder, count);
        for text in texts::generate(count) {
            let path = vault.folder.join(&text.path);
            fs::create_dir_all(path.parent().expect("a note lies in a folder")).expect("a folder can be made");
            fs::write(path, &text.whole).expect("a note can be written");
            vault.bytes += text.whole.len();
        }
        vault
    }

    /// The same folder, written before. Its bytes are not counted.
    pub fn open(folder: PathBuf, count: usize) -> Self {
        let path = |number| texts::path(number).parse().expect("generated paths are paths");
        let mut paths: Vec<VaultPath> = (0..count).map(path).collect();
        paths.sort_unstable();
        Self { folder, count, bytes: 0, paths }
    }

    /// Indexes all notes into a new file.
    pub fn index(&self, path: &Path) {
        self.parse_all(|notes| {
            Index::build(path, self.paths.iter().cloned(), notes).expect("the index can be built");
        });
    }

    /// Reads and parses all notes on all cores, and has `take` go through them meanwhile.
    fn parse_all(&self, take: impl FnOnce(&mut dyn Iterator<Item = IndexedNote>)) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (sender, parcels) = sync_channel::<Vec<IndexedNote>>(WAITING);
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let from = next.fetch_add(PARCEL, Ordering::Relaxed);
                        let Some(paths) = self.paths.get(from..self.paths.len().min(from + PARCEL)) else { break };
                        let parcel: Vec<IndexedNote> = paths.iter().map(|path| self.parse(path)).collect();
                        if parcel.is_empty() || sender.send(parcel).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            take(&mut parcels.into_iter().flatten());
        });
    }

    fn parse(&self, path: &VaultPath) -> IndexedNote {
        let text = fs::read_to_string(self.folder.join(path.as_str())).expect("the note is there");
        parsed(path.clone(), &text, 0)
    }

    /// Reads and parses all notes on all cores, and no more.
    fn read_and_parse(&self) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(path) = self.paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                        std::hint::black_box(self.parse(path));
                    }
                });
            }
        });
    }
}

/// A note as the index takes it; `version` stands for the hash of its text.
pub fn parsed(path: VaultPath, text: &str, version: u64) -> IndexedNote {
    let hash = u128::from(version) << 64 | text.len() as u128;
    index_note(path, FileSignature { size: text.len() as u64, hash, ..FileSignature::default() }, text)
}

/// Pairs of a full index and its floors, in turn. Leaves an index and a raw database for what comes next.
pub fn run(vault: &Vault, texts: &[Text], index: &Path, raw: &Path, pairs: usize) {
    let mut ratios = Vec::new();
    let (mut work, mut raw_work) = (Vec::new(), Vec::new());
    let (mut own, mut parse, mut search, mut same) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..pairs {
        for path in [index, raw] {
            fs::remove_file(path).or_else(absent).expect("an earlier round's file can go");
        }
        let before = cpu();
        own.push(timed(|| vault.index(index)).1);
        work.push(cpu() - before);
        parse.push(timed(|| vault.read_and_parse()).1);
        let rows = floors::Rows::read(index);
        let before = cpu();
        let times = floors::raw(raw, texts, &rows);
        raw_work.push(cpu() - before);
        search.push(times.search);
        same.push(times.all);
        let last = own.len() - 1;
        ratios.push(ms(own[last]) / ms(parse[last].max(same[last])));
    }
    let [own, parse, search, same] =
        [own, parse, search, same].map(|times| format!("{:.0}", ms(median::<Duration>(&times))));
    say(format_args!(
        "full index: {own} ms · read and parse on all cores: {parse} ms · raw FTS5: {search} ms · raw FTS5 and the same rows: \
         {same} ms · ratio to the slower floor, median of {pairs} pairs: {:.2}",
        median(&ratios)
    ));
    say(format_args!(
        "best ratio of the pairs: {:.2} · processor time, all cores: {:.0} ms · of raw FTS5 and the same rows: {:.0} ms",
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        median(&work),
        median(&raw_work)
    ));
    say(format_args!(
        "size: {:.2} of the text · raw FTS5 with its texts: {:.2}",
        floors::size(index) / vault.bytes as f64,
        floors::size(raw) / vault.bytes as f64
    ));
}

/// How long all threads of this process have worked, in ms, in steps of ten; 0 where the system does not tell.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold spaces, the 12th and 13th: ticks of a hundredth of a second.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
