//! A hook's call: who is it, where does it work, and what is written down of it.

use std::{path::PathBuf, time::Duration};

use journal_clients::{Client, HookInput};
use journal_engine::{AgentId, AgentSeen, AgentStatus, Caller, Event, Heartbeat, Notices, Process, UpdateAgent};

use crate::{
    failure::{Failure, HookError},
    place::{Need, Place, World},
    rim,
    text::{brief, events},
    workplace::{Located, Workplace},
};

/// Scratch files of agents that ended longer ago are swept when another one ends.
const SWEPT_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The most characters that are told of one thing that happened.
const NOTICE: usize = 240;

/// A client that called a hook, and the vault it works with.
pub struct Call<'a> {
    pub world: &'a World,
    pub place: Place,
    pub client: Client,
    pub input: HookInput,
    pub caller: Caller,
    pub directory: PathBuf,
    pub workplace: Workplace,
}

impl<'a> Call<'a> {
    /// Opens the vault for what a client said. The conversation it names is the agent, whatever else says who is calling.
    pub fn open(client: Client, input: HookInput, world: &'a World) -> Result<Self, Failure> {
        let id: AgentId = input.session_id.parse().map_err(HookError::from)?;
        let place = world.open_soon(Need::Writing)?;
        let said = input.directory.as_deref().filter(|directory| !directory.trim().is_empty()).unwrap_or_default();
        // Where it says nothing, or nothing whole, it is where it called from.
        let directory =
            if said.is_empty() { world.environment.folder.clone() } else { world.environment.folder.join(said) };
        let (workplace, _) = Workplace::of(&world.environment.in_folder(&directory))?;
        let agent = AgentSeen {
            client: Some(client.as_str().to_owned()),
            process: Process::starter(),
            directory: directory.to_str().map(str::to_owned),
            project: Some(workplace.project.clone()),
            worktree: Some(workplace.top_text()),
            branch: Some(workplace.branch.clone().unwrap_or_default()),
            ..AgentSeen::new(id)
        };
        let caller = Caller { agent, lasting: true, serving: false };
        Ok(Self { world, place, client, input, caller, directory, workplace })
    }

    /// Says that the agent is at work, and takes what it is to be told.
    pub fn at_work(&self) -> Result<Heartbeat, Failure> {
        let mut caller = self.caller.clone();
        caller.agent.status = Some(AgentStatus::Active);
        Ok(self.place.engine.heartbeat(&caller)?)
    }

    /// What the agent is to be told, where that must not stop what it was called for: `None` when it could not be written down
    /// that it is at work, which is said.
    pub fn news(&self) -> Option<String> {
        let beaten = self.at_work();
        let told = beaten.inspect_err(|failure| {
            self.world.output.plain_error(&format!("journal: {}", rim::message(failure)));
        });
        Some(self.told(&told.ok()?.notices))
    }

    /// The files that the client's tool edits, each by where it lies.
    pub fn located(&self) -> Result<Vec<Vec<Located>>, Failure> {
        let environment = self.world.environment.in_folder(&self.directory);
        self.input.files.iter().map(|file| self.workplace.locate(file, &environment)).collect()
    }

    /// A person has answered.
    pub fn answered(&self) -> Result<String, Failure> {
        Ok(self.told(&self.at_work()?.notices))
    }

    /// The agent waits for a person.
    pub fn waits(&self) -> Result<String, Failure> {
        self.update(Some(AgentStatus::Waiting))
    }

    /// The agent was seen.
    pub fn seen(&self) -> Result<String, Failure> {
        self.update(None)
    }

    /// The agent has ended. What belonged to others that ended long ago goes with it.
    pub fn ended(&self) -> Result<String, Failure> {
        self.place.engine.end_agent(&self.caller)?;
        self.place.engine.sweep_belongings(SWEPT_AFTER)?;
        Ok(String::new())
    }

    /// Says what the agent does without telling it anything, since nobody hears it.
    fn update(&self, status: Option<AgentStatus>) -> Result<String, Failure> {
        self.place.engine.update_agent(&UpdateAgent { caller: self.caller.clone(), name: None, task: None, status })?;
        Ok(String::new())
    }

    /// What happened to the agent since its last call, a line each.
    pub fn told(&self, notices: &Notices) -> String {
        let line = |event: &Event| format!("- {}\n", brief(&events::told_to_you(event, &self.world.clock), NOTICE));
        let older = (notices.older > 0).then(|| format!("- {}\n", events::older(notices.older)));
        let lines: String = older.into_iter().chain(notices.events.iter().map(line)).collect();
        if lines.is_empty() { lines } else { format!("What others did that concerns this agent:\n{lines}") }
    }
}
