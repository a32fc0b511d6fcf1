//! Processes where there is no `/proc`: macOS, Windows and the BSDs, by way of `sysinfo`.
//!
//! Start times are absolute seconds here, so no boot id is needed: no process of an earlier boot has the same.

use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System};

use super::{Here, Seen};

pub(super) fn here() -> Here {
    Here { host: System::host_name().unwrap_or_default(), boot_id: String::new(), pid_space: String::new() }
}

pub(super) fn own() -> Option<(u32, u64)> {
    let pid = std::process::id();
    match look(pid) {
        Seen::Running { started } => Some((pid, started)),
        _ => None,
    }
}

pub(super) fn look(pid: u32) -> Seen {
    let Ok(mut system) = System::new() else {
        return Seen::Hidden;
    };
    let pid = Pid::from_u32(pid);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    let Some(process) = system.process(pid) else {
        return Seen::Nothing;
    };
    match (process.status(), process.start_time()) {
        (ProcessStatus::Zombie | ProcessStatus::Dead, _) => Seen::Zombie,
        // The start of a process of somebody else may be withheld.
        (_, 0) => Seen::Hidden,
        (_, started) => Seen::Running { started },
    }
}

pub(super) fn parent(pid: u32) -> Option<(u32, String)> {
    let mut system = System::new().ok()?;
    let pid = Pid::from_u32(pid);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    let process = system.process(pid)?;
    Some((process.parent()?.as_u32(), process.name().to_string_lossy().into_owned()))
}
