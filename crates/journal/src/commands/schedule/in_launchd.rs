//! Agents in the user's folder for launchd.

use std::path::{Path, PathBuf};

use super::{Found, Installed, ScheduleError, files, tool, typed};
use crate::{
    environment,
    place::World,
    schedule::{
        Job, Kind, Piece, Plan,
        launchd::{file, label},
    },
};

pub fn find(job: Job, key: &str, world: &World) -> Result<Option<Found>, ScheduleError> {
    let Ok(folder) = folder(world) else { return Ok(None) };
    let Some(found) = files::find(Kind::Launchd, job, &folder, &[file(job, key)])? else { return Ok(None) };
    let is_active = domain().ok().map(|domain| is_loaded(&domain, job, key));
    Ok(Some(Found { is_active, ..found }))
}

pub fn install(plan: &Plan, pieces: &[Piece], world: &World) -> Result<Installed, ScheduleError> {
    let folder = folder(world)?;
    let is_changed = files::write(&folder, pieces)?;
    let domain = domain()?;
    let was_loaded = is_loaded(&domain, plan.job, &plan.key);
    let mut left_to_do = None;
    if is_changed || !was_loaded {
        if was_loaded {
            unload(&domain, plan.job, &plan.key)?;
        }
        let path = text(&folder.join(file(plan.job, &plan.key)))?;
        let arguments = ["bootstrap", &domain, &path];
        // Without a session on the screen there is nobody to tell; at the next login it is read anyway.
        if !tool::run("launchctl", &arguments, b"")?.is_ok {
            left_to_do = Some(typed(&[&["launchctl"], &arguments[..]].concat()));
        }
    }
    Ok(Installed { is_changed, places: files::places(&folder, pieces), left_to_do })
}

pub fn remove(job: Job, key: &str, world: &World) -> Result<(), ScheduleError> {
    let domain = domain()?;
    if is_loaded(&domain, job, key) {
        unload(&domain, job, key)?;
    }
    files::remove(&folder(world)?, &[file(job, key)])
}

fn is_loaded(domain: &str, job: Job, key: &str) -> bool {
    let service = format!("{domain}/{}", label(job, key));
    tool::run("launchctl", &["print", &service], b"").is_ok_and(|ran| ran.is_ok)
}

fn unload(domain: &str, job: Job, key: &str) -> Result<(), ScheduleError> {
    tool::must("launchctl", &["bootout", &format!("{domain}/{}", label(job, key))], b"").map(drop)
}

/// What launchd calls the session of this user on the screen.
fn domain() -> Result<String, ScheduleError> {
    let user = tool::must("id", &["-u"], b"")?;
    Ok(format!("gui/{}", String::from_utf8_lossy(&user).trim()))
}

fn folder(world: &World) -> Result<PathBuf, ScheduleError> {
    let home = world.environment.path(&environment::HOME).ok_or(ScheduleError::NoHome(Kind::Launchd))?;
    Ok(home.join("Library/LaunchAgents"))
}

fn text(path: &Path) -> Result<String, ScheduleError> {
    path.to_str().map(str::to_owned).ok_or_else(|| ScheduleError::NotText(path.to_owned()))
}
