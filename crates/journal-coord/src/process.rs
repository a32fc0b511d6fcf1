//! Processes, and whether one that was written down earlier still lives. The only file here that reads `/proc`.

use std::{fmt, str::FromStr, sync::OnceLock};
#[cfg(target_os = "linux")]
use std::{fs, io};

#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(test)]
mod tests;

#[cfg(not(target_os = "linux"))]
use portable::{here, look, own, parent};

/// One run of a program, told apart from every other run on any machine.
///
/// A field that could not be read is empty or 0; [`liveness`] of such a process is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// When it started: clock ticks since boot on Linux, Unix seconds elsewhere. Only ever compared for equality.
    pub started: u64,
    /// The name of the machine.
    pub host: String,
    /// Which boot of the machine. Empty where start times are absolute and nothing more is needed.
    pub boot_id: String,
    /// Among which processes `pid` counts: containers and sandboxes have their own. Empty where there is only one space.
    pub pid_space: String,
}

/// Whether a process still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It runs.
    Alive,
    /// It has ended for certain.
    Gone,
    /// It runs on another machine, in another container, or cannot be seen from here. Whoever decides takes it as alive.
    Unknown,
}

/// A text that is no [`Process`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not describe a process")]
pub struct ProcessError(String);

/// Where the calling process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Here {
    host: String,
    boot_id: String,
    pid_space: String,
}

/// What is under a process id now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Running {
        started: u64,
    },
    /// Ended and not yet collected by its parent.
    Zombie,
    Nothing,
    /// We may not look.
    Hidden,
}

impl Process {
    /// The calling process.
    pub fn current() -> Self {
        this().clone()
    }

    /// The process that runs on this machine under an id, if one does and may be looked at.
    pub fn of(pid: u32) -> Option<Self> {
        match look(pid) {
            Seen::Running { started } => {
                let Here { host, boot_id, pid_space } = here();
                Some(Self { pid, started, host, boot_id, pid_space })
            }
            Seen::Zombie | Seen::Nothing | Seen::Hidden => None,
        }
    }
}

/// Names of shells, between a client and the hooks and servers it starts.
const SHELLS: [&str; 10] = ["sh", "bash", "dash", "zsh", "fish", "ash", "ksh", "cmd", "powershell", "pwsh"];

/// More processes than stand between a client and what it starts.
const FARTHEST: usize = 8;

impl Process {
    /// The process that started this one, shells passed over: for a hook or a server, the client. `None` where that cannot
    /// be known.
    pub fn starter() -> Option<Self> {
        let this = this();
        let mut pid = parent(this.pid)?.0;
        for _ in 0..FARTHEST {
            let (next, name) = parent(pid)?;
            // A login shell has a `-` before its name, and a program on Windows its ending behind it.
            let name = name.trim_start_matches('-');
            if !SHELLS.contains(&name.strip_suffix(".exe").unwrap_or(name)) {
                let Seen::Running { started } = look(pid) else { return None };
                return Some(Self { pid, started, ..this.clone() });
            }
            pid = next;
        }
        None
    }
}

impl Process {
    /// Whether the calling process runs below this one, as a command does below the shell or the program that started it.
    pub fn is_above(&self) -> bool {
        let mut pid = this().pid;
        for _ in 0..2 * FARTHEST {
            let Some((above, _)) = parent(pid) else { return false };
            if above == self.pid {
                return Self::of(above).as_ref() == Some(self);
            }
            pid = above;
        }
        false
    }
}

/// The calling process, which stays the same as long as it can ask.
fn this() -> &'static Process {
    static THIS: OnceLock<Process> = OnceLock::new();
    THIS.get_or_init(|| {
        let Here { host, boot_id, pid_space } = here();
        let (pid, started) = own().unwrap_or((std::process::id(), 0));
        Process { pid, started, host, boot_id, pid_space }
    })
}

/// Looks whether `process` still runs.
pub fn liveness(process: &Process) -> Liveness {
    // Which needs no look at oneself.
    if process == this() && process.started != 0 { Liveness::Alive } else { judge(process, &here(), look) }
}

fn judge(process: &Process, here: &Here, look: impl FnOnce(u32) -> Seen) -> Liveness {
    if process.started == 0 || process.host.is_empty() || process.host != here.host {
        return Liveness::Unknown;
    }
    if process.boot_id != here.boot_id {
        let both_known = !process.boot_id.is_empty() && !here.boot_id.is_empty();
        return if both_known { Liveness::Gone } else { Liveness::Unknown };
    }
    if process.pid_space != here.pid_space {
        return Liveness::Unknown;
    }
    match look(process.pid) {
        Seen::Running { started } if started == process.started => Liveness::Alive,
        // Another start time: the id was given to another process since.
        Seen::Running { .. } | Seen::Zombie | Seen::Nothing => Liveness::Gone,
        Seen::Hidden => Liveness::Unknown,
    }
}

#[cfg(target_os = "linux")]
fn here() -> Here {
    let text = |path| fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    Here {
        host: text("/proc/sys/kernel/hostname"),
        boot_id: text("/proc/sys/kernel/random/boot_id"),
        pid_space: fs::read_link("/proc/self/ns/pid")
            .map(|target| target.to_string_lossy().into_owned())
            .unwrap_or_default(),
    }
}

/// Process id and start of the calling process, both as this `/proc` counts them.
#[cfg(target_os = "linux")]
fn own() -> Option<(u32, u64)> {
    let stat = fs::read("/proc/self/stat").ok()?;
    let pid = str::from_utf8(stat.split(|byte| *byte == b' ').next()?).ok()?.parse().ok()?;
    match parse_stat(&stat) {
        Seen::Running { started } => Some((pid, started)),
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn look(pid: u32) -> Seen {
    /// The process ended between opening and reading its file.
    const ESRCH: i32 = 3;
    match fs::read(format!("/proc/{pid}/stat")) {
        Ok(stat) => parse_stat(&stat),
        Err(error) if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ESRCH) => {
            // With `hidepid`, or without /proc, processes of others look as if they were not there: then process 1 does too.
            if fs::metadata("/proc/1/stat").is_ok() { Seen::Nothing } else { Seen::Hidden }
        }
        Err(_) => Seen::Hidden,
    }
}

/// The parent of a process, and the process's own name, fields 4 and 2 of `proc_pid_stat(5)`. The first process has none.
#[cfg(target_os = "linux")]
fn parent(pid: u32) -> Option<(u32, String)> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let (open, close) = (stat.iter().position(|byte| *byte == b'(')?, stat.iter().rposition(|byte| *byte == b')')?);
    let mut fields = stat[close + 1..].split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let parent = str::from_utf8(fields.nth(1)?).ok()?.parse().ok()?;
    Some((parent, String::from_utf8_lossy(stat.get(open + 1..close)?).into_owned()))
}

/// Reads state and start time, fields 3 and 22 of `proc_pid_stat(5)`. Field 2, the name, may hold spaces and parentheses.
#[cfg(target_os = "linux")]
fn parse_stat(stat: &[u8]) -> Seen {
    let after_name = stat.iter().rposition(|byte| *byte == b')').map_or(&[][..], |at| &stat[at + 1..]);
    let mut fields = after_name.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let state = fields.next();
    let started = fields.nth(18).and_then(|field| str::from_utf8(field).ok()?.parse().ok());
    match (state, started) {
        (Some(b"Z" | b"X" | b"x"), _) => Seen::Zombie,
        (Some(_), Some(started)) => Seen::Running { started },
        _ => Seen::Hidden,
    }
}

/// The form in the database: pid, start, boot, space and host with tabs between.
impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, started, host, boot_id, pid_space } = self;
        write!(f, "{pid}\t{started}\t{boot_id}\t{pid_space}\t{host}")
    }
}

impl FromStr for Process {
    type Err = ProcessError;

    fn from_str(text: &str) -> Result<Self, ProcessError> {
        let read = || {
            let mut parts = text.splitn(5, '\t');
            let (pid, started) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let mut text = || parts.next().map(str::to_owned);
            let (boot_id, pid_space, host) = (text()?, text()?, text()?);
            Some(Self { pid, started, host, boot_id, pid_space })
        };
        read().ok_or_else(|| ProcessError(text.to_owned()))
    }
}
