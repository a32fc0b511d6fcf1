//! Measuring a subject and its floor in turn, and telling how they compare.
#![expect(clippy::print_stdout, reason = "a bench has nobody else to print for it")]

use std::time::{Duration, Instant};

/// What a subject is held to.
#[derive(Clone, Copy)]
pub enum Bound {
    /// So many times its floor.
    Times(f64),
    /// So much above its floor.
    Above(Duration),
    /// Nothing: the figure is for information.
    None,
}

/// Subject and floor, round by round.
pub struct Pairs(Vec<(Duration, Duration)>);

/// How long `work` took.
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let value = work();
    let taken = start.elapsed();
    drop(value);
    taken
}

impl Pairs {
    /// Runs both `rounds` times after a tenth as many to warm up, and lets them take turns at going first. Each tells how long
    /// its work took, so that what it prepares is not counted.
    pub fn measure(rounds: usize, mut subject: impl FnMut() -> Duration, mut floor: impl FnMut() -> Duration) -> Self {
        let warm_up = rounds.div_ceil(10);
        let pair = |round: usize| {
            if round.is_multiple_of(2) {
                let taken = subject();
                (taken, floor())
            } else {
                let least = floor();
                (subject(), least)
            }
        };
        Self((0..warm_up + rounds).map(pair).skip(warm_up).collect())
    }

    /// Prints one line of the table.
    pub fn print(&self, name: &str, bound: Bound) {
        let subject = median(self.0.iter().map(|(subject, _)| subject.as_secs_f64()));
        let floor = median(self.0.iter().map(|(_, floor)| floor.as_secs_f64()));
        let (unit, values): (&str, Vec<f64>) = match bound {
            Bound::Above(_) => (" ms", self.0.iter().map(|(a, b)| (a.as_secs_f64() - b.as_secs_f64()) * 1e3).collect()),
            Bound::Times(_) | Bound::None => {
                ("×", self.0.iter().map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect())
            }
        };
        let middle = median(values.iter().copied());
        let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        let held_to = match bound {
            Bound::Times(times) => verdict(middle, times, "×"),
            Bound::Above(above) => verdict(middle, above.as_secs_f64() * 1e3, " ms above"),
            Bound::None => "-".to_owned(),
        };
        println!(
            "{name:<34} {:>9.3} ms {:>9.3} ms   {least:>6.2}{unit} {middle:>6.2}{unit} {most:>6.2}{unit}   {held_to}",
            subject * 1e3,
            floor * 1e3
        );
    }
}

/// Prints what the columns are.
pub fn print_header() {
    println!("medians, and the least, median and greatest of the pairs");
    println!("{:<34} {:>12} {:>12}   {:<24}   bound", "bench", "subject", "floor", "subject against floor");
}

/// Prints a line that is no comparison of times.
pub fn print_fact(name: &str, fact: &str) {
    println!("{name:<34} {fact}");
}

fn verdict(value: f64, bound: f64, unit: &str) -> String {
    let kept = if value <= bound { "kept" } else { "NOT KEPT" };
    format!("≤ {bound}{unit}: {kept}")
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
