//! From a ref to one note: its whole text, or who else answers to it.

use journal_engine::ResolveError;
use journal_model::{NoteRef, NoteRefError};

use super::{World, complaints};

const VAULT: &str = "
    //- /Projects/Backup service.md
    ---
    id: 0020260101000000
    title: Backups
    ---
    Body.
    //- /Projects/Search.md
    ---
    id: \"20260102000000\"
    title: Backup service
    ---
    //- /a/Twin.md
    ---
    id: TWIN-A
    ---
    //- /b/twin.md
    ---
    id: TWIN-B
    ---
    //- /Dup 1.md
    ---
    id: DUP-0001
    ---
    //- /Dup 2.md
    ---
    id: DUP-0001
    ---
    //- /Original.md
    ---
    id: CONFLICT-1
    ---
    //- /Original (conflicted copy).md
    ---
    id: CONFLICT-1
    ---
    //- /Body only.md
    id: NOT-AN-ID
    //- /Broken.md
    ---
    title: [
    id: BROKEN-1
    //- /.trash/Hidden.md
    ---
    id: HIDDEN-1
    ---
    ";

/// The path that `reference` shows and how it was found, or why it shows none.
#[track_caller]
fn shown(world: &World, reference: &str) -> String {
    match world.changes_nothing(|| world.engine.show(&NoteRef::parse(reference).unwrap())) {
        Ok(shown) => format!("{} by {}", shown.path, shown.found_by.as_str()),
        Err(ResolveError::NotFound { near, .. }) => {
            format!("none; near: {}", near.iter().map(|note| note.path.as_str()).collect::<Vec<_>>().join(", "))
        }
        Err(ResolveError::Ambiguous { candidates, .. }) => {
            format!("several: {}", candidates.iter().map(|note| note.path.as_str()).collect::<Vec<_>>().join(", "))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn refs() {
    let world = World::from_fixture(VAULT);
    for (reference, expected) in [
        // Ids keep every digit; parts of them are at least four characters.
        ("0020260101000000", "Projects/Backup service.md by id"),
        ("20260102000000", "Projects/Search.md by id"),
        ("00202601", "Projects/Backup service.md by part-of-id"),
        ("twin-b", "b/twin.md by id"),
        ("TWIN", "several: a/Twin.md, b/twin.md"),
        ("000000", "several: Projects/Backup service.md, Projects/Search.md"),
        // A file's name comes before the same title.
        ("Backup service", "Projects/Backup service.md by name"),
        ("[[backup SERVICE#Part|x]]", "Projects/Backup service.md by name"),
        ("Backups", "Projects/Backup service.md by name"),
        ("[[Projects/Search]]", "Projects/Search.md by name"),
        ("[[a/twin]]", "a/Twin.md by name"),
        ("Search.md", "none; near: Projects/Search.md"),
        ("Projects/Search", "Projects/Search.md by path"),
        // Two notes with an id are a conflict, a syncer's copy is not.
        ("DUP-0001", "2 notes have the id `DUP-0001`"),
        ("Dup 2", "Dup 2.md by name"),
        ("CONFLICT-1", "Original.md by id"),
        ("Original", "Original.md by name"),
        // Only frontmatter tells an id, and hidden folders hold no notes.
        ("NOT-AN-ID", "none; near: "),
        ("BROKEN-1", "Broken.md by id"),
        ("HIDDEN-1", "none; near: "),
        ("CONFLICT-2", "none; near: Original (conflicted copy).md, Original.md"),
        ("Bakup service", "none; near: Projects/Backup service.md, Projects/Search.md"),
    ] {
        assert_eq!(shown(&world, reference), expected, "{reference}");
    }
    for hostile in ["../x.md", "/etc/passwd", ".obsidian/app.md", "a\0b", ".trash/Hidden.md"] {
        assert!(matches!(NoteRef::parse(hostile), Err(NoteRefError::Path(_))), "{hostile}");
    }
}

#[test]
fn what_is_shown() {
    let world = World::from_fixture(VAULT);
    let shown = world.engine.show(&NoteRef::parse("Backups").unwrap()).unwrap();
    assert_eq!(&shown.text[shown.body_start..], "Body.\n");
    assert_eq!((shown.title.as_str(), shown.id.unwrap().as_str()), ("Backups", "0020260101000000"));
    let copy = world.engine.show(&NoteRef::parse("CONFLICT-1").unwrap()).unwrap();
    let said = "duplicate-id: id `CONFLICT-1` stands in `Original.md` and `Original (conflicted copy).md`";
    assert_eq!(complaints(&copy.diagnostics), said);
    let broken = world.engine.show(&NoteRef::parse("Broken.md").unwrap()).unwrap();
    assert!(
        complaints(&broken.diagnostics).contains("unterminated-frontmatter"),
        "{}",
        complaints(&broken.diagnostics)
    );
    assert_eq!(broken.text, world.vault.read("Broken.md"));
}

#[cfg(unix)]
#[test]
fn links_out_of_the_vault_are_not_followed() {
    let world = World::from_fixture("//- /Note.md\n---\nid: NOTE-1\n---\n");
    std::fs::write(world.vault.root().join("secret.md"), "---\nid: SECRET-1\n---\n").unwrap();
    std::os::unix::fs::symlink("../secret.md", world.vault.join("Link.md")).unwrap();
    std::os::unix::fs::symlink("..", world.vault.join("Out")).unwrap();
    for reference in ["Link.md", "Out/secret.md"] {
        let path = NoteRef::parse(reference).unwrap();
        let error = world.engine.show(&path).unwrap_err().to_string();
        assert_eq!(error, format!("`{reference}` leads out of the vault through a symbolic link"));
    }
    assert_eq!(shown(&world, "SECRET-1"), "none; near: ");
}
