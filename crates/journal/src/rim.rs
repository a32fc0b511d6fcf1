//! The rim: every error that reaches it becomes a kind, an exit code, a stable code for programs, and hints that say what to
//! type next. Exhaustive: no arm catches the rest, so that a new error finds its place here before it compiles.

mod coordination;
mod documents;
mod engine;
mod files;
mod index;
mod models;
mod schedule;

use std::{io, net::SocketAddr, path::Path};

pub use journal_engine::with_causes as message;
use journal_engine::{Conflict, Held, NamedNote};
use journal_model::{ThoughtNumber, VaultPath};

use crate::{
    commands::hook::LeftAlone,
    failure::{ConnectError, Failure, HookError, PlaceError, ServeError, Usage},
    text::{Style, Text, one_line, quoted, short, time::Clock},
    token_file::TokenFileError,
};

/// How a command ended, as its exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Ok,
    /// Nothing has that id, name, number or path.
    NotFound,
    /// The command line, the configuration, or the surroundings (no vault, a full disk) must change.
    Usage,
    /// An edit or a commit is refused, which clients and git understand by this code.
    Refused,
    /// Somebody else holds it, is writing, or was there first.
    Conflict,
    /// Finished, but some notes could not be read or written.
    Partial,
    /// `journal` is wrong.
    Bug,
    /// As the command that `journal lock run` ran.
    Command(u8),
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::NotFound => 1,
            Self::Usage | Self::Refused => 2,
            Self::Conflict => 3,
            Self::Partial => 4,
            Self::Bug => 70,
            Self::Command(code) => code,
        }
    }

    /// What it means, for the manual.
    pub fn about(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::NotFound => "nothing found: no note, number or branch like that; no note that fits a search",
            Self::Usage => "usage, configuration or surroundings: a vault that is not there, a full or read-only disk",
            Self::Refused => "an edit or a commit is refused, by `journal hook`",
            Self::Conflict => "busy, held or conflicting: another agent, another process, another note",
            Self::Partial => {
                "finished, but some notes could not be read or written; `doctor`: not all is well; `reindex --check`: they \
                 differ"
            }
            Self::Bug => "a bug in `journal`",
            Self::Command(_) => "as the command that `journal lock run` ran",
        }
    }
}

/// An error, ready to be told.
#[derive(Debug)]
pub struct Told {
    /// How the command ends.
    pub exit: Exit,
    /// The stable name, for programs.
    pub code: &'static str,
    /// What went wrong, in a line.
    pub message: String,
    /// What to type next.
    pub hints: Vec<String>,
    /// What programs want to know beside the message.
    pub facts: Facts,
}

/// What programs want to know of some errors.
#[derive(Debug, Default)]
pub struct Facts {
    /// Notes that may have been meant, or among which to choose.
    pub candidates: Vec<NamedNote>,
    /// Notes that stand in the way.
    pub paths: Vec<VaultPath>,
    /// The next free number.
    pub next_number: Option<ThoughtNumber>,
    /// Who holds it.
    pub held: Option<Held>,
    /// Claims of others that are in the way.
    pub conflicts: Vec<Conflict>,
}

/// What a hint needs to know of the moment.
pub struct Moment<'a> {
    /// By which clock to tell times.
    pub clock: &'a Clock,
    /// What was typed.
    pub typed: Typed,
}

/// A command around its note ref: what stands before it, and what must stand after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed {
    /// `journal think --session`.
    pub before: &'static str,
    /// ` "…"`, or nothing.
    pub after: &'static str,
}

impl Typed {
    /// The command with another ref.
    fn again(self, reference: &str) -> String {
        format!("{} {reference}{}", self.before, self.after)
    }
}

impl Told {
    fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), hints: Vec::new(), facts: Facts::default() }
    }

    /// An error of usage as clap tells it.
    pub fn usage(said: &str) -> Self {
        let mut lines = said.lines();
        let first = lines.next().unwrap_or_default().trim_start_matches("error: ");
        let told = Self::new(Exit::Usage, "usage", first);
        lines.map(str::trim).filter(|line| !line.is_empty()).fold(told, |told, line| told.hint(line))
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn candidates(mut self, candidates: &[NamedNote]) -> Self {
        self.facts.candidates = candidates.to_vec();
        self
    }

    fn paths(mut self, paths: &[VaultPath]) -> Self {
        self.facts.paths = paths.to_vec();
        self
    }

    /// The error as text: the message, then a line a hint.
    pub fn text(&self) -> Text {
        let mut text = Text::new();
        text.add(Style::Alert, "error: ").plain(self.message.clone()).end();
        for hint in &self.hints {
            text.faint("  hint: ").plain(hint.clone()).end();
        }
        text
    }
}

/// How a command ends that failed so.
pub fn exit_of(failure: &Failure, clock: &Clock) -> Exit {
    tell(failure, &Moment { clock, typed: Typed { before: "journal show", after: "" } }).exit
}

/// What to type next after something failed so in the midst of a command.
pub fn hints_of(failure: &Failure, clock: &Clock) -> Vec<String> {
    tell(failure, &Moment { clock, typed: Typed { before: "journal show", after: "" } }).hints
}

/// Maps an error.
pub fn tell(failure: &Failure, moment: &Moment<'_>) -> Told {
    let usage = |code| Told::new(Exit::Usage, code, message(failure));
    match failure {
        Failure::Usage(error) => of_usage(error, usage("usage")),
        Failure::Variable(error) => usage("environment").hint(format!("set `{}` to text, or unset it", error.name)),
        Failure::Config(error) => usage("config").hint(format!(
            "correct line {} of `{}`; all keys: journal reference configuration",
            error.line, error.file
        )),
        Failure::Place(error) => of_place(error, usage("vault")),
        Failure::Identify(_) => usage("agent").hint("name an agent by a line of text: --agent otter"),
        Failure::Resolve(error) => engine::of_resolve(error, moment),
        Failure::Session(error) => engine::of_session(error, moment),
        Failure::Append { error, newest } => engine::of_append(error, *newest, moment),
        Failure::Update(error) => engine::of_update(error, moment),
        Failure::Relocate(error) => engine::of_relocate(error, moment),
        Failure::Import(error) => documents::of_import(error, moment),
        Failure::ImportFile(error) => documents::of_import_file(error),
        Failure::Views(error) => documents::of_views(error),
        Failure::Graph(error) => documents::of_graph(error, moment),
        Failure::FileThere { .. } => Told::new(Exit::Conflict, "file_there", message(failure))
            .hint("replace it with --force, or name another: --output FILE"),
        Failure::Reindex(error) => index::of_reindex(error),
        Failure::Embed(error) => index::of_embed(error),
        Failure::Model(error) => models::of_files(error),
        Failure::ModelInUse { .. } => Told::new(Exit::Conflict, "in_use", message(failure))
            .hint("choose another one first: journal model use built-in")
            .hint("then make its vectors: journal reindex"),
        Failure::Search(error) => index::of_search(error, moment),
        Failure::Links(error) => index::of_links(error, moment),
        Failure::Related(error) => index::of_related(error, moment),
        Failure::Tags(error) => index::of_tags(error),
        Failure::NewId(error) => index::of_new_id(error),
        Failure::Lock(error) => coordination::of_lock(error, moment),
        Failure::Claim(error) => coordination::of_claim(error, moment),
        Failure::Agent(error) => coordination::of_agent(error),
        Failure::Hook(error) => of_hook(error, usage("hook")),
        Failure::NoMarker { .. } => {
            Told::new(Exit::NotFound, "no_marker", message(failure)).hint("see which are set: journal marker list")
        }
        Failure::Trouble(error) => files::of_trouble(error),
        Failure::Serve(error) => of_serve(error),
        Failure::Connect(error) => of_connect(error),
        Failure::Schedule(error) => schedule::of_schedule(error),
        Failure::File { attempted, path, source } => usage("file").hint(of_file(attempted, path, source)),
        Failure::Output(_) => {
            usage("output").hint("what the command did is done; only its answer could not be printed")
        }
    }
}

/// What to do about a file outside the vault.
fn of_file(attempted: &str, path: &Path, error: &io::Error) -> String {
    let folder = path.parent().filter(|folder| attempted == "write" && !folder.is_dir());
    match (error.kind(), folder) {
        (io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded, _) => {
            "make room and try again; nothing was half-written".to_owned()
        }
        (io::ErrorKind::NotFound, Some(folder)) => {
            format!("make the folder first: mkdir -p {}", quoted(&folder.display().to_string()))
        }
        (io::ErrorKind::NotFound, None) if attempted == "read" => {
            "there is no such file: check its name, and the folder you are in".to_owned()
        }
        _ => format!("look at `{}`", path.display()),
    }
}

fn of_usage(error: &Usage, told: Told) -> Told {
    match error {
        Usage::NoReference => told.hint("list them: journal sessions"),
        Usage::Reference(_) => told.hint("a path is given as in the vault, like `Notes/Name.md`"),
        Usage::TitleWithoutStart(_) => {
            told.hint("leave `--title` out, or leave the number out and begin a session with it")
        }
        Usage::NoText => told.hint("give it as an argument or on standard input: journal think \"…\""),
        Usage::Editor { .. } => {
            told.hint("set `EDITOR` to one that waits until you are done, like `vi` or `code --wait`")
        }
        Usage::Nobody(_) => told.hint("say it by any text that stays the same for one conversation: --agent otter"),
        Usage::InputNotText => told.hint("send UTF-8: iconv -t UTF-8 notes.txt | journal think"),
        Usage::Glob(_) => told.hint("a path or glob is relative to where you are: journal claim add 'src/**/*.rs'"),
        Usage::NoSuchProcess(_) => {
            told.hint("give the id of a process that runs here: journal lock acquire NAME --pid $$")
        }
        Usage::DemoNeedsNewFolder(_) => told.hint("journal init --demo my-journal"),
    }
}

fn of_serve(error: &ServeError) -> Told {
    match error {
        ServeError::Tool(_) => Told::new(Exit::Usage, "usage", message(error)).hint("leave `--tools` out to serve all"),
        ServeError::Runtime(_) => Told::new(Exit::Usage, "serve", message(error)).hint("try again; see `ulimit -a`"),
        ServeError::OpenToOthers(address) => Told::new(Exit::Usage, "usage", message(error))
            .hint("from another machine, safely: ssh -L 8377:localhost:8377 THIS-MACHINE")
            .hint(format!(
                "behind something that encrypts, or if you do not mind: journal serve --bind {address} --i-know"
            )),
        ServeError::Listen { address, own, source } if source.kind() == io::ErrorKind::AddrInUse => {
            let told = Told::new(Exit::Conflict, "busy", message(error));
            match own {
                Some(pid) => told
                    .hint("this vault is served there already: journal serve --status")
                    .hint(format!("to end that server: kill {pid}")),
                None => told
                    .hint("another program is there, perhaps the server of another vault; choose another port")
                    .hint(another_port(*address)),
            }
        }
        ServeError::Listen { address, .. } => Told::new(Exit::Usage, "serve", message(error))
            .hint("choose another port or address")
            .hint(another_port(*address)),
        ServeError::NoLogPlace => Told::new(Exit::Usage, "usage", message(error)).hint("say where: --log=FILE"),
        ServeError::Token(error) => of_token(error),
        ServeError::Stdio(_) => {
            Told::new(Exit::Bug, "bug", message(error)).hint("this is a bug in journal: report what you did")
        }
    }
}

fn another_port(address: SocketAddr) -> String {
    format!("journal serve --port {}", address.port().checked_add(1).unwrap_or(8377))
}

fn of_hook(error: &HookError, told: Told) -> Told {
    match error {
        HookError::Input(_) | HookError::Session(_) | HookError::Unreadable(_) => {
            told.hint("clients call this by themselves; how they are told to: journal hook install --client claude")
        }
        HookError::NoHome => told.hint("set `HOME`, or name the project's file: --scope project"),
        HookError::Left { why: LeftAlone::EveryRepository, .. } => {
            told.hint("give this repository hooks of its own: git config core.hooksPath .git/hooks")
        }
        HookError::Left { .. } => told.hint("mend it, or take its comments out, and try again"),
        HookError::Taken { path, .. } => {
            told.hint(format!("move it away: mv {0} {0}.old", quoted(&path.display().to_string())))
        }
        HookError::Git(_) | HookError::GitSaid(_) => told.hint("go to a folder of the repository"),
    }
}

fn of_place(error: &PlaceError, told: Told) -> Told {
    match error {
        PlaceError::NoVault { .. } => Told { code: "no_vault", ..told }
            .hint("see what it is like, in a new folder: journal init --demo my-journal")
            .hint("make this folder one: journal init")
            .hint("name one: journal --vault DIR, `JOURNAL_VAULT`, or `vault` in your configuration (journal config path)"),
        PlaceError::Open(error) => files::of_open(error),
        PlaceError::WasThere { root } => Told { code: "vault_away", ..told }
            .hint("if it lies on a drive: mount that, and try again")
            .hint(format!("to begin a new vault there: journal init {}", quoted(&root.display().to_string()))),
        PlaceError::NoDataHome => told.hint("say where: JOURNAL_DATA_DIR=/some/folder journal …"),
        PlaceError::NoId { fresh } => {
            told.hint(format!("put this line at the top of `{}`: id = \"{fresh}\"", crate::config::CONFIG))
        }
        PlaceError::State(error) => files::of_state(error),
    }
}

fn of_connect(error: &ConnectError) -> Told {
    let told = Told::new(Exit::Usage, "connect", message(error));
    match error {
        ConnectError::Own { command, .. } => {
            told.hint(format!("run it: {command}")).hint("or write that of one project: --scope project")
        }
        ConnectError::NoHome { .. } => told.hint("write that of one project: --scope project"),
        ConnectError::Left { entry, .. } => told.hint(format!("put this in by hand:\n{entry}")),
    }
}

fn of_token(error: &TokenFileError) -> Told {
    let told = Told::new(Exit::Usage, "token", message(error));
    match error {
        TokenFileError::Open { path, .. } => told.hint(format!("chmod 600 {}", quoted(&path.display().to_string()))),
        TokenFileError::NotAToken { path } | TokenFileError::NotAFile { path } => {
            told.hint(format!("take it away, and another is made: mv {0} {0}.old", quoted(&path.display().to_string())))
        }
        TokenFileError::File { path, .. } => told.hint(format!("look at `{}`", path.display())),
    }
}

/// The command again with a note that may have been meant; the comment may be pasted with it.
fn again_with(note: &NamedNote, moment: &Moment<'_>) -> String {
    let reference = note.id.as_ref().map_or_else(|| quoted(note.path.as_str()), short);
    format!("{}  # {} · {}", moment.typed.again(&reference), one_line(&note.title), note.path)
}

#[cfg(test)]
mod tests;
