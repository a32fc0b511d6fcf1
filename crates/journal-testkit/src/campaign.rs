//! Campaigns: tests whose size comes from the environment, and whose chances can be repeated.

use std::env;

/// A size of a campaign: the variable's, or the small one of a plain `cargo test`.
///
/// # Panics
/// When the variable is no number.
pub fn size(variable: &str, small: usize) -> usize {
    match env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("`{variable}` is `{text}`, not a number")),
        Err(_) => small,
    }
}

/// A seed that is new every time, or the one of `JOURNAL_SEED`. It is printed, to be repeated.
#[expect(clippy::print_stdout, reason = "a campaign tells its seed, for `--nocapture` and for failures")]
pub fn seed() -> u64 {
    let seed = size("JOURNAL_SEED", usize::try_from(fastrand::u32(..)).expect("32 bits fit"));
    println!("to repeat this: JOURNAL_SEED={seed}");
    seed as u64
}

/// Whether every vault of the trips and campaigns has an index from its beginning: `JOURNAL_INDEXED=1`. All of them are to do the
/// same with one and without, and as little is to be lost.
pub fn is_indexed() -> bool {
    env::var_os("JOURNAL_INDEXED").is_some()
}
