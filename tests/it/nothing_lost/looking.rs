//! What is in a vault, read from its bytes alone: no engine, no database, nothing remembered.

use std::{collections::BTreeMap, path::Path};

use journal_model::{Note, VaultPath, WikiLink};
use journal_testkit::{Snapshot, snapshot};

/// The notes of thinking in a vault.
pub(super) struct Look {
    pub(super) thoughts: Vec<ThoughtSeen>,
    pub(super) sessions: Vec<SessionSeen>,
    /// Temporary files of ours.
    pub(super) temps: Vec<String>,
}

/// A thought note.
#[derive(Debug, Clone)]
pub(super) struct ThoughtSeen {
    pub(super) path: VaultPath,
    pub(super) id: String,
    pub(super) session: String,
    pub(super) line: String,
    pub(super) number: u32,
    pub(super) body: String,
}

/// A session note.
#[derive(Debug)]
pub(super) struct SessionSeen {
    pub(super) path: VaultPath,
    pub(super) id: String,
    /// The names that `see_also` links, in its order.
    pub(super) see_also: Vec<String>,
}

/// A thought that was acknowledged.
#[derive(Debug, Clone)]
pub(super) struct Acknowledged {
    pub(super) session: String,
    pub(super) line: String,
    pub(super) number: u32,
    pub(super) text: String,
}

/// What was acknowledged so far, by id.
pub(super) type Ledger = BTreeMap<String, Acknowledged>;

impl Look {
    /// Reads every note of thinking.
    ///
    /// # Panics
    /// When one is not whole: it is not UTF-8, its frontmatter is cut or broken, or a property that every such note has is
    /// missing.
    #[track_caller]
    pub(super) fn at(vault: &Path) -> Self {
        Self::of(&snapshot(vault))
    }

    /// The same from bytes in memory.
    #[track_caller]
    pub(super) fn of(files: &Snapshot) -> Self {
        let mut look = Self { thoughts: Vec::new(), sessions: Vec::new(), temps: Vec::new() };
        for (path, bytes) in files {
            if path.ends_with(".tmp") {
                look.temps.push(path.clone());
            }
            if path.ends_with(".md") {
                let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("`{path}` is cut: {error}"));
                look.note(path, text);
            }
        }
        look
    }

    #[track_caller]
    fn note(&mut self, path: &str, text: &str) {
        let note = Note::parse(text);
        let broken = &note.diagnostics;
        assert!(broken.is_empty() && !text.is_empty(), "`{path}` is not whole: {broken:?}\n{text}");
        let property = |key: &str| {
            let value = note.properties.text(key);
            value.unwrap_or_else(|| panic!("`{path}` has lost its `{key}`:\n{text}")).to_owned()
        };
        match note.properties.text("type") {
            Some("thought") => self.thoughts.push(ThoughtSeen {
                path: path.parse().unwrap(),
                id: property("id"),
                session: property("session_note_id"),
                line: note.properties.text("branch_id").unwrap_or("main").to_owned(),
                number: property("thought_number").parse().unwrap(),
                body: note.body(text).to_owned(),
            }),
            Some("thinking-session") => self.sessions.push(SessionSeen {
                path: path.parse().unwrap(),
                id: property("id"),
                see_also: note
                    .properties
                    .texts("see_also")
                    .into_iter()
                    .map(|link| WikiLink::parse(link).unwrap_or_else(|| panic!("`{path}`: `{link}` is no link")).target)
                    .collect(),
            }),
            _ => {}
        }
    }

    /// Asserts that every acknowledged thought is here once, where it was said to be, byte for byte.
    #[track_caller]
    pub(super) fn assert_holds(&self, ledger: &Ledger) {
        let mut by_id: BTreeMap<&str, Vec<&ThoughtSeen>> = BTreeMap::new();
        for thought in &self.thoughts {
            by_id.entry(&thought.id).or_default().push(thought);
        }
        for (id, told) in ledger {
            match by_id.get(id.as_str()).map(Vec::as_slice) {
                Some([seen]) => {
                    let found = (&seen.session, &seen.line, seen.number, &seen.body);
                    assert_eq!(found, (&told.session, &told.line, told.number, &told.text), "`{}`", seen.path);
                }
                Some(several) => panic!("an acknowledged thought stands {} times: {several:?}", several.len()),
                None => panic!("an acknowledged thought is lost: {told:?}"),
            }
        }
    }

    /// Asserts that the numbers of each line of a session follow one another, each once.
    #[track_caller]
    pub(super) fn assert_counted(&self, session: &str) {
        let mut lines: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for thought in self.thoughts.iter().filter(|thought| thought.session == session) {
            lines.entry(&thought.line).or_default().push(thought.number);
        }
        for (line, mut numbers) in lines {
            numbers.sort_unstable();
            let expected: Vec<u32> = (numbers[0]..).take(numbers.len()).collect();
            assert_eq!(numbers, expected, "the numbers of `{line}`");
        }
    }

    /// Asserts that `see_also` of a session names each of its thoughts once, and nothing else.
    #[track_caller]
    pub(super) fn assert_linked(&self, session: &str) {
        let own: Vec<_> = self.sessions.iter().filter(|note| note.id == session).collect();
        let [note] = own.as_slice() else { panic!("session `{session}` has {} notes: {own:?}", own.len()) };
        let thoughts = self.thoughts.iter().filter(|thought| thought.session == session);
        let mut names: Vec<_> = thoughts.map(|thought| thought.path.stem()).collect();
        let mut linked: Vec<_> = note.see_also.iter().map(String::as_str).collect();
        names.sort_unstable();
        linked.sort_unstable();
        assert_eq!(linked, names, "`see_also` of `{}`", note.path);
    }
}
