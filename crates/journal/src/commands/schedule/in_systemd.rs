//! Units in the folder of the user's systemd.

use std::path::PathBuf;

use super::{Found, Installed, ScheduleError, Stopped, files, tool, typed};
use crate::{
    environment,
    place::World,
    schedule::{
        Job, Kind, Piece, Plan,
        systemd::{unit, units, wanted_by},
    },
};

/// Whether this user has a systemd that can be talked to.
pub fn is_running() -> bool {
    tool::run("systemctl", &["--user", "show-environment"], b"").is_ok_and(|ran| ran.is_ok)
}

pub fn find(job: Job, key: &str, world: &World) -> Result<Option<Found>, ScheduleError> {
    let Ok(folder) = folder(world) else { return Ok(None) };
    let Some(found) = files::find(Kind::Systemd, job, &folder, &units(job, key))? else { return Ok(None) };
    let unit = unit(job, key);
    let is_active = is_running().then(|| is_enabled(&unit));
    let stopped = is_active.filter(|is_active| *is_active).and_then(|_| stopped(&unit));
    Ok(Some(Found { is_active, stopped, ..found }))
}

pub fn install(plan: &Plan, pieces: &[Piece], world: &World) -> Result<Installed, ScheduleError> {
    let folder = folder(world)?;
    let mut is_changed = files::write(&folder, pieces)?;
    let unit = unit(plan.job, &plan.key);
    let mut left_to_do = None;
    if is_running() {
        if is_changed {
            systemctl(&["daemon-reload"])?;
        }
        if !is_enabled(&unit) {
            systemctl(&["enable", "--now", &unit])?;
            is_changed = true;
        } else if is_changed {
            // One that runs goes on by what it was told before.
            systemctl(&["restart", &unit])?;
        } else if stopped(&unit).is_some() {
            systemctl(&["start", &unit])?;
            is_changed = true;
        }
    } else {
        let reload = typed(&["systemctl", "--user", "daemon-reload"]);
        let enable = typed(&["systemctl", "--user", "enable", "--now", &unit]);
        left_to_do = Some(format!("{reload} && {enable}"));
    }
    Ok(Installed { is_changed, places: files::places(&folder, pieces), left_to_do })
}

/// Answers what the person has to type where systemd could not be told of it.
pub fn remove(job: Job, key: &str, world: &World) -> Result<Option<String>, ScheduleError> {
    let (is_running, folder, unit) = (is_running(), folder(world)?, unit(job, key));
    if is_running {
        systemctl(&["disable", "--now", &unit])?;
    }
    files::remove(&folder, &units(job, key))?;
    // The link by which it was switched on, and when a timer last ran.
    files::remove(&folder.join(format!("{}.wants", wanted_by(job))), std::slice::from_ref(&unit))?;
    if let (Job::Reindex(_), Some(data)) = (job, world.environment.user_data()) {
        files::remove(&data.join("systemd/timers"), &[format!("stamp-{unit}")])?;
    }
    if is_running {
        systemctl(&["daemon-reload"])?;
        return Ok(None);
    }
    let stop = typed(&["systemctl", "--user", "stop", &unit]);
    Ok(Some(format!("{stop} && {}", typed(&["systemctl", "--user", "daemon-reload"]))))
}

/// How a unit that is switched on and does not run stands; `None` where it runs, or nobody tells.
fn stopped(unit: &str) -> Option<Stopped> {
    let ran = tool::run("systemctl", &["--user", "is-active", unit], b"").ok()?;
    let state = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
    let look = typed(&["systemctl", "--user", "status", unit]);
    ["failed", "inactive"].contains(&state.as_str()).then_some(Stopped { state, look })
}

fn is_enabled(unit: &str) -> bool {
    tool::run("systemctl", &["--user", "is-enabled", "--quiet", unit], b"").is_ok_and(|ran| ran.is_ok)
}

fn systemctl(arguments: &[&str]) -> Result<(), ScheduleError> {
    tool::must("systemctl", &[&["--user"], arguments].concat(), b"").map(drop)
}

/// As `systemd.unit(5)` has it.
fn folder(world: &World) -> Result<PathBuf, ScheduleError> {
    let own = world.environment.path(&environment::XDG_CONFIG_HOME).filter(|path| path.is_absolute());
    let config = own.or_else(|| Some(world.environment.path(&environment::HOME)?.join(".config")));
    Ok(config.ok_or(ScheduleError::NoHome(Kind::Systemd))?.join("systemd/user"))
}
