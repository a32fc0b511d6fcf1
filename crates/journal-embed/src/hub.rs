//! Fetches models of the catalogue from their hub.
//!
//! A file is `GET <hub>/<repository>/resolve/main/<file>`. The hub answers with it or leads elsewhere, to a store of another host
//! as a rule; by the headers it says beforehand how long the file is and, for large ones, what its SHA-256 is. Nothing that it
//! says names a local file, the token goes to the hub's own address alone, and what came counts only once it is what was
//! announced.

mod web;

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use fastembed::EmbeddingModel;
use serde::de::IgnoredAny;

use crate::{
    catalogue::{Entry, catalogue},
    files::{self, Alone, Arriving, Fetched, FolderError, ModelFiles, Tokenizer, Weights},
};
use web::{Announced, Unanswered, Web};

/// Where the models of the catalogue live.
const ENDPOINT: &str = "https://huggingface.co";

/// What texts become tokens with, for every model.
const TOKENIZER: [&str; 4] = ["tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];

/// How long a hub may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The hub, and the folder where its models are kept.
#[derive(Clone, Debug)]
pub struct Hub {
    endpoint: String,
    folder: PathBuf,
    token: Option<String>,
    patience: Duration,
}

/// How far a fetch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file that is being fetched, as the hub calls it.
    pub file: &'a str,
    /// Bytes of it that are here.
    pub done: u64,
    /// Bytes of it in all; 0 where the hub does not say.
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
        source: Box<dyn Error + Send + Sync>,
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
    /// A file did not arrive whole.
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
        source: Box<dyn Error + Send + Sync>,
    },
    /// A file arrived with another length than the hub had said.
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
    /// A file arrived with another content than it should have. It was not kept.
    #[error("what `{endpoint}` sends as `{file}` of the model `{model}` is not that file: {why}")]
    Damaged {
        /// Address of the hub.
        endpoint: String,
        /// Name of the model.
        model: String,
        /// The file.
        file: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Another process is at it.
    #[error("another process fetches the model `{model}`")]
    Busy {
        /// Name of the model.
        model: String,
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

impl FetchError {
    /// The model that was to be fetched, where it is about one.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Offline { model, .. }
            | Self::Refused { model, .. }
            | Self::Broken { model, .. }
            | Self::Short { model, .. }
            | Self::Damaged { model, .. }
            | Self::Busy { model }
            | Self::Read { model, .. } => Some(model),
            Self::Folder { .. } => None,
        }
    }
}

impl Hub {
    /// The hub of the catalogue. Models are kept below `folder`, which is made when the first one comes; it should be one
    /// that nothing else uses.
    pub fn new(folder: &Path) -> Self {
        Self { endpoint: ENDPOINT.to_owned(), folder: folder.to_owned(), token: None, patience: PATIENCE }
    }

    /// Another address that speaks the hub's protocol, such as a mirror: `https://hub.example.org`.
    #[must_use]
    pub fn at(mut self, endpoint: &str) -> Self {
        endpoint.trim_end_matches('/').clone_into(&mut self.endpoint);
        self
    }

    /// Asks with this token. It is told to no other host than the hub's.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// How long whoever is asked may be silent before a fetch gives up; without this, half a minute.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
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
        let fetched = self.fetched(entry);
        let paths: Option<Vec<PathBuf>> = needed(entry).iter().map(|file| fetched.get(file)).collect();
        paths.map(|paths| assemble(entry, &paths)).transpose()
    }

    /// Whether all files of the model are here. Reads none of them.
    pub fn has(&self, entry: &Entry) -> bool {
        let fetched = self.fetched(entry);
        needed(entry).iter().all(|file| fetched.get(file).is_some())
    }

    /// The model. What is here already is not asked for again, and what was cut off is continued.
    ///
    /// # Errors
    /// The hub does not answer, refuses, breaks off, or sends what it should not; another process is at it; or the folder
    /// cannot be used.
    pub fn fetch(&self, entry: &Entry, progress: &mut dyn FnMut(Progress<'_>)) -> Result<ModelFiles, FetchError> {
        if let Some(files) = self.kept(entry)? {
            return Ok(files);
        }
        let fetched = self.fetched(entry);
        let _alone = self.alone(entry, &fetched)?;
        let web = Web::new(&self.endpoint, self.token.as_deref(), self.patience);
        let mut paths = Vec::new();
        for file in needed(entry) {
            if fetched.get(file).is_none() {
                self.fetch_file(&web, &fetched, entry, file, progress)?;
            }
            paths.extend(fetched.get(file));
        }
        assemble(entry, &paths)
    }

    /// The models that go with this one: variants of one model may share what is fetched.
    pub fn sharing(&self, entry: &Entry) -> Vec<Entry> {
        catalogue().into_iter().filter(|other| other.repository() == entry.repository() && self.has(other)).collect()
    }

    /// Removes a model that was fetched, and with it [all that share its files](Self::sharing). Answers whether there was
    /// something.
    ///
    /// # Errors
    /// Another process fetches it, or the folder cannot be removed.
    pub fn forget(&self, entry: &Entry) -> Result<bool, FetchError> {
        let fetched = self.fetched(entry);
        if !fetched.is_there() {
            return Ok(false);
        }
        // Given back at once: there are systems that remove nothing that is open.
        drop(self.alone(entry, &fetched)?);
        fetched.remove().map_err(|source| self.folder(source))?;
        Ok(true)
    }

    fn fetched(&self, entry: &Entry) -> Fetched {
        Fetched::of(&self.folder, entry.repository())
    }

    fn alone(&self, entry: &Entry, fetched: &Fetched) -> Result<Alone, FetchError> {
        let alone = fetched.lock().map_err(|source| self.folder(source))?;
        alone.ok_or_else(|| FetchError::Busy { model: entry.name().to_owned() })
    }

    fn folder(&self, source: io::Error) -> FetchError {
        FetchError::Folder { path: self.folder.clone(), source }
    }

    fn fetch_file(
        &self,
        web: &Web,
        fetched: &Fetched,
        entry: &Entry,
        file: &str,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), FetchError> {
        let folder = |source| self.folder(source);
        let unanswered = |unanswered| self.unanswered(entry, file, unanswered);
        let path = format!("{}/resolve/main/{file}", entry.repository());
        let mut answer = web.get(&path, 0).map_err(unanswered)?;
        let announced = answer.announced.clone();
        let mut arriving = fetched.arriving(file, announced.tag()).map_err(folder)?;
        let is_known = announced.is_known() && announced.size.is_some_and(|size| arriving.held() <= size);
        if !is_known {
            arriving.begin_anew().map_err(folder)?;
        }
        let mut is_whole = arriving.held() > 0 && announced.size == Some(arriving.held());
        if arriving.held() > 0 && !is_whole {
            // A hub may have no time for two at once.
            drop(answer);
            answer = web.get(&path, arriving.held()).map_err(unanswered)?;
            if answer.from != arriving.held() || answer.announced.tag() != announced.tag() {
                // Another part than was asked for, or of another file.
                arriving.begin_anew().map_err(folder)?;
                drop(answer);
                answer = web.get(&path, 0).map_err(unanswered)?;
            }
        }
        let total = announced.size.unwrap_or_default();
        let mut tell = |done: u64| progress(Progress { file, done, total });
        tell(arriving.held());
        let mut piece = vec![0; 1 << 16];
        while !is_whole {
            let read = answer.read(&mut piece).map_err(|source| self.broken(entry, file, source))?;
            arriving.add(&piece[..read]).map_err(folder)?;
            is_whole = read == 0 || announced.size.is_some_and(|size| arriving.held() > size);
            if !is_whole {
                tell(arriving.held());
            }
        }
        self.judge(entry, file, arriving, &announced)
    }

    /// Keeps a file that is what was announced.
    fn judge(&self, entry: &Entry, file: &str, arriving: Arriving, announced: &Announced) -> Result<(), FetchError> {
        let folder = |source| self.folder(source);
        let (model, file) = (entry.name().to_owned(), file.to_owned());
        let found = arriving.held();
        if let Some(expected) = announced.size.filter(|size| *size != found) {
            if found > expected {
                arriving.discard().map_err(folder)?;
            }
            return Err(FetchError::Short { model, file, expected, found });
        }
        let why = if announced.sha256.as_ref().is_some_and(|sha256| *sha256 != arriving.sha256()) {
            Some("its SHA-256 is another than the hub says")
        } else if file.ends_with(".json") && !is_json(&arriving.content().map_err(folder)?) {
            Some("it is not JSON")
        } else if arriving.first().map_err(folder)? == Some(b'<') {
            // As networks have one for everything that want a login.
            Some("it is a page")
        } else {
            None
        };
        let Some(why) = why else { return arriving.keep().map_err(folder) };
        arriving.discard().map_err(folder)?;
        Err(FetchError::Damaged { endpoint: self.endpoint.clone(), model, file, why })
    }

    fn unanswered(&self, entry: &Entry, file: &str, unanswered: Unanswered) -> FetchError {
        let (endpoint, model) = (self.endpoint.clone(), entry.name().to_owned());
        match unanswered {
            Unanswered::Refused(status) => FetchError::Refused { endpoint, model, file: file.to_owned(), status },
            Unanswered::Offline(source) => FetchError::Offline { endpoint, model, source },
            Unanswered::Elsewhere(source) => self.broken(entry, file, source),
        }
    }

    fn broken(&self, entry: &Entry, file: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> FetchError {
        let (endpoint, model) = (self.endpoint.clone(), entry.name().to_owned());
        FetchError::Broken { endpoint, model, file: file.to_owned(), source: source.into() }
    }
}

fn is_json(content: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(content).is_ok()
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
