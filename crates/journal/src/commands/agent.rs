//! `journal agent`: who you are, and what you say of yourself.

use clap::Subcommand;
use journal_engine::{Agent, AgentName, AgentStatus, Identified, UpdateAgent};

use crate::{
    caller,
    failure::Failure,
    json::{self, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, one_line},
};

/// Say who you are: without a verb, show what is known of you
#[derive(Debug, clap::Args)]
pub struct AgentCommand {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Change your name, task or status
    Set {
        /// What you want to be called: small letters, digits and `-`
        #[arg(long)]
        name: Option<AgentName>,
        /// What you do, in a line
        #[arg(long, value_name = "TEXT")]
        task: Option<String>,
        /// What you are up to: active, waiting (for a person), paused or ended
        #[arg(long)]
        status: Option<AgentStatus>,
    },
    /// You are done: give back every lock, claim and line that you hold
    End,
}

impl AgentCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the name is taken, or the caller has no id that lasts.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let identified = world.identified()?;
        let place = world.open(Need::Writing)?;
        let caller = caller::caller(&identified, &world.environment, &world.workplace()?);
        let agent = match &self.verb {
            None => Some(place.announce(&caller, world)?),
            Some(Verb::Set { name, task, status }) => {
                place.announce(&caller, world)?;
                let request = UpdateAgent { caller, name: name.clone(), task: task.clone(), status: *status };
                Some(place.engine.update_agent(&request)?)
            }
            Some(Verb::End) => place.engine.end_agent(&caller)?,
        };
        let Some(agent) = agent else {
            world.output.note("You were never here.");
            return Ok(Exit::NotFound);
        };
        if self.json {
            world.output.json(&versioned(json::Whoami::new(&agent, &identified)))?;
        } else {
            world.output.answer(&told(&agent, &identified, world))?;
        }
        Ok(Exit::Ok)
    }
}

fn told(agent: &Agent, identified: &Identified, world: &World) -> Text {
    let mut text = Text::new();
    text.field("agent", format!("{} ({})", agent.name, caller::told(identified)));
    text.field("status", format!("{}, here since {}", agent.status, world.clock.instant(agent.started)));
    let fields = [
        ("task", &agent.task),
        ("client", &agent.client),
        ("project", &agent.project),
        ("worktree", &agent.worktree),
        ("branch", &agent.branch),
        ("session", &agent.session),
    ];
    for (name, value) in fields {
        if let Some(value) = value.as_deref().map(one_line).filter(|value| !value.is_empty()) {
            text.field(name, value);
        }
    }
    text
}
