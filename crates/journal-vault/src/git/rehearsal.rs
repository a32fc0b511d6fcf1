//! Rehearsing merges: what git would find in conflict, found without touching the repository and without trusting it.
//!
//! Git works in a bare repository of its own, in a temporary folder, which borrows the objects of the other
//! (`GIT_ALTERNATE_OBJECT_DIRECTORIES`, `git(1)`). So what a rehearsal writes is gone with the folder, and neither the
//! configuration nor the attributes nor the hooks of the repository are read: it cannot have a filter, a merge driver or a file
//! system monitor run. The price is that merge drivers that somebody wants do not count either.
//!
//! What is not committed counts by a copy of the worktree's index, into which the changed files are taken. New files that git was
//! never told of do not.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{
    Worktree, WorktreeError,
    ask::{Answer, Git, GitError},
};

/// A repository for trying merges of the worktrees of another one; gone when it is dropped.
#[derive(Debug)]
pub struct Rehearsal {
    git: Git,
    folder: TempDir,
    objects: PathBuf,
    taken: usize,
}

/// What a worktree would bring into a merge.
#[derive(Debug)]
pub struct Tip {
    commit: String,
    /// Whether changes that are not committed are part of it.
    pub uncommitted: bool,
    /// Why changes that are not committed may be missing from it.
    pub left_out: Option<GitError>,
}

/// The most changed files of a worktree that are taken in; with more, what is committed counts alone.
const MOST_CHANGED: usize = 2_000;

/// The most bytes that these may have together.
const MOST_BYTES: u64 = 64 << 20;

impl Rehearsal {
    /// Makes the repository, for the worktrees that share what `worktree` shares.
    ///
    /// # Errors
    /// When git is absent or too old, or the temporary folder cannot be used.
    pub fn begin(git: &Git, worktree: &Worktree) -> Result<Self, GitError> {
        git.check()?;
        let commit = worktree.commit().map_err(unreadable)?;
        let is_sha256 = commit.is_some_and(|hash| hash.len() == 64);
        let failed = |source| GitError::Disk { path: git.temporary.clone(), source };
        let folder = tempfile::Builder::new().prefix("journal-overlap-").tempdir_in(&git.temporary).map_err(failed)?;
        let format = if is_sha256 { "[extensions]\n\tobjectformat = sha256\n" } else { "" };
        let version = u8::from(is_sha256);
        // Ends of lines as the repository most likely has them, whatever the person's configuration has made of them in the files.
        let config = format!(
            "[core]\n\trepositoryformatversion = {version}\n\tautocrlf = input\n\tsafecrlf = false\n\tfilemode = {}\n{format}",
            cfg!(unix)
        );
        let make = || -> io::Result<()> {
            fs::create_dir_all(folder.path().join("objects"))?;
            fs::create_dir_all(folder.path().join("refs"))?;
            fs::write(folder.path().join("HEAD"), "ref: refs/heads/rehearsal\n")?;
            fs::write(folder.path().join("config"), config)?;
            // Where history was cut off, git must not look for what was before.
            copy_if_there(&worktree.common.join("shallow"), &folder.path().join("shallow"))?;
            Ok(())
        };
        make().map_err(failed)?;
        Ok(Self { git: git.clone(), folder, objects: worktree.common.join("objects"), taken: 0 })
    }

    /// Takes in what a worktree has now.
    ///
    /// # Errors
    /// When no commit is checked out there, or git does not do it.
    pub fn take(&mut self, worktree: &Worktree) -> Result<Tip, GitError> {
        let commit = worktree.commit().map_err(unreadable)?;
        let commit = commit.ok_or_else(|| GitError::NoCommit(worktree.top.clone()))?;
        self.taken += 1;
        match self.with_uncommitted(worktree, &commit) {
            Ok(Some(with)) => Ok(Tip { commit: with, uncommitted: true, left_out: None }),
            Ok(None) => Ok(Tip { commit, uncommitted: false, left_out: None }),
            Err(late @ (GitError::Late { .. } | GitError::NotRun(_))) => Err(late),
            // What is committed counts all the same.
            Err(error) => Ok(Tip { commit, uncommitted: false, left_out: Some(error) }),
        }
    }

    /// The files that a merge of both would leave in conflict.
    ///
    /// # Errors
    /// When git does not do it.
    pub fn merge(&self, one: &Tip, other: &Tip) -> Result<Vec<String>, GitError> {
        let doing = "rehearse the merge";
        let mut command = self.command(None);
        command.args(["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", &one.commit, &other.commit]);
        let answer = self.git.run(command, b"", doing)?;
        match answer.code {
            Some(0) => Ok(Vec::new()),
            Some(1) => Ok(names(&answer.printed).skip(1).map(|name| name.to_string_lossy().into_owned()).collect()),
            _ => Err(answer.refused(doing)),
        }
    }

    /// A commit of what a worktree has, where that is more than is committed.
    fn with_uncommitted(&self, worktree: &Worktree, commit: &str) -> Result<Option<String>, GitError> {
        let index = self.folder.path().join(format!("index-{}", self.taken));
        let copied = copy_index(&worktree.own.join("index"), &index);
        if !copied.map_err(|source| GitError::Disk { path: worktree.own.join("index"), source })? {
            return Ok(None);
        }
        let within = |arguments: &[&str], input: &[u8], doing| -> Result<Vec<u8>, GitError> {
            let mut command = self.command(Some(&worktree.top));
            command.env("GIT_INDEX_FILE", &index).args(arguments);
            self.git.run(command, input, doing).and_then(|answer: Answer| answer.well(doing))
        };
        let doing = "look for changes";
        // Submodules are left out: to look into one, git would start itself there, with the submodule's configuration.
        let changed = within(&["diff-files", "--ignore-submodules=all", "--name-status", "-z"], b"", doing)?;
        let (statuses, changed) = in_pairs(names(&changed));
        if statuses.iter().any(|status| status == "U") {
            return Err(GitError::Merging(worktree.top.clone()));
        }
        let too_many = || GitError::TooManyChanges(worktree.top.clone());
        let changed = takeable(&worktree.top, &changed).ok_or_else(too_many)?;
        if !changed.is_empty() {
            within(&["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], &changed, "take changes in")?;
        }
        let doing = "write down what there is";
        let tree = line(&within(&["write-tree"], b"", doing)?);
        let committed =
            line(&within(&["rev-parse", "--verify", "--end-of-options", &format!("{commit}^{{tree}}")], b"", doing)?);
        if tree == committed {
            return Ok(None);
        }
        let commit = within(&["commit-tree", "-p", commit, "-m", "what is not committed", &tree], b"", doing)?;
        Ok(Some(line(&commit)))
    }

    fn command(&self, top: Option<&Path>) -> Command {
        let folder = self.folder.path();
        let mut command = self.git.command(folder);
        command.env("GIT_DIR", folder).env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&self.objects));
        if let Some(top) = top {
            command.env("GIT_WORK_TREE", top);
        }
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
            command.env(name, "journal");
        }
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            command.env(name, "@0 +0000");
        }
        command
    }
}

/// Of the changed files, those that can be taken in: `None` when they are too many, or too large.
fn takeable(top: &Path, changed: &[OsString]) -> Option<Vec<u8>> {
    let (mut taken, mut bytes, mut files) = (Vec::new(), 0, 0);
    for name in changed {
        // One that is gone is taken in as gone.
        let metadata = fs::symlink_metadata(top.join(name)).ok();
        if metadata.as_ref().is_some_and(|metadata| !metadata.is_file() && !metadata.is_symlink()) {
            continue;
        }
        (bytes, files) = (bytes + metadata.map_or(0, |metadata| metadata.len()), files + 1);
        if files > MOST_CHANGED || bytes > MOST_BYTES {
            return None;
        }
        taken.extend_from_slice(name.as_encoded_bytes());
        taken.push(0);
    }
    Some(taken)
}

/// Names with a zero byte behind each.
fn names(printed: &[u8]) -> impl Iterator<Item = OsString> {
    let names = printed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| match crate::platform::path_from_bytes(name) {
        Some(path) => path.into_os_string(),
        None => String::from_utf8_lossy(name).into_owned().into(),
    })
}

fn in_pairs(mut all: impl Iterator<Item = OsString>) -> (Vec<OsString>, Vec<OsString>) {
    std::iter::from_fn(|| all.next().zip(all.next())).unzip()
}

/// A path in the list of folders with objects, in quotes, so that git takes no part of it for something else.
fn quoted(path: &Path) -> OsString {
    let mut quoted = vec![b'"'];
    for byte in path.as_os_str().as_encoded_bytes() {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    crate::platform::path_from_bytes(&quoted).map_or_else(|| path.into(), Into::into)
}

/// Copies an index with its time, by which git knows which files it has to look at twice. `false` when there is none.
fn copy_index(from: &Path, to: &Path) -> io::Result<bool> {
    if !copy_if_there(from, to)? {
        return Ok(false);
    }
    let modified = fs::metadata(from)?.modified()?;
    fs::OpenOptions::new().write(true).open(to)?.set_modified(modified)?;
    Ok(true)
}

fn copy_if_there(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::metadata(from) {
        // A pipe under that name would never end.
        Ok(metadata) if !metadata.is_file() => Err(io::ErrorKind::InvalidData.into()),
        Ok(_) => fs::copy(from, to).map(|_| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn line(printed: &[u8]) -> String {
    String::from_utf8_lossy(printed).trim().to_owned()
}

fn unreadable(error: WorktreeError) -> GitError {
    GitError::Disk { path: error.path, source: error.source }
}

#[cfg(all(test, unix))]
mod tests;
