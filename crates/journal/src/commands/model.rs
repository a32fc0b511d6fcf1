//! `journal model`: which model finds notes by their meaning.

use std::path::Path;

use clap::Subcommand;
use journal_embed::{Entry, Hub, catalogue};
use journal_engine::{ModelChoice, ModelFilesError, ModelStanding, Reindex, model_entry};

use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, Place, World},
    rim::Exit,
    text::{Text, table::Table},
};

/// Told below the verbs.
const EXAMPLES: &str = "Examples:
  journal model status
  journal model fetch multilingual-e5-small
  journal model use multilingual-e5-small
  journal model use ./my-model
  journal model use built-in";

/// Choose the model by which notes are found by what they mean
///
/// The built-in one (all-MiniLM-L6-v2, English) needs nothing. Others come from the catalogue's hub, or lie in a folder as
/// sentence-transformers' ONNX exports do. The choice belongs to one vault on this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ModelCommand {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Which model was chosen, and how many texts have a vector of it
    Status,
    /// The models of the catalogue, and which are on this machine
    List,
    /// Fetch a model of the catalogue from its hub
    Fetch {
        /// Its name, by `journal model list`
        name: String,
    },
    /// Choose another model
    ///
    /// It is tried at once. Its vectors are made by the next `journal reindex`, or in the background by a running server; until
    /// all of them are, search keeps to the old ones, and the two are never mixed.
    Use {
        /// `built-in`, a name of the catalogue, or a folder
        model: String,
    },
    /// Remove a model that was fetched
    Rm {
        /// Its name, by `journal model list`
        name: String,
    },
    /// Make no vectors in the background, until `resume`; `journal reindex` still makes them
    Pause,
    /// Make vectors in the background again
    Resume,
}

impl ModelCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no such model, or it does not work; when the hub does not answer.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        match self.verb.as_ref().unwrap_or(&Verb::Status) {
            Verb::Status => self.status(world),
            Verb::List => self.list(world),
            Verb::Fetch { name } => self.fetch(name, world),
            Verb::Use { model } => self.choose(model, world),
            Verb::Rm { name } => self.remove(name, world),
            Verb::Pause => self.pause(true, world),
            Verb::Resume => self.pause(false, world),
        }
    }

    fn status(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Reading)?;
        self.tell(&place.engine.model_standing()?, &place, world)
    }

    fn tell(&self, standing: &ModelStanding, place: &Place, world: &World) -> Result<Exit, Failure> {
        let runtime = place.config.onnxruntime.value.as_ref().map(|path| path.display().to_string());
        if self.json {
            world.output.json(&versioned(json::ModelStatus::new(standing, runtime)))?;
            return Ok(Exit::Ok);
        }
        let mut text = Text::new();
        text.field("model", standing.chosen.to_string());
        text.field("runtime", runtime.unwrap_or_else(|| "built-in".to_owned()));
        for (model, counts) in &standing.vectors {
            let serves = standing.serving.as_ref() == Some(model) && standing.vectors.len() > 1;
            let serves = if serves { ", which search asks until the other has all" } else { "" };
            let of = if standing.vectors.len() > 1 { format!(" of {}", model.source) } else { String::new() };
            text.field("vectors", format!("{} of {} texts{of}{serves}", counts.with_vector, counts.texts));
        }
        if standing.paused {
            text.field("paused", "no vectors are made in the background; go on: journal model resume");
        }
        if !is_complete(standing) {
            text.field("next", "make the missing vectors: journal reindex");
        }
        world.output.answer(&text)?;
        Ok(Exit::Ok)
    }

    fn list(&self, world: &World) -> Result<Exit, Failure> {
        let hub = hub(world);
        let fetched = |entry: &Entry| hub.as_ref().is_ok_and(|hub| hub.has(entry));
        let entries = catalogue();
        if self.json {
            let models = entries.iter().map(|entry| json::CatalogueModel::new(entry, fetched(entry)));
            world.output.json(&versioned(json::ModelList { models: models.collect() }))?;
            return Ok(Exit::Ok);
        }
        let mut table = Table::new(vec!["here", "size", "name", "about"]);
        let row = |here: bool, size: usize, name: &str, about: &str| {
            let here = if here { "yes" } else { "" };
            vec![here.to_owned(), size.to_string(), name.to_owned(), about.to_owned()]
        };
        table.row(row(true, 384, "built-in", "all-MiniLM-L6-v2 in eight bits, compiled in"));
        for entry in &entries {
            table.row(row(fetched(entry), entry.dimensions(), entry.name(), entry.description()));
        }
        world.output.answer(&table.text(world.output.width()))?;
        Ok(Exit::Ok)
    }

    fn fetch(&self, name: &str, world: &World) -> Result<Exit, Failure> {
        let entry = model_entry(name)?;
        let hub = hub(world)?;
        let line = world.output.progress();
        let files = hub.fetch(&entry, &mut |progress| {
            let percent = (progress.done * 100).checked_div(progress.total).unwrap_or(100);
            line.tell(&format!("fetching {} · {} · {percent} %", entry.name(), progress.file));
        });
        let files = files.map_err(ModelFilesError::from)?;
        drop(line);
        if self.json {
            world.output.json(&versioned(json::FetchedModel::new(&entry, &files)))?;
            return Ok(Exit::Ok);
        }
        let mut text = Text::new();
        text.field("fetched", entry.name());
        text.field("next", format!("journal model use {}", entry.name()));
        world.output.answer(&text)?;
        Ok(Exit::Ok)
    }

    fn choose(&self, model: &str, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Writing)?;
        place.engine.use_model(&chosen(model, world))?;
        // Vectors are stored in the index, and counted by its texts.
        if place.engine.index_standing()?.is_none() {
            place.engine.reindex(&Reindex::default(), &|_| ())?;
        }
        self.tell(&place.engine.model_standing()?, &place, world)
    }

    fn remove(&self, name: &str, world: &World) -> Result<Exit, Failure> {
        let entry = model_entry(name)?;
        // The vault at hand may need it; others say so when they do.
        if let Ok(root) = world.find_vault() {
            let standing = world.open_at(&root, Need::Reading)?.engine.model_standing()?;
            let is_this = |choice: &str| choice.eq_ignore_ascii_case(entry.name());
            if is_this(&standing.chosen.to_string())
                || standing.serving.as_ref().is_some_and(|model| is_this(&model.source))
            {
                return Err(Failure::ModelInUse { name: entry.name().to_owned() });
            }
        }
        let removed = hub(world)?.forget(&entry).map_err(ModelFilesError::from)?;
        if self.json {
            world.output.json(&versioned(json::RemovedModel { name: entry.name().to_owned(), removed }))?;
        } else {
            let told = if removed { "removed" } else { "not here" };
            let mut text = Text::new();
            text.field(told, entry.name());
            world.output.answer(&text)?;
        }
        Ok(if removed { Exit::Ok } else { Exit::NotFound })
    }

    fn pause(&self, paused: bool, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Writing)?;
        place.engine.pause_embedding(paused)?;
        self.tell(&place.engine.model_standing()?, &place, world)
    }
}

/// What is a path is told whole: the choice is read by processes in other folders.
fn chosen(model: &str, world: &World) -> ModelChoice {
    let folder = world.environment.folder.join(model);
    match ModelChoice::from(model) {
        ModelChoice::Folder(_) => ModelChoice::Folder(folder),
        ModelChoice::Catalogue(name) if Entry::find(&name).is_none() && Path::is_dir(&folder) => {
            ModelChoice::Folder(folder)
        }
        choice => choice,
    }
}

fn hub(world: &World) -> Result<Hub, ModelFilesError> {
    world.config().model_settings().hub()
}

fn is_complete(standing: &ModelStanding) -> bool {
    let chosen = standing.chosen.to_string();
    let own = standing.vectors.iter().find(|(model, _)| model.source == chosen);
    own.is_some_and(|(_, counts)| counts.with_vector == counts.texts) && standing.vectors.len() == 1
}
