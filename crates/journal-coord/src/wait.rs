//! Waiting for a database that another process holds, fairly.

use std::time::{Duration, Instant};

/// A busy handler with short random pauses up to a deadline.
///
/// SQLite's own handler pauses longer the longer it has waited, so that under eight processes a late comer wins again and
/// again and the oldest waits for seconds. Here every pause is drawn from the same small range, however long the wait has
/// been: all that wait have the same chance at every release.
pub(crate) struct FairWait {
    deadline: Duration,
    since: Instant,
}

impl FairWait {
    pub(crate) fn new(deadline: Duration) -> Self {
        Self { deadline, since: Instant::now() }
    }

    /// Pauses once and says whether to try again. `attempt` counts from 0 within one wait.
    pub(crate) fn pause(&mut self, attempt: i32) -> bool {
        if attempt == 0 {
            self.since = Instant::now();
        } else if self.since.elapsed() >= self.deadline {
            return false;
        }
        pause(Duration::from_micros(100), Duration::from_micros(900));
        true
    }
}

/// Polls with pauses around `pace` until `probe` gives a value; `None` when the time is over before. A probe that is begun is
/// finished, and there is one at least.
///
/// All that wait draw their pauses from one range, from half of `pace` to one and a half, however long they have waited, so
/// each has the same chance.
///
/// # Errors
/// What `probe` answers.
pub fn poll<T, E>(
    pace: Duration,
    wait: Duration,
    mut probe: impl FnMut() -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let since = Instant::now();
    loop {
        if let Some(value) = probe()? {
            return Ok(Some(value));
        }
        let left = wait.saturating_sub(since.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        pause((pace / 2).min(left), pace.min(left));
    }
}

fn pause(least: Duration, spread: Duration) {
    // Without randomness the pauses are equal, which is less fair and still right.
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    #[expect(clippy::disallowed_methods, reason = "this is the poll, and it has a deadline")]
    std::thread::sleep(least + spread.mul_f64(f64::from(random) / f64::from(u32::MAX)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_ends_with_a_value_an_error_or_the_time() {
        let millisecond = Duration::from_millis(1);
        let mut left = 3;
        let mut countdown = || {
            left -= 1;
            Ok::<_, ()>((left == 0).then_some("done"))
        };
        assert_eq!(poll(millisecond, Duration::from_secs(600), &mut countdown), Ok(Some("done")));
        assert_eq!(poll(millisecond, 3 * millisecond, || Ok::<Option<()>, ()>(None)), Ok(None));
        assert_eq!(poll(millisecond, Duration::ZERO, || Ok::<_, ()>(Some(1))), Ok(Some(1)), "one probe at least");
        assert_eq!(poll(millisecond, Duration::MAX, || Err::<Option<()>, _>("no")), Err("no"));
    }
}
