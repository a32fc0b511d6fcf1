//! The rows of one note: written, and taken away.

use journal_model::{VaultPath, name_key};
use rusqlite::{CachedStatement, Connection, params};

use super::links::{LinkNames, Settled};
use crate::{
    date::changed_seconds,
    note::{FileSignature, IndexedNote, PARSER_VERSION},
    schema::LinkState,
    stored::{as_integer, kind_number, lines, link_number, pack_headings, reversed, target_key},
};

/// The statements that write a note.
pub(super) struct Rows<'c> {
    note: CachedStatement<'c>,
    text: CachedStatement<'c>,
    chunk: CachedStatement<'c>,
    alias: CachedStatement<'c>,
    property: CachedStatement<'c>,
    link: CachedStatement<'c>,
    diagnostic: CachedStatement<'c>,
}

/// Where the links of a note lead, as far as that is known when its rows are written.
pub(super) enum Targets<'n> {
    /// All names are known.
    Known(&'n mut dyn LinkNames),
    /// They are settled when the batch ends.
    Later,
}

impl<'c> Rows<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let prepare = |sql| connection.prepare_cached(sql);
        Ok(Self {
            note: prepare(
                "INSERT INTO notes (note, path, path_key, stem_key, id, id_key, id_tail, kind, type, title,
                     title_key, aliases, tags, created, updated, changed, size, mtime_ns, changed_ns, inode, hash, parser, words,
                     session, number, branch, branch_from, revises, next_needed, status, project, agent, summary)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                     ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)",
            )?,
            text: prepare("INSERT INTO texts (note, head, body, headings) VALUES (?1, ?2, ?3, ?4)")?,
            chunk: prepare(
                "INSERT INTO chunks (note, place, start, length, line, lines, headings, lead, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?,
            alias: prepare("INSERT OR IGNORE INTO aliases (key, note) VALUES (?1, ?2)")?,
            property: prepare("INSERT INTO properties (note, place, key, value) VALUES (?1, ?2, ?3, ?4)")?,
            link: prepare(
                "INSERT INTO links (note, place, kind, target, target_key, fragment, alias, line, property, state, resolved)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?,
            diagnostic: prepare(
                "INSERT INTO diagnostics (note, place, code, line, message, hint) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
        })
    }

    /// Writes a note as row `row`, which must be free, but for [its document](insert_document).
    pub(super) fn insert(&mut self, row: i64, note: &IndexedNote, targets: Targets<'_>) -> rusqlite::Result<()> {
        self.insert_note(row, note)?;
        self.text.execute(params![row, note.head, note.body, pack_headings(&note.headings)])?;
        for (place, chunk) in (0_i64..).zip(&note.chunks) {
            let (first, last) = chunk.lines;
            let (start, length) = (as_integer(chunk.span.start as u64), as_integer(chunk.span.len() as u64));
            let (headings, hash) = (chunk.headings.join("\n"), chunk.hash.to_be_bytes());
            let lead = as_integer(chunk.lead as u64);
            self.chunk.execute(params![row, place, start, length, first, last - first, headings, lead, hash])?;
        }
        for alias in &note.aliases {
            self.alias.execute(params![name_key(alias), row])?;
        }
        let values = note.properties.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
        for (place, (key, value)) in (0_i64..).zip(values) {
            self.property.execute(params![row, place, key, value])?;
        }
        for (place, diagnostic) in (0_i64..).zip(&note.diagnostics) {
            let (message, hint) = (&diagnostic.message, &diagnostic.hint);
            let line = diagnostic.line.map(|line| as_integer(line as u64));
            self.diagnostic.execute(params![row, place, diagnostic.code.as_str(), line, message, hint])?;
        }
        self.insert_links(row, note, targets)
    }

    fn insert_note(&mut self, row: i64, note: &IndexedNote) -> rusqlite::Result<()> {
        let names = Names::new(&note.path, note.title.as_deref());
        let id_key = note.id.as_ref().map(|id| id.as_str().to_lowercase());
        let signature = &note.signature;
        let thinking = &note.thinking;
        self.note.execute(params![
            row,
            note.path.as_str(),
            names.path,
            names.stem,
            note.id.as_ref().map(|id| id.as_str()),
            id_key,
            id_key.as_deref().map(reversed),
            kind_number(note.kind),
            note.note_type,
            note.title,
            names.title,
            lines(&note.aliases),
            lines(&note.tags),
            note.created,
            note.updated,
            changed_seconds(note.updated.as_deref(), note.created.as_deref(), signature.mtime_ns),
            as_integer(signature.size),
            signature.mtime_ns,
            signature.changed_ns,
            as_integer(signature.inode),
            signature.hash.to_be_bytes(),
            PARSER_VERSION,
            note.document.words,
            thinking.session.as_ref().map(|id| id.as_str()),
            thinking.number,
            thinking.branch,
            thinking.branch_from,
            thinking.revises,
            thinking.next_needed,
            note.status,
            note.project,
            note.agent,
            note.summary,
        ])?;
        Ok(())
    }

    fn insert_links(&mut self, row: i64, note: &IndexedNote, mut targets: Targets<'_>) -> rusqlite::Result<()> {
        let folder = note.path.folder();
        for (place, link) in (0_i64..).zip(&note.links) {
            let settled = match &mut targets {
                Targets::Known(names) => Settled::of(row, &link.target, link.kind, folder, *names)?,
                Targets::Later => Settled { state: LinkState::Broken, resolved: None },
            };
            self.link.execute(params![
                row,
                place,
                link_number(link.kind),
                link.target,
                target_key(&link.target, folder),
                link.fragment,
                link.alias,
                link.line,
                link.property,
                settled.state as i64,
                settled.resolved,
            ])?;
        }
        Ok(())
    }
}

/// The names under which a note is found.
pub(super) struct Names {
    pub(super) path: String,
    pub(super) stem: String,
    /// Only where it differs from the stem.
    pub(super) title: Option<String>,
}

impl Names {
    pub(super) fn new(path: &VaultPath, title: Option<&str>) -> Self {
        let stem = name_key(path.stem());
        Self { path: name_key(path.as_str()), title: title.map(name_key).filter(|title| *title != stem), stem }
    }
}

/// Takes a note away.
pub(super) fn delete(connection: &Connection, row: i64) -> rusqlite::Result<()> {
    let sql = "SELECT aliases FROM notes WHERE note = ?1";
    let aliases: Option<String> = connection.prepare_cached(sql)?.query_row([row], |found| found.get(0))?;
    for alias in aliases.as_deref().unwrap_or_default().lines() {
        let sql = "DELETE FROM aliases WHERE key = ?1 AND note = ?2";
        connection.prepare_cached(sql)?.execute(params![name_key(alias), row])?;
    }
    for sql in [
        "DELETE FROM chunks WHERE note = ?1",
        "DELETE FROM properties WHERE note = ?1",
        "DELETE FROM links WHERE note = ?1",
        "DELETE FROM diagnostics WHERE note = ?1",
        "DELETE FROM texts WHERE note = ?1",
        "DELETE FROM notes WHERE note = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([row])?;
    }
    delete_document(connection, row)
}

/// Writes what full-text search is given of row `row`, of which it must know nothing.
pub(super) fn insert_document(connection: &Connection, row: i64, columns: &[String; 4]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO search (rowid, body, title, headings, tags) VALUES (?1, ?2, ?3, ?4, ?5)";
    let [body, title, headings, tags] = columns;
    connection.prepare_cached(sql)?.execute(params![row, body, title, headings, tags]).map(|_| ())
}

/// Has full-text search forget a row.
pub(super) fn delete_document(connection: &Connection, row: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([row]).map(|_| ())
}

/// Writes the part of a signature that says whether a file has to be looked at.
pub(super) fn touch(connection: &Connection, row: i64, signature: &FileSignature) -> rusqlite::Result<()> {
    let sql = "SELECT updated, created FROM notes WHERE note = ?1";
    let (updated, created): (Option<String>, Option<String>) =
        connection.prepare_cached(sql)?.query_row([row], |found| Ok((found.get(0)?, found.get(1)?)))?;
    let changed = changed_seconds(updated.as_deref(), created.as_deref(), signature.mtime_ns);
    let sql = "UPDATE notes SET size = ?2, mtime_ns = ?3, changed_ns = ?4, inode = ?5, changed = ?6 WHERE note = ?1";
    connection.prepare_cached(sql)?.execute(params![
        row,
        as_integer(signature.size),
        signature.mtime_ns,
        signature.changed_ns,
        as_integer(signature.inode),
        changed,
    ])?;
    Ok(())
}
