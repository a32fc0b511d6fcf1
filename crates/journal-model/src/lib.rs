//! What a note, session and thought **is**: pure functions over text and plain data.
//!
//! Principal types: [`NoteId`] and [`VaultPath`] name a note; [`Properties`] is its frontmatter, every scalar kept as the
//! text the person wrote; [`Diagnostic`] is something wrong in a note, which is data and never an `Err`.
//!
//! Absent on purpose: files, clocks, randomness, databases. Every rule about notes can be tested without a disk.

mod diagnostic;
mod document;
mod file_name;
mod frontmatter;
mod link;
mod markdown;
mod note_id;
mod note_ref;
mod property;
mod resolve_link;
mod split;
mod thinking;
mod tokens;
mod vault_path;

pub use diagnostic::{Diagnostic, DiagnosticCode};
pub use document::{
    Canvas, CanvasEdge, CanvasFile, GraphBlockError, MERMAID_EDGES, Side, WholeSession, blank_graph, graph_of,
    with_graph, without_graph,
};
pub use file_name::{MAX_FILE_NAME_BYTES, UNTITLED, first_sentence, is_safe_name, note_file_name, safe_name};
pub use frontmatter::{Change, EditError, Layout, Note, Written, decode, edit, render};
pub use link::{Fragment, WikiLink, link_to, link_values, links_in, markdown_destination};
pub use markdown::{BlockId, Heading, Link, LinkKind, Structure, Tag, structure, wiki_links};
pub use note_id::{NoteId, NoteIdError};
pub use note_ref::{NoteRef, NoteRefError, RefKind};
pub use property::{Properties, Property, Value};
pub use resolve_link::{NameMap, Resolution, resolve_link};
pub use split::{Matter, Split, split};
pub use thinking::{
    Asked, AskedLine, BranchName, BranchNameError, BranchSummary, Gathered, Line, NewSession, NewThought, Placement,
    Plan, Refusal, Session, Status, Style, Thought, ThoughtNumber, ThoughtNumberError, UnknownStatus, Wanted,
    is_thought, no_such_branch, plan, same_thought, session_changes,
};
pub use tokens::{cut_to_tokens, estimate_tokens};
pub use vault_path::{VaultPath, VaultPathError, is_at_or_below, name_key};
