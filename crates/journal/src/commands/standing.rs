//! `journal` alone: where things stand, and what to type next.

use journal_engine::{SessionFilter, SessionSummary};

use super::exit;
use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::{self, Exit},
    text::{Text, counted, diagnostics, one_line, short},
};

/// The most open sessions and skipped files that are named.
const NAMED: usize = 5;

/// Says where things stand.
///
/// # Errors
/// When there is no vault, or it cannot be walked.
pub fn run(json: bool, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Reading)?;
    let sessions = place.engine.sessions(&SessionFilter::default())?;
    let open: Vec<&SessionSummary> = sessions.sessions.iter().filter(|session| session.status.is_open()).collect();
    let engine = &place.engine;
    let index = engine.index_standing().and_then(|index| Ok(index.zip(engine.embedded()?)));
    if json {
        world.output.json(&versioned(json::Standing::new(&place, &index, open.len(), &sessions)))?;
        return Ok(exit(diagnostics::is_unread(&sessions.skipped)));
    }
    let mut text = Text::new();
    text.field("vault", format!("{} ({})", place.engine.vault().root().display(), counted(sessions.notes, "note")));
    text.field(
        "index",
        match &index {
            // Exact only after a walk that looks at every file; `journal doctor` makes one.
            Ok(Some((index, _))) => format!("{} of {}", index.notes, counted(sessions.notes, "note")),
            Ok(None) => "none yet; the first `journal search` builds it".to_owned(),
            Err(trouble) => format!("{}; journal doctor --fix", rim::message(trouble)),
        },
    );
    if let Ok(Some((_, embedded))) = index {
        let missing = if embedded.with_vector < embedded.texts { "; the rest: journal reindex" } else { "" };
        text.field("meaning", format!("{} of {} texts{missing}", embedded.with_vector, embedded.texts));
    }
    text.field("sessions", format!("{} open of {}", open.len(), sessions.sessions.len()));
    for session in open.iter().take(NAMED) {
        let updated = session.updated.as_ref().map(|updated| format!(" · {}", world.clock.noted_distance(updated)));
        let thoughts = counted(session.thoughts, "thought");
        let updated = updated.unwrap_or_default();
        text.field(
            "",
            format!("{} {} · {} · {thoughts}{updated}", short(&session.id), one_line(&session.title), session.status),
        );
    }
    if open.len() > NAMED {
        text.field("", format!("and {} more: journal sessions", open.len() - NAMED));
    }
    for skipped in sessions.skipped.iter().take(NAMED) {
        text.field("skipped", format!("{}: {}", skipped.path, skipped.reason));
    }
    if sessions.skipped.len() > NAMED {
        text.field("", format!("and {} more: journal --json", sessions.skipped.len() - NAMED));
    }
    let wrong: usize = sessions.sessions.iter().map(|session| session.diagnostics.len()).sum();
    if wrong > 0 {
        text.field(
            "notes",
            format!("{} not in order; `journal hydrate` of a session tells which", counted(wrong, "thing")),
        );
    }
    text.field(
        "next",
        match open.first() {
            Some(session) => format!("journal hydrate {}", short(&session.id)),
            None => "journal think \"…\"".to_owned(),
        },
    );
    world.output.answer(&text)?;
    Ok(exit(diagnostics::is_unread(&sessions.skipped)))
}
