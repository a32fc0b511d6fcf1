//! What an edit refuses, and what it says then.

use super::seeds::seed;
use crate::{Change, DiagnosticCode, EditError, Written, edit};

#[track_caller]
fn check(note: &str, key: &str, line: usize, says: &str) {
    for change in [Change::Set(Written::Text("new".to_owned())), Change::Remove] {
        let Err(error) = edit(note, &[(key, change.clone())]) else {
            // A line that is none of ours need not be there for a removal.
            assert!(matches!(change, Change::Remove), "edited: {note}");
            continue;
        };
        assert!(error.to_string().contains(says), "{error}");
        let diagnostic = error.diagnostic();
        assert_eq!((diagnostic.code, diagnostic.line), (DiagnosticCode::NotEditable, Some(line)), "{error}");
        assert!(!diagnostic.hint.is_empty());
    }
}

#[track_caller]
fn check_set(note: &str, key: &str, line: usize, says: &str) {
    let error = edit(note, &[(key, Change::Set(Written::Text("new".to_owned())))]).unwrap_err();
    assert!(error.to_string().contains(says), "{error}");
    assert_eq!(error.line(), Some(line), "{error}");
}

#[test]
fn anchors_aliases_tags_and_merges() {
    let note = seed("anchors");
    for (key, line) in [("base", 2), ("copy", 5), ("merged", 6), ("tagged", 9), ("id", 10), ("again", 11)] {
        check(note, key, line, "anchor");
    }
    check("---\na: &x 1\n<<: {b: 2}\n---\n", "<<", 3, "merges");
    check("---\na:\n  - &x b\n---\n", "a", 2, "anchor");
    check("---\na: [b, *x]\n---\n", "a", 2, "anchor");
}

#[test]
fn duplicates_and_no_end() {
    check(seed("duplicates"), "id", 4, "twice");
    check(seed("unterminated"), "id", 1, "no line closes");
    check(seed("unterminated"), "new", 1, "no line closes");
}

#[test]
fn values_over_many_lines() {
    check_set(seed("many-lines"), "flow", 6, "brackets");
    check_set(seed("many-lines"), "column", 9, "brackets");
    check_set(seed("nested"), "people", 2, "nested");
    check_set(seed("nested"), "deep", 8, "nested");
}

#[test]
fn properties_that_are_no_lines() {
    check(seed("nested"), "complex", 12, "name: value");
    check(seed("indented"), "id", 2, "name: value");
    check_set("---\nprose\n---\n", "id", 2, "name: value");
    check_set(seed("indented"), "new", 2, "name: value");
}

#[test]
fn what_would_change_more() {
    let set = |key| [(key, Change::Set(Written::Text("new".to_owned())))];
    for (note, key) in [
        (seed("json"), "id"),
        (seed("json"), "new"),
        // Lines inside a quoted text that look like a property.
        ("---\na: x\n? \"b\n  \nc: d\"\n: y\n---\n", "c"),
    ] {
        let result = edit(note, &set(key));
        assert!(matches!(result, Err(EditError::NotContained { .. } | EditError::NotAProperty { .. })), "{result:?}");
    }
    assert_eq!(edit("", &set(" ")), Err(EditError::NoName));
}
