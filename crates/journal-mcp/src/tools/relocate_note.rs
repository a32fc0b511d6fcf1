//! `relocate_note`: move a note, or a session with its thoughts; links go along.

use journal_engine::{Engine, Relocate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool, read_note};
use crate::{
    annotations::Nature,
    budget,
    refusal::Refusal,
    wire::{AgentObject, DiagnosticObject, MovedObject, none},
};

pub(crate) struct RelocateNote;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Id, part of one, path or name
    note: Option<String>,
    /// A folder (`Archive/`) or the new path (`Archive/Name.md`)
    to: Option<String>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    moved: Vec<MovedObject>,
    moved_total: usize,
    rewritten: Vec<RewrittenObject>,
    rewritten_total: usize,
    truncated: bool,
    #[serde(skip_serializing_if = "none")]
    diagnostics: Vec<DiagnosticObject>,
    vault: String,
    agent: AgentObject,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RewrittenObject {
    path: String,
    links: usize,
}

impl Tool for RelocateNote {
    const NAME: &'static str = "relocate_note";
    const TITLE: &'static str = "Move a note";
    const DESCRIPTION: &'static str = "\
Move a note inside the vault, or a session with all its thoughts. Links that would break are rewritten; ids stay, so sessions go on as before.";
    const NATURE: Nature = Nature::Replaces;
    const ORDERED: bool = true;
    const REQUIRED: &'static [&'static str] = &["note", "to"];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("id", "note"),
        ("note_id", "note"),
        ("path", "note"),
        ("from", "note"),
        ("name", "note"),
        ("reference", "note"),
        ("session_note_id", "note"),
        ("folder", "to"),
        ("new_path", "to"),
        ("destination", "to"),
    ];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        const MOST: usize = 30;
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let reference = read_note::reference(arguments.note.as_deref())?;
        let to = arguments.to.ok_or_else(|| {
            let hint = "send a folder of the vault (`Archive/`) or a new path (`Archive/Name.md`)".to_owned();
            Refusal::arguments("`to` is missing".to_owned(), hint)
        })?;
        let caller = who.caller(serving.options(), serving.options().project.as_deref());
        let request = Relocate { caller, reference, to };
        call.turn().await?;
        let relocated = serving.blocking(move |engine: &Engine| engine.relocate(&request)).await??;
        let moved: Vec<_> = relocated.moved.iter().take(MOST).map(MovedObject::from).collect();
        let rewritten = relocated.rewritten.iter().take(MOST);
        let rewritten: Vec<_> =
            rewritten.map(|(path, links)| RewrittenObject { path: path.to_string(), links: *links }).collect();
        let (moved, _) = budget::fitting(moved, budget::USUAL / 2);
        let (rewritten, _) = budget::fitting(rewritten, budget::USUAL / 4);
        Ok(Answer {
            truncated: moved.len() < relocated.moved.len() || rewritten.len() < relocated.rewritten.len(),
            moved,
            moved_total: relocated.moved.len(),
            rewritten,
            rewritten_total: relocated.rewritten.len(),
            diagnostics: DiagnosticObject::list(&relocated.diagnostics, serving.scrub()),
            vault: serving.vault(),
            agent: who.object(),
        }
        .into())
    }
}
