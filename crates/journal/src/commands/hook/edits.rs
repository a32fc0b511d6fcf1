//! Edits: whose files these are, before and after.

use std::{path::Path, process::Command, str::FromStr};

use journal_engine::{AgentId, AgentSeen, Caller, CheckPaths, ClaimRequest, ClaimScope, Conflict, Glob};

use super::call::Call;
use crate::{
    failure::{Failure, HookError},
    place::{Need, Place, World},
    rim::{self, Exit},
    text::brief,
    workplace::{Located, by_scope},
};

/// Why a path was claimed that was edited.
const EDITED: &str = "edited";

/// The most paths that one agent claims by editing them, of the 64 locks and claims that it may hold.
const MOST_EDITED: usize = 32;

/// The most characters that are told of why something is claimed.
const WHY: usize = 120;

/// What becomes of an edit.
pub enum Verdict {
    /// It goes on, and this is told.
    Told(String),
    /// It does not, for this reason.
    Refused(String),
}

/// Looks who has claimed what is about to be edited, and claims it where nobody has. Who has is told.
pub fn before(call: &Call<'_>, strict: bool) -> Result<Verdict, Failure> {
    let news = call.news();
    let engine = &call.place.engine;
    let located = call.located()?;
    let mut conflicts = Vec::new();
    for (scope, paths) in by_scope(located.iter().flatten().filter_map(scoped)) {
        conflicts.extend(engine.check_paths(&CheckPaths { caller: call.caller.clone(), scope, paths })?);
    }
    if conflicts.is_empty() {
        // Where one thing cannot be written down another cannot either, and each is waited for.
        if news.is_some() {
            claim(call, by_scope(located.iter().filter_map(|places| scoped(places.first()?))))?;
        }
        return Ok(Verdict::Told(news.unwrap_or_default()));
    }
    let news = news.unwrap_or_default();
    tell(&call.place, &call.caller, &conflicts, call.world);
    let claimed = claimed(&conflicts, &|ms| call.world.clock.instant(ms));
    Ok(if strict {
        Verdict::Refused(format!(
            "{news}{claimed}Nothing was edited. It can be when they give it back, or their time is over; what they do: journal agents"
        ))
    } else {
        Verdict::Told(news + &claimed)
    })
}

/// Claims what is about to be edited.
fn claim(call: &Call<'_>, scopes: Vec<(ClaimScope, Vec<Glob>)>) -> Result<(), Failure> {
    make_room(call, &scopes)?;
    for (scope, globs) in scopes {
        let claim = ClaimRequest {
            caller: call.caller.clone(),
            scope,
            globs,
            shared: false,
            ttl_ms: None,
            reason: Some(EDITED.to_owned()),
            anyway: false,
        };
        // What cannot be claimed because somebody was faster, or because too many agents are here, is edited all the same: the
        // other one is told of when it edits.
        drop(call.place.engine.claim_paths(&claim));
    }
    Ok(())
}

/// Tells those who hold the claims. That they cannot be told stops nobody.
fn tell(place: &Place, caller: &Caller, conflicts: &[Conflict], world: &World) {
    if let Err(trouble) = place.engine.tell_edits(caller, conflicts) {
        world.output.plain_error(&format!("journal: {}", rim::message(&trouble)));
    }
}

/// Notes down what was edited, for others to see: from the top of the worktree in which the agent works, or whole.
pub fn after(call: &Call<'_>) -> Result<String, Failure> {
    let path = |places: &Vec<Located>| -> Option<String> {
        let Located { workplace, path } =
            places.iter().find(|found| found.workplace.top == call.workplace.top).or(places.first())?;
        if path.is_empty() {
            return None;
        }
        let is_inside = workplace.top == call.workplace.top;
        if is_inside { Some(path.clone()) } else { workplace.top.join(path).to_str().map(str::to_owned) }
    };
    let paths: Vec<_> = call.located()?.iter().filter_map(path).collect();
    call.place.engine.touch_files(&call.caller, &paths)?;
    Ok(String::new())
}

/// Looks who has claimed what is about to be committed in the working directory.
pub fn pre_commit(strict: bool, world: &World) -> Result<Exit, Failure> {
    let place = world.open_soon(Need::Reading)?;
    let strict = strict || place.config.strict_claims.value;
    let folder = &world.environment.folder;
    let workplace = world.workplace()?;
    let staged = git(folder, &["diff", "--cached", "--name-only", "-z", "--no-renames"])?;
    // Git names them from the top of the worktree. A path that is too long to be claimed is claimed by nobody.
    let paths: Vec<_> = staged.split('\0').filter_map(|name| Glob::of_path(name).ok()).collect();
    if paths.is_empty() {
        return Ok(Exit::Ok);
    }
    let request = CheckPaths { caller: committer(world)?, scope: workplace.scope(), paths };
    let conflicts = place.engine.check_paths(&request)?;
    if conflicts.is_empty() {
        return Ok(Exit::Ok);
    }
    tell(&place, &request.caller, &conflicts, world);
    world.output.plain_error(claimed(&conflicts, &|ms| world.clock.instant(ms)).trim_end());
    if strict {
        world.output.plain_error("Nothing was committed; `git commit --no-verify` commits it all the same.");
    }
    Ok(if strict { Exit::Refused } else { Exit::Ok })
}

/// Gives back what was edited longest ago, so that edits leave room for locks and for claims that were asked for.
fn make_room(call: &Call<'_>, scopes: &[(ClaimScope, Vec<Glob>)]) -> Result<(), Failure> {
    let engine = &call.place.engine;
    let mut edited = engine.claims(None)?;
    edited.retain(|claim| {
        let lease = &claim.lease;
        let is_asked = scopes.iter().any(|(scope, globs)| *scope == claim.scope && globs.contains(&claim.glob));
        lease.holder == call.caller.agent.id && lease.note.as_deref() == Some(EDITED) && !is_asked
    });
    let asked: usize = scopes.iter().map(|(_, globs)| globs.len()).sum();
    let most = MOST_EDITED.saturating_sub(asked);
    if edited.len() > most {
        edited.sort_by_key(|claim| claim.lease.renewed);
        for claim in &edited[..edited.len() - most] {
            engine.release_paths(&call.caller, &claim.scope, Some(std::slice::from_ref(&claim.glob)))?;
        }
    }
    Ok(())
}

/// Who commits. Nobody in particular has no claims, and every claim is another's; they are one, so that who claims is told of them once.
fn committer(world: &World) -> Result<Caller, Failure> {
    let who = world.identified()?;
    let id = if who.source.is_lasting() { who.id } else { AgentId::from_str("git").expect("it is an id") };
    Ok(Caller { agent: AgentSeen::new(id), lasting: true, serving: false })
}

/// What git prints.
pub fn git(folder: &Path, arguments: &[&str]) -> Result<String, HookError> {
    let ran = Command::new("git").args(arguments).current_dir(folder).output().map_err(HookError::Git)?;
    if !ran.status.success() {
        // The first line says what is wrong; outside of a repository pages of usage follow.
        let said = String::from_utf8_lossy(&ran.stderr).trim().lines().next().unwrap_or_default().to_owned();
        return Err(HookError::GitSaid(said));
    }
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}

fn claimed(conflicts: &[Conflict], instant: &dyn Fn(u64) -> String) -> String {
    let line = |conflict: &Conflict| {
        let claim = &conflict.theirs;
        let why = claim.lease.note.as_ref().map(|why| format!(" ({})", brief(why, WHY))).unwrap_or_default();
        let until = instant(claim.lease.expires);
        let (path, name, id) = (&conflict.path, &claim.holder_name, &claim.lease.holder);
        format!("- `{path}`: {name} (agent {id}) has claimed `{}`{why}, until {until}\n", claim.glob)
    };
    let mut lines: Vec<_> = conflicts.iter().map(line).collect();
    lines.dedup();
    format!("Claimed by other agents:\n{}", lines.concat())
}

/// A file as claims name it; a path that is too long to be claimed is claimed by nobody.
fn scoped(located: &Located) -> Option<(ClaimScope, Glob)> {
    let glob = located.glob().ok().filter(|_| !located.path.is_empty())?;
    Some((located.workplace.scope(), glob))
}
