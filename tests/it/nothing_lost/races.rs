//! Eight processes on one session at once.

use std::collections::{BTreeMap, BTreeSet};

use journal_engine::Appended;
use journal_model::NoteId;
use journal_testkit::{Snapshot, TestVault, Worker, generate_notes};

use super::{
    looking::{Acknowledged, Ledger, Look},
    size,
    world::{append, engine, hydrate, passing, serving, texts, thought},
    writer::{Orders, Report, enter},
};

const WRITERS: usize = 8;

/// A vault with other notes and a session of one thought.
struct Arena {
    world: TestVault,
    before: Snapshot,
    session: NoteId,
    folder: String,
    ledger: Ledger,
}

impl Arena {
    fn new() -> Self {
        let world = TestVault::new();
        generate_notes(world.path(), 60, 11);
        let before = world.snapshot();
        let first = append(&engine(&world), &thought(&passing("founder"), None, None, Some(1), "Where it all begins."));
        let folder = first.session_path.unwrap().folder().to_owned();
        Self { world, before, session: first.session_id, folder, ledger: Ledger::new() }
    }

    /// Runs the writers at once, and checks what holds after every race.
    fn race(&mut self, orders: &[Orders]) -> Vec<Vec<Report>> {
        let mut writers: Vec<_> = orders.iter().map(Orders::start).collect();
        writers.iter().for_each(Worker::wait_until_ready);
        writers.iter_mut().for_each(Worker::go);
        let reports: Vec<_> = writers.into_iter().map(Worker::finish).collect();
        for (orders, told) in orders.iter().zip(&reports) {
            assert_eq!(told.len(), orders.numbers.len(), "every call is answered");
        }
        // One process may have repeated what another wrote.
        let (repeated, new): (Vec<_>, Vec<_>) = reports
            .iter()
            .flatten()
            .cloned()
            .partition(|told| matches!(told, Report::Acknowledged { replayed: true, .. }));
        enter(&mut self.ledger, &new);
        let known = self.ledger.len();
        enter(&mut self.ledger, &repeated);
        assert_eq!(self.ledger.len(), known, "a thought was acknowledged as a repetition only");
        let look = Look::at(self.world.path());
        look.assert_holds(&self.ledger);
        look.assert_linked(self.session.as_str());
        assert!(look.temps.is_empty(), "{:?}", look.temps);
        let mut files = self.world.snapshot();
        files.retain(|path, _| !path.starts_with(&format!("{}/", self.folder)));
        assert_eq!(files, self.before, "a note of somebody else changed");
        let mut expected: Vec<_> = self.ledger.values().map(|told| told.text.clone()).collect();
        expected.push("Where it all begins.".to_owned());
        expected.sort();
        assert_eq!(texts(&hydrate(&engine(&self.world), &self.session)), expected);
        reports
    }

    fn enter(&mut self, appended: &Appended, text: &str) {
        let thought = &appended.thought;
        let told = Acknowledged {
            session: appended.session_id.to_string(),
            line: thought.line.to_string(),
            number: thought.number.unwrap().get(),
            text: text.to_owned(),
        };
        self.ledger.insert(thought.id.as_ref().unwrap().to_string(), told);
    }

    fn orders(&self, agent: &str) -> Orders {
        Orders::new(&self.world, agent, Some(&self.session))
    }
}

fn outcomes(reports: &[Vec<Report>]) -> BTreeMap<&'static str, usize> {
    let mut outcomes = BTreeMap::new();
    for report in reports.iter().flatten() {
        let kind = match report {
            Report::Acknowledged { replayed: true, .. } => "replayed",
            Report::Acknowledged { .. } => "written",
            Report::Held { .. } => "held",
            Report::NumberTaken => "number taken",
            Report::Failed { .. } => "failed",
        };
        *outcomes.entry(kind).or_insert(0) += 1;
    }
    outcomes
}

#[test]
fn eight_writers_on_eight_branches_lose_nothing() {
    let thoughts = size("JOURNAL_THOUGHTS", 15);
    let mut arena = Arena::new();
    let orders: Vec<_> = (0..WRITERS)
        .map(|writer| Orders {
            branch: Some(format!("branch-{writer}")),
            numbers: vec![None; thoughts],
            ..arena.orders(&format!("agent-{writer}"))
        })
        .collect();
    let reports = arena.race(&orders);
    assert_eq!(outcomes(&reports), [("written", WRITERS * thoughts)].into());
    let look = Look::at(arena.world.path());
    look.assert_counted(arena.session.as_str());
    let own = look.thoughts.iter().filter(|seen| seen.session == arena.session.as_str());
    assert_eq!(own.count(), WRITERS * thoughts + 1);
    let hydrated = hydrate(&engine(&arena.world), &arena.session);
    assert_eq!(hydrated.branches.len(), WRITERS);
    assert!(hydrated.diagnostics.is_empty(), "{:?}", hydrated.diagnostics);
}

#[test]
fn eight_agents_that_fight_for_one_branch_lose_nothing_they_were_told() {
    let thoughts = size("JOURNAL_THOUGHTS", 15);
    let mut arena = Arena::new();
    // Somebody holds the branch who stays, so whichever writer comes first is told so, however fast the machine.
    let standing = engine(&arena.world);
    let first = append(
        &standing,
        &thought(&serving("who stays"), Some(&arena.session), Some("contested"), None, "Here I stand."),
    );
    arena.enter(&first, "Here I stand.");
    let orders: Vec<_> = (0..WRITERS)
        .map(|writer| Orders {
            branch: Some("contested".to_owned()),
            // Every third knows which number it wants, and may find it taken.
            numbers: (0..thoughts).map(|n| (n % 3 == 2).then(|| u32::try_from(n).unwrap() + 2)).collect(),
            takeovers: 20,
            ..arena.orders(&format!("agent-{writer}"))
        })
        .collect();
    let reports = arena.race(&orders);
    let outcomes = outcomes(&reports);
    println!("{outcomes:?}");
    assert!(outcomes.keys().all(|kind| ["written", "held", "number taken"].contains(kind)), "{outcomes:?}");
    let winners = reports.iter().filter(|told| told.iter().any(|report| matches!(report, Report::Acknowledged { .. })));
    assert!(winners.count() > 1 && outcomes.contains_key("held"), "nobody fought: {outcomes:?}");
    let numbers: Vec<_> = arena.ledger.values().map(|told| told.number).collect();
    assert_eq!(numbers.len(), numbers.iter().collect::<BTreeSet<_>>().len(), "a number was given twice");
}

#[test]
fn eight_processes_of_one_agent_pipeline_into_one_branch() {
    let thoughts = u32::try_from(WRITERS * size("JOURNAL_THOUGHTS", 15)).unwrap();
    let mut arena = Arena::new();
    let orders: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let first = u32::try_from(writer).unwrap() + 1;
            let own = (first..=thoughts).step_by(WRITERS);
            // Afterwards each repeats the last ones of all, as a client does whose answers got lost.
            let again = thoughts - 7..=thoughts;
            Orders {
                branch: Some("pipeline".to_owned()),
                numbers: own.chain(again).map(Some).collect(),
                label: "the pipeline".to_owned(),
                ..arena.orders("one agent")
            }
        })
        .collect();
    let reports = arena.race(&orders);
    let outcomes = outcomes(&reports);
    assert_eq!(outcomes, [("replayed", 8 * WRITERS), ("written", thoughts as usize)].into());
    let mut numbers: Vec<_> = arena.ledger.values().map(|told| told.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=thoughts).collect::<Vec<_>>());
}
