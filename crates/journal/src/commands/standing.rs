//! `journal` alone: where things stand, and what to type next. `journal status`: the same, and how busy the vault is.

use journal_engine::{Load, LockHolder, SessionFilter, SessionSummary, Trouble};

use super::{exit, model, schedule::told_run};
use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::{self, Exit},
    text::{Text, bytes, counted, diagnostics, listed, one_line, short},
};

/// The most open sessions and skipped files that are named.
const NAMED: usize = 5;

/// Say where things stand, and how busy the vault is
///
/// What `journal` alone says, and who watches, writes, indexes and embeds at this moment, how the last run of a schedule went, what agents hold of what they may, and how large the
/// databases and models are. How many writes wait can be known of this process only: a server tells it by its tool `status`.
#[derive(Debug, clap::Args)]
pub struct StatusCommand {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl StatusCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// As [`run`].
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        tell(self.json, true, world)
    }
}

/// Says where things stand.
///
/// # Errors
/// When there is no vault, or it cannot be walked.
pub fn run(json: bool, world: &World) -> Result<Exit, Failure> {
    tell(json, false, world)
}

fn tell(json: bool, with_load: bool, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Reading)?;
    let sessions = place.engine.sessions(&SessionFilter::default())?;
    let open: Vec<&SessionSummary> = sessions.sessions.iter().filter(|session| session.status.is_open()).collect();
    let engine = &place.engine;
    let index = engine.index_standing();
    let index = index.and_then(|index| index.map(|index| Ok((index, engine.model_standing()?))).transpose());
    let trouble = model::embedding_trouble(engine)?;
    let load = with_load.then(|| engine.load());
    if json {
        world.output.json(&versioned(json::Standing::new(
            &place,
            &index,
            trouble,
            load.as_ref(),
            open.len(),
            &sessions,
        )))?;
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
    if let Ok(Some((_, standing))) = &index
        && let Some(own) = &standing.own
    {
        let (chosen, instead) = (standing.chosen.to_string(), standing.asked_instead());
        text.field("meaning", model::in_a_line(own, &chosen, instead, standing.paused, trouble.as_deref()));
    }
    if let Some(load) = &load {
        told_of_load(load, &mut text, world);
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

fn told_of_load(load: &Result<Load, Trouble>, text: &mut Text, world: &World) {
    let load = match load {
        Ok(load) => load,
        Err(trouble) => {
            text.field("load", format!("not known: {}", rim::message(trouble)));
            return;
        }
    };
    let by = |what: &str, holder: &Option<LockHolder>| {
        let who = holder.as_ref()?.name.as_deref().map_or_else(|| "another process".to_owned(), one_line);
        Some(format!("{who} {what}"))
    };
    let works = [
        by("watches", &load.watching),
        by("writes", &load.writing),
        by("indexes", &load.indexing),
        by("embeds", &load.embedding),
    ];
    let mut works: Vec<_> = works.into_iter().flatten().collect();
    works.extend(load.embedding_paused.then(|| "embedding is paused (journal model resume)".to_owned()));
    text.field(
        "load",
        if works.is_empty() { "nobody watches, writes, indexes or embeds".to_owned() } else { listed(&works) },
    );
    if let Some(run) = &load.last_run {
        text.field("last run", told_run(run, world));
    }
    let bounds = load.bounds;
    text.field(
        "agents",
        format!(
            "{} here, at most {} of {} in one project",
            load.agents, load.agents_of_one_project, bounds.agents_per_project
        ),
    );
    text.field(
        "held",
        format!(
            "{}, {} and {}; at most {} of {} by one agent",
            counted(load.locks, "lock"),
            counted(load.claims, "claim"),
            counted(load.lines, "line"),
            load.leases_of_one_agent,
            bounds.leases_per_agent
        ),
    );
    let size = |name: &str, (database, log): (u64, u64)| format!("{name} {} (log {})", bytes(database), bytes(log));
    text.field(
        "disk",
        format!(
            "{}, {}, models {}",
            size("index", load.index_bytes),
            size("state", load.state_bytes),
            bytes(load.model_bytes)
        ),
    );
}
