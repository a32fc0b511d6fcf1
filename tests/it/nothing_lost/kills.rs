//! Writers killed with SIGKILL at any moment, and what is there afterwards against what they were told.

use std::time::Duration;

use fastrand::Rng;
use journal_engine::{AppendThought, Engine};
use journal_model::NoteId;
use journal_testkit::{TestVault, generate_notes, snapshot};

use super::{
    looking::{Acknowledged, Ledger, Look},
    seed, size,
    world::{append, catch_up, engine, hydrate, passing, texts, thought},
    writer::{Orders, Report, enter, text_of},
};

/// So many rounds share a vault; a fresh one keeps sessions as long as real ones.
const ROUNDS_A_VAULT: usize = 10;

/// One vault with what its writers were told.
struct Campaign {
    world: TestVault,
    ledger: Ledger,
    sessions: Vec<NoteId>,
    rng: Rng,
    kills_before_the_end: usize,
    acknowledged: usize,
}

impl Campaign {
    fn new(rng: Rng) -> Self {
        let world = TestVault::new();
        generate_notes(&world.join("Notes"), 20, 7);
        Self { world, ledger: Ledger::new(), sessions: Vec::new(), rng, kills_before_the_end: 0, acknowledged: 0 }
    }

    fn round(&mut self, round: usize) {
        let others = snapshot(&self.world.join("Notes"));
        let orders = self.orders(round);
        let time = Duration::from_micros(self.rng.u64(0..200_000));
        let mut writer = orders.start();
        if self.rng.u32(0..5) > 0 {
            writer.wait_until_ready();
        }
        writer.go();
        // Half of the writers are killed at work however slow the machine is, the others at any time.
        let least = if round.is_multiple_of(2) { self.rng.usize(2..8) } else { 0 };
        let reports = writer.kill_after_reports(least, time);
        enter(&mut self.ledger, &reports);
        self.acknowledged += reports.len();
        self.kills_before_the_end += usize::from(reports.len() < orders.numbers.len());
        let session = self.adopt_in_flight(&orders, reports.len());
        let Some(session) = session else { return };
        self.go_on(&orders, &session, reports.last());
        assert_eq!(snapshot(&self.world.join("Notes")), others, "a note of somebody else changed");
    }

    /// A writer for a new session, or for a line of one that is there.
    fn orders(&mut self, round: usize) -> Orders {
        let session = match self.sessions.len() {
            0 => None,
            _ if self.rng.u32(0..4) == 0 => None,
            several => Some(self.sessions[self.rng.usize(0..several)].clone()),
        };
        let branch = (session.is_some() && self.rng.bool()).then(|| format!("branch-{}", self.rng.u32(0..3)));
        let line = branch.as_deref().unwrap_or("main");
        let told = self.ledger.values();
        let own =
            told.filter(|told| session.as_ref().is_some_and(|id| told.session == id.as_str()) && told.line == line);
        let next = own.map(|told| told.number).max().map_or(if branch.is_some() { 2 } else { 1 }, |last| last + 1);
        let agent = format!("writer-{round}");
        Orders {
            numbers: (next..next + 500).map(Some).collect(),
            branch,
            ..Orders::new(&self.world, &agent, session.as_ref())
        }
    }

    /// What the killed writer had begun and not been told: at most one thought, whole. It is there to stay as well.
    fn adopt_in_flight(&mut self, orders: &Orders, told: usize) -> Option<NoteId> {
        let look = Look::at(self.world.path());
        look.assert_holds(&self.ledger);
        let own = look.thoughts.iter().filter(|thought| !thought.path.as_str().starts_with("Notes/"));
        let unknown: Vec<_> = own.filter(|thought| !self.ledger.contains_key(&thought.id)).collect();
        assert!(unknown.len() <= 1, "more than one thought was begun at once: {unknown:?}");
        for seen in unknown {
            let number = orders.numbers[told].unwrap();
            assert_eq!((seen.number, &seen.body), (number, &text_of(&orders.label, number)), "`{}`", seen.path);
            let told = Acknowledged {
                session: seen.session.clone(),
                line: seen.line.clone(),
                number,
                text: seen.body.clone(),
            };
            self.ledger.insert(seen.id.clone(), told);
        }
        let begun = look.thoughts.iter().find(|seen| seen.body.starts_with(&format!("{} ", orders.label)));
        let session = orders.session.clone().or_else(|| begun.map(|seen| seen.session.clone()))?;
        let session: NoteId = session.parse().unwrap();
        if !self.sessions.contains(&session) {
            self.sessions.push(session.clone());
        }
        Some(session)
    }

    fn append(&mut self, engine: &Engine, request: &AppendThought) {
        let appended = append(engine, request);
        let told = Acknowledged {
            session: appended.session_id.to_string(),
            line: appended.thought.line.to_string(),
            number: appended.thought.number.unwrap().get(),
            text: request.text.clone(),
        };
        let before = self.ledger.insert(appended.thought.id.unwrap().to_string(), told);
        assert_eq!(before.is_some(), appended.replayed, "a retry is one thought, not two");
    }

    /// The next append comes through at once, without asking anybody's leave, by somebody else or by the same agent again.
    fn go_on(&mut self, orders: &Orders, session: &NoteId, last: Option<&Report>) {
        let engine = engine(&self.world);
        let last = match last {
            Some(Report::Acknowledged { number, .. }) => number + 1,
            _ => orders.numbers[0].unwrap(),
        };
        let (caller, number, text) = if self.rng.bool() {
            (passing(&orders.agent), Some(last), text_of(&orders.label, last))
        } else {
            (passing("somebody else"), None, format!("Somebody else after {}.", orders.agent))
        };
        self.append(&engine, &thought(&caller, Some(session), orders.branch.as_deref(), number, &text));
        // A retry may have written nothing; another thought brings the view up to date.
        let after = format!("After {}.", orders.agent);
        self.append(&engine, &thought(&caller, Some(session), orders.branch.as_deref(), None, &after));

        catch_up(&engine);
        let look = Look::at(self.world.path());
        look.assert_holds(&self.ledger);
        look.assert_linked(session.as_str());
        look.assert_counted(session.as_str());
        assert!(look.temps.is_empty(), "temporary files of the dead stayed: {:?}", look.temps);
        let told = self.ledger.values().filter(|told| told.session == session.as_str());
        let mut expected: Vec<_> = told.map(|told| told.text.clone()).collect();
        expected.sort();
        assert_eq!(texts(&hydrate(&engine, session)), expected);
    }
}

#[test]
fn a_killed_writer_loses_nothing_it_was_told() {
    let (rounds, mut rng) = (size("JOURNAL_ROUNDS", 12), Rng::with_seed(seed()));
    let (mut acknowledged, mut killed) = (0, 0);
    for first in (0..rounds).step_by(ROUNDS_A_VAULT) {
        let mut campaign = Campaign::new(rng.fork());
        for round in first..rounds.min(first + ROUNDS_A_VAULT) {
            campaign.round(round);
        }
        acknowledged += campaign.acknowledged;
        killed += campaign.kills_before_the_end;
    }
    println!("{rounds} rounds, {acknowledged} thoughts acknowledged, {killed} writers killed at work");
    assert!(acknowledged >= rounds && killed >= rounds / 2, "the writers hardly wrote, or were hardly killed");
}
