//! `resolve_note`: which note an id, a part of one, a path or a name means, without its text.

use journal_engine::{Engine, obsidian_link};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answered, Call, Tool,
    read_note::{NAMES, reference},
};
use crate::{annotations::Nature, budget, refusal::Refusal};

pub(crate) struct ResolveNote;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Id, part of one, path or name
    note: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    path: String,
    title: String,
    found_by: &'static str,
    open: String,
    vault: String,
}

impl Tool for ResolveNote {
    const NAME: &'static str = "resolve_note";
    const TITLE: &'static str = "Find a note's id and path";
    const DESCRIPTION: &'static str =
        "Tell which note an id, a part of an id, a path or a name means: its id, path and title.";
    const NATURE: Nature = Nature::Reads;
    const REQUIRED: &'static [&'static str] = &["note"];
    const ALIASES: &'static [(&'static str, &'static str)] = NAMES;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let serving = call.serving.clone();
        drop(call);
        let reference = reference(arguments.note.as_deref())?;
        let note = serving.blocking(move |engine: &Engine| engine.show(&reference)).await??;
        let vault = serving.vault();
        Ok(Answer {
            id: note.id.as_ref().map(ToString::to_string),
            path: note.path.to_string(),
            title: budget::cut_to_bytes(&note.title, 300),
            found_by: note.found_by.as_str(),
            open: obsidian_link(&vault, &note.path),
            vault,
        }
        .into())
    }
}
