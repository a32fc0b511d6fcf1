//! Words and meaning together; the model knows a few words of one meaning each.

use std::collections::HashSet;

use crate::{
    search::tests::{World, note},
    *,
};

const MODEL: &str = "concepts";

/// Words in one line mean the same.
const CONCEPTS: [&[&str]; 5] = [
    &["upload", "transfer", "sending"],
    &["flaky", "unstable", "intermittent"],
    &["cache", "memo", "remembered"],
    &["lock", "mutex", "exclusive"],
    &["garden", "tomato", "plants"],
];

fn embed(text: &str) -> Vec<f32> {
    let mut vector = vec![0.05; CONCEPTS.len() + 1];
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        for (place, words) in CONCEPTS.iter().enumerate() {
            vector[place] += f32::from(u8::from(words.contains(&word)));
        }
    }
    let length = vector.iter().map(|own| own * own).sum::<f32>().sqrt();
    vector.into_iter().map(|own| own / length).collect()
}

impl World {
    /// Notes with their vectors.
    fn embedded(notes: &[(&str, &str)]) -> Self {
        let mut world = Self::new(notes);
        world.embed();
        world
    }

    fn embed(&mut self) {
        let pending = self.index.read(|index| index.pending_chunks(MODEL, 9_999, usize::MAX)).unwrap();
        let vectors: Vec<_> = pending.iter().map(|own| (own.hash, embed(&own.text))).collect();
        let model = EmbeddingModel { name: MODEL.to_owned(), source: String::new() };
        self.index.store_vectors(&model, &vectors).unwrap();
    }

    #[track_caller]
    fn search(&self, query: &str, options: &SearchOptions, alone: bool) -> Hits {
        let vector = embed(query);
        let meaning = Meaning { model: MODEL, vector: &vector, alone, least: -1.0 };
        let search = |index: &Snapshot<'_>| Ok(index.search_with(&Query::parse(query), options, &meaning).unwrap());
        self.index.read(search).unwrap()
    }

    #[track_caller]
    fn find_by_both(&self, query: &str) -> Vec<String> {
        paths(&self.search(query, &SearchOptions::default(), false))
    }
}

fn paths(hits: &Hits) -> Vec<String> {
    assert_eq!(hits.hits.len(), hits.grounds.len());
    assert!(hits.hits.iter().all(|hit| hit.score.is_finite()));
    hits.hits.iter().map(|hit| hit.note.path.to_string()).collect()
}

const VAULT: &[(&str, &str)] = &[
    ("upload.md", "---\nid: 01KAJ3Q9ZXAB\ntags: [ci]\n---\nThe upload is flaky since the release.\n"),
    ("cache.md", "The cache of the upload grows. We keep what is remembered for a week.\n"),
    ("lock.md", "---\naliases: [Intermittent]\n---\nEvery mutex is a lock, and the lock is held.\n"),
    ("garden.md", "---\ntags: [home]\n---\n# Intro\nText.\n\n# Beds\nThe tomato needs what all plants need.\n"),
    ("plain.md", "Nothing in here but the word zephyr, and the word quartz.\n"),
];

#[test]
fn a_thought_is_found_that_has_none_of_the_words() {
    let world = World::embedded(VAULT);
    let hits = world.search("intermittent sending problems lately", &SearchOptions::default(), false);
    assert_eq!(paths(&hits)[0], "upload.md");
    assert_eq!((hits.grounds[0].words, hits.hits[0].partial), (None, false));
    assert!(hits.grounds[0].meaning.unwrap() > 0.0);
    assert!(matches!(hits.total, Total::AtLeast(5)));
    let hits = world.search("flaky upload", &SearchOptions::default(), false);
    assert_eq!(paths(&hits)[0], "upload.md");
    assert!(hits.grounds[0].words.is_some_and(|words| words > 0.3) && hits.grounds[0].meaning.is_some());
}

#[test]
fn ids_titles_and_phrases_come_first() {
    let world = World::embedded(VAULT);
    let hits = world.search("intermittent", &SearchOptions::default(), false);
    assert_eq!((paths(&hits)[0].as_str(), hits.hits[0].why), ("lock.md", Why::Title));
    assert_eq!(paths(&hits)[1], "upload.md");
    assert_eq!(world.search("01kaj3q9zxab", &SearchOptions::default(), false).hits[0].why, Why::Id);
    let hits = world.search("\"cache of the upload\" flaky transfer", &SearchOptions::default(), false);
    assert_eq!(paths(&hits)[..2], ["cache.md", "upload.md"]);
    assert_eq!(world.find_by_both("zephyr quartz")[0], "plain.md");
}

#[test]
fn a_quoted_word_must_be_there() {
    let notes = [
        ("only.md", "The Grimalkins sleep in the garden.\n"),
        ("near.md", "A tomato, a tomato and other plants.\n"),
        ("words.md", "Tomato plants, plants and tomato beds: tomato plants.\n"),
    ];
    let world = World::embedded(&notes);
    for alone in [false, true] {
        let hits = world.search("\"grimalkin\" tomato plants", &SearchOptions::default(), alone);
        assert_eq!((paths(&hits)[0].as_str(), hits.hits.len()), ("only.md", 3), "{alone}");
        assert!(hits.hits.iter().all(|hit| !hit.partial));
    }
}

#[test]
fn a_note_without_a_text_is_found_by_its_title() {
    let mut world = World::embedded(&[
        ("s/Session.md", "---\nid: S1\ntype: thinking-session\ntitle: Flaky upload\n---\n"),
        ("Exclusive lock.md", "\n\n"),
        ("garden.md", "The tomato.\n"),
    ]);
    assert_eq!(world.find_by_both("unstable transfer")[0], "s/Session.md");
    assert_eq!(world.find_by_both("mutex")[0], "Exclusive lock.md");
    // One that is renamed is called something else.
    let (from, to) = ("Exclusive lock.md".parse().unwrap(), "Remembered.md".parse().unwrap());
    world.index.apply(&[Change::Move { from, to, signature: FileSignature::default() }]).unwrap();
    world.embed();
    assert_eq!(world.find_by_both("cache")[0], "Remembered.md");
}

#[test]
fn what_a_model_cannot_read_is_near_to_nothing() {
    let mut world = World::new(&[("a.md", "ฝนตกหนัก\n"), ("b.md", "ไปหาหมอ\n")]);
    let pending = |world: &World| world.index.read(|index| index.pending_chunks(MODEL, 99, usize::MAX)).unwrap();
    let model = EmbeddingModel { name: MODEL.to_owned(), source: String::new() };
    let hashes: Vec<u128> = pending(&world).iter().map(|own| own.hash).collect();
    world.index.store_unread(&model, &hashes).unwrap();
    world.index.store_unread(&model, &hashes).unwrap();
    assert!(pending(&world).is_empty());
    assert_eq!(world.index.read(|index| index.vector_counts(MODEL)).unwrap(), (2, 2));
    assert_eq!(world.find_by_both("ฝนตก"), ["a.md"]);
    world.index.apply(&[note("c.md", "The upload.\n")]).unwrap();
    world.embed();
    let hits = world.search("transfer", &SearchOptions::default(), true);
    assert_eq!(paths(&hits), ["c.md"]);
    assert_eq!(world.index.read(|index| index.integrity_check()).unwrap(), [""; 0]);
    // What is noted goes with the text.
    world.index.apply(&[Change::Remove("a.md".parse().unwrap())]).unwrap();
    let mut next = Some(0);
    while let Some(after) = next {
        next = world.index.collect_vectors(after).unwrap().next;
    }
    assert_eq!(world.index.read(|index| index.spare_vectors()).unwrap(), (0, 2));
    world.index.drop_model(MODEL).unwrap();
    assert_eq!(pending(&world).len(), 2);
}

#[test]
fn meaning_alone_takes_no_notice_of_words() {
    let world = World::embedded(VAULT);
    let hits = world.search("zephyr transfer unstable", &SearchOptions::default(), true);
    assert_eq!(paths(&hits)[0], "upload.md");
    assert!(hits.grounds.iter().all(|own| own.words.is_none() && own.meaning.is_some()));
    assert!(hits.hits.iter().map(|hit| hit.score).is_sorted_by(|a, b| a >= b));
    for signs in ["🍅", "¿?", "-- --"] {
        assert_eq!(world.find_by_both(signs).len(), 5, "{signs}");
    }
    assert_eq!(world.find_by_both(" "), [""; 0]);
}

#[test]
fn filters_hold_for_both() {
    let world = World::embedded(VAULT);
    assert_eq!(world.find_by_both("unstable transfer tag:home"), ["garden.md"]);
    assert_eq!(world.find_by_both("unstable transfer path:ca"), ["cache.md"]);
    assert_eq!(world.find_by_both("unstable transfer tag:none"), [""; 0]);
    assert!(!world.find_by_both("unstable transfer -release").contains(&"upload.md".to_owned()));
    assert_eq!(world.find_by_both("tag:home"), ["garden.md"]);
}

#[test]
fn a_note_is_found_by_its_words_until_it_has_a_vector() {
    let mut world = World::embedded(VAULT);
    world.index.apply(&[note("new.md", "A quokka eats the transfer.\n")]).unwrap();
    let hits = world.search("quokka eats transfer", &SearchOptions::default(), false);
    assert_eq!((paths(&hits)[0].as_str(), hits.grounds[0].meaning), ("new.md", None));
    world.embed();
    let hits = world.search("quokka eats transfer", &SearchOptions::default(), false);
    assert!(paths(&hits)[0] == "new.md" && hits.grounds[0].meaning.is_some());
}

#[test]
fn without_vectors_it_is_the_search_by_words() {
    let mut world = World::embedded(VAULT);
    world.index.drop_model(MODEL).unwrap();
    for query in ["flaky upload", "the upload of the release is what", "tag:ci", "nothing"] {
        let words = world.index.read(|index| index.search(&Query::parse(query), &SearchOptions::default())).unwrap();
        assert_eq!(world.search(query, &SearchOptions::default(), false), words, "{query}");
    }
}

#[test]
fn the_part_that_is_shown_is_the_one_that_is_meant() {
    let long = "Filler of another kind that goes on. ".repeat(30);
    let text = format!("# Intro\n{long}\n\n# Beds\nThe tomato grows, and {long}");
    let world = World::embedded(&[("garden.md", &text), ("other.md", "The cache.\n")]);
    let hits = world.search("plants", &SearchOptions::default(), false);
    assert_eq!(hits.hits[0].headings, ["Beds"]);
    assert!(hits.hits[0].snippet.contains("tomato"), "{}", hits.hits[0].snippet);
}

#[test]
fn pages_tell_each_note_once() {
    let notes: Vec<(String, String)> = (0..90)
        .map(|n| {
            (format!("{n}.md"), format!("Note {n}: {} {} upload.\n", CONCEPTS[n % 5][n % 3], CONCEPTS[n % 4][n % 2]))
        })
        .collect();
    let world = World::embedded(&notes.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect::<Vec<_>>());
    let mut options = SearchOptions { limit: 7, ..SearchOptions::default() };
    let mut told = Vec::new();
    loop {
        let page = world.search("flaky transfer memo", &options, false);
        told.extend(paths(&page));
        let Some(cursor) = page.cursor else { break };
        options.cursor = Some(cursor);
    }
    assert_eq!((told.len(), told.iter().collect::<HashSet<_>>().len()), (90, 90));
    // A cursor of one kind of search is none of the other.
    let hits = world.search("flaky transfer memo", &options, true);
    assert_eq!(hits.notes.len(), 1);
}

/// A log of a thousand texts that are nearer to `upload` than every one of thirty notes.
fn log_and_notes() -> World {
    let section = |n: usize| format!("# Part {n}\nThe upload of {n}. {}\n", "Filler that goes on. ".repeat(25));
    let log: String = (0..1_000).map(section).collect();
    let notes: Vec<(String, String)> =
        (0..30).map(|n| (format!("{n:02}.md"), format!("Note {n}: the upload and the cache.\n"))).collect();
    let all = notes.iter().map(|(at, text)| (at.as_str(), text.as_str())).chain([("log.md", log.as_str())]);
    World::embedded(&all.collect::<Vec<_>>())
}

#[test]
fn one_long_note_hides_no_other() {
    let world = log_and_notes();
    for alone in [true, false] {
        let mut options = SearchOptions::default();
        let mut told = Vec::new();
        loop {
            let page = world.search("upload", &options, alone);
            assert!(page.hits.len() == 10 || page.cursor.is_none(), "{:?}", paths(&page));
            told.extend(paths(&page));
            let Some(cursor) = page.cursor else { break };
            options.cursor = Some(cursor);
        }
        assert_eq!((told.len(), told.iter().collect::<HashSet<_>>().len()), (31, 31));
    }
    let filtered = SearchOptions { limit: 40, ..SearchOptions::default() };
    assert_eq!(paths(&world.search("upload -path:00", &filtered, true)).len(), 30);
    let near = |index: &Snapshot<'_>| Ok(index.near(MODEL, &[embed("upload")], &Around::default(), 0.3, 20).unwrap());
    assert_eq!(world.index.read(near).unwrap().len(), 20);
}
