//! Where the notes of an import are to lie: names that every system takes, every link can say and nobody has.

use journal_model::{MAX_FILE_NAME_BYTES, VaultPath, is_safe_name, name_key, safe_name};

use super::{ForeignNotes, ImportError, Known};

/// The longest path of a note, in bytes: with the vault's own it must be one for every system.
pub(super) const LONGEST_PATH: usize = 800;

/// What a name may get behind it: a number, `.md`.
const ROOM: usize = 12;

fn is_short_and_safe(name: &str, longest: usize) -> bool {
    name.len() <= longest && is_safe_name(name)
}

impl Known {
    /// Whether notes lie in a folder, so that it has been made by somebody who wanted it so.
    fn has_folder(&self, folder: &str) -> bool {
        self.sight.listing.notes.iter().any(|path| path.lies_in(folder))
    }

    /// Refuses a folder with a name that [`safe_name`] would not leave as it is, unless it is there.
    pub(super) fn check_folder(&self, folder: &str) -> Result<(), ImportError> {
        let mut so_far = String::new();
        for part in folder.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")) {
            so_far.push_str(part);
            let is_note = name_key(part).ends_with(".md");
            if (is_note || !is_short_and_safe(part, MAX_FILE_NAME_BYTES)) && !self.has_folder(&so_far) {
                return Err(ImportError::FolderName { folder: folder.to_owned(), part: part.to_owned() });
            }
            so_far.push('/');
        }
        Ok(())
    }

    /// The path with names that every system takes and every link can say. Folders that are there keep theirs.
    pub(super) fn fitting(&self, path: &VaultPath) -> VaultPath {
        let mut folder = String::new();
        for part in path.folder().split('/').filter(|part| !part.is_empty()) {
            let so_far = format!("{folder}{part}");
            if is_short_and_safe(part, MAX_FILE_NAME_BYTES) || self.has_folder(&so_far) {
                folder = so_far;
            } else {
                folder.push_str(&safe_name(part, MAX_FILE_NAME_BYTES));
            }
            folder.push('/');
        }
        let longest = MAX_FILE_NAME_BYTES - ".md".len();
        let name = match path.stem() {
            stem if is_short_and_safe(stem, longest) => path.file_name().to_owned(),
            stem => safe_name(stem, longest) + ".md",
        };
        VaultPath::in_folder(folder.trim_end_matches('/'), &name).unwrap_or_else(|_| path.clone())
    }

    /// The path, or one beside it whose name no note of the vault and of the import has.
    pub(super) fn take_name(&mut self, path: VaultPath) -> VaultPath {
        let stem = path.stem();
        let stem = stem[..stem.floor_char_boundary(MAX_FILE_NAME_BYTES - ROOM)].trim_end().to_owned();
        let beside = (2..).filter_map(|n: u32| VaultPath::in_folder(path.folder(), &format!("{stem} {n}.md")).ok());
        let mut choices = [path.clone()].into_iter().chain(beside);
        let free = choices.find(|path| !self.names.contains(&name_key(path.file_name()))).unwrap_or(path);
        self.names.insert(name_key(free.file_name()));
        free
    }
}

/// The notes below `folder`, with the folders they lay in.
pub(super) fn placed(mut session: ForeignNotes, folder: Option<&str>) -> Result<ForeignNotes, ImportError> {
    let Some(folder) = folder.map(|folder| folder.trim_end_matches('/')).filter(|folder| !folder.is_empty()) else {
        return Ok(session);
    };
    for note in session.own.iter_mut().chain(&mut session.thoughts) {
        let placed = format!("{folder}/{}", note.path).parse();
        note.path = placed.map_err(|source| ImportError::Folder { folder: folder.to_owned(), source })?;
    }
    Ok(session)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::notes::Sight;

    #[test]
    fn names_that_are_taken_get_a_number() {
        let names = HashSet::from([name_key("A b.md")]);
        let sight = Sight { listing: journal_vault::Listing::default(), seen: Vec::new() };
        let mut known = Known { sight, by_id: HashMap::new(), names, keepers: HashMap::new() };
        let mut take = |path: &str| known.take_name(path.parse().unwrap()).to_string();
        assert_eq!([take("x/a B.md"), take("y/A b.md"), take("z/C.md")], ["x/a B 2.md", "y/A b 3.md", "z/C.md"]);
        let long = "é".repeat(120);
        assert_eq!(take(&format!("{long}.md")), format!("{long}.md"));
        assert_eq!(take(&format!("{long}.md")), format!("{} 2.md", "é".repeat(84)));
    }

    #[test]
    fn names_that_not_every_system_takes_become_others() {
        let listing = journal_vault::Listing { notes: vec!["C# x/Mine.md".parse().unwrap()], ..Default::default() };
        let sight = Sight { listing, seen: Vec::new() };
        let known = Known { sight, by_id: HashMap::new(), names: HashSet::new(), keepers: HashMap::new() };
        let long = format!("{}.md", "word ".repeat(60).trim());
        for (path, expected) in [
            ("a/b c.md", "a/b c.md"),
            ("CON.md", "CON_.md"),
            ("con/x.md", "con_/x.md"),
            ("aux.txt.md", "aux_.txt.md"),
            ("LPT1 .md", "LPT1_.md"),
            ("trail./x .md", "trail/x.md"),
            ("a*?.md", "a.md"),
            ("#h^[]|.md", "h.md"),
            ("E\u{301}.md", "\u{c9}.md"),
            ("C# x/y.md", "C# x/y.md"),
            ("C# z/y.md", "C z/y.md"),
            (long.as_str(), &format!("{}.md", "word ".repeat(35).trim())),
        ] {
            assert_eq!(known.fitting(&path.parse().unwrap()).as_str(), expected, "{path}");
        }
        for folder in ["Arch ", "#x^", "a/x.md", "CON/a", "a:b"] {
            assert!(matches!(known.check_folder(folder), Err(ImportError::FolderName { .. })), "{folder}");
        }
        assert!(known.check_folder("Archive/old").is_ok() && known.check_folder("C# x/").is_ok());
    }
}
