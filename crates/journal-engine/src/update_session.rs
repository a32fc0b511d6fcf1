//! Close, pause, resume, rename: properties of a session note, every other byte kept.

use journal_coord::{EventKind, NewEvent, Takeover};
use journal_model::{
    Change, Diagnostic, DiagnosticCode, EditError, Line, NoteId, NoteRef, Status, VaultPath, Written, edit,
};

use crate::{
    Caller, HoldError, SessionRefError, Trouble,
    core::{Core, Turn},
    rewrite::RewriteError,
    session_ref::Ground,
    trouble::with_causes,
};

/// What to change about a session.
#[derive(Debug, Clone)]
pub struct UpdateSession {
    /// Who changes it.
    pub caller: Caller,
    /// The session.
    pub reference: NoteRef,
    /// Its new status.
    pub status: Option<Status>,
    /// Its new title. Names of files stay: links by name lead to them.
    pub title: Option<String>,
    /// Its conclusion.
    pub summary: Option<String>,
    /// Take the main line over from whoever holds it; a live holder only with a reason.
    pub takeover: Option<Takeover>,
}

/// A session as it was changed.
#[derive(Debug, Clone)]
pub struct UpdatedSession {
    /// Its id.
    pub id: NoteId,
    /// Its note.
    pub path: VaultPath,
    /// Its title now.
    pub title: String,
    /// Its status before.
    pub was: Status,
    /// Its status now.
    pub status: Status,
    /// Whether the note changed at all.
    pub changed: bool,
    /// What is wrong, and did not stop the change.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why a session was not changed. Its note is as it was.
#[derive(Debug, thiserror::Error)]
pub enum UpdateSessionError {
    /// The session was not found.
    #[error(transparent)]
    Session(#[from] SessionRefError),
    /// The session's own note is gone.
    #[error("the note of session `{0}` is gone, so nothing can be written in it")]
    NoteGone(NoteId),
    /// Another agent is thinking on the main line.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// The note's properties are written in a way that cannot be edited safely.
    #[error("`{path}` was left as it is: {source}")]
    NotEditable {
        /// The note.
        path: VaultPath,
        /// Why.
        source: EditError,
    },
    /// The note is not UTF-8.
    #[error("`{0}` is not UTF-8, so its properties were left as they are")]
    NotUtf8(VaultPath),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl UpdateSessionError {
    fn of(error: RewriteError<EditError>, path: &VaultPath) -> Self {
        match error {
            RewriteError::NotUtf8 => Self::NotUtf8(path.clone()),
            RewriteError::Compute(source) => Self::NotEditable { path: path.clone(), source },
            RewriteError::Trouble(trouble) => trouble.into(),
        }
    }
}

impl Core {
    /// Changes a session note; see [`Engine::update_session`](crate::Engine::update_session).
    pub(crate) fn update_session(
        &self,
        turn: &Turn,
        request: &UpdateSession,
    ) -> Result<UpdatedSession, UpdateSessionError> {
        let found = self.find_session(&request.reference)?;
        if let Ground::Walked(listing) = &found.ground {
            self.meet_temps(listing.temps.iter().cloned());
        }
        self.sweep_met();
        found.notes.check_sole().map_err(SessionRefError::from)?;
        let gathered = &found.notes.gathered;
        let Some(session) = &gathered.session else { return Err(UpdateSessionError::NoteGone(gathered.id.clone())) };
        let now = self.source.now();
        let lease =
            self.hold_line(turn, &request.caller, request.takeover.as_ref(), &gathered.id, &Line::Main, now.unix_ms)?;
        let edited = self.rewrite(&session.path, |text| request.edited(text, &now.local));
        let changed = edited.map_err(|error| UpdateSessionError::of(error, &session.path))?.is_some();
        if !changed {
            // An earlier try may have failed in its last step, between the note's name and the disk.
            self.vault.make_durable(&session.path).map_err(Trouble::from)?;
        }
        let was = gathered.status();
        let status = request.status.unwrap_or(was);
        let settled = || -> Result<(), Trouble> {
            self.settle(&request.caller, &lease)?;
            if !status.is_open() {
                self.release_line(&request.caller, &lease)?;
            }
            if changed {
                let event = NewEvent::about(EventKind::SessionChanged, gathered.id.as_str());
                let detail = format!("{}: {}", request.title.as_deref().unwrap_or(gathered.title()), status);
                self.tell_others(&request.caller, &[event.saying(Some(&detail))], &[])?;
            }
            Ok(())
        };
        // The note is written: what fails from here on is told and takes nothing back.
        let unsettled = settled().err().map(|trouble| {
            let hint = "the session is changed; the other agents may not know, and you may still hold its main line";
            Diagnostic::new(DiagnosticCode::Database, with_causes(&trouble), hint)
        });
        Ok(UpdatedSession {
            id: gathered.id.clone(),
            path: session.path.clone(),
            title: request.title.clone().unwrap_or_else(|| gathered.title().to_owned()),
            was,
            status,
            changed,
            diagnostics: unsettled.into_iter().chain(self.take_state_report()).collect(),
        })
    }
}

impl UpdateSession {
    /// The note's text with what is asked for in it; the same text where it says so already.
    fn edited(&self, note: &str, now: &str) -> Result<String, EditError> {
        let asked = edit(note, &self.changes())?;
        if asked == note {
            return Ok(asked);
        }
        let agent = Written::Text(self.caller.agent.id.to_string());
        let stamps = [("updated", Change::Set(Written::Plain(now.to_owned()))), ("agent", Change::Set(agent))];
        edit(note, &[self.changes().as_slice(), &stamps].concat())
    }

    fn changes(&self) -> Vec<(&'static str, Change)> {
        let text = |text: &String| Change::Set(Written::Text(text.clone()));
        let mut changes = Vec::new();
        changes.extend(self.title.as_ref().map(|title| ("title", text(title))));
        changes.extend(self.status.map(|status| ("status", text(&status.to_string()))));
        changes.extend(self.summary.as_ref().map(|summary| ("summary", text(summary))));
        changes
    }
}
