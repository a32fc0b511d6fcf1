//! What `journal watch --json` prints: an object for each thing that happens.

use journal_engine::{LeaderNews, Watches};
use serde::Serialize;

use crate::text::time::rfc3339;

/// Something that happened while the notes are watched.
#[derive(Debug, Serialize)]
pub struct Watched {
    at: String,
    /// `waits`, `leads`, `watches`, `polls`, `away`, `compared`, `followed`, `failed`, `recovered`, `embedding-failed` or
    /// `embedding-recovered`.
    what: &'static str,
    /// Who watches instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// Notes that are indexed now as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<Compared>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Debug, Serialize)]
struct Compared {
    seen: usize,
    added: usize,
    changed: usize,
    moved: usize,
    deleted: usize,
}

impl Watched {
    /// What happened at this moment, in Unix milliseconds.
    pub fn new(news: &LeaderNews, at: u64) -> Self {
        let told = |what| Self {
            at: rfc3339(at),
            what,
            holder: None,
            changed: None,
            compared: None,
            message: None,
            hint: None,
        };
        let why = |what, message: &String, hint: &String| Self {
            message: Some(message.clone()),
            hint: Some(hint.clone()),
            ..told(what)
        };
        match news {
            LeaderNews::Waits { holder } => Self { holder: holder.clone(), ..told("waits") },
            LeaderNews::Leads => told("leads"),
            LeaderNews::Watches(Watches::Events) => told("watches"),
            LeaderNews::Watches(Watches::Polling { why: message, hint }) => why("polls", message, hint),
            LeaderNews::Watches(Watches::Away { why: message, hint }) => why("away", message, hint),
            LeaderNews::Compared(report) => {
                let compared = Compared {
                    seen: report.seen,
                    added: report.added,
                    changed: report.changed,
                    moved: report.moved.len(),
                    deleted: report.deleted,
                };
                Self { compared: Some(compared), ..told("compared") }
            }
            LeaderNews::Followed { changed } => Self { changed: Some(*changed), ..told("followed") },
            LeaderNews::Failed(trouble) => why("failed", &trouble.message, &trouble.hint),
            LeaderNews::Recovered => told("recovered"),
            LeaderNews::Embedding(Some(why)) => Self { message: Some(why.clone()), ..told("embedding-failed") },
            LeaderNews::Embedding(None) => told("embedding-recovered"),
        }
    }
}
