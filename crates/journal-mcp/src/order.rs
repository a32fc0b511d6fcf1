//! The order of calls that write: first come, first served, however their tasks are scheduled.
//!
//! A transport gives each such call its [`Place`] in the moment the message is read. The call hands its work to the engine when its
//! turn has come, and drops the place. So a call which ends early holds nobody up either.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Where places are given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turnstile(Arc<Gate>);

#[derive(Debug, Default)]
struct Gate {
    /// Held for a few instructions only.
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// How many places were given.
    given: u64,
    /// Whose turn it is.
    turn: u64,
    /// Who left before their turn.
    left: BTreeSet<u64>,
}

/// A place in the order. Clones are the same place.
#[derive(Debug, Clone)]
pub(crate) struct Place(Arc<Held>);

#[derive(Debug)]
struct Held {
    gate: Arc<Gate>,
    number: u64,
}

impl Turnstile {
    /// The next place.
    pub fn take(&self) -> Place {
        let mut state = self.0.lock();
        let number = state.given;
        state.given += 1;
        Place(Arc::new(Held { gate: Arc::clone(&self.0), number }))
    }
}

impl Place {
    /// Waits until everybody before has left.
    pub async fn turn(&self) {
        let Held { gate, number } = &*self.0;
        loop {
            let moved = gate.moved.notified();
            tokio::pin!(moved);
            // From here on no move is missed.
            moved.as_mut().enable();
            if gate.lock().turn >= *number {
                return;
            }
            moved.await;
        }
    }
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.left.insert(self.number);
        loop {
            let turn = state.turn;
            if !state.left.remove(&turn) {
                break;
            }
            state.turn += 1;
        }
        drop(state);
        self.gate.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_order_is_that_of_the_places_whatever_runs_first() {
        // Every beginning of a permutation of 50 by a step that is prime to it, each another schedule.
        for step in [1, 3, 7, 11, 13, 17, 19, 23, 27, 29, 31, 37, 41, 43, 47, 49] {
            let turnstile = Turnstile::default();
            let places: Vec<Place> = (0..50).map(|_| turnstile.take()).collect();
            let order = Arc::new(Mutex::new(Vec::new()));
            let mut tasks = tokio::task::JoinSet::new();
            for index in (0..50).map(|n| n * step % 50) {
                let (place, order) = (places[index].clone(), Arc::clone(&order));
                tasks.spawn(async move {
                    place.turn().await;
                    order.lock().unwrap().push(index);
                    tokio::task::yield_now().await;
                });
            }
            drop(places);
            while let Some(done) = tasks.join_next().await {
                done.unwrap();
            }
            assert_eq!(*order.lock().unwrap(), (0..50).collect::<Vec<_>>(), "step {step}");
        }
    }

    #[tokio::test]
    async fn whoever_is_gone_holds_nobody_up() {
        let turnstile = Turnstile::default();
        let (first, second, third) = (turnstile.take(), turnstile.take(), turnstile.take());
        drop(second);
        first.turn().await;
        let is_third = async move {
            third.turn().await;
            true
        };
        tokio::pin!(is_third);
        assert!(futures_poll(is_third.as_mut()).is_none(), "the first is still there");
        drop(first);
        assert!(is_third.await);
        turnstile.take().turn().await;
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }
}
