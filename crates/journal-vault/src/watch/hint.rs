//! From what the system tells to what it may mean for notes.

use std::path::{Component, Path};

use journal_model::VaultPath;

use super::{Happening, Told, WatchError};
use crate::{
    vault::exact_path,
    walk::{is_markdown, join},
};

/// What something that was told may mean.
#[derive(Debug)]
pub(super) enum Hint {
    Note(VaultPath, Happening),
    /// A folder that came or went; or a file that is no note.
    Folder(String, Happening),
    /// Anything may have changed.
    Everything,
    Trouble(WatchError),
}

/// Obsidian's settings say which notes are left out.
const EXCLUDES: &str = ".obsidian/app.json";

impl Hint {
    /// `None` where it has nothing to do with notes.
    pub(super) fn of(root: &Path, told: Told) -> Option<Self> {
        let (path, happening) = match told {
            Told::Happened(path, happening) => (path, happening),
            Told::Missed => return Some(Self::Everything),
            Told::Failed(error) => return Some(Self::Trouble(error)),
        };
        let inside = path.strip_prefix(root).ok()?;
        let mut folder = String::new();
        let mut parts = inside.components();
        let Some(name) = parts.next_back() else {
            let is_gone = matches!(happening, Happening::Gone | Happening::FileGone);
            return is_gone.then_some(Self::Trouble(WatchError::Vanished));
        };
        for part in parts {
            folder = join(&folder, plain(part)?);
            if folder.starts_with('.') && folder != ".obsidian" || folder.contains("/.") {
                return None;
            }
        }
        let name = plain(name)?;
        if folder == ".obsidian" {
            return (join(&folder, name) == EXCLUDES).then_some(Self::Everything);
        }
        if name.starts_with('.') {
            return None;
        }
        let is_known_file =
            matches!(happening, Happening::File | Happening::Written | Happening::Closed | Happening::FileGone);
        if is_markdown(name) && happening != Happening::Folder {
            return Some(Self::Note(exact_path(&folder, name).ok()?, happening));
        }
        (!is_known_file).then(|| Self::Folder(join(&folder, name), happening))
    }
}

fn plain(part: Component<'_>) -> Option<&str> {
    match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(path: &str, happening: Happening) -> String {
        let path = Path::new("/vault").join(path);
        match Hint::of(Path::new("/vault"), Told::Happened(path, happening)) {
            Some(Hint::Note(path, _)) => format!("note {path}"),
            Some(Hint::Folder(path, _)) => format!("folder {path}"),
            Some(Hint::Everything) => "everything".to_owned(),
            Some(Hint::Trouble(error)) => error.to_string(),
            None => String::new(),
        }
    }

    #[test]
    fn what_concerns_notes_is_told_apart() {
        use Happening::{Came, Closed, File, FileGone, Folder, Gone, Written};
        for (path, happening, expected) in [
            ("a.md", File, "note a.md"),
            ("Deep/er/B c.MD", Closed, "note Deep/er/B c.MD"),
            ("a.md", FileGone, "note a.md"),
            ("Folder", Folder, "folder Folder"),
            ("Folder.md", Folder, "folder Folder.md"),
            ("Folder/moved", Gone, "folder Folder/moved"),
            ("Folder/moved", Came, "folder Folder/moved"),
            ("picture.png", File, ""),
            ("picture.png", Written, ""),
            ("picture.png", FileGone, ""),
            ("Folder", File, ""),
            (".hidden.md", File, ""),
            (".git/objects/ab", Folder, ""),
            ("Notes/.trash/a.md", File, ""),
            (".obsidian/workspace.json", File, ""),
            (".obsidian/app.json", Came, "everything"),
            (".obsidian/plugins/app.json", File, ""),
            (".journal-12-0123456789abcdef.tmp", Came, ""),
            (".md", File, ""),
            ("", File, ""),
            ("", Gone, "the folder of the vault is gone"),
            ("../elsewhere.md", File, ""),
        ] {
            assert_eq!(hint(path, happening), expected, "{path} {happening:?}");
        }
    }
}
