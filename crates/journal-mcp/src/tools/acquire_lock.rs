//! `acquire_lock`: a lock by name, renewed by acquiring it again, and waited for without holding up other calls.

use std::time::Duration;

use journal_engine::{AcquireLock as Request, Engine, How, LockName, Locked, NamedLockError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::{Answered, Call, Tool};
use crate::{
    annotations::Nature,
    refusal::Refusal,
    serving::Serving,
    stdio::gate::Late,
    wire::{AgentObject, instant},
};

/// The longest wait: clients give up on calls that take longer.
const LONGEST: Duration = Duration::from_secs(300);

/// How often a lock that is waited for is looked at.
const PACE: Duration = Duration::from_millis(100);

pub(crate) struct AcquireLock;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    name: Option<String>,
    /// Why; told to others
    reason: Option<String>,
    /// At most 300
    wait_seconds: Option<u64>,
    agent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    lock: String,
    token: u64,
    until: String,
    #[schemars(skip)]
    how: &'static str,
    /// Who had it and did not give it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<String>,
    #[schemars(skip)]
    agent: AgentObject,
}

impl Tool for AcquireLock {
    const NAME: &'static str = "acquire_lock";
    const TITLE: &'static str = "Acquire a lock";
    const DESCRIPTION: &'static str = "\
Acquire a lock by name, like deploy, so that one agent at a time does it. It holds 5 minutes; again renews it.";
    const NATURE: Nature = Nature::Refreshes;
    const ORDERED: bool = true;
    const REQUIRED: &'static [&'static str] = &["name"];
    const ALIASES: &'static [(&'static str, &'static str)] = &[("lock", "name"), ("wait", "wait_seconds")];
    type Arguments = Arguments;
    type Answer = Answer;

    async fn run(call: Call, arguments: Arguments) -> Result<Answered<Answer>, Refusal> {
        let who = call.who(arguments.agent.as_deref())?;
        let serving = call.serving.clone();
        let wait = Duration::from_secs(arguments.wait_seconds.unwrap_or(0)).min(LONGEST);
        let request = Request {
            caller: who.caller(serving.options(), serving.options().project.as_deref()),
            name: lock_name(arguments.name.as_deref())?,
            reason: arguments.reason,
            details: None,
            // Enough for the holder to be told that somebody waits.
            wait: wait.min(Duration::from_millis(1)),
            steal: None,
            process: None,
        };
        call.turn().await?;
        let deadline = Instant::now() + wait;
        let locked = match acquire(&serving, &request).await? {
            Err(NamedLockError::Held { .. } | NamedLockError::OfAnotherProcess { .. }) if !wait.is_zero() => {
                let taken_back = call.context.ct.clone();
                let late = call.context.extensions.get::<Late>().cloned().unwrap_or_default().0;
                // Calls that come after need not wait for what somebody else holds.
                drop(call);
                tokio::select! {
                    locked = wait_for(&serving, request, deadline) => locked?,
                    () = taken_back.cancelled() => return Err(given_up()),
                    () = late.cancelled() => return Err(given_up()),
                }
            }
            locked => locked?,
        };
        Ok(Answer {
            lock: locked.name.to_string(),
            token: locked.lease.token,
            until: instant(locked.lease.expires),
            how: how(locked.how),
            former: locked.former.map(|former| former.name),
            agent: who.object(),
        }
        .into())
    }
}

async fn acquire(serving: &Serving, request: &Request) -> Result<Result<Locked, NamedLockError>, Refusal> {
    let request = request.clone();
    serving.blocking(move |engine: &Engine| engine.acquire_lock(&request)).await
}

/// Tries again whenever nobody holds the lock, until the deadline. Holds no thread meanwhile.
async fn wait_for(serving: &Serving, request: Request, deadline: Instant) -> Result<Locked, Refusal> {
    let request = Request { wait: Duration::ZERO, ..request };
    let resource = request.name.resource();
    loop {
        let is_last = Instant::now() >= deadline;
        let locks = serving.blocking(|engine: &Engine| engine.locks()).await?;
        let locks = locks.map_err(|trouble| Refusal::from(&trouble))?;
        if is_last || !locks.iter().any(|state| state.lease.resource == resource) {
            match acquire(serving, &request).await? {
                Err(NamedLockError::Held { .. } | NamedLockError::OfAnotherProcess { .. }) if !is_last => {}
                done => return Ok(done?),
            }
        }
        sleep(PACE).await;
    }
}

fn given_up() -> Refusal {
    Refusal::new("cancelled", "the call was taken back while it waited").hint("acquire_lock again")
}

/// The name of a lock, from an argument.
///
/// # Errors
/// When it is missing or none.
pub(super) fn lock_name(name: Option<&str>) -> Result<LockName, Refusal> {
    let hint = || "send `name` like this: name: \"deploy\"".to_owned();
    let name = name.ok_or_else(|| Refusal::arguments("`name` is missing".to_owned(), hint()))?;
    name.parse().map_err(|error: journal_engine::LockNameError| Refusal::arguments(error.to_string(), hint()))
}

fn how(how: How) -> &'static str {
    match how {
        How::Fresh => "fresh",
        How::Renewed => "renewed",
        How::AfterRelease => "after-release",
        How::AfterExpiry => "after-expiry",
        How::HolderGone => "holder-gone",
        How::TakenOver => "taken-over",
    }
}
