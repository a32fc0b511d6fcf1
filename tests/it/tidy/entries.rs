//! What lies at the top of the repository: the agreed entries and nothing else.

use std::collections::BTreeSet;

use super::{Breach, Tree, breaks, holds};

/// Every entry that is there.
const AGREED: &[&str] = &[
    ".ci",
    ".clippy.toml",
    ".gitignore",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "crates",
    "docs",
    "tests",
    "vault-fixtures",
];

/// Entries that may be there.
const OPTIONAL: &[&str] = &[".config"];

/// The top of the repository holds the agreed entries.
fn entries(tree: &Tree) -> Vec<Breach> {
    let found: BTreeSet<_> = tree.paths().map(|path| path.split('/').next().unwrap_or(path)).collect();
    let unknown = found.iter().filter(|entry| !AGREED.contains(entry) && !OPTIONAL.contains(entry)).map(|entry| {
        let comply = "move it into the folder it belongs to, or agree on it in tests/it/tidy/entries.rs";
        Breach::new(*entry, "is not an agreed entry", comply)
    });
    let missing = AGREED.iter().filter(|entry| !found.contains(*entry)).map(|entry| {
        Breach::new(*entry, "is missing", "bring it back, or take it off the list in tests/it/tidy/entries.rs")
    });
    unknown.chain(missing).collect()
}

#[test]
fn the_top_holds_the_agreed_entries() {
    holds(entries);
}

#[test]
fn a_stray_or_a_missing_entry_is_found() {
    let agreed = |skip: &str| -> String {
        let kept = AGREED.iter().filter(|entry| **entry != skip);
        kept.map(|entry| {
            if entry.contains('.') || *entry == "LICENSE" {
                format!("//- /{entry}\n")
            } else {
                format!("//- /{entry}/a\n")
            }
        })
        .collect()
    };
    breaks(entries, &agreed(""), &[]);
    breaks(entries, &format!("{}//- /.config/a.toml\n", agreed("")), &[]);
    breaks(entries, &format!("{}//- /notes.txt\n", agreed("")), &["notes.txt"]);
    breaks(entries, &format!("{}//- /src/lib.rs\n", agreed("")), &["src"]);
    breaks(entries, &agreed("LICENSE"), &["LICENSE"]);
}
