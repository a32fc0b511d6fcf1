//! Text in, unit vectors out: the built-in model or another, through `fastembed`.
//!
//! - [`ModelFiles`] is a model found but not started: [built in](ModelFiles::built_in), in a
//!   [folder](ModelFiles::in_folder), or from the [catalogue](catalogue()) by way of a [`Hub`]. It knows its
//!   [identity](ModelFiles::identity): vectors of two identities must never be compared.
//! - [`Runtime`] is what computes: the one that is compiled in, or an installed ONNX Runtime. A process has one.
//! - [`Model`] is both together: [`Model::embed_query`] and [`Model::embed_passage`] answer vectors of length one.
//! - [`Team`] is a model at work on several passages at once.
//!
//! # Invariants
//! - The same text gives the same vector, whatever was embedded before or beside it: every text is a run of its own.
//!   Dynamically quantised models fit their range to all the texts of a batch, so batch mates would change the vector; and
//!   one text at a time is measured to be as fast as eight, with a fraction of the memory.
//! - No text is refused, and an empty one has a vector as well; [`Model::reads`] tells which of them mean something. What is
//!   longer than the model's window is cut; a passage that is longer than the window of a model with less than [`PASSAGE`]
//!   tokens is embedded in parts, and the direction of their mean, each by its length, is its vector.
//! - Every component is finite and every vector has length one, or there is an error.
//! - Nothing is downloaded but by [`Hub::fetch`], and nothing is written but below the folder that the hub was given.
//!
//! This crate knows neither notes nor indexes. It reads and writes files, in `files` alone, and these are files of models: the
//! vault is the business of `journal-vault`. It does not read the environment; a library that it is built on does where a
//! proxy is concerned (`ureq`: `HTTPS_PROXY` and its kin).

mod bert;
mod built_in;
mod catalogue;
mod files;
mod hub;
mod manner;
mod model;
mod priority;
mod runtime;
mod team;

pub use catalogue::{Entry, catalogue};
pub use files::{FolderError, ModelFiles, plain_folder};
pub use hub::{FetchError, Hub, Progress};
pub use manner::{Manner, PASSAGE, Pooling};
pub use model::{EmbedError, LoadError, Model};
pub use priority::{half_of_the_cores, lower_priority};
pub use runtime::{Runtime, RuntimeError};
pub use team::Team;
