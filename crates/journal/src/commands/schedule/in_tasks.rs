//! Tasks of the Windows Task Scheduler. It keeps a task in words of its own, so of one that a person edited only so much is
//! seen: whether its line of ours is still that of what would be installed.

use journal_engine::{remove_file_durably, write_file_durably};

use super::{Found, Installed, ScheduleError, tool};
use crate::{
    place::World,
    schedule::{
        Job, Kind, Piece, Plan, seal,
        task_scheduler::{bytes, name},
    },
};

pub fn find(job: Job, key: &str) -> Result<Option<Found>, ScheduleError> {
    let name = name(job, key);
    Ok(query(&name)?.map(|text| {
        let sealed = seal::read(&text);
        Found {
            kind: Kind::TaskScheduler,
            job: sealed.map_or(job, |sealed| sealed.job),
            places: vec![format!("the task `{name}`")],
            edited: if sealed.is_some() { Vec::new() } else { vec![format!("the task `{name}`")] },
            is_active: Some(!text.contains("<Enabled>false</Enabled>")),
            stopped: None,
            written: None,
            text,
        }
    }))
}

pub fn install(plan: &Plan, pieces: &[Piece], world: &World) -> Result<Installed, ScheduleError> {
    let name = name(plan.job, &plan.key);
    let places = vec![format!("the task `{name}`")];
    let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    if let Some(there) = query(&name)? {
        let seal = |text: &str| text.split_once(seal::WORD)?.1.split(';').next().map(str::to_owned);
        match seal(&there) {
            None => return Err(ScheduleError::Edited(format!("the task `{name}`"))),
            same if same == seal(&text) => return Ok(Installed { is_changed: false, places, left_to_do: None }),
            _ => {}
        }
    }
    let path = world.environment.temporary.join(format!("journal-task-{}.xml", std::process::id()));
    let file = |attempted| {
        let path = path.clone();
        move |source| ScheduleError::File { attempted, path, source }
    };
    write_file_durably(&path, &bytes(&text), Some(0o600)).map_err(file("write"))?;
    let shown = path.to_str().ok_or_else(|| ScheduleError::NotText(path.clone()))?;
    let created = tool::must("schtasks", &["/create", "/tn", &name, "/xml", shown, "/f"], b"");
    remove_file_durably(&path).map_err(file("remove"))?;
    created?;
    Ok(Installed { is_changed: true, places, left_to_do: None })
}

pub fn remove(job: Job, key: &str) -> Result<(), ScheduleError> {
    tool::must("schtasks", &["/delete", "/tn", &name(job, key), "/f"], b"").map(drop)
}

/// The task as the system keeps it; `None` when there is none of that name.
fn query(name: &str) -> Result<Option<String>, ScheduleError> {
    let ran = tool::run("schtasks", &["/query", "/tn", name, "/xml"], b"")?;
    Ok(ran.is_ok.then(|| String::from_utf8_lossy(&ran.stdout).replace('\0', "")))
}
