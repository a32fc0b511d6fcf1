//! `sequentialthinking_hydrate`: load a session to go on with it.

use std::str::FromStr;

use journal_engine::{BelongsBy, Hydrate, Hydrated, HydratedThought, LinkedTarget, Owner, ThoughtText};
use journal_model::{Line, NoteId, NoteRef, ThoughtNumber, VaultPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    budget, cursor,
    refusal::Refusal,
    resources,
    serving::Serving,
    wire::{AgentObject, BranchObject, DiagnosticObject, instant, none},
};

pub(crate) struct SequentialThinkingHydrate;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The session or a thought of it: id, part of one, path or name
    session_note_id: Option<String>,
    /// Its path, if the id is unknown
    session_path: Option<String>,
    /// all: revised thoughts whole, too
    thought_scope: Option<Scope>,
    /// Only this branch and what leads to it; `main`
    branch: Option<String>,
    /// The most thoughts in full
    max_thought_notes: Option<u32>,
    max_chars_per_note: Option<u32>,
    /// Default 8000
    max_tokens: Option<u32>,
    /// For the thoughts before
    cursor: Option<String>,
    agent: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Latest,
    All,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    session_note_id: String,
    title: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_number: Option<u32>,
    #[serde(rename = "nextThoughtNeeded")]
    next_thought_needed: bool,
    total: usize,
    thoughts: Vec<ThoughtObject>,
    omitted: usize,
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    branches: Vec<BranchObject>,
    owners: Vec<OwnerObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    found_by: &'static str,
    #[serde(skip_serializing_if = "none")]
    linked: Vec<LinkedObject>,
    unresolved_targets: Vec<String>,
    ambiguous_targets: Vec<AmbiguousObject>,
    diagnostics: Vec<DiagnosticObject>,
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    agent: AgentObject,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ThoughtObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch_from: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revises: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Where it has no id.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    found_by: &'static str,
    shown: &'static str,
    /// Where the text does not stand here whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OwnerObject {
    line: String,
    agent: String,
    name: String,
    since: String,
    until: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LinkedObject {
    link: String,
    path: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AmbiguousObject {
    target: String,
    paths: Vec<String>,
}

impl Tool for SequentialThinkingHydrate {
    const NAME: &'static str = "sequentialthinking_hydrate";
    const TITLE: &'static str = "Load a session";
    const DESCRIPTION: &'static str = "\
Load a thinking session to go on with it: its thoughts in reading order, the newest whole and older ones by title, the next number, open \
branches and who holds them. Use it before you continue in a new conversation, or to learn what was concluded. `cursor` reads on towards the beginning.";
    const NATURE: Nature = Nature::Reads;
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("session_id", "session_note_id"),
        ("session", "session_note_id"),
        ("reference", "session_note_id"),
        ("id", "session_note_id"),
        ("note_id", "session_note_id"),
        ("path", "session_path"),
        ("branchId", "branch"),
    ];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let agent = call.who(arguments.agent.as_deref())?.object();
        let serving = call.serving.clone();
        let most = budget::asked(arguments.max_tokens, serving.options().max_tokens);
        let chars = arguments.max_chars_per_note.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let before = arguments.cursor.as_deref().map(|cursor| cursor::read::<1>('h', cursor)).transpose()?;
        let request = arguments.request(most, before.is_some())?;
        let whole_scope = request.include_superseded;
        let mut session = serving.blocking(move |engine| engine.hydrate(&request)).await??;
        if let Some([before]) = &before {
            keep_before(&mut session, before)?;
        }
        Ok(answer(session, &serving, agent, most, chars, whole_scope))
    }
}

impl Arguments {
    /// The request. A page that is not the first needs all texts that are on it, which only their sizes tell.
    fn request(&self, most: usize, goes_on: bool) -> Result<Hydrate, Refusal> {
        let reference = match (&self.session_note_id, &self.session_path) {
            (Some(id), None) => NoteRef::parse(id)?,
            (Some(id), Some(path)) => NoteRef::parse(id)?.or_path(path)?,
            (None, Some(path)) => NoteRef::from(path.parse::<VaultPath>().map_err(journal_model::NoteRefError::from)?),
            (None, None) => {
                return Err(Refusal::arguments(
                    "`session_note_id` is missing".to_owned(),
                    "list the sessions: list_sessions {}; or find one: search {query: \"…\"}".to_owned(),
                ));
            }
        };
        let line = self.branch.as_deref().map(Line::from_str).transpose();
        let line = line.map_err(|error| {
            Refusal::arguments(format!("`branch`: {error}"), "send a branch that the session has".to_owned())
        })?;
        let most_thoughts = self.max_thought_notes.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        Ok(Hydrate {
            reference,
            line,
            include_superseded: self.thought_scope == Some(Scope::All),
            max_tokens: (!goes_on).then_some(most),
            max_thoughts: most_thoughts.filter(|_| !goes_on),
        })
    }
}

/// What a cursor remembers of a thought.
fn key(thought: &HydratedThought) -> String {
    thought.thought.id.as_ref().map_or_else(|| thought.thought.path.to_string(), NoteId::to_string)
}

/// Leaves the thoughts before one.
fn keep_before(session: &mut Hydrated, before: &str) -> Result<(), Refusal> {
    let at = session.thoughts.iter().position(|thought| key(thought) == before).ok_or_else(|| {
        Refusal::new("gone", "the thought at which the page ended is gone")
            .hint("leave `cursor` out to begin with the newest thoughts")
    })?;
    session.thoughts.truncate(at);
    Ok(())
}

fn answer(
    session: Hydrated,
    serving: &Serving,
    agent: AgentObject,
    most: usize,
    chars: Option<usize>,
    whole_scope: bool,
) -> Answered<Answer> {
    const LISTED: usize = 20;
    let keys: Vec<String> = session.thoughts.iter().map(key).collect();
    let mut thoughts: Vec<ThoughtObject> =
        session.thoughts.iter().map(|thought| ThoughtObject::new(thought, chars)).collect();
    let mut answer = Answer {
        session_note_id: session.id.to_string(),
        title: budget::cut_to_bytes(&session.title, 300),
        status: session.status.as_str(),
        session_path: session.path.as_ref().map(ToString::to_string),
        next_number: session.next_number.map(ThoughtNumber::get),
        next_thought_needed: session.next_needed,
        total: session.total,
        thoughts: Vec::new(),
        omitted: session.omitted,
        truncated: false,
        cursor: None,
        branches: session.branches.iter().take(LISTED).map(BranchObject::from).collect(),
        owners: session.owners.iter().take(LISTED).map(OwnerObject::from).collect(),
        summary: session.summary.as_deref().map(|summary| budget::cut(summary, most / 8).to_owned()),
        body: session.body.as_deref().map(|body| budget::cut(body, most / 4).to_owned()),
        created: session.created,
        updated: session.updated,
        found_by: session.found_by.as_str(),
        linked: session.linked.iter().take(LISTED).map(LinkedObject::from).collect(),
        unresolved_targets: short(session.unresolved_targets.iter().take(LISTED)),
        ambiguous_targets: session.ambiguous_targets.iter().take(LISTED).map(AmbiguousObject::from).collect(),
        diagnostics: DiagnosticObject::list(&session.diagnostics, serving.scrub()),
        vault: serving.vault(),
        project: session.project,
        agent,
    };
    // Newest first, as long as there is room: whole as they came, by their titles when there is none, then not at all.
    let mut room = most.saturating_sub(budget::cost(&answer) + 40);
    let mut fitting = 0;
    for thought in thoughts.iter_mut().rev() {
        let mut cost = budget::cost(thought) + 1;
        if cost > room && thought.text.is_some() {
            let left = room.saturating_sub(cost - budget::cost(&thought.text));
            thought.cut(if fitting == 0 { left } else { 0 });
            cost = budget::cost(thought) + 1;
        }
        if cost > room && fitting > 0 {
            break;
        }
        room = room.saturating_sub(cost);
        fitting += 1;
    }
    let left_out = thoughts.len() - fitting;
    answer.omitted += left_out;
    answer.thoughts = thoughts.split_off(left_out);
    // The first thought of the newest that stand here whole; whatever comes before is read with the cursor.
    let is_told =
        |thought: &ThoughtObject| thought.shown == "whole" || (!whole_scope && thought.superseded_by.is_some());
    let told = answer.thoughts.iter().rev().take_while(|thought| is_told(thought)).count();
    answer.truncated = answer.omitted > 0 || told < answer.thoughts.len();
    // One that is cut in any case is read by itself; the page goes on before it.
    let first = left_out + answer.thoughts.len() - told.max(1).min(answer.thoughts.len());
    if answer.truncated && (first > 0 || session.omitted > 0) {
        answer.cursor = keys.get(first).map(|key| cursor::write('h', &[key]));
    }
    let links = if answer.truncated { vec![resources::session_link(&session.id, &answer.title)] } else { Vec::new() };
    Answered { answer, links }
}

fn short<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    texts.map(|text| budget::cut_to_bytes(text, 200)).collect()
}

impl ThoughtObject {
    fn new(hydrated: &HydratedThought, chars: Option<usize>) -> Self {
        let thought = &hydrated.thought;
        let (shown, text) = match &hydrated.text {
            ThoughtText::Whole(text) => ("whole", Some(text.clone())),
            ThoughtText::Cut(text) => ("cut", Some(text.clone())),
            ThoughtText::Title => ("title", None),
        };
        let id = thought.id.as_ref().map(ToString::to_string);
        let mut object = Self {
            number: thought.number.map(ThoughtNumber::get),
            branch: thought.line.branch().map(ToString::to_string),
            branch_from: thought.branch_from.map(ThoughtNumber::get),
            revises: thought.revises.map(ThoughtNumber::get),
            superseded_by: hydrated.superseded_by.map(ThoughtNumber::get),
            path: id.is_none().then(|| thought.path.to_string()),
            id,
            agent: thought.agent.clone(),
            found_by: match hydrated.belongs_by {
                BelongsBy::Property => "property",
                BelongsBy::Link => "link",
            },
            shown,
            title: Some(budget::cut_to_bytes(&thought.title, 120)).filter(|_| shown != "whole"),
            text,
        };
        let title = || Some(budget::cut_to_bytes(&thought.title, 120));
        if let (Some(most), Some(text)) = (chars, &object.text)
            && let Some((end, _)) = text.char_indices().nth(most)
        {
            object.text = Some(text[..end].to_owned()).filter(|text| !text.is_empty());
            object.shown = if object.text.is_some() { "cut" } else { "title" };
            object.title = title();
        }
        object
    }

    /// Leaves so many tokens of the text, or the title only.
    fn cut(&mut self, tokens: usize) {
        let text = self.text.take().unwrap_or_default();
        let part = budget::cut(&text, tokens);
        self.title.get_or_insert_with(|| budget::cut_to_bytes(text.lines().next().unwrap_or_default(), 120));
        self.shown = if part.is_empty() { "title" } else { "cut" };
        self.text = (!part.is_empty()).then(|| part.to_owned());
    }
}

impl From<&Owner> for OwnerObject {
    fn from(owner: &Owner) -> Self {
        Self {
            line: owner.line.clone(),
            agent: owner.agent.to_string(),
            name: owner.name.clone(),
            since: instant(owner.since_ms),
            until: instant(owner.until_ms),
        }
    }
}

impl From<&LinkedTarget> for LinkedObject {
    fn from(linked: &LinkedTarget) -> Self {
        Self { link: budget::cut_to_bytes(&linked.link, 200), path: linked.path.to_string() }
    }
}

impl From<&(String, Vec<VaultPath>)> for AmbiguousObject {
    fn from((target, paths): &(String, Vec<VaultPath>)) -> Self {
        const PATHS: usize = 5;
        let paths = paths.iter().take(PATHS).map(ToString::to_string).collect();
        Self { target: budget::cut_to_bytes(target, 200), paths }
    }
}
