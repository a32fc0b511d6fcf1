//! `find_links`: the links of a note and to it; and what is loose in the vault.

use journal_engine::{Engine, FoundLink, LinkRow, LinksError, Loose, NoteLinks};
use journal_model::VaultPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool, indexed, read_note};
use crate::{
    annotations::Nature,
    budget,
    refusal::Refusal,
    wire::{no, none},
};

pub(crate) struct FindLinks;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Id, part of one, path or name; absent for the whole vault
    note: Option<String>,
    /// Of the whole vault: links to nowhere, links to several notes, or notes without links
    loose: Option<LooseEnds>,
    /// Default 30
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum LooseEnds {
    Broken,
    Ambiguous,
    Orphans,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<Vec<LinkObject>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_total: Option<usize>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    into: Option<Vec<LinkObject>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Vec<LinkObject>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    orphans: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    truncated: bool,
    #[serde(skip_serializing_if = "no")]
    changed: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LinkObject {
    from: String,
    line: u32,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    target: String,
    leads: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "none")]
    candidates: Vec<String>,
}

impl Tool for FindLinks {
    const NAME: &'static str = "find_links";
    const TITLE: &'static str = "Find links";
    const DESCRIPTION: &'static str = "\
Links out of a note and to it, each with its line; or, with `loose`, the links of the vault that are broken or ambiguous, or the notes without any.";
    const NATURE: Nature = Nature::Reads;
    const ALIASES: &'static [(&'static str, &'static str)] = read_note::NAMES;
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        const LIMIT: u32 = 30;
        const MOST: u32 = 200;
        let serving = call.serving.clone();
        drop(call);
        let limit = arguments.limit.unwrap_or(LIMIT).clamp(1, MOST) as usize;
        let room = budget::USUAL - 600;
        let answer = match (arguments.note.as_deref(), arguments.loose) {
            (Some(note), _) => {
                let reference = read_note::reference(Some(note))?;
                let note = asked(&serving, move |engine| engine.links(&reference)).await?;
                of_note(&note, limit, room)
            }
            (None, Some(LooseEnds::Orphans)) => {
                let orphans = asked(&serving, move |engine| engine.orphans(limit)).await?;
                let (paths, _) = budget::fitting(orphans.items.iter().map(VaultPath::to_string).collect(), room);
                Answer {
                    truncated: paths.len() < orphans.total,
                    orphans: Some(paths),
                    total: Some(orphans.total),
                    ..Answer::default()
                }
            }
            (None, Some(loose)) => {
                let what = if loose == LooseEnds::Broken { Loose::Broken } else { Loose::Ambiguous };
                let links = asked(&serving, move |engine| engine.loose_links(what, limit)).await?;
                let (objects, _) = budget::fitting(links.items.iter().map(LinkObject::from).collect(), room);
                Answer {
                    truncated: objects.len() < links.total,
                    links: Some(objects),
                    total: Some(links.total),
                    ..Answer::default()
                }
            }
            (None, None) => {
                return Err(Refusal::arguments(
                    "neither `note` nor `loose` was sent".to_owned(),
                    "send `note` for the links of one, or `loose` as `broken`, `ambiguous` or `orphans`".to_owned(),
                ));
            }
        };
        Ok(Answer { vault: serving.vault(), ..answer }.into())
    }
}

/// Asks the index, which is built where there is none.
async fn asked<T: Send + 'static>(
    serving: &crate::serving::Serving,
    ask: impl Fn(&Engine) -> Result<T, LinksError> + Send + Sync + 'static,
) -> Result<T, Refusal> {
    let answer = indexed(serving, move |engine: &Engine| match ask(engine) {
        Err(LinksError::NoIndex) => Ok(None),
        Err(LinksError::Trouble(trouble)) => Err(trouble),
        answer => Ok(Some(answer)),
    });
    Ok(answer.await??)
}

fn of_note(note: &NoteLinks, limit: usize, room: usize) -> Answer {
    let out = note.out.iter().take(limit).map(LinkObject::from).collect();
    let (out, _) = budget::fitting(out, room / 2);
    let into = note.into.iter().take(limit).map(|link| LinkObject::new(link, &[])).collect();
    let (into, _) = budget::fitting(into, room / 2);
    Answer {
        id: note.id.as_ref().map(ToString::to_string),
        path: Some(note.path.to_string()),
        truncated: out.len() < note.out.len() || into.len() < note.into.len(),
        out: Some(out),
        out_total: Some(note.out.len()),
        into: Some(into),
        in_total: Some(note.into.len()),
        changed: note.changed,
        ..Answer::default()
    }
}

impl LinkObject {
    fn new(link: &LinkRow, candidates: &[VaultPath]) -> Self {
        const CANDIDATES: usize = 5;
        Self {
            from: link.from.to_string(),
            line: link.line,
            kind: link.kind.as_str(),
            property: link.property.clone(),
            target: budget::cut_to_bytes(&link.target, 200),
            leads: link.leads.as_str(),
            to: link.leads.note().map(ToString::to_string),
            candidates: candidates.iter().take(CANDIDATES).map(ToString::to_string).collect(),
        }
    }
}

impl From<&FoundLink> for LinkObject {
    fn from(found: &FoundLink) -> Self {
        Self::new(&found.link, &found.candidates)
    }
}
