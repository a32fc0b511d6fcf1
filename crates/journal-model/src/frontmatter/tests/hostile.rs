//! Frontmatter made to hurt: large, deep, growing. Nothing may panic, overflow the stack or take time squared.

use super::text;
use crate::{Change, Note, Written, edit};

/// Reads a note around `block`, whose id must be found, and edits it.
#[track_caller]
fn check(block: &str) {
    for note in [
        format!("---\nid: x\nother: 1\n{block}\n---\nbody"),
        format!("---\n{block}\nid: x\n---\nbody"),
        format!("---\nid: x\nother: 1\n{block}"),
    ] {
        let parsed = Note::parse(&note);
        assert_eq!(parsed.properties.get("id"), Some(&text("x")), "{:?}", note.chars().take(80).collect::<String>());
        assert!(note.ends_with(parsed.body(&note)));
        if let Ok(edited) = edit(&note, &[("id", Change::Set(Written::Text("z".to_owned())))]) {
            assert_eq!(edited.len(), note.len());
        }
    }
}

#[test]
fn deep() {
    for n in [100, 255, 300, 10_000] {
        for (open, close) in
            [("[", "]"), ("{a: ", "}"), ("[\"]\", ", "]"), ("[ # ]\n ", "]"), ("- ", ""), ("? ", ""), ("{? ", "}")]
        {
            check(&format!("k: {}{}", open.repeat(n), close.repeat(n)));
            check(&format!("k: {}", open.repeat(n)));
            check(&format!("k:\n  {}", open.repeat(n)));
            check(&format!("k: it's\n  {}", open.repeat(n)));
        }
    }
    let stairs: String = (0..1_000).map(|n| format!("{}a:\n", " ".repeat(n + 1))).collect();
    for breaks in ["\n", "\r"] {
        let stairs = stairs.replace('\n', breaks);
        for head in ["k:\n", "# c", "k: |\n  x", "k: a # c"] {
            check(&format!("{head}{breaks}{stairs}"));
        }
    }
}

#[test]
fn large() {
    const MEGABYTE: usize = 1 << 20;
    for line in [
        "a: b\n",
        "a: b: c\n",
        "a: [\n",
        "a: \"\n",
        "a: '\n",
        "a:\n",
        "a: &a b\n",
        "a: *a\n",
        "- a\n",
        "  - a\n",
        "loose\n",
        "\n",
        "# c\n",
        "  # c\n",
        "? a\n",
        ": b\n",
        "a: |\n",
        "  text\n",
        "\"a\": 1,\n",
        "a: {b: 1}\n",
        "a:\n  b: 1\n",
        "[",
        "\"",
        "a:b\n",
        "x",
        "é",
        "\r",
    ] {
        check(&line.repeat((1 << 14) / line.len()));
        check(&format!("k:\n  - a\n{}", line.repeat((1 << 14) / line.len())));
    }
    for line in ["a: b: c\n", "a: [\n", "a: \"\n", "  - a\n", "loose\n", "\"a\": 1,\n", "[", "x"] {
        let note = format!("---\nid: x\nother: 1\n{}\n---\nbody", line.repeat(MEGABYTE / line.len()));
        assert_eq!(Note::parse(&note).properties.get("id"), Some(&text("x")));
    }
    let distinct: String = (0..20_000).map(|n| format!("key{n}: v{n}: w\n")).collect();
    check(&distinct);
    let object: String = (0..20_000).map(|n| format!("\"k{n}\": {n},\n")).collect();
    let note = format!("---\n{{\n{object}\"id\": 1\n}}\n---\n");
    assert_eq!(Note::parse(&note).properties.get("k19999"), Some(&text("19999")));
}

#[test]
fn growing() {
    let laughs: String =
        (1..40).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))).collect();
    check(&format!("a0: &a0 ha\n{laughs}"));
    let many = format!("a: &a \"{}\"\nb:\n{}", "x".repeat(10_000), "  - *a\n".repeat(10_000));
    check(&many);
}
