//! The index equals its vault: whatever happens to the notes, whoever is killed, however many are at work, it is what a new
//! one would be, or the next run makes it so. And nothing of it ever writes to a note.
//!
//! Sizes come from the environment as those of [`nothing_lost`](crate::nothing_lost) do; `docs/reliability.md` has the commands.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]
#![expect(
    clippy::print_stdout,
    reason = "a campaign tells its seed and what it did, for `--nocapture` and for failures"
)]
mod adopting; // vectors that an index built anew has from the one before
mod crowd; // eight processes that write, reindex and read at once
mod damage; // an index that is gone, damaged, or of another version, under a running engine
mod embedding; // a model at work, killed at any moment
mod found; // defects that the others found, each as a small case
mod gone; // vaults and notes that are gone, and two runs at once
mod histories; // random histories of a vault, and after each the index against a new one
mod kills; // a reindex killed at any moment
mod outside; // vaults that were not made by us
mod process; // a process of its own that does as it is told
mod resume; // notes found by id although the index is stale, damaged or missing
mod untouched; // what a reindex leaves as it is
pub(crate) mod world; // a vault with its index, and what a new index says
mod writer; // the writer's promises
