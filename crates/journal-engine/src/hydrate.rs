//! Trip 3: hydrate. A session with its thoughts, packed into a budget: what a new conversation needs to continue it.
//!
//! Thoughts belong by their `session_note_id`; links only lead to notes that have no such property. One walk finds them all,
//! reading heads; then those that fit into the budget, newest first, are read whole where their head was not all of them.

mod links;
mod pack;

use journal_coord::{AgentId, LeaseState, Standing};
use journal_model::{
    BranchSummary, Diagnostic, Line, NoteId, NoteRef, Status, Thought, ThoughtNumber, VaultPath, no_such_branch,
};

use journal_vault::ReadError;

use crate::{
    FoundBy, SessionRefError, Trouble,
    core::Core,
    notes::{Seen, in_note},
};

pub use links::LinkedTarget;

/// What to hydrate, and how much of it.
#[derive(Debug, Clone)]
pub struct Hydrate {
    /// The session, or one of its thoughts.
    pub reference: NoteRef,
    /// One line only, with the thoughts that lead to it.
    pub line: Option<Line>,
    /// Superseded thoughts in full as well.
    pub include_superseded: bool,
    /// The budget, in estimated tokens; `None` for everything.
    pub max_tokens: Option<usize>,
    /// The most thoughts in full.
    pub max_thoughts: Option<usize>,
}

impl Hydrate {
    /// The usual budget, in tokens: fits beside other things in a conversation.
    pub const MAX_TOKENS: usize = 8_000;
}

/// A session, hydrated.
#[derive(Debug, Clone)]
pub struct Hydrated {
    /// Its id.
    pub id: NoteId,
    /// Its note, unless that is gone.
    pub path: Option<VaultPath>,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// What it is about.
    pub project: Option<String>,
    /// When it began, as its note says.
    pub created: Option<String>,
    /// When it was last written, as its note says.
    pub updated: Option<String>,
    /// Its conclusion.
    pub summary: Option<String>,
    /// What a person wrote into its note.
    pub body: Option<String>,
    /// How the ref found it.
    pub found_by: FoundBy,
    /// Its thoughts in reading order.
    pub thoughts: Vec<HydratedThought>,
    /// Thoughts of the lines asked for that are not even named, for want of room.
    pub omitted: usize,
    /// How many thoughts it has on all lines.
    pub total: usize,
    /// The number the next thought gets, of the line asked for, or else of the main line.
    pub next_number: Option<ThoughtNumber>,
    /// Whether the newest thought of that line expects another.
    pub next_needed: bool,
    /// Its branches.
    pub branches: Vec<BranchSummary>,
    /// Who holds its lines.
    pub owners: Vec<Owner>,
    /// Links of the session note that lead to other notes than thoughts.
    pub linked: Vec<LinkedTarget>,
    /// Links of the session note that lead nowhere, as written.
    pub unresolved_targets: Vec<String>,
    /// Links of the session note that more than one note answers to.
    pub ambiguous_targets: Vec<(String, Vec<VaultPath>)>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The estimated tokens of all bodies and titles above.
    pub tokens: usize,
}

/// A thought, hydrated.
#[derive(Debug, Clone)]
pub struct HydratedThought {
    /// Its properties.
    pub thought: Thought,
    /// How it was found to belong.
    pub belongs_by: BelongsBy,
    /// The thought that supersedes it.
    pub superseded_by: Option<ThoughtNumber>,
    /// As much of its text as fits.
    pub text: ThoughtText,
}

/// How a thought was found to belong to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BelongsBy {
    /// Its `session_note_id`.
    Property,
    /// A link of the session note; it has no `session_note_id`.
    Link,
}

/// As much of a thought's text as fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThoughtText {
    /// All of it.
    Whole(String),
    /// Its beginning.
    Cut(String),
    /// Only its title stands for it.
    Title,
}

/// Who holds a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The line.
    pub line: String,
    /// The agent.
    pub agent: AgentId,
    /// Its memorable name.
    pub name: String,
    /// Since when, Unix milliseconds.
    pub since_ms: u64,
    /// Until when without another call, Unix milliseconds.
    pub until_ms: u64,
}

impl Core {
    /// See [`Engine::hydrate`](crate::Engine::hydrate).
    pub(crate) fn hydrate(&self, request: &Hydrate) -> Result<Hydrated, SessionRefError> {
        let found = self.find_session(&request.reference)?;
        let mut notes = found.notes;
        let links = self.follow_links(&mut notes, found.ground)?;
        let seen = found.seen;
        let gathered = &notes.gathered;
        let line = request.line.as_ref().unwrap_or(&Line::Main);
        if let Some(name) = line.branch().filter(|_| gathered.newest_on(line).is_none()) {
            let (session, refusal) = (gathered.id.clone(), no_such_branch(gathered, name));
            return Err(SessionRefError::NoSuchBranch { session, refusal });
        }
        let mut diagnostics = notes.diagnostics.clone();
        let owners = match self.owners(&gathered.id) {
            Ok(owners) => owners,
            Err(trouble) => {
                diagnostics.push(Diagnostic::new(
                    journal_model::DiagnosticCode::Database,
                    format!("who holds this session is not known: {trouble}"),
                    "the thoughts are all here; the database only says who thinks where, and may be removed",
                ));
                Vec::new()
            }
        };
        diagnostics.extend(self.take_index_trouble());
        let path = gathered.session.as_ref().map(|session| &session.path);
        let body = self.session_body(path, &seen, request.max_tokens)?;
        let packed = self.pack(gathered, &seen, &links.thoughts, request, body.as_deref())?;
        diagnostics.extend(packed.diagnostics);
        let session = gathered.session.as_ref();
        Ok(Hydrated {
            id: gathered.id.clone(),
            path: session.map(|session| session.path.clone()),
            title: gathered.title().to_owned(),
            status: gathered.status(),
            project: session.and_then(|session| session.project.clone()),
            created: session.and_then(|session| session.created.clone()),
            updated: session.and_then(|session| session.updated.clone()),
            summary: session.and_then(|session| session.summary.clone()),
            body,
            found_by: found.by,
            thoughts: packed.thoughts,
            omitted: packed.omitted,
            total: gathered.thoughts().len(),
            next_number: gathered.next_number(line, None),
            next_needed: gathered.next_needed(line),
            branches: gathered.branches(),
            owners,
            linked: links.others,
            unresolved_targets: links.unresolved,
            ambiguous_targets: links.ambiguous,
            diagnostics,
            tokens: packed.tokens,
        })
    }

    /// What a person wrote into the session note, cut to a quarter of the budget. The earlier tool's template counts too: a
    /// person may have written between its lines.
    fn session_body(
        &self,
        path: Option<&VaultPath>,
        seen: &[Seen],
        max_tokens: Option<usize>,
    ) -> Result<Option<String>, SessionRefError> {
        let Some(path) = path else { return Ok(None) };
        let body = match self.body(path, seen) {
            Ok(body) => body,
            Err(ReadError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(crate::ResolveError::from(error).into()),
        };
        let body = body.trim();
        let body = max_tokens.map_or(body, |most| journal_model::cut_to_tokens(body, most / 4));
        Ok((!body.is_empty()).then(|| body.to_owned()))
    }

    /// Who holds the lines of a session, by `state.db`. A vault that was never written to has none.
    fn owners(&self, session: &NoteId) -> Result<Vec<Owner>, Trouble> {
        let known = self.state_database().is_some_and(|path| path.exists());
        if !known {
            return Ok(Vec::new());
        }
        let now = self.source.now().unix_ms;
        let prefix = crate::ownership::resources_of(session);
        let coord = self.coord()?;
        let coord = coord.lock();
        let held = coord.leases(&prefix, now)?.into_iter().filter(|state| state.standing == Standing::Held);
        let owner = |state: LeaseState| Owner {
            line: state.lease.resource[prefix.len()..].to_owned(),
            agent: state.lease.holder,
            name: state.holder_name,
            since_ms: state.lease.acquired,
            until_ms: state.lease.expires,
        };
        Ok(held.map(owner).collect())
    }
}

pub(crate) fn unreadable(path: &VaultPath, error: &ReadError) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        journal_model::DiagnosticCode::Unreadable,
        error.to_string(),
        "its title is all that could be shown; look at the file",
    );
    in_note(&diagnostic, path)
}
