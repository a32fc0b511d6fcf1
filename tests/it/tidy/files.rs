//! Length, charter and name of every Rust file.

use std::fmt::Write as _;

use super::{Breach, Tree, breaks, holds, lexer::words};

/// Most lines before the tests of a file; more needs a reason in [`LONG`].
const LINES: usize = 500;

/// Most lines of any file, tests included. No exceptions.
const LINES_IN_ALL: usize = 800;

/// Files that may pass [`LINES`], each with its reason.
const LONG: &[(&str, &str)] = &[];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "managers"];

/// Files are short.
fn length(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.rust_files() {
        let all = file.text.lines().count();
        let before_tests = file.code.lines().take_while(|line| line.trim() != "#[cfg(test)]").count();
        if all > LINES_IN_ALL {
            breaches.push(Breach::new(
                file.path,
                format!("{all} lines, more than {LINES_IN_ALL}"),
                "split it by what its parts are about; move a long test module to a `tests.rs` beside it",
            ));
        } else if before_tests > LINES && !LONG.iter().any(|(path, _)| *path == file.path) {
            breaches.push(Breach::new(
                file.path,
                format!("{before_tests} lines before its tests, more than {LINES}"),
                "split it by what its parts are about, or give its reason in `LONG` of tests/it/tidy/files.rs",
            ));
        }
    }
    breaches
}

/// Every file says first what it is for.
fn charter(tree: &Tree) -> Vec<Breach> {
    let silent = tree.rust_files().into_iter().filter(|file| !file.text.starts_with("//! "));
    silent
        .map(|file| {
            Breach::new(
                file.path,
                "does not open with `//!`",
                "write what the file is for in one line, before anything else",
            )
        })
        .collect()
}

/// Modules are named after what they hold.
fn names(tree: &Tree) -> Vec<Breach> {
    let comply = "name the module after what it holds, or move its parts to the modules that use them";
    let mut breaches = Vec::new();
    for file in tree.rust_files() {
        let inner = words(&file.code, "mod").map(|(at, _)| {
            file.code[at + "mod".len()..]
                .trim_start()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or("")
        });
        let own = file.path.trim_end_matches(".rs").split('/');
        for name in own.chain(inner).filter(|name| is_empty_name(name)) {
            breaches.push(Breach::new(file.path, format!("a module named `{name}`"), comply));
        }
    }
    breaches
}

fn is_empty_name(name: &str) -> bool {
    name.split('_').any(|part| EMPTY_NAMES.contains(&part))
}

#[test]
fn files_are_short() {
    holds(length);
    let tree = Tree::checkout();
    for (path, reason) in LONG {
        assert!(
            tree.has(path) && !reason.is_empty(),
            "`{path}` on the list `LONG` is gone or has no reason: drop the entry"
        );
    }
}

#[test]
fn files_open_with_their_charter() {
    holds(charter);
}

#[test]
fn modules_have_names_that_say_something() {
    holds(names);
}

#[test]
fn a_long_file_is_found() {
    let file = |code: usize, tests: usize| {
        let mut text = String::from("//- /crates/journal-model/src/long.rs\n");
        for line in 0..code {
            writeln!(text, "fn line_{line}() {{}}").unwrap();
        }
        text.push_str("#[cfg(test)]\nmod tests {\n");
        text.push_str(&"// a case\n".repeat(tests));
        text + "}\n"
    };
    let long = ["crates/journal-model/src/long.rs"];
    breaks(length, &file(500, 297), &[]);
    breaks(length, &file(501, 0), &long);
    breaks(length, &file(500, 298), &long);
}

#[test]
fn a_file_without_charter_is_found() {
    breaks(charter, "//- /crates/a/src/lib.rs\n//! A.\n//- /crates/a/src/b.rs\nfn b() {}\n", &["crates/a/src/b.rs"]);
}

#[test]
fn an_empty_name_is_found() {
    breaks(names, "//- /crates/a/src/string_utils.rs\n//! A.\n", &["crates/a/src/string_utils.rs"]);
    breaks(names, "//- /crates/a/src/helpers/mod.rs\n//! A.\n", &["crates/a/src/helpers/mod.rs"]);
    breaks(names, "//- /crates/a/src/lib.rs\n//! A.\nmod manager { }\nmod model;\n", &["crates/a/src/lib.rs"]);
}
