//! The registry: rows are adopted, names are unique and stay.

use super::*;

fn open() -> (tempfile::TempDir, Coord) {
    let folder = tempfile::tempdir().unwrap();
    let coord = Coord::open(&folder.path().join("state.db")).unwrap();
    (folder, coord)
}

fn seen(id: &str) -> AgentSeen {
    AgentSeen::new(id.parse().unwrap())
}

#[test]
fn a_known_id_adopts_its_row_and_gets_all_of_it_back() {
    let (_folder, mut coord) = open();
    assert_eq!(coord.agent(&"x".parse().unwrap()).unwrap(), None);
    let by_hook = AgentSeen {
        client: Some("claude-code".to_owned()),
        process: Some(Process::current()),
        directory: Some("/home/kim/den".to_owned()),
        project: Some("den".to_owned()),
        ..seen("x")
    };
    let first = coord.touch_agent(&by_hook, 1_000).unwrap();
    let by_model =
        AgentSeen { task: Some("mend the gate".to_owned()), status: Some(AgentStatus::Waiting), ..seen("x") };
    let second = coord.touch_agent(&by_model, 2_000).unwrap();
    let expected =
        Agent { task: by_model.task.clone(), status: AgentStatus::Waiting, last_active: 2_000, ..first.clone() };
    assert_eq!(second, expected);
    assert_eq!((first.started, &first.process, &first.client), (1_000, &by_hook.process, &by_hook.client));
    assert_eq!(coord.agent(&"x".parse().unwrap()).unwrap(), Some(second));
}

#[test]
fn an_ended_agent_that_calls_is_active_again() {
    let (_folder, mut coord) = open();
    for (told, after) in [
        (AgentStatus::Ended, AgentStatus::Active),
        (AgentStatus::Waiting, AgentStatus::Waiting),
        (AgentStatus::Paused, AgentStatus::Paused),
        (AgentStatus::Active, AgentStatus::Active),
    ] {
        assert_eq!(coord.touch_agent(&AgentSeen { status: Some(told), ..seen("x") }, 1).unwrap().status, told);
        assert_eq!(coord.touch_agent(&seen("x"), 2).unwrap().status, after);
    }
}

#[test]
fn who_comes_back_after_it_had_ended_came_last() {
    let (_folder, mut coord) = open();
    let started = |coord: &mut Coord, at| coord.touch_agent(&seen("x"), at).unwrap().started;
    assert_eq!([started(&mut coord, 1), started(&mut coord, 2)], [1, 1]);
    assert_eq!(coord.end_agent(&"x".parse().unwrap(), 3).unwrap().unwrap().started, 1);
    assert_eq!([started(&mut coord, 4), started(&mut coord, 5)], [4, 4]);
}

#[test]
fn what_a_newer_program_wrote_stops_nothing() {
    let (_folder, mut coord) = open();
    coord.touch_agent(&AgentSeen { process: Some(Process::current()), ..seen("x") }, 1).unwrap();
    coord.write("meddle", |t| t.execute("UPDATE agents SET status = 'dreaming', process = 'v2:17'", [])).unwrap();
    let state = coord.agents(2).unwrap().remove(0);
    assert_eq!(
        (state.agent.status, state.agent.process, state.presence),
        (AgentStatus::Active, None, Presence::Active)
    );
    coord.touch_agent(&seen("x"), 2).unwrap();
    let kept = coord.read("look", |c| c.query_row("SELECT status FROM agents", [], |row| row.get::<_, String>(0)));
    assert_eq!(kept.unwrap(), "dreaming", "it is the newer one's to read");
}

#[test]
fn a_name_that_is_taken_gets_a_number_and_keeps_it() {
    let (_folder, mut coord) = open();
    let wished = memorable_name(&"x".parse().unwrap());
    for (taker, number) in [("first", ""), ("second", "-2")] {
        let name = format!("{wished}{number}");
        coord.touch_agent(&seen(taker), 1).unwrap();
        let update = "UPDATE agents SET name = ?1 WHERE id = ?2";
        coord.write("name an agent", |t| t.execute(update, [name.as_str(), taker])).unwrap();
    }
    assert_eq!(coord.touch_agent(&seen("x"), 1).unwrap().name, format!("{wished}-3"));
    coord.write("forget", |t| t.execute("DELETE FROM agents WHERE id = 'first'", [])).unwrap();
    assert_eq!(coord.touch_agent(&seen("x"), 2).unwrap().name, format!("{wished}-3"));
}

fn gone() -> Process {
    Process { started: Process::current().started + 1, ..Process::current() }
}

#[test]
fn presence_follows_process_time_and_word() {
    let (_folder, mut coord) = open();
    let minutes = |n: u64| n * 60_000;
    let alive = AgentSeen { process: Some(Process::current()), ..seen("alive") };
    coord.touch_agent(&alive, 0).unwrap();
    coord.touch_agent(&AgentSeen { process: Some(gone()), ..seen("dead") }, 0).unwrap();
    coord.touch_agent(&AgentSeen { status: Some(AgentStatus::Waiting), ..seen("waits") }, 0).unwrap();
    let presence = |coord: &Coord, now: u64| -> Vec<String> {
        let mut all: Vec<_> = coord.agents(now).unwrap();
        all.sort_by_key(|state| state.agent.id.clone());
        all.iter().map(|state| format!("{} {}", state.agent.id, state.presence)).collect()
    };
    assert_eq!(presence(&coord, minutes(29)), ["alive active", "dead gone", "waits waiting"]);
    assert_eq!(presence(&coord, minutes(30)), ["alive inactive", "dead gone", "waits inactive"]);
    // Whoever calls lives, in whatever process.
    assert_eq!(coord.touch_agent(&seen("dead"), minutes(30)).unwrap().process, None);
    coord.end_agent(&alive.id, minutes(30)).unwrap();
    assert_eq!(presence(&coord, minutes(31)), ["alive ended", "dead active", "waits inactive"]);
}

#[test]
fn the_sweep_ends_the_dead_lets_go_and_forgets_what_is_old() {
    let (_folder, mut coord) = open();
    let lease = |agent: &AgentSeen, resource: &str, process: Option<Process>| crate::AcquireLease {
        resource: resource.to_owned(),
        agent: agent.clone(),
        process,
        ttl_ms: 1_000_000_000,
        note: None,
        takeover: None,
    };
    let dead = AgentSeen { process: Some(gone()), ..seen("dead") };
    coord.acquire(&lease(&dead, "lock/x", Some(gone())), 1).unwrap();
    coord.acquire(&lease(&dead, "lock/by time", None), 1).unwrap();
    coord.acquire(&lease(&dead, "lock/at work", Some(Process::current())), 1).unwrap();
    coord.acquire(&lease(&dead, "thinking/s/main", Some(gone())), 1).unwrap();
    coord.acquire(&lease(&seen("lives"), "lock/y", None), 1).unwrap();
    let keep = Retention::default();
    assert_eq!(coord.sweep_when_due(&keep, 10).unwrap().unwrap().ended, 1);
    assert_eq!(coord.sweep_when_due(&keep, 11).unwrap(), None, "not twice in a minute");
    let held = |coord: &Coord, now: u64| -> Vec<String> {
        let states = coord.leases("", now).unwrap().into_iter();
        states.map(|state| format!("{} {:?}", state.lease.resource, state.standing)).collect()
    };
    assert_eq!(held(&coord, 10), ["lock/at work Held", "lock/y Held", "thinking/s/main Expired"]);
    let later = 2 * keep.keep_ms;
    let swept = coord.sweep_when_due(&keep, later).unwrap().unwrap();
    assert_eq!((swept.ended, swept.leases, swept.agents), (1, 5, 2));
    assert_eq!(coord.agents(later).unwrap(), []);
    for n in 0..5 {
        let ended = AgentSeen { status: Some(AgentStatus::Ended), ..seen(&format!("e{n}")) };
        coord.touch_agent(&ended, later + n).unwrap();
    }
    coord.sweep(&Retention { ended_agents: 2, ..keep }, later + 9).unwrap();
    let left: Vec<_> = coord.agents(later).unwrap().iter().map(|state| state.agent.id.to_string()).collect();
    assert_eq!(left, ["e4", "e3"]);
}

#[test]
fn an_agent_names_itself_and_two_are_never_called_the_same() {
    let (_folder, mut coord) = open();
    for id in ["a", "b"] {
        coord.touch_agent(&seen(id), 1).unwrap();
    }
    let name: AgentName = "reviewer".parse().unwrap();
    coord.rename_agent(&"a".parse().unwrap(), &name).unwrap();
    coord.rename_agent(&"a".parse().unwrap(), &name).unwrap();
    assert!(matches!(coord.rename_agent(&"b".parse().unwrap(), &name), Err(RenameError::Taken { .. })));
    assert!(matches!(coord.rename_agent(&"c".parse().unwrap(), &name), Err(RenameError::Taken { .. })));
    assert!(matches!(coord.rename_agent(&"c".parse().unwrap(), &"x".parse().unwrap()), Err(RenameError::Unknown(_))));
    assert_eq!(coord.touch_agent(&seen("a"), 2).unwrap().name, "reviewer");
    for bad in ["", "journal", "1st", "Reviewer", "a b", "a\u{e9}"] {
        assert!(bad.parse::<AgentName>().is_err(), "{bad}");
    }
}

#[test]
fn files_are_kept_with_the_last_first_and_bounded() {
    let (_folder, mut coord) = open();
    coord.touch_agent(&seen("a"), 1).unwrap();
    let id = "a".parse().unwrap();
    let paths: Vec<String> = (0..250).map(|n| format!("f{n:03}")).collect();
    coord.touch_files(&id, &paths, 1).unwrap();
    coord.touch_files(&id, &["f001".to_owned()], 2).unwrap();
    coord.touch_files(&"nobody".parse().unwrap(), &paths, 2).unwrap();
    let files = coord.agents(2).unwrap().remove(0).files;
    assert_eq!((files.len(), files[0].path.as_str(), files[0].at), (200, "f001", 2));
}

#[test]
fn a_status_reads_back() {
    for status in [AgentStatus::Active, AgentStatus::Waiting, AgentStatus::Paused, AgentStatus::Ended] {
        assert_eq!(status.to_string().parse(), Ok(status));
    }
    assert!("busy".parse::<AgentStatus>().is_err());
}
