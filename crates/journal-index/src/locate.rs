//! Finding notes by what they are called: id, part of an id, path, name, title, alias, link.

use journal_model::{NameMap, NoteId, Resolution, VaultPath, name_key, resolve_link};
use rusqlite::params;

use crate::{
    IndexError, NoteRow, Snapshot,
    snapshot::read_path,
    stored::{reversed, target_key},
};

/// What is greater than every text that begins with a given one, when put behind it.
pub(crate) const END: char = char::MAX;

impl Snapshot<'_> {
    /// The notes with this id; more than one when an id was copied. Case counts only where notes differ by nothing else.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn by_id(&self, id: &NoteId) -> Result<Vec<NoteRow>, IndexError> {
        let key = id.as_str().to_lowercase();
        let mut found = self.notes_where("find a note by id", "id_key = ?1 ORDER BY path", [key])?;
        if found.iter().any(|note| note.id.as_ref() == Some(id)) {
            found.retain(|note| note.id.as_ref() == Some(id));
        }
        Ok(found)
    }

    /// At most `limit` notes whose ids begin or end with `fragment`, in any case. Nothing for less than
    /// [`NoteId::MIN_FRAGMENT_CHARS`] characters.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn by_fragment(&self, fragment: &str, limit: usize) -> Result<Vec<NoteRow>, IndexError> {
        let key = fragment.trim().to_lowercase();
        if key.chars().count() < NoteId::MIN_FRAGMENT_CHARS {
            return Ok(Vec::new());
        }
        let condition = "note IN (
            SELECT note FROM notes WHERE id_key >= ?1 AND id_key < ?1 || ?3
            UNION SELECT note FROM notes WHERE id_tail >= ?2 AND id_tail < ?2 || ?3
        ) ORDER BY id_key, path LIMIT ?4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.notes_where(
            "find a note by part of its id",
            condition,
            params![key, reversed(&key), END.to_string(), limit],
        )
    }

    /// The note at exactly this path; else those whose paths differ only by case or composition.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn by_path(&self, path: &VaultPath) -> Result<Vec<NoteRow>, IndexError> {
        let key = name_key(path.as_str());
        let mut found = self.notes_where("find a note by path", "path_key = ?1 ORDER BY path", [key])?;
        if found.iter().any(|note| note.path == *path) {
            found.retain(|note| note.path == *path);
        }
        Ok(found)
    }

    /// The notes whose file is called `name`, without `.md`, in any folder and case.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn by_name(&self, name: &str) -> Result<Vec<NoteRow>, IndexError> {
        self.notes_where("find a note by name", "stem_key = ?1 ORDER BY path", [name_key(name.trim())])
    }

    /// The notes with this title, in any case. A note without a title has its file's name.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn by_title(&self, title: &str) -> Result<Vec<NoteRow>, IndexError> {
        let condition = "title_key = ?1 OR (stem_key = ?1 AND title_key IS NULL) ORDER BY path";
        self.notes_where("find a note by title", condition, [name_key(title.trim())])
    }

    /// The notes with this alias, in any case.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn by_alias(&self, alias: &str) -> Result<Vec<NoteRow>, IndexError> {
        let condition = "note IN (SELECT note FROM aliases WHERE key = ?1) ORDER BY path";
        self.notes_where("find a note by alias", condition, [name_key(alias.trim())])
    }

    /// Where a wikilink's target leads from a note in `folder` (empty for the root), by the rules of
    /// [`journal_model::resolve_link`].
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn resolve(&self, target: &str, folder: &str) -> Result<Resolution, IndexError> {
        let names: NameMap = self.ask("resolve a link", |connection| {
            let sql = "SELECT path FROM notes WHERE stem_key IN (?1, ?1 || '.md')";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map([target_key(target, folder)], |row| read_path(row, 0))?.collect()
        })?;
        Ok(resolve_link(target, folder, &names))
    }
}
