//! Files, locks and databases that did not do what they should.

use journal_engine::{
    AcquireError, CoordError, DiskError, FenceError, Fenced, IndexError, LockError, OpenError, ReadError,
    StateDirError, Trouble, VectorError, WalkError, WriteError,
};

use super::{Exit, Told, message};
use crate::text::quoted;

pub(super) fn of_trouble(error: &Trouble) -> Told {
    match error {
        Trouble::Walk(error) => of_walk(error),
        Trouble::Read(error) => of_read(error),
        Trouble::Write(error) => of_write(error),
        Trouble::Lock(error) => of_lock(error),
        Trouble::Coord(error) => of_coord(error),
        Trouble::Lease(error) => of_acquire(error),
        Trouble::Fence(error) => of_fence(error),
        Trouble::Index(error) => of_index(error),
        Trouble::Vector(VectorError::Index(error)) => of_index(error),
        Trouble::State(error) => of_disk(error),
        Trouble::ReadOnly | Trouble::WriterGone | Trouble::Vector(_) => {
            Told::new(Exit::Bug, "bug", message(error)).hint("this is a bug in journal: report what you typed")
        }
    }
}

pub(super) fn of_open(error: &OpenError) -> Told {
    let told = Told::new(Exit::Usage, "no_vault", message(error));
    match error {
        OpenError::Missing { path } => told
            .hint(format!("make one there: journal init {}", quoted(&path.display().to_string())))
            .hint("if it lies on another disk: is that mounted?"),
        OpenError::NotAFolder { .. } => told.hint("a vault is a folder: name the one that holds the notes"),
        OpenError::Unreadable { path, .. } => {
            told.hint(format!("see who may read it: ls -ld {}", quoted(&path.display().to_string())))
        }
    }
}

pub(super) fn of_state(error: &StateDirError) -> Told {
    let told = |code| Told::new(Exit::Usage, code, message(error));
    match error {
        StateDirError::InvalidId { .. } => told("config").hint(format!("correct `id` in `{}`", crate::config::CONFIG)),
        StateDirError::Disk { .. } => {
            told("state").hint("let it be written, or choose another place: JOURNAL_DATA_DIR=/some/folder")
        }
        StateDirError::Lock(error) => of_lock(error),
    }
}

fn vanished(told: Told, absolute: &std::path::Path) -> Told {
    told.hint(format!(
        "bring `{}` back (is its disk mounted?) and try again; nothing was half-written",
        absolute.display()
    ))
}

pub(super) fn of_walk(error: &WalkError) -> Told {
    match error {
        WalkError::Vanished { absolute, .. } => vanished(Told::new(Exit::Usage, "vanished", message(error)), absolute),
        WalkError::Disk(error) => of_disk(error),
    }
}

pub(super) fn of_read(error: &ReadError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        ReadError::NotFound { .. } => told(Exit::NotFound, "not_found").hint("list the sessions: journal sessions"),
        ReadError::Vanished { absolute, .. } => vanished(told(Exit::Usage, "vanished"), absolute),
        ReadError::LeavesVault { .. } => told(Exit::Usage, "leaves_vault")
            .hint("links out of the vault are not followed; move the note into the vault"),
        ReadError::InvalidFolder { .. } => {
            told(Exit::Usage, "folder").hint("name a folder inside the vault, like `Archive/`")
        }
        ReadError::NotAFile { .. } => told(Exit::Usage, "not_a_file").hint("name a note, not a folder"),
        ReadError::TooLarge { .. } => {
            told(Exit::Usage, "too_large").hint("a file this long is no note; look at it with another program")
        }
        ReadError::Disk(error) => of_disk(error),
    }
}

pub(super) fn of_write(error: &WriteError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        WriteError::AlreadyExists { .. } => {
            told(Exit::Conflict, "already_exists").hint("try again: another name will be found")
        }
        WriteError::Changed { .. } => {
            told(Exit::Conflict, "changed").hint("try again; an editor or a file syncer is writing it")
        }
        WriteError::ReadOnly { absolute, .. } => told(Exit::Usage, "read_only")
            .hint(format!("let it be written: chmod u+w {}", quoted(&absolute.display().to_string()))),
        WriteError::NotAFolder { path } => {
            told(Exit::Usage, "not_a_folder").hint(format!("move the file `{path}` away, or choose another folder"))
        }
        WriteError::IntoItself { .. } => told(Exit::Usage, "into_itself").hint("choose a folder outside of it"),
        WriteError::Read(error) => of_read(error),
        WriteError::Disk(error) => of_disk(error),
    }
}

fn of_disk(error: &DiskError) -> Told {
    let told = |code| Told::new(Exit::Usage, code, message(error));
    let place = quoted(&error.absolute.display().to_string());
    let told = if error.is_disk_full() {
        told("disk_full").hint("make room and try again; nothing was half-written")
    } else if error.is_read_only() {
        told("read_only")
            .hint(format!("the file system is mounted read-only: mount it for writing, or copy the vault ({place})"))
    } else if error.is_permission_denied() {
        // What could not be made is not there to be looked at.
        let there = error.absolute.ancestors().find(|path| path.exists()).unwrap_or(&error.absolute);
        told("permission_denied").hint(format!("see who may use it: ls -ld {}", quoted(&there.display().to_string())))
    } else if error.is_invalid_name() {
        return told("invalid_name").hint("choose a shorter or plainer name");
    } else {
        return told("disk").hint(format!("look at {place}; nothing was half-written"));
    };
    if error.path.starts_with(".journal") {
        return told.hint(
            "a vault needs an id before it is used, even to be read: journal init, once, where it can be written",
        );
    }
    told
}

pub(super) fn of_lock(error: &LockError) -> Told {
    match error {
        LockError::Busy { .. } => Told::new(Exit::Conflict, "busy", message(error))
            .hint("try again when it is done; the lock goes with its process, there is no file to delete"),
        LockError::Disk { path, .. } => Told::new(Exit::Usage, "state", message(error))
            .hint(format!("see who may write it: ls -l {}", quoted(&path.display().to_string()))),
    }
}

pub(super) fn of_coord(error: &CoordError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        CoordError::OldSqlite { .. } => told(Exit::Usage, "old_sqlite").hint("build journal with its bundled SQLite"),
        CoordError::Newer { .. } => {
            told(Exit::Usage, "newer_state").hint("use the newer journal; the notes are read by any")
        }
        CoordError::Damaged { .. } => {
            told(Exit::Usage, "damaged_state").hint("set it aside, nothing of the notes is in it: journal doctor --fix")
        }
        CoordError::Busy { .. } => told(Exit::Conflict, "busy").hint("try again"),
        CoordError::Denied { path, .. } => {
            let place = quoted(&path.display().to_string());
            told(Exit::Usage, "permission_denied").hint(format!(
                "let yourself use it: chmod u+rw {place}*; if it is another user's: sudo chown \"$USER\" {place}*"
            ))
        }
        CoordError::Sqlite { path, .. } => {
            told(Exit::Usage, "state").hint(format!("look at {}", quoted(&path.display().to_string())))
        }
    }
}

pub(super) fn of_index(error: &IndexError) -> Told {
    let told = |exit, code| Told::new(exit, code, message(error));
    match error {
        IndexError::OldSqlite { .. } => told(Exit::Usage, "old_sqlite").hint("build journal with its bundled SQLite"),
        IndexError::Newer { .. } => told(Exit::Usage, "newer_index").hint("use the newer journal"),
        IndexError::Missing { .. } => told(Exit::NotFound, "no_index").hint("build it: journal reindex"),
        IndexError::Outdated { .. } => {
            told(Exit::Usage, "outdated_index").hint("nothing is lost; build it anew from the notes: journal reindex")
        }
        IndexError::Damaged { .. } => told(Exit::Usage, "damaged_index")
            .hint("nothing is lost; build it anew from the notes: journal doctor --fix"),
        IndexError::Busy { .. } => told(Exit::Conflict, "busy").hint("try again"),
        IndexError::Sqlite { path, .. } => {
            told(Exit::Usage, "index").hint(format!("look at {}", quoted(&path.display().to_string())))
        }
    }
}

fn of_acquire(error: &AcquireError) -> Told {
    match error {
        AcquireError::Held(_) | AcquireError::ReasonNeeded(_) => {
            Told::new(Exit::Conflict, "held", message(error)).hint("try again later")
        }
        AcquireError::Full(_) => Told::new(Exit::Conflict, "full", message(error)).hint("give something back first"),
        AcquireError::Coord(error) => of_coord(error),
    }
}

fn of_fence(error: &FenceError) -> Told {
    match error {
        FenceError::Fenced(fenced) => {
            let code = match fenced.as_ref() {
                Fenced::PassedOn { .. } => "passed_on",
                Fenced::Released { .. } => "released",
                Fenced::Over { .. } => "over",
                Fenced::NotYours { .. } => "not_yours",
            };
            Told::new(Exit::Conflict, code, message(error)).hint("try again: the line is taken anew")
        }
        FenceError::Coord(error) => of_coord(error),
    }
}
