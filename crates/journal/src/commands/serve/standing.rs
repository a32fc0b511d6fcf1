//! How the server of a vault stands: told while it serves, and asked by `journal serve --status`.

use std::{io, sync::Arc, time::Duration};

use journal_engine::{Process, ServerStanding, Serving, Source as _, Trouble};
use journal_mcp::http::Traffic;

use crate::{
    failure::Failure,
    json::{self, versioned},
    output::Output,
    place::{Need, World},
    rim::{self, Exit},
    source::SystemSource,
    text::{Text, counted, time::span},
};

/// How often it is written down how much was served, if anything was.
const OFTEN: Duration = Duration::from_secs(10);

/// Writes down how the server stands, at its beginning, and then now and then.
pub struct Teller {
    /// `None` where another server of the vault does so.
    serving: Option<Serving>,
    address: String,
    since: u64,
    traffic: Arc<Traffic>,
    output: Output,
}

impl Teller {
    /// Tells that it serves from now on.
    pub fn begin(serving: Option<Serving>, address: String, traffic: Arc<Traffic>, output: Output) -> Self {
        let teller = Self { serving, address, since: SystemSource.now().unix_ms, traffic, output };
        if teller.serving.is_none() {
            output.note("Another server of this vault runs, so `journal serve --status` does not tell of this one.");
        }
        teller.tell();
        teller
    }

    /// Tells it now and then, for ever.
    pub async fn go_on(&self) -> io::Result<()> {
        let mut told = self.traffic.counts();
        loop {
            tokio::time::sleep(OFTEN).await;
            let counts = self.traffic.counts();
            if counts != told {
                self.tell();
                told = counts;
            }
        }
    }

    /// Tells how it stands.
    pub fn tell(&self) {
        let Some(serving) = &self.serving else { return };
        let (connections, calls) = self.traffic.counts();
        let standing = ServerStanding {
            process: Process::current(),
            address: self.address.clone(),
            since: self.since,
            connections,
            calls,
            at: SystemSource.now().unix_ms,
            is_running: true,
        };
        if let Err(trouble) = serving.tell(&standing) {
            self.output.warn(format!("{}; the server goes on", rim::message(&trouble)));
        }
    }
}

/// Says whether a server of the vault runs.
///
/// # Errors
/// When there is no vault, or it cannot be known.
pub fn status(json: bool, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Reading)?;
    let standing = place.engine.server()?;
    let exit = if standing.as_ref().is_some_and(|standing| standing.is_running) { Exit::Ok } else { Exit::NotFound };
    if json {
        world.output.json(&versioned(json::Server::new(standing.as_ref())))?;
        return Ok(exit);
    }
    let mut text = Text::new();
    match &standing {
        Some(standing) if standing.is_running => {
            text.field("server", &standing.address);
            let since = world.clock.instant(standing.since);
            text.field("since", format!("{since}, process {}", standing.process.pid));
            text.field("served", served(standing));
        }
        Some(standing) => {
            text.field("server", "none runs: journal serve");
            let last = world.clock.instant(standing.at);
            let length = span(standing.at.saturating_sub(standing.since));
            text.field("last", format!("{last}, after {length} at {}; {}", standing.address, served(standing)));
        }
        None => {
            text.field("server", "none runs, and none ever did: journal serve");
        }
    }
    world.output.answer(&text)?;
    Ok(exit)
}

fn served(standing: &ServerStanding) -> String {
    let count = |number: u64, thing| counted(usize::try_from(number).unwrap_or(usize::MAX), thing);
    format!("{} over {}", count(standing.calls, "call"), count(standing.connections, "connection"))
}

/// The right to tell of a server; trouble with it keeps nobody from serving.
pub fn right(serving: Result<Option<Serving>, Trouble>, output: Output) -> Option<Serving> {
    serving.unwrap_or_else(|trouble| {
        output.warn(rim::message(&trouble));
        None
    })
}
