//! `journal show`: one note as it is.

use journal_model::NoteRef;

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, diagnostics, one_line},
};

/// Show one note: where it lies, and its text
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The note: an id, a part of one, a path or a name
    #[arg(value_name = "REF", value_parser = NoteRef::parse)]
    reference: NoteRef,

    /// Print the file and nothing else, frontmatter and all
    #[arg(long, conflicts_with = "json")]
    raw: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl Show {
    /// Runs the command.
    ///
    /// # Errors
    /// When no one note is found, or it cannot be read.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let note = world.open(Need::Reading)?.engine.show(&self.reference)?;
        let mut text = Text::new();
        if self.json {
            world.output.json(&versioned(json::Shown::from(&note)))?;
            return Ok(Exit::Ok);
        }
        if self.raw {
            text.plain(&note.text);
        } else {
            text.strong(format!("# {}", one_line(&note.title))).end().end();
            text.field("note", note.id.as_ref().map_or("no id", |id| id.as_str()));
            text.field("path", note.path.as_str());
            let body = note.text[note.body_start..].trim_matches('\n');
            if !body.trim().is_empty() {
                text.end().paragraph(body);
            }
        }
        world.output.answer(&text)?;
        for diagnostic in &note.diagnostics {
            world.output.warn(format!("{} ({})", diagnostics::problem(diagnostic), diagnostic.hint));
        }
        Ok(Exit::Ok)
    }
}
