//! Lines in the user's crontab.

use super::{Found, Installed, ScheduleError, tool};
use crate::schedule::{Job, Kind, Piece, Plan, crontab, seal};

/// How the place is called.
const PLACE: &str = "the crontab (crontab -l)";

pub fn find(job: Job, key: &str) -> Result<Option<Found>, ScheduleError> {
    let before = match read() {
        // A system without cron has no crontabs, and who may not have one has none.
        Err(ScheduleError::Tool { .. }) => return Ok(None),
        Err(ScheduleError::Said { said, .. }) if said.contains("not allowed") => return Ok(None),
        before => before?,
    };
    let found = crontab::find(&before, job, key).map(|(_, _, lines)| {
        let sealed = seal::read(&lines);
        let is_whole = sealed.is_some_and(|sealed| sealed.is_whole);
        Found {
            kind: Kind::Cron,
            job: sealed.map_or(job, |sealed| sealed.job),
            places: vec![PLACE.to_owned()],
            edited: if is_whole { Vec::new() } else { vec![format!("a line in {PLACE}")] },
            is_active: None,
            stopped: None,
            text: lines,
            written: None,
        }
    });
    Ok(found)
}

pub fn install(plan: &Plan, pieces: &[Piece]) -> Result<Installed, ScheduleError> {
    let before = read()?;
    let places = vec![PLACE.to_owned()];
    let lines: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    if let Some((_, _, there)) = crontab::find(&before, plan.job, &plan.key) {
        if there == lines {
            return Ok(Installed { is_changed: false, places, left_to_do: None });
        }
        if !seal::read(&there).is_some_and(|sealed| sealed.is_whole) {
            return Err(ScheduleError::Edited(format!("a line in {PLACE}")));
        }
    }
    write(&crontab::with(&before, plan.job, &plan.key, &lines))?;
    Ok(Installed { is_changed: true, places, left_to_do: None })
}

pub fn remove(job: Job, key: &str) -> Result<(), ScheduleError> {
    let after = crontab::without(&read()?, job, key);
    if after.is_empty() { tool::must("crontab", &["-r"], b"").map(drop) } else { write(&after) }
}

/// The crontab; empty where there is none.
fn read() -> Result<Vec<u8>, ScheduleError> {
    let ran = tool::run("crontab", &["-l"], b"")?;
    if ran.is_ok {
        return Ok(ran.stdout);
    }
    let is_none = ["no crontab", "No such file"].iter().any(|words| ran.stderr.contains(words));
    if is_none {
        Ok(Vec::new())
    } else {
        Err(ScheduleError::Said { command: "crontab -l".to_owned(), said: ran.stderr })
    }
}

fn write(bytes: &[u8]) -> Result<(), ScheduleError> {
    tool::must("crontab", &["-"], bytes).map(drop)
}
