//! The keys of the two configuration files: one table for reading, listing and the manual.

use std::path::PathBuf;

use clap::ValueEnum;
use journal_mcp::http::{NotAnOrigin, WebOrigin};
use journal_model::VaultPath;
use toml::de::DeValue;

use super::{Config, Layer, Origin, Setting};
use crate::{
    environment::{self, Variable},
    global::ColorChoice,
};

/// A key of a configuration file.
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What it may hold.
    pub kind: &'static str,
    /// What counts when nothing says it.
    pub default: &'static str,
    /// The option that says it for one call.
    pub flag: Option<&'static str>,
    /// The environment variable that says it.
    pub variable: Option<&'static Variable>,
    /// The files it may stand in.
    pub places: Places,
    /// Puts its value into a layer, or says what is wrong with it.
    pub read: fn(&mut Layer, &DeValue<'_>) -> Result<(), String>,
    /// Its resolved value as text, and where it comes from. `None` for a key that is no setting.
    pub show: fn(&Config) -> Option<(String, Origin)>,
}

/// The files a key may stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// The vault's.
    Vault,
    /// The user's.
    User,
    /// Either; the vault's counts.
    Both,
}

/// All keys.
pub const KEYS: &[Key] = &[
    Key {
        name: "id",
        about: "The vault's id, by which its state is found. Written once, by `journal init` or the first thought.",
        kind: "text",
        default: "",
        flag: None,
        variable: None,
        places: Places::Vault,
        read: |layer, value| text(value).map(|id| layer.id = Some(id)),
        show: |_| None,
    },
    Key {
        name: "vault",
        about: "The vault that commands use, wherever they are typed. Without it, the nearest folder upward that holds \
                `.journal/` or `.obsidian/`.",
        kind: "path",
        default: "",
        flag: Some("--vault"),
        variable: Some(&environment::VAULT),
        places: Places::User,
        read: |layer, value| text(value).map(|path| layer.vault = Some(PathBuf::from(path))),
        show: |config| path(&config.vault),
    },
    Key {
        name: "data_dir",
        about: "Where the state of all vaults lies (who is here, what is held, the index), one folder a vault, and the models that were fetched. Not in a synchronised folder.",
        kind: "path",
        default: "the platform's data folder",
        flag: None,
        variable: Some(&environment::DATA_DIR),
        places: Places::User,
        read: |layer, value| text(value).map(|path| layer.data_dir = Some(PathBuf::from(path))),
        show: |config| path(&config.data_dir),
    },
    Key {
        name: "thinking_folder",
        about: "The folder in the vault in which new sessions are filed, by year.",
        kind: "folder in the vault",
        default: "Thinking",
        flag: None,
        variable: None,
        places: Places::Both,
        read: |layer, value| folder(value).map(|folder| layer.thinking_folder = Some(folder)),
        show: |config| Some((config.thinking_folder.value.clone(), config.thinking_folder.origin)),
    },
    Key {
        name: "project",
        about: "What sessions that begin are about.",
        kind: "text",
        default: "",
        flag: Some("--project"),
        variable: Some(&environment::PROJECT),
        places: Places::Both,
        read: |layer, value| text(value).map(|project| layer.project = Some(project)),
        show: |config| Some((config.project.value.clone().unwrap_or_default(), config.project.origin)),
    },
    Key {
        name: "max_tokens",
        about: "How much `journal hydrate` shows, in estimated tokens.",
        kind: "number, 1 or more",
        default: "8000",
        flag: Some("--max-tokens"),
        variable: None,
        places: Places::Both,
        read: |layer, value| number(value, 1).map(|tokens| layer.max_tokens = Some(tokens)),
        show: |config| shown(&config.max_tokens),
    },
    Key {
        name: "ownership_minutes",
        about: "How long an agent keeps a line of thought to itself after a thought; 0: no longer than it takes.",
        kind: "number, 0 or more",
        default: "15",
        flag: None,
        variable: None,
        places: Places::Both,
        read: |layer, value| number(value, 0).map(|minutes| layer.ownership_minutes = Some(minutes)),
        show: |config| shown(&config.ownership_minutes),
    },
    Key {
        name: "patience_seconds",
        about: "How long a command waits for its turn to write.",
        kind: "number, 0 or more",
        default: "30",
        flag: None,
        variable: None,
        places: Places::User,
        read: |layer, value| number(value, 0).map(|seconds| layer.patience_seconds = Some(seconds)),
        show: |config| shown(&config.patience_seconds),
    },
    Key {
        name: "queue_length",
        about: "How many writes of one process may wait for their turn. Who sends more waits, and is told who writes when \
                `patience_seconds` are over.",
        kind: "number from 1 to 10000",
        default: "64",
        flag: None,
        variable: None,
        places: Places::User,
        read: |layer, value| queue(value).map(|length| layer.queue_length = Some(length)),
        show: |config| shown(&config.queue_length),
    },
    Key {
        name: "leases_per_agent",
        about: "How many locks and claims one agent may hold at a time. Thoughts are not counted.",
        kind: "number, 1 or more",
        default: "64",
        flag: None,
        variable: None,
        places: Places::Both,
        read: |layer, value| number(value, 1).map(|number| layer.leases_per_agent = Some(number)),
        show: |config| shown(&config.leases_per_agent),
    },
    Key {
        name: "agents_per_project",
        about: "How many agents of one project may take locks and claims: of those that are here, the ones that came first.",
        kind: "number, 1 or more",
        default: "32",
        flag: None,
        variable: None,
        places: Places::Both,
        read: |layer, value| number(value, 1).map(|number| layer.agents_per_project = Some(number)),
        show: |config| shown(&config.agents_per_project),
    },
    Key {
        name: "strict_claims",
        about: "Whether `journal hook pre-edit` and `pre-commit` refuse what another agent has claimed for itself, instead of only \
                saying so.",
        kind: "`true` or `false`",
        default: "false",
        flag: Some("--strict"),
        variable: None,
        places: Places::Both,
        read: |layer, value| truth(value).map(|strict| layer.strict_claims = Some(strict)),
        show: |config| shown(&config.strict_claims),
    },
    Key {
        name: "models_dir",
        about: "Where `journal model fetch` keeps models.",
        kind: "path",
        default: "`models` in `data_dir`",
        flag: None,
        variable: None,
        places: Places::User,
        read: |layer, value| text(value).map(|path| layer.models_dir = Some(PathBuf::from(path))),
        show: |config| path(&config.models_dir),
    },
    Key {
        name: "hub",
        about: "The address models are fetched from, such as that of a mirror.",
        kind: "address",
        default: "https://huggingface.co",
        flag: None,
        variable: Some(&environment::HUB),
        places: Places::User,
        read: |layer, value| text(value).map(|address| layer.hub = Some(address)),
        show: |config| Some((config.hub.value.clone().unwrap_or_default(), config.hub.origin)),
    },
    Key {
        name: "onnxruntime",
        about: "The shared library of an installed ONNX Runtime, 1.24 or newer, to compute with instead of the built-in runtime.",
        kind: "path",
        default: "",
        flag: None,
        variable: Some(&environment::ONNX_RUNTIME),
        places: Places::User,
        read: |layer, value| text(value).map(|path| layer.onnxruntime = Some(PathBuf::from(path))),
        show: |config| path(&config.onnxruntime),
    },
    Key {
        name: "port",
        about: "The port at which `journal serve` listens.",
        kind: "number from 1 to 65535",
        default: "8377",
        flag: Some("--port"),
        variable: None,
        places: Places::User,
        read: |layer, value| port(value).map(|port| layer.port = Some(port)),
        show: |config| shown(&config.port),
    },
    Key {
        name: "allowed_origins",
        about: "Web pages that may call `journal serve`, beside those at its own address: their origins, like \
                `http://localhost:6274`.",
        kind: "list of text",
        default: "",
        flag: None,
        variable: None,
        places: Places::User,
        read: |layer, value| origins(value).map(|origins| layer.allowed_origins = Some(origins)),
        show: |config| listed(&config.allowed_origins),
    },
    Key {
        name: "allowed_hosts",
        about: "Names by which `journal serve` may be called, beside `localhost` and addresses of this machine.",
        kind: "list of text",
        default: "",
        flag: None,
        variable: None,
        places: Places::User,
        read: |layer, value| texts(value).map(|hosts| layer.allowed_hosts = Some(hosts)),
        show: |config| listed(&config.allowed_hosts),
    },
    Key {
        name: "color",
        about: "When to colour.",
        kind: "`auto`, `always` or `never`",
        default: "auto",
        flag: Some("--color"),
        variable: Some(&environment::NO_COLOR),
        places: Places::User,
        read: |layer, value| {
            let choice = ColorChoice::from_str(&text(value)?, false);
            layer.color = Some(choice.map_err(|_| "it must be `auto`, `always` or `never`".to_owned())?);
            Ok(())
        },
        show: |config| Some((config.color.value.as_str().to_owned(), config.color.origin)),
    },
];

/// The longest time a number may ask for; more is a slip of the keyboard.
const MAX_NUMBER: u64 = 100_000_000;

fn text(value: &DeValue<'_>) -> Result<String, String> {
    let text = value.as_str().ok_or_else(|| format!("it must be text in quotes, not {}", kind_of(value)))?;
    if text.trim().is_empty() { Err("it is empty; take the line out instead".to_owned()) } else { Ok(text.to_owned()) }
}

fn folder(value: &DeValue<'_>) -> Result<String, String> {
    let text = text(value)?;
    let note = VaultPath::in_folder(text.trim_end_matches('/'), "x.md").map_err(|error| error.to_string())?;
    Ok(note.folder().to_owned())
}

fn number(value: &DeValue<'_>, least: u64) -> Result<u64, String> {
    let digits = value.as_integer().filter(|integer| integer.radix() == 10);
    let number = digits.and_then(|integer| integer.as_str().replace('_', "").parse().ok());
    number
        .filter(|number| (least..=MAX_NUMBER).contains(number))
        .ok_or_else(|| format!("it must be a whole number from {least} to {MAX_NUMBER}"))
}

fn truth(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "it must be `true` or `false`".to_owned())
}

fn queue(value: &DeValue<'_>) -> Result<u64, String> {
    const MOST: u64 = 10_000;
    let length = number(value, 1).ok().filter(|length| *length <= MOST);
    length.ok_or_else(|| format!("it must be a whole number from 1 to {MOST}"))
}

fn port(value: &DeValue<'_>) -> Result<u16, String> {
    let port = number(value, 1).ok().and_then(|number| u16::try_from(number).ok());
    port.ok_or_else(|| format!("it must be a whole number from 1 to {}", u16::MAX))
}

fn texts(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or_else(|| format!("it must be a list in brackets, not {}", kind_of(value)))?;
    list.iter().map(|value| text(value.get_ref())).collect()
}

fn origins(value: &DeValue<'_>) -> Result<Vec<WebOrigin>, String> {
    texts(value)?.iter().map(|origin| origin.parse().map_err(|error: NotAnOrigin| error.to_string())).collect()
}

fn kind_of(value: &DeValue<'_>) -> String {
    format!("{} {}", if value.is_array() || value.is_integer() { "an" } else { "a" }, value.type_str())
}

fn path(setting: &Setting<Option<PathBuf>>) -> Option<(String, Origin)> {
    let path = setting.value.as_ref().map(|path| path.display().to_string());
    Some((path.unwrap_or_default(), setting.origin))
}

fn shown(setting: &Setting<impl ToString>) -> Option<(String, Origin)> {
    Some((setting.value.to_string(), setting.origin))
}

fn listed(setting: &Setting<Vec<impl ToString>>) -> Option<(String, Origin)> {
    let values: Vec<_> = setting.value.iter().map(ToString::to_string).collect();
    Some((values.join(", "), setting.origin))
}
