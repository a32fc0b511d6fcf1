//! Properties that hold for any text and for real frontmatter with random damage.

use proptest::prelude::*;

use super::seeds::SEEDS;
use crate::{Change, Matter, Note, Written, edit, split};

/// Pieces that mean something to YAML, or to us.
const PIECES: &[&str] = &[
    "---\n", "---", "\n", "\r\n", "\r", "\t", " ", "  ", ": ", ":", "- ", "-", "#", " # c", "\"", "'", "[", "]", "{",
    "}", ",", "|", ">", "|2-\n", "&a ", "*a", "!t ", "<<: ", "? ", "%", "@", "~", "\\", "\u{feff}", "\u{85}", "é",
    "[[X]]", "id: y\n", "k:\n", "  - x\n", "- x\n", "  y\n", "\0",
];

prop_compose! {
    /// A seed with some bytes replaced, removed or added, perhaps with CRLF.
    fn mutated()(
        seed in prop::sample::select(SEEDS),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, prop::sample::select(PIECES)), 0..6),
        crlf: bool,
    ) -> String {
        let mut text = if crlf { seed.1.replace('\n', "\r\n") } else { seed.1.to_owned() };
        for (index, length, piece) in cuts {
            let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            places.push(text.len());
            let from = index.index(places.len());
            let to = (from + length).min(places.len() - 1);
            text.replace_range(places[from]..places[to], piece);
        }
        text
    }
}

prop_compose! {
    fn pieces()(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30), fenced: bool) -> String {
        let block = pieces.concat();
        if fenced { format!("---\n{block}\n---\nbody") } else { block }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let text = prop_oneof!["[a-z]{1,6}", "\\PC{0,8}", "[\\[\\]{},:#&*!|>'\"%@`?~ \n\ta-]{0,6}"];
    prop_oneof![
        1 => Just(Change::Remove),
        1 => Just(Change::Set(Written::Empty)),
        2 => (0_u32..100).prop_map(|number| Change::Set(Written::Plain(number.to_string()))),
        4 => text.clone().prop_map(|text| Change::Set(Written::Text(text))),
        4 => prop::collection::vec(text, 0..4).prop_map(|items| Change::Set(Written::List(items))),
    ]
}

/// A key of the note, or a new one.
fn pick_key(note: &Note, index: prop::sample::Index) -> String {
    let mut keys: Vec<String> = note.properties.iter().map(|property| property.key.clone()).collect();
    keys.push("brand-new".to_owned());
    keys.swap_remove(index.index(keys.len()))
}

fn block(text: &str) -> Option<&str> {
    match split(text.as_bytes()).matter {
        Matter::Closed(block) => Some(&text[block]),
        Matter::None | Matter::Open(_) => None,
    }
}

/// How many lines of `before` are not those of `after`: the shortest span of lines outside of which both are the same.
fn difference(before: &str, after: &str) -> usize {
    let (mut before, mut after): (Vec<_>, Vec<_>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    (before, after) = (before.split_off(head), after.split_off(head));
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    before.len() - tail
}

fn check_parse(text: &str) {
    let note = Note::parse(text);
    assert!(text.ends_with(note.body(text)));
    let head = &text[..note.body_offset()];
    match split(text.as_bytes()).matter {
        Matter::Closed(_) => assert!(head.trim_end().ends_with("---")),
        Matter::None | Matter::Open(_) => assert!(head.is_empty() || head == "\u{feff}"),
    }
    let lines = text.lines().count();
    assert!(note.properties.iter().all(|property| property.line >= 2 && property.line <= lines));
    assert!(note.diagnostics.iter().all(|diagnostic| diagnostic.line.is_some_and(|line| line <= lines)));
}

/// Checks that an edit touched only the lines that the scanner gives to the property.
fn check_edit(text: &str, key: &str, change: &Change) {
    let Ok(edited) = edit(text, &[(key, change.clone())]) else { return };
    if edited == text {
        return;
    }
    let (before, after) = (Note::parse(text), Note::parse(&edited));
    assert_eq!(before.body(text), after.body(&edited));
    let lost = difference(text, &edited);
    if let (Some(_), Some(line)) = (block(text), before.properties.line(key)) {
        // Nothing but the lines from the key to the next entry.
        let next = before.properties.iter().map(|property| property.line).filter(|next| *next > line).min();
        let first =
            text.split_inclusive('\n').zip(edited.split_inclusive('\n')).take_while(|(a, b)| a == b).count() + 1;
        assert!(first >= line, "{text:?} -> {edited:?}");
        assert!(next.is_none_or(|next| first + lost <= next), "{text:?} -> {edited:?}");
    } else {
        assert!(edited.ends_with(before.body(text)), "{text:?} -> {edited:?}");
    }
    for property in before.properties.iter().filter(|property| property.key != key) {
        assert_eq!(after.properties.get(&property.key), Some(&property.value), "{text:?} -> {edited:?}");
    }
    // A second time it is the same.
    assert_eq!(edit(&edited, &[(key, change.clone())]).as_ref(), Ok(&edited));
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(?s).{0,200}") {
        check_parse(&text);
        check_parse(&format!("---\n{text}\n---\n{text}"));
    }

    #[test]
    fn any_pieces_are_read(text in pieces()) {
        check_parse(&text);
    }

    #[test]
    fn damaged_notes_are_read(text in mutated()) {
        check_parse(&text);
    }

    #[test]
    fn edits_of_damaged_notes_stay_within_the_property(
        text in mutated(),
        index: prop::sample::Index,
        change in change(),
    ) {
        let key = pick_key(&Note::parse(&text), index);
        check_edit(&text, &key, &change);
    }

    #[test]
    fn edits_of_any_pieces_stay_within_the_property(text in pieces(), index: prop::sample::Index, change in change()) {
        let key = pick_key(&Note::parse(&text), index);
        check_edit(&text, &key, &change);
    }

    #[test]
    fn there_and_back(
        crlf: bool,
        texts in ("[a-m]{1,6}", "[a-m]{1,6}"),
        items in prop::collection::vec("[a-m]{1,4}", 1..4),
        more in prop::collection::vec("[a-m]{1,4}", 1..3),
        style in prop::sample::select(&["k: 'OLD' # c\n", "k: \"OLD\"\n", "k: OLD  # c\n", "k: |\n   OLD\n", "k: >-  # c\n  OLD\n"]),
        list in 0..3,
    ) {
        let note = |block: &str| {
            let note = format!("---\na: [1]\n{block}\n# c\nz:\n---\nbody");
            if crlf { note.replace('\n', "\r\n") } else { note }
        };
        let text = note(&style.replace("OLD", &texts.0));
        let old = if style.contains("|\n") { format!("{}\n", texts.0) } else { texts.0 };
        let new = if style.contains("|\n") { format!("{}\n", texts.1) } else { texts.1 };
        let set = |value: &str| [("k", Change::Set(Written::Text(value.to_owned())))];
        let there = edit(&text, &set(&new)).unwrap();
        prop_assert_eq!(edit(&there, &set(&old)).unwrap(), text);

        let lines: String = items.iter().map(|item| format!("\n   - '{item}' # c")).collect();
        let block = match list {
            0 => format!("k: [{}] # c\n", items.join(" , ")),
            1 => format!("k:{lines}\n"),
            _ => format!("k:\n- {}\n", items.join("\n\n- ")),
        };
        let text = note(&block);
        let set = |items: &[String]| [("k", Change::Set(Written::List(items.to_vec())))];
        let there = edit(&text, &set(&[items.clone(), more].concat())).unwrap();
        prop_assert_eq!(edit(&there, &set(&items)).unwrap(), text);
    }
}
