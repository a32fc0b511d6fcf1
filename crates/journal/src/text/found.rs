//! What a search found: for a person on a terminal, and a hit a line for whoever reads from a pipe.

use journal_engine::{Grounds, Hit, NoteKind, RelatedNote, RelatedNotes, Searched, Total};

use super::{
    Style, Text, one_line, quoted, short,
    time::{Clock, wall},
};

/// Tells hits to a person. `again` is the command that was typed, for the next page.
pub fn found(searched: &Searched, clock: &Clock, explain: bool, again: &str) -> Text {
    let mut text = Text::new();
    for (hit, grounds) in searched.hits.iter().zip(&searched.grounds) {
        let grounds = explain.then(|| because(hit, grounds));
        told(hit, clock, grounds, &mut text);
    }
    let shown = searched.hits.len();
    let total = match searched.total {
        Total::Exactly(total) => total.to_string(),
        Total::AtLeast(total) => format!("{total} or more"),
    };
    text.faint(format!("{shown} of {total}"));
    if let Some(cursor) = &searched.cursor {
        text.faint(format!(" · more: {again} --cursor {cursor}"));
    }
    text.end();
    text
}

/// What speaks for a hit.
fn because(hit: &Hit, grounds: &Grounds) -> String {
    let part = |name: &str, value: Option<f32>| value.map(|value| format!("{name} {value:.2}"));
    let parts: Vec<_> =
        [part("words", grounds.words), part("meaning", grounds.meaning)].into_iter().flatten().collect();
    format!("score {:.2}: {}", hit.score, if parts.is_empty() { "its name".to_owned() } else { parts.join(", ") })
}

fn told(hit: &Hit, clock: &Clock, grounds: Option<String>, text: &mut Text) {
    let note = &hit.note;
    text.strong(one_line(&note.title));
    let mut facts = Vec::new();
    facts.extend(note.id.as_ref().map(short));
    facts.push(clock.noted_distance(&wall(note.changed)));
    if note.superseded {
        facts.push("superseded".to_owned());
    }
    if hit.partial {
        facts.push("not all of the words".to_owned());
    }
    text.faint(format!(" · {}", facts.join(" · "))).end();
    let headings: String = hit.headings.iter().map(|heading| format!(" › {}", one_line(heading))).collect();
    text.faint(format!("  {}{}{headings}", note.path, lines(hit))).end();
    if !hit.snippet.is_empty() {
        snippet(hit, text);
    }
    if let Some(grounds) = grounds {
        text.faint(format!("  {grounds}")).end();
    }
    text.faint("  ").plain(opening(hit)).end().end();
}

fn snippet(hit: &Hit, text: &mut Text) {
    text.plain("  ");
    let mut from = 0;
    for range in &hit.highlights {
        // What does not lie on characters is not highlighted rather than cut.
        let (Some(before), Some(marked)) = (hit.snippet.get(from..range.start), hit.snippet.get(range.clone())) else {
            continue;
        };
        text.plain(before).add(Style::Strong, marked);
        from = range.end;
    }
    text.plain(hit.snippet.get(from..).unwrap_or_default()).end();
}

/// `:3-5`, and nothing for a note without text.
fn lines(hit: &Hit) -> String {
    match hit.lines {
        (0, _) => String::new(),
        (first, last) if last > first => format!(":{first}-{last}"),
        (first, _) => format!(":{first}"),
    }
}

/// What to type to open a note.
fn opening(hit: &Hit) -> String {
    let note = &hit.note;
    let reference = note.id.as_ref().map_or_else(|| quoted(note.path.as_str()), short);
    match note.kind {
        NoteKind::Session => format!("journal hydrate {reference}"),
        NoteKind::Thought | NoteKind::Note => format!("journal show {reference}"),
    }
}

/// Tells related notes to a person.
pub fn related(related: &RelatedNotes, clock: &Clock) -> Text {
    let mut text = Text::new();
    for RelatedNote { hit, more, linked, same_session } in &related.notes {
        let mut facts = vec![format!("score {:.2}", hit.score)];
        facts.extend(linked.then(|| "linked already".to_owned()));
        facts.extend(same_session.then(|| "of the same session".to_owned()));
        facts.extend((*more > 0).then(|| format!("{more} more of its session")));
        told(hit, clock, Some(facts.join(" · ")), &mut text);
    }
    text
}

/// A hit a line: path, line, id, title, snippet, with tabs between them, and what speaks for it where that is asked for.
pub fn lines_of(searched: &Searched, explain: bool) -> Text {
    let hits = searched.hits.iter().zip(&searched.grounds);
    in_lines(hits.map(|(hit, grounds)| (hit, explain.then(|| because(hit, grounds)))))
}

/// The same of related notes.
pub fn related_lines(related: &RelatedNotes) -> Text {
    in_lines(related.notes.iter().map(|note| (&note.hit, None)))
}

fn in_lines<'h>(hits: impl Iterator<Item = (&'h Hit, Option<String>)>) -> Text {
    let mut text = Text::new();
    for (hit, grounds) in hits {
        let note = &hit.note;
        let id = note.id.as_ref().map_or("", |id| id.as_str());
        let (title, snippet) = (one_line(&note.title), one_line(&hit.snippet));
        let grounds = grounds.map_or_else(String::new, |grounds| format!("\t{grounds}"));
        text.plain(format!("{}\t{}\t{id}\t{title}\t{snippet}{grounds}\n", note.path, hit.lines.0.max(1)));
    }
    text
}

#[cfg(test)]
mod tests {
    use journal_engine::{FileSignature, NoteRow, Thinking, Why};

    use super::*;

    fn hit(path: &str, id: Option<&str>, kind: NoteKind) -> Hit {
        let note = NoteRow {
            path: path.parse().unwrap(),
            id: id.map(|id| id.parse().unwrap()),
            kind,
            note_type: None,
            title: "A\ntitle".to_owned(),
            aliases: Vec::new(),
            tags: Vec::new(),
            created: None,
            updated: None,
            changed: 1_795_244_520,
            status: None,
            project: None,
            agent: None,
            summary: None,
            thinking: Thinking::default(),
            superseded: false,
            signature: FileSignature::default(),
            words: 3,
        };
        Hit {
            note,
            why: Why::Words,
            partial: false,
            score: 1.0,
            parts: Vec::new(),
            headings: vec!["Top".to_owned(), "Below".to_owned()],
            lines: (3, 5),
            snippet: "…the cache\tis cold".to_owned(),
            highlights: std::iter::once(7..12).collect(),
        }
    }

    fn searched() -> Searched {
        let mut thought = hit("T/T1.md", Some("01JD3V8QK7X2M4N6P8R0T2V4W6"), NoteKind::Thought);
        (thought.note.superseded, thought.partial) = (true, true);
        // Bytes that lie in the middle of a character are not highlighted.
        thought.highlights = vec![1..3, 7..12, 40..50];
        let mut empty = hit("a b.md", None, NoteKind::Note);
        (empty.lines, empty.headings, empty.snippet, empty.highlights) = ((0, 0), vec![], String::new(), vec![]);
        let session = hit("S.md", Some("plan-2026"), NoteKind::Session);
        let grounds = |words, meaning| Grounds { words, meaning };
        Searched {
            hits: vec![thought, empty, session],
            grounds: vec![grounds(Some(0.5), Some(0.25)), grounds(None, None), grounds(None, Some(0.75))],
            by_meaning: true,
            words_only: None,
            total: Total::AtLeast(1_000),
            relaxed: true,
            is_failure: false,
            revised: 0,
            cursor: Some("01ff".to_owned()),
            notes: Vec::new(),
            gone: Vec::new(),
            changed: Vec::new(),
            indexed: 9,
        }
    }

    #[test]
    fn hits_for_a_person() {
        let text = found(&searched(), &Clock::at("2026-11-21T10:02:00Z"), false, "journal search cache");
        insta::assert_snapshot!(text.words(), @r#"
        A title · t2v4w6 · 3 hours ago · superseded · not all of the words
          T/T1.md:3-5 › Top › Below
          …the cache	is cold
          journal show t2v4w6

        A title · 3 hours ago
          a b.md
          journal show 'a b.md'

        A title · plan-2026 · 3 hours ago
          S.md:3-5 › Top › Below
          …the cache	is cold
          journal hydrate plan-2026

        3 of 1000 or more · more: journal search cache --cursor 01ff
        "#);
        let strong: Vec<&str> =
            text.spans().iter().filter(|(style, _)| *style == Style::Strong).map(|(_, span)| span.as_str()).collect();
        assert_eq!(strong, ["A title", "cache", "A title", "A title", "cache"]);
    }

    #[test]
    fn what_speaks_for_a_hit() {
        let text = found(&searched(), &Clock::at("2026-11-21T10:02:00Z"), true, "journal search cache").words();
        let told: Vec<&str> = text.lines().filter(|line| line.starts_with("  score")).collect();
        assert_eq!(
            told,
            ["  score 1.00: words 0.50, meaning 0.25", "  score 1.00: its name", "  score 1.00: meaning 0.75"]
        );
    }

    #[test]
    fn related_notes_for_a_person() {
        let note = |more, linked, same_session| {
            let hit = hit("T/T1.md", Some("01JD3V8QK7X2M4N6P8R0T2V4W6"), NoteKind::Thought);
            RelatedNote { hit, more, linked, same_session }
        };
        let found = RelatedNotes {
            id: None,
            path: "A.md".parse().unwrap(),
            title: "A".to_owned(),
            session: None,
            notes: vec![note(0, false, false), note(2, true, true)],
            by_meaning: true,
            words_only: None,
            gone: Vec::new(),
        };
        let told = related(&found, &Clock::at("2026-11-21T10:02:00Z")).words();
        let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("  score")).collect();
        assert_eq!(
            lines,
            ["  score 1.00", "  score 1.00 · linked already · of the same session · 2 more of its session"]
        );
        assert_eq!(related_lines(&found).words().lines().count(), 2);
    }

    #[test]
    fn hits_for_a_pipe() {
        insta::assert_snapshot!(lines_of(&searched(), false).words(), @r#"
        T/T1.md	3	01JD3V8QK7X2M4N6P8R0T2V4W6	A title	…the cache is cold
        a b.md	1		A title	
        S.md	3	plan-2026	A title	…the cache is cold
        "#);
        let explained = lines_of(&searched(), true).words();
        let last: Vec<&str> = explained.lines().filter_map(|line| line.split('\t').nth(5)).collect();
        assert_eq!(last, ["score 1.00: words 0.50, meaning 0.25", "score 1.00: its name", "score 1.00: meaning 0.75"]);
    }
}
