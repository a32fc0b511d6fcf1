//! Models, for programs.

use journal_embed::{Entry, Manner, ModelFiles, Pooling};
use journal_engine::{EmbeddingModel, ModelChoice, ModelStanding};
use serde::Serialize;

/// The answer of `journal model status`.
#[derive(Debug, Serialize)]
pub struct ModelStatus {
    chosen: String,
    serving: Option<String>,
    runtime: Option<String>,
    vectors: Vec<ModelVectors>,
    with_vector: Option<u64>,
    texts: Option<u64>,
    trouble: Option<String>,
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    manner: Option<MannerObject>,
}

/// How a model is used.
#[derive(Debug, Serialize)]
struct MannerObject {
    pooling: &'static str,
    window: usize,
    query_prefix: String,
    passage_prefix: String,
}

#[derive(Debug, Serialize)]
struct ModelVectors {
    model: String,
    name: String,
    with_vector: u64,
    texts: u64,
}

impl ModelStatus {
    /// The answer; `runtime` is the library of an installed one, `trouble` what keeps vectors from being made in the background.
    pub fn new(
        standing: &ModelStanding,
        runtime: Option<String>,
        trouble: Option<String>,
        manner: Option<&Manner>,
    ) -> Self {
        let source = |model: &EmbeddingModel| model.source.clone();
        let vectors = standing.vectors.iter().map(|(model, counts)| ModelVectors {
            model: model.source.clone(),
            name: model.name.clone(),
            with_vector: counts.with_vector,
            texts: counts.texts,
        });
        Self {
            chosen: standing.chosen.to_string(),
            serving: standing.serving.as_ref().map(source),
            runtime,
            vectors: vectors.collect(),
            with_vector: standing.own.as_ref().map(|own| own.with_vector),
            texts: standing.own.as_ref().map(|own| own.texts),
            trouble,
            manner: manner.map(|manner| MannerObject {
                pooling: match manner.pooling {
                    Pooling::Mean => "mean",
                    Pooling::First => "first",
                },
                window: manner.window,
                query_prefix: manner.query_prefix.to_string(),
                passage_prefix: manner.passage_prefix.to_string(),
            }),
            paused: standing.paused,
        }
    }
}

/// The answer of `journal model list`.
#[derive(Debug, Serialize)]
pub struct ModelList {
    /// The model of this vault.
    pub chosen: Option<String>,
    /// The one that is compiled in, and those of the catalogue.
    pub models: Vec<CatalogueModel>,
}

/// A model of the catalogue.
#[derive(Debug, Serialize)]
pub struct CatalogueModel {
    name: String,
    repository: Option<String>,
    dimensions: usize,
    about: String,
    fetched: bool,
}

impl CatalogueModel {
    /// The model that is compiled in.
    pub fn built_in(about: &str, dimensions: usize) -> Self {
        Self {
            name: ModelChoice::BUILT_IN.to_owned(),
            repository: None,
            dimensions,
            about: about.to_owned(),
            fetched: true,
        }
    }

    /// The model, and whether it is on this machine.
    pub fn new(entry: &Entry, fetched: bool) -> Self {
        Self {
            name: entry.name().to_owned(),
            repository: Some(entry.repository().to_owned()),
            dimensions: entry.dimensions(),
            about: entry.description().to_owned(),
            fetched,
        }
    }
}

/// The answer of `journal model fetch`.
#[derive(Debug, Serialize)]
pub struct FetchedModel {
    name: String,
    vectors: String,
}

impl FetchedModel {
    /// The model that is here now.
    pub fn new(entry: &Entry, files: &ModelFiles) -> Self {
        Self { name: entry.name().to_owned(), vectors: files.identity().to_owned() }
    }
}

/// The answer of `journal model rm`.
#[derive(Debug, Serialize)]
pub struct RemovedModel {
    /// Its name.
    pub name: String,
    /// Whether it was here.
    pub removed: bool,
    /// The others that went with it.
    pub with: Vec<String>,
}
