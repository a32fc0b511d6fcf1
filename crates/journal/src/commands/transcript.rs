//! `journal transcript`: the plan and the logs of a conversation, as its client keeps them.

use clap::Subcommand;
use journal_engine::AgentSource;

use crate::{
    client_logs::{ClientLogs, Found, Log, WITHOUT_DIGEST},
    failure::Failure,
    json::{self, TranscriptMissing, versioned},
    place::World,
    rim::{self, Exit},
    text::{counted, table::Table},
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal transcript plan
  journal transcript digest --session 0193e5a0-7c1e-7000-8000-000000000001 --max-tokens 2000"#;

/// The plan and the logs of a conversation, as Claude Code or Codex keeps them
///
/// The conversation is `--session`, else the agent that calls. Logs are read where they lie and found by that id alone, never by
/// which is newest; lines that cannot be read are skipped and counted. What is not found is told as one JSON object on
/// standard error, like `{"error":"no_plan_found", …}`, with exit code 1.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TranscriptCommand {
    #[command(subcommand)]
    verb: Verb,

    /// The client's id of the conversation
    #[arg(long, global = true, value_name = "ID")]
    session: Option<String>,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print its plan
    Plan,
    /// List its logs
    List,
    /// List the logs of the agents that worked for it
    Agents,
    /// Print how it began and what came last, as markdown
    Digest {
        /// The budget, in estimated tokens
        #[arg(long, value_name = "N", default_value_t = 2_000)]
        max_tokens: usize,
    },
}

impl TranscriptCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let identified = world.identified()?;
        let session = match &self.session {
            Some(session) => session.clone(),
            None if identified.source == AgentSource::Generated => {
                return missing("no_session", "", "which conversation? name it: `--session ID`", world);
            }
            None => identified.id.to_string(),
        };
        let logs = ClientLogs::of(&world.environment);
        match self.verb {
            Verb::Plan => self.plan(&logs, &session, world),
            Verb::List => self.list(&logs.of_session(&session, WITHOUT_DIGEST)?, &session, world),
            Verb::Agents => self.list(&logs.of_agents(&session, WITHOUT_DIGEST), &session, world),
            Verb::Digest { max_tokens } => self.digest(&logs.of_session(&session, max_tokens)?, &session, world),
        }
    }

    fn plan(&self, logs: &ClientLogs, session: &str, world: &World) -> Result<Exit, Failure> {
        let own = logs.of_session(session, WITHOUT_DIGEST)?;
        if own.logs.is_empty() {
            return no_transcript(&own, session, world);
        }
        tell_passed_over(&own, world);
        for log in &own.logs {
            let Some(plan) = logs.plan(log)? else { continue };
            if self.json {
                world.output.json(&versioned(json::TranscriptPlan::new(session, log, &plan)))?;
            } else {
                world.output.lines(&[plan.text.trim_end().to_owned()])?;
            }
            return Ok(Exit::Ok);
        }
        missing("no_plan_found", session, "this conversation has no plan", world)
    }

    fn list(&self, found: &Found, session: &str, world: &World) -> Result<Exit, Failure> {
        let logs: &[Log] = &found.logs;
        if logs.is_empty() {
            return match self.verb {
                Verb::Agents => {
                    let message = format!("no agent worked for this conversation{}", unread(found));
                    missing("no_agents_found", session, &message, world)
                }
                _ => no_transcript(found, session, world),
            };
        }
        tell_passed_over(found, world);
        if self.json {
            world.output.json(&versioned(json::TranscriptList::new(session, logs)))?;
            return Ok(Exit::Ok);
        }
        let mut table = Table::new(vec!["lines", "bad", "begun", "agent", "log", "asked"]);
        for log in logs {
            let told = &log.transcript;
            let text = |field: &Option<String>| field.clone().unwrap_or_default();
            table.row(vec![
                told.lines.to_string(),
                told.malformed.to_string(),
                text(&told.begun),
                text(&told.agent),
                log.path.display().to_string(),
                text(&told.asked),
            ]);
        }
        world.output.answer(&table.text(world.output.width()))?;
        Ok(Exit::Ok)
    }

    fn digest(&self, found: &Found, session: &str, world: &World) -> Result<Exit, Failure> {
        let Some(log) = found.logs.first() else { return no_transcript(found, session, world) };
        tell_passed_over(found, world);
        if self.json {
            world.output.json(&versioned(json::TranscriptDigest::new(session, log)))?;
        } else {
            world.output.lines(&[log.transcript.digest().trim_end().to_owned()])?;
        }
        Ok(Exit::Ok)
    }
}

/// Tells what could not be read on the way to what was found.
fn tell_passed_over(found: &Found, world: &World) {
    for failure in &found.passed_over {
        world.output.warn(format!("{}; it is passed over", rim::message(failure)));
    }
}

/// The same where nothing was found, in the one object that is told then.
fn unread(found: &Found) -> String {
    let Some(first) = found.passed_over.first() else { return String::new() };
    let number = counted(found.passed_over.len(), "place");
    format!(", as far as its logs can be read: {number} cannot, like this: {}", rim::message(first))
}

fn no_transcript(found: &Found, session: &str, world: &World) -> Result<Exit, Failure> {
    let message = format!("neither Claude Code nor Codex has a log of this conversation{}", unread(found));
    missing("no_transcript_found", session, &message, world)
}

/// Tells what is not there.
fn missing(error: &'static str, session: &str, message: &str, world: &World) -> Result<Exit, Failure> {
    world.output.json_error(&versioned(TranscriptMissing {
        error,
        session: session.to_owned(),
        message: message.to_owned(),
    }));
    Ok(Exit::NotFound)
}
