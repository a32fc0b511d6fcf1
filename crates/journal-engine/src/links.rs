//! Trip: links, from the index. Those of one note, and those of the vault that lead nowhere or may lead to several notes.

use journal_index::{IndexError, Leads, LinkRow, Snapshot};
use journal_model::{NoteId, NoteRef, Resolution, VaultPath};
use journal_vault::ReadError;

use crate::{ResolveError, Trouble, core::Core, indexing::looks_alike};

/// A link, with what it may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLink {
    /// The link.
    pub link: LinkRow,
    /// The notes that it may lead to, where it is not clear to which.
    pub candidates: Vec<VaultPath>,
}

/// The links of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLinks {
    /// Its id, where it has one.
    pub id: Option<NoteId>,
    /// Where it lies.
    pub path: VaultPath,
    /// Its title.
    pub title: String,
    /// The links in it, in its order; those of its properties first.
    pub out: Vec<FoundLink>,
    /// The links that lead to it, by note and line.
    pub into: Vec<LinkRow>,
    /// Whether the note has changed since it was indexed, or is not indexed at all: `out` may be another by now.
    pub changed: bool,
}

/// What is loose in the links of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loose {
    /// Links that lead nowhere.
    Broken,
    /// Links that may lead to several notes.
    Ambiguous,
}

/// The beginning of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// As many as were asked for, sorted.
    pub items: Vec<T>,
    /// How many there are.
    pub total: usize,
}

/// Why no links are known.
#[derive(Debug, thiserror::Error)]
pub enum LinksError {
    /// The note was not found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// There is no index, or only one of an older program.
    #[error("there is no index yet")]
    NoIndex,
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Core {
    /// See [`Engine::links`](crate::Engine::links).
    pub(crate) fn links(&self, reference: &NoteRef) -> Result<NoteLinks, LinksError> {
        let note = self.show(reference)?;
        let read = self.read_index(|index| {
            let indexed = index.by_path(&note.path)?.into_iter().find(|row| row.path == note.path);
            let out = index.links_out(&note.path)?;
            let out = out.into_iter().map(|link| with_candidates(index, link)).collect::<Result<_, _>>()?;
            Ok((indexed, out, index.links_in(&note.path)?))
        })?;
        let (indexed, out, into) = read.ok_or(LinksError::NoIndex)?;
        let changed = match self.vault.signature(&note.path) {
            Ok(now) => !indexed.is_some_and(|row| looks_alike(&row.signature, &now)),
            Err(error @ ReadError::Vanished { .. }) => return Err(Trouble::from(error).into()),
            Err(_) => true,
        };
        if changed {
            self.mark_stale([note.path.clone()]);
        }
        Ok(NoteLinks { id: note.id, path: note.path, title: note.title, out, into, changed })
    }

    /// See [`Engine::loose_links`](crate::Engine::loose_links).
    pub(crate) fn loose_links(&self, what: Loose, limit: usize) -> Result<Listed<FoundLink>, LinksError> {
        let read = self.read_index(|index| {
            let troubles = index.link_troubles()?;
            let (links, total) = match what {
                Loose::Broken => (index.broken_links(limit)?, troubles.broken),
                Loose::Ambiguous => (index.ambiguous_links(limit)?, troubles.ambiguous),
            };
            let items = links.into_iter().map(|link| with_candidates(index, link)).collect::<Result<_, _>>()?;
            Ok(Listed { items, total: whole(total) })
        })?;
        read.ok_or(LinksError::NoIndex)
    }

    /// See [`Engine::orphans`](crate::Engine::orphans).
    pub(crate) fn orphans(&self, limit: usize) -> Result<Listed<VaultPath>, LinksError> {
        let read = self.read_index(|index| {
            Ok(Listed { items: index.orphans(limit)?, total: whole(index.link_troubles()?.orphans) })
        })?;
        read.ok_or(LinksError::NoIndex)
    }
}

/// A count of rows, of which this machine has room for none too many.
fn whole(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn with_candidates(index: &Snapshot<'_>, link: LinkRow) -> Result<FoundLink, IndexError> {
    let candidates = match link.leads {
        Leads::Anywhere => match index.resolve(&link.target, link.from.folder())? {
            Resolution::Many(paths) => paths,
            Resolution::One(_) | Resolution::None => Vec::new(),
        },
        Leads::To(_) | Leads::Nowhere | Leads::File => Vec::new(),
    };
    Ok(FoundLink { link, candidates })
}
