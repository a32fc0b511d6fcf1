//! `journal links`: where the links of a note lead and who links to it; and what is loose in the vault.

use journal_engine::{Listed, Loose};
use journal_model::NoteRef;

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::World,
    rim::Exit,
    text::{
        Text,
        linked::{loose_links, more, note_links},
    },
};

/// Show the links of a note, or the loose ends of the vault
///
/// With REF: the links out of that note and to it, each with its line. Without: the links of all notes that lead nowhere
/// (`--broken`) or may lead to several notes (`--ambiguous`), or the notes that are linked with no other (`--orphans`).
#[derive(Debug, clap::Args)]
pub struct LinksCommand {
    /// The note: an id, a part of one, a path or a name
    #[arg(value_name = "REF", value_parser = NoteRef::parse, required_unless_present = "loose")]
    reference: Option<NoteRef>,

    /// Links that lead nowhere
    #[arg(long, group = "loose", conflicts_with = "reference")]
    broken: bool,

    /// Links that may lead to several notes
    #[arg(long, group = "loose", conflicts_with = "reference")]
    ambiguous: bool,

    /// Notes that neither link to another nor are linked to
    #[arg(long, group = "loose", conflicts_with = "reference")]
    orphans: bool,

    /// The most that are listed, each way
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl LinksCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When no one note is found, or the index cannot be asked.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let engine = world.open_indexed()?.engine;
        let width = world.output.width();
        if let Some(reference) = &self.reference {
            let note = engine.links(reference)?;
            if self.json {
                world.output.json(&versioned(json::NoteLinks::new(&note, self.limit)))?;
            } else {
                world.output.answer(&note_links(&note, self.limit, width))?;
                if note.changed {
                    world.output.note("The note has changed since it was indexed: these are the links it had then.");
                }
            }
            return Ok(Exit::Ok);
        }
        if self.orphans {
            let orphans = engine.orphans(self.limit)?;
            if self.json {
                world.output.json(&versioned(json::Orphans::from(&orphans)))?;
            } else {
                let mut text = Text::new();
                orphans.items.iter().for_each(|path| _ = text.plain(path.as_str()).end());
                more(&mut text, orphans.items.len(), orphans.total);
                world.output.answer(&text)?;
                say_none(&orphans, "Every note is linked with another.", world);
            }
            return Ok(Exit::Ok);
        }
        let (what, none) = if self.broken {
            (Loose::Broken, "No link leads nowhere.")
        } else {
            (Loose::Ambiguous, "Every link leads to one note.")
        };
        let links = engine.loose_links(what, self.limit)?;
        if self.json {
            world.output.json(&versioned(json::LooseLinks::from(&links)))?;
        } else if links.items.is_empty() {
            say_none(&links, none, world);
        } else {
            world.output.answer(&loose_links(&links.items, links.total, width))?;
        }
        Ok(Exit::Ok)
    }
}

fn say_none<T>(list: &Listed<T>, none: &str, world: &World) {
    if list.total == 0 {
        world.output.note(none);
    }
}
