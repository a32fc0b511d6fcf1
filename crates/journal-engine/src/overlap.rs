//! Trip: overlap. Which agents are about to get into one another's way: what they claimed and touched, and what git would find in
//! conflict between their worktrees. It tells; it neither merges nor writes.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use journal_coord::{AgentId, AgentState, Claim, Glob};
use journal_vault::{Git, GitError, Rehearsal, Tip, Worktree, WorktreeError};

use crate::{AgentFilter, Trouble, core::Core};

/// What to look for.
#[derive(Debug, Clone)]
pub struct FindOverlap {
    /// Only what is in the way of this agent, or of its worktree. `None`: all of the project among one another.
    pub of: Option<AgentId>,
    /// The project.
    pub project: String,
    /// The top of the caller's worktree.
    pub top: PathBuf,
    /// Git, for what it would find in conflict.
    pub git: Git,
}

/// What is, or will be, in the way of one another.
#[derive(Debug, Default)]
pub struct Overlap {
    /// Paths that two agents have to do with, by the agents' names.
    pub paths: Vec<SharedPath>,
    /// Merges that would not be clean.
    pub merges: Vec<MergeConflict>,
    /// What could not be looked at, and why.
    pub unknown: Vec<Unlooked>,
}

/// A path that two agents have to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedPath {
    /// The path, from the top of the worktree.
    pub path: String,
    /// One agent.
    pub one: Concern,
    /// The other.
    pub other: Concern,
}

/// How an agent has to do with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// Its id.
    pub agent: AgentId,
    /// Its name.
    pub name: String,
    /// The top of its worktree.
    pub worktree: Option<String>,
    /// The branch that is checked out there.
    pub branch: Option<String>,
    /// The glob that it has claimed, if that is how.
    pub claimed: Option<Glob>,
    /// When it touched the path last, in Unix milliseconds.
    pub touched: Option<u64>,
}

/// A merge of what two worktrees have that would leave files in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeConflict {
    /// One worktree.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// The files, as git names them.
    pub files: Vec<String>,
}

/// A side of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The top of the worktree.
    pub worktree: PathBuf,
    /// The branch that is checked out there.
    pub branch: Option<String>,
    /// The names of the agents in it.
    pub agents: Vec<String>,
    /// Whether changes that are not committed count among its own.
    pub uncommitted: bool,
}

/// Why something was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum Unlooked {
    /// Git does not say.
    #[error(transparent)]
    Git(#[from] GitError),
    /// What is not committed there may be missing.
    #[error("what is not committed in `{}` may be missing", .worktree.display())]
    Uncommitted {
        /// The worktree.
        worktree: PathBuf,
        /// Why.
        #[source]
        source: GitError,
    },
    /// Git's files there cannot be read.
    #[error(transparent)]
    Worktree(#[from] WorktreeError),
    /// No worktree of this repository is there, as for an agent on another machine.
    #[error("`{}`, where {agents} works, is no worktree of this repository here", .worktree.display())]
    Elsewhere {
        /// Where the agent says it works.
        worktree: PathBuf,
        /// The agents.
        agents: String,
    },
    /// More worktrees than are compared.
    #[error("{0} more worktrees were not compared")]
    TooMany(usize),
}

/// The most worktrees that are compared with one another.
const MOST_WORKTREES: usize = 16;

/// A file that was touched longer ago is not in the way any more: a day.
const TOUCHED_MS: u64 = 24 * 60 * 60_000;

/// Something that an agent claimed or touched.
struct Mark {
    glob: Glob,
    claim: Option<Claim>,
    touched: Option<u64>,
}

impl Core {
    pub(crate) fn overlap(&self, request: &FindOverlap) -> Result<Overlap, Trouble> {
        let mut agents = self.agents(&AgentFilter::default())?;
        agents.retain(|state| state.presence.is_here());
        agents.sort_by(|one, other| one.agent.name.cmp(&other.agent.name));
        let claims = self.claims(Some(&request.project))?;
        let oldest = self.source.now().unix_ms.saturating_sub(TOUCHED_MS);
        let is_of_project = |state: &AgentState| state.agent.project.as_ref() == Some(&request.project);
        let mut tops: Vec<PathBuf> = vec![request.top.clone()];
        let of_project = agents.iter().filter(|state| is_of_project(state));
        tops.extend(of_project.filter_map(|state| Some(PathBuf::from(state.agent.worktree.as_ref()?))));
        let marks = |state: AgentState| (marks(&state, &claims, oldest, is_of_project(&state), &tops), state);
        let mut marked: Vec<_> = agents.into_iter().map(marks).collect();
        // Who works elsewhere counts by what it has here.
        marked.retain(|(marks, state)| is_of_project(state) || !marks.is_empty());
        let paths = shared_paths(&marked, request.of.as_ref());
        let mut overlap = Overlap { paths, ..Overlap::default() };
        let agents: Vec<_> = marked.into_iter().map(|(_, state)| state).filter(is_of_project).collect();
        merges(request, &agents, &mut overlap);
        Ok(overlap)
    }
}

/// Paths that two agents have to do with; of `of` and others, or of all.
fn shared_paths(agents: &[(Vec<Mark>, AgentState)], of: Option<&AgentId>) -> Vec<SharedPath> {
    let mut shared = Vec::new();
    for (at, (marks, one)) in agents.iter().enumerate() {
        for (other_marks, other) in &agents[at + 1..] {
            if of.is_some_and(|of| *of != one.agent.id && *of != other.agent.id) {
                continue;
            }
            // Who asks comes first.
            let turned = of == Some(&other.agent.id);
            let (one, other, marks, other_marks) =
                if turned { (other, one, other_marks, marks) } else { (one, other, marks, other_marks) };
            let mut seen = HashSet::new();
            for mark in marks {
                for their in other_marks.iter().filter(|their| !is_agreed(mark, their)) {
                    let Some(path) = mark.glob.common_path(&their.glob) else { continue };
                    if seen.insert(path.clone()) {
                        shared.push(SharedPath { path, one: concern(one, mark), other: concern(other, their) });
                    }
                }
            }
        }
    }
    shared
}

/// Both have claimed it on the terms that others do too.
fn is_agreed(one: &Mark, other: &Mark) -> bool {
    let shares = |mark: &Mark| mark.claim.as_ref().is_some_and(|claim| claim.shared);
    shares(one) && shares(other)
}

/// What an agent claimed in the project, and what it touched beside that in one of the worktrees at `tops`. What it touched in its
/// own worktree is told from the top of that, which is one of the project's when the agent is.
fn marks(state: &AgentState, claims: &[Claim], oldest: u64, is_of_project: bool, tops: &[PathBuf]) -> Vec<Mark> {
    let own = claims.iter().filter(|claim| claim.lease.holder == state.agent.id);
    let mut marks: Vec<Mark> =
        own.map(|claim| Mark { glob: claim.glob.clone(), claim: Some(claim.clone()), touched: None }).collect();
    let own = state.agent.worktree.as_deref().map(Path::new);
    // The worktree that is deepest, where one lies within another.
    let within = |path: &'_ Path| -> Option<PathBuf> {
        let inside = tops.iter().map(PathBuf::as_path).filter(|top| path.starts_with(top));
        let top = inside.max_by_key(|top| top.components().count())?;
        path.strip_prefix(top).ok().map(Path::to_owned)
    };
    for file in state.files.iter().filter(|file| file.at >= oldest) {
        let path = Path::new(&file.path);
        let inside = match own {
            _ if path.is_absolute() => within(path),
            _ if is_of_project => Some(path.to_owned()),
            Some(own) => within(&own.join(path)),
            None => None,
        };
        // What lies elsewhere, or is no path that could be claimed, is in nobody's way here.
        let Some(glob) = inside.and_then(|path| Glob::of_path(&path.to_string_lossy()).ok()) else { continue };
        match marks.iter_mut().find(|mark| mark.glob == glob) {
            Some(mark) => mark.touched = Some(file.at),
            None => marks.push(Mark { glob, claim: None, touched: Some(file.at) }),
        }
    }
    marks
}

fn concern(state: &AgentState, mark: &Mark) -> Concern {
    let agent = &state.agent;
    Concern {
        agent: agent.id.clone(),
        name: agent.name.clone(),
        worktree: agent.worktree.clone(),
        branch: agent.branch.clone(),
        claimed: mark.claim.as_ref().map(|claim| claim.glob.clone()),
        touched: mark.touched,
    }
}

/// Has git rehearse the merges between the caller's worktree and the others, or between all.
fn merges(request: &FindOverlap, agents: &[AgentState], overlap: &mut Overlap) {
    let here = match Worktree::find(&request.top) {
        Ok(Some(here)) => here,
        // Without a repository there is nothing to merge.
        Ok(None) => return,
        Err(error) => return overlap.unknown.push(error.into()),
    };
    let sides = sides(here.clone(), agents, overlap);
    if sides.len() < 2 {
        return;
    }
    if let Err(error) = rehearse(request, &here, sides, overlap) {
        overlap.unknown.push(error.into());
    }
}

/// The worktrees of the repository in which agents are, the caller's first.
fn sides(here: Worktree, agents: &[AgentState], overlap: &mut Overlap) -> Vec<(Worktree, Vec<String>)> {
    let mut within: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for state in agents {
        if let Some(top) = &state.agent.worktree {
            within.entry(PathBuf::from(top)).or_default().push(state.agent.name.clone());
        }
    }
    let common = here.common.clone();
    let of_here = within.remove(&here.top).unwrap_or_default();
    let mut sides = vec![(here, of_here)];
    let mut more = 0;
    for (top, agents) in within {
        match Worktree::find(&top) {
            Ok(Some(worktree)) if worktree.common == common && worktree.top == top => {
                if sides.len() < MOST_WORKTREES {
                    sides.push((worktree, agents))
                } else {
                    more += 1
                }
            }
            Ok(_) => {
                let agents = agents.join(" and ");
                overlap.unknown.push(Unlooked::Elsewhere { worktree: top, agents });
            }
            Err(error) => overlap.unknown.push(error.into()),
        }
    }
    if more > 0 {
        overlap.unknown.push(Unlooked::TooMany(more));
    }
    sides
}

fn rehearse(
    request: &FindOverlap,
    here: &Worktree,
    sides: Vec<(Worktree, Vec<String>)>,
    overlap: &mut Overlap,
) -> Result<(), GitError> {
    let mut rehearsal = Rehearsal::begin(&request.git, here)?;
    let mut tips: Vec<(Side, Tip)> = Vec::new();
    for (worktree, agents) in sides {
        let mut tip = match rehearsal.take(&worktree) {
            Ok(tip) => tip,
            Err(late @ (GitError::Late { .. } | GitError::NotRun(_))) => return Err(late),
            Err(error) => {
                overlap.unknown.push(error.into());
                continue;
            }
        };
        if let Some(source) = tip.left_out.take() {
            overlap.unknown.push(Unlooked::Uncommitted { worktree: worktree.top.clone(), source });
        }
        let side = Side { worktree: worktree.top, branch: worktree.branch, agents, uncommitted: tip.uncommitted };
        tips.push((side, tip));
    }
    let mut refusals = BTreeSet::new();
    for (at, (one, tip)) in tips.iter().enumerate() {
        // Only the first is the caller's.
        if request.of.is_some() && one.worktree != here.top {
            break;
        }
        for (other, their) in &tips[at + 1..] {
            match rehearsal.merge(tip, their) {
                Ok(files) if files.is_empty() => {}
                Ok(files) => overlap.merges.push(MergeConflict { one: one.clone(), other: other.clone(), files }),
                // One that cannot be merged with another may be with the next; the same reason is told once.
                Err(error @ GitError::Refused { .. }) => {
                    if refusals.insert(error.to_string()) {
                        overlap.unknown.push(error.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
