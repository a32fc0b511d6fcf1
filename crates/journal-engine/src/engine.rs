//! The engine: everything that can be asked of one vault, on one page.
//!
//! Reading happens on the caller's thread. Writing is sent to the [writer](crate::writer), and waited for.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use journal_coord::{AgentSeen, Bounds, Retention};
use journal_embed::Manner;
use journal_model::{NoteRef, VaultPath};
use journal_vault::{StateDir, Vault};

use crate::{
    AppendError, AppendThought, Appended, Checked, DrawGraph, DrawGraphError, EmbedNotesError, Embedded, Embedding,
    Examined, Exported, FoundLink, GraphDrawn, Hydrate, Hydrated, Import, ImportError, Imported, IndexStanding,
    LastRun, Lead, LeaderStanding, LinksError, Listed, Loose, ModelChoice, ModelSettings, ModelStanding, ModelUse,
    NewId, NewIdError, NoteLinks, Progress, Reindex, ReindexError, Reindexed, Related, RelatedError, RelatedNotes,
    Relocate, RelocateError, Relocated, ResolveError, Search, SearchError, Searched, SessionFilter, SessionRefError,
    Sessions, Shown, Similar, Stop, TagCount, TagsError, Ticket, Trouble, UpdateSession, UpdateSessionError,
    UpdatedSession, ViewsChange, ViewsError,
    clock::Source,
    core::Core,
    leader::Leader,
    writer::{Command, Writer},
};

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The agent; the call is its heartbeat.
    pub agent: AgentSeen,
    /// Whether the id outlives this process. One that does not holds nothing after its call.
    pub lasting: bool,
    /// Whether this process serves calls until it ends. One that does not gives its leases over to time.
    pub serving: bool,
}

/// What the engine is made of.
pub struct Parts {
    /// The notes.
    pub vault: Vault,
    /// Locks and databases; absent where the vault was never written to by us, which only reading allows.
    pub state: Option<StateDir>,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
    /// Settings.
    pub settings: Settings,
}

/// The engine's settings, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder for new sessions, inside the vault.
    pub thinking_folder: String,
    /// How long thinking ownership lasts without a call.
    pub ownership: Duration,
    /// How long a call waits for its turn to write.
    pub patience: Duration,
    /// How long a call waits for other processes that write to `state.db`.
    pub state_patience: Duration,
    /// How many writes of this process may wait for their turn; who sends more waits.
    pub queue: usize,
    /// Where models are found.
    pub models: ModelSettings,
    /// How many locks and claims may be held.
    pub bounds: Bounds,
    /// How much is kept of what agents did.
    pub retention: Retention,
}

impl Default for Settings {
    /// `Thinking`, 15 minutes, 30 and 10 seconds, 64 writes.
    fn default() -> Self {
        Self {
            thinking_folder: "Thinking".to_owned(),
            ownership: Duration::from_secs(15 * 60),
            patience: Duration::from_secs(30),
            state_patience: journal_coord::Coord::BUSY_DEADLINE,
            queue: 64,
            models: ModelSettings::default(),
            bounds: Bounds::default(),
            retention: Retention::default(),
        }
    }
}

/// One vault, read and written. Dropped, it finishes what it was sent.
pub struct Engine {
    pub(crate) core: Arc<Core>,
    /// Before the writer, because what it finds is stored by it.
    leader: OnceLock<Leader>,
    pub(crate) writer: Arc<Writer>,
}

impl Engine {
    /// An engine over its parts. Opens nothing.
    pub fn new(parts: Parts) -> Self {
        let core = Arc::new(Core::new(parts));
        let writer = Arc::new(Writer::new(Arc::clone(&core)));
        Self { core, leader: OnceLock::new(), writer }
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.core.vault
    }

    /// Where this vault's databases lie.
    pub fn state_path(&self) -> Option<PathBuf> {
        self.core.state.as_ref().map(|state| state.path().to_owned())
    }

    /// Appends a thought. When this returns `Ok`, the thought is on the disk and survives a power cut.
    ///
    /// # Errors
    /// Says why no thought was written.
    pub fn append(&self, request: &AppendThought) -> Result<Appended, AppendError> {
        self.append_later(request.clone()).wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// [`Engine::append`] to be waited for later, by a thread or a task. Blocks only while the writer's queue is full. The
    /// ticket gives `None` when the writer ended before it answered.
    pub fn append_later(&self, request: AppendThought) -> Ticket<Result<Appended, AppendError>> {
        self.writer.send(|reply| Command::Append(request, reply))
    }

    /// What [`Engine::append`] would write, written nowhere.
    ///
    /// # Errors
    /// As [`Engine::append`], but for what only writing can meet; who holds the line is not looked at.
    pub fn preview_append(&self, request: &AppendThought) -> Result<Appended, AppendError> {
        self.core.preview_append(request)
    }

    /// Changes a session note. When this returns `Ok`, the change is on the disk.
    ///
    /// # Errors
    /// Says why the note is as it was.
    pub fn update_session(&self, request: &UpdateSession) -> Result<UpdatedSession, UpdateSessionError> {
        let ticket = self.writer.send(|reply| Command::UpdateSession(request.clone(), reply));
        ticket.wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// Moves a note. A session that lies in a folder of its own moves with the folder.
    ///
    /// When this returns `Ok`, the move is on the disk, and so is every rewritten link.
    ///
    /// # Errors
    /// Says why nothing was moved, or what kept the move from being finished: the same again finishes it.
    pub fn relocate(&self, request: &Relocate) -> Result<Relocated, RelocateError> {
        let ticket = self.writer.send(|reply| Command::Relocate(request.clone(), reply));
        ticket.wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// Imports sessions from elsewhere. Nothing that is there is overwritten, and what is there already is passed over. When this
    /// returns `Ok`, every note of it is on the disk.
    ///
    /// # Errors
    /// Says why not all was imported. What was written by then is whole, and the same import again finishes it.
    pub fn import(&self, request: Import) -> Result<Imported, ImportError> {
        let ticket = self.writer.send(|reply| Command::Import(Box::new(request), reply));
        ticket.wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// What [`Engine::import`] would write, written nowhere.
    ///
    /// # Errors
    /// As [`Engine::import`], but for what only writing can meet; who holds a line is not looked at.
    pub fn preview_import(&self, request: &Import) -> Result<Imported, ImportError> {
        self.core.preview_import(request)
    }

    /// Puts a flowchart of a session into its note, in place of the one that was there; or takes it out. Every byte outside of its
    /// block is kept. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// Says why the note is as it was.
    pub fn draw_graph(&self, request: &DrawGraph) -> Result<GraphDrawn, DrawGraphError> {
        let ticket = self.writer.send(|reply| Command::DrawGraph(request.clone(), reply));
        ticket.wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// Writes `Journal.base` into the folder of sessions. One that is there as we wrote it is brought up to date.
    ///
    /// # Errors
    /// When somebody changed it, or it cannot be written.
    pub fn install_views(&self) -> Result<ViewsChange, ViewsError> {
        self.views(true)
    }

    /// Removes `Journal.base`, if it is as we wrote it.
    ///
    /// # Errors
    /// When somebody changed it, or it cannot be removed.
    pub fn remove_views(&self) -> Result<ViewsChange, ViewsError> {
        self.views(false)
    }

    fn views(&self, install: bool) -> Result<ViewsChange, ViewsError> {
        let ticket = self.writer.send(|reply| Command::Views { install, reply });
        ticket.wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// Reads a session with the whole text of all its notes. Works without any database.
    ///
    /// # Errors
    /// When the ref names no one session, or the vault cannot be read.
    pub fn export(&self, reference: &NoteRef) -> Result<Exported, SessionRefError> {
        self.mending(|| self.core.export(reference))
    }

    /// Loads a session to continue it. Works without any database.
    ///
    /// # Errors
    /// When the ref names no one session, or the vault cannot be read.
    pub fn hydrate(&self, request: &Hydrate) -> Result<Hydrated, SessionRefError> {
        self.mending(|| self.core.hydrate(request))
    }

    /// Reads the one note that a ref names.
    ///
    /// # Errors
    /// When it names none, or several.
    pub fn show(&self, reference: &NoteRef) -> Result<Shown, ResolveError> {
        self.mending(|| self.core.show(reference))
    }

    /// Lists the sessions by one walk over all heads.
    ///
    /// # Errors
    /// When the vault cannot be walked.
    pub fn sessions(&self, filter: &SessionFilter) -> Result<Sessions, Trouble> {
        self.core.sessions(filter)
    }

    /// Brings the index up to date with the vault; builds it when there is none. Never writes to a note.
    ///
    /// `progress` is told now and then, on this thread.
    ///
    /// # Errors
    /// Says why the index is not up to date. What was indexed by then stays; the next run goes on from there.
    pub fn reindex(&self, request: &Reindex, progress: &dyn Fn(Progress)) -> Result<Reindexed, ReindexError> {
        self.core.reindex(&self.writer, request, progress)
    }

    /// Has the chosen model make a vector of every text that has none, so that it is found by its meaning. One process at a time
    /// does; `wait` is how long another one is waited for. What was stored by then stays, and the next run goes on from there.
    ///
    /// `progress` is told now and then, on this thread.
    ///
    /// # Errors
    /// Says why not all texts have a vector; that it was told to stop is one reason.
    pub fn embed(&self, wait: Duration, stop: &Stop, progress: &dyn Fn(Progress)) -> Result<Embedded, EmbedNotesError> {
        self.core.embed(&self.writer, wait, stop, progress)
    }

    /// Leads as soon as no other process of this vault does, and for as long as the engine lives: watches the vault, brings the
    /// index up to date with what changes there, and has the model make vectors on a thread of low priority, the newest
    /// thoughts first. Called again it does nothing.
    pub fn lead(&self, lead: Lead) {
        self.leader.get_or_init(|| Leader::start(&self.core, &self.writer, lead));
    }

    /// How the vault is watched, by whichever process; `None` when none ever did.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn leader(&self) -> Result<Option<LeaderStanding>, Trouble> {
        self.core.leader()
    }

    /// How the last run of a schedule went; `None` when none ever ran.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn last_run(&self) -> Result<Option<LastRun>, Trouble> {
        self.core.last_run()
    }

    /// Writes down how a run of a schedule went. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_last_run(&self, run: &LastRun) -> Result<(), Trouble> {
        self.core.set_last_run(run)
    }

    /// What this process does about vectors in the background.
    pub fn embedding(&self) -> Embedding {
        self.leader.get().map(Leader::embedding).unwrap_or_default()
    }

    /// Pauses making vectors in the background, or goes on; for all processes on this vault, until it is said again.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn pause_embedding(&self, paused: bool) -> Result<(), Trouble> {
        self.core.state()?.set_paused(paused)?;
        self.core.news.tell();
        Ok(())
    }

    /// How many texts have a vector of the chosen model; `None` where there is no index. It looks at all texts.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn embedded(&self) -> Result<Option<Embedded>, Trouble> {
        self.core.embedded()
    }

    /// Where models and what computes them are found.
    pub fn model_settings(&self) -> &ModelSettings {
        &self.core.settings.models
    }

    /// Chooses the model of this vault, on this machine, after it has embedded a text to try it. Its vectors are made by the
    /// next [`Engine::embed`], or in the background; until they all are, search keeps to those of the model before. Answers how
    /// the model is used.
    ///
    /// # Errors
    /// When it does not work, or the choice cannot be written down.
    pub fn use_model(&self, choice: &ModelChoice) -> Result<Manner, EmbedNotesError> {
        self.core.use_model(choice)
    }

    /// Which model was chosen. The choice belongs to this vault on this machine.
    ///
    /// # Errors
    /// When the state directory cannot be read.
    pub fn chosen_model(&self) -> Result<ModelChoice, Trouble> {
        self.core.chosen_model()
    }

    /// Which model was chosen, and how far each one's vectors are. It looks at all texts.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn model_standing(&self) -> Result<ModelStanding, Trouble> {
        self.core.model_standing()
    }

    /// Reads every note and compares it with the index. Writes nothing.
    ///
    /// # Errors
    /// When the vault or the index cannot be read.
    pub fn check_index(&self, progress: &dyn Fn(Progress)) -> Result<Checked, ReindexError> {
        self.core.check_index(progress)
    }

    /// Searches by words. Reads no note; of those that are told, it looks whether their files are there.
    ///
    /// # Errors
    /// When there is nothing to search for, or no index. No query is malformed.
    pub fn search(&self, request: &Search) -> Result<Searched, SearchError> {
        self.mending(|| self.core.search(request))
    }

    /// The notes that are like a note: by meaning where texts have vectors, else by words. It needs no model where the note
    /// has vectors.
    ///
    /// # Errors
    /// When the ref names no one note, or there is no index.
    pub fn related(&self, request: &Related) -> Result<RelatedNotes, RelatedError> {
        self.mending(|| self.core.related(request))
    }

    /// What was thought before that a thought which was appended, or would be, says again; and where it begins a session, the
    /// sessions that are like it. Ask when the append is answered: it costs that nothing, and fails nothing. Without an index
    /// nothing is known to be similar.
    pub fn similar(&self, appended: &Appended, model: ModelUse) -> Similar {
        self.mending(|| self.core.similar(appended, model))
    }

    /// The links out of a note and to it.
    ///
    /// # Errors
    /// When the ref names no one note, or there is no index.
    pub fn links(&self, reference: &NoteRef) -> Result<NoteLinks, LinksError> {
        self.mending(|| self.core.links(reference))
    }

    /// At most `limit` links of the vault that lead nowhere, or may lead to several notes; by note and line.
    ///
    /// # Errors
    /// When there is no index.
    pub fn loose_links(&self, what: Loose, limit: usize) -> Result<Listed<FoundLink>, LinksError> {
        self.core.loose_links(what, limit)
    }

    /// At most `limit` notes that neither link to another note nor are linked to, by path.
    ///
    /// # Errors
    /// When there is no index.
    pub fn orphans(&self, limit: usize) -> Result<Listed<VaultPath>, LinksError> {
        self.core.orphans(limit)
    }

    /// Every tag of the vault, the most used first.
    ///
    /// # Errors
    /// When there is no index.
    pub fn tags(&self) -> Result<Vec<TagCount>, TagsError> {
        self.core.tags()
    }

    /// How the index stands, without a look at any note; `None` when there is none that this program can read.
    ///
    /// # Errors
    /// When it is damaged, or made by a newer program.
    pub fn index_standing(&self) -> Result<Option<IndexStanding>, Trouble> {
        self.core.index_standing()
    }

    /// Sets the index aside, which is damaged, and builds another.
    ///
    /// # Errors
    /// As [`Engine::reindex`].
    pub fn rebuild_index(&self, progress: &dyn Fn(Progress)) -> Result<Reindexed, ReindexError> {
        self.core.rebuild_index(&self.writer, progress)
    }

    /// Looks for what is not in order. Writes nothing, and works without an index.
    ///
    /// # Errors
    /// When the vault or a database cannot be looked at.
    pub fn examine(&self) -> Result<Examined, ReindexError> {
        self.core.examine()
    }

    /// Mends what is safe to mend: temporary files of processes that are gone, an index that is old, damaged or missing, one
    /// that was set aside. Nothing in a note changes.
    ///
    /// # Errors
    /// As [`Engine::reindex`].
    pub fn mend(&self, examined: &Examined, progress: &dyn Fn(Progress)) -> Result<(), ReindexError> {
        self.core.mend(&self.writer, examined, progress)
    }

    /// Gives a note an id of its own, in place of one that another note has too. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// Says why the note keeps its id.
    pub fn give_new_id(&self, path: &VaultPath) -> Result<NewId, NewIdError> {
        let ticket = self.writer.send(|reply| Command::NewId(path.clone(), reply));
        ticket.wait().unwrap_or_else(|| Err(Trouble::WriterGone.into()))
    }

    /// Reads, and has the writer look at the notes of which the index was found to know something wrong.
    fn mending<T>(&self, read: impl FnOnce() -> T) -> T {
        let value = read();
        let stale = self.core.take_stale();
        if !stale.is_empty() && self.core.has_index() {
            self.writer.post(Command::Look(stale));
        }
        value
    }
}
