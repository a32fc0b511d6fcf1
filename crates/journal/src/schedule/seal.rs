//! The line by which a file of ours is known, and by which it shows whether a person edited it.

use journal_engine::ContentHash;

use super::Job;

/// How the line begins, behind whatever makes it a comment.
pub const WORD: &str = "journal-schedule";

/// Stands for the hash until the text around it is whole.
const UNSEALED: &str = "00000000000000000000000000000000";

/// What such a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// What the file has run.
    pub job: Job,
    /// Whether the file is as we wrote it.
    pub is_whole: bool,
}

/// The line for a text that is not whole yet.
pub fn line(job: Job) -> String {
    format!("{WORD} {UNSEALED} {job};")
}

/// The text with the hash of itself in its line.
pub fn sealed(text: &str) -> String {
    text.replacen(UNSEALED, &hash(text), 1)
}

/// What the line of a text says; `None` when it has none.
pub fn read(text: &str) -> Option<Sealed> {
    let at = text.find(&format!("{WORD} "))? + WORD.len() + 1;
    let written = text.get(at..at + UNSEALED.len())?;
    let job = text.get(at + UNSEALED.len()..)?.strip_prefix(' ')?.split(';').next()?.parse().ok()?;
    let before = format!("{}{UNSEALED}{}", &text[..at], &text[at + UNSEALED.len()..]);
    Some(Sealed { job, is_whole: hash(&before) == written })
}

fn hash(text: &str) -> String {
    format!("{:032x}", ContentHash::of(text.as_bytes()).get())
}
