//! `journal lock`: named locks, for whatever agents agree on by name.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use clap::Subcommand;
use journal_engine::{
    AcquireLock, Caller, Fenced, How, LeaseState, LockName, Locked, NamedLockError, Process, Standing,
};

use crate::{
    failure::{Failure, Usage},
    json::{self, versioned},
    place::{Need, Place, World},
    rim::{self, Exit},
    signals::Relay,
    text::{Text, one_line, quoted, table::Table},
};

/// Told below the verbs.
const EXAMPLES: &str = r#"Examples:
  journal lock run deploy --wait -- make deploy
  journal lock acquire docker-rebuild --reason "new base image" --wait=60
  journal lock renew docker-rebuild
  journal lock release docker-rebuild
  journal lock status"#;

/// Hold a lock by name, so that one agent at a time does a thing
///
/// A lock holds for five minutes from its last renewal, and not a moment longer than its process where it has one. Each one that
/// acquires it gets a token, greater than all before it: what the lock protects can refuse those that come late.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct LockCommand {
    #[command(subcommand)]
    verb: Verb,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Acquire a lock, or renew it when it is yours
    Acquire {
        /// Its name
        name: LockName,
        #[command(flatten)]
        ask: Ask,
        /// The process whose end frees the lock at once, like `$$`
        #[arg(long, value_name = "ID")]
        pid: Option<u32>,
    },
    /// Renew a lock that is yours, at best every minute
    Renew {
        /// Its name
        name: LockName,
        /// The token it was acquired with; the one you have otherwise
        #[arg(long, value_name = "N")]
        token: Option<u64>,
    },
    /// Give a lock back
    Release {
        /// Its name
        name: LockName,
        /// The token it was acquired with; the one you have otherwise, but for one that another process of yours holds
        #[arg(long, value_name = "N")]
        token: Option<u64>,
    },
    /// Who holds which lock, or this one: ends with 1 when it is free
    Status {
        /// Its name
        name: Option<LockName>,
    },
    /// Take a lock from whoever holds it, who is told at its next call
    Steal {
        /// Its name
        name: LockName,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Hold a lock around a command, and end as the command does
    ///
    /// The lock is renewed every minute and released when the command ends, unless you had acquired it before. `journal` passes TERM,
    /// HUP and INT on to the command and waits for it. Killed itself, it leaves the lock held until the command has ended, for five
    /// minutes at most. The command finds the token in `JOURNAL_LOCK_TOKEN`. What is printed is the command's own: `--json` adds
    /// nothing.
    Run {
        /// Its name
        name: LockName,
        #[command(flatten)]
        ask: Ask,
        /// The command
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
}

#[derive(Debug, Clone, clap::Args)]
struct Ask {
    /// Why, in a line; told to those who wait
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// More about it
    #[arg(long, value_name = "TEXT")]
    details: Option<String>,
    /// Wait for it, 5 minutes or so many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "300")]
    #[arg(value_parser = clap::value_parser!(u64).range(..=86_400))]
    wait: Option<u64>,
}

impl Ask {
    fn request(&self, name: &LockName, caller: Caller, process: Option<Process>) -> AcquireLock {
        AcquireLock {
            caller,
            name: name.clone(),
            reason: self.reason.clone(),
            details: self.details.clone(),
            wait: Duration::from_secs(self.wait.unwrap_or(0)),
            steal: None,
            process,
        }
    }
}

impl LockCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When somebody else holds the lock, or the caller does not.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        if let Verb::Status { name } = &self.verb {
            return self.status(name.as_ref(), world);
        }
        let caller = world.caller()?;
        let place = world.open(Need::Writing)?;
        if caller.lasting {
            place.announce(&caller, world)?;
        }
        match &self.verb {
            Verb::Status { .. } => Ok(Exit::Ok),
            Verb::Acquire { name, ask, pid } => {
                let process = pid.map(|pid| Process::of(pid).ok_or(Usage::NoSuchProcess(pid))).transpose()?;
                let locked = place.engine.acquire_lock(&ask.request(name, caller, process))?;
                if locked.how == How::Renewed {
                    let since = world.clock.instant(locked.lease.acquired);
                    world.output.note(format!("You hold it already, since {since}; it is renewed."));
                }
                self.tell(&locked, world)
            }
            Verb::Steal { name, reason } => {
                let ask = Ask { reason: Some(reason.clone()), details: None, wait: None };
                let request = AcquireLock { steal: Some(reason.clone()), ..ask.request(name, caller, None) };
                self.tell(&place.engine.acquire_lock(&request)?, world)
            }
            Verb::Renew { name, token } => {
                let lease = place.engine.renew_lock(&caller, name, *token)?;
                let locked = Locked { name: name.clone(), lease, how: How::Renewed, former: None, waited: false };
                self.tell(&locked, world)
            }
            Verb::Release { name, token } => {
                place.engine.release_lock(&caller, name, *token)?;
                if self.json {
                    world.json_to_caller(json::Changed { released: vec![name.to_string()] })?;
                } else {
                    world.output.answer(Text::new().field("released", name.as_str()))?;
                }
                Ok(Exit::Ok)
            }
            Verb::Run { name, ask, command } => {
                hold_around(&ask.request(name, caller, Some(Process::current())), command, &place, world)
            }
        }
    }

    fn tell(&self, locked: &Locked, world: &World) -> Result<Exit, Failure> {
        if self.json {
            world.json_to_caller(json::Lock::new(locked))?;
            return Ok(Exit::Ok);
        }
        let name = quoted(locked.name.as_str());
        let mut text = Text::new();
        text.field("lock", locked.name.as_str());
        text.field("token", locked.lease.token.to_string());
        text.field("until", world.clock.instant(locked.lease.expires));
        if let Some(former) = &locked.former {
            text.field("taken", format!("over from {} (agent {})", former.name, former.id));
        }
        if !world.output.is_quiet() {
            text.field("next", format!("journal lock renew {name}, then journal lock release {name}"));
        }
        world.output.answer(&text)?;
        Ok(Exit::Ok)
    }

    fn status(&self, name: Option<&LockName>, world: &World) -> Result<Exit, Failure> {
        let place = world.open(Need::Reading)?;
        let mut locks = place.engine.locks()?;
        if let Some(name) = name {
            locks.retain(|state| state.lease.resource == name.resource());
        }
        if self.json {
            world.output.json(&versioned(json::Locks::from(locks.as_slice())))?;
        } else if locks.is_empty() {
            world.output.note(name.map_or_else(|| "No lock is held.".to_owned(), |name| format!("`{name}` is free.")));
        } else {
            world.output.answer(&table(&locks, world).text(world.output.width()))?;
        }
        Ok(if name.is_some() && locks.is_empty() { Exit::NotFound } else { Exit::Ok })
    }
}

fn table(locks: &[LeaseState], world: &World) -> Table {
    let mut table = Table::new(vec!["lock", "holder", "agent", "since", "until", "token", "why"]);
    for state in locks {
        let lease = &state.lease;
        let name = LockName::of_resource(&lease.resource).map_or_else(String::new, |name| name.to_string());
        table.row(vec![
            name,
            state.holder_name.clone(),
            lease.holder.to_string(),
            world.clock.instant(lease.acquired),
            world.clock.instant(lease.expires),
            lease.token.to_string(),
            lease.note.as_deref().map(one_line).unwrap_or_default(),
        ]);
    }
    table
}

/// How often a lock around a command is renewed.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// The variable in which a command finds the token of the lock around it.
const TOKEN: &str = "JOURNAL_LOCK_TOKEN";

/// Runs a command under a lock. One that has lost the lock meanwhile is told, and ends with 3 if it would have ended well.
fn hold_around(request: &AcquireLock, command: &[OsString], place: &Place, world: &World) -> Result<Exit, Failure> {
    let (program, arguments) = command.split_first().expect("clap requires a command");
    let failed = |source| Failure::File { attempted: "run", path: PathBuf::from(program), source };
    let locked = place.engine.acquire_lock(request)?;
    let token = locked.lease.token;
    let held_until = AtomicU64::new(locked.lease.expires);
    let renew = || place.engine.renew_lock(&request.caller, &request.name, Some(token));
    // Not before the lock is held: who waits for it is ended as ever.
    let spawned = Relay::begin().and_then(|relay| {
        let child = Command::new(program).args(arguments).env(TOKEN, token.to_string()).spawn()?;
        Ok((relay, child))
    });
    let mut vouching = request.process.clone();
    let (ended, lost) = match spawned {
        Err(source) => (Err(source), None),
        Ok((relay, mut child)) => thread::scope(|scope| {
            let (done, is_done) = channel::<()>();
            let held_until = &held_until;
            let heart = scope.spawn(move || {
                while is_done.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                    match renew() {
                        Ok(lease) => held_until.store(lease.expires, Ordering::Relaxed),
                        Err(error @ NamedLockError::Lost { .. }) => {
                            if is_after_the_end(&error, held_until.load(Ordering::Relaxed)) {
                                return None;
                            }
                            world.output.warn(format!("{}; the command goes on without it", rim::message(&error)));
                            return Some(error);
                        }
                        // The next beat may get through; the lock holds for five of them.
                        Err(error) => world.output.warn(rim::message(&error)),
                    }
                }
                None
            });
            // What the agent had before is to outlast the command.
            if locked.how != How::Renewed {
                vouch(&child, &mut vouching, &locked, place, world);
            }
            // Whatever fails of passing on: the lock is held as long as the command runs.
            let ended = relay.wait(&mut child).or_else(|_| child.wait());
            drop(done);
            (ended, heart.join().expect("a heartbeat does not panic"))
        }),
    };
    let until = held_until.into_inner();
    // A beat may find that the command has just ended, which is no loss.
    let lost = lost.filter(|error| !is_after_the_end(error, until));
    let released = match (locked.how, &vouching) {
        // The agent had acquired it before, and gives it back itself.
        (How::Renewed, Some(process)) => {
            place.engine.settle_lock(&request.name, token, process).map_err(NamedLockError::from)
        }
        _ => match place.engine.release_lock(&request.caller, &request.name, Some(token)) {
            Err(error) if is_after_the_end(&error, until) => Ok(()),
            done => done,
        },
    };
    let status = ended.map_err(failed)?;
    if !status.success() {
        return Ok(Exit::Command(code(status)));
    }
    match lost {
        Some(error) => Err(error.into()),
        None => Ok(released.map(|()| Exit::Ok)?),
    }
}

/// Has the command vouch for the lock in place of this process, which may be killed while the command goes on.
fn vouch(child: &Child, vouching: &mut Option<Process>, locked: &Locked, place: &Place, world: &World) {
    // One that has ended already needs nobody to vouch for.
    let (Some(before), Some(process)) = (vouching.as_ref(), Process::of(child.id())) else { return };
    match place.engine.vouch_for_lock(&locked.name, locked.lease.token, before, &process) {
        Ok(()) => *vouching = Some(process),
        Err(trouble) => world.output.warn(format!(
            "{}; the lock is free when this process is killed, even if the command goes on",
            rim::message(&trouble)
        )),
    }
}

/// Whether a lock was held as long as the command ran: the command is gone, or whoever has it took it without force and in its time,
/// so found the command gone before this process gave it back.
fn is_after_the_end(error: &NamedLockError, held_until: u64) -> bool {
    let NamedLockError::Lost { fenced, .. } = error else { return false };
    match &**fenced {
        Fenced::PassedOn { taken, .. } => taken.reason.is_none() && taken.at < held_until,
        Fenced::Over { standing, .. } => *standing == Standing::HolderGone,
        _ => false,
    }
}

/// The exit code of a command as shells tell it: that of a signal is 128 and its number.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    #[cfg(not(unix))]
    let signal = None;
    status.code().or(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
