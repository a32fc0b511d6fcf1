//! The token of `journal serve`: made once, kept in a file that only its owner can read.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use journal_engine::{Disk, FileKind, RealDisk, create_file_durably, read_text_file};
use journal_mcp::http::Token;

/// Its name, beside the state of all vaults.
const NAME: &str = "http-token";

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// Others can read it, so it is no secret.
    #[error("others than you can read the token in `{}` (mode {mode:o})", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
    /// A link, a folder or the like.
    #[error("`{}` holds the token and must be a file of its own", .path.display())]
    NotAFile {
        /// What has the name.
        path: PathBuf,
    },
    /// Something else is in it.
    #[error("`{}` holds no token", .path.display())]
    NotAToken {
        /// The file.
        path: PathBuf,
    },
    /// The file system did not do what it should.
    #[error("cannot {attempted} the token in `{}`", .path.display())]
    File {
        /// What was attempted.
        attempted: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// The file below the folder that holds the state of all vaults.
pub fn path(data_home: &Path) -> PathBuf {
    data_home.join(NAME)
}

/// Reads the token; makes one when there is none. Of two processes that make one at once, both get the one that was first.
///
/// # Errors
/// When others can read the file, or it holds something else.
pub fn read_or_make(path: &Path) -> Result<Token, TokenFileError> {
    let failed = |attempted| move |source| TokenFileError::File { attempted, path: path.to_owned(), source };
    match RealDisk.stat(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let token = made();
            match create_file_durably(path, format!("{}\n", token.reveal()).as_bytes(), Some(0o600)) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
                written => written.map(|()| token).map_err(failed("write")),
            }
        }
        Err(error) => Err(failed("read")(error)),
        Ok(_) => read(path),
    }
}

fn read(path: &Path) -> Result<Token, TokenFileError> {
    let failed = |source| TokenFileError::File { attempted: "read", path: path.to_owned(), source };
    let stat = RealDisk.stat(path).map_err(failed)?;
    if stat.kind != FileKind::File {
        return Err(TokenFileError::NotAFile { path: path.to_owned() });
    }
    // Elsewhere than on Unix there are no mode bits, and the folder of the user's data is the user's own.
    if stat.mode & 0o077 != 0 {
        return Err(TokenFileError::Open { path: path.to_owned(), mode: stat.mode & 0o777 });
    }
    let text = match read_text_file(path) {
        Err(error) if error.kind() == ErrorKind::InvalidData => None,
        text => text.map_err(failed)?,
    };
    let token = text.and_then(|text| text.trim_end().parse().ok());
    token.ok_or_else(|| TokenFileError::NotAToken { path: path.to_owned() })
}

fn made() -> Token {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    Token::from_random(bytes)
}
