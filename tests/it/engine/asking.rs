//! Asking the index through the engine: search, links, tags, and the doctor, also where there is no index.

use std::{fs, time::Duration};

use journal_engine::{
    Examined, FindingCode, Fresh, Leads, LinksError, Loose, NewIdError, Reindex, ReindexError, Search, SearchError,
    TagsError,
};
use journal_model::NoteRef;
use journal_testkit::{is_indexed, poll_until};

use super::{World, engine, think};

const NOTES: &str = "
//- /A.md
The apple of [[B]], [[C]] and [[None]]. #fruit
//- /B.md
---
id: same
---
A pear.
//- /x/C.md
---
id: same
---
Apple again.
//- /y/C.md
Nothing.
";

fn world() -> World {
    let world = World::from_fixture(NOTES);
    world.engine.reindex(&Reindex::default(), &|_| {}).unwrap();
    world
}

fn found(world: &World, query: &str) -> Vec<String> {
    let found = world.engine.search(&Search::new(query)).unwrap();
    found.hits.iter().map(|hit| hit.note.path.to_string()).collect()
}

#[test]
fn without_an_index_there_is_an_error_and_no_empty_answer() {
    let world = World::from_fixture(NOTES);
    let reader = engine(&world.vault, &world.clock, false);
    // One without a state directory has no index, whatever the others have.
    let engines = if is_indexed() { vec![&reader] } else { vec![&world.engine, &reader] };
    for engine in engines {
        assert!(matches!(engine.search(&Search::new("apple")), Err(SearchError::NoIndex)));
        assert!(matches!(engine.search(&Search::new(" \"\" ")), Err(SearchError::NothingAsked)));
        assert!(matches!(engine.links(&NoteRef::parse("A").unwrap()), Err(LinksError::NoIndex)));
        assert!(matches!(engine.links(&NoteRef::parse("Z").unwrap()), Err(LinksError::Resolve(_))));
        assert!(matches!(engine.loose_links(Loose::Broken, 9), Err(LinksError::NoIndex)));
        assert!(matches!(engine.orphans(9), Err(LinksError::NoIndex)));
        assert!(matches!(engine.tags(), Err(TagsError::NoIndex)));
        assert!(engine.index_standing().unwrap().is_none());
        assert_eq!(codes(&engine.examine().unwrap()), [FindingCode::DuplicateId, FindingCode::NoIndex]);
    }
    // What may only read mends nothing.
    let examined = reader.examine().unwrap();
    assert!(matches!(reader.mend(&examined, &|_| {}), Err(ReindexError::Trouble(_))));
}

#[test]
fn a_search_leaves_out_what_is_gone_and_has_it_looked_at() {
    let world = world();
    assert_eq!(found(&world, "apple").len(), 2);
    world.vault.remove("x/C.md");
    world.vault.write("A.md", "A quince, and the apple.\n");
    let searched = world.engine.search(&Search::new("apple")).unwrap();
    assert_eq!(searched.gone, ["x/C.md".parse().unwrap()]);
    assert_eq!(searched.changed, ["A.md".parse().unwrap()]);
    assert_eq!(searched.hits.len(), 1);
    poll_until(Duration::from_secs(20), "the index to know the new text", || {
        (found(&world, "quince") == ["A.md"]).then_some(())
    });
    let again = world.engine.search(&Search::new("apple")).unwrap();
    assert!(again.gone.is_empty() && again.changed.is_empty(), "{again:?}");
}

#[test]
fn a_vault_that_vanished_is_told_by_a_search() {
    let world = world();
    let elsewhere = world.vault.root().join("elsewhere");
    fs::rename(world.vault.path(), &elsewhere).unwrap();
    assert!(matches!(world.engine.search(&Search::new("apple")), Err(SearchError::Trouble(_))));
    fs::rename(&elsewhere, world.vault.path()).unwrap();
    assert_eq!(found(&world, "apple").len(), 2);
}

#[test]
fn a_thought_is_found_once_it_is_acknowledged() {
    let world = world();
    world.think(think("A thought about kumquats.")).unwrap();
    assert_eq!(found(&world, "kumquats type:thought").len(), 1);
    assert_eq!(found(&world, "type:session").len(), 1);
}

#[test]
fn links_say_where_they_may_lead() {
    let world = world();
    let links = world.engine.links(&NoteRef::parse("A").unwrap()).unwrap();
    let told: Vec<_> =
        links.out.iter().map(|found| (found.link.target.as_str(), &found.link.leads, found.candidates.len())).collect();
    let to_b = Leads::To("B.md".parse().unwrap());
    assert_eq!(told, [("B", &to_b, 0), ("C", &Leads::Anywhere, 2), ("None", &Leads::Nowhere, 0)]);
    let into = world.engine.links(&NoteRef::parse("B.md").unwrap()).unwrap().into;
    assert_eq!((into.len(), into[0].from.as_str(), into[0].line), (1, "A.md", 1));
    let broken = world.engine.loose_links(Loose::Broken, 0).unwrap();
    assert_eq!((broken.items.len(), broken.total), (0, 1));
    let orphans = world.engine.orphans(1).unwrap();
    assert_eq!((orphans.items[0].as_str(), orphans.total), ("x/C.md", 2));
    assert_eq!(world.engine.tags().unwrap()[0].tag, "fruit");
}

/// What was found, but for files from the future: the clock of these worlds stands still, and the disk's does not.
fn codes(examined: &Examined) -> Vec<FindingCode> {
    let codes = examined.findings.iter().map(|finding| finding.code);
    codes.filter(|code| *code != FindingCode::FutureTimes).collect()
}

#[test]
fn examining_changes_nothing_and_mending_no_note() {
    let world = world();
    world.vault.write("New.md", "Not indexed.\n");
    let before = world.vault.snapshot();
    let examined = world.changes_nothing(|| world.engine.examine().unwrap());
    assert_eq!(codes(&examined), [FindingCode::DuplicateId, FindingCode::StaleIndex, FindingCode::BrokenLinks]);
    world.engine.mend(&examined, &|_| {}).unwrap();
    assert_eq!(codes(&world.engine.examine().unwrap()), [FindingCode::DuplicateId, FindingCode::BrokenLinks]);
    assert_eq!(world.vault.snapshot(), before);
    assert_eq!(found(&world, "indexed"), ["New.md"]);
}

#[test]
fn a_note_gets_an_id_of_its_own_only_in_place_of_a_double() {
    let world = world();
    let path = |path: &str| path.parse().unwrap();
    assert!(matches!(world.engine.give_new_id(&path("A.md")), Err(NewIdError::NoId(_))));
    assert!(matches!(world.engine.give_new_id(&path("Z.md")), Err(NewIdError::Trouble(_))));
    let given = world.engine.give_new_id(&path("x/C.md")).unwrap();
    assert_eq!(given.was.as_str(), "same");
    assert_eq!(world.vault.read("x/C.md"), format!("---\nid: {}\n---\nApple again.\n", given.id));
    // Whoever asks next finds it by its new id.
    assert_eq!(found(&world, given.id.as_str()), ["x/C.md"]);
    assert!(matches!(world.engine.give_new_id(&path("B.md")), Err(NewIdError::Sole { .. })));
    world.vault.write("D.md", "---\nid: &a same\n---\n");
    world.vault.write("E.md", b"---\nid: same\n---\n\xff");
    assert!(matches!(world.engine.give_new_id(&path("D.md")), Err(NewIdError::NotEditable { .. })));
    assert!(matches!(world.engine.give_new_id(&path("E.md")), Err(NewIdError::NotUtf8(_))));
}

#[test]
fn a_rebuilt_index_says_where_the_damaged_one_lies() {
    let world = world();
    let index = world.engine.state_path().unwrap().join("index.db");
    let built = world.engine.rebuild_index(&|_| {}).unwrap();
    let aside = index.with_file_name("index.db.damaged");
    assert_eq!(built.fresh, Fresh::Damaged { aside: aside.clone() });
    assert!(index.exists() && aside.exists());
    assert_eq!((built.added, built.indexed), (4, 4));
    assert_eq!(found(&world, "apple").len(), 2);
}
