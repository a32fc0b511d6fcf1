//! What is found, in which order, and what a hit shows.

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{Change, FileSignature, Index, index_note};

/// An index of a few notes.
pub(super) struct World {
    _folder: TempDir,
    pub(super) index: Index,
}

pub(super) fn note(path: &str, text: &str) -> Change {
    let hash = xxhash_rust::xxh3::xxh3_128(text.as_bytes());
    let signature = FileSignature { hash, ..FileSignature::default() };
    Change::Upsert(Box::new(index_note(path.parse().unwrap(), signature, text)))
}

impl World {
    pub(super) fn new(notes: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open(&folder.path().join("index.db")).unwrap();
        let changes: Vec<Change> = notes.iter().map(|(path, text)| note(path, text)).collect();
        index.apply(&changes).unwrap();
        Self { _folder: folder, index }
    }

    #[track_caller]
    fn hits(&self, query: &str, options: &SearchOptions) -> Hits {
        self.index.read(|index| index.search(&Query::parse(query), options)).unwrap()
    }

    #[track_caller]
    fn find(&self, query: &str) -> Vec<String> {
        paths(&self.hits(query, &SearchOptions::default()))
    }

    /// The notes that are found, in any order.
    #[track_caller]
    fn check(&self, query: &str, expected: &[&str]) {
        let mut found = self.find(query);
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
}

fn paths(hits: &Hits) -> Vec<String> {
    hits.hits.iter().map(|hit| hit.note.path.to_string()).collect()
}

#[test]
fn words_of_every_script_are_found() {
    let world = World::new(&[
        ("cjk.md", "東京都の生麦事件を調べる"),
        ("korean.md", "추론 세션을 검색했다"),
        ("thai.md", "การค้นหาข้อความ"),
        ("latin.md", "Crème brûlée, Straße, ÅNGSTRÖM"),
        ("code.md", "`lock_file` getUserName std::fs::read GitHub"),
    ]);
    for (query, path) in [
        ("生麦", "cjk.md"),
        ("京都", "cjk.md"),
        ("る", "cjk.md"),
        ("세션", "korean.md"),
        ("검색했", "korean.md"),
        ("ค้นหา", "thai.md"),
        ("creme brulee", "latin.md"),
        ("STRASSE", "latin.md"),
        ("angstrom", "latin.md"),
        ("file", "code.md"),
        ("lock_file", "code.md"),
        ("getusername", "code.md"),
        ("userName", "code.md"),
        ("fs.read", "code.md"),
        ("github", "code.md"),
        ("git hub", "code.md"),
        ("getUs*", "code.md"),
    ] {
        world.check(query, &[path]);
    }
    world.check("\"생검\"", &[]);
}

#[test]
fn signs_mean_what_people_expect() {
    let world = World::new(&[
        ("a.md", "write lock on the vault"),
        ("b.md", "lock and write"),
        ("c.md", "caches only"),
        ("d.md", "cached locks, locked"),
    ]);
    world.check("\"write lock\"", &["a.md"]);
    world.check("write lock", &["a.md", "b.md", "d.md"]);
    world.check("lock -write", &["d.md"]);
    world.check("vault OR only", &["a.md", "c.md"]);
    world.check("cach*", &["c.md", "d.md"]);
    world.check("cache*", &["c.md", "d.md"]);
    world.check("-lock", &["c.md"]);
    world.check("nothing*", &[]);
    world.check("\"lock write\" vault", &[]);
    world.check("", &[]);
}

#[test]
fn notes_with_some_of_the_words_come_after_those_with_all() {
    let world = World::new(&[("all.md", "red green"), ("red.md", "red red red"), ("none.md", "blue")]);
    let hits = world.hits("red green", &SearchOptions::default());
    assert_eq!(paths(&hits), ["all.md", "red.md"]);
    assert_eq!(hits.hits.iter().map(|hit| hit.partial).collect::<Vec<_>>(), [false, true]);
    assert!(hits.relaxed);
    assert_eq!(hits.total, Total::Exactly(2));
    let only = world.hits("red green", &SearchOptions { limit: 1, ..SearchOptions::default() });
    assert!(!only.relaxed && only.total == Total::Exactly(1) && only.cursor.is_none());
    let question = world.hits("what is red or green here", &SearchOptions::default());
    assert_eq!(paths(&question), ["all.md", "red.md"]);
    assert!(!question.relaxed);
}

#[test]
fn filters_narrow() {
    let world = World::new(&[
        (
            "s/S.md",
            "---\nid: 01SESSION\ntype: thinking-session\nproject: my project\nstatus: active\nupdated: 2026-03-01\n---\nlock\n",
        ),
        (
            "s/1.md",
            "---\nid: 01ONE\ntype: thought\nsession_note_id: 01SESSION\nthought_number: 1\nagent: otter\n---\nlock\n",
        ),
        (
            "s/2.md",
            "---\ntype: thought\nsession_note_id: 01SESSION\nthought_number: 2\nbranch_id: side\nrevises_thought: 1\ncreated: 2026-02-03\n---\nlock\n",
        ),
        ("n/Tag.md", "---\ntags: [area/ci]\nstatus: done\n---\nlock #Fast\n"),
    ]);
    let every = SearchOptions { include_superseded: true, ..SearchOptions::default() };
    let check = |query: &str, expected: &[&str]| {
        for (query, total) in
            [(query.to_owned(), true), (format!("{query} lock"), true), (format!("lock {query}"), false)]
        {
            let hits = world.hits(&query, &every);
            let mut found = paths(&hits);
            found.sort();
            assert_eq!(found, expected, "{query}");
            if total {
                assert_eq!(hits.total, Total::Exactly(expected.len() as u64), "{query}");
            }
        }
    };
    check("tag:area", &["n/Tag.md"]);
    check("tag:AREA/ci tag:fast", &["n/Tag.md"]);
    check("path:N/t", &["n/Tag.md"]);
    check("-path:s", &["n/Tag.md"]);
    check("session:01SESSION", &["s/1.md", "s/2.md", "s/S.md"]);
    check("type:thought", &["s/1.md", "s/2.md"]);
    check("type:thinking-session", &["s/S.md"]);
    check("type:session type:note", &["n/Tag.md", "s/S.md"]);
    // A thought has the project and the status of its session.
    check("project:\"My Project\"", &["s/1.md", "s/2.md", "s/S.md"]);
    check("project:\"My Project\" type:session", &["s/S.md"]);
    check("project:\"My Project\" status:done", &[]);
    check("-status:active", &["n/Tag.md"]);
    check("branch:side", &["s/2.md"]);
    check("branch:main", &["s/1.md"]);
    check("agent:otter", &["s/1.md"]);
    check("status:active status:done", &["n/Tag.md", "s/1.md", "s/2.md", "s/S.md"]);
    check("-status:done type:note", &[]);
    check("after:2026-02", &["s/2.md", "s/S.md"]);
    check("after:2026-02 before:2026-03-01 path:s", &["s/2.md"]);
    world.check("type:thought lock", &["s/2.md"]);
    world.check("type:thought", &["s/2.md"]);
    // An id means that note.
    assert_eq!(world.find("01one"), ["s/1.md"]);
}

#[test]
fn thoughts_follow_their_session() {
    // Few sessions are searched for by their words, and many as a set of notes.
    for count in [3, 40] {
        let session = |n: usize, status: &str| {
            note(&format!("{n}/S.md"), &format!("---\nid: S{n}\ntype: thinking-session\nstatus: {status}\n---\nlock\n"))
        };
        let thought = |n: usize| {
            note(
                &format!("{n}/1.md"),
                &format!("---\nid: T{n}\nsession_note_id: S{n}\nthought_number: 1\n---\nlock {n}\n"),
            )
        };
        let mut world = World::new(&[("other.md", "lock")]);
        world.index.apply(&(0..count).flat_map(|n| [session(n, "active"), thought(n)]).collect::<Vec<_>>()).unwrap();
        let every = SearchOptions { limit: 100, ..SearchOptions::default() };
        let found = |world: &World, query: &str| paths(&world.hits(query, &every)).len();
        let counts = |world: &World| {
            [
                "lock status:active",
                "status:active",
                "lock -status:active",
                "lock status:active path:1/",
                "lock status:done",
            ]
            .map(|query| found(world, query))
        };
        assert_eq!(counts(&world), [2 * count, 2 * count, 1, 2, 0]);
        world.index.apply(&[session(1, "done")]).unwrap();
        assert_eq!(counts(&world), [2 * count - 2, 2 * count - 2, 3, 0, 2]);
    }
}

#[test]
fn thoughts_that_were_revised_are_counted_where_nothing_else_fits() {
    let thought = |id: &str, number: u32, more: &str, text: &str| {
        format!("---\nid: {id}\nsession_note_id: S\nthought_number: {number}\n{more}---\n{text}\n")
    };
    let world = World::new(&[
        ("1.md", &thought("T1", 1, "title: The pomelo is ripe\n", "The pomelo is ripe.")),
        ("2.md", &thought("T2", 2, "revises_thought: 1\n", "No pomelo here.")),
    ]);
    let counts = |query: &str| {
        let hits = world.hits(query, &SearchOptions::default());
        (paths(&hits), hits.revised)
    };
    let none = Vec::<String>::new;
    assert_eq!(counts("pomelo"), (vec!["2.md".to_owned()], 0));
    assert_eq!(counts("ripe"), (none(), 1));
    assert_eq!(counts("\"is ripe\""), (none(), 1));
    assert_eq!(counts("\"is ripe\" and what else may be said"), (none(), 1));
    assert_eq!(counts("the pomelo is ripe"), (vec!["2.md".to_owned()], 1));
    assert_eq!(counts("ripe pomelo"), (vec!["2.md".to_owned()], 1));
    assert_eq!(counts("ripe path:2"), (none(), 0));
    assert_eq!(counts("nothing"), (none(), 0));
    let every = SearchOptions { include_superseded: true, ..SearchOptions::default() };
    assert_eq!(world.hits("ripe", &every).revised, 0);
}

#[test]
fn the_reason_is_what_counts() {
    let code = |words, meaning| Grounds { words, meaning }.code(Why::Words);
    assert_eq!(code(Some(0.4), None), "words");
    assert_eq!(code(None, Some(-0.1)), "meaning");
    assert_eq!(code(Some(0.4), Some(0.3)), "both");
    assert_eq!(code(Some(4e-5), Some(0.3)), "meaning");
    assert_eq!(code(Some(0.4), Some(-0.2)), "words");
    assert_eq!(Grounds::default().code(Why::Id), "id");
}

#[test]
fn a_graph_that_was_drawn_is_no_text() {
    let text = "# Top\nThe lock.\n\n%% journal:graph begin %%\n```mermaid\nflowchart TD\n```\n%% journal:graph end %%\n\nThe end.\n";
    let world = World::new(&[("a.md", text)]);
    assert_eq!(world.find("flowchart"), [""; 0]);
    let hit = &world.hits("end", &SearchOptions::default()).hits[0];
    assert_eq!((hit.snippet.as_str(), hit.lines), ("…The end.", (1, 10)));
    assert_eq!(world.hits("lock", &SearchOptions::default()).hits[0].snippet, "# Top The lock. The end.");
}

#[test]
fn what_the_query_names_comes_first() {
    let world = World::new(&[
        ("a.md", "---\nid: 01KAJ3Q9ZXABCDEF\ntitle: Write lock\n---\nshort\n"),
        ("b.md", "write lock write lock write lock"),
        ("Plan.md", "---\naliases: [The plan]\n---\nx\n"),
        ("c.md", "plan the plan"),
    ]);
    let first = |query: &str| {
        let hits = world.hits(query, &SearchOptions::default());
        (hits.hits[0].note.path.to_string(), hits.hits[0].why, hits.hits.len())
    };
    assert_eq!(first("write LOCK"), ("a.md".to_owned(), Why::Title, 2));
    assert_eq!(first("01kaj3q9zxabcdef"), ("a.md".to_owned(), Why::Id, 1));
    assert_eq!(first("ABCDEF"), ("a.md".to_owned(), Why::Id, 1));
    assert_eq!(first("the plan"), ("Plan.md".to_owned(), Why::Title, 2));
    assert_eq!(first("plan"), ("Plan.md".to_owned(), Why::Title, 2));
    let hits = world.hits("write lock path:b", &SearchOptions::default());
    assert_eq!(paths(&hits), ["b.md"]);
}

#[test]
fn titles_headings_and_tags_weigh_more_than_text() {
    let filler = "some other words that fill a note of a usual length and say nothing. ".repeat(20);
    let body = format!("{filler} vector {filler}");
    let world = World::new(&[
        ("text.md", &body),
        ("heading.md", &format!("# vector\n{filler}{filler}")),
        ("tag.md", &format!("---\ntags: [vector]\n---\n{filler}{filler}")),
        ("vector.md", &format!("{filler}{filler}")),
    ]);
    let found = world.find("vector");
    assert_eq!(found, ["vector.md", "heading.md", "tag.md", "text.md"]);
}

#[test]
fn a_hit_shows_where_and_why() {
    let filler = "Nothing of interest stands here. ".repeat(40);
    let text = format!(
        "---\nid: 1\n---\n# Top\n{filler}\n\n## Café\n\nshort before.\nThe **Write-Lock** of a\nvault is held. {filler}\n"
    );
    let world = World::new(&[("a.md", &text)]);
    let hit = &world.hits("lock vault", &SearchOptions::default()).hits[0];
    assert_eq!(hit.headings, ["Top", "Café"]);
    assert!(hit.lines.0 <= 9 && 9 <= hit.lines.1, "{:?}", hit.lines);
    assert!(hit.snippet.contains("The **Write-Lock** of a vault is held."), "{}", hit.snippet);
    assert!(!hit.snippet.starts_with('…') && hit.snippet.ends_with('…'));
    let lit: Vec<_> = hit.highlights.iter().map(|range| &hit.snippet[range.clone()]).collect();
    assert_eq!(lit, ["Lock", "vault"]);
    assert_eq!(hit.parts.iter().map(|(said, _)| said.as_str()).collect::<Vec<_>>(), ["lock", "vault"]);
    assert!((hit.parts.iter().map(|(_, part)| part).sum::<f32>() - hit.score).abs() < 1e-4);
    let korean = World::new(&[("a.md", "어제 추론 세션을 검색했다")]);
    let hit = &korean.hits("추론 세션", &SearchOptions::default()).hits[0];
    let lit: Vec<_> = hit.highlights.iter().map(|range| &hit.snippet[range.clone()]).collect();
    assert_eq!(lit, ["추론", "세션"]);
}

#[test]
fn pages_neither_repeat_nor_hide_a_note_when_others_are_written() {
    let texts: Vec<(String, String)> = (0..60)
        .map(|n| (format!("{n:02}.md"), format!("lock {} {}", "lock ".repeat(n % 7), "word ".repeat(n % 11))))
        .collect();
    let notes: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut world = World::new(&notes);
    let whole = world.hits("lock", &SearchOptions { limit: 100, ..SearchOptions::default() });
    assert_eq!((whole.hits.len(), whole.total, whole.cursor), (60, Total::Exactly(60), None));
    for query in ["lock", "path:0 OR type:note", "lock absent"] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        for page in 0.. {
            let hits = world.hits(query, &SearchOptions { limit: 7, cursor, ..SearchOptions::default() });
            seen.extend(paths(&hits).into_iter().filter(|path| !path.starts_with("new")));
            world.index.apply(&[note(&format!("new {query} {page}.md").replace(':', ""), "lock word")]).unwrap();
            cursor = hits.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let told = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(told, seen.len(), "{query}");
        assert!(query.starts_with("path") || told == 60, "{query}: {told}");
    }
}

#[test]
fn a_cursor_of_another_query_is_said() {
    let world = World::new(&[("a.md", "one"), ("b.md", "one")]);
    let page = world.hits("one", &SearchOptions { limit: 1, ..SearchOptions::default() });
    for cursor in [page.cursor.unwrap(), "0g".to_owned(), String::new(), "€".to_owned()] {
        let hits = world.hits("other", &SearchOptions { cursor: Some(cursor), ..SearchOptions::default() });
        assert!(hits.notes[0].contains("another query"), "{:?}", hits.notes);
    }
}

#[test]
fn a_narrow_filter_finds_all_there_is_among_many() {
    let texts: Vec<(String, String)> = (0..2_400)
        .map(|n| {
            (
                format!("{}/{n}.md", if n % 200 == 0 { "few" } else { "many" }),
                format!("common words of note{n} note{}\n", n + 5_000),
            )
        })
        .collect();
    let notes: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let world = World::new(&notes);
    for query in ["common path:few", "common words of the notes path:few", "com* path:few"] {
        let hits = world.hits(query, &SearchOptions { limit: 50, ..SearchOptions::default() });
        assert_eq!(hits.hits.len(), 12, "{query}");
    }
    let many = world.hits("note* path:few", &SearchOptions { limit: 50, ..SearchOptions::default() });
    assert_eq!(many.hits.len(), 12);
    assert_eq!(world.hits("common", &SearchOptions::default()).total, Total::AtLeast(1000));
    assert_eq!(world.find("note1234"), ["many/1234.md"]);
}

/// A word of a small vocabulary, so that queries find something.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["lock", "vault", "cache", "생각을", "camelCase", "the", "x_y", "été"]);
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_query_fails(
        texts in prop::collection::vec(text(), 0..6),
        queries in prop::collection::vec("([a-z\"*:()^+{} -]|OR|AND|NEAR\\(|tag:|path:|after:|lock|생|été|\\PC){0,40}", 1..12),
    ) {
        let notes: Vec<(String, &str)> =
            texts.iter().enumerate().map(|(n, text)| (format!("{n}.md"), text.as_str())).collect();
        let notes: Vec<(&str, &str)> = notes.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let world = World::new(&notes);
        for query in queries {
            let hits = world.hits(&query, &SearchOptions::default());
            for hit in hits.hits {
                for range in hit.highlights {
                    prop_assert!(hit.snippet.get(range.clone()).is_some_and(|lit| !lit.is_empty()), "{query}: {range:?}");
                }
            }
        }
    }

    #[test]
    fn a_word_finds_just_the_notes_that_have_it(texts in prop::collection::vec(text(), 1..20), wanted in 0_usize..8) {
        let word = ["lock", "vault", "cache", "생각", "case", "the", "x_y", "ETE"][wanted];
        let raw = ["lock", "vault", "cache", "생각을", "camelCase", "the", "x_y", "été"][wanted];
        let notes: Vec<(String, &str)> =
            texts.iter().enumerate().map(|(n, text)| (format!("n{n}.md"), text.as_str())).collect();
        let notes: Vec<(&str, &str)> = notes.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let hits = World::new(&notes).hits(word, &SearchOptions { limit: 50, ..SearchOptions::default() });
        let mut found = paths(&hits);
        found.sort();
        let mut expected: Vec<String> =
            notes.iter().filter(|(_, text)| text.contains(raw)).map(|(path, _)| (*path).to_owned()).collect();
        expected.sort();
        prop_assert_eq!(hits.total, Total::Exactly(expected.len() as u64));
        prop_assert_eq!(found, expected);
    }
}
