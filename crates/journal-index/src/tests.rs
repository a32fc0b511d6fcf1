//! What is read of an index: notes by their names, lists, counts.

use std::ops::ControlFlow;

use journal_model::{NoteId, Resolution, VaultPath};
use tempfile::TempDir;

use crate::*;

const VAULT: &[(&str, &str)] = &[
    (
        "Plans/Big Plan.md",
        "---\nid: 01KAJ3Q9ZXABCDEF\ntitle: The Plan\naliases: [Plan B, \"Größe\"]\ntags: [Area/CI]\n---\n# Top\ntext\n## Below\nmore [[Other]]\n",
    ),
    ("Other.md", "---\nid: 01kaj3q9zxabcdef\n---\n#area/ci [[Big Plan]] [[Nowhere]]\n"),
    ("a/Twin.md", "---\nid: 100%_x\ntags: [area/ci, \"b\"]\n---\n"),
    ("b/Twin.md", "---\nid: 1000_x\nowner:\n  name: [Ann, Bo]\nlink: \"[[Other]]\"\n---\n"),
    ("S.md", "---\nid: S1\ntype: thinking-session\nstatus: active\nproject: p\nupdated: 2026-01-01\n---\nsession\n"),
    (
        "T.md",
        "---\nid: T1\ntype: thought\nsession_note_id: S1\nthought_number: one\nbranch_id: x\ncreated: 2026-02-01\n---\nthought\n",
    ),
    ("Old.md", "---\nid: S0\ntype: thinking-session\nstatus: done\nupdated: 2025-01-01\n---\n"),
];

struct World {
    folder: TempDir,
    index: Index,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut index = Index::open(&folder.path().join("index.db")).unwrap();
    let note = |(path, text): &(&str, &str)| {
        let signature = FileSignature { size: text.len() as u64, inode: u64::MAX, ..FileSignature::default() };
        Change::Upsert(Box::new(index_note(path.parse().unwrap(), signature, text)))
    };
    index.apply(&VAULT.iter().map(note).collect::<Vec<_>>()).unwrap();
    World { folder, index }
}

impl World {
    fn read<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>) -> T {
        self.index.read(read).unwrap()
    }

    fn paths(&self, find: impl FnOnce(&Snapshot<'_>) -> Result<Vec<NoteRow>, IndexError>) -> Vec<String> {
        self.read(find).into_iter().map(|note| note.path.to_string()).collect()
    }
}

fn path(text: &str) -> VaultPath {
    text.parse().unwrap()
}

#[test]
fn notes_are_found_by_whatever_they_are_called() {
    let world = world();
    let id = |text: &str| text.parse::<NoteId>().unwrap();
    let (plan, other) = ("Plans/Big Plan.md", "Other.md");
    assert_eq!(world.paths(|index| index.by_id(&id("01kaj3q9zxabcdef"))), [other]);
    assert_eq!(world.paths(|index| index.by_id(&id("01KAJ3Q9ZXabcdef"))), [other, plan]);
    assert_eq!(world.paths(|index| index.by_fragment("01kaj3", 9)), [other, plan]);
    assert_eq!(world.paths(|index| index.by_fragment("CDEF", 1)).len(), 1);
    assert_eq!(world.paths(|index| index.by_fragment("100%", 9)), ["a/Twin.md"]);
    assert_eq!(world.paths(|index| index.by_fragment("00_x", 9)), ["b/Twin.md"]);
    assert_eq!(world.paths(|index| index.by_fragment("%_x", 9)), [""; 0]);
    assert_eq!(world.paths(|index| index.by_path(&path("plans/big plan.MD"))), [plan]);
    assert_eq!(world.paths(|index| index.by_name("TWIN")), ["a/Twin.md", "b/Twin.md"]);
    assert_eq!(world.paths(|index| index.by_title("the plan")), [plan]);
    assert_eq!(world.paths(|index| index.by_title("Other")), [other]);
    assert_eq!(world.paths(|index| index.by_title("Big Plan")), [""; 0]);
    assert_eq!(world.paths(|index| index.by_alias("GRÖSSE")), [""; 0]);
    assert_eq!(world.paths(|index| index.by_alias("gRÖße")), [plan]);
    let resolve = |target: &str, folder: &str| world.read(|index| index.resolve(target, folder));
    assert_eq!(resolve("twin", "a"), Resolution::One(path("a/Twin.md")));
    assert_eq!(resolve("Twin.md", ""), Resolution::Many(vec![path("a/Twin.md"), path("b/Twin.md")]));
    assert_eq!(resolve("../b/Twin", "a"), Resolution::One(path("b/Twin.md")));
    assert_eq!(resolve("none", ""), Resolution::None);
}

#[test]
fn a_row_tells_what_the_note_says() {
    let world = world();
    let notes = world.read(|index| index.session_notes(&"S1".parse().unwrap()));
    let told: Vec<_> = notes.iter().map(|note| (note.kind, note.title.as_str())).collect();
    assert_eq!(told, [(NoteKind::Session, "S"), (NoteKind::Thought, "T")]);
    let thinking = &notes[1].thinking;
    assert_eq!((thinking.number, thinking.branch.as_deref(), thinking.next_needed), (None, Some("x"), Some(true)));
    assert_eq!((notes[1].changed, notes[1].signature.inode), (1_769_904_000, u64::MAX));
    let wrong = world.read(|index| index.diagnostics(None));
    assert_eq!((wrong.len(), wrong[0].path.as_str(), wrong[0].code.as_str()), (1, "T.md", "invalid-thought"));
    assert!(!wrong[0].hint.contains("T.md"), "{}", wrong[0].hint);
    assert_eq!(world.read(|index| index.diagnostics(Some(&path("S.md")))), []);
}

#[test]
fn lists_and_counts() {
    let world = world();
    let tags = world.read(|index| index.tags());
    assert_eq!(tags, [("area/ci".to_owned(), 3), ("b".to_owned(), 1)]);
    let mut signatures = Vec::new();
    world.read(|index| {
        index.signatures(|row| {
            signatures.push(row);
            if signatures.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    });
    assert_eq!(signatures.len(), 3);
    assert!(signatures.iter().all(|row| row.current && row.signature.size > 0));
    let troubles = world.read(|index| index.link_troubles());
    assert_eq!(troubles, LinkTroubles { broken: 1, ambiguous: 0, orphans: 4 });
    assert_eq!(world.read(|index| index.quick_check()), [""; 0]);
    let status = world.read(|index| index.status());
    assert_eq!((status.notes, status.sessions, status.thoughts, status.stale), (7, 2, 1, 0));
    assert_eq!((status.links, status.broken_links, status.ambiguous_links, status.generation), (4, 1, 0, 1));
    assert_eq!(world.read(|index| index.count()), 7);
    assert_eq!(world.read(|index| index.orphans(9)).len(), 4);
}

#[test]
fn notes_are_found_by_their_files() {
    let world = world();
    let row = world.read(|index| index.signature(&path("Plans/Big Plan.md"))).unwrap();
    assert!(row.current && row.signature.size > 0 && row.id.is_some());
    assert_eq!(world.read(|index| index.signature(&path("plans/big plan.md"))), None);
    for (folder, has) in [("Plans", true), ("plans", true), ("Plan", false), ("a", true), ("Plans/Big Plan.md", false)]
    {
        assert_eq!(world.read(|index| index.has_notes_in(folder)), has, "{folder}");
    }
    let (mut all, mut last) = (Vec::new(), None);
    loop {
        let some = world.read(|index| index.paths_after(last.as_ref(), 2));
        let Some(end) = some.last() else { break };
        last = Some(end.clone());
        all.extend(some);
    }
    assert_eq!(all.len(), 7);
    all.dedup();
    assert_eq!(all.len(), 7, "{all:?}");
}

#[test]
fn an_id_that_two_notes_have_is_told_with_both() {
    let mut world = world();
    assert_eq!(world.read(|index| index.duplicate_ids()), []);
    let twin = index_note(path("copies/Other 1.md"), FileSignature::default(), "---\nid: 01kaj3q9zxabcdef\n---\n");
    let before = world.read(|index| index.generation());
    world.index.apply(&[Change::Upsert(Box::new(twin))]).unwrap();
    assert!(world.read(|index| index.generation()) > before);
    let duplicates = world.read(|index| index.duplicate_ids());
    let told: Vec<_> = duplicates
        .iter()
        .map(|(id, notes)| (id.as_str(), notes.iter().map(|note| note.path.as_str()).collect::<Vec<_>>()))
        .collect();
    assert_eq!(told, [("01kaj3q9zxabcdef", vec!["Other.md", "copies/Other 1.md"])]);
}

#[test]
fn a_reader_sees_one_state_and_never_writes() {
    let mut world = world();
    let reader = Reader::open(&world.folder.path().join("index.db")).unwrap();
    let counts = reader.read(|index| {
        let before = index.count()?;
        world.index.apply(&[Change::Remove(path("Other.md"))])?;
        Ok((before, index.count()?))
    });
    assert_eq!(counts.unwrap(), (7, 7));
    assert_eq!(reader.read(|index| index.count()).unwrap(), 6);
    let log = || std::fs::metadata(world.folder.path().join("index.db-wal")).unwrap().len();
    let before = log();
    reader.read(|index| index.search(&Query::parse("text -more"), &SearchOptions::default())).unwrap();
    reader.read(|index| index.dump()).unwrap();
    assert_eq!(log(), before);
}
