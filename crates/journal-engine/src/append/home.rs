//! The session a thought joins: chosen, found, and as it is now.

use std::sync::Arc;

use journal_coord::AgentId;
use journal_model::{
    AskedLine, Line, NewThought, NoteRef, Style, ThoughtNumber, VaultPath, first_sentence, link_to, same_thought,
};

use super::{AppendError, AppendThought, NewSessionChoice, SessionChoice};
use crate::{
    Moment, SessionRefError, Trouble,
    core::{Core, Turn},
    notes::{SessionNotes, check_seen, is_session},
    session_ref::Ground,
};

/// Where a thought goes.
pub(super) struct Home {
    pub notes: Arc<SessionNotes>,
    pub style: Style,
    /// Set where the session begins with this thought.
    pub new: Option<NewHome>,
}

/// A session note that is not there yet.
pub(super) struct NewHome {
    pub path: VaultPath,
    pub title: String,
    pub project: Option<String>,
}

impl Core {
    /// The session that a request means. Called with the write lock held, which `turn` says, but for a preview.
    pub(super) fn home(&self, turn: Option<&Turn>, request: &AppendThought, now: &Moment) -> Result<Home, AppendError> {
        match &request.session {
            SessionChoice::Existing(reference) => self.existing_home(reference),
            SessionChoice::New(choice) => self.new_home(choice, request, now),
            SessionChoice::ByRule(choice) => self.home_by_rule(turn, choice, request, now),
        }
    }

    fn existing_home(&self, reference: &NoteRef) -> Result<Home, AppendError> {
        let notes = match self.remembered(reference) {
            Some(notes) => notes,
            None => {
                let found = self.find_session(reference)?;
                found.notes.check_sole().map_err(SessionRefError::from)?;
                let notes = Arc::new(found.notes);
                match found.ground {
                    Ground::Walked(listing) => {
                        check_seen(self.vault.root(), &listing, notes.folders())?;
                        self.learn(&notes, &listing);
                    }
                    Ground::Indexed(folders) => self.learn_listed(&notes, folders),
                }
                notes
            }
        };
        Ok(Home { style: Style::of(&notes.gathered), notes, new: None })
    }

    /// The append rules without a session: number 1 of the main line begins one, and so does a thought without a number from
    /// somebody who has none open; anything else joins the session in which the agent thought last.
    fn home_by_rule(
        &self,
        turn: Option<&Turn>,
        choice: &NewSessionChoice,
        request: &AppendThought,
        now: &Moment,
    ) -> Result<Home, AppendError> {
        let asked = &request.asked;
        let on_main = asked.line == AskedLine::Main && asked.revises.is_none();
        let first = on_main && asked.number == Some(ThoughtNumber::FIRST);
        let lasting = request.caller.lasting;
        let current = if lasting { self.current_session(turn, &request.caller.agent.id) } else { Ok(None) };
        let current = match current {
            // What is wrong with the session before is no reason against another one.
            Err(AppendError::Session(_)) if first => None,
            current => current?,
        };
        if let Some(home) = current {
            // The first thought again is a retry whose answer got lost, not another session.
            let open = home.notes.gathered.status().is_open();
            if first && (self.is_retry_of_first(&home, request)? || was_begun_by(&home, request))
                || !first && (open || asked.number.is_some() || !on_main)
            {
                return Ok(home);
            }
        }
        if first || on_main && asked.number.is_none() {
            return self.new_home(choice, request, now);
        }
        Err(AppendError::NoSession {
            number: asked.number.map_or_else(|| "the next thought".to_owned(), |number| format!("thought {number}")),
            line: asked.line.line(),
        })
    }

    fn is_retry_of_first(&self, home: &Home, request: &AppendThought) -> Result<bool, Trouble> {
        let Some(first) = home.notes.gathered.on(&Line::Main).find(|t| t.number == Some(ThoughtNumber::FIRST)) else {
            return Ok(false);
        };
        let (seen, text) = self.read_note(&first.path)?;
        Ok(same_thought(seen.note.body(&text), &request.text))
    }

    /// The session in which an agent thought last, as it is now.
    fn current_session(&self, turn: Option<&Turn>, agent: &AgentId) -> Result<Option<Home>, AppendError> {
        let Some(id) = self.current_session_id(turn, agent)? else { return Ok(None) };
        match self.existing_home(&NoteRef::from(&id)) {
            Ok(home) if is_session(&home.notes.gathered) => Ok(Some(home)),
            Ok(_) | Err(AppendError::Session(SessionRefError::Resolve(crate::ResolveError::NotFound { .. }))) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn new_home(&self, choice: &NewSessionChoice, request: &AppendThought, now: &Moment) -> Result<Home, AppendError> {
        let id = self.new_id();
        let title = match choice.title.as_deref().map(str::trim) {
            Some(title) if !title.is_empty() => title.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => first_sentence(&request.text, 60),
        };
        let folder = choice.folder.as_deref().unwrap_or(&self.settings.thinking_folder).trim_matches('/').to_owned();
        let mut tail = Style::TAIL_CHARS;
        let (path, style) = loop {
            let style = Style::own(&id, tail);
            let stem = style.session_stem(now.date(), &title);
            let path = VaultPath::in_folder(&folder, &format!("{}/{stem}/{stem}.md", now.year()))?;
            if !self.is_stem_taken(&stem).map_err(Trouble::from)? || tail >= id.as_str().len() {
                break (path, style);
            }
            tail += 2;
        };
        let notes = Arc::new(SessionNotes::new(id));
        Ok(Home { notes, style, new: Some(NewHome { path, title, project: choice.project.clone() }) })
    }
}

/// Whether a session has no thought but the link to the one that a request asks for: what is left when its very first append
/// failed between the two notes.
fn was_begun_by(home: &Home, request: &AppendThought) -> bool {
    let title = first_sentence(&request.text, NewThought::TITLE_CHARS);
    let name = home.style.thought_file_name(ThoughtNumber::FIRST, &title, &Line::Main, 1);
    let stem = name.strip_suffix(".md").unwrap_or(&name);
    let see_also = home.notes.gathered.session.as_ref().map(|session| session.see_also.as_slice());
    home.notes.gathered.thoughts().is_empty() && see_also == Some(&[link_to(stem)])
}
