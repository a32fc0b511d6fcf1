//! How far a long work has come, on one line.

use std::{iter::repeat_n, time::Duration};

use journal_engine::{Phase, Progress};

/// How wide the bar is.
const BAR: usize = 24;

/// `indexing ━━━━━━──── 45 % · 4500 of 10000 notes · 9800 a second · 1 s left`, in at most `width` columns.
pub fn progress_line(progress: Progress, elapsed: Duration, width: usize) -> String {
    let Progress { phase, done, total } = progress;
    let doing = match phase {
        Phase::Building => "indexing",
        Phase::Reading => "reading",
        Phase::Checking => "checking",
        Phase::Embedding => "embedding",
    };
    let what = if phase == Phase::Embedding { "texts" } else { "notes" };
    let done = done.min(total);
    let part = if total == 0 { 1.0 } else { done as f64 / total as f64 };
    let full = (part * BAR as f64) as usize;
    let bar: String = repeat_n('━', full).chain(repeat_n('─', BAR - full)).collect();
    let mut line = format!("{doing} {bar} {:.0} % · {done} of {total} {what}", (part * 100.0).floor());
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    if rate >= 1.0 {
        let left = Duration::from_secs_f64(((total - done) as f64 / rate).min(1e6)).as_secs() + 1;
        let left = if left < 100 { format!("{left} s") } else { format!("{} min", left.div_ceil(60)) };
        line = format!("{line} · {rate:.0} a second · {left} left");
    }
    line.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(done: usize, seconds: u64, width: usize) -> String {
        let progress = Progress { phase: Phase::Building, done, total: 10_000 };
        progress_line(progress, Duration::from_secs(seconds), width)
    }

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let told = "indexing ━━━━━━────────────────── 25 % · 2500 of 10000 notes · 2500 a second · 4 s left";
        assert_eq!(line(2_500, 1, 200), told);
        assert_eq!(line(2_500, 1, 12), "indexing ━━━");
        assert!(line(10, 10, 200).ends_with("10 of 10000 notes · 1 a second · 167 min left"));
        assert!(line(0, 1, 200).ends_with("0 % · 0 of 10000 notes"));
        let none = Progress { phase: Phase::Checking, done: 0, total: 0 };
        assert!(progress_line(none, Duration::ZERO, 200).ends_with("100 % · 0 of 0 notes"));
    }
}
