//! Vectors stored, carried along and found; the model is a hash of the text.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tempfile::TempDir;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

use crate::*;

const MODEL: &str = "hash";
const WIDTH: usize = 96;

/// A direction that depends on nothing but the text.
fn embed(text: &str) -> Vec<f32> {
    let component = |place: usize| {
        let hash = xxh3_64_with_seed(text.as_bytes(), place as u64);
        (hash % 20_001) as f32 / 10_000.0 - 1.0
    };
    unit((0..WIDTH).map(component).collect())
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|own| own * own).sum::<f32>().sqrt();
    vector.into_iter().map(|own| own / length).collect()
}

fn read_note(at: &str, text: &str) -> IndexedNote {
    let signature = FileSignature { hash: xxh3_128(text.as_bytes()), ..FileSignature::default() };
    index_note(at.parse().unwrap(), signature, text)
}

fn put(at: &str, text: &str) -> Change {
    Change::Upsert(Box::new(read_note(at, text)))
}

struct World {
    folder: TempDir,
    index: Index,
}

impl World {
    fn new(notes: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open(&folder.path().join("index.db")).unwrap();
        index.apply(&notes.iter().map(|(at, text)| put(at, text)).collect::<Vec<_>>()).unwrap();
        Self { folder, index }
    }

    /// Embeds `limit` of the texts that are waiting; returns how many.
    fn work(&mut self, limit: usize) -> usize {
        work(&mut self.index, MODEL, limit)
    }

    fn counts(&self) -> (u64, u64) {
        self.index.read(|index| index.vector_counts(MODEL)).unwrap()
    }

    fn nearest(&self, query: &str, vector: &[f32], count: usize) -> Vec<ChunkHit> {
        let meaning = Meaning { model: MODEL, vector, alone: false, least: -1.0 };
        let read = |index: &Snapshot<'_>| {
            Ok(index.nearest(&Query::parse(query), &SearchOptions::default(), &meaning, count).unwrap())
        };
        self.index.read(read).unwrap()
    }

    fn paths(&self, query: &str, vector: &[f32], count: usize) -> Vec<String> {
        self.nearest(query, vector, count).iter().map(|hit| hit.note.path.to_string()).collect()
    }
}

fn named(model: &str) -> EmbeddingModel {
    EmbeddingModel { name: model.to_owned(), source: format!("from {model}") }
}

fn work(index: &mut Index, model: &str, limit: usize) -> usize {
    let pending = index.read(|index| index.pending_chunks(model, limit, usize::MAX)).unwrap();
    let vectors: Vec<_> = pending.iter().map(|own| (own.hash, embed(&own.text))).collect();
    assert_eq!(index.store_vectors(&named(model), &vectors).unwrap(), pending.len());
    pending.len()
}

#[test]
fn a_text_is_embedded_once_wherever_it_stands() {
    let mut world = World::new(&[("a.md", "One text.\n"), ("b/c.md", "One text.\n"), ("d.md", "Another.\n")]);
    assert_eq!(world.counts(), (0, 2));
    assert_eq!(world.work(9), 2);
    assert_eq!(world.counts(), (2, 2));
    let hits = world.paths("", &embed("One text."), 9);
    assert_eq!(hits, ["b/c.md", "a.md", "d.md"]);
    let from_to = |from: &str, to: &str| Change::Move {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        signature: read_note(to, "Another.\n").signature,
    };
    world.index.apply(&[from_to("d.md", "e/Renamed.md"), Change::Remove("a.md".parse().unwrap())]).unwrap();
    world.index.apply(&[Change::Remove("e/Renamed.md".parse().unwrap())]).unwrap();
    assert_eq!(world.paths("", &embed("Another."), 9), ["b/c.md"]);
    world.index.apply(&[put("f.md", "Another.\n")]).unwrap();
    assert_eq!(world.work(9), 0);
    assert_eq!(world.paths("", &embed("Another."), 1), ["f.md"]);
}

#[test]
fn what_has_no_text_any_more_is_collected() {
    let mut world = World::new(&[("a.md", "One.\n"), ("b.md", "Two.\n"), ("c.md", "Three.\n")]);
    world.work(9);
    world.index.apply(&[Change::Remove("b.md".parse().unwrap())]).unwrap();
    assert_eq!(world.index.read(|index| index.spare_vectors()).unwrap(), (1, 2));
    assert_eq!(collect(&mut world.index), 1);
    assert_eq!(collect(&mut world.index), 0);
    assert_eq!(world.counts(), (2, 2));
    assert_eq!(world.paths("", &embed("Two."), 9).len(), 2);
    world.index.apply(&[put("b.md", "Two.\n")]).unwrap();
    assert_eq!(world.work(9), 1);
    assert_eq!(world.paths("", &embed("Two."), 1), ["b.md"]);
    assert_eq!(world.index.read(|index| index.integrity_check()).unwrap(), [""; 0]);
}

#[test]
fn thoughts_come_first_and_the_newest_of_them() {
    let world = World::new(&[
        ("new.md", "---\nupdated: 2026-05-01\n---\nnote\n"),
        ("old.md", "---\nid: A\ntype: thought\nsession_note_id: S\ncreated: 2025-01-01\n---\nold thought\n"),
        (
            "thought.md",
            "---\nid: B\ntitle: T\ntype: thought\nsession_note_id: S\ncreated: 2026-01-01\n---\n# H\nthought\n",
        ),
        ("past.md", "---\nupdated: 2024-05-01\n---\npast\n"),
    ]);
    let pending = |limit| world.index.read(|index| index.pending_chunks(MODEL, limit, usize::MAX)).unwrap();
    let texts: Vec<String> = pending(9).into_iter().map(|own| own.text).collect();
    assert_eq!(texts, ["T / H\n# H\nthought", "old thought", "note", "past"]);
    assert_eq!(pending(2).len(), 2);
}

#[test]
fn vectors_of_two_models_never_meet() {
    let mut world = World::new(&[("a.md", "One.\n"), ("b.md", "Two.\n")]);
    world.work(9);
    let pending = world.index.read(|index| index.pending_chunks("other", 1, usize::MAX)).unwrap();
    world.index.store_vectors(&named("other"), &[(pending[0].hash, vec![1.0, 0.0])]).unwrap();
    assert_eq!(world.index.read(|index| index.vector_counts("other")).unwrap(), (1, 2));
    assert_eq!(world.paths("", &embed("One."), 9).len(), 2);
    let other = Meaning { model: "other", vector: &[0.0, 1.0], alone: false, least: -1.0 };
    let nearest =
        |index: &Snapshot<'_>| Ok(index.nearest(&Query::default(), &SearchOptions::default(), &other, 9).unwrap());
    let hits = world.index.read(nearest).unwrap();
    assert!(hits.len() == 1 && hits[0].similarity.abs() < 1e-6);
    world.index.drop_model("other").unwrap();
    world.index.drop_model("other").unwrap();
    assert!(world.index.read(nearest).unwrap().is_empty());
    assert_eq!(world.counts(), (2, 2));
}

#[test]
fn vectors_of_a_dropped_model_are_nobody_elses() {
    let mut world = World::new(&[("a.md", "One.\n"), ("b.md", "Two.\n")]);
    world.work(9);
    let pending = world.index.read(|index| index.pending_chunks("other", 9, usize::MAX)).unwrap();
    let other: Vec<_> = pending.iter().map(|text| (text.hash, vec![1.0, 0.0])).collect();
    world.index.store_vectors(&named("other"), &other).unwrap();
    world.index.drop_model("other").unwrap();
    // The next model has no vector yet, although those of the one before it lie there still.
    world.index.store_vectors(&named("third"), &[(other[0].0, vec![0.0, 1.0])]).unwrap();
    assert_eq!(world.index.read(|index| index.vector_counts("third")).unwrap(), (1, 2));
    assert_eq!(world.index.read(|index| index.vectors_of("third", [other[1].0])).unwrap(), [[0.0; 0]; 0]);
    assert_eq!(world.index.read(|index| index.spare_vectors()).unwrap(), (3, 2));
    assert_eq!(collect(&mut world.index), 2);
    assert_eq!(world.counts(), (2, 2));
    assert_eq!(world.index.read(|index| index.vector_counts("third")).unwrap(), (1, 2));
    assert_eq!(world.index.read(|index| index.integrity_check()).unwrap(), [""; 0]);
}

#[test]
fn a_collection_goes_through_many_rows_in_steps() {
    const TEXTS: usize = 4_000;
    let mut world = World::new(&[("a.md", "One.\n")]);
    world.work(9);
    let gone = (0..TEXTS as u128).map(|hash| (hash, embed(&hash.to_string()))).collect::<Vec<_>>();
    world.index.store_vectors(&named(MODEL), &gone).unwrap();
    let (mut removed, mut steps, mut next) = (0, 0, Some(0));
    while let Some(after) = next {
        let step = world.index.collect_vectors(after).unwrap();
        (removed, steps, next) = (removed + step.removed, steps + 1, step.next);
    }
    assert_eq!(removed, TEXTS);
    assert!(steps > 1, "{steps}");
    assert_eq!(world.counts(), (1, 1));
    assert_eq!(world.paths("", &embed("One."), 9), ["a.md"]);
    assert_eq!(world.index.read(|index| index.integrity_check()).unwrap(), [""; 0]);
}

#[test]
fn what_is_no_vector_of_the_model_is_refused() {
    let mut world = World::new(&[("a.md", "One.\n")]);
    let mut store =
        |vector: Vec<f32>| world.index.store_vectors(&named(MODEL), &[(1, vector)]).map_err(|error| error.to_string());
    for bad in [vec![f32::NAN, 0.0], vec![f32::INFINITY, 0.0], vec![1.0, 1.0], vec![0.0, 0.0]] {
        assert_eq!(store(bad).unwrap_err(), "model `hash` gave a vector that has not length one");
    }
    assert_eq!(store(vec![]).unwrap_err(), "the vectors of model `hash` have 0 components, and this one has 0");
    assert_eq!(store(vec![1.0]).unwrap(), 1);
    assert_eq!(store(vec![1.0]).unwrap(), 0);
    let message = "the vectors of model `hash` have 1 components, and this one has 96";
    assert_eq!(store(embed("x")).unwrap_err(), message);
    let mixed = [(1, vec![1.0]), (2, vec![1.0, 0.0])];
    assert!(matches!(world.index.store_vectors(&named("new"), &mixed), Err(VectorError::Dimensions { .. })));
    let vector = embed("x");
    let meaning = Meaning { model: MODEL, vector: &vector, alone: false, least: -1.0 };
    let asked = |index: &Snapshot<'_>| Ok(index.search_with(&Query::parse("x"), &SearchOptions::default(), &meaning));
    assert_eq!(world.index.read(asked).unwrap().unwrap_err().to_string(), message);
}

#[test]
fn a_narrow_filter_leaves_as_many_as_there_are() {
    let mut notes: Vec<(String, String)> = (0..1_200)
        .map(|n| (format!("a/{n}.md"), format!("---\nupdated: 2026-01-01\ntags: [many]\n---\nNote {n}.\n")))
        .collect();
    for n in 0..3 {
        let text = format!("---\nupdated: 2020-01-01\nproject: p\ntags: [few]\nstatus: done\n---\nFar {n}.\n");
        notes.push((format!("far/{n}.md"), text));
    }
    let mut world = World::new(&notes.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect::<Vec<_>>());
    let pending = world.index.read(|index| index.pending_chunks(MODEL, 9_999, usize::MAX)).unwrap();
    // Those with the tag are farther from the question than all others.
    let question = unit(vec![1.0; WIDTH]);
    let vectors: Vec<_> = pending
        .iter()
        .map(|own| {
            let far = own.text.starts_with("Far");
            let noise = embed(&own.text);
            let vector = noise.iter().map(|own| if far { own - 0.5 } else { own + 0.2 }).collect();
            (own.hash, unit(vector))
        })
        .collect();
    world.index.store_vectors(&named(MODEL), &vectors).unwrap();
    for filter in
        ["tag:few", "path:far", "before:2021", "project:p", "status:done", "-tag:many", "-path:a", "-note tag:few"]
    {
        let hits = world.nearest(filter, &question, 10);
        assert_eq!(hits.len(), 3, "{filter}");
        assert!(hits.iter().all(|hit| hit.note.path.as_str().starts_with("far/")), "{filter}");
    }
    assert_eq!(world.nearest("tag:none", &question, 10), []);
    assert_eq!(world.nearest("tag:many", &question, 1_000).len(), 1_000);
    assert_eq!(world.nearest("", &question, usize::MAX).len(), 1_203);
    assert_eq!(world.nearest("tag:few", &question, usize::MAX).len(), 3);
    // When all are compared by their floats, the order is exact.
    let mut exact: Vec<f32> =
        vectors.iter().map(|(_, own)| own.iter().zip(&question).map(|(a, b)| a * b).sum::<f32>()).collect();
    exact.sort_by(|a, b| b.total_cmp(a));
    let found = world.nearest("", &question, 5_000);
    for (hit, exact) in found.iter().zip(exact) {
        assert!((hit.similarity - exact).abs() < 1e-5, "{} {exact}", hit.similarity);
    }
}

#[test]
fn superseded_thoughts_do_not_crowd_out_the_rest() {
    let thought = |n: usize, more: &str| {
        format!("---\nid: T{n}\ntype: thought\nsession_note_id: S\nthought_number: {n}\n{more}---\nThought {n}.\n")
    };
    let mut notes = Vec::new();
    for n in 1..=700 {
        notes.push((format!("{n}.md"), thought(n, "")));
        notes.push((format!("{}.md", n + 700), thought(n + 700, &format!("revises_thought: {n}\n"))));
    }
    let mut world = World::new(&notes.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect::<Vec<_>>());
    let question = unit(vec![1.0; WIDTH]);
    let pending = world.index.read(|index| index.pending_chunks(MODEL, 9_999, usize::MAX)).unwrap();
    let near = |text: &str| text.trim_start_matches("Thought ").trim_end_matches('.').parse::<usize>().unwrap() <= 700;
    let vectors: Vec<_> = pending
        .iter()
        .map(|own| {
            let shift = if near(&own.text) { 0.5 } else { 0.0 };
            (own.hash, unit(embed(&own.text).iter().map(|own| own + shift).collect()))
        })
        .collect();
    world.index.store_vectors(&named(MODEL), &vectors).unwrap();
    let hits = world.nearest("", &question, 600);
    assert_eq!(hits.len(), 600);
    assert!(hits.iter().all(|hit| !hit.note.superseded));
    assert!(hits.iter().all(|hit| hit.similarity.is_finite()));
}

#[test]
fn an_index_that_takes_anothers_place_takes_its_vectors() {
    let mut world = World::new(&[("a.md", "One.\n"), ("b.md", "Two.\n"), ("c.md", "Gone.\n")]);
    world.work(9);
    let path = world.folder.path().join("new.db");
    let notes = [("a.md", "One.\n"), ("d.md", "Two.\n"), ("e.md", "New.\n")].map(|(at, text)| read_note(at, text));
    Index::build(&path, notes.iter().map(|note| note.path.clone()), notes.clone()).unwrap();
    let mut new = Index::open(&path).unwrap();
    let mut adopt = |name: &str| {
        let adopted = new.adopt_vectors(&world.folder.path().join(name)).unwrap();
        (adopted.vectors, adopted.trouble.map(|trouble| trouble.to_string()))
    };
    assert_eq!(adopt("index.db"), (2, None));
    assert_eq!(adopt("index.db"), (0, None));
    assert_eq!(adopt("none.db"), (0, None));
    assert_eq!(work(&mut new, MODEL, 9), 1);
    assert_eq!(new.read(|index| index.vector_counts(MODEL)).unwrap(), (3, 3));
}

/// A closed index of `notes` notes with a vector each, and an index of the same notes without.
fn two_of(notes: usize) -> (World, Index) {
    let notes: Vec<_> = (0..notes).map(|n| (format!("{n}.md"), format!("Thought {n}.\n"))).collect();
    let mut world = World::new(&notes.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect::<Vec<_>>());
    world.work(99_999);
    world.index.checkpoint().unwrap();
    let path = world.folder.path().join("new.db");
    let read = notes.iter().map(|(at, text)| read_note(at, text));
    Index::build(&path, [], read).unwrap();
    let new = Index::open(&path).unwrap();
    (world, new)
}

#[test]
fn vectors_of_an_older_layout_are_taken_over() {
    let (world, mut new) = two_of(5);
    let old = world.folder.path().join("index.db");
    let layout = |layout: i64| {
        let connection = rusqlite::Connection::open(&old).unwrap();
        connection.pragma_update(None, "user_version", layout).unwrap();
        connection
    };
    let connection = layout(schema::LAYOUT - 1);
    let adopted = new.adopt_vectors(&old).unwrap();
    assert_eq!((adopted.vectors, adopted.trouble.is_none()), (5, true));
    // One from before there were vectors has none to give.
    connection.execute_batch("DROP TABLE vectors; DROP TABLE models").unwrap();
    let adopted = new.adopt_vectors(&old).unwrap();
    assert_eq!((adopted.vectors, adopted.trouble.is_none()), (0, true));
}

#[test]
fn what_can_be_read_of_a_damaged_index_is_taken_over() {
    let notes = 3_000;
    let (world, mut new) = two_of(notes);
    let old = world.folder.path().join("index.db");
    let bytes = std::fs::read(&old).unwrap();
    let page = 16 * 1024;
    // A page in the middle of the vectors: those before it and those behind it are whole.
    let middle = xxh3_128(b"Thought 1500.").to_be_bytes();
    let at = bytes.windows(16).enumerate().filter(|(_, own)| *own == middle).map(|(at, _)| at / page);
    let damaged: std::collections::BTreeSet<usize> = at.collect();
    let mut torn = bytes.clone();
    damaged.iter().for_each(|number| torn[number * page..][..page].fill(0x5a));
    std::fs::write(&old, &torn).unwrap();
    let adopted = new.adopt_vectors(&old).unwrap();
    assert!(matches!(adopted.trouble, Some(IndexError::Damaged { .. })), "{adopted:?}");
    assert!((notes / 2 + 1..notes).contains(&adopted.vectors), "{adopted:?}");
    assert_eq!(new.read(|index| index.quick_check()).unwrap(), [""; 0]);
    // What is stored are vectors of just these texts.
    work(&mut new, MODEL, 99_999);
    let dump = |index: &Index| index.read(|index| index.dump()).unwrap();
    let vectors = |index: &Index| dump(index).into_iter().filter(|line| line.starts_with("vector")).collect::<Vec<_>>();
    let (_other, mut fresh) = two_of(notes);
    work(&mut fresh, MODEL, 99_999);
    assert_eq!(vectors(&new), vectors(&fresh));
}

#[test]
fn no_damage_stops_the_one_who_takes_over() {
    let (world, mut new) = two_of(40);
    let old = world.folder.path().join("index.db");
    let bytes = std::fs::read(&old).unwrap();
    for length in [0, 10, 100, 5_000, 16 * 1024, bytes.len() / 2, bytes.len() - 1] {
        for fill in [None, Some(0), Some(0x5a), Some(0xff)] {
            let mut torn = bytes.clone();
            match fill {
                None => torn.truncate(length),
                Some(fill) => torn[length..].fill(fill),
            }
            std::fs::write(&old, &torn).unwrap();
            drop(std::fs::remove_file(old.with_extension("db-wal")));
            new.adopt_vectors(&old).unwrap();
        }
    }
    assert_eq!(new.read(|index| index.quick_check()).unwrap(), [""; 0]);
}

/// Collects all there is to collect, and says how much that was.
fn collect(index: &mut Index) -> usize {
    let (mut removed, mut next) = (0, Some(0));
    while let Some(after) = next {
        let step = index.collect_vectors(after).unwrap();
        (removed, next) = (removed + step.removed, step.next);
    }
    removed
}

#[derive(Debug, Clone)]
enum Step {
    Put(usize, String),
    Remove(usize),
    Move(usize, usize),
    Work(usize),
    Collect,
    /// The process is killed and another one goes on.
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let text = "((one|two|three|\n# H\n|lock|vault)[ .]){1,4}";
    prop_oneof![
        4 => (0_usize..6, text).prop_map(|(at, text)| Step::Put(at, text)),
        1 => (0_usize..6).prop_map(Step::Remove),
        1 => (0_usize..6, 0_usize..6).prop_map(|(from, to)| Step::Move(from, to)),
        3 => (0_usize..4).prop_map(Step::Work),
        1 => Just(Step::Collect),
        1 => Just(Step::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn vectors_that_followed_every_change_equal_those_of_a_rebuild(steps in prop::collection::vec(step(), 1..24)) {
        let mut world = World::new(&[]);
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let path = |n: usize| format!("{n}.md");
        for step in steps {
            match step {
                Step::Put(at, text) => {
                    world.index.apply(&[put(&path(at), &text)]).unwrap();
                    files.insert(path(at), text);
                }
                Step::Remove(at) => {
                    world.index.apply(&[Change::Remove(path(at).parse().unwrap())]).unwrap();
                    files.remove(&path(at));
                }
                Step::Move(from, to) => {
                    let Some(text) = files.remove(&path(from)) else { continue };
                    let signature = read_note(&path(to), &text).signature;
                    let (from, at) = (path(from).parse().unwrap(), path(to).parse().unwrap());
                    world.index.apply(&[Change::Move { from, to: at, signature }]).unwrap();
                    files.insert(path(to), text);
                }
                Step::Work(limit) => drop(world.work(limit)),
                Step::Collect => drop(collect(&mut world.index)),
                Step::Kill => world.index = Index::open(&world.folder.path().join("index.db")).unwrap(),
            }
        }
        while world.work(3) > 0 {}
        let fresh = world.folder.path().join("fresh.db");
        let notes: Vec<_> = files.iter().map(|(at, text)| read_note(at, text)).collect();
        Index::build(&fresh, notes.iter().map(|note| note.path.clone()), notes.clone()).unwrap();
        let mut fresh = Index::open(&fresh).unwrap();
        work(&mut fresh, MODEL, 99);
        let dump = |index: &Index| index.read(|index| index.dump()).unwrap();
        prop_assert_eq!(dump(&world.index), dump(&fresh));
        let (has, all) = world.counts();
        prop_assert_eq!(has, all);
        let of = |kind: &str| dump(&world.index).iter().filter(|line| line.starts_with(kind)).count() as u64;
        prop_assert_eq!((of("vector\t"), of("sketch\t")), (all, all));
        prop_assert_eq!(world.index.read(|index| index.quick_check()).unwrap(), [""; 0]);
    }
}
