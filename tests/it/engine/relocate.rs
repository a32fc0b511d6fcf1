//! Moving notes and session folders: every link that led somewhere still leads there, all other bytes stay.

use insta::assert_snapshot;
use journal_engine::{Relocate, RelocateError, Relocated};
use journal_model::NoteRef;

use super::{World, agent, changes, complaints, thoughts};

fn relocate(world: &World, reference: &str, to: &str) -> Result<Relocated, RelocateError> {
    let reference = NoteRef::parse(reference).unwrap();
    world.engine.relocate(&Relocate { caller: agent("otter"), reference, to: to.to_owned() })
}

/// Moves `reference` in the vault of `fixture`, and shows what changed; of a moved note only its place and what differs.
#[track_caller]
fn check(fixture: &str, reference: &str, to: &str) -> String {
    let world = World::from_fixture(fixture);
    let before = world.vault.snapshot();
    let relocated = relocate(&world, reference, to).unwrap_or_else(|error| panic!("{error}"));
    let after = world.vault.snapshot();
    let mut text = String::new();
    let mut moved_back = after.clone();
    for (from, to) in &relocated.moved {
        text += &format!("{from} → {to}\n");
        let bytes = moved_back.remove(to.as_str()).expect("a moved note is at its new place");
        moved_back.insert(from.to_string(), bytes);
    }
    text += &changes::between(&before, &moved_back);
    let rewritten: usize = relocated.rewritten.iter().map(|(_, links)| links).sum();
    format!("{text}{rewritten} links{}", complaints(&relocated.diagnostics))
}

#[test]
fn a_note_moves_to_a_folder() {
    let vault = "
        //- /Old/Note.md
        ---
        id: NOTE-1
        up: \"[[Index]]\"
        ---
        [[Other]] [[Old/Other]] [rel](Other.md) [up](../Index.md#Top) [abs](Old/Other.md) [[#Own]] [web](https://x.y/Old/Note.md)
        ![](../img/a%20b.png) ![](./c.png) ![](img/d.png) ![[../img/e.png|100]] [out](../../f.pdf)
        //- /Old/Other.md
        [[Note]] [[Old/Note|alias]] ![[Old/Note#^block]] [md](Note.md) [md](./Note.md#h \"title\") `[[Old/Note]]`
        //- /Index.md
        ---
        related: [\"[[Old/Note]]\", \"[[Old/Other]]\"] # keep
        see: [[Old/Note.md]]
        text: Old/Note
        ---
        | [[Old/Note\\|cell]] | [enc](Old/Note.md) |

        ```
        [[Old/Note]]
        ```
        %% [[Old/Note]] %%

        [by reference][ref]

        [ref]: Old/Note.md
        ";
    assert_snapshot!(check(vault, "NOTE-1", "New/Deep/"), @r#"
    Old/Note.md → New/Deep/Note.md
    ~ Index.md
        - related: ["[[Old/Note]]", "[[Old/Other]]"] # keep
        - see: [[Old/Note.md]]
        + related: ["[[New/Deep/Note]]", "[[Old/Other]]"] # keep
        + see: [[New/Deep/Note.md]]
        - | [[Old/Note\|cell]] | [enc](Old/Note.md) |
        + | [[New/Deep/Note\|cell]] | [enc](New/Deep/Note.md) |
        - [ref]: Old/Note.md
        + [ref]: New/Deep/Note.md
    ~ Old/Note.md
        - [[Other]] [[Old/Other]] [rel](Other.md) [up](../Index.md#Top) [abs](Old/Other.md) [[#Own]] [web](https://x.y/Old/Note.md)
        - ![](../img/a%20b.png) ![](./c.png) ![](img/d.png) ![[../img/e.png|100]] [out](../../f.pdf)
        + [[Other]] [[Old/Other]] [rel](Other.md) [up](../../Index.md#Top) [abs](Old/Other.md) [[#Own]] [web](https://x.y/Old/Note.md)
        + ![](../../img/a%20b.png) ![](../../Old/c.png) ![](img/d.png) ![[../../img/e.png|100]] [out](../../f.pdf)
    ~ Old/Other.md
        - [[Note]] [[Old/Note|alias]] ![[Old/Note#^block]] [md](Note.md) [md](./Note.md#h "title") `[[Old/Note]]`
        + [[Note]] [[New/Deep/Note|alias]] ![[New/Deep/Note#^block]] [md](Note.md) [md](../New/Deep/Note.md#h "title") `[[Old/Note]]`
    12 links
    "#);
    assert_snapshot!(check(vault, "Old/Note.md", "New/Renamed.md"), @r#"
    Old/Note.md → New/Renamed.md
    ~ Index.md
        - related: ["[[Old/Note]]", "[[Old/Other]]"] # keep
        - see: [[Old/Note.md]]
        + related: ["[[New/Renamed]]", "[[Old/Other]]"] # keep
        + see: [[New/Renamed.md]]
        - | [[Old/Note\|cell]] | [enc](Old/Note.md) |
        + | [[New/Renamed\|cell]] | [enc](New/Renamed.md) |
        - [ref]: Old/Note.md
        + [ref]: New/Renamed.md
    ~ Old/Note.md
        - ![](../img/a%20b.png) ![](./c.png) ![](img/d.png) ![[../img/e.png|100]] [out](../../f.pdf)
        + ![](../img/a%20b.png) ![](../Old/c.png) ![](img/d.png) ![[../img/e.png|100]] [out](../../f.pdf)
    ~ Old/Other.md
        - [[Note]] [[Old/Note|alias]] ![[Old/Note#^block]] [md](Note.md) [md](./Note.md#h "title") `[[Old/Note]]`
        + [[Renamed]] [[New/Renamed|alias]] ![[New/Renamed#^block]] [md](../New/Renamed.md) [md](../New/Renamed.md#h "title") `[[Old/Note]]`
    11 links
    "#);
}

#[test]
fn names_with_spaces_and_crlf() {
    let vault = "//- /A b/Note c.md\nx\n//- /Index.md\r\n---\r\nup: '[[A b/Note c]]'\r\n---\r\n[x](A%20b/Note%20c.md) [[A b/Note c]]\r\nlast [y](<A b/Note c.md>)\n";
    let vault = vault.replace("Index.md\r\n", "Index.md\n");
    assert_snapshot!(check(&vault, "A b/Note c.md", "Über uns"), @r"
    A b/Note c.md → Über uns/Note c.md
    ~ Index.md
        - up: '[[A b/Note c]]'␍
        + up: '[[Über uns/Note c]]'␍
        - [x](A%20b/Note%20c.md) [[A b/Note c]]␍
        - last [y](<A b/Note c.md>)
        + [x](Über%20uns/Note%20c.md) [[Über uns/Note c]]␍
        + last [y](<Über%20uns/Note%20c.md>)
    4 links
    ");
}

#[test]
fn a_session_moves_with_its_folder() {
    let (world, id) = World::with_session("1 2");
    let session = world.session_path();
    let folder = session.rsplit_once('/').unwrap().0.to_owned();
    world.vault.write(&format!("{folder}/diagram.png"), b"\x89PNG");
    let first = world.path_of("T001 Main 1");
    world.vault.write(&first, world.vault.read(&first) + " ![](./diagram.png) ![](../../../files/plan.png)");
    world.vault.write("Links.md", format!("[[{}]] and [[T001 Main 1 6tyjgs]]\n", session.trim_end_matches(".md")));
    let (relocated, changes) = world.changes(|| relocate(&world, &id, "Archive").unwrap());
    assert_eq!(relocated.moved.len(), 3);
    let name = folder.rsplit('/').next().unwrap();
    let edit: Vec<_> = changes.lines().filter(|line| line.contains("[[Archive") || line.contains(".png")).collect();
    assert_eq!(
        edit,
        [
            "    Main 1 ![](./diagram.png) ![](../../files/plan.png)[no newline]".to_owned(),
            format!("+ Archive/{name}/diagram.png"),
            format!("    + [[Archive/{name}/{name}]] and [[T001 Main 1 6tyjgs]]"),
            format!("- {folder}/diagram.png"),
        ]
    );
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!((thoughts(&hydrated).as_str(), complaints(&hydrated.diagnostics).as_str()), ("1 2", ""));
    assert_eq!(hydrated.unresolved_targets, [""; 0]);
    // The engine that remembers the session goes on at the new place.
    world.tick();
    let third = world.think(super::think("Third").in_session(&id)).unwrap();
    assert_eq!(third.thought.path.folder(), format!("Archive/{name}"));
    // A single thought may leave the folder.
    let thought = world.path_of("T002 Main 2");
    relocate(&world, &thought, "Kept").unwrap();
    assert_eq!(thoughts(&world.hydrate(&id).unwrap()), "1 2 3");
}

#[test]
fn what_is_refused_changes_nothing() {
    let (world, id) = World::with_session("1 2");
    let session = world.session_path();
    let folder = session.rsplit_once('/').unwrap().0.to_owned();
    let parent = folder.rsplit_once('/').unwrap().0.to_owned();
    world.vault.write("Twin.md", "x");
    world.vault.write("Other.md", "x");
    world.vault.write("Place/Other.md", "x");
    world.vault.write(&format!("Taken/{}/x.txt", folder.rsplit('/').next().unwrap()), "x");
    for (reference, to, says) in [
        (id.as_str(), parent.as_str(), format!("`{session}` is where it lies already")),
        (
            &id,
            &folder,
            format!("`{folder}` cannot be moved into itself (`{folder}/{}`)", folder.rsplit('/').next().unwrap()),
        ),
        (&id, &session, format!("`{session}` is where it lies already")),
        (&id, "Taken", format!("`Taken/{}` already exists", folder.rsplit('/').next().unwrap())),
        ("Twin.md", "", "`Twin.md` is where it lies already".to_owned()),
        ("Twin.md", "/", "`Twin.md` is where it lies already".to_owned()),
        ("Twin.md", "Place/other.md", "the name of `Place/other.md` is taken by `Other.md`".to_owned()),
        ("Other.md", "Place", "`Place/Other.md` already exists".to_owned()),
        ("Twin.md", "../out", "`../out/Twin.md` leaves the vault".to_owned()),
        ("Twin.md", "a/../../out.md", "`a/../../out.md` leaves the vault".to_owned()),
        ("Twin.md", "/etc", "`/etc/Twin.md` is absolute; give the path inside the vault".to_owned()),
        ("Twin.md", ".obsidian", "`.obsidian/Twin.md` lies in a hidden folder or is hidden itself".to_owned()),
        ("Twin.md", "a\0b", "`a\\0b/Twin.md` holds a control character".to_owned()),
        ("gone", "Place", "no note has the id or name `gone`".to_owned()),
    ] {
        let (refused, changes) = world.changes(|| relocate(&world, reference, to));
        let said = refused.map(|_| ()).expect_err(to).to_string();
        assert_eq!((said, changes.as_str()), (says, ""), "{reference} to {to:?}");
    }
    assert!(!world.vault.join("a").exists() && !world.vault.join(".obsidian").exists());
}

#[test]
fn names_that_became_ambiguous_or_clear_are_led_right() {
    // Two notes of one name: a link by name means the nearer one, and must say more once that has moved.
    let vault = "
        //- /a/Same.md
        ---
        id: SAME-A
        ---
        //- /b/Same.md
        //- /a/From.md
        [[Same]]
        ";
    assert_snapshot!(check(vault, "SAME-A", "c/d"), @r"
    a/Same.md → c/d/Same.md
    ~ a/From.md
        - [[Same]]
        + [[c/d/Same]]
    1 links
    ");
}

#[test]
fn a_note_that_is_not_utf8_is_told_and_left() {
    let world = World::from_fixture("//- /Note.md\n---\nid: NOTE-1\n---\n");
    world.vault.write("Latin.md", b"[[/Note]] [x](./Note.md) caf\xe9\n");
    world.vault.write("Unrelated.md", b"caf\xe9\n");
    let relocated = relocate(&world, "NOTE-1", "New").unwrap();
    assert_eq!(complaints(&relocated.diagnostics), "not-written: `Latin.md`: it is not UTF-8, so it was left as it is");
}

#[test]
fn only_the_case_of_a_name_changes() {
    let vault = "
        //- /Note.md
        ---
        id: NOTE-1
        ---
        //- /Index.md
        [[note]] [x](Note.md)
        ";
    assert_snapshot!(check(vault, "NOTE-1", "NOTE.md"), @r"
    Note.md → NOTE.md
    0 links
    ");
}
