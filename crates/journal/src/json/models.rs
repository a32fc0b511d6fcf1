//! Models, for programs.

use journal_embed::{Entry, ModelFiles};
use journal_engine::{EmbeddingModel, ModelStanding};
use serde::Serialize;

/// The answer of `journal model status`.
#[derive(Debug, Serialize)]
pub struct ModelStatus {
    chosen: String,
    serving: Option<String>,
    runtime: Option<String>,
    vectors: Vec<ModelVectors>,
    paused: bool,
}

#[derive(Debug, Serialize)]
struct ModelVectors {
    model: String,
    name: String,
    with_vector: u64,
    texts: u64,
}

impl ModelStatus {
    /// The answer; `runtime` is the library of an installed one.
    pub fn new(standing: &ModelStanding, runtime: Option<String>) -> Self {
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
            paused: standing.paused,
        }
    }
}

/// The answer of `journal model list`.
#[derive(Debug, Serialize)]
pub struct ModelList {
    /// The models of the catalogue.
    pub models: Vec<CatalogueModel>,
}

/// A model of the catalogue.
#[derive(Debug, Serialize)]
pub struct CatalogueModel {
    name: String,
    repository: String,
    dimensions: usize,
    about: String,
    fetched: bool,
}

impl CatalogueModel {
    /// The model, and whether it is on this machine.
    pub fn new(entry: &Entry, fetched: bool) -> Self {
        Self {
            name: entry.name().to_owned(),
            repository: entry.repository().to_owned(),
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
}
