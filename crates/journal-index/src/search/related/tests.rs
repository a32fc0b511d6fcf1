//! What is told to be like a text, and what never is.

use proptest::prelude::*;

use super::*;
use crate::{Change, EmbeddingModel, FileSignature, Index, index_note};

const MODEL: &str = "axes";

struct World {
    _folder: tempfile::TempDir,
    index: Index,
}

impl World {
    /// Notes, each a thought of the session before the `/` of its path, if it has one.
    fn new(notes: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open(&folder.path().join("index.db")).unwrap();
        let read = |(number, (path, text)): (usize, &(&str, &str))| {
            let head = path
                .split_once('/')
                .map(|(session, _)| format!("---\nid: t{number}\nsession_note_id: {session}\n---\n"));
            let signature = FileSignature { hash: number as u128 + 1, ..FileSignature::default() };
            let note = index_note(path.parse().unwrap(), signature, &format!("{}{text}\n", head.unwrap_or_default()));
            Change::Upsert(Box::new(note))
        };
        index.apply(&notes.iter().enumerate().map(read).collect::<Vec<_>>()).unwrap();
        Self { _folder: folder, index }
    }

    fn like(&self, text: &str, around: &Around<'_>, least: f32) -> Vec<Likeness> {
        self.index.read(|index| index.like(&[text.to_owned()], around, least, 10)).unwrap()
    }

    /// Stores for the first text of each note a vector that points where `axis` says.
    fn store(&mut self, axis: impl Fn(&str) -> [f32; 2]) {
        let pending = self.index.read(|index| index.pending_chunks(MODEL, 99, usize::MAX)).unwrap();
        let vectors: Vec<_> = pending.iter().map(|own| (own.hash, unit(axis(&own.text)))).collect();
        let model = EmbeddingModel { name: MODEL.to_owned(), source: String::new() };
        self.index.store_vectors(&model, &vectors).unwrap();
    }

    fn near(&self, axis: [f32; 2], around: &Around<'_>, least: f32) -> Vec<Likeness> {
        let read = |index: &Snapshot<'_>| Ok(index.near(MODEL, &[unit(axis)], around, least, 10).unwrap());
        self.index.read(read).unwrap()
    }
}

fn unit([x, y]: [f32; 2]) -> Vec<f32> {
    let length = x.hypot(y);
    vec![x / length, y / length]
}

fn paths(found: &[Likeness]) -> Vec<&str> {
    found.iter().map(|like| like.hit.note.path.as_str()).collect()
}

const TEXTS: [(&str, &str); 6] = [
    ("s1/A.md", "The pomelo lock is taken before the quince queue."),
    ("s1/B.md", "The quince queue is full of pomelo."),
    ("s2/C.md", "Take the pomelo lock before the quince queue, everywhere."),
    ("s2/D.md", "The pomelo lock, again."),
    ("E.md", "Of bread and salt."),
    ("F.md", "The pomelo lock is taken before the quince queue."),
];

#[test]
fn a_session_is_told_once_and_ones_own_is_not() {
    let world = World::new(&TEXTS);
    let (path, session): (VaultPath, NoteId) = ("s1/A.md".parse().unwrap(), "s1".parse().unwrap());
    let around = Around { path: Some(&path), session: Some(&session), same_session: false };
    let found = world.like(TEXTS[0].1, &around, 0.1);
    assert_eq!(paths(&found), ["F.md", "s2/C.md"]);
    assert_eq!([found[0].more, found[1].more], [0, 1]);
    assert!((found[0].hit.score - 1.0).abs() < 0.2, "{found:?}");
    assert!(found[0].hit.score > found[1].hit.score);
    let with_own = world.like(TEXTS[0].1, &Around { same_session: true, ..around }, 0.1);
    assert_eq!(paths(&with_own), ["F.md", "s2/C.md", "s1/B.md"]);
    assert_eq!(world.like("Nothing of the kind.", &around, 0.1), []);
    assert_eq!(world.like("", &around, 0.0), []);
    assert_eq!(world.like("the and of", &around, 0.0), []);
}

#[test]
fn the_nearest_chunks_are_told_with_their_notes() {
    let mut world = World::new(&TEXTS);
    let around = Around::default();
    assert_eq!(world.near([1.0, 0.0], &around, -1.0), [], "no vectors yet");
    world.store(|text| if text.contains("bread") { [0.0, 1.0] } else { [1.0, text.len() as f32 / 1_000.0] });
    let found = world.near([0.0, 1.0], &around, 0.5);
    assert_eq!(paths(&found), ["E.md"]);
    assert!((found[0].hit.score - 1.0).abs() < 1e-5 && found[0].hit.snippet.contains("bread"), "{found:?}");
    let found = world.near([1.0, 0.0], &around, 0.5);
    assert_eq!(found.len(), 3, "two sessions and a note: {found:?}");
    assert_eq!(found.iter().map(|like| like.more).sum::<usize>(), 2);
    let path: VaultPath = "F.md".parse().unwrap();
    let found = world.near([1.0, 0.0], &Around { path: Some(&path), ..around }, 0.5);
    assert_eq!(found.len(), 2);
    assert!(matches!(
        world.index.read(|index| Ok(index.near(MODEL, &[vec![1.0]], &around, 0.0, 1))).unwrap(),
        Err(VectorError::Dimensions { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the texts: a score is from 0 to 1, the list falls, keeps to its limits, and tells nothing that it must not.
    #[test]
    fn lists_keep_their_promises(
        texts in prop::collection::vec("(pomelo |quince |lock |queue |the |생각 |x1 |# H\n|[a-z]{1,9} ){0,12}", 1..9),
        own in 0_usize..9, least in 0.0_f32..1.0, same_session: bool,
    ) {
        let named: Vec<(String, &str)> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| (if number % 3 == 0 { format!("N{number}.md") } else { format!("s{}/N{number}.md", number % 2) }, text.as_str()))
            .collect();
        let notes: Vec<(&str, &str)> = named.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let world = World::new(&notes);
        let (path, text) = notes[own % notes.len()];
        let session: Option<NoteId> = path.split_once('/').map(|(session, _)| session.parse().unwrap());
        let path: VaultPath = path.parse().unwrap();
        let around = Around { path: Some(&path), session: session.as_ref(), same_session };
        let found = world.like(text, &around, least);
        let mut told = HashSet::new();
        for like in &found {
            let note = &like.hit.note;
            prop_assert!(like.hit.score >= least && like.hit.score > 0.0 && like.hit.score <= 1.0 + 1e-5, "{}", like.hit.score);
            prop_assert!(note.path != path);
            let is_own = session.is_some() && note.thinking.session == session;
            prop_assert!(same_session || !is_own);
            if let Some(session) = note.thinking.session.as_ref().filter(|_| !is_own) {
                prop_assert!(told.insert(session.clone()), "a session is told twice");
            }
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].hit.score >= pair[1].hit.score));
    }
}
