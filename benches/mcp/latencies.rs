//! What calls took, and a line about them.
#![expect(clippy::print_stdout, reason = "a bench has nobody else to print for it")]

use std::time::Duration;

/// What each of some calls took.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// One more.
    pub fn push(&mut self, taken: Duration) {
        self.0.push(taken);
    }

    /// All of both.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    fn quantile(&self, part: f64) -> Option<f64> {
        let mut sorted: Vec<f64> = self.0.iter().map(Duration::as_secs_f64).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = (sorted.len() as f64 * part) as usize;
        sorted.get(at.min(sorted.len().saturating_sub(1))).map(|taken| taken * 1e3)
    }

    fn cell(&self) -> String {
        match (self.quantile(0.5), self.quantile(0.95)) {
            (Some(median), Some(high)) => format!("{median:.2} / {high:.2} ms"),
            _ => "-".to_owned(),
        }
    }
}

/// Ours by the protocol, the same call of the engine in this process, and the reference server.
#[derive(Default)]
pub struct Row {
    pub ours: Latencies,
    pub engine: Latencies,
    pub reference: Latencies,
}

/// Prints what the columns are.
pub fn print_header() {
    println!("p50 / p95");
    println!("{:<34} {:>20} {:>20} {:>20}   protocol, p50", "bench", "journal", "its engine", "reference server");
}

impl Row {
    /// Prints a line of the table. What the protocol costs is the difference of the medians.
    pub fn print(&self, name: &str) {
        let protocol = self.ours.quantile(0.5).zip(self.engine.quantile(0.5));
        let protocol = protocol.map_or_else(|| "-".to_owned(), |(ours, engine)| format!("{:+.2} ms", ours - engine));
        let (ours, engine, reference) = (self.ours.cell(), self.engine.cell(), self.reference.cell());
        println!("{name:<34} {ours:>20} {engine:>20} {reference:>20}   {protocol}");
    }
}

/// Prints a line that is no comparison of times.
pub fn print_fact(name: &str, fact: &str) {
    println!("{name:<34} {fact}");
}
