//! Processes that live, ended, became zombies or cannot be known.

use super::*;

fn recorded() -> Process {
    Process {
        pid: 42,
        started: 1000,
        host: "den".to_owned(),
        boot_id: "boot-1".to_owned(),
        pid_space: "pid:[1]".to_owned(),
    }
}

fn now() -> Here {
    Here { host: "den".to_owned(), boot_id: "boot-1".to_owned(), pid_space: "pid:[1]".to_owned() }
}

#[test]
fn what_is_seen_decides() {
    for (seen, expected) in [
        (Seen::Running { started: 1000 }, Liveness::Alive),
        (Seen::Running { started: 1001 }, Liveness::Gone),
        (Seen::Zombie, Liveness::Gone),
        (Seen::Nothing, Liveness::Gone),
        (Seen::Hidden, Liveness::Unknown),
    ] {
        assert_eq!(judge(&recorded(), &now(), |pid| if pid == 42 { seen } else { Seen::Hidden }), expected, "{seen:?}");
    }
}

#[test]
fn elsewhere_is_unknown_and_before_the_boot_is_gone() {
    let elsewhere = |change: fn(&mut Process)| {
        let mut process = recorded();
        change(&mut process);
        judge(&process, &now(), |_| Seen::Nothing)
    };
    assert_eq!(elsewhere(|p| p.host = "attic".to_owned()), Liveness::Unknown);
    assert_eq!(elsewhere(|p| p.host.clear()), Liveness::Unknown);
    assert_eq!(elsewhere(|p| p.started = 0), Liveness::Unknown);
    assert_eq!(elsewhere(|p| p.pid_space = "pid:[2]".to_owned()), Liveness::Unknown);
    assert_eq!(elsewhere(|p| p.boot_id.clear()), Liveness::Unknown);
    assert_eq!(elsewhere(|p| p.boot_id = "boot-0".to_owned()), Liveness::Gone);
    let another_machine = elsewhere(|p| (p.boot_id, p.host) = ("boot-0".to_owned(), "attic".to_owned()));
    assert_eq!(another_machine, Liveness::Unknown);
}

#[test]
fn text_form_round_trips() {
    let mut process = recorded();
    process.host = "Bob's big mac".to_owned();
    assert_eq!(process.to_string(), "42\t1000\tboot-1\tpid:[1]\tBob's big mac");
    assert_eq!(process.to_string().parse(), Ok(process.clone()));
    process.boot_id.clear();
    process.pid_space.clear();
    process.host.clear();
    assert_eq!(process.to_string().parse(), Ok(process));
    assert!("42\tx\t\t\tden".parse::<Process>().is_err());
    assert!("42\t1000".parse::<Process>().is_err());
}

#[test]
fn this_process_is_alive() {
    let own = Process::current();
    assert_eq!(own.pid, std::process::id());
    assert_ne!(own.started, 0);
    assert_eq!(liveness(&own), Liveness::Alive);
    assert_eq!(liveness(&Process { started: own.started + 1, ..own }), Liveness::Gone);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_child_is_gone_from_the_moment_it_is_a_zombie() {
    use std::process::{Command, Stdio};

    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let Seen::Running { started } = look(child.id()) else { panic!("the child runs") };
    let process = Process { pid: child.id(), started, ..Process::current() };
    assert_eq!(liveness(&process), Liveness::Alive);

    child.kill().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while look(process.pid) != Seen::Zombie {
        assert!(std::time::Instant::now() < deadline, "a killed child that nobody waits for becomes a zombie");
        std::thread::yield_now();
    }
    assert_eq!(liveness(&process), Liveness::Gone);

    child.wait().unwrap();
    assert_eq!(look(process.pid), Seen::Nothing);
    assert_eq!(liveness(&process), Liveness::Gone);
}

#[cfg(target_os = "linux")]
#[test]
fn stat_lines_are_read_from_the_last_parenthesis() {
    let tail = "6771 6771 4351 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 175527 3133440 350";
    let stat = |name: &str, state: &str| parse_stat(format!("7 ({name}) {state} {tail}\n").as_bytes());
    assert_eq!(stat("cat", "S"), Seen::Running { started: 175_527 });
    assert_eq!(stat("a) Z (b", "R"), Seen::Running { started: 175_527 });
    assert_eq!(stat("cat", "Z"), Seen::Zombie);
    assert_eq!(parse_stat(b"7 (\xff) S 1 2"), Seen::Hidden);
    assert_eq!(parse_stat(b""), Seen::Hidden);
}

#[cfg(target_os = "linux")]
#[test]
fn the_starter_is_an_ancestor_that_lives_and_no_shell() {
    let own = Process::current();
    let (direct, name) = parent(own.pid).unwrap();
    assert!(direct > 0 && !name.is_empty());
    // A sandbox may consist of shells up to its first process.
    if let Some(starter) = Process::starter() {
        assert_ne!(starter, own);
        assert_eq!(liveness(&starter), Liveness::Alive);
        assert!(!SHELLS.contains(&parent(starter.pid).unwrap().1.as_str()));
    }
}

#[test]
fn what_started_this_process_is_above_it_and_itself_is_not() {
    if let Some(starter) = Process::starter() {
        assert!(starter.is_above());
        assert!(!Process { started: starter.started + 1, ..starter }.is_above(), "another run under the same id");
    }
    assert!(!Process::current().is_above());
}
