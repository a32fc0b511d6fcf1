//! The notes are watched: whoever changes them, and however, the index follows by itself.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]
mod bursts; // thousands of notes at once
mod commands; // `journal watch`, and the servers that lead
mod folders; // folders that come, go and move
mod leading; // one process leads, and another when that is gone
mod missed; // what changed while nobody looked, or looks as it did
mod saving; // the ways in which programs save a note
mod soak; // all of it at once, for as long as it is told
mod trouble; // watches that fail, and vaults that go away
mod world; // a vault that is watched
