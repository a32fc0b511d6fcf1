//! Leases through the database: what callers see, and eight of them at once.

use std::{
    path::Path,
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::*;
use crate::Coord;

const MINUTES: u64 = 60_000;
const NOW: u64 = 1_763_700_000_000;
const RESOURCE: &str = "thinking/01JABC/main";

fn id(name: &str) -> AgentId {
    name.parse().unwrap()
}

fn open(folder: &tempfile::TempDir) -> Coord {
    Coord::open(&folder.path().join("state.db")).unwrap()
}

fn ask(agent: &str) -> AcquireLease {
    AcquireLease {
        resource: RESOURCE.to_owned(),
        agent: AgentSeen::new(id(agent)),
        process: None,
        ttl_ms: 15 * MINUTES,
        note: None,
        takeover: None,
    }
}

fn takeover(agent: &str, reason: Option<&str>) -> AcquireLease {
    AcquireLease { takeover: Some(Takeover { reason: reason.map(str::to_owned) }), ..ask(agent) }
}

fn held(result: Result<Acquired, AcquireError>) -> Held {
    match result {
        Err(AcquireError::Held(held)) => *held,
        other => panic!("{other:?}"),
    }
}

fn fenced<T: fmt::Debug>(result: Result<T, FenceError>) -> Fenced {
    match result {
        Err(FenceError::Fenced(fenced)) => *fenced,
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_is_refused_learns_who_since_when_and_until_when() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let first = coord.acquire(&AcquireLease { note: Some("step 3".to_owned()), ..ask("a") }, NOW).unwrap();
    assert_eq!((first.how, first.lease.token, first.former, first.taken_from_you), (How::Fresh, 1, None, None));

    let held = held(coord.acquire(&ask("b"), NOW + MINUTES));
    let holder = coord.agent(&id("a")).unwrap().unwrap();
    assert_eq!(held.lease, first.lease);
    assert_eq!((held.lease.acquired, held.lease.expires), (NOW, NOW + 15 * MINUTES));
    assert_eq!((held.holder_name.as_str(), held.taken_from_you.as_ref()), (holder.name.as_str(), None));
    assert_eq!(held.to_string(), format!("`{RESOURCE}` is held by `{}`", holder.name));

    let other = coord.agent(&id("b")).unwrap().expect("who is refused is here all the same");
    assert_eq!(other.last_active, NOW + MINUTES);
    coord.acquire(&AcquireLease { resource: "thinking/01JABC/other".to_owned(), ..ask("b") }, NOW).unwrap();
}

#[test]
fn a_takeover_is_told_to_the_former_holder_until_it_has_the_lease_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let a = coord.acquire(&ask("a"), NOW).unwrap();
    assert!(
        matches!(coord.acquire(&takeover("b", None), NOW), Err(AcquireError::ReasonNeeded(held)) if held.lease == a.lease)
    );
    let b = coord.acquire(&takeover("b", Some("a sleeps")), NOW + 1).unwrap();
    let name = |coord: &Coord, agent| coord.agent(&id(agent)).unwrap().unwrap().name;
    assert_eq!(b.how, How::TakenOver);
    assert_eq!(b.former, Some(Former { id: id("a"), name: name(&coord, "a") }));

    let taken = Taken { by: id("b"), by_name: name(&coord, "b"), at: NOW + 1, reason: Some("a sleeps".to_owned()) };
    let old = a.lease.token;
    let passed_on = Fenced::PassedOn { resource: RESOURCE.to_owned(), token: old, taken: taken.clone() };
    assert_eq!(fenced(coord.check(RESOURCE, old)), passed_on);
    assert_eq!(fenced(coord.renew(RESOURCE, &id("a"), old, NOW + 2)), passed_on);
    assert_eq!(fenced(coord.release(RESOURCE, &id("a"), old, NOW)), passed_on);
    assert_eq!(held(coord.acquire(&ask("a"), NOW + 2)).taken_from_you, Some(taken.clone()));

    coord.release(RESOURCE, &id("b"), b.lease.token, NOW).unwrap();
    let back = coord.acquire(&ask("a"), NOW + 3).unwrap();
    assert_eq!((back.how, back.taken_from_you), (How::AfterRelease, Some(taken)));
    assert_eq!(coord.acquire(&ask("a"), NOW + 4).unwrap().taken_from_you, None, "told once it has it, then no more");
}

#[test]
fn only_the_holder_with_its_token_renews_and_releases() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let not_yours = |token| Fenced::NotYours { resource: RESOURCE.to_owned(), token };
    assert_eq!(fenced(coord.check(RESOURCE, 1)), not_yours(1));
    let lease = coord.acquire(&ask("a"), NOW).unwrap().lease;
    assert_eq!(fenced(coord.release(RESOURCE, &id("b"), lease.token, NOW)), not_yours(lease.token));
    assert_eq!(fenced(coord.renew(RESOURCE, &id("a"), lease.token + 1, NOW)), not_yours(lease.token + 1));

    let soon = NOW + 10 * MINUTES;
    let renewed = coord.renew(RESOURCE, &id("a"), lease.token, soon).unwrap();
    assert_eq!((renewed.token, renewed.expires), (lease.token, soon + 15 * MINUTES));
    // After a sleep it is lost, though nobody acquired it: what happened meanwhile is not known.
    let late = soon + 20 * MINUTES;
    let over = Fenced::Over { resource: RESOURCE.to_owned(), token: lease.token, standing: Standing::Expired };
    assert_eq!(fenced(coord.renew(RESOURCE, &id("a"), lease.token, late)), over);
    assert_eq!(coord.lease(RESOURCE, late).unwrap().unwrap().standing, Standing::Expired);
    let anew = coord.acquire(&ask("a"), late).unwrap();
    assert_eq!((anew.how, anew.lease.token > lease.token), (How::AfterExpiry, true));
    let lease = anew.lease;

    coord.release(RESOURCE, &id("a"), lease.token, NOW).unwrap();
    assert_eq!(coord.lease(RESOURCE, late).unwrap(), None);
    let released = Fenced::Released { resource: RESOURCE.to_owned(), token: lease.token };
    assert_eq!(fenced(coord.check(RESOURCE, lease.token)), released);
    assert_eq!(fenced(coord.release(RESOURCE, &id("a"), lease.token, NOW)), released);
}

#[test]
fn tokens_grow_over_all_resources_and_survive_a_release() {
    let folder = tempfile::tempdir().unwrap();
    let mut tokens = Vec::new();
    for round in 0..3 {
        for resource in ["lock/deploy", RESOURCE] {
            let mut coord = open(&folder);
            let request = AcquireLease { resource: resource.to_owned(), ..ask(["a", "b", "a"][round]) };
            let lease = coord.acquire(&request, NOW).unwrap().lease;
            coord.release(resource, &lease.holder, lease.token, NOW).unwrap();
            tokens.push(lease.token);
        }
    }
    assert_eq!(tokens, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_command_without_lasting_identity_is_fenced_and_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let once = |agent| AcquireLease { ttl_ms: 0, process: Some(Process::current()), ..ask(agent) };
    let one = coord.acquire(&once("one"), NOW).unwrap().lease;
    coord.check(RESOURCE, one.token).unwrap();
    assert_eq!(coord.lease(RESOURCE, NOW).unwrap(), None);
    let two = coord.acquire(&once("two"), NOW).unwrap();
    assert_eq!((two.how, two.former), (How::AfterRelease, None));
    assert!(matches!(fenced(coord.check(RESOURCE, one.token)), Fenced::PassedOn { .. }));
    coord.acquire(&ask("a"), NOW).unwrap();
    assert_eq!(held(coord.acquire(&once("three"), NOW)).lease.holder, id("a"));
}

#[test]
fn a_settled_lease_goes_by_time_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let before_the_boot = Process { boot_id: "an earlier one".to_owned(), ..Process::current() };
    let request = AcquireLease { process: Some(before_the_boot.clone()), ..ask("a") };
    let lease = coord.acquire(&request, NOW).unwrap().lease;
    if cfg!(target_os = "linux") {
        assert_eq!(coord.lease(RESOURCE, NOW).unwrap().unwrap().standing, Standing::HolderGone);
    }
    coord.settle(RESOURCE, lease.token, &Process::current()).unwrap();
    coord.settle(RESOURCE, lease.token + 1, &before_the_boot).unwrap();
    let process = |coord: &Coord| {
        coord
            .read("look", |c| c.query_row("SELECT process FROM leases", [], |row| row.get::<_, Option<String>>(0)))
            .unwrap()
    };
    assert!(process(&coord).is_some(), "neither another process nor another token settles it");
    coord.settle(RESOURCE, lease.token, &before_the_boot).unwrap();
    assert_eq!(process(&coord), None);
    assert_eq!(coord.lease(RESOURCE, NOW).unwrap().unwrap().standing, Standing::Held);
    held(coord.acquire(&ask("b"), NOW + 15 * MINUTES - 1));
    let next = coord.acquire(&ask("b"), NOW + 15 * MINUTES).unwrap();
    assert_eq!((next.how, next.former.map(|former| former.id)), (How::AfterExpiry, Some(id("a"))));
}

#[test]
fn who_is_gone_holds_nothing_whichever_process_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let gone = Process { started: Process::current().started + 1, ..Process::current() };
    let of_the_gone = |resource: &str| AcquireLease {
        resource: resource.to_owned(),
        agent: AgentSeen { process: Some(gone.clone()), ..AgentSeen::new(id("a")) },
        ..ask("a")
    };
    for resource in ["lock/deploy", "path/src", RESOURCE] {
        coord.acquire(&of_the_gone(resource), NOW).unwrap();
        assert_eq!(coord.lease(resource, NOW).unwrap().unwrap().standing, Standing::HolderGone);
        let token = coord.lease(resource, NOW).unwrap().unwrap().lease.token;
        let over = Fenced::Over { resource: resource.to_owned(), token, standing: Standing::HolderGone };
        assert_eq!(fenced(coord.renew(resource, &id("a"), token, NOW)), over);
    }
    let next = coord.acquire(&AcquireLease { resource: "lock/deploy".to_owned(), ..ask("b") }, NOW).unwrap();
    assert_eq!((next.how, next.former.map(|former| former.id)), (How::HolderGone, Some(id("a"))));
    // It calls, from another process than the one that is gone: then it holds what nobody took.
    coord.touch_agent(&AgentSeen::new(id("a")), NOW).unwrap();
    assert_eq!(coord.lease("path/src", NOW).unwrap().unwrap().standing, Standing::Held);
}

#[test]
fn who_is_refused_is_not_said_to_think_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let thinks = |agent: &str| AcquireLease {
        agent: AgentSeen { session: Some("01JABC".to_owned()), ..AgentSeen::new(id(agent)) },
        ..ask(agent)
    };
    let session = |coord: &Coord, agent| coord.agent(&id(agent)).unwrap().unwrap().session;
    coord.acquire(&thinks("a"), NOW).unwrap();
    held(coord.acquire(&thinks("b"), NOW));
    assert_eq!((session(&coord, "a").as_deref(), session(&coord, "b")), (Some("01JABC"), None));
    coord.set_session(&id("a"), None).unwrap();
    assert_eq!(session(&coord, "a"), None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_vouches_in_place_of_the_one_that_runs_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let gone = Process { started: 1, ..Process::current() };
    let lease = coord.acquire(&AcquireLease { process: Some(gone.clone()), ..ask("a") }, NOW).unwrap().lease;
    let standing = |coord: &Coord| coord.lease(RESOURCE, NOW).unwrap().unwrap().standing;
    coord.vouch(RESOURCE, lease.token + 1, &gone, &Process::current()).unwrap();
    coord.vouch(RESOURCE, lease.token, &Process::current(), &Process::current()).unwrap();
    assert_eq!(standing(&coord), Standing::HolderGone, "neither another token nor another process");
    coord.vouch(RESOURCE, lease.token, &gone, &Process::current()).unwrap();
    assert_eq!(standing(&coord), Standing::Held);
}

#[test]
fn a_killed_holder_is_taken_over_at_once() {
    use std::process::{Command, Stdio};

    use crate::{Liveness, liveness};

    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let process = Process { pid: child.id(), started: started(child.id()), ..Process::current() };
    coord.acquire(&AcquireLease { process: Some(process.clone()), ..ask("a") }, NOW).unwrap();
    held(coord.acquire(&ask("b"), NOW + 1));

    child.kill().unwrap();
    // Collected only afterwards: until then the child is a zombie.
    let deadline = Instant::now() + Duration::from_secs(10);
    while liveness(&process) == Liveness::Alive {
        assert!(Instant::now() < deadline, "a zombie is not alive");
        std::thread::yield_now();
    }
    assert_eq!(coord.lease(RESOURCE, NOW + 1).unwrap().unwrap().standing, Standing::HolderGone);
    let next = coord.acquire(&ask("b"), NOW + 1).unwrap();
    assert_eq!((next.how, next.former.map(|former| former.id)), (How::HolderGone, Some(id("a"))));
    let taken = held(coord.acquire(&ask("a"), NOW + 2)).taken_from_you.unwrap();
    assert_eq!((taken.by, taken.reason), (id("b"), None));
    child.wait().unwrap();
}

#[cfg(target_os = "linux")]
fn started(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap()
}

#[test]
fn leases_are_listed_by_the_exact_beginning_of_their_resource() {
    let folder = tempfile::tempdir().unwrap();
    let mut coord = open(&folder);
    for resource in ["thinking/a_b/main", "thinking/axb/main", "thinking/a_b/étude", "lock/a", "thinking/a_b2/main"] {
        coord.acquire(&AcquireLease { resource: resource.to_owned(), ..ask("a") }, NOW).unwrap();
    }
    let listed = |coord: &Coord, prefix: &str| -> Vec<String> {
        coord.leases(prefix, NOW).unwrap().into_iter().map(|state| state.lease.resource).collect()
    };
    assert_eq!(listed(&coord, "thinking/a_b/"), ["thinking/a_b/main", "thinking/a_b/étude"]);
    assert_eq!(listed(&coord, "").len(), 5);
    assert_eq!(listed(&coord, "thinking/a_b/é"), ["thinking/a_b/étude"]);
    assert_eq!(listed(&coord, "zzz").len(), 0);
    let token = coord.lease("lock/a", NOW).unwrap().unwrap().lease.token;
    coord.release("lock/a", &id("a"), token, NOW).unwrap();
    assert_eq!(listed(&coord, "lock/").len(), 0);
}

#[test]
fn eight_fight_for_one_resource_and_one_at_a_time_has_it() {
    const ROUNDS: u64 = 40;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (start, inside, greatest) = (Barrier::new(8), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for agent in 0..8_u64 {
            let (path, start, inside, greatest) = (&path, &start, &inside, &greatest);
            scope.spawn(move || {
                let fighter =
                    Fighter { coord: Coord::open(path).unwrap(), name: format!("agent-{agent}"), number: agent + 1 };
                start.wait();
                fighter.fight(ROUNDS, inside, greatest);
            });
        }
    });
    let last = Coord::open(Path::new(&path)).unwrap().acquire(&ask("last"), NOW).unwrap();
    assert_eq!((last.how, last.lease.token), (How::AfterRelease, 8 * ROUNDS + 1), "every token was given once");
}

struct Fighter {
    coord: Coord,
    name: String,
    number: u64,
}

impl Fighter {
    fn fight(mut self, rounds: u64, inside: &AtomicU64, greatest: &AtomicU64) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut won = 0;
        while won < rounds {
            assert!(Instant::now() < deadline, "{} had the lease only {won} times", self.name);
            match self.coord.acquire(&ask(&self.name), NOW) {
                Ok(acquired) => {
                    let token = acquired.lease.token;
                    assert_eq!(inside.swap(self.number, Ordering::SeqCst), 0, "somebody else was inside");
                    assert!(greatest.swap(token, Ordering::SeqCst) < token, "tokens grow");
                    self.coord.check(RESOURCE, token).unwrap();
                    assert_eq!(inside.swap(0, Ordering::SeqCst), self.number);
                    self.coord.release(RESOURCE, &id(&self.name), token, NOW).unwrap();
                    won += 1;
                }
                Err(AcquireError::Held(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}
