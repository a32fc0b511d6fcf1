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

pub fn print_row(name: &str, own: Duration, floor_name: &str, floor: Duration) {
    say(format_args!(
        "{name}: {:.0} ms · {floor_name}: {:.0} ms · ratio {:.2}",
        ms(own),
        ms(floor),
        ms(own) / ms(floor)
    ));
}

/// p50, p95 and the worst of both.
pub fn print_pair(name: &str, own: &mut [Duration], floor_name: &str, floor: &mut [Duration]) {
    say(format_args!("{name}: {} · {floor_name}: {}", spread(own), spread(floor)));
}

pub fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: f64| times.get(((times.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
    format!("p50 {:.2} p95 {:.2} max {:.2} ms", ms(at(0.5)), ms(at(0.95)), ms(at(1.0)))
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a bench tells its figures on standard output")]
pub fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
}
