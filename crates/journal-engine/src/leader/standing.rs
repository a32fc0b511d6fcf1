//! What a leader writes down of itself in the state directory, for whoever asks how the vault is watched.

use std::fmt::Write as _;

use journal_coord::{Liveness, Process, liveness};
use journal_model::VaultPath;

use crate::{Trouble, core::Core, facts::plain};

/// How the vault is watched, as the last leader wrote it down. Times are Unix milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaderStanding {
    /// The process that leads; `None` when none does any more.
    pub process: Option<Process>,
    /// Since when it does, or did.
    pub since: u64,
    /// How it learns what changes.
    pub watches: Watches,
    /// When all notes were last compared by their signatures.
    pub compared: Option<u64>,
    /// What last kept it from its work.
    pub trouble: Option<LeaderTrouble>,
    /// What keeps texts from getting their vectors.
    pub embedding: Option<String>,
    /// When the content of all notes was last compared to the end.
    pub read_whole: Option<u64>,
    /// How far the next such pass has come, if it is under way.
    pub reading: Option<VaultPath>,
}

/// How a leader learns what changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Watches {
    /// The system tells it.
    #[default]
    Events,
    /// It compares the notes every few seconds.
    Polling {
        /// Why.
        why: String,
        /// What a person can do about it.
        hint: String,
    },
    /// There is nothing to watch or compare for now; it waits for the vault to come back.
    Away {
        /// Why.
        why: String,
        /// What a person can do about it.
        hint: String,
    },
}

/// What kept a leader from its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaderTrouble {
    /// Since when.
    pub at: u64,
    /// Whether it is over.
    pub is_over: bool,
    /// What.
    pub message: String,
    /// What a person can do about it.
    pub hint: String,
}

impl LeaderStanding {
    /// One line a fact: its name, a tab, the fact.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: String| writeln!(text, "{key}\t{value}").expect("a string takes text");
        if let Some(process) = &self.process {
            line("process", process.to_string());
        }
        line("since", self.since.to_string());
        match &self.watches {
            Watches::Events => {}
            Watches::Polling { why, hint } => line("polling", format!("{}\t{}", plain(why), plain(hint))),
            Watches::Away { why, hint } => line("away", format!("{}\t{}", plain(why), plain(hint))),
        }
        if let Some(at) = self.compared {
            line("compared", at.to_string());
        }
        if let Some(LeaderTrouble { at, is_over, message, hint }) = &self.trouble {
            line("trouble", format!("{at}\t{is_over}\t{}\t{}", plain(message), plain(hint)));
        }
        if let Some(why) = &self.embedding {
            line("embedding", plain(why));
        }
        if let Some(at) = self.read_whole {
            line("read-whole", at.to_string());
        }
        if let Some(path) = &self.reading {
            line("reading", path.to_string());
        }
        text
    }

    /// What cannot be understood is left out: another version may have written it.
    pub(super) fn of_text(text: &str) -> Self {
        let mut standing = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('\t')) {
            match key {
                "process" => standing.process = value.parse().ok(),
                "since" => standing.since = value.parse().unwrap_or_default(),
                "polling" | "away" => {
                    let (why, hint) = value.split_once('\t').unwrap_or((value, ""));
                    let (why, hint) = (why.to_owned(), hint.to_owned());
                    standing.watches =
                        if key == "away" { Watches::Away { why, hint } } else { Watches::Polling { why, hint } };
                }
                "compared" => standing.compared = value.parse().ok(),
                "trouble" => standing.trouble = LeaderTrouble::of_text(value),
                "embedding" => standing.embedding = Some(value.to_owned()),
                "read-whole" => standing.read_whole = value.parse().ok(),
                "reading" => standing.reading = value.parse().ok(),
                _ => {}
            }
        }
        standing
    }
}

impl LeaderTrouble {
    fn of_text(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '\t');
        Some(Self {
            at: parts.next()?.parse().ok()?,
            is_over: parts.next()?.parse().ok()?,
            message: parts.next()?.to_owned(),
            hint: parts.next()?.to_owned(),
        })
    }
}

impl Core {
    /// See [`Engine::leader`](crate::Engine::leader).
    pub(crate) fn leader(&self) -> Result<Option<LeaderStanding>, Trouble> {
        let Some(state) = &self.state else { return Ok(None) };
        let Some(text) = state.leader()? else { return Ok(None) };
        let mut standing = LeaderStanding::of_text(&String::from_utf8_lossy(&text));
        // One that was killed could not write down that it ended.
        standing.process = standing.process.filter(|process| liveness(process) != Liveness::Gone);
        Ok(Some(standing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_reads_back() {
        let trouble =
            |message: &str| LeaderTrouble { at: 7, is_over: true, message: message.to_owned(), hint: String::new() };
        let full = LeaderStanding {
            process: Some(Process::current()),
            since: 1,
            watches: Watches::Polling { why: "no watches".to_owned(), hint: "sysctl x=1".to_owned() },
            compared: Some(2),
            trouble: Some(trouble("a line")),
            embedding: Some("no model".to_owned()),
            read_whole: Some(3),
            reading: Some("A folder/b.md".parse().unwrap()),
        };
        let away = Watches::Away { why: "it is gone".to_owned(), hint: "mount it".to_owned() };
        let waits = LeaderStanding { watches: away, ..LeaderStanding::default() };
        for standing in [full.clone(), waits, LeaderStanding::default()] {
            assert_eq!(LeaderStanding::of_text(&standing.to_text()), standing);
        }
        let broken = LeaderStanding { trouble: Some(trouble("two\n\tlines")), ..full };
        assert_eq!(LeaderStanding::of_text(&broken.to_text()).trouble, Some(trouble("two  lines")));
        assert_eq!(LeaderStanding::of_text("since\tx\ntrouble\t1\nnew\t1\n\n"), LeaderStanding::default());
    }
}
