//! The files a rule looks at: this checkout, or an inline fixture.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use journal_testkit::parse_fixture;

use super::lexer;

/// Repository files by their path with `/`. Only text that a rule reads is loaded; of other files just the path counts.
pub(super) struct Tree {
    files: BTreeMap<String, String>,
}

/// One Rust file, with the parts that rules do not want to see taken out.
pub(super) struct RustFile<'a> {
    /// Path from the root of the repository.
    pub(super) path: &'a str,
    /// The text as written.
    pub(super) text: &'a str,
    /// The text with comments and literals blanked, of the same length.
    pub(super) code: String,
    /// The same without the items under `#[cfg(test)]`; empty where the whole file is for tests.
    pub(super) product: String,
}

impl Tree {
    /// The files of this checkout that git tracks or would track; without git, all files but `target`.
    pub(super) fn checkout() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = tracked(root).unwrap_or_default();
        if paths.is_empty() {
            walk(root, root, &mut paths);
        }
        let files: BTreeMap<_, _> = paths
            .into_iter()
            .filter(|path| root.join(path).is_file())
            .map(|path| {
                (path.to_str().expect("repository paths are UTF-8").replace('\\', "/"), load(&root.join(&path)))
            })
            .collect();
        assert!(
            files.contains_key("Cargo.toml") && files.len() > 20,
            "the checkout was not read: {} files",
            files.len()
        );
        Self { files }
    }

    /// The files of an inline fixture with `//- /path` headers.
    pub(super) fn from_fixture(fixture: &str) -> Self {
        Self { files: parse_fixture(fixture).into_iter().collect() }
    }

    /// All paths, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether a file or a folder is there.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }

    /// The packages: name of the crate, path of its manifest, text of its manifest. The root package is `journal`.
    pub(super) fn manifests(&self) -> Vec<(&str, &str, &str)> {
        self.files
            .iter()
            .filter_map(|(path, text)| {
                let name = match path.as_str() {
                    "Cargo.toml" => "journal",
                    inner => inner.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?,
                };
                Some((name, path.as_str(), text.as_str()))
            })
            .collect()
    }

    /// The Rust files.
    pub(super) fn rust_files(&self) -> Vec<RustFile<'_>> {
        let sources = || self.files.iter().filter(|(path, _)| path.ends_with(".rs"));
        let test_modules: Vec<String> = sources().flat_map(|(path, text)| test_modules_of(path, text)).collect();
        sources()
            .map(|(path, text)| {
                let code = lexer::code_only(text);
                let for_tests = is_test_path(path)
                    || code.contains("#![cfg(test)]")
                    || test_modules.iter().any(|module| path.strip_prefix(module).is_some_and(is_module_rest));
                let product = if for_tests { String::new() } else { lexer::without_tests(&code) };
                RustFile { path, text, code, product }
            })
            .collect()
    }
}

/// Whether a path is test code by its place: integration tests, benches, examples, the testkit, and `tests.rs` or
/// `x_tests.rs` beside a module.
fn is_test_path(path: &str) -> bool {
    let folders = ["tests/", "benches/", "crates/journal-testkit/"];
    folders.iter().any(|folder| path.starts_with(folder))
        || ["/tests/", "/benches/", "/examples/"].iter().any(|folder| path.contains(folder))
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

/// The module files (without `.rs`) that `path` declares under `#[cfg(test)]`.
fn test_modules_of(path: &str, text: &str) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let base = if ["lib", "main", "mod"].contains(&stem) { folder.to_owned() } else { format!("{folder}/{stem}") };
    lexer::test_modules(&lexer::code_only(text)).into_iter().map(|module| format!("{base}/{module}")).collect()
}

fn is_module_rest(rest: &str) -> bool {
    rest == ".rs" || rest.starts_with('/')
}

/// What git tracks or would track below `root`; nothing where there is no git.
fn tracked(root: &Path) -> Option<Vec<PathBuf>> {
    let listing = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()?;
    let names = String::from_utf8(listing.stdout).expect("repository paths are UTF-8");
    Some(names.split_terminator('\0').map(PathBuf::from).collect())
}

fn walk(root: &Path, folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the checkout can be listed") {
        let path = entry.expect("the checkout can be listed").path();
        let relative = path.strip_prefix(root).expect("the walk starts at the root").to_owned();
        if [Path::new("target"), Path::new(".git")].contains(&relative.as_path()) {
            continue;
        }
        if path.is_dir() { walk(root, &path, paths) } else { paths.push(relative) }
    }
}

fn load(path: &Path) -> String {
    match path.extension().and_then(OsStr::to_str) {
        Some("rs" | "toml" | "md") => {
            String::from_utf8_lossy(&fs::read(path).expect("the checkout can be read")).into_owned()
        }
        _ => String::new(),
    }
}

#[test]
fn the_walk_sees_what_git_sees() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut walked = Vec::new();
    walk(root, root, &mut walked);
    for path in ["Cargo.toml", "tests/it/tidy/tree.rs", "crates/journal/src/main.rs"] {
        assert!(walked.contains(&PathBuf::from(path)), "{path}");
    }
    assert!(!walked.iter().any(|path| path.starts_with("target") || path.starts_with(".git/")));
}

#[test]
fn test_code_is_told_from_product_code_by_place_and_declaration() {
    let tree = Tree::from_fixture(
        "//- /crates/a/src/lib.rs\nmod b;\n#[cfg(test)]\nmod props;\n//- /crates/a/src/b.rs\nfn b() {}\n\
         #[cfg(test)]\nmod cases;\n//- /crates/a/src/b/cases.rs\nfn c() {}\n//- /crates/a/src/b/tests.rs\nfn d() {}\n\
         //- /crates/a/src/props.rs\nfn e() {}\n//- /crates/a/src/propser.rs\nfn f() {}\n",
    );
    let product: Vec<_> = tree
        .rust_files()
        .into_iter()
        .filter(|file| !file.product.is_empty())
        .map(|file| file.path.to_owned())
        .collect();
    assert_eq!(product, ["crates/a/src/b.rs", "crates/a/src/lib.rs", "crates/a/src/propser.rs"]);
}
