//! `journal agents`: who is here.

use journal_engine::{AgentFilter, AgentState};

use crate::{
    failure::Failure,
    json::{self, shown_resource},
    place::{Need, World},
    rim::Exit,
    text::{Text, one_line, table::Table},
};

/// List the agents that are at work on this vault, those seen last first
///
/// An agent is a conversation of a client, or a person at a terminal. It is here when it has called within 30 minutes and its
/// process, where it has one, still runs.
#[derive(Debug, clap::Args)]
pub struct AgentsCommand {
    /// Only those of your project, whichever worktree they are in
    #[arg(long)]
    related: bool,

    /// Only those that wait for a person
    #[arg(long)]
    waiting: bool,

    /// Also those that have ended
    #[arg(long)]
    all: bool,

    /// Say also which files each has touched
    #[arg(long)]
    files: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl AgentsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When it cannot be known who is here.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Reading)?;
        let (you, workplace) = (world.identified()?, world.workplace()?);
        let project = self.related.then(|| workplace.project.clone());
        let filter = AgentFilter { project, waiting: self.waiting, ended: self.all };
        let agents = place.engine.agents(&filter)?;
        if self.json {
            world.json_to_caller(json::Agents::new(&agents, &you, &workplace.project, self.files))?;
        } else if agents.is_empty() {
            world.output.note("Nobody is here.");
        } else {
            let is_you = |state: &AgentState| state.agent.id == you.id;
            let mut text = table(&agents, &is_you, world).text(world.output.width());
            if self.files {
                files(&agents, &mut text, world);
            }
            world.output.answer(&text)?;
        }
        Ok(Exit::Ok)
    }
}

fn table(agents: &[AgentState], is_you: &dyn Fn(&AgentState) -> bool, world: &World) -> Table {
    let mut table =
        Table::new(vec!["name", "presence", "last seen", "agent", "client", "project", "branch", "holds", "task"]);
    for state in agents {
        let agent = &state.agent;
        let you = if is_you(state) { " (you)" } else { "" };
        let holds: Vec<_> = state.leases.iter().map(|state| shown_resource(&state.lease.resource)).collect();
        table.row(vec![
            format!("{}{you}", agent.name),
            state.presence.to_string(),
            world.clock.instant(agent.last_active),
            agent.id.to_string(),
            agent.client.clone().unwrap_or_default(),
            agent.project.clone().unwrap_or_default(),
            agent.branch.clone().unwrap_or_default(),
            holds.join(", "),
            agent.task.clone().unwrap_or_default(),
        ]);
    }
    table
}

/// The most files of an agent that are told to people.
const FILES: usize = 10;

fn files(agents: &[AgentState], text: &mut Text, world: &World) {
    for state in agents.iter().filter(|state| !state.files.is_empty()) {
        text.end().strong(state.agent.name.clone()).end();
        for file in state.files.iter().take(FILES) {
            text.plain(format!("  {}", one_line(&file.path)))
                .faint(format!("  {}", world.clock.instant(file.at)))
                .end();
        }
        if state.files.len() > FILES {
            text.faint(format!("  and {} more", state.files.len() - FILES)).end();
        }
    }
}
