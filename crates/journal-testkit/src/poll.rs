//! Waiting for something that another thread or process does.

use std::{
    thread,
    time::{Duration, Instant},
};

const PAUSE: Duration = Duration::from_millis(2);

/// Calls `probe` until it gives a value, and returns that value. `what` says what is waited for.
///
/// # Panics
/// When `deadline` has passed without a value.
#[track_caller]
pub fn poll_until<T>(deadline: Duration, what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        // The deadline is read first, so that a slow machine still gets one probe after it.
        let late = started.elapsed() >= deadline;
        if let Some(value) = probe() {
            return value;
        }
        assert!(!late, "waited {deadline:?} in vain for {what}");
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where tests pause, always under a deadline")]
fn pause() {
    thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_comes_back_as_soon_as_it_is_there() {
        let mut left = 3;
        let value = poll_until(Duration::from_secs(60), "a countdown", || {
            left -= 1;
            (left == 0).then_some("done")
        });
        assert_eq!(value, "done");
    }

    #[test]
    #[should_panic(expected = "in vain for a miracle")]
    fn a_passed_deadline_says_what_was_awaited() {
        poll_until(Duration::from_millis(5), "a miracle", || None::<()>);
    }
}
