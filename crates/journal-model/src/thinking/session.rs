//! The session note, read.

use std::{fmt, str::FromStr};

use crate::{NoteId, Properties, VaultPath};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being thought about.
    Active,
    /// Set aside, to be taken up again.
    Paused,
    /// Concluded.
    Done,
    /// Given up.
    Abandoned,
}

/// A text that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status: those are active, paused, done and abandoned")]
pub struct UnknownStatus(String);

impl Status {
    /// The word in `status:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether thoughts are still expected.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        match text.trim().to_ascii_lowercase().as_str() {
            "active" => Ok(Self::Active),
            "paused" => Ok(Self::Paused),
            "done" => Ok(Self::Done),
            "abandoned" => Ok(Self::Abandoned),
            _ => Err(UnknownStatus(text.to_owned())),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A session note's properties, read tolerantly. What the thoughts know better is not here: see [`super::Gathered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `id`.
    pub id: NoteId,
    /// Where the note lies.
    pub path: VaultPath,
    /// `title`, or the file's name.
    pub title: String,
    /// `status`, where it is one of ours; the earlier tool writes others.
    pub status: Option<Status>,
    /// `project`.
    pub project: Option<String>,
    /// `agent`: who wrote last.
    pub agent: Option<String>,
    /// `created`, as text.
    pub created: Option<String>,
    /// `updated`, as text.
    pub updated: Option<String>,
    /// `see_also`, as the texts that stand there.
    pub see_also: Vec<String>,
    /// `branch_ids`, as the texts that stand there.
    pub branch_ids: Vec<String>,
    /// `summary`.
    pub summary: Option<String>,
    /// `type: thinking-session` stands there.
    pub declared: bool,
    /// No `type`, but the `branch_ids` with which the earlier tool begins every session.
    pub earlier: bool,
}

impl Session {
    /// `type` of a session note.
    pub const TYPE: &'static str = "thinking-session";

    /// Reads a note as a session; `id` has been read already.
    pub fn read(id: NoteId, path: VaultPath, properties: &Properties) -> Self {
        let text = |key| properties.text(key).map(str::to_owned);
        Self {
            id,
            title: text("title").unwrap_or_else(|| path.stem().to_owned()),
            path,
            status: properties.text("status").and_then(|status| status.parse().ok()),
            project: text("project"),
            agent: text("agent"),
            created: text("created"),
            updated: text("updated"),
            see_also: properties.texts("see_also").into_iter().map(str::to_owned).collect(),
            branch_ids: properties.texts("branch_ids").into_iter().map(str::to_owned).collect(),
            summary: text("summary"),
            declared: properties.text("type") == Some(Self::TYPE),
            earlier: properties.text("type").is_none() && properties.get("branch_ids").is_some(),
        }
    }
}
