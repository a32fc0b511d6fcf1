//! What is not in order with the schedules that are installed, and with how they ran.

use journal_engine::{Around, Finding, FindingCode, LastRun, Mend};

use crate::{
    commands::schedule::{Found, ScheduleError},
    rim::message,
    schedule::Job,
};

/// Milliseconds in a minute.
const MINUTE: u64 = 60_000;

/// What is not in order.
pub fn judged(installed: &[Found], around: &Around) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, message: String, hint: String| {
        findings.push(Finding::new(code, message, Vec::new(), Mend::ByHand(hint)));
    };
    for found in installed {
        let Found { kind, job, .. } = found;
        let again = match job {
            Job::Reindex(_) => "journal schedule install",
            Job::Serve => "journal schedule install --serve",
        };
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
            find(FindingCode::ScheduleOff, message, again.to_owned());
        }
        if let (Job::Reindex(when), Some(last)) = (job, &around.last_run)
            && found.is_active != Some(false)
            && is_late(last, when.minutes(), around.now)
        {
            let hours = around.now.saturating_sub(last.begun) / (60 * MINUTE);
            let message = format!("the schedule `{job}` has not run for {hours} hours");
            find(FindingCode::ScheduleLate, message, format!("see whether {kind} runs; install it anew: {again}"));
        }
    }
    if let Some(LastRun { exit, error: Some(error), .. }) = &around.last_run {
        let message = format!("the last run of the schedule failed with exit code {exit}: {error}");
        find(FindingCode::ScheduleFailed, message, "see what it says now: journal reindex".to_owned());
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
fn is_late(last: &LastRun, minutes: u32, now: u64) -> bool {
    now.saturating_sub(last.begun) > (3 * u64::from(minutes) + 60) * MINUTE
}

#[cfg(test)]
mod tests {
    use journal_engine::{AgentCounts, Ground, ModelFacts};

    use super::*;
    use crate::schedule::Kind;

    const NOW: u64 = 100 * 24 * 60 * MINUTE;

    fn found(is_active: Option<bool>, edited: &[&str], begun: u64, error: Option<&str>) -> Vec<&'static str> {
        let around = Around {
            now: NOW,
            vault: Ground::default(),
            state: None,
            watch: None,
            model: ModelFacts::default(),
            agents: AgentCounts::default(),
            server: None,
            last_run: Some(LastRun { begun, error: error.map(str::to_owned), ..LastRun::default() }),
        };
        let installed = Found {
            kind: Kind::Systemd,
            job: "reindex every 1h".parse().unwrap(),
            places: Vec::new(),
            edited: edited.iter().map(|&place| place.to_owned()).collect(),
            is_active,
        };
        judged(&[installed], &around).iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn what_is_told_of_schedules() {
        let recent = NOW - 4 * 60 * MINUTE;
        assert_eq!(found(Some(true), &[], recent, None), [""; 0]);
        assert_eq!(found(None, &[], recent, None), [""; 0]);
        assert_eq!(found(Some(true), &[], recent - 1, None), ["schedule-late"]);
        assert_eq!(found(Some(false), &[], recent - 1, None), ["schedule-off"]);
        assert_eq!(found(Some(true), &["`/u/x.timer`"], recent, None), ["schedule-edited"]);
        assert_eq!(found(Some(true), &[], recent, Some("no")), ["schedule-failed"]);
        assert_eq!(found(Some(true), &[], NOW + 1, None), [""; 0]);
    }
}
