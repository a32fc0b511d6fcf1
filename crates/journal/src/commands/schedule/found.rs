//! A schedule that is installed: whose it is, how it stands, and how that is told.

use std::path::Path;

use crate::{
    place::{Place, World},
    schedule::{Job, Kind},
    text::{Text, listed},
};

/// A schedule, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Who runs it.
    pub kind: Kind,
    /// What is run, as its own line says.
    pub job: Job,
    /// Where it stands.
    pub places: Vec<String>,
    /// Which of them somebody edited.
    pub edited: Vec<String>,
    /// Whether whoever runs it knows of it; `None` where that cannot be known.
    pub is_active: Option<bool>,
    /// Where it is switched on and does not run all the same: how that is called, and what tells why.
    pub stopped: Option<Stopped>,
    /// What is written there.
    pub text: String,
    /// When it was written, in Unix milliseconds; `None` where that cannot be known.
    pub written: Option<u64>,
}

/// Why what is switched on does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// As whoever runs it calls it, such as `failed`.
    pub state: String,
    /// The command that tells more.
    pub look: String,
}

impl Found {
    /// Whether it is not as it was installed.
    pub fn is_edited(&self) -> bool {
        !self.edited.is_empty()
    }

    /// Whether it is of the vault at this path. One that somebody edited says what they like.
    pub fn is_for(&self, vault: &Path) -> bool {
        self.is_edited() || vault.to_str().is_none_or(|vault| self.kind.names(&self.text, vault))
    }

    /// How it is installed again, as it is.
    pub fn again(&self) -> String {
        self.again_by(self.kind)
    }

    /// How another runs it.
    pub fn again_by(&self, kind: Kind) -> String {
        let kind = kind.as_str();
        match self.job {
            Job::Reindex(when) => format!("journal schedule install --kind {kind} --{when}"),
            Job::Serve => {
                let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
                let port = self
                    .text
                    .rsplit_once("--port")
                    .map(|(_, rest)| rest.trim_start_matches(|c: char| !c.is_ascii_digit()));
                let port = port.map(|port| format!(" --port {}", digits(port))).unwrap_or_default();
                format!("journal schedule install --kind {kind} --serve{port}")
            }
        }
    }

    /// What somebody edited, in words.
    pub fn edited(&self) -> String {
        listed(&self.edited)
    }
}

/// Tells of one, with when it runs next in Unix milliseconds.
pub fn tell(found: &Found, next: Option<u64>, place: &Place, world: &World, text: &mut Text) {
    let Found { kind, job, places, is_active, .. } = found;
    let again = found.again();
    let state = match (found.is_edited(), is_active, &found.stopped) {
        (true, ..) => "; edited by hand, so it is left as it is".to_owned(),
        (_, Some(false), _) => format!("; not switched on: {again}"),
        (_, None, _) if *kind == Kind::Systemd => "; but no systemd of this user runs now".to_owned(),
        (.., Some(Stopped { state, look })) => format!("; but it does not run ({state}): {look}"),
        _ if !found.is_for(place.engine.vault().root()) => format!("; made for another path: {again}"),
        _ if (*kind, *job) == (Kind::Cron, Job::Serve) => "; begun with the machine only".to_owned(),
        _ => String::new(),
    };
    let when = match job {
        Job::Reindex(when) => when.to_string(),
        Job::Serve => "from login to logout".to_owned(),
    };
    text.field(job.word(), format!("{when}, by {kind}{state}"));
    for place in places {
        text.field("", place);
    }
    if let Some(next) = next {
        text.field("next", world.clock.instant(next));
    }
}
