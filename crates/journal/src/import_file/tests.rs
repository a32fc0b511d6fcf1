//! What is taken from files, and what is refused.

use super::*;

fn thoughts(text: &str) -> Vec<(u32, String, bool)> {
    match read(text.as_bytes()).unwrap().as_slice() {
        [ForeignSession::Thoughts(thoughts)] => {
            thoughts.iter().map(|t| (t.number.get(), t.line.to_string(), t.next_needed)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>) -> String {
    journal_engine::with_causes(&read(text.as_ref()).unwrap_err())
}

#[test]
fn thoughts_in_each_of_their_shapes() {
    let one = r#"{"thought":"a","thoughtNumber":1,"totalThoughts":2,"nextThoughtNeeded":true}"#;
    let two = r#"{"thought":"b","thoughtNumber":2,"totalThoughts":2,"nextThoughtNeeded":false,
                  "isRevision":false,"branchFromThought":1,"branchId":"side","needsMoreThoughts":null,"x":[1]}"#;
    let expected = [(1, "main".to_owned(), true), (2, "side".to_owned(), false)];
    for text in [
        format!("[{one},{two}]"),
        format!("\u{feff} {{\"thoughtHistory\":[{one},{two}],\"branches\":{{\"side\":[{two}]}}}}"),
        format!("{{\"thoughts\":[{one},{two}]}}"),
        format!("{one}\n{two}\n"),
        format!(
            "{}\n{two}",
            one.replace("thoughtNumber", "thought_number").replace("nextThoughtNeeded", "next_thought_needed")
        ),
    ] {
        assert_eq!(thoughts(&text), expected, "{text}");
    }
    // The server takes it for the main line unless both are said.
    assert_eq!(thoughts(r#"[{"thought":"a","thoughtNumber":3,"branchFromThought":2,"branchId":null}]"#)[0].1, "main");
    assert_eq!(thoughts("[]"), []);
}

#[test]
fn what_is_no_session_is_refused() {
    assert!(refused(b"\xff\xfe").contains("not UTF-8"));
    assert!(refused("").contains("is empty") && refused(" \n").contains("is empty"));
    assert!(refused("null").contains("neither") && refused("3").contains("neither"));
    assert!(refused("[{\"format\":\"journal-session\",\"session\":{}}]").contains("a list of exported sessions"));
    assert!(refused("no json").contains("line 1"));
    assert!(refused("{\"a\":1}").contains("neither"));
    assert!(refused("[{\"thought\":\"a\"}]").contains("thoughtNumber"));
    assert!(
        refused("[{\"thought\":\"a\",\"thoughtNumber\":0}]").contains("thought 1 cannot be used: `thoughtNumber` is 0")
    );
    assert!(
        refused("[{\"thought\":\"a\",\"thoughtNumber\":1},{\"thought\":\"b\",\"thoughtNumber\":99999999999}]")
            .contains("thought 2")
    );
    assert!(refused("[{\"thought\":\"a\",\"thoughtNumber\":1,\"branchId\":\"a\\nb\"}]").contains("control characters"));
    assert!(refused("[{\"thought\":\"a\",\"thoughtNumber\":-1}]").contains("line 1"));
    assert!(refused("[".repeat(100_000)).contains("line 1"));
    assert!(refused("{\"format\":\"journal-session\",\"schema_version\":2}").contains("`schema_version` 2"));
    assert!(refused("{\"format\":\"journal-session\",\"schema_version\":1}").contains("missing field `session`"));
}

/// A document with one thought whose note is `note`.
fn with_note(note: &str) -> String {
    format!(
        r#"{{"format":"journal-session","schema_version":1,"session":{{"id":"s001"}},"thoughts":[{{"note":{note}}}]}}"#
    )
}

#[test]
fn notes_that_are_not_what_they_say_are_refused() {
    for (path, says) in [
        ("../x.md", "leaves the vault"),
        ("a/../../x.md", "leaves the vault"),
        ("/etc/x.md", "absolute"),
        ("C:/x.md", "absolute"),
        (".obsidian/x.md", "hidden"),
        ("x.txt", "does not end"),
        ("a\\u0000.md", "control character"),
        ("", "cannot be empty"),
    ] {
        let message = refused(with_note(&format!(r#"{{"path":"{path}","source":"---\nid: t001\n---\n","body":""}}"#)));
        assert!(message.contains(says) && message.contains("note 1"), "{path}: {message}");
    }
    for (note, says) in [
        (r#"{"path":"a.md","body":""}"#, "neither"),
        (r#"{"path":"a.md","source":"text","body":""}"#, "not frontmatter alone"),
        (r#"{"path":"a.md","source":"---\nid: t\n","body":"---\n"}"#, "not frontmatter alone"),
        (r#"{"path":"a.md","properties":{"a":{"b":1}},"body":""}"#, "`a` is nested"),
        (r#"{"path":"a.md","properties":{"a":[[1]]},"body":""}"#, "`a` is nested"),
        (r#"{"path":"a.md","properties":{"id":"a\nb"},"body":""}"#, "control characters"),
        (r#"{"path":"a.md","properties":{"session_note_id":"s002"},"body":""}"#, "session `s002`"),
    ] {
        let message = refused(with_note(note));
        assert!(message.contains(says) && message.contains("`a.md`"), "{note}: {message}");
    }
    let deep =
        format!(r#"{{"path":"a.md","properties":{{"a":{}}},"body":""}}"#, "[".repeat(50_000) + &"]".repeat(50_000));
    assert!(refused(with_note(&deep)).contains("recursion"));
    let own = r#"{"format":"journal-session","session":{"id":"s001","note":{"path":"a.md","source":"---\nid: s002\n---\n","body":""}},"thoughts":[]}"#;
    assert!(refused(own).contains("not that of the session"));
    assert!(refused(own.replace("s001", "a\\nb")).contains("control characters"));
}

#[test]
fn properties_keep_their_order_and_say_nothing_but_themselves() {
    let note = r#"{"path":"a.md","properties":{"z":"--- : #\n- x","id":"t001","a":[1,"true",""],"count":3,"b":false,"e":null,"f":1.5},"body":"---\nb"}"#;
    let read = read(with_note(note).as_bytes()).unwrap();
    let [ForeignSession::Notes(notes)] = read.as_slice() else { panic!("{read:?}") };
    let text = &notes.thoughts[0].text;
    assert_eq!(
        text,
        "---\nz: \"--- : #\\n- x\"\nid: t001\na:\n  - \"1\"\n  - \"true\"\n  - \"\"\ncount: 3\nb: false\ne:\nf: 1.5\n---\n---\nb"
    );
}
