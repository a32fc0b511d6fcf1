//! Tickets: the answer to something that another thread is doing, to be waited for from threads and from tasks alike.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// The answer to come. Dropping it does not undo what was asked for.
#[derive(Debug)]
#[must_use = "the answer says whether it was done"]
pub struct Ticket<T> {
    slot: Arc<Slot<T>>,
}

/// The duty to answer. Dropped without an answer, it answers `None`: whoever was to answer is gone.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    slot: Arc<Slot<T>>,
}

/// Where question and answer meet. The lock guards `State` and is held for a few instructions only.
#[derive(Debug)]
struct Slot<T> {
    state: Mutex<State<T>>,
    answered: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Waiting(Option<Waker>),
    Answered(Option<T>),
}

/// A ticket and the duty to answer it.
pub(crate) fn ticket<T>() -> (Ticket<T>, Reply<T>) {
    let slot = Arc::new(Slot { state: Mutex::new(State::Waiting(None)), answered: Condvar::new() });
    (Ticket { slot: Arc::clone(&slot) }, Reply { slot })
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, answer: Option<T>) {
        let before = std::mem::replace(&mut *self.lock(), State::Answered(answer));
        self.answered.notify_all();
        if let State::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl<T> Reply<T> {
    pub(crate) fn send(self, answer: T) {
        self.slot.answer(Some(answer));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if matches!(*self.slot.lock(), State::Waiting(_)) {
            self.slot.answer(None);
        }
    }
}

impl<T> Ticket<T> {
    /// Blocks this thread until the answer is there. `None` when whoever was to answer is gone.
    pub fn wait(self) -> Option<T> {
        let mut state = self.slot.lock();
        loop {
            if let State::Answered(answer) = &mut *state {
                return answer.take();
            }
            state = self.slot.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Future for Ticket<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut *self.slot.lock() {
            State::Answered(answer) => Poll::Ready(answer.take()),
            State::Waiting(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
        thread,
    };

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn threads_wait() {
        let (ticket, reply) = ticket();
        let waiter = thread::spawn(move || ticket.wait());
        reply.send(7);
        assert_eq!(waiter.join().unwrap(), Some(7));
    }

    #[test]
    fn tasks_are_woken_once() {
        let (mut ticket, reply) = ticket();
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        assert_eq!(Pin::new(&mut ticket).poll(&mut context), Poll::Pending);
        assert_eq!(Pin::new(&mut ticket).poll(&mut context), Poll::Pending);
        reply.send(7);
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert_eq!(Pin::new(&mut ticket).poll(&mut context), Poll::Ready(Some(7)));
    }

    #[test]
    fn nobody_waits_for_the_dead() {
        let (ticket, reply) = ticket::<i32>();
        let waiter = thread::spawn(move || ticket.wait());
        drop(reply);
        assert_eq!(waiter.join().unwrap(), None);
    }
}
