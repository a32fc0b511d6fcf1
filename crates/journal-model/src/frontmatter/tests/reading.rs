//! What is read from frontmatter, well-formed and not.

use proptest::prelude::*;

use super::{list, seeds::seed, text};
use crate::{DiagnosticCode, Note, Value, decode};

/// Checks every property of a note, in order, and its diagnostics as code and line.
#[track_caller]
fn check(note: &str, properties: &[(&str, Value)], diagnostics: &[(DiagnosticCode, usize)]) {
    let parsed = Note::parse(note);
    let found: Vec<_> =
        parsed.properties.iter().map(|property| (property.key.as_str(), property.value.clone())).collect();
    assert_eq!(found, properties);
    let found: Vec<_> = parsed.diagnostics.iter().map(|found| (found.code, found.line.unwrap_or(0))).collect();
    assert_eq!(found, diagnostics, "{:#?}", parsed.diagnostics);
}

/// Checks the one property of a block.
#[track_caller]
fn check_one(block: &str, value: Value) {
    let note = format!("---\n{block}\n---\nbody");
    let parsed = Note::parse(&note);
    assert_eq!(parsed.properties.iter().map(|property| &property.value).collect::<Vec<_>>(), [&value], "{block}");
    assert_eq!(parsed.body(&note), "body");
}

#[track_caller]
fn id(note: &str) -> String {
    Note::parse(note).id().expect("the note has an id").to_string()
}

#[test]
fn scalars_are_the_text_that_was_written() {
    for (written, value) in [
        ("0042", "0042"),
        ("20260108123456", "20260108123456"),
        ("00420042004200420042000", "00420042004200420042000"),
        ("yes", "yes"),
        ("2026-01-10", "2026-01-10"),
        ("2026-01-10T08:15:00", "2026-01-10T08:15:00"),
        ("1.10", "1.10"),
        ("a # comment", "a"),
        ("a#b", "a#b"),
        ("https://example.org/?a=b#c", "https://example.org/?a=b#c"),
        ("it's \"so\"", "it's \"so\""),
        ("'it''s' # comment", "it's"),
        ("\"a\\tb\\u00e9\\\"\"", "a\tb\u{e9}\""),
        ("\"null\"", "null"),
        ("\"\"", ""),
        ("[[X]]", "[[X]]"),
        ("[[X|y]] # comment", "[[X|y]]"),
        ("-1", "-1"),
        ("추론 😀", "추론 😀"),
    ] {
        check_one(&format!("k: {written}"), text(value));
        check_one(&format!("k:   {written}  "), text(value));
        check_one(&format!("k:\t{written}"), text(value));
        check_one(&format!("k: {written}\r"), text(value));
        check_one(&format!("k:\n  - {written}"), list(&[value]));
        check_one(&format!("k: # comment\n- {written}\n\n# comment"), list(&[value]));
    }
    for nothing in ["", " ", "~", "null", "# comment", "null # comment"] {
        check_one(&format!("k: {nothing}"), Value::Null);
    }
}

#[test]
fn lists_of_every_kind() {
    check_one("k: []", list(&[]));
    check_one("k: [a, 'b, c',\"d\" , 0042, [[X, y]]]", list(&["a", "b, c", "d", "0042", "[[X, y]]"]));
    check_one("k: [a,\nb,\n  c,\n]", list(&["a", "b", "c"]));
    check_one("k: [[X|y]], [[Z]]", list(&["[[X|y]]", "[[Z]]"]));
    check_one("k: [[a, b], [c]]", Value::List(vec![list(&["a", "b"]), list(&["c"])]));
    check_one("k:\n- a\n\n# c\n- ~\n-", Value::List(vec![text("a"), Value::Null, Value::Null]));
    check_one("k:\n  - a\n  - - b", Value::List(vec![text("a"), list(&["b"])]));
}

#[test]
fn keys() {
    for (written, key) in [
        ("\"a: b\"", "a: b"),
        ("'it''s'", "it's"),
        ("a b", "a b"),
        ("a ", "a"),
        ("태그", "태그"),
        ("-a", "-a"),
        ("<<", "<<"),
    ] {
        let note = format!("---\n{written}: v\n---\n");
        assert_eq!(Note::parse(&note).properties.get(key), Some(&text("v")), "{written}");
    }
}

#[test]
fn line_endings_and_marks_do_not_matter() {
    for name in ["obsidian", "earlier-tool", "commented", "block-scalars", "many-lines", "nested", "wikilinks"] {
        let note = Note::parse(seed(name));
        let crlf = seed(name).replace('\n', "\r\n");
        assert_eq!(Note::parse(&crlf).properties, note.properties, "{name}");
        assert_eq!(Note::parse(&crlf).body(&crlf), note.body(seed(name)).replace('\n', "\r\n"));
        let marked = format!("\u{feff}{}", seed(name));
        assert_eq!(Note::parse(&marked).properties, note.properties, "{name}");
        assert_eq!(Note::parse(&marked).body(&marked), note.body(seed(name)));
    }
    assert_eq!(id("---\nid: x\n---"), "x");
}

#[test]
fn what_obsidian_writes() {
    check(
        seed("obsidian"),
        &[
            ("aliases", list(&["Flaky test", "불안정한 테스트"])),
            ("tags", list(&["thinking/session", "ci"])),
            ("cssclasses", list(&[])),
            ("created", text("2026-11-21T09:30:00")),
            ("due", text("2026-12-01")),
            ("done", text("false")),
            ("rating", text("4.5")),
            ("related", text("[[Search notes]]")),
            ("up", list(&["[[Home]]", "[[Projects|All projects]]"])),
            ("url", text("https://example.org/a?b=c#d")),
            ("empty", Value::Null),
        ],
        &[],
    );
}

#[test]
fn comments_block_scalars_and_many_lines() {
    check(
        seed("commented"),
        &[
            ("id", text("0042")),
            ("title", text("It's \"quoted\"")),
            ("tags", list(&["a", "b # not a comment"])),
            ("status", text("active")),
        ],
        &[],
    );
    check(
        seed("block-scalars"),
        &[
            ("summary", text("First line: with a colon\n# not a comment\n\n- not a list\n")),
            ("folded", text("one two")),
            ("indented", text("  code\n")),
            ("keep", text("text\n\n")),
            ("id", text("20260108123456")),
            ("last", text("the end\n")),
        ],
        &[],
    );
    let map =
        |entries: &[(&str, Value)]| Value::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
    check(
        seed("many-lines"),
        &[
            ("title", text("a plain text that goes on")),
            ("quoted", text("two lines")),
            ("flow", Value::List(vec![text("a"), text("b, c"), list(&["d"])])),
            ("column", list(&["x", "y", "z"])),
            ("map", map(&[("a", text("1")), ("b", list(&["2", "3"]))])),
            ("id", text("abc")),
        ],
        &[],
    );
    check(
        seed("nested"),
        &[
            (
                "people",
                Value::List(vec![
                    map(&[("name", text("Ada")), ("born", text("1815-12-10"))]),
                    map(&[("name", text("Alan")), ("code", text("0042"))]),
                ]),
            ),
            ("matrix", Value::List(vec![list(&["1", "2"]), list(&["3"])])),
            ("deep", map(&[("zebra", list(&["x"])), ("apple", text("y"))])),
            ("complex", text("key")),
            ("id", text("n1")),
        ],
        &[],
    );
}

#[test]
fn a_broken_entry_costs_only_itself() {
    use DiagnosticCode::InvalidYaml;
    check(
        seed("broken"),
        &[
            ("title", text("Foo: bar")),
            ("template", text("{{title}}")),
            ("tag", text("[#x]")),
            ("quote", text("\"never closed")),
            ("bracket", text("[a, b")),
            ("at", text("@home")),
            ("star", text("*missing")),
            ("percent", text("100% sure")),
            ("id", text("20260108123456")),
            ("links", list(&["[[A]] and more", "fine"])),
            ("missing", text("space")),
        ],
        &[2, 3, 4, 5, 6, 7, 8, 11, 14, 15].map(|line| (InvalidYaml, line)),
    );
    let note = Note::parse(seed("broken"));
    assert_eq!(note.body(seed("broken")), "The body survives.\n");
}

#[test]
fn links_without_quotes() {
    check(
        seed("wikilinks"),
        &[
            ("id", text("00420042004200420042000")),
            ("part_of", text("[[X]]")),
            ("several", list(&["[[X|y]]", "[[Z]]"])),
            ("flow", list(&["[[A]]", "[[B#h|c]]"])),
            ("list", list(&["[[P]]", "[[Q]]", "[[R]]"])),
        ],
        &[],
    );
}

#[test]
fn of_duplicates_the_first_counts() {
    use DiagnosticCode::DuplicateProperty;
    check(
        seed("duplicates"),
        &[("id", text("first")), ("title", text("one")), ("tags", list(&["a"]))],
        &[(DuplicateProperty, 4), (DuplicateProperty, 5)],
    );
}

#[test]
fn anchors_and_aliases() {
    let base = [("a".to_owned(), text("1")), ("b".to_owned(), text("02"))];
    let note = Note::parse(seed("anchors"));
    assert_eq!(note.properties.get("base"), Some(&Value::Map(base.to_vec())));
    assert_eq!(note.properties.get("copy"), note.properties.get("base"));
    assert_eq!(note.properties.get("tagged"), Some(&text("123")));
    assert_eq!(note.properties.get("id"), Some(&text("0042")));
    assert_eq!(note.properties.get("again"), Some(&text("0042")));
    assert_eq!(note.diagnostics, []);
}

#[test]
fn frontmatter_that_obsidian_would_not_write() {
    check(seed("json"), &[("id", text("j1")), ("tags", list(&["a", "b"])), ("count", text("3"))], &[]);
    check(seed("indented"), &[("id", text("i1")), ("title", text("all of it is indented"))], &[]);
    check(
        seed("tabs"),
        &[("title", text("after a tab")), ("tags", list(&["a", "b"])), ("id", text("7"))],
        &[(DiagnosticCode::InvalidYaml, 3)],
    );
    assert_eq!(id(seed("document")), "d1");
    check(seed("empty"), &[], &[]);
    check(seed("rule"), &[], &[]);
    check("no frontmatter", &[], &[]);
}

#[test]
fn frontmatter_without_an_end() {
    let note = seed("unterminated");
    check(
        note,
        &[("id", text("20260108123456")), ("title", text("no end")), ("tags", list(&["a"]))],
        &[(DiagnosticCode::UnterminatedFrontmatter, 1)],
    );
    assert_eq!(Note::parse(note).body(note), note);
    assert_eq!(id("\u{feff}---\r\nid: x"), "x");
}

#[test]
fn ids_that_cannot_be_one() {
    for value in ["[a, b]", "{a: b}", "\"a\\nb\"", "|\n  a\n  b", &"x".repeat(201)] {
        let note = Note::parse(&format!("---\ntitle: t\nid: {value}\n---\n"));
        assert_eq!(note.id(), None);
        assert_eq!(
            note.diagnostics.iter().map(|d| (d.code, d.line)).collect::<Vec<_>>(),
            [(DiagnosticCode::InvalidId, Some(3))]
        );
    }
    for nothing in ["", "\"\"", "~"] {
        let note = Note::parse(&format!("---\nid: {nothing}\n---\n"));
        assert_eq!((note.id(), note.diagnostics), (None, vec![]));
    }
}

#[test]
fn bytes_that_are_not_utf8() {
    assert_eq!(decode("é".as_bytes()), ("é".into(), None));
    let (text, diagnostic) = decode(b"---\nid: x\ntitle: \xff\n---\nbody\xfe");
    assert_eq!(text, "---\nid: x\ntitle: \u{fffd}\n---\nbody\u{fffd}");
    let diagnostic = diagnostic.unwrap();
    assert_eq!((diagnostic.code, diagnostic.line), (DiagnosticCode::NotUtf8, Some(3)));
    assert_eq!(id(&text), "x");
}

/// A scalar as the YAML engine reads it, as text.
fn as_yaml(value: &gray_matter::Pod) -> Value {
    use gray_matter::Pod;
    match value {
        Pod::Null => Value::Null,
        Pod::String(text) => Value::Text(text.clone()),
        Pod::Integer(number) => Value::Text(number.to_string()),
        Pod::Float(number) => Value::Text(number.to_string()),
        Pod::Boolean(truth) => Value::Text(truth.to_string()),
        Pod::Array(items) => Value::List(items.iter().map(as_yaml).collect()),
        Pod::Hash(_) => Value::Map(Vec::new()),
    }
}

prop_compose! {
    /// A scalar's source that every reader takes for the same text.
    fn scalar()(
        word in "[a-zA-Z가-힣][a-zA-Z0-9가-힣'\"/_.-]{0,8}( [a-zA-Z0-9#'\"&*!%@|>{}-]{1,5}){0,3}",
        kind in 0..3,
    ) -> String {
        let word = word.replace(['{', '}'], "").replace(" #", " n").replace(" -", " m");
        match kind {
            0 => word.trim().to_owned(),
            1 => format!("'{}'", word.replace('\'', "''")),
            _ => format!("\"{}\"", word.replace('"', "\\\"")),
        }
    }
}

prop_compose! {
    /// A value in one of the styles that the simple reader knows.
    fn simple()(items in prop::collection::vec(scalar(), 1..4), style in 0..6) -> String {
        let lines = |indent: &str| items.iter().map(|item| format!("\n{indent}- {item}")).collect::<String>();
        match style {
            0 => format!(" {}", items[0]),
            1 => format!(" {} # comment", items[0]),
            2 => format!(" [{}]", items.join(", ")),
            3 => lines(""),
            4 => format!(" # comment{}", lines("   ")),
            _ => String::new(),
        }
    }
}

proptest! {
    #[test]
    fn the_simple_reader_agrees_with_the_yaml_engine(values in prop::collection::vec(simple(), 1..6), crlf: bool) {
        use gray_matter::engine::{Engine, YAML};

        let mut block: String = values.iter().enumerate().map(|(n, value)| format!("key{n}:{value}\n")).collect();
        if crlf {
            block = block.replace('\n', "\r\n");
        }
        let gray_matter::Pod::Hash(engine) = YAML::parse(&block).expect("simple frontmatter is YAML") else {
            panic!("not a mapping: {block}");
        };
        let note = Note::parse(&format!("---\n{block}---\n"));
        prop_assert_eq!(&note.diagnostics, &[]);
        prop_assert_eq!(engine.len(), note.properties.iter().count());
        for property in note.properties.iter() {
            prop_assert_eq!(&property.value, &as_yaml(&engine[&property.key]), "{}", &block);
        }
    }
}
