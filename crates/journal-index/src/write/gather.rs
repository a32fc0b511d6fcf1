//! Full-text search of a build, filled beside the other tables and copied to them at the end: blobs of words, which is quick.

use std::sync::mpsc::{Receiver, SyncSender};

use rusqlite::{Connection, params_from_iter};

use super::rows::insert_document;
use crate::{
    connection::open_nameless,
    document::Document,
    schema::{BULK_ENDS, SEARCH_TABLES},
};

/// How many documents go at once, and how many such parcels wait.
const PARCEL: usize = 32;
pub(super) const WAITING: usize = 8;

/// Documents with their rows.
type Parcel = Vec<(i64, [String; 4])>;

/// Where the documents of a build go.
pub(super) struct Outbox {
    sender: SyncSender<Parcel>,
    parcel: Parcel,
}

impl Outbox {
    pub(super) fn new(sender: SyncSender<Parcel>) -> Self {
        Self { sender, parcel: Vec::with_capacity(PARCEL) }
    }

    /// Takes the words out of a document.
    pub(super) fn send(&mut self, row: i64, document: &mut Document) {
        self.parcel.push((row, std::mem::take(&mut document.columns)));
        if self.parcel.len() == PARCEL {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let parcel = std::mem::replace(&mut self.parcel, Vec::with_capacity(PARCEL));
        // Nobody listens when gathering failed: its own answer says why.
        drop(self.sender.send(parcel));
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Fills full-text search with all that comes, in a database of its own.
pub(super) fn gather(parcels: Receiver<Parcel>) -> rusqlite::Result<Connection> {
    let connection = open_nameless()?;
    connection.execute_batch("BEGIN")?;
    for (row, columns) in parcels.into_iter().flatten() {
        insert_document(&connection, row, &columns)?;
    }
    connection.execute_batch(BULK_ENDS)?;
    connection.execute_batch("COMMIT")?;
    Ok(connection)
}

/// Copies what was gathered into a database whose full-text search has not been used yet.
pub(super) fn copy(gathered: &Connection, connection: &Connection) -> rusqlite::Result<()> {
    for table in SEARCH_TABLES {
        connection.execute(&format!("DELETE FROM {table}"), [])?;
        let mut statement = gathered.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let places = vec!["?"; columns].join(", ");
        let mut insert = connection.prepare(&format!("INSERT INTO {table} VALUES ({places})"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| row.get_ref(column)).collect::<rusqlite::Result<Vec<_>>>()?;
            insert.execute(params_from_iter(values.into_iter().map(rusqlite::types::ToSqlOutput::Borrowed)))?;
        }
    }
    Ok(())
}
