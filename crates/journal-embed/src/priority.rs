//! How work in the background leaves the machine to others.

use std::{num::NonZeroUsize, thread};

/// Half of the threads that the machine runs at once, one at least: what a [`Model`](crate::Model) in the background takes.
pub fn half_of_the_cores() -> NonZeroUsize {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    NonZeroUsize::new(cores / 2).unwrap_or(NonZeroUsize::MIN)
}

/// Has the system prefer every other thread to the one that calls, and to those it starts from now on, such as a model's.
///
/// Where the system gives priorities to processes alone nothing changes: the rest of the process must not get slower.
pub fn lower_priority() {
    // The number that `nice` adds without a number. It may only be refused where it would be raised.
    #[cfg(target_os = "linux")]
    let _nice = rustix::process::nice(10);
}
