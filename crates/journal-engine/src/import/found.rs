//! The sessions in a folder of notes that is not this vault: another vault, or a part of one.

use std::{
    collections::{BTreeMap, HashMap},
    str,
};

use journal_model::{Diagnostic, NoteId, Session, VaultPath, is_thought, link_values, name_key};
use journal_vault::{Listing, SkipReason, Vault};

use super::{ForeignNote, ForeignNotes};
use crate::{
    Trouble,
    hydrate::unreadable,
    notes::{Seen, gather, is_session},
};

/// What was found in a folder.
#[derive(Debug)]
pub struct FoundSessions {
    /// The sessions, by id.
    pub sessions: Vec<ForeignNotes>,
    /// Notes that belong to no session.
    pub others: usize,
    /// What is wrong with them. A note that could not be read is left out.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads all sessions of a folder into memory.
///
/// # Errors
/// When the folder cannot be walked.
pub fn sessions_in(folder: &Vault) -> Result<FoundSessions, Trouble> {
    let (listing, heads) = folder.walk_heads(|path, head| {
        let seen = Seen::parse(path.clone(), head);
        let properties = &seen.note.properties;
        let is_part = is_thought(properties)
            || properties.text("type") == Some(Session::TYPE)
            || properties.get("branch_ids").is_some();
        is_part.then_some(seen)
    })?;
    let mut by_session: BTreeMap<NoteId, Vec<Seen>> = BTreeMap::new();
    // Thoughts that say nothing of a session belong to the one whose note links them.
    let mut unbound: HashMap<String, Seen> = HashMap::new();
    for seen in heads {
        match (seen.belongs_to(), seen.id()) {
            (Some(session), _) => by_session.entry(session).or_default().push(seen),
            (None, _) if is_thought(&seen.note.properties) => {
                unbound.insert(name_key(seen.path.stem()), seen);
            }
            (None, Some(id)) => by_session.entry(id).or_default().push(seen),
            (None, None) => {}
        }
    }
    let mut found = FoundSessions { sessions: Vec::new(), others: 0, diagnostics: unread(&listing) };
    let mut taken = 0;
    for (id, seen) in by_session {
        let notes = gather(&id, &seen);
        if !is_session(&notes.gathered) {
            continue;
        }
        found.diagnostics.extend(notes.diagnostics);
        let mut thoughts: Vec<VaultPath> = notes.gathered.thoughts().iter().map(|t| t.path.clone()).collect();
        if let Some(own) = &notes.gathered.session {
            let linked = own.see_also.iter().flat_map(|text| link_values(text));
            let names = linked.map(|link| name_key(link.target.rsplit('/').next().unwrap_or_default()));
            let before = thoughts.len();
            thoughts.extend(names.filter_map(|name| Some(unbound.remove(&name)?.path)));
            taken += thoughts.len() - before;
        }
        // Also those that are left out, which is told.
        taken += seen.len();
        let mut read = |path: &VaultPath| read(folder, path, &mut found.diagnostics);
        let own = notes.gathered.session.as_ref().and_then(|own| read(&own.path));
        let thoughts: Vec<_> = thoughts.iter().filter_map(&mut read).collect();
        found.sessions.push(ForeignNotes { session: id, own, thoughts });
    }
    found.others = listing.notes.len().saturating_sub(taken);
    Ok(found)
}

fn read(folder: &Vault, path: &VaultPath, diagnostics: &mut Vec<Diagnostic>) -> Option<ForeignNote> {
    let bytes = match folder.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(unreadable(path, &error));
            return None;
        }
    };
    match str::from_utf8(&bytes) {
        Ok(text) => Some(ForeignNote { path: path.clone(), text: text.to_owned() }),
        Err(error) => {
            diagnostics.push(Diagnostic::new(
                journal_model::DiagnosticCode::Unreadable,
                format!("`{path}` is not UTF-8 from byte {} on, so it was left out", error.valid_up_to()),
                "save it as UTF-8 in a text editor, and import again",
            ));
            None
        }
    }
}

fn unread(listing: &Listing) -> Vec<Diagnostic> {
    let unread = listing.skipped.iter().filter(|skipped| matches!(skipped.reason, SkipReason::Unreadable(_)));
    let told = unread.map(|skipped| {
        let message = format!("`{}`: {}", skipped.path, skipped.reason);
        Diagnostic::new(journal_model::DiagnosticCode::Unreadable, message, "look at the file, and import again")
    });
    told.collect()
}
