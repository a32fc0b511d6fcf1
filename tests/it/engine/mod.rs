//! The engine over real files: a world with a vault, a clock that stands until it is moved, and ids from a seed.

#![expect(clippy::unwrap_used, reason = "these helpers are tests too, and a panic says where")]
#![expect(
    clippy::result_large_err,
    reason = "the engine's errors carry their facts, and a test does not mind the size"
)]

mod append;
mod asking;
mod changes;
mod earlier_tool;
mod hydrate;
mod names;
mod ownership;
mod packing;
mod relocate;
mod resolve;
mod session_note;
mod update_session;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use journal_coord::{AgentSeen, Takeover};
use journal_engine::{
    AppendError, AppendThought, Appended, Caller, Engine, Hydrate, Hydrated, Moment, NewSessionChoice, Parts, Reindex,
    SessionChoice, SessionRefError, Settings, Source, ThoughtText,
};
use journal_model::{Asked, AskedLine, Line, NoteRef, ThoughtNumber};
use journal_testkit::{TestVault, is_indexed, snapshot};
use journal_vault::{RealDisk, StateDir, Vault};

/// 2026-11-21 09:00:00 UTC, in milliseconds: when every world begins.
const START_MS: u64 = 1_795_251_600_000;

/// A vault with an engine over it.
struct World {
    vault: TestVault,
    clock: Arc<Clock>,
    engine: Engine,
}

/// A clock that stands until it is moved, and a seeded sequence for ids.
#[derive(Debug)]
struct Clock {
    now_ms: AtomicU64,
    drawn: AtomicU64,
}

impl Source for Clock {
    fn now(&self) -> Moment {
        let unix_ms = self.now_ms.load(Ordering::Relaxed);
        let time = Timestamp::from_millisecond(unix_ms.try_into().unwrap()).unwrap().to_zoned(TimeZone::UTC);
        Moment { unix_ms, local: time.strftime("%Y-%m-%dT%H:%M:%S").to_string() }
    }

    fn random(&self) -> [u8; 10] {
        // The finaliser of splitmix64: neighbours share nothing to the eye.
        let mut mixed = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [a, b, c, d, e, f, g, h] = (mixed ^ (mixed >> 31)).to_be_bytes();
        [a, b, c, d, e, f, g, h, a ^ c, b ^ d]
    }
}

impl World {
    fn new() -> Self {
        Self::over(TestVault::new())
    }

    fn from_fixture(fixture: &str) -> Self {
        Self::over(TestVault::from_fixture(fixture))
    }

    fn over(vault: TestVault) -> Self {
        let clock = Arc::new(Clock { now_ms: START_MS.into(), drawn: 0.into() });
        let engine = engine(&vault, &clock, true);
        if is_indexed() {
            engine.reindex(&Reindex::default(), &|_| ()).unwrap();
        }
        Self { vault, clock, engine }
    }

    /// A world with one session as `spec` says: `1 2 a@2:3 a:4 3~1 4!` are thoughts 1 and 2, thoughts 3 and 4 of branch `a`
    /// that leaves 2, then 3 on the main line, which revises 1, and 4, which is the last. Each says `<line> <number>`.
    fn with_session(spec: &str) -> (Self, String) {
        let world = Self::new();
        let id = world.session(spec);
        (world, id)
    }

    /// Thinks a session as [`World::with_session`], a second after the other.
    fn session(&self, spec: &str) -> String {
        let mut id: Option<String> = None;
        for word in spec.split_whitespace() {
            let think = Think::of(word);
            let think = match &id {
                Some(id) => think.in_session(id),
                None => think.new_session("A session"),
            };
            self.tick();
            id = Some(self.think(think).unwrap_or_else(|error| panic!("`{word}`: {error}")).session_id.to_string());
        }
        id.expect("a session has a thought")
    }

    /// A process of its own on the same vault: it remembers nothing, and goes by the same clock.
    fn another_process(&self) -> Engine {
        engine(&self.vault, &self.clock, true)
    }

    fn think(&self, think: Think) -> Result<Appended, AppendError> {
        self.engine.append(&think.0)
    }

    fn hydrate(&self, reference: &str) -> Result<Hydrated, SessionRefError> {
        self.engine.hydrate(&hydrate(reference))
    }

    /// Lets the index know what was done to the vault by hand and cannot be seen beside a session: notes elsewhere.
    fn catch_up(&self) {
        if is_indexed() {
            self.another_process().reindex(&Reindex::default(), &|_| ()).unwrap();
        }
    }

    fn tick(&self) {
        self.advance(Duration::from_secs(1));
    }

    fn advance(&self, by: Duration) {
        self.clock.now_ms.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
    }

    fn turn_back(&self, by: Duration) {
        self.clock.now_ms.fetch_sub(u64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// What `act` changed in the vault, see [`changes::between`].
    fn changes<T>(&self, act: impl FnOnce() -> T) -> (T, String) {
        let before = self.vault.snapshot();
        let value = act();
        (value, changes::between(&before, &self.vault.snapshot()))
    }

    /// Asserts that `act` changes nothing, neither in the vault nor in its state directory.
    #[track_caller]
    fn changes_nothing<T>(&self, act: impl FnOnce() -> T) -> T {
        let everything = || {
            let mut files = snapshot(self.vault.root());
            // Shared memory of the processes that have the database open; who reads it takes a slot.
            files.retain(|path, _| !path.ends_with("-shm"));
            if is_indexed() {
                // What the index was found not to know is mended after the answer.
                files.retain(|path, _| !path.contains("/index.db") && !path.ends_with("/write.lock"));
            }
            files
        };
        let before = everything();
        let value = act();
        let changes = changes::between(&before, &everything());
        assert_eq!(changes::paths(&changes), [""; 0], "nothing may change");
        value
    }

    /// The path of the one note whose name begins so; a thought of [`World::with_session`] is `T003 a 3`.
    #[track_caller]
    fn path_of(&self, name: &str) -> String {
        let named = |path: &String| path.rsplit('/').next().is_some_and(|own| own.starts_with(&format!("{name} ")));
        let paths: Vec<_> = self.vault.snapshot().into_keys().filter(named).collect();
        assert_eq!(paths.len(), 1, "`{name}` begins {paths:?}");
        paths.into_iter().next().unwrap()
    }

    /// The path of the only session's note.
    #[track_caller]
    fn session_path(&self) -> String {
        let session = "type: thinking-session";
        let notes = self.vault.snapshot().into_iter();
        let paths: Vec<_> =
            notes.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(session)).map(|(path, _)| path).collect();
        assert_eq!(paths.len(), 1, "sessions: {paths:?}");
        paths.into_iter().next().unwrap()
    }

    /// Changes the text of a note, as a person with an editor would.
    #[track_caller]
    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.vault.read(path);
        assert!(text.contains(from), "`{from}` in\n{text}");
        self.vault.write(path, text.replacen(from, to, 1));
    }
}

fn engine(vault: &TestVault, clock: &Arc<Clock>, writes: bool) -> Engine {
    let opened = Vault::open(vault.path(), Arc::new(RealDisk)).unwrap();
    let state = writes.then(|| StateDir::open(vault.data_home(), "world", &opened).unwrap());
    Engine::new(Parts { vault: opened, state, source: clock.clone(), settings: Settings::default() })
}

/// A thought to append, by the agent `otter` on a server unless said otherwise.
#[derive(Clone)]
struct Think(AppendThought);

fn think(text: &str) -> Think {
    Think(AppendThought {
        caller: agent("otter"),
        session: SessionChoice::ByRule(NewSessionChoice::default()),
        asked: Asked { line: AskedLine::Main, number: None, total: None, next_needed: true, revises: None },
        text: text.to_owned(),
        tags: Vec::new(),
        confidence: None,
        related_files: Vec::new(),
        takeover: None,
    })
}

impl Think {
    /// From a word of [`World::with_session`].
    fn of(word: &str) -> Self {
        let (word, done) = word.strip_suffix('!').map_or((word, false), |word| (word, true));
        let (place, revises) = word.split_once('~').map_or((word, None), |(place, revises)| (place, Some(revises)));
        let (branch, number) = place.split_once(':').map_or((None, place), |(branch, number)| (Some(branch), number));
        let (name, from) = match branch {
            None => ("Main", None),
            Some(branch) => branch.split_once('@').map_or((branch, None), |(name, from)| (name, Some(from))),
        };
        let mut think = think(&format!("{name} {number}")).number(number.parse().unwrap());
        if branch.is_some() {
            think = think.branch(name, from.map(|from| from.parse().unwrap()));
        }
        if let Some(revises) = revises {
            think = think.revises(revises.parse().unwrap());
        }
        if done { think.done() } else { think }
    }

    fn by(mut self, name: &str) -> Self {
        self.0.caller = agent(name);
        self
    }

    /// By somebody whose id ends with the call.
    fn once(mut self) -> Self {
        self.0.caller.lasting = false;
        self.0.caller.serving = false;
        self
    }

    fn in_session(mut self, reference: &str) -> Self {
        self.0.session = SessionChoice::Existing(NoteRef::parse(reference).unwrap());
        self
    }

    fn new_session(mut self, title: &str) -> Self {
        self.0.session = SessionChoice::New(NewSessionChoice { title: Some(title.to_owned()), ..Default::default() });
        self
    }

    fn choose(mut self, choice: NewSessionChoice) -> Self {
        self.0.session = SessionChoice::New(choice);
        self
    }

    fn number(mut self, number: u32) -> Self {
        self.0.asked.number = Some(n(number));
        self
    }

    fn total(mut self, total: u32) -> Self {
        self.0.asked.total = Some(total);
        self
    }

    fn branch(mut self, name: &str, from: Option<u32>) -> Self {
        self.0.asked.line = AskedLine::Branch { name: name.parse().unwrap(), from: from.map(n) };
        self
    }

    fn revises(mut self, number: u32) -> Self {
        self.0.asked.revises = Some(n(number));
        self
    }

    fn done(mut self) -> Self {
        self.0.asked.next_needed = false;
        self
    }

    fn tags(mut self, tags: &[&str]) -> Self {
        self.0.tags = owned(tags);
        self
    }

    fn take_over(mut self, reason: Option<&str>) -> Self {
        self.0.takeover = Some(Takeover { reason: reason.map(str::to_owned) });
        self
    }
}

fn agent(name: &str) -> Caller {
    Caller { agent: AgentSeen::new(name.parse().unwrap()), lasting: true, serving: true }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn n(number: u32) -> ThoughtNumber {
    ThoughtNumber::new(number).unwrap()
}

/// Everything of a session.
fn hydrate(reference: &str) -> Hydrate {
    Hydrate {
        reference: NoteRef::parse(reference).unwrap(),
        line: None,
        include_superseded: false,
        max_tokens: None,
        max_thoughts: None,
    }
}

/// What became of an append: `main 3/5, next 4`, with what is special about it; or the refusal.
fn outcome(appended: &Result<Appended, AppendError>) -> String {
    let appended = match appended {
        Ok(appended) => appended,
        Err(error) => return format!("refused: {error}"),
    };
    let thought = &appended.thought;
    let number = |number: Option<ThoughtNumber>| number.map_or("none".to_owned(), |number| number.to_string());
    let mut text = format!("{} {}/{}", thought.line, number(thought.number), thought.total.unwrap_or_default());
    text += &format!(", next {}", number(appended.next_number));
    if let Some(gap) = appended.gap_from {
        text += &format!(", gap from {gap}");
    }
    if appended.replayed {
        text += ", replayed";
    }
    if appended.session_is_new {
        text += ", new session";
    }
    for diagnostic in &appended.diagnostics {
        text += &format!("; {}: {}", diagnostic.code.as_str(), diagnostic.message);
    }
    text
}

/// The thoughts of a hydrated session, as the words of [`World::with_session`]: in full as they are, cut as `2…`, by title
/// only as `(2)`.
fn thoughts(hydrated: &Hydrated) -> String {
    let word = |shown: &journal_engine::HydratedThought| {
        let number = shown.thought.number.map_or("?".to_owned(), |number| number.to_string());
        let place = match &shown.thought.line {
            Line::Main => number,
            Line::Branch(name) => format!("{name}:{number}"),
        };
        match shown.text {
            ThoughtText::Whole(_) => place,
            ThoughtText::Cut(_) => format!("{place}…"),
            ThoughtText::Title => format!("({place})"),
        }
    };
    hydrated.thoughts.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// What is wrong, a line each.
fn complaints(diagnostics: &[journal_model::Diagnostic]) -> String {
    let line = |diagnostic: &journal_model::Diagnostic| format!("{}: {}", diagnostic.code.as_str(), diagnostic.message);
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}
