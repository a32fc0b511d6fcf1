//! Many clients of one HTTP server, each with a session of its own.

use std::{sync::Barrier, thread, time::Instant};

use crate::{
    calls::{session_of, timed},
    latencies::{Latencies, Row, print_fact},
    servers::{Serving, thought},
    world::World,
};

const CLIENTS: usize = 32;

/// Thoughts of each client after its first.
const EACH: usize = 20;

/// All clients think at once; then as many threads do so with the engine itself.
pub fn run() {
    let world = World::new(1_000);
    let server = Serving::start(&world);
    let begun = Instant::now();
    let ours = together(|| {
        let mut client = server.connect();
        let session = session_of(&client.call("sequentialthinking", &thought(None, 1)));
        move |number| drop(client.call("sequentialthinking", &thought(Some(&session), number)))
    });
    let rate = (CLIENTS * (EACH + 1)) as f64 / begun.elapsed().as_secs_f64();
    drop(server);
    let engine = together(|| {
        let session = world.session(1);
        let world = &world;
        move |number| drop(world.think(Some(&session), number))
    });
    Row { ours, engine, ..Row::default() }.print("append, 32 clients on HTTP");
    print_fact("thoughts a second of all of them", &format!("{rate:.0}"));
}

/// What each call took of threads that begin together. `begin` gives a thread its call, by the number of the thought.
fn together<C: FnMut(usize)>(begin: impl Fn() -> C + Sync) -> Latencies {
    let ready = Barrier::new(CLIENTS);
    let client = || {
        let mut think = begin();
        ready.wait();
        let mut latencies = Latencies::default();
        for number in 2..2 + EACH {
            timed(&mut latencies, || think(number));
        }
        latencies
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let mut all = Latencies::default();
        for client in clients {
            all.extend(client.join().expect("a client does its work"));
        }
        all
    })
}
