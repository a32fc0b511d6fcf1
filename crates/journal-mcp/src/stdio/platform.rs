//! Whether the parent process and the reader of standard output are still there, as far as the platform tells.

#[cfg(unix)]
pub(super) use unix::Surroundings;

#[cfg(not(unix))]
pub(super) use elsewhere::Surroundings;

#[cfg(unix)]
mod unix {
    use std::io;

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        process::{Pid, getppid},
    };

    /// What was there in the beginning.
    pub(in super::super) struct Surroundings {
        parent: Option<Pid>,
    }

    impl Surroundings {
        /// What is there now.
        pub fn now() -> Self {
            Self { parent: getppid() }
        }

        /// Whether it still is. A process whose parent ends gets another one at once.
        pub fn are_there(&self) -> bool {
            getppid() == self.parent && somebody_reads()
        }
    }

    /// Whether the other end of standard output is open. What cannot be asked counts as open: writing will tell.
    fn somebody_reads() -> bool {
        let output = io::stdout();
        let mut polled = [PollFd::new(&output, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
        !poll(&mut polled, Some(&at_once)).is_ok_and(|ready| ready > 0 && polled[0].revents().intersects(gone))
    }
}

#[cfg(not(unix))]
mod elsewhere {
    /// The end of standard input tells all there is to know here.
    pub(in super::super) struct Surroundings;

    impl Surroundings {
        /// What is there now.
        pub fn now() -> Self {
            Self
        }

        /// Whether it still is.
        pub fn are_there(&self) -> bool {
            true
        }
    }
}
