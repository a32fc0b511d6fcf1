//! `journal schedule`: have this system run `journal` by itself.

mod files;
mod found;
mod in_crontab;
mod in_launchd;
mod in_systemd;
mod in_tasks;
mod tool;

use std::{io, path::PathBuf};

use clap::Subcommand;
use journal_engine::{LastRun, StateDir, Trouble};

use crate::{
    environment::{self, Variable},
    failure::Failure,
    json::{self, versioned},
    place::{Need, Place, World},
    rim::Exit,
    schedule::{Every, Job, Kind, Plan, PlanError, TimeOfDay, When},
    text::{Text, quoted, time},
};

pub use found::{Found, Stopped};

/// Told below the options.
const EXAMPLES: &str = "Examples:
  journal schedule install
  journal schedule install --at 03:00
  journal schedule install --serve
  journal schedule print --kind launchd --every 15m";

/// Have this system run `journal` by itself: a reindex now and then, or the server always
///
/// A reindex of a schedule has the lowest priority, goes home when another is at work, and leaves its result for `status`. What is
/// installed is one vault's; each vault has its own. Where a person edited what was installed, it is left as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ScheduleCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Install a schedule of this vault, or change the one that is there
    Install(Asked),
    /// Remove a schedule of this vault
    Remove {
        /// That of the server
        #[arg(long)]
        serve: bool,
    },
    /// Tell which schedules of this vault are installed, when they run, and how the last run went
    Status {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print what would be installed, for any system, and write nothing
    Print(Asked),
}

/// What is to be run, when, and by whom.
#[derive(Debug, clap::Args)]
struct Asked {
    /// Reindex this often: 5m to 30m, 1h to 12h, 1d
    #[arg(long, value_name = "TIME", default_value = "1h")]
    every: Every,

    /// Reindex once a day, at this time
    #[arg(long, value_name = "HH:MM", conflicts_with = "every")]
    at: Option<TimeOfDay>,

    /// Run `journal serve` from login to logout instead
    #[arg(long, conflicts_with_all = ["every", "at"])]
    serve: bool,

    /// The server's port
    #[arg(long, value_name = "N", requires = "serve")]
    port: Option<u16>,

    /// Who runs it; that of this system unless you say so
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
}

/// Why a schedule is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// It cannot be written in that format.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Nothing was ever written for the vault.
    #[error("the vault has no id yet, by which its schedules are told apart from those of others")]
    NoId,
    /// A path that no format takes.
    #[error("`{}` is not UTF-8", .0.display())]
    NotText(PathBuf),
    /// The system does not say which program this is.
    #[error("the system does not tell where this program lies")]
    NoProgram,
    /// Nothing says where.
    #[error("nothing says where {0} looks for schedules: `HOME` is not set")]
    NoHome(Kind),
    /// Another system's.
    #[error("{0} does not run on this system")]
    Elsewhere(Kind),
    /// Somebody edited it.
    #[error("{0} was edited, or is not from `journal schedule`, and is left as it is")]
    Edited(String),
    /// A program of the system cannot be run.
    #[error("cannot run `{program}`")]
    Tool {
        /// The program.
        program: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A program of the system does not do what it should.
    #[error("`{command}` says: {said}")]
    Said {
        /// What was run.
        command: String,
        /// What it said.
        said: String,
    },
    /// A file.
    #[error("cannot {attempted} `{}`", .path.display())]
    File {
        /// What was attempted.
        attempted: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// What an installation came to.
struct Installed {
    /// Whether anything was written or begun.
    is_changed: bool,
    /// Where.
    places: Vec<String>,
    /// What the person has to type where nobody could be told of it.
    left_to_do: Option<String>,
}

/// Variables by which `journal` finds its state and its models.
const NEEDED: [&Variable; 5] = [
    &environment::DATA_DIR,
    &environment::XDG_DATA_HOME,
    &environment::XDG_CONFIG_HOME,
    &environment::ONNX_RUNTIME,
    &environment::HUB,
];

impl ScheduleCommand {
    /// Whether errors are to be told as JSON too.
    pub fn wants_json(&self) -> bool {
        matches!(self.verb, Verb::Status { json: true })
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When there is no vault, a person edited what is there, or the system does not do what it should.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        match &self.verb {
            Verb::Install(asked) => install(asked, world),
            Verb::Remove { serve } => remove(*serve, world),
            Verb::Status { json } => status(*json, world),
            Verb::Print(asked) => print(asked, world),
        }
    }
}

/// The schedules of a vault that are installed.
///
/// # Errors
/// When a file or a program that would say so cannot be read.
pub fn installed(place: &Place, world: &World) -> Result<Vec<Found>, ScheduleError> {
    key(place).map_or_else(|_| Ok(Vec::new()), |key| installed_as(&key, world))
}

/// The same by the vault's name among schedules.
fn installed_as(key: &str, world: &World) -> Result<Vec<Found>, ScheduleError> {
    let jobs = [Job::Reindex(When::Every(Every::HOUR)), Job::Serve];
    let all = Kind::of_platform().iter().flat_map(|kind| jobs.map(|job| (*kind, job)));
    all.filter_map(|(kind, job)| find(kind, job, key, world).transpose()).collect()
}

fn install(asked: &Asked, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Writing)?;
    let kind = asked.kind.unwrap_or_else(usual);
    if !Kind::of_platform().contains(&kind) {
        return Err(ScheduleError::Elsewhere(kind).into());
    }
    let plan = asked.plan(&place, world)?;
    let pieces = plan.pieces(kind).map_err(ScheduleError::from)?;
    let others = installed(&place, world)?;
    if let Some(other) = others.iter().find(|other| other.kind != kind && other.job.word() == plan.job.word()) {
        let other = other.kind;
        world
            .output
            .warn(format!("{other} runs it already, and {kind} will too; take one away: journal schedule remove"));
    }
    let Installed { is_changed, places, left_to_do } = match kind {
        Kind::Systemd => in_systemd::install(&plan, &pieces, world)?,
        Kind::Launchd => in_launchd::install(&plan, &pieces, world)?,
        Kind::Cron => in_crontab::install(&plan, &pieces)?,
        Kind::TaskScheduler => in_tasks::install(&plan, &pieces, world)?,
    };
    let mut text = Text::new();
    text.field("runs", format!("journal {}, by {kind}", plan.job));
    for place in &places {
        text.field("", place);
    }
    if let Some(next) = next_run(plan.job, kind, world) {
        text.field("next", world.clock.instant(next));
    }
    world.output.answer(&text)?;
    if !is_changed {
        world.output.note("It is installed already; nothing was changed.");
    }
    if let Some(command) = left_to_do {
        world.output.warn(format!("{kind} could not be told of it; once it runs, type: {command}"));
    }
    if (kind, plan.job) == (Kind::Cron, Job::Serve) {
        world
            .output
            .warn("cron starts it with the machine: not now, and not again when it ends; for now: journal serve");
    }
    Ok(Exit::Ok)
}

fn remove(serve: bool, world: &World) -> Result<Exit, Failure> {
    let mut text = Text::new();
    let mut is_removed = false;
    for key in keys(world)? {
        for found in installed_as(&key, world)?.into_iter().filter(|found| (found.job == Job::Serve) == serve) {
            let (kind, job) = (found.kind, found.job);
            if found.is_edited() {
                return Err(ScheduleError::Edited(found.edited()).into());
            }
            let left_to_do = match kind {
                Kind::Systemd => in_systemd::remove(job, &key, world)?,
                Kind::Launchd => in_launchd::remove(job, &key, world).map(|()| None)?,
                Kind::Cron => in_crontab::remove(job, &key).map(|()| None)?,
                Kind::TaskScheduler => in_tasks::remove(job, &key).map(|()| None)?,
            };
            text.field("removed", format!("journal {job}, by {kind}"));
            if let Some(command) = left_to_do {
                world.output.warn(format!("{kind} could not be told of it; where it runs, type: {command}"));
            }
            is_removed = true;
        }
    }
    world.output.answer(&text)?;
    if !is_removed {
        world.output.note("Nothing is installed; nothing was changed.");
    }
    Ok(Exit::Ok)
}

fn status(json: bool, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Reading)?;
    let found: Vec<_> = installed(&place, world)?
        .into_iter()
        .map(|found| {
            let runs = !found.is_edited() && (found.is_active == Some(true) || found.kind == Kind::Cron);
            let next = if runs { next_run(found.job, found.kind, world) } else { None };
            (found, next)
        })
        .collect();
    let last = place.engine.last_run()?;
    if json {
        world.output.json(&versioned(json::Schedules::new(&found, last.as_ref())))?;
        return Ok(Exit::Ok);
    }
    let mut text = Text::new();
    for (found, next) in &found {
        found::tell(found, *next, &place, world, &mut text);
    }
    if let Some(last) = &last {
        text.field("last", told_run(last, world));
    }
    for (word, option) in [("reindex", ""), ("serve", " --serve")] {
        if !found.iter().any(|(found, _)| found.job.word() == word) {
            text.field(word, format!("not installed: journal schedule install{option}"));
        }
    }
    world.output.answer(&text)?;
    Ok(Exit::Ok)
}

/// How a run went, in a line.
pub fn told_run(run: &LastRun, world: &World) -> String {
    let when = world.clock.instant(run.begun);
    let counts = [
        (run.added, "added"),
        (run.changed, "changed"),
        (run.moved, "moved"),
        (run.deleted, "deleted"),
        (run.embedded, "embedded"),
        (run.failed, "failed"),
    ];
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if let Some(error) = &run.error {
        let counts = if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) };
        return format!("{when}: failed with exit code {}: {error}{counts}", run.exit);
    }
    let counts = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
    format!("{when}, in {}: {counts}", time::span(run.ended.saturating_sub(run.begun)))
}

fn print(asked: &Asked, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Reading)?;
    let kind = asked.kind.unwrap_or_else(usual);
    let pieces = asked.plan(&place, world)?.pieces(kind).map_err(ScheduleError::from)?;
    let mut text = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        if kind == Kind::Systemd {
            let gap = if index == 0 { "" } else { "\n" };
            text.push_str(&format!("{gap}# systemd/user/{}\n", piece.name));
        }
        text.push_str(&piece.text);
    }
    world.output.bytes(text.as_bytes())?;
    Ok(Exit::Ok)
}

impl Asked {
    fn job(&self) -> Job {
        match (self.serve, self.at) {
            (true, _) => Job::Serve,
            (false, Some(time)) => Job::Reindex(When::At(time)),
            (false, None) => Job::Reindex(When::Every(self.every)),
        }
    }

    fn plan(&self, place: &Place, world: &World) -> Result<Plan, ScheduleError> {
        let text =
            |path: PathBuf| path.into_os_string().into_string().map_err(|path| ScheduleError::NotText(path.into()));
        let key = key(place)?;
        let vault = text(place.engine.vault().root().to_owned())?;
        let program = text(world.environment.program.clone().ok_or(ScheduleError::NoProgram)?)?;
        let job = self.job();
        let mut arguments = vec!["--vault".to_owned(), vault.clone()];
        match job {
            Job::Reindex(_) => arguments.extend(["reindex", "--scheduled", "--quiet"].map(str::to_owned)),
            Job::Serve => {
                arguments.extend(["serve", "--log"].map(str::to_owned));
                arguments.extend(self.port.iter().flat_map(|port| ["--port".to_owned(), port.to_string()]));
            }
        }
        let mut variables = Vec::new();
        for variable in NEEDED {
            let Some(value) = world.environment.path(variable) else { continue };
            // By the XDG rules a relative path is none.
            if [&environment::XDG_DATA_HOME, &environment::XDG_CONFIG_HOME].contains(&variable) && value.is_relative() {
                continue;
            }
            // An address stays as it is; a path is relative to where this was typed.
            let is_address = variable == &environment::HUB;
            let value = if is_address { value } else { world.environment.folder.join(value) };
            variables.push((variable.name, text(value)?));
        }
        Ok(Plan { job, key, vault, program, arguments, environment: variables })
    }
}

/// What tells the vaults of one user apart: the name of the vault's state directory, which copies of a vault have each.
fn key(place: &Place) -> Result<String, ScheduleError> {
    let folder = place.engine.state_path().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
    // An `@` has a meaning in names of units.
    Ok(folder.or_else(|| place.vault_id.clone()).ok_or(ScheduleError::NoId)?.replace('@', "."))
}

/// The same for the vault that is asked for, though it may be gone: then those by which its folder was known.
fn keys(world: &World) -> Result<Vec<String>, Failure> {
    let opened = world.open(Need::Reading);
    if let Ok(place) = &opened
        && let Ok(key) = key(place)
    {
        return Ok(vec![key]);
    }
    let names = match (world.config().data_dir.value, world.find_vault()) {
        (Some(home), Ok(root)) => {
            StateDir::of_root(&home, &world.environment.folder.join(root)).map_err(Trouble::from)?
        }
        _ => Vec::new(),
    };
    match opened {
        Err(failure) if names.is_empty() => Err(failure),
        _ => Ok(names.into_iter().map(|name| name.replace('@', ".")).collect()),
    }
}

/// Who runs schedules on this system, unless somebody says otherwise.
fn usual() -> Kind {
    let first = Kind::of_platform()[0];
    if first == Kind::Systemd && !in_systemd::is_running() { Kind::Cron } else { first }
}

fn find(kind: Kind, job: Job, key: &str, world: &World) -> Result<Option<Found>, ScheduleError> {
    match kind {
        Kind::Systemd => in_systemd::find(job, key, world),
        Kind::Launchd => in_launchd::find(job, key, world),
        Kind::Cron => in_crontab::find(job, key),
        Kind::TaskScheduler => in_tasks::find(job, key),
    }
}

/// When it runs next, in Unix milliseconds. launchd counts from when it was told, which nobody else knows.
fn next_run(job: Job, kind: Kind, world: &World) -> Option<u64> {
    match (job, kind) {
        (Job::Serve, _) | (Job::Reindex(When::Every(_)), Kind::Launchd) => None,
        (Job::Reindex(when), _) => u64::try_from(when.next(world.clock.now())?.timestamp().as_millisecond()).ok(),
    }
}

/// A command for a person to type.
fn typed(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}
