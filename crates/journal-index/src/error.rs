//! What can go wrong between this crate and `index.db`.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why `index.db` could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The SQLite this program runs on can corrupt a database that several processes use.
    #[error("the linked SQLite {found} can corrupt a shared database; `journal` needs {needed} or newer")]
    OldSqlite {
        /// The version that was found, like `3.46.1`.
        found: String,
        /// The oldest version that is safe.
        needed: &'static str,
    },
    /// There is no index yet: it has to be built.
    #[error("there is no index at `{}`", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A newer `journal` has already changed the layout of the index.
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
    /// The index has an older layout. Only a reader says this: [`Index::open`](crate::Index::open) mends it.
    #[error("`{}` has the older layout {found}; it has to be built anew", path.display())]
    Outdated {
        /// The database.
        path: PathBuf,
        /// The layout version found in it.
        found: i64,
    },
    /// The file is not a SQLite database or is damaged.
    ///
    /// Everything in it can be had from the vault again: the caller renames the file, and those beside it that end in
    /// `-wal` and `-shm`, and builds another.
    #[error("`{}` is damaged", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// Other processes kept the database locked for longer than [`Index::BUSY_DEADLINE`](crate::Index::BUSY_DEADLINE).
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
    /// SQLite refused for another reason: no such folder, no permission, a full disk.
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

impl IndexError {
    /// Sorts an error of SQLite that came while doing something to the database at `path`.
    pub(crate) fn new(path: &Path, doing: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::Busy { path, doing, source }
            }
            _ => Self::Sqlite { path, doing, source },
        }
    }
}
