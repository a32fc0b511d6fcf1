//! The engine spoken over MCP, the Model Context Protocol: tools, resources, prompts, and the transports.
//!
//! [`JournalServer`] answers for one [`Engine`](journal_engine::Engine), whichever transport a request comes over and whichever
//! revision of the protocol it speaks; [`stdio`] serves one client on standard input and output, [`http`] many at one address.
//!
//! Invariants: nothing is tied to a connection. What the model can mend is a tool result with `isError`, and only a malformed
//! request is a protocol error. Answers have budgets, hold ids and paths inside the vault, and never an absolute path. The engine is
//! called on threads that may block, so one call never waits for another.
//!
//! Absent: rules about notes, and files. Those are the engine's.

mod annotations;
mod budget;
mod caller;
mod completions;
mod cursor;
mod events;
pub mod http;
mod instructions;
mod lenient;
mod order;
mod page;
mod prompts;
mod pulse;
mod refusal;
mod resources;
mod schema;
mod scrub;
mod server;
mod serving;
pub mod stdio;
mod tools;
mod wire;

pub use page::tool_reference;
pub use server::{JournalServer, UnknownTool};
pub use serving::{Locate, ServeOptions, WorkingPlace};
