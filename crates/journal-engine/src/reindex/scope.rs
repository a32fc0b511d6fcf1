//! Which part of the vault a reindex is about.

use journal_model::{VaultPath, VaultPathError};
use journal_vault::Vault;

/// Why a path is no part of a vault.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` is no path inside the vault: {source}")]
pub struct ScopeError {
    /// As it was given.
    pub path: String,
    /// Why.
    pub source: VaultPathError,
}

/// Some notes and folders, or all.
pub(super) struct Scope {
    /// Empty for all.
    parts: Vec<String>,
}

impl Scope {
    /// `paths` are notes and folders, absolute or inside the vault.
    pub(super) fn new(vault: &Vault, paths: &[String]) -> Result<Self, ScopeError> {
        let mut parts = Vec::new();
        for path in paths {
            let inside = std::path::Path::new(path).strip_prefix(vault.root()).ok().and_then(|rest| rest.to_str());
            let given = inside.unwrap_or(path).replace('\\', "/");
            let given = given.trim_start_matches("./").trim_end_matches('/');
            if given.is_empty() || given == "." {
                return Ok(Self { parts: Vec::new() });
            }
            // A folder is checked as the folder of a note.
            let is_note = given.to_ascii_lowercase().ends_with(".md");
            let note = if is_note { given.parse::<VaultPath>() } else { VaultPath::in_folder(given, "note.md") };
            let note = note.map_err(|source| ScopeError { path: path.clone(), source })?;
            parts.push(if is_note { note.to_string() } else { note.folder().to_owned() });
        }
        Ok(Self { parts })
    }

    pub(super) fn holds(&self, path: &VaultPath) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| path.lies_in(part))
    }
}
