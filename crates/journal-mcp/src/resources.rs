//! Resources: sessions and notes by their ids, `journal://session/{id}` and `journal://note/{id}`, and what happened among agents. A
//! path is never one.

use std::fmt::Write as _;

use journal_engine::{Hydrate, Hydrated, ResolveError, SessionFilter, SessionRefError, ThoughtText};
use journal_model::{NoteId, NoteRef, RefKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::{
    ErrorData,
    model::{ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};

use crate::{
    budget, cursor,
    events::{self, EVENTS, EVENTS_SINCE},
    refusal::{Refusal, told},
    serving::Serving,
};

const SESSION: &str = "journal://session/";
const NOTE: &str = "journal://note/";
const MARKDOWN: &str = "text/markdown";
const JSON: &str = "application/json";

/// What of an id is written as it is.
const ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How many sessions a page of the list has.
const PAGE: usize = 50;

/// The templates.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let template = |uri: &str, name: &str, title: &str, about: &str| {
        ResourceTemplate::new(uri, name).with_title(title).with_description(about).with_mime_type(MARKDOWN)
    };
    vec![
        template(
            "journal://session/{id}",
            "session",
            "Thinking session",
            "A thinking session with its thoughts, as one text; `id` is that of its note",
        ),
        template("journal://note/{id}", "note", "Note", "A note of the vault as it stands there; `id` is its own"),
        ResourceTemplate::new(EVENTS_SINCE, "events")
            .with_title("Events since")
            .with_description("What happened among the agents behind the event with this number")
            .with_mime_type(JSON),
    ]
}

/// A link by which a session is read on.
pub(crate) fn session_link(id: &NoteId, title: &str) -> Resource {
    Resource::new(uri(SESSION, id), title).with_mime_type(MARKDOWN)
}

/// A link by which a note is read on.
pub(crate) fn note_link(id: &NoteId, title: &str) -> Resource {
    Resource::new(uri(NOTE, id), title).with_mime_type(MARKDOWN)
}

fn uri(kind: &str, id: &NoteId) -> String {
    format!("{kind}{}", utf8_percent_encode(id.as_str(), ID))
}

/// The resource that is there whatever the vault holds.
fn events_link() -> Resource {
    Resource::new(EVENTS, "events")
        .with_title("Events")
        .with_description("The newest of what happened among the agents: who came, locks, claims, notes written")
        .with_mime_type(JSON)
}

/// What happened among the agents, and a page of the sessions, newest first.
///
/// # Errors
/// When the vault cannot be walked, or the cursor is none.
pub(crate) async fn list(serving: &Serving, from: Option<String>) -> Result<ListResourcesResult, ErrorData> {
    let wrong = |refusal: Refusal| ErrorData::invalid_params(refusal.message, None);
    let after = from.map(|cursor| cursor::read::<1>('r', &cursor)).transpose().map_err(wrong)?;
    let first = after.is_none().then(events_link);
    let listed = serving.blocking(|engine| engine.sessions(&SessionFilter::default())).await;
    let sessions = match listed {
        Ok(Ok(sessions)) => sessions.sessions,
        Ok(Err(trouble)) => return Err(internal(serving, &told(&trouble))),
        Err(refusal) => return Err(internal(serving, &refusal.message)),
    };
    let begin =
        after.and_then(|[id]| sessions.iter().position(|session| session.id.as_str() == id)).map_or(0, |at| at + 1);
    let rest = sessions.get(begin..).unwrap_or_default();
    let page = rest.iter().take(PAGE);
    let page = page.map(|session| {
        let about = format!("{}, {} thoughts", session.status, session.thoughts);
        session_link(&session.id, &budget::cut_to_bytes(&session.title, 120)).with_description(about)
    });
    let mut result = ListResourcesResult::with_all_items(first.into_iter().chain(page).collect());
    if rest.len() > PAGE {
        result.next_cursor = rest.get(PAGE - 1).map(|last| cursor::write('r', &[last.id.as_str()]));
    }
    Ok(result)
}

/// Reads a resource.
///
/// # Errors
/// When nothing has that URI, or it cannot be read.
pub(crate) async fn read(serving: &Serving, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    if let Some(query) = events::asked(uri) {
        let text = events::text(serving, query).await.map_err(|why| internal(serving, &why))?;
        return Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(JSON)]));
    }
    let text = if let Some(id) = uri.strip_prefix(SESSION) {
        let reference = reference(id).ok_or_else(|| not_found(uri))?;
        session(serving, reference, uri).await?
    } else if let Some(id) = uri.strip_prefix(NOTE) {
        let reference = reference(id).ok_or_else(|| not_found(uri))?;
        match serving.blocking(move |engine| engine.show(&reference)).await {
            Ok(Ok(note)) => note.text,
            Ok(Err(ResolveError::NotFound { .. } | ResolveError::Ambiguous { .. })) => return Err(not_found(uri)),
            Ok(Err(error)) => return Err(internal(serving, &told(&error))),
            Err(refusal) => return Err(internal(serving, &refusal.message)),
        }
    } else {
        return Err(not_found(uri));
    };
    let part = journal_model::cut_to_tokens(&text, budget::MOST_ASKED);
    let text = if part.len() < text.len() {
        format!("{part}\n\n… cut here; the tools `read_note` and `sequentialthinking_hydrate` read on")
    } else {
        text
    };
    Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(MARKDOWN)]))
}

/// A session as one text, by what a person typed.
///
/// # Errors
/// As [`read`].
pub(crate) async fn session_text(serving: &Serving, typed: &str) -> Result<String, ErrorData> {
    let reference = NoteRef::parse(typed).map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
    session(serving, reference, typed).await
}

async fn session(serving: &Serving, reference: NoteRef, named: &str) -> Result<String, ErrorData> {
    let request = Hydrate {
        reference,
        line: None,
        include_superseded: false,
        max_tokens: Some(serving.options().max_tokens.min(budget::MOST_ASKED)),
        max_thoughts: None,
    };
    match serving.blocking(move |engine| engine.hydrate(&request)).await {
        Ok(Ok(session)) => Ok(markdown(&session)),
        Ok(Err(
            SessionRefError::Resolve(ResolveError::NotFound { .. } | ResolveError::Ambiguous { .. })
            | SessionRefError::NotASession(_)
            | SessionRefError::NoId(_)
            | SessionRefError::NoSuchBranch { .. },
        )) => Err(not_found(named)),
        Ok(Err(error)) => Err(internal(serving, &told(&error))),
        Err(refusal) => Err(internal(serving, &refusal.message)),
    }
}

/// The ref that the rest of a URI says; `None` for what is not an id.
fn reference(id: &str) -> Option<NoteRef> {
    let id = percent_decode_str(id).decode_utf8().ok()?;
    let id: NoteId = id.parse().ok()?;
    let reference = NoteRef::parse(id.as_str()).ok()?;
    matches!(reference.kind(), RefKind::Word(word) if word == id.as_str()).then_some(reference)
}

/// A session as one text.
fn markdown(session: &Hydrated) -> String {
    let mut text = format!("# {}\n\n{} · {} thoughts", session.title, session.status, session.total);
    let next = session.next_number.map(|next| format!(" · next is {next}")).unwrap_or_default();
    let mut write = |part: String| text.write_str(&part).expect("writing to a string cannot fail");
    write(format!("{next} · session_note_id {}\n", session.id));
    if let Some(summary) = &session.summary {
        write(format!("\n**Summary:** {summary}\n"));
    }
    if let Some(body) = &session.body {
        write(format!("\n{body}\n"));
    }
    if session.omitted > 0 {
        write(format!("\n{} earlier thoughts are left out.\n", session.omitted));
    }
    for hydrated in &session.thoughts {
        let thought = &hydrated.thought;
        let number = thought.number.map(|number| number.to_string()).unwrap_or_default();
        let line = thought.line.branch().map(|name| format!(" on {name}")).unwrap_or_default();
        let revises = thought.revises.map(|number| format!(", revises {number}")).unwrap_or_default();
        let superseded = hydrated.superseded_by.map(|number| format!(", revised by {number}")).unwrap_or_default();
        write(format!("\n## {number}{line}{revises}{superseded}\n\n"));
        match &hydrated.text {
            ThoughtText::Whole(text) => write(format!("{}\n", text.trim())),
            ThoughtText::Cut(text) => write(format!("{} …\n", text.trim())),
            ThoughtText::Title => write(format!("{} …\n", thought.title)),
        }
    }
    text
}

fn not_found(uri: &str) -> ErrorData {
    let uri = budget::cut_to_bytes(uri, 200);
    ErrorData::resource_not_found(format!("there is nothing at `{uri}`"), Some(serde_json::json!({ "uri": uri })))
}

fn internal(serving: &Serving, message: &str) -> ErrorData {
    ErrorData::internal_error(serving.scrub().text(message), None)
}
