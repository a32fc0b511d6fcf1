//! `journal mcp`: serve one agent over the Model Context Protocol, on standard input and output.

use std::{path::Path, sync::Arc};

use journal_engine::{Identified, Lead, real_path};
use journal_mcp::{JournalServer, ServeOptions, WorkingPlace, stdio};

use crate::{
    config::Config,
    environment::Environment,
    failure::{Failure, ServeError},
    place::{Need, Place, World},
    rim::{self, Exit},
    workplace::Workplace,
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  claude mcp add journal -- journal mcp --vault ~/Vault
  journal mcp --read-only
  journal mcp --tools sequentialthinking,sequentialthinking_hydrate"#;

/// Serve one agent over MCP, on standard input and output
///
/// For the configuration of a client such as Claude Code, Codex or Cursor, which starts it and stops it. Every thought of the
/// agent is a note on the disk before its call is answered. Any number of clients may each start one on the same vault.
/// Without `--agent` and the variables that clients set, the agent gets an id for as long as this runs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct McpCommand {
    #[command(flatten)]
    served: Served,
}

/// What is served.
#[derive(Debug, clap::Args)]
pub struct Served {
    /// Serve no tool that writes
    #[arg(long)]
    read_only: bool,

    /// Leave it to other processes to watch the notes and to make vectors of them
    #[arg(long)]
    no_watch: bool,

    /// Serve only these tools, with commas between them
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tools: Option<Vec<String>>,
}

impl Served {
    /// What the vault must be opened for.
    pub fn need(&self) -> Need {
        if self.read_only { Need::Reading } else { Need::Writing }
    }

    /// A server for a vault. `shared` where many clients come to one process. It leads so when it is its turn.
    ///
    /// # Errors
    /// When a tool is none, or it cannot be found out where the agent works.
    pub fn server(
        &self,
        vault: Place,
        world: &World,
        agent: Identified,
        shared: bool,
        lead: Lead,
    ) -> Result<JournalServer, Failure> {
        let Config { project, max_tokens, .. } = vault.config;
        let folder = &world.environment.folder;
        let place = if shared { None } else { Some(working_place(world.workplace()?, folder)) };
        let options = ServeOptions {
            agent,
            shared,
            place,
            locate,
            project: project.value,
            max_tokens: usize::try_from(max_tokens.value).unwrap_or(usize::MAX),
            read_only: self.read_only,
            tools: self.tools.clone(),
        };
        let engine = Arc::new(vault.engine);
        let server = JournalServer::new(Arc::clone(&engine), options).map_err(ServeError::from)?;
        if !self.read_only && !self.no_watch {
            engine.lead(lead);
        }
        Ok(server)
    }
}

fn working_place(workplace: Workplace, folder: &Path) -> WorkingPlace {
    let Workplace { project, top, branch } = workplace;
    WorkingPlace { directory: folder.to_owned(), project, top, branch }
}

/// What a directory belongs to that an agent names. The variables of this process say nothing of it.
fn locate(folder: &Path) -> Result<(WorkingPlace, Vec<String>), String> {
    let folder = real_path(folder);
    let environment = Environment::default().in_folder(&folder);
    let (workplace, warnings) = Workplace::of(&environment).map_err(|failure| rim::message(&failure))?;
    Ok((working_place(workplace, &folder), warnings))
}

impl McpCommand {
    /// Runs the command, until the client is gone.
    ///
    /// # Errors
    /// When there is no vault, or serving fails.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let agent = world.served_agent()?;
        let place = world.open(self.served.need())?;
        let server = self.served.server(place, world, agent, false, Lead::default())?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Runtime)?;
        let served = runtime.block_on(stdio::run(server));
        // A read of standard input may never end when it is not a pipe.
        runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        served.map_err(ServeError::from)?;
        Ok(Exit::Ok)
    }
}
