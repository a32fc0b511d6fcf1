//! Every environment variable that `journal` reads, and the one place that reads them.

use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
};

use journal_engine::Mode;

/// An environment variable. Empty counts as unset.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
}

/// Declares variables, and lists them all for the manual.
macro_rules! variables {
    ($($ident:ident = $name:literal, $about:literal;)*) => {
        $(#[doc = $about] pub const $ident: Variable = Variable { name: $name, about: $about };)*
        /// All of them, in the order of the manual.
        pub const ALL: &[&Variable] = &[$(&$ident),*];
    };
}

variables! {
    VAULT = "JOURNAL_VAULT", "The vault, unless `--vault` says it.";
    AGENT = "JOURNAL_AGENT", "Who is calling, unless `--agent` says it: any text that stays the same for one conversation.";
    PROJECT = "JOURNAL_PROJECT", "The project of sessions that begin, unless `--project` says it.";
    DATA_DIR = "JOURNAL_DATA_DIR", "Where the state of all vaults lies (locks and leases), one folder a vault.";
    HUB = "HF_ENDPOINT", "The address models are fetched from.";
    HUB_TOKEN = "HF_TOKEN", "The token of that hub, for models that are not open to all.";
    HTTPS_PROXY = "HTTPS_PROXY", "The proxy models are fetched through, unless `NO_PROXY` names the hub.";
    ONNX_RUNTIME = "ORT_DYLIB_PATH", "The shared library of an installed ONNX Runtime, to compute with it.";
    XDG_DATA_HOME = "XDG_DATA_HOME", "Without `JOURNAL_DATA_DIR`, the state lies in `journal` below it.";
    XDG_CONFIG_HOME = "XDG_CONFIG_HOME", "Your configuration is `journal/config.toml` below it.";
    HOME = "HOME", "Without the two above: `.local/share` (`Library/Application Support` on macOS) and `.config` below it.";
    LOCAL_APP_DATA = "LOCALAPPDATA", "On Windows, instead of `XDG_DATA_HOME`.";
    APP_DATA = "APPDATA", "On Windows, instead of `XDG_CONFIG_HOME`.";
    CLAUDE_CONFIG_DIR = "CLAUDE_CONFIG_DIR", "Where Claude Code keeps its settings and logs, unless that is `.claude` in your home.";
    CODEX_HOME = "CODEX_HOME", "Where Codex keeps its settings and logs, unless that is `.codex` in your home.";
    VISUAL = "VISUAL", "The editor in which `journal think` opens a thought that was not given as text.";
    EDITOR = "EDITOR", "The same, when `VISUAL` is not set.";
    PATH = "PATH", "Where `journal overlap` finds git.";
    SYSTEM_ROOT = "SystemRoot", "On Windows, what git needs to start.";
    NOTIFY_SOCKET = "NOTIFY_SOCKET", "Where systemd wants to be told that `journal serve` can be called.";
    NO_COLOR = "NO_COLOR", "Set to anything: no colour, unless `--color` says otherwise.";
    TERM = "TERM", "`dumb`: no colour.";
}

/// The variables as they were when the command began, and the folder it was typed in.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, OsString>,
    /// The working directory.
    pub folder: PathBuf,
    /// This program, where the system tells.
    pub program: Option<PathBuf>,
    /// Where temporary files go.
    pub temporary: PathBuf,
}

/// A variable that is not UTF-8, where only text makes sense.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable `{name}` is not UTF-8")]
pub struct NotText {
    /// The variable.
    pub name: &'static str,
}

impl Environment {
    /// Reads this process's environment.
    ///
    /// # Errors
    /// When the working directory is gone.
    pub fn of_process() -> io::Result<Self> {
        let clients = Mode::Cli.variables().iter().map(|(name, _)| *name);
        let names = ALL.iter().map(|variable| variable.name).chain(clients);
        let values = names.filter_map(|name| Some((name.to_owned(), env::var_os(name)?))).collect();
        Ok(Self { values, folder: env::current_dir()?, program: env::current_exe().ok(), temporary: env::temp_dir() })
    }

    /// The same in another folder.
    pub fn in_folder(&self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..self.clone() }
    }

    /// The value, unless it is unset or empty.
    pub fn get(&self, variable: &Variable) -> Option<&OsStr> {
        self.named(variable.name)
    }

    /// The value as a path.
    pub fn path(&self, variable: &Variable) -> Option<PathBuf> {
        self.get(variable).map(PathBuf::from)
    }

    /// The value as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self, variable: &Variable) -> Result<Option<&str>, NotText> {
        self.get(variable).map(|value| value.to_str().ok_or(NotText { name: variable.name })).transpose()
    }

    /// The text of a variable that clients set, or of ours, by name. What is not UTF-8 is replaced: the id stays the same from call
    /// to call.
    pub fn named_text(&self, name: &str) -> Option<String> {
        Some(self.named(name)?.to_string_lossy().into_owned())
    }

    fn named(&self, name: &str) -> Option<&OsStr> {
        self.values.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// What another program needs to be found and to start, and nothing else.
    pub fn of_programs(&self) -> Vec<(OsString, OsString)> {
        let variables = [&PATH, &SYSTEM_ROOT].into_iter();
        variables.filter_map(|variable| Some((variable.name.into(), self.get(variable)?.to_owned()))).collect()
    }

    /// The folder below which every vault has its state.
    pub fn data_home(&self) -> Option<PathBuf> {
        if let Some(own) = self.path(&DATA_DIR) {
            return Some(self.folder.join(own));
        }
        Some(self.user_data()?.join("journal"))
    }

    /// Where programs of this user keep their data.
    pub fn user_data(&self) -> Option<PathBuf> {
        let home = |below: &str| Some(self.path(&HOME)?.join(below));
        let platform = if cfg!(windows) {
            self.path(&LOCAL_APP_DATA)
        } else if cfg!(target_os = "macos") {
            home("Library/Application Support")
        } else {
            home(".local/share")
        };
        self.absolute(&XDG_DATA_HOME).or(platform)
    }

    /// The user's own configuration file.
    pub fn user_config(&self) -> Option<PathBuf> {
        let platform =
            if cfg!(windows) { self.path(&APP_DATA) } else { self.path(&HOME).map(|home| home.join(".config")) };
        Some(self.absolute(&XDG_CONFIG_HOME).or(platform)?.join("journal").join("config.toml"))
    }

    /// The XDG rules say to ignore a relative path.
    fn absolute(&self, variable: &Variable) -> Option<PathBuf> {
        self.path(variable).filter(|path| path.is_absolute())
    }

    /// An environment of these values, for tests.
    #[cfg(test)]
    pub fn of(values: &[(&str, &str)]) -> Self {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
        Self { values, folder: PathBuf::from("/work"), program: None, temporary: PathBuf::from("/tmp") }
    }
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_platform() {
        let data = |values: &[(&str, &str)]| Environment::of(values).data_home().map(|path| path.display().to_string());
        assert_eq!(data(&[("HOME", "/h")]).as_deref(), Some("/h/.local/share/journal"));
        assert_eq!(data(&[("HOME", "/h"), ("XDG_DATA_HOME", "/d")]).as_deref(), Some("/d/journal"));
        assert_eq!(data(&[("HOME", "/h"), ("XDG_DATA_HOME", "d")]).as_deref(), Some("/h/.local/share/journal"));
        assert_eq!(data(&[("HOME", "/h"), ("JOURNAL_DATA_DIR", "own")]).as_deref(), Some("/work/own"));
        assert_eq!(data(&[("HOME", "")]), None);
        let config = Environment::of(&[("HOME", "/h")]).user_config();
        assert_eq!(config, Some(PathBuf::from("/h/.config/journal/config.toml")));
    }
}
