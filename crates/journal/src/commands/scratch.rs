//! `journal scratch`: a folder for files that only one agent needs, for as long as it works.

use std::time::Duration;

use clap::Subcommand;

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, counted},
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  cargo test > "$(journal scratch --path)/test.log"
  journal scratch list
  journal scratch sweep --days 30"#;

/// The folder for files that only you need
///
/// Every agent has its own, outside the vault; two in one directory never see each other's. It is swept some days after the
/// agent has ended.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ScratchCommand {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Print the path and nothing else
    #[arg(long)]
    path: bool,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what is in it
    List,
    /// Remove the scratch files and markers of agents that have ended
    Sweep {
        /// Those in which nothing changed for so many days
        #[arg(long, value_name = "N", default_value_t = 7)]
        days: u32,
    },
}

impl ScratchCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When nobody in particular calls, or the folder cannot be used.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        match &self.verb {
            Some(Verb::Sweep { days }) => self.sweep(*days, world),
            Some(Verb::List) => self.list(world),
            None => self.folder(world),
        }
    }

    fn folder(&self, world: &World) -> Result<Exit, Failure> {
        let identified = world.someone("scratch files")?;
        let place = world.open(Need::Writing)?;
        let path = place.engine.scratch(&world.caller()?)?;
        let shown = path.display().to_string();
        if self.json {
            world.output.json(&versioned(json::Scratch::new(&identified, shown)))?;
        } else if self.path || !world.output.is_terminal() {
            world.output.bytes(format!("{shown}\n").as_bytes())?;
        } else {
            let mut text = Text::new();
            text.field("folder", shown).field("agent", identified.id.as_str());
            world.output.answer(&text)?;
        }
        Ok(Exit::Ok)
    }

    fn list(&self, world: &World) -> Result<Exit, Failure> {
        let identified = world.someone("scratch files")?;
        let files = world.open(Need::Reading)?.engine.scratch_files(&identified.id)?;
        if self.json {
            world.output.json(&versioned(json::ScratchFiles::new(&identified, files)))?;
        } else {
            world.output.lines(&files)?;
        }
        Ok(Exit::Ok)
    }

    fn sweep(&self, days: u32, world: &World) -> Result<Exit, Failure> {
        let age = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
        let swept = world.open(Need::Reading)?.engine.sweep_belongings(age)?;
        if self.json {
            world.output.json(&versioned(json::Swept { swept }))?;
        } else {
            world.output.note(format!("Swept what belonged to {}.", counted(swept.len(), "agent")));
        }
        Ok(Exit::Ok)
    }
}
