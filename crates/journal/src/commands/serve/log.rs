//! What a server has to tell, in a file of bounded size: when it began and ended, who watches, and what went wrong.

use std::{path::PathBuf, sync::Arc};

use journal_engine::{Lead, LeaderNews, LogFile, Source as _};

use crate::{
    commands::watch::told, failure::ServeError, output::Output, place::Place, source::SystemSource, text::time::rfc3339,
};

/// The file, in the vault's state directory.
const NAME: &str = "serve.log";

/// The longest file, in bytes.
const MOST: u64 = 5_000_000;

/// Files beside the one that is written.
const KEPT: usize = 2;

/// A log, or silence.
#[derive(Clone)]
pub struct Log {
    file: Option<Arc<LogFile>>,
    output: Output,
}

impl Log {
    /// Opens nothing yet. `asked` is what was typed: no log, the usual one, or a file.
    ///
    /// # Errors
    /// When the usual one has no place.
    pub fn new(asked: Option<Option<PathBuf>>, place: &Place, output: Output) -> Result<Self, ServeError> {
        let usual = || place.engine.state_path().map(|state| state.join(NAME)).ok_or(ServeError::NoLogPlace);
        let path = asked.map(|named| named.map_or_else(usual, Ok)).transpose()?;
        Ok(Self { file: path.map(|path| Arc::new(LogFile::new(path, MOST, KEPT))), output })
    }

    /// Adds a line. One that cannot be written is a warning.
    pub fn line(&self, text: &str) {
        let Some(file) = &self.file else { return };
        let (now, pid) = (rfc3339(SystemSource.now().unix_ms), std::process::id());
        if let Err(error) = file.line(&format!("{now} {pid} {text}")) {
            self.output.warn(format!("cannot write to the log `{}`: {error}", file.path().display()));
        }
    }

    /// How to lead, and tell it here.
    pub fn lead(&self) -> Lead {
        let log = self.clone();
        let tell = move |news: &LeaderNews| {
            // Every note that somebody saves would be a line.
            if matches!(news, LeaderNews::Followed { .. }) {
                return;
            }
            let (what, hint) = told(news);
            log.line(&hint.map_or_else(|| what.clone(), |hint| format!("{what} ({hint})")));
        };
        Lead { tell: Box::new(tell), ..Lead::default() }
    }
}
