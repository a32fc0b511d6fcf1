//! Journal-like notes in any number, the same ones for the same seed.

use std::{fmt::Write as _, path::Path};

use fastrand::Rng;
use jiff::{Timestamp, tz::TimeZone};
use journal_model::NoteId;

use crate::disk;

/// 2026-01-01 00:00 UTC, in milliseconds: when the first generated note was made. The next ones follow by the minute.
const FIRST_MS: u64 = 1_767_225_600_000;
const MINUTE_MS: u64 = 60_000;

const WORDS: &str = "cache index session branch lock vault note agent thought link write read retry queue batch test \
    failure timeout parser frontmatter property editor sync merge conflict path folder rename search ranking vector \
    budget token lease holder process thread signal bench floor latency memory page table column row query plan \
    because after before while without through between first second slow fast small large cold warm known missing \
    measured expected observed shared private stable flaky 기록 생각 검색 세션";

/// A note that [`generate_notes`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedNote {
    /// Path below the folder, with `/`.
    pub path: String,
    /// The id in its frontmatter.
    pub id: String,
    /// The id of its session when it is a thought.
    pub session: Option<String>,
}

/// Writes `count` notes of 1 to 3 KB below `folder`: about half are sessions with 3 to 12 thoughts each, laid out as
/// `journal` does, the rest plain notes with links, tags, headings and code. Returns them in the order of their ids.
///
/// The same `count` and `seed` give the same bytes. No file is synced to disk.
///
/// # Panics
/// When a file cannot be written.
pub fn generate_notes(folder: &Path, count: usize, seed: u64) -> Vec<GeneratedNote> {
    let mut writer = Writer {
        rng: Rng::with_seed(seed),
        folder,
        words: WORDS.split_whitespace().collect(),
        notes: Vec::with_capacity(count),
        names: Vec::new(),
    };
    while writer.notes.len() < count {
        let left = count - writer.notes.len();
        if left >= 4 && writer.rng.bool() {
            let thoughts = writer.rng.usize(3..=12).min(left - 1);
            writer.session(thoughts);
            // A session is several notes at once: as many plain ones follow, which keeps the halves even.
            for _ in 0..thoughts.min(count - writer.notes.len()) {
                writer.plain();
            }
        } else {
            writer.plain();
        }
    }
    writer.notes
}

struct Writer<'a> {
    rng: Rng,
    folder: &'a Path,
    words: Vec<&'static str>,
    notes: Vec<GeneratedNote>,
    /// Names that later notes link to.
    names: Vec<String>,
}

impl Writer<'_> {
    fn session(&mut self, thoughts: usize) {
        let (id, created) = self.next_note(0);
        let (title, day, tail) = (self.title(), &created[..10], id.tail(6));
        let name = format!("{day} {title} {tail}");
        let folder = format!("Thinking/{}/{name}", &created[..4]);
        let mut see_also = String::new();
        let mut previous: Option<String> = None;
        let mut written = Vec::new();
        for number in 1..=thoughts {
            let (thought_id, created) = self.next_note(number as u64);
            let title = self.title();
            let thought = format!("T{number:03} {title} {tail}");
            let more = number < thoughts;
            let mut text = format!(
                "---\nid: {thought_id}\ntype: thought\ntitle: \"{title}\"\ncreated: {created}\nagent: brave-otter\n\
                 tags:\n  - thinking/thought\nsession_note_id: {id}\npart_of: \"[[{name}]]\"\nthought_number: {number}\n\
                 total_thoughts: {thoughts}\nnext_thought_needed: {more}\n"
            );
            if let Some(previous) = previous.replace(thought.clone()) {
                write!(text, "depends_on:\n  - \"[[{previous}]]\"\n").expect("writing to a string cannot fail");
            }
            text.push_str("---\n");
            self.body(&mut text);
            writeln!(see_also, "  - \"[[{thought}]]\"").expect("writing to a string cannot fail");
            written.push((format!("{folder}/{thought}.md"), thought_id, text));
        }
        let mut text = format!(
            "---\nid: {id}\ntype: thinking-session\ntitle: \"{title}\"\ncreated: {created}\nupdated: {created}\n\
             status: active\nproject: journal\nagent: brave-otter\ntags:\n  - thinking/session\nsee_also:\n{see_also}\
             next_thought_needed: false\n---\n"
        );
        self.body(&mut text);
        self.put(format!("{folder}/{name}.md"), &id, None, &text);
        for (path, thought_id, text) in written {
            self.put(path, &thought_id, Some(id.to_string()), &text);
        }
        self.names.push(name);
    }

    fn plain(&mut self) {
        let (id, created) = self.next_note(0);
        let (title, area) = (self.title(), self.rng.u32(0..40));
        let name = format!("{title} {}", id.tail(6));
        let tag = self.word();
        let mut text = format!(
            "---\nid: {id}\ntitle: \"{title}\"\naliases: [\"{title}\"]\ncreated: {created}\ntags: [area/{area}, {tag}]\n---\n\
             # {title}\n\n"
        );
        self.body(&mut text);
        self.put(format!("Notes/Area {area:02}/{name}.md"), &id, None, &text);
        self.names.push(name);
    }

    /// Fills a note up to a size between 1 and 3 KB, mostly on the small side.
    fn body(&mut self, text: &mut String) {
        let size = 1_100 + self.rng.usize(0..1_700) * self.rng.usize(0..=100) / 100;
        while text.len() < size {
            match self.rng.u32(0..12) {
                0 => {
                    let heading = self.title();
                    write!(text, "## {heading}\n\n").expect("writing to a string cannot fail");
                }
                1 => {
                    let (call, argument) = (self.word(), self.word());
                    write!(text, "```rust\nlet {call} = {argument}();\n```\n\n")
                        .expect("writing to a string cannot fail");
                }
                2 if !self.names.is_empty() => {
                    let name = self.names[self.rng.usize(0..self.names.len())].clone();
                    let sentence = self.sentence();
                    write!(text, "{sentence} See [[{name}]] #{}.\n\n", self.word())
                        .expect("writing to a string cannot fail");
                }
                _ => {
                    for _ in 0..self.rng.usize(1..4) {
                        let sentence = self.sentence();
                        text.push_str(&sentence);
                        text.push(' ');
                    }
                    text.pop();
                    text.push_str("\n\n");
                }
            }
        }
        text.pop();
    }

    fn put(&mut self, path: String, id: &NoteId, session: Option<String>, text: &str) {
        disk::write(&self.folder.join(&path), text.as_bytes());
        self.notes.push(GeneratedNote { path, id: id.to_string(), session });
    }

    /// The id and local date of the note that comes `ahead` places after the next one.
    fn next_note(&mut self, ahead: u64) -> (NoteId, String) {
        let ms = FIRST_MS + (self.notes.len() as u64 + ahead) * MINUTE_MS;
        let mut random = [0; 10];
        self.rng.fill(&mut random);
        let time =
            Timestamp::from_millisecond(ms.try_into().expect("this century fits")).expect("this century is known");
        (NoteId::from_parts(ms, random), time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string())
    }

    fn title(&mut self) -> String {
        let words: Vec<_> = (0..self.rng.usize(2..6)).map(|_| self.word()).collect();
        capitalised(&words.join(" "))
    }

    fn sentence(&mut self) -> String {
        let words: Vec<_> = (0..self.rng.usize(5..18)).map(|_| self.word()).collect();
        capitalised(&words.join(" ")) + "."
    }

    fn word(&mut self) -> &'static str {
        // Squared, so that some words are common and some are rare, as in real text.
        let count = self.words.len();
        self.words[self.rng.usize(0..count) * self.rng.usize(0..count) / count]
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::TestVault;

    #[test]
    fn the_same_seed_gives_the_same_notes() {
        let (one, two, other) = (TestVault::new(), TestVault::new(), TestVault::new());
        let notes = generate_notes(one.path(), 200, 7);
        assert_eq!(notes, generate_notes(two.path(), 200, 7));
        assert_eq!(one.snapshot(), two.snapshot());
        assert_ne!(notes, generate_notes(other.path(), 200, 8));
    }

    #[test]
    fn notes_have_their_own_names_and_ids_and_the_stated_size() {
        let vault = TestVault::new();
        let notes = generate_notes(vault.path(), 500, 1);
        assert_eq!((notes.len(), vault.snapshot().len()), (500, 500));
        assert_eq!(notes.iter().map(|note| &note.id).collect::<BTreeSet<_>>().len(), 500);
        assert!(notes.is_sorted_by_key(|note| &note.id));
        for note in &notes {
            let text = vault.read(&note.path);
            assert!((1_000..4_000).contains(&text.len()), "{} has {} bytes", note.path, text.len());
            assert!(text.starts_with(&format!("---\nid: {}\n", note.id)), "{text}");
            if let Some(session) = &note.session {
                assert!(text.contains(&format!("\nsession_note_id: {session}\n")), "{text}");
            }
        }
        let thoughts = notes.iter().filter(|note| note.session.is_some()).count();
        assert!((100..400).contains(&thoughts), "{thoughts} thoughts");
    }

    #[test]
    fn small_counts_are_exact() {
        for count in 0..20 {
            assert_eq!(generate_notes(TestVault::new().path(), count, 3).len(), count);
        }
    }
}
