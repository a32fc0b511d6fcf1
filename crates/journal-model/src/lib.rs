//! What a note, session and thought **is**: pure functions over text and plain data.
//!
//! Principal types: [`NoteId`] and [`VaultPath`] name a note; [`Properties`] is its frontmatter, every scalar kept as the
//! text the person wrote; [`Diagnostic`] is something wrong in a note, which is data and never an `Err`.
//!
//! Absent on purpose: files, clocks, randomness, databases. Every rule about notes can be tested without a disk.

mod diagnostic;
mod note_id;
mod property;
mod split;
mod vault_path;

pub use diagnostic::{Diagnostic, DiagnosticCode};
pub use note_id::{NoteId, NoteIdError};
pub use property::{Properties, Property, Value};
pub use split::{Matter, Split, split};
pub use vault_path::{VaultPath, VaultPathError, name_key};
