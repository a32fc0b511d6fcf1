//! What an edit changes, and that it changes nothing else.

use super::seeds::seed;
use crate::{Change, Note, Written, edit};

fn set(value: &str) -> Change {
    Change::Set(Written::Text(value.to_owned()))
}

fn plain(value: &str) -> Change {
    Change::Set(Written::Plain(value.to_owned()))
}

fn set_list(items: &[&str]) -> Change {
    Change::Set(Written::List(items.iter().map(|item| (*item).to_owned()).collect()))
}

/// Checks one change of `k` in a block that has neighbours, with LF and with CRLF.
#[track_caller]
fn check(before: &str, change: &Change, after: &str) {
    let note =
        |block: &str| format!("\u{feff}---\n# first\na: \"1\"   # one\n{block}z: [y,  x]\n\n# last\n---\n\nbody: x\n");
    for crlf in [false, true] {
        let ending = |text: String| if crlf { text.replace('\n', "\r\n") } else { text };
        let edited = edit(&ending(note(before)), &[("k", change.clone())]);
        assert_eq!(edited, Ok(ending(note(after))), "{before}");
    }
}

#[test]
fn a_scalar_keeps_its_quotes_and_its_comment() {
    check("k: old\n", &set("new"), "k: new\n");
    check("k: old # keep\n", &set("new"), "k: new # keep\n");
    check("k:   old   # keep\n", &set("yes"), "k:   \"yes\"   # keep\n");
    check("k: 'old'  # keep\n", &set("it's"), "k: 'it''s'  # keep\n");
    check("k: 'old'\n", &set("a\nb"), "k: \"a\\nb\"\n");
    check("k: \"old\"\n", &set("new"), "k: \"new\"\n");
    check("k: \"2026-01-10T08:15:00\"\n", &plain("2026-01-11T08:15:00"), "k: \"2026-01-11T08:15:00\"\n");
    check("k: 4\n", &plain("5"), "k: 5\n");
    check("k: [[X]]\n", &set("[[Y]]"), "k: \"[[Y]]\"\n");
    check("\"k\" : old\n", &set("new"), "\"k\" : new\n");
    check("k:\told\t# keep\n", &set("new"), "k:\tnew\t# keep\n");
}

#[test]
fn nothing_gets_a_value_and_back() {
    check("k:\n", &set("new"), "k: new\n");
    check("k: \n", &set("new"), "k: new \n");
    check("k: # keep\n", &set("new"), "k: new # keep\n");
    check("k: ~\n", &set("new"), "k: new\n");
    check("k: old # keep\n", &Change::Set(Written::Empty), "k: # keep\n");
    check("k: [a] # keep\n", &Change::Set(Written::Empty), "k: # keep\n");
    check("k:\n  - a\n  - b\n", &Change::Set(Written::Empty), "k:\n");
}

#[test]
fn a_list_in_brackets_keeps_its_habits() {
    check("k: [a, b]\n", &set_list(&["a", "b", "c"]), "k: [a, b, c]\n");
    check("k: [a,b]  # keep\n", &set_list(&["a", "b", "c: d"]), "k: [a,b,\"c: d\"]  # keep\n");
    check("k: [\"a\",\"b\"]\n", &set_list(&["a", "b", "c"]), "k: [\"a\",\"b\",\"c\"]\n");
    check("k: [ 'a' ,  'b', ]\n", &set_list(&["a", "b", "c"]), "k: [ 'a' ,  'b' ,  'c', ]\n");
    check("k: [a, b, c]\n", &set_list(&["a", "c"]), "k: [a, c]\n");
    check("k: [a, b, c]\n", &set_list(&["b", "c"]), "k: [b, c]\n");
    check("k: [a, b, c]\n", &set_list(&["a", "b"]), "k: [a, b]\n");
    check("k: [a, b]\n", &set_list(&["x", "a", "b"]), "k: [x, a, b]\n");
    check("k: [a, 'b', c]\n", &set_list(&["a", "x", "w", "c"]), "k: [a, x, w, c]\n");
    check("k: [a, b]\n", &set_list(&[]), "k: []\n");
    check("k: []\n", &set_list(&["a", "b"]), "k: [a,  b]\n");
    check("k: [a]\n", &set("b"), "k: b\n");
}

#[test]
fn a_list_of_lines_keeps_its_lines() {
    check("k:\n  - a\n", &set_list(&["a", "b"]), "k:\n  - a\n  - b\n");
    check("k: # one\n- \"a\" # two\n", &set_list(&["a", "b"]), "k: # one\n- \"a\" # two\n- \"b\"\n");
    check("k:\n    -   'a'\n    -   'b'\n", &set_list(&["a", "x", "b"]), "k:\n    -   'a'\n    -   'x'\n    -   'b'\n");
    check("k:\n  - a\n  # about b\n  - b\n", &set_list(&["a"]), "k:\n  - a\n  # about b\n");
    check("k:\n  - a\n\n  - b\n  # end\n", &set_list(&["a", "b", "c"]), "k:\n  - a\n\n  - b\n  - c\n  # end\n");
    check("k:\n  - a # keep\n  - b\n", &set_list(&["x", "b"]), "k:\n  - x # keep\n  - b\n");
    check("k:\n  - a\n", &set_list(&["[[X]]", "a"]), "k:\n  - \"[[X]]\"\n  - a\n");
    check("k:\n  - a\n  - b\n", &set_list(&[]), "k: []\n");
    check("k: # keep\n  - a\n  - b\n", &set("c"), "k: c # keep\n");
    check("k:\n  -\n", &set_list(&["a"]), "k:\n  - a\n");
    check("k:\n  -\n", &set_list(&["a", "b"]), "k:\n  - a\n  - b\n");
}

#[test]
fn a_new_list_follows_the_note() {
    check("k:\n", &set_list(&["a", "b"]), "k: [a,  b]\n");
    check("k: a # keep\n", &set_list(&["a", "b"]), "k: [a,  b] # keep\n");
    check("k: [[X]], [[Y]]\n", &set_list(&["[[X]]", "[[Z]]"]), "k: [\"[[X]]\",  \"[[Z]]\"]\n");
    let change = [("k", set_list(&["a", "b"])), ("l", set_list(&["yes"]))];
    assert_eq!(
        edit("---\nt:\n- 'x'\nk: [] # keep\n---\n", &change).unwrap(),
        "---\nt:\n- 'x'\nk: # keep\n- 'a'\n- 'b'\nl:\n- 'yes'\n---\n"
    );
    assert_eq!(edit("---\nid: 1\nk:\n---\n", &change).unwrap(), "---\nid: 1\nk:\n  - a\n  - b\nl:\n  - \"yes\"\n---\n");
    assert_eq!(edit("---\nk: []\n---\n", &change[..1]).unwrap(), "---\nk: [a, b]\n---\n");
}

#[test]
fn block_scalars_stay_block_scalars() {
    check("k: |\n    one\n    two\n", &set("three\n\nfour: #\n"), "k: |\n    three\n\n    four: #\n");
    check("k: >- # keep\n  one\n  two\n", &set("three"), "k: >- # keep\n  three\n");
    check("k: >\n  one\n", &set("two\nthree"), "k: |-\n  two\n  three\n");
    check("k: |+\n  one\n\n", &set("two"), "k: |-\n  two\n");
    check("k: |2\n    one\n", &set("two"), "k: two\n");
    check("k: | # keep\n  one\n", &set(" two"), "k: \" two\" # keep\n");
    check("k: |\n  one\n", &set_list(&["a", "b"]), "k: [a,  b]\n");
    check("k: |\n  one\n", &Change::Remove, "");
}

#[test]
fn what_is_no_yaml_is_mended() {
    for (before, after) in [
        ("k: Foo: bar # keep\n", "k: new # keep\n"),
        ("k: {{title}}\n", "k: new\n"),
        ("k: [#x]\n", "k: new\n"),
        ("k: \"never closed\n", "k: \"new\"\n"),
        ("k: 100% # keep\n", "k: new # keep\n"),
        ("k:old\n", "k: new\n"),
        ("k: one\n  two # keep\n", "k: new # keep\n"),
        ("k: \"one\n  two\" # keep\n", "k: \"new\" # keep\n"),
        ("k: {a: 1} \n", "k: new \n"),
    ] {
        check(before, &set("new"), after);
    }
}

#[test]
fn removing_takes_the_lines_and_leaves_the_comments_around_them() {
    for lines in [
        "k:\n",
        "k: a # gone\n",
        "k: 'a'\n",
        "k: [a, b]\n",
        "k:\n- a\n- b\n",
        "k:\n  - a\n  # inside\n  - b\n",
        "k: a\n  b\n",
    ] {
        check(lines, &Change::Remove, "");
        check(&format!("# above\n{lines}\n  # below\n"), &Change::Remove, "# above\n\n  # below\n");
    }
    check("j: 1\n", &Change::Remove, "j: 1\n");
    assert_eq!(edit("---\nk: 1\n---\n", &[("k", Change::Remove)]).unwrap(), "---\n---\n");
}

#[test]
fn the_same_value_changes_nothing() {
    for (source, change) in [
        ("k: 'a'  # c\n", set("a")),
        ("k: 0042\n", plain("0042")),
        ("k: ~\n", Change::Set(Written::Empty)),
        ("k: a\n", set_list(&["a"])),
        ("k:\n", set_list(&[])),
        ("k: [a,   'b']\n", set_list(&["a", "b"])),
        ("k: [[X]]\n", set_list(&["[[X]]"])),
        ("k: [a,\n  b]\n", set_list(&["a", "b"])),
        ("k: |\n  a\n", set("a\n")),
        ("k:\n- a\n", set_list(&["a"])),
    ] {
        check(source, &change, source);
    }
}

#[test]
fn a_new_property_goes_below_the_others() {
    let change = [("new", set("x: y")), ("m", plain("1"))];
    let edited = |text: &str| edit(text, &change).unwrap();
    assert_eq!(edited("---\na: 1\n\n# end\n---\nb"), "---\na: 1\nnew: \"x: y\"\nm: 1\n\n# end\n---\nb");
    assert_eq!(edited("---\r\na: 1\r\n---"), "---\r\na: 1\r\nnew: \"x: y\"\r\nm: 1\r\n---");
    assert_eq!(edited("---\n# only a comment\n---\n"), "---\n# only a comment\nnew: \"x: y\"\nm: 1\n---\n");
    assert_eq!(edited("---\n---\nb"), "---\nnew: \"x: y\"\nm: 1\n---\nb");
    assert_eq!(edited("b"), "---\nnew: \"x: y\"\nm: 1\n---\nb");
    assert_eq!(edited(""), "---\nnew: \"x: y\"\nm: 1\n---\n");
    assert_eq!(edited("\u{feff}b\r\n"), "\u{feff}---\r\nnew: \"x: y\"\r\nm: 1\r\n---\r\nb\r\n");
    assert_eq!(edited("---\nno property"), "---\nnew: \"x: y\"\nm: 1\n---\n---\nno property");
    assert_eq!(edited("---\na: |\n  x\n\n---\n"), "---\na: |\n  x\nnew: \"x: y\"\nm: 1\n\n---\n");
    assert_eq!(edit("b", &[("k", Change::Remove)]).unwrap(), "b");
}

#[test]
fn a_session_of_ours_and_of_the_earlier_tool() {
    let ours = seed("session");
    let link = "[[T003 Cache first a8c0e2]]";
    let mut links = Note::parse(ours).properties.texts("see_also").iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    links.push(link.to_owned());
    let changes = [
        ("see_also", Change::Set(Written::List(links))),
        ("updated", plain("2026-11-21T10:00:00")),
        ("status", set("done")),
        ("branch_ids", set_list(&["cache-first"])),
    ];
    let expected = ours
        .replace("a8c0e2]]\"\nbranch", "a8c0e2]]\"\n  - \"[[T003 Cache first a8c0e2]]\"\nbranch")
        .replace("09:41:07", "10:00:00")
        .replace("active #", "done #")
        .replace("branch_ids: []", "branch_ids:\n  - cache-first");
    assert_eq!(edit(ours, &changes).unwrap(), expected);

    let theirs = seed("earlier-tool");
    let mut links =
        Note::parse(theirs).properties.texts("see_also").iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    links.push("[[생각(Thought) 20260110081500 T003]]".to_owned());
    let changes = [
        ("see_also", Change::Set(Written::List(links))),
        ("updated", plain("2026-01-10T08:20:00")),
        ("aliases", set_list(&["a", "b"])),
    ];
    let expected = theirs
        .replace("T002]]\"]", "T002]]\",\"[[생각(Thought) 20260110081500 T003]]\"]")
        .replace("08:17:06", "08:20:00")
        .replace("aliases: []", "aliases: [\"a\",\"b\"]");
    assert_eq!(edit(theirs, &changes).unwrap(), expected);
}
