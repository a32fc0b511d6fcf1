//! Which model makes the vectors of a vault, and where its files are found.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use journal_embed::{Entry, FetchError, FolderError, Hub, ModelFiles, Runtime, RuntimeError};

/// A model, as a person names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ModelChoice {
    /// The one that is compiled in.
    #[default]
    BuiltIn,
    /// One of the catalogue, fetched from its hub.
    Catalogue(String),
    /// The one in a folder.
    Folder(PathBuf),
}

/// Where models and what computes them are found.
#[derive(Debug, Clone, Default)]
pub struct ModelSettings {
    /// Where the models of the catalogue are kept; without it there are none but the built-in one and those in folders.
    pub folder: Option<PathBuf>,
    /// Another address of the hub.
    pub hub: Option<String>,
    /// The token that the hub wants, for models that are not open to all.
    pub token: Option<String>,
    /// The shared library of an installed ONNX Runtime, to compute with instead of the built-in runtime.
    pub runtime: Option<PathBuf>,
}

/// Why the files of a model are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum ModelFilesError {
    /// There is none of this name.
    #[error("the catalogue has no model `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// Names that are nearly the same.
        near: Vec<String>,
    },
    /// It is compiled in, and so is neither fetched nor removed.
    #[error("the model `{}` is compiled in: it is neither fetched nor removed", ModelChoice::BUILT_IN)]
    BuiltIn,
    /// It is in the catalogue and not on this machine.
    #[error("the model `{name}` is not on this machine")]
    NotFetched {
        /// Its name.
        name: String,
    },
    /// Nobody said where models are kept.
    #[error("there is no folder for models: neither `data_dir` nor the platform names one")]
    NoFolder,
    /// It was fetched and cannot be read.
    #[error(transparent)]
    Kept(#[from] FetchError),
    /// The folder is no model.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl ModelChoice {
    /// The name of the one that is compiled in.
    pub const BUILT_IN: &str = "built-in";

    /// The model's files.
    ///
    /// # Errors
    /// When they are not on this machine, or not those of a model.
    pub fn files(&self, settings: &ModelSettings) -> Result<ModelFiles, ModelFilesError> {
        match self {
            Self::BuiltIn => Ok(ModelFiles::built_in()),
            Self::Catalogue(name) => {
                let entry = entry(name)?;
                let kept = settings.hub()?.kept(&entry)?;
                kept.ok_or_else(|| ModelFilesError::NotFetched { name: entry.name().to_owned() })
            }
            Self::Folder(folder) => Ok(ModelFiles::in_folder(folder)?),
        }
    }
}

/// What is a path has a separator in it: no name of the catalogue has.
impl From<&str> for ModelChoice {
    fn from(text: &str) -> Self {
        match text {
            name if name.eq_ignore_ascii_case(Self::BUILT_IN) => Self::BuiltIn,
            path if path.contains(std::path::is_separator) => Self::Folder(Path::new(path).to_owned()),
            name => Self::Catalogue(name.to_owned()),
        }
    }
}

impl fmt::Display for ModelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str(Self::BUILT_IN),
            Self::Catalogue(name) => f.write_str(name),
            Self::Folder(folder) => folder.display().fmt(f),
        }
    }
}

impl ModelSettings {
    /// The hub, and where its models are kept.
    ///
    /// # Errors
    /// [`ModelFilesError::NoFolder`].
    pub fn hub(&self) -> Result<Hub, ModelFilesError> {
        let mut hub = Hub::new(self.folder.as_deref().ok_or(ModelFilesError::NoFolder)?);
        if let Some(address) = &self.hub {
            hub = hub.at(address);
        }
        if let Some(token) = &self.token {
            hub = hub.with_token(token);
        }
        Ok(hub)
    }

    /// What computes.
    ///
    /// # Errors
    /// When the installed runtime is none that works, or this process computes with another.
    pub fn runtime(&self) -> Result<Runtime, RuntimeError> {
        self.runtime.as_deref().map_or_else(Runtime::built_in, Runtime::installed)
    }
}

/// The model of the catalogue that has this name.
///
/// # Errors
/// [`ModelFilesError::Unknown`]; [`ModelFilesError::BuiltIn`] for the one that needs no catalogue.
pub fn entry(name: &str) -> Result<Entry, ModelFilesError> {
    if name.eq_ignore_ascii_case(ModelChoice::BUILT_IN) {
        return Err(ModelFilesError::BuiltIn);
    }
    Entry::find(name).ok_or_else(|| {
        let asked = name.to_lowercase();
        let near = |entry: &Entry| {
            entry.name().contains(&asked) || strsim::normalized_damerau_levenshtein(entry.name(), &asked) > 0.6
        };
        let catalogue = journal_embed::catalogue();
        let near = catalogue.iter().filter(|entry| near(entry)).map(|entry| entry.name().to_owned());
        ModelFilesError::Unknown { name: name.to_owned(), near: near.take(5).collect() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_told_as_they_are_typed() {
        let of = |text: &str| ModelChoice::from(text);
        assert_eq!(of("built-in"), ModelChoice::BuiltIn);
        assert_eq!(of("Built-In"), ModelChoice::BuiltIn);
        assert!(matches!(entry("Built-in"), Err(ModelFilesError::BuiltIn)));
        assert_eq!(of("bge-small-en-v1.5"), ModelChoice::Catalogue("bge-small-en-v1.5".to_owned()));
        assert_eq!(of("/models/mine"), ModelChoice::Folder("/models/mine".into()));
        for text in ["built-in", "bge-small-en-v1.5", "/models/mine"] {
            assert_eq!(of(text).to_string(), text);
        }
    }

    #[test]
    fn a_name_that_is_not_there_has_near_ones() {
        let Err(ModelFilesError::Unknown { near, .. }) = entry("bge-smal-en") else { panic!("it is there") };
        assert!(near.iter().any(|name| name == "bge-small-en-v1.5"), "{near:?}");
    }

    #[test]
    fn a_model_of_the_catalogue_has_to_be_fetched_first() {
        let choice = ModelChoice::Catalogue("bge-small-en-v1.5".to_owned());
        assert!(matches!(choice.files(&ModelSettings::default()), Err(ModelFilesError::NoFolder)));
        let folder = Some(PathBuf::from("/nowhere"));
        let settings = ModelSettings { folder, ..ModelSettings::default() };
        assert!(matches!(choice.files(&settings), Err(ModelFilesError::NotFetched { .. })));
    }
}
