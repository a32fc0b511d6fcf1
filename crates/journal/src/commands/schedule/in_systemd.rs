//! Units in the folder of the user's systemd.

use std::path::PathBuf;

use super::{Found, Installed, ScheduleError, files, tool, typed};
use crate::{
    environment,
    place::World,
    schedule::{
        Job, Kind, Piece, Plan,
        systemd::{unit, units},
    },
};

/// Whether this user has a systemd that can be talked to.
pub fn is_running() -> bool {
    tool::run("systemctl", &["--user", "show-environment"], b"").is_ok_and(|ran| ran.is_ok)
}

pub fn find(job: Job, key: &str, world: &World) -> Result<Option<Found>, ScheduleError> {
    let Ok(folder) = folder(world) else { return Ok(None) };
    let Some(found) = files::find(Kind::Systemd, job, &folder, &units(job, key))? else { return Ok(None) };
    let is_active = is_running().then(|| is_enabled(&unit(job, key)));
    Ok(Some(Found { is_active, ..found }))
}

pub fn install(plan: &Plan, pieces: &[Piece], world: &World) -> Result<Installed, ScheduleError> {
    let folder = folder(world)?;
    let is_changed = files::write(&folder, pieces)?;
    let unit = unit(plan.job, &plan.key);
    let mut left_to_do = None;
    if is_running() {
        if is_changed {
            systemctl(&["daemon-reload"])?;
        }
        let was_enabled = is_enabled(&unit);
        if !was_enabled {
            systemctl(&["enable", "--now", &unit])?;
        } else if is_changed {
            // One that runs goes on by what it was told before.
            systemctl(&["restart", &unit])?;
        }
    } else {
        let reload = typed(&["systemctl", "--user", "daemon-reload"]);
        let enable = typed(&["systemctl", "--user", "enable", "--now", &unit]);
        left_to_do = Some(format!("{reload} && {enable}"));
    }
    Ok(Installed { is_changed, places: files::places(&folder, pieces), left_to_do })
}

pub fn remove(job: Job, key: &str, world: &World) -> Result<(), ScheduleError> {
    let is_running = is_running();
    if is_running {
        systemctl(&["disable", "--now", &unit(job, key)])?;
    }
    files::remove(&folder(world)?, &units(job, key))?;
    if is_running {
        systemctl(&["daemon-reload"])?;
    }
    Ok(())
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
