//! `journal reindex`: bring the index up to date with the vault, or only look whether it is.

use std::time::Duration;

use journal_embed::lower_priority;
use journal_engine::{Checked, Embedded, Fresh, LastRun, Reindex, ReindexError, Reindexed, Source as _};

use super::exit;
use crate::{
    failure::Failure,
    json::{self, versioned},
    place::{Need, Place, World},
    rim::{Exit, exit_of, hints_of, message},
    source::SystemSource,
    text::{Text, counted},
};

/// The most moves, differences and skipped notes that are named.
const NAMED: usize = 20;

/// How long `--wait` waits.
const WAIT: Duration = Duration::from_secs(3600);

/// How long it waits without: whoever watches the notes now and then compares them all, which takes a moment.
const MOMENT: Duration = Duration::from_secs(3);

/// Told below the options.
const EXAMPLES: &str = "Examples:
  journal reindex
  journal reindex --paths Projects/ 'Daily/2026-11-21.md'
  journal reindex --check";

/// Bring the index up to date with the notes
///
/// Then the model makes a vector of every new text, some dozens a second, by which notes are found by what they
/// mean. Notes that look as they did (size, times, file) are not read. It never writes to a note, may be run at any time and by
/// any number of processes: one works, the others say so. A run that was killed is finished by the next.
///
/// More than a fifth of all notes gone at once (and more than 20) are not forgotten without `--allow-prune`: an unmounted
/// drive must not empty the index.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ReindexCommand {
    /// Only these notes and folders, as in the vault
    #[arg(long, value_name = "PATH", num_args = 1..)]
    paths: Vec<String>,

    /// Read every note again, whatever its times say
    #[arg(long)]
    full: bool,

    /// Change nothing: read every note and compare it with the index; exit 4 when they differ
    #[arg(long, conflicts_with_all = ["paths", "full", "allow_prune", "wait"])]
    check: bool,

    /// Forget notes that are gone, however many
    #[arg(long)]
    allow_prune: bool,

    /// Wait for another reindex that is at work, rather than exit with 3; and for whoever makes vectors
    #[arg(long)]
    wait: bool,

    /// Do not make vectors of texts, by which notes are found by their meaning
    #[arg(long, conflicts_with = "check")]
    words_only: bool,

    /// As a schedule runs it: at low priority, with nothing to do while another is at work, and how it went is not printed but
    /// written down, for `journal schedule status`
    #[arg(long, conflicts_with_all = ["check", "wait", "json"])]
    scheduled: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a run came to.
struct Done {
    reindexed: Reindexed,
    embedded: Option<Embedded>,
    /// Why no vectors were made. The notes are indexed all the same.
    trouble: Option<Failure>,
}

impl ReindexCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the index cannot be brought up to date, or looked at.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        if self.check {
            return self.compare(world);
        }
        if self.scheduled {
            return self.run_scheduled(world);
        }
        let place = world.open(Need::Writing)?;
        let done = self.bring_up_to_date(&place, world)?;
        if self.json {
            let embedded = json::Reindexed::new(&done.reindexed, done.embedded.clone(), done.told_trouble());
            world.output.json(&versioned(embedded))?;
        } else {
            let mut text = told(&done.reindexed);
            if let Some(embedded) = &done.embedded {
                text.field(
                    "meaning",
                    format!("{} of {} texts, {} new", embedded.with_vector, embedded.texts, embedded.new),
                );
                if let Some(why) = &embedded.why {
                    text.field("failed", format!("{}: {why}", counted(embedded.failed, "text")));
                }
            }
            if let Some(trouble) = done.told_trouble() {
                text.field("failed", trouble);
            }
            world.output.answer(&text)?;
            for hint in done.trouble.iter().flat_map(|trouble| hints_of(trouble, &world.clock)) {
                world.output.note(format!("  hint: {hint}"));
            }
        }
        Ok(done.exit())
    }

    /// The same, as a schedule runs it.
    fn run_scheduled(&self, world: &World) -> Result<Exit, Failure> {
        lower_priority();
        let place = world.open(Need::Writing)?;
        let begun = SystemSource.now().unix_ms;
        let done = self.bring_up_to_date(&place, world);
        let mut run = LastRun { begun, ended: SystemSource.now().unix_ms, ..LastRun::default() };
        match &done {
            Ok(done) => {
                let Reindexed { added, changed, moved, deleted, .. } = &done.reindexed;
                run.exit = done.exit().code();
                run.error = done.told_trouble();
                (run.added, run.changed, run.moved, run.deleted) = (*added, *changed, moved.len(), *deleted);
                run.embedded = done.embedded.as_ref().map_or(0, |embedded| embedded.new);
                run.failed = done.failed();
            }
            // What it does is as good.
            Err(Failure::Reindex(ReindexError::Busy { .. })) => return Ok(Exit::Ok),
            Err(failure) => {
                run.exit = exit_of(failure, &world.clock).code();
                run.error = Some(message(failure));
            }
        }
        let noted = place.engine.set_last_run(&run);
        let done = done?;
        noted?;
        Ok(done.exit())
    }

    fn bring_up_to_date(&self, place: &Place, world: &World) -> Result<Done, Failure> {
        let request = Reindex {
            paths: self.paths.clone(),
            full: self.full,
            allow_prune: self.allow_prune,
            wait: if self.wait { WAIT } else { MOMENT },
            ..Reindex::default()
        };
        let progress = world.output.progress();
        let reindexed = place.engine.reindex(&request, &|done| progress.show(done))?;
        drop(progress);
        let wait = if self.wait { WAIT } else { Duration::ZERO };
        let embedded = if self.words_only { Ok(None) } else { world.embed(place, wait) };
        let (embedded, trouble) = embedded.map_or_else(|trouble| (None, Some(trouble)), |embedded| (embedded, None));
        Ok(Done { reindexed, embedded, trouble })
    }

    fn compare(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Reading)?;
        let progress = world.output.progress();
        let checked = place.engine.check_index(&|done| progress.show(done))?;
        drop(progress);
        if self.json {
            world.output.json(&versioned(json::Checked::from(&checked)))?;
        } else {
            world.output.answer(&compared(&checked))?;
        }
        Ok(exit(!checked.is_right() || checked.skipped.iter().any(|skipped| skipped.is_failure)))
    }
}

impl Done {
    fn exit(&self) -> Exit {
        exit(self.trouble.is_some() || self.failed() > 0)
    }

    fn told_trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(|trouble| format!("the model: {}", message(trouble)))
    }

    /// Notes that could not be read, and texts that could not be embedded.
    fn failed(&self) -> usize {
        let notes = self.reindexed.skipped.iter().filter(|skipped| skipped.is_failure).count();
        notes + self.embedded.as_ref().map_or(0, |embedded| embedded.failed)
    }
}

fn told(done: &Reindexed) -> Text {
    let mut text = Text::new();
    let how = match &done.fresh {
        Fresh::UpToDate => "",
        Fresh::Built => " (built)",
        Fresh::Outdated => " (built anew: it was of an older version)",
        Fresh::Damaged { .. } => " (built anew: it was damaged)",
    };
    let indexed = usize::try_from(done.indexed).unwrap_or(usize::MAX);
    text.field("index", format!("{}{how}", counted(indexed, "note")));
    if let Fresh::Damaged { aside } = &done.fresh {
        text.field("aside", aside.display().to_string());
    }
    if done.vectors_kept > 0 {
        text.field("kept", format!("{} of the index before", counted(done.vectors_kept, "vector")));
    }
    if let Some(why) = &done.vectors_lost {
        text.field("lost", format!("not all vectors of the index before could be read: {why}"));
    }
    let counts = [
        (done.added, "added"),
        (done.changed, "changed"),
        (done.moved.len(), "moved"),
        (done.deleted, "deleted"),
        (done.touched, "touched"),
        (done.unchanged, "unchanged"),
        (done.excluded, "excluded"),
    ];
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    text.field("notes", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") });
    for (from, to) in done.moved.iter().take(NAMED) {
        text.field("moved", format!("{from} to {to}"));
    }
    more(&mut text, done.moved.len(), "journal reindex --json");
    let skipped: Vec<_> = done.skipped.iter().map(|skipped| (&skipped.path, &skipped.reason)).collect();
    passed_over(&mut text, &skipped);
    if done.diagnostics > 0 {
        text.field("wrong", format!("{} in the notes; see them: journal doctor", done.diagnostics));
    }
    text
}

fn compared(checked: &Checked) -> Text {
    let mut text = Text::new();
    text.field("vault", counted(checked.seen, "note"));
    text.field("index", counted(checked.indexed, "note"));
    for damage in checked.damage.iter().take(NAMED) {
        text.field("damage", damage);
    }
    for (path, difference) in checked.differences.iter().take(NAMED) {
        text.field("differs", format!("{path}: {}", difference.as_str()));
    }
    more(&mut text, checked.differences.len(), "journal reindex --check --json");
    let skipped: Vec<_> = checked.skipped.iter().map(|skipped| (&skipped.path, &skipped.reason)).collect();
    passed_over(&mut text, &skipped);
    let next = match (checked.damage.is_empty(), checked.differences.is_empty()) {
        (true, true) => "nothing to do: the index says what the notes say",
        (true, false) => "journal reindex",
        (false, _) => "journal doctor --fix",
    };
    text.field("next", next);
    text
}

fn passed_over(text: &mut Text, skipped: &[(&String, &String)]) {
    for (path, reason) in skipped.iter().take(NAMED) {
        text.field("skipped", format!("{path}: {reason}"));
    }
    more(text, skipped.len(), "journal reindex --json");
}

fn more(text: &mut Text, all: usize, how: &str) {
    if all > NAMED {
        text.field("", format!("and {} more: {how}", all - NAMED));
    }
}
