//! The heartbeat that every call is, beside its work: what comes of it is told with the answer, or with the agent's next one where the
//! database is slow. No answer waits for it longer than a moment.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use journal_engine::{AgentId, Caller, Engine, Event, EventKind, Heartbeat, Notices};
use tokio::{sync::watch, time::timeout};

use crate::{
    budget,
    refusal::told,
    serving::Serving,
    wire::{DiagnosticObject, instant},
};

/// How long an answer that is ready waits for its heartbeat.
const MOMENT: Duration = Duration::from_millis(50);

/// How many things are kept for an agent until it is told.
const KEPT: usize = 8;

/// For how many agents: those that call no more would be kept for ever. Which one is given up is chance.
const AGENTS: usize = 256;

/// What agents are to be told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Heartbeats under way, which count for all calls of their agents; what is heard ends with them.
    beating: BTreeMap<AgentId, watch::Receiver<()>>,
    untold: BTreeMap<AgentId, Vec<DiagnosticObject>>,
    /// What agents are called, as the last heartbeat said.
    names: BTreeMap<AgentId, String>,
}

/// Something to tell.
struct News {
    code: &'static str,
    message: String,
    hint: String,
}

/// A heartbeat under way.
pub(crate) struct Beat {
    agent: AgentId,
    running: watch::Receiver<()>,
}

impl Pulse {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an agent is called, once it was heard.
    pub fn name(&self, agent: &AgentId) -> Option<String> {
        self.lock().names.get(agent).cloned()
    }

    /// Notes what an agent is called.
    pub fn named(&self, agent: &AgentId, name: String) {
        let names = &mut self.lock().names;
        if names.len() >= AGENTS && !names.contains_key(agent) {
            names.pop_first();
        }
        names.insert(agent.clone(), name);
    }

    fn ended(&self, agent: &AgentId, news: Vec<DiagnosticObject>) {
        let mut state = self.lock();
        state.beating.remove(agent);
        if !news.is_empty() {
            if state.untold.len() >= AGENTS && !state.untold.contains_key(agent) {
                state.untold.pop_first();
            }
            let untold = state.untold.entry(agent.clone()).or_default();
            untold.extend(news);
            let over = untold.len().saturating_sub(KEPT);
            untold.drain(..over);
        }
    }
}

impl Beat {
    /// Begins one, unless the agent has one under way. A server for reading writes nothing: it only asks what the agent is called.
    pub fn begin(serving: &Serving, caller: Caller) -> Self {
        let agent = caller.agent.id.clone();
        let mut state = serving.pulse().lock();
        if let Some(running) = state.beating.get(&agent) {
            return Self { agent, running: running.clone() };
        }
        let (ending, running) = watch::channel(());
        state.beating.insert(agent.clone(), running.clone());
        drop(state);
        let (serving, beating) = (serving.clone(), agent.clone());
        tokio::spawn(async move {
            let read_only = serving.options().read_only;
            let beaten = serving.blocking_beat(move |engine| beat(engine, &caller, read_only)).await;
            let (name, news) = beaten.unwrap_or_else(|refusal| (None, vec![failed(&refusal.message)]));
            if let Some(name) = name {
                serving.pulse().named(&beating, name);
            }
            let object = |News { code, message, hint }| DiagnosticObject::said(code, &message, &hint, serving.scrub());
            serving.pulse().ended(&beating, news.into_iter().map(object).collect());
            drop(ending);
        });
        Self { agent, running }
    }

    /// Whose it is.
    pub fn agent(&self) -> &AgentId {
        &self.agent
    }

    /// Waits until it is done.
    pub async fn done(&mut self) {
        // Nothing is ever sent: an error says that the other end is gone, which is what is waited for.
        _ = self.running.changed().await;
    }

    /// What the agent is to be told by now.
    pub async fn news(mut self, serving: &Serving) -> Vec<DiagnosticObject> {
        // One that takes longer goes on, and is told with the next answer.
        _ = timeout(MOMENT, self.done()).await;
        serving.pulse().lock().untold.remove(&self.agent).unwrap_or_default()
    }
}

/// What the agent is called, and what it is to be told.
fn beat(engine: &Engine, caller: &Caller, read_only: bool) -> (Option<String>, Vec<News>) {
    if read_only {
        // Without it the answer has the name that every agent begins with.
        return (engine.agent(&caller.agent.id).ok().flatten().map(|agent| agent.name), Vec::new());
    }
    let (name, mut news) = match engine.heartbeat(caller) {
        Ok(Heartbeat { agent, notices }) => (Some(agent.name), told_of(&notices)),
        Err(trouble) => (None, vec![failed(&told(&trouble))]),
    };
    news.extend(engine.take_state_report().map(|report| News {
        code: report.code.as_str(),
        message: report.message,
        hint: report.hint,
    }));
    (name, news)
}

/// The newest of what happened to the agent, and that there was more.
fn told_of(notices: &Notices) -> Vec<News> {
    let shown = &notices.events[notices.events.len().saturating_sub(KEPT - 1)..];
    let left = notices.older + notices.events.len() - shown.len();
    let more = (left > 0).then(|| News {
        code: "notice",
        message: format!("{left} more things happened before that concern you"),
        hint: "read the resource journal://events".to_owned(),
    });
    more.into_iter().chain(shown.iter().map(notice)).collect()
}

/// That others do not see the agent.
fn failed(why: &str) -> News {
    let hint = "the answer is whole; what others hold may not be known: journal doctor";
    News { code: "heartbeat", message: format!("others do not see that you are here: {why}"), hint: hint.to_owned() }
}

/// What happened to the agent since its last call, with what it can do.
fn notice(event: &Event) -> News {
    let subject = budget::cut_to_bytes(event.subject.as_deref().unwrap_or_default(), 120);
    let detail = budget::cut_to_bytes(event.detail.as_deref().unwrap_or_default(), 160);
    let (what, hint) = match event.kind {
        EventKind::LockStolen | EventKind::LockPassedOn => (
            format!("took the lock `{subject}`, which you had"),
            format!("write nothing more that it protects; acquire_lock {{name: \"{subject}\"}}"),
        ),
        EventKind::LockWaitedFor => (
            format!("waits for the lock `{subject}`, which you hold"),
            format!("when you are done: release_lock {{name: \"{subject}\"}}"),
        ),
        EventKind::SessionTakenOver => (
            format!("took over `{subject}`, which you had"),
            "read it before you go on: sequentialthinking_hydrate".to_owned(),
        ),
        EventKind::ClaimConflict => (
            format!("works on what your claim `{subject}` covers"),
            format!("when you are done there: release_paths {{paths: [\"{subject}\"]}}"),
        ),
        kind => (format!("{kind} `{subject}`", kind = kind.as_str()), "see who is here: list_agents {}".to_owned()),
    };
    let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
    let message = format!("{} {what}{detail} ({})", event.name, instant(event.at));
    News { code: "notice", message, hint }
}
