//! Whoever lives through a history: a vault, two engines that stay open, and the comparison with a new index.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    sync::Arc,
    time::Duration,
};

use journal_engine::{Appended, Engine, Reindex, Relocate, UpdateSession};
use journal_model::{DiagnosticCode, NoteId, NoteRef, Status, VaultPath};
use journal_testkit::{
    Snapshot, TestVault,
    faults::{Fault, FaultDisk},
};
use journal_vault::ContentHash;
use proptest::sample::Index;

use super::{
    note::{FOLDERS, NAMES, Text},
    steps::{Edit, FILTERS, Mark, Step},
};
use crate::{
    index::{
        process::{Job, Orders},
        world::{
            Rebuilt, assert_rebuilt, assert_same, assert_tidy, assert_whole, dump_of_contents, engine_on, engine_over,
            everything, read, reindex, settle, state_file, try_reindex,
        },
    },
    nothing_lost::world::{passing, thought},
};

pub(super) struct Actor {
    world: TestVault,
    engines: [Engine; 2],
    /// All that was ever written by a person, and where.
    written: Vec<(String, Vec<u8>)>,
    sessions: Vec<NoteId>,
    filter: usize,
    drafts: u32,
    pub(super) compared: usize,
}

impl Actor {
    pub(super) fn new() -> Self {
        let world = TestVault::new();
        let engines = [engine_over(&world), engine_over(&world)];
        Self { world, engines, written: Vec::new(), sessions: Vec::new(), filter: 0, drafts: 0, compared: 0 }
    }

    /// Takes one step. Where it has nothing to step on, nothing happens.
    pub(super) fn take(&mut self, step: &Step, when: &str) {
        match step {
            Step::Create { folder, name, text } => self.write(&place(*folder, NAMES[*name]), &text.bytes()),
            Step::Edit { note, text, how } => self.on_note(note, |actor, path| actor.edit(&path, text, *how)),
            Step::Rename { note, folder, name, text } => self.on_note(note, |actor, path| {
                actor.rename(&path, &place(*folder, NAMES[*name]), text.as_ref());
            }),
            Step::CaseOnly { note } => self.on_note(note, |actor, path| {
                let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
                let mut chars = name.chars();
                let first = chars.next().expect("a name has a letter");
                let other: String =
                    if first.is_lowercase() { first.to_uppercase().collect() } else { first.to_lowercase().collect() };
                let slash = if folder.is_empty() { "" } else { "/" };
                actor.rename(&path, &format!("{folder}{slash}{other}{}", chars.as_str()), None);
            }),
            Step::MoveFolder { note, folder, name } => self.on_note(note, |actor, path| {
                let to = place(*folder, NAMES[*name]).replace(".md", "");
                let Some((from, _)) = path.rsplit_once('/') else { return };
                if !actor.world.join(&to).exists() && !format!("{to}/").starts_with(&format!("{from}/")) {
                    actor.world.rename(from, &to);
                }
            }),
            Step::Copy { note, mark } => self.on_note(note, |actor, path| {
                let stem = path.trim_end_matches(".md");
                let copy = match mark {
                    Mark::Conflict => format!("{stem}.sync-conflict-20260131-101112-ABCDEFG.md"),
                    Mark::Second => format!("{stem} 2.md"),
                };
                let bytes = fs::read(actor.world.join(&path)).unwrap();
                actor.write(&copy, &bytes);
            }),
            Step::Delete { note } => self.on_note(note, |actor, path| actor.world.remove(&path)),
            Step::DeleteFolder { note } => self.on_note(note, |actor, path| {
                let folder = path.split_once('/').map_or("", |(folder, _)| folder);
                if !folder.is_empty() {
                    actor.world.remove(folder);
                }
            }),
            Step::Restore { nth } => {
                if !self.written.is_empty() {
                    let (path, bytes) = nth.get(&self.written).clone();
                    if !self.world.join(&path).is_dir() && self.can_hold(&path) {
                        self.world.write(&path, bytes);
                    }
                }
            }
            Step::Exclude { filter } => {
                let json = format!("{{\"userIgnoreFilters\": {}}}", FILTERS[*filter].0);
                self.world.write(".obsidian/app.json", json);
                self.filter = *filter;
            }
            Step::Append { engine, session, branch } => self.append(*engine, session.as_ref(), *branch, when),
            Step::Close { engine, session } => self.close(*engine, session, when),
            Step::Relocate { engine, note, folder } => self.on_note(note, |actor, path| {
                let to = FOLDERS[*folder];
                let to = if to.is_empty() { "./".to_owned() } else { format!("{to}/") };
                let reference = NoteRef::parse(&path).unwrap();
                let outcome = actor.engine(*engine).relocate(&Relocate { caller: passing("mover"), reference, to });
                assert_not_the_index(&outcome, when);
            }),
            Step::Reindex { engine, full } => {
                let report = reindex(self.engine(*engine), &Reindex { full: *full, ..everything() });
                self.compare(*engine, &report.skipped, when);
            }
            Step::ReindexPart { engine, note, folder } => {
                self.on_note(note, |actor, path| actor.reindex_part(*engine, &path, *folder, when));
            }
            Step::Fail { nth, fault, full } => self.fail(*nth, *fault, *full),
            Step::Kill { micros, full } => {
                let mut worker = Orders::new(&self.world, Job::Reindex { full: *full, parts: Vec::new() }).start();
                worker.wait_until_ready();
                worker.go();
                worker.kill_after(Duration::from_micros(*micros));
            }
            Step::LoseIndex => {
                for name in ["index.db", "index.db-wal", "index.db-shm"] {
                    let path = state_file(self.engine(false), name);
                    if path.exists() {
                        fs::remove_file(path).unwrap();
                    }
                }
            }
        }
    }

    /// Whatever happened, the database is whole.
    pub(super) fn assert_whole(&self, when: &str) {
        assert_whole(self.engine(false), when);
    }

    /// The last comparison, to the last column, by an engine that was there from the beginning.
    pub(super) fn end(&mut self) {
        settle(self.world.path());
        reindex(self.engine(false), &everything());
        assert_rebuilt(&self.world, self.engine(true), "in the end");
        assert_tidy(self.engine(false));
        let generation = || read(self.engine(false), |index| index.generation());
        let before = generation();
        let again = reindex(self.engine(true), &everything());
        assert_eq!((generation(), again.unchanged), (before, again.seen), "nothing changed: {again:?}");
        self.compared += 1;
    }

    fn engine(&self, second: bool) -> &Engine {
        &self.engines[usize::from(second)]
    }

    fn notes(&self) -> Vec<String> {
        self.world.snapshot().into_keys().filter(|path| is_note(path)).collect()
    }

    fn on_note(&mut self, which: &Index, act: impl FnOnce(&mut Self, String)) {
        let notes = self.notes();
        if !notes.is_empty() {
            act(self, which.get(&notes).clone());
        }
    }

    /// Whether no file stands where a folder above this path has to be.
    fn can_hold(&self, path: &str) -> bool {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        above.into_iter().all(|folder| !self.world.join(folder).is_file())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) {
        if self.can_hold(path) && !self.world.join(path).is_dir() {
            self.world.write(path, bytes);
            self.written.push((path.to_owned(), bytes.to_vec()));
        }
    }

    fn edit(&mut self, path: &str, text: &Text, how: Edit) {
        let absolute = self.world.join(path);
        let modified = absolute.metadata().unwrap().modified().unwrap();
        match how {
            Edit::InPlace => self.write(path, &text.bytes()),
            Edit::Replaced => {
                self.world.write(".new", text.bytes());
                self.world.rename(".new", path);
            }
            Edit::Unseen => {
                let mut bytes = fs::read(&absolute).unwrap();
                for byte in &mut bytes {
                    *byte = match *byte {
                        b'e' => b'o',
                        b'o' => b'e',
                        other => other,
                    };
                }
                self.world.write(path, bytes);
                File::options().write(true).open(&absolute).unwrap().set_modified(modified).unwrap();
            }
            Edit::Touched => {
                let earlier = modified - Duration::from_secs(7);
                File::options().write(true).open(&absolute).unwrap().set_modified(earlier).unwrap();
            }
        }
    }

    fn rename(&mut self, from: &str, to: &str, text: Option<&Text>) {
        if from != to && self.can_hold(to) && !self.world.join(to).is_dir() {
            self.world.rename(from, to);
            if let Some(text) = text {
                self.write(to, &text.bytes());
            }
        }
    }

    fn append(&mut self, engine: bool, session: Option<&Index>, branch: bool, when: &str) {
        let session = session.filter(|_| !self.sessions.is_empty()).map(|which| which.get(&self.sessions).clone());
        self.drafts += 1;
        let branch = (branch && session.is_some()).then_some("side");
        let text = format!("Draft {} of a thought.", self.drafts);
        let begins = session.is_none().then_some(1);
        let request = thought(&passing("thinker"), session.as_ref(), branch, begins, &text);
        let outcome = self.engine(engine).append(&request);
        assert_not_the_index(&outcome, when);
        let Ok(appended) = outcome else { return };
        self.assert_readable(engine, &appended, when);
        if !self.sessions.contains(&appended.session_id) {
            self.sessions.push(appended.session_id);
        }
    }

    /// What was acknowledged is found by whoever asks next.
    fn assert_readable(&self, engine: bool, appended: &Appended, when: &str) {
        let told = appended.diagnostics.iter().find(|told| told.code == DiagnosticCode::Database);
        assert!(told.is_none(), "{when}: {told:?}");
        let engine = self.engine(engine);
        if !state_file(engine, "index.db").exists() {
            return;
        }
        for note in appended.written.iter().filter(|note| !FILTERS[self.filter].1(note.path.as_str())) {
            let rows = read(engine, |index| index.by_path(&note.path));
            let [row] = rows.as_slice() else { panic!("{when}: `{}` is indexed {} times", note.path, rows.len()) };
            assert_eq!(row.signature.hash, ContentHash::of(note.after.as_bytes()).get(), "{when}: `{}`", note.path);
        }
    }

    fn close(&mut self, engine: bool, session: &Index, when: &str) {
        if self.sessions.is_empty() {
            return;
        }
        self.drafts += 1;
        let outcome = self.engine(engine).update_session(&UpdateSession {
            caller: passing("closer"),
            reference: NoteRef::from(session.get(&self.sessions)),
            status: Some(if self.drafts.is_multiple_of(2) { Status::Done } else { Status::Active }),
            title: None,
            summary: Some(format!("Summary {}.", self.drafts)),
            takeover: None,
        });
        assert_not_the_index(&outcome, when);
    }

    fn reindex_part(&mut self, engine: bool, path: &str, folder: bool, when: &str) {
        let part = match path.rsplit_once('/') {
            Some((above, _)) if folder => above.to_owned(),
            None if folder => ".".to_owned(),
            _ => path.to_owned(),
        };
        let engine = self.engine(engine);
        reindex(engine, &Reindex { paths: vec![part.clone()], ..everything() });
        let checked = engine.check_index(&|_| {}).unwrap();
        let is_in =
            |path: &VaultPath| part == "." || path.as_str() == part || path.as_str().starts_with(&format!("{part}/"));
        let wrong: Vec<_> = checked.differences.iter().filter(|(path, _)| is_in(path)).collect();
        assert!(wrong.is_empty() && checked.damage.is_empty(), "{when}: in `{part}`: {wrong:?} {:?}", checked.damage);
    }

    fn fail(&self, nth: usize, fault: Fault, full: bool) {
        let disk = Arc::new(FaultDisk::new());
        let engine = engine_on(&self.world, Arc::<FaultDisk>::clone(&disk));
        disk.fail_at(nth, fault);
        // Whether it fails or works around it, what it leaves is mended by the next run.
        drop(try_reindex(&engine, &Reindex { full, ..everything() }));
    }

    /// The index is what a new one is; and both have the notes that the folders have, with their sizes.
    fn compare(&mut self, engine: bool, skipped: &[journal_engine::SkippedNote], when: &str) {
        let engine = self.engine(engine);
        let rebuilt = Rebuilt::of(&self.world);
        assert_same(&dump_of_contents(engine), &dump_of_contents(&rebuilt.engine), when);
        assert_eq!(skipped, rebuilt.report.skipped, "{when}");
        let files: Snapshot = self.world.snapshot();
        let expected: BTreeSet<_> = files
            .iter()
            .filter(|(path, _)| is_note(path) && !FILTERS[self.filter].1(path))
            .map(|(path, bytes)| (path.clone(), bytes.len() as u64))
            .collect();
        let mut known = BTreeSet::new();
        read(engine, |index| {
            index.signatures(|row| {
                known.insert((row.path.to_string(), row.signature.size));
                std::ops::ControlFlow::Continue(())
            })
        });
        assert_eq!(known, expected, "{when}");
        self.compared += 1;
    }
}

fn place(folder: usize, name: &str) -> String {
    match FOLDERS[folder] {
        "" => format!("{name}.md"),
        folder => format!("{folder}/{name}.md"),
    }
}

fn is_note(path: &str) -> bool {
    path.ends_with(".md") && !path.split('/').any(|part| part.starts_with('.'))
}

/// A request may be refused for what the vault has become, never for the index.
#[track_caller]
fn assert_not_the_index<T, E: std::error::Error>(outcome: &Result<T, E>, when: &str) {
    if let Err(error) = outcome {
        let facts = format!("{error:?}");
        let is_trouble = ["Index(", "WriterGone", "State(", "Coord(", "Busy"].iter().any(|word| facts.contains(word));
        assert!(!is_trouble, "{when}: {error}: {facts}");
    }
}
