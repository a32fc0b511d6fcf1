//! Names that sync programs give to the losing side of a conflict.

use std::sync::LazyLock;

use journal_model::VaultPath;
use regex_lite::Regex;

/// One expression a program, over the name without `.md`; the first group is the name without its mark.
///
/// - Syncthing: `Note.sync-conflict-20240131-101112-ABCDEFG`
/// - Dropbox, Nextcloud, ownCloud, Obsidian Sync: `Note (Ann's conflicted copy 2024-01-31)`,
///   `Note (Conflicted copy phone 202401311011)`, `Note (case conflict 1)`
/// - older ownCloud and Nextcloud: `Note_conflict-20240131-101112`
/// - Seafile: `Note (SFConflict ann@example.org 2024-01-31-10-11-12)`
/// - Resilio: `Note.Conflict`, `Note.Conflict2`
/// - Synology Drive: `Note_Laptop_Jan-31-1011-2024_Conflict`, `…_CaseConflict_1`, and `Note_Conflict`
static MARKS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"^(.+)\.sync-conflict-\d{8}-\d{6}(?:-[0-9A-Za-z]+)?$",
        r"(?i)^(.+?) ?\((?:[^()]* )?(?:conflicted copy|case conflict|sfconflict)(?: [^()]*)?\)$",
        r"^(.+)_conflict-\d{8}-\d{6}$",
        r"^(.+?)(?:\.[Cc]onflict\d*)+$",
        r"^(.+)_[^_]+_[A-Z][a-z]{2}-\d{2}-\d{4}-\d{4}_[A-Za-z]*Conflict(?:_\d+)?$",
        r"^(.+)_Conflict$",
    ]
    .iter()
    .map(|pattern| Regex::new(pattern).expect("the patterns above are fixed and a test compiles them"))
    .collect()
});

/// The path of the note that a conflict copy was made of, when the name of `path` is one that a sync program gives.
///
/// Only the name is looked at, and only marks that no person would write by chance count. iCloud's `Note 2.md` is not such a
/// mark: it could as well be the second note. Neither is OneDrive's `Note-LAPTOP.md`.
pub fn conflict_copy_of(path: &VaultPath) -> Option<String> {
    let stem = path.stem();
    // Nearly every name ends here, without the expressions.
    if !stem.as_bytes().windows(7).any(|window| window.eq_ignore_ascii_case(b"onflict")) {
        return None;
    }
    let original = MARKS.iter().find_map(|mark| mark.captures(stem)?.get(1))?.as_str();
    let extension = &path.file_name()[stem.len()..];
    let folder = &path.as_str()[..path.as_str().len() - path.file_name().len()];
    Some(format!("{folder}{original}{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_program() {
        for (copy, original) in [
            ("a/Note.sync-conflict-20240131-101112-ABCDEFG.md", "a/Note.md"),
            ("Note.sync-conflict-20240131-101112.md", "Note.md"),
            ("Note (Ann's conflicted copy 2024-01-31).md", "Note.md"),
            ("Note (conflicted copy 2024-01-31 101112).md", "Note.md"),
            ("Note (Conflicted copy phone 202401311011).md", "Note.md"),
            ("Note (draft) (conflicted copy).MD", "Note (draft).MD"),
            ("Note (Case Conflict 1).md", "Note.md"),
            ("a b/Note_conflict-20240131-101112.md", "a b/Note.md"),
            ("Note (SFConflict ann@example.org 2024-01-31-10-11-12).md", "Note.md"),
            ("Note.Conflict.md", "Note.md"),
            ("Note.Conflict.Conflict2.md", "Note.md"),
            ("생각_Andy-PC_Jan-03-0901-2013_CaseConflict_1.md", "생각.md"),
            ("Note_Laptop_May-07-1443-2019_Conflict.md", "Note.md"),
            ("Note_Conflict.md", "Note.md"),
        ] {
            assert_eq!(conflict_copy_of(&copy.parse().unwrap()).as_deref(), Some(original), "{copy}");
        }
    }

    #[test]
    fn names_that_people_write() {
        for name in [
            "Note 2.md",
            "Conflict.md",
            "Conflict resolution.md",
            "Merge conflict (2024).md",
            "On conflicted copies.md",
            "How (case conflicts) happen.md",
            "a.Conflict/Note.md",
            "Note-LAPTOP.md",
        ] {
            assert_eq!(conflict_copy_of(&name.parse().unwrap()), None, "{name}");
        }
    }
}
