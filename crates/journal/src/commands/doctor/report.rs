//! A file for a bug report: versions, settings, counts, sizes, states and findings. Nothing of what people wrote or named.
//!
//! It is made of words that are known beforehand, numbers and times. The one text from elsewhere are messages of errors, of
//! which the values are taken out.

use std::{collections::BTreeMap, env::consts, fmt::Write as _, path::Path};

use journal_engine::{Around, EventQuery, Examined, Ground, ReindexError, Watches, create_file_durably, model_entry};

use crate::{
    commands::schedule::Found,
    config::KEYS,
    environment,
    failure::Failure,
    place::{Place, World},
    rim::message,
    text::time::{rfc3339, span},
};

/// The file, unless it was named.
pub const NAME: &str = "journal-report.txt";

/// Settings whose values say nothing about anybody.
const TOLD: [&str; 7] =
    ["max_tokens", "ownership_minutes", "patience_seconds", "leases_per_agent", "agents_per_project", "port", "color"];

/// How many of the last events are counted.
const EVENTS: usize = 1_000;

/// Stands for what was taken out of a message.
const TAKEN_OUT: &str = "[…]";

/// Writes the file, which must not be there.
///
/// # Errors
/// When it cannot be written, or something is there.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    create_file_durably(path, text.as_bytes(), None).map_err(|source| Failure::File {
        attempted: "write the report to",
        path: path.to_owned(),
        source,
    })
}

/// The text of the file.
pub fn text(world: &World, place: &Place, examined: &Result<Examined, ReindexError>, installed: &[Found]) -> String {
    let mut report = Report::default();
    report.part("journal");
    report.line("version", env!("CARGO_PKG_VERSION"));
    report.line("system", format!("{} {} ({})", consts::OS, consts::ARCH, consts::FAMILY));
    let cores = std::thread::available_parallelism().map_or_else(|_| "not known".to_owned(), |cores| cores.to_string());
    report.line("cores", cores);
    report.line("made", rfc3339(u64::try_from(world.clock.now().timestamp().as_millisecond()).unwrap_or_default()));
    report.part("settings (values only where they say nothing about you)");
    for key in KEYS {
        let Some((value, origin)) = (key.show)(&place.config) else { continue };
        let value = match (TOLD.contains(&key.name), value.is_empty()) {
            (true, _) => value,
            (false, true) => "not set".to_owned(),
            (false, false) => "set".to_owned(),
        };
        report.line(key.name, format!("{value} ({})", origin.as_str()));
    }
    let set = environment::ALL.iter().filter(|variable| world.environment.get(variable).is_some());
    report.line("variables", set.map(|variable| variable.name).collect::<Vec<_>>().join(" "));
    match examined {
        Ok(examined) => {
            report.examined(examined);
            report.around(&examined.around, installed);
        }
        Err(error) => report.line("doctor", format!("could not look: {}", scrubbed(&message(error)))),
    }
    report.part("events");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    match place.engine.events(&EventQuery::Last { limit: EVENTS }) {
        Ok(events) => events.iter().for_each(|event| *kinds.entry(event.kind.as_str()).or_default() += 1),
        Err(error) => report.line("events", format!("not known: {}", scrubbed(&message(&error)))),
    }
    for (kind, count) in kinds {
        report.line(kind, count);
    }
    report.text
}

#[derive(Default)]
struct Report {
    text: String,
}

impl Report {
    fn part(&mut self, name: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        writeln!(self.text, "{gap}{name}").expect("a string takes text");
    }

    fn line(&mut self, name: &str, value: impl ToString) {
        writeln!(self.text, "  {name}: {}", value.to_string()).expect("a string takes text");
    }

    fn examined(&mut self, examined: &Examined) {
        self.part("notes and databases");
        self.line("notes", examined.notes);
        match &examined.index {
            None => self.line("index", "none that can be read"),
            Some(index) => {
                let status = &index.status;
                for (name, value) in [
                    ("indexed notes", status.notes),
                    ("sessions", status.sessions),
                    ("thoughts", status.thoughts),
                    ("words", status.words),
                    ("chunks", status.chunks),
                    ("links", status.links),
                    ("broken links", status.broken_links),
                    ("ambiguous links", status.ambiguous_links),
                    ("diagnostics", status.diagnostics),
                    ("index bytes", status.bytes),
                    ("free bytes in it", status.free_bytes),
                    ("log bytes", index.log_bytes),
                ] {
                    self.line(name, value);
                }
                self.line("layout", status.layout);
                self.line("generation", status.generation);
                self.line("sqlite", status.sqlite);
            }
        }
        self.line("state bytes", examined.state_bytes.map_or_else(|| "none".to_owned(), |bytes| bytes.to_string()));
        self.part("findings");
        let mut counts: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        for finding in &examined.findings {
            let (findings, paths) = counts.entry(finding.code).or_default();
            *findings += 1;
            *paths += finding.paths.len();
        }
        for (code, (findings, paths)) in counts {
            let severity = code.severity().as_str();
            self.line(code.as_str(), format!("{findings} ({severity}), about {paths} paths"));
        }
    }

    fn around(&mut self, around: &Around, installed: &[Found]) {
        self.part("around");
        self.line("disk of the vault", disk(&around.vault));
        self.line("disk of the state", around.state.as_ref().map_or_else(|| "none".to_owned(), disk));
        let model = &around.model;
        let chosen = match model.chosen.as_str() {
            "built-in" => "built-in",
            name if model_entry(name).is_ok() => name,
            _ => "in a folder, or unknown",
        };
        self.line("model", chosen);
        if let Some((trouble, _)) = &model.trouble {
            self.line("model trouble", scrubbed(trouble));
        }
        if let Some(embedded) = &model.embedded {
            self.line("texts with vector", format!("{} of {}", embedded.with_vector, embedded.texts));
        }
        self.line("embedding paused", model.is_paused);
        let agents = around.agents;
        self.line("agents", format!("{} here, {} inactive, {} gone", agents.here, agents.inactive, agents.gone));
        self.line("leases held", agents.held);
        match &around.watch {
            None => self.line("watch", "never"),
            Some(watch) => {
                let who = if watch.process.is_some() { "somebody" } else { "nobody now" };
                let how = match watch.watches {
                    Watches::Events => "told by the system",
                    Watches::Polling { .. } => "by comparing",
                    Watches::Away { .. } => "waiting for the vault",
                };
                self.line("watch", format!("{who} since {}, {how}", rfc3339(watch.since)));
                self.line("all compared", watch.compared.map_or_else(|| "never".to_owned(), rfc3339));
                self.line("all read", watch.read_whole.map_or_else(|| "never".to_owned(), rfc3339));
                if let Some(trouble) = &watch.trouble {
                    let state = if trouble.is_over { "over" } else { "still" };
                    let (at, what) = (rfc3339(trouble.at), scrubbed(&trouble.message));
                    self.line("watch trouble", format!("{at} ({state}): {what}"));
                }
            }
        }
        match &around.server {
            None => self.line("server", "never"),
            Some(server) => {
                let state = if server.is_running { "runs" } else { "ran" };
                let (since, at) = (rfc3339(server.since), rfc3339(server.at));
                self.line("server", format!("{state} since {since}, {} calls until {at}", server.calls));
            }
        }
        for found in installed {
            let active = match found.is_active {
                Some(true) => "switched on",
                Some(false) => "switched off",
                None => "not known whether it is on",
            };
            let edited = if found.is_edited() { ", edited" } else { "" };
            self.line("schedule", format!("{} by {}, {active}{edited}", found.job, found.kind.as_str()));
        }
        if let Some(run) = &around.last_run {
            let length = span(run.ended.saturating_sub(run.begun));
            self.line(
                "last run",
                format!("{}, {length}, exit {}, {} failed", rfc3339(run.begun), run.exit, run.failed),
            );
            if let Some(error) = &run.error {
                self.line("last run's error", scrubbed(error));
            }
        }
    }
}

fn disk(ground: &Ground) -> String {
    let free = ground.free_bytes.map_or_else(|| "not known".to_owned(), |free| format!("{free} bytes"));
    let mode = ground.open_mode.map_or_else(|| "closed to others".to_owned(), |mode| format!("mode {mode:o}"));
    format!(
        "{}, free {free}, network {}, synced by {}, writable {}, {mode}",
        // A kind of file system is a word of the system's, such as `ext4` or `fuse.sshfs`.
        ground.file_system.as_deref().unwrap_or("not known"),
        ground.is_network,
        ground.syncer.unwrap_or("nobody"),
        ground.is_writable,
    )
}

/// A message without its values. They stand in backticks, so all between the first and the last goes, whatever is in it; and so
/// does what is quoted otherwise, or looks like a path or an address.
fn scrubbed(message: &str) -> String {
    let mut plain = message.to_owned();
    for quote in ['`', '"', '\''] {
        if let (Some(first), Some(last)) = (plain.find(quote), plain.rfind(quote)) {
            plain.replace_range(first..=last, TAKEN_OUT);
        }
    }
    let is_value = |word: &&str| word.contains(['/', '\\', '@', '~', '=']);
    plain.split_whitespace().map(|word| if is_value(&word) { TAKEN_OUT } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_their_values() {
        for (message, plain) in [
            (
                "cannot read `/home/me/My notes/a.md`: permission denied (os error 13)",
                "cannot read […]: permission denied (os error 13)",
            ),
            ("`a` and `b`s` are both there", "[…] are both there"),
            ("cannot open \"C:\\Users\\me\" or 'it'", "cannot open […] or […]"),
            ("no route to me@host at ~/x http://host:1/", "no route to […] at […] […]"),
            ("the disk is full", "the disk is full"),
            ("one ` alone /x", "one […] alone […]"),
        ] {
            assert_eq!(scrubbed(message), plain);
        }
    }
}
