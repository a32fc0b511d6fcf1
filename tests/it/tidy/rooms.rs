//! Words of code that belong to one room: files, the terminal, the environment, tasks; and words nobody writes.

use std::collections::BTreeSet;

use super::{
    Breach, Tree, breaks, holds,
    lexer::{line_of, uses, words},
};

/// Words that may be written in some places only.
struct Fence {
    /// Matched as whole words in code without comments and literals, and in `use` trees spelled out.
    words: &'static [&'static str],
    /// Paths that begin so may hold them. An entry for a single file has its reason beside it.
    rooms: &'static [&'static str],
    /// Whether test code is free to use them.
    tests: bool,
    /// How to comply.
    comply: &'static str,
}

const FENCES: &[Fence] = &[
    Fence {
        words: &[
            "std::fs",
            "std::os::unix::fs",
            "tokio::fs",
            "rustix::fs",
            "File::open",
            "File::create",
            "OpenOptions",
            ".try_exists(",
            ".canonicalize(",
            ".symlink_metadata(",
            ".read_dir(",
            ".read_link(",
        ],
        rooms: &[
            "crates/journal-vault/",
            // Whether another process still lives is read from /proc, not from a vault.
            "crates/journal-coord/src/process",
            // Files of models: read, kept as they are fetched, and forgotten when asked. Never notes.
            "crates/journal-embed/src/files",
        ],
        tests: true,
        comply: "only journal-vault touches files: call it, or add the function there",
    },
    Fence {
        words: &["println!", "eprintln!", "print!", "eprint!", "stdout()", "stderr()"],
        rooms: &[
            "crates/journal/src/output.rs",
            // Asks whether anybody reads standard output any more, and writes nothing there.
            "crates/journal-mcp/src/stdio/platform.rs",
        ],
        tests: true,
        comply: "only crates/journal/src/output.rs prints: return data, or hand the text to it",
    },
    Fence {
        words: &["std::env", "stdin()"],
        rooms: &["crates/journal/"],
        tests: true,
        comply: "only crates/journal reads the environment and standard input: take the value as a parameter",
    },
    Fence {
        words: &["SystemTime::now", "Timestamp::now", "Zoned::now"],
        rooms: &["crates/journal/"],
        tests: true,
        comply: "only crates/journal reads the wall clock: take the time as a parameter",
    },
    Fence {
        words: &["process::exit", "process::abort"],
        rooms: &["crates/journal/src/main.rs"],
        tests: false,
        comply: "only `main` ends the process: return an error, or an `ExitCode` from `main`",
    },
    Fence {
        words: &["async", "tokio"],
        rooms: &["crates/journal-mcp/", "crates/journal/"],
        tests: true,
        comply: "the engine and all below it are threads: return a ticket that async code can wait for",
    },
    Fence {
        words: &[".unwrap()", ".unwrap_err()"],
        rooms: &[],
        tests: true,
        comply: "return the error, or write `expect(\"why this holds\")` for a local invariant",
    },
    Fence {
        words: &["#[allow(", "#![allow("],
        rooms: &[],
        tests: false,
        comply: "write `#[expect(lint, reason = \"…\")]`, which goes stale loudly",
    },
    Fence {
        words: &["#[ignore"],
        rooms: &[],
        tests: false,
        comply: "make the test fit for every run, or delete it; a long round takes its size from the environment",
    },
    Fence {
        words: &["thread::sleep"],
        rooms: &[
            // The one place where tests wait: it polls with a deadline.
            "crates/journal-testkit/src/poll.rs",
            // SQLite's busy handler is a poll with a deadline, and SQLite offers nothing to wait on.
            "crates/journal-coord/src/wait.rs",
            "crates/journal-index/src/connection.rs",
        ],
        tests: false,
        comply: "wait for the thing itself, or use journal_testkit::poll_until; a true need goes on the list in \
                 tests/it/tidy/rooms.rs with its reason",
    },
    Fence {
        words: &["unsafe"],
        rooms: &[
            // The C interface of the model runtime; every block has its reason.
            "crates/ort-rten/",
            // sqlite-vec is C, and is registered by the address of a function.
            "crates/journal-index/src/vectors/extension.rs",
        ],
        tests: false,
        comply: "use a safe library; a true need goes on the list in tests/it/tidy/rooms.rs with its reason",
    },
];

/// Fenced words stay in their rooms.
fn rooms(tree: &Tree) -> Vec<Breach> {
    FENCES.iter().flat_map(|fence| fenced(tree, fence)).collect()
}

fn fenced(tree: &Tree, fence: &Fence) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.rust_files() {
        if fence.rooms.iter().any(|room| file.path.starts_with(room)) {
            continue;
        }
        let code = if fence.tests { &file.product } else { &file.code };
        let imported = uses(code);
        let mut places = BTreeSet::new();
        for word in fence.words {
            places.extend(words(code, word).map(|(at, _)| (line_of(code, at), *word)));
            let named = imported.iter().filter(|(_, path)| words(path, word).next().is_some());
            places.extend(named.map(|(at, _)| (line_of(code, *at), *word)));
        }
        breaches.extend(
            places
                .into_iter()
                .map(|(line, word)| Breach::new(format!("{}:{line}", file.path), format!("`{word}`"), fence.comply)),
        );
    }
    breaches
}

#[test]
fn words_stay_in_their_rooms() {
    holds(rooms);
}

#[test]
fn every_fenced_word_is_found_outside_its_rooms() {
    for fence in FENCES {
        for word in fence.words {
            let line = format!("//! A room.\nfn f() {{ x{word} }}\n", word = separated(word));
            let engine = "crates/journal-engine/src/lib.rs";
            breaks(|tree| fenced(tree, fence), &format!("//- /{engine}\n{line}"), &[&format!("{engine}:2")]);
            for room in fence.rooms {
                let path = match room {
                    file if file.ends_with(".rs") => (*file).to_owned(),
                    folder => format!("{}/x.rs", folder.trim_end_matches('/')),
                };
                breaks(|tree| fenced(tree, fence), &format!("//- /{path}\n{line}"), &[]);
            }
            let expected: &[&str] = if fence.tests { &[] } else { &["tests/it/x.rs:2"] };
            breaks(|tree| fenced(tree, fence), &format!("//- /tests/it/x.rs\n{line}"), expected);
        }
    }
}

#[test]
fn imports_are_seen_through() {
    let engine = |code: &str| format!("//- /crates/journal-engine/src/lib.rs\n//! A room.\n\n{code}\n");
    let third = ["crates/journal-engine/src/lib.rs:3"];
    breaks(rooms, &engine("use std::{fmt, fs::{self, File}};"), &third);
    breaks(rooms, &engine("use std::{\n    thread::{self, sleep},\n};"), &third);
    breaks(rooms, &engine("use std::env as e;"), &third);
    breaks(rooms, &engine("use journal_vault::fs::Disk;"), &[]);
}

#[test]
fn comments_texts_and_tests_may_speak_of_fenced_things() {
    let code = "//! Never `std::fs`.\nconst HINT: &str = \"println!\";\nfn f(c: Command) { c.stdout(x) }\n\
                #[cfg(test)]\nmod tests { fn g() { std::fs::read(x).unwrap() } }\n";
    breaks(rooms, &format!("//- /crates/journal-engine/src/lib.rs\n{code}"), &[]);
}

/// A word as it stands in code: methods right after their value, everything else apart.
fn separated(word: &str) -> String {
    if word.starts_with('.') { word.to_owned() } else { format!(" {word}") }
}
