//! The sessions of a vault, and where the whole stands.

use std::collections::{BTreeMap, BTreeSet};

use journal_model::{Diagnostic, NoteId, Session, Status, ThoughtNumber, VaultPath, is_thought};
use journal_vault::Skipped;

use crate::{
    Trouble,
    core::Core,
    notes::{gather, is_session},
};

/// Which sessions to list.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Only these; empty for all.
    pub statuses: Vec<Status>,
    /// Only of this project, in any case.
    pub project: Option<String>,
}

/// A session in a list.
#[derive(Debug, Clone)]
pub struct SessionSummary {
    /// Its id.
    pub id: NoteId,
    /// Its note, unless that is gone.
    pub path: Option<VaultPath>,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// What it is about.
    pub project: Option<String>,
    /// When it was last thought in: the newest of its note's `updated` and its thoughts' `created`, as text.
    pub updated: Option<String>,
    /// How many thoughts it has, on all lines.
    pub thoughts: usize,
    /// How many branches.
    pub branches: usize,
    /// The number the next thought of the main line gets.
    pub next_number: Option<ThoughtNumber>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// The sessions of a vault.
#[derive(Debug)]
pub struct Sessions {
    /// Newest first.
    pub sessions: Vec<SessionSummary>,
    /// How many notes the vault has, of any kind.
    pub notes: usize,
    /// Notes and folders that could not be looked at.
    pub skipped: Vec<Skipped>,
}

impl Core {
    /// See [`Engine::sessions`](crate::Engine::sessions).
    pub(crate) fn sessions(&self, filter: &SessionFilter) -> Result<Sessions, Trouble> {
        let sight = self.sight_where(|seen| {
            let properties = &seen.note.properties;
            is_thought(properties)
                || properties.text("type") == Some(Session::TYPE)
                || properties.get("branch_ids").is_some()
        })?;
        let mut by_session: BTreeMap<NoteId, Vec<_>> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for seen in sight.seen {
            // A thought belongs to its session; every other note kept by the walk is a session of its own.
            let Some(id) = seen.belongs_to().or_else(|| seen.id()) else { continue };
            ids.insert(id.clone());
            by_session.entry(id).or_default().push(seen);
        }
        let mut sessions: Vec<_> = ids
            .into_iter()
            .filter_map(|id| {
                let seen = by_session.remove(&id)?;
                let notes = gather(&id, &seen);
                is_session(&notes.gathered).then(|| summary(notes))
            })
            .filter(|session| filter.keeps(session))
            .collect();
        sessions.sort_by(|a, b| (&b.updated, &b.id).cmp(&(&a.updated, &a.id)));
        Ok(Sessions { sessions, notes: sight.listing.notes.len(), skipped: sight.listing.skipped })
    }
}

impl SessionFilter {
    fn keeps(&self, session: &SessionSummary) -> bool {
        let project = |asked: &String| session.project.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(asked));
        (self.statuses.is_empty() || self.statuses.contains(&session.status))
            && self.project.as_ref().is_none_or(project)
    }
}

fn summary(notes: crate::notes::SessionNotes) -> SessionSummary {
    let gathered = &notes.gathered;
    let session = gathered.session.as_ref();
    let newest = gathered.newest().and_then(|thought| thought.created.clone());
    SessionSummary {
        path: session.map(|session| session.path.clone()),
        title: gathered.title().to_owned(),
        status: gathered.status(),
        project: session.and_then(|session| session.project.clone()),
        updated: session.and_then(|session| session.updated.clone()).max(newest),
        thoughts: gathered.thoughts().len(),
        branches: gathered.branches().len(),
        next_number: gathered.next_number(&journal_model::Line::Main, None),
        id: gathered.id.clone(),
        diagnostics: notes.diagnostics,
    }
}
