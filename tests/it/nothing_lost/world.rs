//! An engine over a test's vault, and the requests that campaigns make.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fastrand::Rng;
use jiff::{Timestamp, tz::TimeZone};
use journal_engine::{
    AgentSeen, AppendThought, Appended, Caller, Disk, Engine, Hydrate, Hydrated, Moment, NewSessionChoice, Parts,
    RealDisk, Reindex, SessionChoice, Settings, Source, StateDir, ThoughtText, Vault,
};
use journal_model::{Asked, AskedLine, NoteId, NoteRef, ThoughtNumber};
use journal_testkit::{TestVault, is_indexed};

/// The time of this machine, and real chance.
pub(crate) struct Real;

/// A clock that stands still, and the same chance every time.
pub(crate) struct Steady {
    ms: u64,
    rng: Mutex<Rng>,
}

impl Steady {
    pub(crate) fn new(seed: u64, second: u64) -> Self {
        Self { ms: 1_795_000_000_000 + second * 1000, rng: Mutex::new(Rng::with_seed(seed)) }
    }
}

impl Source for Real {
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        moment(u64::try_from(since.as_millis()).unwrap())
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        fastrand::fill(&mut bytes);
        bytes
    }
}

impl Source for Steady {
    fn now(&self) -> Moment {
        moment(self.ms)
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.rng.lock().unwrap().fill(&mut bytes);
        bytes
    }
}

fn moment(unix_ms: u64) -> Moment {
    let time = Timestamp::from_millisecond(unix_ms.try_into().unwrap()).unwrap().to_zoned(TimeZone::UTC);
    Moment { unix_ms, local: time.strftime("%Y-%m-%dT%H:%M:%S").to_string() }
}

/// An engine as one more process would open it.
pub(crate) fn open(vault: &Path, data_home: &Path, disk: Arc<dyn Disk>, source: Arc<dyn Source>) -> Engine {
    let vault = Vault::open(vault, disk).unwrap();
    let state = StateDir::open(data_home, "nothing-lost", &vault).unwrap();
    // Long enough for eight debug builds on a busy machine; a lock that a dead process left would still be seen.
    let settings = Settings { patience: Duration::from_secs(120), ..Settings::default() };
    let engine = Engine::new(Parts { vault, state: Some(state), source, settings });
    if is_indexed() && !engine.state_path().unwrap().join("index.db").exists() {
        // A disk with faults, or one more process that has just begun the same, may keep it from having one.
        drop(engine.reindex(&Reindex::default(), &|_| ()));
    }
    engine
}

/// Lets the index know what no process of ours did to the vault, and removes what the dead left anywhere in it.
pub(super) fn catch_up(engine: &Engine) {
    if is_indexed() {
        let all = Reindex { allow_prune: true, wait: Duration::from_secs(60), ..Reindex::default() };
        engine.reindex(&all, &|_| ()).unwrap();
    }
}

/// An engine on the real disk with the real clock.
pub(crate) fn engine(world: &TestVault) -> Engine {
    open(world.path(), world.data_home(), Arc::new(RealDisk), Arc::new(Real))
}

/// An agent whose process serves it until it ends.
pub(crate) fn serving(agent: &str) -> Caller {
    Caller { agent: AgentSeen::new(agent.parse().unwrap()), lasting: true, serving: true }
}

/// Somebody who holds nothing after the call, and is refused where another holds.
pub(crate) fn passing(agent: &str) -> Caller {
    Caller { lasting: false, serving: false, ..serving(agent) }
}

/// A branch that leaves thought 1, or the main line.
pub(crate) fn line(branch: Option<&str>) -> AskedLine {
    match branch {
        Some(name) => AskedLine::Branch { name: name.parse().unwrap(), from: Some(ThoughtNumber::FIRST) },
        None => AskedLine::Main,
    }
}

/// A thought for a session, or for one that begins with it.
pub(crate) fn thought(
    caller: &Caller,
    session: Option<&NoteId>,
    branch: Option<&str>,
    number: Option<u32>,
    text: &str,
) -> AppendThought {
    AppendThought {
        caller: caller.clone(),
        session: match session {
            Some(id) => SessionChoice::Existing(NoteRef::from(id)),
            None => SessionChoice::ByRule(NewSessionChoice::default()),
        },
        asked: Asked {
            line: line(branch),
            number: number.map(|number| ThoughtNumber::new(number).unwrap()),
            total: None,
            next_needed: true,
            revises: None,
        },
        text: text.to_owned(),
        tags: Vec::new(),
        confidence: None,
        related_files: Vec::new(),
        takeover: None,
    }
}

/// Appends, and has to.
#[track_caller]
pub(crate) fn append(engine: &Engine, request: &AppendThought) -> Appended {
    engine.append(request).unwrap_or_else(|error| panic!("`{}` was not appended: {error:?}", request.text))
}

/// A whole session, as somebody new to the vault gets it.
#[track_caller]
pub(crate) fn hydrate(engine: &Engine, session: &NoteId) -> Hydrated {
    let request = Hydrate {
        reference: NoteRef::from(session),
        line: None,
        include_superseded: true,
        max_tokens: None,
        max_thoughts: None,
    };
    engine.hydrate(&request).unwrap_or_else(|error| panic!("session `{session}` does not hydrate: {error:?}"))
}

/// The texts of a hydrated session, sorted.
#[track_caller]
pub(crate) fn texts(hydrated: &Hydrated) -> Vec<String> {
    let whole = hydrated.thoughts.iter().map(|thought| match &thought.text {
        ThoughtText::Whole(text) => text.clone(),
        other => panic!("`{}` is not whole: {other:?}", thought.thought.path),
    });
    let mut texts: Vec<_> = whole.collect();
    texts.sort();
    texts
}
