//! Every format of a small session, held in snapshots; a large one is whole in all of them.

use journal_testkit::{SessionShape, TestVault, generate_session};

use super::{json, otter};

/// A session with a branch, a branch of the branch, and a revision; thoughts with texts that documents stumble over.
const SMALL: &str = r#"
    //- /Thinking/2026/2026-03-02 Why slow zzzzz1/2026-03-02 Why slow zzzzz1.md
    ---
    id: 01KJPX0000ZZZZZZZZZZZZZZZ1
    type: thinking-session
    title: Why is "it" <slow>?
    status: done
    project: journal
    agent: brave-otter
    created: 2026-03-02T08:00:00
    updated: 2026-03-02T08:09:00
    see_also:
      - "[[T001 Look zzzzz1]]"
    summary: It reads twice.
    ---
    # Notes
    What I want to know.
    //- /Thinking/2026/2026-03-02 Why slow zzzzz1/T001 Look zzzzz1.md
    ---
    id: 01KJPX0001ZZZZZZZZZZZZZZA1
    type: thought
    title: Look first
    session_note_id: 01KJPX0000ZZZZZZZZZZZZZZZ1
    thought_number: 1
    created: 2026-03-02T08:01:00
    agent: brave-otter
    ---
    # Look first

    See [[Plan]], [[T002 Guess zzzzz1|the guess]] and <script>alert(1)</script>.
    ```sh
    # no heading
    ls
    //- /Thinking/2026/2026-03-02 Why slow zzzzz1/T002 Guess zzzzz1.md
    ---
    id: 01KJPX0002ZZZZZZZZZZZZZZA2
    type: thought
    title: "end; \"quoted\" --> [x] #1"
    session_note_id: 01KJPX0000ZZZZZZZZZZZZZZZ1
    thought_number: 2
    depends_on:
      - "[[T001 Look zzzzz1]]"
    created: 2026-03-02T08:02:00
    ---
    A guess, with [a link](javascript:alert(1)), [another](https://example.org/?a=1&b=2) and ![a picture](https://example.org/x.png).

    Underlined
    ==========
    <!-- open
    //- /Thinking/2026/2026-03-02 Why slow zzzzz1/T003 Better zzzzz1.md
    ---
    id: 01KJPX0003ZZZZZZZZZZZZZZA3
    type: thought
    title: A better guess
    session_note_id: 01KJPX0000ZZZZZZZZZZZZZZZ1
    thought_number: 3
    is_revision: true
    revises_thought: 2
    depends_on:
      - "[[T002 Guess zzzzz1]]"
    created: 2026-03-02T08:05:00
    next_thought_needed: false
    ---
    A better guess.
    //- /Thinking/2026/2026-03-02 Why slow zzzzz1/T002 Aside zzzzz1 aside.md
    ---
    id: 01KJPX0004ZZZZZZZZZZZZZZA4
    type: thought
    title: Aside
    session_note_id: 01KJPX0000ZZZZZZZZZZZZZZZ1
    thought_number: 2
    branch_id: aside
    branch_from_thought: 1
    created: 2026-03-02T08:03:00
    ---
    Aside, thought of 1.
    //- /Thinking/2026/2026-03-02 Why slow zzzzz1/T003 Deeper zzzzz1 deep-er.md
    ---
    id: 01KJPX0005ZZZZZZZZZZZZZZA5
    type: thought
    title: Deeper
    session_note_id: 01KJPX0000ZZZZZZZZZZZZZZZ1
    thought_number: 3
    branch_id: deep "er"
    branch_from_thought: 2
    depends_on:
      - "[[T002 Aside zzzzz1 aside]]"
    created: 2026-03-02T08:04:00
    ---
    Deeper still.
"#;

const SESSION: &str = "01KJPX0000ZZZZZZZZZZZZZZZ1";

/// The document of a format.
#[track_caller]
fn exported(vault: &TestVault, reference: &str, format: &str) -> String {
    otter(vault).run(&["export", reference, "--format", format]).assert_ok().stdout
}

#[test]
fn each_format_of_a_small_session() {
    let vault = TestVault::from_fixture(SMALL);
    let before = vault.snapshot();
    for format in ["md", "json", "html", "mermaid", "canvas"] {
        insta::assert_snapshot!(format!("small_{format}"), exported(&vault, SESSION, format));
    }
    assert_eq!(vault.snapshot(), before);
}

#[test]
fn a_large_session_is_whole_in_every_format() {
    let vault = TestVault::new();
    let shape = SessionShape { thoughts: 60, branches: 4, revisions: 6 };
    let id = generate_session(vault.path(), shape, 1).id;
    let count = |text: &str, what: &str| text.matches(what).count();
    let md = exported(&vault, &id, "md");
    let headings = md.lines().filter(|line| line.trim_start_matches('#').starts_with(" Thought ")).count();
    assert_eq!((headings, count(&md, "\n> Revises thought"), count(&md, "\n> Superseded by")), (60, 6, 6));
    assert_eq!(md.lines().filter(|line| line.trim_start_matches('#').starts_with(" Branch try-")).count(), 4);
    let html = exported(&vault, &id, "html");
    assert_eq!((count(&html, "<article "), count(&html, "class=\"branch "), count(&html, "<script")), (60, 4, 0));
    assert_eq!((count(&html, ">Revises "), count(&html, " superseded\"")), (6, 6));
    let mermaid = exported(&vault, &id, "mermaid");
    assert_eq!((count(&mermaid, "[\""), count(&mermaid, "-.->|revises|"), count(&mermaid, "-->|\"try-")), (60, 6, 0));
    assert_eq!((count(&mermaid, " -->|\"try"), count(&mermaid, " --> ")), (4, 59 - 4));
    let canvas: serde_json::Value = serde_json::from_str(&exported(&vault, &id, "canvas")).unwrap();
    assert_eq!(canvas["nodes"].as_array().unwrap().len(), 61);
    // A step for each thought but the first, which follows the session; revisions.
    assert_eq!(canvas["edges"].as_array().unwrap().len(), 60 + 6);
    for node in canvas["nodes"].as_array().unwrap() {
        assert!(vault.join(node["file"].as_str().unwrap()).is_file(), "{node}");
    }
}

#[test]
fn a_file_is_written_once() {
    let vault = TestVault::from_fixture(SMALL);
    let journal = otter(&vault);
    let file = vault.root().join("out.md");
    let file = file.to_str().unwrap();
    journal.run(&["export", SESSION, "--output", file]).assert_ok();
    let first = std::fs::read_to_string(file).unwrap();
    assert_eq!(first, exported(&vault, SESSION, "md"));
    std::fs::write(file, "mine").unwrap();
    let refused = journal.run(&["export", SESSION, "--output", file]).assert_status(3);
    assert!(refused.stderr.contains("--force"), "{}", refused.transcript());
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
    journal.run(&["export", SESSION, "--output", file, "--force"]).assert_ok();
    assert_eq!(std::fs::read_to_string(file).unwrap(), first);
    journal.run(&["export", "nothing-like-it"]).assert_status(1);
    let nowhere = vault.root().join("nowhere/x.html");
    let refused = journal.run(&["export", SESSION, "--output", nowhere.to_str().unwrap()]).assert_status(2);
    assert!(refused.stderr.contains("hint: make the folder first: mkdir -p "), "{}", refused.transcript());
    assert!(!vault.root().join("nowhere").exists());
}

#[test]
fn what_is_broken_is_told_and_the_rest_exported() {
    let vault = TestVault::from_fixture(SMALL);
    let folder = "Thinking/2026/2026-03-02 Why slow zzzzz1";
    let third = format!("{folder}/T003 Better zzzzz1.md");
    vault.write(&third, vault.read(&third).replace("thought_number: 3", "thought_number: three").into_bytes());
    vault.remove(&format!("{folder}/2026-03-02 Why slow zzzzz1.md"));
    let mut bytes = vault.read(&format!("{folder}/T002 Aside zzzzz1 aside.md")).into_bytes();
    bytes.extend(b"\xff\xfe");
    vault.write(&format!("{folder}/T002 Aside zzzzz1 aside.md"), bytes);
    for format in ["md", "json", "html", "mermaid", "canvas"] {
        let output = otter(&vault).run(&["export", SESSION, "--format", format]).assert_status(4);
        for what in ["is gone", "`thought_number`", "not UTF-8"] {
            assert!(output.stderr.contains(what), "{format}: {what}\n{}", output.transcript());
        }
        assert!(output.stdout.contains("Better zzzzz1") || output.stdout.contains("better guess"), "{format}");
    }
    let document = json(&otter(&vault).run(&["export", SESSION, "-f", "json"]));
    // A note that JSON cannot hold byte for byte is not in it; the others are.
    let without: Vec<_> = document["thoughts"].as_array().unwrap().iter().map(|one| one["note"].is_null()).collect();
    assert_eq!((without.len(), without.iter().filter(|is| **is).count()), (5, 1), "{document}");
    assert!(!document.to_string().contains('\u{fffd}'), "{document}");
    let to = TestVault::new();
    otter(&to).stdin(document.to_string()).run(&["import", "-"]).assert_ok();
    assert_eq!(super::notes(&to).len(), 4);
    let codes = document["diagnostics"].to_string();
    assert!(codes.contains("missing-session") && codes.contains("not-utf8"), "{codes}");
}
