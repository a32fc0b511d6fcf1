//! `journal relocate`: move a note, or a session with its thoughts.

use std::collections::BTreeMap;

use journal_engine::Relocate;
use journal_model::NoteRef;

use super::exit;
use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, counted, diagnostics},
};

/// Move a note inside the vault, and lead links that would break to its new place
///
/// A session that lies in a folder of its own moves with that folder. TO is a folder (`Archive/`), or the new path of a note
/// (`Archive/New name.md`). Links by name stay as they are, since they still lead there.
#[derive(Debug, clap::Args)]
pub struct RelocateCommand {
    /// The note: an id, a part of one, a path or a name
    #[arg(value_name = "REF", value_parser = NoteRef::parse)]
    reference: NoteRef,

    /// A folder of the vault, or the new path of the note
    #[arg(value_name = "TO")]
    to: String,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl RelocateCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the note is not found, or cannot be moved there.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Writing)?;
        let caller = world.caller()?;
        let request = Relocate { caller, reference: self.reference.clone(), to: self.to.clone() };
        let relocated = place.engine.relocate(&request)?;
        if self.json {
            world.output.json(&versioned(json::Relocated::from(&relocated)))?;
            return Ok(exit(diagnostics::is_failure(&relocated.diagnostics)));
        }
        let mut text = Text::new();
        match relocated.moved.as_slice() {
            [(from, to)] => _ = text.field("moved", from.as_str()).field("to", to.as_str()),
            moved => {
                let mut folders: BTreeMap<_, usize> = BTreeMap::new();
                for (from, to) in moved {
                    *folders.entry((from.folder(), to.folder())).or_default() += 1;
                }
                for ((from, to), notes) in folders {
                    text.field("moved", format!("{from}/ ({})", counted(notes, "note"))).field("to", format!("{to}/"));
                }
            }
        }
        for (path, links) in &relocated.rewritten {
            text.field("links", format!("{} in {path}", counted(*links, "link")));
        }
        diagnostics::told(&relocated.diagnostics, &mut text);
        world.output.answer(&text)?;
        Ok(exit(diagnostics::is_failure(&relocated.diagnostics)))
    }
}
