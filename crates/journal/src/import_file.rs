//! Files that sessions are imported from: JSON that `journal export` wrote, and the thoughts of the sequential-thinking server.
//! Whoever wrote them, nothing in them is believed before it was looked at.

use std::str::{self, Utf8Error};

use journal_engine::{ForeignNote, ForeignNotes, ForeignSession, ForeignThought};
use journal_model::{
    BranchNameError, Layout, Line, Note, NoteId, NoteIdError, ThoughtNumber, VaultPath, VaultPathError, Written, render,
};
use serde::Deserialize;

use crate::json::{SCHEMA_VERSION, SESSION_FORMAT};

mod properties;

use properties::{Given, GivenProperties};

/// The longest file that is read, in bytes.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Why a file is not imported. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportFileError {
    /// Longer than anything a session is.
    #[error("the file has more than {MAX_BYTES} bytes")]
    TooLong,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More than one session of `journal export`.
    #[error("the file is a list of exported sessions")]
    Several,
    /// No text.
    #[error("the file is not UTF-8")]
    NotUtf8(#[source] Utf8Error),
    /// No JSON, or without what must be in it.
    #[error("the file cannot be read as {what}")]
    Json {
        /// What it was taken for.
        what: &'static str,
        /// What is wrong, and where.
        #[source]
        source: serde_json::Error,
    },
    /// JSON of some other kind.
    #[error("the file is JSON, but neither an exported session nor a list of thoughts")]
    Unknown,
    /// Made by a `journal` to come.
    #[error("the file has the `schema_version` {0}; this journal reads up to {SCHEMA_VERSION}")]
    Newer(u32),
    /// An id that cannot be one.
    #[error("the id of the session cannot be used")]
    SessionId(#[source] NoteIdError),
    /// A path that leads out of a vault, or cannot be one.
    #[error("note {index} cannot lie where it says")]
    Path {
        /// Which note, from 1; the session's own is 0.
        index: usize,
        /// Why.
        #[source]
        source: VaultPathError,
    },
    /// A note that is not what it says.
    #[error("the note `{path}` cannot be used: {problem}")]
    Note {
        /// Which.
        path: VaultPath,
        /// Why.
        problem: NoteProblem,
    },
    /// A thought that cannot be one.
    #[error("thought {index} cannot be used: {problem}")]
    Thought {
        /// Which, from 1.
        index: usize,
        /// Why.
        problem: ThoughtProblem,
    },
}

/// What is wrong with a note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteProblem {
    /// Its frontmatter is more, or less, than frontmatter.
    #[error("its `source` is not frontmatter alone")]
    Source,
    /// Neither.
    #[error("it has neither `source` nor `properties`")]
    Nothing,
    /// A property that notes do not have.
    #[error("its property `{0}` is nested, which only `source` can say")]
    Nested(String),
    /// An id that cannot be one.
    #[error(transparent)]
    Id(#[from] NoteIdError),
    /// The note of another session.
    #[error("it belongs to the session `{0}`")]
    OtherSession(String),
    /// The session's own note, of something else.
    #[error("its `id` is not that of the session")]
    NotTheSession,
}

/// What is wrong with a thought.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThoughtProblem {
    /// A number that no thought has.
    #[error("`{name}` is {number}; thoughts have numbers from 1 to {max}", max = ThoughtNumber::MAX)]
    Number {
        /// The field.
        name: &'static str,
        /// What it says.
        number: u64,
    },
    /// A branch that cannot be called so.
    #[error(transparent)]
    Branch(#[from] BranchNameError),
}

/// What tells one kind of file from another.
#[derive(Deserialize)]
struct Kind {
    format: Option<String>,
    schema_version: Option<u32>,
}

#[derive(Deserialize)]
struct Document {
    session: SessionPart,
    thoughts: Vec<ThoughtPart>,
}

#[derive(Deserialize)]
struct SessionPart {
    id: String,
    note: Option<NotePart>,
}

#[derive(Deserialize)]
struct ThoughtPart {
    note: Option<NotePart>,
}

#[derive(Deserialize)]
struct NotePart {
    path: String,
    source: Option<String>,
    properties: Option<GivenProperties>,
    body: String,
}

/// A list of thoughts under one of the names that it has in the wild.
#[derive(Deserialize)]
struct History {
    #[serde(alias = "thoughtHistory", alias = "thought_history", alias = "history")]
    thoughts: Vec<Entry>,
}

/// A thought as the reference server keeps it; other programs write the names with underscores.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    thought: String,
    #[serde(alias = "thought_number")]
    thought_number: u64,
    #[serde(alias = "total_thoughts", default)]
    total_thoughts: u64,
    #[serde(alias = "next_thought_needed", default = "expected")]
    next_thought_needed: bool,
    #[serde(alias = "revises_thought")]
    revises_thought: Option<u64>,
    #[serde(alias = "branch_from_thought")]
    branch_from_thought: Option<u64>,
    #[serde(alias = "branch_id")]
    branch_id: Option<String>,
}

fn expected() -> bool {
    true
}

/// The sessions in a file.
///
/// # Errors
/// Says what is wrong with it, and where.
pub fn read(bytes: &[u8]) -> Result<Vec<ForeignSession>, ImportFileError> {
    let text = str::from_utf8(bytes).map_err(ImportFileError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let thoughts = |source| ImportFileError::Json { what: "thoughts", source };
    if text.is_empty() {
        return Err(ImportFileError::Empty);
    }
    if text.starts_with('[') {
        let is_exported = |kind: &Kind| kind.format.as_deref() == Some(SESSION_FORMAT);
        return match serde_json::from_str(text) {
            Ok(entries) => history(entries),
            Err(_) if serde_json::from_str(text).is_ok_and(|kinds: Vec<Kind>| kinds.iter().any(is_exported)) => {
                Err(ImportFileError::Several)
            }
            Err(source) => Err(thoughts(source)),
        };
    }
    if !text.starts_with('{') {
        let value: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
        return Err(
            value.map_or_else(|source| ImportFileError::Json { what: "JSON", source }, |_| ImportFileError::Unknown)
        );
    }
    // The first of several values in a row says what they are.
    let first = serde_json::Deserializer::from_str(text).into_iter::<Kind>().next().transpose();
    match first.map_err(|source| ImportFileError::Json { what: "JSON", source })? {
        Some(Kind { format: Some(format), schema_version }) if format == SESSION_FORMAT => {
            match schema_version.unwrap_or(SCHEMA_VERSION) {
                newer if newer > SCHEMA_VERSION => Err(ImportFileError::Newer(newer)),
                _ => document(text),
            }
        }
        Some(_) => match serde_json::from_str::<History>(text) {
            Ok(History { thoughts }) => history(thoughts),
            Err(_) if !text.contains("\"thought\"") => Err(ImportFileError::Unknown),
            Err(_) => {
                let lines = serde_json::Deserializer::from_str(text).into_iter::<Entry>();
                history(lines.collect::<Result<_, _>>().map_err(thoughts)?)
            }
        },
        None => Err(ImportFileError::Unknown),
    }
}

fn history(entries: Vec<Entry>) -> Result<Vec<ForeignSession>, ImportFileError> {
    let mut thoughts = Vec::with_capacity(entries.len());
    for (at, entry) in entries.into_iter().enumerate() {
        thoughts.push(thought(entry).map_err(|problem| ImportFileError::Thought { index: at + 1, problem })?);
    }
    Ok(vec![ForeignSession::Thoughts(thoughts)])
}

fn thought(entry: Entry) -> Result<ForeignThought, ThoughtProblem> {
    let number = |name, number: u64| {
        let small = u32::try_from(number).ok().and_then(ThoughtNumber::new);
        small.ok_or(ThoughtProblem::Number { name, number })
    };
    let line = entry.branch_id.as_deref().filter(|name| !name.trim().is_empty());
    let line = line.map_or(Ok(Line::Main), str::parse)?;
    // The server takes a thought for one of a branch only when it says both.
    let branch_from = entry.branch_from_thought.filter(|_| line != Line::Main);
    Ok(ForeignThought {
        text: entry.thought,
        number: number("thoughtNumber", entry.thought_number)?,
        total: u32::try_from(entry.total_thoughts).unwrap_or(ThoughtNumber::MAX).min(ThoughtNumber::MAX),
        next_needed: entry.next_thought_needed,
        branch_from: branch_from.map(|from| number("branchFromThought", from)).transpose()?,
        revises: entry.revises_thought.map(|revised| number("revisesThought", revised)).transpose()?,
        line,
    })
}

fn document(text: &str) -> Result<Vec<ForeignSession>, ImportFileError> {
    let Document { session, thoughts } =
        serde_json::from_str(text).map_err(|source| ImportFileError::Json { what: "an exported session", source })?;
    let id: NoteId = session.id.parse().map_err(ImportFileError::SessionId)?;
    let own = session.note.map(|part| note(part, 0, &id)).transpose()?;
    if let Some(own) = &own
        && Note::parse(&own.text).id().as_ref() != Some(&id)
    {
        return Err(ImportFileError::Note { path: own.path.clone(), problem: NoteProblem::NotTheSession });
    }
    let mut notes = Vec::with_capacity(thoughts.len());
    for (at, part) in thoughts.into_iter().enumerate() {
        // Without its note, only the title of a thought was known when it was exported.
        if let Some(part) = part.note {
            notes.push(note(part, at + 1, &id)?);
        }
    }
    Ok(vec![ForeignSession::Notes(ForeignNotes { session: id, own, thoughts: notes })])
}

fn note(part: NotePart, index: usize, session: &NoteId) -> Result<ForeignNote, ImportFileError> {
    let path: VaultPath = part.path.parse().map_err(|source| ImportFileError::Path { index, source })?;
    let problem = |problem| ImportFileError::Note { path: path.clone(), problem };
    let source = match (part.source, part.properties) {
        (Some(source), _) => source,
        (None, Some(properties)) => rendered(properties).map_err(problem)?,
        (None, None) => return Err(problem(NoteProblem::Nothing)),
    };
    let text = format!("{source}{}", part.body);
    let parsed = Note::parse(&text);
    if parsed.body_offset() != source.len() {
        return Err(problem(NoteProblem::Source));
    }
    if let Some(id) = parsed.properties.text("id") {
        id.parse::<NoteId>().map_err(|error| problem(error.into()))?;
    }
    match parsed.properties.text("session_note_id") {
        Some(other) if index > 0 && other != session.as_str() => {
            Err(problem(NoteProblem::OtherSession(other.to_owned())))
        }
        _ => Ok(ForeignNote { path, text }),
    }
}

/// The frontmatter that says these properties.
fn rendered(properties: GivenProperties) -> Result<String, NoteProblem> {
    let mut entries = Vec::with_capacity(properties.0.len());
    for (key, value) in &properties.0 {
        let nested = || NoteProblem::Nested(key.clone());
        let written = match value {
            Given::Null => Written::Empty,
            Given::Plain(plain) => Written::Plain(plain.clone()),
            Given::Text(text) => Written::Text(text.clone()),
            Given::List(items) => {
                Written::List(items.iter().map(|item| item.scalar().ok_or_else(nested)).collect::<Result<_, _>>()?)
            }
            Given::Map => return Err(nested()),
        };
        entries.push((key.as_str(), written));
    }
    Ok(render(&entries, Layout::Obsidian))
}

#[cfg(test)]
mod tests;
