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

/// How often it is looked whether the server that is told of has ended.
const SOON: Duration = Duration::from_secs(2);

/// Who asks whether a server runs may hold its lock for a moment.
const ASKING: Duration = Duration::from_millis(500);

/// Writes down how the server stands, at its beginning, and then now and then.
pub struct Teller {
    serving: Serving,
    /// Whether it is this server that is told of.
    has_right: bool,
    address: String,
    since: u64,
    traffic: Arc<Traffic>,
    output: Output,
}

impl Teller {
    /// Tells that it serves from now on.
    pub fn begin(serving: Serving, address: String, traffic: Arc<Traffic>, output: Output) -> Self {
        let since = SystemSource.now().unix_ms;
        let mut teller = Self { serving, has_right: false, address, since, traffic, output };
        match teller.take_right(ASKING) {
            Err(trouble) => output.warn(rim::message(&trouble)),
            Ok(true) => {}
            Ok(false) => output.note(
                "Another server of this vault runs; `journal serve --status` tells of this one when that has ended.",
            ),
        }
        teller.tell();
        teller
    }

    /// Tells it now and then, for ever.
    pub async fn go_on(&mut self) -> io::Result<()> {
        let mut told = self.traffic.counts();
        loop {
            tokio::time::sleep(if self.has_right { OFTEN } else { SOON }).await;
            let counts = self.traffic.counts();
            // What keeps it from the right was told at the beginning.
            let is_new = !self.has_right && self.take_right(Duration::ZERO).unwrap_or_default();
            if is_new || counts != told {
                self.tell();
                told = counts;
            }
        }
    }

    fn take_right(&mut self, wait: Duration) -> Result<bool, Trouble> {
        self.has_right = self.serving.take_right(wait)?;
        Ok(self.has_right)
    }

    /// Tells how it stands.
    pub fn tell(&self) {
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
        if let Err(trouble) = self.serving.tell(&standing) {
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
            text.field("served", format!("{}, as of {}", served(standing), world.clock.instant(standing.at)));
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
