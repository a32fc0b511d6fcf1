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

/// Polls with pauses of 5 to 25 ms until `probe` gives a value; `None` when the time is over before. A probe that is begun is
/// finished, and there is one at least.
///
/// All that wait draw their pauses from one range, however long they have waited, so each has the same chance.
pub fn poll<T, E>(wait: Duration, mut probe: impl FnMut() -> Result<Option<T>, E>) -> Result<Option<T>, E> {
    let since = Instant::now();
    loop {
        if let Some(value) = probe()? {
            return Ok(Some(value));
        }
        if since.elapsed() >= wait {
            return Ok(None);
        }
        pause(Duration::from_millis(5), Duration::from_millis(20));
    }
}

fn pause(least: Duration, spread: Duration) {
    // Without randomness the pauses are equal, which is less fair and still right.
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    #[expect(clippy::disallowed_methods, reason = "this is the poll, and it has a deadline")]
    std::thread::sleep(least + spread.mul_f64(f64::from(random) / f64::from(u32::MAX)));
}
