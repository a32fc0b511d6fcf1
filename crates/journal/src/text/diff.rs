//! What a dry run would write: new notes whole, changed ones as lines taken and added.

use journal_engine::WrittenNote;
use similar::{ChangeTag, TextDiff};

use super::{Style, Text};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;

/// Shows what would be written.
pub fn would_write(note: &WrittenNote, text: &mut Text) {
    match &note.before {
        None => {
            text.strong(format!("would create {}", note.path)).end();
            for line in note.after.lines() {
                text.plain(format!("+ {line}")).end();
            }
        }
        Some(before) => lines(&format!("would change {}", note.path), Some(before), &note.after, text),
    }
}

/// Shows lines taken and added under `head`, with what is around them; of a text that was not there, all of it.
pub fn lines(head: &str, before: Option<&str>, after: &str, text: &mut Text) {
    text.strong(head).end();
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.faint("  …").end();
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", Style::Plain),
                ChangeTag::Insert => ("+", Style::Plain),
                ChangeTag::Equal => (" ", Style::Faint),
            };
            let line = change.value().trim_end_matches(['\n', '\r']);
            text.add(style, format!("{sign} {line}")).end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_what_is_around() {
        let before = "---\nid: x\ntitle: A\nupdated: 1\nlist:\n  - a\n---\none\ntwo\nthree\nfour\nfive\n";
        let note = WrittenNote {
            path: "a.md".parse().unwrap(),
            before: Some(before.to_owned()),
            after: before.replace("updated: 1", "updated: 2").replace("five", "5"),
        };
        let mut text = Text::new();
        would_write(&note, &mut text);
        let shown = "\
would change a.md
  id: x
  title: A
- updated: 1
+ updated: 2
  list:
    - a
  …
  three
  four
- five
+ 5
";
        assert_eq!(text.words(), shown);
        let mut text = Text::new();
        would_write(&WrittenNote { before: None, after: "a\n\nb".to_owned(), ..note }, &mut text);
        assert_eq!(text.words(), "would create a.md\n+ a\n+ \n+ b\n");
    }
}
