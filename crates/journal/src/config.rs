//! Settings, resolved: which value counts, and where it comes from.

mod file;
mod keys;

use std::{path::PathBuf, time::Duration};

use journal_engine::Hydrate;
use journal_mcp::http::WebOrigin;

use crate::{
    environment::{self, Environment, NotText},
    global::{ColorChoice, Global},
};

pub use file::{ConfigError, ConfigFile, parse};
pub use keys::{KEYS, Key, Places};

/// The vault's settings file, as messages name it.
pub const CONFIG: &str = ".journal/config.toml";

/// Where `serve` listens unless told otherwise.
const PORT: u16 = 8377;

/// Where a value comes from. The order is the precedence: the first that says something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// An option on the command line.
    Flag,
    /// An environment variable.
    Variable,
    /// `.journal/config.toml` of the vault.
    Vault,
    /// The user's own configuration file.
    User,
    /// Built in.
    Default,
}

/// What one origin says. Absent is silent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// The vault's id; only its own file has one.
    pub id: Option<String>,
    /// The vault.
    pub vault: Option<PathBuf>,
    /// Where state lies.
    pub data_dir: Option<PathBuf>,
    /// The folder for new sessions.
    pub thinking_folder: Option<String>,
    /// The project of sessions that begin.
    pub project: Option<String>,
    /// The budget of `hydrate`.
    pub max_tokens: Option<u64>,
    /// How long thinking ownership lasts without a call.
    pub ownership_minutes: Option<u64>,
    /// How long a call waits for its turn to write.
    pub patience_seconds: Option<u64>,
    /// How many writes of a process may wait for their turn.
    pub queue_length: Option<u64>,
    /// How many locks and claims an agent may hold.
    pub leases_per_agent: Option<u64>,
    /// How many agents of a project may hold locks and claims.
    pub agents_per_project: Option<u64>,
    /// Whether hooks refuse what others have claimed.
    pub strict_claims: Option<bool>,
    /// Where fetched models lie.
    pub models_dir: Option<PathBuf>,
    /// The hub that models are fetched from.
    pub hub: Option<String>,
    /// The library of an installed ONNX Runtime.
    pub onnxruntime: Option<PathBuf>,
    /// Where `serve` listens.
    pub port: Option<u16>,
    /// Web pages that may call the server.
    pub allowed_origins: Option<Vec<WebOrigin>>,
    /// Names by which the server may be called.
    pub allowed_hosts: Option<Vec<String>>,
    /// When to colour.
    pub color: Option<ColorChoice>,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The vault, unless it is to be looked for upward.
    pub vault: Setting<Option<PathBuf>>,
    /// Where the state of all vaults lies, if the platform says so.
    pub data_dir: Setting<Option<PathBuf>>,
    /// The folder for new sessions.
    pub thinking_folder: Setting<String>,
    /// The project of sessions that begin.
    pub project: Setting<Option<String>>,
    /// The budget of `hydrate`, in tokens.
    pub max_tokens: Setting<u64>,
    /// How long thinking ownership lasts without a call, in minutes.
    pub ownership_minutes: Setting<u64>,
    /// How long a call waits for its turn to write, in seconds.
    pub patience_seconds: Setting<u64>,
    /// How many writes of a process may wait for their turn.
    pub queue_length: Setting<u64>,
    /// How many locks and claims an agent may hold.
    pub leases_per_agent: Setting<u64>,
    /// How many agents of a project may hold locks and claims.
    pub agents_per_project: Setting<u64>,
    /// Whether hooks refuse what others have claimed, instead of only saying so.
    pub strict_claims: Setting<bool>,
    /// Where fetched models lie, if the platform says so.
    pub models_dir: Setting<Option<PathBuf>>,
    /// The hub that models are fetched from, if not the usual one.
    pub hub: Setting<Option<String>>,
    /// The token of the hub; it is no setting, so that no file holds it.
    pub hub_token: Option<String>,
    /// The library of an installed ONNX Runtime, to compute with instead of the built-in runtime.
    pub onnxruntime: Setting<Option<PathBuf>>,
    /// Where `serve` listens.
    pub port: Setting<u16>,
    /// Web pages that may call the server, beside its own.
    pub allowed_origins: Setting<Vec<WebOrigin>>,
    /// Names by which the server may be called, beside `localhost`.
    pub allowed_hosts: Setting<Vec<String>>,
    /// When to colour.
    pub color: Setting<ColorChoice>,
}

/// What each origin says.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The command line.
    pub flags: Layer,
    /// The environment.
    pub variables: Layer,
    /// The vault's file.
    pub vault: Layer,
    /// The user's file.
    pub user: Layer,
}

impl Origin {
    /// The stable name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Variable => "variable",
            Self::Vault => "vault",
            Self::User => "user",
            Self::Default => "default",
        }
    }
}

impl Layers {
    /// What the command line and the environment say.
    ///
    /// # Errors
    /// When a variable is not UTF-8.
    pub fn new(global: &Global, environment: &Environment) -> Result<Self, NotText> {
        let flags = Layer { vault: global.vault.clone(), color: global.color, ..Layer::default() };
        let dumb = environment.get(&environment::TERM).is_some_and(|term| term == "dumb");
        let colorless = dumb || environment.get(&environment::NO_COLOR).is_some();
        let variables = Layer {
            vault: environment.path(&environment::VAULT),
            data_dir: environment.path(&environment::DATA_DIR),
            project: environment.text(&environment::PROJECT)?.map(str::to_owned),
            hub: environment.text(&environment::HUB)?.map(str::to_owned),
            onnxruntime: environment.path(&environment::ONNX_RUNTIME),
            color: colorless.then_some(ColorChoice::Never),
            ..Layer::default()
        };
        Ok(Self { flags, variables, ..Self::default() })
    }

    /// The settings that follow.
    pub fn resolve(&self, surroundings: &Environment) -> Config {
        let absolute = |setting: Option<Setting<PathBuf>>, default: Option<PathBuf>| match setting {
            Some(Setting { value, origin }) => {
                // In a file no shell has put the home folder in place of `~`.
                let home = value.strip_prefix("~").ok().zip(surroundings.path(&environment::HOME));
                let value = home.map_or_else(|| value.clone(), |(rest, home)| home.join(rest));
                Setting { value: Some(surroundings.folder.join(value)), origin }
            }
            None => Setting { value: default, origin: Origin::Default },
        };
        let data_dir = absolute(self.first(|layer| layer.data_dir.clone()), surroundings.data_home());
        let models = data_dir.value.as_ref().map(|folder| folder.join("models"));
        Config {
            vault: absolute(self.first(|layer| layer.vault.clone()), None),
            data_dir,
            thinking_folder: self.pick(|layer| layer.thinking_folder.clone(), "Thinking".to_owned()),
            project: self.pick(|layer| layer.project.clone().map(Some), None),
            max_tokens: self.pick(|layer| layer.max_tokens, Hydrate::MAX_TOKENS as u64),
            ownership_minutes: self.pick(|layer| layer.ownership_minutes, 15),
            patience_seconds: self.pick(|layer| layer.patience_seconds, 30),
            queue_length: self.pick(|layer| layer.queue_length, 64),
            leases_per_agent: self.pick(|layer| layer.leases_per_agent, 64),
            agents_per_project: self.pick(|layer| layer.agents_per_project, 32),
            strict_claims: self.pick(|layer| layer.strict_claims, false),
            models_dir: absolute(self.first(|layer| layer.models_dir.clone()), models),
            hub: self.pick(|layer| layer.hub.clone().map(Some), None),
            hub_token: surroundings.named_text(environment::HUB_TOKEN.name),
            onnxruntime: absolute(self.first(|layer| layer.onnxruntime.clone()), None),
            port: self.pick(|layer| layer.port, PORT),
            allowed_origins: self.pick(|layer| layer.allowed_origins.clone(), Vec::new()),
            allowed_hosts: self.pick(|layer| layer.allowed_hosts.clone(), Vec::new()),
            color: self.pick(|layer| layer.color, ColorChoice::Auto),
        }
    }

    fn pick<T>(&self, said: impl Fn(&Layer) -> Option<T>, default: T) -> Setting<T> {
        self.first(said).unwrap_or(Setting { value: default, origin: Origin::Default })
    }

    fn first<T>(&self, said: impl Fn(&Layer) -> Option<T>) -> Option<Setting<T>> {
        let layers = [
            (Origin::Flag, &self.flags),
            (Origin::Variable, &self.variables),
            (Origin::Vault, &self.vault),
            (Origin::User, &self.user),
        ];
        layers.into_iter().find_map(|(origin, layer)| Some(Setting { value: said(layer)?, origin }))
    }
}

impl Config {
    /// What the engine needs of them.
    pub fn engine_settings(&self) -> journal_engine::Settings {
        journal_engine::Settings {
            thinking_folder: self.thinking_folder.value.clone(),
            ownership: Duration::from_secs(self.ownership_minutes.value * 60),
            patience: Duration::from_secs(self.patience_seconds.value),
            queue: usize::try_from(self.queue_length.value).unwrap_or(usize::MAX),
            models: self.model_settings(),
            bounds: journal_engine::Bounds {
                leases_per_agent: usize::try_from(self.leases_per_agent.value).unwrap_or(usize::MAX),
                agents_per_project: usize::try_from(self.agents_per_project.value).unwrap_or(usize::MAX),
            },
            ..journal_engine::Settings::default()
        }
    }

    /// Where models are found.
    pub fn model_settings(&self) -> journal_engine::ModelSettings {
        journal_engine::ModelSettings {
            folder: self.models_dir.value.clone(),
            hub: self.hub.value.clone(),
            token: self.hub_token.clone(),
            runtime: self.onnxruntime.value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(folder: &str) -> Layer {
        Layer { thinking_folder: Some(folder.to_owned()), ..Layer::default() }
    }

    #[test]
    fn the_first_that_says_something_counts() {
        let environment = Environment::of(&[("HOME", "/h")]);
        let mut layers = Layers::default();
        let folder = |layers: &Layers| {
            let Setting { value, origin } = layers.resolve(&environment).thinking_folder;
            (value, origin)
        };
        assert_eq!(folder(&layers), ("Thinking".into(), Origin::Default));
        layers.user = layer("u");
        assert_eq!(folder(&layers), ("u".into(), Origin::User));
        layers.vault = layer("v");
        assert_eq!(folder(&layers), ("v".into(), Origin::Vault));
        layers.variables = layer("e");
        assert_eq!(folder(&layers), ("e".into(), Origin::Variable));
        layers.flags = layer("f");
        assert_eq!(folder(&layers), ("f".into(), Origin::Flag));
        assert!([Origin::Flag, Origin::Variable, Origin::Vault, Origin::User, Origin::Default].is_sorted());
    }

    #[test]
    fn variables_and_flags_say_their_part() {
        let environment =
            Environment::of(&[("NO_COLOR", "1"), ("JOURNAL_VAULT", "v"), ("JOURNAL_PROJECT", "api"), ("HOME", "/h")]);
        let global = Global { color: Some(ColorChoice::Always), ..Global::default() };
        let config = Layers::new(&global, &environment).unwrap().resolve(&environment);
        assert_eq!(config.color, Setting { value: ColorChoice::Always, origin: Origin::Flag });
        assert_eq!(config.vault, Setting { value: Some("/work/v".into()), origin: Origin::Variable });
        assert_eq!(config.project.value.as_deref(), Some("api"));
        let quiet = Layers::new(&Global::default(), &Environment::of(&[("TERM", "dumb")])).unwrap();
        assert_eq!(quiet.resolve(&environment).color.value, ColorChoice::Never);
    }
}
