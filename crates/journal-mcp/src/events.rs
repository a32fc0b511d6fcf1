//! What happened among the agents, as a resource: `journal://events`, and `journal://events?since=N` for what is behind a number.
//!
//! Reading it moves no cursor: whoever reads on does so by the number of the last event.

use journal_engine::{Event, EventQuery};
use serde::Serialize;

use crate::{budget, scrub::Scrub, serving::Serving, wire::instant};

/// The newest events.
pub(crate) const EVENTS: &str = "journal://events";

/// Those behind a number, as a template.
pub(crate) const EVENTS_SINCE: &str = "journal://events{?since}";

const SINCE: &str = "journal://events?since=";

/// The most that are told at once.
const MOST: usize = 50;

#[derive(Debug, Serialize)]
struct Answer {
    events: Vec<Object>,
    /// Whether there are more behind the last.
    more: bool,
    /// What to read for those behind the last.
    next: String,
}

#[derive(Debug, Serialize)]
struct Object {
    seq: u64,
    at: String,
    kind: &'static str,
    agent: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What a URI asks for; `None` for one that asks for something else.
pub(crate) fn asked(uri: &str) -> Option<EventQuery> {
    if uri == EVENTS {
        return Some(EventQuery::Last { limit: MOST });
    }
    let seq = uri.strip_prefix(SINCE)?.parse().ok()?;
    Some(EventQuery::Since { seq, limit: MOST + 1 })
}

/// The events as one JSON object.
///
/// # Errors
/// When it cannot be known what happened; in words.
pub(crate) async fn text(serving: &Serving, query: EventQuery) -> Result<String, String> {
    let since = match query {
        EventQuery::Since { seq, .. } => seq,
        EventQuery::Last { .. } | EventQuery::Unread { .. } => 0,
    };
    let events = match serving.blocking(move |engine| engine.events(&query)).await {
        Ok(Ok(events)) => events,
        Ok(Err(trouble)) => return Err(crate::refusal::told(&trouble)),
        Err(refusal) => return Err(refusal.message),
    };
    let told = &events[..events.len().min(MOST)];
    let last = told.last().map_or(since, |event| event.seq);
    let answer = Answer {
        events: told.iter().map(|event| object(event, serving.scrub())).collect(),
        more: told.len() < events.len(),
        next: format!("{SINCE}{last}"),
    };
    serde_json::to_string(&answer).map_err(|error| format!("the events cannot be written down: {error}"))
}

fn object(event: &Event, scrub: &Scrub) -> Object {
    let short = |text: &String| budget::cut_to_bytes(&scrub.text(text), 160);
    Object {
        seq: event.seq,
        at: instant(event.at),
        kind: event.kind.as_str(),
        agent: event.agent.to_string(),
        name: event.name.clone(),
        project: event.project.as_ref().map(short),
        subject: event.subject.as_ref().map(short),
        detail: event.detail.as_ref().map(short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_uri_asks_for() {
        assert_eq!(asked("journal://events"), Some(EventQuery::Last { limit: MOST }));
        assert_eq!(asked("journal://events?since=7"), Some(EventQuery::Since { seq: 7, limit: MOST + 1 }));
        for none in
            ["journal://events?since=", "journal://events?since=-1", "journal://events/7", "journal://note/events"]
        {
            assert_eq!(asked(none), None, "{none}");
        }
    }
}
