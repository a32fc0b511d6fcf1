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

#[test]
fn a_status_reads_back() {
    for status in [AgentStatus::Active, AgentStatus::Waiting, AgentStatus::Paused, AgentStatus::Ended] {
        assert_eq!(status.to_string().parse(), Ok(status));
    }
    assert!("busy".parse::<AgentStatus>().is_err());
}
