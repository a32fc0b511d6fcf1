//! A process of its own that appends through the engine as fast as it can and says what was acknowledged.
//!
//! Each report is told after the append has returned: what the parent has read was acknowledged before any kill.

use std::{path::PathBuf, sync::Arc};

use journal_engine::{AppendError, Engine, HoldError, RealDisk, Takeover};
use journal_model::{NoteId, Refusal};
use journal_testkit::{
    TestVault,
    worker::{Worker, orders, ready, tell},
};
use serde::{Deserialize, Serialize};

use super::{
    looking::{Acknowledged, Ledger, Look},
    world::{Real, open, serving, thought},
};

/// What a writer has to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) vault: PathBuf,
    pub(super) data_home: PathBuf,
    pub(super) agent: String,
    /// The session to join; without one the first thought begins it.
    pub(super) session: Option<String>,
    /// The branch to think on, which leaves thought 1.
    pub(super) branch: Option<String>,
    /// One thought each: with this number, or the next.
    pub(super) numbers: Vec<Option<u32>>,
    /// How often in a hundred, its first thought apart, the writer takes the line over when it may have to.
    pub(super) takeovers: u32,
    /// What its texts begin with.
    pub(super) label: String,
}

/// What came of one thought.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Report {
    Acknowledged { session: String, line: String, number: u32, id: String, text: String, replayed: bool },
    Held { holder: String },
    NumberTaken,
    Failed { message: String },
}

impl Orders {
    pub(super) fn new(world: &TestVault, agent: &str, session: Option<&NoteId>) -> Self {
        Self {
            vault: world.path().to_owned(),
            data_home: world.data_home().to_owned(),
            agent: agent.to_owned(),
            session: session.map(ToString::to_string),
            branch: None,
            numbers: Vec::new(),
            takeovers: 0,
            label: agent.to_owned(),
        }
    }

    /// Starts a process that carries them out when it is told to go.
    pub(super) fn start(&self) -> Worker<Report> {
        Worker::start("nothing_lost::writer::obeys_its_orders", self)
    }
}

/// The `n`-th text of a label: its own first sentence, and lines that a careless writer would damage.
pub(super) fn text_of(label: &str, n: u32) -> String {
    let lines = match n % 4 {
        0 => "---\nid: not an id\n---\n",
        1 => "생각 \u{1f9a6}\ttab, trailing space \n\n\nno final newline",
        2 => "```\n[[not a link]]\n```\n- [ ] a list\n",
        _ => "",
    };
    format!("{label} thinks {n}.\n{lines}{}", "word ".repeat(n as usize % 7 * 20))
}

/// Enters what was acknowledged. A replay must name the thought that is known already.
#[track_caller]
pub(super) fn enter(ledger: &mut Ledger, reports: &[Report]) {
    for report in reports {
        match report {
            Report::Acknowledged { session, line, number, id, text, replayed } => {
                let told =
                    Acknowledged { session: session.clone(), line: line.clone(), number: *number, text: text.clone() };
                let before = ledger.insert(id.clone(), told);
                assert!(*replayed || before.is_none(), "thought `{id}` was acknowledged as new twice");
            }
            Report::Failed { message } => panic!("a writer was refused: {message}"),
            Report::Held { holder } => assert!(!holder.is_empty(), "a refusal names no holder"),
            Report::NumberTaken => {}
        }
    }
}

fn carry_out(orders: &Orders) {
    let engine = open(&orders.vault, &orders.data_home, Arc::new(RealDisk), Arc::new(Real));
    let mut session: Option<NoteId> = orders.session.as_ref().map(|id| id.parse().unwrap());
    ready();
    for (position, number) in orders.numbers.iter().enumerate() {
        let n = number.unwrap_or(u32::try_from(position).unwrap());
        let takes_over = position > 0 && fastrand::u32(0..100) < orders.takeovers;
        let report = think(&engine, orders, &mut session, *number, &text_of(&orders.label, n), takes_over);
        if !tell(&report) {
            return;
        }
    }
}

fn think(
    engine: &Engine,
    orders: &Orders,
    session: &mut Option<NoteId>,
    number: Option<u32>,
    text: &str,
    takes_over: bool,
) -> Report {
    let mut request = thought(&serving(&orders.agent), session.as_ref(), orders.branch.as_deref(), number, text);
    if takes_over {
        request.takeover = Some(Takeover { reason: Some("my turn".to_owned()) });
    }
    match engine.append(&request) {
        Ok(appended) => {
            let place = &appended.thought;
            *session = Some(appended.session_id.clone());
            Report::Acknowledged {
                session: appended.session_id.to_string(),
                line: place.line.to_string(),
                number: place.number.unwrap().get(),
                id: place.id.as_ref().unwrap().to_string(),
                text: text.to_owned(),
                replayed: appended.replayed,
            }
        }
        Err(AppendError::Hold(HoldError::Held { held, .. })) => Report::Held { holder: held.holder_name },
        Err(AppendError::Refused(refused)) if matches!(refused.refusal, Refusal::NumberTaken { .. }) => {
            Report::NumberTaken
        }
        Err(error) => Report::Failed { message: format!("{error}: {error:?}") },
    }
}

/// The other end of [`Orders::start`]; without orders it gives some to itself.
#[test]
fn obeys_its_orders() {
    if let Some(orders) = orders() {
        return carry_out(&orders);
    }
    let world = TestVault::new();
    let orders = Orders { numbers: vec![Some(1), None, Some(3), Some(3)], ..Orders::new(&world, "otter", None) };
    let mut writer = orders.start();
    writer.go();
    let reports = writer.finish();
    let mut ledger = Ledger::new();
    enter(&mut ledger, &reports);
    let [.., Report::Acknowledged { session, replayed: true, .. }] = reports.as_slice() else {
        panic!("the fourth is a retry of the third: {reports:?}")
    };
    let look = Look::at(world.path());
    look.assert_holds(&ledger);
    look.assert_linked(session);
    assert_eq!((reports.len(), ledger.len(), look.thoughts.len()), (4, 3, 3));
}
