//! `journal model`: which model finds notes by their meaning.

use clap::Subcommand;
use journal_embed::{Entry, Hub, Manner, PASSAGE, Pooling, catalogue, plain_folder};
use journal_engine::{Embedded, Engine, ModelChoice, ModelFilesError, ModelStanding, Reindex, Trouble, model_entry};

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
    /// It embeds a text at once, to be tried. Its vectors are made by the next `journal reindex`, or in the background by a running
    /// server; until all of them are, search keeps to the old ones, and the two are never mixed.
    ///
    /// How a model in a folder is used is read there and told: the pooling from `1_Pooling/config.json` (without it the mean), the
    /// window from `sentence_bert_config.json` (512 tokens), what stands before questions and passages from the `prompts` named
    /// `query` and `passage` or `document` in `config_sentence_transformers.json` (nothing). A model used in another manner than it was
    /// trained for finds worse. One whose window is smaller than 256 tokens reads longer passages in parts.
    Use {
        /// `built-in`, a name of the catalogue, or a folder
        model: String,
    },
    /// Remove a model that was fetched, and with it those that share its files
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
        self.tell(&world.open(Need::Reading)?, None, world)
    }

    /// Tells how it stands; how the model is used where that is to be told.
    fn tell(&self, place: &Place, manner: Option<&Manner>, world: &World) -> Result<Exit, Failure> {
        let standing = place.engine.model_standing()?;
        let trouble = embedding_trouble(&place.engine)?;
        let runtime = place.config.onnxruntime.value.as_ref().map(|path| path.display().to_string());
        if self.json {
            world.output.json(&versioned(json::ModelStatus::new(&standing, runtime, trouble, manner)))?;
            return Ok(Exit::Ok);
        }
        let mut text = Text::new();
        text.field("model", standing.chosen.to_string());
        if let Some(manner) = manner {
            told_manner(manner, &standing.chosen, &mut text);
        }
        text.field("runtime", runtime.unwrap_or_else(|| "built-in".to_owned()));
        told_vectors(&standing, &mut text);
        if let Some(why) = &trouble {
            text.field("trouble", format!("whoever watches cannot make vectors now, and tries again: {why}"));
        }
        if standing.paused {
            text.field("paused", "no vectors are made in the background; go on: journal model resume");
        }
        if !standing.is_complete() {
            text.field("next", "make the missing vectors: journal reindex");
        }
        world.output.answer(&text)?;
        Ok(Exit::Ok)
    }

    fn list(&self, world: &World) -> Result<Exit, Failure> {
        let hub = hub(world);
        let fetched = |entry: &Entry| hub.as_ref().is_ok_and(|hub| hub.has(entry));
        let entries = catalogue();
        // The list is the same without a vault, or with one that cannot be opened.
        let place = world.find_vault().ok().and_then(|root| world.open_at(&root, Need::Reading).ok());
        let chosen = place.map(|place| place.engine.chosen_model()).transpose()?;
        let is_chosen = |name: &str| chosen.as_ref().is_some_and(|chosen| *chosen == ModelChoice::from(name));
        if self.json {
            let built_in = json::CatalogueModel::built_in(BUILT_IN_ABOUT, BUILT_IN_DIMENSIONS);
            let models = entries.iter().map(|entry| json::CatalogueModel::new(entry, fetched(entry)));
            let models = [built_in].into_iter().chain(models).collect();
            let chosen = chosen.as_ref().map(ToString::to_string);
            world.output.json(&versioned(json::ModelList { chosen, models }))?;
            return Ok(Exit::Ok);
        }
        let mut table = Table::new(vec!["here", "dimensions", "name", "about"]);
        let row = |here: bool, dimensions: String, name: &str, about: &str| {
            let here = match (is_chosen(name), here) {
                (true, true) => "chosen",
                (true, false) => "chosen, not here",
                (false, true) => "yes",
                (false, false) => "",
            };
            vec![here.to_owned(), dimensions, name.to_owned(), about.to_owned()]
        };
        table.row(row(true, BUILT_IN_DIMENSIONS.to_string(), ModelChoice::BUILT_IN, BUILT_IN_ABOUT));
        if let Some(ModelChoice::Folder(folder)) = &chosen {
            table.row(row(folder.is_dir(), String::new(), &folder.display().to_string(), "in a folder"));
        }
        for entry in &entries {
            table.row(row(fetched(entry), entry.dimensions().to_string(), entry.name(), entry.description()));
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
        let manner = place.engine.use_model(&chosen(model, world))?;
        // Vectors are stored in the index, and counted by its texts.
        if place.engine.index_standing()?.is_none() {
            place.engine.reindex(&Reindex::default(), &|_| ())?;
        }
        self.tell(&place, Some(&manner), world)
    }

    fn remove(&self, name: &str, world: &World) -> Result<Exit, Failure> {
        let entry = model_entry(name)?;
        let hub = hub(world)?;
        // Variants of one model lie in one folder, and go together.
        let shared = hub.sharing(&entry);
        // The vault at hand may need one of them; others say so when they do.
        if let Ok(root) = world.find_vault() {
            let standing = world.open_at(&root, Need::Reading)?.engine.model_standing()?;
            let in_use = [Some(standing.chosen.to_string()), standing.serving.map(|model| model.source)];
            let in_use = in_use.into_iter().flatten().filter_map(|name| Entry::find(&name));
            let mut in_use = in_use.filter(|used| used.repository() == entry.repository());
            if let Some(used) = in_use.next() {
                let other = (used.name() != entry.name()).then(|| entry.name().to_owned());
                return Err(Failure::ModelInUse { name: used.name().to_owned(), shared: other });
            }
        }
        let others = shared.iter().map(|other| other.name().to_owned()).filter(|name| name != entry.name());
        let others: Vec<_> = others.collect();
        let removed = hub.forget(&entry).map_err(ModelFilesError::from)?;
        if self.json {
            world.output.json(&versioned(json::RemovedModel {
                name: entry.name().to_owned(),
                removed,
                with: others,
            }))?;
        } else {
            let told = if removed { "removed" } else { "not here" };
            let mut text = Text::new();
            text.field(told, entry.name());
            for other in &others {
                text.field("", format!("{other}, which lay in the same files"));
            }
            world.output.answer(&text)?;
        }
        Ok(if removed { Exit::Ok } else { Exit::NotFound })
    }

    fn pause(&self, paused: bool, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Writing)?;
        place.engine.pause_embedding(paused)?;
        self.tell(&place, None, world)
    }
}

/// The model that is compiled in, as [`journal_embed::ModelFiles::built_in`] has it.
const BUILT_IN_ABOUT: &str = "all-MiniLM-L6-v2 in eight bits, compiled in";
const BUILT_IN_DIMENSIONS: usize = 384;

/// What keeps whoever watches the vault from making vectors, if something does.
///
/// # Errors
/// When the state directory cannot be read.
pub fn embedding_trouble(engine: &Engine) -> Result<Option<String>, Trouble> {
    let leader = engine.leader()?.filter(|leader| leader.process.is_some());
    Ok(leader.and_then(|leader| leader.embedding))
}

/// How far the vectors of the chosen model are, in a line: whose they are, whom search asks meanwhile, and what to do.
pub fn in_a_line(
    own: &Embedded,
    chosen: &str,
    instead: Option<&str>,
    is_paused: bool,
    trouble: Option<&str>,
) -> String {
    let mut line = format!("{} of {} texts by the model {chosen}", own.with_vector, own.texts);
    if let Some(instead) = instead {
        line.push_str(&format!("; search asks {instead} until then"));
    }
    if own.with_vector < own.texts || instead.is_some() {
        line.push_str(&match trouble {
            Some(why) => format!("; the rest cannot be made now: {why}"),
            None if is_paused => "; paused: journal model resume".to_owned(),
            None => "; the rest: journal reindex".to_owned(),
        });
    }
    line
}

fn told_vectors(standing: &ModelStanding, text: &mut Text) {
    let chosen = standing.chosen.to_string();
    let mut own = standing.own.as_ref();
    for (model, counts) in &standing.vectors {
        let is_own = model.source == chosen && own.take_if(|own| *own == counts).is_some();
        let is_asked = match standing.serving.as_ref() == Some(model) {
            true if !is_own => ", which search asks until the other has all",
            true if standing.vectors.len() > 1 => ", which search asks",
            _ => "",
        };
        text.field(
            "vectors",
            format!("{} of {} texts of {}{is_asked}", counts.with_vector, counts.texts, model.source),
        );
    }
    if let Some(own) = own {
        text.field("vectors", format!("{} of {} texts of {chosen}", own.with_vector, own.texts));
    }
}

/// How a model is used; of one in a folder also what would change that.
fn told_manner(manner: &Manner, chosen: &ModelChoice, text: &mut Text) {
    let by = |file: &str| match chosen {
        ModelChoice::Folder(_) => format!(" (by `{file}`, where it is there)"),
        ModelChoice::BuiltIn | ModelChoice::Catalogue(_) => String::new(),
    };
    let pooling = match manner.pooling {
        Pooling::Mean => "the mean of all tokens",
        Pooling::First => "the first token",
    };
    text.field("pooling", format!("{pooling}{}", by("1_Pooling/config.json")));
    let parts = if manner.reads_in_parts() {
        format!("; it reads passages, of up to {PASSAGE}, in parts, whose mean counts")
    } else {
        String::new()
    };
    text.field("window", format!("{} tokens{}{parts}", manner.window, by("sentence_bert_config.json")));
    let quoted = |prefix: &str| if prefix.is_empty() { "nothing".to_owned() } else { format!("`{prefix}`") };
    let (query, passage) = (quoted(&manner.query_prefix), quoted(&manner.passage_prefix));
    let by = by("prompts` of `config_sentence_transformers.json");
    text.field("prefixes", format!("{query} before questions, {passage} before passages{by}"));
}

/// What is a path is told whole: the choice is read by processes in other folders.
fn chosen(model: &str, world: &World) -> ModelChoice {
    let folder = plain_folder(&world.environment.folder.join(model));
    match ModelChoice::from(model) {
        ModelChoice::Folder(_) => ModelChoice::Folder(folder),
        ModelChoice::Catalogue(name) => match Entry::find(&name) {
            Some(entry) => ModelChoice::Catalogue(entry.name().to_owned()),
            None if folder.is_dir() => ModelChoice::Folder(folder),
            None => ModelChoice::Catalogue(name),
        },
        ModelChoice::BuiltIn => ModelChoice::BuiltIn,
    }
}

fn hub(world: &World) -> Result<Hub, ModelFilesError> {
    world.config().model_settings().hub()
}
