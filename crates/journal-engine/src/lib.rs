//! The trips of a journal: append a thought, hydrate a session, list, show, rename, relocate, reindex, watch, search.
//!
//! [`Engine`] joins the vault (notes on disk) with the index (what they say) and the coordination (who holds what); one file a
//! trip. Its requests and answers are plain data: nothing here prints, reads the environment, or speaks a wire format.
//!
//! Invariants: an id counts only where it stands in a note's frontmatter. A read never waits for a writer. A thought that was
//! acknowledged is on the disk. Only the writer's thread writes, and with the vault's write lock. Without the index every trip
//! but search, related, links and tags works, more slowly.

mod agents;
mod append;
mod belongings;
mod claims;
mod clients;
mod clock;
mod coordination;
mod core;
mod doctor;
mod engine;
mod events;
mod export;
mod facts;
mod hydrate;
mod import;
mod index_file;
mod indexed;
mod indexing;
mod last_run;
mod leader;
mod links;
mod load;
mod locks;
mod meaning;
mod memory;
mod notes;
mod overlap;
mod ownership;
mod reindex;
mod related;
mod relocate;
mod resolve;
mod rewrite;
mod search;
mod serving;
mod session_ref;
mod sessions;
mod show;
mod similar;
mod standing;
mod tags;
mod ticket;
mod trouble;
mod update_session;
mod views;
mod writer;

pub use agents::{AgentFilter, UpdateAgent, UpdateAgentError};
pub use append::{AppendError, AppendThought, Appended, NewSessionChoice, RefusedAppend, SessionChoice, WrittenNote};
pub use belongings::{MarkerName, MarkerNameError};
pub use claims::{CheckPaths, ClaimRequest, typed_glob};
pub use clock::{Moment, Source};
pub use coordination::{ClaimPathsError, Heartbeat, StateReport};
pub use doctor::{
    AgentCounts, Around, Examined, Finding, FindingCode, IndexFacts, Mend, ModelFacts, NewId, NewIdError, Severity,
};
pub use engine::{Caller, Engine, Parts, Settings};
pub use events::EventQuery;
pub use export::Exported;
pub use hydrate::{BelongsBy, Hydrate, Hydrated, HydratedThought, LinkedTarget, Owner, ThoughtText};
pub use import::{
    ForeignNote, ForeignNotes, ForeignSession, ForeignThought, FoundSessions, Import, ImportError, Imported,
    ImportedSession, sessions_in,
};
pub use last_run::LastRun;
pub use leader::{Lead, LeaderNews, LeaderStanding, LeaderTrouble, Rhythm, Watches};
pub use links::{FoundLink, LinksError, Listed, Loose, NoteLinks};
pub use load::Load;
pub use locks::{AcquireLock, Locked, NamedLockError};
pub use meaning::{
    EmbedNotesError, Embedded, Embedding, ModelChoice, ModelError, ModelFilesError, ModelSettings, ModelStanding,
    entry as model_entry,
};
pub use overlap::{Concern, FindOverlap, MergeConflict, Overlap, SharedPath, Side, Unlooked};
pub use ownership::HoldError;
pub use reindex::{
    Checked, Difference, Fresh, Phase, Progress, Reindex, ReindexError, Reindexed, ScopeError, SkippedNote, Stop,
};
pub use related::{Related, RelatedError, RelatedNote, RelatedNotes};
pub use relocate::{Relocate, RelocateError, Relocated};
pub use resolve::{FoundBy, NamedNote, ResolveError};
pub use search::{Search, SearchError, SearchMode, Searched};
pub use serving::{ServerStanding, Serving};
pub use session_ref::SessionRefError;
pub use sessions::{SessionFilter, SessionSummary, Sessions};
pub use show::Shown;
pub use similar::{LikeBounds, LikeBy, ModelUse, OpenSession, Similar, SimilarSession, SimilarThought};
pub use standing::{IndexStanding, obsidian_link};
pub use tags::{TagCount, TagsError};
pub use ticket::Ticket;
pub use trouble::{Trouble, with_causes};
pub use update_session::{UpdateSession, UpdateSessionError, UpdatedSession};
pub use views::{
    DrawGraph, DrawGraphError, GraphDrawn, ViewsChange, ViewsDone, ViewsError, too_many_edges, views_text,
};

// What the command needs of the rooms behind the engine: to open a vault, to say who calls, to tell what went wrong.
pub use journal_coord::{
    AcquireError, Acquired, Agent, AgentId, AgentIdError, AgentName, AgentSeen, AgentState, AgentStatus, Bounds, Claim,
    ClaimError, ClaimScope, Claimed, Conflict, CoordError, Event, EventKind, FenceError, Fenced, Former, Full, Glob,
    GlobError, Held, How, Identified, IdentifyError, Lease, LeaseState, LockName, LockNameError, Mode, Notices,
    Presence, Process, RenameError, Retention, Source as AgentSource, Standing, Taken, Takeover, Touched, identify,
    memorable_name, poll,
};
pub use journal_index::{
    EmbeddingModel, FileSignature, Grounds, Hit, IndexError, Leads, LinkKind, LinkRow, NoteKind, NoteRow,
    Status as IndexStatus, Thinking, Total, VectorError, Why,
};
pub use journal_vault::{
    ContentHash, Disk, DiskError, FileKind, Git, GitError, Ground, LockError, LockHolder, LogFile, OpenError, OsLock,
    Pace, ReadError, RealDisk, SkipReason, Skipped, StateDir, StateDirError, Vault, WalkError, Worktree, WorktreeError,
    WriteError, create_file_durably, find_root, folder_project, list_folder, read_at_most, read_lines, read_text_file,
    real_path, remove_file_durably, rename_file_durably, write_file_durably,
};
