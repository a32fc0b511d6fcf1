//! Import: sessions from elsewhere become notes of this vault. Nothing that is there is overwritten.
//!
//! A note keeps its id. Where another note of the vault has it, the new note gets one that follows from both, so that the same
//! import again finds what the first one wrote and makes nothing twice. That is also how an import that was cut off is
//! finished: each note is created whole, and what is there already is passed over.

mod arrive;
mod found;
mod ids;
mod thoughts;

use std::collections::{BTreeSet, HashSet};

use journal_coord::{EventKind, Held, LeaseState, NewEvent, Standing};
use journal_model::{Diagnostic, DiagnosticCode, EditError, Line, NoteId, ThoughtNumber, VaultPath, VaultPathError};
use journal_vault::{RealFolder, WriteError};

use crate::{
    Caller, HoldError, Trouble, WrittenNote,
    core::{Core, Turn},
    ownership::{resource, resources_of},
};

pub use found::{FoundSessions, sessions_in};

/// What to import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Who imports it.
    pub caller: Caller,
    /// The sessions.
    pub sessions: Vec<ForeignSession>,
    /// The folder of this vault below which their notes go, with the folders they lay in. Without it, where they lay.
    pub folder: Option<String>,
    /// What sessions are about that have no note of their own to say so.
    pub project: Option<String>,
}

/// A session from elsewhere.
#[derive(Debug, Clone)]
pub enum ForeignSession {
    /// As notes.
    Notes(ForeignNotes),
    /// As thoughts that never were notes.
    Thoughts(Vec<ForeignThought>),
}

/// The notes of a session from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignNotes {
    /// The session's id.
    pub session: NoteId,
    /// The session's own note, unless it was gone.
    pub own: Option<ForeignNote>,
    /// Its thoughts.
    pub thoughts: Vec<ForeignNote>,
}

/// A note from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignNote {
    /// Where it lay.
    pub path: VaultPath,
    /// All of it, frontmatter included.
    pub text: String,
}

/// A thought from elsewhere that never was a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignThought {
    /// What it says.
    pub text: String,
    /// Its number.
    pub number: ThoughtNumber,
    /// How many its line was expected to have.
    pub total: u32,
    /// Whether another was expected.
    pub next_needed: bool,
    /// Its line.
    pub line: Line,
    /// The thought that its branch leaves.
    pub branch_from: Option<ThoughtNumber>,
    /// The thought it supersedes.
    pub revises: Option<ThoughtNumber>,
}

/// What was imported, or would be.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The sessions, as they came.
    pub sessions: Vec<ImportedSession>,
    /// The notes that were written, or would be.
    pub written: Vec<WrittenNote>,
    /// What is wrong, and did not stop the import.
    pub diagnostics: Vec<Diagnostic>,
}

/// What became of a session.
#[derive(Debug, Clone)]
pub struct ImportedSession {
    /// Its id in this vault.
    pub id: NoteId,
    /// Its title.
    pub title: String,
    /// Its note in this vault; `None` where it came without one and there is none.
    pub path: Option<VaultPath>,
    /// How many of its notes were written, or would be.
    pub written: usize,
    /// How many were here already.
    pub here: usize,
    /// Notes with the same place in the same session that say something else here; they were left as they are.
    pub differing: Vec<VaultPath>,
    /// Ids that were taken or missing, and the new ones.
    pub new_ids: Vec<(Option<NoteId>, NoteId)>,
    /// Notes whose names were taken, or are none that every system takes: as they were and as they are.
    pub renamed: Vec<(VaultPath, VaultPath)>,
}

/// Why nothing, or not all, was imported. What was written by then is whole, and the same import again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is no session in it.
    #[error("there is no session to import")]
    Nothing,
    /// A thought without text.
    #[error("thought {number} of {line} has no text")]
    Empty {
        /// Its number.
        number: ThoughtNumber,
        /// Its line.
        line: Line,
    },
    /// A note that no vault may have, or a thought that nobody may append.
    #[error("`{path}` has a text of {bytes} bytes; at most {max} are allowed")]
    TooLarge {
        /// Where it lay.
        path: VaultPath,
        /// Its size.
        bytes: usize,
        /// What is allowed.
        max: u64,
    },
    /// Two notes that come from one place.
    #[error("two notes come from `{0}`")]
    SamePath(VaultPath),
    /// A note that must get another id, with properties that cannot be changed safely.
    #[error("`{path}` cannot get the id `{id}`: {source}")]
    NotEditable {
        /// Where it lay.
        path: VaultPath,
        /// The id it would have.
        id: NoteId,
        /// Why.
        source: EditError,
    },
    /// The folder to put them in cannot be one.
    #[error("`{folder}` cannot be a folder of notes: {source}")]
    Folder {
        /// As given.
        folder: String,
        /// Why.
        source: VaultPathError,
    },
    /// The folder to put them in has a name that not every system takes.
    #[error(
        "`{folder}` cannot be a folder of notes: `{part}` is not a name that every system takes and every link can say"
    )]
    FolderName {
        /// As given.
        folder: String,
        /// The name in it.
        part: String,
    },
    /// A path that not every system takes.
    #[error("`{path}` is a path of {bytes} bytes; at most {max} are allowed")]
    LongPath {
        /// Where it would lie.
        path: VaultPath,
        /// How long that is.
        bytes: usize,
        /// What is allowed.
        max: usize,
    },
    /// Another agent thinks on a line that would get thoughts.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// What is to be done for a session.
struct Arrival {
    report: ImportedSession,
    /// The notes to create, the session's own first.
    create: Vec<(VaultPath, String)>,
    /// Those of its notes that are here.
    here: Vec<VaultPath>,
    /// Lines that get thoughts in a session that is here.
    lines: BTreeSet<Line>,
    /// What is to be said of notes that came with the id of another.
    told: Vec<Diagnostic>,
}

impl Core {
    /// Imports sessions; see [`Engine::import`](crate::Engine::import).
    pub(crate) fn import(&self, turn: &Turn, request: &Import) -> Result<Imported, ImportError> {
        let (arrivals, diagnostics) = self.arrivals(request)?;
        arrivals.iter().try_for_each(|arrival| self.check_free(turn, request, arrival))?;
        self.sweep_met();
        self.create_arrivals(&arrivals).map_err(Trouble::from)?;
        let mut imported = answer(arrivals, diagnostics);
        if let Err(trouble) = self.tell_others(&request.caller, &news(&imported), &[]) {
            imported.diagnostics.push(Diagnostic::new(
                DiagnosticCode::Database,
                trouble.to_string(),
                "everything is imported; other agents may not have been told",
            ));
        }
        imported.diagnostics.extend(self.take_state_report());
        Ok(imported)
    }

    /// Creates the notes. Their bytes are on the disk when they get their names, and the names of a folder are synced together.
    fn create_arrivals(&self, arrivals: &[Arrival]) -> Result<(), WriteError> {
        // An import that was cut off in its last step left names, perhaps not on the disk.
        let mut known = HashSet::new();
        for path in arrivals.iter().flat_map(|arrival| &arrival.here) {
            if known.insert(path.folder()) {
                self.vault.make_durable(path)?;
            }
        }
        let mut unsynced: Vec<(RealFolder, &VaultPath)> = Vec::new();
        for (path, text) in arrivals.iter().flat_map(|arrival| &arrival.create) {
            let folder = self.vault.create_unsynced(path, text.as_bytes())?;
            // The index looks at it also when the next one fails.
            self.mark_stale([path.clone()]);
            if unsynced.last().is_none_or(|(last, _)| *last != folder) {
                unsynced.push((folder, path));
            }
        }
        unsynced.iter().try_for_each(|(folder, path)| self.vault.sync_names(folder, path))
    }

    /// Refuses thoughts for a line on which somebody else thinks. Nobody begins to before the write lock is given back; the
    /// caller takes no line, since importing a thought is not thinking it.
    fn check_free(&self, turn: &Turn, request: &Import, arrival: &Arrival) -> Result<(), ImportError> {
        if arrival.lines.is_empty() {
            return Ok(());
        }
        let (session, now) = (&arrival.report.id, self.source.now().unix_ms);
        for state in self.look_at_state_in(Some(turn), |coord| coord.leases(&resources_of(session), now))? {
            let line = arrival.lines.iter().find(|line| resource(session, line) == state.lease.resource);
            let is_anothers = state.standing == Standing::Held && state.lease.holder != request.caller.agent.id;
            if let Some(line) = line.filter(|_| is_anothers) {
                let LeaseState { lease, holder_name, process, .. } = state;
                let held = Held { lease, holder_name, process, taken_from_you: None };
                let (session, line) = (session.clone(), line.clone());
                return Err(HoldError::Held { session, line, held: Box::new(held) }.into());
            }
        }
        Ok(())
    }

    /// What [`Self::import`] would write, written nowhere.
    pub(crate) fn preview_import(&self, request: &Import) -> Result<Imported, ImportError> {
        let (arrivals, diagnostics) = self.arrivals(request)?;
        Ok(answer(arrivals, diagnostics))
    }
}

fn answer(arrivals: Vec<Arrival>, diagnostics: Vec<Diagnostic>) -> Imported {
    let mut imported = Imported { sessions: Vec::new(), written: Vec::new(), diagnostics };
    for Arrival { report, create, told, .. } in arrivals {
        imported.diagnostics.extend(told);
        for path in &report.differing {
            imported.diagnostics.push(Diagnostic::new(
                DiagnosticCode::DuplicateId,
                format!("`{path}` says something else here; it was left as it is"),
                "to have both, give the note here another `id` and import again",
            ));
        }
        let written = create.into_iter().map(|(path, after)| WrittenNote { path, before: None, after });
        imported.written.extend(written);
        imported.sessions.push(report);
    }
    imported
}

/// What the other agents are told.
fn news(imported: &Imported) -> Vec<NewEvent> {
    let written: HashSet<&VaultPath> = imported.written.iter().map(|note| &note.path).collect();
    let begun = imported.sessions.iter().filter(|session| session.path.as_ref().is_some_and(|p| written.contains(p)));
    let opened = begun
        .map(|session| NewEvent::about(EventKind::SessionOpened, session.id.as_str()).saying(Some(&session.title)));
    let joined = imported.sessions.iter().filter(|session| session.written > 0);
    let changed = joined.filter_map(|session| {
        let path = session.path.as_ref().filter(|path| !written.contains(path))?;
        Some(NewEvent::about(EventKind::NoteChanged, path.as_str()))
    });
    opened.chain(changed).collect()
}
