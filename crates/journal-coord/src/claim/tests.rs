//! Claims through the database: who is in whose way, in which worktree, until when.

use super::*;
use crate::{AgentId, Bounds, Coord};

const NOW: u64 = 1_763_700_000_000;
const HOUR: u64 = 3_600_000;

fn open() -> (tempfile::TempDir, Coord) {
    let folder = tempfile::tempdir().unwrap();
    let coord = Coord::open(&folder.path().join("state.db")).unwrap();
    (folder, coord)
}

fn id(name: &str) -> AgentId {
    name.parse().unwrap()
}

fn scope(worktree: &str) -> ClaimScope {
    ClaimScope { project: "den".to_owned(), worktree: Some(worktree.to_owned()) }
}

fn globs(texts: &[&str]) -> Vec<Glob> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn ask(agent: &str, texts: &[&str]) -> ClaimPaths {
    ClaimPaths {
        agent: AgentSeen::new(id(agent)),
        process: None,
        scope: scope("/w"),
        globs: globs(texts),
        shared: false,
        ttl_ms: HOUR,
        reason: Some(format!("{agent} works here")),
        anyway: false,
    }
}

fn shared(request: ClaimPaths) -> ClaimPaths {
    ClaimPaths { shared: true, ..request }
}

fn refused(result: Result<Claimed, ClaimError>) -> Vec<String> {
    match result {
        Err(ClaimError::Conflict(conflicts)) => {
            conflicts.iter().map(|c| format!("{} {} {}", c.asked, c.theirs.glob, c.theirs.lease.holder)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn overlapping_claims_are_refused_whole_and_shared_ones_stand_together() {
    let (_folder, mut coord) = open();
    coord.claim(&ask("a", &["src/**/*.rs"]), NOW).unwrap();
    assert_eq!(refused(coord.claim(&ask("b", &["docs/**", "src/lib.rs"]), NOW)), ["src/lib.rs src/**/*.rs a"]);
    assert_eq!(coord.claims(None, NOW).unwrap().len(), 1, "all or none");
    assert_eq!(refused(coord.claim(&shared(ask("b", &["src"])), NOW)), ["src src/**/*.rs a"]);
    coord.claim(&ask("a", &["src/lib.rs"]), NOW).unwrap();
    coord.claim(&shared(ask("b", &["docs/**"])), NOW).unwrap();
    coord.claim(&shared(ask("c", &["docs/*.md"])), NOW).unwrap();
    assert_eq!(refused(coord.claim(&ask("a", &["docs/x.md"]), NOW)).len(), 2);
    let error = coord.claim(&ask("a", &["docs/x.md"]), NOW).unwrap_err().to_string();
    assert!(error.contains("`docs/x.md` overlaps `docs/**`, which "), "{error}");
}

#[test]
fn a_claim_counts_in_its_worktree_unless_asked_for_all() {
    let (_folder, mut coord) = open();
    coord.claim(&ask("a", &["src"]), NOW).unwrap();
    let elsewhere = |worktree: Option<&str>| ClaimPaths {
        scope: ClaimScope { worktree: worktree.map(str::to_owned), ..scope("") },
        ..ask("b", &["src"])
    };
    assert_eq!(refused(coord.claim(&elsewhere(None), NOW)), ["src src a"]);
    coord.claim(&elsewhere(Some("/other")), NOW).unwrap();
    let project = ClaimScope { project: "other".to_owned(), worktree: None };
    coord.claim(&ClaimPaths { scope: project, ..ask("c", &["src"]) }, NOW).unwrap();
    let check = |worktree: &str| coord.check_claims(&id("c"), &scope(worktree), &globs(&["src/x"]), NOW).unwrap();
    assert_eq!([check("/w").len(), check("/other").len(), check("/third").len()], [1, 1, 0]);
    assert_eq!(check("/w")[0].path, "src/x");
}

#[test]
fn a_claim_ends_by_time_by_release_and_with_its_agent() {
    let (_folder, mut coord) = open();
    coord.claim(&ask("a", &["x", "y", "z"]), NOW).unwrap();
    coord.claim(&ask("b", &["x"]), NOW + HOUR).unwrap();
    coord.claim(&ask("a", &["y", "z"]), NOW + HOUR).unwrap();
    let released =
        coord.release_claims(&id("a"), &scope("/w"), Some(&globs(&["./y/", "nothing"])), NOW + HOUR).unwrap();
    assert_eq!(released.iter().map(|claim| claim.glob.as_str()).collect::<Vec<_>>(), ["y"]);
    let left = |coord: &Coord| -> Vec<String> {
        let claims = coord.claims(Some("den"), NOW + HOUR).unwrap();
        claims.iter().map(|claim| format!("{} {}", claim.lease.holder, claim.glob)).collect()
    };
    assert_eq!(left(&coord), ["b x", "a z"]);
    coord.end_agent(&id("a"), NOW + HOUR).unwrap().unwrap();
    assert_eq!(left(&coord), ["b x"]);
    assert_eq!(coord.release_claims(&id("b"), &scope("/other"), None, NOW + HOUR).unwrap().len(), 1);
    assert_eq!(left(&coord), [""; 0]);
}

#[test]
fn a_claim_is_given_back_in_its_worktree() {
    let (_folder, mut coord) = open();
    let at = |project: &str, worktree: Option<&str>| ClaimScope {
        project: project.to_owned(),
        worktree: worktree.map(str::to_owned),
    };
    let places = [at("den", Some("/w")), at("den", Some("/side")), at("den", None), at("lair", Some("/w"))];
    for scope in &places {
        coord.claim(&ClaimPaths { scope: scope.clone(), ..ask("a", &["f"]) }, NOW).unwrap();
    }
    let mut release = |scope: &ClaimScope, paths: Option<&[Glob]>| -> Vec<ClaimScope> {
        let released = coord.release_claims(&id("a"), scope, paths, NOW).unwrap();
        released.into_iter().map(|claim| claim.scope).collect()
    };
    // The project of a folder may be another one than it was; the folder is the same.
    assert_eq!(release(&scope("/w"), Some(&globs(&["f"]))), [&places[2], &places[0], &places[3]].map(Clone::clone));
    assert_eq!(release(&scope("/w"), None), [places[1].clone()]);
}

#[test]
fn an_edit_of_what_is_claimed_is_told_to_the_holder_once_an_hour() {
    let (_folder, mut coord) = open();
    coord.claim(&ask("a", &["src"]), NOW).unwrap();
    coord.claim(&ask("b", &["docs"]), NOW).unwrap();
    let news = |coord: &mut Coord, now: u64| -> Vec<String> {
        let (_, news) = coord.heartbeat(&AgentSeen::new(id("a")), now).unwrap();
        let told = |event: &crate::Event| {
            format!("{} {} {}", event.kind, event.subject.as_ref().unwrap(), event.detail.as_ref().unwrap())
        };
        news.events.iter().map(told).collect()
    };
    let edit = |coord: &mut Coord, agent: &str, paths: &[&str], now: u64| {
        let conflicts = coord.check_claims(&id(agent), &scope("/w"), &globs(paths), now).unwrap();
        coord.tell_edits(&id(agent), &conflicts, HOUR, now).unwrap();
    };
    edit(&mut coord, "b", &["src/x", "docs/y", "src/z"], NOW + 1);
    edit(&mut coord, "b", &["src/x"], NOW + 2);
    assert_eq!(news(&mut coord, NOW + 2), ["claim-conflict src src/x", "claim-conflict src src/z"]);
    // Of whoever has no name here as well, such as a person who commits.
    edit(&mut coord, "nobody", &["src/x"], NOW + 3);
    assert_eq!(news(&mut coord, NOW + 3).len(), 1);
    coord.claim(&ask("a", &["src"]), NOW + HOUR).unwrap();
    edit(&mut coord, "b", &["src/x"], NOW + 2 + HOUR);
    assert_eq!(news(&mut coord, NOW + 2 + HOUR).len(), 1, "an hour later");
}

#[test]
fn claiming_anyway_is_told_to_the_holder() {
    let (_folder, mut coord) = open();
    coord.claim(&ask("a", &["src"]), NOW).unwrap();
    let claimed = coord.claim(&ClaimPaths { anyway: true, ..ask("b", &["src/x"]) }, NOW).unwrap();
    assert_eq!((claimed.claims.len(), claimed.conflicts.len()), (1, 1));
    let (_, news) = coord.heartbeat(&AgentSeen::new(id("a")), NOW).unwrap();
    assert_eq!(news.events.len(), 1);
    assert_eq!((news.events[0].subject.as_deref(), news.events[0].detail.as_deref()), (Some("src"), Some("src/x")));
}

#[test]
fn the_bound_comes_before_what_is_in_the_way() {
    let (_folder, mut coord) = open();
    coord.set_bounds(Bounds { leases_per_agent: 2, ..Bounds::default() });
    coord.claim(&ask("a", &["src"]), NOW).unwrap();
    assert!(matches!(coord.claim(&ask("b", &["src/1", "src/2", "src/3"]), NOW), Err(ClaimError::Full(_))));
    let twice = coord.claim(&ask("b", &["src/1", "src/1", "./src/1"]), NOW);
    assert_eq!(refused(twice), ["src/1 src a"], "what is said twice is compared once");
}

#[test]
fn one_agent_holds_only_so_much_and_only_so_many_agents_hold() {
    let (_folder, mut coord) = open();
    coord.set_bounds(Bounds { leases_per_agent: 2, agents_per_project: 2 });
    let of = |agent: &str, texts: &[&str]| {
        let request = ask(agent, texts);
        ClaimPaths { agent: AgentSeen { project: Some("den".to_owned()), ..request.agent.clone() }, ..request }
    };
    let full = |result| match result {
        Err(ClaimError::Full(full)) => *full,
        other => panic!("{other:?}"),
    };
    assert!(matches!(full(coord.claim(&of("a", &["1", "2", "3"]), NOW)), Full::Leases { bound: 2, more: 3, .. }));
    coord.claim(&of("a", &["1", "2"]), NOW).unwrap();
    coord.claim(&of("a", &["1"]), NOW).unwrap();
    let Full::Leases { held, more: 1, .. } = full(coord.claim(&of("a", &["3"]), NOW)) else {
        panic!("too many leases")
    };
    assert_eq!(held.len(), 2);
    coord.claim(&of("b", &["4"]), NOW + 1).unwrap();
    let Full::Agents { here, .. } = full(coord.claim(&of("c", &["5"]), NOW + 2)) else { panic!("too many agents") };
    assert_eq!(here.len(), 2);
    coord.end_agent(&id("a"), NOW + 3).unwrap();
    coord.claim(&of("c", &["5"]), NOW + 4).unwrap();
}
