//! `journal tags`: the tags of the vault.

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::World,
    rim::Exit,
    text::{linked::more, table::Table},
};

/// List the tags, the most used first
///
/// Tags of properties and of texts count alike, each once a note. `area/ci` counts for itself only.
#[derive(Debug, clap::Args)]
pub struct TagsCommand {
    /// The most that are listed
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl TagsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the index cannot be asked.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let tags = world.open_indexed()?.engine.tags()?;
        let told = &tags[..tags.len().min(self.limit)];
        if self.json {
            world.output.json(&versioned(json::Tags::new(told, tags.len())))?;
        } else if tags.is_empty() {
            world.output.note("No note has a tag.");
        } else {
            let mut table = Table::new(vec!["notes", "tag"]);
            told.iter().for_each(|tag| table.row(vec![tag.notes.to_string(), format!("#{}", tag.tag)]));
            let mut text = table.text(world.output.width());
            more(&mut text, told.len(), tags.len());
            world.output.answer(&text)?;
        }
        Ok(Exit::Ok)
    }
}
