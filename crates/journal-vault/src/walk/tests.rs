//! What a walk finds, leaves out and passes over.

use std::{fs, sync::Arc};

use super::*;
use crate::disk::RealDisk;

fn vault_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("vault")).unwrap();
    let vault = Vault::open(&dir.path().join("vault"), Arc::new(RealDisk)).unwrap();
    for (name, text) in files {
        let path = vault.absolute(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (dir, vault)
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.notes.iter().map(VaultPath::as_str).collect()
}

fn skipped(listing: &Listing) -> Vec<String> {
    listing.skipped.iter().map(|skipped| format!("{}: {}", skipped.path, skipped.reason)).collect()
}

#[test]
fn hidden_files_are_left_out_and_placeholders_reported() {
    let (_dir, vault) = vault_with(&[
        ("b.md", ""),
        ("a/c.MD", ""),
        ("a b/c.md", ""),
        ("a/pic.png", ""),
        ("a/.hidden.md", ""),
        (".obsidian/app.json", r#"{"userIgnoreFilters": ["Templates/", "/draft-\\d+/"]}"#),
        (".obsidian/x.md", ""),
        (".obsidian-work/x.md", ""),
        (".trash/x.md", ""),
        (".git/x.md", ""),
        ("Templates/t.md", ""),
        ("a/draft-1.md", ""),
        ("a/.Far away.md.icloud", ""),
        ("a/.pic.png.icloud", ""),
        ("a/n.sync-conflict-20240131-101112-ABCDEFG.md", ""),
    ]);
    let listing = vault.walk_names().unwrap();
    let kept = ["a b/c.md", "a/c.MD", "a/n.sync-conflict-20240131-101112-ABCDEFG.md", "b.md"];
    let excluded = ["Templates/t.md", "a/draft-1.md"];
    assert!(excluded.iter().chain(&kept).all(|name| names(&listing).contains(name)));
    assert_eq!(names(&listing).len(), 6);
    let excludes = vault.excluded();
    let (_, signed) = vault.walk_signatures(|path| !excludes.leaves_out(path)).unwrap();
    assert_eq!(signed.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), kept);
    assert_eq!(skipped(&listing), ["a/Far away.md: it is not downloaded from the cloud"]);
}

#[test]
fn three_thousand_folders_in_order() {
    let (_dir, vault) = vault_with(&[]);
    let mut expected = Vec::new();
    for number in 0..3000 {
        let folder = format!("{}/{}/{number}", number % 7, number % 31);
        fs::create_dir_all(vault.absolute(&folder)).unwrap();
        let name = format!("{folder}/n.md");
        fs::write(vault.absolute(&name), format!("---\nid: {number}\n---\n")).unwrap();
        expected.push((name, format!("id: {number}\n")));
    }
    expected.sort();
    let (listing, heads) = vault
        .walk_heads(|path, head| {
            let Matter::Closed(range) = split(head).matter else { return None };
            Some((path.to_string(), String::from_utf8(head[range].to_vec()).unwrap()))
        })
        .unwrap();
    assert_eq!(heads, expected);
    assert!(names(&listing).iter().eq(expected.iter().map(|(name, _)| name)));
    assert!(listing.skipped.is_empty());
}

#[test]
fn heads_grow_until_frontmatter_is_closed() {
    let matter = |bytes: usize| format!("---\n{}\nlast: 1\n---\n", "x".repeat(bytes));
    let body = "body ".repeat(1_000_000);
    let cases: Vec<(String, String)> = [0, 4000, 4060, 4070, 4077, 4078, 4079, 4080, 4081, 5000, 20_000, 1_900_000]
        .into_iter()
        .map(|bytes| (format!("{bytes}.md"), format!("{}{body}", matter(bytes))))
        .collect();
    let mut files: Vec<(&str, &str)> = cases.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let unclosed = format!("---\n{body}");
    // The first 4096 bytes end in what would be a fence if the line ended there as well.
    let false_fence = format!("---\n{}\n----\nlast: 1\n---\n{body}", "x".repeat(4096 - 4 - 1 - 3));
    let small = [("body.md", body.as_str()), ("two.md", "--"), ("empty.md", ""), ("open.md", "---\na: 1")];
    files.extend(small);
    files.extend([("unclosed.md", unclosed.as_str()), ("z.md", false_fence.as_str())]);
    let (_dir, vault) = vault_with(&files);
    let (listing, heads) = vault.walk_heads(|path, head| Some((path.to_string(), head.to_vec()))).unwrap();
    assert_eq!((listing.notes.len(), heads.len()), (files.len(), files.len()));
    let head = |name: &str| &heads.iter().find(|(path, _)| path == name).unwrap().1;
    for (name, _) in cases.iter().map(|(name, text)| (name.as_str(), text)).chain([("z.md", &false_fence)]) {
        let head = head(name);
        let Matter::Closed(range) = split(head).matter else { panic!("{name} is not closed") };
        assert!(head[range].ends_with(b"last: 1\n"), "{name}");
    }
    assert_eq!(head("0.md").len(), Vault::HEAD_BYTES);
    assert_eq!(head("body.md").len(), Vault::HEAD_BYTES);
    assert_eq!(head("unclosed.md").len(), MAX_HEAD_BYTES);
    for (name, text) in &small[1..] {
        assert_eq!(head(name), text.as_bytes(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_reported_not_followed() {
    use std::os::unix::fs::symlink;
    let (dir, vault) = vault_with(&[("real/n.md", "")]);
    fs::create_dir_all(dir.path().join("out")).unwrap();
    fs::write(dir.path().join("out/x.md"), "").unwrap();
    fs::write(dir.path().join("out/pic.png"), "").unwrap();
    for (target, name) in [
        ("../out", "leaks"),
        ("../out/x.md", "leak.md"),
        ("../out/pic.png", "pic.png"),
        ("real", "again"),
        ("..", "real/up"),
        (".", "here"),
        ("real/n.md", "n.md"),
        ("nowhere", "broken.md"),
    ] {
        symlink(target, vault.absolute(name)).unwrap();
    }
    let listing = vault.walk_names().unwrap();
    assert_eq!(names(&listing), ["real/n.md"]);
    let reasons: Vec<_> = listing.skipped.iter().map(|skipped| (skipped.path.as_str(), &skipped.reason)).collect();
    use SkipReason::{LinkInside, LinkOutside, Unreadable};
    assert!(
        matches!(
            reasons.as_slice(),
            [
                ("again", LinkInside),
                ("broken.md", Unreadable(_)),
                ("here", LinkInside),
                ("leak.md", LinkOutside),
                ("leaks", LinkOutside),
                ("n.md", LinkInside),
                ("real/up", LinkInside),
            ]
        ),
        "{reasons:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_cannot_be_paths_are_reported() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let (_dir, vault) = vault_with(&[("ok.md", "")]);
    for name in [&b"bad\xff.md"[..], b"bad\xff.png", b".bad\xff.md", b"back\\slash.md", b"line\nbreak.md"] {
        fs::write(vault.root().join(OsStr::from_bytes(name)), "").unwrap();
    }
    fs::create_dir(vault.root().join(OsStr::from_bytes(b"dir\xff"))).unwrap();
    let listing = vault.walk_names().unwrap();
    assert_eq!(names(&listing), ["ok.md"]);
    assert_eq!(
        skipped(&listing),
        [
            "back\\slash.md: its name holds a `\\`",
            "bad\u{fffd}.md: its name is not UTF-8",
            "dir\u{fffd}: its name is not UTF-8",
            "line\nbreak.md: `line\\nbreak.md` holds a control character",
        ]
    );
}
