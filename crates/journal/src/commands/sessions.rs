//! `journal sessions`: the sessions of the vault.

use journal_engine::{SessionFilter, Sessions};
use journal_model::Status;

use super::exit;
use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{counted, diagnostics, short, table::Table},
};

/// List the sessions, newest first
#[derive(Debug, clap::Args)]
pub struct SessionsCommand {
    /// Only with this status: active, paused, done or abandoned; more than once for several
    #[arg(long, value_name = "STATUS")]
    status: Vec<Status>,

    /// Only of this project
    #[arg(long, value_name = "NAME")]
    project: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl SessionsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no vault, or it cannot be walked.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Reading)?;
        let filter = SessionFilter { statuses: self.status.clone(), project: self.project.clone() };
        let sessions = place.engine.sessions(&filter)?;
        if self.json {
            world.output.json(&versioned(json::SessionList::from(&sessions)))?;
        } else if sessions.sessions.is_empty() {
            let of = if self.status.is_empty() && self.project.is_none() { "" } else { " like that" };
            world.output.note(format!("No sessions{of} in {}.", counted(sessions.notes, "note")));
        } else {
            world.output.answer(&table(&sessions, world).text(world.output.width()))?;
        }
        for skipped in sessions.skipped.iter().filter(|skipped| skipped.reason.is_failure()) {
            world.output.warn(format!("`{}`: {}", skipped.path, skipped.reason));
        }
        Ok(exit(diagnostics::is_unread(&sessions.skipped)))
    }
}

fn table(sessions: &Sessions, world: &World) -> Table {
    let mut table = Table::new(vec!["id", "status", "thoughts", "branches", "last thought", "project", "title"]);
    for session in &sessions.sessions {
        table.row(vec![
            short(&session.id),
            session.status.to_string(),
            session.thoughts.to_string(),
            if session.branches == 0 { String::new() } else { session.branches.to_string() },
            session.updated.as_ref().map(|updated| world.clock.noted_distance(updated)).unwrap_or_default(),
            session.project.clone().unwrap_or_default(),
            session.title.clone(),
        ]);
    }
    table
}
