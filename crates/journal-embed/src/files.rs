//! The files of a model, and with [`fetched`] the only place of this crate that reads and writes files. They are never notes.

mod fetched;

use std::{
    borrow::Cow,
    fs, io,
    path::{Component, Path, PathBuf},
};

use fastembed::OutputKey;
use serde_json::Value;
use xxhash_rust::xxh3::Xxh3;

use crate::{
    built_in,
    manner::{Manner, Pooling},
};

pub(crate) use fetched::{Alone, Arriving, Fetched};

/// Where the graph is looked for in a folder, in this order.
const GRAPHS: [&str; 6] = [
    "model.onnx",
    "onnx/model.onnx",
    "model_optimized.onnx",
    "onnx/model_optimized.onnx",
    "model_quantized.onnx",
    "onnx/model_quantized.onnx",
];

/// The most tokens of a text where a model could take more. Passages are slices of notes, and the cost of a token grows
/// with the length of its text.
pub(crate) const LONGEST: usize = 512;

/// The least tokens of a text. The marks that a model puts around a text have to fit, or the tokenizer miscounts.
pub(crate) const SHORTEST: usize = 8;

/// A model that was found and not yet started.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    pub(crate) identity: Cow<'static, str>,
    /// Components of a vector, where that is known before the first one.
    pub(crate) dimensions: Option<usize>,
    pub(crate) manner: Manner,
    pub(crate) graph: Cow<'static, [u8]>,
    pub(crate) weights: Vec<Weights>,
    pub(crate) tokenizer: Tokenizer,
    /// The output that has the vectors, where a model has several and it is not the usual one.
    pub(crate) output: Option<OutputKey>,
}

/// Weights in a file of their own, by the name that the graph has for it.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    pub(crate) name: String,
    pub(crate) bytes: Cow<'static, [u8]>,
}

/// What texts become tokens with.
#[derive(Clone, Debug)]
pub(crate) enum Tokenizer {
    /// As the model's authors describe it.
    Files { tokenizer: Vec<u8>, config: Vec<u8>, special_tokens: Vec<u8>, tokenizer_config: Vec<u8> },
    /// That of uncased BERT, with these words, one a line.
    Bert(&'static [u8]),
}

/// Why a folder is not a model.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no such folder.
    #[error("there is no folder `{}`", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that every model has is missing.
    #[error("no model in `{}`: `{file}` is missing", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file, or the first of those that would do.
        file: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that describes the model is not JSON.
    #[error("`{}` is not JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The model pools in a way that is not supported.
    #[error("`{}` asks for a pooling that is not supported: only mean and first token are", path.display())]
    Pooling {
        /// The file that asks for it.
        path: PathBuf,
    },
}

impl ModelFiles {
    /// The model that is compiled in.
    pub fn built_in() -> Self {
        built_in::files()
    }

    /// The model in a folder, as sentence-transformers and its exporters lay one out: `model.onnx` (or one of
    /// `onnx/model.onnx`, `model_optimized.onnx`, `model_quantized.onnx`, the first of them that is there), `tokenizer.json`,
    /// `config.json` and `tokenizer_config.json`.
    ///
    /// Pooling, window and prefixes are read from `1_Pooling/config.json`, `sentence_bert_config.json` and the prompts
    /// `query` and `passage` (or `document`) of `config_sentence_transformers.json`. Without them: the mean, 512 tokens, and
    /// no prefixes.
    ///
    /// # Errors
    /// A file is missing, cannot be read or is not what it should be. The model itself is not looked into; that is
    /// [`crate::Model::load`]'s.
    pub fn in_folder(folder: &Path) -> Result<Self, FolderError> {
        if !folder.is_dir() {
            return Err(FolderError::NoFolder { folder: folder.to_owned() });
        }
        let graph = GRAPHS
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
            .ok_or_else(|| FolderError::Missing { folder: folder.to_owned(), file: GRAPHS[0] })?;
        let needed = |file: &'static str| {
            optional(&folder.join(file))?.ok_or_else(|| FolderError::Missing { folder: folder.to_owned(), file })
        };
        let tokenizer = Tokenizer::Files {
            tokenizer: needed("tokenizer.json")?,
            config: needed("config.json")?,
            special_tokens: optional(&folder.join("special_tokens_map.json"))?.unwrap_or_else(|| b"{}".to_vec()),
            tokenizer_config: needed("tokenizer_config.json")?,
        };
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        Ok(Self {
            identity: Cow::Borrowed(""),
            dimensions: None,
            manner: manner_of(folder)?,
            weights: weights_beside(&graph)?,
            graph: read(&graph)?.into(),
            tokenizer,
            output: None,
        }
        .identified(&name))
    }

    /// What makes two vectors comparable: the name of the model, `@`, and a hash of its graph, weights, tokenizer and
    /// [`Manner`]. The runtime is not part of it: two runtimes differ by rounding.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Whether all that run the model may use its weights where they lie.
    pub(crate) fn lends_weights(&self) -> bool {
        let lent = |weights: &Weights| matches!(weights.bytes, Cow::Borrowed(_));
        !self.weights.is_empty() && self.weights.iter().all(lent)
    }

    /// How the model wants to be used.
    pub fn manner(&self) -> &Manner {
        &self.manner
    }

    /// The model with the identity that follows from its content.
    pub(crate) fn identified(mut self, name: &str) -> Self {
        self.identity = self.computed_identity(name).into();
        self
    }

    pub(crate) fn computed_identity(&self, name: &str) -> String {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(&self.graph);
        for weights in &self.weights {
            fingerprint.add(weights.name.as_bytes());
            fingerprint.add(&weights.bytes);
        }
        match &self.tokenizer {
            Tokenizer::Files { tokenizer, config, special_tokens, tokenizer_config } => {
                for file in [tokenizer, config, special_tokens, tokenizer_config] {
                    fingerprint.add(file);
                }
            }
            Tokenizer::Bert(words) => fingerprint.add(words),
        }
        self.manner.mark(&mut fingerprint);
        // A name with the sign in it would be cut at the wrong place.
        format!("{}@{:032x}", name.replace('@', "-"), fingerprint.0.digest128())
    }
}

/// A hash of parts, each with its length, so that no two lists of parts are the same bytes.
#[derive(Default)]
pub(crate) struct Fingerprint(Xxh3);

impl Fingerprint {
    pub(crate) fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

/// The path of a folder without `.` and `..`, so that one folder is one choice.
pub fn plain_folder(folder: &Path) -> PathBuf {
    let plain: PathBuf = folder.components().collect();
    // What `..` leads to where links stand before it, only the system knows. A link by itself stays one.
    let leads_back = plain.components().any(|part| part == Component::ParentDir);
    if leads_back { fs::canonicalize(&plain).unwrap_or(plain) } else { plain }
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    fs::read(path).map_err(|source| FolderError::Read { path: path.to_owned(), source })
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FolderError::Read { path: path.to_owned(), source }),
    }
}

fn json(path: &Path) -> Result<Value, FolderError> {
    let Some(bytes) = optional(path)? else { return Ok(Value::Null) };
    serde_json::from_slice(&bytes).map_err(|source| FolderError::Json { path: path.to_owned(), source })
}

/// The weights that lie beside a graph: its name with `_data` or `.data` after it.
fn weights_beside(graph: &Path) -> Result<Vec<Weights>, FolderError> {
    let mut weights = Vec::new();
    for ending in ["_data", ".data"] {
        let mut name = graph.file_name().unwrap_or_default().to_owned();
        name.push(ending);
        if let Some(bytes) = optional(&graph.with_file_name(&name))? {
            weights.push(Weights { name: name.to_string_lossy().into_owned(), bytes: bytes.into() });
        }
    }
    Ok(weights)
}

fn manner_of(folder: &Path) -> Result<Manner, FolderError> {
    let path = folder.join("1_Pooling/config.json");
    let pooling = json(&path)?;
    let asks = |mode: &str| pooling[mode].as_bool() == Some(true);
    let modes = pooling.as_object().into_iter().flatten();
    let others = modes.filter(|(key, value)| key.starts_with("pooling_mode_") && value.as_bool() == Some(true)).count();
    let pooling = match (asks("pooling_mode_mean_tokens"), asks("pooling_mode_cls_token"), others) {
        (_, _, 0) | (true, false, 1) => Pooling::Mean,
        (false, true, 1) => Pooling::First,
        _ => return Err(FolderError::Pooling { path }),
    };
    let window = json(&folder.join("sentence_bert_config.json"))?["max_seq_length"].as_u64();
    let prompts = json(&folder.join("config_sentence_transformers.json"))?["prompts"].take();
    let prompt = |names: &[&str]| {
        let found = names.iter().find_map(|name| prompts[*name].as_str());
        Cow::Owned(found.unwrap_or_default().to_owned())
    };
    Ok(Manner {
        pooling,
        query_prefix: prompt(&["query"]),
        passage_prefix: prompt(&["passage", "document"]),
        window: window
            .and_then(|window| usize::try_from(window).ok())
            .map_or(LONGEST, |window| window.clamp(SHORTEST, LONGEST)),
    })
}
