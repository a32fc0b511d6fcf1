//! Where links lead, settled by the rules of `journal-model` over the notes that have the name a link gives.
//!
//! A link depends on nothing but its text, the folder it stands in, and the notes of that name. So each is kept under the
//! name, and when a note appears, vanishes or moves, only the links under its name are looked at again.

use std::collections::{BTreeSet, HashMap};

use journal_model::{NameMap, Resolution, VaultPath, resolve_link};
use rusqlite::{Connection, params};

use crate::{
    note::LinkKind,
    schema::LinkState,
    stored::{link_of, target_key},
};

/// The notes of a vault by name, with their rows.
pub(super) trait LinkNames {
    /// The notes whose names the target could give.
    fn named(&mut self, target_key: &str) -> rusqlite::Result<&NameMap>;

    /// The row of a note that [`LinkNames::named`] told.
    fn row(&self, path: &VaultPath) -> Option<i64>;
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) state: LinkState,
    pub(super) resolved: Option<i64>,
}

impl Settled {
    /// Where a link in the note `row` leads.
    pub(super) fn of(
        row: i64,
        target: &str,
        kind: LinkKind,
        folder: &str,
        names: &mut dyn LinkNames,
    ) -> rusqlite::Result<Self> {
        if target.is_empty() {
            return Ok(Self { state: LinkState::Resolved, resolved: Some(row) });
        }
        let resolution = resolve_link(target, folder, names.named(&target_key(target, folder))?);
        Ok(match resolution {
            Resolution::One(path) => Self { state: LinkState::Resolved, resolved: names.row(&path) },
            Resolution::Many(_) => Self { state: LinkState::Ambiguous, resolved: None },
            Resolution::None if is_file(target, kind) => Self { state: LinkState::File, resolved: None },
            Resolution::None => Self { state: LinkState::Broken, resolved: None },
        })
    }
}

/// The endings of files that Obsidian shows and that are no notes.
const SHOWN: &[&str] = &[
    "avif", "bmp", "gif", "jpeg", "jpg", "png", "svg", "webp", "3gp", "flac", "m4a", "mp3", "ogg", "wav", "webm",
    "mkv", "mov", "mp4", "ogv", "pdf", "canvas", "base",
];

/// Whether a target names a file that is no note. `[[Node.js]]` may be a note; `[source](main.js)` is a file.
fn is_file(target: &str, kind: LinkKind) -> bool {
    let name = target.rsplit(['/', '\\']).next().unwrap_or(target);
    let Some((_, ending)) = name.rsplit_once('.') else { return target.ends_with('/') && kind == LinkKind::Markdown };
    let ending = ending.to_ascii_lowercase();
    let plain = !ending.is_empty() && ending != "md" && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    SHOWN.contains(&ending.as_str()) || (kind == LinkKind::Markdown && plain)
}

/// The names in the database, looked up as they are asked for.
pub(super) struct StoredNames<'c> {
    connection: &'c Connection,
    named: HashMap<String, NameMap>,
    rows: HashMap<VaultPath, i64>,
}

impl<'c> StoredNames<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, named: HashMap::new(), rows: HashMap::new() }
    }
}

impl LinkNames for StoredNames<'_> {
    fn named(&mut self, target_key: &str) -> rusqlite::Result<&NameMap> {
        if !self.named.contains_key(target_key) {
            let sql = "SELECT note, path FROM notes WHERE stem_key IN (?1, ?1 || '.md')";
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement.query_map([target_key], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            let mut map = NameMap::default();
            for entry in found {
                let (row, path) = entry?;
                // Only paths that were parsed are ever written.
                let Ok(path) = path.parse::<VaultPath>() else { continue };
                self.rows.insert(path.clone(), row);
                map.insert(path);
            }
            self.named.insert(target_key.to_owned(), map);
        }
        Ok(&self.named[target_key])
    }

    fn row(&self, path: &VaultPath) -> Option<i64> {
        self.rows.get(path).copied()
    }
}

/// Settles the links under `keys` and those in `notes`. Returns the notes with a link that leads elsewhere now.
pub(super) fn settle(connection: &Connection, keys: &BTreeSet<String>, notes: &BTreeSet<i64>) -> rusqlite::Result<()> {
    let columns =
        "SELECT links.note, links.place, links.kind, links.target, links.target_key, links.state, links.resolved,
                          notes.path
                   FROM links JOIN notes USING (note)";
    let mut found = Vec::new();
    let mut by_key = connection.prepare_cached(&format!("{columns} WHERE links.target_key = ?1"))?;
    for key in keys {
        found.extend(by_key.query_map([key], StoredLink::read)?.collect::<Result<Vec<_>, _>>()?);
    }
    let mut by_note = connection.prepare_cached(&format!("{columns} WHERE links.note = ?1"))?;
    for note in notes {
        found.extend(by_note.query_map([note], StoredLink::read)?.collect::<Result<Vec<_>, _>>()?);
    }
    let mut names = StoredNames::new(connection);
    let sql = "UPDATE links SET target_key = ?3, state = ?4, resolved = ?5 WHERE note = ?1 AND place = ?2";
    let mut update = connection.prepare_cached(sql)?;
    for link in found {
        let folder = link.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let key = target_key(&link.target, folder);
        let settled = Settled::of(link.note, &link.target, link.kind, folder, &mut names)?;
        if key != link.target_key || settled.state as i64 != link.state || settled.resolved != link.resolved {
            update.execute(params![link.note, link.place, key, settled.state as i64, settled.resolved])?;
        }
    }
    Ok(())
}

struct StoredLink {
    note: i64,
    place: i64,
    kind: LinkKind,
    target: String,
    target_key: String,
    state: i64,
    resolved: Option<i64>,
    path: String,
}

impl StoredLink {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            note: row.get(0)?,
            place: row.get(1)?,
            kind: link_of(row.get(2)?),
            target: row.get(3)?,
            target_key: row.get(4)?,
            state: row.get(5)?,
            resolved: row.get(6)?,
            path: row.get(7)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_notes() {
        assert!(is_file("a/b.PNG", LinkKind::Embed) && is_file("main.js", LinkKind::Markdown));
        assert!(is_file("src/", LinkKind::Markdown));
        assert!(
            !is_file("Node.js", LinkKind::Wiki)
                && !is_file("x.md", LinkKind::Markdown)
                && !is_file("x", LinkKind::Wiki)
        );
    }
}
