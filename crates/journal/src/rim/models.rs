//! What a model cannot do, and the ways on.

use journal_embed::{FetchError, LoadError};
use journal_engine::{ModelError, ModelFilesError, model_entry};

use super::{Exit, Told, message};

pub(super) fn of_model(error: &ModelError) -> Told {
    let told = || Told::new(Exit::Usage, "model", message(error));
    match error {
        ModelError::Files(error) => of_files(error),
        ModelError::Runtime(_) => told()
            .hint("do without an installed ONNX Runtime: take `onnxruntime` out of your configuration, or unset `ORT_DYLIB_PATH`"),
        ModelError::Load(LoadError::Refused { model, .. }) if fetched(model).is_some() => {
            let name = fetched(model).unwrap_or_default();
            let anew = format!("if its files are damaged: journal model rm {name}, then journal model fetch {name}");
            told().hint(anew).hint(BACK).hint(WORDS)
        }
        ModelError::Load(_) | ModelError::Embed(_) | ModelError::Unread(_) => told().hint(BACK).hint(WORDS),
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
        ModelFilesError::BuiltIn => told("built_in").hint("it is always there: journal model use built-in"),
        ModelFilesError::NotFetched { name } => {
            told("not_fetched").hint(format!("journal model fetch {name}")).hint(BACK).hint(WORDS)
        }
        ModelFilesError::NoFolder => told("no_folder").hint("set `HOME`, or `JOURNAL_DATA_DIR` to a folder of yours"),
        ModelFilesError::Kept(error) => of_fetch(error, told("fetch")),
        ModelFilesError::Folder(_) => {
            let told = told("model").hint("it takes a folder as sentence-transformers export ONNX models");
            told.hint(BACK).hint(WORDS)
        }
    }
}

fn of_fetch(error: &FetchError, told: Told) -> Told {
    let again = |beginning: &str| format!("{beginning}: journal model fetch {}", error.model().unwrap_or("NAME"));
    match error {
        FetchError::Busy { .. } => {
            Told::new(Exit::Conflict, "busy", message(error)).hint(again("when that is done, there is nothing to do"))
        }
        FetchError::Refused { status: 401 | 403, .. } => told
            .hint("for models that are not open to all: set `HF_TOKEN` to a token of that hub that may read them")
            .hint(again("then")),
        FetchError::Folder { .. } => told.hint("name another folder: `models_dir` in your configuration"),
        FetchError::Read { .. } => told
            .hint(format!("fetch it anew: journal model rm {}", error.model().unwrap_or("NAME")))
            .hint(again("then")),
        FetchError::Offline { .. }
        | FetchError::Refused { .. }
        | FetchError::Broken { .. }
        | FetchError::Short { .. }
        | FetchError::Damaged { .. } => told.hint(again("what came whole stays, so try again")).hint(
            "behind a mirror, say where: `hub` in your configuration, or `HF_ENDPOINT`; behind a proxy: `HTTPS_PROXY`",
        ),
    }
}

/// The name of a model of the catalogue, by that of its vectors.
fn fetched(model: &str) -> Option<String> {
    let name = model.split('@').next()?;
    model_entry(name).ok().map(|entry| entry.name().to_owned())
}

/// What always works.
const BACK: &str = "go back: journal model use built-in";

/// What works whatever the model does.
const WORDS: &str = "notes are found by their words all the same: journal reindex --words-only";
