//! The answers of the commands.

use journal_engine as engine;
use journal_engine::{BelongsBy, HydratedThought, Identified, ThoughtText};
use journal_model::{BranchSummary, ThoughtNumber};
use serde::Serialize;

use super::{
    AgentObject, DiagnosticObject, SkippedObject,
    load::{LoadObject, StandingIndex},
    path,
    related::{OpenSession, SimilarSession, SimilarThought},
    text,
};
use crate::{rim, text::time::rfc3339};

/// The answer of `journal hydrate`.
#[derive(Debug, Serialize)]
pub struct Hydrated {
    id: String,
    path: Option<String>,
    title: String,
    status: &'static str,
    project: Option<String>,
    created: Option<String>,
    updated: Option<String>,
    summary: Option<String>,
    body: Option<String>,
    found_by: &'static str,
    next_number: Option<u32>,
    next_needed: bool,
    total: usize,
    omitted: usize,
    tokens: usize,
    thoughts: Vec<ThoughtShown>,
    branches: Vec<Branch>,
    owners: Vec<Owner>,
    linked: Vec<Linked>,
    unresolved_targets: Vec<String>,
    ambiguous_targets: Vec<Ambiguous>,
    diagnostics: Vec<DiagnosticObject>,
}

#[derive(Debug, Serialize)]
struct Thought {
    id: Option<String>,
    path: String,
    number: Option<u32>,
    total: Option<u32>,
    next_needed: bool,
    title: String,
    created: Option<String>,
    agent: Option<String>,
    tags: Vec<String>,
    branch: Option<String>,
    branch_from: Option<u32>,
    revises: Option<u32>,
}

/// A thought with as much of its text as fits.
#[derive(Debug, Serialize)]
struct ThoughtShown {
    #[serde(flatten)]
    thought: Thought,
    superseded_by: Option<u32>,
    belongs_by: Belonging,
    shown: Extent,
    text: Option<String>,
}

/// How a thought was found to belong to its session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Belonging {
    Property,
    Link,
}

/// How much of a thought's text is here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Extent {
    Whole,
    Cut,
    Title,
}

#[derive(Debug, Serialize)]
struct Branch {
    name: String,
    from: Option<u32>,
    thoughts: usize,
    next_number: Option<u32>,
    open: bool,
}

#[derive(Debug, Serialize)]
struct Owner {
    line: String,
    agent: String,
    name: String,
    since: String,
    until: String,
}

#[derive(Debug, Serialize)]
struct Linked {
    link: String,
    path: String,
}

#[derive(Debug, Serialize)]
struct Ambiguous {
    target: String,
    paths: Vec<String>,
}

fn number(number: Option<ThoughtNumber>) -> Option<u32> {
    number.map(ThoughtNumber::get)
}

fn branches(branches: &[BranchSummary]) -> Vec<Branch> {
    let object = |branch: &BranchSummary| Branch {
        name: branch.name.to_string(),
        from: number(branch.from),
        thoughts: branch.thoughts,
        next_number: number(branch.next),
        open: branch.open,
    };
    branches.iter().map(object).collect()
}

impl From<&engine::Hydrated> for Hydrated {
    fn from(session: &engine::Hydrated) -> Self {
        let owner = |owner: &engine::Owner| Owner {
            line: owner.line.clone(),
            agent: owner.agent.to_string(),
            name: owner.name.clone(),
            since: rfc3339(owner.since_ms),
            until: rfc3339(owner.until_ms),
        };
        let linked = |linked: &engine::LinkedTarget| Linked { link: linked.link.clone(), path: path(&linked.path) };
        Self {
            id: text(&session.id),
            path: session.path.as_ref().map(path),
            title: session.title.clone(),
            status: session.status.as_str(),
            project: session.project.clone(),
            created: session.created.clone(),
            updated: session.updated.clone(),
            summary: session.summary.clone(),
            body: session.body.clone(),
            found_by: session.found_by.as_str(),
            next_number: number(session.next_number),
            next_needed: session.next_needed,
            total: session.total,
            omitted: session.omitted,
            tokens: session.tokens,
            thoughts: session.thoughts.iter().map(ThoughtShown::from).collect(),
            branches: branches(&session.branches),
            owners: session.owners.iter().map(owner).collect(),
            linked: session.linked.iter().map(linked).collect(),
            unresolved_targets: session.unresolved_targets.clone(),
            ambiguous_targets: session
                .ambiguous_targets
                .iter()
                .map(|(target, paths)| Ambiguous { target: target.clone(), paths: paths.iter().map(path).collect() })
                .collect(),
            diagnostics: DiagnosticObject::list(&session.diagnostics),
        }
    }
}

impl From<&HydratedThought> for ThoughtShown {
    fn from(hydrated: &HydratedThought) -> Self {
        let (shown, text) = match &hydrated.text {
            ThoughtText::Whole(text) => (Extent::Whole, Some(text.clone())),
            ThoughtText::Cut(text) => (Extent::Cut, Some(text.clone())),
            ThoughtText::Title => (Extent::Title, None),
        };
        let belongs_by = match hydrated.belongs_by {
            BelongsBy::Property => Belonging::Property,
            BelongsBy::Link => Belonging::Link,
        };
        let superseded_by = number(hydrated.superseded_by);
        Self { thought: Thought::from(&hydrated.thought), superseded_by, belongs_by, shown, text }
    }
}

impl From<&journal_model::Thought> for Thought {
    fn from(thought: &journal_model::Thought) -> Self {
        Self {
            id: thought.id.as_ref().map(text),
            path: path(&thought.path),
            number: number(thought.number),
            total: thought.total,
            next_needed: thought.next_needed,
            title: thought.title.clone(),
            created: thought.created.clone(),
            agent: thought.agent.clone(),
            tags: thought.tags.clone(),
            branch: thought.line.branch().map(ToString::to_string),
            branch_from: number(thought.branch_from),
            revises: number(thought.revises),
        }
    }
}

/// The answer of `journal think`.
#[derive(Debug, Serialize)]
pub struct Appended {
    session: SessionObject,
    thought: Thought,
    dry_run: bool,
    replayed: bool,
    next_number: Option<u32>,
    thoughts: usize,
    branches: Vec<Branch>,
    gap_from: Option<u32>,
    agent: AgentObject,
    taken_over_from: Option<String>,
    taken_from_you_by: Option<String>,
    written: Vec<Written>,
    similar_thoughts: Vec<SimilarThought>,
    similar_sessions: Vec<SimilarSession>,
    open_sessions: Vec<OpenSession>,
    diagnostics: Vec<DiagnosticObject>,
}

#[derive(Debug, Serialize)]
struct SessionObject {
    id: String,
    title: String,
    path: Option<String>,
    is_new: bool,
}

/// A note that was written. A dry run tells its text, before and after.
#[derive(Debug, Serialize)]
struct Written {
    path: String,
    created: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Appended {
    /// The answer for what was appended, or would be.
    pub fn new(
        appended: &engine::Appended,
        similar: &engine::Similar,
        (identified, name): (&Identified, &str),
        dry_run: bool,
    ) -> Self {
        let written = |note: &engine::WrittenNote| Written {
            path: path(&note.path),
            created: note.before.is_none(),
            before: note.before.clone().filter(|_| dry_run),
            after: dry_run.then(|| note.after.clone()),
        };
        let lease = appended.lease.as_ref();
        Self {
            session: SessionObject {
                id: text(&appended.session_id),
                title: appended.session_title.clone(),
                path: appended.session_path.as_ref().map(path),
                is_new: appended.session_is_new,
            },
            thought: Thought::from(&appended.thought),
            dry_run,
            replayed: appended.replayed,
            next_number: number(appended.next_number),
            thoughts: appended.thoughts,
            branches: branches(&appended.branches),
            gap_from: number(appended.gap_from),
            agent: AgentObject::new(identified, name),
            taken_over_from: lease.and_then(|lease| lease.former.as_ref()).map(|former| former.id.to_string()),
            taken_from_you_by: lease.and_then(|lease| lease.taken_from_you.as_ref()).map(|taken| taken.by.to_string()),
            written: appended.written.iter().map(written).collect(),
            similar_thoughts: similar.thoughts.iter().map(SimilarThought::from).collect(),
            similar_sessions: similar.sessions.iter().map(SimilarSession::from).collect(),
            open_sessions: similar.open.iter().map(OpenSession::from).collect(),
            diagnostics: DiagnosticObject::list(&appended.diagnostics),
        }
    }
}

/// The answer of `journal sessions`.
#[derive(Debug, Serialize)]
pub struct SessionList {
    sessions: Vec<Summary>,
    notes: usize,
    skipped: Vec<SkippedObject>,
}

#[derive(Debug, Serialize)]
struct Summary {
    id: String,
    path: Option<String>,
    title: String,
    status: &'static str,
    project: Option<String>,
    updated: Option<String>,
    thoughts: usize,
    branches: usize,
    next_number: Option<u32>,
    diagnostics: Vec<DiagnosticObject>,
}

impl From<&engine::Sessions> for SessionList {
    fn from(sessions: &engine::Sessions) -> Self {
        Self {
            sessions: sessions.sessions.iter().map(Summary::from).collect(),
            notes: sessions.notes,
            skipped: SkippedObject::list(&sessions.skipped),
        }
    }
}

impl From<&engine::SessionSummary> for Summary {
    fn from(session: &engine::SessionSummary) -> Self {
        Self {
            id: text(&session.id),
            path: session.path.as_ref().map(path),
            title: session.title.clone(),
            status: session.status.as_str(),
            project: session.project.clone(),
            updated: session.updated.clone(),
            thoughts: session.thoughts,
            branches: session.branches,
            next_number: number(session.next_number),
            diagnostics: DiagnosticObject::list(&session.diagnostics),
        }
    }
}

/// The answer of `journal` alone.
#[derive(Debug, Serialize)]
pub struct Standing {
    vault: String,
    vault_id: Option<String>,
    state: Option<String>,
    index: Option<StandingIndex>,
    index_trouble: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load: Option<LoadObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_trouble: Option<String>,
    open: usize,
    #[serde(flatten)]
    list: SessionList,
}

impl Standing {
    /// Where a vault stands.
    pub fn new(
        place: &crate::place::Place,
        index: &Result<Option<(engine::IndexStanding, engine::ModelStanding)>, engine::Trouble>,
        trouble: Option<String>,
        load: Option<&Result<engine::Load, engine::Trouble>>,
        open: usize,
        sessions: &engine::Sessions,
    ) -> Self {
        Self {
            load: load.and_then(|load| load.as_ref().ok()).map(LoadObject::from),
            load_trouble: load.and_then(|load| load.as_ref().err()).map(|trouble| rim::message(trouble)),
            index: index.as_ref().ok().and_then(Option::as_ref).map(|standing| StandingIndex::new(standing, trouble)),
            index_trouble: index.as_ref().err().map(|trouble| rim::message(trouble)),
            vault: place.engine.vault().root().display().to_string(),
            vault_id: place.vault_id.clone(),
            state: place.engine.state_path().map(|path| path.display().to_string()),
            open,
            list: sessions.into(),
        }
    }
}

/// The answer of `journal show`.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: Option<String>,
    path: String,
    title: String,
    found_by: &'static str,
    text: String,
    body_start: usize,
    diagnostics: Vec<DiagnosticObject>,
}

impl From<&engine::Shown> for Shown {
    fn from(note: &engine::Shown) -> Self {
        Self {
            id: note.id.as_ref().map(text),
            path: path(&note.path),
            title: note.title.clone(),
            found_by: note.found_by.as_str(),
            text: note.text.clone(),
            body_start: note.body_start,
            diagnostics: DiagnosticObject::list(&note.diagnostics),
        }
    }
}

/// The answer of `journal session …`.
#[derive(Debug, Serialize)]
pub struct SessionChanged {
    id: String,
    path: String,
    title: String,
    was: &'static str,
    status: &'static str,
    changed: bool,
}

impl From<&engine::UpdatedSession> for SessionChanged {
    fn from(session: &engine::UpdatedSession) -> Self {
        Self {
            id: text(&session.id),
            path: path(&session.path),
            title: session.title.clone(),
            was: session.was.as_str(),
            status: session.status.as_str(),
            changed: session.changed,
        }
    }
}

/// The answer of `journal relocate`.
#[derive(Debug, Serialize)]
pub struct Relocated {
    moved: Vec<Moved>,
    rewritten: Vec<Rewritten>,
    diagnostics: Vec<DiagnosticObject>,
}

#[derive(Debug, Serialize)]
struct Moved {
    from: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct Rewritten {
    path: String,
    links: usize,
}

impl From<&engine::Relocated> for Relocated {
    fn from(relocated: &engine::Relocated) -> Self {
        let rewritten = relocated.rewritten.iter();
        Self {
            moved: relocated.moved.iter().map(|(from, to)| Moved { from: path(from), to: path(to) }).collect(),
            rewritten: rewritten.map(|(note, links)| Rewritten { path: path(note), links: *links }).collect(),
            diagnostics: DiagnosticObject::list(&relocated.diagnostics),
        }
    }
}

/// The answer of `journal config list`.
#[derive(Debug, Serialize)]
pub struct ConfigList {
    /// All settings.
    pub settings: Vec<ConfigValue>,
}

/// A setting.
#[derive(Debug, Serialize)]
pub struct ConfigValue {
    /// Its key.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// Where it comes from: `flag`, `variable`, `vault`, `user` or `default`.
    pub origin: &'static str,
}

/// The answer of `journal config path`.
#[derive(Debug, Serialize)]
pub struct Paths {
    /// The user's file.
    pub user: Option<String>,
    /// The vault's file, if there is a vault here.
    pub vault: Option<String>,
}
