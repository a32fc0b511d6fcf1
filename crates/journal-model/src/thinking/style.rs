//! How the notes of a session are named: in our own way, or in the way the session began.

use crate::{NoteId, note_file_name, safe_name};

use super::{Gathered, Line, ThoughtNumber};

/// How a session's notes are named and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Style {
    /// `T003 Cache first k3m9q2 cache-first.md`: number, title, the tail of the session's id, branch.
    Own {
        /// The tail of the session's id that stands in its notes' names.
        tail: String,
    },
    /// The earlier vault-backed tool: `<prefix>T003.md`, properties in its order and its JSON quoting.
    Earlier {
        /// What stands before the `T`, a space at its end included.
        prefix: String,
        /// How many digits the number has at least.
        digits: usize,
    },
}

impl Style {
    /// How many characters of a session's id go into names, unless a clash asks for more.
    pub const TAIL_CHARS: usize = 6;

    /// Our own style for a session, with `tail_chars` characters of its id in names.
    pub fn own(session: &NoteId, tail_chars: usize) -> Self {
        Self::Own { tail: safe_name(&session.tail(tail_chars), tail_chars * 4) }
    }

    /// The style in which a session that is there goes on: that of its newest thought.
    pub fn of(gathered: &Gathered) -> Self {
        if let Some((prefix, digits)) = gathered.newest().and_then(|thought| earlier_name(thought.path.stem())) {
            return Self::Earlier { prefix: prefix.to_owned(), digits };
        }
        let written_tail = gathered.session.as_ref().and_then(|session| {
            let word = session.path.stem().rsplit(' ').next()?;
            let is_tail = word.len() >= Self::TAIL_CHARS && gathered.id.as_str().to_lowercase().ends_with(word);
            is_tail.then(|| word.to_owned())
        });
        written_tail.map_or_else(|| Self::own(&gathered.id, Self::TAIL_CHARS), |tail| Self::Own { tail })
    }

    /// The file name of a thought, `.md` included; `again` > 1 makes another one where a name is taken.
    pub fn thought_file_name(&self, number: ThoughtNumber, title: &str, line: &Line, again: u32) -> String {
        let again = if again > 1 { again.to_string() } else { String::new() };
        match self {
            Self::Own { tail } => {
                let branch = line.branch().map(|name| safe_name(name.as_str(), 60)).unwrap_or_default();
                note_file_name(&[&format!("T{:03}", number.get()), title, tail, &branch, &again], TITLE)
            }
            Self::Earlier { prefix, digits } => {
                let name = format!("{prefix}T{:0digits$}", number.get());
                if again.is_empty() { format!("{name}.md") } else { format!("{name} {again}.md") }
            }
        }
    }

    /// The name of a new session's folder and note (without `.md`): date, title, tail of the id.
    pub fn session_stem(&self, date: &str, title: &str) -> String {
        let tail = match self {
            Self::Own { tail } => tail.as_str(),
            Self::Earlier { .. } => "",
        };
        let name = note_file_name(&[date, title, tail], TITLE);
        name.strip_suffix(".md").unwrap_or(&name).to_owned()
    }
}

/// Which part of a file name gives way when it grows too long.
const TITLE: usize = 1;

/// Splits the earlier tool's `<prefix>T003` into prefix and number of digits.
fn earlier_name(stem: &str) -> Option<(&str, usize)> {
    let prefix = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = stem.len() - prefix.len();
    let prefix = prefix.strip_suffix('T')?;
    (digits > 0 && (prefix.is_empty() || prefix.ends_with(' '))).then_some((prefix, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_earlier_tool_are_recognised() {
        assert_eq!(earlier_name("생각(Thought) 20260110081500 T001"), Some(("생각(Thought) 20260110081500 ", 3)));
        assert_eq!(earlier_name("T014"), Some(("", 3)));
        for ours in ["T001 Reproduce the failure k3m9q2", "PART001", "T", "notes T"] {
            assert_eq!(earlier_name(ours), None, "{ours}");
        }
    }

    #[test]
    fn names() {
        let number = ThoughtNumber::new(3).unwrap();
        let own = Style::Own { tail: "k3m9q2".to_owned() };
        assert_eq!(own.thought_file_name(number, "Cache: first?", &Line::Main, 1), "T003 Cache first k3m9q2.md");
        let branch = "cache-first".parse().unwrap();
        assert_eq!(own.thought_file_name(number, "Cache", &branch, 2), "T003 Cache k3m9q2 cache-first 2.md");
        let earlier = Style::Earlier { prefix: "생각(Thought) 1 ".to_owned(), digits: 3 };
        assert_eq!(earlier.thought_file_name(number, "Cache", &branch, 1), "생각(Thought) 1 T003.md");
        assert_eq!(own.session_stem("2026-11-21", "Fix it"), "2026-11-21 Fix it k3m9q2");
    }
}
