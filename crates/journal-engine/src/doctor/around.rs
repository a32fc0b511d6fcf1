//! What is around the notes and the databases: the disks they lie on, the clock, who watches, the model, who is here.

use std::time::Duration;

use journal_coord::{Presence, Standing};
use journal_model::VaultPath;
use journal_vault::{Ground, ground};

use super::{Finding, FindingCode, Mend, databases::unreadable};
use crate::{
    Embedded, LastRun, LeaderStanding, LeaderTrouble, ModelError, ModelFilesError, ServerStanding, Trouble, Watches,
    core::Core, trouble::with_causes,
};

/// What is around the notes and the databases. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// By this machine's clock.
    pub now: u64,
    /// What the vault lies on.
    pub vault: Ground,
    /// What the databases lie on.
    pub state: Option<Ground>,
    /// How the vault is watched; `None` when it never was.
    pub watch: Option<LeaderStanding>,
    /// The model.
    pub model: ModelFacts,
    /// Who is here.
    pub agents: AgentCounts,
    /// How the last run of a schedule went.
    pub last_run: Option<LastRun>,
    /// The server at an address, the one of now or the last one.
    pub server: Option<ServerStanding>,
}

/// How the model of the vault stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Which was chosen.
    pub chosen: String,
    /// Why it does not start, and what to do.
    pub trouble: Option<(String, String)>,
    /// How many texts have vectors of it; `None` without an index.
    pub embedded: Option<Embedded>,
    /// The one that search asks until it has all.
    pub asked_instead: Option<String>,
    /// Whether making them in the background is paused.
    pub is_paused: bool,
}

/// How many agents there are, and what they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AgentCounts {
    /// That called not long ago, wait, or set themselves aside.
    pub here: usize,
    /// That have not called for long.
    pub inactive: usize,
    /// Whose process ended without a word.
    pub gone: usize,
    /// Lines, locks and claims that are held.
    pub held: usize,
    /// The latest time at which one was here.
    pub last_active: u64,
}

/// With less room than this a database soon cannot be written, in bytes.
const LITTLE: u64 = 256 * 1024 * 1024;

/// A leader compares all notes in half of this time, and soon after the machine slept.
const STILL: Duration = Duration::from_secs(2 * 15 * 60 + 60);

/// Clocks differ by as much as this between machines, in milliseconds.
const APART: u64 = 5 * 60 * 1000;

impl Core {
    pub(super) fn examine_around(&self, findings: &mut Vec<Finding>) -> Result<Around, Trouble> {
        let has = |code| findings.iter().any(|finding: &Finding| finding.code == code);
        // What is damaged was told, and looking at it again would set it aside.
        let is_unread =
            has(FindingCode::DamagedIndex) || has(FindingCode::NewerIndex) || has(FindingCode::UnreadableIndex);
        let standing = if is_unread { None } else { Some(self.model_standing()?) };
        let (agents, stale) = if has(FindingCode::DamagedState) || has(FindingCode::UnreadableState) {
            Default::default()
        } else {
            self.count_agents()?
        };
        let chosen = self.chosen_model()?;
        let (watch, last_run, server) = (self.leader(), self.last_run(), self.server());
        let watch = known(watch, findings);
        let last_run = known(last_run, findings);
        let server = known(server, findings);
        let around = Around {
            now: self.source.now().unix_ms,
            vault: ground(self.vault.root())?,
            state: self.state.as_ref().map(|state| ground(state.path())).transpose()?,
            watch,
            model: ModelFacts {
                chosen: chosen.to_string(),
                trouble: self.load(&chosen).err().map(|error| (with_causes(&error), way_on(&error))),
                asked_instead: standing.as_ref().and_then(|standing| standing.asked_instead().map(str::to_owned)),
                embedded: standing.and_then(|standing| standing.own),
                is_paused: self.is_paused()?,
            },
            agents,
            last_run,
            server,
        };
        findings.extend(around.judged());
        findings.extend(stale.into_iter().map(|resource| {
            let message = format!("the process that held `{resource}` is gone");
            let mend = Mend::ByHand("nothing: whoever asks next gets it".to_owned());
            Finding::new(FindingCode::StaleLease, message, Vec::new(), mend)
        }));
        findings.extend(self.written_in_the_future(around.now)?);
        Ok(around)
    }

    /// Agents, and what processes held that are gone.
    fn count_agents(&self) -> Result<(AgentCounts, Vec<String>), Trouble> {
        let now = self.source.now().unix_ms;
        let mut counts = AgentCounts::default();
        for state in self.look_at_state(|coord| coord.agents(now))? {
            counts.last_active = counts.last_active.max(state.agent.last_active);
            match state.presence {
                Presence::Active | Presence::Waiting | Presence::Paused => counts.here += 1,
                Presence::Inactive => counts.inactive += 1,
                Presence::Gone => counts.gone += 1,
                Presence::Ended => {}
            }
        }
        let leases = self.look_at_state(|coord| coord.leases("", now))?;
        counts.held = leases.iter().filter(|state| state.standing == Standing::Held).count();
        let stale = leases.into_iter().filter(|state| state.standing == Standing::HolderGone);
        Ok((counts, stale.map(|state| state.lease.resource).collect()))
    }

    fn written_in_the_future(&self, now: u64) -> Result<Option<Finding>, Trouble> {
        let limit = i64::try_from(now.saturating_add(APART)).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let (_, signed) = self.vault.walk_signatures(|_| true)?;
        let late: Vec<VaultPath> =
            signed.into_iter().filter(|(_, signature)| signature.modified_ns > limit).map(|(path, _)| path).collect();
        let Some(first) = late.first() else { return Ok(None) };
        let message = format!("{} of the notes are from the future, by their times: `{first}`", late.len());
        let mend = Mend::ByHand("set the clock of the machine that wrote them, then save or `touch` them".to_owned());
        let paths = late.iter().map(ToString::to_string).collect();
        Ok(Some(Finding::new(FindingCode::FutureTimes, message, paths, mend)))
    }
}

impl Around {
    fn judged(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut find = |code, message: String, hint: &str| {
            findings.push(Finding::new(code, message, Vec::new(), Mend::ByHand(hint.to_owned())));
        };
        const ELSEWHERE: &str = "let it lie on a disk of this machine, outside of what is synced: `data_dir` in your \
                                 configuration, or JOURNAL_DATA_DIR";
        if let Some(state) = &self.state {
            let kind = state.file_system.as_deref().unwrap_or("network");
            if state.is_network {
                let message = format!("the databases lie on a network file system (`{kind}`), which may damage them");
                find(FindingCode::NetworkState, message, ELSEWHERE);
            }
            if let Some(syncer) = state.syncer {
                let message = format!("the databases lie in a folder of {syncer}, which may damage them");
                find(FindingCode::SyncedState, message, ELSEWHERE);
            }
        }
        for (what, place) in [("the vault", Some(&self.vault)), ("the databases", self.state.as_ref())] {
            let free = place.and_then(|place| place.free_bytes);
            if let Some(free) = free.filter(|free| *free < LITTLE) {
                let message = format!("only {} MB are free on the disk of {what}", free / 1_000_000);
                find(FindingCode::LowDisk, message, "make room; what cannot be written is refused and not lost");
            }
        }
        if !self.vault.is_writable {
            let hint = "let it be written, if somebody is to think in it: chmod u+w";
            find(FindingCode::ReadOnlyVault, "the folder of the vault cannot be written".to_owned(), hint);
        }
        if self.vault.is_network {
            let kind = self.vault.file_system.as_deref().unwrap_or("network");
            let message = format!("the vault lies on a network file system (`{kind}`)");
            let hint = "nothing: what other machines change is found by comparing all notes, a little later";
            find(FindingCode::NetworkVault, message, hint);
        }
        let known = [
            self.last_run.as_ref().map(|run| run.ended),
            self.watch.as_ref().map(|watch| watch.compared.unwrap_or_default().max(watch.since)),
            Some(self.agents.last_active),
        ];
        if let Some(last) = known.into_iter().flatten().max().filter(|last| *last > self.now.saturating_add(APART)) {
            let minutes = (last - self.now) / 60_000;
            let message = format!("this machine's clock was {minutes} minutes later before");
            find(FindingCode::ClockBack, message, "set the clock; until then locks and claims last as much longer");
        }
        if let Some(watch) = &self.watch {
            let moved = watch.compared.unwrap_or_default().max(watch.since);
            let quiet = Duration::from_millis(self.now.saturating_sub(moved));
            if let Some(process) = watch.process.as_ref().filter(|_| quiet > STILL && watch.watches == Watches::Events)
            {
                let (pid, minutes) = (process.pid, quiet.as_secs() / 60);
                let message = format!("process {pid} watches, and has compared nothing for {minutes} minutes");
                let hint = format!(
                    "if it was stopped (Ctrl-Z), fg goes on; else end it, and another takes over: kill -9 {pid}"
                );
                find(FindingCode::WatchStill, message, &hint);
            }
            if let Some(LeaderTrouble { message, hint, is_over: false, .. }) = &watch.trouble
                && watch.process.is_some()
            {
                find(FindingCode::WatchTrouble, message.clone(), hint);
            }
            if let Watches::Polling { why, hint } = &watch.watches
                && watch.process.is_some()
            {
                find(FindingCode::Polling, format!("all notes are compared every few seconds: {why}"), hint);
            }
        }
        if let Some((message, hint)) = &self.model.trouble {
            find(FindingCode::ModelTrouble, format!("the model does not start: {message}"), hint);
        }
        if let Some(mode) = self.state.as_ref().and_then(|state| state.open_mode) {
            let message = format!("others than you may read the databases (mode {mode:o})");
            findings.push(Finding::new(FindingCode::OpenState, message, Vec::new(), Mend::Fix));
        }
        findings
    }
}

/// What a file says, unless it cannot be read, which is told.
fn known<T>(read: Result<Option<T>, Trouble>, findings: &mut Vec<Finding>) -> Option<T> {
    read.unwrap_or_else(|error| {
        let hint = "let it be read and written (chown, chmod u+rw), or remove it".to_owned();
        findings.push(unreadable(FindingCode::UnreadableState, &error, hint));
        None
    })
}

fn way_on(error: &ModelError) -> String {
    match error {
        ModelError::Files(ModelFilesError::NotFetched { name }) => format!("journal model fetch {name}"),
        ModelError::Runtime(_) => {
            "take `onnxruntime` out of your configuration, or unset ORT_DYLIB_PATH; the built-in runtime needs none"
                .to_owned()
        }
        _ => "notes are found by their words all the same; go back: journal model use built-in".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Around {
        let ground = Ground { free_bytes: Some(LITTLE), is_writable: true, ..Ground::default() };
        Around {
            now: 1_000_000_000,
            vault: ground.clone(),
            state: Some(ground),
            watch: Some(LeaderStanding { since: 1_000_000_000, ..LeaderStanding::default() }),
            model: ModelFacts::default(),
            agents: AgentCounts { last_active: 1_000_000_000 + APART, ..AgentCounts::default() },
            last_run: Some(LastRun::default()),
            server: None,
        }
    }

    fn found(change: impl FnOnce(&mut Around)) -> Vec<&'static str> {
        let mut around = well();
        change(&mut around);
        let judged = around.judged();
        for finding in &judged {
            assert!(
                matches!(&finding.mend, Mend::Fix) || matches!(&finding.mend, Mend::ByHand(hint) if !hint.is_empty())
            );
        }
        judged.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn what_is_well_is_not_told() {
        assert_eq!(found(|_| ()), [""; 0]);
        assert_eq!(found(|around| around.vault.syncer = Some("Syncthing")), [""; 0]);
        assert_eq!(found(|around| around.vault.open_mode = Some(0o755)), [""; 0]);
    }

    #[test]
    fn disks_clocks_and_models() {
        let state = |change: fn(&mut Ground)| found(|around| change(around.state.as_mut().unwrap()));
        assert_eq!(state(|state| state.is_network = true), ["network-state"]);
        assert_eq!(state(|state| state.syncer = Some("Dropbox")), ["synced-state"]);
        assert_eq!(state(|state| state.open_mode = Some(0o755)), ["open-state"]);
        assert_eq!(state(|state| state.free_bytes = Some(LITTLE - 1)), ["low-disk"]);
        assert_eq!(found(|around| around.vault.free_bytes = Some(0)), ["low-disk"]);
        assert_eq!(found(|around| around.vault.free_bytes = None), [""; 0]);
        assert_eq!(found(|around| around.vault.is_writable = false), ["read-only-vault"]);
        assert_eq!(found(|around| around.vault.is_network = true), ["network-vault"]);
        assert_eq!(found(|around| around.agents.last_active += 1), ["clock-back"]);
        assert_eq!(found(|around| around.last_run.as_mut().unwrap().ended = u64::MAX), ["clock-back"]);
        let trouble = Some(("no".to_owned(), "journal model use built-in".to_owned()));
        assert_eq!(found(|around| around.model.trouble = trouble), ["model-trouble"]);
    }

    #[test]
    fn trouble_of_a_watch_counts_while_it_lasts() {
        let trouble = |is_over| LeaderTrouble { at: 1, is_over, message: "no".to_owned(), hint: "do".to_owned() };
        let watch = |is_there: bool, change: &dyn Fn(&mut LeaderStanding)| {
            found(|around| {
                let watch = around.watch.as_mut().unwrap();
                watch.process = is_there.then(journal_coord::Process::current);
                change(watch);
            })
        };
        assert_eq!(watch(true, &|watch| watch.trouble = Some(trouble(false))), ["watch-trouble"]);
        assert_eq!(watch(true, &|watch| watch.trouble = Some(trouble(true))), [""; 0]);
        assert_eq!(watch(false, &|watch| watch.trouble = Some(trouble(false))), [""; 0]);
        let still = u64::try_from(STILL.as_millis()).unwrap();
        for (quiet, expected) in [(still, &[][..]), (still + 1, &["watch-still"])] {
            let found =
                |is_there| watch(is_there, &|watch| (watch.since, watch.compared) = (0, Some(1_000_000_000 - quiet)));
            assert_eq!((found(true), found(false)), (expected.to_vec(), vec![]), "{quiet}");
        }
        let polling = || Watches::Polling { why: "no watches".to_owned(), hint: "sysctl".to_owned() };
        assert_eq!(watch(true, &|watch| watch.watches = polling()), ["polling"]);
        assert_eq!(watch(false, &|watch| watch.watches = polling()), [""; 0]);
    }
}
