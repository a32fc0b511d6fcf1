//! `journal session`: close, pause, resume or rename one.

use clap::Subcommand;
use journal_engine::{Takeover, UpdateSession, UpdatedSession};
use journal_model::{NoteRef, Status};

use super::think::takeover;
use crate::{
    failure::Failure,
    json,
    place::{Need, World},
    rim::Exit,
    text::{Text, diagnostics, one_line, short},
};

/// Close, pause, resume or rename a session
#[derive(Debug, clap::Args)]
pub struct SessionCommand {
    #[command(subcommand)]
    verb: Verb,

    /// Take it over from an agent that holds it, saying why
    #[arg(long, global = true, value_name = "REASON", num_args = 0..=1, default_missing_value = "")]
    takeover: Option<String>,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Conclude a session, or give it up
    Close {
        /// The session: an id, a part of one, a path or a name
        #[arg(value_name = "REF", value_parser = NoteRef::parse)]
        reference: NoteRef,
        /// What came of it, in a line or two
        #[arg(long, value_name = "TEXT")]
        summary: Option<String>,
        /// It was given up
        #[arg(long)]
        abandoned: bool,
    },
    /// Set a session aside
    Pause {
        /// The session: an id, a part of one, a path or a name
        #[arg(value_name = "REF", value_parser = NoteRef::parse)]
        reference: NoteRef,
    },
    /// Take a session up again
    Resume {
        /// The session: an id, a part of one, a path or a name
        #[arg(value_name = "REF", value_parser = NoteRef::parse)]
        reference: NoteRef,
    },
    /// Give a session another title. Its files keep their names, to which links lead
    Rename {
        /// The session: an id, a part of one, a path or a name
        #[arg(value_name = "REF", value_parser = NoteRef::parse)]
        reference: NoteRef,
        /// The new title
        title: String,
    },
}

impl SessionCommand {
    /// What was typed before and after the note ref.
    pub fn typed(&self) -> (&'static str, &'static str) {
        match self.verb {
            Verb::Close { .. } => ("journal session close", ""),
            Verb::Pause { .. } => ("journal session pause", ""),
            Verb::Resume { .. } => ("journal session resume", ""),
            Verb::Rename { .. } => ("journal session rename", " \"…\""),
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When the session is not found, is held by another agent, or cannot be written.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Writing)?;
        let caller = world.caller()?;
        let session = place.engine.update_session(&self.request(caller.clone()))?;
        for diagnostic in &session.diagnostics {
            world.output.warn(format!("{} ({})", diagnostics::problem(diagnostic), diagnostic.hint));
        }
        if caller.lasting {
            place.announce_after(&caller, &|_| false, world);
        }
        if self.json {
            world.json_to_caller(json::SessionChanged::from(&session))?;
        } else {
            world.output.answer(&self.text(&session))?;
        }
        Ok(Exit::Ok)
    }

    fn request(&self, caller: journal_engine::Caller) -> UpdateSession {
        let (reference, status, title, summary) = match &self.verb {
            Verb::Close { reference, summary, abandoned } => {
                let status = if *abandoned { Status::Abandoned } else { Status::Done };
                (reference, Some(status), None, summary.clone())
            }
            Verb::Pause { reference } => (reference, Some(Status::Paused), None, None),
            Verb::Resume { reference } => (reference, Some(Status::Active), None, None),
            Verb::Rename { reference, title } => (reference, None, Some(title.clone()), None),
        };
        let takeover: Option<Takeover> = takeover(self.takeover.as_deref());
        UpdateSession { caller, reference: reference.clone(), status, title, summary, takeover }
    }

    fn text(&self, session: &UpdatedSession) -> Text {
        let mut text = Text::new();
        let was = if session.was == session.status { String::new() } else { format!(" (was {})", session.was) };
        text.strong(one_line(&session.title)).plain(format!(" is {}{was}", session.status)).end();
        text.field("session", session.id.as_str()).field("note", session.path.as_str());
        if !session.changed {
            text.faint("It said so already; nothing was written.").end();
        }
        let id = short(&session.id);
        text.field(
            "next",
            match self.verb {
                Verb::Close { .. } => "journal sessions".to_owned(),
                Verb::Pause { .. } => format!("journal session resume {id}"),
                Verb::Resume { .. } | Verb::Rename { .. } => format!("journal hydrate {id}"),
            },
        );
        text
    }
}
