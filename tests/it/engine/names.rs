//! Names of new notes: safe on every disk, fit for links, and like no other name in the vault.

use journal_engine::{AppendError, NewSessionChoice};

use super::{World, outcome, think};

/// The name of the folder and note of a session with this title, without the date; and its `title`.
fn named(title: &str) -> (String, String) {
    let world = World::new();
    let appended = world.think(think("First").new_session(title)).unwrap_or_else(|error| panic!("{title:?}: {error}"));
    let path = appended.session_path.unwrap();
    assert_eq!(path.folder(), format!("Thinking/2026/{}", path.stem()));
    assert!(path.file_name().len() <= 180);
    let name = path.stem().strip_prefix("2026-11-21 ").unwrap().to_owned();
    let hydrated = world.hydrate(path.as_str()).unwrap();
    assert_eq!((hydrated.id, &hydrated.title), (appended.session_id, &appended.session_title));
    assert_eq!(super::complaints(&hydrated.diagnostics), "");
    assert_eq!(hydrated.unresolved_targets, [""; 0], "the name can be linked");
    (name, hydrated.title)
}

#[test]
fn hostile_titles() {
    for (title, name) in [
        ("../../etc/passwd", "etc passwd 6tyjgs"),
        ("a/b\\c:d*e?f\"g<h>i|j", "a b c d efg h i j 6tyjgs"),
        ("[[link]] #tag ^block %%comment%%", "link tag block %comment% 6tyjgs"),
        (".hidden", "hidden 6tyjgs"),
        ("CON", "CON 6tyjgs"),
        ("dots...", "dots 6tyjgs"),
        ("한글 제목 🧠", "한글 제목 🧠 6tyjgs"),
        ("e\u{301}t\u{e9}", "été 6tyjgs"),
        ("\u{202e}gnp.exe", "gnp.exe 6tyjgs"),
        ("yes", "yes 6tyjgs"),
        ("- a: list? #no", "- a list no 6tyjgs"),
        ("{{title}}", "{{title}} 6tyjgs"),
    ] {
        let (own, kept) = named(title);
        assert_eq!((own.as_str(), kept.as_str()), (name, title));
    }
    for empty in ["", "  \n "] {
        assert_eq!(named(empty), ("First 6tyjgs".to_owned(), "First".to_owned()), "the first sentence stands in");
    }
    assert_eq!(named("???").0, "Untitled 6tyjgs");
    let (name, title) = named(&"long ".repeat(60));
    assert_eq!((name.len(), title.len()), (166, 299));
    assert!(name.ends_with(" long 6tyjgs"), "{name}");
    assert!(named(&"생".repeat(100)).0.ends_with("생 6tyjgs"));
}

#[test]
fn hostile_thoughts() {
    for (text, name) in [
        ("# Heading: *one* [[two|2]]\n\ntext", "T001 Heading one 2 6tyjgs.md"),
        ("```rust\nlet x = 1;\n```", "T001 let x = 1; 6tyjgs.md"),
        ("...", "T001 Untitled 6tyjgs.md"),
        ("\u{0}\u{7}bell", "T001 bell 6tyjgs.md"),
    ] {
        let world = World::new();
        let appended = world.think(think(text)).unwrap();
        assert_eq!(appended.thought.path.file_name(), name);
        assert!(world.vault.read(appended.thought.path.as_str()).ends_with(text));
    }
}

#[test]
fn a_name_that_any_note_has_is_not_used_again() {
    let world = World::from_fixture("//- /Elsewhere/2026-11-21 taken 6tyjgs.md\nx\n");
    let appended = world.think(think("First").new_session("Taken")).unwrap();
    assert_eq!(appended.session_path.unwrap().stem(), "2026-11-21 Taken 3q6tyjgs");
    let world = World::from_fixture("//- /Other/t001 first 6TYJGS.md\nx\n");
    let appended = world.think(think("First").new_session("Free")).unwrap();
    assert_eq!(appended.thought.path.file_name(), "T001 First 6tyjgs 2.md");
    // A name that was taken while this process was thinking.
    world.vault.write("T002 Second 6tyjgs.md", "x");
    world.catch_up();
    let again = world.another_process().append(&think("Second").in_session(appended.session_id.as_str()).0).unwrap();
    assert_eq!(again.thought.path.file_name(), "T002 Second 6tyjgs 2.md");
}

#[test]
fn folders_for_new_sessions() {
    let place = |folder: &str| {
        let world = World::new();
        let choice = NewSessionChoice { folder: Some(folder.to_owned()), ..Default::default() };
        let appended = world.think(think("First").choose(choice));
        match &appended {
            Ok(appended) => appended.session_path.as_ref().unwrap().folder().to_owned(),
            Err(AppendError::Folder(_)) => {
                assert!(world.vault.snapshot().is_empty());
                outcome(&appended)
            }
            Err(error) => panic!("{folder:?}: {error}"),
        }
    };
    let own = "2026/2026-11-21 First 6tyjgs";
    for root in ["", "/", "."] {
        assert_eq!(place(root), own, "{root:?}");
    }
    for (folder, inside) in [("Notes", "Notes"), ("Notes/Deep/", "Notes/Deep"), ("a\\b", "a/b")] {
        assert_eq!(place(folder), format!("{inside}/{own}"));
    }
    let path = format!("{own}/2026-11-21 First 6tyjgs.md");
    assert_eq!(place("../out"), format!("refused: `../out/{path}` leaves the vault"));
    assert_eq!(place(".obsidian"), format!("refused: `.obsidian/{path}` lies in a hidden folder or is hidden itself"));
    assert_eq!(place("a\nb"), format!("refused: `a\\nb/{path}` holds a control character"));
}

#[test]
fn a_long_branch_keeps_names_short() {
    let (world, id) = World::with_session("1");
    let name = "b".repeat(60);
    let appended = world.think(think(&"word ".repeat(80)).branch(&name, Some(1)).in_session(&id)).unwrap();
    let file = appended.thought.path.file_name();
    assert!(file.len() <= 180 && file.ends_with(&format!("6tyjgs {name}.md")), "{file}");
    assert_eq!(world.hydrate(&id).unwrap().unresolved_targets, [""; 0]);
}
