//! What a test asks of the operating system about processes.

use std::process::Child;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

/// Asks a process to end, as a person's `kill` does.
///
/// # Panics
/// When there is no such process.
pub fn terminate(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
    kill_process(pid, Signal::TERM).expect("a child that was not waited for can be sent a signal");
}

/// Lets this process have at least `count` files and sockets open.
///
/// # Panics
/// When the system allows fewer.
pub fn allow_files(count: u64) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|now| now < count) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(count), ..limit })
            .unwrap_or_else(|error| panic!("cannot open {count} files at once ({limit:?}): {error}"));
    }
}
