//! `read_note`: one note as it stands there, a page at a time where it is long.

use journal_engine::{Engine, obsidian_link};
use journal_model::NoteRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    budget, cursor,
    refusal::Refusal,
    resources,
    wire::{DiagnosticObject, none},
};

pub(crate) struct ReadNote;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Id, part of one, path or name
    note: Option<String>,
    /// Default 8000
    max_tokens: Option<u32>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    path: String,
    title: String,
    found_by: &'static str,
    text: String,
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(skip_serializing_if = "none")]
    diagnostics: Vec<DiagnosticObject>,
    open: String,
    vault: String,
}

impl Tool for ReadNote {
    const NAME: &'static str = "read_note";
    const TITLE: &'static str = "Read a note";
    const DESCRIPTION: &'static str = "Read any note of the vault, frontmatter and all, page by page where it is long.";
    const NATURE: Nature = Nature::Reads;
    const REQUIRED: &'static [&'static str] = &["note"];
    const ALIASES: &'static [(&'static str, &'static str)] = NAMES;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let serving = call.serving.clone();
        drop(call);
        let reference = reference(arguments.note.as_deref())?;
        let most = budget::asked(arguments.max_tokens, budget::USUAL);
        let from = arguments.cursor.as_deref().map(|cursor| cursor::read::<2>('n', cursor)).transpose()?;
        let note = serving.blocking(move |engine: &Engine| engine.show(&reference)).await??;
        let mut begin = 0;
        if let Some([path, at]) = from {
            if path != note.path.as_str() {
                return Err(Refusal::arguments(
                    "`cursor` belongs to another note".to_owned(),
                    "send it with the note that it came with".to_owned(),
                ));
            }
            // A note that changed since may have another character there.
            begin = note.text.floor_char_boundary(at.parse().unwrap_or(usize::MAX));
        }
        let mut answer = Answer {
            id: note.id.as_ref().map(ToString::to_string),
            path: note.path.to_string(),
            title: budget::cut_to_bytes(&note.title, 300),
            found_by: note.found_by.as_str(),
            text: String::new(),
            truncated: false,
            cursor: None,
            diagnostics: DiagnosticObject::list(&note.diagnostics, serving.scrub()),
            open: obsidian_link(&serving.vault(), &note.path),
            vault: serving.vault(),
        };
        let rest = &note.text[begin..];
        let part = budget::cut(rest, most.saturating_sub(budget::cost(&answer) + 60).max(100));
        answer.text = part.to_owned();
        answer.truncated = part.len() < rest.len();
        let mut links = Vec::new();
        if answer.truncated {
            answer.cursor = Some(cursor::write('n', &[note.path.as_str(), &(begin + part.len()).to_string()]));
            links.extend(note.id.as_ref().map(|id| resources::note_link(id, &answer.title)));
        }
        Ok(Answered { answer, links })
    }
}

/// Other names under which clients send the note.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("id", "note"),
    ("note_id", "note"),
    ("path", "note"),
    ("name", "note"),
    ("ref", "note"),
    ("reference", "note"),
    ("session_note_id", "note"),
    ("session_id", "note"),
];

/// The ref of the argument `note`.
pub(super) fn reference(note: Option<&str>) -> Result<NoteRef, Refusal> {
    let missing = || {
        Refusal::arguments(
            "`note` is missing".to_owned(),
            "send its id, its path or its name; find it: search {query: \"…\"}".to_owned(),
        )
    };
    Ok(NoteRef::parse(note.ok_or_else(missing)?)?)
}
