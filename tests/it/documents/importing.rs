//! Import: from a file, from the reference server, from a folder; again, beside others, and of what nobody wishes for.

use std::{fs, path::Path, sync::Arc};

use journal_engine::{ForeignSession, ForeignThought, Import, RealDisk};
use journal_model::{Line, ThoughtNumber};
use journal_testkit::{SessionShape, TestVault, generate_session};

use super::{json, notes, otter};
use crate::nothing_lost::world::{Steady, open, serving};

const HISTORY: &str = r#"{"thoughtHistory":[
 {"thought":"Look at the log. It says nothing.","thoughtNumber":1,"totalThoughts":3,"nextThoughtNeeded":true},
 {"thought":"title: [x]\n---\nA guess: \"it\" reads twice.","thoughtNumber":2,"totalThoughts":3,"nextThoughtNeeded":true},
 {"thought":"No, it reads once.","thoughtNumber":3,"totalThoughts":3,"nextThoughtNeeded":true,"isRevision":true,"revisesThought":2},
 {"thought":"Try a cache.","thoughtNumber":4,"totalThoughts":4,"nextThoughtNeeded":true,"branchFromThought":1,"branchId":"cache","needsMoreThoughts":true},
 {"thought":"Revises what nobody kept.","thoughtNumber":4,"totalThoughts":4,"nextThoughtNeeded":false,"isRevision":true,"revisesThought":40},
 {"thought":"Another problem.","thoughtNumber":1,"totalThoughts":1,"nextThoughtNeeded":false}
]}"#;

/// A vault with a session of six thoughts, and what `journal export --format json` says of it.
fn with_session() -> (TestVault, String, String) {
    let vault = TestVault::new();
    let id = generate_session(vault.path(), SessionShape { thoughts: 6, branches: 1, revisions: 1 }, 3).id;
    let document = otter(&vault).run(&["export", &id, "--format", "json"]).assert_ok().stdout;
    (vault, id, document)
}

#[track_caller]
fn import(vault: &TestVault, document: &str) -> serde_json::Value {
    json(&otter(vault).stdin(document).run(&["import", "-", "--json"]).assert_ok())
}

#[test]
fn thoughts_of_the_reference_server_become_sessions() {
    let vault = TestVault::new();
    let journal = otter(&vault);
    let dry = journal.stdin(HISTORY).run(&["import", "-", "--dry-run"]).assert_ok();
    assert!(dry.stdout.contains("would create Thinking/") && dry.stdout.contains("Nothing was written."));
    assert_eq!(notes(&vault), []);
    let answer = import(&vault, HISTORY);
    let counts = |answer: &serde_json::Value, what: &str| {
        answer["sessions"].as_array().unwrap().iter().map(|one| one[what].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((counts(&answer, "written"), counts(&answer, "here_already")), (vec![6, 2], vec![0, 0]));
    let first = notes(&vault);
    // Again, in whatever shape, it makes nothing.
    let list: serde_json::Value = serde_json::from_str(HISTORY).unwrap();
    let again = import(&vault, &list["thoughtHistory"].to_string());
    assert_eq!((counts(&again, "written"), counts(&again, "here_already")), (vec![0, 0], vec![6, 2]));
    assert_eq!(notes(&vault), first);
    // They are sessions like any other.
    let id = answer["sessions"][0]["id"].as_str().unwrap();
    let hydrated = json(&journal.run(&["hydrate", id, "--all", "--json"]));
    let texts: Vec<_> =
        hydrated["thoughts"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    let of = |number: usize| list["thoughtHistory"][number]["thought"].as_str().unwrap();
    assert_eq!(texts, [of(0), of(1), of(2), of(4), of(3)]);
    assert_eq!(hydrated["thoughts"][1]["superseded_by"], 3);
    assert_eq!((hydrated["thoughts"][3]["revises"].as_u64(), hydrated["status"].as_str()), (Some(40), Some("done")));
    // The server counts through all lines.
    let [missing] = hydrated["diagnostics"].as_array().unwrap().as_slice() else { panic!("{hydrated}") };
    assert_eq!(missing["message"], "thoughts are missing: 2 of cache, 3 of cache");
    journal.run(&["think", "--session", id, "Goes on."]).assert_ok();
}

#[test]
fn thoughts_are_the_same_on_another_day() {
    let vault = TestVault::new();
    let thought = ForeignThought {
        text: "Look at the log.".to_owned(),
        number: ThoughtNumber::FIRST,
        total: 1,
        next_needed: true,
        line: Line::Main,
        branch_from: None,
        revises: None,
    };
    let import = |second| {
        let engine = open(vault.path(), vault.data_home(), Arc::new(RealDisk), Arc::new(Steady::new(1, second)));
        let sessions = vec![ForeignSession::Thoughts(vec![thought.clone()])];
        let request = Import { caller: serving("otter"), sessions, folder: None, project: None };
        engine.import(request).unwrap().written.len()
    };
    assert_eq!([import(1), import(100_000)], [2, 0]);
}

#[test]
fn the_same_file_twice_makes_nothing_twice() {
    let (from, id, document) = with_session();
    let to = TestVault::new();
    import(&to, &document);
    let first = notes(&to);
    assert_eq!(first, notes(&from));
    let again = import(&to, &document);
    assert_eq!(
        (again["sessions"][0]["written"].as_u64(), again["sessions"][0]["here_already"].as_u64()),
        (Some(0), Some(7))
    );
    // Nor does it where it came from, or where the session lies elsewhere by now and has gone on.
    import(&from, &document);
    assert_eq!(notes(&from), first);
    otter(&to).run(&["relocate", &id, "Archive/"]).assert_ok();
    otter(&to).run(&["think", "--session", &id, "More."]).assert_ok();
    let moved = notes(&to);
    let again = import(&to, &document);
    assert_eq!(again["sessions"][0]["here_already"], 7);
    assert_eq!(notes(&to), moved);
}

#[test]
fn what_is_missing_is_added_and_what_differs_is_left() {
    let (_, id, document) = with_session();
    let to = TestVault::new();
    import(&to, &document);
    otter(&to).run(&["relocate", &id, "Archive/"]).assert_ok();
    let all = notes(&to);
    let thoughts: Vec<_> = all.iter().filter(|(path, _)| path.contains("/T00")).collect();
    to.remove(&thoughts[1].0);
    to.write(&thoughts[0].0, format!("{} Edited.", thoughts[0].1));
    let output = otter(&to).stdin(&document).run(&["import", "-", "--json"]).assert_ok();
    let answer = json(&output);
    assert_eq!(answer["written"], serde_json::json!([thoughts[1].0]));
    assert_eq!(answer["sessions"][0]["differing"], serde_json::json!([thoughts[0].0]));
    assert!(answer["diagnostics"].to_string().contains("says something else here"));
    assert_eq!(to.read(&thoughts[1].0), thoughts[1].1);
    assert!(to.read(&thoughts[0].0).ends_with(" Edited."));
}

#[test]
fn nobody_gets_thoughts_on_the_line_they_think_on() {
    let (from, id, document) = with_session();
    let (path, text) =
        notes(&from).into_iter().find(|(path, _)| path.contains("/T003 A step") && !path.contains("try-")).unwrap();
    from.remove(&path);
    let heron = otter(&from).agent("heron");
    heron.run(&["think", "--session", &id, "Mine."]).assert_ok();
    let before = notes(&from);
    let refused = otter(&from).stdin(&document).run(&["import", "-"]).assert_status(3);
    assert!(refused.stderr.contains("is held by"), "{}", refused.transcript());
    assert_eq!(notes(&from), before);
    // Whoever holds it may, and goes on holding it.
    heron.stdin(&document).run(&["import", "-"]).assert_ok();
    assert_eq!(from.read(&path), text);
    otter(&from).run(&["think", "--session", &id, "Not mine."]).assert_status(3);
}

#[test]
fn a_thought_without_an_id_is_known_where_it_lies() {
    let (from, id, _) = with_session();
    let (path, text) = notes(&from).into_iter().find(|(path, _)| path.contains("/T002 A step")).unwrap();
    let line = text.lines().find(|line| line.starts_with("id: ")).unwrap();
    from.write(&path, text.replacen(&format!("{line}\n"), "", 1));
    let document = otter(&from).run(&["export", &id, "--format", "json"]).assert_ok().stdout;
    assert_eq!(import(&from, &document)["written"].to_string(), "[]");
    // Elsewhere it gets one, the same each time.
    let to = TestVault::new();
    assert_eq!(import(&to, &document)["sessions"][0]["new_ids"][0]["was"], serde_json::Value::Null);
    assert_eq!(import(&to, &document)["written"].to_string(), "[]");
}

#[test]
fn ids_and_names_that_are_taken_get_others_and_everything_fits() {
    let (from, id, document) = with_session();
    let to = TestVault::new();
    // A note of a person's own has the session's id, and others the id and the name of a thought.
    let (path, text) = notes(&from).into_iter().find(|(path, _)| path.contains("/T001")).unwrap();
    let thought_id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
    let name = path.rsplit('/').next().unwrap();
    to.write("Mine.md", format!("---\nid: {id}\n---\nMine.\n"));
    to.write("Other.md", format!("---\nid: {thought_id}\n---\nOther.\n"));
    to.write(&format!("Notes/{}", name.to_uppercase().replace(".MD", ".md")), "A name.\n");
    let theirs = notes(&to);
    let answer = import(&to, &document);
    let session = &answer["sessions"][0];
    let new = session["id"].as_str().unwrap();
    assert_ne!(new, id);
    assert_eq!((session["new_ids"].as_array().unwrap().len(), session["renamed"].as_array().unwrap().len()), (2, 1));
    let now = notes(&to);
    assert!(theirs.iter().all(|note| now.contains(note)), "{now:#?}");
    let hydrated = json(&otter(&to).run(&["hydrate", new, "--all", "--json"]).assert_ok());
    assert_eq!((hydrated["total"].as_u64(), hydrated["unresolved_targets"].to_string()), (Some(6), "[]".to_owned()));
    assert_eq!(hydrated["diagnostics"].as_array().unwrap().len(), 0, "{hydrated}");
    // The links by the old name lead to the new one, and bodies stay.
    let stem = name.trim_end_matches(".md");
    let linked = now.iter().filter(|(_, text)| text.contains(&format!("[[{stem} 2]]"))).count();
    assert!(linked >= 2 && !now.iter().any(|(_, text)| text.contains(&format!("[[{stem}]]"))), "{now:#?}");
    let again = import(&to, &document);
    assert_eq!((again["written"].to_string(), again["sessions"][0]["id"].as_str()), ("[]".to_owned(), Some(new)));
    assert_eq!(notes(&to), now);
}

#[test]
fn a_folder_of_the_earlier_tool_comes_in_whole() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("vault-fixtures/ailss-vault");
    let to = TestVault::from_fixture("//- /Plan.md\nMine.\n");
    let output = otter(&to).run(&["import", fixture.to_str().unwrap(), "--folder", "Old"]).assert_ok();
    assert!(output.stdout.contains("left out 2 notes of no session"), "{}", output.transcript());
    let mut expected = 0;
    for (path, text) in notes(&TestVault::from_folder(&fixture)).iter().filter(|(path, _)| path.starts_with("100.")) {
        assert_eq!(&to.read(&format!("Old/{path}")), text);
        expected += 1;
    }
    assert_eq!(notes(&to).len(), expected + 1);
    let hydrated = json(&otter(&to).run(&["hydrate", "20260110081500", "--json"]).assert_ok());
    assert_eq!(hydrated["total"], 6);
    let again = otter(&to).run(&["import", fixture.to_str().unwrap()]).assert_ok();
    assert!(
        !again.stdout.contains("notes written, ") || again.stdout.contains("0 notes written"),
        "{}",
        again.transcript()
    );
    assert_eq!(notes(&to).len(), expected + 1);
}

#[test]
fn what_nobody_wishes_for_is_refused_and_writes_nothing() {
    let (_, _, document) = with_session();
    let to = TestVault::from_fixture("//- /Plan.md\nMine.\n");
    let refused = |text: &str, says: &str| {
        let output = otter(&to).stdin(text).run(&["import", "-"]).assert_status(2);
        assert!(output.stderr.contains(says) && output.stderr.contains("hint: "), "{}", output.transcript());
        assert_eq!(notes(&to), [("Plan.md".to_owned(), "Mine.\n".to_owned())]);
    };
    refused(&document.replace("Thinking/2026/", "../2026/"), "leaves the vault");
    refused(&document.replace("Thinking/2026/", "/tmp/"), "absolute");
    refused(&document.replace("Thinking/2026/", ".obsidian/"), "hidden");
    refused("[{\"thought\":\"  \",\"thoughtNumber\":1}]", "has no text");
    refused(&format!("[{{\"thought\":\"{}\",\"thoughtNumber\":1}}]", "x".repeat((1 << 20) + 1)), "at most 1048576");
    refused(&document.replace("Thinking/2026/", &"long/".repeat(160)), "at most 800");
    for (folder, says) in
        [("/abs", "absolute"), ("Arch ", "`Arch `"), ("a:b", "`a:b`"), ("#x^", "`#x^`"), ("x.md", "`x.md`")]
    {
        for text in [document.as_str(), HISTORY] {
            let output = otter(&to).stdin(text).run(&["import", "-", "--folder", folder]).assert_status(2);
            assert!(output.stderr.contains(says) && output.stderr.contains("hint: "), "{}", output.transcript());
        }
    }
    assert_eq!(notes(&to).len(), 1);
    let missing = otter(&to).run(&["import", "no-such-file.json"]).assert_status(2);
    assert!(missing.stderr.contains("no-such-file.json") && missing.stderr.contains("hint: there is no such file"));
    otter(&to).stdin("[]").run(&["import", "-"]).assert_status(1);
    fs::create_dir(to.root().join("empty")).unwrap();
    otter(&to).run(&["import", to.root().join("empty").to_str().unwrap()]).assert_status(1);
}

#[test]
fn a_note_that_was_copied_does_not_stop_the_others() {
    let (from, id, document) = with_session();
    let (path, text) = notes(&from).into_iter().find(|(path, _)| path.contains("/T001")).unwrap();
    let copy = |name: &str| path.rsplit_once('/').unwrap().0.to_owned() + "/" + name;
    // One as a person copies files, one that says something else by now; both sort before the original.
    from.write(&copy("A copy of the first thought, with a longer name.md"), &text);
    from.write(&copy("A copy of the first thought, and changed since.md"), format!("{text} And more."));
    let (second, thought) = notes(&from).into_iter().find(|(path, _)| path.contains("/T002")).unwrap();
    from.write(&second, format!("{thought}\n[[A copy of the first thought, with a longer name|the first]]\n"));
    let to = TestVault::new();
    let folder = from.join("Thinking");
    let run = || otter(&to).run(&["import", folder.to_str().unwrap(), "--folder", "Old", "--json"]).assert_ok();
    let answer = json(&run());
    assert_eq!((answer["written"].as_array().unwrap().len(), notes(&to).len()), (8, 8), "{answer}");
    let told = answer["diagnostics"].to_string();
    assert!(
        told.contains("longer name.md` is `") && told.contains("changed since.md` came with the id of `"),
        "{told}"
    );
    assert_eq!(answer["sessions"][0]["new_ids"].as_array().unwrap().len(), 1, "{answer}");
    let name = path.rsplit('/').next().unwrap();
    assert!(notes(&to).iter().any(|(path, kept)| path.ends_with(name) && *kept == text));
    let link = format!("[[{}|the first]]", name.trim_end_matches(".md"));
    assert!(notes(&to).iter().any(|(_, kept)| kept.contains(&link)), "what led to the copy leads to the original");
    // Again it makes nothing, and what is exported with such copies comes in as well.
    assert_eq!(json(&run())["written"].to_string(), "[]");
    let exported = otter(&from).run(&["export", &id, "--format", "json"]).assert_ok().stdout;
    assert_ne!(exported, document);
    assert_eq!(import(&TestVault::new(), &exported)["written"].as_array().unwrap().len(), 8);
}

#[test]
fn names_that_not_every_system_takes_become_others_and_links_follow() {
    let (from, id, document) = with_session();
    let (path, _) = notes(&from).into_iter().find(|(path, _)| path.contains("/T001")).unwrap();
    let stem = path.rsplit('/').next().unwrap().trim_end_matches(".md").to_owned();
    let long = "long ".repeat(55);
    for (bad, good) in [("LPT1 .x", "LPT1_"), ("trail.", "trail"), ("wo*rd?", "wo rd"), (long.trim_end(), "long long")]
    {
        let to = TestVault::new();
        let document = document.replace(&stem, bad);
        let answer = import(&to, &document);
        let now = answer["sessions"][0]["renamed"][0]["path"].as_str().unwrap().to_owned();
        let name = now.rsplit('/').next().unwrap().trim_end_matches(".md");
        assert!(name.starts_with(good) && name.len() <= 177 && journal_model::is_safe_name(name), "{name}");
        assert_eq!(notes(&to).len(), 7);
        let hydrated = json(&otter(&to).run(&["hydrate", &id, "--json"]).assert_ok());
        assert_eq!(
            (hydrated["total"].as_u64(), hydrated["unresolved_targets"].to_string()),
            (Some(6), "[]".to_owned())
        );
        assert_eq!(import(&to, &document)["written"].to_string(), "[]");
    }
}

#[test]
fn the_objects_are_documented_to_the_last_field() {
    let (vault, id, document) = with_session();
    let journal = otter(&vault);
    let renamed = document.replace(&id, "s002").replace("/T001 ", "/T001*");
    let answers = [
        ("import", journal.stdin(&renamed).run(&["import", "-", "--dry-run", "--json"])),
        ("views install", journal.run(&["views", "install", "--json"])),
        ("views graph", journal.run(&["views", "graph", &id, "--json"])),
    ];
    for (command, output) in answers {
        let row = format!("| `journal {command}` |");
        let row = include_str!("../../../docs/cli.md").lines().find(|line| line.starts_with(&row)).expect(&row);
        let answer = json(&output.assert_ok());
        assert_eq!(answer["schema_version"], 1);
        let mut values = vec![&answer];
        let mut keys = 0;
        while let Some(value) = values.pop() {
            values.extend(value.as_array().into_iter().flatten());
            for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| *key != "schema_version") {
                assert!(row.contains(&format!("`{key}`")), "`{key}` of {command} is not in docs/cli.md");
                values.extend((key != "diagnostics").then_some(value));
                keys += 1;
            }
        }
        assert!(keys > 1, "{answer}");
    }
}

#[test]
fn titles_and_branches_become_names_that_every_system_takes() {
    let to = TestVault::new();
    let history = r#"[{"thought":"../../etc: \"passwd\" | [[x]] #y","thoughtNumber":1},
                      {"thought":"CON","thoughtNumber":2,"branchFromThought":1,"branchId":"a/../b: [c]"}]"#;
    import(&to, history);
    for (path, text) in notes(&to) {
        assert!(path.starts_with("Thinking/") && path.split('/').count() == 4, "{path}");
        let name = path.rsplit('/').next().unwrap();
        assert!(journal_model::is_safe_name(name.trim_end_matches(".md")), "{name}");
        assert!(!journal_model::Note::parse(&text).properties.is_empty());
    }
    let hydrated = json(&otter(&to).run(&["sessions", "--json"]).assert_ok());
    assert_eq!(hydrated["sessions"].as_array().map(Vec::len), Some(1), "{hydrated}");
}
