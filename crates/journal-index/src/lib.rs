//! `index.db`: what the notes of a vault say, derived from them and disposable.
//!
//! - [`index_note`] makes an [`IndexedNote`] of a text. It is pure: any number of threads may run it.
//! - [`Index`] writes. [`Index::apply`] takes [`Change`]s, a batch a transaction; [`Index::build`] fills a new file many
//!   times as fast. What both end in is [the same](Snapshot::dump).
//! - [`Reader`] reads. Each [`Reader::read`] hands out a [`Snapshot`], one state of the index: notes by
//!   [id](Snapshot::by_id), [path](Snapshot::by_path) or [name](Snapshot::by_name), [links](Snapshot::links_in),
//!   [signatures](Snapshot::signatures) of the files, and [search](Snapshot::search) by words in the syntax of [`Query`],
//!   or [by words and meaning](Snapshot::search_with), and the notes that are [near](Snapshot::near) to texts or
//!   [like](Snapshot::like) them.
//! - Vectors are made elsewhere: [`Snapshot::pending_chunks`] tells of which texts, [`Index::store_vectors`] takes them.
//!
//! Invariants: every row can be had again from the vault; an index that followed every change equals one built anew; no
//! text of a person becomes SQL or query syntax; reads never write, and never wait for a writer.
//!
//! Absent on purpose: files of notes, threads, locks between processes, the decision what to index. The engine has those.

mod chunk;
mod connection;
mod date;
mod document;
mod dump;
mod error;
mod heads;
mod index;
mod kind;
mod listing;
mod locate;
mod note;
mod query;
mod reader;
mod references;
mod schema;
mod search;
mod snapshot;
mod status;
mod stored;
mod vectors;
mod words;
mod write;

pub use chunk::Chunk;
pub use connection::Opened;
pub use error::IndexError;
pub use heads::HeadRow;
pub use index::{Checkpoint, Index};
pub use kind::NoteKind;
pub use listing::{DiagnosticRow, IndexedFile, SignatureRow};
pub use note::{FileSignature, IndexedNote, LinkKind, NoteHeading, NoteLink, PARSER_VERSION, Thinking, index_note};
pub use query::Query;
pub use reader::Reader;
pub use references::{Leads, LinkRow, LinkTroubles};
pub use search::{Around, ChunkHit, Grounds, Hit, Hits, Likeness, Meaning, SearchOptions, Total, Why};
pub use snapshot::{NoteRow, Snapshot};
pub use status::Status;
pub use vectors::{Adopted, Collected, EmbeddingModel, PendingChunk, VectorError};
pub use write::{
    apply::{Applied, Change},
    build::Built,
};

#[cfg(test)]
mod tests;
