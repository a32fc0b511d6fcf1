//! What fits: the newest thoughts in full, older and superseded ones by title, one line without the others.

use journal_engine::{Hydrate, ThoughtText};

use super::{World, hydrate, think, thoughts};

/// Hydrates a session as `spec` says, asked for as `ask` changes the request, and names what is shown.
#[track_caller]
fn check(spec: &str, ask: impl FnOnce(&mut Hydrate), expected: &str) {
    let (world, id) = World::with_session(spec);
    let mut request = hydrate(&id);
    ask(&mut request);
    let hydrated = world.engine.hydrate(&request).unwrap();
    let left_out = if hydrated.omitted > 0 { format!(" and {} more", hydrated.omitted) } else { String::new() };
    assert_eq!(format!("{}{left_out}", thoughts(&hydrated)), expected);
    assert_eq!(hydrated.total, spec.split_whitespace().count());
}

fn on(line: &str) -> impl FnOnce(&mut Hydrate) {
    move |request| request.line = Some(line.parse().unwrap())
}

#[test]
fn superseded_thoughts_show_by_title() {
    check("1 2 3 4~2", |_| (), "1 (2) 3 4");
    check("1 2 3~2 4~3", |_| (), "1 (2) (3) 4");
    check("1 2 a@2:3 a:4~3", |_| (), "1 2 (a:3) a:4");
    check("1 2 3 4~2", |request| request.include_superseded = true, "1 2 3 4");
    let (world, id) = World::with_session("1 2 3~1 4~1");
    let hydrated = world.hydrate(&id).unwrap();
    let by: Vec<_> = hydrated.thoughts.iter().map(|thought| thought.superseded_by.map(|number| number.get())).collect();
    assert_eq!(by, [Some(4), None, None, None]);
}

#[test]
fn a_revision_keeps_to_the_thought_it_meant() {
    // When 5 of `b` was written, the only 4 was on `a`; the 4 that came later to the main line is another thought.
    let (world, id) = World::with_session("1 a@1:4 b@1:2");
    world.think(think("x").branch("b", None).revises(4).in_session(&id)).unwrap();
    world.think(think("y").number(4).in_session(&id)).unwrap();
    assert_eq!(thoughts(&world.hydrate(&id).unwrap()), "1 4 (a:4) b:2 b:3");
}

#[test]
fn a_line_with_what_leads_to_it() {
    let spec = "1 2 3 a@2:3 a:4 b@1:2 c@4:5 c:6";
    check(spec, on("main"), "1 2 3");
    check(spec, on("a"), "1 2 a:3 a:4");
    check(spec, on("b"), "1 b:2");
    check(spec, on("c"), "1 2 a:3 a:4 c:5 c:6");
}

#[test]
fn at_most_so_many_in_full() {
    let most = |most| move |request: &mut Hydrate| request.max_thoughts = Some(most);
    check("1 2 3 4 5", most(2), "(1) (2) (3) 4 5");
    check("1 2 3 4 5", most(9), "1 2 3 4 5");
    check("1 2 3 4 5", most(0), "(1) (2) (3) (4) (5)");
    // The newest are those that were thought last, on whatever line.
    check("1 2 3 a@1:2 a:3", most(2), "(1) (2) (3) a:2 a:3");
    check("1 2 3 4~3", most(2), "(1) 2 (3) 4");
}

#[test]
fn a_budget_is_spent_on_the_newest_first() {
    let world = World::new();
    let mut id: Option<String> = None;
    for number in 1..=40 {
        world.tick();
        let text = format!("Thought {number}. {}", "Some hundred characters that are worth reading. ".repeat(20));
        let ask = think(&text);
        let ask = match &id {
            Some(id) => ask.in_session(id),
            None => ask.new_session("Long"),
        };
        id = Some(world.think(ask).unwrap().session_id.to_string());
    }
    let id = id.unwrap();
    let ask = |max_tokens| {
        let mut request = hydrate(&id);
        request.max_tokens = max_tokens;
        let hydrated = world.engine.hydrate(&request).unwrap();
        assert!(
            hydrated.tokens <= max_tokens.map_or(usize::MAX, |most: usize| most + most / 4),
            "{} tokens",
            hydrated.tokens
        );
        let whole = hydrated.thoughts.iter().filter(|thought| matches!(thought.text, ThoughtText::Whole(_))).count();
        let titles = hydrated.thoughts.iter().filter(|thought| thought.text == ThoughtText::Title).count();
        assert!(hydrated.thoughts.is_sorted_by_key(|thought| thought.thought.number));
        assert_eq!(hydrated.thoughts.last().unwrap().thought.number.unwrap().get(), 40);
        (whole, titles, hydrated.omitted)
    };
    assert_eq!(ask(None), (40, 0, 0));
    let (whole, titles, omitted) = ask(Some(2_000));
    assert!((4..10).contains(&whole) && titles > 10 && omitted > 0, "{whole} {titles} {omitted}");
    assert_eq!(whole + titles + omitted, 40);
    assert_eq!(ask(Some(1_000_000)), (40, 0, 0));
}

#[test]
fn a_huge_newest_thought_is_cut_and_not_left_out() {
    let (world, id) = World::with_session("1 2");
    world.tick();
    world.think(think(&"한글 huge. ".repeat(50_000)).in_session(&id)).unwrap();
    let mut request = hydrate(&id);
    request.max_tokens = Some(1_000);
    let hydrated = world.engine.hydrate(&request).unwrap();
    assert_eq!(thoughts(&hydrated), "(1) (2) 3…");
    assert!((500..=1_250).contains(&hydrated.tokens), "{}", hydrated.tokens);
    let ThoughtText::Cut(text) = &hydrated.thoughts[2].text else { panic!("cut") };
    assert!(text.starts_with("한글 huge."));
    // Its beginning goes before a newer thought that is superseded anyway.
    world.turn_back(std::time::Duration::from_secs(60));
    world.think(think("better").revises(2).in_session(&id)).unwrap();
    let shown = thoughts(&world.engine.hydrate(&request).unwrap());
    assert_eq!(shown, "(1) (2) 3… (4)");
}

#[test]
fn a_long_session_note_leaves_room_for_thoughts() {
    let (world, id) = World::with_session("1 2");
    let path = world.session_path();
    world.vault.write(&path, world.vault.read(&path) + &"A person wrote a lot. ".repeat(10_000));
    let mut request = hydrate(&id);
    request.max_tokens = Some(1_000);
    let hydrated = world.engine.hydrate(&request).unwrap();
    assert_eq!(thoughts(&hydrated), "1 2");
    assert!(hydrated.body.unwrap().len() < 2_000);
}

#[test]
fn a_note_that_cannot_be_read_costs_only_itself() {
    let (world, id) = World::with_session("1 2 3");
    // Longer than any note may be; on the disk it is nothing.
    let file = std::fs::File::options().write(true).open(world.vault.join(&world.path_of("T003 Main 3"))).unwrap();
    file.set_len(65 * 1024 * 1024).unwrap();
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(thoughts(&hydrated), "1 2 (3)");
    let said = super::complaints(&hydrated.diagnostics);
    assert!(said.starts_with("unreadable: ") && said.contains("T003"), "{said}");
    // The same for a note that is only linked.
    world.edit(&world.session_path(), "see_also:\n", "see_also:\n  - \"[[Huge]]\"\n");
    world.vault.rename(&world.path_of("T003 Main 3"), "Huge.md");
    let file = std::fs::File::options().write(true).open(world.vault.join("Huge.md")).unwrap();
    file.set_len(0).unwrap();
    file.set_len(65 * 1024 * 1024).unwrap();
    let hydrated = world.hydrate(&id).unwrap();
    assert_eq!(thoughts(&hydrated), "1 2");
    assert!(super::complaints(&hydrated.diagnostics).starts_with("unreadable: `Huge.md`"));
}
