//! A word from elsewhere that long work is to end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// By which long work is ended early, from any thread. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the work at its next step. What it has done by then stays.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
