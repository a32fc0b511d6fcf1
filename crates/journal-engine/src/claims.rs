//! Trip: claims. Who works on which paths, so that two agents do not edit one file unknowingly.

use journal_coord::{Claim, ClaimError, ClaimPaths, ClaimScope, Claimed, Conflict, Glob, Process};

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
        project: &str,
        globs: Option<&[Glob]>,
    ) -> Result<Vec<Claim>, Trouble> {
        let now = self.source.now().unix_ms;
        self.look_at_state(|coord| coord.release_claims(&caller.agent.id, project, globs, now))
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
}
