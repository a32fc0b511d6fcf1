//! What other programs' files and messages look like: transcripts in JSONL, hook input and answers.
//!
//! Principal types: [`Client`] is a program in which agents run. [`HookInput`] is what it says to a hook, [`answer`] what it
//! wants to hear. [`Transcript`] is a log of a conversation, read line by line in bounded memory.
//!
//! Invariants: a line belongs to a conversation only where it says so itself, by id; neither the time of a file nor its place
//! among others says whose it is. What cannot be understood is counted and passed over.
//!
//! Absent on purpose: files, the environment, the clock. Whoever reads them hands over the bytes.

mod answer;
mod client;
mod digest;
mod entry;
mod hook;
mod patch;
mod transcript;

pub use answer::{HookEvent, answer};
pub use client::{Client, UnknownClient};
pub use entry::{Entry, Said};
pub use hook::{HookInput, HookInputError};
pub use transcript::{Transcript, is_log_name};
