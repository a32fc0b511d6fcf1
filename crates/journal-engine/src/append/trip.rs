//! The trip itself: lock, plan, lease, write, acknowledge.

use std::sync::Arc;

use journal_coord::{EventKind, NewEvent};
use journal_model::{
    Diagnostic, DiagnosticCode, EditError, Gathered, NewSession, NewThought, Note, Placement, Plan, Session, Style,
    Thought, ThoughtNumber, VaultPath, edit, plan, same_thought, session_changes,
};

use journal_vault::RealFolder;

use super::{
    AppendError, AppendThought, Appended, RefusedAppend, WrittenNote,
    home::{Home, NewHome},
};
use crate::{
    Moment, Trouble,
    core::{Core, Turn},
    notes::in_note,
    rewrite::RewriteError,
};

/// Where a request leads.
enum Place<'a> {
    /// The thought is there already, word for word.
    Replay(&'a Thought),
    /// It is to be written here.
    Free(Placement<'a>),
}

/// A thought, ready to be written.
struct Draft {
    thought: Thought,
    text: String,
    gap_from: Option<ThoughtNumber>,
    /// The session note, where it begins with this thought.
    new_session: Option<(VaultPath, String)>,
}

impl Core {
    /// Appends a thought; see [`Engine::append`](crate::Engine::append).
    pub(crate) fn append(&self, turn: &Turn, request: &AppendThought) -> Result<Appended, AppendError> {
        check_text(&request.text)?;
        let now = self.source.now();
        let mut home = self.home(Some(turn), request, &now)?;
        self.sweep_met();
        let placement = match self.place(request, &home.notes.gathered)? {
            Place::Replay(thought) => {
                // An earlier try may have failed in its last step, between the note's name and the disk.
                self.vault.make_durable(&thought.path).map_err(Trouble::from)?;
                return Ok(replayed(thought.clone(), &home));
            }
            Place::Free(placement) => placement,
        };
        let session = &home.notes.gathered.id;
        let before = match &home.new {
            Some(_) => self.current_session_id(Some(turn), &request.caller.agent.id)?.map(|id| id.to_string()),
            None => None,
        };
        let mut caller = request.caller.clone();
        caller.agent.session = Some(session.to_string());
        let lease = self.hold_line(turn, &caller, request.takeover.as_ref(), session, &placement.line, now.unix_ms)?;
        let draft = self.draft(request, &home, &placement, &now)?;
        let mut appended = match self.write(request, &mut home, draft, &now) {
            Ok(appended) => appended,
            Err(error) => {
                let is_gone = |path| self.vault.exists(path).is_ok_and(|is_there| !is_there);
                if home.new.as_ref().is_some_and(|new| is_gone(&new.path)) {
                    // Nothing came of the session, so the caller's current one is still the one before. What fails here
                    // fails a caller who is told of a failure already.
                    drop(self.release_line(&request.caller, &lease));
                    drop(self.coordinate(Some(turn), |coord| coord.set_session(&caller.agent.id, before.as_deref())));
                }
                return Err(error);
            }
        };
        let settled = self.settle(&request.caller, &lease);
        let told = settled.and_then(|()| self.tell_others(&request.caller, &news(&appended), &request.related_files));
        if let Err(trouble) = told {
            // The thought is safe; the line counts as left by a process that died, which the next writer may take at once.
            appended.diagnostics.push(Diagnostic::new(
                DiagnosticCode::Database,
                trouble.to_string(),
                "the thought is written; another agent may think on this line at once",
            ));
        }
        appended.lease = Some(lease);
        appended.diagnostics.extend(self.take_state_report());
        Ok(appended)
    }

    /// What [`Self::append`] would write, written nowhere.
    pub(crate) fn preview_append(&self, request: &AppendThought) -> Result<Appended, AppendError> {
        check_text(&request.text)?;
        let now = self.source.now();
        let mut home = self.home(None, request, &now)?;
        match self.place(request, &home.notes.gathered)? {
            Place::Replay(thought) => Ok(replayed(thought.clone(), &home)),
            Place::Free(placement) => {
                let draft = self.draft(request, &home, &placement, &now)?;
                let mut written = draft.notes();
                Arc::make_mut(&mut home.notes).gathered.push(draft.thought.clone());
                let mut diagnostics = Vec::new();
                match self.preview_session(&draft.thought, request, &home, &now) {
                    Ok(note) => written.extend(note),
                    Err(diagnostic) => diagnostics.push(*diagnostic),
                }
                let mut appended = appended(draft.thought, draft.gap_from, &home, written);
                appended.diagnostics.extend(diagnostics);
                Ok(appended)
            }
        }
    }

    /// The append rules, and for a number that is taken the text that tells a retry from a clash.
    fn place<'a>(&self, request: &AppendThought, gathered: &'a Gathered) -> Result<Place<'a>, AppendError> {
        let refused = |refusal| AppendError::Refused(Box::new(RefusedAppend { session: gathered.id.clone(), refusal }));
        match plan(gathered, &request.asked).map_err(refused)? {
            Plan::Free(placement) => Ok(Place::Free(placement)),
            Plan::Occupied { by, refusal } => {
                for thought in by {
                    let (seen, text) = self.read_note(&thought.path).map_err(Trouble::from)?;
                    if same_thought(seen.note.body(&text), &request.text) {
                        return Ok(Place::Replay(thought));
                    }
                }
                Err(refused(refusal))
            }
        }
    }

    fn draft(
        &self,
        request: &AppendThought,
        home: &Home,
        placement: &Placement<'_>,
        now: &Moment,
    ) -> Result<Draft, AppendError> {
        let gathered = &home.notes.gathered;
        let session_path = home.session_path();
        let id = self.new_id();
        let new = NewThought {
            id: &id,
            session: &gathered.id,
            session_stem: session_path.map(VaultPath::stem),
            placement,
            agent: request.caller.agent.id.as_str(),
            now: &now.local,
            tags: &request.tags,
            confidence: request.confidence.as_deref(),
            related_files: &request.related_files,
            text: &request.text,
        };
        // Without a session note, beside the thought before.
        let folder =
            session_path.or_else(|| gathered.newest().map(|thought| &thought.path)).map_or("", VaultPath::folder);
        let path = self.free_path(folder, home, &new)?;
        let thought = new.as_thought(path, &home.style);
        let text = new.to_note(&thought, &home.style);
        let new_session =
            home.new.as_ref().map(|new| (new.path.clone(), session_text(request, home, new, &thought, now)));
        Ok(Draft { thought, text, gap_from: placement.gap_from, new_session })
    }

    /// A path for the thought's note whose name no note of the vault has.
    fn free_path(&self, folder: &str, home: &Home, new: &NewThought<'_>) -> Result<VaultPath, AppendError> {
        let mut again = 1;
        loop {
            let name = home.style.thought_file_name(new.placement.number, &new.title(), &new.placement.line, again);
            let path = VaultPath::in_folder(folder, &name)?;
            if !self.name_taken(&name) && !self.vault.exists(&path).map_err(Trouble::from)? {
                return Ok(path);
            }
            again += 1;
        }
    }

    fn write(
        &self,
        request: &AppendThought,
        home: &mut Home,
        draft: Draft,
        now: &Moment,
    ) -> Result<Appended, AppendError> {
        let mut written = draft.notes();
        let mut unsynced = None;
        if let Some((path, text)) = &draft.new_session {
            self.begin_session((path, text), &draft)?;
            home.reread_session(path, text);
        } else {
            let created = self.vault.create_unsynced(&draft.thought.path, draft.text.as_bytes());
            unsynced = Some(created.map_err(Trouble::from)?);
        }
        // From here on the thought is there: what fails in the session note is told, and mended by the next append.
        self.set_aside(&home.notes.gathered.id);
        Arc::make_mut(&mut home.notes).gathered.push(draft.thought.clone());
        let mut diagnostics = Vec::new();
        match self.link_from_session(&draft.thought, request, home, now) {
            Ok(Some((note, synced))) => {
                written.push(note);
                unsynced.take_if(|folder| *folder == synced);
            }
            Ok(None) => {}
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
        if let Some(folder) = unsynced {
            self.vault.sync_names(&folder, &draft.thought.path).map_err(Trouble::from)?;
        }
        let mut appended = appended(draft.thought, draft.gap_from, home, written);
        appended.diagnostics.extend(diagnostics);
        self.remember(&home.notes, &appended.written.iter().map(|note| &note.path).collect::<Vec<_>>());
        Ok(appended)
    }

    /// Writes a session note and its first thought, or neither.
    fn begin_session(&self, (path, text): (&VaultPath, &str), draft: &Draft) -> Result<(), Trouble> {
        let created = self.vault.create(path, text.as_bytes());
        let begun = created.and_then(|()| self.vault.create(&draft.thought.path, draft.text.as_bytes()));
        if begun.is_err() {
            self.vault.take_back(&draft.thought.path, draft.text.as_bytes());
            self.vault.take_back(path, text.as_bytes());
        }
        Ok(begun?)
    }

    /// Brings the properties of a session note that was there up to date with its thoughts; answers the folder whose names are
    /// durable then.
    fn link_from_session(
        &self,
        newest: &Thought,
        request: &AppendThought,
        home: &mut Home,
        now: &Moment,
    ) -> Result<Option<(WrittenNote, RealFolder)>, Box<Diagnostic>> {
        let Some(path) = home.session_to_edit() else { return Ok(None) };
        let rewritten = self.rewrite(&path, |text| {
            let gathered = &mut Arc::make_mut(&mut home.notes).gathered;
            edited_session(text, &path, newest, request, gathered, &home.style, now)
        });
        let rewritten = rewritten.map_err(|error| not_linked(&path, error))?;
        Ok(rewritten.map(|note| {
            home.reread_session(&path, &note.after);
            (WrittenNote { path, before: Some(note.before), after: note.after }, note.folder)
        }))
    }

    /// What [`Self::link_from_session`] would write.
    fn preview_session(
        &self,
        newest: &Thought,
        request: &AppendThought,
        home: &Home,
        now: &Moment,
    ) -> Result<Option<WrittenNote>, Box<Diagnostic>> {
        let Some(path) = home.session_to_edit() else { return Ok(None) };
        let (_, before) = self.read_note(&path).map_err(|error| not_linked(&path, Trouble::from(error).into()))?;
        let after = edited_session(&before, &path, newest, request, &mut home.notes.gathered.clone(), &home.style, now)
            .map_err(|error| not_linked(&path, RewriteError::Compute(error)))?;
        Ok((after != before).then_some(WrittenNote { path, before: Some(before), after }))
    }
}

/// A session note's text with its properties brought up to date; what it says itself replaces what was known of it.
fn edited_session(
    text: &str,
    path: &VaultPath,
    newest: &Thought,
    request: &AppendThought,
    gathered: &mut Gathered,
    style: &Style,
    now: &Moment,
) -> Result<String, EditError> {
    let session = Session::read(gathered.id.clone(), path.clone(), &Note::parse(text).properties);
    gathered.session = Some(session.clone());
    let agent = request.caller.agent.id.as_str();
    let changes = session_changes(&session, gathered, newest, agent, &now.local, style);
    edit(text, &changes)
}

/// The thought is written, and its session note says nothing of it.
fn not_linked(path: &VaultPath, error: RewriteError<EditError>) -> Box<Diagnostic> {
    let written = "the thought itself is written";
    let diagnostic = match error {
        RewriteError::NotUtf8 => {
            let hint = format!("{written}; save the session note as UTF-8, and the next thought links it");
            Diagnostic::new(DiagnosticCode::NotEditable, error.to_string(), hint)
        }
        RewriteError::Compute(error) => {
            let diagnostic = error.diagnostic();
            let hint = format!("{written}; {}, and the next thought links it", diagnostic.hint);
            Diagnostic { hint, ..diagnostic }
        }
        RewriteError::Trouble(trouble) => {
            let hint = format!("{written}; the next thought links it as well");
            Diagnostic::new(DiagnosticCode::NotWritten, trouble.to_string(), hint)
        }
    };
    Box::new(in_note(&diagnostic, path))
}

impl Home {
    /// The session note to be edited: one that is there, and not from this very append.
    fn session_to_edit(&self) -> Option<VaultPath> {
        let there = self.notes.gathered.session.as_ref().filter(|_| self.new.is_none());
        there.map(|session| session.path.clone())
    }

    fn reread_session(&mut self, path: &VaultPath, text: &str) {
        let gathered = &mut Arc::make_mut(&mut self.notes).gathered;
        gathered.session = Some(Session::read(gathered.id.clone(), path.clone(), &Note::parse(text).properties));
    }

    fn session_path(&self) -> Option<&VaultPath> {
        let new = self.new.as_ref().map(|new| &new.path);
        new.or_else(|| self.notes.gathered.session.as_ref().map(|session| &session.path))
    }
}

impl Draft {
    /// The notes to be written, the thought first.
    fn notes(&self) -> Vec<WrittenNote> {
        let thought = WrittenNote { path: self.thought.path.clone(), before: None, after: self.text.clone() };
        let session = self.new_session.as_ref().map(|(path, text)| WrittenNote {
            path: path.clone(),
            before: None,
            after: text.clone(),
        });
        [thought].into_iter().chain(session).collect()
    }
}

/// What the other agents are told of a thought.
fn news(appended: &Appended) -> Vec<NewEvent> {
    let written = NewEvent::about(EventKind::NoteChanged, appended.thought.path.as_str());
    let opened = appended.session_is_new.then(|| {
        NewEvent::about(EventKind::SessionOpened, appended.session_id.as_str()).saying(Some(&appended.session_title))
    });
    opened.into_iter().chain([written]).collect()
}

fn check_text(text: &str) -> Result<(), AppendError> {
    if text.trim().is_empty() {
        return Err(AppendError::Empty);
    }
    if text.len() > AppendThought::MAX_BYTES {
        return Err(AppendError::TooLarge { bytes: text.len() });
    }
    Ok(())
}

fn session_text(request: &AppendThought, home: &Home, new: &NewHome, first: &Thought, now: &Moment) -> String {
    let session = NewSession {
        id: &home.notes.gathered.id,
        title: &new.title,
        project: new.project.as_deref(),
        agent: request.caller.agent.id.as_str(),
        now: &now.local,
        tags: &request.tags,
    };
    session.text(first)
}

fn replayed(thought: Thought, home: &Home) -> Appended {
    Appended { replayed: true, ..appended(thought, None, home, Vec::new()) }
}

fn appended(thought: Thought, gap_from: Option<ThoughtNumber>, home: &Home, written: Vec<WrittenNote>) -> Appended {
    let gathered = &home.notes.gathered;
    // A gap is told when it is made, and what is wrong inside the notes when they are hydrated.
    let mut diagnostics = if home.new.is_some() { Vec::new() } else { gathered.diagnostics() };
    diagnostics.retain(|diagnostic| diagnostic.code != DiagnosticCode::MissingThought);
    Appended {
        session_id: gathered.id.clone(),
        session_title: home.new.as_ref().map_or_else(|| gathered.title(), |new| &new.title).to_owned(),
        session_path: home.session_path().cloned(),
        session_is_new: home.new.is_some(),
        replayed: false,
        next_number: gathered.next_number(&thought.line, thought.branch_from),
        thoughts: gathered.thoughts().len(),
        branches: gathered.branches(),
        gap_from,
        lease: None,
        written,
        diagnostics,
        thought,
    }
}
