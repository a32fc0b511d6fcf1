//! `journal overlap`: who is about to get into whose way.

use std::time::{Duration, Instant};

use journal_engine::{Concern, FindOverlap, Git, MergeConflict, Overlap, SharedPath, Side};

use crate::{
    failure::Failure,
    json,
    place::{Need, World},
    rim::{self, Exit},
    text::{Text, listed, one_line},
    workplace::Workplace,
};

/// Told below the options.
const EXAMPLES: &str = "Examples:
  journal overlap
  journal overlap --all --json";

/// Say who is about to get into whose way, before a merge does
///
/// Compares what the agents at work on your project have claimed and touched in the last day, whichever worktree they are in. And
/// asks git (2.38 or newer, where it is there) which files would be in conflict if the branches of your worktree and of theirs were
/// merged now, with what is not committed; new files count once git knows of them. Nothing is merged, and nothing in the repository
/// is written or run: its hooks, filters and merge drivers do not count.
///
/// Ends with 3 when there is something.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct OverlapCommand {
    /// Also between others, not only between you and them
    #[arg(long)]
    all: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How long git may take in all.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most files of a merge that are told to people.
const FILES: usize = 10;

impl OverlapCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When it cannot be known who is here.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Reading)?;
        let (you, workplace) = (world.identified()?, world.workplace()?);
        let environment = &world.environment;
        let git = Git {
            environment: environment.of_programs(),
            temporary: environment.temporary.clone(),
            deadline: Instant::now() + PATIENCE,
        };
        let Workplace { project, top, .. } = workplace;
        let request = FindOverlap { of: (!self.all).then(|| you.id.clone()), project, top, git };
        let overlap = place.engine.overlap(&request)?;
        let is_free = overlap.paths.is_empty() && overlap.merges.is_empty();
        if self.json {
            let unknown = overlap.unknown.iter().map(|why| rim::message(why)).collect();
            world.json_to_caller(json::Overlaps::new(&overlap, unknown))?;
        } else {
            overlap.unknown.iter().for_each(|why| world.output.warn(rim::message(why)));
            if is_free {
                world.output.note("Nobody is in anybody's way.");
            } else {
                world.output.answer(&text(&overlap, world))?;
            }
        }
        Ok(if is_free { Exit::Ok } else { Exit::Conflict })
    }
}

fn text(overlap: &Overlap, world: &World) -> Text {
    let mut text = Text::new();
    for SharedPath { path, one, other } in &overlap.paths {
        text.strong(format!("`{}`", one_line(path)))
            .plain(format!(": {}, and {}", concern(one, world), concern(other, world)))
            .end();
    }
    for MergeConflict { one, other, files } in &overlap.merges {
        let mut named: Vec<_> = files.iter().take(FILES).map(|file| format!("`{}`", one_line(file))).collect();
        named.extend((files.len() > FILES).then(|| format!("{} more", files.len() - FILES)));
        text.strong(listed(&named));
        text.plain(format!(": in conflict if {} and {} were merged", side(one), side(other))).end();
    }
    text
}

/// `brave-otter has claimed `src/**` (side)`.
fn concern(concern: &Concern, world: &World) -> String {
    let claimed = concern.claimed.as_ref().map(|glob| format!("has claimed `{glob}`"));
    let touched = concern.touched.map(|at| format!("touched it at {}", world.clock.instant(at)));
    let how: Vec<_> = claimed.into_iter().chain(touched).collect();
    let branch = concern.branch.as_deref().map(|branch| format!(" ({})", one_line(branch))).unwrap_or_default();
    format!("{}{branch} {}", concern.name, listed(&how))
}

/// ``side` in /work/side (brave-otter), with what is not committed`.
fn side(side: &Side) -> String {
    let branch = side.branch.as_deref().map_or_else(|| "what is checked out".to_owned(), |name| format!("`{name}`"));
    let agents = if side.agents.is_empty() { String::new() } else { format!(" ({})", listed(&side.agents)) };
    let more = if side.uncommitted { ", with what is not committed there," } else { "" };
    format!("{branch} in {}{agents}{more}", side.worktree.display())
}
