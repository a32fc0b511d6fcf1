//! Taking times, and printing them beside their floors.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// The result of `work` and how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The one in the middle.
pub fn median<T: PartialOrd + Copy>(values: &[T]) -> T {
    let mut values = values.to_vec();
    values.sort_by(|a, b| a.partial_cmp(b).expect("times and their ratios can be compared"));
    values[values.len() / 2]
}

/// p50, p95 and the worst.
pub fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: f64| times.get((times.len().saturating_sub(1) as f64 * share) as usize).copied();
    let at = |share: f64| ms(at(share).unwrap_or_default());
    format!("p50 {:.2} p95 {:.2} max {:.2} ms", at(0.5), at(0.95), at(1.0))
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a bench tells its figures on standard output")]
pub fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
}
