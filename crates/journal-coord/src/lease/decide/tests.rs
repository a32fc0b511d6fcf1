//! The rules one by one, and then every order of events that three agents can come up with.

use std::collections::HashSet;

use super::*;

const TTL: u64 = 100;
/// Far enough from 0 that every clock jump below stays above it.
const START: u64 = 10_000;

fn agent(name: &str) -> AgentId {
    name.parse().unwrap()
}

fn process(pid: u32) -> Process {
    Process { pid, started: 1, host: "den".to_owned(), boot_id: String::new(), pid_space: String::new() }
}

fn held_by(name: &str, process: Option<Process>) -> Stored {
    Stored {
        holder: agent(name),
        token: 7,
        process,
        holder_process: None,
        acquired: START,
        renewed: START,
        ttl: TTL,
        note: Some("fixing the gate".to_owned()),
        released: false,
        previous_holder: None,
        taken_reason: None,
    }
}

/// Agent `b` asks for a lease.
fn asked(stored: &Stored, now: u64, liveness: Liveness, takeover: Option<Option<&str>>) -> Decision {
    let b = agent("b");
    let ask = Ask { agent: &b, process: None, ttl: TTL, note: None, takeover, apart: false };
    decide(Some(stored), ask, 8, now, |_| liveness)
}

fn granted(decision: Decision) -> (Stored, How) {
    match decision {
        Decision::Grant { next, how } => (next, how),
        refused => panic!("{refused:?}"),
    }
}

fn refused(decision: Decision) -> (Stored, bool) {
    match decision {
        Decision::Refuse { next, reason_needed } => (next, reason_needed),
        granted => panic!("{granted:?}"),
    }
}

#[test]
fn a_held_lease_is_refused_and_left_alone() {
    for liveness in [Liveness::Alive, Liveness::Unknown] {
        let stored = held_by("a", Some(process(1)));
        for now in [START, START + TTL - 1] {
            assert_eq!(refused(asked(&stored, now, liveness, None)), (stored.clone(), false));
        }
    }
    // Without a process nobody looks whether one lives.
    assert!(!refused(asked(&held_by("a", None), START, Liveness::Gone, None)).1);
}

#[test]
fn a_takeover_of_a_held_lease_needs_a_reason() {
    let stored = held_by("a", Some(process(1)));
    for no_reason in [None, Some(""), Some(" \n")] {
        assert!(refused(asked(&stored, START, Liveness::Alive, Some(no_reason))).1);
    }
    let (next, how) = granted(asked(&stored, START, Liveness::Alive, Some(Some("gone home"))));
    assert_eq!((how, next.token, next.holder), (How::TakenOver, 8, agent("b")));
    assert_eq!((next.previous_holder, next.taken_reason), (Some(agent("a")), Some("gone home".to_owned())));
    assert_eq!(next.note, None, "the note was the former holder's");
}

#[test]
fn a_stale_lease_is_anybodys() {
    let stored = held_by("a", Some(process(1)));
    for takeover in [None, Some(None), Some(Some("not needed"))] {
        let (next, how) = granted(asked(&stored, START + TTL, Liveness::Alive, takeover));
        assert_eq!((how, next.token, next.taken_reason), (How::AfterExpiry, 8, None));
        let (next, how) = granted(asked(&stored, START, Liveness::Gone, takeover));
        assert_eq!((how, next.token, next.previous_holder), (How::HolderGone, 8, Some(agent("a"))));
    }
}

#[test]
fn a_released_lease_has_no_former_holder() {
    let mut stored = held_by("a", Some(process(1)));
    stored.release();
    let (next, how) = granted(asked(&stored, START, Liveness::Alive, None));
    assert_eq!((how, next.token, next.previous_holder), (How::AfterRelease, 8, None));
}

#[test]
fn a_lease_for_no_time_gives_a_token_and_holds_nothing() {
    let stored = Stored { ttl: 0, ..held_by("a", Some(process(1))) };
    assert!(stored.accepts(7));
    assert_eq!(stored.standing(START, |_| Liveness::Alive), None);
    let (next, how) = granted(asked(&stored, START, Liveness::Alive, None));
    assert_eq!((how, next.token, next.previous_holder), (How::AfterRelease, 8, None));

    let b = agent("b");
    let ask = Ask { agent: &b, process: None, ttl: 0, note: None, takeover: None, apart: false };
    assert!(!refused(decide(Some(&held_by("a", None)), ask, 8, START, |_| Liveness::Unknown)).1);
}

#[test]
fn ones_own_lease_is_renewed_under_its_token() {
    let renew = |now, liveness, ask_process: Option<&Process>| {
        let b = agent("b");
        let ask = Ask { agent: &b, process: ask_process, ttl: 2 * TTL, note: None, takeover: None, apart: false };
        granted(decide(Some(&held_by("b", Some(process(1)))), ask, 8, now, |_| liveness))
    };
    let two = process(2);

    let (next, how) = renew(START + 50, Liveness::Alive, Some(&two));
    assert_eq!((how, next.token, next.acquired, next.renewed, next.ttl), (How::Renewed, 7, START, START + 50, 2 * TTL));
    assert_eq!(next.note.as_deref(), Some("fixing the gate"));
    assert_eq!(next.process, Some(process(1)), "the server that lives vouches for the agent");

    assert_eq!(renew(START, Liveness::Gone, Some(&two)).0.process, Some(two));
    assert_eq!(renew(START, Liveness::Unknown, None).0.process, None);

    let (next, how) = renew(START + TTL, Liveness::Alive, None);
    assert_eq!((how, next.token, next.previous_holder), (How::AfterExpiry, 8, None), "too late to renew: a new token");
}

#[test]
fn processes_of_one_agent_share_a_line_and_no_lock() {
    let (b, one, two) = (agent("b"), process(1), process(2));
    let stored = held_by("b", Some(one.clone()));
    let ask = |process, apart, liveness, takeover| {
        let ask = Ask { agent: &b, process, ttl: TTL, note: None, takeover, apart };
        decide(Some(&stored), ask, 8, START, |_| liveness)
    };
    assert_eq!(granted(ask(Some(&two), false, Liveness::Alive, None)).1, How::Renewed);
    assert_eq!(refused(ask(Some(&two), true, Liveness::Alive, None)), (stored.clone(), false));
    for same in [Some(&one), None] {
        let (next, how) = granted(ask(same, true, Liveness::Alive, None));
        assert_eq!((how, next.token, next.process.as_ref()), (How::Renewed, 7, Some(&one)));
    }
    let (next, how) = granted(ask(Some(&two), true, Liveness::Gone, None));
    assert_eq!((how, next.token, next.previous_holder), (How::HolderGone, 8, None), "not under the token of the dead");
    let (next, how) = granted(ask(Some(&two), true, Liveness::Alive, Some(Some("it hangs"))));
    assert_eq!((how, next.token), (How::TakenOver, 8));
}

#[test]
fn a_lease_without_a_process_ends_with_the_one_that_stands_for_its_holder() {
    let stored = Stored { holder_process: Some(process(1)), ..held_by("a", None) };
    for (liveness, how) in [(Liveness::Gone, Some(How::HolderGone)), (Liveness::Alive, None), (Liveness::Unknown, None)]
    {
        match (asked(&stored, START, liveness, None), how) {
            (Decision::Grant { how, .. }, Some(expected)) => assert_eq!(how, expected),
            (Decision::Refuse { .. }, None) => {}
            (decided, _) => panic!("{decided:?}"),
        }
    }
    // A process of its own says more than that of the holder.
    let own = Stored { process: Some(process(2)), ..stored };
    let look = |process: &Process| if process.pid == 1 { Liveness::Gone } else { Liveness::Alive };
    assert_eq!(own.standing(START, look), Some(Standing::Held));
}

#[test]
fn what_is_stale_is_not_renewed() {
    let renewed = |now, liveness| {
        let mut stored = held_by("a", Some(process(1)));
        stored.renew(now, |_| liveness).map(|()| stored.renewed)
    };
    assert_eq!(renewed(START + TTL - 1, Liveness::Alive), Ok(START + TTL - 1));
    assert_eq!(renewed(START + TTL, Liveness::Alive), Err(Standing::Expired));
    assert_eq!(renewed(START, Liveness::Gone), Err(Standing::HolderGone));
    // A clock that jumped back took nothing away.
    assert_eq!(renewed(START - 5_000, Liveness::Unknown), Ok(START - 5_000));
}

#[test]
fn a_clock_that_jumped_back_holds_for_one_span_from_the_first_refusal() {
    let stored = held_by("a", None);
    let now = START - 5_000;
    assert_eq!(stored.expires(now), now + TTL);
    let (redated, _) = refused(asked(&stored, now, Liveness::Unknown, None));
    assert_eq!((redated.acquired, redated.renewed, redated.token), (now, now, 7));
    assert_eq!(refused(asked(&redated, now + TTL - 1, Liveness::Unknown, None)).0, redated);
    assert_eq!(granted(asked(&redated, now + TTL, Liveness::Unknown, None)).1, How::AfterExpiry);
}

#[test]
fn times_at_the_end_of_their_range_do_not_overflow() {
    let stored = Stored { ttl: u64::MAX, renewed: u64::MAX, ..held_by("a", None) };
    assert_eq!(stored.standing(u64::MAX - 1, |_| Liveness::Alive), Some(Standing::Held));
}

/// Three agents at one resource, with all that cannot matter to what comes next taken out ([`World::reduced`]), so that the
/// worlds are few enough to visit every one that any order of events can lead to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    stored: Option<Stored>,
    now: u64,
    /// The last token that each agent was given.
    tokens: [u64; 3],
    /// Whether the resource is a lock, which processes of one agent do not share.
    apart: bool,
    /// Whether the process that stands for the holder is gone. It stands for it again with the holder's next call.
    holder_gone: bool,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Acquire,
    /// As a command with no lasting identity.
    AcquireForNoTime,
    /// As a command that was settled.
    AcquireWithoutProcess,
    TakeOver,
    Renew,
    Release,
    /// The end of the process that a lease records.
    Crash,
    /// The end of the process that stands for the agent.
    Leave,
}

const ACTS: [Act; 8] = [
    Act::Acquire,
    Act::AcquireForNoTime,
    Act::AcquireWithoutProcess,
    Act::TakeOver,
    Act::Renew,
    Act::Release,
    Act::Crash,
    Act::Leave,
];

const FAR: u64 = 10 * TTL;
const CLOCK_JUMPS: [i64; 4] = [TTL as i64 / 2, FAR as i64, -(TTL as i64) / 2, -(FAR as i64)];

const NO_TOKEN: u64 = 0;
const OLD_TOKEN: u64 = 1;
const LAST_TOKEN: u64 = 2;
const FRESH_TOKEN: u64 = 3;

/// The number of every process that is gone; that of agent `n` is `n`.
const GONE: u32 = 100;

fn look(process: &Process) -> Liveness {
    if process.pid == GONE { Liveness::Gone } else { Liveness::Alive }
}

impl World {
    fn name(who: usize) -> AgentId {
        agent(["a", "b", "c"][who])
    }

    fn acquire(&mut self, who: usize, own: Option<Process>, ttl: u64, takeover: Option<Option<&str>>) -> bool {
        let id = Self::name(who);
        self.calls(who);
        let ask = Ask { agent: &id, process: own.as_ref(), ttl, note: None, takeover, apart: self.apart };
        let standing = self.stored.as_ref().and_then(|stored| stored.standing(self.now, look));
        let own_already = self.stored.as_ref().is_some_and(|stored| stored.holder == id);
        match decide(self.stored.as_ref(), ask, FRESH_TOKEN, self.now, look) {
            Decision::Grant { next, how } => {
                assert_eq!(next.holder, id);
                assert!(next.token == FRESH_TOKEN || (own_already && how == How::Renewed), "{self:?} {next:?}");
                let was_held = standing == Some(Standing::Held) && !own_already;
                assert_eq!(how == How::TakenOver, was_held, "only a takeover ends what is held: {self:?} {next:?}");
                assert!(!was_held || takeover.is_some_and(|reason| reason.is_some()), "{self:?} {next:?}");
                self.tokens[who] = next.token;
                self.stored = Some(next);
                self.set_holder_gone(false);
                true
            }
            Decision::Refuse { next, .. } => {
                assert!(!own_already && standing == Some(Standing::Held), "{self:?}");
                let before = self.stored.replace(next.clone()).expect("only a stored lease is a reason to refuse");
                assert_eq!((next.holder, next.token), (before.holder, before.token));
                false
            }
        }
    }

    /// An agent that calls lives.
    fn calls(&mut self, who: usize) {
        if self.stored.as_ref().is_some_and(|stored| stored.holder == Self::name(who)) {
            self.set_holder_gone(false);
        }
    }

    fn set_holder_gone(&mut self, gone: bool) {
        self.holder_gone = gone;
        if let Some(stored) = &mut self.stored {
            stored.holder_process = gone.then(|| process(GONE));
        }
    }

    fn act(&mut self, who: usize, act: Act) {
        let own = process(who as u32);
        match act {
            Act::Acquire => drop(self.acquire(who, Some(own), TTL, None)),
            Act::AcquireForNoTime => drop(self.acquire(who, Some(own), 0, None)),
            Act::AcquireWithoutProcess => drop(self.acquire(who, None, TTL, None)),
            Act::TakeOver => {
                assert!(self.acquire(who, Some(own), TTL, Some(Some("because"))), "a reason always gets it")
            }
            Act::Renew | Act::Release => {
                let (token, now) = (self.tokens[who], self.now);
                // A beat around a command is no call of its agent, whose own process may be gone.
                let Some(stored) = self.stored.as_mut().filter(|stored| stored.accepts(token)) else { return };
                if matches!(act, Act::Release) {
                    stored.release();
                    return;
                }
                let standing = stored.standing(now, look);
                let renewed = stored.renew(now, look);
                assert_eq!(renewed.err(), standing.filter(|standing| *standing != Standing::Held), "{self:?}");
            }
            Act::Leave => {
                if self.stored.as_ref().is_some_and(|stored| stored.holder == Self::name(who)) {
                    self.set_holder_gone(true);
                }
            }
            Act::Crash => {
                if let Some(recorded) = self.stored.as_mut().and_then(|stored| stored.process.as_mut()) {
                    recorded.pid = if *recorded == own { GONE } else { recorded.pid };
                }
            }
        }
    }

    /// Whoever passes the fence is the holder that is stored, and nobody can hold for ever.
    fn verify(&self) {
        let Some(stored) = &self.stored else { return };
        for who in (0..3).filter(|who| stored.accepts(self.tokens[*who])) {
            assert_eq!(Self::name(who), stored.holder, "{self:?}");
        }
        let other = (0..3).find(|who| Self::name(*who) != stored.holder).expect("three agents, one holder");
        let mut later = self.clone();
        if !later.acquire(other, None, TTL, None) {
            later.now += TTL;
            assert!(later.acquire(other, None, TTL, None), "one span after a refusal the lease is over: {self:?}");
        }
    }

    /// Renames tokens by whether they are the last one, counts time from now, and forgets what no rule looks at.
    fn reduced(mut self) -> Self {
        if let Some(stored) = &mut self.stored {
            for token in &mut self.tokens {
                *token = match *token {
                    NO_TOKEN => NO_TOKEN,
                    last if last == stored.token => LAST_TOKEN,
                    _ => OLD_TOKEN,
                };
            }
            stored.token = LAST_TOKEN;
            stored.renewed = (START + stored.renewed).saturating_sub(self.now).clamp(START - FAR, START + FAR);
            stored.acquired = START;
            stored.previous_holder = None;
            stored.taken_reason = None;
        }
        self.now = START;
        self
    }
}

#[test]
fn no_order_of_events_lets_two_agents_pass_the_fence() {
    for apart in [false, true] {
        let start = World { stored: None, now: START, tokens: [NO_TOKEN; 3], apart, holder_gone: false };
        let seen = visited_from(start);
        assert!(seen > 3_000, "only {seen} worlds");
    }
}

/// Visits every world that any order of events leads to, and counts them.
fn visited_from(start: World) -> usize {
    let mut seen = HashSet::from([start.clone()]);
    let mut unvisited = vec![start];
    while let Some(world) = unvisited.pop() {
        let acts = (0..3).flat_map(|who| ACTS.map(|act| (Some((who, act)), 0)));
        for (act, jump) in acts.chain(CLOCK_JUMPS.map(|jump| (None, jump))) {
            let mut after = world.clone();
            after.now = after.now.saturating_add_signed(jump);
            if let Some((who, act)) = act {
                after.act(who, act);
            }
            after.verify();
            let after = after.reduced();
            if seen.insert(after.clone()) {
                unvisited.push(after);
            }
        }
    }
    seen.len()
}
