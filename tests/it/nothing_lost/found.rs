//! Defects that the campaigns found, each as the smallest case that shows it.

use std::{fs, io::ErrorKind, process::Command, sync::Arc};

use journal_engine::{Engine, Relocate, UpdateSession};
use journal_model::{NoteId, NoteRef, Status};
use journal_testkit::{
    TestVault,
    faults::{Fault, FaultDisk, Operation},
    is_indexed,
};

use super::{
    looking::Look,
    world::{Steady, append, catch_up, open, serving, thought},
};

/// A vault on a disk that can fail, with a session of three thoughts.
struct Case {
    world: TestVault,
    disk: Arc<FaultDisk>,
    session: NoteId,
}

impl Case {
    fn new() -> Self {
        let (world, disk) = (TestVault::from_fixture("//- /Notes/Plan.md\nText.\n"), Arc::new(FaultDisk::new()));
        let engine = open(world.path(), world.data_home(), disk.clone(), Arc::new(Steady::new(1, 1)));
        let session = append(&engine, &thought(&serving("otter"), None, None, Some(1), "One.")).session_id;
        for text in ["Two.", "Three."] {
            append(&engine, &thought(&serving("otter"), Some(&session), None, None, text));
        }
        Self { world, disk, session }
    }

    /// An engine that remembers nothing.
    fn engine(&self) -> Engine {
        open(self.world.path(), self.world.data_home(), self.disk.clone(), Arc::new(Steady::new(2, 2)))
    }

    /// Which operation of `act`, counted from 1, is the first that `is_it`. What `act` does is undone.
    fn operation(&self, act: impl Fn(&Engine), is_it: impl Fn(&Operation) -> bool) -> usize {
        let case = Self { world: self.world.on_another_machine(), disk: Arc::default(), session: self.session.clone() };
        let engine = case.engine();
        case.disk.heal();
        act(&engine);
        let operations = case.disk.operations();
        operations.iter().position(is_it).unwrap_or_else(|| panic!("no such operation: {operations:#?}")) + 1
    }

    fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<_> = Look::at(self.world.path()).thoughts.iter().map(|seen| seen.number).collect();
        numbers.sort_unstable();
        numbers
    }
}

fn next(engine: &Engine, session: &NoteId) -> Result<u32, String> {
    let appended = engine.append(&thought(&serving("otter"), Some(session), None, None, "And on."));
    appended.map(|appended| appended.thought.number.unwrap().get()).map_err(|error| error.to_string())
}

fn is_named(operation: &Operation, name: &str, part: &str) -> bool {
    operation.name == name && operation.path.to_string_lossy().contains(part)
}

#[test]
fn a_thought_that_cannot_be_read_is_not_taken_for_missing() {
    if is_indexed() {
        // The walk is what this is about; through the index nothing of the kind is read.
        return;
    }
    let case = Case::new();
    let act = |engine: &Engine| drop(next(engine, &case.session));
    let n = case.operation(act, |operation| is_named(operation, "read_at", "T003"));
    let engine = case.engine();
    case.disk.fail_at(n, Fault::Error(ErrorKind::PermissionDenied));
    let refused = next(&engine, &case.session).unwrap_err();
    assert!(refused.starts_with("cannot read `"), "{refused}");
    case.disk.heal();
    assert_eq!(next(&engine, &case.session), Ok(4));
    assert_eq!(case.numbers(), [1, 2, 3, 4]);
}

#[test]
fn a_first_thought_without_room_leaves_no_session_behind() {
    let case = Case::new();
    let begin = |engine: &Engine| {
        engine
            .append(&thought(&serving("newcomer"), None, None, Some(1), "Begin."))
            .map(drop)
            .map_err(|e| e.to_string())
    };
    let n = case.operation(|engine| begin(engine).unwrap(), |operation| is_named(operation, "rename_to_free", "T001"));
    let (before, engine) = (case.world.snapshot(), case.engine());
    case.disk.fail_at(n, Fault::HalfWrite);
    begin(&engine).unwrap_err();
    assert_eq!(case.world.snapshot(), before);
    assert_eq!(fs::read_dir(case.world.join("Thinking/2026")).unwrap().count(), 1, "the folder of the session stayed");
}

#[test]
fn a_temporary_file_of_the_dead_goes_with_the_next_thought() {
    let case = Case::new();
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    case.world.write(&format!("Notes/.journal-{}-0123456789abcdef.tmp", child.id()), "half");
    let living = format!("Notes/.journal-{}-0123456789abcdef.tmp", std::process::id());
    case.world.write(&living, "of a write in another thread");
    next(&case.engine(), &case.session).unwrap();
    catch_up(&case.engine());
    assert_eq!(Look::at(case.world.path()).temps, [living]);
}

#[test]
fn a_thought_that_a_syncer_brings_during_an_append_is_seen_by_the_next() {
    for n in 1.. {
        let case = Case::new();
        let engine = case.engine();
        let look = Look::at(case.world.path());
        let third = look.thoughts.iter().find(|seen| seen.number == 3).unwrap();
        let text = case.world.read(third.path.as_str());
        let text =
            text.replace("thought_number: 3", "thought_number: 7").replace(&third.id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        let path = case.world.join(third.path.as_str()).with_file_name("T007 From afar.md");
        case.disk.interpose(n, move || fs::write(path, text).unwrap());
        let first = next(&engine, &case.session).unwrap();
        let operations = case.disk.operations();
        let Some(at) = operations.get(n - 1) else {
            assert!(n > 30, "the append took {n} operations only");
            return;
        };
        let second = append(&engine, &thought(&serving("otter"), Some(&case.session), None, None, "Then."));
        assert_eq!(second.thought.number.unwrap().get(), first.max(7) + 1, "brought before {n}, `{at}`");
        Look::at(case.world.path()).assert_linked(case.session.as_str());
    }
}

#[test]
fn a_close_that_is_said_again_is_synced() {
    let case = Case::new();
    let close = |engine: &Engine| {
        let request = UpdateSession {
            caller: serving("otter"),
            reference: NoteRef::from(&case.session),
            status: Some(Status::Done),
            title: None,
            summary: None,
            takeover: None,
        };
        engine.update_session(&request).map(|updated| updated.changed).map_err(|error| error.to_string())
    };
    let n =
        case.operation(|engine| assert_eq!(close(engine), Ok(true)), |operation| operation.name == "rename_over") + 1;
    let engine = case.engine();
    case.disk.fail_at(n, Fault::Error(ErrorKind::Other));
    close(&engine).unwrap_err();
    case.disk.heal();
    assert_eq!(close(&engine), Ok(false));
    let synced: Vec<_> = case.disk.operations().iter().map(|operation| operation.name).collect();
    assert!(synced.contains(&"sync_file") && synced.contains(&"sync_folder"), "{synced:?}");
}

#[test]
fn a_move_that_was_cut_short_is_finished_by_the_same_move() {
    let case = Case::new();
    let look = Look::at(case.world.path());
    let (path, folder) = (look.thoughts[0].path.as_str(), look.thoughts[0].path.folder().to_owned());
    let name = folder.rsplit('/').next().unwrap();
    // Said twice, the link out of the moved note would be led somewhere else the second time.
    case.world.write(path, format!("{}[a](../../../Notes/Plan.md)\n", case.world.read(path)));
    case.world.write("A.md", format!("[[{}]]\n", path.trim_end_matches(".md")));
    case.world.write("B.md", format!("[[{}]]\n", path.trim_end_matches(".md")));
    let relocate = |engine: &Engine| {
        let reference = NoteRef::from(&case.session);
        let request = Relocate { caller: serving("otter"), reference, to: "Thinking/".to_owned() };
        engine.relocate(&request).map_err(|error| error.to_string())
    };
    let n = case
        .operation(|engine| drop(relocate(engine).unwrap()), |operation| is_named(operation, "rename_over", "B.md"));
    let engine = case.engine();
    case.disk.fail_at(n, Fault::Crash);
    let cut = relocate(&engine);
    assert!(cut.as_ref().map_or(true, |relocated| !relocated.diagnostics.is_empty()), "{cut:?}");
    case.disk.heal();
    assert!(case.world.join(&format!("Thinking/{name}")).is_dir() && case.world.read("B.md").contains("/2026/"));

    let finished = relocate(&case.engine()).unwrap();
    assert_eq!(finished.moved.len(), 4);
    for note in ["A.md", "B.md"] {
        assert_eq!(
            case.world.read(note),
            format!("[[Thinking/{}]]\n", path.strip_prefix("Thinking/2026/").unwrap().trim_end_matches(".md"))
        );
    }
    let moved = case.world.read(&path.replacen("Thinking/2026/", "Thinking/", 1));
    assert!(moved.ends_with("[a](../../Notes/Plan.md)\n"), "{moved}");
}
