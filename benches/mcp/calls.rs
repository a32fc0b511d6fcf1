//! One client and one server on stdio: cold starts, and every call beside the same call of the engine and of the reference
//! server, in turn, so that whatever else the machine does falls on all of them.

use std::time::Instant;

use journal_engine::{Reindex, Search};
use journal_model::NoteRef;
use serde_json::{Value, json};

use crate::{
    latencies::{Latencies, Row},
    servers::{journal, reference, thought},
    wire::Stdio,
    world::{World, everything},
};

/// From the start of the process to the reply of its first tool.
pub fn cold() {
    let world = World::new(1_000);
    let mut row = Row::default();
    for _ in 0..20 {
        timed(&mut row.ours, || journal(&world).call("sequentialthinking", &thought(None, 1)));
        let begun = Instant::now();
        if let Some(mut server) = reference() {
            server.call("sequentialthinking", &thought(None, 1));
            row.reference.push(begun.elapsed());
        }
    }
    row.print("cold start to first tool reply");
}

/// Thinking, thought by thought: ours on the disk when it answers, the reference server's in memory.
pub fn append() {
    let world = World::new(1_000);
    let (mut ours, mut theirs) = (journal(&world), reference());
    let session = begin(&mut ours);
    let engines = world.session(1);
    let mut row = Row::default();
    for number in 2..=200 {
        timed(&mut row.ours, || ours.call("sequentialthinking", &thought(Some(&session), number)));
        timed(&mut row.engine, || world.think(Some(&engines), number));
        if let Some(theirs) = &mut theirs {
            timed(&mut row.reference, || theirs.call("sequentialthinking", &thought(None, number)));
        }
    }
    row.print("append, thoughts 2 to 200");
}

/// The list of tools.
pub fn tools() {
    let world = World::new(0);
    let (mut ours, mut theirs) = (journal(&world), reference());
    let mut row = Row::default();
    for _ in 0..300 {
        timed(&mut row.ours, || ours.ask("tools/list", &json!({})));
        if let Some(theirs) = &mut theirs {
            timed(&mut row.reference, || theirs.ask("tools/list", &json!({})));
        }
    }
    row.print("tools/list");
}

/// All of a session of 50 thoughts.
pub fn hydrate() {
    let world = World::new(1_000);
    reindex(&world);
    let session = world.session(50);
    let mut ours = journal(&world);
    let all = json!({ "session_note_id": session.as_str(), "thought_scope": "all", "max_tokens": 20_000 });
    let mut row = Row::default();
    for _ in 0..200 {
        timed(&mut row.ours, || ours.call("sequentialthinking_hydrate", &all));
        timed(&mut row.engine, || world.engine.hydrate(&everything(&session)).expect("the session is there"));
    }
    row.print("hydrate, 50 thoughts");
}

/// Two words among 10,000 notes.
pub fn search() {
    let world = World::large();
    reindex(world);
    let mut ours = journal(world);
    let queries = ["cache flaky", "cache order", "flaky test", "write warm", "index order", "cold cache"];
    let mut row = Row::default();
    for query in queries.iter().cycle().take(300) {
        timed(&mut row.ours, || ours.call("search", &json!({ "query": query })));
        timed(&mut row.engine, || world.engine.search(&Search::new(*query)).expect("the index is there"));
    }
    row.print("search, 10,000 notes");
}

/// Reading a note by its id.
pub fn read_note() {
    let world = World::large();
    let mut ours = journal(world);
    let mut row = Row::default();
    for note in world.notes.iter().step_by(31).take(300) {
        let id = note.id.as_str();
        timed(&mut row.ours, || ours.call("read_note", &json!({ "note": id })));
        let reference = NoteRef::parse(id).expect("an id");
        timed(&mut row.engine, || world.engine.show(&reference).expect("the note is there"));
    }
    row.print("read a note by its id");
}

/// Begins a session and tells its id.
pub fn begin(server: &mut Stdio) -> String {
    let answer = server.call("sequentialthinking", &thought(None, 1));
    session_of(&answer)
}

/// The session that an answer tells.
pub fn session_of(answer: &Value) -> String {
    let id = answer["session_note_id"].as_str();
    id.unwrap_or_else(|| panic!("an answer names its session: {answer}")).to_owned()
}

/// Adds what `work` took.
pub fn timed<T>(latencies: &mut Latencies, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let value = work();
    latencies.push(begun.elapsed());
    value
}

fn reindex(world: &World) {
    world.engine.reindex(&Reindex::default(), &|_| ()).expect("the vault can be indexed");
}
