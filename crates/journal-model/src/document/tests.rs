//! What the documents of a session say, and that no text of a thought gets a meaning of its own in them.

use proptest::prelude::*;

use super::*;
use crate::{Line, Session, structure};

/// A thought of [`session`]: its line, number, the thought its branch leaves, what it revises, and its body.
type Spec<'a> = (&'a str, u32, Option<u32>, Option<u32>, &'a str);

fn session(own_body: &str, thoughts: &[Spec<'_>]) -> WholeSession {
    let mut texts = Vec::new();
    let mut read = Vec::new();
    for (index, (line, number, from, revises, body)) in thoughts.iter().enumerate() {
        let path: VaultPath = format!("S/T{index:03} note.md").parse().unwrap();
        let mut text = format!("---\ntitle: Thought {index}\nthought_number: {number}\n");
        let parsed: Line = line.parse().unwrap();
        if let Some(name) = parsed.branch() {
            text += &format!("branch_id: {:?}\n", name.as_str());
        }
        for (key, value) in [("branch_from_thought", from), ("revises_thought", revises)] {
            text += &value.map_or_else(String::new, |value| format!("{key}: {value}\n"));
        }
        text += &format!("---\n{body}");
        read.push(Thought::read(path.clone(), &Note::parse(&text).properties).0);
        texts.push((path, text));
    }
    let path: VaultPath = "S/Own.md".parse().unwrap();
    let text = format!("---\nid: abcd\ntype: thinking-session\ntitle: Own\n---\n{own_body}");
    let own = Session::read("abcd".parse().unwrap(), path.clone(), &Note::parse(&text).properties);
    texts.push((path, text));
    WholeSession::new(Gathered::new("abcd".parse().unwrap(), Some(own), read), texts)
}

/// The order in which a document tells the thoughts, by line and number.
fn order(thoughts: &[Spec<'_>]) -> String {
    let session = session("", thoughts);
    let parts = outline::outline(&session.gathered);
    let told = parts.iter().map(|part| match part {
        outline::Part::Branch { name, from, depth } => {
            format!("{}{name}@{}", "(".repeat(*depth), from.map_or("?".to_owned(), number))
        }
        outline::Part::Thought(entry) => number(entry.thought),
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn branches_follow_the_thoughts_they_leave() {
    let on = |line, number, from| (line, number, from, None, "x");
    let thoughts =
        [on("main", 1, None), on("main", 2, None), on("b", 2, Some(1)), on("a", 2, Some(1)), on("c", 3, Some(2))];
    // `c` leaves 2 of the main line, since nothing says otherwise.
    assert_eq!(order(&thoughts), "1 (a@1 2 (b@1 2 2 (c@2 3");
    assert_eq!(order(&[on("lost", 2, Some(9)), on("main", 1, None)]), "1 (lost@? 2");
    // In a circle: each leaves the other.
    let circle = [on("main", 1, None), on("a", 5, Some(6)), on("b", 6, Some(5))];
    assert_eq!(order(&circle), "1 (b@5 6 ((a@6 5");
    assert_eq!(order(&[]), "");
}

#[test]
fn nothing_in_a_text_reaches_beyond_it() {
    let code = ["```\ncode", "~~~~ x\n```\n~~~", "# H\n\n```", "a\n===\n\n- ```\n  x", "> ```\n> x"];
    let others = ["<!-- no end", "%% no end", "%%\n```", "<script>\nx", "<div class=\"x"];
    for open in code.into_iter().chain(others) {
        let after = "%% after %%";
        let markdown = session("", &[("main", 1, None, None, open), ("main", 2, None, None, after)]).to_markdown();
        assert!(structure(&markdown).comments.iter().any(|span| &markdown[span.clone()] == after), "{markdown}");
        let headings = structure(&markdown).headings;
        let second = headings.iter().find(|heading| heading.text.starts_with("Thought 2"));
        assert!(second.is_some_and(|heading| heading.level == 2), "{open:?}\n{markdown}");
    }
    let markdown = session("# Own", &[("main", 1, None, None, "# A\n\n## B #\n\nC\n---\n")]).to_markdown();
    let levels: Vec<_> = structure(&markdown).headings.into_iter().map(|one| (one.level, one.text)).collect();
    let expected = [(1, "Own"), (2, "Own"), (2, "Thought 1 · Thought 0"), (3, "A"), (4, "B"), (4, "C")];
    assert_eq!(levels, expected.map(|(level, text)| (level, text.to_owned())));
}

#[test]
fn a_page_has_no_markup_of_a_thought() {
    let hostile = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "text <b onclick=\"x\">bold</b>",
        "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](vbscript:x) [e]( javascript:x)",
        "![i](https://example.org/track.png)",
        "<javascript:alert(1)>",
        "[[\"><script>alert(1)</script>]]",
        "[x](https://example.org/\"onmouseover=\"alert(1))",
        "```\"><script>\ncode\n```",
        "<!-- --><svg/onload=alert(1)>",
        "[^1]\n\n[^1]: <script>",
        "| a |\n|---|\n| <style>*{} |",
    ];
    for body in hostile {
        let html =
            session(body, &[(body.lines().next().unwrap().get(..20).unwrap_or("x"), 1, None, None, body)]).to_html();
        let page = html.split_once("</head>").unwrap().1;
        for mark in ["<script", "<img", "<svg", "<style", "<b ", "href=\"java", "href=\"data", "href=\"vb"] {
            assert!(!page.to_lowercase().contains(mark), "{body:?} has `{mark}`:\n{page}");
        }
        // No tag has an attribute that page does not give it.
        for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            assert!(!tag.to_lowercase().contains(" on"), "{body:?}: <{tag}>");
        }
    }
}

#[test]
fn links_in_a_page_lead_to_thoughts_and_out() {
    let body =
        "[[T000 note]] [[S/t000 NOTE#H|x]] [[Else]] [w](https://example.org/?a=1&b=2) [f](x.md) <me@example.org>";
    let html = session("", &[("main", 1, None, None, body)]).to_html();
    for part in [
        "<a href=\"#t1\">T000 note</a>",
        "<a href=\"#t1\">x</a>",
        "<span class=\"wikilink\">Else</span>",
        "<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer\">w</a>",
        "<span class=\"wikilink\" title=\"x.md\">f</span>",
        "<a href=\"mailto:me@example.org\">",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
}

#[test]
fn the_graph_in_a_note_is_no_part_of_the_document() {
    let drawn = with_graph("What I think.\n", "flowchart TD\n").unwrap();
    let session = session(&drawn, &[]);
    assert!(!session.to_markdown().contains("flowchart") && session.to_markdown().contains("What I think."));
    assert!(!session.to_html().contains("journal:graph"));
}

#[test]
fn a_blank_graph_moves_nothing() {
    let drawn = with_graph("---\ntitle: é\n---\nWhat I think.\n", "flowchart TD\n  é --> ü\n").unwrap();
    let blank = blank_graph(&drawn);
    assert_eq!((blank.len(), blank.lines().count()), (drawn.len(), drawn.lines().count()));
    assert_eq!(blank.trim_end(), "---\ntitle: é\n---\nWhat I think.");
    let broken = "%% journal:graph begin %%\ntext\n";
    assert_eq!((blank_graph(broken), blank_graph("text")), (broken.into(), "text".into()));
}

#[test]
fn marks_that_are_not_one_pair_are_refused() {
    let (begin, end) = ("%% journal:graph begin %%", "%% journal:graph end %%");
    let refused = |text: &str| (with_graph(text, "x").unwrap_err(), without_graph(text).unwrap_err());
    let no_end = GraphBlockError::NoEnd { line: 4 };
    assert_eq!(refused(&format!("---\nid: a\n---\n{begin}\ntext\n")), (no_end, no_end));
    let no_begin = GraphBlockError::NoBegin { line: 2 };
    assert_eq!(refused(&format!("text\n{end}\n{begin}\n")), (no_begin, no_begin));
    let twice = GraphBlockError::Twice { line: 3 };
    assert_eq!(refused(&format!("{begin}\n{end}\n{begin}\n{end}\n")), (twice, twice));
    for open in ["```\nopen", "<!-- open", "%%\nopen"] {
        assert_eq!(with_graph(open, "x"), Err(GraphBlockError::InCode), "{open}");
    }
    // In code they are text.
    let quoted = format!("```\n{begin}\n```\n");
    assert_eq!(without_graph(&with_graph(&quoted, "x").unwrap()), Ok(quoted));
}

#[test]
fn words_between_the_marks_are_never_taken_for_the_graph() {
    let (old, end) = ("%% journal:graph begin %%", "%% journal:graph end %%");
    let drawn = with_graph("Mine.\n", "flowchart TD\n    a --> b\n").unwrap();
    let refused = |text: &str, from, to| {
        let changed = GraphBlockError::Changed { from, to };
        assert_eq!((with_graph(text, "x"), without_graph(text)), (Err(changed), Err(changed)), "{text}");
        assert!(session(text, &[]).to_markdown().contains("MY"), "{text}");
    };
    refused(&format!("{old}\n\nMY OWN WORDS\n\n{end}\n"), 2, 4);
    refused(&format!("{old}\n```mermaid\nx\n```\nMY OWN\n{end}\n"), 2, 5);
    refused(&format!("{old}\n```mermaid\nx\n```\n\n```mermaid\nMY\n```\n{end}\n"), 2, 8);
    refused(&drawn.replace("a --> b", "a --> b\n    b --> MY"), 4, 8);
    refused(&drawn.replace("```mermaid", "MY\n```mermaid"), 4, 8);
    // As the version before drew it, with blank lines as linters set them, or with nothing in it.
    for block in ["```mermaid\nflowchart TD\n```\n", "\n```mermaid\nx\n```\n\n", "\n", ""] {
        let note = format!("Mine.\n\n{old}\n{block}{end}\n");
        assert_eq!(without_graph(&note).as_deref(), Ok("Mine.\n"));
        assert_eq!(with_graph(&note, "flowchart TD\n    a --> b\n").as_ref(), Ok(&drawn));
    }
    // Other line endings, and blank lines around the fence, are nobody's words.
    let spaced = drawn.replace("```mermaid", "\n```mermaid").replace('\n', "\r\n");
    assert_eq!(without_graph(&spaced).as_deref(), Ok("Mine.\r\n"));
}

#[test]
fn a_note_that_ends_with_its_frontmatter_gets_and_loses_its_graph() {
    for note in ["---\n---", "---\r\nid: a\r\n---", "---\nid: a\n---\n", "---", ""] {
        let drawn = with_graph(note, "flowchart TD\n").unwrap();
        assert_eq!(without_graph(&drawn).unwrap(), note);
        assert!(drawn.starts_with(note) && graph_of(&drawn).unwrap().is_some(), "{drawn:?}");
    }
}

/// Bodies around a block, with what breaks lines and blocks.
fn bodies() -> impl Strategy<Value = String> {
    let pieces = ["text", "\n", "\r\n", "\n\n", " ", "# H", "%%", "- a", "> q", "`c`", "---", "한글"];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_graph_comes_and_goes_without_a_trace(body in bodies(), matter in any::<bool>()) {
        let note = if matter { format!("---\nid: abcd\n---\n{body}") } else { body };
        if let Ok(drawn) = with_graph(&note, "flowchart TD\n    a --> b\n") {
            prop_assert!(drawn.starts_with(&note));
            prop_assert_eq!(without_graph(&drawn).unwrap(), note.clone());
            let again = with_graph(&drawn, "flowchart LR\n").unwrap();
            prop_assert!(again.starts_with(&note) && again.contains("LR") && !again.contains("TD"));
            let below = format!("{drawn}\nbelow\n");
            let redrawn = with_graph(&below, "flowchart LR\n").unwrap();
            prop_assert!(redrawn.starts_with(&note) && redrawn.ends_with("\nbelow\n"));
        }
    }

    #[test]
    fn what_was_written_into_a_graph_stays(body in bodies(), words in "[a-z]{1,9}", at in 0..40_usize) {
        let Ok(drawn) = with_graph(&body, "flowchart TD\n    a --> b\n") else { return Ok(()) };
        // On a line of its own somewhere below the first mark.
        let lines: Vec<_> = drawn.split_inclusive('\n').collect();
        let begin = lines.iter().position(|line| line.contains("graph begin")).unwrap();
        let at = begin + 1 + at % 5;
        let written = format!("{}{words}\n{}", lines[..at].concat(), lines[at..].concat());
        prop_assert!(with_graph(&written, "flowchart LR\n").is_err() && without_graph(&written).is_err(), "{:?}", written);
    }

    #[test]
    fn labels_hold_nothing_that_mermaid_reads(title in "\\PC{0,80}", name in "[a-z\"<>|\\[\\];#`{}()-]{1,10}") {
        let name = format!("b{name}");
        let spec = [("main", 1, None, None, title.as_str()), (name.as_str(), 2, Some(1), None, "x")];
        let session = session("", &spec);
        let mermaid = session.to_mermaid();
        for line in mermaid.lines().filter(|line| line.contains('"')) {
            let label = line.split('"').nth(1).unwrap();
            prop_assert_eq!(line.matches('"').count(), 2, "{}", line);
            prop_assert!(!label.contains(['<', '>', '[', ']', '{', '}', '|', '`', '&', '%', '\\', '*', '_']), "{}", line);
        }
    }

    #[test]
    fn no_two_notes_of_a_canvas_overlap(
        spec in prop::collection::vec((0..7_usize, 1..9_u32, prop::option::of(1..9_u32), prop::option::of(1..9_u32)), 0..60)
    ) {
        let names = ["main", "a", "b", "c", "d", "e", "f"];
        let spec: Vec<_> = spec.into_iter().map(|(line, n, from, revises)| (names[line], n, from, revises, "x")).collect();
        let session = session("", &spec);
        let canvas = session.to_canvas();
        prop_assert_eq!(canvas.files.len(), spec.len() + 1);
        for (at, one) in canvas.files.iter().enumerate() {
            for other in &canvas.files[at + 1..] {
                let apart = (one.x - other.x).abs() >= CanvasFile::WIDTH || (one.y - other.y).abs() >= CanvasFile::HEIGHT;
                prop_assert!(apart, "{:?} and {:?}", one, other);
                prop_assert_ne!(&one.id, &other.id);
            }
        }
        for edge in &canvas.edges {
            for end in [&edge.from.0, &edge.to.0] {
                prop_assert!(canvas.files.iter().any(|file| file.id == *end), "{}", end);
            }
        }
    }
}
