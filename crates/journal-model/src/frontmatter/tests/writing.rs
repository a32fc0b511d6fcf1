//! The frontmatter of new notes.

use proptest::prelude::*;

use super::{list, text};
use crate::{Layout, Note, Value, Written, render};

fn entries() -> Vec<(&'static str, Written)> {
    let owned = |items: &[&str]| Written::List(items.iter().map(|item| (*item).to_owned()).collect());
    vec![
        ("id", Written::Text("20260110081500".to_owned())),
        ("title", Written::Text("Why is the search slow (한글 제목)".to_owned())),
        ("created", Written::Plain("2026-01-10T08:15:00".to_owned())),
        ("summary", Written::Empty),
        ("tags", owned(&["thinking/session", "yes"])),
        ("see_also", owned(&["[[T001 Reproduce]]"])),
        ("branch_ids", owned(&[])),
        ("done", Written::Plain("false".to_owned())),
    ]
}

#[test]
fn in_the_manner_of_obsidian() {
    assert_eq!(
        render(&entries(), Layout::Obsidian),
        "---\nid: \"20260110081500\"\ntitle: Why is the search slow (한글 제목)\ncreated: 2026-01-10T08:15:00\nsummary:\n\
         tags:\n  - thinking/session\n  - \"yes\"\nsee_also:\n  - \"[[T001 Reproduce]]\"\nbranch_ids: []\ndone: false\n---\n"
    );
}

#[test]
fn in_the_manner_of_the_earlier_tool() {
    assert_eq!(
        render(&entries(), Layout::Json),
        "---\nid: \"20260110081500\"\ntitle: \"Why is the search slow (한글 제목)\"\ncreated: 2026-01-10T08:15:00\nsummary:\n\
         tags: [\"thinking/session\",\"yes\"]\nsee_also: [\"[[T001 Reproduce]]\"]\nbranch_ids: []\ndone: false\n---\n"
    );
}

/// Checks that every reader takes a written text for that text.
fn check_text(value: &str) {
    use gray_matter::{
        Pod,
        engine::{Engine, YAML},
    };

    for layout in [Layout::Obsidian, Layout::Json] {
        let written = [
            ("one", Written::Text(value.to_owned())),
            ("list", Written::List(vec![value.to_owned(), "x".to_owned()])),
            ("plain", Written::Plain(value.to_owned())),
        ];
        let note = render(&written, layout);
        let parsed = Note::parse(&note);
        assert_eq!(parsed.properties.get("one"), Some(&text(value)), "{note}");
        assert_eq!(parsed.properties.get("list"), Some(&list(&[value, "x"])), "{note}");
        assert_eq!(parsed.properties.get("plain"), Some(&text(value)), "{note}");
        assert_eq!(parsed.diagnostics, [], "{note}");
        assert_eq!(parsed.body(&note), "");
        let block = note.strip_prefix("---\n").and_then(|rest| rest.strip_suffix("---\n")).unwrap();
        let Ok(Pod::Hash(engine)) = YAML::parse(block) else { panic!("no YAML: {note}") };
        assert_eq!(engine["one"], Pod::String(value.to_owned()), "{note}");
        assert_eq!(engine["list"].as_vec().unwrap()[0], Pod::String(value.to_owned()), "{note}");
    }
}

#[test]
fn text_stays_text() {
    for value in [
        "",
        " ",
        " x",
        "x ",
        "yes",
        "No",
        "on",
        "y",
        "123",
        "-1",
        "+1",
        "1.5",
        ".5",
        "1e5",
        "0x1F",
        "0o17",
        "1_000",
        "null",
        "NULL",
        "~",
        "true",
        "FALSE",
        ".inf",
        "-.INF",
        ".nan",
        "2026-01-01",
        "2026-01-01T10:00:00",
        "12:30",
        "#x",
        "a #x",
        "a: b",
        "a:",
        "a:b",
        "[[X]]",
        "[x]",
        "{x}",
        "{{title}}",
        "a, b",
        "- x",
        "-",
        "--",
        "---",
        "...",
        "? x",
        ": x",
        "& x",
        "&x",
        "*x",
        "!x",
        "|",
        ">",
        "%x",
        "@x",
        "`x`",
        "'x'",
        "\"x\"",
        "it's",
        "a\\b",
        "a\nb",
        "\n",
        "a\r\nb",
        "a\tb",
        "\t",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "\u{ffff}",
        "😀",
        "한글",
        "=",
        "<<",
        "end\\",
    ] {
        check_text(value);
    }
}

#[test]
fn plain_is_not_quoted_unless_it_must_be() {
    for value in ["12", "-1.5", "true", "2026-01-10T08:15:00"] {
        let note = render(&[("k", Written::Plain(value.to_owned()))], Layout::Json);
        assert_eq!(note, format!("---\nk: {value}\n---\n"));
    }
}

proptest! {
    #[test]
    fn any_text_stays_text(value in "\\PC{0,12}|(?s).{0,12}|[-+.0-9xoeE_:TZ ]{1,8}|[\\[\\]{},:#&*!|>'\"%@`?~=<\\\\ \n\ta-b-]{1,8}") {
        check_text(&value);
    }

    #[test]
    fn any_key_stays_that_key(key in "\\PC{1,12}|[\\[\\]{},:#&*!|>'\"%@`?~=<\\\\ \na-b-]{1,8}") {
        let note = render(&[(&key, Written::Plain("1".to_owned()))], Layout::Obsidian);
        let parsed = Note::parse(&note);
        prop_assert_eq!(parsed.properties.iter().map(|p| (p.key.as_str(), &p.value)).collect::<Vec<_>>(), [(&*key, &Value::Text("1".to_owned()))]);
    }
}
