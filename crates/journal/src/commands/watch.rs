//! `journal watch`: watch the notes and keep the index up to date, in the foreground.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use journal_engine::{Lead, LeaderNews, Moment, Rhythm, Source, Watches};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::{Failure, ServeError},
    json::{self, versioned},
    output::{Output, OutputError},
    place::{Need, World},
    rim::Exit,
    signals::asked_to_stop,
    source::SystemSource,
    text::{Text, counted},
};

/// Told below the options.
const EXAMPLES: &str = "Examples:
  journal watch --vault ~/Vault
  journal watch --json";

/// Watch the notes, and keep the index up to date with them
///
/// Whatever writes them, Obsidian, an editor, git or a file syncer: a moment later it is found. It also makes vectors of new texts,
/// by which notes are found by their meaning. `journal mcp` and `journal serve` do the same while they run; one process of a vault
/// watches, and another takes over when it ends. Ctrl-C stops it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct WatchCommand {
    /// Print a JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl WatchCommand {
    /// Runs the command, until a signal ends it or nobody reads what it says.
    ///
    /// # Errors
    /// When there is no vault.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Writing)?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Runtime)?;
        let unread = CancellationToken::new();
        let teller = Teller { output: world.output, json: self.json, unread: unread.clone(), failed: Arc::default() };
        let failed = Arc::clone(&teller.failed);
        runtime.block_on(async {
            // Before anything is said: who reads it may stop this at once.
            let asked = asked_to_stop().map_err(ServeError::Runtime)?;
            let rhythm = Rhythm { breath: Duration::ZERO, ..Rhythm::default() };
            place.engine.lead(Lead { rhythm, tell: Box::new(move |news| teller.tell(news)) });
            tokio::select! {
                asked = asked => asked.map_err(ServeError::Runtime),
                () = unread.cancelled() => Ok(()),
            }
        })?;
        // What it is at is ended here.
        drop(place);
        let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        failed.map_or(Ok(Exit::Ok), |error| Err(error.into()))
    }
}

/// Says what the leader does.
struct Teller {
    output: Output,
    json: bool,
    /// Set when nobody reads it any more.
    unread: CancellationToken,
    failed: Arc<Mutex<Option<OutputError>>>,
}

impl Teller {
    fn tell(&self, news: &LeaderNews) {
        let Moment { unix_ms, local } = SystemSource.now();
        let told = if self.json {
            self.output.json(&versioned(json::Watched::new(news, unix_ms)))
        } else {
            let mut text = Text::new();
            let (what, hint) = told(news);
            text.faint(format!("{}  ", local.replace('T', " "))).plain(what).end();
            if let Some(hint) = hint {
                text.faint(format!("  hint: {hint}")).end();
            }
            self.output.answer(&text)
        };
        if let Err(error) = told {
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            self.unread.cancel();
        }
    }
}

/// What happened, in words, and what can be done about it.
pub fn told(news: &LeaderNews) -> (String, Option<String>) {
    match news {
        LeaderNews::Waits { holder } => {
            let holder = holder.as_deref().unwrap_or("another process");
            (format!("{holder} watches this vault; this one takes over when that ends"), None)
        }
        LeaderNews::Leads => ("this process watches the vault from now on".to_owned(), None),
        LeaderNews::Watches(Watches::Events) => ("changes are told by the system".to_owned(), None),
        LeaderNews::Watches(Watches::Polling { why, hint }) => {
            (format!("the notes are compared every few seconds: {why}"), Some(hint.clone()))
        }
        LeaderNews::Watches(Watches::Away { why, hint }) => {
            (format!("nothing is watched or compared: {why}"), Some(hint.clone()))
        }
        LeaderNews::Compared(report) => {
            let counts = [
                (report.added, "added"),
                (report.changed, "changed"),
                (report.moved.len(), "moved"),
                (report.deleted, "deleted"),
            ];
            let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
            let counts = counts.collect::<Vec<_>>().join(", ");
            (format!("compared {}: {counts}", counted(report.seen, "note")), None)
        }
        LeaderNews::Followed { changed } => (format!("indexed {}", counted(*changed, "note")), None),
        LeaderNews::Failed(trouble) => (format!("trouble: {}", trouble.message), Some(trouble.hint.clone())),
        LeaderNews::Recovered => ("all is well again".to_owned(), None),
        LeaderNews::Embedding(Some(why)) => (
            format!("no vectors can be made, which is tried again: {why}"),
            Some("notes are found by their words all the same; the model: journal model".to_owned()),
        ),
        LeaderNews::Embedding(None) => ("vectors can be made again".to_owned(), None),
    }
}
