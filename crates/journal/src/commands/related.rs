//! `journal related`: the notes that are like a note.

use journal_engine::{Related, RelatedNotes};
use journal_model::NoteRef;

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::World,
    rim::Exit,
    text::found::{related, related_lines},
};

/// Show the notes that are like a note
///
/// By what they mean, where `journal reindex` has made vectors of them; else by the rare words they share. A session stands for
/// its thoughts, and of each other session the thought that is most alike is told. Notes of the same session are left out
/// unless asked for. The score is from 0, nothing in common, to 1, the same.
///
/// On a terminal each note shows its place, the part that is alike, and what to type to open it. In a pipe it is a line: path,
/// line, id, title and snippet, with tabs between them. The index is built when there is none; exit 1 when nothing is alike.
#[derive(Debug, clap::Args)]
pub struct RelatedCommand {
    /// The note: an id, a part of one, a path or a name
    #[arg(value_name = "REF", value_parser = NoteRef::parse)]
    reference: NoteRef,

    /// The most notes
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,

    /// Notes of the same session, too
    #[arg(long)]
    same_session: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl RelatedCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When no one note is found, or the index cannot be asked.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let engine = world.open_indexed()?.engine;
        let found = engine.related(&Related {
            reference: self.reference.clone(),
            limit: usize::from(self.limit),
            same_session: self.same_session,
        })?;
        let outcome = if found.notes.is_empty() { Exit::NotFound } else { Exit::Ok };
        if self.json {
            world.output.json(&versioned(json::RelatedNotes::new(&found, &engine.vault().name())))?;
            return Ok(outcome);
        }
        if let Some(why) = &found.words_only {
            world.output.note(format!("Note: compared by words only: {why}."));
        }
        if found.notes.is_empty() {
            world.output.note(self.nothing(&found));
        } else if world.output.is_terminal() {
            world.output.answer(&related(&found, &world.clock))?;
        } else {
            world.output.answer(&related_lines(&found))?;
        }
        Ok(outcome)
    }

    fn nothing(&self, found: &RelatedNotes) -> String {
        let nothing = "Nothing is like it.";
        if found.session.is_some() && !self.same_session {
            return format!("{nothing} Look in its own session, too: --same-session");
        }
        nothing.to_owned()
    }
}
