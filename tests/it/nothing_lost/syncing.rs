//! Two copies of a vault on two machines, both written, merged both ways as a file syncer does: the newest of two files wins,
//! with and without a conflict copy of the other.

use std::collections::BTreeMap;

use fastrand::Rng;
use journal_engine::{
    AppendError, Engine, Relocate, RelocateError, ResolveError, SessionRefError, UpdateSession, UpdateSessionError,
};
use journal_model::{DiagnosticCode, NoteId, NoteRef, Status};
use journal_testkit::{Loser, Syncer, TestVault};

use super::{
    looking::Look,
    seed, size,
    world::{append, catch_up, engine, hydrate, serving, texts, thought},
};

/// One machine, its agent, and an engine that has been running for a while.
struct Machine {
    world: TestVault,
    agent: &'static str,
    engine: Engine,
}

impl Machine {
    fn new(world: TestVault, agent: &'static str) -> Self {
        Self { engine: engine(&world), world, agent }
    }

    fn think(&self, session: &NoteId, branch: Option<&str>, text: &str) {
        append(&self.engine, &thought(&serving(self.agent), Some(session), branch, None, text));
    }

    fn update(&self, session: &NoteId, status: Status) -> Result<(), UpdateSessionError> {
        let request = UpdateSession {
            caller: serving(self.agent),
            reference: NoteRef::from(session),
            status: Some(status),
            title: None,
            summary: None,
            takeover: None,
        };
        self.engine.update_session(&request).map(drop)
    }

    fn relocate(&self, session: &NoteId, to: &str) -> Result<(), RelocateError> {
        let request = Relocate { caller: serving(self.agent), reference: NoteRef::from(session), to: to.to_owned() };
        self.engine.relocate(&request).map(drop)
    }

    /// A person writes below a note, as an editor does: the whole file in place.
    fn scribble(&self, path: &str, text: &str) {
        let before = self.world.read(path);
        self.world.write(path, format!("{before}{text}\n"));
    }

    fn session_note(&self, session: &NoteId) -> String {
        hydrate(&self.engine, session).path.unwrap().to_string()
    }
}

/// Two machines with one vault, on which a session of three thoughts was begun.
fn two_machines() -> (Machine, Machine, NoteId, Syncer) {
    let world = TestVault::from_fixture("//- /Notes/Plan.md\n---\ntitle: Plan\n---\nA person's note.\n");
    let left = Machine::new(world, "left");
    let first = append(&left.engine, &thought(&serving("left"), None, None, Some(1), "Begun at the left."));
    let session = first.session_id;
    left.think(&session, None, "Second, at the left.");
    left.think(&session, None, "Third, at the left.");
    let right = Machine::new(left.world.on_another_machine(), "right");
    let syncer = Syncer::between(left.world.path(), right.world.path());
    (left, right, session, syncer)
}

/// Asserts that both machines have these thoughts in the session, each once, and gives what is told to be wrong.
#[track_caller]
fn assert_both_have(left: &Machine, right: &Machine, session: &NoteId, expected: &[String]) -> Vec<DiagnosticCode> {
    let mut expected = expected.to_vec();
    expected.sort();
    let told = [left, right].map(|machine| {
        catch_up(&machine.engine);
        let hydrated = hydrate(&engine(&machine.world), session);
        assert_eq!(texts(&hydrated), expected, "at the {}", machine.agent);
        let mut codes: Vec<_> = hydrated.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        codes.sort();
        codes
    });
    assert_eq!(told[0], told[1], "both machines tell the same");
    told[0].clone()
}

fn strings(texts: &[&str]) -> Vec<String> {
    ["Begun at the left.", "Second, at the left.", "Third, at the left."]
        .iter()
        .chain(texts)
        .map(|text| (*text).to_owned())
        .collect()
}

#[test]
fn thoughts_of_both_machines_are_there_and_the_next_one_links_them() {
    for loser in [Loser::Dropped, Loser::Kept] {
        let (left, right, session, mut syncer) = two_machines();
        left.think(&session, None, "Fourth, at the left.");
        right.think(&session, None, "Fourth, at the right.");
        left.think(&session, Some("a"), "Aside at the left.");
        right.think(&session, Some("b"), "Aside at the right.");
        left.scribble("Notes/Plan.md", "The plan changes.");
        let merged = syncer.merge(loser);
        assert_eq!(merged.fought_over.len(), 1, "the session note: {merged:?}");

        let new = ["Fourth, at the left.", "Fourth, at the right.", "Aside at the left.", "Aside at the right."];
        let told = assert_both_have(&left, &right, &session, &strings(&new));
        assert!(told.contains(&DiagnosticCode::DuplicateNumber), "{told:?}");
        assert_eq!(told.contains(&DiagnosticCode::DuplicateId), loser == Loser::Kept, "{told:?}");
        assert!(left.world.read("Notes/Plan.md").contains("The plan changes."));

        // The engine that was running all the while sees what came in, and gives the next free number.
        let next = append(&left.engine, &thought(&serving("left"), Some(&session), None, None, "Fifth."));
        assert_eq!(next.thought.number.unwrap().get(), 5);
        syncer.merge(loser);
        for machine in [&left, &right] {
            let mut files = machine.world.snapshot();
            files.retain(|path, _| !path.contains("sync-conflict"));
            Look::of(&files).assert_linked(session.as_str());
        }
    }
}

#[test]
fn a_close_on_one_machine_and_a_thought_on_the_other() {
    for loser in [Loser::Dropped, Loser::Kept] {
        let (left, right, session, mut syncer) = two_machines();
        left.update(&session, Status::Done).unwrap();
        right.think(&session, None, "Not done yet.");
        syncer.merge(loser);
        assert_both_have(&left, &right, &session, &strings(&["Not done yet."]));
    }
}

#[test]
fn a_move_on_one_machine_and_a_thought_on_the_other() {
    for loser in [Loser::Dropped, Loser::Kept] {
        let (left, right, session, mut syncer) = two_machines();
        left.relocate(&session, "Archive/").unwrap();
        right.think(&session, None, "In the old place.");
        syncer.merge(loser);
        let told = assert_both_have(&left, &right, &session, &strings(&["In the old place."]));
        assert!(told.contains(&DiagnosticCode::DuplicateId), "two session notes: {told:?}");
    }
}

#[test]
fn one_name_for_two_thoughts_keeps_both_where_the_syncer_does() {
    let (left, right, session, mut syncer) = two_machines();
    left.think(&session, None, "Look at the logs. They are empty.");
    right.think(&session, None, "Look at the logs. They are full.");
    let merged = syncer.merge(Loser::Kept);
    assert_eq!(merged.fought_over.len(), 2, "the session note and the thought: {merged:?}");
    let both = ["Look at the logs. They are empty.", "Look at the logs. They are full."];
    let told = assert_both_have(&left, &right, &session, &strings(&both));
    assert!(told.contains(&DiagnosticCode::DuplicateNumber), "{told:?}");
}

/// A random history of two machines.
struct History {
    machines: [Machine; 2],
    syncer: Syncer,
    rng: Rng,
    /// The texts of every thought that was acknowledged, by session.
    thoughts: BTreeMap<NoteId, Vec<String>>,
    /// What was done, for the message.
    steps: Vec<String>,
    refused: usize,
}

impl History {
    fn new(rng: Rng) -> Self {
        let (left, right, session, syncer) = two_machines();
        let thoughts = [(session, strings(&[]))].into();
        Self { machines: [left, right], syncer, rng, thoughts, steps: Vec::new(), refused: 0 }
    }

    fn step(&mut self, number: usize) {
        let side = self.rng.usize(0..2);
        let machine = &mut self.machines[side];
        // A session that was begun on the other machine is here after the next merge.
        let here = Look::at(machine.world.path());
        let mut sessions: Vec<_> = self.thoughts.keys().cloned().collect();
        sessions.retain(|session| here.thoughts.iter().any(|seen| seen.session == session.as_str()));
        let session = &sessions[self.rng.usize(0..sessions.len())];
        if self.rng.u32(0..4) == 0 {
            machine.engine = engine(&machine.world);
        }
        let action = self.rng.u32(0..20);
        self.steps.push(format!("{number}: {} does {action} in {session}", machine.agent));
        let text = format!("Step {number} at the {}. The same for all.", machine.agent);
        match action {
            0..=9 => {
                let branch = [None, Some("a"), Some("b")][self.rng.usize(0..3)];
                let known = hydrate(&machine.engine, session);
                // Both session notes of a move that a syncer undid by half stay, until a person has chosen one.
                let request = thought(&serving(machine.agent), Some(session), branch, None, &text);
                match machine.engine.append(&request) {
                    Ok(_) => self.thoughts.get_mut(session).unwrap().push(text),
                    Err(AppendError::Session(SessionRefError::Resolve(ResolveError::DuplicateId { .. }))) => {
                        assert!(known.diagnostics.iter().any(|told| told.code == DiagnosticCode::DuplicateId));
                        self.refused += 1;
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
            10 => {
                let first = append(&machine.engine, &thought(&serving(machine.agent), None, None, Some(1), &text));
                self.thoughts.entry(first.session_id).or_default().push(text);
            }
            11 => match machine.update(session, [Status::Done, Status::Active][self.rng.usize(0..2)]) {
                Ok(()) => {}
                Err(UpdateSessionError::Session(SessionRefError::Resolve(ResolveError::DuplicateId { .. }))) => {
                    self.refused += 1;
                }
                Err(error) => panic!("{error:?}"),
            },
            // Only one machine moves sessions: two that move one session apart leave two whole copies of it.
            12 | 13 if side == 1 => match machine.relocate(session, &format!("Moved {number}")) {
                Ok(()) => {}
                Err(RelocateError::Resolve(ResolveError::DuplicateId { .. })) => self.refused += 1,
                Err(error) => panic!("{error:?}"),
            },
            14 => {
                let note = machine.session_note(session);
                machine.scribble(&note, &text);
            }
            15 => machine.scribble("Notes/Plan.md", &text),
            _ => self.merge(),
        }
    }

    fn merge(&mut self) {
        let loser = [Loser::Dropped, Loser::Kept][self.rng.usize(0..2)];
        let merged = self.syncer.merge(loser);
        self.steps.push(format!("merged, {loser:?}: {merged:?}"));
        let [left, right] = &self.machines;
        for (session, expected) in &self.thoughts {
            let told = assert_both_have(left, right, session, expected);
            let look = Look::at(left.world.path());
            let numbers = look.thoughts.iter().filter(|seen| seen.session == session.as_str());
            let mut numbers: Vec<_> = numbers.map(|seen| (&seen.line, seen.number)).collect();
            let all = numbers.len();
            numbers.sort();
            numbers.dedup();
            assert_eq!(told.contains(&DiagnosticCode::DuplicateNumber), numbers.len() < all, "{told:?}");
        }
    }

    /// After the last merge one more thought in each session brings its view up to date.
    fn end(&mut self) {
        self.merge();
        let [left, right] = &self.machines;
        for (session, expected) in &mut self.thoughts {
            let text = "The last one.".to_owned();
            let request = thought(&serving(left.agent), Some(session), None, None, &text);
            match left.engine.append(&request) {
                Ok(_) => expected.push(text),
                Err(AppendError::Session(SessionRefError::Resolve(ResolveError::DuplicateId { .. }))) => continue,
                Err(error) => panic!("{error:?}"),
            }
            let mut files = left.world.snapshot();
            files.retain(|path, _| !path.contains("sync-conflict"));
            Look::of(&files).assert_linked(session.as_str());
        }
        self.syncer.merge(Loser::Dropped);
        for (session, expected) in &self.thoughts {
            assert_both_have(left, right, session, expected);
        }
    }
}

impl Drop for History {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.steps.join("\n"));
        }
    }
}

#[test]
fn a_random_history_of_two_machines_loses_no_thought() {
    let mut rng = Rng::with_seed(seed());
    let (mut thoughts, mut refused) = (0, 0);
    let histories = size("JOURNAL_HISTORIES", 6);
    for _ in 0..histories {
        let mut history = History::new(rng.fork());
        (0..25).for_each(|number| history.step(number));
        history.end();
        thoughts += history.thoughts.values().map(Vec::len).sum::<usize>();
        refused += history.refused;
    }
    println!("{histories} histories, {thoughts} thoughts, {refused} requests refused for two notes with one id");
    assert!(thoughts > 8 * histories, "hardly anything was thought");
}
