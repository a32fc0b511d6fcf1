//! `sequentialthinking`: append a thought. The fields and answers of the reference server, and ours beside them.

use std::{str::FromStr, sync::Arc, time::Duration};

use journal_engine::{
    AppendError, AppendThought, Appended, Engine, ModelUse, NewSessionChoice, SessionChoice as Choice, SessionFilter,
    Similar, Takeover,
};
use journal_model::{Asked, AskedLine, BranchName, Line, NoteRef, Status, ThoughtNumber, VaultPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::{
    Answered, Call, Tool,
    similar::{SimilarSession, SimilarThought},
};
use crate::{
    annotations::Nature,
    budget,
    refusal::{Refusal, SessionChoice},
    serving::Serving,
    wire::{AgentObject, DiagnosticObject, none},
};

/// How long a thought that is on the disk waits for what is similar to it.
const SIMILAR_WAIT: Duration = Duration::from_secs(2);

pub(crate) struct SequentialThinking;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// Your current thought
    thought: Option<String>,
    /// Whether another thought follows
    #[serde(rename = "nextThoughtNeeded")]
    next_thought_needed: Option<bool>,
    /// Number on this line, from 1
    #[serde(rename = "thoughtNumber")]
    thought_number: Option<u32>,
    /// Estimate of thoughts needed
    #[serde(rename = "totalThoughts")]
    total_thoughts: Option<u32>,
    /// Whether it revises an earlier thought
    #[serde(rename = "isRevision")]
    is_revision: Option<bool>,
    /// Which thought it revises
    #[serde(rename = "revisesThought")]
    revises_thought: Option<u32>,
    /// Which thought a new branch leaves
    #[serde(rename = "branchFromThought")]
    branch_from_thought: Option<u32>,
    /// Name of the branch
    #[serde(rename = "branchId")]
    branch_id: Option<String>,
    /// Whether more are needed than estimated
    #[serde(rename = "needsMoreThoughts")]
    #[expect(dead_code, reason = "the reference server takes it, and does nothing with it either")]
    needs_more_thoughts: Option<bool>,
    /// The session: from the first answer
    session_note_id: Option<String>,
    /// Its path, if the id is unknown
    session_path: Option<String>,
    /// Title for a session that begins
    session_title: Option<String>,
    /// Folder for a session that begins
    folder: Option<String>,
    /// What a session that begins is about
    project: Option<String>,
    tags: Option<Vec<String>>,
    /// How sure you are
    confidence: Option<String>,
    /// Files it is about
    related_files: Option<Vec<String>>,
    /// false: show what would be written, write nothing
    apply: Option<bool>,
    /// Say whether search finds it
    reindex_after_apply: Option<bool>,
    /// Take the line from the agent that holds it: why
    takeover: Option<String>,
    /// Your own id, if your client gives you one
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    #[serde(rename = "thoughtNumber")]
    thought_number: u32,
    #[serde(rename = "totalThoughts")]
    total_thoughts: u32,
    #[serde(rename = "nextThoughtNeeded")]
    next_thought_needed: bool,
    branches: Vec<String>,
    #[serde(rename = "thoughtHistoryLength")]
    reference_length: usize,
    thought_history_length: usize,
    session_note_id: String,
    session_title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_path: Option<String>,
    session_is_new: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_id: Option<String>,
    thought_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap_from: Option<u32>,
    replayed: bool,
    applied: bool,
    notes_written: Vec<String>,
    #[serde(skip_serializing_if = "none")]
    preview: Vec<Preview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    searchable: Option<bool>,
    #[serde(skip_serializing_if = "none")]
    similar_thoughts: Vec<SimilarThought>,
    #[serde(skip_serializing_if = "none")]
    similar_sessions: Vec<SimilarSession>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_over_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_from_you_by: Option<String>,
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    agent: AgentObject,
    #[serde(skip_serializing_if = "none")]
    diagnostics: Vec<DiagnosticObject>,
    next: String,
}

/// A note as it would be written.
#[derive(Debug, Serialize, JsonSchema)]
struct Preview {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    after: String,
    truncated: bool,
}

impl Tool for SequentialThinking {
    const NAME: &'static str = "sequentialthinking";
    const TITLE: &'static str = "Think a step";
    const DESCRIPTION: &'static str = "\
Think one step of a problem and keep it: each thought is a note, on disk when this answers. Use it for whatever needs more than one step: \
planning, analysis, debugging, designs that may need correction.

Thought 1 without a session begins one; send its `session_note_id` with every further thought. Adjust totalThoughts as you learn; \
question earlier thoughts with isRevision + revisesThought; try another way with branchId + branchFromThought (its numbers go on from there). \
Set nextThoughtNeeded false only when done. The same thought again is a safe retry.";
    const NATURE: Nature = Nature::Adds;
    const ORDERED: bool = true;
    const REQUIRED: &'static [&'static str] = &["thought", "nextThoughtNeeded", "thoughtNumber", "totalThoughts"];
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("session_id", "session_note_id"),
        ("session", "session_note_id"),
        ("title", "session_title"),
        ("branch", "branchId"),
    ];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let project = arguments.project.clone().or_else(|| serving.options().project.clone());
        let apply = arguments.apply.unwrap_or(true);
        let look_for_it = arguments.reindex_after_apply.unwrap_or(false);
        if apply && serving.options().read_only {
            return Err(Refusal::from(&journal_engine::Trouble::ReadOnly));
        }
        let request = arguments.request(who.caller(serving.options(), project.as_deref()), project.clone())?;
        call.turn().await?;
        let appended = if apply {
            // Blocks only while the writer's queue is full, and then not this task.
            let ticket = serving.blocking(move |engine| engine.append_later(request)).await?;
            drop(call);
            ticket.await.ok_or_else(|| Refusal::from(&journal_engine::Trouble::WriterGone))?.map_err(Box::new)
        } else {
            drop(call);
            serving.blocking(move |engine| engine.preview_append(&request).map_err(Box::new)).await?
        };
        let appended = match appended {
            Ok(appended) => appended,
            Err(error) => {
                return Err(match *error {
                    error @ AppendError::NoSession { .. } => which_session(&serving, error, project).await,
                    error => error.into(),
                });
            }
        };
        // The thought is on the disk: what fails from here on, or takes long, is left out of the answer.
        let searchable = match look_for_it && apply {
            // What the writer wrote it has indexed, where there is an index.
            true => {
                let there = serving.blocking(|engine| engine.index_standing().is_ok_and(|index| index.is_some()));
                Some(there.await.unwrap_or(false))
            }
            false => None,
        };
        let appended = Arc::new(appended);
        let asked = Arc::clone(&appended);
        let looked = timeout(SIMILAR_WAIT, serving.blocking(move |engine| similar(engine, &asked))).await;
        let similar = looked.ok().and_then(Result::ok).unwrap_or_default();
        Ok(answer(&appended, &similar, &serving, who.object(), project, apply, searchable).into())
    }
}

impl Arguments {
    fn request(self, caller: journal_engine::Caller, project: Option<String>) -> Result<AppendThought, Refusal> {
        let text = self.thought.ok_or_else(|| Refusal::from(AppendError::Empty))?;
        let revises = match (self.is_revision, number(self.revises_thought, "revisesThought")?) {
            (Some(true), None) => {
                return Err(Refusal::arguments(
                    "`isRevision` is true, and `revisesThought` does not say which thought is revised".to_owned(),
                    "send `revisesThought` with the number of the thought, or leave `isRevision` out".to_owned(),
                ));
            }
            (Some(false), _) => None,
            (_, revises) => revises,
        };
        let from = number(self.branch_from_thought, "branchFromThought")?;
        let line = match (self.branch_id.as_deref().map(Line::from_str).transpose(), from) {
            (Err(error), _) => {
                let hint = "name a branch by a few words, like `cache-first`".to_owned();
                return Err(Refusal::arguments(format!("`branchId`: {error}"), hint));
            }
            (Ok(None), Some(from)) => {
                return Err(Refusal::arguments(
                    format!("`branchFromThought` is {from}, and `branchId` does not name the branch"),
                    "send `branchId` with a name for the branch, or leave `branchFromThought` out".to_owned(),
                ));
            }
            (Ok(None | Some(Line::Main)), _) => AskedLine::Main,
            (Ok(Some(Line::Branch(name))), from) => AskedLine::Branch { name: BranchName::clone(&name), from },
        };
        let mut asked_number = number(self.thought_number, "thoughtNumber")?;
        let reference = match (&self.session_note_id, &self.session_path) {
            (Some(id), None) => Some(NoteRef::parse(id)?),
            (Some(id), Some(path)) => Some(NoteRef::parse(id)?.or_path(path)?),
            (None, Some(path)) => {
                Some(NoteRef::from(path.parse::<VaultPath>().map_err(journal_model::NoteRefError::from)?))
            }
            (None, None) => None,
        };
        let session = match reference {
            Some(reference) => Choice::Existing(reference),
            None => {
                if self.session_title.is_some() && asked_number.is_none() {
                    // A title asks for a session that begins, which number 1 does.
                    asked_number = Some(ThoughtNumber::FIRST);
                }
                Choice::ByRule(NewSessionChoice { title: self.session_title, project, folder: self.folder })
            }
        };
        Ok(AppendThought {
            caller,
            session,
            asked: Asked {
                line,
                number: asked_number,
                total: self.total_thoughts,
                next_needed: self.next_thought_needed.unwrap_or(true),
                revises,
            },
            text,
            tags: self.tags.unwrap_or_default(),
            confidence: self.confidence,
            related_files: self.related_files.unwrap_or_default(),
            takeover: self.takeover.map(takeover),
        })
    }
}

/// A wish to take a line over, as sent: `true` gives no reason.
pub(super) fn takeover(sent: String) -> Takeover {
    let reason = sent.trim().to_owned();
    Takeover { reason: (!reason.is_empty() && !reason.eq_ignore_ascii_case("true")).then_some(reason) }
}

/// A number of a thought. Zero is how some clients say nothing.
fn number(sent: Option<u32>, name: &str) -> Result<Option<ThoughtNumber>, Refusal> {
    match sent {
        None | Some(0) => Ok(None),
        Some(sent) => ThoughtNumber::new(sent).map(Some).ok_or_else(|| {
            let most = ThoughtNumber::MAX;
            Refusal::arguments(format!("`{name}` is {sent}, and {most} is the most"), "count from 1".to_owned())
        }),
    }
}

/// The refusal of a thought that says no session, with the open ones of its project to choose from.
async fn which_session(serving: &Serving, error: AppendError, project: Option<String>) -> Refusal {
    const MOST: usize = 8;
    let filter = SessionFilter { statuses: vec![Status::Active, Status::Paused], project };
    let listed = serving.blocking(move |engine: &Engine| engine.sessions(&filter)).await;
    let mut refusal = Refusal::from(error);
    // Without the list the refusal says what it must all the same.
    if let Ok(Ok(listed)) = listed {
        refusal.facts.sessions = listed
            .sessions
            .iter()
            .take(MOST)
            .map(|session| SessionChoice {
                session_note_id: session.id.to_string(),
                title: budget::cut_to_bytes(&session.title, 120),
                thoughts: session.thoughts,
                next_number: session.next_number.map(ThoughtNumber::get),
            })
            .collect();
    }
    refusal
}

/// What was thought before that a new thought says again. For the first one of a session it is worth to load the model.
fn similar(engine: &Engine, appended: &Appended) -> Similar {
    match (appended.replayed, appended.session_is_new) {
        (true, _) => Similar::default(),
        (false, true) => engine.similar(appended, ModelUse::Load),
        (false, false) => engine.similar(appended, ModelUse::AtHand),
    }
}

fn answer(
    appended: &Appended,
    similar: &Similar,
    serving: &Serving,
    agent: AgentObject,
    project: Option<String>,
    applied: bool,
    searchable: Option<bool>,
) -> Answer {
    const BRANCHES: usize = 50;
    let thought = &appended.thought;
    let session_note_id = appended.session_id.to_string();
    let lease = appended.lease.as_ref();
    let next_number = appended.next_number.map(ThoughtNumber::get);
    let next = match (thought.next_needed, next_number) {
        (true, Some(next)) => {
            let line = thought.line.branch().map(|name| format!(", branchId `{name}`")).unwrap_or_default();
            format!("pass session_note_id `{session_note_id}`{line} with thoughtNumber {next}")
        }
        _ => format!("done; to look back: sequentialthinking_hydrate {{session_note_id: \"{session_note_id}\"}}"),
    };
    Answer {
        thought_number: thought.number.map_or(0, ThoughtNumber::get),
        total_thoughts: thought.total.or(thought.number.map(ThoughtNumber::get)).unwrap_or_default(),
        next_thought_needed: thought.next_needed,
        branches: appended.branches.iter().take(BRANCHES).map(|branch| branch.name.to_string()).collect(),
        reference_length: appended.thoughts,
        thought_history_length: appended.thoughts,
        session_note_id,
        session_title: budget::cut_to_bytes(&appended.session_title, 300),
        session_path: appended.session_path.as_ref().map(ToString::to_string),
        session_is_new: appended.session_is_new,
        thought_id: thought.id.as_ref().map(ToString::to_string),
        thought_path: thought.path.to_string(),
        branch: thought.line.branch().map(ToString::to_string),
        next_number,
        gap_from: appended.gap_from.map(ThoughtNumber::get),
        replayed: appended.replayed,
        applied: applied && !appended.replayed,
        notes_written: if applied {
            appended.written.iter().map(|note| note.path.to_string()).collect()
        } else {
            Vec::new()
        },
        preview: if applied { Vec::new() } else { appended.written.iter().map(Preview::new).collect() },
        searchable,
        similar_thoughts: SimilarThought::list(&similar.thoughts),
        similar_sessions: SimilarSession::list(similar),
        taken_over_from: lease.and_then(|lease| lease.former.as_ref()).map(|former| former.id.to_string()),
        taken_from_you_by: lease.and_then(|lease| lease.taken_from_you.as_ref()).map(|taken| taken.by.to_string()),
        vault: serving.vault(),
        project,
        agent,
        diagnostics: DiagnosticObject::list(&appended.diagnostics, serving.scrub()),
        next,
    }
}

impl Preview {
    fn new(note: &journal_engine::WrittenNote) -> Self {
        const MOST: usize = 2_000;
        let before = note.before.as_deref().map(|text| budget::cut(text, MOST));
        let after = budget::cut(&note.after, MOST);
        let whole = before.map_or(0, str::len) + after.len();
        Self {
            path: note.path.to_string(),
            truncated: whole < note.before.as_ref().map_or(0, String::len) + note.after.len(),
            before: before.map(str::to_owned),
            after: after.to_owned(),
        }
    }
}
