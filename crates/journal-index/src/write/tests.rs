//! Changes applied one by one equal a rebuild.

use std::collections::BTreeMap;

use journal_model::{NoteId, VaultPath};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{Applied, Change, FileSignature, Index, IndexedNote, Leads, Reader, index_note};

/// A vault in memory, the index that follows it, and a place for both.
struct World {
    folder: TempDir,
    index: Index,
    files: BTreeMap<String, (String, u64)>,
    next_inode: u64,
}

fn path(text: &str) -> VaultPath {
    text.parse().unwrap()
}

fn signature(text: &str, inode: u64) -> FileSignature {
    let hash = xxhash_rust::xxh3::xxh3_128(text.as_bytes());
    FileSignature { size: text.len() as u64, mtime_ns: 1_000_000_000_000, changed_ns: 1_000_000_000_000, inode, hash }
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(&folder.path().join("index.db")).unwrap();
        Self { folder, index, files: BTreeMap::new(), next_inode: 1 }
    }

    fn with(notes: &[(&str, &str)]) -> Self {
        let mut world = Self::new();
        let changes: Vec<Change> = notes.iter().map(|(at, text)| world.put(at, text)).collect();
        world.index.apply(&changes).unwrap();
        world
    }

    fn put(&mut self, at: &str, text: &str) -> Change {
        self.next_inode += 1;
        let inode = self.files.get(at).map_or(self.next_inode, |(_, inode)| *inode);
        self.files.insert(at.to_owned(), (text.to_owned(), inode));
        Change::Upsert(Box::new(index_note(path(at), signature(text, inode), text)))
    }

    fn remove(&mut self, at: &str) -> Change {
        self.files.remove(at);
        Change::Remove(path(at))
    }

    fn rename(&mut self, from: &str, to: &str) -> Change {
        let (text, inode) = self.files.remove(from).unwrap();
        let signature = signature(&text, inode);
        self.files.insert(to.to_owned(), (text, inode));
        Change::Move { from: path(from), to: path(to), signature }
    }

    fn notes(&self) -> Vec<IndexedNote> {
        let note = |(at, (text, inode)): (&String, &(String, u64))| index_note(path(at), signature(text, *inode), text);
        self.files.iter().map(note).collect()
    }

    /// The index equals one that is built anew, in one piece and change by change.
    #[track_caller]
    fn check(&self) {
        let own = self.index.read(|index| index.dump()).unwrap();
        let fresh = self.folder.path().join("fresh.db");
        let _ = std::fs::remove_file(&fresh);
        // Listed in another order, with one that never comes and one that nobody announced.
        let mut listed: Vec<VaultPath> = self.files.keys().rev().skip(1).map(|at| path(at)).collect();
        listed.push(path("gone/a.md"));
        Index::build(&fresh, listed, self.notes()).unwrap();
        let reader = Reader::open(&fresh).unwrap();
        let built = reader.read(|index| index.dump()).unwrap();
        for (own, built) in own.iter().zip(&built) {
            assert_eq!(own, built);
        }
        assert_eq!(own.len(), built.len());
        assert_eq!(self.index.read(|index| index.integrity_check()).unwrap(), [""; 0]);
    }

    fn leads(&self, from: &str) -> Vec<String> {
        let links = self.index.read(|index| index.links_out(&path(from))).unwrap();
        let told = |leads: Leads| match leads {
            Leads::To(path) => path.to_string(),
            other => format!("{other:?}"),
        };
        links.into_iter().map(|link| told(link.leads)).collect()
    }

    fn superseded(&self) -> Vec<String> {
        let notes = self.index.read(|index| index.session_notes(&"S001".parse::<NoteId>().unwrap())).unwrap();
        notes.into_iter().filter(|note| note.superseded).map(|note| note.path.to_string()).collect()
    }
}

fn thought(number: u32, more: &str) -> String {
    format!(
        "---\nid: T{number:03}\ntype: thought\nsession_note_id: S001\nthought_number: {number}\n{more}---\nThought {number}.\n"
    )
}

#[test]
fn links_follow_notes_that_appear_vanish_and_move() {
    let mut world =
        World::with(&[("a/From.md", "[[Target]] [[b/Target]] [[../x]] ![[p.png]] [[#Own]] [t](b/Target.md)\n")]);
    assert_eq!(world.leads("a/From.md"), ["Nowhere", "Nowhere", "Nowhere", "File", "a/From.md", "Nowhere"]);
    let changes = [world.put("b/target.md", "x\n"), world.put("x.md", "y\n")];
    world.index.apply(&changes).unwrap();
    let b = "b/target.md";
    assert_eq!(world.leads("a/From.md"), [b, b, "x.md", "File", "a/From.md", b]);
    let changes = [world.put("c/Target.md", "z\n")];
    world.index.apply(&changes).unwrap();
    assert_eq!(world.leads("a/From.md")[..2], ["Anywhere", b]);
    assert_eq!(world.index.read(|index| index.ambiguous_links(10)).unwrap().len(), 1);
    let changes = [world.rename("c/Target.md", "a/Target.md"), world.rename("a/From.md", "a/d/From.md")];
    world.index.apply(&changes).unwrap();
    assert_eq!(world.leads("a/d/From.md")[..3], ["Anywhere", b, "Nowhere"]);
    let changes = [world.rename("a/d/From.md", "a/From.md"), world.remove(b)];
    world.index.apply(&changes).unwrap();
    assert_eq!(world.leads("a/From.md")[..3], ["a/Target.md", "Nowhere", "x.md"]);
    world.check();
    let into = world.index.read(|index| index.links_in(&path("x.md"))).unwrap();
    assert_eq!((into.len(), into[0].from.as_str(), into[0].line), (1, "a/From.md", 1));
    assert_eq!(world.index.read(|index| index.broken_links(10)).unwrap().len(), 2);
    assert_eq!(world.index.read(|index| index.orphans(10)).unwrap(), []);
}

#[test]
fn a_thought_is_superseded_as_long_as_another_revises_it() {
    let first = thought(1, "");
    let revision = thought(2, "is_revision: true\nrevises_thought: 1\n");
    let mut world = World::with(&[("s.md", "---\nid: S001\ntype: thinking-session\n---\n"), ("1.md", &first)]);
    assert_eq!(world.superseded(), [""; 0]);
    let change = world.put("2.md", &revision);
    world.index.apply(&[change]).unwrap();
    assert_eq!(world.superseded(), ["1.md"]);
    world.check();
    let change = world.put("2.md", &thought(2, "supersedes: \"[[s]]\"\n"));
    world.index.apply(&[change]).unwrap();
    assert_eq!(world.superseded(), [""; 0]);
    let changes = [world.put("2.md", &thought(2, "supersedes: \"[[One]]\"\n")), world.rename("1.md", "One.md")];
    world.index.apply(&changes).unwrap();
    assert_eq!(world.superseded(), ["One.md"]);
    world.check();
}

#[test]
fn what_did_not_change_is_not_written() {
    let mut world = World::with(&[("a.md", "one\n"), ("b.md", "two\n")]);
    let same = world.put("a.md", "one\n");
    let touched = FileSignature { mtime_ns: 7, ..signature("two\n", 9) };
    let changes = [
        same,
        Change::Touch { path: path("b.md"), signature: touched },
        Change::Touch { path: path("a.md"), signature: FileSignature { hash: 1, ..touched } },
        Change::Touch { path: path("no.md"), signature: touched },
        Change::Move { from: path("no.md"), to: path("yes.md"), signature: touched },
        Change::Remove(path("no.md")),
    ];
    let applied = world.index.apply(&changes).unwrap();
    let missing = vec![path("no.md"), path("yes.md")];
    assert_eq!(applied, Applied { touched: 1, unchanged: 3, missing, ..Applied::default() });
    let found = world.index.read(|index| index.by_path(&path("b.md"))).unwrap();
    assert_eq!((found[0].signature, found[0].changed), (touched, 0));
}

#[test]
fn a_moved_note_that_was_edited_counts_as_changed_until_it_is_read() {
    let mut world = World::with(&[("a.md", "one\n")]);
    let before = world.index.read(|index| index.by_path(&path("a.md"))).unwrap()[0].signature;
    let edited = FileSignature { mtime_ns: 9, ..signature("other\n", 2) };
    let applied =
        world.index.apply(&[Change::Move { from: path("a.md"), to: path("b.md"), signature: edited }]).unwrap();
    assert_eq!(applied.moved, 1);
    let after = world.index.read(|index| index.by_path(&path("b.md"))).unwrap();
    assert_eq!(after[0].signature, before);
    world.files.clear();
    let change = world.put("b.md", "other\n");
    let applied = world.index.apply(&[change]).unwrap();
    assert_eq!((applied.updated, applied.added), (1, 0));
    world.check();
}

#[test]
fn a_batch_is_applied_in_its_order() {
    let mut world = World::with(&[("a.md", "one [[b]]\n"), ("b.md", "two [[a]]\n")]);
    // Two notes change places, and one more is written where the first lay.
    let changes = [
        world.rename("a.md", "c.md"),
        world.rename("b.md", "a.md"),
        world.rename("c.md", "b.md"),
        world.put("c.md", "[[a]] [[b]]\n"),
        world.remove("c.md"),
        world.put("c.md", "again\n"),
    ];
    let applied = world.index.apply(&changes).unwrap();
    assert_eq!((applied.moved, applied.added, applied.removed), (3, 2, 1));
    assert_eq!(world.leads("b.md"), ["b.md"]);
    world.check();
}

#[test]
fn a_file_that_is_there_is_not_built_over() {
    let world = World::with(&[("a.md", "one\n")]);
    assert!(Index::build(&world.folder.path().join("index.db"), [], []).is_err());
    world.check();
}

#[test]
fn a_repeated_note_is_left_out_of_a_build() {
    let folder = tempfile::tempdir().unwrap();
    let note = index_note(path("a.md"), signature("x", 1), "x");
    let built = Index::build(&folder.path().join("i.db"), [path("a.md")], [note.clone(), note]).unwrap();
    assert_eq!((built.notes, built.repeated), (1, 1));
}

#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize),
    Remove(usize),
    Rename(usize, usize),
    Apply,
}

const PATHS: &[&str] = &[
    "a.md",
    "b.md",
    "A.md",
    "x/a.md",
    "x/b.md",
    "x/y/a.md",
    "x/y/Session.md",
    "T1.md",
    "x/T2.md",
    "T3.md",
    "a.md.md",
    "생각.md",
];

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "[[a]] [[b]] [[x/a]] [[생각]] ![[c.png]]\n",
        "---\ntitle: B\naliases: [one, b]\ntags: [t/u]\nlist: [\"[[a]]\", 2]\n---\n# H\n[[../a]] [[./b]] [[a.md]] #t\n",
        "---\nid: S001\ntype: thinking-session\nstatus: active\nsee_also: [\"[[T1]]\", \"[[T2]]\"]\n---\nsession 생각을\n",
        "---\nid: [broken\n---\nlockFile [[#h]]\n## h\nsame same same same\n",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push(thought(1, ""));
    texts.push(thought(2, "revises_thought: 1\nupdated: 2026-01-01\n"));
    texts.push(thought(2, "branch_id: x\nbranch_from_thought: 1\nsupersedes: \"[[T1]]\"\n"));
    texts.push(thought(1, "thought_number: no\n"));
    texts
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = 0..PATHS.len();
    let step = prop_oneof![
        5 => (place.clone(), 0..texts().len()).prop_map(|(at, text)| Step::Put(at, text)),
        2 => place.clone().prop_map(Step::Remove),
        3 => (place.clone(), place).prop_map(|(from, to)| Step::Rename(from, to)),
        3 => Just(Step::Apply),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn an_index_that_followed_every_change_equals_one_built_anew(steps in steps()) {
        let mut world = World::new();
        let texts = texts();
        let mut changes = Vec::new();
        for step in steps {
            match step {
                Step::Put(at, text) => changes.push(world.put(PATHS[at], &texts[text])),
                Step::Remove(at) => changes.push(world.remove(PATHS[at])),
                Step::Rename(from, to) if from != to && world.files.contains_key(PATHS[from]) => {
                    changes.push(world.rename(PATHS[from], PATHS[to]));
                }
                Step::Rename(..) => {}
                Step::Apply => {
                    world.index.apply(&std::mem::take(&mut changes)).unwrap();
                    world.check();
                }
            }
        }
        world.index.apply(&changes).unwrap();
        world.check();
    }
}
