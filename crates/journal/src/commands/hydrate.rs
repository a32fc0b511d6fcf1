//! `journal hydrate`: load a session to go on with it.

use journal_engine::Hydrate;
use journal_model::{Line, NoteRef, VaultPath};

use super::exit;
use crate::{
    failure::{Failure, Usage},
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{
        diagnostics,
        hydrated::{Telling, hydrated},
    },
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal hydrate k3m9q2
  journal hydrate k3m9q2 --branch cache-first
  journal hydrate k3m9q2 --all | less
  journal hydrate 01JD3V8QK7X2M4N6P8R0T2V4W6 --path 'Thinking/2026/Old place.md'"#;

/// Load a session with its thoughts, to go on with it
///
/// REF is the id of the session or of one of its thoughts, the first or last four or more characters of one, a path in
/// the vault, or a name. What comes fits into a conversation: the newest thoughts whole, older ones and those that were
/// revised as one line each, in reading order. Nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct HydrateCommand {
    /// The session: an id, a part of one, a path or a name
    #[arg(value_name = "REF", value_parser = NoteRef::parse)]
    reference: Option<NoteRef>,

    /// The path to fall back to when nothing has the id
    #[arg(long, value_name = "PATH")]
    path: Option<String>,

    /// Only this branch with the thoughts that lead to it; `main` for the main line
    #[arg(long, value_name = "NAME")]
    branch: Option<Line>,

    /// Everything: revised thoughts whole as well, and no budget unless one is given
    #[arg(long)]
    all: bool,

    /// The budget, in estimated tokens [default: 8000]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl HydrateCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When no session is found, or the vault cannot be read.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let reference = self.reference()?;
        let reader = world.identified()?.id;
        let place = world.open(Need::Reading)?;
        let budget = usize::try_from(place.config.max_tokens.value).unwrap_or(usize::MAX);
        let request = Hydrate {
            reference,
            line: self.branch.clone(),
            include_superseded: self.all,
            max_tokens: self.max_tokens.or((!self.all).then_some(budget)),
            max_thoughts: None,
        };
        let session = place.engine.hydrate(&request)?;
        if self.json {
            world.output.json(&versioned(json::Hydrated::from(&session)))?;
        } else {
            let telling = Telling { clock: &world.clock, line: self.branch.as_ref(), reader: Some(&reader), vault: "" };
            world.output.answer(&hydrated(&session, &telling))?;
        }
        Ok(exit(diagnostics::is_failure(&session.diagnostics)))
    }

    fn reference(&self) -> Result<NoteRef, Usage> {
        match (&self.reference, &self.path) {
            (Some(reference), Some(path)) => Ok(reference.clone().or_path(path)?),
            (Some(reference), None) => Ok(reference.clone()),
            (None, Some(path)) => {
                let path: VaultPath = path.parse().map_err(journal_model::NoteRefError::from)?;
                Ok(NoteRef::from(path))
            }
            (None, None) => Err(Usage::NoReference),
        }
    }
}
