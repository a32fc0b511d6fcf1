//! Trip: claims. Who works on which paths, so that two agents do not edit one file unknowingly.

use std::path::{Component, Path};

use journal_coord::{Claim, ClaimError, ClaimPaths, ClaimScope, Claimed, Conflict, Glob, GlobError, Process};

use crate::{
    Caller, Trouble,
    coordination::{CLAIM_TTL, ClaimPathsError},
    core::Core,
};

/// Paths to claim: all or none.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// Who asks; the call is its heartbeat.
    pub caller: Caller,
    /// Where the claims count.
    pub scope: ClaimScope,
    /// What to claim.
    pub globs: Vec<Glob>,
    /// Whether others may share it.
    pub shared: bool,
    /// How long, in milliseconds; an hour where absent.
    pub ttl_ms: Option<u64>,
    /// Why; told to others.
    pub reason: Option<String>,
    /// Claim also what others hold, who are told.
    pub anyway: bool,
}

/// Paths that the caller wants to edit.
#[derive(Debug, Clone)]
pub struct CheckPaths {
    /// Who asks.
    pub caller: Caller,
    /// Where.
    pub scope: ClaimScope,
    /// The paths.
    pub paths: Vec<Glob>,
}

/// A glob as typed in `folder`, relative to `top`, the top of the worktree.
///
/// # Errors
/// When it is none, or leaves the worktree.
pub fn typed_glob(top: &Path, folder: &Path, typed: &str) -> Result<Glob, GlobError> {
    let (above, rest) = within(top, folder, typed)?;
    format!("{}/{rest}", Glob::escaped(&above)).parse()
}

/// The folder inside the worktree that something typed is relative to, and what of it is.
fn within(top: &Path, folder: &Path, typed: &str) -> Result<(String, String), GlobError> {
    // An empty text is a variable that is not set more often than a wish for everything.
    if typed.trim().is_empty() {
        return Err(GlobError::Empty);
    }
    let leaves = || GlobError::Leaves(typed.to_owned());
    let typed_path = Path::new(typed);
    if typed_path.is_absolute() {
        let inside = typed_path.strip_prefix(top).map_err(|_| leaves())?;
        return Ok((String::new(), inside.to_string_lossy().into_owned()));
    }
    let inside = folder.strip_prefix(top).unwrap_or(Path::new(""));
    let mut above: Vec<String> = inside
        .components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let mut rest = typed;
    while let Some(up) = rest.strip_prefix("../").or((rest == "..").then_some("")) {
        above.pop().ok_or_else(leaves)?;
        rest = up;
    }
    // The folder itself, as `.` or after `..`, is a folder with all that is in it.
    let rest = if matches!(rest, "" | "." | "./") && above.is_empty() { "**" } else { rest };
    Ok((above.join("/"), rest.to_owned()))
}

impl Core {
    pub(crate) fn claim_paths(&self, request: &ClaimRequest) -> Result<Claimed, ClaimPathsError> {
        let caller = &request.caller;
        if !caller.lasting {
            return Err(ClaimPathsError::NeedsAgent);
        }
        let now = self.source.now().unix_ms;
        let claim = ClaimPaths {
            agent: Self::seen(caller),
            process: caller.serving.then(Process::current),
            scope: request.scope.clone(),
            globs: request.globs.clone(),
            shared: request.shared,
            ttl_ms: request.ttl_ms.unwrap_or(CLAIM_TTL.as_millis() as u64),
            reason: request.reason.clone(),
            anyway: request.anyway,
        };
        self.coordinate(None, |coord| coord.claim(&claim, now))?.map_err(|error| match error {
            ClaimError::Coord(error) => Trouble::from(error).into(),
            error => error.into(),
        })
    }

    pub(crate) fn release_paths(
        &self,
        caller: &Caller,
        scope: &ClaimScope,
        globs: Option<&[Glob]>,
    ) -> Result<Vec<Claim>, Trouble> {
        let now = self.source.now().unix_ms;
        self.look_at_state(|coord| coord.release_claims(&caller.agent.id, scope, globs, now))
    }

    pub(crate) fn claims(&self, project: Option<&str>) -> Result<Vec<Claim>, Trouble> {
        let now = self.source.now().unix_ms;
        self.look_at_state(|coord| coord.claims(project, now))
    }

    pub(crate) fn check_paths(&self, request: &CheckPaths) -> Result<Vec<Conflict>, Trouble> {
        let now = self.source.now().unix_ms;
        let CheckPaths { caller, scope, paths } = request;
        self.look_at_state(|coord| coord.check_claims(&caller.agent.id, scope, paths, now))
    }

    pub(crate) fn tell_edits(&self, caller: &Caller, conflicts: &[Conflict]) -> Result<(), Trouble> {
        if conflicts.is_empty() {
            return Ok(());
        }
        let (now, span) = (self.source.now().unix_ms, CLAIM_TTL.as_millis() as u64);
        self.look_at_state(|coord| coord.tell_edits(&caller.agent.id, conflicts, span, now))
    }
}
