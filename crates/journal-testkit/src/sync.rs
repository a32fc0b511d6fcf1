//! Two copies of a vault, merged file by file as a syncer would.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::disk::{Snapshot, copy_file, must, snapshot};

/// What becomes of the older of two changed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loser {
    /// It is gone: the newest wins and nothing remembers the other.
    Dropped,
    /// It stays beside the winner, named as Syncthing names conflict copies.
    Kept,
}

/// What a merge did, as sorted paths below the vaults.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Files that were copied one way or the other.
    pub copied: Vec<String>,
    /// Files that were removed because the other side had removed them.
    pub removed: Vec<String>,
    /// Files that both sides had changed.
    pub fought_over: Vec<String>,
}

/// A syncer between two folders that remembers what they had in common, so that a removal or a move travels too.
///
/// When one side changed a file, the change travels. When both did, the newer modification time wins, and a changed file
/// wins over a removed one, as in Syncthing.
#[derive(Debug)]
pub struct Syncer {
    left: PathBuf,
    right: PathBuf,
    common: Snapshot,
}

impl Syncer {
    /// Starts between two folders; files that are alike now count as synced.
    ///
    /// # Panics
    /// When a folder cannot be read.
    pub fn between(left: &Path, right: &Path) -> Self {
        let other = snapshot(right);
        let common = snapshot(left).into_iter().filter(|(path, bytes)| other.get(path) == Some(bytes)).collect();
        Self { left: left.to_owned(), right: right.to_owned(), common }
    }

    /// Makes both folders alike.
    ///
    /// # Panics
    /// When a file cannot be read or written.
    pub fn merge(&mut self, loser: Loser) -> Merged {
        let (left, right) = (snapshot(&self.left), snapshot(&self.right));
        let mut merged = Merged::default();
        for path in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
            let (here, there, base) = (left.get(path), right.get(path), self.common.get(path));
            let (ours, theirs) = (self.left.join(path), self.right.join(path));
            match (here, there) {
                _ if here == there => {}
                (None, Some(_)) if there == base => remove(&theirs, path, &mut merged),
                (Some(_), None) if here == base => remove(&ours, path, &mut merged),
                (None, _) => copy(&theirs, &ours, path, &mut merged),
                (_, None) => copy(&ours, &theirs, path, &mut merged),
                _ if here == base => copy(&theirs, &ours, path, &mut merged),
                _ if there == base => copy(&ours, &theirs, path, &mut merged),
                // The bytes decide between equal times, so that both directions agree.
                _ => {
                    let ours_wins = (modified(&ours), here) > (modified(&theirs), there);
                    let (winner, beaten) = if ours_wins { (ours, theirs) } else { (theirs, ours) };
                    if loser == Loser::Kept {
                        let name = conflict_copy(path, modified(&beaten));
                        copy_file(&beaten, &self.left.join(&name));
                        copy_file(&beaten, &self.right.join(&name));
                    }
                    copy(&winner, &beaten, path, &mut merged);
                    merged.fought_over.push(path.clone());
                }
            }
        }
        self.common = snapshot(&self.left);
        assert_eq!(self.common, snapshot(&self.right), "a merge makes both folders alike");
        merged
    }
}

/// Merges two folders that know nothing of their past: what only one has is copied, and the newer of two files wins.
///
/// # Panics
/// When a file cannot be read or written.
pub fn sync_merge(left: &Path, right: &Path, loser: Loser) -> Merged {
    Syncer { left: left.to_owned(), right: right.to_owned(), common: Snapshot::new() }.merge(loser)
}

fn copy(from: &Path, to: &Path, path: &str, merged: &mut Merged) {
    copy_file(from, to);
    merged.copied.push(path.to_owned());
}

fn remove(file: &Path, path: &str, merged: &mut Merged) {
    must(fs::remove_file(file), "remove", file);
    merged.removed.push(path.to_owned());
}

fn modified(path: &Path) -> SystemTime {
    must(path.metadata().and_then(|metadata| metadata.modified()), "stat", path)
}

/// `Folder/Name.sync-conflict-20261121-093000-K3M9Q2X.md`, from <https://docs.syncthing.net/users/syncing.html>.
fn conflict_copy(path: &str, modified: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(modified).expect("file times lie within the calendar");
    let stamp = time.strftime("%Y%m%d-%H%M%S");
    let (stem, extension) = match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => (stem, format!(".{extension}")),
        _ => (path, String::new()),
    };
    format!("{stem}.sync-conflict-{stamp}-K3M9Q2X{extension}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::TestVault;

    fn age(vault: &TestVault, path: &str, seconds: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000 - seconds);
        fs::OpenOptions::new().write(true).open(vault.join(path)).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn without_a_past_the_newest_wins_and_nothing_is_removed() {
        let left = TestVault::from_fixture("//- /a.md\nold\n//- /b.md\nnew\n//- /left.md\n1\n//- /same.md\n");
        let right = TestVault::from_fixture("//- /a.md\nnew\n//- /b.md\nold\n//- /x/right.md\n2\n//- /same.md\n");
        age(&left, "a.md", 60);
        age(&right, "b.md", 60);
        let merged = sync_merge(left.path(), right.path(), Loser::Dropped);
        assert_eq!(merged.fought_over, ["a.md", "b.md"]);
        assert_eq!(merged.copied, ["a.md", "b.md", "left.md", "x/right.md"]);
        assert_eq!((left.read("a.md"), left.read("b.md")), ("new\n".to_owned(), "new\n".to_owned()));
        assert_eq!(left.snapshot(), right.snapshot());
        assert_eq!(left.snapshot().len(), 5);
    }

    #[test]
    fn a_kept_loser_lies_beside_the_winner_on_both_sides() {
        let left = TestVault::from_fixture("//- /n/a.md\nold\n");
        let right = TestVault::from_fixture("//- /n/a.md\nnew\n");
        age(&left, "n/a.md", 0);
        sync_merge(left.path(), right.path(), Loser::Kept);
        let copy = "n/a.sync-conflict-20260921-141320-K3M9Q2X.md";
        assert_eq!((right.read(copy), left.read("n/a.md")), ("old\n".to_owned(), "new\n".to_owned()));
        assert_eq!(left.snapshot(), right.snapshot());
    }

    #[test]
    fn with_a_past_moves_and_removals_travel_and_a_change_beats_a_removal() {
        let left = TestVault::from_fixture("//- /a.md\n1\n//- /b.md\n2\n//- /c.md\n3\n//- /d.md\n4\n");
        let right = left.on_another_machine();
        let mut syncer = Syncer::between(left.path(), right.path());
        left.rename("a.md", "moved/a.md");
        right.remove("b.md");
        left.remove("c.md");
        right.write("c.md", "kept");
        right.write("d.md", "newer text, older clock");
        age(&right, "d.md", 1_000_000_000);
        let merged = syncer.merge(Loser::Dropped);
        assert_eq!(merged.removed, ["a.md", "b.md"]);
        assert!(merged.fought_over.is_empty());
        assert_eq!(left.snapshot().keys().collect::<Vec<_>>(), ["c.md", "d.md", "moved/a.md"]);
        assert_eq!(left.read("d.md"), "newer text, older clock");
        assert_eq!(syncer.merge(Loser::Dropped), Merged::default());
    }
}
