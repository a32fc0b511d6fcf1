//! `journal claim`: who works on which paths.

use clap::Subcommand;
use journal_engine::{CheckPaths, Claim, ClaimRequest, Glob, GlobError};

use crate::{
    failure::Failure,
    json,
    place::{Need, World},
    rim::Exit,
    text::{Text, one_line, table::Table},
    workplace::{Workplace, by_scope},
};

/// Told below the verbs.
const EXAMPLES: &str = "Examples:
  journal claim add 'src/auth/**' --reason \"rewriting the login\"
  journal claim add docs --shared
  journal claim check src/auth/login.rs && vi src/auth/login.rs
  journal claim release";

/// Say which paths you work on, and see who else does
///
/// A claim is a glob relative to where you are; a folder means all that is in it. It counts in your worktree, for an hour from its
/// last renewal. It keeps nobody from writing: it says who does, so that nobody is overwritten unawares.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ClaimCommand {
    #[command(subcommand)]
    verb: Verb,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Claim paths, all or none; those that are yours are renewed
    Add {
        /// A path or glob
        #[arg(required = true, value_name = "GLOB")]
        globs: Vec<String>,
        /// Others may claim the same, as long as they share it too
        #[arg(long)]
        shared: bool,
        /// Why; told to others
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// How long, an hour otherwise
        #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..=10_080))]
        ttl: Option<u64>,
        /// In all worktrees of the project
        #[arg(long)]
        all_worktrees: bool,
        /// Also what others hold, who are told at their next call
        #[arg(long)]
        anyway: bool,
    },
    /// Give claims back: these in your worktree, or all of yours in the project
    Release {
        /// A path or glob, as it was claimed
        #[arg(value_name = "GLOB")]
        globs: Vec<String>,
    },
    /// The claims that hold in your project
    List {
        /// In all projects
        #[arg(long)]
        all: bool,
    },
    /// Whether another agent has claimed paths for itself: ends with 3 when one has
    Check {
        /// A path, in whichever worktree it lies
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,
    },
}

impl ClaimCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When others have claimed the paths.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let workplace = world.workplace()?;
        let globs = |typed: &[String]| -> Result<Vec<Glob>, GlobError> {
            typed.iter().map(|typed| workplace.glob(typed, &world.environment.folder)).collect()
        };
        match &self.verb {
            Verb::Add { globs: typed, shared, reason, ttl, all_worktrees, anyway } => {
                let mut scope = workplace.scope();
                scope.worktree = scope.worktree.filter(|_| !all_worktrees);
                let (globs, caller) = (globs(typed)?, world.caller()?);
                let place = world.open(Need::Writing)?;
                if caller.lasting {
                    place.announce(&caller, world)?;
                }
                let request = ClaimRequest {
                    caller,
                    scope,
                    globs,
                    shared: *shared,
                    ttl_ms: ttl.map(|minutes| minutes * 60_000),
                    reason: reason.clone(),
                    anyway: *anyway,
                };
                let claimed = place.engine.claim_paths(&request)?;
                for conflict in &claimed.conflicts {
                    let theirs = &conflict.theirs;
                    world
                        .output
                        .warn(format!("`{}` is claimed by {} too, who is told", theirs.glob, theirs.holder_name));
                }
                self.tell(&claimed.claims, &claimed.conflicts, world)
            }
            Verb::Release { globs: typed } => {
                let (globs, caller) = (globs(typed)?, world.caller()?);
                let place = world.open(Need::Writing)?;
                let globs = (!globs.is_empty()).then_some(globs.as_slice());
                let released = place.engine.release_paths(&caller, &workplace.scope(), globs)?;
                let released: Vec<_> = released.iter().map(|claim| claim.glob.to_string()).collect();
                if self.json {
                    world.json_to_caller(json::Changed { released: released.clone() })?;
                } else if released.is_empty() {
                    world.output.note("You hold no claim like that.");
                } else {
                    let mut text = Text::new();
                    for glob in &released {
                        text.field("released", glob);
                    }
                    world.output.answer(&text)?;
                }
                Ok(if released.is_empty() && !typed.is_empty() { Exit::NotFound } else { Exit::Ok })
            }
            Verb::List { all } => {
                let place = world.open(Need::Reading)?;
                let claims = place.engine.claims((!all).then_some(workplace.project.as_str()))?;
                self.tell(&claims, &[], world)
            }
            Verb::Check { paths } => self.check(paths, &workplace, world),
        }
    }

    fn check(&self, typed: &[String], workplace: &Workplace, world: &World) -> Result<Exit, Failure> {
        let mut paths = Vec::new();
        for typed in typed {
            if typed.trim().is_empty() {
                return Err(GlobError::Empty.into());
            }
            for located in workplace.locate(typed, &world.environment)? {
                paths.push((located.workplace.scope(), located.glob()?));
            }
        }
        let place = world.open(Need::Reading)?;
        let caller = world.caller()?;
        let mut conflicts = Vec::new();
        for (scope, paths) in by_scope(paths) {
            conflicts.extend(place.engine.check_paths(&CheckPaths { caller: caller.clone(), scope, paths })?);
        }
        if self.json {
            world.json_to_caller(json::ClaimsChecked::from(conflicts.as_slice()))?;
        } else if !conflicts.is_empty() {
            let mut text = Text::new();
            for conflict in &conflicts {
                let claim = &conflict.theirs;
                let why = claim.lease.note.as_deref().map(|note| format!(": {}", one_line(note))).unwrap_or_default();
                let until = world.clock.instant(claim.lease.expires);
                text.plain(format!(
                    "{} is claimed by {} as `{}` until {until}{why}",
                    conflict.path, claim.holder_name, claim.glob
                ));
                text.end();
            }
            world.output.answer(&text)?;
        }
        Ok(if conflicts.is_empty() { Exit::Ok } else { Exit::Conflict })
    }

    fn tell(&self, claims: &[Claim], conflicts: &[journal_engine::Conflict], world: &World) -> Result<Exit, Failure> {
        if self.json {
            world.json_to_caller(json::Claims::new(claims, conflicts))?;
        } else if claims.is_empty() {
            world.output.note("Nothing is claimed.");
        } else {
            let mut table = Table::new(vec!["glob", "kind", "holder", "agent", "until", "project", "worktree", "why"]);
            for claim in claims {
                table.row(vec![
                    claim.glob.to_string(),
                    if claim.shared { "shared" } else { "exclusive" }.to_owned(),
                    claim.holder_name.clone(),
                    claim.lease.holder.to_string(),
                    world.clock.instant(claim.lease.expires),
                    claim.scope.project.clone(),
                    claim.scope.worktree.clone().unwrap_or_else(|| "all".to_owned()),
                    claim.lease.note.clone().unwrap_or_default(),
                ]);
            }
            world.output.answer(&table.text(world.output.width()))?;
        }
        Ok(Exit::Ok)
    }
}
