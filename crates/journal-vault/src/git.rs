//! Which git worktree a folder lies in, read from git's own files; no git is needed. Never written.
//!
//! A worktree has `.git`: a folder, or for a linked worktree and a submodule a file that names one. What worktrees share lies in
//! the folder that `commondir` names (`gitrepository-layout(5)`, `git-worktree(1)`).

mod ask;
mod rehearsal;

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use xxhash_rust::xxh3::xxh3_64;

use crate::files::read_text_file;

pub use ask::{Git, GitError};
pub use rehearsal::{Rehearsal, Tip};

/// A git worktree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Its top folder, with links resolved.
    pub top: PathBuf,
    /// What all worktrees of the repository share, with links resolved.
    pub common: PathBuf,
    /// What this worktree has for itself: its `HEAD`, its index.
    pub own: PathBuf,
    /// The branch that is checked out. None while none is.
    pub branch: Option<String>,
}

/// Git's files are there and cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("cannot read what git says in `{}`", .path.display())]
pub struct WorktreeError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system said.
    #[source]
    pub source: io::Error,
}

/// How many refs may name one another before it counts as a circle; git stops at as many.
const MOST_REFS: usize = 5;

impl Worktree {
    /// The worktree that `start` lies in, if it does.
    ///
    /// # Errors
    /// When there is one, and its files cannot be read.
    pub fn find(start: &Path) -> Result<Option<Self>, WorktreeError> {
        let Some(top) = start.ancestors().find(|folder| is_there(&folder.join(".git"))) else { return Ok(None) };
        let dot_git = top.join(".git");
        let own = if dot_git.is_dir() { dot_git } else { named_in(&dot_git, "gitdir: ")?.unwrap_or(dot_git) };
        let common = named_in(&own.join("commondir"), "")?.unwrap_or_else(|| own.clone());
        let head = text(&own.join("HEAD"))?.unwrap_or_default();
        let branch = head.trim().strip_prefix("ref: refs/heads/").map(str::to_owned);
        Ok(Some(Self { top: real(top)?, common: real(&common)?, own, branch }))
    }

    /// The commit that is checked out, by its hash. `None` before the first, and where refs are kept in another way than in files.
    ///
    /// # Errors
    /// When git's files cannot be read.
    pub fn commit(&self) -> Result<Option<String>, WorktreeError> {
        let mut found = text(&self.own.join("HEAD"))?;
        for _ in 0..MOST_REFS {
            let Some(said) = found.as_deref().map(str::trim) else { return Ok(None) };
            match said.strip_prefix("ref: ") {
                Some(name) if is_ref_name(name) => found = self.named_ref(name)?,
                Some(_) => return Ok(None),
                None => return Ok(is_hash(said).then(|| said.to_owned())),
            }
        }
        Ok(None)
    }

    /// What stands under the name of a ref: in a file of its own, else in the list of packed ones.
    fn named_ref(&self, name: &str) -> Result<Option<String>, WorktreeError> {
        if let Some(loose) = text(&self.common.join(name))? {
            return Ok(Some(loose));
        }
        let packed = text(&self.common.join("packed-refs"))?.unwrap_or_default();
        let lines = packed.lines().filter_map(|line| line.split_once(' '));
        Ok(lines.filter(|(_, named)| *named == name).map(|(hash, _)| hash.to_owned()).next())
    }

    /// The name of its project: that of the repository's folder, and what tells it from others of that name. All worktrees of a
    /// repository are one project.
    pub fn project(&self) -> String {
        let is_dot_git = self.common.file_name().is_some_and(|name| name == ".git");
        let named = if is_dot_git { self.common.parent().unwrap_or(&self.common) } else { &self.common };
        project_name(named, &self.common)
    }
}

/// The name of the project of a folder that is in no repository.
pub fn folder_project(folder: &Path) -> String {
    project_name(folder, folder)
}

fn project_name(named: &Path, identity: &Path) -> String {
    let name = named.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(&name);
    let hash = xxh3_64(identity.as_os_str().as_encoded_bytes());
    format!("{name}-{:06x}", hash & 0xff_ffff)
}

/// Whether a name of a ref stays in the folder of refs.
fn is_ref_name(name: &str) -> bool {
    name.starts_with("refs/") && name.split('/').all(|part| !matches!(part, "" | "." | "..")) && !name.contains('\\')
}

/// Whether a text is a hash as git writes them: SHA-1 or SHA-256.
fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The path in a file, relative to the folder of the file.
fn named_in(file: &Path, prefix: &str) -> Result<Option<PathBuf>, WorktreeError> {
    let Some(text) = text(file)? else { return Ok(None) };
    let folder = file.parent().unwrap_or(Path::new(""));
    Ok(text.trim().strip_prefix(prefix).map(|path| folder.join(path.trim())))
}

fn text(path: &Path) -> Result<Option<String>, WorktreeError> {
    read_text_file(path).map_err(|source| WorktreeError { path: path.to_owned(), source })
}

fn real(path: &Path) -> Result<PathBuf, WorktreeError> {
    match fs::canonicalize(path) {
        // A repository that was moved away leaves its worktrees behind.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(path.to_owned()),
        done => done.map_err(|source| WorktreeError { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]);
        let output = command.args(arguments).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn find(folder: &Path) -> Worktree {
        Worktree::find(folder).unwrap().unwrap()
    }

    #[test]
    fn worktrees_of_one_repository_are_one_project() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let den = root.join("den");
        fs::create_dir_all(den.join("src/deep")).unwrap();
        git(&den, &["init", "-q"]);
        git(&den, &["commit", "-q", "--allow-empty", "-m", "x"]);
        git(&den, &["worktree", "add", "-q", "-b", "topic/x", "../side"]);
        let (main, side) = (find(&den.join("src/deep")), find(&root.join("side")));
        assert_eq!((&main.top, main.branch.as_deref()), (&den, Some("main")));
        assert_eq!((&side.top, side.branch.as_deref()), (&root.join("side"), Some("topic/x")));
        assert_eq!((&main.common, main.project()), (&side.common, side.project()));
        assert!(main.project().starts_with("den-"), "{}", main.project());
        git(&den, &["checkout", "-q", "--detach"]);
        assert_eq!(find(&den).branch, None);

        let other = root.join("other/den");
        fs::create_dir_all(&other).unwrap();
        git(&other, &["init", "-q"]);
        assert_ne!(find(&other).project(), main.project());
        assert_eq!(Worktree::find(&root.join("other")).unwrap(), None);
        fs::rename(&den, root.join("moved")).unwrap();
        assert_eq!(find(&root.join("side")).top, root.join("side"), "what is left behind is still a place");
    }

    #[test]
    fn files_that_are_not_gits_are_told_or_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".git"), "gitdir: nowhere\n").unwrap();
        assert_eq!(find(folder.path()).branch, None);
        fs::write(folder.path().join(".git"), [0xff, 0xfe]).unwrap();
        assert!(Worktree::find(folder.path()).unwrap_err().to_string().contains(".git"));
        assert!(folder_project(Path::new("/a/b")).starts_with("b-"));
        assert_ne!(folder_project(Path::new("/a/b")), folder_project(Path::new("/c/b")));
    }
}
