//! Appending the 50th and following thoughts of a session, against the file operations and the commit it cannot do without.

use std::{
    cell::RefCell,
    fs::{self, File},
    io::Write,
    path::PathBuf,
};

use rusqlite::Connection;

use crate::{
    pairs::{Bound, Pairs, timed},
    world::{World, thought},
};

/// Sessions that are written to in turn, and thoughts that each of them gets while the clock runs.
const SESSIONS: usize = 12;
const EACH: usize = 10;

pub fn run() {
    let world = World::new(1_000);
    let sessions: Vec<_> = (0..SESSIONS).map(|_| world.session(49)).collect();
    let floor = Floor::new(world.neighbour_of(&sessions[0]));
    let written = RefCell::new(Vec::new());
    let mut turn = 0;
    let subject = || {
        let request = thought(Some(&sessions[turn % SESSIONS]), 50 + turn / SESSIONS);
        turn += 1;
        let mut appended = None;
        let taken = timed(|| appended = Some(world.engine.append(&request)));
        let appended = appended.expect("it ran").expect("a thought can be appended");
        assert_eq!(appended.written.len(), 2, "{:?}", appended.diagnostics);
        *written.borrow_mut() = appended.written.into_iter().map(|note| note.after.into_bytes()).collect();
        taken
    };
    // One before the first round, so that the floor knows what to write.
    let mut subject = subject;
    subject();
    let mut number = 0;
    let by_hand = || {
        number += 1;
        let written = written.borrow();
        timed(|| floor.write(number, &written[0], &written[1]))
    };
    Pairs::measure(SESSIONS * EACH, subject, by_hand).print("append, 50th thought", Bound::Times(1.5));
}

/// The same by hand: a durable new note, a durable replaced note, and one durable commit.
struct Floor {
    folder: PathBuf,
    database: Connection,
}

impl Floor {
    fn new(folder: PathBuf) -> Self {
        let database = Connection::open(folder.join("state.db")).expect("a database can be made");
        let setup = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE leases (one INTEGER PRIMARY KEY, renewed INTEGER); INSERT INTO leases VALUES (1, 0);";
        database.execute_batch(setup).expect("a table can be made");
        Self { folder, database }
    }

    fn write(&self, number: i64, thought: &[u8], session: &[u8]) {
        let commit = self.database.prepare_cached("UPDATE leases SET renewed = ?1 WHERE one = 1");
        commit.expect("the table is there").execute([number]).expect("a row can be written");
        self.put(&format!("T{number:03}.md"), thought);
        self.put("session.md", session);
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let temp = self.folder.join(".temp");
        let mut file = File::create_new(&temp).expect("a file can be made");
        file.write_all(bytes).and_then(|()| file.sync_all()).expect("a file can be written");
        drop(file);
        fs::rename(&temp, self.folder.join(name)).expect("a file can be renamed");
        File::open(&self.folder).and_then(|folder| folder.sync_all()).expect("a folder can be synced");
    }
}
