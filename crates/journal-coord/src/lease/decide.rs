//! The rules of leases, without a database: from what is stored, what is asked and the time to what is stored next.

use super::{How, Standing};
use crate::{AgentId, Liveness, Process};

/// The stored lease of one resource, which stays when it is released.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub holder: AgentId,
    pub token: u64,
    pub process: Option<Process>,
    /// The process that stands for the holder, as the registry has it: judged where the lease records none of its own.
    pub holder_process: Option<Process>,
    pub acquired: u64,
    pub renewed: u64,
    pub ttl: u64,
    pub note: Option<String>,
    pub released: bool,
    /// From whom it came, when that agent had not released it.
    pub previous_holder: Option<AgentId>,
    pub taken_reason: Option<String>,
}

/// What an agent asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub agent: &'a AgentId,
    pub process: Option<&'a Process>,
    pub ttl: u64,
    pub note: Option<&'a str>,
    /// The outer option: to take over at all. The inner: the reason.
    pub takeover: Option<Option<&'a str>>,
    /// Whether processes of one agent are kept apart too: what one of them holds, another does not renew.
    pub apart: bool,
}

/// What is to be stored and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Grant { next: Stored, how: How },
    Refuse { next: Stored, reason_needed: bool },
}

/// Decides on a request. `fresh_token` is greater than every token given before.
pub(crate) fn decide(
    stored: Option<&Stored>,
    ask: Ask<'_>,
    fresh_token: u64,
    now: u64,
    liveness: impl Fn(&Process) -> Liveness,
) -> Decision {
    let new = Stored {
        holder: ask.agent.clone(),
        token: fresh_token,
        process: ask.process.cloned(),
        // Who asks lives, whatever became of the process that stood for it.
        holder_process: None,
        acquired: now,
        renewed: now,
        ttl: ask.ttl,
        note: ask.note.map(str::to_owned),
        released: false,
        previous_holder: None,
        taken_reason: None,
    };
    let Some(stored) = stored else {
        return Decision::Grant { next: new, how: How::Fresh };
    };
    let Some(standing) = stored.standing(now, &liveness) else {
        return Decision::Grant { next: new, how: How::AfterRelease };
    };
    let passes_on = |reason: Option<&str>| Stored {
        previous_holder: Some(stored.holder.clone()),
        taken_reason: reason.map(str::to_owned),
        ..new.clone()
    };
    let is_own = stored.holder == *ask.agent;
    let is_of_another_process =
        ask.apart && ask.process.is_some() && stored.process.is_some() && stored.process.as_ref() != ask.process;
    match (standing, is_own && !(standing == Standing::Held && is_of_another_process)) {
        // What the process that is gone had begun may still go on, under its token.
        (Standing::HolderGone, true) if is_of_another_process => Decision::Grant { next: new, how: How::HolderGone },
        (Standing::Held | Standing::HolderGone, true) => {
            Decision::Grant { next: stored.renewed_by(new, liveness), how: How::Renewed }
        }
        (Standing::Expired, true) => Decision::Grant { next: new, how: How::AfterExpiry },
        (Standing::Expired, false) => Decision::Grant { next: passes_on(None), how: How::AfterExpiry },
        (Standing::HolderGone, false) => Decision::Grant { next: passes_on(None), how: How::HolderGone },
        (Standing::Held, false) => match ask.takeover.map(|reason| reason.filter(|text| !text.trim().is_empty())) {
            Some(Some(reason)) => Decision::Grant { next: passes_on(Some(reason)), how: How::TakenOver },
            takeover => Decision::Refuse { next: stored.redated(now), reason_needed: takeover.is_some() },
        },
    }
}

impl Stored {
    /// Whether the lease still holds; None when it was released or was for no time at all.
    pub(crate) fn standing(&self, now: u64, liveness: impl Fn(&Process) -> Liveness) -> Option<Standing> {
        if self.released || self.ttl == 0 {
            None
        } else if self.expires(now) <= now {
            Some(Standing::Expired)
        } else if self.judged().is_some_and(|process| liveness(process) == Liveness::Gone) {
            Some(Standing::HolderGone)
        } else {
            Some(Standing::Held)
        }
    }

    /// The process whose end is the end of the lease.
    fn judged(&self) -> Option<&Process> {
        self.process.as_ref().or(self.holder_process.as_ref())
    }

    /// Until when the lease holds: never more than its span from now, whatever clock wrote it.
    pub(crate) fn expires(&self, now: u64) -> u64 {
        self.renewed.min(now).saturating_add(self.ttl)
    }

    /// Whether `token` is the one that counts.
    pub(crate) fn accepts(&self, token: u64) -> bool {
        self.token == token && !self.released
    }

    /// Renews the lease for its span from now. One that is stale is lost, and stays as it is: nobody knows what happened since.
    pub(crate) fn renew(&mut self, now: u64, liveness: impl Fn(&Process) -> Liveness) -> Result<(), Standing> {
        match self.standing(now, liveness) {
            Some(stale @ (Standing::Expired | Standing::HolderGone)) => Err(stale),
            Some(Standing::Held) | None => {
                self.renewed = now;
                Ok(())
            }
        }
    }

    pub(crate) fn release(&mut self) {
        self.released = true;
        self.process = None;
    }

    /// The lease as its holder's new request leaves it.
    fn renewed_by(&self, new: Self, liveness: impl Fn(&Process) -> Liveness) -> Self {
        // A process that lives vouches for the agent better than the command that asks now and may end right away.
        let vouching = self.process.clone().filter(|process| liveness(process) == Liveness::Alive);
        Self {
            token: self.token,
            acquired: self.acquired.min(new.acquired),
            process: vouching.or(new.process),
            note: new.note.or_else(|| self.note.clone()),
            previous_holder: self.previous_holder.clone(),
            taken_reason: self.taken_reason.clone(),
            ..new
        }
    }

    /// The lease with no date in the future.
    fn redated(&self, now: u64) -> Self {
        Self { acquired: self.acquired.min(now), renewed: self.renewed.min(now), ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
