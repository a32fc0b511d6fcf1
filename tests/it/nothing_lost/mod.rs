//! Nothing lost: what was acknowledged is there byte for byte, whatever failed, was killed, raced or was merged.
//!
//! Sizes come from the environment, so that a plain `cargo test` takes a small round and a long one needs no change here;
//! `docs/reliability.md` has the commands. A campaign with chance in it prints its seed, and `JOURNAL_SEED` repeats it.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]
#![expect(
    clippy::print_stdout,
    reason = "a campaign tells its seed and what it did, for `--nocapture` and for failures"
)]
#![expect(
    clippy::result_large_err,
    reason = "the engine's errors carry their facts, and a test does not mind the size"
)]

mod faults; // a disk that fails at every single step of every trip that writes
mod found; // defects that the others found, each as a small case
mod killed_commands; // the real command, killed at any moment
mod killed_imports; // the import, killed anywhere, and finished by the next
mod kills; // writers killed at any moment
mod looking; // what is in a vault, read from its bytes alone
mod races; // many writers on one session
mod syncing; // two copies of a vault, merged as a file syncer does
pub(crate) mod world; // an engine over a test's vault, and what it is asked
mod writer; // a process of its own that writes as it is told

use journal_testkit::{seed, size};
