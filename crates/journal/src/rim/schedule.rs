//! Schedules that were not installed or removed.

use super::{Exit, Told, message};
use crate::{
    commands::schedule::ScheduleError,
    schedule::{Kind, PlanError},
};

pub(super) fn of_schedule(error: &ScheduleError) -> Told {
    let told = Told::new(Exit::Usage, "schedule", message(error));
    match error {
        ScheduleError::Plan(PlanError::Control(_) | PlanError::Sign { .. }) => {
            told.hint("give the folder another name; a link to it does not help, for it is followed")
        }
        ScheduleError::Plan(PlanError::Variable { .. }) => {
            told.hint("say it in your configuration instead: journal config list")
        }
        ScheduleError::NoId => told.hint("journal reindex gives it one"),
        ScheduleError::NotText(_) => told.hint("give it a name in UTF-8"),
        ScheduleError::NoProgram => told.hint("start journal by its whole path"),
        ScheduleError::NoHome(_) => told.hint("set `HOME`"),
        ScheduleError::Elsewhere(kind) => told
            .hint(format!("print it, and take it to where it runs: journal schedule print --kind {}", kind.as_str())),
        ScheduleError::Edited(_) => Told { exit: Exit::Conflict, code: "edited", ..told }
            .hint("see what it would be: journal schedule print")
            .hint("take it away yourself, and install it anew: journal schedule install"),
        ScheduleError::Tool { program: "crontab", .. } => {
            told.hint(format!("install cron, or let another run it: --kind {}", Kind::of_platform()[0].as_str()))
        }
        ScheduleError::Tool { program, .. } => told.hint(format!("see whether it is installed: which {program}")),
        ScheduleError::Said { .. } => told.hint("do as it says, and try again; what was written stays"),
        ScheduleError::File { path, .. } => told.hint(format!("look at `{}`", path.display())),
    }
}
