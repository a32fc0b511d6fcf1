//! What the notes of a session say in their frontmatter, without their files; and which notes lie in a folder.
//!
//! With both a caller knows a session's notes as they were indexed, and sees from the folders whether they still are.

use journal_model::{NoteId, VaultPath, name_key};
use rusqlite::params;

use crate::{
    FileSignature, IndexError, Snapshot,
    locate::END,
    snapshot::{read_path, read_signature},
};

/// A note with its frontmatter, as it was indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRow {
    /// Where it lies.
    pub path: VaultPath,
    /// The file it was read from.
    pub signature: FileSignature,
    /// Its frontmatter, byte for byte; `None` for a note that is neither session nor thought.
    pub head: Option<String>,
}

impl Snapshot<'_> {
    /// The notes that have a session's id or name it as theirs, sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn session_heads(&self, session: &NoteId) -> Result<Vec<HeadRow>, IndexError> {
        self.ask("read a session", |connection| {
            let sql = "SELECT path, head, size, mtime_ns, changed_ns, inode, hash FROM notes JOIN texts USING (note)
                WHERE note IN (SELECT note FROM notes WHERE session = ?1 UNION SELECT note FROM notes WHERE id_key = ?2)";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([session.as_str(), &session.as_str().to_lowercase()], |row| {
                Ok(HeadRow { path: read_path(row, 0)?, head: row.get(1)?, signature: read_signature(row, 2)? })
            })?;
            let mut heads: Vec<HeadRow> = rows.collect::<Result<_, _>>()?;
            heads.sort_by(|one, other| one.path.cmp(&other.path));
            Ok(heads)
        })
    }

    /// The notes that lie in `folder` itself (empty for the vault's root), sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn folder(&self, folder: &str) -> Result<Vec<(VaultPath, FileSignature)>, IndexError> {
        self.ask("list a folder", |connection| {
            let sql = "SELECT path, size, mtime_ns, changed_ns, inode, hash FROM notes
                WHERE path_key >= ?1 AND path_key < ?2 AND (?1 <> '' OR instr(path, '/') = 0)";
            let key = if folder.is_empty() { String::new() } else { name_key(&format!("{folder}/")) };
            let end = format!("{key}{END}");
            let mut statement = connection.prepare_cached(sql)?;
            let rows =
                statement.query_map(params![key, end], |row| Ok((read_path(row, 0)?, read_signature(row, 1)?)))?;
            let mut notes: Vec<(VaultPath, FileSignature)> = rows.collect::<Result<_, _>>()?;
            notes.retain(|(path, _)| path.folder() == folder);
            notes.sort_by(|(one, _), (other, _)| one.cmp(other));
            Ok(notes)
        })
    }
}
