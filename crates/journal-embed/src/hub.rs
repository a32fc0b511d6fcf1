//! Fetches models of the catalogue from their hub.

use std::{
    io,
    path::{Path, PathBuf, absolute},
};

use fastembed::EmbeddingModel;
use hf_hub::{
    Cache, Repo, RepoType,
    api::sync::{ApiBuilder, ApiError, ApiRepo},
};

use crate::{
    catalogue::Entry,
    files::{self, FolderError, ModelFiles, Tokenizer, Weights},
};

/// Where the models of the catalogue live.
const ENDPOINT: &str = "https://huggingface.co";

/// What texts become tokens with, for every model.
const TOKENIZER: [&str; 4] = ["tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];

/// The hub, and the folder where its models are kept.
///
/// A hub that takes a connection and then says nothing is waited for as long as the system waits: the library that asks it
/// has no time limits to set. Fetch on a thread that nobody waits for.
#[derive(Clone, Debug)]
pub struct Hub {
    endpoint: String,
    folder: PathBuf,
    token: Option<String>,
}

/// How far a fetch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file that is being fetched, as the hub calls it.
    pub file: &'a str,
    /// Bytes of it that are here.
    pub done: u64,
    /// Bytes of it in all.
    pub total: u64,
}

/// Why a model was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The hub does not answer.
    #[error("the hub `{endpoint}` does not answer: the model `{model}` stays unfetched")]
    Offline {
        /// Address of the hub.
        endpoint: String,
        /// Name of the model.
        model: String,
        /// Why.
        #[source]
        source: Box<ApiError>,
    },
    /// The hub refuses a file.
    #[error("the hub `{endpoint}` answers {status} for `{file}` of the model `{model}`")]
    Refused {
        /// Address of the hub.
        endpoint: String,
        /// Name of the model.
        model: String,
        /// The file.
        file: String,
        /// HTTP status.
        status: u16,
    },
    /// A file did not arrive whole, or could not be stored.
    #[error("`{file}` of the model `{model}` was not fetched from `{endpoint}`")]
    Broken {
        /// Address of the hub.
        endpoint: String,
        /// Name of the model.
        model: String,
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: Box<ApiError>,
    },
    /// A file arrived shorter than the hub had said.
    #[error("`{file}` of the model `{model}` came with {found} of {expected} bytes")]
    Short {
        /// Name of the model.
        model: String,
        /// The file.
        file: String,
        /// Bytes that the hub had announced.
        expected: u64,
        /// Bytes that came.
        found: u64,
    },
    /// The folder of models cannot be used.
    #[error("cannot use `{}` for models", path.display())]
    Folder {
        /// The folder, or what is in it.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file was fetched and cannot be read.
    #[error("the model `{model}` is here and cannot be read")]
    Read {
        /// Name of the model.
        model: String,
        /// Why.
        #[source]
        source: FolderError,
    },
}

impl Hub {
    /// The hub of the catalogue. Models are kept below `folder`, which is made when the first one comes; it should be one
    /// that nothing else uses.
    pub fn new(folder: &Path) -> Self {
        Self { endpoint: ENDPOINT.to_owned(), folder: folder.to_owned(), token: None }
    }

    /// Another address that speaks the hub's protocol, such as a mirror: `https://hub.example.org`.
    #[must_use]
    pub fn at(mut self, endpoint: &str) -> Self {
        endpoint.trim_end_matches('/').clone_into(&mut self.endpoint);
        self
    }

    /// Asks with this token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The address of the hub.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The model, if all of its files are here. Never asks the hub.
    ///
    /// # Errors
    /// A file is here and cannot be read.
    pub fn kept(&self, entry: &Entry) -> Result<Option<ModelFiles>, FetchError> {
        let kept = Cache::new(self.folder.clone()).repo(repository(entry));
        let paths: Option<Vec<PathBuf>> = needed(entry).iter().map(|file| kept.get(file)).collect();
        paths.map(|paths| assemble(entry, &paths)).transpose()
    }

    /// Whether all files of the model are here. Reads none of them.
    pub fn has(&self, entry: &Entry) -> bool {
        let kept = Cache::new(self.folder.clone()).repo(repository(entry));
        needed(entry).iter().all(|file| kept.get(file).is_some())
    }

    /// The model. What is here already is not asked for again, and what was cut off is continued.
    ///
    /// # Errors
    /// The hub does not answer, refuses, or breaks off; or the folder cannot be used.
    pub fn fetch(&self, entry: &Entry, progress: &mut dyn FnMut(Progress<'_>)) -> Result<ModelFiles, FetchError> {
        if let Some(files) = self.kept(entry)? {
            return Ok(files);
        }
        // The library compares absolute paths with one another.
        let folder =
            absolute(&self.folder).map_err(|source| FetchError::Folder { path: self.folder.clone(), source })?;
        let cache = Cache::new(folder);
        let api = ApiBuilder::from_cache(cache.clone())
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .with_progress(false)
            .build()
            .map_err(|error| self.failed(entry, "", error))?;
        let (hub, kept) = (api.repo(repository(entry)), cache.repo(repository(entry)));
        let paths = needed(entry)
            .iter()
            .map(|file| kept.get(file).map_or_else(|| self.fetch_file(&hub, entry, file, progress), Ok))
            .collect::<Result<Vec<_>, _>>()?;
        assemble(entry, &paths)
    }

    /// Removes a model that was fetched, and with it all variants of it. Answers whether there was one.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn forget(&self, entry: &Entry) -> Result<bool, FetchError> {
        let path = self.folder.join(repository(entry).folder_name());
        files::remove_folder(&path).map_err(|source| FetchError::Folder { path, source })
    }

    fn fetch_file(
        &self,
        hub: &ApiRepo,
        entry: &Entry,
        file: &str,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<PathBuf, FetchError> {
        let mut total = 0;
        let report = Report { file, done: 0, total: &mut total, progress };
        let path = hub.download_with_progress(file, report).map_err(|error| self.failed(entry, file, error))?;
        let folder = |source| FetchError::Folder { path: path.clone(), source };
        let found = files::length(&path).map_err(folder)?;
        if found == total {
            return Ok(path);
        }
        // The library has put it in its place; there it would count as fetched.
        files::remove_file(&path).map_err(folder)?;
        Err(FetchError::Short { model: entry.name().to_owned(), file: file.to_owned(), expected: total, found })
    }

    fn failed(&self, entry: &Entry, file: &str, error: ApiError) -> FetchError {
        let (endpoint, model, file) = (self.endpoint.clone(), entry.name().to_owned(), file.to_owned());
        match error {
            ApiError::RequestError(inner) => match *inner {
                ureq::Error::StatusCode(status) => FetchError::Refused { endpoint, model, file, status },
                other => {
                    FetchError::Offline { endpoint, model, source: Box::new(ApiError::RequestError(Box::new(other))) }
                }
            },
            other => FetchError::Broken { endpoint, model, file, source: Box::new(other) },
        }
    }
}

/// Passes on what the library tells about one file.
struct Report<'a> {
    file: &'a str,
    done: u64,
    total: &'a mut u64,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

impl Report<'_> {
    fn pass_on(&mut self) {
        (self.progress)(Progress { file: self.file, done: self.done, total: *self.total });
    }
}

impl hf_hub::api::Progress for Report<'_> {
    fn init(&mut self, size: usize, _: &str) {
        // It comes twice for a file, the second time before what was here already is told.
        self.done = 0;
        *self.total = size as u64;
        self.pass_on();
    }

    fn update(&mut self, size: usize) {
        self.done += size as u64;
        if size > 0 {
            self.pass_on();
        }
    }

    fn finish(&mut self) {}
}

fn repository(entry: &Entry) -> Repo {
    Repo::new(entry.repository().to_owned(), RepoType::Model)
}

/// The files of a model: tokenizer first, so that a model the hub does not have costs little; then graph and weights.
fn needed(entry: &Entry) -> Vec<&str> {
    let weights = entry.info.additional_files.iter().map(String::as_str);
    TOKENIZER.into_iter().chain([entry.info.model_file.as_str()]).chain(weights).collect()
}

/// The model from its files, in the order of [`needed`].
fn assemble(entry: &Entry, paths: &[PathBuf]) -> Result<ModelFiles, FetchError> {
    let read = |path: &PathBuf| {
        files::read(path).map_err(|source| FetchError::Read { model: entry.name().to_owned(), source })
    };
    let mut contents = paths.iter().map(read);
    let mut next = || contents.next().expect("there is a path for each of the files that are needed");
    let tokenizer =
        Tokenizer::Files { tokenizer: next()?, config: next()?, special_tokens: next()?, tokenizer_config: next()? };
    let graph = next()?.into();
    let named = |file: &String| file.rsplit('/').next().unwrap_or(file).to_owned();
    let weights =
        entry.info.additional_files.iter().map(|file| Ok(Weights { name: named(file), bytes: next()?.into() }));
    let info: &fastembed::ModelInfo<EmbeddingModel> = &entry.info;
    Ok(ModelFiles {
        identity: "".into(),
        dimensions: Some(info.dim),
        manner: entry.manner(),
        weights: weights.collect::<Result<_, FetchError>>()?,
        graph,
        tokenizer,
        output: info.output_key.clone(),
    }
    .identified(entry.name()))
}
