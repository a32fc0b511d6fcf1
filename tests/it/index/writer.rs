//! The writer's promises: order, back-pressure, tickets for threads and tasks, and an end that finishes what was sent.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use journal_engine::{AppendError, Appended, Engine, OsLock, StateDir, Ticket};
use journal_model::NoteId;
use journal_testkit::{TestVault, poll_until};

use super::world::{engine_over, everything, read, reindex};
use crate::nothing_lost::world::{append, serving, thought};

/// A session to think on, with or without an index.
fn session(is_indexed: bool) -> (TestVault, Engine, NoteId) {
    let world = TestVault::from_fixture("//- /Note.md\nText.\n");
    let engine = engine_over(&world);
    if is_indexed {
        reindex(&engine, &everything());
    }
    let first = append(&engine, &thought(&serving("otter"), None, None, Some(1), "It begins."));
    (world, engine, first.session_id)
}

fn later(engine: &Engine, session: &NoteId, text: &str) -> Ticket<Result<Appended, AppendError>> {
    engine.append_later(thought(&serving("otter"), Some(session), None, None, text))
}

fn number(answer: Option<Result<Appended, AppendError>>) -> u32 {
    answer.expect("the writer answers").expect("nothing keeps it from writing").thought.number.unwrap().get()
}

/// The smallest executor: it parks the thread until it is woken.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn commands_are_carried_out_in_the_order_they_were_sent() {
    for is_indexed in [false, true] {
        let (_world, engine, session) = session(is_indexed);
        let tickets: Vec<_> = (2..=60).map(|n| later(&engine, &session, &format!("Number {n}."))).collect();
        let numbers: Vec<_> = tickets.into_iter().map(|ticket| number(ticket.wait())).collect();
        assert_eq!(numbers, (2..=60).collect::<Vec<_>>());
    }
}

#[test]
fn threads_and_tasks_wait_for_tickets_alike() {
    let (_world, engine, session) = session(true);
    let mut numbers: Vec<_> = thread::scope(|scope| {
        let (engine, session) = (&engine, &session);
        let asking: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn(move || {
                    let ticket = later(engine, session, &format!("From thread {n}."));
                    number(if n % 2 == 0 { ticket.wait() } else { block_on(ticket) })
                })
            })
            .collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=9).collect::<Vec<_>>());
    // Whoever gives up waiting takes nothing back.
    drop(later(&engine, &session, "Nobody waits for this."));
    assert_eq!(number(block_on(later(&engine, &session, "And on."))), 11);
}

#[test]
fn a_full_queue_makes_its_senders_wait_and_drops_nothing() {
    const SENT: usize = 200;
    let (world, engine, session) = session(false);
    let state = StateDir::open(world.data_home(), "nothing-lost", engine.vault()).unwrap();
    let sent = AtomicUsize::new(0);
    thread::scope(|scope| {
        let elsewhere = state.lock(OsLock::Write, Duration::from_secs(60), "another process").unwrap();
        let sender = scope.spawn(|| {
            let send = |n| {
                let ticket = later(&engine, &session, &format!("Number {n}."));
                sent.fetch_add(1, Ordering::SeqCst);
                ticket
            };
            (0..SENT).map(send).collect::<Vec<_>>()
        });
        // What fits: the batch that waits for its turn, and the queue.
        poll_until(Duration::from_secs(60), "a full queue", || (sent.load(Ordering::SeqCst) >= 64).then_some(()));
        assert!(sent.load(Ordering::SeqCst) <= 1 + 64 + 64, "the queue grows: {}", sent.load(Ordering::SeqCst));
        assert!(!sender.is_finished());
        drop(elsewhere);
        let numbers: Vec<_> = sender.join().unwrap().into_iter().map(|ticket| number(ticket.wait())).collect();
        assert_eq!(numbers, (2..2 + u32::try_from(SENT).unwrap()).collect::<Vec<_>>());
    });
}

#[test]
fn an_engine_that_is_dropped_finishes_what_it_was_sent() {
    let (world, engine, session) = session(true);
    let tickets: Vec<_> = (2..=40).map(|n| later(&engine, &session, &format!("Number {n}."))).collect();
    drop(engine);
    let notes = world.snapshot();
    let engine = engine_over(&world);
    for ticket in tickets {
        let appended = ticket.wait().expect("what was sent is answered").unwrap();
        let path = appended.thought.path;
        assert!(notes.contains_key(path.as_str()), "`{path}` was written after the end");
        assert_eq!(read(&engine, |index| index.by_path(&path)).len(), 1, "`{path}`");
    }
}

#[test]
fn what_is_written_is_in_the_index_before_it_is_answered() {
    let (world, engine, session) = session(true);
    let other = engine_over(&world);
    for n in 2..=12 {
        let by = if n % 2 == 0 { &engine } else { &other };
        let appended = append(by, &thought(&serving("otter"), Some(&session), None, Some(n), &format!("Word{n}x.")));
        let query = journal_index::Query::parse(&format!("word{n}x"));
        let hits = read(&engine, |index| index.search(&query, &journal_index::SearchOptions::default()));
        let found: Vec<_> = hits.hits.into_iter().map(|hit| hit.note.path).collect();
        assert_eq!(found, [appended.thought.path]);
    }
}

#[test]
fn many_engines_of_one_process_take_turns() {
    let (world, engine, session) = session(true);
    let engines: Vec<_> = (0..4).map(|_| engine_over(&world)).collect();
    thread::scope(|scope| {
        for (n, own) in engines.iter().enumerate() {
            let session = &session;
            scope.spawn(move || {
                for round in 0..6 {
                    let branch = format!("branch-{n}");
                    let caller = serving(&format!("agent-{n}"));
                    let text = format!("Round {round}.");
                    append(own, &thought(&caller, Some(session), Some(&branch), None, &text));
                }
            });
        }
    });
    assert_eq!(read(&engine, |index| index.session_notes(&session)).len(), 2 + 4 * 6);
}
