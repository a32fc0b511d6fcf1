//! How much memory a build takes at its peak, as the system counts it for a process that does nothing else.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{build::Vault, measure::say};

/// The argument by which this program is started once more to build an index.
pub const CHILD: &str = "child";

/// Has a new process index the vault and tell its peak.
pub fn run(vault: &Vault) {
    let program = env::current_exe().expect("this program knows where it lies");
    let child = Command::new(program)
        .args([CHILD, &vault.count.to_string()])
        .arg(&vault.folder)
        .output()
        .expect("this program can be started once more");
    say(format_args!("peak memory of a full index: {}", String::from_utf8_lossy(&child.stdout).trim()));
}

/// What the new process does: its arguments are the number of notes and their folder.
pub fn child(arguments: &[String]) {
    let [count, folder] = arguments else { panic!("a number and a folder are needed") };
    let folder = PathBuf::from(folder);
    let vault = Vault::open(folder.clone(), count.parse().expect("a number is needed"));
    vault.index(&folder.with_extension("memory.db"));
    say(format_args!("{}", peak().unwrap_or_else(|| "unknown on this system".to_owned())));
}

fn peak() -> Option<String> {
    let status = fs::read_to_string(Path::new("/proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().split(' ').next()?.parse().ok()?;
    Some(format!("{} MiB", kib / 1024))
}
