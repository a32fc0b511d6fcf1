//! `journal events`: what happened among the agents.

use std::time::Duration;

use journal_engine::{Event, EventQuery, poll};

use crate::{
    failure::Failure,
    json,
    place::{Need, Place, World},
    rim::Exit,
    text::{Text, events::told},
};

/// Tell what happened among the agents, in order
///
/// Without `--since`, what you have not been told yet; for somebody without an id that lasts, the last twenty. Events are kept for
/// 30 days, 10,000 at most.
#[derive(Debug, clap::Args)]
pub struct EventsCommand {
    /// Those behind this number; 0 for all that are kept
    #[arg(long, value_name = "N")]
    since: Option<u64>,

    /// The most to tell
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: usize,

    /// Go on telling until you stop it; with `--json`, an object a line
    #[arg(short, long)]
    follow: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How many are told to somebody of whom it is not known what was told.
const LAST: usize = 20;

/// How often it is looked for news.
const PACE: Duration = Duration::from_millis(250);

impl EventsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When it cannot be known what happened.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let identified = world.identified()?;
        let reads = self.since.is_some() || !identified.source.is_lasting();
        let place = world.open(if reads { Need::Reading } else { Need::Writing })?;
        let limit = self.limit;
        let query = match self.since {
            Some(seq) => EventQuery::Since { seq, limit },
            None if reads => EventQuery::Last { limit: LAST.min(limit) },
            None => {
                place.announce(&world.caller()?, world)?;
                EventQuery::Unread { agent: identified.id, limit }
            }
        };
        let mut last = self.tell(&query, &place, world)?;
        if self.follow {
            let more = || {
                let query = match &query {
                    EventQuery::Since { .. } | EventQuery::Last { .. } => EventQuery::Since { seq: last, limit },
                    EventQuery::Unread { .. } => query.clone(),
                };
                last = self.tell(&query, &place, world)?.max(last);
                Ok::<Option<()>, Failure>(None)
            };
            poll(PACE, Duration::MAX, more)?;
        }
        Ok(Exit::Ok)
    }

    /// Tells events, and gives the number of the last one.
    fn tell(&self, query: &EventQuery, place: &Place, world: &World) -> Result<u64, Failure> {
        let events = place.engine.events(query)?;
        world.tell_state_reports();
        if self.json {
            if !self.follow || !events.is_empty() {
                world.json_to_caller(json::Events::from(events.as_slice()))?;
            }
        } else if !events.is_empty() {
            world.output.answer(&text(&events, world))?;
        } else if !self.follow {
            world.output.note("Nothing new.");
        }
        Ok(events.last().map_or(0, |event| event.seq))
    }
}

fn text(events: &[Event], world: &World) -> Text {
    let mut text = Text::new();
    for event in events {
        text.faint(format!("{:>5}  {}  ", event.seq, world.clock.instant(event.at)));
        text.strong(event.name.clone()).plain(format!(" {}", told(event))).end();
    }
    text
}
