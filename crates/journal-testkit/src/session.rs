//! One session of any shape: so many thoughts, branches and revisions, with texts that documents stumble over.

use std::{fmt::Write as _, path::Path};

use fastrand::Rng;
use jiff::{Timestamp, tz::TimeZone};
use journal_model::NoteId;

use crate::disk;

/// 2026-03-02 08:00 UTC, in milliseconds: when the session began. Its thoughts follow by the minute.
const FIRST_MS: u64 = 1_772_438_400_000;
const MINUTE_MS: u64 = 60_000;

/// What a session is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionShape {
    /// All thoughts, those of branches included.
    pub thoughts: usize,
    /// Branches; the last of several leaves another branch.
    pub branches: usize,
    /// Thoughts that supersede an earlier one of their line.
    pub revisions: usize,
}

/// A session that [`generate_session`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedSession {
    /// Its id.
    pub id: String,
    /// The path of its note below the folder, with `/`.
    pub path: String,
}

/// Sentences of the kind that thoughts are made of.
const SENTENCES: [&str; 12] = [
    "The failure shows only when the cache is cold.",
    "Three runs in a row pass once the clock is passed in.",
    "Reading the lock file first would save a round trip.",
    "Nothing in the log says who took the lease.",
    "The slow query scans every row, because the filter stands outside of it.",
    "What if we always warm it before the first request?",
    "기록을 다시 읽으면 순서가 맞지 않는다.",
    "A retry hides the error and doubles the time.",
    "The index knows the path, and the file knows the truth.",
    "Measured again: 12 ms alone, 40 ms beside a build.",
    "This holds for one machine only.",
    "The plan is to split the writer from the reader.",
];

/// What else stands in thoughts, and means something to whoever shows them.
const ODDITIES: [&str; 12] = [
    "## A heading of its own\n\nAnd what follows it.",
    "| a | b |\n| --- | --- |\n| 1 | `x | y` |",
    "```rust\nlet a = \"<b>\";\n```",
    "See [[Plan]] and [the page](https://example.org/?a=1&b=2).",
    "<script>alert(\"1\")</script> & <b>bold</b>",
    "1. first\n2. second\n   - nested",
    "> quoted \"words\" --> and [brackets]",
    "`end` subgraph #hash; %% comment",
    "- [ ] a task\n- [x] done",
    "A footnote.[^1]\n\n[^1]: Said below.",
    "Ends in code:\n\n```sh\nls",
    "Line one\r\nline two",
];

/// Writes a session below `folder`, laid out as `journal` does. The same shape and `seed` give the same bytes.
///
/// # Panics
/// When a file cannot be written.
pub fn generate_session(folder: &Path, shape: SessionShape, seed: u64) -> GeneratedSession {
    let mut rng = Rng::with_seed(seed);
    let id = id(&mut rng, 0);
    let tail = id.tail(6);
    let name = format!("2026-03-02 Why the build is slow {tail}");
    let place = format!("Thinking/2026/{name}");
    let lines = lines(shape);
    let mut revisions = shape.revisions;
    let (mut see_also, mut minute) = (String::new(), 0);
    for (at, line) in lines.iter().enumerate() {
        for number in line.first..line.first + line.length {
            minute += 1;
            let place_in_line = number - line.first;
            // Spread over the thoughts that have one to revise.
            let revises = (revisions > 0 && place_in_line >= 2 && place_in_line % 3 == 2).then(|| {
                revisions -= 1;
                number - 1 - place_in_line % 2
            });
            let sentence = SENTENCES[rng.usize(..SENTENCES.len())];
            let stem = line.stem(number, &tail);
            let before = match line.leaves.filter(|_| place_in_line == 0) {
                Some((other, from)) => Some(lines[other].stem(from, &tail)),
                None => (place_in_line > 0).then(|| line.stem(number - 1, &tail)),
            };
            let mut text = format!(
                "---\nid: {}\ntype: thought\ntitle: {:?}\nsession_note_id: {id}\npart_of: \"[[{name}]]\"\n\
                 thought_number: {number}\ntotal_thoughts: {}\nnext_thought_needed: {}\n",
                self::id(&mut rng, minute),
                sentence.trim_end_matches('.'),
                shape.thoughts,
                at > 0 || place_in_line + 1 < line.length,
            );
            if let Some((_, from)) = line.leaves {
                put(&mut text, format_args!("branch_id: {}\nbranch_from_thought: {from}\n", line.name));
            }
            if let Some(revised) = revises {
                let revised_stem = line.stem(revised, &tail);
                put(
                    &mut text,
                    format_args!(
                        "is_revision: true\nrevises_thought: {revised}\nsupersedes:\n  - \"[[{revised_stem}]]\"\n"
                    ),
                );
            }
            if let Some(before) = before {
                put(&mut text, format_args!("depends_on:\n  - \"[[{before}]]\"\n"));
            }
            put(
                &mut text,
                format_args!("created: {}\nagent: brave-otter\ntags:\n  - thinking/thought\n---\n", time(minute)),
            );
            text.push_str(sentence);
            for _ in 0..rng.usize(0..3) {
                put(&mut text, format_args!(" {}", SENTENCES[rng.usize(..SENTENCES.len())]));
            }
            if rng.usize(..3) == 0 {
                put(&mut text, format_args!("\n\n{}", ODDITIES[rng.usize(..ODDITIES.len())]));
            }
            if rng.bool() {
                text.push('\n');
            }
            disk::write(&folder.join(format!("{place}/{stem}.md")), text.as_bytes());
            put(&mut see_also, format_args!("  - \"[[{stem}]]\"\n"));
        }
    }
    let mut text = format!(
        "---\nid: {id}\ntype: thinking-session\ntitle: Why the build is slow\nstatus: active\nproject: journal # of the house\n\
         agent: brave-otter\ncreated: {}\nupdated: {}\ntags: [thinking/session, build]\n",
        time(0),
        time(minute)
    );
    if lines.len() > 1 {
        text.push_str("branch_ids:\n");
        lines[1..].iter().for_each(|line| put(&mut text, format_args!("  - {}\n", line.name)));
    }
    put(
        &mut text,
        format_args!("see_also:\n{see_also}next_thought_needed: false\nsummary: It reads everything twice.\n---\n"),
    );
    text.push_str("What I want to know before Friday.\n");
    let path = format!("{place}/{name}.md");
    disk::write(&folder.join(&path), text.as_bytes());
    GeneratedSession { id: id.to_string(), path }
}

/// A line of the session.
struct Line {
    name: String,
    /// Its first number.
    first: usize,
    length: usize,
    /// The line it leaves, and the number there.
    leaves: Option<(usize, usize)>,
}

impl Line {
    fn stem(&self, number: usize, tail: &str) -> String {
        let branch = if self.leaves.is_some() { format!(" {}", self.name) } else { String::new() };
        format!("T{number:03} A step {tail}{branch}")
    }
}

/// The main line, and branches of a third of all thoughts together.
fn lines(shape: SessionShape) -> Vec<Line> {
    let branches = shape.branches.min(shape.thoughts.saturating_sub(1));
    let length = (shape.thoughts / 3).checked_div(branches).map_or(0, |length| length.max(1));
    let main = shape.thoughts - length * branches;
    let mut lines = vec![Line { name: "main".to_owned(), first: 1, length: main, leaves: None }];
    for at in 1..=branches {
        let is_nested = at > 1 && at == branches;
        let from = if is_nested { lines[1].first } else { (main * at / (branches + 1)).max(1) };
        let leaves = Some((usize::from(is_nested), from));
        lines.push(Line { name: format!("try-{at}"), first: from + 1, length, leaves });
    }
    lines
}

fn id(rng: &mut Rng, minute: u64) -> NoteId {
    let mut random = [0; 10];
    rng.fill(&mut random);
    NoteId::from_parts(FIRST_MS + minute * MINUTE_MS, random)
}

fn time(minute: u64) -> String {
    let ms = i64::try_from(FIRST_MS + minute * MINUTE_MS).expect("this century fits");
    let time = Timestamp::from_millisecond(ms).expect("this century is known");
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestVault;

    #[test]
    fn a_session_has_its_shape() {
        let vault = TestVault::new();
        let shape = SessionShape { thoughts: 60, branches: 4, revisions: 6 };
        let session = generate_session(vault.path(), shape, 1);
        let notes = vault.snapshot();
        assert_eq!(notes.len(), 61);
        assert!(vault.read(&session.path).contains(&format!("id: {}\n", session.id)));
        let texts: Vec<_> = notes.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        let with = |what: &str| texts.iter().filter(|text| text.contains(what)).count();
        assert_eq!((with("\nbranch_id: "), with("\nis_revision: true\n")), (20, 6));
        for number in 1..=4 {
            assert_eq!(with(&format!("\nbranch_id: try-{number}\n")), 5);
        }
    }
}
