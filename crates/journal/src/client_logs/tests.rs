//! Two agents in one directory, in the same second: each finds what is its own, whatever the other does meanwhile.

use std::{
    fs::{self, File},
    io::Write as _,
    sync::Arc,
    time::{Duration, SystemTime},
};

use journal_engine::{AgentSeen, Caller, Engine, MarkerName, Parts, RealDisk, Settings, StateDir, Vault};

use super::*;
use crate::source::SystemSource;

/// How many interleavings are tried.
const ROUNDS: usize = 1_000;

/// After so many two other agents take their place.
const ROUNDS_OF_A_PAIR: usize = 50;

/// Something that an agent or its client does.
#[derive(Debug, Clone, Copy)]
enum Step {
    Say,
    Slug,
    Plan,
    Agent,
    Scratch,
    Marker,
    Malformed,
}

const STEPS: [Step; 8] =
    [Step::Say, Step::Slug, Step::Plan, Step::Agent, Step::Scratch, Step::Marker, Step::Malformed, Step::Say];

/// One of the two.
struct Actor {
    client: Client,
    id: String,
    slug: String,
    round: usize,
}

struct World {
    _folder: tempfile::TempDir,
    home: PathBuf,
    engine: Engine,
    logs: ClientLogs,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (vault, home) = (folder.path().join("vault"), folder.path().join("home"));
        fs::create_dir_all(&vault).unwrap();
        let vault = Vault::open(&vault, Arc::new(RealDisk)).unwrap();
        let state = StateDir::open(&folder.path().join("data"), "test", &vault).unwrap();
        let parts = Parts { vault, state: Some(state), source: Arc::new(SystemSource), settings: Settings::default() };
        let at = |name: &str| home.join(name);
        let logs = ClientLogs { homes: vec![(Client::ClaudeCode, at(".claude")), (Client::Codex, at(".codex"))] };
        Self { engine: Engine::new(parts), home, logs, _folder: folder }
    }

    fn append(&self, path: &str, line: &str, random: &mut fastrand::Rng) {
        let path = self.home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = File::options().append(true).create(true).open(&path).unwrap();
        writeln!(file, "{line}").unwrap();
        // Whichever file is newest is chance.
        let age = Duration::from_secs(random.u64(0..100_000));
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) - age).unwrap();
    }
}

impl Actor {
    fn caller(&self) -> Caller {
        let agent = AgentSeen { directory: Some("/work/api".into()), ..AgentSeen::new(self.id.parse().unwrap()) };
        Caller { agent, lasting: true, serving: false }
    }

    fn log(&self) -> String {
        match self.client {
            Client::ClaudeCode => format!(".claude/projects/-work-api/{}.jsonl", self.id),
            Client::Codex => format!(".codex/sessions/2026/11/21/rollout-2026-11-21T10-00-00-{}.jsonl", self.id),
        }
    }

    fn take(&self, step: Step, world: &World, random: &mut fastrand::Rng) {
        let Self { client, id, slug, .. } = self;
        let at = "2026-11-21T10:00:00.000Z";
        let log = self.log();
        let is_claude = *client == Client::ClaudeCode;
        if !is_claude && !world.home.join(&log).exists() {
            let head =
                format!(r#"{{"timestamp":"{at}","type":"session_meta","payload":{{"id":"{id}","cwd":"/work/api"}}}}"#);
            world.append(&log, &head, random);
        }
        let claude = |more: &str| format!(r#"{{"sessionId":"{id}","timestamp":"{at}","cwd":"/work/api",{more}}}"#);
        match step {
            Step::Say if is_claude => {
                let said = claude(&format!(r#""type":"user","message":{{"content":"asked by {id}"}}"#));
                world.append(&log, &said, random);
            }
            Step::Say => {
                let content = format!(r#"[{{"type":"input_text","text":"asked by {id}"}}]"#);
                let message = format!(r#"{{"type":"message","role":"user","content":{content}}}"#);
                world.append(
                    &log,
                    &format!(r#"{{"timestamp":"{at}","type":"response_item","payload":{message}}}"#),
                    random,
                );
            }
            Step::Slug if is_claude => {
                world.append(&log, &claude(&format!(r#""type":"user","slug":"{slug}""#)), random);
            }
            Step::Plan if is_claude => {
                world.append(&format!(".claude/plans/{slug}.md"), &format!("plan of {id}"), random)
            }
            Step::Slug => {}
            Step::Plan => {
                let arguments = format!(r#"{{\"plan\":[{{\"step\":\"plan of {id}\",\"status\":\"pending\"}}]}}"#);
                let call = format!(r#"{{"type":"function_call","name":"update_plan","arguments":"{arguments}"}}"#);
                world.append(
                    &log,
                    &format!(r#"{{"timestamp":"{at}","type":"response_item","payload":{call}}}"#),
                    random,
                );
            }
            Step::Agent if is_claude => {
                let line = claude(r#""type":"user","isSidechain":true,"agentId":"a1","message":{"content":"search"}"#);
                world.append(&format!(".claude/projects/-work-api/agent-{slug}.jsonl"), &line, random);
            }
            Step::Agent => {
                let parent = format!(r#"{{"subagent":{{"thread_spawn":{{"parent_thread_id":"{id}"}}}}}}"#);
                let head = format!(
                    r#"{{"timestamp":"{at}","type":"session_meta","payload":{{"id":"{slug}","source":{parent}}}}}"#
                );
                let path = format!(".codex/sessions/2026/11/21/rollout-2026-11-21T10-00-01-{slug}.jsonl");
                world.append(&path, &head, random);
            }
            Step::Scratch => {
                let folder = world.engine.scratch(&self.caller()).unwrap();
                fs::write(folder.join("notes.md"), self.text()).unwrap();
            }
            Step::Marker => world.engine.set_marker(&self.caller(), &ready(), &self.text()).unwrap(),
            Step::Malformed => world.append(&log, r#"{"sessionId":"#, random),
        }
    }

    /// What it keeps in its own files in this round.
    fn text(&self) -> String {
        format!("{} in round {}", self.id, self.round)
    }

    /// What it finds, which is its own and all of it.
    fn check(&self, world: &World) {
        let Self { client, id, .. } = self;
        let found = world.logs.of_session(id, 400).unwrap().logs;
        let [log] = found.as_slice() else { panic!("{} logs of {id}", found.len()) };
        assert_eq!((log.client, log.path.clone()), (*client, world.home.join(self.log())));
        assert_eq!((log.transcript.malformed, log.transcript.foreign), (1, 0));
        assert_eq!(log.transcript.asked.as_deref(), Some(format!("asked by {id}").as_str()));
        assert!(log.transcript.digest().contains(&format!("asked by {id}")));
        let plan = world.logs.plan(log).unwrap().expect("it has a plan");
        assert!(plan.text.contains(&format!("plan of {id}")), "{}", plan.text);
        let agents = world.logs.of_agents(id, WITHOUT_DIGEST).logs;
        assert_eq!(agents.len(), 1);
        let agent = self.caller().agent.id;
        assert_eq!(world.engine.marker(&agent, &ready()).unwrap(), Some(self.text()));
        assert_eq!(world.engine.scratch_files(&agent).unwrap(), ["notes.md"]);
        let scratch = world.engine.scratch(&self.caller()).unwrap();
        assert_eq!(fs::read_to_string(scratch.join("notes.md")).unwrap(), self.text());
    }
}

fn ready() -> MarkerName {
    "ready".parse().unwrap()
}

#[test]
fn each_of_two_agents_finds_only_its_own_however_they_interleave() {
    let mut random = fastrand::Rng::with_seed(6);
    let world = World::new();
    for round in 0..ROUNDS {
        if world.home.exists() {
            fs::remove_dir_all(&world.home).unwrap();
        }
        let clients = [Client::ALL[random.usize(0..2)], Client::ALL[random.usize(0..2)]];
        // The ids differ in one letter, as those of one millisecond may.
        let actors = [('a', clients[0]), ('b', clients[1])].map(|(letter, client)| Actor {
            client,
            id: format!("0193e5a0-7c1e-7000-8000-{:011}{letter}", round / ROUNDS_OF_A_PAIR),
            slug: format!("calm-fox-{round}{letter}"),
            round,
        });
        let mut left = [STEPS.iter(), STEPS.iter()];
        while left.iter().any(|steps| !steps.as_slice().is_empty()) {
            let who = random.usize(0..2);
            if let Some(step) = left[who].next() {
                actors[who].take(*step, &world, &mut random);
            }
        }
        actors.iter().for_each(|actor| actor.check(&world));
    }
}

#[test]
fn a_name_in_a_log_leads_nowhere_but_to_a_plan() {
    let world = World::new();
    let mut random = fastrand::Rng::with_seed(1);
    fs::create_dir_all(world.home.join(".claude/plans")).unwrap();
    fs::write(world.home.join(".claude/secret.md"), "secret").unwrap();
    let line = r#"{"sessionId":"s","type":"user","slug":"../secret","message":{"content":"x"}}"#;
    world.append(".claude/projects/p/s.jsonl", line, &mut random);
    let found = world.logs.of_session("s", WITHOUT_DIGEST).unwrap().logs;
    assert!(world.logs.plan(&found[0]).unwrap().is_none());
    for session in ["", "..", "../p/s", "/etc/passwd", "S"] {
        assert!(world.logs.of_session(session, WITHOUT_DIGEST).unwrap().logs.is_empty(), "{session}");
    }
}

#[cfg(unix)]
#[test]
fn what_a_neighbour_keeps_among_the_logs_is_passed_over() {
    use std::os::unix::fs::symlink;

    let world = World::new();
    let mut random = fastrand::Rng::with_seed(1);
    let line = |more: &str| format!(r#"{{"sessionId":"s","type":"user","message":{{"content":"x"}}{more}}}"#);
    world.append(".claude/projects/p/s.jsonl", &line(""), &mut random);
    world.append(".claude/projects/p/agent-a.jsonl", &line(r#","isSidechain":true,"agentId":"a""#), &mut random);
    let projects = world.home.join(".claude/projects");
    fs::create_dir_all(projects.join("theirs")).unwrap();
    // Never written to: whoever opens it waits.
    let pipe = projects.join("theirs/agent-ff.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Links in a circle cannot be read, by whomever.
    symlink("agent-loop.jsonl", projects.join("theirs/agent-loop.jsonl")).unwrap();
    let found = world.logs.of_agents("s", WITHOUT_DIGEST);
    assert_eq!((found.logs.len(), found.passed_over.len()), (1, 0));
    assert_eq!(world.logs.of_session("s", WITHOUT_DIGEST).unwrap().logs.len(), 1);
    let mut passed_over = Vec::new();
    let mut logs = Vec::new();
    walk(&projects.join("theirs").join("n".repeat(300)), 1, &|_| true, &mut logs, &mut passed_over);
    assert_eq!((logs.len(), passed_over.len()), (0, 1), "a folder that cannot be listed is told");
}
