//! The append rules, one table a rule.

use super::*;
use crate::{NoteId, VaultPath, thinking::thought::link_key};

/// Thoughts from `1 2 3 a@2:3 a:4 5~2`: numbers on main, `branch@leaves:number`, `number~revised`.
fn session(spec: &str) -> Gathered {
    let id: NoteId = "SESSION".parse().unwrap();
    let thoughts = spec.split_whitespace().enumerate().map(|(i, word)| {
        let (place, revises) = word.split_once('~').map_or((word, None), |(p, r)| (p, Some(r)));
        let (branch, number) = place.split_once(':').map_or((None, place), |(b, n)| (Some(b), n));
        let (name, from) =
            branch.map_or((None, None), |b| b.split_once('@').map_or((Some(b), None), |(n, f)| (Some(n), Some(f))));
        Thought {
            id: format!("ID-{i:04}").parse().ok(),
            path: format!("T{i}.md").parse().unwrap(),
            title: word.to_owned(),
            created: Some(format!("2026-01-01T00:00:{i:02}")),
            agent: None,
            tags: Vec::new(),
            session: Some(id.clone()),
            number: Some(number.parse().unwrap()),
            total: None,
            next_needed: true,
            line: name.map_or(Line::Main, |name| name.parse().unwrap()),
            branch_from: from.map(|n| n.parse().unwrap()),
            revises: revises.map(|n| n.parse().unwrap()),
            depends_on: Vec::new(),
            supersedes: Vec::new(),
        }
    });
    Gathered::new(id.clone(), None, thoughts.collect())
}

fn n(number: u32) -> ThoughtNumber {
    ThoughtNumber::new(number).unwrap()
}

fn next() -> Asked {
    Asked { line: AskedLine::Main, number: None, total: None, next_needed: true, revises: None }
}

fn on(name: &str, from: Option<u32>) -> Asked {
    Asked { line: AskedLine::Branch { name: name.parse().unwrap(), from: from.map(n) }, ..next() }
}

/// `number/total follows:path revises:path gap`, `occupied: message`, or the refusal.
fn place(session: &Gathered, asked: &Asked) -> String {
    match plan(session, asked) {
        Err(refusal) => refusal.to_string(),
        Ok(Plan::Occupied { by, refusal }) => format!("occupied by {}: {refusal}", by.len()),
        Ok(Plan::Free(place)) => {
            let mut text = format!("{}/{}", place.number, place.total);
            for (what, thought) in [("follows", place.follows), ("revises", place.revises)] {
                if let Some(thought) = thought {
                    text += &format!(" {what} {}", thought.path);
                }
            }
            if let Some(gap) = place.gap_from {
                text += &format!(" gap from {gap}");
            }
            text
        }
    }
}

#[test]
fn numbers_count_along_a_line() {
    assert_eq!(place(&session(""), &next()), "1/1");
    assert_eq!(place(&session("1 2"), &next()), "3/3 follows T1.md");
    assert_eq!(place(&session("1 2 a@1:2"), &next()), "3/3 follows T1.md");
    assert_eq!(place(&session("1 2 a@1:2"), &on("a", None)), "3/3 follows T2.md");
    assert_eq!(place(&session("1 2 3"), &on("a", Some(1))), "2/2 follows T0.md");
    assert_eq!(place(&session("1 2 a@1:2"), &on("a", Some(1))), "3/3 follows T2.md");
}

#[test]
fn totals_are_raised_to_the_number() {
    assert_eq!(place(&session("1 2"), &Asked { total: Some(2), ..next() }), "3/3 follows T1.md");
    assert_eq!(place(&session("1 2"), &Asked { total: Some(9), ..next() }), "3/9 follows T1.md");
}

#[test]
fn a_gap_is_allowed_and_reported() {
    assert_eq!(place(&session("1"), &Asked { number: Some(n(5)), ..next() }), "5/5 follows T0.md gap from 2");
}

#[test]
fn a_taken_number_names_the_next_free_one() {
    let session = session("1 2 3");
    let taken = place(&session, &Asked { number: Some(n(2)), ..next() });
    assert_eq!(taken, "occupied by 1: thought 2 of main is there already with another text");
    let Ok(Plan::Occupied { refusal: Refusal::NumberTaken { next_free, .. }, .. }) =
        plan(&session, &Asked { number: Some(n(2)), ..next() })
    else {
        panic!("not occupied")
    };
    assert_eq!(next_free, Some(n(4)));
    assert_eq!(place(&session, &Asked { number: Some(n(2)), ..on("a", Some(1)) }), "2/2 follows T0.md");
}

#[test]
fn what_is_revised_or_left_must_be_there() {
    let session = session("1 2 3 a@2:3");
    assert_eq!(place(&session, &Asked { revises: Some(n(2)), ..next() }), "4/4 follows T2.md revises T1.md");
    assert_eq!(place(&session, &Asked { revises: Some(n(3)), ..on("a", None) }), "4/4 follows T3.md revises T3.md");
    assert_eq!(
        place(&session, &Asked { revises: Some(n(7)), ..next() }),
        "there is no thought 7 to revise; there are 1 to 3"
    );
    assert_eq!(place(&session, &on("b", Some(9))), "there is no thought 9 to branch from; there are 1 to 3");
    assert_eq!(place(&session, &on("b", None)), "there is no branch `b`; there is only `a`");
    assert_eq!(place(&session, &on("a", Some(1))), "branch `a` leaves thought 2, not 1");
    let empty = self::session("");
    assert_eq!(place(&empty, &on("b", Some(1))), "there is no thought 1 to branch from; the session has none yet");
}

#[test]
fn numbers_end() {
    let session = session("99999");
    assert_eq!(place(&session, &next()), "main has reached thought 99999, the last there can be");
}

#[test]
fn reading_order_branches_and_supersession() {
    let session = session("1 2 b@2:3 a@1:2 3 4~2 b:4~3");
    let order: Vec<_> = session.thoughts().iter().map(|t| t.title.as_str()).collect();
    assert_eq!(order, ["1", "2", "3", "4~2", "a@1:2", "b@2:3", "b:4~3"]);
    let superseded = session.superseded();
    let superseded: Vec<_> = session
        .thoughts()
        .iter()
        .filter_map(|t| Some(format!("{} by {}", t.title, superseded.get(&t.path)?.title)))
        .collect();
    assert_eq!(superseded, ["2 by 4~2", "b@2:3 by b:4~3"]);
    let branches: Vec<_> = session
        .branches()
        .iter()
        .map(|b| format!("{} {:?} {}", b.name, b.from.map(ThoughtNumber::get), b.thoughts))
        .collect();
    assert_eq!(branches, ["a Some(1) 1", "b Some(2) 2"]);
}

#[test]
fn what_is_missing_is_named() {
    let text = |spec| session(spec).diagnostics().iter().map(|d| d.message.clone()).collect::<Vec<_>>().join("; ");
    assert!(text("1 2 3").ends_with("its 3 thoughts are here"));
    assert!(text("1 3").ends_with("thoughts are missing: 2 of main"), "{}", text("1 3"));
    // The earlier tool counts through all lines.
    assert!(!text("1 2 3 a@2:4 5").contains("missing:"));
    let mut declared = session("1 2 3 a@2:4 5");
    declared.session = Some(declared_session());
    let missing = declared.diagnostics();
    assert_eq!(missing[0].message, "thoughts are missing: 4 of main, 3 of a");
    assert!(text("1 1").contains("stands twice on main: `T0.md` and `T1.md`"));
}

fn declared_session() -> crate::thinking::Session {
    crate::thinking::Session {
        id: "SESSION".parse().unwrap(),
        path: "S.md".parse::<VaultPath>().unwrap(),
        title: "S".into(),
        status: None,
        project: None,
        agent: None,
        created: None,
        updated: None,
        see_also: Vec::new(),
        branch_ids: Vec::new(),
        summary: None,
        declared: true,
        earlier: false,
    }
}

#[test]
fn links_tell_apart_thoughts_of_one_number() {
    // `b` left thought 3 of `a` and `3~3` revised it, before the main line had a thought 3.
    let session = session("1 2 a@1:2 a:3 b@3:4 b:5~3 3");
    let mut thoughts = session.thoughts().to_vec();
    let linked = |title: &str| vec![link_key(thoughts.iter().find(|t| t.title == title).unwrap().path.file_name())];
    let (left, revised) = (linked("a:3"), linked("a:3"));
    for thought in &mut thoughts {
        match thought.title.as_str() {
            "b@3:4" => thought.depends_on.clone_from(&left),
            "b:5~3" => thought.supersedes.clone_from(&revised),
            _ => {}
        }
    }
    let session = Gathered::new(session.id.clone(), None, thoughts);
    let titles: Vec<_> = session
        .thoughts()
        .iter()
        .filter(|t| session.superseded().contains_key(&t.path))
        .map(|t| t.title.as_str())
        .collect();
    assert_eq!(titles, ["a:3"]);
    let way: Vec<_> = session
        .way_to(&"b".parse().unwrap())
        .into_iter()
        .map(|(line, end)| format!("{line} {}", end.map_or("all".to_owned(), |n| n.to_string())))
        .collect();
    assert_eq!(way, ["main 1", "a 3", "b all"]);
}
