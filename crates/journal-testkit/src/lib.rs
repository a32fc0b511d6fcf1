//! Worlds for tests: a vault from an inline text, the real command without its surroundings, a file syncer between two
//! copies, generated notes, processes to kill, and waiting with a deadline.
//!
//! Principal types: [`TestVault`] is a vault with a home of its own, [`JournalCommand`] runs the binary in it, and
//! [`Output`] is what that printed, as facts and as a [transcript](Output::transcript) fit for a snapshot.
//!
//! A world that cannot be built is a failed test, so functions panic with the path and the reason instead of returning an
//! error. Only tests and benches of the root package name this crate.

mod campaign;
mod command;
mod disk;
pub mod faults;
mod fixture;
mod generate;
mod hub;
mod noon;
mod poll;
#[cfg(unix)]
mod process;
mod redact;
mod session;
mod sync;
mod vault;
pub mod worker;

pub use campaign::{is_indexed, seed, size};
pub use command::{JournalCommand, Output};
pub use disk::{Snapshot, copy_tree, snapshot};
pub use fixture::parse_fixture;
pub use generate::{GeneratedNote, generate_notes};
pub use hub::{LocalHub, Mood};
pub use poll::poll_until;
#[cfg(unix)]
pub use process::{allow_files, terminate};
pub use session::{GeneratedSession, SessionShape, generate_session};
pub use sync::{Loser, Merged, Syncer, sync_merge};
pub use vault::TestVault;
pub use worker::Worker;
