//! What can go wrong between this crate and `state.db`.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why `state.db` could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CoordError {
    /// The SQLite this program runs on can corrupt a database that several processes use.
    #[error("the linked SQLite {found} can corrupt a shared database; `journal` needs {needed} or newer")]
    OldSqlite {
        /// The version that was found, like `3.46.1`.
        found: String,
        /// The oldest version that is safe.
        needed: &'static str,
    },
    /// A newer `journal` has already changed the layout of the database.
    #[error(
        "`{}` was made by `journal` {made_by} (layout {found}); this is {} and knows layout {known}: use the newer one",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The layout version found in it.
        found: i64,
        /// The newest layout version this program knows.
        known: i64,
        /// The version of the program that wrote it.
        made_by: String,
    },
    /// The file is not a SQLite database or is damaged.
    ///
    /// Nothing in it is needed to read notes. The caller drops its [`Coord`](crate::Coord), renames the file to
    /// `state.db.damaged`, those beside it that end in `-wal` and `-shm` likewise, and opens again: every
    /// lease is then free. It does so under the vault's write lock, so that no two processes do it at once.
    #[error("`{}` is damaged", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// Other processes kept the database locked for longer than [`Coord::BUSY_DEADLINE`](crate::Coord::BUSY_DEADLINE).
    #[error("`{}` stayed locked by other processes while trying to {doing}", path.display())]
    Busy {
        /// The database.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file is there, and whoever runs this may not use it.
    #[error("cannot {doing}: `{}` cannot be read and written by you", path.display())]
    Denied {
        /// The database.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// SQLite refused for another reason: no such folder, a full disk.
    #[error("cannot {doing} in `{}`", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl CoordError {
    /// Sorts an error of SQLite that came while doing something to the database at `path`.
    pub(crate) fn new(path: &Path, doing: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, source },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::Denied { path, doing, source },
            Some(ErrorCode::CannotOpen) if path.exists() => Self::Denied { path, doing, source },
            _ if is_busy(&source) => Self::Busy { path, doing, source },
            _ => Self::Sqlite { path, doing, source },
        }
    }
}

/// Whether waiting and trying again can help.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed)
    )
}
