//! Vaults to measure in: on the disk of the build folder, which unlike the folder for temporary files is never memory.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use jiff::Zoned;
use journal_coord::AgentSeen;
use journal_engine::{
    AppendThought, Appended, Caller, Engine, Hydrate, Moment, NewSessionChoice, Parts, SessionChoice, Settings, Source,
};
use journal_model::{Asked, AskedLine, NoteId, NoteRef};
use journal_testkit::{GeneratedNote, generate_notes};
use journal_vault::{RealDisk, StateDir, Vault};
use tempfile::TempDir;

/// The vault's id in its settings.
const VAULT_ID: &str = "bench";

/// A vault with generated notes and an engine over it.
pub struct World {
    folder: TempDir,
    /// The engine, as a server that works for one agent would have it.
    pub engine: Engine,
    /// What was generated.
    pub notes: Vec<GeneratedNote>,
}

impl World {
    /// A vault with `notes` generated notes.
    pub fn new(notes: usize) -> Self {
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let folder = folder.expect("the build folder can be written");
        let root = folder.path().join("vault");
        std::fs::create_dir_all(root.join(".journal")).expect("a folder can be made");
        std::fs::write(root.join(".journal/config.toml"), format!("id = \"{VAULT_ID}\"\n"))
            .expect("a file can be written");
        let notes = generate_notes(&root, notes, 1);
        let vault = Vault::open(&root, Arc::new(RealDisk)).expect("the vault was just made");
        let state = StateDir::open(&folder.path().join("data"), VAULT_ID, &vault).expect("its state can be made");
        let parts = Parts { vault, state: Some(state), source: Arc::new(Machine), settings: Settings::default() };
        Self { engine: Engine::new(parts), notes, folder }
    }

    /// A vault of 10,000 notes, made once for all benches that only read.
    pub fn large() -> &'static Self {
        static LARGE: OnceLock<World> = OnceLock::new();
        LARGE.get_or_init(|| Self::new(10_000))
    }

    /// The vault.
    pub fn vault(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// Where state directories lie.
    pub fn data_home(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A hidden folder beside that of a session, for doing the same by hand: file systems keep the files of neighbouring
    /// folders together, and some parts of a disk are slower than others.
    pub fn neighbour_of(&self, session: &NoteId) -> PathBuf {
        let note = &self.paths_of(session)[0];
        let sessions = note.ancestors().nth(2).expect("a session has a folder among others");
        let folder = sessions.join(".by-hand");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        folder
    }

    /// Thinks the next thought of a session, or the first of a new one.
    pub fn think(&self, session: Option<&NoteId>, number: usize) -> Appended {
        let request = thought(session, number);
        self.engine.append(&request).expect("a thought can be appended")
    }

    /// A session with so many thoughts.
    pub fn session(&self, thoughts: usize) -> NoteId {
        let id = self.think(None, 1).session_id;
        for number in 2..=thoughts {
            self.think(Some(&id), number);
        }
        id
    }

    /// The paths of a session's note and of its thoughts.
    pub fn paths_of(&self, session: &NoteId) -> Vec<PathBuf> {
        let hydrated = self.engine.hydrate(&everything(session)).expect("the session is there");
        let thoughts = hydrated.thoughts.into_iter().map(|shown| shown.thought.path);
        hydrated.path.into_iter().chain(thoughts).map(|path| self.vault().join(path.as_str())).collect()
    }
}

/// All of a session.
pub fn everything(session: &NoteId) -> Hydrate {
    Hydrate {
        reference: NoteRef::from(session),
        line: None,
        include_superseded: false,
        max_tokens: None,
        max_thoughts: None,
    }
}

/// A request to append a thought of about 1 KB.
pub fn thought(session: Option<&NoteId>, number: usize) -> AppendThought {
    let text = format!("Thought {number} looks at the flaky test again. ")
        + &"The cache is warm before the first write and cold after it, so the order of the two decides. ".repeat(10);
    AppendThought {
        caller: Caller { agent: AgentSeen::new("bench-agent".parse().expect("an id")), lasting: true, serving: true },
        session: match session {
            Some(id) => SessionChoice::Existing(NoteRef::from(id)),
            None => SessionChoice::New(NewSessionChoice::default()),
        },
        asked: Asked { line: AskedLine::Main, number: None, total: None, next_needed: true, revises: None },
        text,
        tags: Vec::new(),
        confidence: None,
        related_files: Vec::new(),
        takeover: None,
    }
}

/// Absolute paths of generated notes.
pub fn absolute(vault: &Path, notes: &[GeneratedNote]) -> Vec<PathBuf> {
    notes.iter().map(|note| vault.join(&note.path)).collect()
}

/// This machine's time and randomness, as the command takes them.
#[derive(Debug)]
struct Machine;

impl Source for Machine {
    fn now(&self) -> Moment {
        let now = Zoned::now();
        Moment {
            unix_ms: u64::try_from(now.timestamp().as_millisecond()).expect("the clock is past 1970"),
            local: now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        }
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        fastrand::fill(&mut bytes);
        bytes
    }
}
