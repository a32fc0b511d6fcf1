//! Where the caller works: its project, which all worktrees of a repository share, and the worktree.

use std::path::{Path, PathBuf};

use journal_engine::{Glob, GlobError, Worktree, folder_project, read_text_file, typed_glob, typed_path};

use crate::{
    environment::{self, Environment},
    failure::Failure,
    rim,
};

/// A folder that says to which project it belongs holds this file, with the line `project = "name"`.
const PROJECT_FILE: &str = ".journal.toml";

/// Where the caller works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workplace {
    /// The project: `JOURNAL_PROJECT`, else what `.journal.toml` upward says, else the repository, else the folder.
    pub project: String,
    /// The top of the worktree, to which the paths of claims are relative: git's, else the folder with `.journal.toml`, else
    /// the folder itself.
    pub top: PathBuf,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

impl Workplace {
    /// Finds out, with what is to be told of it.
    ///
    /// # Errors
    /// When the variable is not text.
    pub fn of(environment: &Environment) -> Result<(Self, Vec<String>), Failure> {
        let folder = &environment.folder;
        let mut warnings = Vec::new();
        // Without git's word there is still the folder.
        let worktree = Worktree::find(folder).unwrap_or_else(|error| {
            warnings.push(format!("{}; the folder is taken for the project", rim::message(&error)));
            None
        });
        let mut told = environment.text(&environment::PROJECT)?.map(str::to_owned);
        let mut top = worktree.as_ref().map(|worktree| worktree.top.clone());
        if (told.is_none() || top.is_none())
            && let Some((place, project)) = project_file(folder, &mut warnings)
        {
            top = top.or(Some(place));
            told = told.or(project);
        }
        let project = told.unwrap_or_else(|| match &worktree {
            Some(worktree) => worktree.project(),
            None => folder_project(top.as_deref().unwrap_or(folder)),
        });
        let branch = worktree.and_then(|worktree| worktree.branch);
        Ok((Self { project, top: top.unwrap_or_else(|| folder.clone()), branch }, warnings))
    }

    /// The top of the worktree as text.
    pub fn top_text(&self) -> String {
        self.top.to_string_lossy().into_owned()
    }

    /// A glob as typed in `folder`, relative to the top of the worktree.
    ///
    /// # Errors
    /// When it is none, or leaves the worktree.
    pub fn glob(&self, typed: &str, folder: &Path) -> Result<Glob, GlobError> {
        typed_glob(&self.top, folder, typed)
    }

    /// A path as typed in `folder`, whatever characters it has, likewise.
    ///
    /// # Errors
    /// When it leaves the worktree.
    pub fn path(&self, typed: &str, folder: &Path) -> Result<Glob, GlobError> {
        typed_path(&self.top, folder, typed)
    }
}

/// The nearest [`PROJECT_FILE`] upward: its folder, and the project that it names.
fn project_file(folder: &Path, warnings: &mut Vec<String>) -> Option<(PathBuf, Option<String>)> {
    for place in folder.ancestors() {
        let path = place.join(PROJECT_FILE);
        let text = match read_text_file(&path) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            // Nobody is to be kept from work by a file that only says where they work.
            Err(source) => {
                let error = Failure::File { attempted: "read", path, source };
                warnings.push(format!("{}; it is passed over", rim::message(&error)));
                continue;
            }
        };
        let project = match text.parse::<toml::Table>() {
            Ok(table) => table.get("project").and_then(toml::Value::as_str).map(str::to_owned),
            Err(_) => None,
        };
        if project.is_none() {
            warnings.push(format!("`{}` has no line `project = \"name\"`", path.display()));
        }
        return Some((place.to_owned(), project));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_top_wherever_they_are_typed() {
        let place = Workplace { project: "den".to_owned(), top: "/w/den".into(), branch: None };
        let glob = |typed: &str, folder: &str| place.glob(typed, Path::new(folder)).map(|glob| glob.to_string());
        assert_eq!(glob("src/**", "/w/den").as_deref(), Ok("src/**"));
        assert_eq!(glob("*.rs", "/w/den/src/[x]").as_deref(), Ok(r"src/\[x\]/*.rs"));
        assert_eq!(glob("../docs", "/w/den/src").as_deref(), Ok("docs"));
        assert_eq!(glob(".", "/w/den/src").as_deref(), Ok("src"));
        assert_eq!(glob(".", "/w/den").as_deref(), Ok("**"));
        assert_eq!(glob("/w/den/a/b", "/w/den/src").as_deref(), Ok("a/b"));
        assert_eq!(glob("../../x", "/w/den/src"), Err(GlobError::Leaves("../../x".to_owned())));
        assert_eq!(glob("/elsewhere", "/w/den"), Err(GlobError::Leaves("/elsewhere".to_owned())));
        let path = place.path("[id].ts", Path::new("/w/den/app")).unwrap();
        assert!(path.overlaps(&glob_of("app/*.ts")) && !path.overlaps(&glob_of("app/i.ts")));
    }

    fn glob_of(text: &str) -> Glob {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_that_names_the_project_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let deep = root.join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        let of = |values: &[(&str, &str)]| Workplace::of(&Environment::of(values).in_folder(&deep)).unwrap();
        let (place, warnings) = of(&[]);
        assert!(place.project.starts_with("b-") && place.top == deep && warnings.is_empty(), "{place:?} {warnings:?}");
        std::fs::write(root.join(PROJECT_FILE), "projekt = 1\n").unwrap();
        let (place, warnings) = of(&[]);
        assert_eq!((&place.top, warnings.len()), (&root, 1));
        std::fs::write(root.join(PROJECT_FILE), "project = \"den\"\n").unwrap();
        assert_eq!(of(&[]).0, Workplace { project: "den".to_owned(), top: root.clone(), branch: None });
        // What cannot be read is told, and those above it count.
        std::fs::write(deep.join(PROJECT_FILE), b"\xff\xfe").unwrap();
        std::fs::create_dir(root.join("a").join(PROJECT_FILE)).unwrap();
        let (place, warnings) = of(&[]);
        assert_eq!((place.project.as_str(), &place.top, warnings.len()), ("den", &root, 2), "{warnings:?}");
        assert!(warnings.iter().all(|warning| warning.contains(PROJECT_FILE)), "{warnings:?}");
        let (place, _) = of(&[("JOURNAL_PROJECT", "lair")]);
        assert_eq!((place.project.as_str(), place.top), ("lair", root));
    }
}
