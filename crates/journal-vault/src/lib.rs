//! The bytes of notes on disk: read, durable atomic write, walk, the vault's OS lock and its state directory.
//!
//! Principal types: [`Vault`] reads and writes notes by [`VaultPath`](journal_model::VaultPath); [`Disk`] is the door to
//! the file system below it, which a test can make fail; [`StateDir`] is where the databases and the [`WriteGuard`]'s lock
//! file of one vault lie, outside the vault.
//!
//! Invariants:
//! - Nothing half-written is ever visible under a note's name: bytes go to a hidden temporary file in the same folder,
//!   are synced, and only then get the name.
//! - A method that returns `Ok` after writing has synced the file and every folder whose entries it changed.
//! - No path leaves the vault, neither by `..` nor through a symbolic link. Links that stay inside are followed.
//! - A [`Watch`] tells where to look, never what is there: what it misses it tells as everything.
//! - An unreadable vault never looks like an empty one: a missing root is an error of its own, everywhere.
//!
//! This is a guard against accidents and against what a sync client may bring in, not against another process that swaps
//! folders for links while a call runs.
//!
//! Absent on purpose: what the bytes mean (`journal-model`), who may write (`journal-coord`), when to look at what changed.

mod base;
mod conflict_copy;
mod disk;
mod error;
mod excluded;
mod files;
mod folders;
mod git;
mod ground;
mod hash;
mod lock;
mod log_file;
mod platform;
mod settings;
mod state_dir;
mod temp;
mod vault;
mod walk;
mod watch;
mod write;

pub use conflict_copy::conflict_copy_of;
pub use disk::{Disk, Entry, FileKind, FileStat, RealDisk};
pub use error::{DiskAction, DiskError, OpenError, ReadError, WalkError, WriteError};
pub use excluded::Excluded;
pub use files::{
    create_file_durably, folder_bytes, list_folder, read_at_most, read_lines, read_text_file, real_path,
    remove_file_durably, rename_file_durably, write_file_durably,
};
pub use git::{Git, GitError, Rehearsal, Tip, Worktree, WorktreeError, folder_project};
pub use ground::{Ground, close_to_others, ground};
pub use hash::ContentHash;
pub use lock::{LockError, LockHolder, WriteGuard};
pub use log_file::LogFile;
pub use settings::find_root;
pub use state_dir::{Belongings, ClientRecord, FileIdentity, OsLock, StateDir, StateDirError};
pub use vault::{FolderListing, Signature, Vault};
pub use walk::{Listing, SkipReason, Skipped};
pub use watch::{Changes, FolderWatch, Happening, Listener, Mount, Pace, Told, Watch, WatchError};
pub use write::RealFolder;
