//! The links of a session note: to thoughts without a `session_note_id`, to other notes, to nowhere.

use std::collections::HashSet;

use super::unreadable;
use crate::{
    ResolveError,
    core::Core,
    notes::{SessionNotes, in_note},
    session_ref::Ground,
};
use journal_model::{NameMap, Resolution, Thought, VaultPath, is_thought, link_values, name_key, resolve_link};

/// A note that a session note links to, and that is no thought of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedTarget {
    /// The link, as written.
    pub link: String,
    /// Where it leads.
    pub path: VaultPath,
}

/// Where the links lead.
#[derive(Default)]
pub(crate) struct Links {
    /// The thoughts that belong by link only.
    pub thoughts: HashSet<VaultPath>,
    pub others: Vec<LinkedTarget>,
    pub unresolved: Vec<String>,
    pub ambiguous: Vec<(String, Vec<VaultPath>)>,
}

impl Core {
    /// Follows `see_also`. A linked thought that says nothing of a session joins `notes`.
    pub(crate) fn follow_links(&self, notes: &mut SessionNotes, ground: Ground) -> Result<Links, ResolveError> {
        let mut links = Links::default();
        let Some(session) = notes.gathered.session.clone() else { return Ok(links) };
        let known: HashSet<String> = notes.gathered.thoughts().iter().map(|t| name_key(t.path.stem())).collect();
        let unknown: Vec<_> = session
            .see_also
            .iter()
            .flat_map(|text| link_values(text).into_iter().map(move |link| (text, link.target)))
            .filter(|(_, target)| !target.is_empty() && !known.contains(&name_key(target)))
            .collect();
        if unknown.is_empty() {
            return Ok(links);
        }
        let names = self.names_for(
            &unknown.iter().map(|(_, target)| target.as_str()).collect::<Vec<_>>(),
            session.path.folder(),
            ground,
        )?;
        for (link, target) in unknown {
            match resolve_link(&target, session.path.folder(), &names) {
                Resolution::None => links.unresolved.push(target),
                Resolution::Many(paths) => links.ambiguous.push((target, paths)),
                Resolution::One(path) => {
                    if notes.gathered.thoughts().iter().any(|thought| thought.path == path) {
                        continue;
                    }
                    let (seen, _) = match self.read_note(&path) {
                        Ok(read) => read,
                        Err(error) => {
                            notes.diagnostics.push(unreadable(&path, &error));
                            continue;
                        }
                    };
                    if seen.belongs_to().is_none() && is_thought(&seen.note.properties) {
                        let (thought, diagnostics) = Thought::read(path.clone(), &seen.note.properties);
                        notes.diagnostics.extend(diagnostics.iter().map(|diagnostic| in_note(diagnostic, &path)));
                        notes.gathered.push(thought);
                        links.thoughts.insert(path);
                    } else {
                        links.others.push(LinkedTarget { link: link.clone(), path });
                    }
                }
            }
        }
        Ok(links)
    }

    /// Names of notes, enough to tell where links lead. The index is enough when it knows a note for each of them.
    fn names_for(&self, targets: &[&str], folder: &str, ground: Ground) -> Result<NameMap, ResolveError> {
        let listing = match ground {
            Ground::Walked(listing) => listing,
            Ground::Indexed(_) => {
                let indexed = self.try_index(|index| {
                    let found = targets.iter().map(|target| index.resolve(target, folder));
                    found.collect::<Result<Vec<_>, _>>()
                });
                let paths = indexed.into_iter().flatten().map(|resolution| match resolution {
                    Resolution::One(path) if self.vault.exists(&path).unwrap_or(false) => Some(path),
                    _ => None,
                });
                match paths.collect::<Option<Vec<_>>>() {
                    Some(paths) if paths.len() == targets.len() => return Ok(paths.into_iter().collect()),
                    _ => self.vault.walk_names()?,
                }
            }
        };
        Ok(listing.notes.into_iter().collect())
    }
}
