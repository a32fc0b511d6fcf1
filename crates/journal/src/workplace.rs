//! Where the caller works: its project, which all worktrees of a repository share, and the worktree.

use std::path::{Path, PathBuf};

use journal_engine::{ClaimScope, Glob, GlobError, Worktree, folder_project, read_text_file, real_path, typed_glob};

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

/// A file, or a folder, by the workplace that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Where it lies, whoever asks.
    pub workplace: Workplace,
    /// Its path from the top of the worktree; empty for the top itself.
    pub path: String,
}

impl Workplace {
    /// Finds out, with what is to be told of it. Links are resolved: a folder is one place by whatever way it is reached.
    ///
    /// # Errors
    /// When the variable is not text.
    pub fn of(environment: &Environment) -> Result<(Self, Vec<String>), Failure> {
        let mut warnings = Vec::new();
        let folder = real_path(&environment.folder);
        if let Some(marked) = Self::marked(&folder, environment, &mut warnings)? {
            return Ok((marked, warnings));
        }
        let told = environment.text(&environment::PROJECT)?;
        let project = told.map_or_else(|| folder_project(&folder), str::to_owned);
        Ok((Self { project, top: folder, branch: None }, warnings))
    }

    /// The workplace of a folder that git or a [`PROJECT_FILE`] says of it.
    fn marked(folder: &Path, environment: &Environment, warnings: &mut Vec<String>) -> Result<Option<Self>, Failure> {
        // Without git's word there is still the folder.
        let worktree = Worktree::find(folder).unwrap_or_else(|error| {
            warnings.push(format!("{}; the folder is taken for the project", rim::message(&error)));
            None
        });
        let mut told = environment.text(&environment::PROJECT)?.map(str::to_owned);
        let mut top = worktree.as_ref().map(|worktree| worktree.top.clone());
        if (told.is_none() || top.is_none())
            && let Some((place, project)) = project_file(folder, warnings)
        {
            top = top.or(Some(place));
            told = told.or(project);
        }
        let Some(top) = top else { return Ok(None) };
        let project = told.unwrap_or_else(|| match &worktree {
            Some(worktree) => worktree.project(),
            None => folder_project(&top),
        });
        Ok(Some(Self { project, top, branch: worktree.and_then(|worktree| worktree.branch) }))
    }

    /// Where a file lies that is named in the folder of `environment`, in which whoever works here names it: first the workplace
    /// in which it is claimed, which is its own whoever asks; behind it this one, when that has another idea of where it lies, as
    /// a repository around a submodule does. A link is followed, and counts under its own name too.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn locate(&self, typed: &str, environment: &Environment) -> Result<Vec<Located>, Failure> {
        let path = environment.folder.join(typed);
        let target = real_path(&path);
        let named = path.parent().zip(path.file_name()).map(|(folder, name)| real_path(folder).join(name));
        let mut located: Vec<Located> = Vec::new();
        for name in named.iter().chain(Some(&target).filter(|target| named.as_ref() != Some(target))) {
            let folder = if name.is_dir() { name } else { name.parent().unwrap_or(name) };
            // What is wrong with the files that say where this is was said, or will be, to those who work there.
            let marked = Self::marked(folder, environment, &mut Vec::new())?;
            let own = name.starts_with(&self.top).then(|| self.clone());
            let places = match (marked, own) {
                (Some(marked), Some(own)) if (&marked.project, &marked.top) == (&own.project, &own.top) => vec![own],
                (None, None) => vec![Self::of(&environment.in_folder(folder))?.0],
                (marked, own) => marked.into_iter().chain(own).collect(),
            };
            located.extend(places.into_iter().filter_map(|workplace| {
                let path = name.strip_prefix(&workplace.top).ok()?.to_str()?.replace('\\', "/");
                Some(Located { workplace, path })
            }));
        }
        Ok(located)
    }

    /// Where claims on it count.
    pub fn scope(&self) -> ClaimScope {
        ClaimScope { project: self.project.clone(), worktree: Some(self.top_text()) }
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
        typed_glob(&self.top, &real_path(folder), typed)
    }
}

impl Located {
    /// The glob that means it, whatever characters it has; for the top of a worktree all that is in it.
    ///
    /// # Errors
    /// When it is too long to be claimed.
    pub fn glob(&self) -> Result<Glob, GlobError> {
        if self.path.is_empty() { "**".parse() } else { Glob::of_path(&self.path) }
    }
}

/// Globs by where they count.
pub fn by_scope(globs: impl IntoIterator<Item = (ClaimScope, Glob)>) -> Vec<(ClaimScope, Vec<Glob>)> {
    let mut scopes: Vec<(ClaimScope, Vec<Glob>)> = Vec::new();
    for (scope, glob) in globs {
        match scopes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, globs)) => globs.push(glob),
            None => scopes.push((scope, vec![glob])),
        }
    }
    scopes
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
        assert_eq!(glob("", "/w/den/src"), Err(GlobError::Empty));
        assert_eq!(glob(" ", "/w/den"), Err(GlobError::Empty));
        let path = Located { workplace: place.clone(), path: "app/[id].ts".to_owned() }.glob().unwrap();
        let glob_of = |text: &str| text.parse::<Glob>().unwrap();
        assert!(path.overlaps(&glob_of("app/*.ts")) && !path.overlaps(&glob_of("app/i.ts")));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_lies_where_it_lies_whoever_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        for inside in ["repo/.git", "repo/src", "repo/sub/.git", "den/src"] {
            std::fs::create_dir_all(at(inside)).unwrap();
        }
        std::fs::write(at("repo/f.rs"), "f").unwrap();
        std::os::unix::fs::symlink(at("repo"), at("link")).unwrap();
        std::os::unix::fs::symlink("../repo/f.rs", at("den/f.rs")).unwrap();
        let locate = |folder: &str, typed: &str| -> Vec<String> {
            let environment = Environment::of(&[]).in_folder(&at(folder));
            let (own, _) = Workplace::of(&environment).unwrap();
            let located = own.locate(typed, &environment).unwrap();
            let told = |found: &Located| {
                format!("{} {}", found.workplace.top.strip_prefix(&root).unwrap().display(), found.path)
            };
            located.iter().map(told).collect()
        };
        let absolute = at("link/src/new/../g.rs").display().to_string();
        for (folder, typed) in [("den", absolute.as_str()), ("link/src", "./g.rs"), ("repo", "src/g.rs")] {
            assert_eq!(locate(folder, typed), ["repo src/g.rs"], "{folder} {typed}");
        }
        // Without anything that marks a folder, those who work in one name all below it from there.
        assert_eq!(locate("den", "src/a/b.rs"), ["den src/a/b.rs"]);
        assert_eq!(locate("repo", "../den/src/b.rs"), ["den/src b.rs"]);
        assert_eq!(locate("", "link/src/g.rs"), ["repo src/g.rs", " repo/src/g.rs"]);
        // A repository within another, and a link to a file, are known by both names.
        assert_eq!(locate("repo", "sub/x"), ["repo/sub x", "repo sub/x"]);
        assert_eq!(locate("den", "f.rs"), ["den f.rs", "repo f.rs"]);
        assert_eq!([locate("repo/src", ".."), locate("den", ".")], [["repo "], ["den "]]);
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
