//! Files, locks and databases that did not do what they should. Mostly a person has to see to it, so hints say what to tell them.

use journal_engine::{
    AcquireError, CoordError, DiskError, FenceError, IndexError, LockError, ReadError, Trouble, VectorError, WalkError,
    WriteError,
};

use super::Refusal;

const AGAIN: &str = "try again";

impl From<&Trouble> for Refusal {
    fn from(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Walk(error) => error.into(),
            Trouble::Read(error) => error.into(),
            Trouble::Write(error) => error.into(),
            Trouble::Lock(error) => error.into(),
            Trouble::Coord(error) => error.into(),
            Trouble::Lease(error) => match error {
                AcquireError::Held(_) | AcquireError::ReasonNeeded(_) => {
                    Self::of("held", error).hint("try again later")
                }
                AcquireError::Full(_) => Self::of("full", error).hint("give something back first"),
                AcquireError::Coord(error) => error.into(),
            },
            Trouble::Fence(error) => match error {
                FenceError::Fenced(_) => Self::of("passed_on", error).hint("try again: the line is taken anew"),
                FenceError::Coord(error) => error.into(),
            },
            Trouble::Index(error) | Trouble::Vector(VectorError::Index(error)) => error.into(),
            Trouble::State(error) => error.into(),
            Trouble::ReadOnly => Self::of("read_only", trouble).hint("this server only reads; another one may write"),
            Trouble::WriterGone | Trouble::Vector(_) => Self::bug(super::told(trouble)),
        }
    }
}

impl From<&WalkError> for Refusal {
    fn from(error: &WalkError) -> Self {
        match error {
            WalkError::Vanished { .. } => vanished(Self::of("vanished", error)),
            WalkError::Disk(error) => error.into(),
        }
    }
}

impl From<&ReadError> for Refusal {
    fn from(error: &ReadError) -> Self {
        match error {
            ReadError::NotFound { .. } => Self::of("not_found", error).hint("find it: search {query: \"…\"}"),
            ReadError::Vanished { .. } => vanished(Self::of("vanished", error)),
            ReadError::LeavesVault { .. } => Self::of("leaves_vault", error)
                .hint("links out of the vault are not followed; name a note inside of it"),
            ReadError::InvalidFolder { .. } => {
                Self::of("folder", error).hint("name a folder inside the vault, like `Archive/`")
            }
            ReadError::NotAFile { .. } => Self::of("not_a_file", error).hint("name a note, not a folder"),
            ReadError::TooLarge { .. } => Self::of("too_large", error).hint("a file this long is no note"),
            ReadError::Disk(error) => error.into(),
        }
    }
}

impl From<&WriteError> for Refusal {
    fn from(error: &WriteError) -> Self {
        match error {
            WriteError::AlreadyExists { .. } => {
                Self::of("already_exists", error).hint("try again: another name will be found")
            }
            WriteError::Changed { .. } => {
                Self::of("changed", error).hint("try again; an editor or a file syncer is writing it")
            }
            WriteError::ReadOnly { .. } => {
                Self::of("read_only", error).hint("ask the person to let the file be written")
            }
            WriteError::NotAFolder { .. } => Self::of("not_a_folder", error).hint("choose another folder"),
            WriteError::IntoItself { .. } => Self::of("into_itself", error).hint("choose a folder outside of it"),
            WriteError::Read(error) => error.into(),
            WriteError::Disk(error) => error.into(),
        }
    }
}

impl From<&DiskError> for Refusal {
    fn from(error: &DiskError) -> Self {
        let (code, hint) = if error.is_disk_full() {
            ("disk_full", "tell the person that the disk is full; nothing was half-written")
        } else if error.is_read_only() {
            ("read_only", "tell the person that the vault lies on a disk that cannot be written")
        } else if error.is_permission_denied() {
            ("permission_denied", "ask the person for access to the file")
        } else if error.is_invalid_name() {
            ("invalid_name", "choose a shorter or plainer name")
        } else {
            ("disk", "try again, and tell the person if it stays so; nothing was half-written")
        };
        Self::of(code, error).hint(hint)
    }
}

impl From<&LockError> for Refusal {
    fn from(error: &LockError) -> Self {
        match error {
            LockError::Busy { .. } => Self::of("busy", error).hint("try again when it is done"),
            LockError::Disk { .. } => {
                Self::of("state", error).hint("tell the person that the lock file cannot be used")
            }
        }
    }
}

impl From<&CoordError> for Refusal {
    fn from(error: &CoordError) -> Self {
        match error {
            CoordError::Busy { .. } => Self::of("busy", error).hint(AGAIN),
            CoordError::Newer { .. } => Self::of("newer_state", error).hint("a person starts the newer journal"),
            CoordError::Damaged { .. } => {
                Self::of("damaged_state", error).hint("a person sets `state.db` aside; nothing of the notes is in it")
            }
            CoordError::OldSqlite { .. } | CoordError::Denied { .. } | CoordError::Sqlite { .. } => {
                Self::of("state", error).hint("tell the person; reading works all the same")
            }
        }
    }
}

impl From<&IndexError> for Refusal {
    fn from(error: &IndexError) -> Self {
        match error {
            IndexError::Missing { .. } => Self::of("no_index", error).hint("build it: reindex {}"),
            IndexError::Outdated { .. } => Self::of("outdated_index", error).hint("build it anew: reindex {}"),
            IndexError::Damaged { .. } => {
                Self::of("damaged_index", error).hint("nothing is lost; build it anew from the notes: reindex {}")
            }
            IndexError::Newer { .. } => Self::of("newer_index", error).hint("a person starts the newer journal"),
            IndexError::Busy { .. } => Self::of("busy", error).hint(AGAIN),
            IndexError::OldSqlite { .. } | IndexError::Sqlite { .. } => {
                Self::of("index", error).hint("tell the person; notes are read by their ids all the same")
            }
        }
    }
}

fn vanished(refusal: Refusal) -> Refusal {
    refusal.hint("ask the person whether the disk of the vault is there; nothing was half-written")
}
