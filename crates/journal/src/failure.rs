//! Why a command failed: every error that can reach the rim, as it came.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use journal_clients::HookInputError;
use journal_engine::{
    AgentId, AgentIdError, AppendError, ClaimPathsError, DrawGraphError, EmbedNotesError, GlobError, IdentifyError,
    ImportError, LinksError, MarkerName, ModelFilesError, NamedLockError, NewIdError, OpenError, ReindexError,
    RelatedError, RelocateError, ResolveError, SearchError, SessionRefError, StateDirError, TagsError, Trouble,
    UpdateAgentError, UpdateSessionError, ViewsError,
};
use journal_mcp::{UnknownTool, stdio::StdioError};
use journal_model::{NoteId, NoteRefError, ThoughtNumber};

use crate::{
    commands::{hook::LeftAlone, schedule::ScheduleError},
    config::{CONFIG, ConfigError},
    environment::NotText,
    import_file::ImportFileError,
    output::OutputError,
    token_file::TokenFileError,
};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line asks for something that makes no sense.
    #[error(transparent)]
    Usage(#[from] Usage),
    /// An environment variable.
    #[error(transparent)]
    Variable(#[from] NotText),
    /// A configuration file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The vault or its state.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Who is calling.
    #[error(transparent)]
    Identify(#[from] IdentifyError),
    /// A note was not found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// A session was not found.
    #[error(transparent)]
    Session(#[from] SessionRefError),
    /// A thought was not appended.
    #[error("{error}")]
    Append {
        /// Why.
        #[source]
        error: Box<AppendError>,
        /// The newest thought of the main line, which a branch could leave.
        newest: Option<ThoughtNumber>,
    },
    /// A session was not changed.
    #[error(transparent)]
    Update(Box<UpdateSessionError>),
    /// A note was not moved.
    #[error(transparent)]
    Relocate(Box<RelocateError>),
    /// Not all was imported.
    #[error(transparent)]
    Import(Box<ImportError>),
    /// A file to import from.
    #[error(transparent)]
    ImportFile(#[from] ImportFileError),
    /// `Journal.base` is as it was.
    #[error(transparent)]
    Views(#[from] ViewsError),
    /// A session's note is as it was.
    #[error(transparent)]
    Graph(Box<DrawGraphError>),
    /// A file outside the vault that is not to be replaced.
    #[error("`{}` is there already", .path.display())]
    FileThere {
        /// The file.
        path: PathBuf,
    },
    /// The index is not up to date.
    #[error(transparent)]
    Reindex(#[from] ReindexError),
    /// Not all notes have vectors.
    #[error(transparent)]
    Embed(Box<EmbedNotesError>),
    /// The files of a model are not at hand.
    #[error(transparent)]
    Model(#[from] ModelFilesError),
    /// A model is not to be removed.
    #[error("the model `{name}` is in use by this vault{}", shared.as_ref().map(|other| format!(", and `{other}` lies in the same files")).unwrap_or_default())]
    ModelInUse {
        /// Its name.
        name: String,
        /// The one that was to be removed, where that is another.
        shared: Option<String>,
    },
    /// Nothing was searched.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// No links are known.
    #[error(transparent)]
    Links(#[from] LinksError),
    /// No related notes are known.
    #[error(transparent)]
    Related(#[from] RelatedError),
    /// No tags are known.
    #[error(transparent)]
    Tags(#[from] TagsError),
    /// A note keeps its id.
    #[error(transparent)]
    NewId(Box<NewIdError>),
    /// A lock was not acquired, renewed or released.
    #[error(transparent)]
    Lock(#[from] NamedLockError),
    /// Paths were not claimed.
    #[error(transparent)]
    Claim(#[from] ClaimPathsError),
    /// An agent stays as it is.
    #[error(transparent)]
    Agent(#[from] UpdateAgentError),
    /// A client's hook.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// A marker is not set.
    #[error("agent `{agent}` has no marker `{name}`")]
    NoMarker {
        /// The marker.
        name: MarkerName,
        /// Whose it would be.
        agent: AgentId,
    },
    /// Files or databases.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// A file outside the vault.
    #[error("cannot {attempted} `{}`", .path.display())]
    File {
        /// What was attempted.
        attempted: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Nothing is served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A client is not set up.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A schedule is as it was.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The answer could not be printed.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Why the configuration of a client is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It keeps more in that file, and writes it itself all the time.
    #[error("the configuration of {client} for all projects is written by {client} itself")]
    Own {
        /// The client.
        client: &'static str,
        /// Its own command.
        command: String,
    },
    /// Nobody knows where.
    #[error("nothing says where the configuration of {client} lies: `HOME` is not set")]
    NoHome {
        /// The client.
        client: &'static str,
    },
    /// It cannot be kept as it is around the change.
    #[error("`{}` is left as it is: {problem}", .path.display())]
    Left {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        problem: ConnectProblem,
        /// What would have been written, to be put there by hand.
        entry: String,
    },
}

/// What is in the way of a change that keeps everything else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectProblem {
    /// With comments it is not.
    #[error("it is not plain JSON, and what is more in it, such as comments, would be lost")]
    NotPlainJson,
    /// Not even with comments.
    #[error("it is not TOML")]
    NotToml,
    /// Something else stands where servers are listed.
    #[error("{0} is not what it should be")]
    Shape(&'static str),
    /// The entry that is there is of a server that is reached in the other way.
    #[error("its entry for this server has `{0}`, which goes with the other way to reach it; take that out first")]
    OtherKind(&'static str),
}

/// What makes no sense in a command line that clap accepts.
#[derive(Debug, thiserror::Error)]
pub enum Usage {
    /// Neither a ref nor a path.
    #[error("which session? give its id, a part of it, its name, or `--path`")]
    NoReference,
    /// A path that is none.
    #[error(transparent)]
    Reference(#[from] NoteRefError),
    /// A title for a session, with a thought that begins none.
    #[error("`--title` names a session that begins, and thought {0} begins none")]
    TitleWithoutStart(ThoughtNumber),
    /// No text, and nobody to ask.
    #[error("what is the thought? standard input is a terminal, and neither `VISUAL` nor `EDITOR` is set")]
    NoText,
    /// The editor ended with an error.
    #[error("the editor `{editor}` ended with {status}; nothing was written")]
    Editor {
        /// The command.
        editor: String,
        /// How it ended.
        status: String,
    },
    /// What belongs to an agent, asked for by nobody in particular.
    #[error("whose {0}? nothing says who is calling")]
    Nobody(&'static str),
    /// Standard input is no text.
    #[error("standard input is not UTF-8")]
    InputNotText,
    /// A path or glob that is none, or lies elsewhere.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// A process that does not run.
    #[error("no process with the id {0} runs here")]
    NoSuchProcess(u32),
    /// A folder for a demonstration that has something in it.
    #[error("`{}` is not empty, and `--demo` fills a new folder", .0.display())]
    DemoNeedsNewFolder(PathBuf),
}

impl From<GlobError> for Failure {
    fn from(error: GlobError) -> Self {
        Usage::from(error).into()
    }
}

impl From<EmbedNotesError> for Failure {
    fn from(error: EmbedNotesError) -> Self {
        Self::Embed(Box::new(error))
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        Self::Append { error: Box::new(error), newest: None }
    }
}

impl From<UpdateSessionError> for Failure {
    fn from(error: UpdateSessionError) -> Self {
        Self::Update(Box::new(error))
    }
}

impl From<RelocateError> for Failure {
    fn from(error: RelocateError) -> Self {
        Self::Relocate(Box::new(error))
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::Import(Box::new(error))
    }
}

impl From<DrawGraphError> for Failure {
    fn from(error: DrawGraphError) -> Self {
        Self::Graph(Box::new(error))
    }
}

impl From<NewIdError> for Failure {
    fn from(error: NewIdError) -> Self {
        Self::NewId(Box::new(error))
    }
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A tool that is none.
    #[error(transparent)]
    Tool(#[from] UnknownTool),
    /// No thread for it.
    #[error("cannot start serving")]
    Runtime(#[source] io::Error),
    /// Serving ended.
    #[error(transparent)]
    Stdio(#[from] StdioError),
    /// An address for others, without being asked twice.
    #[error("`--bind {0}` lets other machines in, and nothing that is sent is encrypted")]
    OpenToOthers(IpAddr),
    /// Nobody can call there.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The process there, if it is a server of the same vault.
        own: Option<u32>,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Nothing says where the log goes.
    #[error("the log of a vault that nobody ever wrote to has no place yet")]
    NoLogPlace,
    /// The secret.
    #[error(transparent)]
    Token(#[from] TokenFileError),
}

/// What goes wrong around hooks.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Standard input cannot be read.
    #[error("standard input cannot be read")]
    Unreadable(#[source] io::Error),
    /// What the client said is not understood.
    #[error(transparent)]
    Input(#[from] HookInputError),
    /// Its conversation cannot be an agent.
    #[error("the client's `session_id` cannot be used")]
    Session(#[from] AgentIdError),
    /// Nothing says where clients keep their settings.
    #[error("nothing says where the client keeps its settings: `HOME` is not set")]
    NoHome,
    /// A client's file was left as it is.
    #[error("`{}` was left as it is: {why}", .path.display())]
    Left {
        /// The file.
        path: PathBuf,
        /// Why.
        why: LeftAlone,
    },
    /// There are two hooks of others.
    #[error("`{}` is there already, with {lines} lines that are not those of the hook beside it", .path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// How long it is.
        lines: usize,
    },
    /// Git cannot be asked.
    #[error("git cannot be run")]
    Git(#[source] io::Error),
    /// Git does not answer.
    #[error("git says: {0}")]
    GitSaid(String),
}

/// Why there is no vault to work on.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Nothing says which.
    #[error("there is no vault in `{}` or in a folder above it", .folder.display())]
    NoVault {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The folder is none, or cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The platform does not say where state goes.
    #[error("nothing says where the state of a vault goes: `HOME` is not set")]
    NoDataHome,
    /// A vault lay in the folder, and is not there.
    #[error("a vault lay in `{}` before, and the folder has no `{CONFIG}` now", .root.display())]
    WasThere {
        /// The folder.
        root: PathBuf,
    },
    /// The settings are there, without the id.
    #[error("`{CONFIG}` has no `id`")]
    NoId {
        /// One that it could have.
        fresh: NoteId,
    },
    /// The state cannot be opened.
    #[error(transparent)]
    State(#[from] StateDirError),
}
