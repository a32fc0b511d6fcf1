//! Links between notes, as the index knows them.

use journal_model::VaultPath;
use rusqlite::Row;

use crate::{IndexError, LinkKind, Snapshot, schema::LinkState, snapshot::read_path, stored::link_of};

/// A link of one note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The note it stands in.
    pub from: VaultPath,
    /// How it is written.
    pub kind: LinkKind,
    /// The name or path it gives; empty for a link into the note itself.
    pub target: String,
    /// `#Heading` or `#^block`, as written.
    pub fragment: Option<String>,
    /// What readers see instead.
    pub alias: Option<String>,
    /// 1-based line of the file.
    pub line: u32,
    /// The property it stands in.
    pub property: Option<String>,
    /// Where it leads.
    pub leads: Leads,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To this note.
    To(VaultPath),
    /// To no note.
    Nowhere,
    /// To several notes, none nearer than the others; [`Snapshot::resolve`] tells them.
    Anywhere,
    /// To a file that is no note, of which the index knows nothing.
    File,
}

impl Leads {
    /// Its code, for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::To(_) => "to-note",
            Self::Nowhere => "nowhere",
            Self::Anywhere => "ambiguous",
            Self::File => "to-file",
        }
    }

    /// The note, where it is one.
    pub fn note(&self) -> Option<&VaultPath> {
        match self {
            Self::To(note) => Some(note),
            Self::Nowhere | Self::Anywhere | Self::File => None,
        }
    }
}

/// What needs a person's eye among the links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkTroubles {
    /// Links that lead nowhere.
    pub broken: u64,
    /// Links that may mean several notes.
    pub ambiguous: u64,
    /// Notes that neither link to another note nor are linked to.
    pub orphans: u64,
}

const ORPHAN: &str = "NOT EXISTS (SELECT 1 FROM links WHERE resolved = notes.note AND links.note <> notes.note)
    AND NOT EXISTS (SELECT 1 FROM links WHERE links.note = notes.note AND resolved <> notes.note)";

const COLUMNS: &str = "source.path, links.kind, links.target, links.fragment, links.alias, links.line, links.property,
    links.state, target.path
    FROM links JOIN notes AS source ON source.note = links.note LEFT JOIN notes AS target ON target.note = links.resolved";

impl Snapshot<'_> {
    /// The links out of a note, in its order: those of the properties first.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn links_out(&self, path: &VaultPath) -> Result<Vec<LinkRow>, IndexError> {
        let condition = "links.note = (SELECT note FROM notes WHERE path_key = ?1 AND path = ?2) ORDER BY links.place";
        self.links("read a note's links", condition, keys(path))
    }

    /// The links to a note from others and itself, sorted by path and line.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn links_in(&self, path: &VaultPath) -> Result<Vec<LinkRow>, IndexError> {
        let condition = "links.resolved = (SELECT note FROM notes WHERE path_key = ?1 AND path = ?2)
            ORDER BY source.path, links.place";
        self.links("read the links to a note", condition, keys(path))
    }

    /// At most `limit` links that lead nowhere, sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn broken_links(&self, limit: usize) -> Result<Vec<LinkRow>, IndexError> {
        self.in_state(LinkState::Broken, limit)
    }

    /// At most `limit` links that may mean several notes, sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn ambiguous_links(&self, limit: usize) -> Result<Vec<LinkRow>, IndexError> {
        self.in_state(LinkState::Ambiguous, limit)
    }

    /// At most `limit` notes that neither link to another note nor are linked to, sorted by path.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn orphans(&self, limit: usize) -> Result<Vec<VaultPath>, IndexError> {
        self.ask("look for orphans", |connection| {
            let sql = format!("SELECT path FROM notes WHERE {ORPHAN} ORDER BY path_key, path LIMIT ?1");
            connection.prepare_cached(&sql)?.query_map([as_limit(limit)], |row| read_path(row, 0))?.collect()
        })
    }

    /// How many links lead nowhere, how many may mean several notes, and how many notes are [orphans](Snapshot::orphans).
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn link_troubles(&self) -> Result<LinkTroubles, IndexError> {
        self.ask("count links", |connection| {
            let count = |sql: &str| {
                let found: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
                Ok::<_, rusqlite::Error>(found.max(0).unsigned_abs())
            };
            Ok(LinkTroubles {
                broken: count("SELECT count(*) FROM links WHERE state = 0")?,
                ambiguous: count("SELECT count(*) FROM links WHERE state = 2")?,
                orphans: count(&format!("SELECT count(*) FROM notes WHERE {ORPHAN}"))?,
            })
        })
    }

    fn in_state(&self, state: LinkState, limit: usize) -> Result<Vec<LinkRow>, IndexError> {
        // The number is written out: the index of these links is only for these two.
        let condition = format!("links.state = {} ORDER BY source.path, links.place LIMIT ?1", state as i64);
        self.links("read unresolved links", &condition, [as_limit(limit)])
    }

    fn links(
        &self,
        doing: &'static str,
        condition: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<LinkRow>, IndexError> {
        self.ask(doing, |connection| {
            let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE {condition}"))?;
            statement.query_map(parameters, read)?.collect()
        })
    }
}

fn keys(path: &VaultPath) -> [String; 2] {
    [journal_model::name_key(path.as_str()), path.as_str().to_owned()]
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> rusqlite::Result<LinkRow> {
    const RESOLVED: i64 = LinkState::Resolved as i64;
    const AMBIGUOUS: i64 = LinkState::Ambiguous as i64;
    const FILE: i64 = LinkState::File as i64;
    Ok(LinkRow {
        from: read_path(row, 0)?,
        kind: link_of(row.get(1)?),
        target: row.get(2)?,
        fragment: row.get(3)?,
        alias: row.get(4)?,
        line: row.get(5)?,
        property: row.get(6)?,
        leads: match row.get(7)? {
            RESOLVED => Leads::To(read_path(row, 8)?),
            AMBIGUOUS => Leads::Anywhere,
            FILE => Leads::File,
            _ => Leads::Nowhere,
        },
    })
}
