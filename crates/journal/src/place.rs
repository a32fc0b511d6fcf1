//! Finding the vault, and opening it for reading or for writing.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use journal_engine::{
    Agent, Caller, Engine, Event, Finding, FindingCode, Heartbeat, Identified, Mend, Parts, RealDisk, Settings, Source,
    StateDir, StateDirError, StateReport, Trouble, Vault, find_root,
};
use journal_model::NoteId;
use serde::Serialize;

use crate::{
    caller,
    config::{CONFIG, Config, ConfigError, ConfigFile, Layer, Layers, parse},
    environment::Environment,
    failure::{Failure, PlaceError, Usage},
    global::Global,
    json,
    output::Output,
    rim,
    source::SystemSource,
    text::{events, time::Clock},
    workplace::Workplace,
};

/// How long a hook waits for other processes that write.
const HOOK_PATIENCE: Duration = Duration::from_secs(1);

/// What a command works with: the world outside the vault.
pub struct World {
    /// The environment.
    pub environment: Environment,
    /// The global options.
    pub global: Global,
    /// What the command line, the environment and the user's file say.
    pub layers: Layers,
    /// Where to print.
    pub output: Output,
    /// By which clock to tell times.
    pub clock: Clock,
    /// Who calls, once it was asked: an id that is made up is made up once.
    pub identified: OnceLock<Identified>,
    /// Of every vault that was opened, whether its `state.db` was damaged: told when the command ends.
    pub state_reports: Mutex<Vec<StateReport>>,
}

/// What a vault is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing is written, not even outside the vault, unless it was written to before.
    Reading,
    /// The vault gets an id if it has none, and its state a folder; but not where another vault was, whose drive may be away.
    Writing,
    /// The same, for who says that the folder is to be a vault.
    Founding,
}

/// A vault, opened.
pub struct Place {
    /// The engine over it.
    pub engine: Engine,
    /// All settings, the vault's included.
    pub config: Config,
    /// Its id, once it was written to.
    pub vault_id: Option<String>,
    /// Why its state is not looked at, where it is there.
    state_trouble: Option<String>,
}

impl World {
    /// The settings without those of a vault.
    pub fn config(&self) -> Config {
        self.layers.resolve(&self.environment)
    }

    /// Finds the vault: the settings, else the nearest folder upward.
    ///
    /// # Errors
    /// When there is none.
    pub fn find_vault(&self) -> Result<PathBuf, PlaceError> {
        match self.config().vault.value {
            Some(path) => Ok(path),
            None => find_root(&self.environment.folder)
                .ok_or_else(|| PlaceError::NoVault { folder: self.environment.folder.clone() }),
        }
    }

    /// Finds and opens the vault.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open(&self, need: Need) -> Result<Place, Failure> {
        self.open_at(&self.find_vault()?, need)
    }

    /// Opens the vault at a folder.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_at(&self, root: &Path, need: Need) -> Result<Place, Failure> {
        self.open_with(root, need, &|settings| settings)
    }

    /// Finds and opens the vault for a hook: whoever called it gives up on it after some seconds, and waits as long.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_soon(&self, need: Need) -> Result<Place, Failure> {
        let soon = |settings: Settings| Settings {
            patience: settings.patience.min(HOOK_PATIENCE),
            state_patience: HOOK_PATIENCE,
            ..settings
        };
        self.open_with(&self.find_vault()?, need, &soon)
    }

    fn open_with(&self, root: &Path, need: Need, adapt: &dyn Fn(Settings) -> Settings) -> Result<Place, Failure> {
        let vault = Vault::open(root, Arc::new(RealDisk)).map_err(PlaceError::from)?;
        self.output.detail(format!("vault: {}", vault.root().display()));
        let mut layers = self.layers.clone();
        let mut settings = vault.settings().map_err(Trouble::from)?;
        if settings.is_none() && need == Need::Writing && self.was_there(&vault)? {
            // Another process may have made it just now.
            let root = || PlaceError::WasThere { root: vault.root().to_owned() };
            settings = Some(vault.settings().map_err(Trouble::from)?.ok_or_else(root)?);
        }
        layers.vault = match settings {
            Some(text) => self.read_settings(&text)?,
            None if need == Need::Reading => Layer::default(),
            None => self.make_settings(&vault)?,
        };
        let config = layers.resolve(&self.environment);
        let home = config.data_dir.value.as_deref();
        let mut state_trouble = None;
        let state = match (need, &layers.vault.id) {
            (Need::Reading, None) => None,
            (Need::Reading, Some(id)) => match home.map(|home| known_state(home, id, &vault)) {
                Some(Err(error)) => {
                    let problem = rim::message(&error);
                    let told = "who is thinking where is not known, the notes are all here";
                    self.output.warn(format!("{problem}; {told}"));
                    state_trouble = Some(problem);
                    None
                }
                known => known.and_then(Result::ok).flatten(),
            },
            (Need::Writing | Need::Founding, None) => return Err(PlaceError::NoId { fresh: fresh_id() }.into()),
            (Need::Writing | Need::Founding, Some(id)) => {
                let home = home.ok_or(PlaceError::NoDataHome)?;
                Some(StateDir::open(home, id, &vault).map_err(PlaceError::from)?)
            }
        };
        let parts = Parts { vault, state, source: Arc::new(SystemSource), settings: adapt(config.engine_settings()) };
        let engine = Engine::new(parts);
        self.state_reports.lock().unwrap_or_else(PoisonError::into_inner).push(engine.state_report());
        Ok(Place { engine, config, vault_id: layers.vault.id, state_trouble })
    }

    fn read_settings(&self, text: &str) -> Result<Layer, ConfigError> {
        let (layer, warnings) = parse(text, ConfigFile::Vault, CONFIG)?;
        warnings.into_iter().for_each(|warning| self.output.warn(warning));
        Ok(layer)
    }

    /// Whether a vault lay where this one has no id yet.
    fn was_there(&self, vault: &Vault) -> Result<bool, Trouble> {
        let Some(home) = self.config().data_dir.value else { return Ok(false) };
        Ok(!StateDir::of_root(&home, vault.root())?.is_empty())
    }

    /// Gives the vault its id. Of two processes that do so at once, both get the id of the first.
    fn make_settings(&self, vault: &Vault) -> Result<Layer, Failure> {
        let counts = vault.write_settings(&first_settings(&fresh_id())).map_err(Trouble::from)?;
        self.output.note(format!("Made `{CONFIG}` in the vault `{}`, which gives it an id.", vault.name()));
        Ok(self.read_settings(&counts)?)
    }

    /// Tells that a damaged `state.db` was set aside, if one was and no answer told it.
    pub fn tell_state_reports(&self) {
        let reports = self.state_reports.lock().unwrap_or_else(PoisonError::into_inner);
        for report in reports.iter().filter_map(StateReport::take) {
            self.output.warn(format!("{} ({})", report.message, report.hint));
        }
    }

    /// Who is calling.
    ///
    /// # Errors
    /// When the one who says who is calling says what cannot be an id.
    pub fn identified(&self) -> Result<Identified, Failure> {
        if let Some(identified) = self.identified.get() {
            return Ok(identified.clone());
        }
        let identified = caller::identified(self.global.agent.as_deref(), &self.environment)?;
        self.output.detail(format!("agent: {} ({})", identified.id, identified.source));
        Ok(self.identified.get_or_init(|| identified).clone())
    }

    /// Prints an object that depends on who calls, with who that was taken for and from what.
    ///
    /// # Errors
    /// As [`Self::identified`], and when it cannot be printed.
    pub fn json_to_caller(&self, body: impl Serialize) -> Result<(), Failure> {
        Ok(self.output.json(&json::versioned(json::ToCaller::new(&self.identified()?, body)))?)
    }

    /// For whom this process serves.
    ///
    /// # Errors
    /// As [`Self::identified`].
    pub fn served_agent(&self) -> Result<Identified, Failure> {
        let identified = caller::served(self.global.agent.as_deref(), &self.environment)?;
        self.output.detail(format!("agent: {} ({})", identified.id, identified.source));
        Ok(identified)
    }

    /// Who is calling, where that must be somebody: `what` belongs to an agent.
    ///
    /// # Errors
    /// As [`Self::identified`], and when nothing says who is calling.
    pub fn someone(&self, what: &'static str) -> Result<Identified, Failure> {
        let identified = self.identified()?;
        if identified.source.is_lasting() { Ok(identified) } else { Err(Usage::Nobody(what).into()) }
    }

    /// The caller, as the engine wants to know it.
    ///
    /// # Errors
    /// As [`Self::identified`].
    pub fn caller(&self) -> Result<Caller, Failure> {
        Ok(caller::caller(&self.identified()?, &self.environment, &self.workplace()?))
    }

    /// Where the caller works.
    ///
    /// # Errors
    /// When a file that says so cannot be read.
    pub fn workplace(&self) -> Result<Workplace, Failure> {
        let (workplace, warnings) = Workplace::of(&self.environment)?;
        warnings.into_iter().for_each(|warning| self.output.warn(warning));
        Ok(workplace)
    }
}

impl Place {
    /// Says that the caller is here, tells what happened to it meanwhile, and gives back what is known of it.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn announce(&self, caller: &Caller, world: &World) -> Result<Agent, Failure> {
        self.announce_but(caller, &|_| false, world)
    }

    /// The same; what `is_told` is told by the answer of the command.
    fn announce_but(&self, caller: &Caller, is_told: &dyn Fn(&Event) -> bool, world: &World) -> Result<Agent, Failure> {
        let Heartbeat { agent, notices } = self.engine.heartbeat(caller)?;
        if notices.older > 0 {
            world.output.warn(events::older(notices.older));
        }
        for notice in notices.events.iter().filter(|event| !is_told(event)) {
            world.output.warn(events::told_to_you(notice, &world.clock));
        }
        Ok(agent)
    }

    /// The same after something was done that stays done: trouble is told and stops nothing. The name of the agent.
    pub fn announce_after(&self, caller: &Caller, is_told: &dyn Fn(&Event) -> bool, world: &World) -> Option<String> {
        match self.announce_but(caller, is_told, world) {
            Ok(agent) => Some(agent.name),
            Err(failure) => {
                world.output.warn(rim::message(&failure));
                None
            }
        }
    }

    /// That its state cannot be looked at, for a doctor.
    pub fn state_trouble(&self) -> Option<Finding> {
        let hint = "let it be read and written, with all that lies in it: chown, chmod u+rwX".to_owned();
        let finding = |why: &String| Finding::new(FindingCode::UnreadableState, why, Vec::new(), Mend::ByHand(hint));
        self.state_trouble.as_ref().map(finding)
    }
}

/// The state of a vault that was written to before. A reader does without it rather than fail.
fn known_state(home: &Path, id: &str, vault: &Vault) -> Result<Option<StateDir>, StateDirError> {
    if home.join(id).is_dir() { StateDir::open(home, id, vault).map(Some) } else { Ok(None) }
}

/// The text of a vault's settings when they are first written.
fn first_settings(id: &NoteId) -> String {
    format!(
        "# Settings of `journal` that travel with this vault. Keep the id: the state of the vault is found by it.\n\
         # All keys: journal config list\n\
         id = \"{id}\"\n"
    )
}

fn fresh_id() -> NoteId {
    NoteId::from_parts(SystemSource.now().unix_ms, SystemSource.random())
}
