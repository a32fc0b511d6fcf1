//! Schedules: what the service managers of three systems are told, so that they run `journal` by themselves. Pure: what is
//! written, not where; `commands/schedule` brings it there.

pub mod crontab;
pub mod launchd;
pub mod seal;
pub mod systemd;
pub mod task_scheduler;
mod when;

use std::{fmt, str::FromStr};

use clap::ValueEnum;

pub use when::{Every, NoTime, TimeOfDay, When};

/// Who runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The systemd of the user, on Linux
    Systemd,
    /// launchd, on macOS
    Launchd,
    /// The user's crontab
    Cron,
    /// The Task Scheduler, on Windows
    TaskScheduler,
}

impl Kind {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Launchd => "launchd",
            Self::Cron => "cron",
            Self::TaskScheduler => "task-scheduler",
        }
    }

    /// Whether what is installed runs `journal` for the vault at this path.
    pub fn names(self, installed: &str, vault: &str) -> bool {
        match self {
            Self::Systemd => installed.contains(&systemd::argument(vault)),
            Self::Launchd => installed.contains(&launchd::string(vault)),
            Self::Cron => installed.contains(&format!(" --vault {} ", crontab::quoted(vault))),
            // It may write characters in another way than we did.
            Self::TaskScheduler => {
                let plain = [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
                let installed = plain.iter().fold(installed.to_owned(), |text, (from, to)| text.replace(from, to));
                installed.contains(&format!("--vault {} ", task_scheduler::quoted(vault)))
            }
        }
    }

    /// Those of this system.
    pub fn of_platform() -> &'static [Self] {
        if cfg!(windows) {
            &[Self::TaskScheduler]
        } else if cfg!(target_os = "macos") {
            &[Self::Launchd, Self::Cron]
        } else {
            &[Self::Systemd, Self::Cron]
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TaskScheduler => "the Task Scheduler",
            other => other.as_str(),
        })
    }
}

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// `journal reindex`, now and then.
    Reindex(When),
    /// `journal serve`, always.
    Serve,
}

impl Job {
    /// The word in names of files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reindex(_) => "reindex",
            Self::Serve => "serve",
        }
    }
}

/// As it stands in the line of ours that every installed file has.
impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reindex(when) => write!(f, "reindex {when}"),
            Self::Serve => f.write_str("serve"),
        }
    }
}

impl FromStr for Job {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        match text.split_once(' ') {
            Some(("reindex", when)) => Ok(Self::Reindex(when.parse()?)),
            _ if text == "serve" => Ok(Self::Serve),
            _ => Err(NoTime(text.to_owned())),
        }
    }
}

/// What is to be run, and for which vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is run.
    pub job: Job,
    /// Tells the vaults of one user apart: letters, digits, `-`, `_` and `.`.
    pub key: String,
    /// The folder of the vault, for people.
    pub vault: String,
    /// The program, absolute.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The variables that it needs beside those every process has.
    pub environment: Vec<(&'static str, String)>,
}

/// One file, or one part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Why a plan cannot be written for a service manager.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A control character, which no format takes.
    #[error("`{}` holds a line break or another control character, which a schedule cannot hold", .0.escape_debug())]
    Control(String),
    /// A character that would be understood as something else.
    #[error("`{text}` holds `{sign}`, which {kind} would take for something else")]
    Sign {
        /// The text.
        text: String,
        /// What is in it.
        sign: &'static str,
        /// Who.
        kind: Kind,
    },
    /// It has no place for variables.
    #[error("the variable `{variable}` is set, and {kind} has no place for variables")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// Who.
        kind: Kind,
    },
}

impl Plan {
    /// What is to be written for a service manager.
    ///
    /// # Errors
    /// When a path or variable cannot be written there so that it is read back as it is.
    pub fn pieces(&self, kind: Kind) -> Result<Vec<Piece>, PlanError> {
        let values = self.environment.iter().map(|(_, value)| value);
        let texts = [&self.vault, &self.program].into_iter().chain(&self.arguments).chain(values);
        if let Some(text) = texts.into_iter().find(|text| text.contains(char::is_control)) {
            return Err(PlanError::Control(text.clone()));
        }
        match kind {
            Kind::Systemd => Ok(systemd::pieces(self)),
            Kind::Launchd => Ok(vec![launchd::piece(self)]),
            Kind::Cron => Ok(vec![crontab::piece(self)]),
            Kind::TaskScheduler => Ok(vec![task_scheduler::piece(self)?]),
        }
    }

    /// One line about it, for people who find the file.
    fn about(&self) -> String {
        match self.job {
            Job::Reindex(_) => format!("journal: bring the index of {} up to date", self.vault),
            Job::Serve => format!("journal: serve {} over MCP", self.vault),
        }
    }
}

/// A text inside XML.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
