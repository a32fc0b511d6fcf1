//! Which of the notes that are gone lies elsewhere now.

use std::collections::{BTreeMap, HashMap};

use journal_index::SignatureRow;
use journal_model::{Note, NoteId, VaultPath, decode};

use crate::indexing::ReadNote;

/// The notes that are gone and have not been met elsewhere.
pub(super) struct Moves {
    /// Whether each is to be forgotten when it is not met: those outside of the scope are not.
    gone: BTreeMap<VaultPath, (SignatureRow, bool)>,
    by_hash: HashMap<u128, Vec<VaultPath>>,
    by_id: HashMap<NoteId, VaultPath>,
    by_inode: HashMap<u64, VaultPath>,
}

impl Moves {
    pub(super) fn new(gone: Vec<SignatureRow>, elsewhere: Vec<SignatureRow>) -> Self {
        let mut moves =
            Self { gone: BTreeMap::new(), by_hash: HashMap::new(), by_id: HashMap::new(), by_inode: HashMap::new() };
        let rows = gone.into_iter().map(|row| (row, true)).chain(elsewhere.into_iter().map(|row| (row, false)));
        for (row, is_asked) in rows {
            let path = row.path.clone();
            moves.by_hash.entry(row.signature.hash).or_default().push(path.clone());
            if let Some(id) = &row.id {
                moves.by_id.insert(id.clone(), path.clone());
            }
            if row.signature.inode != 0 {
                moves.by_inode.insert(row.signature.inode, path.clone());
            }
            moves.gone.insert(path, (row, is_asked));
        }
        moves
    }

    /// Where a new note lay before, and whether its content is the indexed one. By content, best where the file is the same one;
    /// else by id; else by the file, when a note without an id was renamed and edited at once.
    pub(super) fn find(&mut self, read: &ReadNote) -> (Option<VaultPath>, bool) {
        if self.gone.is_empty() {
            return (None, false);
        }
        let is_same_file = |row: &SignatureRow| row.signature.inode != 0 && row.signature.inode == read.signature.inode;
        let same = self.by_hash.get(&read.signature.hash).into_iter().flatten();
        let same = same.filter_map(|path| self.gone.get(path)).map(|(row, _)| row);
        let same = same.max_by_key(|row| is_same_file(row)).map(|row| (row.path.clone(), row.current));
        if let Some((path, is_current)) = same {
            self.gone.remove(&path);
            return (Some(path), is_current);
        }
        let id = Note::parse(&decode(&read.bytes).0).id();
        let found = match id {
            Some(id) => self.by_id.get(&id),
            None => self.by_inode.get(&read.signature.inode),
        };
        let found = found.filter(|path| {
            // The number of a file that was removed may have been given to a new one.
            let is_like = |row: &SignatureRow| {
                row.id.is_some() || row.signature.size.abs_diff(read.signature.size) * 2 <= row.signature.size
            };
            self.gone.get(*path).is_some_and(|(row, _)| is_like(row))
        });
        let found = found.cloned();
        if let Some(path) = &found {
            self.gone.remove(path);
        }
        (found, false)
    }

    /// The notes that are to be forgotten.
    pub(super) fn left(self) -> Vec<VaultPath> {
        self.gone.into_iter().filter(|(_, (_, is_asked))| *is_asked).map(|(path, _)| path).collect()
    }
}
