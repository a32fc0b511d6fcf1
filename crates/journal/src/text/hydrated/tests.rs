//! Sessions as they are told, every character.

use journal_engine::{FoundBy, LinkedTarget};
use journal_model::{Diagnostic, DiagnosticCode, Properties, Property, Status, Thought, Value};

use super::*;

fn thought(number: u32, more: &[(&str, &str)], text: ThoughtText) -> HydratedThought {
    let number = number.to_string();
    let title = format!("Title {number}");
    let basic = [("title", title.as_str()), ("thought_number", &number), ("created", "2026-11-21T10:00:00")];
    let entry = |(line, (key, value)): (usize, &(&str, &str))| Property {
        key: (*key).to_owned(),
        value: Value::Text((*value).to_owned()),
        line,
    };
    let properties = Properties::new(basic.iter().chain(more).enumerate().map(entry).collect());
    let path = format!("S/T{number}.md").parse().unwrap();
    HydratedThought {
        thought: Thought::read(path, &properties).0,
        belongs_by: BelongsBy::Property,
        superseded_by: None,
        text,
    }
}

fn whole(text: &str) -> ThoughtText {
    ThoughtText::Whole(text.to_owned())
}

fn session(thoughts: Vec<HydratedThought>) -> Hydrated {
    Hydrated {
        id: "01JD3V8QK7X2M4N6P8R0T2V4W6".parse().unwrap(),
        path: Some("S/S.md".parse().unwrap()),
        title: "Why is it slow?".to_owned(),
        status: Status::Active,
        project: Some("api".to_owned()),
        created: Some("2026-11-20T10:00:00".to_owned()),
        updated: Some("2026-11-21T10:00:00".to_owned()),
        summary: None,
        body: None,
        found_by: FoundBy::Id,
        omitted: 0,
        total: thoughts.len(),
        thoughts,
        next_number: ThoughtNumber::new(4),
        next_needed: true,
        branches: Vec::new(),
        owners: Vec::new(),
        linked: Vec::new(),
        unresolved_targets: Vec::new(),
        ambiguous_targets: Vec::new(),
        diagnostics: Vec::new(),
        tokens: 0,
    }
}

fn told(session: &Hydrated, line: Option<&str>) -> String {
    let clock = Clock::at("2026-11-21T10:02:00Z");
    let line = line.map(|line| line.parse().unwrap());
    hydrated(session, &Telling { clock: &clock, line: line.as_ref(), reader: None, vault: "" }).words()
}

#[test]
fn thoughts_in_reading_order() {
    let revised = HydratedThought { superseded_by: ThoughtNumber::new(2), ..thought(1, &[], ThoughtText::Title) };
    let session = session(vec![
        revised,
        thought(2, &[("revises_thought", "1")], whole("Two.\n\n- a\n")),
        thought(
            3,
            &[("branch_id", "cold start"), ("branch_from_thought", "2")],
            ThoughtText::Cut("Three beg".to_owned()),
        ),
    ]);
    insta::assert_snapshot!(told(&session, Some("cold start")), @r#"
    # Why is it slow?

    session  01JD3V8QK7X2M4N6P8R0T2V4W6
    status   active · project api · 3 thoughts
    note     S/S.md
    begun    2026-11-20 10:00 (1 day ago), last written 2026-11-21 10:00 (2 minutes ago)
    next     4 on cold start

    ## Thoughts

    - T001 · Title 1 · 2026-11-21 10:00 · [superseded by 2]

    ### T002 · Title 2 · 2026-11-21 10:00 · [revises 1]

    Two.

    - a

    ### T003 · Title 3 · 2026-11-21 10:00 · [branch cold start from 2]

    Three beg
    [cut here; all of it: journal show S/T3.md]

    Continue with: journal think --session t2v4w6 --branch 'cold start' "…"
    "#);
}

#[test]
fn everything_there_is_to_tell() {
    let mut session = session(vec![thought(1, &[], ThoughtText::Title)]);
    session.omitted = 2;
    session.path = None;
    session.summary = Some("The cache.".to_owned());
    session.body = Some("A person's words.".to_owned());
    session.branches = vec![BranchSummary {
        name: "cold".parse().unwrap(),
        from: ThoughtNumber::new(1),
        thoughts: 1,
        next: ThoughtNumber::new(3),
        open: false,
    }];
    session.owners = vec![Owner {
        line: "main".to_owned(),
        agent: "otter".parse().unwrap(),
        name: "brave-otter".to_owned(),
        since_ms: 1_795_255_260_000,
        until_ms: 1_795_256_160_000,
    }];
    session.linked = vec![LinkedTarget { link: "[[Plan]]".to_owned(), path: "Plan.md".parse().unwrap() }];
    session.unresolved_targets = vec!["Nowhere".to_owned()];
    session.ambiguous_targets =
        vec![("Two".to_owned(), vec!["a/Two.md".parse().unwrap(), "b/Two.md".parse().unwrap()])];
    session.diagnostics = vec![
        Diagnostic::new(DiagnosticCode::InvalidThought, "`x.md`: `thought_number`: `three`", "correct it").at_line(4),
    ];
    insta::assert_snapshot!(told(&session, None), @r#"
    # Why is it slow?

    session  01JD3V8QK7X2M4N6P8R0T2V4W6
    status   active · project api · 1 thought
    note     is gone; its thoughts are here
    begun    2026-11-20 10:00 (1 day ago), last written 2026-11-21 10:00 (2 minutes ago)
    next     4 on main
    branch   cold from 1 · 1 thought · concluded
    held     main by brave-otter (agent otter) since 10:01 (1 minute ago), until 10:16 (in 14 minutes) without another thought
    summary  The cache.

    ## In the session note

    A person's words.

    ## Thoughts

    - T001 · Title 1 · 2026-11-21 10:00 · [not shown in full]

    3 thoughts did not fit (2 not even by title). All: journal hydrate t2v4w6 --all

    ## Links of the session note

    - [[Plan]] leads to Plan.md
    - [[Nowhere]] leads nowhere
    - [[Two]] may lead to a/Two.md and b/Two.md

    ## Not in order

    - `x.md`: `thought_number`: `three` (line 4)
      correct it

    Continue with: journal think --session t2v4w6 "…"
    "#);
}
