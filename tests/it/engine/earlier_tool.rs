//! Vaults of the earlier vault-backed tool: read as they are, and continued in their own way.

use std::path::Path;

use insta::assert_snapshot;
use journal_engine::SessionFilter;
use journal_testkit::TestVault;

use super::{World, changes, complaints, outcome, think, thoughts};

const FOLDER: &str = "100. Inbox/10. 추론 세션(Reasoning Sessions)";
const BACKUPS: &str = "20260110081500";
const SEARCH: &str = "20260110093000";

fn world() -> World {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("vault-fixtures/ailss-vault");
    World::over(TestVault::from_folder(&fixture))
}

#[test]
fn sessions_hydrate_as_they_are() {
    let world = world();
    let backups = world.changes_nothing(|| world.hydrate(BACKUPS)).unwrap();
    assert_eq!(thoughts(&backups), "1 (2) 3 4 6 multipart:5");
    assert_eq!(complaints(&backups.diagnostics), "");
    assert_eq!((backups.unresolved_targets.len(), backups.linked.len(), backups.next_needed), (0, 0, false));
    assert_eq!(backups.title, "추론 세션(Reasoning Session) 20260110081500");
    assert_eq!(backups.status, journal_model::Status::Done);
    assert_eq!(backups.next_number.unwrap().get(), 7);
    let branch = &backups.branches[0];
    assert_eq!((branch.name.as_str(), branch.from.unwrap().get(), branch.next.unwrap().get()), ("multipart", 3, 7));
    let search = world.hydrate(SEARCH).unwrap();
    assert_eq!((thoughts(&search).as_str(), search.next_needed), ("1 2", true));
    assert!(search.body.unwrap().contains("- A person added this line."));
    for reference in [
        "추론 세션(Reasoning Session) 20260110081500",
        "[[추론 세션(Reasoning Session) 20260110081500|the Sunday failures]]",
        "20260110081521",
        "생각(Thought) 20260110081500 T004",
        &format!("{FOLDER}/추론 세션(Reasoning Session) 20260110081500.md"),
        "081500",
    ] {
        assert_eq!(world.hydrate(reference).unwrap_or_else(|e| panic!("{reference}: {e}")).id.as_str(), BACKUPS);
    }
    let mut branch = super::hydrate(BACKUPS);
    branch.line = Some("multipart".parse().unwrap());
    assert_eq!(thoughts(&world.engine.hydrate(&branch).unwrap()), "1 (2) 3 multipart:5");
}

#[test]
fn both_are_listed() {
    let world = world();
    let listed = world.changes_nothing(|| world.engine.sessions(&SessionFilter::default())).unwrap();
    let line = |session: &journal_engine::SessionSummary| {
        format!("{} {} {}+{} {}", session.id, session.status, session.thoughts, session.branches, session.title)
    };
    assert_eq!(
        listed.sessions.iter().map(line).collect::<Vec<_>>(),
        [
            "20260110093000 active 2+0 Why is the search slow (한글 제목)",
            "20260110081500 done 6+1 추론 세션(Reasoning Session) 20260110081500"
        ]
    );
}

#[test]
fn a_session_goes_on_in_its_own_style() {
    let world = world();
    let next = think("Ship it behind a flag.\r\nThen watch one Sunday.").tags(&["release"]).total(8);
    let (appended, changes) = world.changes(|| world.think(next.in_session(BACKUPS)));
    assert_eq!(outcome(&appended), "main 7/8, next 8");
    assert_snapshot!(changes, @r#"
    + 100. Inbox/10. 추론 세션(Reasoning Sessions)/생각(Thought) 20260110081500 T007.md
        ---
        id: "01M7YNAYM0W8GAGEBV3Q6TYJGS"
        created: "2026-11-21T09:00:00"
        title: "생각(Thought) 20260110081500 T007"
        summary:
        aliases: []
        entity: log
        layer: operational
        tags: ["inbox","ailss","thinking","release"]
        keywords: []
        status: draft
        updated: "2026-11-21T09:00:00"
        source: []
        part_of: ["[[추론 세션(Reasoning Session) 20260110081500]]"]
        depends_on: ["[[생각(Thought) 20260110081500 T006]]"]
        branch_from_thought:
        branch_id:
        is_revision: false
        next_thought_needed: true
        revises_thought:
        session_note_id: "20260110081500"
        thought_number: 7
        total_thoughts: 8
        agent: "otter"
        ---

        Ship it behind a flag.
        Then watch one Sunday.[no newline]
    ~ 100. Inbox/10. 추론 세션(Reasoning Sessions)/추론 세션(Reasoning Session) 20260110081500.md
        - updated: "2026-01-10T08:17:06"
        + updated: "2026-11-21T09:00:00"
        - see_also: ["[[생각(Thought) 20260110081500 T001]]","[[생각(Thought) 20260110081500 T002]]","[[생각(Thought) 20260110081500 T003]]","[[생각(Thought) 20260110081500 T004]]","[[생각(Thought) 20260110081500 T005]]","[[생각(Thought) 20260110081500 T006]]"]
        + see_also: ["[[생각(Thought) 20260110081500 T001]]","[[생각(Thought) 20260110081500 T002]]","[[생각(Thought) 20260110081500 T003]]","[[생각(Thought) 20260110081500 T004]]","[[생각(Thought) 20260110081500 T005]]","[[생각(Thought) 20260110081500 T006]]","[[생각(Thought) 20260110081500 T007]]"]
    "#);
    let again = think("Ship it behind a flag.\nThen watch one Sunday.").number(7);
    assert_eq!(outcome(&world.think(again.in_session(BACKUPS))), "main 7/8, next 8, replayed");
}

#[test]
fn its_branches_and_revisions_go_on() {
    let world = world();
    let branch = world.think(think("64 MiB parts work.").branch("multipart", None).in_session(BACKUPS));
    assert_eq!(outcome(&branch), "multipart 7/7, next 8", "it counts through all lines");
    world.tick();
    let (new, changes) = world
        .changes(|| world.think(think("No flag needed.").branch("no-flag", Some(6)).revises(6).in_session(BACKUPS)));
    assert_eq!(outcome(&new), "no-flag 8/8, next 9");
    assert_snapshot!(changes, @r#"
    + 100. Inbox/10. 추론 세션(Reasoning Sessions)/생각(Thought) 20260110081500 T008.md
        ---
        id: "01M7YNAZK8DSW9WTN1Q5JZ9W0J"
        created: "2026-11-21T09:00:01"
        title: "생각(Thought) 20260110081500 T008"
        summary:
        aliases: []
        entity: log
        layer: operational
        tags: ["inbox","ailss","thinking"]
        keywords: []
        status: draft
        updated: "2026-11-21T09:00:01"
        source: []
        part_of: ["[[추론 세션(Reasoning Session) 20260110081500]]"]
        depends_on: ["[[생각(Thought) 20260110081500 T006]]"]
        supersedes: ["[[생각(Thought) 20260110081500 T006]]"]
        branch_from_thought: 6
        branch_id: "no-flag"
        is_revision: true
        next_thought_needed: true
        revises_thought: 6
        session_note_id: "20260110081500"
        thought_number: 8
        total_thoughts: 8
        agent: "otter"
        ---

        No flag needed.[no newline]
    ~ 100. Inbox/10. 추론 세션(Reasoning Sessions)/추론 세션(Reasoning Session) 20260110081500.md
        - updated: "2026-11-21T09:00:00"
        + updated: "2026-11-21T09:00:01"
        - see_also: ["[[생각(Thought) 20260110081500 T001]]","[[생각(Thought) 20260110081500 T002]]","[[생각(Thought) 20260110081500 T003]]","[[생각(Thought) 20260110081500 T004]]","[[생각(Thought) 20260110081500 T005]]","[[생각(Thought) 20260110081500 T006]]","[[생각(Thought) 20260110081500 T007]]"]
        - branch_ids: ["multipart"]
        + see_also: ["[[생각(Thought) 20260110081500 T001]]","[[생각(Thought) 20260110081500 T002]]","[[생각(Thought) 20260110081500 T003]]","[[생각(Thought) 20260110081500 T004]]","[[생각(Thought) 20260110081500 T005]]","[[생각(Thought) 20260110081500 T006]]","[[생각(Thought) 20260110081500 T007]]","[[생각(Thought) 20260110081500 T008]]"]
        + branch_ids: ["multipart","no-flag"]
    "#);
    let hydrated = world.hydrate(BACKUPS).unwrap();
    assert_eq!(thoughts(&hydrated), "1 (2) 3 4 (6) multipart:5 multipart:7 no-flag:8");
    assert_eq!(complaints(&hydrated.diagnostics), "");
}

#[test]
fn a_session_with_a_title_of_its_own_goes_on() {
    let world = world();
    let (appended, changes) = world.changes(|| world.think(think("Build the index.").done().in_session(SEARCH)));
    assert_eq!(outcome(&appended), "main 3/3, next 4");
    assert_eq!(
        changes::paths(&changes),
        [
            format!("~ {FOLDER}/Why is the search slow (한글 제목).md"),
            format!("+ {FOLDER}/생각(Thought) 20260110093000 T003.md")
        ]
    );
    assert_eq!(world.hydrate(SEARCH).unwrap().status, journal_model::Status::Done);
}

#[test]
fn a_retry_of_a_templated_thought_is_recognised() {
    let world = world();
    let core = "Try multipart upload with 64 MiB parts behind a flag.";
    let retry = think(core).number(5).branch("multipart", Some(3));
    let (appended, changes) = world.changes(|| world.think(retry.in_session(BACKUPS)));
    assert_eq!((outcome(&appended).as_str(), changes.as_str()), ("multipart 5/6, next 7, replayed", ""));
}

#[test]
fn without_its_session_note_it_still_goes_on() {
    let world = world();
    world.vault.remove(&format!("{FOLDER}/추론 세션(Reasoning Session) 20260110081500.md"));
    assert_eq!(thoughts(&world.hydrate(BACKUPS).unwrap()), "1 (2) 3 4 6 multipart:5");
    let appended = world.think(think("On.").in_session(BACKUPS)).unwrap();
    assert_eq!(appended.thought.path.as_str(), format!("{FOLDER}/생각(Thought) 20260110081500 T007.md"));
}
