//! Lists: the notes of a session, signatures, tags, ids that stand twice, what is wrong.

use std::{collections::BTreeMap, ops::ControlFlow};

use journal_model::{NoteId, VaultPath, name_key};
use rusqlite::{OptionalExtension, params_from_iter};

use crate::{
    Chunk, FileSignature, IndexError, NoteRow, Snapshot,
    note::PARSER_VERSION,
    snapshot::{read_lines, read_path, read_signature},
};

/// A file as it was indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRow {
    /// The note.
    pub path: VaultPath,
    /// Its id, by which a note is known that was moved and edited at once.
    pub id: Option<NoteId>,
    /// The file.
    pub signature: FileSignature,
    /// Whether it was read by this program's rules. If not, it counts as changed.
    pub current: bool,
}

/// A [`SignatureRow`] where it stands, for those who look at all of them and keep few.
#[derive(Debug, Clone, Copy)]
pub struct IndexedFile<'r> {
    /// The note's path.
    pub path: &'r str,
    /// Its id.
    pub id: Option<&'r str>,
    /// The file.
    pub signature: FileSignature,
    /// Whether it was read by this program's rules.
    pub current: bool,
}

impl IndexedFile<'_> {
    /// The same, to keep; `None` where the path is none, which only damage explains.
    pub fn to_row(self) -> Option<SignatureRow> {
        let id = self.id.and_then(|id| id.parse().ok());
        Some(SignatureRow { path: self.path.parse().ok()?, id, signature: self.signature, current: self.current })
    }
}

/// A diagnostic of an indexed note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosticRow {
    /// The note.
    pub path: VaultPath,
    /// [`journal_model::DiagnosticCode::as_str`].
    pub code: String,
    /// 1-based line of the file.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Snapshot<'_> {
    /// A session's own note and all its thoughts, sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn session_notes(&self, session: &NoteId) -> Result<Vec<NoteRow>, IndexError> {
        self.notes_where("read a session", "session = ?1 ORDER BY kind, path", [session.as_str()])
    }

    /// Tells the file of every note, nearly in the order of their paths.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn each_file(&self, mut tell: impl FnMut(IndexedFile<'_>)) -> Result<(), IndexError> {
        self.ask("read what is indexed", |connection| {
            let sql = "SELECT path, id, parser, size, mtime_ns, changed_ns, inode, hash FROM notes";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                tell(IndexedFile {
                    path: row.get_ref(0)?.as_str()?,
                    id: row.get_ref(1)?.as_str_or_null()?,
                    current: row.get::<_, u32>(2)? == PARSER_VERSION,
                    signature: read_signature(row, 3)?,
                });
            }
            Ok(())
        })
    }

    /// Tells the file of every note, in no order, until `tell` breaks off.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn signatures(&self, mut tell: impl FnMut(SignatureRow) -> ControlFlow<()>) -> Result<(), IndexError> {
        let mut more = ControlFlow::Continue(());
        self.each_file(|file| {
            if more.is_continue()
                && let Some(row) = file.to_row()
            {
                more = tell(row);
            }
        })
    }

    /// The file of the note at exactly this path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn signature(&self, path: &VaultPath) -> Result<Option<SignatureRow>, IndexError> {
        self.ask("read what is indexed of a note", |connection| {
            let sql = "SELECT id, parser, size, mtime_ns, changed_ns, inode, hash FROM notes
                WHERE path_key = ?1 AND path = ?2";
            let read = |row: &rusqlite::Row<'_>| {
                Ok(SignatureRow {
                    path: path.clone(),
                    id: row.get::<_, Option<String>>(0)?.and_then(|id| id.parse().ok()),
                    signature: read_signature(row, 2)?,
                    current: row.get::<_, u32>(1)? == PARSER_VERSION,
                })
            };
            let key = name_key(path.as_str());
            connection.prepare_cached(sql)?.query_row([key.as_str(), path.as_str()], read).optional()
        })
    }

    /// At most `limit` notes in the order of their paths, those behind `after`; from the beginning without one.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn paths_after(&self, after: Option<&VaultPath>, limit: usize) -> Result<Vec<VaultPath>, IndexError> {
        self.ask("read which notes are indexed", |connection| {
            let sql = "SELECT path FROM notes WHERE (path_key, path) > (?1, ?2) ORDER BY path_key, path LIMIT ?3";
            let after = after.map_or("", VaultPath::as_str);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map((name_key(after), after, limit), |row| read_path(row, 0))?.collect()
        })
    }

    /// Whether a note is indexed that lies in this folder or below it; in any case.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn has_notes_in(&self, folder: &str) -> Result<bool, IndexError> {
        self.ask("look for notes of a folder", |connection| {
            // What begins with `folder/` lies before `folder0`: the character behind `/`.
            let sql = "SELECT EXISTS (SELECT 1 FROM notes WHERE path_key > ?1 || '/' AND path_key < ?1 || '0')";
            connection.prepare_cached(sql)?.query_row([name_key(folder)], |row| row.get(0))
        })
    }

    /// The ids that more than one note has, as written, each with its notes sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn duplicate_ids(&self) -> Result<Vec<(NoteId, Vec<NoteRow>)>, IndexError> {
        let condition =
            "id_key IN (SELECT id_key FROM notes WHERE id_key IS NOT NULL GROUP BY id_key HAVING count(*) > 1)
            ORDER BY id, path";
        let notes = self.notes_where("look for ids that stand twice", condition, [])?;
        let same = notes.chunk_by(|one, other| one.id == other.id).filter(|same| same.len() > 1);
        Ok(same.filter_map(|same| Some((same[0].id.clone()?, same.to_vec()))).collect())
    }

    /// Every tag as it is written most often, and in how many notes, the most used first. `area/ci` counts for itself only.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn tags(&self) -> Result<Vec<(String, u64)>, IndexError> {
        let mut spellings: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        self.ask("count tags", |connection| {
            let mut statement = connection.prepare_cached("SELECT tags FROM notes WHERE tags IS NOT NULL")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for tag in read_lines(row, 0)? {
                    *spellings.entry(name_key(&tag)).or_default().entry(tag).or_default() += 1;
                }
            }
            Ok(())
        })?;
        let mut tags: Vec<(String, u64)> = spellings
            .into_values()
            .filter_map(|spellings| {
                let count = spellings.values().sum();
                let (tag, _) = spellings.into_iter().rev().max_by_key(|(_, count)| *count)?;
                Some((tag, count))
            })
            .collect();
        tags.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        Ok(tags)
    }

    /// What is wrong with indexed notes, sorted by path and line; of one note or of all.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn diagnostics(&self, path: Option<&VaultPath>) -> Result<Vec<DiagnosticRow>, IndexError> {
        self.ask("read diagnostics", |connection| {
            let of_one = path.map_or("", |_| "WHERE path_key = ?1 AND path = ?2");
            let sql = format!(
                "SELECT path, code, line, message, hint FROM diagnostics JOIN notes USING (note) {of_one} ORDER BY path, place"
            );
            let keys = path.map(|path| [name_key(path.as_str()), path.as_str().to_owned()]);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(keys.iter().flatten()), |row| {
                Ok(DiagnosticRow {
                    path: read_path(row, 0)?,
                    code: row.get(1)?,
                    line: row.get(2)?,
                    message: row.get(3)?,
                    hint: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }
}

/// The chunks of a row.
pub(crate) fn stored_chunks(connection: &rusqlite::Connection, note: i64) -> rusqlite::Result<Vec<Chunk>> {
    let sql = "SELECT start, length, line, lines, headings, lead, hash FROM chunks WHERE note = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([note], |row| {
        let offset = |column| Ok::<_, rusqlite::Error>(row.get::<_, u32>(column)? as usize);
        let start = offset(0)?;
        let line: u32 = row.get(2)?;
        Ok(Chunk {
            span: start..start + offset(1)?,
            lines: (line, line + row.get::<_, u32>(3)?),
            headings: read_lines(row, 4)?,
            lead: offset(5)?,
            hash: u128::from_be_bytes(row.get(6)?),
        })
    })?;
    rows.collect()
}
