//! Claims in the database: what overlaps, and what follows from it, in one transaction.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Claim, ClaimError, ClaimPaths, ClaimScope, Claimed, Conflict, Glob};
use crate::{
    AcquireError, AcquireLease, Agent, AgentId, Coord, CoordError, EventKind, NewEvent, Standing,
    agent::touch,
    columns::understood,
    event::{append, append_of, of_agent, was_told},
    lease::{
        bounds::full,
        store::{acquire, listed, release},
    },
};

/// What the resources of all claims begin with.
const PREFIX: &str = "path/";

impl Coord {
    /// Claims paths, all or none. On the disk when this returns.
    ///
    /// # Errors
    /// [`ClaimError::Conflict`] with every claim that is in the way, [`ClaimError::Full`] when a bound would be passed; the
    /// heartbeat of the agent counts all the same.
    pub fn claim(&mut self, request: &ClaimPaths, now_ms: u64) -> Result<Claimed, ClaimError> {
        let bounds = self.bounds;
        self.write("claim paths", |transaction| {
            let agent = touch(transaction, &request.agent, now_ms)?;
            // The bound first: it keeps what is compared below finite.
            let resources: BTreeSet<_> =
                request.globs.iter().map(|glob| resource(&request.scope, &agent.id, glob)).collect();
            let resources: Vec<_> = resources.into_iter().collect();
            if let Some(full) = full(transaction, &agent, &resources, bounds, now_ms)? {
                return Ok(Err(ClaimError::Full(Box::new(full))));
            }
            let held = held(transaction, Some(&request.scope.project), now_ms)?;
            let conflicts = conflicts(&held, &agent.id, &request.scope, &request.globs, request.shared);
            tell_conflicts(transaction, &conflicts, &agent, request.anyway, now_ms)?;
            if !conflicts.is_empty() && !request.anyway {
                return Ok(Err(ClaimError::Conflict(conflicts)));
            }
            let claims = request.globs.iter().map(|glob| make(transaction, request, glob, &agent, now_ms));
            Ok(claims.collect::<rusqlite::Result<Result<Vec<_>, _>>>()?.map(|claims| Claimed { claims, conflicts }))
        })?
    }

    /// The claims that hold, those of one project or all, by what they claim.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn claims(&self, project: Option<&str>, now_ms: u64) -> Result<Vec<Claim>, CoordError> {
        self.read("list the claims", |connection| held(connection, project, now_ms))
    }

    /// The claims of other agents that keep `agent` from having these paths to itself: exclusive ones, unless it would share
    /// them, and then too.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check_claims(
        &self,
        agent: &AgentId,
        scope: &ClaimScope,
        globs: &[Glob],
        now_ms: u64,
    ) -> Result<Vec<Conflict>, CoordError> {
        let held = self.claims(Some(&scope.project), now_ms)?;
        // An edit is in nobody's way who shares.
        Ok(conflicts(&held, agent, scope, globs, true))
    }

    /// Tells the holders of claims that an agent edits, or commits, what they have claimed: of each path once in `span_ms`,
    /// however often it does. This does not wait for the disk.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn tell_edits(
        &mut self,
        agent: &AgentId,
        conflicts: &[Conflict],
        span_ms: u64,
        now_ms: u64,
    ) -> Result<(), CoordError> {
        self.write_lazily("tell of an edit", |transaction| {
            for Conflict { theirs, path, .. } in conflicts {
                let holder = &theirs.lease.holder;
                let event = NewEvent::about(EventKind::ClaimConflict, theirs.glob.as_str()).saying(Some(path));
                let event = event.told_to(holder.clone());
                if !was_told(transaction, &event, agent, now_ms.saturating_sub(span_ms))? {
                    append_of(transaction, &event, agent, &theirs.scope.project, now_ms)?;
                }
            }
            Ok(())
        })
    }

    /// Gives an agent's claims back: those on exactly these globs that count in the worktree, or all of them in the project.
    /// Answers what was given back.
    ///
    /// A claim in the same worktree is reached under whatever project it was made: which one that is may have changed since.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn release_claims(
        &mut self,
        agent: &AgentId,
        scope: &ClaimScope,
        globs: Option<&[Glob]>,
        now_ms: u64,
    ) -> Result<Vec<Claim>, CoordError> {
        self.write("release claims", |transaction| {
            let mut own = held(transaction, None, now_ms)?;
            own.retain(|claim| {
                let is_here = claim.scope.worktree.is_some() && claim.scope.worktree == scope.worktree;
                let of_project = claim.scope.project == scope.project;
                let is_meant = match globs {
                    Some(globs) => {
                        globs.contains(&claim.glob) && (is_here || of_project && claim.scope.worktree.is_none())
                    }
                    None => is_here || of_project,
                };
                claim.lease.holder == *agent && is_meant
            });
            let Some(agent) = crate::agent::find(transaction, agent)? else { return Ok(Vec::new()) };
            for claim in &own {
                release(transaction, &claim.lease.resource)?;
                let event = NewEvent::about(EventKind::ClaimReleased, claim.glob.as_str());
                append(transaction, &of_agent(&event, &agent), now_ms)?;
            }
            Ok(own)
        })
    }
}

/// The key of a lease; nobody reads it.
fn resource(scope: &ClaimScope, agent: &AgentId, glob: &Glob) -> String {
    format!("{PREFIX}{}\t{}\t{agent}\t{glob}", scope.project, scope.worktree.as_deref().unwrap_or_default())
}

fn make(
    transaction: &Transaction<'_>,
    request: &ClaimPaths,
    glob: &Glob,
    agent: &Agent,
    now: u64,
) -> rusqlite::Result<Result<Claim, ClaimError>> {
    let ClaimPaths { scope, shared, .. } = request;
    let lease = AcquireLease {
        resource: resource(scope, &agent.id, glob),
        agent: request.agent.clone(),
        process: request.process.clone(),
        ttl_ms: request.ttl_ms,
        note: request.reason.clone(),
        takeover: None,
    };
    let known: Option<bool> = transaction
        .prepare_cached("SELECT released FROM leases WHERE resource = ?1")?
        .query_row([&lease.resource], |row| row.get(0))
        .optional()?;
    let lease = match acquire(transaction, &lease, agent, now)? {
        Ok(acquired) => acquired.lease,
        Err(AcquireError::Coord(error)) => return Ok(Err(error.into())),
        Err(AcquireError::Full(full)) => return Ok(Err(ClaimError::Full(full))),
        Err(AcquireError::Held(_) | AcquireError::ReasonNeeded(_)) => {
            unreachable!("the agent is part of the resource, so nobody else holds it")
        }
    };
    let statement = "INSERT INTO claims (resource, project, worktree, glob, shared) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (resource) DO UPDATE SET shared = excluded.shared";
    transaction.prepare_cached(statement)?.execute(params![
        lease.resource,
        scope.project,
        scope.worktree,
        glob.as_str(),
        shared
    ])?;
    if known != Some(false) {
        let event = NewEvent::about(EventKind::ClaimMade, glob.as_str()).saying(lease.note.as_deref());
        append(transaction, &of_agent(&event, agent), now)?;
    }
    let (holder_name, scope, glob) = (agent.name.clone(), scope.clone(), glob.clone());
    Ok(Ok(Claim { lease, holder_name, scope, glob, shared: *shared }))
}

fn tell_conflicts(
    transaction: &Transaction<'_>,
    conflicts: &[Conflict],
    agent: &Agent,
    anyway: bool,
    now: u64,
) -> rusqlite::Result<()> {
    for Conflict { asked, theirs, .. } in conflicts {
        let event = NewEvent::about(EventKind::ClaimConflict, theirs.glob.as_str()).saying(Some(asked.as_str()));
        // Whoever is refused is in nobody's way.
        let event = if anyway { event.told_to(theirs.lease.holder.clone()) } else { event };
        append(transaction, &of_agent(&event, agent), now)?;
    }
    Ok(())
}

fn conflicts(held: &[Claim], agent: &AgentId, scope: &ClaimScope, globs: &[Glob], shared: bool) -> Vec<Conflict> {
    let meets = |claim: &&Claim| {
        let one_place = match (&claim.scope.worktree, &scope.worktree) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        };
        claim.lease.holder != *agent && claim.scope.project == scope.project && one_place && !(shared && claim.shared)
    };
    let mut seen = HashSet::new();
    let globs: Vec<&Glob> = globs.iter().filter(|glob| seen.insert(glob.as_str())).collect();
    let pairs = held.iter().filter(meets).flat_map(|claim| globs.iter().map(move |glob| (claim, *glob)));
    let conflict = |(claim, glob): (&Claim, &Glob)| {
        let path = glob.common_path(&claim.glob)?;
        Some(Conflict { asked: glob.clone(), theirs: claim.clone(), path })
    };
    pairs.filter_map(conflict).collect()
}

fn held(connection: &Connection, project: Option<&str>, now: u64) -> rusqlite::Result<Vec<Claim>> {
    let mut find =
        connection.prepare_cached("SELECT * FROM claims WHERE resource = ?1 AND (?2 IS NULL OR project = ?2)")?;
    let mut claims = Vec::new();
    for state in listed(connection, PREFIX, now)?.into_iter().filter(|state| state.standing == Standing::Held) {
        let covers = find.query_row((&state.lease.resource, project), |row| {
            let scope = ClaimScope { project: row.get("project")?, worktree: row.get("worktree")? };
            Ok((scope, understood(row, "glob")?, row.get("shared")?))
        });
        if let Some((scope, Some(glob), shared)) = covers.optional()? {
            claims.push(Claim { lease: state.lease, holder_name: state.holder_name, scope, glob, shared });
        }
    }
    claims.sort_by(|one, other| {
        (&one.scope.project, one.glob.as_str()).cmp(&(&other.scope.project, other.glob.as_str()))
    });
    Ok(claims)
}
