//! `journal views`: what Obsidian shows of sessions.

use journal_engine::{DrawGraph, ViewsChange, ViewsDone, views_text};
use journal_model::NoteRef;

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, diagnostics},
};

/// Show sessions inside Obsidian: lists of them, and a graph in a session's note
///
/// `Journal.base`, in the folder of sessions, lists those that are open, all by project, those that nobody touched for two
/// weeks, and thoughts by branch. It is yours from then on: once it is changed, by you or by Obsidian, it is left alone.
#[derive(Debug, clap::Args)]
pub struct ViewsCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write `Journal.base`, or bring it up to date
    Install {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Remove `Journal.base`
    Remove {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print what `install` writes
    Print,
    /// Draw a session as a graph in its own note
    ///
    /// The graph stands between two lines `%% journal:graph … %%`, at the end of the note unless you move them. Drawn again, it is
    /// replaced there; everything else in the note stays byte for byte. What somebody wrote between the two lines is never replaced
    /// or removed: then the note is left as it is.
    Graph {
        /// The session: an id, a part of one, a path or a name; or one of its thoughts
        #[arg(value_name = "REF", value_parser = NoteRef::parse)]
        reference: NoteRef,

        /// Take the graph out of the note
        #[arg(long)]
        remove: bool,

        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

impl ViewsCommand {
    /// Whether the answer is JSON.
    pub fn json(&self) -> bool {
        match self.what {
            What::Install { json } | What::Remove { json } | What::Graph { json, .. } => json,
            What::Print => false,
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When somebody changed what is to be changed, or it cannot be written.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        match &self.what {
            What::Print => world.output.bytes(views_text().as_bytes())?,
            What::Install { .. } => self.tell(&world.open(Need::Writing)?.engine.install_views()?, world)?,
            What::Remove { .. } => self.tell(&world.open(Need::Writing)?.engine.remove_views()?, world)?,
            What::Graph { reference, remove, .. } => self.graph(reference, *remove, world)?,
        }
        Ok(Exit::Ok)
    }

    fn tell(&self, change: &ViewsChange, world: &World) -> Result<(), Failure> {
        if self.json() {
            return Ok(world.output.json(&versioned(json::ViewsChanged::from(change)))?);
        }
        let done = match change.done {
            ViewsDone::Made => "made",
            ViewsDone::Updated => "updated",
            ViewsDone::Same => "there already",
            ViewsDone::Removed => "removed",
            ViewsDone::Absent => "not there",
        };
        Ok(world.output.answer(Text::new().field(done, change.path.as_str()))?)
    }

    fn graph(&self, reference: &NoteRef, remove: bool, world: &World) -> Result<(), Failure> {
        let place = world.open(Need::Writing)?;
        let request = DrawGraph { caller: world.caller()?, reference: reference.clone(), remove };
        let drawn = place.engine.draw_graph(&request)?;
        if self.json() {
            return Ok(world.output.json(&versioned(json::GraphDrawn::from(&drawn)))?);
        }
        let done = match (drawn.changed, remove) {
            (true, false) => "drawn",
            (true, true) => "removed",
            (false, false) => "same",
            (false, true) => "no graph",
        };
        world.output.answer(Text::new().field(done, drawn.path.as_str()))?;
        for diagnostic in &drawn.diagnostics {
            world.output.warn(format!("{} ({})", diagnostics::problem(diagnostic), diagnostic.hint));
        }
        Ok(())
    }
}
