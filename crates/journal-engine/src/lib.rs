//! The trips of a journal: append a thought, hydrate a session, list, show, rename, relocate.
//!
//! [`Engine`] joins the vault (notes on disk) with the coordination (who holds what); one file a trip. Its requests and
//! answers are plain data: nothing here prints, reads the environment, or speaks a wire format.
//!
//! Invariants: an id counts only where it stands in a note's frontmatter. A read never writes and never waits for a writer.
//! A thought that was acknowledged is on the disk. Every write holds the vault's write lock.

mod append;
mod clock;
mod engine;
mod hydrate;
mod notes;
mod ownership;
mod relocate;
mod resolve;
mod rewrite;
mod session_ref;
mod sessions;
mod show;
mod trouble;
mod update_session;

pub use append::{AppendError, AppendThought, Appended, NewSessionChoice, RefusedAppend, SessionChoice, WrittenNote};
pub use clock::{Moment, Source};
pub use engine::{Caller, Engine, Parts, Settings};
pub use hydrate::{BelongsBy, Hydrate, Hydrated, HydratedThought, LinkedTarget, Owner, ThoughtText};
pub use ownership::HoldError;
pub use relocate::{Relocate, RelocateError, Relocated};
pub use resolve::{FoundBy, NamedNote, ResolveError};
pub use session_ref::SessionRefError;
pub use sessions::{SessionFilter, SessionSummary, Sessions};
pub use show::Shown;
pub use trouble::Trouble;
pub use update_session::{UpdateSession, UpdateSessionError, UpdatedSession};

// What the command needs of the rooms behind the engine: to open a vault, to say who calls, to tell what went wrong.
pub use journal_coord::{
    AcquireError, Acquired, AgentId, AgentSeen, CoordError, FenceError, Fenced, Former, Held, How, Identified,
    IdentifyError, Mode, Source as AgentSource, Taken, Takeover, identify, memorable_name,
};
pub use journal_vault::{
    Disk, DiskError, FileKind, LockError, OpenError, ReadError, RealDisk, SkipReason, Skipped, StateDir, StateDirError,
    Vault, WalkError, WriteError, find_root, read_text_file, write_file_durably,
};
