//! Edits: whose files these are, before and after.

use std::{
    path::{Component, Path, PathBuf},
    process::Command,
};

use journal_engine::{AgentId, AgentSeen, Caller, CheckPaths, ClaimRequest, ClaimScope, Conflict, Glob};

use super::call::Call;
use crate::{
    failure::{Failure, HookError},
    place::{Need, World},
    rim::Exit,
    workplace::Workplace,
};

/// Why a path was claimed that was edited.
const EDITED: &str = "edited";

/// The most paths that one agent claims by editing them, of the 64 locks and claims that it may hold.
const MOST_EDITED: usize = 32;

/// What becomes of an edit.
pub enum Verdict {
    /// It goes on, and this is told.
    Told(String),
    /// It does not, for this reason.
    Refused(String),
}

/// Looks who has claimed what is about to be edited, and claims it where nobody has.
pub fn before(call: &Call<'_>, strict: bool) -> Result<Verdict, Failure> {
    let news = call.told(&call.at_work()?.notices);
    let (engine, scope) = (&call.place.engine, scope(&call.workplace));
    let paths = globs(&call.input.files, &call.directory, &call.workplace);
    if paths.is_empty() {
        return Ok(Verdict::Told(news));
    }
    let request = CheckPaths { caller: call.caller.clone(), scope: scope.clone(), paths: paths.clone() };
    let conflicts = engine.check_paths(&request)?;
    if conflicts.is_empty() {
        make_room(call, &paths)?;
        let claim = ClaimRequest {
            caller: call.caller.clone(),
            scope,
            globs: paths,
            shared: false,
            ttl_ms: None,
            reason: Some(EDITED.to_owned()),
            anyway: false,
        };
        // What cannot be claimed because somebody was faster, or because too many agents are here, is edited all the same: the
        // other one is told of when it edits.
        drop(engine.claim_paths(&claim));
        return Ok(Verdict::Told(news));
    }
    let claimed = claimed(&conflicts, &|ms| call.world.clock.instant(ms));
    Ok(if strict { Verdict::Refused(news + &claimed) } else { Verdict::Told(news + &claimed) })
}

/// Notes down what was edited, for others to see.
pub fn after(call: &Call<'_>) -> Result<String, Failure> {
    let inside = |file: &String| inside(file, &call.directory, &call.workplace);
    let paths: Vec<_> = call.input.files.iter().filter_map(inside).collect();
    call.place.engine.touch_files(&call.caller, &paths)?;
    Ok(String::new())
}

/// Looks who has claimed what is about to be committed in the working directory.
pub fn pre_commit(strict: bool, world: &World) -> Result<Exit, Failure> {
    let place = world.open(Need::Reading)?;
    let strict = strict || place.config.strict_claims.value;
    let folder = &world.environment.folder;
    let workplace = world.workplace()?;
    let staged = git(folder, &["diff", "--cached", "--name-only", "-z", "--no-renames"])?;
    let files: Vec<_> = staged.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    // Git names them from the top of the worktree.
    let paths = globs(&files, &workplace.top, &workplace);
    if paths.is_empty() {
        return Ok(Exit::Ok);
    }
    let request = CheckPaths { caller: committer(world)?, scope: scope(&workplace), paths };
    let conflicts = place.engine.check_paths(&request)?;
    if conflicts.is_empty() {
        return Ok(Exit::Ok);
    }
    world.output.plain_error(claimed(&conflicts, &|ms| world.clock.instant(ms)).trim_end());
    if strict {
        world.output.plain_error("Nothing was committed; `git commit --no-verify` commits it all the same.");
    }
    Ok(if strict { Exit::Refused } else { Exit::Ok })
}

/// Gives back what was edited longest ago, so that edits leave room for locks and for claims that were asked for.
fn make_room(call: &Call<'_>, paths: &[Glob]) -> Result<(), Failure> {
    let (engine, project) = (&call.place.engine, &call.workplace.project);
    let mut edited = engine.claims(Some(project))?;
    edited.retain(|claim| {
        let lease = &claim.lease;
        lease.holder == call.caller.agent.id && lease.note.as_deref() == Some(EDITED) && !paths.contains(&claim.glob)
    });
    let most = MOST_EDITED.saturating_sub(paths.len());
    if edited.len() > most {
        edited.sort_by_key(|claim| claim.lease.renewed);
        let oldest: Vec<_> = edited[..edited.len() - most].iter().map(|claim| claim.glob.clone()).collect();
        engine.release_paths(&call.caller, project, Some(&oldest))?;
    }
    Ok(())
}

fn scope(workplace: &Workplace) -> ClaimScope {
    ClaimScope { project: workplace.project.clone(), worktree: Some(workplace.top_text()) }
}

/// Who commits. Nobody in particular has no claims, and every claim is another's.
fn committer(world: &World) -> Result<Caller, Failure> {
    let id: AgentId = world.identified()?.id;
    Ok(Caller { agent: AgentSeen::new(id), lasting: true, serving: false })
}

/// What git prints.
pub fn git(folder: &Path, arguments: &[&str]) -> Result<String, HookError> {
    let ran = Command::new("git").args(arguments).current_dir(folder).output().map_err(HookError::Git)?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        return Err(HookError::GitSaid(said));
    }
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}

fn claimed(conflicts: &[Conflict], instant: &dyn Fn(u64) -> String) -> String {
    let line = |conflict: &Conflict| {
        let claim = &conflict.theirs;
        let why = claim.lease.note.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let until = instant(claim.lease.expires);
        format!("- `{}`: {} has claimed `{}`{why}, until {until}\n", conflict.path, claim.holder_name, claim.glob)
    };
    let mut lines: Vec<_> = conflicts.iter().map(line).collect();
    lines.dedup();
    format!("Claimed by other agents:\n{}", lines.concat())
}

fn globs(files: &[String], directory: &Path, workplace: &Workplace) -> Vec<Glob> {
    let inside = files.iter().filter_map(|file| inside(file, directory, workplace));
    // A path that is too long to be claimed is claimed by nobody.
    inside.filter_map(|path| Glob::of_path(&path).ok()).collect()
}

/// A file by its path from the top of the worktree, as claims name it; `None` for one outside.
fn inside(file: &str, directory: &Path, workplace: &Workplace) -> Option<String> {
    let mut absolute = PathBuf::new();
    for part in directory.join(file).components() {
        match part {
            Component::ParentDir => _ = absolute.pop(),
            Component::CurDir => {}
            part => absolute.push(part),
        }
    }
    let path = absolute.strip_prefix(&workplace.top).ok()?.to_str()?.replace('\\', "/");
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_top_of_the_worktree() {
        let inside = |file: &str, top: &str| {
            let workplace = Workplace { project: "den".to_owned(), top: top.into(), branch: None };
            inside(file, Path::new("/work/api/src"), &workplace)
        };
        assert_eq!(inside("a.rs", "/work/api").as_deref(), Some("src/a.rs"));
        assert_eq!(inside("./b/../../x.md", "/work/api").as_deref(), Some("x.md"));
        assert_eq!(inside("/work/api/src/a.rs", "/work/api/src").as_deref(), Some("a.rs"));
        assert_eq!(inside("/etc/passwd", "/work/api"), None);
        assert_eq!(inside("../../other/a.rs", "/work/api"), None);
    }
}
