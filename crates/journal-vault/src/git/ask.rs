//! Asking git: a process with an environment of its own, a deadline and a bound on what it says.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Instant,
};

/// Git, and what it is given.
///
/// It sees no configuration but the one in the repository it is pointed at, which is never one of somebody else's; it asks nobody, and
/// fetches nothing.
#[derive(Debug, Clone)]
pub struct Git {
    /// The variables it is given: at least those by which a program is found and can start, like `PATH`.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder for temporary files.
    pub temporary: PathBuf,
    /// When it must have answered; later it is ended.
    pub deadline: Instant,
}

/// Why git does not say what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be started.
    #[error("git cannot be run")]
    NotRun(#[source] io::Error),
    /// It cannot rehearse a merge.
    #[error("git {found} cannot rehearse a merge; {needed} or newer can", needed = Git::NEEDED)]
    TooOld {
        /// Its version.
        found: String,
    },
    /// It was not done in time.
    #[error("git took too long to {doing}, and was ended")]
    Late {
        /// At what.
        doing: &'static str,
    },
    /// It said more than is ever read.
    #[error("git has more to say than is read, to {doing}")]
    TooMuch {
        /// To what.
        doing: &'static str,
    },
    /// It refused.
    #[error("git could not {doing}: {said}")]
    Refused {
        /// What.
        doing: &'static str,
        /// In its words.
        said: String,
    },
    /// Nothing is checked out that could be merged.
    #[error("no commit of `{}` is known", .0.display())]
    NoCommit(PathBuf),
    /// A merge was begun and not finished: what is there is neither one side nor the other.
    #[error("`{}` is in the middle of a merge", .0.display())]
    Merging(PathBuf),
    /// More was changed, or larger files, than is taken in.
    #[error("more is changed in `{}` than is taken in", .0.display())]
    TooManyChanges(PathBuf),
    /// Files for it could not be made or read.
    #[error("cannot use `{}`", .path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// What git answered.
pub(super) struct Answer {
    /// How it ended.
    pub code: Option<i32>,
    /// What it printed.
    pub printed: Vec<u8>,
    /// What it complained.
    pub complained: Vec<u8>,
}

/// The most that is read of what it prints.
const MOST_PRINTED: u64 = 8 << 20;

/// The most that is read of its complaints.
const MOST_COMPLAINED: u64 = 8 << 10;

impl Git {
    /// The version that has `merge-tree --write-tree`.
    pub const NEEDED: &'static str = "2.38";

    /// Whether this git can rehearse a merge.
    ///
    /// # Errors
    /// [`GitError::TooOld`] when it cannot.
    pub(super) fn check(&self) -> Result<(), GitError> {
        let doing = "tell its version";
        let mut command = self.command(&self.temporary);
        command.arg("version");
        enough(&String::from_utf8_lossy(&self.run(command, b"", doing)?.printed))
    }

    /// The program in a folder, with nothing around it that could make it do more than it is asked.
    pub(super) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(folder).args([
            "--no-pager",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ]);
        for (name, value) in [
            ("LC_ALL", "C"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
        ] {
            command.env(name, value);
        }
        command
    }

    /// Runs it to its end, or to the deadline.
    pub(super) fn run(&self, mut command: Command, input: &[u8], doing: &'static str) -> Result<Answer, GitError> {
        if Instant::now() >= self.deadline {
            return Err(GitError::Late { doing });
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(GitError::NotRun)?;
        let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (done, ended) = channel();
        let result = thread::scope(|scope| {
            scope.spawn(|| {
                // One that ends without reading says why on the other stream.
                drop(stdin.as_mut().map(|stdin| stdin.write_all(input)));
                drop(stdin);
            });
            let complained = scope.spawn(move || read(stderr, MOST_COMPLAINED));
            scope.spawn(move || {
                // Nobody waits any more once the deadline has passed.
                drop(done.send(read(stdout, MOST_PRINTED)));
            });
            let printed = ended.recv_timeout(self.deadline.saturating_duration_since(Instant::now()));
            if printed.is_err() {
                end(&mut child);
            }
            let printed = printed.map_err(|_| GitError::Late { doing })?.map_err(GitError::NotRun)?;
            if printed.len() as u64 == MOST_PRINTED {
                end(&mut child);
                return Err(GitError::TooMuch { doing });
            }
            let complained = complained.join().unwrap_or_else(|_| Ok(Vec::new())).map_err(GitError::NotRun)?;
            Ok((printed, complained))
        });
        let status = child.wait().map_err(GitError::NotRun)?;
        let (printed, complained) = result?;
        Ok(Answer { code: status.code(), printed, complained })
    }
}

impl Answer {
    /// What it printed, when it ended well.
    pub fn well(self, doing: &'static str) -> Result<Vec<u8>, GitError> {
        if self.code == Some(0) { Ok(self.printed) } else { Err(self.refused(doing)) }
    }

    /// What it complained, in one line.
    pub fn refused(&self, doing: &'static str) -> GitError {
        let said = String::from_utf8_lossy(&self.complained).split_whitespace().collect::<Vec<_>>().join(" ");
        GitError::Refused { doing, said }
    }
}

/// Whether the version that git tells is new enough.
fn enough(said: &str) -> Result<(), GitError> {
    let version = said.trim();
    let version = version.strip_prefix("git version ").unwrap_or(version);
    let mut numbers = version.split(['.', ' ']).map(|number| number.parse::<u32>().unwrap_or_default());
    let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    if found >= (2, 38) { Ok(()) } else { Err(GitError::TooOld { found: version.to_owned() }) }
}

fn read(stream: Option<impl Read>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        (&mut stream).take(most).read_to_end(&mut bytes)?;
        if most == MOST_COMPLAINED {
            // The rest is let go by, so that it need not wait for a reader.
            io::copy(&mut stream, &mut io::sink())?;
        }
    }
    Ok(bytes)
}

fn end(child: &mut Child) {
    // One that has ended by itself is as good.
    drop(child.kill());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_too_old() {
        for (said, is_enough) in [
            ("git version 2.38.0", true),
            ("git version 2.47.3 (Apple Git-154)\n", true),
            ("git version 2.45.1.windows.1", true),
            ("git version 3.0", true),
            ("git version 2.37.9", false),
            ("git version 1.99", false),
            ("something else", false),
        ] {
            assert_eq!(enough(said).is_ok(), is_enough, "{said}");
        }
        assert_eq!(
            enough("git version 2.37.1\n").unwrap_err().to_string(),
            "git 2.37.1 cannot rehearse a merge; 2.38 or newer can"
        );
    }
}
