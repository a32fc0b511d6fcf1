//! What a model cannot do, and the ways on.

use journal_engine::{ModelError, ModelFilesError};

use super::{Exit, Told, message};

pub(super) fn of_model(error: &ModelError) -> Told {
    let told = || Told::new(Exit::Usage, "model", message(error));
    match error {
        ModelError::Files(error) => of_files(error),
        ModelError::Runtime(_) => told()
            .hint("do without an installed ONNX Runtime: take `onnxruntime` out of your configuration, or unset `ORT_DYLIB_PATH`"),
        ModelError::Load(_) | ModelError::Embed(_) | ModelError::Unread(_) => told().hint(WORDS).hint("go back: journal model use built-in"),
        ModelError::Changed { .. } => told().hint("make the vectors anew: journal reindex"),
    }
}

pub(super) fn of_files(error: &ModelFilesError) -> Told {
    let told = |code| Told::new(Exit::Usage, code, message(error));
    match error {
        ModelFilesError::Unknown { near, .. } => {
            let told = Told::new(Exit::NotFound, "unknown_model", message(error));
            let told = near.iter().fold(told, |told, name| told.hint(format!("journal model fetch {name}")));
            told.hint("see all: journal model list")
        }
        ModelFilesError::NotFetched { name } => {
            told("not_fetched").hint(format!("journal model fetch {name}")).hint("go back: journal model use built-in")
        }
        ModelFilesError::NoFolder => told("no_folder").hint("set `HOME`, or `JOURNAL_DATA_DIR` to a folder of yours"),
        ModelFilesError::Kept(_) => told("fetch")
            .hint("what came stays, so try again: journal model fetch")
            .hint("behind a mirror, say where: `hub` in your configuration, or `HF_ENDPOINT`"),
        ModelFilesError::Folder(_) => {
            told("model").hint("it takes a folder as sentence-transformers export ONNX models")
        }
    }
}

/// What works whatever the model does.
const WORDS: &str = "notes are found by their words all the same: journal reindex --words-only";
