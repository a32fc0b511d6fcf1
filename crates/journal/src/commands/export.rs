//! `journal export`: a session as one document.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use journal_engine::{Exported, create_file_durably, too_many_edges, write_file_durably};
use journal_model::NoteRef;

use super::exit;
use crate::{
    failure::Failure,
    json::{CanvasDocument, SessionDocument, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, diagnostics},
};

/// Told below the options.
const EXAMPLES: &str = "\
Examples:
  journal export k3m9q2 | less
  journal export k3m9q2 --format html --output session.html
  journal export k3m9q2 --format json --output session.json; journal --vault OTHER import session.json";

/// Export a session as one document
///
/// The thoughts of the main line by number, each branch after the thought it leaves, revisions beside what they revise. It is
/// printed, or written to a file that must not be there. Nothing in the vault changes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ExportCommand {
    /// The session: an id, a part of one, a path or a name; or one of its thoughts
    #[arg(value_name = "REF", value_parser = NoteRef::parse)]
    reference: NoteRef,

    /// The kind of document
    #[arg(short, long, value_enum, default_value_t = Format::Md, value_name = "FORMAT")]
    pub format: Format,

    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long, requires = "output")]
    force: bool,
}

/// The kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown, links as they are
    Md,
    /// JSON from which `journal import` makes the notes again
    Json,
    /// A page that needs nothing else and runs nothing
    Html,
    /// A Mermaid flowchart
    Mermaid,
    /// A canvas of the notes, for the vault that they lie in
    Canvas,
}

impl ExportCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When no one session is found, or the file cannot be written.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let mut exported = world.open(Need::Reading)?.engine.export(&self.reference)?;
        let document = self.document(&mut exported);
        match &self.output {
            // A terminal gets no control characters of thoughts.
            None => world.output.answer(Text::new().plain(document))?,
            Some(path) => {
                let path = world.environment.folder.join(path);
                self.write(&path, document.as_bytes()).map_err(|source| match source.kind() {
                    io::ErrorKind::AlreadyExists => Failure::FileThere { path: path.clone() },
                    _ => Failure::File { attempted: "write", path: path.clone(), source },
                })?;
                world.output.note(format!("Wrote {}", path.display()));
            }
        }
        for diagnostic in &exported.diagnostics {
            world.output.warn(format!("{} ({})", diagnostics::problem(diagnostic), diagnostic.hint));
        }
        // A note that is not text is not whole in any format.
        let failed = diagnostics::is_failure(&exported.diagnostics) || !exported.not_utf8.is_empty();
        Ok(exit(failed))
    }

    fn document(&self, exported: &mut Exported) -> String {
        let session = &exported.session;
        match self.format {
            Format::Md => session.to_markdown(),
            Format::Html => session.to_html(),
            Format::Mermaid => {
                let mermaid = session.to_mermaid();
                exported.diagnostics.extend(too_many_edges(&mermaid));
                mermaid
            }
            Format::Json => pretty(&versioned(SessionDocument::new(exported))),
            Format::Canvas => pretty(&CanvasDocument::from(&session.to_canvas())),
        }
    }

    fn write(&self, path: &Path, document: &[u8]) -> io::Result<()> {
        // A folder that is not there is a typing error more often than a wish.
        if path.parent().is_some_and(|folder| !folder.is_dir()) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "its folder is not there"));
        }
        if self.force { write_file_durably(path, document, None) } else { create_file_durably(path, document, None) }
    }
}

fn pretty(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_string_pretty(value).expect("texts and numbers are JSON");
    json + "\n"
}
