//! Obsidian's own "Excluded files", read from the vault's `.obsidian/app.json`.

use regex_lite::Regex;

use journal_model::VaultPath;

use crate::Vault;

/// What a person told Obsidian to leave out.
///
/// An entry `/…/` is a regular expression searched for in the path, any other is the beginning of a path. Expressions that
/// use JavaScript's look-around do not compile here and are passed over: a note too many is found, none is missed.
#[derive(Debug, Default)]
pub struct Excluded {
    prefixes: Vec<String>,
    patterns: Vec<Regex>,
}

impl Excluded {
    /// Reads the text of `app.json`. Whatever cannot be understood in Obsidian's file leaves nothing out.
    fn parse(json: &[u8]) -> Self {
        let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
        let settings: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
        let mut filters = Self::default();
        for filter in
            settings["userIgnoreFilters"].as_array().into_iter().flatten().filter_map(|filter| filter.as_str())
        {
            match filter.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
                Some(pattern) => filters.patterns.extend(Regex::new(pattern)),
                None if filter.is_empty() => {}
                None => filters.prefixes.push(filter.to_owned()),
            }
        }
        filters
    }

    /// Whether a note is left out.
    pub fn leaves_out(&self, path: &VaultPath) -> bool {
        let path = path.as_str();
        self.prefixes.iter().any(|prefix| path.starts_with(prefix.as_str()))
            || self.patterns.iter().any(|pattern| pattern.is_match(path))
    }
}

impl Vault {
    /// What Obsidian excludes from its search. Most vaults exclude nothing, and one whose settings cannot be read neither.
    ///
    /// A walk passes excluded notes all the same: they have ids, and links lead to them.
    pub fn excluded(&self) -> Excluded {
        self.read_file(".obsidian/app.json").map(|file| Excluded::parse(&file.bytes)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_expressions() {
        let filters =
            Excluded::parse(br#"{"userIgnoreFilters": ["Templates/", "Arch", "/\\d{4}-draft/", "", 7, "/(/"]}"#);
        for path in ["Templates/a.md", "Archive/a.md", "x/2024-draft.md"] {
            assert!(filters.leaves_out(&path.parse().unwrap()), "{path}");
        }
        for path in ["x/Templates/a.md", "Templates.md", "draft.md"] {
            assert!(!filters.leaves_out(&path.parse().unwrap()), "{path}");
        }
    }

    #[test]
    fn settings_that_cannot_be_read_leave_nothing_out() {
        for json in ["", "{", "[]", "null", r#"{"userIgnoreFilters": "x"}"#, "\u{feff}{}"] {
            assert!(!Excluded::parse(json.as_bytes()).leaves_out(&"x.md".parse().unwrap()), "{json}");
        }
    }
}
