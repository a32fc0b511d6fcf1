//! `journal think`: append a thought.

use std::io::{self, IsTerminal, Read};

use journal_engine::{
    Acquired, AppendError, AppendThought, Appended, Caller, Engine, Event, EventKind, HoldError, Hydrate, Identified,
    ModelUse, NewSessionChoice, SessionChoice, Similar, Takeover, memorable_name,
};
use journal_model::{Asked, AskedLine, BranchName, NoteId, NoteRef, ThoughtNumber};

use super::exit;
use crate::{
    caller,
    draft::Draft,
    failure::{Failure, Usage},
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, counted, diagnostics, diff, one_line, quoted, short},
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal think "The test fails only when the cache is cold." --title "Fix the flaky test"
  journal think --session k3m9q2 "Warming the cache first makes it pass."
  journal think --session k3m9q2 --revises 1 "It fails when the clock is mocked, cold or not."
  journal think --session k3m9q2 --branch cache-first --from 2 "What if we always warm it?"
  journal think --session k3m9q2 --done "Fixed: the clock is passed in.""#;

/// Append a thought to a session, or begin one
///
/// TEXT is the thought; without it, or as `-`, it is read from standard input, and at a terminal written in `$VISUAL` or
/// `$EDITOR`. Without `--session`, number 1 begins a session, and so does a thought of somebody who has none open; any
/// other thought joins the session in which the agent thought last.
///
/// When the command ends with 0, the thought is on the disk and survives a power cut. The same thought again, word for
/// word under the same number, is answered as the first time and written once, so a retry is safe.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Think {
    /// The thought; `-` reads it from standard input
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,

    /// The session to think on: an id, a part of one, a path or a name
    #[arg(short, long, value_name = "REF", value_parser = NoteRef::parse)]
    session: Option<NoteRef>,

    /// The number along the line; the next free one otherwise
    #[arg(short, long, value_name = "N")]
    number: Option<ThoughtNumber>,

    /// How many thoughts the line is expected to have
    #[arg(long, value_name = "N")]
    total: Option<u32>,

    /// Think on this branch; a new one must say which thought it leaves
    #[arg(short, long, value_name = "NAME")]
    branch: Option<BranchName>,

    /// The thought that the branch leaves
    #[arg(long, value_name = "N", requires = "branch")]
    from: Option<ThoughtNumber>,

    /// The thought that this one supersedes
    #[arg(long, value_name = "N")]
    revises: Option<ThoughtNumber>,

    /// No further thought is needed: concludes the session, on the main line
    #[arg(long)]
    done: bool,

    /// The title of the session that begins with this thought
    #[arg(long, value_name = "TEXT", conflicts_with = "session")]
    title: Option<String>,

    /// What the session that begins is about
    #[arg(long, value_name = "NAME", conflicts_with = "session")]
    project: Option<String>,

    /// A tag for the thought; more than once for several
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,

    /// How sure you are, in your words
    #[arg(long, value_name = "TEXT")]
    confidence: Option<String>,

    /// A file the thought is about; more than once for several
    #[arg(long, value_name = "PATH")]
    file: Vec<String>,

    /// Take the line over from an agent that holds it, saying why
    #[arg(long, value_name = "REASON", num_args = 0..=1, default_missing_value = "")]
    pub takeover: Option<String>,

    /// Show exactly what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The wish to take over, as typed.
pub(super) fn takeover(typed: Option<&str>) -> Option<Takeover> {
    let reason = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    typed.map(|text| Takeover { reason: reason(text) })
}

impl Think {
    /// Runs the command.
    ///
    /// # Errors
    /// Says why no thought was written.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let session = self.choice()?;
        // What is wrong with the place or the caller is told before somebody writes a text for it.
        world.find_vault()?;
        let identified = world.identified()?;
        let (text, draft) = self.text(world)?;
        let done = self.append(world, &identified, session, text);
        match (&done, draft) {
            (Ok(_), Some(draft)) if !self.dry_run => draft.discard(),
            (_, Some(draft)) => world.output.note(format!("Your text is kept in {}", draft.path().display())),
            (_, None) => {}
        }
        done
    }

    fn append(
        &self,
        world: &World,
        identified: &Identified,
        session: (SessionChoice, Option<ThoughtNumber>),
        text: String,
    ) -> Result<Exit, Failure> {
        let place = world.open(if self.dry_run { Need::Reading } else { Need::Writing })?;
        let mut caller = caller::caller(identified, &world.environment, &world.workplace()?);
        // Looking for the agent's current session would create the database, and a dry run creates nothing.
        let has_state = place.engine.state_path().is_some_and(|state| state.join("state.db").exists());
        caller.lasting &= has_state || !self.dry_run;
        let speaker = caller.clone();
        let request = self.request(caller, session, text, place.config.project.value.clone());
        let appended = if self.dry_run { place.engine.preview_append(&request) } else { place.engine.append(&request) };
        let appended = appended.map_err(|error| {
            let newest = newest_beside(&place.engine, &error);
            Failure::Append { error: Box::new(error), newest }
        })?;
        // A model takes longer to load than the thought took to be written.
        let similar = place.engine.similar(&appended, ModelUse::AtHand);
        let speaks = speaker.lasting && !self.dry_run;
        // That its line was taken over meanwhile stands in the answer.
        let taken = appended.lease.as_ref().filter(|lease| lease.taken_from_you.is_some());
        let is_told = |event: &Event| {
            let is_of_the_line = |lease: &Acquired| event.subject.as_ref() == Some(&lease.lease.resource);
            event.kind == EventKind::SessionTakenOver && taken.is_some_and(is_of_the_line)
        };
        let chosen = if speaks { place.announce_after(&speaker, &is_told, world) } else { None };
        let name = chosen.unwrap_or_else(|| memorable_name(&identified.id));
        if self.json {
            let by = (identified, name.as_str());
            world.output.json(&versioned(json::Appended::new(&appended, &similar, by, self.dry_run)))?;
        } else {
            world.output.answer(&self.told(&appended, &similar, identified, &name, world))?;
            for diagnostic in &appended.diagnostics {
                world.output.warn(format!("{} ({})", diagnostics::problem(diagnostic), diagnostic.hint));
            }
        }
        Ok(exit(diagnostics::is_failure(&appended.diagnostics)))
    }

    /// Which session, and which number: a title asks for a session that begins, which number 1 does.
    fn choice(&self) -> Result<(SessionChoice, Option<ThoughtNumber>), Usage> {
        if let Some(reference) = &self.session {
            return Ok((SessionChoice::Existing(reference.clone()), self.number));
        }
        let choice = NewSessionChoice {
            title: self.title.clone(),
            project: self.project.clone(),
            ..NewSessionChoice::default()
        };
        let number = match (&self.title, self.number) {
            (Some(_), Some(number)) if number != ThoughtNumber::FIRST => return Err(Usage::TitleWithoutStart(number)),
            (Some(_), None) => Some(ThoughtNumber::FIRST),
            (_, number) => number,
        };
        Ok((SessionChoice::ByRule(choice), number))
    }

    fn request(
        &self,
        caller: Caller,
        (mut session, number): (SessionChoice, Option<ThoughtNumber>),
        text: String,
        project: Option<String>,
    ) -> AppendThought {
        if let SessionChoice::New(choice) | SessionChoice::ByRule(choice) = &mut session {
            choice.project = choice.project.take().or(project);
        }
        let line = match &self.branch {
            Some(name) => AskedLine::Branch { name: name.clone(), from: self.from },
            None => AskedLine::Main,
        };
        AppendThought {
            caller,
            session,
            asked: Asked { line, number, total: self.total, next_needed: !self.done, revises: self.revises },
            text,
            tags: self.tag.clone(),
            confidence: self.confidence.clone(),
            related_files: self.file.clone(),
            takeover: takeover(self.takeover.as_deref()),
        }
    }

    /// The thought: the argument, standard input, or what is written in an editor, which is kept until it is safe.
    fn text(&self, world: &World) -> Result<(String, Option<Draft>), Failure> {
        match self.text.as_deref() {
            Some(text) if text != "-" => Ok((text.to_owned(), None)),
            None if io::stdin().is_terminal() => {
                let draft = Draft::write(&world.environment)?;
                Ok((draft.text()?, Some(draft)))
            }
            _ => Ok((from_standard_input()?, None)),
        }
    }

    fn told(&self, appended: &Appended, similar: &Similar, identified: &Identified, name: &str, world: &World) -> Text {
        let mut text = Text::new();
        let thought = &appended.thought;
        let number = thought.number.map(|number| number.to_string()).unwrap_or_default();
        let total = thought.total.map(|total| format!(" of {total}")).unwrap_or_default();
        let begun = if appended.session_is_new { ", a new session" } else { "" };
        text.strong(format!("Thought {number}{total} on {}", thought.line));
        text.plain(format!(" · {}{begun}", one_line(&appended.session_title))).end();
        if self.dry_run {
            for note in &appended.written {
                text.end();
                diff::would_write(note, &mut text);
            }
            let nothing = "Nothing was written.";
            let replayed = "This thought is there already, word for word; it would not be written again.";
            text.end().faint(if appended.replayed { replayed } else { nothing }).end();
            return text;
        }
        if appended.replayed {
            text.faint("It was there already, word for word; nothing was written.").end();
        }
        text.field("session", appended.session_id.as_str());
        text.field("", appended.session_path.as_ref().map_or("its note is gone", |path| path.as_str()));
        text.field("thought", thought.id.as_ref().map_or("", NoteId::as_str)).field("", thought.path.as_str());
        text.field("agent", format!("{name} ({})", caller::told(identified)));
        if let Some(from) = appended.gap_from {
            text.field("gap", format!("numbers from {from} on were skipped"));
        }
        told_of_lease(appended, world, &mut text);
        if !world.output.is_quiet() {
            told_of_similar(similar, &mut text);
            text.field("next", next(appended));
        }
        text
    }
}

/// What was thought before, a line each. A session is named once.
fn told_of_similar(similar: &Similar, text: &mut Text) {
    for thought in &similar.thoughts {
        let number = thought.number.map(|number| format!("thought {number}, ")).unwrap_or_default();
        let open = format!("journal hydrate {}", short(&thought.session));
        text.field("similar", format!("{number}{} · {open}", one_line(&thought.title)));
    }
    let is_named = |id: &NoteId| similar.thoughts.iter().any(|thought| thought.session == *id);
    for session in similar.sessions.iter().filter(|session| !is_named(&session.id)) {
        let open = format!("journal hydrate {}", short(&session.id));
        text.field("similar", format!("session {} · {open}", one_line(&session.title)));
    }
    for session in &similar.open {
        let open = format!("journal hydrate {}", short(&session.id));
        text.field("open", format!("session {} · {open}", one_line(&session.title)));
    }
}

fn told_of_lease(appended: &Appended, world: &World, text: &mut Text) {
    let Some(lease) = &appended.lease else { return };
    if let Some(former) = &lease.former {
        text.field("taken", format!("over from {} (agent {})", former.name, former.id));
    }
    if let Some(taken) = &lease.taken_from_you {
        let reason = taken.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        text.field(
            "lost",
            format!("{} had taken it from you at {}{reason}", taken.by_name, world.clock.instant(taken.at)),
        );
    }
}

/// The line to type next.
fn next(appended: &Appended) -> String {
    let id = short(&appended.session_id);
    let thought = &appended.thought;
    match thought.line.branch() {
        None if !thought.next_needed => format!("journal hydrate {id} ({})", counted(appended.thoughts, "thought")),
        Some(_) if !thought.next_needed => format!("journal think --session {id} \"…\""),
        None => format!("journal think --session {id} \"…\""),
        Some(name) => format!("journal think --session {id} --branch {} \"…\"", quoted(name.as_str())),
    }
}

fn from_standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    // A byte more than allowed, so that the engine sees that it is too much.
    let most = AppendThought::MAX_BYTES as u64 + 1;
    let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map_err(|source| Failure::File { attempted: "read", path: "standard input".into(), source })?;
    let whole = bytes.len() as u64 == most;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // Cut in the middle of a character, it is too long and not invalid.
        Err(_) if whole => Err(AppendError::TooLarge { bytes: AppendThought::MAX_BYTES + 1 }.into()),
        Err(_) => Err(Usage::InputNotText.into()),
    }
}

/// The newest thought of the main line, when the line is held: the one that a branch of one's own would leave.
fn newest_beside(engine: &Engine, error: &AppendError) -> Option<ThoughtNumber> {
    let AppendError::Hold(HoldError::Held { session, .. } | HoldError::ReasonNeeded { session, .. }) = error else {
        return None;
    };
    let request = Hydrate {
        reference: NoteRef::from(session),
        line: None,
        include_superseded: false,
        max_tokens: None,
        max_thoughts: Some(0),
    };
    // Without it the hint says `N`, which is all that is lost.
    let session = engine.hydrate(&request).ok()?;
    let on_main = session.thoughts.iter().filter(|hydrated| hydrated.thought.line.branch().is_none());
    on_main.filter_map(|hydrated| hydrated.thought.number).max()
}
