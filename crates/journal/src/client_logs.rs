//! The logs that clients keep of their conversations, read where they lie. Which is whose is said by the id in its name and by
//! its lines, never by its time.

use std::{
    io,
    path::{Path, PathBuf},
};

use journal_clients::{Client, Transcript, is_log_name};
use journal_engine::{list_folder, read_lines, read_text_file};

use crate::{
    environment::{self, Environment},
    failure::Failure,
};

/// A line that is longer is counted as not readable: nothing that was said is so long, an image may be.
const LONGEST_LINE: usize = 16 << 20;

/// Tokens of a digest that nobody asked for.
pub const WITHOUT_DIGEST: usize = 0;

/// Where clients keep their logs.
pub struct ClientLogs {
    homes: Vec<(Client, PathBuf)>,
}

/// A log that was read.
pub struct Log {
    /// Whose it is.
    pub client: Client,
    /// Where it lies.
    pub path: PathBuf,
    /// What it says.
    pub transcript: Transcript,
}

/// Logs that were found.
pub struct Found {
    /// The logs, by path.
    pub logs: Vec<Log>,
    /// Folders, and logs that may be of anybody, that cannot be read.
    pub passed_over: Vec<Failure>,
}

/// A plan that was found.
pub struct Plan {
    /// Its name, where it has one.
    pub slug: Option<String>,
    /// Its file, where it has one.
    pub path: Option<PathBuf>,
    /// Its text.
    pub text: String,
}

impl ClientLogs {
    /// Those of the person whose environment this is.
    pub fn of(environment: &Environment) -> Self {
        let home = |own, below: &str| {
            environment.path(own).or_else(|| Some(environment.path(&environment::HOME)?.join(below)))
        };
        let claude = home(&environment::CLAUDE_CONFIG_DIR, ".claude").map(|path| (Client::ClaudeCode, path));
        let codex = home(&environment::CODEX_HOME, ".codex").map(|path| (Client::Codex, path));
        Self { homes: claude.into_iter().chain(codex).collect() }
    }

    /// The logs of a conversation, by its id; the digest of each may have `max_tokens`.
    ///
    /// # Errors
    /// When a log cannot be read that has the name of the conversation's.
    pub fn of_session(&self, session: &str, max_tokens: usize) -> Result<Found, Failure> {
        let (mut logs, mut passed_over) = (Vec::new(), Vec::new());
        for (client, home) in &self.homes {
            for path in files(*client, home, &|name| is_log_name(*client, session, name), &mut passed_over) {
                let transcript = read(*client, &path, session, max_tokens)?;
                if transcript.is_of_session() && transcript.agent.is_none() {
                    logs.push(Log { client: *client, path, transcript });
                }
            }
        }
        Ok(Found { logs, passed_over })
    }

    /// The logs of agents that worked for a conversation. Which they are only the logs say: each is read.
    pub fn of_agents(&self, session: &str, max_tokens: usize) -> Found {
        let (mut logs, mut passed_over) = (Vec::new(), Vec::new());
        for (client, home) in &self.homes {
            let may_be = |name: &str| match client {
                Client::ClaudeCode => name.starts_with("agent-") && name.ends_with(".jsonl"),
                Client::Codex => name.starts_with("rollout-") && name.ends_with(".jsonl"),
            };
            for path in files(*client, home, &may_be, &mut passed_over) {
                match read(*client, &path, session, max_tokens) {
                    Ok(transcript) if transcript.is_of_session() && transcript.agent.is_some() => {
                        logs.push(Log { client: *client, path, transcript });
                    }
                    Ok(_) => {}
                    Err(failure) => passed_over.push(failure),
                }
            }
        }
        Found { logs, passed_over }
    }

    /// The plan of a conversation: the file its log names, else the plan in the log itself.
    ///
    /// # Errors
    /// When the plan's file cannot be read.
    pub fn plan(&self, log: &Log) -> Result<Option<Plan>, Failure> {
        // A name is a name, whatever a log says: it leads nowhere but into the folder of plans.
        let is_name =
            |slug: &&String| slug.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)) && !slug.is_empty();
        let home = self.homes.iter().find(|(client, _)| *client == log.client).map(|(_, home)| home);
        if let (Some(slug), Some(home)) = (log.transcript.slug.as_ref().filter(is_name), home) {
            let path = home.join("plans").join(format!("{slug}.md"));
            if let Some(text) = read_text_file(&path).map_err(|error| failed(&path, error))? {
                return Ok(Some(Plan { slug: Some(slug.clone()), path: Some(path), text }));
            }
        }
        Ok(log.transcript.plan.clone().map(|text| Plan { slug: None, path: None, text }))
    }
}

/// The files below a client's home that may be logs and have such a name, by path.
fn files(client: Client, home: &Path, is_named: &dyn Fn(&str) -> bool, passed_over: &mut Vec<Failure>) -> Vec<PathBuf> {
    // Claude Code: projects/<project>/<id>.jsonl, and agents beside it or in <id>/subagents/. Codex: sessions/<y>/<m>/<d>/.
    let (folder, depth) = match client {
        Client::ClaudeCode => ("projects", 3),
        Client::Codex => ("sessions", 3),
    };
    let mut found = Vec::new();
    walk(&home.join(folder), depth, is_named, &mut found, passed_over);
    found
}

fn walk(
    folder: &Path,
    depth: usize,
    is_named: &dyn Fn(&str) -> bool,
    found: &mut Vec<PathBuf>,
    passed_over: &mut Vec<Failure>,
) {
    let listed = match list_folder(folder) {
        Ok(listed) => listed,
        // It may be another project's, which is no reason not to find this one's.
        Err(error) => return passed_over.push(failed(folder, error)),
    };
    for (name, is_folder) in listed {
        let path = folder.join(&name);
        if is_folder && depth > 0 {
            walk(&path, depth - 1, is_named, found, passed_over);
        } else if !is_folder && is_named(&name) && path.is_file() {
            // Not a pipe, which keeps a reader waiting.
            found.push(path);
        }
    }
}

fn read(client: Client, path: &Path, session: &str, max_tokens: usize) -> Result<Transcript, Failure> {
    let mut transcript = Transcript::new(client, session, max_tokens);
    let done = read_lines(path, LONGEST_LINE, &mut |line| transcript.line(line));
    done.map_err(|error| failed(path, error))?;
    Ok(transcript)
}

fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::File { attempted: "read", path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
