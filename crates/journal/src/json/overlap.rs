//! Overlaps, for programs.

use journal_engine::{Concern, MergeConflict, Overlap, SharedPath, Side};
use serde::Serialize;

use crate::text::time::rfc3339;

/// The answer of `journal overlap`.
#[derive(Debug, Serialize)]
pub struct Overlaps {
    free: bool,
    paths: Vec<PathObject>,
    merges: Vec<MergeObject>,
    unknown: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PathObject {
    path: String,
    one: ConcernObject,
    other: ConcernObject,
}

#[derive(Debug, Serialize)]
struct ConcernObject {
    agent: String,
    name: String,
    worktree: Option<String>,
    branch: Option<String>,
    claimed: Option<String>,
    touched: Option<String>,
}

#[derive(Debug, Serialize)]
struct MergeObject {
    files: Vec<String>,
    one: SideObject,
    other: SideObject,
}

#[derive(Debug, Serialize)]
struct SideObject {
    worktree: String,
    branch: Option<String>,
    agents: Vec<String>,
    uncommitted: bool,
}

impl Overlaps {
    /// What is in the way of one another, and why not everything is known.
    pub fn new(overlap: &Overlap, unknown: Vec<String>) -> Self {
        Self {
            free: overlap.paths.is_empty() && overlap.merges.is_empty(),
            paths: overlap.paths.iter().map(PathObject::from).collect(),
            merges: overlap.merges.iter().map(MergeObject::from).collect(),
            unknown,
        }
    }
}

impl From<&SharedPath> for PathObject {
    fn from(shared: &SharedPath) -> Self {
        Self { path: shared.path.clone(), one: (&shared.one).into(), other: (&shared.other).into() }
    }
}

impl From<&Concern> for ConcernObject {
    fn from(concern: &Concern) -> Self {
        Self {
            agent: concern.agent.to_string(),
            name: concern.name.clone(),
            worktree: concern.worktree.clone(),
            branch: concern.branch.clone(),
            claimed: concern.claimed.as_ref().map(ToString::to_string),
            touched: concern.touched.map(rfc3339),
        }
    }
}

impl From<&MergeConflict> for MergeObject {
    fn from(conflict: &MergeConflict) -> Self {
        Self { files: conflict.files.clone(), one: (&conflict.one).into(), other: (&conflict.other).into() }
    }
}

impl From<&Side> for SideObject {
    fn from(side: &Side) -> Self {
        Self {
            worktree: side.worktree.display().to_string(),
            branch: side.branch.clone(),
            agents: side.agents.clone(),
            uncommitted: side.uncommitted,
        }
    }
}
