//! A disk that fails at the n-th operation, for every n of every trip that writes.
//!
//! Each trip runs once undisturbed; that tells which bytes it means to write. Then it runs in a fresh copy of the world for
//! every n and every kind of fault. Afterwards each note has the bytes of before or those that were meant, and the same
//! request, made again, succeeds.

use std::{
    fs,
    io::ErrorKind,
    process::Command,
    sync::{Arc, OnceLock},
    thread,
};

use journal_engine::{
    DrawGraph, Engine, ForeignSession, Import, RealDisk, Relocate, UpdateSession, Vault, sessions_in,
};
use journal_model::{NoteId, NoteRef, Status};
use journal_testkit::{
    SessionShape, Snapshot, TestVault,
    faults::{Fault, FaultDisk},
    generate_session,
};

use super::{
    looking::{Look, ThoughtSeen},
    world::{Steady, append, catch_up, hydrate, open, serving, texts, thought},
};

const FAULTS: [Fault; 4] = [Fault::Error(ErrorKind::Other), Fault::HalfWrite, Fault::Full, Fault::Crash];

/// A trip that writes, and what it is to leave behind.
struct Trip<'a> {
    /// The vault before it.
    base: &'a TestVault,
    /// What the engine does before the disk begins to fail, to have something in its memory.
    warm_up: &'a dyn Fn(&Engine),
    /// The trip.
    act: &'a dyn Fn(&Engine) -> Result<(), String>,
    /// Whether the trip may be made again also when it succeeded, as by a client whose answer got lost.
    repeats: bool,
    /// Whether each of its notes stands for itself, so that a failed trip may leave some and the next one makes the rest.
    in_parts: bool,
    /// Where a note of the vault after it lay before it.
    origin: &'a dyn Fn(&str) -> String,
    /// Looks at what the second try has left. `golden` is what an undisturbed trip leaves.
    check: &'a dyn Fn(&Engine, &Look, &Snapshot, &Snapshot),
    /// Fewer operations than this are not the trip.
    least: usize,
}

/// One vault on a disk that fails.
struct Case {
    world: TestVault,
    disk: Arc<FaultDisk>,
}

impl Case {
    fn new(base: &TestVault) -> Self {
        Self { world: base.on_another_machine(), disk: Arc::new(FaultDisk::new()) }
    }

    fn engine(&self, seed: u64) -> Engine {
        open(self.world.path(), self.world.data_home(), self.disk.clone(), Arc::new(Steady::new(seed, 2)))
    }

    /// Makes this process's temporary files those of one that has ended, as they are after a real crash.
    fn bury_temps(&self) {
        for path in Look::of(&self.world.snapshot()).temps {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let random = name.rsplit('-').next().unwrap();
            fs::rename(self.world.join(&path), self.world.join(folder).join(format!(".journal-{}-{random}", dead())))
                .unwrap();
        }
    }
}

/// Says what was going on when a check fails.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("{}", self.0);
        }
    }
}

/// The id of a process that has ended.
fn dead() -> u32 {
    static DEAD: OnceLock<u32> = OnceLock::new();
    *DEAD.get_or_init(|| {
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        child.id()
    })
}

impl Trip<'_> {
    fn fail_everywhere(&self) {
        let golden = {
            let case = Case::new(self.base);
            let engine = case.engine(2);
            (self.warm_up)(&engine);
            (self.act)(&engine).unwrap();
            case.world.snapshot()
        };
        let mut tried = 0;
        for fault in FAULTS {
            for n in 1.. {
                if !self.fail_at(n, fault, &golden) {
                    assert!(n > self.least, "the trip took {n} operations only");
                    break;
                }
                tried += 1;
            }
        }
        println!("{tried} faults tried");
    }

    /// `false` when the trip has fewer operations.
    fn fail_at(&self, n: usize, fault: Fault, golden: &Snapshot) -> bool {
        let case = Case::new(self.base);
        let mut engine = case.engine(2);
        (self.warm_up)(&engine);
        let before = case.world.snapshot();
        case.disk.fail_at(n, fault);
        let done = (self.act)(&engine);
        let operations = case.disk.operations();
        let at = format!(
            "{fault:?} at {n}, `{}`, {done:?}",
            operations.get(n - 1).map(ToString::to_string).unwrap_or_default()
        );
        case.disk.heal();
        if fault == Fault::Crash {
            drop(engine);
            case.bury_temps();
            engine = case.engine(3);
        }

        let after = case.world.snapshot();
        self.assert_whole(&before, &after, golden, fault, &at);
        if done.is_ok() {
            let known = |files: &Snapshot| {
                let mut ids: Vec<_> = Look::of(files).thoughts.into_iter().map(|seen| seen.id).collect();
                ids.sort();
                ids
            };
            assert_eq!(known(&after), known(golden), "{at}: acknowledged thoughts are not those on the disk");
        } else if fault != Fault::Crash && !self.in_parts {
            let new = |files: &Snapshot| files.keys().filter(|path| !before.contains_key(*path)).count();
            assert!([0, new(golden)].contains(&new(&after)), "{at}: half of the new notes are there: {after:#?}");
        }

        if self.repeats || done.is_err() {
            (self.act)(&engine).unwrap_or_else(|error| panic!("{at}: the second try was refused: {error}"));
        }
        catch_up(&engine);
        let last = case.world.snapshot();
        let look = Look::of(&last);
        assert!(look.temps.is_empty(), "{at}: temporary files stayed: {:?}", look.temps);
        let _at = Told(at);
        (self.check)(&engine, &look, golden, &last);
        operations.len() >= n
    }

    /// Every note has its old bytes or those that were meant for it.
    fn assert_whole(&self, before: &Snapshot, after: &Snapshot, golden: &Snapshot, fault: Fault, at: &str) {
        for (path, bytes) in after.iter().filter(|(path, _)| !path.ends_with(".tmp") || fault != Fault::Crash) {
            let old = before.get(path).or_else(|| before.get(&(self.origin)(path)));
            let is_whole = old == Some(bytes) || golden.get(path) == Some(bytes);
            assert!(is_whole, "{at}: `{path}` is neither old nor new:\n{}", String::from_utf8_lossy(bytes));
        }
        for path in before.keys().filter(|path| !after.contains_key(*path)) {
            let moved = after.keys().any(|new| &(self.origin)(new) == path);
            assert!(moved, "{at}: `{path}` is gone");
        }
    }
}

/// A vault with a person's notes and a session of four thoughts, one of them on a branch. The notes link to the session by
/// name, by path, and from within it.
struct WithSession {
    base: TestVault,
    session: NoteId,
    /// The session note, and the folder it lies in.
    path: String,
    folder: String,
}

impl WithSession {
    fn new() -> Self {
        let base = TestVault::from_fixture(
            "//- /Notes/Plain.md\n---\ntitle: Plain\n---\nText.\n//- /.obsidian/app.json\n{}\n",
        );
        let engine = open(base.path(), base.data_home(), Arc::new(FaultDisk::new()), Arc::new(Steady::new(1, 1)));
        let otter = serving("otter");
        let first = append(&engine, &thought(&otter, None, None, Some(1), "Plan the move. First line.\n"));
        let session = first.session_id;
        append(&engine, &thought(&otter, Some(&session), None, None, "Second thought."));
        append(&engine, &thought(&otter, Some(&session), Some("side"), None, "A thought aside.\n\n"));
        append(&engine, &thought(&otter, Some(&session), None, None, "See [plain](../../../Notes/Plain.md), third."));
        let path = first.session_path.unwrap();
        let (stem, folder, thought) = (path.stem(), path.folder().to_owned(), first.thought.path);
        let by_path = thought.as_str().trim_end_matches(".md");
        base.write("Notes/Index.md", format!("---\nup: \"[[{folder}/{stem}|x]]\"\n---\n[[{stem}]] ![[{by_path}#H]]\n"));
        base.write("Log.md", format!("- [[{by_path}]]\n- [[Notes/Plain]]\n- [[{stem}|the plan]]\n"));
        Self { base, session, path: path.to_string(), folder }
    }
}

fn same_path(path: &str) -> String {
    path.to_owned()
}

/// The thoughts with this text, in whatever session.
fn with_text<'a>(look: &'a Look, text: &str) -> Vec<&'a ThoughtSeen> {
    look.thoughts.iter().filter(|seen| seen.body == text).collect()
}

/// Everything but the notes of thinking is byte for byte what it was meant to be.
fn assert_others_untouched(golden: &Snapshot, last: &Snapshot) {
    let others = |files: &Snapshot| {
        let mut others = files.clone();
        others.retain(|path, _| !path.starts_with("Thinking/"));
        others
    };
    assert_eq!(others(last), others(golden));
}

#[test]
fn the_first_thought_of_a_session() {
    let base = TestVault::from_fixture("//- /Notes/Plain.md\nText.\n");
    let text = "Begin here. And say more.\n";
    Trip {
        base: &base,
        warm_up: &|_| {},
        act: &|engine| {
            let request = thought(&serving("otter"), None, None, Some(1), text);
            engine.append(&request).map(drop).map_err(|error| format!("{error:?}"))
        },
        repeats: true,
        in_parts: false,
        origin: &same_path,
        check: &|engine, look, golden, last| {
            assert_others_untouched(golden, last);
            assert_eq!((look.sessions.len(), look.thoughts.len()), (1, 1), "{last:#?}");
            look.assert_linked(&look.thoughts[0].session);
            assert_eq!(texts(&hydrate(engine, &look.sessions[0].id.parse().unwrap())), [text]);
        },
        least: 30,
    }
    .fail_everywhere();
}

/// Another thought for the session of [`WithSession`], on the main line or a new branch.
fn append_at_every_step(branch: Option<&'static str>, is_warm: bool, least: usize) {
    let with = WithSession::new();
    let (session, text, otter) = (&with.session, "The one that matters.\n\n---\nkept", serving("otter"));
    let number = if branch.is_some() { 2 } else { 4 };
    Trip {
        base: &with.base,
        warm_up: &|engine| {
            if is_warm {
                append(engine, &thought(&otter, Some(session), Some("warm"), None, "Something to remember."));
            }
        },
        act: &|engine| {
            let request = thought(&otter, Some(session), branch, Some(number), text);
            engine.append(&request).map(drop).map_err(|error| format!("{error:?}"))
        },
        repeats: true,
        in_parts: false,
        origin: &same_path,
        check: &|engine, look, golden, last| {
            assert_others_untouched(golden, last);
            let [seen] = with_text(look, text)[..] else { panic!("not once: {:?}", look.thoughts) };
            assert_eq!((seen.number, seen.line.as_str()), (number, branch.unwrap_or("main")));
            assert_eq!(look.thoughts.len(), Look::of(golden).thoughts.len());
            // A retry may have found the thought and written nothing: the view is whole after the next one.
            append(engine, &thought(&otter, Some(session), None, None, "And another."));
            let look = Look::at(engine.vault().root());
            look.assert_linked(session.as_str());
            look.assert_counted(session.as_str());
            assert_eq!(texts(&hydrate(engine, session)).len(), look.thoughts.len());
        },
        least,
    }
    .fail_everywhere();
}

#[test]
fn a_later_thought() {
    append_at_every_step(None, false, 40);
}

#[test]
fn a_later_thought_of_an_engine_that_remembers_the_session() {
    append_at_every_step(None, true, 25);
}

#[test]
fn the_first_thought_of_a_branch() {
    append_at_every_step(Some("new branch"), false, 40);
}

/// A change of the session note of [`WithSession`]; nothing else may change.
fn update_at_every_step(status: Option<Status>, title: Option<&str>, expected: &str) {
    let with = WithSession::new();
    Trip {
        base: &with.base,
        warm_up: &|_| {},
        act: &|engine| {
            let request = UpdateSession {
                caller: serving("otter"),
                reference: NoteRef::from(&with.session),
                status,
                title: title.map(str::to_owned),
                summary: Some("Moved.".to_owned()),
                takeover: None,
            };
            engine.update_session(&request).map(drop).map_err(|error| format!("{error:?}"))
        },
        repeats: true,
        in_parts: false,
        origin: &same_path,
        check: &|_, _, golden, last| {
            assert!(String::from_utf8_lossy(&last[&with.path]).contains(expected));
            assert_eq!(last, golden);
        },
        least: 25,
    }
    .fail_everywhere();
}

#[test]
fn closing_a_session() {
    update_at_every_step(Some(Status::Done), None, "\nstatus: done\n");
}

#[test]
fn renaming_a_session() {
    update_at_every_step(None, Some("Another title"), "\ntitle: Another title\n");
}

/// A move of the session's folder, or of one note, to `to`.
fn relocate_at_every_step(with: &WithSession, what: &str, to: &str, origin: &dyn Fn(&str) -> String) {
    Trip {
        base: &with.base,
        warm_up: &|_| {},
        act: &|engine| {
            let request =
                Relocate { caller: serving("otter"), reference: NoteRef::parse(what).unwrap(), to: to.to_owned() };
            match engine.relocate(&request) {
                Ok(relocated) if !relocated.diagnostics.is_empty() => Err(format!("{:?}", relocated.diagnostics)),
                other => other.map(drop).map_err(|error| format!("{error:?}")),
            }
        },
        repeats: false,
        in_parts: false,
        origin,
        check: &|engine, _, golden, last| {
            assert_eq!(last, golden);
            assert_eq!(texts(&hydrate(engine, &with.session)).len(), 4);
        },
        least: 40,
    }
    .fail_everywhere();
}

#[test]
fn moving_the_folder_of_a_session() {
    let with = WithSession::new();
    let name = with.folder.rsplit('/').next().unwrap();
    let moved = format!("Archive/Old/{name}");
    let origin = |path: &str| match path.strip_prefix(&moved) {
        Some(rest) => format!("{}{rest}", with.folder),
        None => path.to_owned(),
    };
    relocate_at_every_step(&with, with.session.as_str(), "Archive/Old/", &origin);
}

#[test]
fn renaming_a_note_that_others_link_by_name() {
    let with = WithSession::new();
    let origin = |path: &str| if path == "Notes/Flat.md" { "Notes/Plain.md".to_owned() } else { path.to_owned() };
    relocate_at_every_step(&with, "Notes/Plain.md", "Notes/Flat.md", &origin);
}

#[test]
fn importing_a_session() {
    let from = TestVault::new();
    let shape = SessionShape { thoughts: 4, branches: 1, revisions: 1 };
    let session = generate_session(from.path(), shape, 1).id.parse().unwrap();
    let foreign = sessions_in(&Vault::open(from.path(), Arc::new(RealDisk)).unwrap()).unwrap().sessions;
    // One of its names is taken, so one note is not as it came.
    let base = TestVault::from_fixture("//- /Notes/Plain.md\nText.\n");
    base.write(&format!("Notes/{}", foreign[0].thoughts[1].path.file_name()), "Mine.");
    Trip {
        base: &base,
        warm_up: &|_| {},
        act: &|engine| {
            let sessions = foreign.iter().cloned().map(ForeignSession::Notes).collect();
            let request = Import { caller: serving("otter"), sessions, folder: None, project: None };
            engine.import(request).map(drop).map_err(|error| format!("{error:?}"))
        },
        repeats: true,
        in_parts: true,
        origin: &same_path,
        check: &|engine, _, golden, last| {
            assert_eq!(last, golden);
            assert_eq!(texts(&hydrate(engine, &session)).len(), 4);
        },
        least: 50,
    }
    .fail_everywhere();
}

#[test]
fn drawing_a_graph_into_a_note() {
    let with = WithSession::new();
    Trip {
        base: &with.base,
        warm_up: &|_| {},
        act: &|engine| {
            let reference = NoteRef::from(&with.session);
            let request = DrawGraph { caller: serving("otter"), reference, remove: false };
            engine.draw_graph(&request).map(drop).map_err(|error| format!("{error:?}"))
        },
        repeats: true,
        in_parts: false,
        origin: &same_path,
        check: &|_, _, golden, last| assert_eq!(last, golden),
        least: 20,
    }
    .fail_everywhere();
}

#[test]
fn installing_views() {
    let with = WithSession::new();
    Trip {
        base: &with.base,
        warm_up: &|_| {},
        act: &|engine| engine.install_views().map(drop).map_err(|error| format!("{error:?}")),
        repeats: true,
        in_parts: false,
        origin: &same_path,
        check: &|_, _, golden, last| assert_eq!(last, golden),
        least: 8,
    }
    .fail_everywhere();
}
