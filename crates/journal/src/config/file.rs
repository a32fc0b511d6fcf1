//! Reading a configuration file: TOML with flat keys. What is broken stops with its line; what is unknown is told.

use std::ops::Range;

use toml::de::DeTable;

use super::{KEYS, Key, Layer, Places};

/// Which of the two files is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigFile {
    /// The vault's, which travels with it.
    Vault,
    /// The user's own.
    User,
}

/// A file that cannot be read as configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}`, line {line}: {problem}")]
pub struct ConfigError {
    /// The file, as shown to the person.
    pub file: String,
    /// The 1-based line.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// Something that was passed over.
pub type Warning = String;

/// Reads the text of a file. `shown` names it in messages.
///
/// # Errors
/// When it is not TOML, or a key holds what it cannot.
pub fn parse(text: &str, file: ConfigFile, shown: &str) -> Result<(Layer, Vec<Warning>), ConfigError> {
    let failed = |span: Option<Range<usize>>, problem: String| ConfigError {
        file: shown.to_owned(),
        line: line_of(text, span.map_or(0, |span| span.start)),
        problem,
    };
    let table = DeTable::parse(text).map_err(|error| failed(error.span(), error.message().to_owned()))?;
    let mut layer = Layer::default();
    let mut warnings = Vec::new();
    for (name, value) in table.get_ref() {
        let line = line_of(text, name.span().start);
        let name = name.get_ref().as_ref();
        match KEYS.iter().find(|key| key.name == name) {
            Some(key) if key.belongs_in(file) => (key.read)(&mut layer, value.get_ref())
                .map_err(|problem| failed(Some(value.span()), format!("`{name}`: {problem}")))?,
            Some(_) => {
                let other = match file {
                    ConfigFile::Vault => "your own configuration",
                    ConfigFile::User => "the configuration of a vault",
                };
                warnings.push(format!("`{shown}`, line {line}: `{name}` counts only in {other}"));
            }
            None => {
                let near = near_key(name, file).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                warnings.push(format!("`{shown}`, line {line}: there is no key `{name}`{near}"));
            }
        }
    }
    Ok((layer, warnings))
}

impl Key {
    /// Whether the key may stand in a file.
    pub fn belongs_in(&self, file: ConfigFile) -> bool {
        match self.places {
            Places::Both => true,
            Places::Vault => file == ConfigFile::Vault,
            Places::User => file == ConfigFile::User,
        }
    }
}

fn near_key(name: &str, file: ConfigFile) -> Option<&'static str> {
    let typed = name.to_lowercase().replace('-', "_");
    let distance = |key: &&Key| strsim::osa_distance(&typed, key.name);
    let here = || KEYS.iter().filter(|key| key.belongs_in(file));
    let begun = here().find(|key| typed.len() > 3 && key.name.starts_with(&typed));
    let near = begun.or_else(|| here().min_by_key(distance).filter(|key| distance(key) <= 3))?;
    Some(near.name)
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::ColorChoice;

    fn vault(text: &str) -> Result<(Layer, Vec<Warning>), String> {
        parse(text, ConfigFile::Vault, "c.toml").map_err(|error| error.to_string())
    }

    fn user(text: &str) -> Result<(Layer, Vec<Warning>), String> {
        parse(text, ConfigFile::User, "c.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn both_files() {
        let (layer, warnings) = vault("id = \"x\"\nthinking_folder = \"a/b/\"\nmax_tokens = 2_000\n").unwrap();
        assert_eq!((layer.id.as_deref(), layer.thinking_folder.as_deref()), (Some("x"), Some("a/b")));
        assert_eq!((layer.max_tokens, warnings.len()), (Some(2_000), 0));
        let (layer, warnings) = user("vault = '~/v'\ncolor = 'never'\npatience_seconds = 0\n").unwrap();
        assert_eq!((layer.color, layer.patience_seconds), (Some(ColorChoice::Never), Some(0)));
        assert!(warnings.is_empty());
        assert_eq!(vault("").unwrap().0, Layer::default());
    }

    #[test]
    fn what_is_unknown_is_told_with_what_is_near() {
        let warnings = |text| vault(text).unwrap().1;
        assert_eq!(
            warnings("\nthinking-folder = 'x'\n"),
            ["`c.toml`, line 2: there is no key `thinking-folder`; did you mean `thinking_folder`?"]
        );
        assert_eq!(warnings("[quite_another]\nother = 1"), ["`c.toml`, line 1: there is no key `quite_another`"]);
        assert_eq!(
            user("patience = 1").unwrap().1,
            ["`c.toml`, line 1: there is no key `patience`; did you mean `patience_seconds`?"]
        );
        assert_eq!(warnings("color = 'auto'"), ["`c.toml`, line 1: `color` counts only in your own configuration"]);
        assert_eq!(user("id = 'x'").unwrap().1, ["`c.toml`, line 1: `id` counts only in the configuration of a vault"]);
    }

    #[test]
    fn what_is_broken_stops_with_its_line() {
        let broken = |text| vault(text).unwrap_err();
        assert_eq!(broken("id = \"x\"\nid 7\n"), "`c.toml`, line 2: key with no value, expected `=`");
        assert_eq!(
            broken("max_tokens = \"8000\""),
            "`c.toml`, line 1: `max_tokens`: it must be a whole number from 1 to 100000000"
        );
        assert_eq!(broken("\n\nid = 7"), "`c.toml`, line 3: `id`: it must be text in quotes, not an integer");
        assert_eq!(
            broken("thinking_folder = '../x'"),
            "`c.toml`, line 1: `thinking_folder`: `../x/x.md` leaves the vault"
        );
        assert_eq!(
            user("color = 'red'").unwrap_err(),
            "`c.toml`, line 1: `color`: it must be `auto`, `always` or `never`"
        );
        assert_eq!(broken("project = ''"), "`c.toml`, line 1: `project`: it is empty; take the line out instead");
    }
}
