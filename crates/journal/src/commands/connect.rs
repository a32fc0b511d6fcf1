//! `journal connect`: how a client is told of the journal.

mod entry;
mod json;
mod toml;

use std::{io, path::PathBuf};

use clap::ValueEnum;
use journal_engine::{read_text_file, write_file_durably};
use journal_mcp::http;

use crate::{
    environment,
    failure::{ConnectError, ConnectProblem, Failure},
    place::{Need, World},
    rim::Exit,
    text::quoted,
};
use entry::{Client, Entry, TOKEN, Way};

/// The server's name in the configuration of every client.
const NAME: &str = "journal";

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal connect claude
  journal connect codex --write
  journal connect cursor --http --scope project"#;

/// Print how a client is told of the journal, or tell it
///
/// Without `--write` this prints what belongs into the client's configuration and changes nothing. The vault is written out, so
/// that the client finds it wherever it is started. With `--http` the client calls `journal serve` instead of starting a
/// process, and takes the token from the variable `JOURNAL_TOKEN`; only Claude Code's own command for all projects keeps it in Claude
/// Code's configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ConnectCommand {
    /// The client
    #[arg(value_name = "CLIENT")]
    client: Client,

    /// Call the server that `journal serve` runs
    #[arg(long)]
    http: bool,

    /// The server's port
    #[arg(long, value_name = "N", requires = "http")]
    port: Option<u16>,

    /// For all your projects, or for the one in the working directory
    #[arg(long, value_name = "SCOPE", default_value = "user")]
    scope: Scope,

    /// Change the client's configuration, and keep everything else in it
    #[arg(long)]
    write: bool,
}

/// What a configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// All projects
    User,
    /// The one in the working directory
    Project,
}

/// A configuration file, and how servers are listed in it.
struct File {
    path: PathBuf,
    with_entry: fn(&str, &str, &str, &Entry) -> Result<String, ConnectProblem>,
    group: &'static str,
}

impl ConnectCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no vault, or the client's configuration cannot be changed without a loss.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let way = self.way(world)?;
        if self.client == Client::Claude && self.scope == Scope::User {
            let command = claude_command(&way);
            if self.write {
                return Err(ConnectError::Own { client: self.client.name(), command }.into());
            }
            world.output.bytes(format!("{command}\n").as_bytes())?;
            self.note_server(world);
            return Ok(Exit::Ok);
        }
        let file = self.file(world)?;
        let entry = self.client.entry(&way);
        let alone = (file.with_entry)("", file.group, NAME, &entry);
        let alone = alone.map_err(|problem| file.left(problem, String::new()))?;
        if !self.write {
            world.output.bytes(alone.as_bytes())?;
            world.output.note(format!(
                "This belongs into `{}`. To have it put there: {} --write",
                file.path.display(),
                self.typed()
            ));
            self.note_server(world);
            return Ok(Exit::Ok);
        }
        let failed = |attempted, source| Failure::File { attempted, path: file.path.clone(), source };
        let old = read_text_file(&file.path).map_err(|source: io::Error| failed("read", source))?;
        let new = (file.with_entry)(old.as_deref().unwrap_or_default(), file.group, NAME, &entry);
        let new = new.map_err(|problem| file.left(problem, alone))?;
        let shown = file.path.display();
        if old.as_ref() == Some(&new) {
            world.output.note(format!("`{shown}` says so already; nothing was changed."));
        } else {
            write_file_durably(&file.path, new.as_bytes(), None).map_err(|source| failed("write", source))?;
            world.output.note(format!("{} finds the journal by `{shown}` when it starts again.", self.client.name()));
        }
        self.note_server(world);
        Ok(Exit::Ok)
    }

    fn way(&self, world: &World) -> Result<Way, Failure> {
        if self.http {
            let port = self.port.unwrap_or(world.config().port.value);
            return Ok(Way::Http { url: format!("http://127.0.0.1:{port}{}", http::PATH) });
        }
        let place = world.open(Need::Reading)?;
        // A file of a project is for everybody who has the project, and their programs lie elsewhere.
        let program = world.environment.program.as_deref().filter(|_| self.scope == Scope::User);
        let vault = place.engine.vault().root().display().to_string();
        Ok(Way::Stdio { program: Way::program(program), vault })
    }

    fn file(&self, world: &World) -> Result<File, ConnectError> {
        let home = || {
            let home = world.environment.path(&environment::HOME);
            home.ok_or(ConnectError::NoHome { client: self.client.name() })
        };
        let base = || match self.scope {
            Scope::User => home(),
            Scope::Project => Ok(world.environment.folder.clone()),
        };
        let json = |path| File { path, with_entry: json::with_entry, group: "mcpServers" };
        Ok(match self.client {
            Client::Claude => json(base()?.join(".mcp.json")),
            Client::Cursor => json(base()?.join(".cursor").join("mcp.json")),
            Client::Codex => {
                let own = world.environment.path(&environment::CODEX_HOME).filter(|_| self.scope == Scope::User);
                let folder = own.map_or_else(|| Ok(base()?.join(".codex")), Ok)?;
                File { path: folder.join("config.toml"), with_entry: toml::with_entry, group: "mcp_servers" }
            }
        })
    }

    /// The command as it was typed.
    fn typed(&self) -> String {
        let port = self.port.map(|port| format!(" --port {port}")).unwrap_or_default();
        let http = if self.http { " --http" } else { "" };
        let scope = if self.scope == Scope::Project { " --scope project" } else { "" };
        format!("journal connect {}{http}{port}{scope}", self.client.typed())
    }

    /// Says what else a client over HTTP needs.
    fn note_server(&self, world: &World) {
        if self.http {
            world.output.note("The server is started by: journal serve");
            if self.client != Client::Claude || self.scope == Scope::Project {
                let name = self.client.name();
                world.output.note(format!(
                    "{name} takes the token from the environment it is started in: export {TOKEN}=\"$(journal serve \
                     --show-token)\""
                ));
            }
        }
    }
}

impl File {
    fn left(&self, problem: ConnectProblem, entry: String) -> ConnectError {
        ConnectError::Left { path: self.path.clone(), problem, entry }
    }
}

/// Claude Code's own command for all projects. The shell puts the token in, so that it is neither shown nor typed.
fn claude_command(way: &Way) -> String {
    match way {
        Way::Stdio { program, vault } => {
            format!("claude mcp add --scope user {NAME} -- {} mcp --vault {}", quoted(program), quoted(vault))
        }
        Way::Http { url } => format!(
            "claude mcp add --scope user --transport http {NAME} {url} --header \"Authorization: Bearer $(journal serve \
             --show-token)\""
        ),
    }
}

#[cfg(test)]
mod tests;
