//! What is not in order with the schedules that are installed, and with how they ran.

use std::path::Path;

use journal_engine::{Around, Finding, FindingCode, LastRun, Mend};

use crate::{
    commands::schedule::{Found, ScheduleError, Stopped},
    rim::message,
    schedule::{Job, Kind},
};

/// Milliseconds in a minute.
const MINUTE: u64 = 60_000;

/// What is not in order.
pub fn judged(installed: &[Found], around: &Around, vault: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, message: String, hint: String| {
        findings.push(Finding::new(code, message, Vec::new(), Mend::ByHand(hint)));
    };
    for found in installed {
        let Found { kind, job, .. } = found;
        let again = found.again();
        if found.is_edited() {
            let message = format!("{} is not as `journal schedule` wrote it", found.edited());
            find(
                FindingCode::ScheduleEdited,
                message,
                format!("nothing, if you edited it; else remove it, and {again}"),
            );
        }
        if found.is_active == Some(false) {
            let message = format!("the schedule `{job}` is installed, and {kind} does not run it");
            find(FindingCode::ScheduleOff, message, again.clone());
        }
        if found.is_active.is_none() && *kind == Kind::Systemd {
            let message =
                format!("it is not known whether {kind} runs the schedule `{job}`: none of this user can be reached");
            let hint =
                format!("nothing, if it runs at your login; else let another run it: {}", found.again_by(Kind::Cron));
            find(FindingCode::ScheduleUnknown, message, hint);
        }
        if let Some(Stopped { state, look }) = &found.stopped {
            let message = format!("the schedule `{job}` is switched on, and does not run: {kind} calls it {state}");
            find(FindingCode::ScheduleStopped, message, format!("see why: {look}; then begin it again: {again}"));
        }
        if !found.is_for(vault) {
            let message = format!("the schedule `{job}` was made for another path than `{}`", vault.display());
            find(
                FindingCode::ScheduleElsewhere,
                message,
                format!("install it anew, as the vault lies here now: {again}"),
            );
        }
        // One that never ran is due since it was installed.
        let due = found.written.max(around.last_run.as_ref().map(|last| last.begun));
        if let (Job::Reindex(when), Some(due)) = (job, due)
            && found.is_active != Some(false)
            && is_late(due, when.minutes(), around.now)
        {
            let hours = around.now.saturating_sub(due) / (60 * MINUTE);
            let message = format!("the schedule `{job}` has not run for {hours} hours");
            find(FindingCode::ScheduleLate, message, format!("see whether {kind} runs; install it anew: {again}"));
        }
    }
    if let Some(LastRun { exit, error: Some(error), .. }) = &around.last_run
        && installed.iter().any(|found| matches!(found.job, Job::Reindex(_)))
    {
        let message = format!("the last run of the schedule failed with exit code {exit}: {error}");
        find(FindingCode::ScheduleFailed, message, "run it now: journal reindex --scheduled".to_owned());
    }
    findings
}

/// That it is not known which schedules are installed.
pub fn unseen(error: &ScheduleError) -> Finding {
    let message = format!("it is not known which schedules are installed: {}", message(error));
    let hint = "see what it says of each: journal schedule status";
    Finding::new(FindingCode::ScheduleUnknown, message, Vec::new(), Mend::ByHand(hint.to_owned()))
}

/// Whether a run is overdue: two were left out, and an hour more, which a laptop may sleep at noon.
fn is_late(due: u64, minutes: u32, now: u64) -> bool {
    now.saturating_sub(due) > (3 * u64::from(minutes) + 60) * MINUTE
}

#[cfg(test)]
mod tests {
    use journal_engine::{AgentCounts, Ground, ModelFacts};

    use super::*;
    use crate::schedule::Kind;

    const NOW: u64 = 100 * 24 * 60 * MINUTE;

    fn around(last_run: Option<LastRun>) -> Around {
        Around {
            now: NOW,
            vault: Ground::default(),
            state: None,
            watch: None,
            model: ModelFacts::default(),
            agents: AgentCounts::default(),
            server: None,
            last_run,
        }
    }

    fn installed() -> Found {
        Found {
            kind: Kind::Systemd,
            job: "reindex every 1h".parse().unwrap(),
            places: Vec::new(),
            edited: Vec::new(),
            is_active: Some(true),
            stopped: None,
            text: "ExecStart=\"journal\" \"--vault\" \"/v/$$1\" \"reindex\"".to_owned(),
            written: None,
        }
    }

    fn codes(installed: &[Found], around: &Around) -> Vec<&'static str> {
        judged(installed, around, Path::new("/v/$1")).iter().map(|finding| finding.code.as_str()).collect()
    }

    fn found(is_active: Option<bool>, edited: &[&str], begun: u64, error: Option<&str>) -> Vec<&'static str> {
        let last = LastRun { begun, error: error.map(str::to_owned), ..LastRun::default() };
        let edited = edited.iter().map(|&place| place.to_owned()).collect();
        codes(&[Found { is_active, edited, ..installed() }], &around(Some(last)))
    }

    #[test]
    fn what_is_told_of_schedules() {
        let recent = NOW - 4 * 60 * MINUTE;
        assert_eq!(found(Some(true), &[], recent, None), [""; 0]);
        assert_eq!(found(None, &[], recent, None), ["schedule-unknown"]);
        assert_eq!(found(Some(true), &[], recent - 1, None), ["schedule-late"]);
        assert_eq!(found(Some(false), &[], recent - 1, None), ["schedule-off"]);
        assert_eq!(found(Some(true), &["`/u/x.timer`"], recent, None), ["schedule-edited"]);
        assert_eq!(found(Some(true), &[], recent, Some("no")), ["schedule-failed"]);
        assert_eq!(found(Some(true), &[], NOW + 1, None), [""; 0]);
    }
    #[test]
    fn one_that_never_ran_is_late_since_it_was_installed() {
        let written = |written| codes(&[Found { written: Some(written), ..installed() }], &around(None));
        let long_ago = NOW - 4 * 60 * MINUTE - 1;
        assert_eq!((written(long_ago + 1), written(long_ago)), (vec![], vec!["schedule-late"]));
        let ran = LastRun { begun: NOW, ..LastRun::default() };
        assert_eq!(codes(&[Found { written: Some(long_ago), ..installed() }], &around(Some(ran))), [""; 0]);
        // Of cron it is not known when it was installed.
        assert_eq!(codes(&[installed()], &around(None)), [""; 0]);
    }

    #[test]
    fn what_does_not_run_or_runs_for_another_path_is_told() {
        let around = around(None);
        let failed = Some(Stopped { state: "failed".to_owned(), look: "look".to_owned() });
        let server = Found { job: Job::Serve, stopped: failed, ..installed() };
        assert_eq!(codes(&[server], &around), ["schedule-stopped"]);
        let moved = judged(&[installed()], &around, Path::new("/v/2"));
        assert_eq!(moved.iter().map(|finding| finding.code).collect::<Vec<_>>(), [FindingCode::ScheduleElsewhere]);
        assert!(matches!(&moved[0].mend, Mend::ByHand(hint) if hint.ends_with("install --kind systemd --every 1h")));
    }

    #[test]
    fn that_it_failed_counts_while_it_is_installed() {
        let failed = around(Some(LastRun { begun: NOW, error: Some("no".to_owned()), ..LastRun::default() }));
        let server = Found { job: Job::Serve, ..installed() };
        assert_eq!((codes(&[installed()], &failed), codes(&[server], &failed)), (vec!["schedule-failed"], vec![]));
    }
}
