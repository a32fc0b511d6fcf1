//! `journal marker`: named marks that an agent leaves for itself.

use clap::Subcommand;
use journal_engine::MarkerName;

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
};

/// Set, read, remove or list your markers
///
/// A marker is a name with a text, or none. Each agent has its own: what one has set, no other sees.
#[derive(Debug, clap::Args)]
pub struct MarkerCommand {
    #[command(subcommand)]
    verb: Verb,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Set a marker, in place of one of that name
    Create {
        /// Its name
        name: MarkerName,
        /// Its text
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        text: String,
    },
    /// Print a marker's text; exit code 1 when it is not set
    Read {
        /// Its name
        name: MarkerName,
    },
    /// Remove a marker; exit code 1 when it was not set
    Delete {
        /// Its name
        name: MarkerName,
    },
    /// List the markers that are set
    List,
}

impl MarkerCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When nobody in particular calls, the marker is not set, or it cannot be used.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let identified = world.someone("markers")?;
        let agent = &identified.id;
        let missing = |name: &MarkerName| Failure::NoMarker { name: name.clone(), agent: agent.clone() };
        let tell = |name: &MarkerName, text: Option<&str>| -> Result<(), Failure> {
            if self.json {
                world.output.json(&versioned(json::Marker::new(&identified, name, text)))?;
            }
            Ok(())
        };
        match &self.verb {
            Verb::Create { name, text } => {
                let place = world.open(Need::Writing)?;
                place.engine.set_marker(&world.caller()?, name, text)?;
                tell(name, Some(text))?;
            }
            Verb::Read { name } => {
                let text = world.open(Need::Reading)?.engine.marker(agent, name)?.ok_or_else(|| missing(name))?;
                tell(name, Some(&text))?;
                if !self.json {
                    world.output.lines(&[text])?;
                }
            }
            Verb::Delete { name } => {
                if !world.open(Need::Reading)?.engine.remove_marker(agent, name)? {
                    return Err(missing(name));
                }
                tell(name, None)?;
            }
            Verb::List => {
                let markers = world.open(Need::Reading)?.engine.markers(agent)?;
                if self.json {
                    world.output.json(&versioned(json::Markers::new(&identified, markers)))?;
                } else {
                    world.output.lines(&markers)?;
                }
            }
        }
        Ok(Exit::Ok)
    }
}
